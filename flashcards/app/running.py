"""Decides whether a typed command is run here, and runs it: consent, trust, the level of the sandbox."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from flashcards.errors import Refused
from flashcards.model import Card, Verdict
from flashcards.platforms import RUNNABLE, here
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
        self._ready_pip = ""

    # ------------------------------------------------------------ whether

    def ready(self, card: Card, shell: str) -> Ready:
        """Whether the card's command would be run; starts no process and asks nobody."""
        if not card.run or self.is_off:
            return Ready(runs="no")
        consent = self._consent()
        if why := self._elsewhere(card, shell):
            return why
        try:
            if self._has_untrusted_code(card):
                return Ready("no", f"not run: {_code_of(card.deck)}", f"cards trust {card.deck}")
        except Refused as error:  # the file that says what was allowed is spoilt: then nothing was
            return Ready("no", f"not run: {error.message}", error.hint)
        return Ready(runs="yes" if consent == "yes" else "ask")

    @property
    def is_off(self) -> bool:
        """Whether nothing at all is run: the variable beats everything, then the flag, then the setting."""
        return bool(os.environ.get("CARDS_NO_RUN")) or self._policy.run is False or self._consent() == "never"

    def allow(self, *, yes: bool) -> None:
        """Keeps the person's consent for this machine; a no holds for this sitting."""
        if yes:
            self._app.set("run", "yes")
        self._refused = not yes

    def _consent(self) -> str:
        if self._policy.run:
            return "yes"
        setting = "never" if self._refused else str(self._app.config.get("run"))
        return "yes" if self._policy.consented and setting == "ask" else setting

    def _elsewhere(self, card: Card, shell: str) -> Ready | None:
        """Why a card cannot be run on this platform, if it cannot."""
        run = card.run or {}
        if run.get("platform") and here() not in run["platform"]:
            return Ready(runs="no")
        if here() != "linux":
            return Ready("no", "not run: commands are run on Linux only, so far")
        return None if shell in RUNNABLE else Ready("no", f"not run: cards cannot run `{shell}`")

    def _has_untrusted_code(self, card: Card) -> bool:
        if not self._has_code(card):
            return False
        from flashcards.app import trusting  # 5 ms, for cards that bring code

        return not trusting.is_allowed(self._app, card)

    # ------------------------------------------------------------ how

    def run(self, card: Card, shell: str, typed: str, tick: Tick = bool) -> Verdict:
        """Runs `typed` and judges it; what cannot be done here says so. An interrupt ends it and passes on."""
        from flashcards.app import trusting

        return self.judge(card, shell, typed, trusting.folder_of(self._app, card.deck), tick)

    def judge(self, card: Card, shell: str, typed: str, folder: str, tick: Tick = bool) -> Verdict:
        """The same for a card whose deck lies in `folder`, taken in or not."""
        from flashcards.app import trusting
        from flashcards.verify import job, runner  # subprocess: 10 ms, once something is run

        found = self.level
        brought = trusting.beside(folder, card)
        obstacle = self._obstacle(card, typed, brought)
        if obstacle or found is None or found.level is None:
            reason, cure = obstacle or self._no_sandbox()
            return Verdict(kind="cannot", reason=reason, cure=cure, shell=shell)
        request = job.Request(
            card, shell, typed, assets=brought, seed_pip=not self._policy.real, ready_pip=self._ready_pip
        )
        return runner.judge(request, found.backend, found.level, tick)

    @contextmanager
    def many(self, cards: Iterable[Card]) -> Iterator[None]:
        """Before the runs of many cards: what each of them would make anew is made once."""
        from flashcards.verify import prepared

        if self._policy.real or not self.level or not prepared.is_worth_it(cards):
            yield
            return
        with prepared.pip() as self._ready_pip:
            yield
        self._ready_pip = ""

    def _obstacle(self, card: Card, typed: str, brought: Mapping[str, bytes]) -> tuple[str, str] | None:
        """What keeps this card from being run after all, and what would help."""
        from flashcards.app import trusting

        missing = [name for name in trusting.names_beside(card) if name not in brought]
        if missing:
            return f"`{missing[0]}` is not a plain file of at most 4 MiB beside the deck", ""
        if "\0" in typed:
            return "the answer has a character that no shell can read", ""
        if not self._policy.trusted and not trusting.is_allowed(self._app, card, brought):
            return _code_of(card.deck), f"cards trust {card.deck}"
        if self.level is not None and self.level.level == "weak" and (self._has_code(card) or _starts_ours(card)):
            return "more than what you type would run, and nothing here protects your files", "cards doctor"
        return None

    @cached_property
    def level(self) -> "Tried | None":
        """The sandbox that is used here, found out at the first run; what killed runs left behind is swept first."""
        from flashcards.app import diagnosis
        from flashcards.verify import folders, levels

        folders.sweep()
        chosen = str(self._app.config.get("sandbox"))
        weak = self._policy.allow_weak and os.getuid() != 0  # root's mistakes are the machine's
        found = levels.best(chosen, allow_weak=weak and chosen == "auto")
        diagnosis.remember(self._app, levels.all_tried())
        return found

    def _no_sandbox(self) -> tuple[str, str]:
        """Why there is none, and what would help."""
        chosen = str(self._app.config.get("sandbox"))
        if chosen != "auto":
            return f"the sandbox that was chosen, {chosen}, does not work here", "cards config sandbox auto"
        return NO_SANDBOX, "cards doctor --probe"

    def _has_code(self, card: Card) -> bool:
        from flashcards.verify import trust

        return trust.code(card)


def _starts_ours(card: Card) -> bool:
    """Whether our own steps or checks start programs for a card; at level `weak` only what is typed runs."""
    run = card.run or {}
    return any("git" in step or "activate" in step for step in run.get("setup", ())) or "is_venv" in repr(run["checks"])
