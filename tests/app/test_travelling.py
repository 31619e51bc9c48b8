"""Decks between homes by a folder: what changed on one side travels, what changed on both stays, nothing gets out."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from app.travellers import FRENCH, Home, World, edited, written

from flashcards.app import library, trusting
from flashcards.app.travelling import STATE, Travelled, travel
from flashcards.model import CardId


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    homes: list[Home] = []

    def make(name: str, folder: Path | None = None) -> Home:
        homes.append(Home(tmp_path / name, folder or tmp_path / "folder"))
        return homes[-1]

    (tmp_path / "folder").mkdir()
    (tmp_path / "own").mkdir()
    yield World(make, tmp_path / "folder", tmp_path / "own")
    for home in homes:
        home.app.close()


@pytest.fixture
def two(world: World) -> tuple[Home, Home]:
    """The second got the deck of the first; the first has it in a file of the person's own."""
    one, other = world.make("one"), world.make("other")
    one.take(written(world.own / "french.yaml", FRENCH))
    one.sync()
    other.sync()
    return one, other


# ---------------------------------------------------------------- one side changed


def test_a_deck_comes_to_a_device_that_has_none_of_that_name(world, two):
    """It lies in the home's own folder of decks, word for word, and is asked like any deck."""
    _, other = two

    assert {"french/chat": "le chat", "french/chien": "le chien"} == other.fronts()
    assert FRENCH == other.file().read_text("utf-8") == world.there().read_text("utf-8")


