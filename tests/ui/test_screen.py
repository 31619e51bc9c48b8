"""What the views look like, drawn into a file: at 40, 80 and 120 columns, with and without Unicode."""

from io import StringIO

import pytest
from desk import MemoryDesk, card
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from ui.drawing import drawn, in_ascii

from flashcards.model import Card, Grade
from flashcards.session import Answer, Done, Options, Question, Session
from flashcards.ui import grading, markdown, screen, words
from flashcards.ui.screen import Screen, Summary

ACTIVATE = card(
    "venv/activate",
    front="Activate the virtual environment in `venv`, in **this** shell.",
    answer={"": "source venv/bin/activate"},
    explain=(("source", "run a file in this shell, not in a new one"), ("venv/bin/activate", "the file")),
    back="A script that is *run* gets a shell of its own.",
    run={"shells": ["bash", "zsh"], "checks": [{}, {}, {}]},
)
RECALL = card("venv/why", front="Why?", back="Because.")
DONE = Done(reason="finished", reviewed=7, right_at_once=6, drilled=2, skipped=0, took_ms=190_000, left=0)
SUMMARY = Summary(
    retention_today=0.86,
    streak=13,
    decks=(("Python virtual environments", 12, 16), ("git", 5, 11)),
    next_due=(("tomorrow", 4), ("this week", 9)),
)
EVIL = "a\x1b[31mred\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\u202ed\x9b1me\x00\x08[bold]f[/bold]"


def sitting(*cards: Card, **options: object) -> Session:
    desk = MemoryDesk(cards)
    return Session([c.id for c in cards], [], desk.desk(), Options(**options))


def question(*cards: Card) -> Question:
    view = sitting(*cards).view
    assert isinstance(view, Question)
    return view


def answer(one: Card, typed: str | None = None, **options: object) -> Answer:
    view = sitting(one, **options).reveal(typed)
    assert isinstance(view, Answer)
    return view


# ---------------------------------------------------------------- questions


def test_a_question_at_80_columns() -> None:
    """Deck, place, bar, standing; then the question with its Markdown drawn."""
    view = question(RECALL, ACTIVATE, RECALL)._replace(number=2, phase="review", overdue_days=2)

    expected = """
venv  2/3 ━━━━━━────────────                             review · due 2 days ago

Why?

"""
    assert expected == drawn(lambda s: s.question(view, plain=True))


def test_a_question_at_40_columns_is_short() -> None:
    """The bar goes, the standing shortens, the text wraps."""
    view = question(ACTIVATE)._replace(number=2, total=3, phase="review", overdue_days=2, flagged=True)

    expected = """
venv  2/3        review · due 2 days ago

Activate the virtual environment in
venv, in this shell.

"""
    assert expected == drawn(lambda s: s.question(view, plain=True), 40)


def test_a_question_at_120_columns_keeps_its_measure() -> None:
    """Prose stops at 88 columns, where lines are still easy to read."""
    view = question(card("venv/long", front="word " * 60))

    assert max(map(len, drawn(lambda s: s.question(view), 120).splitlines())) == screen.MEASURE


def test_a_drill_says_how_many_are_left() -> None:
    """A card that comes back on the same day says so."""
    view = question(RECALL)._replace(phase="drill", drills=2, total=5, number=5)

    assert "venv  5/5 ━━━━━━━━━━━━━━━━━━                                  once more · 2 left" in drawn(
        lambda s: s.question(view)
    )


def test_a_question_without_unicode() -> None:
    """`━ ─ ·` become `= - .` and nothing else is lost."""
    view = question(RECALL)._replace(number=2, total=3, phase="review", overdue_days=1, notice="put away")

    expected = """
venv  2/3 ======------------                              review . due 1 day ago
put away

Why?

"""
    assert expected == in_ascii(lambda s: s.question(view))


def test_first_code_is_plain_and_later_code_has_colours() -> None:
    """`plain` spares the import of pygments; the text is the same."""
    one = card("x/y", front="Look:\n\n```python\nfor x in y: pass\n```")
    plain = drawn(lambda s: s.question(question(one), plain=True), color=True)
    colourful = drawn(lambda s: s.question(question(one)), color=True)

    assert "\x1b[36mfor x in y: pass\x1b[0m" in plain
    assert "for x in y: pass" not in colourful
    assert "38;5" not in colourful
    assert drawn(lambda s: s.question(question(one), plain=True)) == drawn(lambda s: s.question(question(one)))


