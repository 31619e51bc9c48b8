"""Notes of our own that come back: whole cards again, with what was done in Anki; what only claims to be one is none."""

import io
import json
import sqlite3
import zipfile
from html import escape

import pytest

from flashcards.formats import anki
from flashcards.formats.anki import writer
from flashcards.formats.anki.notes import note_id
from flashcards.formats.plain import Beside, Options, PlainDeck

DECK = PlainDeck(
    id="shell",
    title="The shell",
    tags=("unix", "two words"),
    cards=(
        {"id": "list", "front": "List files.", "answer": "ls", "tags": ["x"]},
        {"id": "gap", "cloze": "{{c1::ls}} and {{c3::cd}}", "back": "![](shell.media/p.png)", "after": ["list"]},
        {"id": "plain", "front": "a", "back": "b", "reverse": "c", "after": ["gap", "git/log"]},
    ),
)
BESIDE = (Beside(name="shell.media/p.png", open=lambda: io.BytesIO(b"PNG")),)


def back(tmp_path, script="", name=""):
    """What a package of the deck gives, changed by SQL as somebody might do in Anki."""
    old, new = tmp_path / "old.apkg", tmp_path / "shell.apkg"
    old.write_bytes(b"".join(writer.write([DECK], BESIDE)))
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w") as target:
        for member in source.namelist():
            data = source.read(member)
            if member == "collection.anki21":
                connection = sqlite3.connect(":memory:")
                connection.deserialize(data)
                connection.executescript(script)
                data = connection.serialize()
                connection.close()
            target.writestr(member, data)
    found = anki.read(new, "shell.apkg", Options(media="shell.media", deck=name))
    assert () == found.problems
    return found


def test_a_deck_of_ours_comes_back_as_it_was(tmp_path):
    """Its id, title, tags, cards in order, and pictures; a name for the deck is not needed."""
    found = back(tmp_path)

    assert (DECK,) == found.decks
    assert ["shell.media/p.png", "shell.anki"] == [one.name for one in found.beside]
    assert (DECK,) == back(tmp_path, name="other").decks


def test_tags_that_were_changed_in_anki_are_those_of_the_card(tmp_path):
    """A tag of the deck stays with the deck."""
    script = "update notes set tags = ' unix two_words leech ' where tags like '% x %'"

    assert ["leech"] == back(tmp_path, script=script).decks[0].cards[0]["tags"]


def test_a_note_that_was_deleted_in_anki_is_forgotten_by_those_that_came_after(tmp_path):
    """The rest of the deck comes back."""
    script = "delete from cards where nid = (select min(id) from notes); delete from notes where id = (select min(id) from notes)"

    gap, plain = back(tmp_path, script=script).decks[0].cards
    assert ("gap", False) == (gap["id"], "after" in gap)
    assert ["gap", "git/log"] == plain["after"]


def test_a_note_that_was_added_in_anki_belongs_to_the_deck(tmp_path):
    """Copies and other notes come along as ordinary cards."""
    script = """
        insert into notes select 5, 'copy', mid, mod, usn, tags, flds, sfld, csum, flags, data from notes limit 1;
        insert into cards select 6, 5, did, 0, mod, usn, type, queue, due, ivl, factor, reps, lapses, left, odue,
            odid, flags, data from cards limit 1;
    """

    (deck,) = back(tmp_path, script=script).decks
    assert [note_id("copy"), "list", "gap", "plain"] == [card["id"] for card in deck.cards]


def said(**changes):
    card = {"id": "list", "front": "List files.", "answer": "ls", "tags": ["x"], **changes.pop("card", {})}
    return {"format": 1, "deck": {"id": "shell", "title": "The shell"}, "card": card, **changes}


@pytest.mark.parametrize(
    "payload",
    [
        said(deck={"id": "../../evil"}),
        said(deck={"id": "x" * 200}),
        said(deck={"id": "a/b"}),
        said(deck={"id": "shell", "title": "\x1b[2J"}),
        said(card={"id": "../x"}),
        said(card={"id": 3}),
        said(card={"unknown": "key"}),
        said(card={"run": {"checks": "nothing"}}),
        said(card={"run": {"setup": [{"file": "/etc/passwd", "content": "x"}], "checks": [{"absent": "a"}]}}),
        said(card={"accept": None}),
        said(card={"explain": 3.5}),
        said(card={"wrong": True}),
        said(card={"accept": [[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]}),
        said(card={"back": "x" * 600_000}),
        said(card={"accept": "\x00"}),
        said(format=2),
        [],
        "no mapping",
    ],
    ids=lambda payload: json.dumps(payload)[:60],
)
def test_a_note_that_claims_what_no_deck_may_say_is_a_note_like_any_other(tmp_path, payload):
    """It shows its fields; nothing of what it claims is taken, and the other notes are what they were."""
    kept = escape(json.dumps(payload)).replace("'", "''")
    fields = f"List files.\x1fls\x1f\x1f\x1f\x1f{kept}"
    script = f"update notes set flds = '{fields}' where id = (select min(id) from notes)"

    (deck,) = back(tmp_path, script=script).decks
    strange = next(card for card in deck.cards if card["id"].startswith("a-"))
    assert ("List files.", "ls") == (strange["front"], strange["answer"])
    assert "run" not in strange
    assert ("shell", 3) == (deck.id, len(deck.cards))
