"""What came from Anki and changed here since: texts, answers, marks, cards; and what was made here, back from Anki."""

import json
import zipfile

import anki_packages as packages
import pytest
from anki_packages import rows

from flashcards.formats.anki.notes import note_id

ONE, TWO, THREE = (f"spanish-verbs/{note_id(guid)}" for guid in ("g1", "g2", "g3"))
PACKAGE = packages.package(
    packages.database(packages.NOTES, packages.CARDS, packages.REVIEWS), media={"x y.png": b"P", "a.mp3": b"S"}
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CARDS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+00:00")
    (tmp_path / "s.apkg").write_bytes(PACKAGE)
    run("import", tmp_path / "s.apkg")
    return tmp_path


def run(*arguments):
    from flashcards.cli import run as program

    assert 0 == program([str(argument) for argument in arguments])


def edit(home, *changes):
    """Changes the text of the deck as a person might, and takes it in."""
    path = home / "home" / "decks" / "spanish-verbs.yaml"
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)
    run("import", path)


def exported(home, sql, *options):
    run("export", "anki", "-o", home / "out.apkg", *options)
    return rows(home / "out.apkg", sql)


def test_an_edited_text_goes_out_in_its_own_field(home):
    """Guid and note type stay, the time of the change moves, and the other field keeps its HTML."""
    edit(home, ('front: "**Hola**"', "front: Salut"), ("front: list all", "front: list *every* file"))

    found = exported(home, "select guid, mid, flds, mod > 1600000000 from notes where guid in ('g1', 'g4') order by id")
    assert [
        ("g1", 1, 'Salut\x1fHello <img src="x y.png"> [sound:a.mp3]', 1),
        ("g4", 4, "list <em>every</em> file\x1fls -a", 1),
    ] == found
    assert [(5,)] == rows(home / "out.apkg", "select count(*) from notes")


def test_an_answer_given_here_is_one_more_entry(home):
    """The entries that came stay, the new one has its button and interval, and the card has our schedule."""
    (home / "log.jsonl").write_text(
        json.dumps({"v": 1, "kind": "review", "card": TWO, "grade": 5, "at": "2026-11-21T10:00:00.000Z", "took_ms": 7})
    )
    run("import", home / "log.jsonl")

    found = exported(
        home,
        "select r.id, r.ease, r.ivl, r.lastIvl, r.type, r.time from revlog r join cards c on c.id = r.cid where c.id = 21",
    )
    assert [(1590000000003, 3, 9, 9, 3, 100), (1795255200000, 4, 24, 9, 1, 7)] == found
    card = rows(home / "out.apkg", "select type, queue, ivl, factor, reps, odid, did, due from cards where id = 21")
    assert [(2, 2, 24, 2600, 4, 0, 10, 2540)] == card
    assert [(5,)] == rows(home / "out.apkg", "select reps from cards where id = 11")


def test_marks_that_changed_here_go_out(home):
    """Resumed, suspended, flagged and buried; what was left alone stays as it came."""
    run("resume", ONE)
    run("flag", ONE, "--off")
    run("suspend", TWO)
    run("flag", THREE + "~c1")
    run("bury", THREE + "~c2")

    found = exported(home, "select id, queue, flags from cards where id in (11, 21, 31, 32, 52) order by id")
    assert [(11, 2, 0), (21, -1, 0), (31, 1, 1), (32, -3, 0), (52, -2, 0)] == found


def test_a_card_that_was_buried_in_anki_today_is_buried_today(home):
    """Until the day after the one on which it was buried there."""
    today = 1_795_370_000
    notes = [(1, "n", packages.BASIC, "", ("a", "b")), (2, "m", packages.BASIC, "", ("c", "d"))]
    cards = [dict(id=1, nid=1, did=1, queue=-2, mod=today), dict(id=2, nid=2, did=1, queue=-3, mod=today)]
    (home / "b.apkg").write_bytes(packages.package(packages.database(notes, cards)))
    run("import", home / "b.apkg")

    run("export", "progress", "-d", "default", "-f", "json", "-o", home / "p.json")
    said = [card["buried_until"] for card in json.loads((home / "p.json").read_text())["cards"]]
    assert ["2026-11-23"] * 2 == said
    assert [(-2,), (-3,)] == exported(home, "select queue from cards order by id", "-d", "default")


