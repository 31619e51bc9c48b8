"""Whole files out: to a pipe, or into a file that is complete or not there."""

import os
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import click

from flashcards.errors import CardsError
from flashcards.ui.waiting import waiting


def write(pieces: Generator[str], output: str) -> None:
    """To standard output, or whole into a file: a half-written file never takes the place of an old one."""
    if output == "-":
        with closing(pieces):  # before the database, also when the reader leaves early
            for piece in pieces:
                click.echo(piece, nl=False)
        return
    target = Path(output).resolve()
    try:
        with waiting("writing"):
            (_replace if target.is_file() or not target.exists() else _fill)(target, pieces)
    except OSError as error:
        raise CardsError(f"cannot write `{output}`: {error.strerror}", hint="choose another place with -o") from None


def _replace(target: Path, pieces: Generator[str]) -> None:
    """A new file takes the place of the old one when it is complete; click's own atomic files do not wait for that."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _fill(target: Path, pieces: Generator[str]) -> None:
    """A device or a pipe is written to, never replaced."""
    with target.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)
