"""HTML of other programs as Markdown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flashcards.formats.html import NOT_TEXT, to_markdown

TABLE = [
    ("plain", "plain"),
    ("a &amp; b &lt;x&gt;", "a & b <x>"),
    ("a&nbsp;b", "a b"),
    ("Hello <b>world</b>", "Hello **world**"),
    ("one<br>two", "one\ntwo"),
    ("one<div>two</div><div>three</div>", "one\ntwo\nthree"),
    ("<div>one</div>two", "one\ntwo"),
    ("a<div><br></div><div>b</div>", "a\n\nb"),
    ("<code>ls -a</code>", "`ls -a`"),
    ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
    ('<img src="a b.png">', "![](<a b.png>)"),
    ("<script>alert(1)</script><style>b{}</style>hi", "hi"),
    (r"\(x^2\) <b>and</b> [latex]\frac{a}{b}[/latex]", r"\(x^2\) **and** [latex]\frac{a}{b}[/latex]"),
    ("5 < 6 > 4", "5 < 6 > 4"),
    ("# one<br>- two", "# one\n- two"),
    ("a\x00b\x07<i>c</i>", "ab*c*"),
    ("snake_case * x <b></b>", "snake_case * x"),
    ('<a href="javascript:alert(1)">x</a>', "[x]()"),
    ("{{c1::<b>x</b>::hint}} y", "{{c1::**x**::hint}} y"),
    ("", ""),
]


@pytest.mark.parametrize(("html", "markdown"), TABLE)
def test_html_becomes_markdown(html, markdown):
    """Line breaks stay, scripts go, LaTeX and what only looks like markup is left alone."""
    assert markdown == to_markdown(html)


@pytest.mark.parametrize("piece", ["<div>", "<b>", "<ul><li>", "<table><tr><td>", "<!--", "<a href=", "&", "</div>"])
def test_deep_and_broken_markup_ends_soon(piece):
    """Whatever is nested, nothing hangs and the text is not lost."""
    to_markdown(piece * 20_000 + "text")


@given(st.text(alphabet=st.sampled_from("<>/&;#divbrscripta \\=\"'\n\x00\ud800{}:c1*"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_taken(html):
    """No text makes an error or leaves what a deck may not hold."""
    assert not NOT_TEXT.search(to_markdown(html))
