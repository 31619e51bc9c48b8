"""Files that are broken, huge or meant to hurt: one clear problem each, little time, nothing raised."""

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.errors import UnknownFormat
from flashcards.formats import for_path, yaml
from flashcards.formats.yaml import MAX_BYTES, parse, parse_notes, too_big

MANY = 1_000_000
ONE_CARD = b"deck: d\ncards:\n  - {id: a, front: x, back: y}\n"
FEW_CARDS = """\
deck: d
title: A deck
tags: [t, u]
was: old
cards:
  - id: a
    front: "x"
    answer: {posix: ls, windows: dir}
    accept: [l, ll]
    wrong: [cd]
    explain: {ls: lists}
    tags: u, v
    run: {shell: bash, checks: [{exit_code: 0}]}
  - front: z
    back: |
      y
    reverse: yy
    after: [a, g~c1]
    was: [b]
  - id: g
    cloze: "{{c1::one}} and {{c2::two::hint}}"
    platform: [linux]
    rev: 2
""".splitlines(keepends=True)
PIECES = st.sampled_from(
    [b"deck: d\n", b"cards:\n", b"  - id: a\n", b"    front: ", b"    answer:", b"    run: {checks: ", b"[", b"]", b"{", b"}",
     b"\n", b"x", b": ", b"- ", b"&a ", b"*a ", b"!t ", b"'", b'"', b"{{c1::", b"}}", b"after: a\n", b"explain: ", b"|\n", b"\t",
     b"\x00", b"\xff", b"\xef\xbb\xbf", b"---\n", b"...\n", b"%YAML 9.9\n", b"\\u", b"? ", b"#", b"rev: 1\n", b"cloze: "]
)  # fmt: skip


def messages(data: bytes) -> list[str]:
    found, problems = parse(data, "d.yaml")
    assert found is None
    return [f"{problem.line}:{problem.column}: {problem.message}" for problem in problems]


@given(st.one_of(st.binary(), st.lists(PIECES, max_size=30).map(b"".join), st.text().map(str.encode)))
def test_any_bytes_give_a_deck_or_problems(data: bytes) -> None:
    """Nothing is raised, and there is a deck exactly where there is no problem."""
    found, problems = parse(data, "d.yaml")

    assert (found is None) == bool(problems)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


@given(st.sampled_from(range(len(FEW_CARDS))), st.sampled_from(range(len(FEW_CARDS))), st.booleans())
def test_a_quick_look_and_a_careful_one_read_the_same(taken: int, put: int, keep: bool) -> None:
    """A line that moved or is there twice gives the same deck or problems, whether the nodes are kept or not."""
    lines = FEW_CARDS.copy()
    lines.insert(put, lines[taken] if keep else lines.pop(taken))
    data = "".join(lines).encode()

    assert parse_notes(data, "d.yaml")[:2] == parse(data, "d.yaml")


@given(st.lists(PIECES, max_size=30).map(b"".join))
def test_a_piece_more_in_a_card_never_raises(data: bytes) -> None:
    """Rubbish behind good cards is told, or is good itself."""
    found, problems = parse(ONE_CARD + data, "d.yaml")

    assert (found is None) == bool(problems)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"deck: d\ncards: " + b"[" * MANY, ["2:23: nested more than 16 deep"]),
        (b"deck: d\ncards: " + b"{a: " * MANY, ["2:68: nested more than 16 deep"]),
        (b"- " * MANY, ["1:33: nested more than 16 deep"]),
        (b"deck: d\ncards:\n  - front: \xff\xfe\n", ["3:12: byte 0xff is not UTF-8"]),
        ("deck: d\ncards:\n  - front: é".encode("utf-16"), ["1:1: byte 0xff is not UTF-8"]),
        (b"deck: d\x00\ncards:\n  - {front: x, back: y}\n", ["1:8: `\\x00` is a control character"]),
        (b'deck: d\ncards:\n  - {front: "\\e[31m", back: y}\n', ["3:13: `\\x1b` is a control character"]),
        (ONE_CARD + b"---\n" + ONE_CARD, ["4:1: a second document starts here"]),
        (ONE_CARD + b"tags: &a x\n", ["4:7: a value starts with `&`, an anchor in YAML; decks have none"]),
        (ONE_CARD + b"title: !!python/object x\n", ["4:8: a value starts with `!`, a tag in YAML; decks have none"]),
        (b"", ["1:1: the file is empty"]),
        (b" " * (MAX_BYTES + 1), ["1:1: the file has 16,777,217 bytes, a deck at most 16,777,216"]),
    ],
    ids=lambda value: None if isinstance(value, list) else repr(value[:40]),
)
def test_one_fault_gives_one_problem(data: bytes, expected: list[str]) -> None:
    """No cascade follows a fault."""
    assert expected == messages(data)