# ---------------------------------------------------------------- answers


def test_a_slip_at_80_columns() -> None:
    """Both texts one above the other, a caret, words; then what the words mean, and the back."""
    expected = """\
yours     source venv/bin/activat
answer    source venv/bin/activate
                                 ^ one letter is missing
? nearly right

  source               run a file in this shell, not in a new one
  venv/bin/activate    the file

A script that is run gets a shell of its own.

"""
    assert expected == drawn(lambda s: s.answer(answer(ACTIVATE, "source venv/bin/activat")))


def test_a_slip_at_40_columns() -> None:
    """Where the caret has no room its words stand behind the verdict; a long word stands above its meaning."""
    expected = """\
yours     source venv/bin/activat
answer    source venv/bin/activate
? nearly right: one letter is missing

  source           run a file in this
                   shell, not in a new
                   one
  venv/bin/activate
                   the file

A script that is run gets a shell of its
own.

"""
    assert expected == drawn(lambda s: s.answer(answer(ACTIVATE, "source venv/bin/activat")), 40)


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("git branch", ["yours     git branch", "✓ right"]),
        ("git  branch", ["yours     git  branch", "answer    git branch", "✓ right: only blanks differ"]),
        (
            "git log",
            ["yours     git log", "answer    git branch", "              ^ log instead of branch", "✗ not the same"],
        ),
        ("", ["answer    git branch"]),
    ],
)
def test_every_verdict_has_a_sign_and_words(typed: str, lines: list[str]) -> None:
    """Nothing is said by colour alone."""
    one = card("git/list", answer={"": "git branch"}, back="")

    shown = drawn(lambda s: s.answer(answer(one, typed))).rstrip()

    assert lines == shown.splitlines()[: len(lines)]


def test_another_right_text_stands_above_the_deck_s_own() -> None:
    """Who writes it in another way sees the way that is explained below."""
    one = card("git/list", answer={"": "git branch"}, accept={"": ("git branch --list",)}, back="")

    shown = drawn(lambda s: s.answer(answer(one, "git branch --list"))).rstrip().splitlines()

    assert ["yours     git branch --list", "answer    git branch", "✓ right, another way to write it"] == shown[:3]


def test_a_wrong_answer_near_an_accepted_text_is_shown_the_deck_s_own_too() -> None:
    """What it was compared with is named `nearest`; the answer is what the deck says it is."""
    one = card("venv/create", answer={"": "python3 -m venv venv"}, accept={"": ("virtualenv venv",)}, back="")

    shown = drawn(lambda s: s.answer(answer(one, "source venv"))).rstrip().splitlines()

    assert [
        "yours     source venv",
        "nearest   virtualenv venv",
        "          ^ source instead of virtualenv",
        "answer    python3 -m venv venv",
        "✗ not the same",
    ] == shown[:5]


def test_differences_are_marked_without_colour_too() -> None:
    """What is too much is struck through, what is missing underlined: also where colours are off."""
    one = card("git/list", answer={"": "git branch -a"}, back="")
    file = StringIO()
    console = Console(file=file, width=80, force_terminal=True, no_color=True, highlight=False, color_system="standard")
    Screen(console).answer(answer(one, "git branch -a -v"))

    assert "\x1b[9m" in file.getvalue()
    assert "\x1b[31" not in file.getvalue()


def test_choices_show_the_next_interval_and_fit() -> None:
    """Four keys in one row at 80 columns, in two at 40; six grades in rows as well."""
    view = answer(RECALL)
    six = answer(RECALL, scale=tuple(Grade))

    assert ["1 again 1d    2 hard 1d    3 good 1d    4 easy 1d"] == _choices(view, 80)
    assert ["1 again 1d  2 hard 1d   3 good 1d", "4 easy 1d"] == _choices(view, 40)
    assert ["0 blackout 1d  1 again 1d     ", "2 nearly 1d    3 hard 1d"] == [
        line.ljust(30) if not i else line for i, line in enumerate(_choices(six, 40)[:2])
    ]
    assert len(_choices(six, 80)) == 1


def _choices(view: Answer, width: int) -> list[str]:
    return [line.plain for line in grading.rows(view.choices, width)]


def test_letters_and_numbers_name_the_same_grades() -> None:
    """`a h g e` and `1 2 3 4`; nothing for any other key."""
    choices = answer(RECALL).choices

    assert [1, 3, 4, 5] * 2 == [found.grade for key in "1234ahge" if (found := grading.grade_of(key, choices))]
    assert [None] * 4 == [grading.grade_of(key, choices) for key in ("0", "5", "x", "enter")]


