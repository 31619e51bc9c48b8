"""What of a card would be executed: whether a deck's own code is in it, all of it in readable lines, and its hash."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flashcards.model import NOTHING, Card

VERSION = "cards.trust/1"
"""Part of every hash: another way to hash must not be taken for this one."""
CODE_SETUP = frozenset({"script"})
CODE_CHECKS = frozenset({"run", "python", "script"})
NESTED = frozenset({"any", "all", "not"})
WORDLESS = frozenset({("run", "argv"), ("python", "expr")})
"""What a check is about needs no name of its own: `run: git log`."""
BESIDE = (
    *("mode", "content"),
    *("branch", "stage", "commit", "stash"),
    *("to", "missing", "sha256", "text"),
)
BESIDE_CHECK = ("shells", "platform")
"""What stands next to the one key of a step, and is shown below it."""
PLAIN_NEED = re.compile(r"[\w.+-]+(?: -m \w+)?", re.ASCII)
NOT_BARE = re.compile(r"[a-z]*:|\|")
"""How a row with a name, or a row of a longer text, begins."""
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that look like nothing at all."""
MOST_SHOWN_BYTES = 50_000
"""Of a file that is copied; of a larger one nobody reads more than its hash."""

Line = tuple[str, str]
"""A kind (`setup`, `answer`, `check`), and a text that is safe to print."""


# ---------------------------------------------------------------- whose code


def code(card: Card) -> bool:
    """Whether something of the deck itself would run, and not only what the person types."""
    return commands(card) > 0


def commands(card: Card) -> int:
    """How many commands of its own a deck has in a card: those that say so, and files that one of our steps would run.

    A harmless step can hand over to a file that another step wrote:
    `activate` reads `bin/activate`, `is_venv` starts `bin/python`, git has hooks.
    """
    run = card.run or NOTHING
    setup, checks = run.get("setup", ()), list(_all_checks(run.get("checks", ())))
    said = sum(not CODE_SETUP.isdisjoint(step) for step in setup) + sum(not CODE_CHECKS.isdisjoint(c) for c in checks)
    reads = any("activate" in step for step in setup) or any("is_venv" in check for check in checks)
    handed_over = sum(_is_run(step, reads=reads) for step in setup)
    return (
        said
        + handed_over
        + sum(not PLAIN_NEED.fullmatch(name) for key in ("needs", "tools") for name in run.get(key, ()))
    )


