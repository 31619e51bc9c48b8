"""The decks that come along are sound, and prove themselves: right answers pass, wrong ones and none at all fail."""

import re
from functools import cache
from pathlib import Path

import pytest
from cli.inside import cards as run_cards

from flashcards.app.finding import find_files
from flashcards.errors import CardsError
from flashcards.formats import yaml
from flashcards.model import Card, Deck
from flashcards.places import bundled_deck, bundled_names
from flashcards.verify import job, levels, runner, selftest

DECKS = ("venv", "shell", "git", "pip")
TAUGHT = ("shell", "git", "pip")
LEAST_COMMANDS = 12
FIRST_DAY = 3


@cache
def deck(name: str) -> Deck:
    """The deck of this name; its problems, if any, are the failure."""
    parsed, problems = yaml.parse(Path(bundled_deck(name)).read_bytes(), f"{name}.yaml")
    assert problems == []
    assert parsed is not None
    return parsed


def typed(name: str) -> list[Card]:
    """The cards that are typed."""
    return [card for card in deck(name).cards if card.kind == "typed"]


def runnable(name: str) -> list[Card]:
    """The cards whose answers are judged by running them."""
    return [card for card in deck(name).cards if card.run]


COMMANDS = [pytest.param(card, id=card.id) for name in TAUGHT for card in typed(name)]
ANY_TYPED = [pytest.param(card, id=card.id) for name in DECKS for card in typed(name)]
RUNS = [
    pytest.param(card, (card.run or {})["shells"][0], id=f"{card.id}-{(card.run or {})['shells'][0]}")
    for name in DECKS
    for card in runnable(name)
]
"""Each card in its first shell: `cards check --run`, a step of `.ci/run`, takes all of them, and twice is once too often."""


def texts(variants: dict[str, tuple[str, ...]]) -> set[str]:
    """All texts, of every shell."""
    return {text for found in variants.values() for text in found}


# ---------------------------------------------------------------- what there is


def test_the_deck_for_the_first_sitting_is_named_first() -> None:
    """It is about virtual environments; the others follow by name."""
    assert ["venv", "git", "pip", "shell"] == bundled_names()


@pytest.mark.parametrize("name", DECKS)
def test_a_file_is_called_like_its_deck(name: str) -> None:
    """So that the name of the deck finds the file."""
    assert name == deck(name).id


def test_a_deck_that_came_along_is_taken_in_by_its_name(home: Path, tmp_path: Path) -> None:
    """The bare name will do, from any folder, more than one at once."""
    out = run_cards("import", "shell", "git", check=True).out

    assert f"shell: {len(deck('shell').cards)} new" in out
    assert f"git: {len(deck('git').cards)} new" in out


