"""Packages of Anki taken in: cards, media, history and schedule."""

import io
import json
import zipfile

import anki_packages as packages
import pytest

from flashcards.formats import anki
from flashcards.formats.anki import kept
from flashcards.formats.anki.notes import note_id
from flashcards.formats.plain import Options
from flashcards.model import Baseline, Mark, Review

MEDIA = {"x y.png": b"picture", "a.mp3": b"sound"}
OPTIONS = Options(media="s.media")


def take(tmp_path, data, options=OPTIONS):
    path = tmp_path / "s.apkg"
    path.write_bytes(data)
    return anki.read(path, "s.apkg", options)


def content(beside):
    with beside.open() as file:
        return file.read()


@pytest.fixture(params=[False, True], ids=["schema 11", "schema 18"])
def brought(request, tmp_path):
    data = packages.database(packages.NOTES, packages.CARDS, packages.REVIEWS, modern=request.param, west=-540)
    return take(tmp_path, packages.package(data, media=MEDIA, modern=request.param))


def test_cards_of_all_kinds_come_along(brought):
    """Basic, reversed, cloze and type-in notes become what a deck calls so; a gap in a gap becomes cards."""
    (deck,) = brought.decks
    one, two, three, four, five = map(note_id, ("g1", "g2", "g3", "g4", "#g5"))

    assert ("spanish-verbs", "Spanish::Verbs") == (deck.id, deck.title)
    assert [
        {
            "id": one,
            "front": "**Hola**",
            "back": "Hello ![](s.media/x_y.png) [a.mp3](s.media/a.mp3)",
            "tags": ["a::b", "leech"],
        },
        {"id": two, "front": "uno", "back": "one", "reverse": "one"},
        {"id": three, "cloze": "{{c1::Madrid}} is in {{c2::Spain::land}}", "back": "extra"},
        {"id": four, "front": "list all", "answer": "ls -a", "back": "list all"},
        {"id": five, "front": "[…] rest", "back": "**outer inner** rest"},
        {"id": f"{five}-2", "front": "outer […] rest", "back": "outer **inner** rest"},
    ] == list(deck.cards)
    assert () == brought.problems == brought.notes


def test_the_dummy_for_older_versions_is_never_read(brought):
    """The note that asks to update Anki is no card."""
    assert "update" not in str(brought.decks)


def test_media_lie_beside_the_deck_under_safe_names(brought):
    """Each file gives its bytes as often as one asks."""
    files = {one.name: one for one in brought.beside}

    assert ["s.media/x_y.png", "s.media/a.mp3", "s.anki"] == list(files)
    assert [b"picture", b"picture"] == [content(files["s.media/x_y.png"]) for _ in range(2)]


def test_reviews_are_answers_only(brought):
    """Rows made by hand are no reviews; grades, study day of the place, duration and cram come along."""
    reviews = [event for event in brought.events("b") if isinstance(event, Review)]

    assert [(4, "imported", 5000), (1, "imported", 61_000), (4, "cram", 100), (5, "imported", 100)] == [
        (review.grade, review.mode, review.took_ms) for review in reviews
    ]
    assert {(540, "2020-05-20")} == {(review.offset_minutes, review.day.isoformat()) for review in reviews}
    assert "spanish-verbs/" + note_id("g2") + "~reverse" == reviews[-1].card


def test_the_schedule_comes_as_it_was(brought):
    """Due days count from the day of the collection where it was made; a filtered deck hides the real ones."""
    states = {event.card.partition("/")[2]: event.state for event in brought.events("b") if isinstance(event, Baseline)}

    expected = {"repetitions": 5, "ease": 2.3, "interval_days": 30, "due": "2020-04-10", "lapses": 1}
    assert expected == states[note_id("g1")]
    assert {"repetitions": 3, "ease": 2.5, "interval_days": 9, "due": "2020-07-19", "lapses": 0} == states[
        note_id("g2")
    ]
    assert {"repetitions": 0, "ease": 1.3, "interval_days": 1, "due": "2020-09-13", "lapses": 2} == states[
        note_id("g3") + "~c1"
    ]
    assert 4 == len(states)


