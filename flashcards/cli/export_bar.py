"""How far an export is, on the error stream, if a person looks and it takes a while."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TypeVar

from flashcards.ui.waiting import after_a_moment, waiting

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

T = TypeVar("T")
STEP = 1_000
"""Rows between two looks at the bar."""


class Bar:
    """Counts rows as they pass."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._shown: tuple[Progress, TaskID] | None = None

    def watched(self, rows: Iterator[T]) -> Iterator[T]:
        """The same rows."""
        for number, row in enumerate(rows):
            if self._shown and not number % STEP:
                progress, task = self._shown
                progress.update(task, completed=number)
            yield row

    def sign(self) -> AbstractContextManager[object]:
        """Draws the bar as long as the block runs; something that turns where nobody knows how long it is."""
        return self._drawn() if self._total else waiting("writing")

    @contextmanager
    def _drawn(self) -> Iterator[None]:
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console  # 20 ms, in commands that do more than that
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._shown = progress, progress.add_task("", total=self._total)
        with after_a_moment(progress.start, progress.stop):
            yield