def test_an_alias_bomb_is_refused_where_it_starts() -> None:
    """Nothing is expanded: each anchor and each alias is told at its own place."""
    bomb = b"deck: d\na: &a [x, x]\nb: &b [*a, *a]\ncards: [*b, *b]\n"

    assert ["2:4", "3:4", "3:8", "3:12", "4:9", "4:13"] == [
        message[:4].rstrip(":") for message in messages(bomb) if "in YAML; decks have none" in message
    ]


@pytest.mark.parametrize(
    "data",
    [
        ONE_CARD + b"tags: [" + b"a," * (2 * MANY) + b"a]\n",
        ONE_CARD + b"tags: [" + b"*a," * MANY + b"a]\n",
        ONE_CARD + b"".join(b"k%d: x\n" % number for number in range(100_000)),
        b'deck: d\ncards:\n  - cloze: "' + b"{{c1::" * MANY + b'"\n',
        b'deck: d\ncards:\n  - cloze: "' + b"".join(b"{{c%d::x}} " % number for number in range(1, 100)) + b"y" * MANY + b'"\n',
        b"deck: d\ncards:\n" + b"".join(b'  - cloze: "%d {{c1::a}}{{c2::b}}{{c3::c}}{{c4::d}}"\n' % n for n in range(30_000)),
        b"deck: d\ncards:\n" + b"".join(b"  - {id: a%d, front: x, back: y, after: b%d}\n" % (n, n) for n in range(5_000)),
        ONE_CARD + b"title: '" + b"\x01" * MANY + b"'\n",
    ],
    ids=["many values", "many aliases", "many unknown keys", "open gaps", "many gaps", "many cards", "many strangers", "controls"],
)  # fmt: skip
@pytest.mark.timeout(100)
def test_a_hostile_file_is_done_with_soon(data: bytes) -> None:
    """No input makes the reading quadratic, and nobody is shown more than a thousand problems."""
    assert 1 <= len(messages(data)) <= 1001


@pytest.mark.timeout(100)
def test_patterns_that_are_slow_to_compile_are_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A regular expression is only compiled while a deck is read, and even that has a limit for all of them together."""
    monkeypatch.setattr("flashcards.formats.readers.MOST_PATTERN_SECONDS", 0.2)
    slow = "(?i)" + "[\u0100-\U0010ffff]" * 20
    checks = "".join(f"        - stdout: {{matches: '{slow}{number}'}}\n" for number in range(500))
    deck = f"deck: d\ncards:\n  - front: x\n    answer: y\n    run:\n      checks:\n{checks}"

    assert "one pattern too many" in messages(deck.encode())[0]


def test_a_huge_file_is_refused_without_work() -> None:
    """What is too big is not decoded, let alone parsed."""
    data = bytes(100 * 2**20)
    tracemalloc.start()
    found, problems = parse(data, "d.yaml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (None, [too_big(len(data), "d.yaml")]) == (found, problems)
    assert peak < 100_000


def test_a_long_chain_of_cards_is_no_circle() -> None:
    """`after` may lead through the whole deck: no recursion, no problem."""
    lines = [f"  - {{id: a{number}, front: x, back: y, after: a{number + 1}}}\n" for number in range(5000)]
    found, problems = parse(
        ("deck: d\ncards:\n" + "".join(lines) + "  - {id: a5000, front: x, back: y}\n").encode(), "d"
    )

    assert [] == problems
    assert found is not None


@pytest.mark.parametrize("data", [ONE_CARD, b"{", b"\xff"])
def test_the_garbage_collector_is_as_it_was(data: bytes) -> None:
    """It rests while a deck is read, whatever comes of it."""
    parse(data, "d.yaml")

    assert gc.isenabled()


def test_the_parser_in_python_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML was built without libyaml a deck is read slower, but no different."""
    import yaml as pyyaml

    fast = parse(ONE_CARD, "d.yaml")
    monkeypatch.setattr("flashcards.formats.composer.LOADER", pyyaml.SafeLoader)

    assert fast == parse(ONE_CARD, "d.yaml")
    assert ["1:1: byte 0xff is not UTF-8"] == messages(b"\xff")
    assert messages(b'deck: "\\U00110000"\n')
    assert messages(b"deck: [\n")


def test_formats_go_by_the_suffix(tmp_path) -> None:
    """`.yaml` and `.yml` in any case; else the person is told what there is."""
    assert [yaml, yaml] == [for_path(tmp_path / "a.yaml"), for_path(tmp_path / "A.YML")]
    with pytest.raises(UnknownFormat, match=r"no format fits `a\.docx`"):
        for_path(tmp_path / "a.docx")
