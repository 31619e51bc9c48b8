"""The bundled deck is sound, and the examples in the format documents are what the program reads."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flashcards import log
from flashcards.formats import yaml
from flashcards.formats.fields import BESIDE, TABLES
from flashcards.model import Card, Deck, Grade, Sm2State, Unknown, pick
from flashcards.schedulers import get

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
COMMANDS = {
    "venv/create": "python3 -m venv venv",
    "venv/activate": "source venv/bin/activate",
    "venv/deactivate": "deactivate",
}


def fences(document: str, language: str) -> list[str]:
    """The fenced blocks of one language, in the order of the document."""
    text = (DOCS / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def command(card: Card, shell: str = "bash", platform: str = "linux") -> str:
    """What is to be typed."""
    answer: str | None = pick(card.answer, shell, platform)
    assert answer is not None
    return answer


EXAMPLE_DECKS = fences("deck-format.md", "yaml")
EXAMPLE_LINES = [block.rstrip("\n") for block in fences("log-format.md", "json")]


@pytest.fixture(scope="module")
def deck() -> Deck:
    """The bundled deck; its problems, if any, are the failure."""
    parsed, problems = yaml.parse((ROOT / "decks" / "venv.yaml").read_bytes(), "venv.yaml")
    assert problems == []
    assert parsed is not None
    return parsed


@pytest.fixture(scope="module")
def cards(deck: Deck) -> dict[str, Card]:
    """Its cards by key."""
    return {card.id: card for card in deck.cards}


# ---------------------------------------------------------------- the deck


def test_the_deck_is_called_venv_and_carries_the_tag_python(deck: Deck) -> None:
    """Name, title and tag are what the tutorial is about."""
    actual = (deck.id, deck.title, deck.tags)

    assert actual == ("venv", "Python virtual environments", ("python",))


def test_the_deck_is_a_sitting_or_two_long(deck: Deck) -> None:
    """Made cards counted, there are 16 to 22, each under a key of its own."""
    keys = {card.id for card in deck.cards}

    assert len(keys) == len(deck.cards)
    assert 16 <= len(keys) <= 22


def test_the_three_commands_are_typed(cards: dict[str, Card]) -> None:
    """Each command of the summary is asked for by its meaning and typed, everywhere."""
    actual = {key: command(cards[key]) for key in COMMANDS}

    assert actual == COMMANDS
    assert {cards[key].kind for key in COMMANDS} == {"typed"}


@pytest.mark.parametrize("key", COMMANDS)
def test_the_three_commands_are_asked_the_other_way_too(cards: dict[str, Card], key: str) -> None:
    """The reverse sibling shows the command and asks for its meaning."""
    reverse = cards[f"{key}~reverse"]

    assert (reverse.kind, reverse.note) == ("reverse", key)
    assert COMMANDS[key] in reverse.front
    assert reverse.back.replace(f"`{COMMANDS[key]}`", "").strip()


def test_the_windows_command_is_asked_everywhere(cards: dict[str, Card]) -> None:
    """Backslashes survive YAML, and the card has no platform of its own."""
    card = cards["venv/activate-windows"]

    assert command(card) == "venv\\Scripts\\activate"
    assert card.platform == ()


@pytest.mark.parametrize("shell", ["bash", "zsh", "sh", "fish", "pwsh", "cmd", "nu", ""])
@pytest.mark.parametrize("platform", ["linux", "macos", "windows"])
def test_every_learner_has_an_answer(deck: Deck, shell: str, platform: str) -> None:
    """Whatever shell somebody sits at, there is something to type, and it is not among the wrong texts."""
    for card in (card for card in deck.cards if card.kind == "typed"):
        assert command(card, shell, platform)
        assert command(card, shell, platform) not in (pick(card.wrong, shell, platform) or ())
        assert command(card, shell, platform) not in (pick(card.accept, shell, platform) or ())


def test_each_shell_activates_in_its_own_way(cards: dict[str, Card]) -> None:
    """The script of fish is its own, and plain sh knows no `source`."""
    card = cards["venv/activate"]

    assert command(card, "fish") == "source venv/bin/activate.fish"
    assert command(card, "sh") == ". venv/bin/activate"
    assert "source venv/bin/activate" not in card.accept["sh"]


def test_the_launcher_of_windows_is_accepted_there_only(cards: dict[str, Card]) -> None:
    """`py` is no command of Linux or macOS."""
    accept = cards["venv/create"].accept

    assert "py -m venv venv" in accept["windows"]
    assert not [text for platform in ("linux", "macos") for text in accept[platform] if text.startswith("py ")]


def test_every_typed_card_is_explained_word_by_word(deck: Deck) -> None:
    """The words of the explanation are those of the answer, in its order, each with a meaning."""
    for card in (card for card in deck.cards if card.kind == "typed"):
        words = re.findall(r"[\w-]+", command(card))
        assert words == [word for word, _ in card.explain], card.id
        assert all(meaning for _, meaning in card.explain), card.id


def test_the_two_words_venv_keep_their_own_meanings(cards: dict[str, Card]) -> None:
    """A word that comes twice is explained twice."""
    meanings = [meaning for word, meaning in cards["venv/create"].explain if word == "venv"]

    assert len(meanings) == len(set(meanings)) == 2


def test_no_front_gives_away_the_answer_of_another_card(deck: Deck) -> None:
    """Only a reverse card shows a command that is asked for elsewhere."""
    answers = {card.id: command(card) for card in deck.cards if card.kind == "typed"}
    leaks = [
        (card.id, key)
        for card in deck.cards
        for key, answer in answers.items()
        if card.kind != "reverse" and answer in card.front
    ]

    assert leaks == []


def test_every_card_has_a_question_and_an_answer(deck: Deck) -> None:
    """Nothing is empty, and no question can be answered with yes or no."""
    yes_or_no = re.compile(r"(?:^|[.:] )(?:is|are|does|do|can|will|has)\b", re.IGNORECASE)
    for card in deck.cards:
        assert card.front, card.id
        assert card.answer or card.back, card.id
        assert not yes_or_no.search(card.front), card.id


def test_no_card_waits_for_one_that_comes_later(deck: Deck) -> None:
    """New cards are asked in the order of the deck, so what a card needs stands before it."""
    seen: set[str] = set()
    for card in deck.cards:
        assert set(card.after) <= seen, card.id
        seen |= {card.id, card.note}


def test_the_deck_begins_with_the_reason(deck: Deck) -> None:
    """Why comes before how: the first card is `why`, and a command needs it or builds on one that does."""
    needs = {card.id: card.after for card in deck.cards}

    assert deck.cards[0].id == "venv/why"
    assert needs["venv/create"] == ("venv/why",)
    assert needs["venv/activate"] == ("venv/create",)
    assert needs["venv/deactivate"] == ("venv/activate",)


@pytest.mark.parametrize("key", COMMANDS)
def test_the_three_commands_are_judged_by_effect(cards: dict[str, Card], key: str) -> None:
    """Each has checks, hints, answers that must fail, and runs in every shell that can be run."""
    card = cards[key]

    assert card.run
    assert card.run["checks"]
    assert card.run["hints"]
    assert card.run["shells"] == ["bash", "zsh", "sh", "fish"]
    assert card.wrong[""]


def test_no_hint_fits_an_answer_that_counts(cards: dict[str, Card]) -> None:
    """A pattern that looks at the typed text alone never fires on a right one."""
    for key in COMMANDS:
        card = cards[key]
        assert card.run
        right = [*card.answer.values(), *(text for texts in card.accept.values() for text in texts)]
        for hint in (hint for hint in card.run["hints"] if hint["when"].keys() == {"answer"}):
            assert not [text for text in right if re.search(hint["when"]["answer"], text)], hint


def test_every_wrong_answer_gets_a_hint(cards: dict[str, Card]) -> None:
    """Each slip that the deck declares is explained by a pattern on its text."""
    for key in COMMANDS:
        card = cards[key]
        assert card.run
        patterns = [hint["when"]["answer"] for hint in card.run["hints"] if "answer" in hint["when"]]
        assert [text for text in card.wrong[""] if not any(re.search(pattern, text) for pattern in patterns)] == []


def test_nothing_that_must_fail_counts_as_right(deck: Deck) -> None:
    """`wrong` and `accept` share no text, and neither holds the answer."""
    for card in (card for card in deck.cards if card.kind == "typed"):
        right = {text for texts in card.accept.values() for text in texts}
        wrong = {text for texts in card.wrong.values() for text in texts}
        assert not right & wrong, card.id
        assert not set(card.answer.values()) & wrong, card.id


# ---------------------------------------------------------------- docs/deck-format.md


def test_the_deck_document_has_examples() -> None:
    """Every fence is a whole deck, so none escapes the test below."""
    assert len(EXAMPLE_DECKS) >= 8
    assert [text for text in EXAMPLE_DECKS if not text.startswith("deck:")] == []


@pytest.mark.parametrize("text", EXAMPLE_DECKS, ids=lambda text: text.split("\n", 1)[0])
def test_every_example_deck_parses(text: str) -> None:
    """What the document shows is accepted as it stands."""
    parsed, problems = yaml.parse(text.encode(), "example.yaml")

    assert problems == []
    assert parsed is not None
    assert parsed.cards


def test_the_deck_document_names_every_key() -> None:
    """A key that the program reads is a key that the document explains."""
    text = (DOCS / "deck-format.md").read_text(encoding="utf-8")
    keys = {name for table in (*TABLES.values(), *BESIDE.values()) for name in table}

    assert sorted(key for key in keys if f"`{key}`" not in text) == []


# ---------------------------------------------------------------- docs/log-format.md


def test_the_log_document_shows_every_kind() -> None:
    """One example at least of each kind, and of one that is not known."""
    kinds = {type(log.from_line(line)).__name__ for line in EXAMPLE_LINES}

    assert kinds == {"Review", "Undo", "Mark", "Baseline", "Setting", "Restore", "Unknown"}


@pytest.mark.parametrize("line", EXAMPLE_LINES)
def test_every_example_line_survives_the_round_trip(line: str) -> None:
    """Read, written and read again, an event is the same."""
    event = log.from_line(line)

    assert log.from_line(log.to_line(event)) == event


@pytest.mark.parametrize("line", [line for line in EXAMPLE_LINES if '"v":1' in line])
def test_full_example_lines_are_written_by_us(line: str) -> None:
    """A complete example is letter for letter what the program writes, and its id begins with its moment."""
    event = log.from_line(line)

    assert log.to_line(event) == line
    assert int(event.id[:12], 16) == round(event.at.timestamp() * 1000)


def test_an_unknown_kind_is_passed_on_verbatim() -> None:
    """The example of an unknown kind keeps the field that only its writer understands."""
    [event] = [event for event in map(log.from_line, EXAMPLE_LINES) if isinstance(event, Unknown)]

    assert json.loads(log.to_line(event))["text"] == "ask Ada"


def test_the_log_document_names_every_mark() -> None:
    """A mark that the program writes is a mark that the document explains."""
    text = (DOCS / "log-format.md").read_text(encoding="utf-8")

    assert [mark for mark in log.MARKS if f"`{mark}`" not in text] == []


def test_the_shortest_review_is_filled_in_as_documented() -> None:
    """Left out: scheduled, offset 0, device `import`, the day begins at 04:00, the id follows from the line."""
    [line] = [line for line in EXAMPLE_LINES if '"v":1' not in line]
    event = log.from_line(line)
    night = log.from_line(line.replace("T18:", "T03:"))

    assert (event.mode, event.offset_minutes, event.device) == ("scheduled", 0, "import")
    assert (event.day, night.day) == (date(2026, 11, 22), date(2026, 11, 21))
    assert log.from_line(line).id == event.id != log.from_line(line, ordinal=1).id


# ---------------------------------------------------------------- docs/sm2.md


def test_the_worked_example_is_what_the_scheduler_does() -> None:
    """Every row of the example table is the state after that grade, reviewed on the day it was due."""
    rows = re.findall(
        r"^\| (\d) \| (\d+) \| (\d\.\d\d) \| (\d+) \|", (DOCS / "sm2.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    scheduler, state, day = get("sm2"), None, date(2026, 1, 1)
    actual = []
    for grade, *_ in rows:
        state = scheduler.step(state, Grade(int(grade)), datetime.min.replace(tzinfo=UTC), day, "")
        actual.append((grade, *_shown(state)))
        day = state.due

    assert len(rows) >= 6
    assert actual == rows


def _shown(state: Sm2State) -> tuple[str, str, str]:
    return str(state.repetitions), f"{state.ease_hundredths / 100:.2f}", str(state.interval_days)