def test_a_sync_with_nothing_new_does_nothing(world, two):
    """No file is written, so that no carrier has anything to carry."""
    before = {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")}
    for home in two:
        assert Travelled() == home.sync()

    assert before == {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")}


def test_an_edit_travels_both_ways(world, two):
    """Edited where it came from, edited where it came to: the other side follows, and keeps the history."""
    one, other = two
    edited(world.own / "french.yaml", "the cat", "a cat")
    one.sync()
    assert [("french", 1)] == [(change.deck.id, change.count("changed")) for change in other.sync().taken]

    third = world.make("third")
    third.sync()
    edited(other.file(), "le chien", "un chien")
    assert ("french",) == other.sync().sent
    third.sync()

    assert "un chien" == third.fronts()["french/chien"]
    assert "a cat" in third.file().read_text("utf-8")


def test_a_deck_file_of_the_persons_own_is_never_written(world, two):
    """It may lie in a repository: what changed elsewhere is told with the command that takes it."""
    one, other = two
    edited(other.file(), "le chien", "un chien")
    other.sync()
    before = (world.own / "french.yaml").read_bytes()

    done = one.sync()

    assert before == (world.own / "french.yaml").read_bytes()
    assert [("french", "`cards sync --theirs french` takes the change")] == [(one.deck, one.cure) for one in done.told]

    one.sync(theirs=("french",))

    assert "un chien" == one.fronts()["french/chien"]
    assert [before] == [path.read_bytes() for path in (one.root / "decks" / ".replaced").iterdir()]
    assert other.file().read_bytes() == (world.own / "french.yaml").read_bytes()
    assert Travelled() == one.sync() == other.sync()


def test_where_one_text_cannot_take_its_place_none_does(world, two):
    """Neither in the home nor in a file of the person's: the next sync finds all as it was."""
    one, other = two
    edited(other.file(), "le chien", "un chien")
    other.take(written(other.root / "decks" / "spanish.yaml", FRENCH.replace("deck: french", "deck: spanish")))
    other.sync()
    obstacle = world.own / f".french.yaml.{os.getpid()}.part"
    obstacle.mkdir()

    (told,) = one.sync(theirs=("french",)).told
    assert (True, False, ["french"]) == (
        told.says.startswith(f"cannot write `{world.own / 'french.yaml'}`"),
        one.file("spanish").exists(),
        [source.deck for source in one.app.store.decks()],
    )
    obstacle.rmdir()
    one.sync(theirs=("french",))

    assert {"french", "spanish"} == {source.deck for source in one.app.store.decks()}


def test_a_file_that_the_person_brought_up_to_date_by_other_means_is_quiet(world, two):
    """Where git carries the person's decks, both ways lead to the same text."""
    one, other = two
    edited(other.file(), "le chien", "un chien")
    other.sync()
    (world.own / "french.yaml").write_bytes(other.file().read_bytes())

    assert Travelled() == one.sync()


def test_a_card_that_left_is_retired_everywhere(world, two):
    """Its device says that the shorter text is whole."""
    one, other = two
    text = FRENCH[: FRENCH.index("  - id: chien")]
    written(world.own / "french.yaml", text)
    one.sync()
    other.sync()

    assert {"french/chat": "le chat"} == other.fronts()
    assert 1 == len([*(other.root / "backups").glob("*before-sync*")])


def test_a_deck_that_is_taken_out_here_stays_on_other_devices_and_stays_away(world, two):
    """Taking out is a decision about this device; a sync neither spreads nor undoes it."""
    one, other = two
    other.app.store.drop_deck("french")

    assert Travelled() == other.sync() == one.sync()
    assert {} == other.fronts()
    assert 2 == len(one.fronts())


def test_a_deck_that_was_renamed_is_renamed_everywhere(world, two):
    """Its history goes on under the new name; the old text is kept aside, and the old name comes back nowhere."""
    one, other = two
    other.app.mark([CardId("french/chat")], "flag")
    other.sync()
    written(world.own / "french.yaml", FRENCH.replace("deck: french", "deck: francais\nwas: [french]"))
    one.sync()
    assert {"francais/chat", "francais/chien"} == one.fronts().keys()

    done = other.sync()

    assert () == done.told
    assert {"francais/chat", "francais/chien"} == other.fronts().keys()
    assert other.app.card("francais/chat").memory.flagged
    assert not other.file().exists()
    assert other.file("francais").exists()
    assert [FRENCH] == [path.read_text("utf-8") for path in (other.root / "decks" / ".replaced").iterdir()]
    third = world.make("third")
    for home in (one, other, third, third, one):
        assert () == home.sync().told
        assert {"francais/chat", "francais/chien"} == home.fronts().keys()


def test_what_was_written_into_a_deck_that_got_another_name_elsewhere_is_told(world, two):
    """The new name comes, and where the words are that gave way is said: the old name has nothing left to decide."""
    one, other = two
    written(world.own / "french.yaml", FRENCH.replace("cat", "tomcat"))
    one.sync()
    written(other.file(), FRENCH.replace("cat", "kitty"))
    other.take(other.file())
    written(world.own / "french.yaml", FRENCH.replace("deck: french", "deck: francais\nwas: french"))
    one.sync()

    done = other.sync()

    kept = other.root / "decks" / ".replaced"
    assert [f"what was written here is kept in `{kept}`"] == [told.cure for told in done.told]
    assert ["kitty" in path.read_text("utf-8") for path in kept.iterdir()] == [True]
    assert {"francais/chat", "francais/chien"} == other.fronts().keys()
    assert () == other.sync().told


@pytest.mark.parametrize("style", ["was: french", "was:\n- french  # once", "'was': [french]", "json"])
def test_an_old_name_does_not_come_back_however_the_new_one_says_it(world, two, style):
    """Its file may lie in the folder for ever, and a device with the new name may come to it for the first time."""
    third = world.make("third")
    text = FRENCH.replace("deck: french", f"deck: langues\n{style}")
    if style == "json":
        card = {"id": "chat", "front": "Cat?", "back": "le chat"}
        text = json.dumps({"deck": "langues", "was": ["french"], "cards": [card]})
    third.take(written(world.own / "langues.yaml", text))
    done = third.sync()

    assert ((), ["langues"]) == (done.told, [source.deck for source in third.app.store.decks()])


def test_a_deck_that_was_renamed_elsewhere_leaves_a_file_of_the_persons_own(world, two):
    """It says what stands in the way; nothing is moved or taken."""
    one, other = two
    other.file().rename(other.root / "decks" / "x")
    written(other.root / "decks" / "french.yaml", FRENCH.replace("deck: french", "deck: francais\nwas: french"))
    other.take(other.root / "decks" / "french.yaml")
    other.sync()

    done = one.sync()

    assert ["does not fit in"] == [told.says.partition(":")[0] for told in done.told]
    assert {"french/chat", "french/chien"} == one.fronts().keys()
    assert FRENCH == (world.own / "french.yaml").read_text("utf-8")


def test_a_renamed_deck_that_cannot_come_leaves_the_old_file_in_its_place(world, two):
    """What fails in the middle, or is interrupted, changes neither the files nor the database."""
    _, other = two
    written(world.there("french2"), FRENCH.replace("deck: french", "deck: french2\nwas: french"))
    fails = "create temp trigger fails after insert on main.decks when new.deck = 'french2' begin {0}; end"
    other.app.store._connection.execute(fails.format("select raise(abort, 'no')"))
    before = other.file().read_bytes()

    with pytest.raises(sqlite3.IntegrityError):
        other.sync()
    assert (before, ["french"]) == (other.file().read_bytes(), [one.deck for one in other.app.store.decks()])
    other.app.store._connection.execute("drop trigger fails")
    other.sync()

    assert (False, ["french2"]) == (other.file().exists(), [one.deck for one in other.app.store.decks()])


def test_former_names_that_lead_round_are_told_and_hinder_no_other(world):
    """None of these decks can be the newest, so none comes until a person says which; a dry run tells it as well."""
    one = world.make("one")
    deck = FRENCH.replace("deck: french", "deck: {0}\nwas: {1}")
    for name, former in (("a", "[b]"), ("b", "c"), ("c", "[a, old]"), ("old", "[older]"), ("spanish", "[]")):
        written(world.there(name), deck.format(name, former))
    dry = travel(one.app, world.folder, "f1", dry_run=True)

    done = one.sync()

    assert (["spanish"], dry.told) == ([change.deck.id for change in done.taken], done.told)
    assert ["a", "b", "c"] == sorted(told.deck for told in done.told)
    (says, cure) = next((told.says, told.cure) for told in done.told if told.deck == "b")
    assert f"stays out: `{world.there('b')}`, line 2: `was` leads round to itself: b, c, a, b" == says
    assert "take a name out of `was` in one of these decks" == cure
    edited(world.there("c"), "was: [a, old]", "was: [old]")
    assert ([], ["a"]) == ([*one.sync().told], sorted({card.partition("/")[0] for card in one.fronts()} - {"spanish"}))


def test_a_deck_that_is_gone_from_the_folder_comes_back(world, two):
    """The folder has every deck that some device has."""
    world.there().unlink()

    assert ("french",) == two[1].sync().sent
    assert world.there().exists()


def test_decks_that_came_with_the_program_stay(world):
    """Every device has them, each in its own version."""
    one = world.make("one")
    library.take(one.app.store, [change for change in [library.read_first(one.app.store)] if change])

    assert Travelled() == one.sync()


def test_a_deck_of_the_folder_that_was_imported_from_there_is_left_to_its_owner(world):
    """Its file is the one that travels."""
    one = world.make("one")
    one.take(written(world.there(), FRENCH))
    edited(world.there(), "le chien", "un chien")

    assert Travelled() == one.sync()
    assert "un chien" == one.fronts()["french/chien"]


def test_what_comes_takes_the_place_of_a_deck_that_came_with_the_program(world):
    """Somebody made it their own elsewhere."""
    one, other = world.make("one"), world.make("other")
    library.take(one.app.store, [change for change in [library.read_first(one.app.store)] if change])
    other.take(written(world.own / "venv.yaml", FRENCH.replace("deck: french", "deck: venv")))

    other.sync()
    one.sync()

    assert {"venv/chat": "le chat", "venv/chien": "le chien"} == one.fronts()


def test_a_dry_run_changes_nothing(world):
    """It says what would go out and come in."""
    one = world.make("one")
    one.take(written(world.own / "french.yaml", FRENCH))
    written(world.there("spanish"), FRENCH.replace("deck: french", "deck: spanish"))

    done = travel(one.app, world.folder, "f1", dry_run=True)

    assert (("french",), ["spanish"]) == (done.sent, [change.deck.id for change in done.taken])
    assert not world.there().exists()
    assert not one.file("spanish").exists()
    assert not (one.root / STATE).exists()
    assert 2 == len(one.fronts())


# ---------------------------------------------------------------- both sides changed


def test_what_both_changed_stays_on_both_and_is_told_with_its_cure(world, two):
    """One line, again at each sync, until the person says which it is."""
    _, other = two
    third = world.make("third")
    third.sync()
    edited(third.file(), "le chat", "un chat")
    edited(other.file(), "le chien", "un chien")
    third.sync()

    for _ in range(2):
        done = other.sync()
        says = ["was changed here and elsewhere; each has kept its own"]
        cures = ["`cards sync --mine french` keeps yours, `--theirs french` takes the other"]
        assert (says, cures) == ([told.says for told in done.told], [told.cure for told in done.told])
    assert "un chien" in other.file().read_text("utf-8")
    assert "un chat" in world.there().read_text("utf-8")

    other.sync(mine=("french",))
    third.sync()

    assert {"french/chat": "le chat", "french/chien": "un chien"} == other.fronts() == third.fronts()
    assert Travelled() == other.sync() == third.sync()


def test_what_was_put_over_ours_behind_our_back_does_not_come_in(world, tmp_path):
    """Two folders of one carrier: both devices sent, the carrier let one win. The loser still has its text."""
    mine, yours = world.make("mine", tmp_path / "m"), world.make("yours", tmp_path / "y")
    for home in (mine, yours):
        home.folder.mkdir()
    mine.take(written(mine.file(), FRENCH))
    mine.sync()
    shutil.copytree(mine.folder, yours.folder, dirs_exist_ok=True)
    yours.sync()
    edited(mine.file(), "le chat", "un chat")
    edited(yours.file(), "le chien", "un chien")
    mine.sync()
    yours.sync()
    shutil.copytree(yours.folder, mine.folder, dirs_exist_ok=True)  # the carrier takes the later one

    done = mine.sync()

    assert ["french"] == [told.deck for told in done.told]
    assert "un chat" in mine.file().read_text("utf-8")


def test_two_that_never_met_keep_their_own(world):
    """Nobody can say which is the newer."""
    one, other = world.make("one"), world.make("other")
    one.take(written(one.file(), FRENCH))
    other.take(written(other.file(), FRENCH.replace("the cat", "a cat")))
    one.sync()

    assert ["french"] == [told.deck for told in other.sync().told]
    assert "a cat" in other.file().read_text("utf-8")


def test_what_is_remembered_may_be_lost(world, two):
    """The lists in the folder still tell what follows from what."""
    _, other = two
    edited(other.file(), "le chien", "un chien")
    other.sync()
    (other.root / STATE).unlink()
    third = world.make("third")
    third.sync()
    edited(third.file(), "le chat", "un chat")
    third.sync()

    other.sync()

    assert {"french/chat": "un chat", "french/chien": "un chien"} == other.fronts()


def test_a_home_that_was_put_back_catches_up(world, two):
    """What it had sent before is in the folder, and its own list says that it follows what it has now."""
    _, other = two
    other.app.close()
    shutil.copytree(other.root, other.root.with_name("kept"))
    other = world.make("other")
    edited(other.file(), "le chien", "un chien")
    other.sync()
    other.app.close()
    shutil.rmtree(other.root)
    other.root.with_name("kept").rename(other.root)

    other = world.make("other")
    done = other.sync()

    assert (1, ()) == (len(done.taken), done.told)
    assert "un chien" == other.fronts()["french/chien"]


def test_a_file_that_is_being_edited_is_not_written(world, two):
    """It has a fault just now, so the store goes on with the text before; what comes must wait."""
    one, other = two
    edited(world.own / "french.yaml", "the cat", "a cat")
    one.sync()
    edited(other.file(), "le chien", "[le")
    before = other.file().read_bytes()

    done = other.sync()

    assert before == other.file().read_bytes()
    assert ["french"] == [told.deck for told in done.told]


def test_a_link_to_a_deck_stays_a_link(world, two):
    """People keep their decks where they like; what is taken on request goes into the file behind the link."""
    one, other = two
    (world.own / "french.yaml").rename(world.own / "real.yaml")
    (world.own / "french.yaml").symlink_to("real.yaml")
    edited(other.file(), "le chien", "un chien")
    other.sync()

    one.sync(theirs=("french",))

    assert (world.own / "french.yaml").is_symlink()
    assert "un chien" in (world.own / "real.yaml").read_text("utf-8")


def test_a_deck_whose_file_is_gone_gets_one_in_the_home_when_that_is_asked_for(world, two):
    """A drive that is not there today is no decision."""
    one, other = two
    (world.own / "french.yaml").rename(world.own / "away.txt")
    edited(other.file(), "le chien", "un chien")
    other.sync()
    assert "is gone" in one.sync().told[0].says

    one.sync(theirs=("french",))

    assert "un chien" == one.fronts()["french/chien"]
    assert "un chien" in one.file().read_text("utf-8")


# ---------------------------------------------------------------- half, by hand, by merge


@pytest.mark.parametrize("keep", [len(FRENCH) - 3, FRENCH.index("  - id: chien"), 40])
def test_half_a_file_does_not_come_in(world, two, keep):
    """A deck that is cut off at the end of a line may be a good deck with fewer cards."""
    _, other = two
    world.there().write_bytes(FRENCH.encode()[:keep])

    done = other.sync()

    assert 2 == len(other.fronts())
    assert FRENCH == other.file().read_text("utf-8")
    assert ["french"] == [told.deck for told in done.told]
    world.there().write_text(FRENCH, encoding="utf-8")
    assert () == other.sync().told


def test_a_new_deck_that_is_half_there_is_made_whole_by_the_rest(world, two):
    """Nothing is lost by the first half, and the device that took it vouches for nothing."""
    third = world.make("third")
    world.there().write_text(FRENCH[: FRENCH.index("  - id: chien")], encoding="utf-8")
    third.sync()
    assert 1 == len(third.fronts())
    assert [] == [path for path in world.folder.rglob(f"{third.app.device}.held.json") if "french" in path.read_text()]

    world.there().write_text(FRENCH, encoding="utf-8")
    third.sync()

    assert 2 == len(third.fronts())


def test_a_merge_by_the_carrier_comes_in_and_what_it_replaced_is_kept(world, two):
    """Git makes one text of two, which no device has ever seen; so does a person with an editor in the folder."""
    _, other = two
    edited(world.there(), "the cat", "a cat")

    done = other.sync()

    assert ["french"] == [change.deck.id for change in done.taken]
    assert "a cat" in other.file().read_text("utf-8")
    assert [FRENCH] == [path.read_text("utf-8") for path in (other.root / "decks" / ".replaced").iterdir()]


def test_a_merge_that_stays_is_taken_for_whole(world, two):
    """The next edit of it travels to everybody."""
    _, other = two
    third = world.make("third")
    third.sync()
    edited(world.there(), "the cat", "a cat")
    for home in (other, third, other, third):
        home.sync()
    edited(other.file(), "le chien", "un chien")
    other.sync()
    third.sync()

    assert "un chien" == third.fronts()["french/chien"]


# ---------------------------------------------------------------- hostile


def test_a_deck_with_faults_is_told_and_hinders_no_other(world, two):
    """One line, with the place."""
    _, other = two
    written(world.there("bad"), "deck: bad\ncards: [\n")
    written(world.there("spanish"), FRENCH.replace("deck: french", "deck: spanish"))

    done = other.sync()

    assert ["bad"] == [told.deck for told in done.told]
    assert "has faults in the folder: line" in done.told[0].says
    assert "spanish/chat" in other.fronts()


@pytest.mark.parametrize(
    "name",
    [
        "Evil.yaml",
        "-evil.yaml",
        ".evil.yaml",
        "evil.yaml.exe",
        "a b.yaml",
        "e" * 230 + ".yaml",
        "french.sync-conflict-20261129-101500-ABCDEFG.yaml",
        "french (conflicted copy).yaml",
        "french~.yaml",
    ],
)
def test_a_name_that_is_none_of_a_deck_is_nobodys_path(world, two, name):
    """Copies of carriers are not decks either."""
    _, other = two
    written(world.folder / "decks" / "x" / "evil.yaml", FRENCH.replace("deck: french", "deck: evil"))
    written(world.folder / "decks" / name, FRENCH.replace("deck: french", "deck: evil"))
    before = sorted(other.root.rglob("*"))

    assert Travelled() == other.sync()
    assert before == sorted(other.root.rglob("*"))


def test_a_file_that_says_it_is_another_deck_is_not_taken(world, two):
    """It would take the place of a deck that it is not."""
    _, other = two
    written(world.there("spanish"), FRENCH.replace("the cat", "owned"))

    done = other.sync()

    assert ["spanish"] == [told.deck for told in done.told]
    assert "owned" not in other.file().read_text("utf-8")
    assert not other.file("spanish").exists()


def test_links_in_the_folder_lead_nowhere(world, two, tmp_path):
    """Neither a file nor the folder of decks may be one; nothing outside is read or written."""
    _, other = two
    secret = written(tmp_path / "secret.yaml", FRENCH.replace("deck: french", "deck: secret"))
    world.there("secret").symlink_to(secret)
    done = other.sync()
    assert ["secret"] == [told.deck for told in done.told]
    assert not other.file("secret").exists()

    elsewhere = tmp_path / "elsewhere"
    (world.folder / "decks").rename(elsewhere)
    (world.folder / "decks").symlink_to(elsewhere)
    assert ["is no folder of its own"] == [told.says.partition("` ")[2][:23] for told in other.sync().told]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_the_folder_is_not_waited_for(world, two):
    """Whoever writes into the folder does not stop the sync."""
    os.mkfifo(world.there("pipe"))

    assert ["pipe"] == [told.deck for told in two[1].sync().told]


def test_a_list_that_was_lost_or_could_not_be_written_is_written_the_next_time(world, two):
    """Without it the others would take our next text for one that nobody vouches for."""
    _, other = two
    mine = world.there().parent / f"{other.app.device}.held.json"
    said = mine.read_bytes()
    mine.unlink()
    other.sync()
    lost = mine.read_bytes()
    mine.unlink()
    mine.mkdir()
    edited(other.file(), "le chien", "un chien")
    failed = other.sync()
    mine.rmdir()
    other.sync()

    assert said == lost
    assert ("french",) == failed.sent
    assert f"cannot write `{mine}`: Is a directory" in [told.says for told in failed.told]
    assert mine.read_bytes() not in {said, b""}


def test_a_folder_in_the_place_of_a_deck_hinders_no_other(world, two):
    """It is told, and so is one in the place of a list: nothing else is hindered."""
    world.there("strange").mkdir()
    (world.there("strange").parent / "desk-1111.held.json").mkdir()

    assert [("strange", "is no plain file in the folder")] == [told[:2] for told in two[1].sync().told]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"decks": []}',
        b'{"decks": {"french": 1}}',
        b'{"decks": {"french": [{}]}}',
        b"[" * 99_999,
    ],
)
def test_a_list_that_makes_no_sense_says_nothing(world, two, rubbish):
    """And what this device remembers may be rubbish as well."""
    _, other = two
    (world.folder / "decks" / "evil.held.json").write_bytes(rubbish)
    (other.root / STATE).write_bytes(rubbish)
    edited(other.file(), "the cat", "a cat")

    other.sync()

    assert 2 == len(other.fronts())


