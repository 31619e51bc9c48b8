"""Whole files out: to a pipe, or into a file that is complete or not there."""

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import click

from flashcards.errors import BadRequest, CardsError
from flashcards.places import places
from flashcards.ui.waiting import waiting
from flashcards.ui.words import safe


def write(
    pieces: Generator[str] | Generator[bytes],
    output: str,
    sign: AbstractContextManager[object] | None = None,
    clean: Callable[[str], str] = safe,
) -> None:
    """To standard output, or whole into a file: a half-written file never takes the place of an old one.

    `sign` shows a person that something is going on, in place of the usual one;
    a screen gets texts as `clean` makes them, a pipe and a file as they are.
    """
    if output == "-":
        on_screen = sys.stdout.isatty()
        with closing(pieces):  # before the database, also when the reader leaves early
            for piece in pieces:
                click.echo(clean(piece) if on_screen and isinstance(piece, str) else piece, nl=False)
        return
    target = place_of(output)
    with clear(output), sign or waiting("writing"):
        if Path(output).exists() and not target.is_file():  # a device or a pipe is written to, never replaced
            with Path(output).open("wb") as file:  # under its own name: /dev/stdout may lead to one that has none
                _fill(file.write, pieces)
        else:
            with replacing(target) as partial, partial.open("xb") as file:
                _fill(file.write, pieces)


def place_of(output: str) -> Path:
    """Where a file goes; raises BadRequest where it would take the place of what the program itself keeps."""
    kept = places()
    with clear(output):  # the name may be too long
        target = Path(output).resolve()
        is_there = target.exists()
    own = [Path(f"{kept.database}{end}") for end in ("", "-wal", "-shm")] + [Path(kept.config), Path(kept.trust)]
    for one in own:
        if target == one.resolve() or (is_there and one.exists() and target.samefile(one)):
            raise BadRequest(f"`{output}` is a file that cards itself needs", hint="choose another name")
    return target


@contextmanager
def clear(output: str) -> Iterator[None]:
    """Says in one line why a file cannot be written."""
    try:
        yield
    except OSError as error:
        if not (folder := Path(output).parent).exists():
            says = f"cannot write `{output}`: there is no folder `{folder}`"
            raise CardsError(says, hint=f"mkdir -p {folder}") from None
        raise CardsError(f"cannot write `{output}`: {error.strerror}", hint="choose another place") from None


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new file takes the place of the old one when it is complete; click's own atomic files do not wait for that."""
    from flashcards.app import partials  # `re`, only for a file

    partial = partials.beside(target)
    try:
        yield partial
        partial.replace(target)
        partials.sweep(target)
    finally:
        partial.unlink(missing_ok=True)


def _fill(write: Callable[[bytes], object], pieces: Generator[str] | Generator[bytes]) -> None:
    for piece in pieces:
        write(piece.encode() if isinstance(piece, str) else piece)
