"""What can be made again inside a database that is otherwise whole: indexes, triggers, the derived tables."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from sqlite3 import Connection

from flashcards.store.connect import all_or_nothing, clear_errors, connect
from flashcards.store.health import missing_parts


def reindex(path: str) -> None:
    """Makes every index anew from its table."""
    with _changed(path) as connection:
        connection.execute("reindex")


def restore_parts(path: str, names: Iterable[str]) -> None:
    """Makes those indexes and triggers of the log again that are not there or are not what they were."""
    with _changed(path) as connection:
        missing = missing_parts(connection)
        for name in names:
            if sql := missing.get(name):
                kind = sql.split()[1]
                connection.execute(f"drop {kind} if exists {name}")
                connection.execute(sql)


def forget_derived(path: str) -> None:
    """Lets the next opening make the derived tables anew."""
    with _changed(path) as connection:
        connection.execute("delete from meta where name = 'derived'")


@contextmanager
def _changed(path: str) -> Iterator[Connection]:
    """All or nothing."""
    with clear_errors(path), closing(connect(path)) as connection, all_or_nothing(connection):
        yield connection
