"""`cards doctor`: every part looked at, one finding for each; nothing is written and nothing is started."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.app.checkup.remains import Rescue

Level: TypeAlias = Literal["ok", "note", "problem", "damage"]
LEVELS: tuple[Level, ...] = ("ok", "note", "problem", "damage")
EXIT_CODES = {"ok": 0, "note": 0, "problem": 1, "damage": 5}
ALL_OF = 50_000
"""Events up to which the whole log is read and replayed without being asked to: two seconds."""
FIX = "cards doctor --fix"
LOST = ("damaged", "empty", "bare log")
"""States of a file that is read for what is left of it."""
NEWEST = 20_000
"""Of a longer log the newest are read."""


AWAY = "move it away, then `cards restore FILE` takes a backup from anywhere"
"""What is left to do where nothing can be saved."""


class Finding(NamedTuple):
    """How one part is."""

    area: str
    level: Level
    says: str
    cure: str = ""
    details: tuple[str, ...] = ()
    mend: str = ""
    """What `--fix` would do about it (`checkup.mending`)."""
    targets: tuple[str, ...] = ()
    """What it would do it to."""
    facts: dict[str, Any] = {}  # noqa: RUF012  (a default of a tuple; nobody writes to it)


class Checkup(NamedTuple):
    """All findings, in the order in which they are told."""

    findings: tuple[Finding, ...]
    rescue: "Rescue | None" = None
    """What of a damaged database can be saved."""

    @property
    def worst(self) -> Level:
        """The gravest of all levels."""
        return max((one.level for one in self.findings), key=LEVELS.index, default="ok")


def look(app: "App", *, full: bool = False) -> Checkup:
    """Looks at everything; `full` also at what takes long.

    A file that nobody else has open is read without a lock. Should somebody write meanwhile, what seems to be damage
    may be none, so it is looked at once more: with a lock, since there is a write-ahead log then.
    """
    from flashcards.app.checkup import files, machine, rights
    from flashcards.store import health

    before = health.state_of(app.places.database)
    found = _database(app, full=full)
    if found.worst == "damage" and health.state_of(app.places.database) != before:
        app.close()
        found = _database(app, full=full)
    return found._replace(findings=(*found.findings, *rights.all_of(app), *files.all_of(app), *machine.all_of(app)))


def _database(app: "App", *, full: bool) -> Checkup:
    """All that is asked of the database, and what of a damaged one can be saved."""
    from flashcards.app.checkup import database, decks, device

    integrity = database.integrity(app, full=full)
    findings = [database.finding(app, integrity)]
    rescue = None
    if integrity.state == "ok":
        findings += database.whole(app, full=full)
        findings += decks.all_of(app)
        findings += device.all_of(app)
    if integrity.state in LOST or any(one.mend == "save" for one in findings):
        rescue = database.rescue(app)
        if rescue.lines or integrity.state != "empty":
            findings.append(database.rescued(rescue))
        if not (rescue.lines or rescue.decks):
            findings = [one._replace(cure=AWAY) if one.mend == "save" else one for one in findings]
    return Checkup(tuple(findings), rescue)


def guarded(area: str, check: Callable[[], Finding | None]) -> Iterator[Finding]:
    """A finding; where looking fails, that is the finding."""
    from flashcards.errors import CardsError, StoreDamaged

    try:
        found = check()
    except StoreDamaged as error:
        yield Finding(area, "damage", error.message, FIX, mend="save")
    except CardsError as error:
        yield Finding(area, "problem", error.message, error.hint)
    except OSError as error:
        yield Finding(area, "note", f"cannot be looked at: {error.strerror}")
    else:
        if found is not None:
            yield found


def count(number: int, one: str, many: str = "") -> str:
    """`1 event`, `2,345 events`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