def test_a_folder_comes_before_a_deck_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person has goes before what came along."""
    mine = tmp_path / "shell" / "mine.yaml"
    mine.parent.mkdir()
    mine.write_text("deck: mine\ncards: [{front: Q?, back: A.}]\n", encoding="utf-8")

    found, _ = find_files([str(mine.parent)])
    monkeypatch.chdir(tmp_path)
    here, _ = find_files(["shell"])

    assert [mine] == found
    assert [Path("shell", "mine.yaml")] == here


def test_a_name_that_nobody_knows_is_told_the_names_there_are() -> None:
    """The cure names the decks that came along."""
    with pytest.raises(CardsError, match="no such file or folder") as caught:
        find_files(["shel"])

    assert "venv, git, pip, shell" in str(caught.value.hint)


# ---------------------------------------------------------------- each deck


@pytest.mark.parametrize("name", TAUGHT)
def test_a_deck_has_a_dozen_commands_to_run_and_more(name: str) -> None:
    """And some questions that are answered in the head."""
    assert len(runnable(name)) >= LEAST_COMMANDS
    assert {card.kind for card in deck(name).cards} == {"typed", "basic", "cloze", "reverse"}


@pytest.mark.parametrize("name", DECKS)
def test_no_two_cards_share_a_key(name: str) -> None:
    """Made cards counted."""
    keys = [card.id for card in deck(name).cards]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", DECKS)
def test_no_card_waits_for_one_that_comes_later(name: str) -> None:
    """New cards are asked in the order of the deck, so what a card needs stands before it."""
    seen: set[str] = set()
    for card in deck(name).cards:
        assert set(card.after) <= seen, card.id
        seen |= {card.id, card.note}


@pytest.mark.parametrize("name", TAUGHT)
def test_a_new_deck_has_enough_for_its_first_day(name: str) -> None:
    """Cards that wait for none."""
    assert len([card for card in deck(name).cards if not card.after]) >= FIRST_DAY


@pytest.mark.parametrize("name", TAUGHT)
def test_no_two_cards_ask_the_same(name: str) -> None:
    """A front tells its card from all others."""
    fronts = [card.front for card in deck(name).cards]

    assert len(fronts) == len(set(fronts))


# ---------------------------------------------------------------- each command


@pytest.mark.parametrize("card", COMMANDS)
def test_a_command_is_explained_judged_and_has_its_slips(card: Card) -> None:
    """Words, other right texts, wrong ones, a message with every check, hints, a tag, a remark."""
    assert card.explain
    assert all(meaning for _, meaning in card.explain)
    assert card.accept
    assert card.wrong
    assert card.run
    assert all(check["msg"] for check in card.run["checks"])
    assert card.run["hints"]
    assert "command" in card.tags
    assert card.back


@pytest.mark.parametrize("card", ANY_TYPED)
def test_nothing_that_must_fail_counts_as_right(card: Card) -> None:
    """In one shell no text is right and wrong; the answer is not repeated."""
    for shell in (card.run or {}).get("shells", ["bash"]):
        parts = [(trial.part, trial.text) for trial in selftest.trials([card], "linux", [shell])] if card.run else []
        said = [text for _, text in parts]
        assert len(said) == len(set(said)), (shell, said)


@pytest.mark.parametrize("card", COMMANDS)
def test_no_hint_speaks_of_an_answer_that_counts(card: Card) -> None:
    """A pattern that fits a right text would mislead, should that text fail for another reason; and each fits a slip."""
    right = {*card.answer.values(), *texts(dict(card.accept))}
    for hint in (card.run or {}).get("hints", ()):
        pattern = hint["when"].get("answer")
        if not pattern:
            continue
        assert not [text for text in right if re.search(pattern, text)], hint
        assert [text for text in texts(dict(card.wrong)) if re.search(pattern, text)], hint


@pytest.mark.parametrize("card", ANY_TYPED)
def test_a_question_does_not_show_its_answer(card: Card) -> None:
    """The front names what is wanted, not the command."""
    assert not [text for text in card.answer.values() if text in card.front and text != "pwd"]


# ---------------------------------------------------------------- the proof


@pytest.fixture(scope="module")
def sandbox() -> levels.Tried:
    """The best sandbox of this machine; without one there is no proof."""
    found = levels.best()
    if found is None:
        pytest.skip("no sandbox can be built here")
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("card", "shell"), RUNS)
def test_a_card_proves_itself(card: Card, shell: str, sandbox: levels.Tried) -> None:
    """Answer and `accept` pass, `wrong` and doing nothing fail."""
    if not job.shell_program(shell):
        pytest.skip(f"{shell} is not installed")
    results = [
        selftest.tried(
            trial, lambda card, shell, text: runner.judge(job.Request(card, shell, text), sandbox.backend, "strong")
        )
        for trial in selftest.trials([card], "linux", [shell])
    ]

    misses = [
        (result.trial.part, result.trial.text, result.verdict.kind, result.verdict.findings, result.verdict.reason)
        for result in results
        if result.outcome == "miss"
    ]
    assert misses == []
