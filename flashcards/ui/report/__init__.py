"""The statistics as one page: a file for a browser, with all it needs inside and nothing from the network.

`page` renders it; titles.py says what each part found, drawn.py holds what
the charts draw, shown.py and listed.py the words and tables, redact.py a copy for others.
The browser runs only the two scripts and the styles whose hashes stand in the
page's own policy.
"""

import json
from base64 import b64encode
from collections.abc import Generator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flashcards import __version__
from flashcards.stats import retained
from flashcards.ui.report import drawn, listed, shown
from flashcards.ui.report.redact import redacted

if TYPE_CHECKING:
    from jinja2 import Template

    from flashcards.app.statistics import Statistics

HERE = Path(__file__).parent
PLOT_STYLE = """\
:where(.plot) {
  --plot-background: white;
  display: block;
  height: auto;
  height: intrinsic;
  max-width: 100%;
}
:where(.plot text),
:where(.plot tspan) {
  white-space: pre;
}"""
"""The style sheet that Observable Plot puts into each chart of the class `plot`: the policy lets it pass."""


def page(numbers: "Statistics", *, redact: bool = False) -> Generator[str]:
    """The page, in pieces; `redact` leaves out names and texts (redact.py)."""
    if redact:
        numbers = redacted(numbers)
    months = drawn.per_month(numbers.days)
    of_months = {month: retained(done).all for month, done in months.items()}
    line = drawn.retention_line(((week.monday, week.retention) for week in numbers.weeks), of_months)
    edges = drawn.shades(numbers.days, numbers.day)
    style, script, plot = _part("report.css"), _part("report.js"), _part("plot.bundle.js")
    yield from _template().generate(
        numbers=numbers,
        redact=redact,
        version=__version__,
        today=shown.long_day(numbers.day),
        scope=shown.scope(numbers),
        tiles=shown.tiles(numbers),
        panels=shown.panels(numbers, line, months),
        shades=shown.shade_names(edges),
        decks=listed.deck_rows(numbers),
        tags=listed.tag_rows(numbers),
        hard=listed.hard_rows(numbers),
        commands=listed.commands(numbers),
        mistakes=listed.mistake_rows(numbers),
        titles=listed.other_titles(numbers),
        policy=_policy([plot, script], [style, PLOT_STYLE]),
        style=style,
        script=script,
        plot=plot,
        data=_embedded(drawn.chart_data(numbers, line, edges)),
    )


def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 40 ms, only for a report

    room = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    room.filters["whole"] = _whole
    return room.get_template("page.html.jinja")


def _whole(text: str) -> str:
    """A sentence of ours in which a number and its sign stay on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


@cache
def _part(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def _embedded(data: dict[str, Any]) -> str:
    """JSON that cannot end the element which holds it."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _policy(scripts: list[str], styles: list[str]) -> str:
    """What the browser may run, draw and load: these scripts, these styles, nothing."""
    allowed = {"script-src": " ".join(map(_hash, scripts)), "style-src": " ".join(map(_hash, styles))}
    rest = {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}
    text_is_text = {"require-trusted-types-for": "'script'", "trusted-types": "'none'"}
    return "; ".join(f"{name} {value}" for name, value in (rest | allowed | text_is_text).items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
