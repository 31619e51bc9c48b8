"""One connection: transactions, selects, facts about the store, one clear error for each fault."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from typing import Any

from flashcards.store.connect import clear_errors, connect


class Base:
    """What all rooms of the store stand on."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = fspath(path)
        self._connection = connect(self.path)
        try:
            with clear_errors(self.path):
                self._opened()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def meta(self, name: str, default: str | None = None) -> str | None:
        """A fact about this store; with a default, it is written the first time."""
        found = self._first("select value from meta where name = ?", [name])
        if found is None and default is not None:
            with self._transaction():
                self._connection.execute("insert or ignore into meta (name, value) values (?, ?)", [name, default])
            return self.meta(name)
        return found[0] if found else None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Makes everything inside one transaction."""
        with self._transaction():
            yield

    def _opened(self) -> None:
        """What is to be done once, when the database is open."""

    def _begun(self) -> None:
        """What is to be done when a transaction has begun."""

    def _failed(self) -> None:
        """What is to be forgotten when a transaction failed."""

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        with clear_errors(self.path):
            self._connection.execute("begin immediate")
            try:
                self._begun()
                yield
                self._connection.execute("commit")
            except BaseException:
                self._failed()
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    def _select(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows one by one; a damaged page may be met at any of them."""
        with clear_errors(self.path):
            for row in self._connection.execute(sql, values):  # noqa: UP028  (it would close the cursor, perhaps too late)
                yield row

    def _first(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        return next(self._select(sql, values), None)

    def _number(self, sql: str, values: Sequence[Any]) -> int:
        return sum(number for (number,) in self._select(sql, values))
