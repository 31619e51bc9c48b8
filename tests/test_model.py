"""The nouns: what is stored under a number or a name does not change, and variants are picked by closeness."""

from datetime import date

import pytest

from flashcards.model import (
    FOUR_GRADES,
    GRADE_NAMES,
    MODES,
    PLATFORMS,
    SHELL_FAMILIES,
    SHELLS,
    Card,
    CardId,
    Deck,
    Grade,
    Memory,
    Review,
    Sm2State,
    pick,
)

STORED = {"BLACKOUT": 0, "WRONG": 1, "NEARLY": 2, "HARD": 3, "GOOD": 4, "EASY": 5}


def test_grades_are_never_renumbered():
    """They are stored in every log."""
    actual = {grade.name: int(grade) for grade in Grade}

    assert STORED == actual


def test_four_keys_give_four_grades():
    """On screen: again = 1, hard = 3, good = 4, easy = 5; every grade has a name of its own."""
    actual = [(GRADE_NAMES[grade], int(grade)) for grade in FOUR_GRADES]

    assert [("again", 1), ("hard", 3), ("good", 4), ("easy", 5)] == actual
    assert set(Grade) == set(GRADE_NAMES)
    assert len(Grade) == len(set(GRADE_NAMES.values()))


def test_modes_are_the_words_of_the_log():
    """They are stored in every log."""
    assert ("scheduled", "drill", "cram", "imported") == MODES


VARIANTS = {"fish": "for fish", "posix": "for posix shells", "macos": "for macos", "": "everywhere"}


@pytest.mark.parametrize(
    ("shell", "platform", "expected"),
    [
        ("fish", "macos", "for fish"),
        ("bash", "macos", "for posix shells"),
        ("dash", "linux", "for posix shells"),
        ("pwsh", "macos", "for macos"),
        ("pwsh", "windows", "everywhere"),
        ("", "macos", "for macos"),
        ("", "", "everywhere"),
    ],
)
def test_the_closest_variant_is_picked(shell, platform, expected):
    """The shell, then its family, then the platform, then everywhere."""
    assert expected == pick(VARIANTS, shell, platform)


def test_no_variant_is_none():
    """Where nothing fits there is no answer, and an empty text is one."""
    assert pick({"fish": "set -gx"}, "bash", "linux") is None
    assert pick({}, "bash", "linux") is None
    assert "" == pick({"bash": "", "": "x"}, "bash", "linux")


def test_families_are_of_shells_that_are_posix():
    """fish, pwsh and cmd are families of their own."""
    assert {"posix"} == set(SHELL_FAMILIES.values())
    assert {"fish", "pwsh", "cmd"} == set(SHELLS) - set(SHELL_FAMILIES)
    assert not {*SHELLS, *SHELL_FAMILIES.values()} & set(PLATFORMS)


@pytest.mark.parametrize(
    "noun",
    [
        Card(id=CardId("a/b"), deck="a", note=CardId("a/b"), kind="basic", front="?"),
        Deck(id="a"),
        Memory(card=CardId("a/b")),
        Sm2State(repetitions=0, ease_hundredths=250, interval_days=1, due=date(2026, 1, 5)),
    ],
)
def test_nouns_are_frozen(noun):
    """No field can be set, and no new one invented."""
    for name in (noun._fields[0], "invented"):
        with pytest.raises(AttributeError):
            setattr(noun, name, "x")


def test_defaults_are_empty_and_cannot_be_filled():
    """A shared default that can be written to would leak from card to card."""
    card = Card(id=CardId("a/b"), deck="a", note=CardId("a/b"), kind="basic", front="?")

    for default in (card.answer, card.accept, card.wrong):
        assert {} == default
        with pytest.raises(TypeError):
            default["bash"] = "x"


def test_a_new_card_has_no_state():
    """None means new, never a state with holes."""
    memory = Memory(card=CardId("a/b"))

    assert memory.state is None
    assert (0, None, None, None, False, None) == (
        memory.reviews, memory.last_at, memory.last_day, memory.first_day, memory.passed, memory.drill
    )  # fmt: skip


def test_a_review_has_every_field_of_the_format():
    """The order is part of how events are stored; new fields go to the end of what it has."""
    expected = "id card grade at offset_minutes day mode took_ms verdict tries hints typed device batch"

    assert expected == " ".join(Review._fields)
