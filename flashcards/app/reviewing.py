"""Sets up a sitting: the plan, the desk it works at, and what the end screen tells."""

from collections.abc import Mapping
from typing import NamedTuple

from flashcards import clock
from flashcards.app import App, leeches
from flashcards.app.planning import EVERYTHING, Asked, backlog, backlog_in_words, make_plan
from flashcards.app.running import Policy, Runner
from flashcards.due import Plan, Seen
from flashcards.errors import NotFound
from flashcards.model import FOUR_GRADES, Card, CardId, Event, Grade, Memory, Review
from flashcards.platforms import here, shell, shell_of
from flashcards.session import Clock, Desk, Options, Session
from flashcards.session.views import Record

USUAL_OF, LEAST_KNOWN = 9, 3
"""Right answers from which the usual time is taken, and how many there must be."""


class Wish(NamedTuple):
    """How a person wants to sit: which cards, how long, with what keys."""

    asked: Asked = EVERYTHING
    minutes: float | None = None
    cram: bool = False
    policy: Policy | None = None
    """What was said about running commands."""


class Sitting(NamedTuple):
    """A session, and what to say before it."""

    session: Session
    notes: tuple[str, ...]


def sit(app: App, wish: Wish) -> Sitting:
    """A session over what comes up now."""
    planned = make_plan(app, wish.asked)
    main, drills = (_cram(app, wish.asked), ()) if wish.cram else (planned.main, planned.drills)
    later = 0 if wish.cram else backlog(app, planned, wish.asked)
    notes = (backlog_in_words(later),) if later else ()
    options = Options(
        scale=tuple(Grade) if app.config.get("grades") == "0-5" else FOUR_GRADES,
        minutes=wish.minutes,
        idle_seconds=app.config.get("idle_seconds"),
        cram=wish.cram,
        shell=shell(),
        platform=here(),
        leech=leeches.rule(app),
    )
    return Sitting(session=Session(main, drills, desk(app, wish, planned), options), notes=notes)


def practice(app: App, runner: Runner, card: Card, shell: str) -> Session:
    """A session over one card that grades nothing; the runner says whether and how its command is run."""
    alone = desk(app, Wish(), Plan(main=(), reviews=0, new=0, drills=()))
    alone = alone._replace(verifier=runner, load=lambda _: card, shell_for=lambda _: shell)
    return Session([card.id], [], alone, Options(practice=True, shell=shell, platform=here()))


def desk(app: App, wish: Wish, planned: Plan) -> Desk:
    """What a session needs from the outside, from the real parts."""
    asked, own = wish.asked, shell()

    def waits(card: CardId) -> Seen:
        """A card of this sitting in the plan for more: what was opened later was new."""
        note, deck = CardId(card.partition("~")[0]), card.partition("/")[0]
        return Seen(note=note, deck=deck, was_new=card in planned.fresh or card not in planned.main, card=card)

    def more(taken: frozenset[CardId]) -> list[CardId]:
        """Cards with prerequisites that come up now and did not before, within the same caps and limit."""
        coming = make_plan(app, asked._replace(limit=None), waiting=map(waits, taken))
        opened = [card for card in coming.after if card not in taken]
        return opened if asked.limit is None else opened[: max(0, asked.limit - len(taken))]

    def load(card: CardId) -> Card:
        row = app.store.card(card)
        if row is None or row.card is None or row.retired:
            raise NotFound(f"`{card}` is no longer in its deck")
        return row.card

    return Desk(
        load=load,
        look=app.store.memory,
        record=_recorder(app),
        new_id=app.new_id,
        clock=Clock(
            now=clock.now,
            day=app.day,
            offset_minutes=lambda at: clock.offset_minutes(at, clock.zone()),
            ticks=clock.ticks,
        ),
        scheduler=app.store.scheduler,
        device=app.device,
        more=more,
        verifier=Runner(app, wish.policy),
        shell_for=lambda card: shell_of((card.run or {}).get("shells", ()), own),
        usual_ms=lambda card: usual_ms(app, card),
        mistakes=lambda card: leeches.mistakes(app, card),
        together=app.store.together,
    )


def _recorder(app: App) -> Record:
    """Stores events; behind the first of a new day the day before gets the backup that the end comes too late for."""
    written = ""

    def record(*events: Event) -> Mapping[CardId, Memory]:
        nonlocal written
        stored = app.store.append(events)
        before, written = written, app.date
        if before not in {"", written}:
            from flashcards.app import backups  # 5 ms, once a day in a sitting that stays open

            backups.aside(app, before)
        return stored

    return record


def usual_ms(app: App, card: CardId) -> int | None:
    """The median time of the last right answers to a card; None where there are fewer than three."""
    taken = [
        event.took_ms
        for event in app.store.events(card, standing=True)
        if isinstance(event, Review) and event.grade >= Grade.GOOD and event.took_ms
    ][-USUAL_OF:]
    return sorted(taken)[len(taken) // 2] if len(taken) >= LEAST_KNOWN else None


def _cram(app: App, asked: Asked) -> tuple[CardId, ...]:
    """Every card asked for, due or not; a cram moves no schedule."""
    cards = []
    for row in app.store.all_rows(asked.decks):
        card = row.card
        if card is None or row.retired or row.memory.suspended:
            continue
        tagged = not asked.tags or not set(asked.tags).isdisjoint(card.tags)
        if tagged and (not card.platform or here() in card.platform):
            cards.append(card.id)
    return tuple(cards)[: asked.limit]
