"""What the shell says of itself: its words on the record, read back. See `verify.shells` for the writing."""

from __future__ import annotations

import os

from flashcards.verify.sandbox.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Name(NamedTuple):
    """What the shell takes a name for."""

    kind: str
    """`alias`, `function`, `builtin`, `keyword`, `file`, or empty: nothing of that name."""
    path: str
    """The file that a search along `PATH` finds; empty for none."""


class State(NamedTuple):
    """The shell at one moment."""

    status: int
    cwd: str
    prompt: str
    names: Mapping[str, Name]
    environment: Mapping[str, str]


class Record(NamedTuple):
    """All that was written."""

    ready: bool = False
    """The deck's setup in the shell was done."""
    setup_status: int = 0
    """How the first step of it ended that did not end well."""
    before: State | None = None
    after: State | None = None
    scripts: Mapping[int, int] = {}
    """Checks that are lines for the shell: their number and how they ended."""


KINDS = {
    "alias": "alias",
    "function": "function",
    "builtin": "builtin",
    "keyword": "keyword",
    "reserved": "keyword",
    "file": "file",
    "command": "file",
    "hashed": "file",
}
"""The word of bash, zsh or fish, and ours."""
OUR_VARIABLES = "__cards_"
"""They are in the environment of a learner who typed `set -a`."""
SENTENCES = {
    "an alias": "alias",
    "aliased to": "alias",
    "a shell function": "function",
    "a function": "function",
    "a shell keyword": "keyword",
    "a shell builtin": "builtin",
    "a special shell builtin": "builtin",
    "a tracked alias": "file",
    "hashed": "file",
}
"""How dash, or bash as `sh`, goes on after `name is`, and our word. A tracked alias is a file that was found before."""


def read(data: bytes, nonce: str) -> Record:
    """Reads the whole record; what is torn or not framed by `nonce` is left out."""
    words = [*data.decode("utf-8", "surrogateescape").split("\0"), "", ""]
    found = Record()
    at = 0
    while at < len(words) - 2:
        if words[at] != nonce:
            at += 1
            continue
        phase, at = words[at + 1], at + 2
        if phase == "ready":
            found = found._replace(ready=True)
        elif phase == "setup":
            found = found._replace(setup_status=_whole(words[at]))
        elif phase == "script":
            found = found._replace(scripts={**found.scripts, _whole(words[at]): _whole(words[at + 1])})
        elif phase in {"before", "after"}:
            state = _state(words[at:], nonce)
            if state:
                found = found._replace(before=state) if phase == "before" else found._replace(after=state)
    return found


def _state(words: list[str], nonce: str) -> State | None:
    """One moment; None where its end is missing, as when `env` could not be started."""
    try:
        end = words.index(f"{nonce}-end")
        middle = words.index(f"{nonce}-env", 0, end)
    except ValueError:
        return None
    if middle < 3:  # noqa: PLR2004  (status, folder, prompt)
        return None
    status, cwd, prompt, *rest = words[:middle]
    cwd = cwd.removesuffix("\n")
    names = {rest[i]: _name(rest[i + 1], rest[i + 2], cwd) for i in range(0, len(rest) - 2, 3)}
    entries = (entry for entry in words[middle + 1 : end] if "=" in entry and not entry.startswith(OUR_VARIABLES))
    environment = dict(entry.partition("=")[::2] for entry in entries)
    return State(_whole(status) & 255, cwd, prompt, names, environment)


def _name(said: str, path: str, cwd: str) -> Name:
    """What a name stands for; `PATH` may lead to its file by way of the folder where the shell is."""
    kind, path = _kind(said.strip()), path.strip()
    return Name(kind, os.path.join(cwd, path) if kind == "file" and "/" in path else "")


def _kind(said: str) -> str:
    """A word of bash or fish, `name: word` of zsh, or `name is …` of dash."""
    _, found, rest = said.partition(" is ")
    if not found:
        return KINDS.get(said.rpartition(" ")[2], "")
    known = next((kind for start, kind in SENTENCES.items() if rest.startswith(start)), "")
    return known or ("file" if "/" in rest else "")


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 1
