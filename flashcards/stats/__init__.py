"""Reviews in, numbers out: study days, retention, streaks, what comes due. Pure.

`per_day` turns the standing log into one row of counts per study day; all
else is computed from such rows, which a database can count as well.
docs/statistics.md defines every number.
"""

from flashcards.stats.ahead import (
    USUAL_MS,
    Ahead,
    Chances,
    balance,
    chances,
    expected,
    forecast,
    is_known,
    known,
    load,
    simulate,
    typical_ms,
)
from flashcards.stats.commands import Commands, commands
from flashcards.stats.counting import (
    LONGEST_MS,
    MATURE_DAYS,
    Course,
    DayCount,
    Graded,
    Kind,
    count,
    graded,
    per_day,
    per_week,
    plus,
    total,
)
from flashcards.stats.shares import Retention, Share, interval, retained, retention, right_share
from flashcards.stats.streaks import Moment, Streak, gaps, lived, longest_streak, spared, streak, streaks

__all__ = [
    "LONGEST_MS",
    "MATURE_DAYS",
    "USUAL_MS",
    "Ahead",
    "Chances",
    "Commands",
    "Course",
    "DayCount",
    "Graded",
    "Kind",
    "Moment",
    "Retention",
    "Share",
    "Streak",
    "balance",
    "chances",
    "commands",
    "count",
    "expected",
    "forecast",
    "gaps",
    "graded",
    "interval",
    "is_known",
    "known",
    "lived",
    "load",
    "longest_streak",
    "per_day",
    "per_week",
    "plus",
    "retained",
    "retention",
    "right_share",
    "simulate",
    "spared",
    "streak",
    "streaks",
    "total",
    "typical_ms",
]
