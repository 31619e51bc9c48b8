"""Rows as one page of HTML: a table, nothing from the network, no script."""

from collections.abc import Generator
from html import escape

from flashcards import clock
from flashcards.app.exports.rows import Sheet
from flashcards.app.exports.text import many, number_of, shown_as
from flashcards.log import stamp
from flashcards.store.database_out import Column

STYLE = """
:root { color-scheme: light dark; --ink: #1c1d1f; --soft: #5a5d63; --ground: #fff; --band: #f4f5f7; --line: #d9dbe0 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7e8ea; --soft: #a4a8b0; --ground: #17181b; --band: #1f2125; --line: #34373d }
}
body { margin: 0; padding: 1.5rem; background: var(--ground); color: var(--ink) }
body { font: 0.875rem/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums }
h1 { margin: 0; font-size: 1.25rem }
p { margin: 0.25rem 0 1rem; color: var(--soft) }
.rows { overflow: auto; max-height: 78vh; border: 1px solid var(--line); border-radius: 0.5rem }
table { border-collapse: separate; border-spacing: 0; width: max-content; min-width: 100% }
th, td { padding: 0.35rem 0.65rem; text-align: start; vertical-align: top; max-width: 26rem; overflow-wrap: break-word }
th { font-weight: 600; white-space: nowrap }
thead th { position: sticky; top: 0; background: var(--ground); border-bottom: 1px solid var(--line) }
tbody tr:nth-child(even) { background: var(--band) }
tbody th { font-weight: 400 }
td { white-space: pre-line }
.n { text-align: end; white-space: nowrap }
details { margin-top: 1.5rem }
dt { font-weight: 600 }
dd { margin: 0 0 0.5rem; color: var(--soft) }
@media print {
  body { padding: 0 }
  .rows { overflow: visible; max-height: none; border: 0 }
  thead th { position: static }
}
"""


def as_html(sheet: Sheet) -> Generator[str]:
    """The page, in pieces; every text is escaped, and its direction cannot leave its cell."""
    columns = sheet.export.columns
    yield _head(sheet)
    shows = [shown_as(column.type) for column in columns]
    opens = ['<th scope="row" dir="auto">', *(_open(column) for column in columns[1:])]
    closes = ["</th>", *("</td>" for _ in columns[1:])]
    parts = [*zip(opens, shows, closes, strict=True)]
    for rows in many(sheet.rows):
        yield "".join(
            "<tr>"
            + "".join(
                f"{begin}{escape(show(value))}{end}" for (begin, show, end), value in zip(parts, row, strict=True)
            )
            + "</tr>\n"
            for row in rows
        )
    means = "".join(f"<dt>{one.name}</dt><dd>{escape(_means(one))}</dd>\n" for one in columns)
    yield f"</tbody></table></div>\n<details><summary>What the columns mean</summary><dl>\n{means}</dl></details>\n"
    yield "</main></body></html>\n"


def _head(sheet: Sheet) -> str:
    from base64 import b64encode
    from hashlib import sha256  # 3 ms of OpenSSL

    allowed = b64encode(sha256(STYLE.encode()).digest()).decode()
    export = sheet.export
    heads = "".join(
        f'<th scope="col"{_numeric(one)} title="{escape(_means(one))}">{one.name.replace("_", " ")}</th>'
        for one in export.columns
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{allowed}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{export.schema}">
<title>cards: {export.name}</title>
<style>{STYLE}</style></head>
<body><main><h1>cards: {export.name}</h1>
<p>{export.means.capitalize()}, as of {stamp(clock.now())[:16].replace("T", " ")} UTC.</p>
<div class="rows" role="region" aria-label="{export.name}" tabindex="0"><table>
<thead><tr>{heads}</tr></thead><tbody>
"""


def _open(column: Column) -> str:
    return f"<td{_numeric(column)}>" if _numeric(column) else '<td dir="auto">'


def _numeric(column: Column) -> str:
    return ' class="n"' if shown_as(column.type) is number_of else ""


def _means(column: Column) -> str:
    return f"{column.means} ({column.unit})" if column.unit else column.means