def test_trust_does_not_travel_and_a_change_takes_it_back(world):
    """What a deck would run is agreed to on each machine, and again where it changed."""
    code = """\
    deck: shell
    cards:
      - id: a
        front: List the files.
        answer: ls
        run:
          setup:
            - script: touch here
          checks:
            - exit_code: 0
    """
    one, other = world.make("one"), world.make("other")
    one.take(written(one.file("shell"), code))
    trusting.allow(one.app, trusting.subjects(one.app, "shell"))
    one.sync()
    other.sync()

    assert [] == unallowed(one)
    assert not (other.root / "trust.json").exists()
    assert ["shell/a"] == unallowed(other)
    trusting.allow(other.app, trusting.subjects(other.app, "shell"))
    edited(one.file("shell"), "touch here", "touch there")
    one.sync()
    other.sync()
    assert ["shell/a"] == unallowed(other)
    assert [] == [path for path in world.folder.rglob("*") if "trust" in path.name]


def unallowed(home: Home) -> list[str]:
    rows = home.app.store.all_rows(["shell"])
    return [*trusting.untrusted(home.app, [row.card for row in rows if row.card])]


# ---------------------------------------------------------------- pictures


PICTURES = FRENCH.replace("the cat", "the cat ![](french.media/cat.png)")


