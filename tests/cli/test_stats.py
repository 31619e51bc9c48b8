"""`cards stats`: filters, days, sentences, and what it may import."""

import json
from pathlib import Path

import pytest
from cli.inside import cards

DECK = """
    deck: d
    title: A small deck
    cards:
      - {id: ls, front: List all files., answer: ls -a, tags: [command]}
      - {id: why, front: Why?, back: Because.}
"""
OTHER = "deck: e\ncards:\n  - {id: who, front: Who?, back: You.}\n"
LOG = "".join(
    json.dumps({"card": card, "grade": grade, "at": f"{day}T12:00:00Z"}) + "\n"
    for card, grade, day in [
        ("d/ls", 4, "2025-11-20"),
        ("d/ls", 1, "2026-10-01"),
        ("d/why", 4, "2026-11-20"),
        ("e/who", 5, "2026-11-21"),
        ("d/ls", 4, "2026-11-22"),
    ]
)


@pytest.fixture
def learnt(home: Path, monkeypatch: pytest.MonkeyPatch, deck_file, tmp_path: Path) -> Path:
    """Two decks, five answers in a year, an evening in November."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    log = tmp_path / "log.jsonl"
    log.write_text(LOG, encoding="utf-8")
    cards("import", deck_file(DECK, "d.yaml"), deck_file(OTHER, "e.yaml"), log, check=True)
    return home


def total(*args: str) -> int:
    """Reviews of the days asked about."""
    return json.loads(cards("stats", "--json", *args, check=True).out)["total"]["reviews"]


@pytest.mark.parametrize(
    ("args", "reviews"),
    [
        ((), 5),
        (("-d", "d"), 4),
        (("-d", "d", "--deck", "e"), 5),
        (("--tag", "command"), 3),
        (("--since", "2026-11-21"), 2),
        (("--since", "3d"), 3),
        (("--since", "1y"), 4),
        (("--since", "1w", "--until", "1d"), 2),
        (("--until", "yesterday"), 4),
        (("--until", "8w"), 1),
        (("--since", "today", "--until", "today"), 1),
        (("-d", "d", "--since", "2026-01-01", "--until", "2026-10-31"), 1),
    ],
    ids=str,
)
def test_filters_narrow_the_numbers(learnt: Path, args: tuple[str, ...], reviews: int):
    """Decks widen each other, as tags do; `3d` are today and two days before it, until `1d` is until yesterday."""
    assert reviews == total(*args)


@pytest.mark.parametrize(
    "command",
    [
        *[("stats",), ("export", "stats"), ("export", "reviews"), ("export", "progress")],
        *[("list",), ("due",), ("due", "--short"), ("review", "--plain")],
    ],
)
def test_a_tag_of_no_card_is_named(learnt: Path, command: tuple[str, ...]):
    """With the nearest one; numbers of nothing would look like an answer."""
    ran = cards(*command, "-t", "comand")
    assert (4, "") == (ran.code, ran.out)
    assert "no card is tagged `comand`" in ran.err
    assert "did you mean `command`?" in ran.err


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        (("--since", "30x"), "`30x` is no day for --since", "such as 2026-01-31, or 30d, 4w, 1y back from today"),
        (("--since", ""), "`` is no day for --since", "such as 2026-01-31, or 30d, 4w, 1y back from today"),
        (("--until", "99999y"), "`99999y` is no day for --until", "such as 2026-01-31, or 30d, 4w, 1y back from today"),
        (("--until", "2026-02-30"), "`2026-02-30` is no day for --until", "such as"),
        (("--since", "1d", "--until", "1w"), "--since 2026-11-22 is after --until 2026-11-15", "name the earlier"),
    ],
    ids=str,
)
def test_a_wrong_day_is_told_with_its_cure(learnt: Path, args: tuple[str, ...], error: str, hint: str):
    """Usage, 2; nothing on standard output."""
    ran = cards("stats", *args)

    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"error: {error}\nhint: {hint}")


def test_an_unknown_deck_is_told_with_the_nearest(learnt: Path):
    """Exit code 4, as everywhere."""
    assert (4, "", "error: no deck called `dd`\nhint: did you mean `d`?\n") == cards("stats", "-d", "dd")


def test_the_screen_has_its_parts(learnt: Path):
    """In a pipe it is 80 columns of plain text."""
    out = cards("stats", check=True).out

    assert out.startswith("all decks" + " " * 61 + "2026-11-22\n\ntoday 1 review · 100 % right")
    assert "\nanswers on 5 of 368 days, most on " in out
    assert "\nretention 50 % (9-91), near the target of 90 %\n" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_plain_says_it_in_sentences(learnt: Path):
    """No bar, no box, no colour, and the decks and cards all the same."""
    out = cards("stats", "--plain", check=True).out

    assert out.startswith("Statistics of all decks, on 2026-11-22.\nToday: 1 review, 1 relearned, 100 % right,")
    assert "\nDeck d: 2 of 2 cards known, 1 due; 4 reviews, " in out
    assert "\nHardest card 1: d/ls, 1 lapse, " in out
    assert out.isascii()


def test_without_decks_the_first_step_is_said(home: Path):
    """Also where sentences are asked for; JSON stays JSON."""
    first = "no decks yet: `cards review` starts with a deck that came along\n"

    assert [(0, first, "")] * 2 == [cards("stats"), cards("stats", "--plain")]
    assert 0 == total()
