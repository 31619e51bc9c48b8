"""Statistics of a small made-up home, for tests of what is drawn: 300 days that follow a rule, no dice."""

from datetime import date, timedelta

from flashcards import stats
from flashcards.app.statistics import (
    TARGET,
    DeckNumbers,
    Hard,
    Period,
    Stages,
    Statistics,
    TagNumbers,
    Week,
)
from flashcards.model import CardId
from flashcards.stats import Ahead, Commands, DayCount, Streak
from flashcards.store.answers import ALL, Mistake, Within

TODAY = date(2026, 11, 28)
EVIL = "a\x1b[31mred\x1b]0;title\x07b\u202ed\x9b1me\x00[bold]f[/bold]"


def day_count(number: int) -> DayCount:
    """What was done so many days ago."""
    reviews, new = 3 + number * 7 % 11, number % 2
    tested, wrong = reviews - new, number % 3
    mature = tested // 3
    mature_wrong = min(number % 2, mature, wrong)
    return DayCount(
        reviews=reviews,
        right=reviews - wrong,
        new=new,
        recalled=tested - wrong,
        extra=number % 4,
        took_ms=reviews * 9_000,
        relearned=number % 3,
        mature=mature,
        mature_recalled=mature - mature_wrong,
        hard=1,
        easy=1,
    )


def many_days(days: int = 300) -> dict[date, DayCount]:
    """Days with answers, each ninth left out."""
    return {TODAY - timedelta(days=ago): day_count(ago) for ago in reversed(range(days)) if ago % 9 != 8}


def statistics(days: dict[date, DayCount] | None = None, within: Within = ALL) -> Statistics:
    """All numbers, fitting together as far as a screen can tell."""
    days = many_days() if days is None else days
    whole = stats.total(days.values())
    due = tuple(9 if place == 0 else place * 5 % 4 for place in range(365))
    deck = DeckNumbers("git", "Git", Stages(new=12, young=9, mature=26), 31, 4, whole)
    other = deck._replace(
        deck="a-deck-with-a-long-name", stages=Stages(new=3, suspended=2), known=0, due=0, done=DayCount()
    )
    return Statistics(
        day=TODAY,
        within=within,
        days=days,
        total=whole,
        today=days.get(TODAY, DayCount()),
        periods=tuple(
            Period(name, stats.total(n for day, n in days.items() if day > TODAY - timedelta(days=length)))
            for name, length in (("today", 1), ("7 days", 7), ("30 days", 30), ("1 year", 365), ("all", 9999))
        ),
        streak=stats.streaks(days, TODAY) if days else Streak(0, 0, 0),
        weeks=tuple(Week(monday, n, stats.retained(n).all) for monday, n in stats.per_week(days).items()),
        retention=stats.retained(whole),
        target=TARGET,
        hours=tuple(whole if hour in {8, 19} else DayCount() for hour in range(24)),
        weekdays=tuple(whole for _ in range(7)),
        stages=Stages(new=15, young=9, mature=26, suspended=2),
        intervals=(),
        ease=(),
        due=due,
        ahead=Ahead(young=due, mature=tuple(place % 3 for place in range(365))),
        load=2.5,
        balance=1.4,
        decks=(deck, other),
        tags=(TagNumbers("branches", deck.stages, whole),),
        hardest=(
            Hard(CardId("git/undo"), "Take back the last commit.", 9, True, day_count(4), "git reset --hard"),
            Hard(CardId("git/stash"), "Put changes aside.", 3, False, day_count(5), None),
        ),
        leeches=1,
        commands=Commands(judged=120, passed=100, first_try=90, tries=150, hints=12, cannot=3),
        mistakes=(Mistake(CardId("git/undo"), "git reset --hard", 7), Mistake(CardId("git/undo"), "git revert", 2)),
    )


def hostile() -> Statistics:
    """Texts that a terminal would obey, wherever a text comes from a file or a person."""
    numbers = statistics()
    return numbers._replace(
        within=Within(decks=(EVIL,), tags=(EVIL,)),
        decks=tuple(deck._replace(deck=EVIL, title=EVIL) for deck in numbers.decks),
        tags=tuple(tag._replace(tag=EVIL) for tag in numbers.tags),
        hardest=tuple(hard._replace(card=CardId(EVIL), front=EVIL, typed=EVIL) for hard in numbers.hardest),
        mistakes=tuple(one._replace(card=CardId(EVIL), typed=EVIL) for one in numbers.mistakes),
    )
