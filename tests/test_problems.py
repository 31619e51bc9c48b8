"""How problems are shown: the form of a message, and nothing a terminal would obey."""

from flashcards.formats.source import Source, Span, cells
from flashcards.model import Problem
from flashcards.ui.problems import render, render_all

PROBLEM = Problem(
    path="decks/shell.yaml",
    line=14,
    column=12,
    message="card `test-file`: `front` is a list, expected text",
    hint='quote it: front: "[ -f x ]"',
    excerpt="    front: [ -f x ]",
    caret=11,
    width=8,
)


def test_a_problem_has_place_message_excerpt_and_hint() -> None:
    """The form that every message has."""
    expected = """\
error: decks/shell.yaml:14:12: card `test-file`: `front` is a list, expected text
   14 |     front: [ -f x ]
      |            ^^^^^^^^
hint: quote it: front: "[ -f x ]\""""

    assert expected == render(PROBLEM)


def test_without_excerpt_and_hint_one_line_is_left() -> None:
    """What is not known is not shown."""
    assert "error: a:1:1: gone" == render(Problem(path="a", line=1, column=1, message="gone"))


def test_a_large_line_number_keeps_the_caret_in_its_column() -> None:
    """The gutter grows with the number."""
    lines = render(PROBLEM._replace(line=1234567)).splitlines()

    assert lines[1].index("[") == lines[2].index("^")


def test_only_the_first_problems_are_shown() -> None:
    """Then how many more there are."""
    shown = render_all([PROBLEM] * 23, most=2)

    assert "\n\n".join([render(PROBLEM), render(PROBLEM), "and 21 more"]) == shown


def test_nothing_reaches_the_terminal_that_it_would_obey() -> None:
    """Escape codes and turned letters are made visible, wherever they come from."""
    evil = "\x1b[2J\u202e\x9b\r\n"
    shown = render(Problem(path=evil, line=1, column=1, message=evil, hint=evil, excerpt=evil))

    assert r"\x1b[2J\u202e\x9b\x0d\n" in shown
    assert not set("\x1b\u202e\x9b\r") & set(shown)
    assert 5 == len(shown.splitlines()) + 1


def test_the_caret_stands_under_wide_letters() -> None:
    """Cells are counted, not characters; a tab is one space, a control character as wide as its name."""
    problem = Source("a", "日本\t\x1b: xé").problem(Span(line=0, column=6, end=7), "wrong")

    assert ("日本 \\x1b: xé", 11, 1) == (problem.excerpt, problem.caret, problem.width)


def test_a_long_line_is_cut_round_the_caret() -> None:
    """An excerpt fits into a terminal and shows what it points at."""
    line = "a" * 500 + "日" * 300 + "b" * 500
    problem = Source("a", line).problem(Span(line=0, column=600, end=603), "wrong")

    assert cells(problem.excerpt) <= 102
    assert (problem.excerpt[0], problem.excerpt[-1], problem.width) == ("…", "…", 6)
    assert "日日日" == "".join(problem.excerpt[1 + 25 : 1 + 28])
