"""Every column of the exports: header, schemas, tables and the page docs/exports.md are made of these."""

from typing import NamedTuple

from flashcards.model import GRADE_NAMES, MODES
from flashcards.stats import Kind
from flashcards.store.database_out import Column


class Export(NamedTuple):
    """What an export holds."""

    name: str
    schema: str
    """Name and version of the promise."""
    means: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The columns by which a row is the same one in a later export."""

    @property
    def names(self) -> tuple[str, ...]:
        """The header."""
        return tuple(column.name for column in self.columns)

    def without(self, *names: str) -> "Export":
        """The same without some columns."""
        return self._replace(columns=tuple(column for column in self.columns if column.name not in names))


SHARE = "share, 0 to 1"
COUNT = "reviews"

PROGRESS = Export(
    "progress",
    "cards.progress/1",
    "one row a card",
    (
        Column("id", "text", "the card: deck/name"),
        Column("deck", "text", "its deck"),
        Column("front", "text", "the question; empty for a card that only the log knows", empty=True),
        Column(
            "state",
            "text",
            "new: without a schedule; review: with one; retired: its deck has it no more",
            values=("new", "review", "retired"),
        ),
        Column("repetitions", "integer", "right answers since the last lapse, at most one a day", "reviews"),
        Column("ease", "number", "the easiness factor of SM-2, from 1.3", empty=True),
        Column("interval_days", "integer", "from the last review to the next", "days", empty=True),
        Column("due", "day", "the study day on which it comes up", empty=True),
        Column("lapses", "integer", "how often it was forgotten after it had been known", "reviews"),
        Column("reviews", "integer", "answers that moved its schedule: no drills, no cram", "reviews"),
        Column("last_review", "moment", "the last of them", empty=True),
        Column("retention", "number", "how likely it is still remembered today", SHARE, empty=True),
        Column("suspended", "boolean", "put away until it is resumed"),
        Column("buried_until", "day", "put away until this study day", empty=True),
        Column("flagged", "boolean", "marked by the person"),
        Column("tags", "texts", "tags of the card and its deck"),
        Column("leech", "boolean", "forgotten so often that another wording would help"),
    ),
    ("id",),
)

STATS = Export(
    "stats",
    "cards.stats/1",
    "one row a study day and deck",
    (
        Column("day", "day", "the study day"),
        Column("deck", "text", "the deck"),
        Column("reviews", "integer", "answers that moved a schedule", COUNT),
        Column("new", "integer", "of those, the cards that were new", COUNT),
        Column("relearned", "integer", "of those, the cards that had failed the time before", COUNT),
        Column("extra", "integer", "drills, cram, second answers of a day: in no other count", COUNT),
        Column("again", "integer", "of the reviews, those with a grade of 0 to 2", COUNT),
        Column("hard", "integer", "of the reviews, those with a grade of 3", COUNT),
        Column("good", "integer", "of the reviews, those with a grade of 4", COUNT),
        Column("easy", "integer", "of the reviews, those with a grade of 5", COUNT),
        Column("took_ms", "integer", "time spent, extra answers included", "milliseconds"),
        Column("right", "number", "reviews with a grade of 3 or more, by reviews", SHARE, empty=True),
        Column("tested", "integer", "reviews of cards that were not new", COUNT),
        Column("recalled", "integer", "of those, the right ones", COUNT),
        Column("young", "integer", "of the tested, those less than 21 days after the one before", COUNT),
        Column("young_recalled", "integer", "of those, the right ones", COUNT),
        Column("mature", "integer", "of the tested, those 21 days or more after the one before", COUNT),
        Column("mature_recalled", "integer", "of those, the right ones", COUNT),
        Column("retention", "number", "true retention: recalled by tested", SHARE, empty=True),
    ),
    ("day", "deck"),
)

REVIEWS = Export(
    "reviews",
    "cards.reviews/1",
    "one row a review, in order",
    (
        Column("id", "text", "the event: the same in the log and on every device"),
        Column("card", "text", "the card, under its name of today"),
        Column("deck", "text", "its deck"),
        Column("day", "day", "the study day for which it counts"),
        Column("at", "moment", "when the answer was graded"),
        Column("hour", "integer", "on the clock where the person was", "hour, 0 to 23"),
        Column("grade", "integer", "the quality of the answer", "0 (worst) to 5"),
        Column("grade_name", "text", "the same as a word", values=tuple(GRADE_NAMES.values())),
        Column(
            "kind",
            "text",
            "new, young or mature (21 days or more since the one before) if it moved the schedule, else extra",
            values=tuple(kind.name.lower() for kind in Kind),
        ),
        Column("relearned", "boolean", "the card had failed the time before"),
        Column("mode", "text", "how it was asked", values=MODES),
        Column("took_ms", "integer", "from the question to the grade", "milliseconds", empty=True),
        Column("verdict", "text", "what running the answer showed: pass, fail or cannot", empty=True),
        Column("tries", "integer", "how often an answer was run", "tries", empty=True),
        Column("hints", "integer", "how many hints were shown", "hints", empty=True),
        Column("device", "text", "where it was answered"),
        Column("typed", "text", "what was typed; only with --typed", empty=True),
    ),
    ("id",),
)

DECKS = Export(
    "decks",
    "cards.decks/1",
    "one row a deck",
    (
        Column("deck", "text", "the deck"),
        Column("title", "text", "its title; empty where only the log knows it", empty=True),
        Column("cards", "integer", "cards that it has now", "cards"),
    ),
    ("deck",),
)

DATABASE = "cards.database/1"
TYPES = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "day": "day",
    "moment": "moment",
    "texts": "list of texts",
}
"""How the page names them."""


def page(export: Export) -> str:
    """The columns as a table in Markdown."""
    head = "| Column | Type | Unit | Meaning |\n| --- | --- | --- | --- |\n"
    return head + "".join(
        f"| `{one.name}` | {TYPES[one.type]}{' or empty' if one.empty else ''} | {one.unit} | {one.means} |\n"
        for one in export.columns
    )
