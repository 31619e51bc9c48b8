"""Whether a card is run: consent, platform, shell, trust, sandbox; and that nothing runs that must not."""

from pathlib import Path

import pytest
from cli.inside import cards
from sandboxed import needs_sandbox

from flashcards.app import App, diagnosis, trusting
from flashcards.app.reviewing import usual_ms
from flashcards.app.running import Policy, Runner
from flashcards.model import Card, CardId
from flashcards.session import Ready

DECK = """
    deck: d
    cards:
      - {id: touch, front: f, answer: touch b, run: {checks: [{file_exists: b}]}}
      - {id: mac, front: f, answer: touch b, run: {platform: macos, checks: [{file_exists: b}]}}
      - {id: power, front: f, answer: touch b, run: {shells: [pwsh], checks: [{file_exists: b}]}}
      - {id: code, front: f, answer: touch b, run: {checks: [{script: "[ -f b ]"}]}}
      - {id: copy, front: f, answer: touch b, run: {setup: [{copy: a.txt}], checks: [{file_exists: b}]}}
      - {id: why, front: f, answer: b}
"""


@pytest.fixture
def app(home: Path, deck_file):
    """A home with the deck in it."""
    cards("import", deck_file(DECK), check=True)
    app = App()
    yield app
    app.close()


def card(app: App, name: str) -> Card:
    found = app.card(name).card
    assert found is not None
    return found


def runs(app: App, name: str, policy: Policy | None = None, shell: str = "bash") -> str:
    return Runner(app, policy).ready(card(app, name), shell).runs


def test_a_person_is_asked_once_on_a_machine(app: App) -> None:
    """Ask, then yes for good; a no is for this sitting, and the next asks again."""
    first = Runner(app)
    assert "ask" == first.ready(card(app, "touch"), "bash").runs
    first.allow(yes=False)
    assert "no" == first.ready(card(app, "touch"), "bash").runs
    assert "ask" == runs(app, "touch")
    first.allow(yes=True)

    assert "yes" == first.ready(card(app, "touch"), "bash").runs
    assert "yes" == runs(app, "touch")


@pytest.mark.parametrize(
    ("setting", "flag", "variable", "expected"),
    [
        ("ask", None, "", "ask"),
        ("ask", True, "", "yes"),
        ("ask", False, "", "no"),
        ("yes", None, "", "yes"),
        ("yes", False, "", "no"),
        ("yes", True, "1", "no"),
        ("never", None, "", "no"),
        ("never", True, "", "yes"),
        ("never", True, "1", "no"),
    ],
)
def test_who_beats_whom(app: App, monkeypatch, setting: str, flag: bool | None, variable: str, expected: str) -> None:
    """CARDS_NO_RUN beats the flag, and the flag beats the setting."""
    app.set("run", setting)
    monkeypatch.setenv("CARDS_NO_RUN", variable)

    assert expected == runs(app, "touch", Policy(run=flag))


def test_nothing_beats_no_run(app: App, monkeypatch) -> None:
    """Not even a text that was given to be run."""
    monkeypatch.setenv("CARDS_NO_RUN", "1")

    assert "no" == runs(app, "touch", Policy(consented=True, run=True, trusted=True))


@pytest.mark.parametrize("name", ["mac", "why"])
def test_a_card_of_another_platform_is_compared(app: App, name: str) -> None:
    """Without a word: that is how the card is meant."""
    assert Ready("no") == Runner(app, Policy(run=True)).ready(card(app, name), "bash")


@pytest.mark.parametrize("platform", ["macos", "windows"])
def test_elsewhere_nothing_is_run(app: App, monkeypatch, platform: str) -> None:
    """What no sandbox was tried on is not promised; it is said."""
    monkeypatch.setenv("CARDS_PLATFORM", platform)
    ready = Runner(app, Policy(run=True)).ready(card(app, "touch"), "bash")

    assert ("no", True) == (ready.runs, "Linux only" in ready.why_not)


def test_a_shell_that_cannot_be_run_is_named(app: App) -> None:
    """The card is asked and compared."""
    assert "cannot run `pwsh`" in Runner(app, Policy(run=True)).ready(card(app, "power"), "pwsh").why_not


def test_deck_code_waits_for_trust(app: App) -> None:
    """With consent for what is typed the deck's own code is still not run, and the way to allow it is named."""
    ready = Runner(app, Policy(run=True)).ready(card(app, "code"), "bash")
    assert ("no", "cards trust d") == (ready.runs, ready.cure)
    trusting.allow(app, trusting.differences(app, "d"))

    assert "yes" == runs(app, "code", Policy(run=True))


def test_trust_is_looked_at_again_when_it_runs(app: App) -> None:
    """What was revoked between the question and the answer is not run."""
    verdict = Runner(app, Policy(run=True)).run(card(app, "code"), "bash", "touch b")

    assert ("cannot", "cards trust d") == (verdict.kind, verdict.cure)


def test_a_spoilt_trust_file_ends_no_review(app: App) -> None:
    """Nothing of a deck is run then, and the reason is said; what only runs what is typed goes on."""
    path = Path(app.places.database).parent / "trust.json"
    path.write_text("{")
    ready = Runner(app, Policy(run=True)).ready(card(app, "code"), "bash")

    assert ("no", True) == (ready.runs, "trust.json` is damaged" in ready.why_not)
    assert "yes" == runs(app, "touch", Policy(run=True))


@needs_sandbox
def test_a_file_that_is_not_beside_the_deck_is_missed(app: App) -> None:
    """Nothing can be said of the answer, and the file is named."""
    verdict = Runner(app, Policy(run=True)).run(card(app, "copy"), "bash", "touch b")

    assert ("cannot", "`a.txt` is not a plain file of at most 4 MiB beside the deck") == (verdict.kind, verdict.reason)


@needs_sandbox
@pytest.mark.parametrize("backend", ["namespaces", "bubblewrap", "landlock"])
def test_a_sandbox_can_be_chosen(app: App, backend: str) -> None:
    """The setting picks one; where it cannot be built nothing is run, and no other takes its place."""
    app.set("sandbox", backend)
    level = Runner(app).level
    verdict = Runner(app, Policy(run=True)).run(card(app, "touch"), "bash", "touch b")

    if level is None:
        assert "cannot" == verdict.kind
    else:
        assert (backend, "pass", level.level) == (level.backend, verdict.kind, verdict.level)


@needs_sandbox
def test_what_was_found_out_is_kept_for_doctor(app: App) -> None:
    """The level of the first run."""
    Runner(app, Policy(run=True)).run(card(app, "touch"), "bash", "touch b")

    assert diagnosis.known(app) is not None


def test_a_text_that_no_shell_can_read_is_not_run(app: App) -> None:
    """A NUL ends every argument."""
    assert "cannot" == Runner(app, Policy(run=True)).run(card(app, "touch"), "bash", "touch\0b").kind


def test_the_usual_time_is_known_after_three_right_answers(app: App) -> None:
    """The median of right answers; failures and unknown times do not count."""
    assert usual_ms(app, CardId("d/why")) is None
    lines = [
        f'{{"kind":"review","card":"d/why","grade":{grade},"at":"2026-01-0{day}T10:00:00Z","took_ms":{took}}}\n'
        for day, (grade, took) in enumerate([(4, 9000), (1, 100), (5, 3000), (4, 5000)], 1)
    ]
    path = Path(app.places.database).parent / "log.jsonl"
    path.write_text("".join(lines))
    cards("import", path, check=True)

    assert 5000 == usual_ms(app, CardId("d/why"))
