"""What a deck file means: cards, their texts, the cards that are made from them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.formats.composer import CONTROL
from flashcards.formats.yaml import parse
from flashcards.model import Card, Deck


def deck(text: str) -> Deck:
    found, problems = parse(text.encode(), "deck.yaml")
    assert problems == []
    assert found is not None
    return found


def card(body: str) -> Card:
    """The first card of a deck with this one card, whose keys are the lines of `body`."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return deck(f"deck: d\ncards:\n  -\n{lines}\n").cards[0]


FULL = """\
deck: venv
title: Python virtual environments
tags: [python]
was: [virtualenv]
cards:
  - id: why
    front: Why a virtual environment?
    back: So that projects do not share packages.
  - id: create
    front: Create a virtual environment in the directory `venv`.
    answer: {posix: python3 -m venv venv, windows: py -m venv venv}
    accept: [python -m venv venv]
    wrong: python3 -m venv env
    back: The second `venv` is only a name.
    explain:
      - python3: the interpreter
      - venv: the module
      - [venv, the folder]
    reverse: What does `python3 -m venv venv` do?
    after: [why, git/clone]
    platform: [linux, macos]
    tags: command, python
    was: make
    rev: 2
    run:
      shell: bash
      needs: [python3]
      timeout: 1m
      setup: [{file: a/b, content: "", mode: 0755}]
      checks:
        - is_venv: venv
          msg: there is no venv
        - any: [{absent: x}, {not: {stdout: {contains: "no"}}}]
      hints: [{when: {answer: '^sh ', exit_code: 1}, say: another shell}]
"""


def test_a_full_card_is_read() -> None:
    """Every key of a card ends up in its place, as text."""
    made = deck(FULL).cards[1]

    expected = Card(
        id="venv/create",
        deck="venv",
        note="venv/create",
        kind="typed",
        front="Create a virtual environment in the directory `venv`.",
        back="The second `venv` is only a name.",
        answer={"posix": "python3 -m venv venv", "windows": "py -m venv venv"},
        accept={"": ("python -m venv venv",)},
        wrong={"": ("python3 -m venv env",)},
        explain=(("python3", "the interpreter"), ("venv", "the module"), ("venv", "the folder")),
        tags=("python", "command"),
        after=("venv/why", "git/clone"),
        platform=("linux", "macos"),
        run={
            "shells": ["bash"],
            "needs": ["python3"],
            "timeout": 60,
            "setup": [{"file": "a/b", "content": "", "mode": "0755"}],
            "checks": [
                {"is_venv": ["venv"], "msg": "there is no venv"},
                {"any": [{"absent": ["x"]}, {"not": {"stdout": {"contains": ["no"]}}}]},
            ],
            "hints": [{"when": {"answer": "^sh ", "exit_code": [1]}, "say": "another shell"}],
        },
        rev=2,
        was=("make",),
        line=9,
    )
    assert expected == made


def test_a_deck_is_read() -> None:
    """The keys of the deck itself, and its cards in the order of the file."""
    found = deck(FULL)

    assert (
        Deck(
            id="venv",
            title="Python virtual environments",
            tags=("python",),
            was=("virtualenv",),
            cards=found.cards,
            path="deck.yaml",
        )
        == found
    )
    assert ["venv/why", "venv/create", "venv/create~reverse"] == [each.id for each in found.cards]


def test_what_is_read_of_run_is_plain_json() -> None:
    """A `run` block survives the store, which keeps it as JSON."""
    run = deck(FULL).cards[1].run

    assert run == json.loads(json.dumps(run))


def test_a_reverse_card_turns_the_card_round() -> None:
    """It asks the other text, shows the front and what is said of the command, and shares note, tags, platform and `after`."""
    create, reverse = deck(FULL).cards[1:]

    assert (
        create._replace(
            id="venv/create~reverse",
            kind="reverse",
            front="What does `python3 -m venv venv` do?",
            back=f"{create.front}\n\nThe second `venv` is only a name.",
            answer={},
            accept={},
            wrong={},
            run=None,
            was=("make~reverse",),
        )
        == reverse
    )