def test_pictures_travel_with_their_deck(world):
    """From beside the person's file into the home's folder, and back into no folder of the person's."""
    one, other = world.make("one"), world.make("other")
    one.take(written(world.own / "french.yaml", PICTURES))
    written(world.own / "french.media" / "cat.png", "cat")
    written(world.own / "french.media" / "unnamed.png", "also")
    written(world.own / "private.media" / "me.png", "no deck links there")

    assert 2 == one.sync().pictures_sent
    assert 2 == other.sync().pictures_taken
    assert "cat" == (other.root / "decks" / "french.media" / "cat.png").read_text()
    assert not (world.folder / "decks" / "private.media").exists()

    written(other.root / "decks" / "french.media" / "dog.png", "dog")
    assert 1 == other.sync().pictures_sent
    assert (0, 0) == one.sync()[2:4]
    assert not (world.own / "french.media" / "dog.png").exists()
    assert Travelled() == one.sync() == other.sync()


def test_a_picture_never_takes_the_place_of_another(world):
    """One that differs is told; each side keeps its own."""
    one, other = world.make("one"), world.make("other")
    one.take(written(world.own / "french.yaml", PICTURES))
    written(world.own / "french.media" / "cat.png", "cat")
    one.sync()
    written(other.root / "decks" / "french.media" / "cat.png", "another cat")

    done = other.sync()

    assert "another cat" == (other.root / "decks" / "french.media" / "cat.png").read_text()
    assert ["french"] == [told.deck for told in done.told]


