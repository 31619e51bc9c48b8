"""Decks written as YAML: whatever a text holds, the reader gives it back; and people can read it."""

import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import deck_texts, plain_decks

from flashcards.errors import DeckProblems
from flashcards.formats.composer import CONTROL
from flashcards.formats.emit import to_yaml
from flashcards.formats.plain import PlainDeck
from flashcards.formats.plain_yaml import plain
from flashcards.formats.yaml import parse
from flashcards.model import Deck
from flashcards.places import bundled_deck, bundled_names


def read(text: str) -> Deck:
    """The deck, which has no problems; the lines of its cards aside."""
    deck, problems = parse(text.encode(), "deck.yaml")
    assert [] == problems, text
    assert deck is not None
    return deck._replace(cards=tuple(card._replace(line=0) for card in deck.cards))


def front(text: str) -> PlainDeck:
    return PlainDeck(id="d", cards=({"front": text, "back": "b"},))


def test_a_deck_reads_like_one_that_a_person_wrote():
    """Words are bare, sentences too where YAML allows it, several lines are a block, the keys have their order."""
    cards = (
        {
            "back": "It says:\n\n  no such file\n",
            "answer": "python3 -m venv venv",
            "front": "Make it: how?",
            "id": "create",
            "accept": ["py -m venv venv", "virtualenv venv"],
            "explain": {"-m": "a module", "#": "a comment"},
            "tags": ["command", "python"],
            "rev": 2,
            "run": {
                "needs": ["python3"],
                "setup": [{"file": "a", "content": "x\n  y\n", "mode": "0755"}],
                "checks": [{"is_venv": "venv", "msg": "no venv"}, {"not": {"absent": ["a b", "c"]}}],
            },
        },
        {"front": "  indented\nfirst", "back": "3.10"},
    )

    assert (
        to_yaml(PlainDeck(id="venv", title="Environments", tags=("python",), cards=cards), "Made by hand\nor not")
        == r"""# Made by hand
# or not
deck: venv
title: Environments
tags: [python]
cards:
  - id: create
    front: "Make it: how?"
    answer: python3 -m venv venv
    accept:
      - py -m venv venv
      - virtualenv venv
    back: "It says:\n\n  no such file\n"
    explain:
      -m: a module
      "#": a comment
    tags: [command, python]
    run:
      needs: [python3]
      setup:
        - file: a
          content: |
            x
              y
          mode: 0755
      checks:
        - is_venv: venv
          msg: no venv
        - not:
            absent:
              - a b
              - c
    rev: 2
  - front: |2
        indented
      first
    back: 3.10
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "no", "3.10", "0777", "12:30", "~", "null", "-la", "--all", "- x", "-", "---", "...", "? x", "a: b", "a:", ":a",
        "a #b", "#a", "a\t#b", "[ -f x ]", "{ x; }", "!x", "*x", "&x", "%x", "@x", "`x`", "|", ">", "'", '"', "it's \"so\"",
        "\\d", " a", "a ", "a\n", "a\n\n", "\na", "\n\n  a", "a\n  b\n c", "\ta\nb", "a\n\tb", "a\n  \nb", "a\n  ", "x\u2028y",
        "\xa0", "a\xa0", "é", "日本: x", "😀", "=", "<<", "a, b", "x: |", "a\n#b", "a\n--- b\n... c", "\u3000x\ny",
    ],
)  # fmt: skip
def test_no_text_is_bent(text: str):
    """What YAML takes for something else comes back as it was, as a value, in a list and as a key."""
    deck = PlainDeck(
        id="d",
        cards=({"front": "f" + text, "answer": text, "accept": [text, "b"], "explain": {text: text}},),
    )
    if not text.strip():
        deck = front("f" + text)
    (card,) = read(to_yaml(deck)).cards

    assert "f" + text == card.front
    if text.strip():
        assert ({"": text}, {"": (text, "b")}, ((text, text),)) == (card.answer, card.accept, card.explain)


@given(st.text(st.characters(codec="utf-8").filter(lambda c: not CONTROL.match(c)), min_size=1) | deck_texts)
@example("a\n")
@settings(max_examples=200)
def test_every_text_that_a_card_may_hold_survives(text: str):
    """Behind a letter, so that it is never empty; as a text, and where the last newline counts."""
    files = {"file": "x", "content": text}
    run = {"setup": [files], "checks": [{"file_equals": {"x": text}}, {"stdout": {"equals": text}}]}
    cards = ({"front": "f", "answer": f"x{text}", "back": f"{text}x", "explain": {f"{text}x": f"x{text}"}, "run": run},)
    (card,) = read(to_yaml(PlainDeck(id="d", cards=cards))).cards

    assert ({"": f"x{text}"}, f"{text}x", ((f"{text}x", f"x{text}"),)) == (card.answer, card.back, card.explain)
    assert {**run, "setup": [files]} == card.run


@given(plain_decks())
@settings(max_examples=60)
def test_a_deck_that_is_read_as_plain_data_is_the_same_deck(deck: PlainDeck):
    """From mappings to YAML, back to mappings, to YAML again: one deck, one text."""
    text = to_yaml(deck)
    again = plain(text.encode())

    assert read(text) == read(to_yaml(again))
    assert text == to_yaml(again)


@pytest.mark.parametrize("name", bundled_names())
def test_the_decks_that_came_along_survive(name: str):
    """As the deck that the file is, apart from the lines where the cards stand."""
    data = Path(bundled_deck(name)).read_bytes()

    assert read(data.decode()) == read(to_yaml(plain(data)))


@pytest.mark.parametrize("style", ["|", "|-", "|+", ">", '"x\\n"', "'x'"])
def test_the_newline_of_a_block_is_not_of_the_text(style: str):
    """Whichever way the texts of a file were quoted, they are the same afterwards."""
    block = f"{style}\n      x\n" if style[0] in "|>" else f"{style}\n"
    content = block.replace("\n      x", "\n            x")
    text = (
        f"deck: d\ncards:\n  - front: f\n    answer: {block}    explain:\n      content: {block.replace('      x', '        x')}"
        f"    run:\n      setup:\n        - file: x\n          content: {content}"
        f"      checks:\n        - file_matches:\n            content: {content.replace('   x', '     x')}"
    )

    assert read(text) == read(to_yaml(plain(text.encode())))


@pytest.mark.parametrize("data", [b"", b"- a\n", b"a: [\n", b"deck: &x d\n"])
def test_what_is_no_deck_is_refused(data: bytes):
    """An error that names the file, never a traceback."""
    with pytest.raises(DeckProblems, match=r"`deck\.yaml` is no deck"):
        plain(data)


def test_a_comment_cannot_become_anything_else():
    """A file's name in the header stays on its line."""
    assert to_yaml(front("f"), "from a\u2028b\x1b.csv").startswith("# from a\ndeck") is False
    assert read(to_yaml(front("f"), "from a\x85deck: evil\x1b[31m"))


def test_ten_thousand_cards_are_written_in_a_blink():
    """0.4 s is the aim; a busy machine gets more."""
    cards = tuple(
        {
            "id": f"c{n}",
            "front": f"What is {n}?",
            "answer": f"echo {n} | cat: no",
            "back": f"It is\n{n}",
            "tags": ["a", "b"],
        }
        for n in range(10_000)
    )
    started = time.process_time()
    to_yaml(PlainDeck(id="d", cards=cards))

    assert time.process_time() - started < 1.2