def test_a_reverse_card_without_an_answer_shows_the_front() -> None:
    """A card that is only shown is turned round as a whole."""
    found = deck(
        "deck: d\ncards:\n  - {id: a, front: Capital of Italy?, back: Rome, reverse: Rome is the capital of?}\n"
    )

    assert ("Rome is the capital of?", "Capital of Italy?") == found.cards[1][4:6]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a {{c1::b}} c", [("~c1", "a […] c", "a **b** c")]),
        ("a {{c1::b::letter}} c", [("~c1", "a [letter] c", "a **b** c")]),
        ("{{c2::x}} {{c1::y}}", [("~c1", "x […]", "x **y**"), ("~c2", "[…] y", "**x** y")]),
        ("{{c1::x}} {{c1::y}} {{c3::z}}", [("~c1", "[…] […] z", "**x** **y** z"), ("~c3", "x y […]", "x y **z**")]),
        ("`{{c1::pip}} install`", [("~c1", "`[…] install`", "`pip install`")]),
        ("`ls` and {{c1::`cd`}}", [("~c1", "`ls` and […]", "`ls` and **`cd`**")]),
        ("a{{c1:: b }}c", [("~c1", "a[…]c", "a **b** c")]),
        ("${{c1::HOME}}}", [("~c1", "$[…]}", "$**HOME**}")]),
    ],
)
def test_a_cloze_makes_a_card_for_each_number(written: str, expected: list[tuple[str, str, str]]) -> None:
    """That number's gaps are hidden in front and bold behind; other gaps are plain; code stays code."""
    found = deck(f"deck: d\ncards:\n  - id: a\n    cloze: {json.dumps(written)}\n")

    assert expected == [(each.id.removeprefix("d/a"), each.front, each.back) for each in found.cards]
    assert {("d/a", "cloze")} == {(each.note, each.kind) for each in found.cards}


def test_the_back_of_a_cloze_has_what_the_card_says_behind_it() -> None:
    """`back` follows the text after an empty line."""
    assert "**b**\n\nmore" == card('cloze: "{{c1::b}}"\nback: more').back


@pytest.mark.parametrize(
    "written",
    ["no", "3.10", "0777", "12:30:45", "2026-01-02", "null", "~", "on", "1e3", "echo a#b", "0x1f", ".inf", "<<", "="],
)
def test_plain_text_is_what_was_written(written: str) -> None:
    """YAML's guesses about types are not made."""
    assert written == card(f"front: {written}\nback: {written}").front


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
        lambda text: text.strip() and not CONTROL.search(text)
    )
)
def test_text_in_json_quotes_comes_back_exactly(written: str) -> None:
    """Whatever a text holds, quoted as in JSON it is read as it was."""
    quoted = json.dumps(written, ensure_ascii=False).replace("\u2028", "\\L").replace("\u2029", "\\P")
    made = card(f"front: {quoted}\nanswer: {quoted}\naccept: [{quoted}]\nexplain: [[{quoted}, {quoted}]]")

    assert (written, {"": written}, {"": (written,)}, ((written, written),)) == (
        made.front,
        made.answer,
        made.accept,
        made.explain,
    )


def test_a_block_ends_before_its_newline() -> None:
    """The newline that closes a block belongs to the block; those inside belong to the text."""
    assert "one\ntwo" == card("front: |\n  one\n  two\nback: x").front


def test_a_byte_order_mark_and_dos_line_ends_are_fine() -> None:
    """A file from Windows is the same deck."""
    windows, problems = parse(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode(), "deck.yaml")

    assert (deck(FULL), []) == (windows, problems)


def test_a_card_without_an_id_gets_one_from_its_text() -> None:
    """A slug of at most 40 letters, cut at a word; with a hash where two agree, or where nothing is left of it."""
    fronts = ["Où est-ce?", "日本語", "Is it?", "Is it??", "What would you type to list all of the hidden files here"]
    lines = "".join(f"  - {{front: {json.dumps(front, ensure_ascii=False)}, back: x}}\n" for front in fronts)

    expected = ["ou-est-ce", "77710a", "is-it-ecde69", "is-it-3b8191", "what-would-you-type-to-list-all-of-the"]
    assert [f"d/{name}" for name in expected] == [each.id for each in deck(f"deck: d\ncards:\n{lines}").cards]


def test_an_id_that_is_taken_is_not_made_again() -> None:
    """A card without an id gives way to one that has it."""
    found = deck("deck: d\ncards:\n  - {front: is it, back: x}\n  - {id: is-it, front: y, back: x}\n")

    assert ["d/is-it-86d7a5", "d/is-it"] == [each.id for each in found.cards]


def test_after_a_cloze_means_after_all_its_cards() -> None:
    """A name that only made cards have stands for all of them; a made card can be named too."""
    found = deck(
        "deck: d\ncards:\n  - {id: b, front: x, back: y, after: [a, d/c]}\n  - {id: c, front: x, back: y, after: a~c2}\n"
        '  - {id: a, cloze: "{{c1::x}} {{c2::y}}"}\n'
    )

    assert [("d/a~c1", "d/a~c2", "d/c"), ("d/a~c2",)] == [each.after for each in found.cards[:2]]


def test_tags_of_the_deck_come_first_and_once() -> None:
    """Cards inherit the deck's tags."""
    found = deck("deck: d\ntags: a, b\ncards:\n  - {front: x, back: y, tags: [c, b]}\n")

    assert ("a", "b", "c") == found.cards[0].tags
