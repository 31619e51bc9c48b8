"""Decides whether a typed command is run here, and runs it: consent, trust, the level of the sandbox."""

import os
from typing import TYPE_CHECKING, NamedTuple

from flashcards.model import Card, Verdict
from flashcards.platforms import here
from flashcards.session import Ready, Tick

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.verify.levels import Tried

NO_SANDBOX = "this machine offers no sandbox that protects your files"


def _code_of(deck: str) -> str:
    return f"`{deck}` brings code that you have not allowed"


class Policy(NamedTuple):
    """What a person said on the command line."""

    run: bool | None = None
    """`--run`, `--no-run`, or neither."""
    allow_weak: bool = False
    real: bool = False
    """pip installs itself, however long that takes."""
    consented: bool = False
    """The text was given with the request to run it, as `cards run --answer` does."""
    trusted: bool = False
    """What the deck brings was allowed by the caller."""


class Runner:
    """Runs what a person types for a card, if everything allows it. See `flashcards.session.Verifier`."""

    def __init__(self, app: "App", policy: Policy | None = None) -> None:
        self._app = app
        self._policy = policy or Policy()
        self._refused = False
        self._swept = False

    # ------------------------------------------------------------ whether

    def ready(self, card: Card, shell: str) -> Ready:
        """Whether the card's command would be run; starts no process and asks nobody."""
        if not card.run:
            return Ready(runs="no")
        if os.environ.get("CARDS_NO_RUN") or self._policy.run is False:
            return Ready(runs="no")
        consent = self._consent()
        if consent == "never":
            return Ready(runs="no")
        if why := self._elsewhere(card, shell):
            return why
        if self._has_untrusted_code(card):
            return Ready("no", f"not run: {_code_of(card.deck)}", f"cards trust {card.deck}")
        return Ready(runs="yes" if consent == "yes" else "ask")

    def allow(self, *, yes: bool) -> None:
        """Keeps the person's consent for this machine; a no holds for this sitting."""
        if yes:
            self._app.set("run", "yes")
        self._refused = not yes

    def _consent(self) -> str:
        if self._policy.consented or self._policy.run:
            return "yes"
        return "never" if self._refused else str(self._app.config.get("run"))

    def _elsewhere(self, card: Card, shell: str) -> Ready | None:
        """Why a card cannot be run on this platform, if it cannot."""
        run = card.run or {}
        if run.get("platform") and here() not in run["platform"]:
            return Ready(runs="no")
        if here() != "linux":
            return Ready("no", "not run: commands are run on Linux only, so far")
        from flashcards.verify.shells import SHELLS  # 1 ms, for cards that are run

        return None if shell in SHELLS else Ready("no", f"not run: cards cannot run `{shell}`")

    def _has_untrusted_code(self, card: Card) -> bool:
        from flashcards.app import trusting  # hashlib: 2 ms, for cards that are run

        return not trusting.is_allowed(self._app, card)

    # ------------------------------------------------------------ how

    def run(self, card: Card, shell: str, typed: str, tick: Tick = bool) -> Verdict:
        """Runs `typed` and judges it; what cannot be done here says so. An interrupt ends it and passes on."""
        return self.judge(card, shell, typed, self._folder(card.deck), tick)

    def judge(self, card: Card, shell: str, typed: str, folder: str, tick: Tick = bool) -> Verdict:
        """The same for a card whose deck lies in `folder`, taken in or not."""
        from flashcards.app import trusting
        from flashcards.verify import job, runner  # subprocess: 10 ms, once something is run

        self._sweep()
        found = self.level()
        if found is None or found.level is None:
            return Verdict(kind="cannot", reason=NO_SANDBOX, cure="cards doctor", shell=shell)
        if found.level == "weak" and self._has_code(card):
            reason = "this deck brings code of its own, and nothing here protects your files"
            return Verdict(kind="cannot", reason=reason, cure="cards doctor", level="weak", shell=shell)
        if not card.run or "\0" in typed:
            return Verdict(kind="cannot", reason="the answer has a character that no shell can read", shell=shell)
        brought = trusting.beside(folder, card)
        missing = [step["copy"] for step in card.run.get("setup", ()) if "copy" in step and step["copy"] not in brought]
        if missing:
            return Verdict(kind="cannot", reason=f"`{missing[0]}` does not lie beside the deck", shell=shell)
        if not self._policy.trusted and not trusting.is_allowed(self._app, card, brought):
            return Verdict(kind="cannot", reason=_code_of(card.deck), cure=f"cards trust {card.deck}", shell=shell)
        request = job.Request(card, shell, typed, assets=brought, seed_pip=not self._policy.real)
        return runner.judge(request, found.backend, found.level, tick)

    def level(self) -> "Tried | None":
        """The sandbox that is used here; found out at the first run."""
        from flashcards.app import diagnosis
        from flashcards.verify import levels

        chosen = str(self._app.config.get("sandbox"))
        found = levels.best(chosen, allow_weak=self._policy.allow_weak)
        diagnosis.remember(self._app, [found] if found and found.level != "weak" else [])
        return found

    def _has_code(self, card: Card) -> bool:
        from flashcards.verify import trust

        return trust.code(card)

    def _sweep(self) -> None:
        """Once a sitting: what runs left behind whose program was killed."""
        from flashcards.verify import folders

        if not self._swept:
            self._swept = True
            folders.sweep()

    def _folder(self, deck: str) -> str:
        """Where the file of a deck lies."""
        return next((os.path.dirname(s.path) for s in self._app.store.decks() if s.deck == deck), "")  # noqa: PTH120  (text)
