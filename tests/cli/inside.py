"""The command line inside the process of the test: for what does not need a process of its own."""

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from unittest.mock import patch

from flashcards import cli


class Ran(NamedTuple):
    """What a command left behind: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def cards(*args: object, stdin: str = "", check: bool = False) -> Ran:
    """One command, with streams of its own; `check` turns a non-zero exit into a failure."""
    with _streams(stdin) as (out, err):
        code = cli.run([str(arg) for arg in args])
    ran = Ran(code, _written(out), _written(err))
    assert not check or ran.code == 0, ran
    return ran


def progress(*args: object) -> dict[str, dict[str, Any]]:
    """What `cards export progress` says, by card."""
    found = json.loads(cards("export", "progress", *args, check=True).out)
    assert "cards.progress/1" == found["schema"]
    return {one["id"]: one for one in found["cards"]}


@contextlib.contextmanager
def _streams(stdin: str) -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    read = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with patch("sys.stdin", read), patch("sys.stdout", out), patch("sys.stderr", err):
        yield out, err


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
