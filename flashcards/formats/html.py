"""HTML of other programs as the Markdown of cards: a library does it, this does what it leaves open."""

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 1_000_000
"""Characters of one text; what is longer is cut, since no card is a book (ours)."""
DEEPEST = 64
"""Elements inside one another; what is deeper is shown without its markup (ours)."""
MOST_TAGS = 2_000
"""What has more is shown without its markup: the time grows with the square of open elements (0.04 s here)."""
NOT_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What no deck may hold: control characters, halves of characters, marks of byte order."""
LINE_ENDS = re.compile("\r\n|\r|\u2028|\u2029")
MARKUP = re.compile(r"<[a-zA-Z/!?]")
LINE_START = re.compile(r"<div(?: [^<>]*)?>(?:\s*<br ?/?>\s*(?=</div>))?", re.IGNORECASE)
LINE_END = re.compile(r"</div>(?!\s*(?:</?div|<br|$))", re.IGNORECASE)
PICTURE_OF_TEXT = re.compile(r"<(svg|math|script|style|iframe|object)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
LINK_THAT_ACTS = re.compile(
    r"\]\(<?\s*(?:javascript|data|vbscript|file)\s*:(?:[^\s()>]|\([^\s()]*\))*>?", re.IGNORECASE
)
BLANKS = re.compile(r"(?<![ \t])[ \t]+(?=\n|\Z)")
"""From the first blank of a run only: tried from each one of a long run, the time grows with its square."""
LINES = re.compile(r"\n{3,}")
BACKSLASH = "\ue0f0"
"""Stands for a backslash of the text, so that those that the library adds can be told from it."""


def to_markdown(html: str) -> str:
    """A text in HTML as Markdown: line breaks stay, scripts and styles go, LaTeX is left as it is."""
    html = html[:LONGEST]
    if "<" not in html or not MARKUP.search(html):
        return clean(" ".join((unescape(html) if "&" in html else html).split()))
    html = PICTURE_OF_TEXT.sub("", clean(html).replace("\\", BACKSLASH))
    html = LINE_START.sub("<br>", html) if "<div" in html.lower() else html
    html = LINE_END.sub("<br>", html).replace("</div>", "") if "</div" in html.lower() else html
    text = _converted(html) if html.count("<") <= MOST_TAGS else ""
    if not text.strip():
        text = unescape(TAG.sub(" ", html))
    text = text.replace("\\", "").replace(BACKSLASH, "\\").replace("\xa0", " ")
    if "](" in text:
        text = LINK_THAT_ACTS.sub("](", text)
    text = clean(text)
    if " \n" in text or "\t\n" in text:
        text = BLANKS.sub("", text)
    return (LINES.sub("\n\n", text) if "\n\n\n" in text else text).strip()


def clean(text: str) -> str:
    """`text` without what no deck may hold, its line ends as decks have them."""
    if text.isprintable():
        return text
    return NOT_TEXT.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    )


def _converted(html: str) -> str:
    convert, options = _library()
    try:
        return str(convert(html, options).content or "")
    except Exception:  # noqa: BLE001  (a library over any input: what it refuses is shown without markup)
        return ""


@cache
def _library() -> "tuple[Callable[..., Any], Any]":
    """What converts, and its options, made once: the library makes them anew with each call, for 80 % of the time."""
    from html_to_markdown import ConversionOptions, api, convert  # 27 ms, only where there is markup

    options = ConversionOptions(extract_metadata=False, autolinks=False, max_depth=DEEPEST)
    core, ready = getattr(api, "_rust", None), getattr(api, "_to_rust_conversion_options", None)
    return (core.convert, ready(options)) if core and ready else (convert, options)
