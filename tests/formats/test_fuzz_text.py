"""Texts of no sense: the readers of tables and notes never raise, never hang, never reach outside.

Normally a few hundred of them; `FUZZ_SECONDS=600 pytest -n0 tests/formats/test_fuzz_text.py` goes on for ten minutes each.
"""

import os
import random
import time
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_decks import PIECES

from flashcards.formats import csv, emit, markdown
from flashcards.formats import yaml as deck_format
from flashcards.formats.plain import Brought, Options

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
MARKDOWN = (
    "Q: ", "\nQ: a", "\nA: ", "\nC: [x]", "\n", "\n\n", "\n---\n", "# a\n", "\n# b\n", "\n## c\n", "```", "\n```card\n", "\n```\n", "\n~~~\n",
    "\n```deck\ndeck: x\n```\n", "<!-- id: x -->", "<!-- deck: y; tags: a -->", "<!--", "-->", "<!--SR:!2026-01-01,3,250-->", " :: ", "::", ":::", "\n?\n",
    "\n??\n", "==", "==a==", "^[h]", "[^1]", "{{c1::", "}}", "{{c99::a}}", "[", "]", "[[", "![", "](", "\\", "`", "``", "$", "#flashcards", "#flashcards/a",
    "|", "\n|---|---|\n", "- ", "> ", "1. ", "    ", "\t", "---\n", 'name = "x"\n', "tags: [flashcards]\n", "id: ", "front: ", "back: x\n", "answer: [",
    "&a *a", "!!python/object:os.system", "a", "ä", "日", "\u2028", "\r", "\r\n", "\x0b", "\x1b[31m", "\ufeff", "\U0001f980", "tags: ",
)  # fmt: skip
TABLE = (
    ",", ";", "\t", "|", '"', '""', "\n", "\r\n", "\r", "front", "back", "front,back\n", "question;answer\n", "id,front,back\n", "deck,", "#separator:tab\n",
    "#separator:,\n", "#html:true\n", "#guid column:1\n", "#tags column:99999\n", "#deck column:2\n", "#columns:Front\tBack\n", "#deck:A::B\n", "# x\n",
    "#", "tags:a\n", "{{c1::a}}", "{{c1::", "<b>", "<div>", "</", "&lt;", "<script>", "[", "{", '{"a": [', "a", "x y", "ä", "日", "\x0b", "\ufeff", " ",
)  # fmt: skip
noise = st.binary(max_size=200)


def pieces(signs):
    """Text of signs that mean something, and bytes where some were changed."""
    text = st.lists(st.sampled_from((*signs, *PIECES)), max_size=40).map("".join)
    return st.one_of(text.map(lambda t: t.encode()), text.map(lambda t: ("\ufeff" + t).encode("utf-16-le")), noise)


def tried(module, path, data):
    """Reads `data` and takes what comes through the loader: no exception but a good result, and none but decks in it."""
    path.write_bytes(data)
    started = time.process_time()
    brought = module.read(path, path.name, Options())
    assert isinstance(brought, Brought)
    assert not (brought.problems and brought.decks)
    loaded = [of_loader(deck) for deck in brought.decks]
    assert time.process_time() - started < 5
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return [deck for deck in loaded if deck], [plain for plain, deck in zip(brought.decks, loaded, strict=True) if deck]


def of_loader(plain):
    """What the loader makes of a deck, without the lines; None where it finds faults."""
    assert plain.cards
    deck, problems = deck_format.parse(emit.to_yaml(plain).encode(), "x")
    assert (deck is None) == bool(problems)
    return deck and deck._replace(cards=tuple(card._replace(line=0) for card in deck.cards))


def tried_both_ways(module, path, data):
    """The same; and what has come in goes out and comes in again as it was, in either format."""
    loaded, plain = tried(module, path, data)
    for other in (csv, markdown) if plain else ():
        path.write_bytes(b"".join(other.write(plain)))
        again = other.read(path, path.name, Options())
        assert again.problems == ()
        assert [of_loader(deck) for deck in again.decks] == loaded


