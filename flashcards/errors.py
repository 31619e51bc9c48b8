"""Every error a person may see, and its exit code.

CardsError            1
├── BadRequest        2  the request makes no sense
├── DeckProblems      3  a deck has problems
├── NotFound          4  no such deck or card
├── StoreError        5  the database is damaged, locked or newer
├── UnknownFormat     6  no format fits
└── Refused           7  no sandbox, or nobody allowed it
"""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flashcards.model import Problem


class CardsError(Exception):
    """Something a person can do something about.

    The message says what is wrong, with names in backticks, lower case and
    without a full stop; the hint says what to do.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadRequest(CardsError):
    """The request makes no sense; the same as click's own usage errors."""

    exit_code = 2


class DeckProblems(CardsError):
    """One or more decks have problems; all of them are carried along."""

    exit_code = 3

    def __init__(self, problems: "Sequence[Problem]", *, message: str = "", hint: str = "") -> None:
        super().__init__(message or f"{len(problems)} problems in the deck", hint=hint)
        self.problems = tuple(problems)


class NotFound(CardsError):
    """No deck, card or event of that name."""

    exit_code = 4


class StoreError(CardsError):
    """The database cannot be used."""

    exit_code = 5


class StoreTooNew(StoreError):
    """The database was written by a newer version of the program."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` was written by a newer version of cards",
            hint="upgrade this cards, or take the log over: `cards export log` with the newer one, `cards import` here "
            "with CARDS_HOME set to another folder; nothing was changed",
        )


class StoreDamaged(StoreError):
    """SQLite cannot make sense of the file."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"`{path}` is damaged: {reason}",
            hint="`cards doctor` says what can be saved; nothing was changed",
        )


class BackupDamaged(StoreError):
    """A backup, not the database, makes no sense."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"`{path}` is damaged: {reason}", hint="take another, `cards restore` lists them; nothing was changed"
        )


class StoreLocked(StoreError):
    """Another process holds the database for too long."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` is locked by another program",
            hint="close the other program, or wait until it is done, then try again",
        )


class StoreForeign(StoreError):
    """The database or its folder belongs to another user."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` belongs to another user",
            hint="set CARDS_HOME to a folder of your own; if it is yours, let root give it back to you with chown -R",
        )


class StoreReadOnly(StoreError):
    """The database can be read, and nothing can be stored in it."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"nothing can be stored: `{path}` or its folder may only be read",
            hint="make both writable, or set CARDS_HOME to another folder",
        )


class StoreGone(StoreError):
    """The file at the path is no longer the one that was opened."""

    def __init__(self, path: str, *, replaced: bool) -> None:
        super().__init__(
            f"not stored: `{path}` was replaced by another file" if replaced else f"not stored: `{path}` is gone",
            hint="start again: what was answered since then is not in the new file"
            if replaced
            else "its folder was moved, removed or unmounted: bring it back, then start again",
        )


class StoreChanged(StoreError):
    """Another version of the program rebuilt what this one works with."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"not stored: another version of cards has taken over `{path}` meanwhile",
            hint="end this one and start again; everything before it is stored",
        )


class UnknownFormat(CardsError):
    """No format fits the file or the name."""

    exit_code = 6


class Refused(CardsError):
    """Nothing is run: there is no sandbox for it, or nobody has allowed it."""

    exit_code = 7
