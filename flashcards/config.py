"""Settings as one table: name, type, default, help. Some live in the log, some in a file.

What scheduling depends on travels in the log, so that every device agrees;
how this machine shows things stands in `config.toml`. The environment
(`CARDS_NEW_PER_DAY=5`) beats both, a flag beats everything.
"""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from flashcards.clock import parse_day_start
from flashcards.errors import BadRequest, CardsError
from flashcards.model import Setting

Value = str | int | bool


class Entry(NamedTuple):
    """One setting."""

    name: str
    default: Value
    help: str
    home: Literal["log", "file"]
    choices: tuple[str, ...] = ()
    per_deck: bool = False
    least: int = 0


ENTRIES = (
    Entry("new_per_day", 20, "new cards a study day", "log", per_deck=True),
    Entry("reviews_per_day", 200, "reviews a study day", "log", per_deck=True),
    Entry("day_start", "04:00", "when a new study day begins, local time", "log"),
    Entry("separate_siblings", default=True, help="a card and its reverse never on one day", home="log"),
    Entry("fuzz", default=False, help="spread due days a little, the same on every device", home="log"),
    Entry("sm2_variant", "text", "SM-2 as written, or as its author's plug-in computed", "log", ("text", "code")),
    Entry("leech_lapses", 8, "lapses that make a card a leech; 0: none ever is", "log"),
    Entry("leech_action", "suspend", "what happens to a leech", "log", ("suspend", "flag")),
    Entry("grades", "1-4", "four keys, or the six grades of SM-2", "file", ("1-4", "0-5")),
    Entry("idle_seconds", 60, "the longest time on one card that counts", "file", least=1),
    Entry("run", "ask", "run what you type for a card in a sandbox", "file", ("ask", "yes", "never")),
    Entry("sandbox", "auto", "which sandbox", "file", ("auto", "namespaces", "bubblewrap", "landlock")),
    Entry("backups", default=True, help="back up daily, and before cards are taken away", home="file"),
    Entry("sync", "", "the folder that `cards sync` uses", "file"),
    Entry("sync_decks", default=True, help="decks travel with `cards sync` too", home="file"),
    Entry("color", "auto", "colour in the terminal", "file", ("auto", "always", "never")),
)
WRITABLE = "make it a file that you may read and write"
BY_NAME: Mapping[str, Entry] = {entry.name: entry for entry in ENTRIES}


class Config:
    """The values in force, and where each comes from."""

    def __init__(
        self,
        file: str | os.PathLike[str],
        settings: Iterable[Setting],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._file = os.fspath(file)
        self._environment = environment
        self._log: dict[tuple[str, str | None], Any] = {}
        for setting in settings:
            self._log[setting.name, setting.deck] = setting.value

    def get(self, name: str) -> Any:  # noqa: ANN401  (the type stands in the table)
        """The value of a setting; raises BadRequest for one that does not exist."""
        return self.explain(name)[0]

    def explain(self, name: str) -> tuple[Any, str]:
        """The value and its source: the variable's name, `log`, the path of the file, or `default`."""
        entry = find(name)
        variable = f"CARDS_{name.upper()}"
        if self._environment.get(variable):
            return parse(entry, self._environment[variable]), variable
        if entry.home == "log" and self._log.get((name, None)) is not None:
            return _known(entry, self._log[name, None]), "log"
        stored = self._read().get(name) if entry.home == "file" else None
        if stored is None:
            return entry.default, "default"
        try:
            return parse(entry, str(stored)), str(self._file)
        except BadRequest as error:
            raise BadRequest(f"in `{self._file}`: {error.message}", hint=error.hint) from None

    def by_deck(self, name: str) -> dict[str, Any]:
        """The decks with a value of their own."""
        entry = find(name)
        mine = {deck: value for (key, deck), value in self._log.items() if key == name and deck is not None}
        return {deck: _known(entry, value) for deck, value in mine.items() if value is not None}

    def write(self, name: str, value: Value | None) -> None:
        """Sets a value of the file, or takes it out with None; other lines stay as they are. Raises CardsError."""
        from pathlib import Path  # 3 ms with all that it brings; only when something is set

        self._read()  # a file that cannot be understood is mended by a person, not by us
        file = Path(os.path.realpath(self._file))  # a link, as keepers of dotfiles have it, stays a link
        try:
            lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
            text = "".join(f"{line}\n" for line in _with(lines, name, value))
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replacement = file.with_suffix(".new")
            replacement.unlink(missing_ok=True)
            replacement.touch(mode=0o600)
            if file.exists():
                replacement.chmod(file.stat().st_mode & 0o777)
            replacement.write_text(text, encoding="utf-8")
            replacement.replace(file)
        except OSError as error:
            raise CardsError(f"cannot write `{self._file}`: {error.strerror}", hint=WRITABLE) from None

    def _read(self) -> dict[str, Any]:
        if not os.path.exists(self._file):
            return {}
        import tomllib  # 3 ms, and most people have no file

        try:
            with open(self._file, "rb") as file:
                return tomllib.load(file)
        except (ValueError, RecursionError) as error:  # not TOML, no text, a number too long, brackets too deep
            raise CardsError(f"cannot read `{self._file}`: {error}", hint="mend the file, or delete it") from None
        except OSError as error:
            raise CardsError(f"cannot read `{self._file}`: {error.strerror}", hint=WRITABLE) from None


def _with(lines: list[str], name: str, value: Value | None) -> list[str]:
    """The lines of a file with one value set, or without it; what we set stands before the first table."""
    first_table = next((number for number, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    ours = [line for line in lines[:first_table] if line.partition("=")[0].strip().strip("\"'") != name]
    return [*ours, *([f"{name} = {_toml(value)}"] if value is not None else []), *lines[first_table:]]


def find(name: str) -> Entry:
    """The setting of that name; raises BadRequest."""
    if name not in BY_NAME:
        raise BadRequest(f"no setting called `{name}`", hint="`cards config` lists them")
    return BY_NAME[name]


def parse(entry: Entry, text: str) -> Value:
    """A value as a person writes it; raises BadRequest."""
    if isinstance(entry.default, bool):
        return _flag(entry, text)
    if isinstance(entry.default, int):
        return _number(entry, text)
    if entry.choices and text not in entry.choices:
        raise BadRequest(f"`{entry.name}` cannot be `{text}`", hint=f"one of {', '.join(entry.choices)}")
    if entry.name == "day_start":
        return f"{parse_day_start(text):%H:%M}"
    return text


def _flag(entry: Entry, text: str) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if text.lower() not in words:
        raise BadRequest(f"`{entry.name}` cannot be `{text}`", hint="true or false")
    return words[text.lower()]


def _number(entry: Entry, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:9]) < entry.least:
        raise BadRequest(f"`{entry.name}` cannot be `{text}`", hint=f"a whole number from {entry.least}")
    return min(int(text[:9]), 10**6)


def _known(entry: Entry, value: object) -> Value:
    """A value from the log; one that another version wrote and this one cannot read is the default."""
    try:
        return parse(entry, str(value))
    except BadRequest:
        return entry.default


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
