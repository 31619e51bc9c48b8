"""Sets up a sitting: the plan, the desk it works at, and what the end screen tells."""

from typing import NamedTuple

from flashcards import clock
from flashcards.app import App
from flashcards.app.planning import EVERYTHING, Asked, backlog, backlog_in_words, make_plan
from flashcards.due import Plan, Seen
from flashcards.errors import NotFound
from flashcards.model import FOUR_GRADES, Card, CardId, Grade
from flashcards.platforms import here, shell
from flashcards.session import Clock, Desk, Options, Session


class Wish(NamedTuple):
    """How a person wants to sit: which cards, how long, with what keys."""

    asked: Asked = EVERYTHING
    minutes: float | None = None
    cram: bool = False


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
    )
    return Sitting(session=Session(main, drills, desk(app, wish.asked, planned), options), notes=notes)


def desk(app: App, asked: Asked, planned: Plan) -> Desk:
    """What a session needs from the outside, from the real parts."""

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
        record=lambda event: app.store.append([event]),
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
    )


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
