"""The options of `cards stats` that write a page: `--html FILE`, `--open`, `--redact`."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from flashcards.cli.options import say
from flashcards.errors import BadRequest

if TYPE_CHECKING:
    from flashcards.app.statistics import Statistics


class Report(NamedTuple):
    """A page that was asked for."""

    output: str
    open: bool
    redact: bool


def report_options(function: Callable[..., None]) -> Callable[..., None]:
    """The three options; the command gets `report`, None where no page was asked for."""

    @wraps(function)
    def asked(*, html: str | None, open_: bool, redact: bool, **others: Any) -> None:  # noqa: ANN401  (the command's own)
        function(report=_report(html, open_=open_, redact=redact, others=others), **others)

    for option in (
        click.option("--redact", is_flag=True, help="With --html: without names and texts, for sharing."),
        click.option("--open", "open_", is_flag=True, help="With --html: show it in the browser."),
        click.option("--html", metavar="FILE", help="Write a page with charts; - is standard output."),
    ):
        asked = option(asked)
    return asked


def _report(html: str | None, *, open_: bool, redact: bool, others: dict[str, Any]) -> Report | None:
    if html is None:
        if open_ or redact:
            raise BadRequest("--open and --redact are for a page", hint="name it: --html progress.html")
        return None
    for name in ("as_json", "plain"):
        if others.get(name):
            raise BadRequest(f"--html and --{name.removeprefix('as_')} exclude each other", hint="leave one out")
    if open_ and html == "-":
        raise BadRequest("--open needs a file", hint="as in: --html progress.html --open")
    return Report(html, open_, redact)


def write_report(numbers: "Statistics", report: Report) -> None:
    """The whole page or nothing; then the browser, if it was asked for."""
    from pathlib import Path  # 5 ms with all that it brings, only for a page

    from flashcards.cli.output import write
    from flashcards.ui.report import page  # with its template 50 ms

    write(page(numbers, redact=report.redact), report.output)
    if report.output == "-":
        return
    if not report.open:
        say(f"open {report.output} in a browser", err=True)
    elif click.launch(str(Path(report.output).resolve())):  # an absolute path: never taken for an option or an address
        say(f"no browser was found: open {report.output} in one", err=True)
