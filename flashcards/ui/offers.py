"""What a sitting in a terminal offers: the keys named at each place, and the words of the one consent."""

from flashcards.session import Question

READ_KEYS = (("space", "show the answer"), ("s", "skip"), ("?", "keys"))
TYPE_KEYS = (("enter", "check"), ("ctrl-g", "give up"), ("esc ?", "keys"))
RUN_KEYS = (("enter", "run"), *TYPE_KEYS[1:])
TRY_KEYS = (("enter", "try again"), ("ctrl-g", "give up and see the answer"))
SHORT_TRY_KEYS = (("enter", "try again"), ("ctrl-g", "give up"))
GRADE_KEYS = (("u", "undo"), ("f", "flag"), ("?", "keys"))
PRACTICE_KEYS = (("enter", "leave"), ("r", "once more"))
IN_PRACTICE = ("f", "q", "?")
"""Commands that make sense where nothing is graded."""
DONE_KEYS = (("u", "undo the last step"), ("enter", "leave"))
MENU_KEYS = (
    ("u", "undo"),
    ("s", "skip"),
    ("b", "bury"),
    ("!", "suspend"),
    ("f", "flag"),
    ("e", "edit"),
    ("r", "grade anew"),
    ("q", "quit"),
    ("?", "keys"),
)
GRADING = frozenset("012345ahge")
"""Keys that grade, once there is an answer on screen."""
CONSENT = "Run what you type in a sandbox?"
CONSENT_MEANS = (
    "It runs in a throw-away folder and environment, never in your files; "
    "`cards doctor` says how well this machine contains it."
)
CONSENT_KEYS = (("y", "yes, from now on"), ("n", "not in this sitting"))
SHORT_CONSENT_KEYS = (("y", "yes, from now on"), ("n", "not now"))
YES, NO = frozenset("yY"), frozenset({"n", "N", "q", "escape", "ctrl-d"})
LEAVING = frozenset({"enter", "space", "q", "ctrl-d"})
REST_OF = {"y": "es", "n": "o", "q": "", "escape": "", "ctrl-d": ""}
"""What people type behind the letter: it must not grade, or run as the next answer."""


def typing(view: Question, text: str, *, roomy: bool) -> tuple[tuple[str, str], ...]:
    """What enter does; behind a failed try `esc` has no menu as long as a text stands there."""
    if view.attempt is not None and text:
        return TRY_KEYS if roomy else SHORT_TRY_KEYS
    return RUN_KEYS if view.ready.runs == "yes" else TYPE_KEYS
