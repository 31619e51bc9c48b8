"""The log beside another one: what is missing here, what came later, and what going back would change."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from flashcards.model import Event
from flashcards.store.base import pieces
from flashcards.store.connect import all_or_nothing, clear_errors
from flashcards.store.events import SAYS_REDACT, STANDING
from flashcards.store.exchanged import Exchanged
from flashcards.union import Act, act_of, gone

LATER = f"id not in temp.theirs and not {SAYS_REDACT}"
"""What the other log does not have. A text that was taken out stays out, so its mark is no part of it."""
WILL_STAND = "id not in temp.after and coalesce(batch not in temp.after, true)"
WHAT = """
    case when kind = 'baseline' or kind = 'review' and instr(line, '"mode":"imported"') then 'imported' else kind end
"""
LAST = Act("~", "~", frozenset("~"))  # type: ignore[arg-type]
"""An act behind all others."""


class Going(NamedTuple):
    """What a way back changes of the events that are here: how many of each kind."""

    takes: dict[str, int]
    """Those that stand and will not; `imported`, or the kind."""
    revives: dict[str, int]
    """Those that were taken back since, and will stand again."""


class Earlier(Exchanged):
    """A store that is compared with a log from elsewhere; only a restore opens it."""

    def compare(self, log: Iterable[tuple[str, str]], unlike: Callable[[str, str, str], object]) -> None:
        """Notes the ids of the other log, in a table of this connection's own.

        `unlike` hears of each event that has another line there: its id, the line here, the line there.
        """
        with clear_errors(self.path), self._at_once():
            self._connection.execute("drop table if exists temp.theirs")
            self._connection.execute("create temp table theirs (id text primary key) strict, without rowid")
            for some in map(dict, pieces(log)):
                self._connection.executemany("insert or ignore into temp.theirs values (?)", ((one,) for one in some))
                for name, line in self.lines(some).items():
                    if line != some[name]:
                        unlike(name, line, some[name])

    def missing(self) -> set[str]:
        """The ids that are missing here."""
        return {*self._column("select id from temp.theirs where id not in (select id from events)")}

    def later(self, coming: Collection[str] = ()) -> list[str]:
        """What a restore names, so that all that came later is taken back: events, and batches that came whole.

        `coming` are batches of events that are missing here. An undo is named by itself: it no longer counts.
        """
        sql = "select distinct batch from events where batch is not null and id in temp.theirs"
        split = {*coming, *self._column(sql)}
        rows = self._select(f"select id, batch, kind from events where {LATER}")  # noqa: S608
        names = (one if batch is None or kind == "undo" or batch in split else batch for one, batch, kind in rows)
        return list(dict.fromkeys(names))

    def going(self, takes: Iterable[str], more: Iterable[Event] = ()) -> Going:
        """What taking these names back changes, where `more` events come along."""
        acts = [act for event in more if (act := act_of(event))]
        names = gone([*self._all_acts(), *acts, LAST._replace(takes=tuple(takes))])  # type: ignore[arg-type]
        with clear_errors(self.path), self._at_once():
            self._connection.execute("drop table if exists temp.after")
            self._connection.execute("create temp table after (name text primary key) strict, without rowid")
            self._connection.executemany("insert into temp.after values (?)", [(name,) for name in names])
        return Going(
            takes=self._counts(f"{STANDING} and not ({WILL_STAND})"),
            revives=self._counts(f"kind != 'undo' and not ({STANDING}) and {WILL_STAND}"),
        )

    def _counts(self, where: str) -> dict[str, int]:
        # A restore that counts or not changes nothing by itself.
        sql = f"select {WHAT}, count(*) from events where kind != 'restore' and {where} group by 1"  # noqa: S608
        return dict(self._select(sql))

    def _all_acts(self) -> Iterator[Act]:
        events = self._events("select line from events where target is not null")
        return (act for event in events if (act := act_of(event)))

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction for a table of this connection's own; nobody else is kept waiting."""
        with nullcontext() if self._connection.in_transaction else all_or_nothing(self._connection, "begin"):
            yield
