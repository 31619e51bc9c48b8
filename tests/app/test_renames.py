"""Identity under change: other ids, other decks, other meanings, reworded cards; no history is lost, none is guessed."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from app.test_library import look
from homes import places
from strategies import a_review, event_id

from flashcards import clock
from flashcards.app import App, library
from flashcards.app.library import DeckChange, Reading
from flashcards.model import Card, CardId, Mark, Memory
from flashcards.store import Store

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
BUNDLED = sorted(Path(__file__).parents[2].joinpath("decks").glob("*.yaml"))

DeckFile = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(tmp_path / "home" / "cards.db")
    yield store
    store.close()


def take_in(store: Store, *paths: Path) -> list[DeckChange]:
    readings = library.read_all(store, paths)
    assert [()] * len(paths) == [reading.problems for reading in readings]
    changes = [reading.change for reading in readings if reading.change]
    library.take(store, changes)
    return changes


def refused(store: Store, *paths: Path) -> list[str]:
    return [problem.message for reading in library.read_all(store, paths) for problem in reading.problems]


def card(name: str, front: str = "", *lines: str) -> str:
    return f"  - id: {name}\n    front: {front or name}?\n    back: b\n" + "".join(f"    {one}\n" for one in lines)


def deck(name: str, *cards: str, was: str = "") -> str:
    return f"deck: {name}\n" + (f"was: {was}\n" if was else "") + "cards:\n" + "".join(cards)


def learnt(store: Store, *cards: str) -> list[Memory]:
    """One review each; what is known then."""
    store.append(
        [a_review(n, MONDAY, card=CardId(one), id=event_id(n + hash_of(one))) for n, one in enumerate(cards, 1)]
    )
    return [store.memory(CardId(one)) for one in cards]


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode()[-6:], "big") << 16


def same(one: Memory, other: Memory) -> bool:
    """Equal but for the name and the last event."""
    return one._replace(card=CardId(""), order=("", "")) == other._replace(card=CardId(""), order=("", ""))


def marks(store: Store) -> list[tuple[str, str, str | None]]:
    return [(e.mark, e.card, e.value) for e in store.events() if isinstance(e, Mark)]


# ---------------------------------------------------------------- was


def test_a_renamed_card_keeps_its_history_under_both_names(store, deck_file):
    """`was` carries it over; the old name leads to the new one; the same file again writes nothing."""
    path = deck_file(deck("d", card("old")))
    take_in(store, path)
    (known,) = learnt(store, "d/old")
    deck_file(deck("d", card("new", "", "was: old")))
    (change,) = take_in(store, path)
    row, log = store.card(CardId("d/old")), list(store.events())
    (again,) = take_in(store, path)

    assert [("renamed", "d/new")] == [(one.kind, one.card) for one in change.changes]
    assert ("d/new", False, True) == (row.card.id, row.retired, same(known, row.memory))
    assert ["d/new"] == store.find("old")
    assert ["d/new"] == [row.memory.card for row in store.all_rows()]
    assert log == list(store.events(CardId("d/new")))
    assert (True, log) == (again.unchanged, list(store.events()))


def test_a_history_that_comes_later_finds_its_way(store, deck_file):
    """The mark is written although nobody knows the old id; a log imported afterwards counts for the new one."""
    take_in(store, deck_file(deck("d", card("new", "", "was: [old, c/older]"))))
    learnt(store, "d/old", "c/older")

    assert 1 == store.memory(CardId("d/new")).reviews
    assert 2 == len([e for e in store.events(CardId("d/new")) if not isinstance(e, Mark)])
    assert store.memory(CardId("d/new")).state


def test_a_renamed_deck_keeps_everything(store, deck_file):
    """Every card, those with a suffix too, and one that was renamed with it; the old deck is gone."""
    old = deck("old", card("a", "", "reverse: Back?"), card("b"), "  - {id: z, cloze: 'a {{c1::gap}}'}\n")
    path = deck_file(old)
    take_in(store, path)
    known = learnt(store, "old/a", "old/a~reverse", "old/b", "old/z~c1")
    deck_file(old.replace("deck: old\n", "deck: new\nwas: old\n").replace("id: b\n", "id: bb\n    was: b\n"))
    take_in(store, path)
    now = [store.memory(CardId(one)) for one in ("new/a", "new/a~reverse", "new/bb", "new/z~c1")]

    assert all(map(same, known, now))
    assert ["new"] == [source.deck for source in store.decks()]
    assert 4 == len(list(store.all_rows()))


def test_an_edit_that_renames_the_deck_is_noticed_before_a_review(store, deck_file):
    """The file is the same one, so nothing has to be said."""
    path = deck_file(deck("old", card("a")))
    take_in(store, path)
    (known,) = learnt(store, "old/a")
    deck_file(deck("new", card("a"), was="old"))
    (reading,) = look(store)

    assert ["new"] == [source.deck for source in store.decks()]
    assert reading.change
    assert same(known, store.memory(CardId("new/a")))


def test_a_card_moves_to_another_deck_when_both_are_taken_in(store, deck_file):
    """With only the deck that gains it, the card would be there twice: refused with the line."""
    one, two = deck_file(deck("one", card("a"), card("b")), "1.yaml"), deck_file(deck("two", card("c")), "2.yaml")
    take_in(store, one, two)
    (known,) = learnt(store, "one/a")
    deck_file(deck("two", card("c"), card("a", "", "was: one/a")), "2.yaml")
    alone = library.read_all(store, [two])[0].problems
    deck_file(deck("one", card("b")), "1.yaml")
    take_in(store, two, one)

    assert [(str(two), 6)] == [(problem.path, problem.line) for problem in alone]
    assert "`one/a`" in alone[0].message
    assert alone[0].hint
    assert same(known, store.memory(CardId("two/a")))


def test_both_sides_of_a_move_are_noticed_before_a_review(store, deck_file):
    """Whichever file is looked at first."""
    one, two = deck_file(deck("one", card("a"), card("b")), "1.yaml"), deck_file(deck("two", card("c")), "2.yaml")
    take_in(store, two, one)
    (known,) = learnt(store, "one/a")
    deck_file(deck("two", card("c"), card("a", "", "was: one/a")), "2.yaml")
    deck_file(deck("one", card("b")), "1.yaml")
    look(store)

    assert same(known, store.memory(CardId("two/a")))


def test_a_rename_there_and_back_leads_home(store, deck_file):
    """With `was` on the way back or, as when the edit is taken back, without; and there once more."""
    first, second = deck("d", card("a")), deck("d", card("b", "", "was: a"))
    path = deck_file(first)
    take_in(store, path)
    (known,) = learnt(store, "d/a")
    for text, name in ((second, "d/b"), (first, "d/a"), (second, "d/b"), (deck("d", card("a", "", "was: b")), "d/a")):
        deck_file(text)
        take_in(store, path)

        assert same(known, store.memory(CardId(name)))
        assert [name] == [row.memory.card for row in store.all_rows()]


def test_a_new_card_cannot_take_an_id_whose_history_went_on(store, deck_file):
    """Its answers would count for the other card."""
    path = deck_file(deck("d", card("a")))
    take_in(store, path)
    deck_file(deck("d", card("b", "", "was: a")))
    take_in(store, path)
    deck_file(deck("d", card("b"), card("a", "Something else")))

    assert ["the history of `d/a` belongs to `d/b`, which is still there"] == refused(store, path)


def test_two_cards_cannot_claim_one_history(store, deck_file):
    """Neither within a deck nor between two."""
    within = deck_file(deck("d", card("a", "", "was: x"), card("b", "", "was: d/x")))
    first = deck_file(deck("e", card("a", "", "was: c/x")), "e.yaml")
    take_in(store, first)
    second = deck_file(deck("f", card("a", "", "was: c/x")), "f.yaml")

    assert ["card `b`: `was` names `d/x`, as the card on line 3 does"] == refused(store, within)
    assert ["the history of `c/x` belongs to `e/a`, which is still there"] == refused(store, second)


def test_a_deck_that_another_file_has_is_no_former_name(store, deck_file):
    """Both would ask the same cards."""
    take_in(store, deck_file(deck("old", card("a")), "old.yaml"))
    new = deck_file(deck("new", card("a"), was="old"), "new.yaml")

    assert 1 == len(refused(store, new))


def test_one_undo_takes_all_renames_of_an_import_back(tmp_path, home, deck_file):
    """The old ids have their histories again; the same file, imported again, writes the marks anew and says so."""
    app = App(places(tmp_path))
    path = deck_file(deck("d", card("a"), card("b")))
    take_in(app.store, path)
    known = learnt(app.store, "d/a", "d/b")
    text = deck("d", card("aa", "", "was: a", "rev: 2"), card("bb", "", "was: b"))
    deck_file(text)
    take_in(app.store, path)
    taken_back = app.undo()
    between = [app.store.memory(CardId(one)) for one in ("d/a", "d/b")]
    (change,) = take_in(app.store, path)
    (again,) = take_in(app.store, path)

    assert (3, [("renamed", "d/aa"), ("renamed", "d/bb")]) == (len(taken_back), [one[1::-1] for one in change.changes])
    assert (True, ()) == (again.unchanged, again.changes)
    assert known == between
    assert same(known[1], app.store.memory(CardId("d/bb")))
    app.close()


# ---------------------------------------------------------------- rev


def test_another_revision_starts_anew_once(store, deck_file):
    """The log keeps the old answers; what is answered at the new revision is not reset again."""
    path = deck_file(deck("d", card("a")))
    take_in(store, path)
    learnt(store, "d/a")
    deck_file(deck("d", card("a", "Other", "rev: 2")))
    take_in(store, path)
    anew = store.memory(CardId("d/a"))
    later = clock.now() + timedelta(days=1)
    store.append([a_review(9, TUESDAY, card=CardId("d/a"))._replace(at=later, day=later.date())])
    deck_file(deck("d", card("a", "Another text", "rev: 2")))
    take_in(store, path)

    assert (None, 2) == (anew.state, anew.rev)
    assert store.memory(CardId("d/a")).state
    assert [("reset", "d/a", "2")] == marks(store)
    assert 3 == len(list(store.events(CardId("d/a"))))


def test_two_devices_that_notice_a_revision_agree(tmp_path, deck_file):
    """Each resets when it sees it; together the first of them counts, and no answer given since is lost."""
    path = deck_file(deck("d", card("a", "", "rev: 2", "was: old")))
    here, there = Store(tmp_path / "1.db"), Store(tmp_path / "2.db")
    take_in(here, path)
    learnt(here, "d/old")
    later = clock.now() + timedelta(hours=1)
    here.append([a_review(9, MONDAY, card=CardId("d/a"))._replace(at=later, day=later.date())])
    take_in(there, path)
    there.append(here.events())
    here.append(there.events())

    assert here.memory(CardId("d/a")) == there.memory(CardId("d/a"))
    assert here.memory(CardId("d/a")).state
    here.close()
    there.close()


# ---------------------------------------------------------------- reworded


def test_a_reworded_card_is_proposed_and_nothing_is_done(store, deck_file):
    """Also later, from a file that does not change any more; what is accepted has the history."""
    path = deck_file("deck: d\ncards:\n  - {front: How do you list files?, answer: ls}\n  - {front: Other?, back: b}\n")
    take_in(store, path)
    (known,) = learnt(store, "d/how-do-you-list-files")
    deck_file("deck: d\ncards:\n  - {front: How does one list files?, answer: ls}\n  - {front: Other?, back: b}\n")
    (change,) = take_in(store, path)
    before = marks(store)
    (again,) = take_in(store, path)
    library.take(store, [again.accepting(again.proposals)])
    (third,) = take_in(store, path)

    assert (change.proposals, True) == (again.proposals, again.unchanged)
    (proposal,) = change.proposals
    assert (proposal.old, proposal.card) == ("d/how-do-you-list-files", "d/how-does-one-list-files")
    assert (60 <= proposal.percent < 100, []) == (True, before)
    assert same(known, store.memory(CardId("d/how-does-one-list-files")))
    assert () == third.proposals


def test_a_card_that_did_not_change_keeps_its_history_when_another_is_written_like_it(store, deck_file):
    """Its id was made of its front and gets a hash while there are two of them; nobody has to be asked."""
    hi, like, gap = "  - {front: Hi, back: a}\n", "  - {front: Hi!, back: b}\n", "  - cloze: x {{c1::y}}\n"
    take_in(store, deck_file(f"deck: d\ncards:\n{hi}{gap}"))
    known, gaps = learnt(store, "d/hi", "d/x-c1-y~c1")
    (with_two,) = take_in(store, deck_file(f"deck: d\ncards:\n{hi}{gap}{like}{gap.replace('x', 'x,')}"))
    now = {change.card.partition("~")[0]: change.kind for change in with_two.changes}
    memories = [store.memory(CardId(card)) for card in ("d/hi-3639ef", "d/x-c1-y~c1")]
    (with_one,) = take_in(store, deck_file(f"deck: d\ncards:\n{hi}{gap}"))

    assert ((), "renamed", "new") == (with_two.proposals, now["d/hi-3639ef"], now["d/hi-ca51ce"])
    assert [True, True] == [same(one, other) for one, other in zip((known, gaps), memories, strict=True)]
    assert ((), True) == (with_one.proposals, same(known, store.memory(CardId("d/hi"))))


def test_the_most_similar_are_matched_and_strangers_are_not(store, deck_file):
    """One to one; a card without history, or one that is known already, is no part of it."""
    path = deck_file(deck("d", card("a1", "How to list all files"), card("b1", "How to remove a branch"), card("c1")))
    take_in(store, path)
    learnt(store, "d/a1", "d/b1")
    new = card("a2", "How to list files"), card("b2", "How to remove the branch"), card("x", "Quite different text")
    deck_file(deck("d", *new))
    (reading,) = library.read_all(store, [path])

    assert {("d/a2", "d/a1"), ("d/b2", "d/b1")} == {(p.card, p.old) for p in reading.change.proposals}


def test_a_reworded_cloze_is_one_question(store, deck_file):
    """All of its gaps go together."""
    path = deck_file("deck: d\ncards:\n  - {cloze: 'A {{c1::venv}} lies in {{c2::a folder}}'}\n")
    take_in(store, path)
    learnt(store, *store.deck_cards("d"))
    deck_file("deck: d\ncards:\n  - {cloze: 'A {{c1::venv}} lives in {{c2::a folder}}'}\n")
    (reading,) = library.read_all(store, [path])
    (proposal,) = reading.change.proposals

    assert 2 == len(proposal.renames)


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_every_text_of_every_card_may_change(path, store, deck_file):
    """Each text of each card of a deck that came along is edited, their order is turned, the file is elsewhere.

    The memories are the same, and twice is nothing new.
    """
    mine = deck_file(path.read_text(encoding="utf-8"), path.name)
    (first,) = take_in(store, mine)
    known = learnt(store, *(one.id for one in first.deck.cards))
    content = yaml.load(mine.read_bytes(), yaml.CBaseLoader)
    content |= {"title": "Edited", "tags": ["edited"], "cards": [_edited(one) for one in reversed(content["cards"])]}
    mine.unlink()
    (mine.parent / "elsewhere").mkdir()
    moved = deck_file(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True), "elsewhere/new.yaml")
    (second,) = take_in(store, moved)
    (third,) = take_in(store, moved)

    assert ({"changed"}, str(mine)) == ({one.kind for one in second.changes}, second.moved_from)
    assert {one.card for one in known} == {one.card for one in second.changes} == {c.id for c in second.deck.cards}
    assert known == [store.memory(one.card) for one in known]
    assert (True, (), "") == (third.unchanged, third.changes, third.moved_from)
    before, after = ({c.id: c for c in deck.cards} for deck in (first.deck, second.deck))
    assert [] == [(name, field) for name in before for field in TEXTS if _stayed(before[name], after[name], field)]


TEXTS = ("front", "back", "answer", "accept", "wrong", "explain", "tags", "run")


def _stayed(before: Card, after: Card, field: str) -> bool:
    """Whether a card has a text that was not edited."""
    return bool(getattr(before, field)) and getattr(before, field) == getattr(after, field)


def _edited(one: dict[str, object]) -> dict[str, object]:
    """The card with every text in it changed, also those inside gaps and what a check says."""
    edited = dict(one)
    for name in ("front", "back", "reverse"):
        if name in one:
            edited[name] = f"{one[name]} Edited."
    if "cloze" in one:
        edited["cloze"] = re.sub(r"{{c(\d+)::", r"{{c\1::edited ", f"{one['cloze']} Edited.")
    for name in ("answer", "accept", "wrong"):
        if name in one:
            edited[name] = _with_comment(one[name])
    if "explain" in one:
        parts = one["explain"] if isinstance(one["explain"], list) else [one["explain"]]
        edited["explain"] = [{word: f"{text} Edited." for word, text in part.items()} for part in parts]
    if "run" in one:
        edited["run"] = _said_otherwise(one["run"])
    edited["tags"] = ["edited"]
    return edited


def _said_otherwise(run: object) -> object:
    """The texts that a run shows."""
    if isinstance(run, list):
        return [_said_otherwise(inner) for inner in run]
    if isinstance(run, dict):
        texts = ("say", "msg", "content")
        return {n: f"{inner} Edited." if n in texts else _said_otherwise(inner) for n, inner in run.items()}
    return run


def _with_comment(value: object) -> object:
    if isinstance(value, dict):
        return {name: _with_comment(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_comment(inner) for inner in value]
    return f"{value}  # edited"


def test_a_file_moved_and_renamed_keeps_history(store, deck_file):
    """Another folder, another name, the same text."""
    path = deck_file(deck("d", card("a")))
    take_in(store, path)
    known = learnt(store, "d/a")
    moved = deck_file(path.read_text(), "sub/other.yaml") if path.parent.joinpath("sub").mkdir() is None else path
    path.unlink()
    (change,) = take_in(store, moved)

    assert ((), str(path)) == (change.changes, change.moved_from)
    assert known == [store.memory(CardId("d/a"))]


def test_a_deck_in_memory_is_read_before_its_file_is_there(store, tmp_path):
    """What comes from elsewhere is compared first and written afterwards."""
    reading: Reading = library.read_data(store, tmp_path / "new.yaml", deck("d", card("a")).encode())

    assert reading.change
    assert 1 == reading.change.count("new")