def test_the_prompt_names_the_shell_where_the_effect_counts() -> None:
    """The shell that the question names; none for a card whose text alone is compared."""
    effect, text = question(ACTIVATE)._replace(shell="zsh"), question(RECALL)._replace(shell="zsh")

    assert ["zsh ▸ ", "▸ "] == [screen.prompt(view, words.UNICODE) for view in (effect, effect._replace(shell=""))]
    assert "> " == screen.prompt(text, words.ASCII)


# ---------------------------------------------------------------- the end


def test_the_end_at_80_columns() -> None:
    """Counts, decks, outlook, each in a line."""
    expected = """
7 cards in 3 min 10 s · 6 right at once · retention today 86 %
Python virtual environments  █████████████░░░░░  12 of 16 known
git                          ████████░░░░░░░░░░  5 of 11 known
streak 13 days · next: 4 tomorrow, 9 this week

"""
    assert expected == drawn(lambda s: s.done(DONE, SUMMARY))


def test_the_end_at_40_columns() -> None:
    """Facts break between facts, bars shorten."""
    expected = """
7 cards in 3 min 10 s · 6 right at once
retention today 86 %
Python virtu…  ██████░░░  12 of 16 known
git            ████░░░░░  5 of 11 known
streak 13 days
next: 4 tomorrow, 9 this week

"""
    assert expected == drawn(lambda s: s.done(DONE, SUMMARY), 40)


def test_the_end_says_why_it_came() -> None:
    """Time that is up, cards that are left, and a sitting in which nothing was graded."""
    out_of_time = DONE._replace(reason="minutes", left=3, skipped=1)
    nothing = Done(reason="quit", reviewed=0, right_at_once=0, drilled=0, skipped=0, took_ms=0, left=4)

    assert "time is up · 7 cards in 3 min 10 s" in drawn(lambda s: s.done(out_of_time, Summary()))
    assert "1 skipped\n3 left for later" in drawn(lambda s: s.done(out_of_time, Summary()))
    assert drawn(lambda s: s.done(nothing, Summary())).strip() == "nothing graded · 4 left for later"


def test_many_decks_are_cut() -> None:
    """Six decks and a word about the others."""
    many = Summary(decks=tuple((f"deck{i}", i, 10) for i in range(8)))

    assert "and 2 more decks" in drawn(lambda s: s.done(DONE, many))


@pytest.mark.parametrize("width", [30, 40, 80, 120])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    """Every view keeps to the width, so that nothing wraps where it should not."""

    def everything(on: Screen) -> None:
        on.question(question(ACTIVATE))
        on.answer(answer(ACTIVATE, "source venv/bin"))
        on.foot(grading.rows(answer(RECALL).choices, on.width))
        on.help(tuple(Grade))
        on.done(DONE, SUMMARY)

    assert max(map(len, drawn(everything, width).splitlines())) <= width


def test_the_line_of_keys_keeps_the_way_to_the_others() -> None:
    """Keys are left out from the right, but never the last."""
    keys = (("enter", "check"), ("ctrl-g", "give up"), ("esc ?", "keys"))
    on = Screen(Console(file=StringIO(), width=80))

    assert on.keys(keys, 80) == "enter check · ctrl-g give up · esc ? keys"
    assert on.keys(keys, 40) == "enter check  ctrl-g give up  esc ? keys"
    assert on.keys(keys, 30) == "enter check · esc ? keys"
    assert on.keys(keys, 5) == "esc ? keys" or on.keys(keys, 5) == "enter check"


# ---------------------------------------------------------------- untrusted text


def test_no_text_of_a_card_or_a_person_commands_the_terminal() -> None:
    """Escape sequences, titles, links, bidi marks and rich's markup arrive as plain text or not at all."""
    one = card(
        f"d/{'x'}",
        front=EVIL,
        back=EVIL,
        answer={"": EVIL},
        explain=((EVIL, EVIL),),
        run={"shells": [EVIL], "checks": [1]},
    )._replace(deck=EVIL)

    def everything(on: Screen) -> None:
        on.question(question(one)._replace(notice=EVIL))
        on.answer(answer(one, EVIL + "x"))
        on.done(DONE, Summary(decks=((EVIL, 1, 2),), next_due=((EVIL, 1),), notes=(EVIL,)))
        on.error(EVIL, EVIL)
        on.foot(on.note(EVIL))

    shown = drawn(everything, 120)

    assert "[bold]f[/bold]" in shown
    assert shown.replace("\n", "").isprintable()


