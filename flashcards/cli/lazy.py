"""A click group that imports a command only when it runs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from flashcards.errors import BadRequest, CardsError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


LEAST_OF_CLICK = 52
"""Columns below which click's help is wider than the screen."""
NO_ROOM = frozenset((EDQUOT, EFBIG, ENOSPC))
NARROWEST = 30
"""Columns that its lists of options need."""


def _columns() -> int:
    """Of the terminal, 0 where there is none; without `shutil`, which is not needed otherwise."""
    try:
        return os.get_terminal_size(1).columns
    except (OSError, ValueError):
        return 0


class ReaderGoneError(Exception):
    """The reader of our output has seen enough. Not an OSError, which click would turn into exit code 1."""


class NoRoomError(CardsError):
    """There is no room for our output, as in `cards list > FILE` on a full disk."""


class _Narrow(click.HelpFormatter):
    """Folds examples as well, whose lines click leaves as they are: what one is for stands below it."""

    def write_text(self, text: str) -> None:
        for number, part in enumerate(text.split("\n\n")):
            if number:
                self.write("\n")
            if part.startswith("\b\n"):
                self._write_examples(part.splitlines()[1:])
            else:
                super().write_text(part)

    def _write_examples(self, lines: list[str]) -> None:
        from textwrap import fill  # 1 ms, only on a narrow screen

        for line in lines:
            text = line.lstrip()
            example, _, remark = text.partition("  ")
            indent = " " * (self.current_indent + len(line) - len(text))
            for said, first, later in ((example, "", "  "), (remark.strip(), "    ", "    ")):
                if said:
                    begin, go_on = indent + first, indent + later
                    folded = fill(
                        said, self.width, initial_indent=begin, subsequent_indent=go_on, break_on_hyphens=False
                    )
                    self.write(folded + "\n")


@contextmanager
def _ends_of_output() -> Iterator[None]:
    """What ends our output is told apart from all else that a system may refuse."""
    try:
        yield
    except BrokenPipeError:
        raise ReaderGoneError from None
    except OSError as error:
        if error.errno not in NO_ROOM or error.filename:
            raise
        raise NoRoomError(f"cannot write: {error.strerror}", hint="make room on the disk") from None


class LazyGroup(click.Group):
    """Help, suggestions and completion come from a table; see `flashcards.cli.COMMANDS`."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  (handed on to click)
        table: Mapping[str, tuple[str, str]],
        short_help: Mapping[str, str],
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.short_help_of = short_help

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401  (handed on to click)
        """As click does, but without its end for a closed pipe; `--help` is printed here, also on a narrow screen."""
        columns = _columns()
        if columns and columns < LEAST_OF_CLICK:
            kwargs.setdefault("terminal_width", max(columns - 1, NARROWEST))
            click.Context.formatter_class = _Narrow
        with _ends_of_output():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        """As click does, but without its end for a closed pipe."""
        with _ends_of_output():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Imports the command's module."""
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"flashcards.cli.{module}"), attribute or "command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands by section, without importing one."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, (_, section) in self.table.items():
            sections.setdefault(section, []).append((name, self.short_help_of[name]))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Names from the table, options from click."""
        from click.shell_completion import CompletionItem  # 1 ms, only for completion

        names = [
            CompletionItem(name, help=self.short_help_of[name]) for name in self.table if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a slip is answered with the nearest name of the table."""
        name = args[0]
        if name not in self.table and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self.table, n=1)
            hint = f"did you mean `{near[0]}`?" if near else "`cards --help` lists the commands"
            raise BadRequest(f"no command `{name}`", hint=hint)
        return super().resolve_command(ctx, args)