def test_pictures_whose_names_some_system_takes_for_one_do_not_meet(world):
    """On a disk that knows no case, `Cat.png` would be put over `cat.png`."""
    one = world.make("one")
    one.take(written(world.own / "french.yaml", PICTURES))
    written(world.own / "french.media" / "cat.png", "cat")
    written(world.folder / "decks" / "french.media" / "CAT.png", "another cat")

    assert 0 == one.sync().pictures_sent


@pytest.mark.parametrize("name", ["a:b.png", "CON", "nul.png", "trailing.", ".hidden", " space"])
def test_a_picture_with_a_name_that_is_not_safe_everywhere_stays(world, two, name):
    """As with packages of Anki."""
    _, other = two
    written(world.there("cats"), PICTURES.replace("deck: french", "deck: cats").replace("french.media", "cats.media"))
    written(world.folder / "decks" / "cats.media" / name, "x")

    assert 0 == other.sync().pictures_taken


def test_links_among_pictures_lead_nowhere(world, two, tmp_path):
    """A picture is a file, a folder of pictures a folder."""
    _, other = two
    written(world.there("cats"), PICTURES.replace("deck: french", "deck: cats").replace("french.media", "cats.media"))
    secret = written(tmp_path / "secret.png", "secret")
    (world.folder / "decks" / "cats.media").mkdir()
    (world.folder / "decks" / "cats.media" / "cat.png").symlink_to(secret)
    outside = tmp_path / "outside"
    outside.mkdir()
    (other.root / "decks").mkdir(exist_ok=True)
    (other.root / "decks" / "cats.media").symlink_to(outside)
    written(world.folder / "decks" / "cats.media" / "dog.png", "dog")

    other.sync()

    assert [] == [*outside.iterdir()]


def test_a_large_picture_stays(world, monkeypatch):
    """Where the folder is carried by a phone's connection, a film is no picture."""
    from flashcards.sync import pictures

    monkeypatch.setattr(pictures, "MOST_BYTES", 3)
    one = world.make("one")
    one.take(written(world.own / "french.yaml", PICTURES))
    written(world.own / "french.media" / "cat.png", "cat")
    written(world.own / "french.media" / "film.mp4", "film")

    assert 1 == one.sync().pictures_sent


def test_history_goes_on_in_a_deck_that_came(world, two):
    """A card that was answered here keeps its history through the change of its text elsewhere."""
    one, other = two
    other.app.mark([CardId("french/chat")], "flag")
    edited(world.own / "french.yaml", "the cat", "a cat")
    one.sync()
    other.sync()

    row = other.app.card("french/chat")
    assert row.card is not None
    assert ("a cat", True) == (row.card.back, row.memory.flagged)
    assert json.loads((other.root / STATE).read_text())["folders"]["f1"]["french"]["known"]["sure"]
