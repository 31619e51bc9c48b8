"""Decks as packages of Anki: every card is a note that shows it and still knows all of it."""

import io
import json
import sqlite3
import zipfile

import pytest
from hypothesis import given, settings
from plain_decks import decks

from flashcards.formats import html_out
from flashcards.formats.anki import native, writer
from flashcards.formats.anki.native import Header
from flashcards.formats.plain import Beside, PlainDeck

DECK = PlainDeck(
    id="shell",
    title="The shell",
    tags=("unix", "two words"),
    cards=(
        {"id": "list", "front": "List *files*.", "answer": "ls < a", "reverse": "What does `ls` do?", "tags": ["x"]},
        {"id": "gap", "cloze": "{{c1::ls}} and {{c3::cd::go}}", "back": "![](shell.media/p.png)"},
        {"id": "plain", "front": "a\nb", "back": "c"},
    ),
)


def package(deck, *beside):
    return zipfile.ZipFile(io.BytesIO(b"".join(writer.write([deck], beside))))


def rows(archive, sql, tmp_path):
    path = tmp_path / "collection.anki2"
    path.write_bytes(archive.read("collection.anki21"))
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@settings(max_examples=20)
@given(drawn=decks())
def test_a_note_of_ours_gives_back_the_whole_card(drawn):
    """What no template shows is kept in the last field, and all of it comes back."""
    name, title, tags, was, cards = drawn
    header = Header(id=name, title=title, tags=tags, was=was)

    for card in cards:
        note = native.encode(header, card, {})

        assert (header, card) == native.decode(note.fields, {})


def test_what_was_edited_in_anki_wins():
    """A changed field is the new text of the card; what was not touched stays as it was."""
    note = native.encode(Header(id="shell"), DECK.cards[0], {})
    fields = ["List <b>all</b> files.", *note.fields[1:]]

    _, card = native.decode(fields, {})

    assert {**DECK.cards[0], "front": "List **all** files."} == card


@pytest.mark.parametrize("last", ["", "{}", "[1]", "no JSON", '{"format":2,"deck":{"id":"x"},"card":{}}'])
def test_a_note_whose_last_field_says_nothing_is_none_of_ours(last):
    """Somebody may clear that field, or write into it."""
    assert native.decode(["a", "b", "", "", last], {}) is None


def test_cards_come_by_suffix_and_gap(tmp_path):
    """A reverse is the second card, a gap the card of its number; all are new and in order."""
    archive = package(DECK)

    found = rows(archive, "select ord, type, queue, due from cards order by id", tmp_path)

    assert [(0, 0, 0, 1), (1, 0, 0, 2), (0, 0, 0, 3), (2, 0, 0, 4), (0, 0, 0, 5)] == found


def test_tags_stand_as_anki_has_them(tmp_path):
    """Between spaces, so that none may be inside one."""
    found = rows(package(DECK), "select tags from notes order by id", tmp_path)

    assert (" unix two_words x ",) == found[0]


def test_files_come_along_under_their_bare_names(tmp_path):
    """Anki knows no folders; the text names the file as the package does."""
    archive = package(DECK, Beside(name="shell.media/p.png", open=lambda: io.BytesIO(b"PNG")))

    assert {"0": "p.png"} == json.loads(archive.read("media"))
    assert b"PNG" == archive.read("0")
    flds = rows(archive, "select flds from notes order by id", tmp_path)[1][0].split("\x1f")
    assert '<img src="p.png" alt="">' == flds[1]
    assert "![](elsewhere/p.png)" == native.decode(flds, {"p.png": "elsewhere/p.png"})[1]["back"]


def test_two_files_of_one_name_stay_two():
    """Two folders may hold a file of the same name; the sizes of letters do not tell them apart everywhere."""
    beside = [Beside(name=name, open=io.BytesIO) for name in ("a/x.png", "b/X.png", "c/x")]

    assert {"a/x.png": "x.png", "b/X.png": "X-2.png", "c/x": "x"} == writer.media_names(beside)


def test_a_file_that_is_gone_is_left_out():
    """The rest of the deck is worth having without it."""

    def gone():
        raise FileNotFoundError

    assert {} == json.loads(package(DECK, Beside(name="m/p.png", open=gone)).read("media"))


def test_the_same_deck_gives_the_same_package(monkeypatch):
    """Ids follow from the deck, so a second import meets the notes of the first."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")

    assert list(writer.write([DECK])) == list(writer.write([DECK]))


def test_the_first_scheduler_of_anki_is_not_meant(tmp_path):
    """Without the version of the scheduler Anki would change grades on import."""
    ((conf,),) = rows(package(DECK), "select conf from col", tmp_path)

    assert 2 == json.loads(conf)["schedVer"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a & b < c", "a &amp; b &lt; c"),
        ("one\ntwo", "one<br>two"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("`a<b`", "<code>a&lt;b</code>"),
        (r"\(a_1 * b_2 * c\)", r"\(a_1 * b_2 * c\)"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("{{c1::**a**::b}}", "{{c1::<strong>a</strong>::b}}"),
    ],
)
def test_markdown_becomes_html(text, html):
    """Line ends are line breaks, HTML is text, and formulas are left alone."""
    assert html == html_out.to_html(text)