@given(st.text())
def test_safe_text_is_printable_and_safe_twice_is_safe_once(text: str) -> None:
    """Nothing but printable characters, blanks and marks that join letters is left."""
    found = words.safe(text)

    assert not [sign for sign in found if (sign < " " and sign not in "\n\t") or "\x7f" <= sign <= "\x9f"]
    assert not set(found) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff\x1b")
    assert found == words.safe(found)


@given(st.text(alphabet="*`_ab\\ \n#->|1."))
def test_markdown_never_fails_and_loses_no_letter(text: str) -> None:
    """However wild the marks, every letter is drawn."""
    shown = "".join(block.text.plain for block in markdown.blocks(text, plain=True))

    if "`" not in text:
        assert [sign for sign in text if sign in "ab"] == [sign for sign in shown if sign in "ab"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a `b*c` d", "a b*c d"),
        ("**bold** and *em*", "bold and em"),
        ("`__init__.py` or __init__.py", "__init__.py or __init__.py"),
        ("2*3*4 and *.log *.txt", "2*3*4 and *.log *.txt"),
        (r"\*not\* and ``a`b``", "*not* and a`b"),
        ("open `tick and **star", "open `tick and **star"),
        ("**`code` inside**", "code inside"),
    ],
)
def test_marks_inside_a_line(source: str, shown: str) -> None:
    """Code, strong, emphasis; signs that are only signs stay."""
    assert shown == markdown.inline(source).plain


def test_blocks_of_a_card() -> None:
    """Headings, lists, quotations, code and tables, one under the other."""
    source = "# Head\ntext\nmore\n\n- one\n- two `x`\n  - deep\n1. first\n> said\n```sh\nls  *\n```\n| a | b |\n|---|---|\n| 1 | two |"
    one = card("x/y", front=source)

    expected = """\
Head
text
more

  - one
  - two x
    - deep
  1. first
| said

  ls  *

  a   b
  1   two
"""
    assert expected in drawn(lambda s: s.question(question(one), plain=True))


# ---------------------------------------------------------------- words


def test_intervals_are_short() -> None:
    """Days, then months and years with one digit."""
    days = [-3, 0, 1, 15, 30, 31, 128, 300, 360, 365, 475, 3652, 36500]

    assert ["today", "today", "1d", "15d", "30d", "1mo", "4.2mo", "9.9mo", "12mo", "1y", "1.3y", "10y", "100y"] == [
        words.interval(d) for d in days
    ]


def test_durations_are_said_in_words() -> None:
    """Seconds, minutes with seconds, hours with minutes."""
    times = [0, 400, 45_000, 60_000, 190_000, 3_900_000]

    assert ["0 s", "0 s", "45 s", "1 min", "3 min 10 s", "1 h 5 min"] == [words.duration(t) for t in times]


def test_counts_and_dues_agree_in_number() -> None:
    """One day, two days."""
    assert ("1 card", "2 cards", "0 cards") == tuple(words.count(n, "card") for n in (1, 2, 0))
    assert ("", "due 1 day ago", "due 2 days ago") == tuple(words.overdue(n) for n in (0, 1, 2))


def test_signs_follow_the_encoding() -> None:
    """Unicode where it can be written, ASCII elsewhere."""
    assert [words.UNICODE, words.ASCII, words.ASCII, words.ASCII] == [
        words.signs(encoding) for encoding in ("utf-8", "ascii", "latin-1", None)
    ]


def test_an_error_stands_alone_and_its_hint_wraps_beside_its_label() -> None:
    """The keys that follow are not stuck to it."""
    shown = drawn(lambda s: s.error("the disk is full", "make room, then give the answer again"), 40)

    assert [
        "",
        "✗ the disk is full",
        "  hint: make room, then give the answer",
        "        again",
        "",
    ] == shown.splitlines()


def test_days_without_cards_are_not_announced() -> None:
    """Nothing comes tomorrow: the end does not count to nought."""
    shown = drawn(lambda s: s.done(DONE, Summary(streak=1, next_due=(("tomorrow", 0), ("in the next 7 days", 3)))))

    assert "streak 1 day · next: 3 in the next 7 days" in shown
    assert "next" not in drawn(lambda s: s.done(DONE, Summary(next_due=(("tomorrow", 0),))))