def test_marks_come_along(brought):
    """Suspended, buried, flagged; a new card that has a history was reset."""
    marks = {(event.card.partition("/")[2], event.mark) for event in brought.events("b") if isinstance(event, Mark)}

    assert {
        (note_id("g1"), "suspend"),
        (note_id("g1"), "flag"),
        (note_id("g2") + "~reverse", "reset"),
        (note_id("#g5") + "-2", "bury"),
    } == marks


def test_twice_gives_the_same_events(brought):
    """Ids follow from the collection alone, and no two events share one."""
    first, second = list(brought.events("b")), list(brought.events("b"))

    assert first == second
    assert len(first) == len({event.id for event in first})


def test_the_schedule_stands_behind_the_last_answer(brought):
    """The order of the log has a card's baseline after its reviews."""
    card = "spanish-verbs/" + note_id("g1")
    ordered = sorted((e for e in brought.events("b") if e.card == card), key=lambda e: (e.at, e.id))

    assert ["Review", "Review", "Baseline", "Mark", "Mark"] == [type(event).__name__ for event in ordered]


def test_what_another_program_needs_is_kept(brought):
    """The collection as it was, and which note became which card."""
    with zipfile.ZipFile(io.BytesIO(content(brought.beside[-1]))) as archive:
        said = kept.from_json(archive.read(kept.CARDS))
        assert {said.member, kept.CARDS} == set(archive.namelist())

    note = said.notes["g2"]
    assert ("spanish-verbs", note_id("g2")) == (note.deck, note.id)
    assert kept.text_hash(brought.decks[0].cards[1]) == note.hash
    assert {"x y.png": "x_y.png", "a.mp3": "a.mp3"} == said.media


def test_ids_do_not_move_with_the_text(tmp_path):
    """An edit in Anki keeps the card, and with it its history."""
    before = take(tmp_path, packages.package(packages.database(packages.NOTES[:1], packages.CARDS[:1])))
    edited = [(1, "g1", packages.BASIC, "", ("other", "text"))]
    after = take(tmp_path, packages.package(packages.database(edited, packages.CARDS[:1])))

    assert before.decks[0].cards[0]["id"] == after.decks[0].cards[0]["id"]


def test_image_occlusion_is_left_out_and_told(tmp_path):
    """What a deck cannot show is counted, never silently lost."""
    notes = [(1, "g", packages.CLOZE, "", ("{{c1::image-occlusion:rect:left=1}}", "")), packages.NOTES[1]]
    data = packages.database(notes, [dict(id=1, nid=1), *packages.CARDS[1:3]])

    found = take(tmp_path, packages.package(data))
    assert 1 == len(found.decks[0].cards)
    assert "1 card of image occlusion" in found.notes[0]


def test_a_bare_database_is_read(tmp_path):
    """A collection without a package around it has no media, and its own way back."""
    path = tmp_path / "collection.anki2"
    path.write_bytes(packages.database(packages.NOTES, packages.CARDS))

    found = anki.read(path, "collection.anki2", OPTIONS)
    assert 6 == len(found.decks[0].cards)
    assert json.loads(zipfile.ZipFile(io.BytesIO(content(found.beside[-1]))).read(kept.CARDS))["notes"]


def test_a_package_that_was_read_is_let_go_of(tmp_path):
    """With what was brought goes the database, and nothing of it stays open."""
    import gc

    from flashcards.formats.anki.database import Database

    found = take(tmp_path, packages.package(packages.database(packages.NOTES, packages.CARDS)))
    assert any(isinstance(one, Database) for one in gc.get_objects())
    del found
    gc.collect()
    assert not any(isinstance(one, Database) for one in gc.get_objects())