@settings(max_examples=250)
@given(pieces(MARKDOWN))
def test_any_note(tmp_path_factory, data):
    """A note of any bytes gives cards, or problems, or nothing."""
    tried_both_ways(markdown, tmp_path_factory.getbasetemp().joinpath(f"note-{os.getpid()}").joinpath("x.md"), data)


@settings(max_examples=250)
@given(pieces(TABLE), st.sampled_from(("x.csv", "x.tsv", "x.txt")))
def test_any_table(tmp_path_factory, data, name):
    """A table of any bytes gives cards, or problems, or nothing."""
    tried_both_ways(csv, tmp_path_factory.getbasetemp().joinpath(f"table-{os.getpid()}-{name}").joinpath(name), data)


@pytest.fixture(autouse=True, scope="module")
def _folders(tmp_path_factory):
    for name in ("note", "table"):
        tmp_path_factory.getbasetemp().joinpath(f"{name}-{os.getpid()}").mkdir()
    for name in ("x.csv", "x.tsv", "x.txt"):
        tmp_path_factory.getbasetemp().joinpath(f"table-{os.getpid()}-{name}").mkdir()


REPEATED = (
    "Q: a\nA: b\n\n", "a :: b\n", "`", "``` ", "```\n", "[", "]", "[[", "![", "{{", "{{c1::", "{{c1::a}} ", "==", "==a", "== a", "<!--", "<!-- -->\n", "|", "|-",
    "#", "# a\n", "## a\n", "> ", "- ", "1. ", "  ", "\t", "?\n", "a\n?\n", "a\n\n", "#flashcards\n", "#flashcards ", "---\n", "Q: a\n", "A: b\n", "C: [\n", "$", "\\", '"', ",", ";",
    '"a', '"a"', "a,b\n", "a\n", ", ", "#x\n", "# \n", '{"a":', "[", "<div>", "&", "::", " :: ", "日", "\u2028", "\n", "```card\nid: a\n```\n", "```card\n", "<!-- id: a -->\n",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["md", "csv"])
@pytest.mark.parametrize("sign", REPEATED)
def test_time_grows_with_length(tmp_path, sign, kind):
    """One sign 10,000 times over, alone or on a line of a card: no pattern goes back and forth."""
    path = tmp_path / f"x.{kind}"
    module = markdown if kind == "md" else csv

    for start in ("", "#flashcards\n", "Q: a\nA: ", "C: [a] "):
        tried(module, path, (start + sign * 10_000).encode())


def mutated(dice, signs):
    """A text of signs, or a table of them; in every fourth one some bytes are changed."""
    pool = (*signs, *PIECES)
    if signs is TABLE and dice.random() < 0.7:
        text = table(dice, pool)
    else:
        text = "".join(dice.choices(pool, k=dice.randrange(1, 200)))
    data = bytearray(text.encode())
    for _ in range(dice.choice((0, 0, 0, 3))):
        at = dice.randrange(len(data) or 1)
        data[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    return bytes(data)


def table(dice, pool):
    """A header and rows, mostly sound: every cell in quotes."""
    names = [
        "front",
        "back",
        *dice.sample(
            ("answer", "accept", "wrong", "tags", "id", "deck", "explain", "x", "reverse", "cloze"), k=dice.randrange(4)
        ),
    ]
    separator = dice.choice(",;\t|")
    rows = [["".join(dice.choices(pool, k=dice.randrange(1, 5))) for _ in names] for _ in range(dice.randrange(1, 6))]
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in rows]
    return "\n".join(map(separator.join, [names, *(quoted if dice.random() < 0.8 else rows)]))


@pytest.mark.skipif(not SECONDS, reason="FUZZ_SECONDS says for how long")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", ["md", "csv", "tsv", "txt"])
def test_for_a_long_time(tmp_path, kind):
    """The same for as long as one likes; the seed of a finding is in its name."""
    until = time.monotonic() + SECONDS / 4
    module, signs = (markdown, MARKDOWN) if kind == "md" else (csv, TABLE)
    for seed in count(int(time.time())):
        data = mutated(random.Random(seed), signs)
        try:
            tried_both_ways(module, tmp_path / f"x.{kind}", data)
        except BaseException as error:
            raise AssertionError((seed, data)) from error
        if time.monotonic() > until:
            print(f"{kind}: {seed} was the last seed")
            return
