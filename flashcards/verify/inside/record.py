"""What the shell says of itself: its words on the record, read back. See `verify.shells` for the writing."""

from collections.abc import Mapping
from typing import NamedTuple


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
DASH_KINDS = ("alias", "function", "builtin", "keyword")
"""dash answers with a sentence that holds one of these, or the path of a file."""


def read(data: bytes, nonce: str) -> Record:
    """Reads the whole record; what is torn or not framed by `nonce` is left out."""
    words = data.decode("utf-8", "surrogateescape").split("\0")
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
    """One moment; None where its end is missing."""
    try:
        end = words.index(f"{nonce}-end")
        middle = words.index(f"{nonce}-env", 0, end)
    except ValueError:
        return None
    if middle < 3:  # noqa: PLR2004  (status, folder, prompt)
        return None
    status, cwd, prompt, *rest = words[:middle]
    names = {rest[i]: _name(rest[i + 1], rest[i + 2]) for i in range(0, len(rest) - 2, 3)}
    environment = dict(entry.partition("=")[::2] for entry in words[middle + 1 : end] if "=" in entry)
    return State(_whole(status), cwd.removesuffix("\n"), prompt, names, environment)


def _name(kind: str, path: str) -> Name:
    sentence = kind.strip()
    word = KINDS.get(sentence.rpartition(" ")[2], "") if sentence else ""
    if not word and sentence:
        word = next((known for known in DASH_KINDS if f" {known}" in sentence), "file" if "/" in sentence else "")
    path = path.strip()
    return Name(word, path if path.startswith("/") else "")


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 1
