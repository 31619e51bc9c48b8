"""Deck files changed at one place: every other byte stays, and what comes out is what was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import plain_cards, plain_decks

from flashcards.errors import BadRequest, CardsError, DeckProblems, NotFound
from flashcards.formats import splice
from flashcards.formats.emit import to_yaml
from flashcards.formats.plain import PlainDeck
from flashcards.formats.yaml import parse

STYLES = """\
# top
deck: x
cards:
  # about one
  - front: One # why
    back: |
      hello
        # in the block

  # two
  -
    front: Two
    back: b
    # behind two
  - {front: Three, back: c}
  - cloze: |
      a {{c1::b}} c

  - front: |
      Four
    # between
    back: x
# end
"""


def as_cards(data: bytes):
    """The cards of a file, wherever they stand in it."""
    deck, problems = parse(data, "deck.yaml")
    assert deck, problems
    return [card._replace(line=0) for card in deck.cards]


# ---------------------------------------------------------------- ids


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ids_are_written_as_lines_of_their_own(mark: bytes, newline: str) -> None:
    """In every style the id is one more line, or a word behind the brace; comments and blank lines stay."""
    data = mark + STYLES.replace("\n", newline).encode()

    written, count = splice.with_ids(data, "deck.yaml")

    assert 5 == count
    assert written.startswith(mark)
    lines = written.decode().removeprefix("\ufeff").split(newline)
    assert [
        "    id: one",
        "    id: two",
        "  - {id: three, front: Three, back: c}",
        "  - id: a-b-c",
        "    cloze: |",
        "    id: four",
    ] == [line for line in lines if line not in STYLES.split("\n")]
    assert as_cards(data) == as_cards(written)


def test_ids_are_written_once() -> None:
    """A second time there is nothing to write."""
    written, _ = splice.with_ids(STYLES.encode(), "deck.yaml")

    assert (written, 0) == splice.with_ids(written, "deck.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "deck: x\ncards:\n- front: a\n  back: b",
        "deck: x\ncards:\n- front: a b\n   goes on # and on\n  back: b\n",
        'deck: x\ncards:\n- front: "a\n\n    b"\n  back: b\n',
        "deck: x\ncards:\n-   front: a\n    back: b\n",
        "deck: x\ncards:\n- ? front\n  : a\n  back: b\n",
        "deck: x\ncards:\n- run:\n    checks:\n    - exit_code: 0\n  front: a\n  answer: b\n",
        "{deck: x, cards: [{front: a, back: b}, {\n front: c,\n back: d}]}",
        "deck: x\ncards: [\n  {front: a, back: b},\n]\n",
        "deck: x\ncards:\n- cloze: >+\n    a {{c1::b}}\n\n\ntitle: y\n",
        "---\ndeck: x\ncards:\n- front: |+\n    a\n\n  back: b\n...\n",
        "cards:\n- back: ü\n  front: 日本\n  tags: [a, b]\ndeck: x\n",
    ],
)
def test_ids_fit_into_any_yaml(text: str) -> None:
    """However the file is written, the ids are those that were derived, and nothing else is changed."""
    data = text.encode()
    edits = splice.id_edits(data, "deck.yaml")

    written, count = splice.with_ids(data, "deck.yaml")

    assert len(edits) == count > 0
    assert as_cards(data) == as_cards(written)
    assert data == _undone(written, edits)


def _undone(written: bytes, edits: list[splice.Edit]) -> bytes:
    text = written.decode().removeprefix("\ufeff")
    for edit in sorted(edits):  # what stood before it is taken out already
        assert text.startswith(edit.text, edit.start)
        text = text[: edit.start] + text[edit.start + len(edit.text) :]
    return ("\ufeff" if written.startswith(b"\xef\xbb\xbf") else "").encode() + text.encode()


@settings(max_examples=30)
@given(deck=plain_decks(), crlf=st.booleans(), bom=st.booleans(), cut=st.booleans())
def test_ids_of_any_deck_come_out_of_its_bytes_again(deck: PlainDeck, crlf: bool, bom: bool, cut: bool) -> None:
    """The same cards with the same ids; without what was put in, the file is what it was, byte for byte."""
    cards = [{k: v for k, v in card.items() if k not in {"id", "after"}} for card in deck.cards]
    text = to_yaml(deck._replace(cards=tuple(cards)))
    text = text.replace("\n", "\r\n") if crlf else text
    data = (b"\xef\xbb\xbf" if bom else b"") + (text.rstrip("\r\n") if cut else text).encode()
    if parse(data, "deck.yaml")[0] is None:
        return  # two cards with one front and one hash

    edits = splice.id_edits(data, "deck.yaml")
    written, count = splice.with_ids(data, "deck.yaml")

    assert len(cards) == count
    assert as_cards(data) == as_cards(written)
    assert data == _undone(written, edits)
    assert 0 == splice.with_ids(written, "deck.yaml")[1]


def test_a_file_with_errors_is_left_alone() -> None:
    """Its problems are told, all of them."""
    with pytest.raises(DeckProblems) as error:
        splice.with_ids(b"deck: x\ncards:\n- front: a\n- back: b\n", "deck.yaml")

    assert 2 == len(error.value.problems)


def test_a_card_without_braces_inside_brackets_is_told() -> None:
    """There is no place for an id; the cure is named."""
    with pytest.raises(CardsError, match="no braces"):
        splice.with_ids(b'deck: x\ncards: [cloze: "a {{c1::b}}"]\n', "deck.yaml")


# ---------------------------------------------------------------- a card more


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deck: x\ncards:\n- front: a\n  back: b\n", "- id: n\n  front: N\n  back: B\n"),
        ("deck: x\ncards:\n- front: a\n  back: b", "\n- id: n\n  front: N\n  back: B"),
        ("deck: x\ncards:\n    - front: a\n      back: b\n", "    - id: n\n      front: N\n      back: B\n"),
        ("deck: x\r\ncards:\r\n- front: a\r\n  back: b\r\n", "- id: n\r\n  front: N\r\n  back: B\r\n"),
        (
            "deck: x\ncards:\n- front: a\n  back: b\n\n- front: c\n  back: d\n",
            "\n- id: n\n  front: N\n  back: B\n",
        ),
        ("deck: x\ncards: [{front: a, back: b}]\n", ", {id: n, front: N, back: B}"),
        ("deck: x\ncards:\n- front: a\n  back: |\n    b\n\n\n", "- id: n\n  front: N\n  back: B\n"),
        ("deck: x\ncards:\n- front: a\n  back: |+\n    b\n\n\n", "- id: n\n  front: N\n  back: B\n"),
        ("deck: x\ncards:\n- front: a\n  back: b\n  # of a\n# end\n", "- id: n\n  front: N\n  back: B\n"),
        ("cards:\n- front: a\n  back: b\ndeck: x\n", "- id: n\n  front: N\n  back: B\n"),
    ],
)
def test_a_card_is_appended_in_the_style_of_the_file(text: str, expected: str) -> None:
    """At the end of `cards:`, with its indentation, line ends and blank lines; nothing else changes."""
    made = splice.with_card(text.encode(), "deck.yaml", {"id": "n", "front": "N", "back": "B"}).decode()

    assert expected in made
    assert text == made.replace(expected, "", 1)


@settings(max_examples=20)
@given(deck=plain_decks(), card=plain_cards())
def test_any_card_can_be_appended_to_any_deck(deck: PlainDeck, card: dict[str, object]) -> None:
    """The cards that were there are the same, and the new one reads as it was meant."""
    data, new = to_yaml(deck).encode(), {"id": "brand-new-one", **card}

    made = splice.with_card(data, "deck.yaml", new)

    alone = to_yaml(deck._replace(cards=(new,))).encode()
    assert [*as_cards(data), *as_cards(alone)] == as_cards(made)


def test_an_id_is_not_given_twice() -> None:
    """A card of that name is there already."""
    with pytest.raises(BadRequest, match="has a card `a`"):
        splice.with_card(
            b"deck: x\ncards:\n- front: a\n  back: b\n", "deck.yaml", {"id": "a", "front": "N", "back": "B"}
        )


# ---------------------------------------------------------------- a card less


@settings(max_examples=20)
@given(deck=plain_decks(), data=st.data())
def test_a_card_that_is_cut_out_and_put_back_is_the_same(deck: PlainDeck, data: st.DataObject) -> None:
    """The others stay as they are; what was cut is put at the end again, unchanged."""
    cards = [{k: v for k, v in card.items() if k != "after"} for card in deck.cards]
    if len(cards) < 2:
        return
    before = to_yaml(deck._replace(cards=tuple(cards))).encode()
    name = data.draw(st.sampled_from([card["id"] for card in cards]))

    cut = splice.without_card(before, "deck.yaml", name)
    back = splice.with_card_text(cut.data, "deck.yaml", cut.block, cut.card)

    moved = [card for card in as_cards(before) if card.note == f"{deck.id}/{name}"]
    rest = [card for card in as_cards(before) if card.note != f"{deck.id}/{name}"]
    assert rest == as_cards(cut.data)
    assert [*rest, *moved] == as_cards(back)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_go_with_their_card(newline: str) -> None:
    """Those right above it and those inside it; the others stay."""
    data = STYLES.replace("\n", newline).encode()

    cut = splice.without_card(data, "deck.yaml", "two")

    gone = "  # two\n  -\n    front: Two\n    back: b\n    # behind two\n".replace("\n", newline)
    assert data.decode().replace(gone, "") == cut.data.decode()
    assert gone.rstrip() == cut.block


def test_a_card_that_others_wait_for_stays() -> None:
    """A deck in which `after` names nobody would not be a good one."""
    text = b"deck: x\ncards:\n- id: a\n  front: a\n  back: b\n- front: c\n  back: d\n  after: [a]\n"
    with pytest.raises(CardsError, match="`after` names `a`"):
        splice.without_card(text, "deck.yaml", "a")


def test_the_only_card_of_a_deck_stays() -> None:
    """And a name that is not there is told."""
    text = b"deck: x\ncards:\n- id: a\n  front: a\n  back: b\n"
    with pytest.raises(BadRequest, match="only card"):
        splice.without_card(text, "deck.yaml", "a")
    with pytest.raises(NotFound):
        splice.without_card(text, "deck.yaml", "b")


@pytest.mark.parametrize(
    ("block", "card", "expected"),
    [
        ("- front: a\n  back: b", {"id": "a"}, "  - front: a\n    id: a\n    was: [x/a]\n    back: b\n"),
        ("- id: a\n  front: a\n  back: b", {"id": "a"}, "  - id: a\n    was: [x/a]\n    front: a\n    back: b\n"),
        (
            "- id: a\n  was: [old]\n  front: a\n  back: b",
            {"id": "a", "was": ["old"]},
            "  - id: a\n    was: [x/a, x/old]\n    front: a\n    back: b\n",
        ),
    ],
)
def test_a_card_that_moves_says_where_it_was(block: str, card: dict[str, object], expected: str) -> None:
    """Its id is written out, older names keep the deck they were in."""
    assert expected == splice.with_was(block, "x", card)[0]
