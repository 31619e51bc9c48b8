"""The Markdown of cards as HTML for other programs: a library does it, and no HTML of the text comes through."""

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

FORMULA = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)
"""LaTeX between `\\(` and `\\)`, or `\\[` and `\\]`: its stars and underscores are no markup."""
MARKUP = re.compile(r"[\\`*_~\[\]<>&#|\n!]|^\s|\s$|^(?:[-+=:]|\d+[.)])|https?:|  ")
"""What a text must have to be more than a paragraph of words."""
ALONE = re.compile(r"\A<p>((?:(?!<p>).)*)</p>\Z", re.DOTALL)
LINK = re.compile(r"(\]\(<?)([^()\s<>]+)(>?\))")
SOUND = re.compile(r"(\[sound:)([^\[\]]+)(\])")


def to_html(text: str) -> str:
    """A text in Markdown as HTML; line ends are line breaks, and a single paragraph comes without its tag."""
    if not MARKUP.search(text):
        return text
    formulas: list[str] = []

    def away(found: re.Match[str]) -> str:
        formulas.append(found[0])
        return f"\ue0f1{len(formulas) - 1}\ue0f2"

    text = FORMULA.sub(away, text.replace("\ue0f1", "").replace("\ue0f2", ""))
    made = str(_library().render(text)).strip().replace("<br />\n", "<br>").replace(" />", ">")
    made = re.sub("\ue0f1(\\d+)\ue0f2", lambda found: escape(formulas[int(found[1])], quote=False), made)
    alone = ALONE.match(made)
    return alone[1] if alone else made


def to_text(text: str) -> str:
    """A text that is no Markdown, such as a command, as HTML."""
    return escape(text, quote=False).replace("\n", "<br>")


def relinked(text: str, names: Mapping[str, str]) -> str:
    """A text in Markdown whose links to files have the names that `names` gives them."""
    if not names or "[" not in text:
        return text

    def renamed(found: re.Match[str]) -> str:
        return f"{found[1]}{names.get(found[2], found[2])}{found[3]}"

    return SOUND.sub(renamed, LINK.sub(renamed, text))


@cache
def _library() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 30 ms, only where there is markup

    options = {"html": False, "breaks": True, "linkify": False}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