def _all_checks(checks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The checks, and those inside `any`, `all` and `not`."""
    for check in checks:
        yield check
        for name in NESTED & check.keys():
            yield from _all_checks([check[name]] if isinstance(check[name], Mapping) else check[name])


def _normal(path: str) -> str:
    """A path as a file system that knows no case takes it."""
    return posixpath.normpath(path).casefold()


def _is_run(step: Mapping[str, Any], *, reads: bool) -> bool:
    """Whether git, or `activate` or `is_venv` (`reads`), might run what a step writes.

    An answer can move files, and links lead elsewhere: so where something reads
    an environment, every file that the deck brings counts, wherever it lies.
    """
    paths = [_normal(step[name]) for name in ("dir", "file", "copy", "to", "venv", "git") if name in step]
    return any(".git" in path.split("/") for path in paths) or (reads and not {"file", "copy"}.isdisjoint(step))


# ---------------------------------------------------------------- what is hashed


def executable(card: Card, assets: Mapping[str, bytes]) -> dict[str, Any]:
    """All that decides what runs; `assets` are the files beside the deck, by the name that a `copy` step gives.

    The texts that are only shown are left out: a better wording does not ask
    for trust again.
    """
    run = {name: value for name, value in (card.run or NOTHING).items() if name != "hints"}
    if "setup" in run:
        run["setup"] = [_with_asset(step, assets) for step in run["setup"]]
    if "checks" in run:
        run["checks"] = [_without_message(check) for check in run["checks"]]
    answers = {name: getattr(card, name) for name in ("answer", "accept", "wrong")}
    return {"card": card.id, "run": run, **{name: dict(texts) for name, texts in answers.items()}}


def digest(parts: Mapping[str, Any]) -> str:
    """The hash of what `executable` gives; it carries the name of its algorithm."""
    from hashlib import sha256  # 3 ms of OpenSSL, only for decks with code

    text = json.dumps([VERSION, parts], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _with_asset(step: Mapping[str, Any], assets: Mapping[str, bytes]) -> dict[str, Any]:
    """The step; a copy with what is copied, since a script may hide there."""
    if "copy" not in step:
        return dict(step)
    if step["copy"] not in assets:
        return {**step, "missing": "no plain file of at most 4 MiB beside the deck"}
    from hashlib import sha256  # as above

    data = assets[step["copy"]]
    return {**step, "sha256": sha256(data).hexdigest(), "text": _text_of(data)}


def _text_of(data: bytes) -> str:
    """The text of a file, as far as it has one that can be read."""
    if len(data) <= MOST_SHOWN_BYTES:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return f"not shown: {len(data)} bytes"


def _without_message(check: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in check.items() if name != "msg"}
    for name in NESTED & found.keys():
        inner = found[name]
        found[name] = _without_message(inner) if isinstance(inner, Mapping) else [_without_message(c) for c in inner]
    return found


# ---------------------------------------------------------------- what is shown


def lines(parts: Mapping[str, Any]) -> tuple[Line, ...]:
    """What `executable` gives as lines to read: equal lines are equal parts, so nothing that is hashed is hidden."""
    run = parts["run"]
    found = [("card", parts["card"])]
    found += [(name, row) for name in sorted(run.keys() - {"setup", "checks"}) for row in _field("", run[name])]
    found += [("setup", row) for step in run.get("setup", ()) for row in _step(step, BESIDE)]
    for name in ("answer", "accept", "wrong"):
        found += [(name, row) for where in sorted(parts[name]) for row in _texts(where, parts[name][where])]
    found += [("check", row) for check in run.get("checks", ()) for row in _step(check, BESIDE_CHECK)]
    return tuple(found)


def _texts(head: str, texts: str | Sequence[str]) -> list[str]:
    """One text after the other; what is for one shell or platform begins with its name."""
    return [row for text in ([texts] if isinstance(texts, str) else texts) for row in _text(head, text)]


def _step(step: Mapping[str, Any], beside: tuple[str, ...]) -> list[str]:
    """Its own row, then what belongs to it, further in."""
    names = sorted(step, key=lambda name: (beside.index(name) if name in beside else -1, name))
    rows = [row for name in names for row in _field(name, step[name])]
    return [*rows[:1], *(f"  {row}" for row in rows[1:])]


def _field(head: str, value: Any) -> list[str]:  # noqa: ANN401  (any value of a deck)
    if head in NESTED:
        steps = [value] if isinstance(value, Mapping) else value
        return [f"{head}:", *(row for step in steps for row in _step(step, BESIDE_CHECK))]
    if isinstance(value, Mapping):
        inner = sorted((_joined(head, name), name) for name in value)
        return [row for full, name in inner for row in _field(full, value[name])] or [f"{head}:"]
    if isinstance(value, (list, tuple)):
        words = " ".join(_word(str(one)) for one in value)
        return [f"{head}: {words}" if head else words]
    return _text(head, str(value))


def _joined(head: str, name: str) -> str:
    """`stdout contains`; the texts of a script for all shells have the name ""."""
    if (head, name) in WORDLESS or (head == "script" and not name):
        return head
    return f"{head} {quoted(name) if ':' in name else _word(name)}".lstrip()


def _text(head: str, text: str) -> list[str]:
    """`head: text`; a text of several lines stands below its head."""
    if "\n" in text:
        return [f"{head}:", *(_row(row) for row in text.split("\n"))]
    if head:
        return [f"{head}: {shown(text)}"]
    return [quoted(text) if NOT_BARE.match(text) else shown(text)]


def _row(text: str) -> str:
    """One row of a longer text; its indentation is plain to see behind the stroke."""
    bare = text.lstrip(" ")
    return f"| {text if bare and shown(bare) == bare else quoted(text)}" if text else "|"


def _word(text: str) -> str:
    """One of several words in a row."""
    return quoted(text) if " " in text else shown(text)


def shown(text: str) -> str:
    """`text` as it is, where all of it can be seen; else in quotes, with the rest spelled out."""
    hidden = not text or text[0] in ' "' or text[-1] == " " or any(map(_is_hidden, text))
    return quoted(text) if hidden else text


def quoted(text: str) -> str:
    r"""`text` in quotes, with what nobody would see spelled out: `"\x1b[2J"`."""
    return '"' + "".join(_spelled(character) for character in text) + '"'


def _spelled(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if not _is_hidden(character):
        return character
    number = ord(character)
    if number < 0x100:  # noqa: PLR2004  (two hex digits)
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004  (four hex digits)


def _is_hidden(character: str) -> bool:
    """A terminal would act on it, or an eye would miss it: controls, marks of direction, blanks, combining marks."""
    if character.isascii():
        return not character.isprintable()
    from unicodedata import category

    return not character.isprintable() or character in BLANKS or category(character).startswith("M")