def test_a_card_that_was_added_goes_along_and_one_that_was_removed_does_not(home):
    """The new one in Anki's deck of the others; no row of the old one is left."""
    path = home / "home" / "decks" / "spanish-verbs.yaml"
    text = path.read_text()
    start = text.index(f"  - id: {note_id('g4')}")
    end = text.index("  - id:", start + 5)
    path.write_text(text[:start] + text[end:] + "  - id: mine\n    front: new\n    back: one\n")
    run("import", path)

    found = exported(
        home, "select n.guid = 'g4', c.did from notes n join cards c on c.nid = n.id where n.id > 5 or guid = 'g4'"
    )
    assert [(0, 10)] == found


def test_gaps_that_come_and_go_are_cards_that_come_and_go(home):
    """The note stays the same one."""
    edit(home, ("{{c2::Spain::land}}", "{{c3::Spain}}"))

    found = exported(home, "select ord, c.did from cards c join notes n on n.id = c.nid where guid = 'g3' order by ord")
    assert [(0, 10), (2, 10)] == found


def test_a_renamed_card_is_the_same_note(home):
    """It goes out once, with its history."""
    name = note_id("g2")
    edit(home, (f"id: {name}\n", f"id: uno\n    was: [{name}]\n"))

    assert [(5,)] == exported(home, "select count(*) from notes")
    assert [(5,)] == rows(home / "out.apkg", "select count(*) from revlog")


def test_two_packages_go_out_as_one(home):
    """Notes, cards and pictures of both; another picture of the same name gets a name of its own."""
    notes = [(1, "other", packages.BASIC, "", ('<img src="x y.png"> one', "b"))]
    (home / "t.apkg").write_bytes(
        packages.package(
            packages.database(notes, [dict(id=11, nid=1, did=1)]),
            media={"x y.png": b"another"},
        )
    )
    run("import", home / "t.apkg")

    assert [(6, 6)] == exported(home, "select count(*), count(distinct id) from notes")
    with zipfile.ZipFile(home / "out.apkg") as archive:
        names = json.loads(archive.read("media"))
        files = {name: archive.read(number) for number, name in names.items()}
    assert {"x y.png": b"another", "a.mp3": b"S", "x y-2.png": b"P"} == files
    said = rows(home / "out.apkg", "select flds from notes where guid in ('g1', 'other') order by guid")
    assert [
        ('<b>Hola</b>\x1fHello <img src="x y-2.png"> [sound:a.mp3]',),
        ('<img src="x y.png"> one\x1fb',),
    ] == said


DECK = """\
deck: shell
title: The shell
cards:
  - id: list
    front: List files.
    answer: ls
  - id: go
    front: Go.
    answer: cd
"""
LOG = '{"v":1,"kind":"review","card":"shell/list","grade":4,"at":"2026-11-20T10:00:00.000Z","took_ms":4000}\n'


def test_what_was_made_here_comes_back_from_anki_without_doubles(home, capsys):
    """Answers given here are known; only those that were given in Anki are new, and they go out once."""
    (home / "shell.yaml").write_text(DECK)
    (home / "log.jsonl").write_text(LOG + LOG.replace("list", "go"))
    run("import", home / "shell.yaml", home / "log.jsonl")
    run("export", "anki", "-d", "shell", "-o", home / "shell.apkg")
    before = rows(home / "shell.apkg", "select id, ease, ivl, type from revlog")
    capsys.readouterr()

    run("import", home / "shell.apkg", "--replace")
    assert "review" not in capsys.readouterr().out
    run("export", "anki", "-d", "shell", "-o", home / "again.apkg")

    assert before == rows(home / "again.apkg", "select id, ease, ivl, type from revlog")
    card = "select ord, type, queue, due, ivl, factor, reps, lapses from cards"
    assert rows(home / "shell.apkg", card) == rows(home / "again.apkg", card)
