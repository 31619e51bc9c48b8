"""What can be read but is probably not meant: each lint in a deck that has it, and in one that nearly has it."""

import textwrap
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flashcards.formats.lints import NAMES, lint
from flashcards.formats.yaml import parse_notes
from flashcards.places import bundled_deck, bundled_names


def lints(text: str) -> list[tuple[str, int, int]]:
    """Name, line and column of every lint in a deck without problems."""
    found = parse_notes(text.encode(), "d.yaml")
    assert [] == found.problems
    assert found.source is not None
    return [(one.name, one.problem.line, one.problem.column) for one in lint(found.notes, found.source, found.deck)]


def deck(cards: str) -> str:
    """A deck `d` with those cards; the first stands on line 3."""
    return "deck: d\ncards:\n" + textwrap.dedent(cards).strip("\n") + "\n"


LINTED = {
    "answer cut off": (
        """
        - front: Print a remark.
          answer: echo a # b
        """,
        [("answer-cut", 4, 11)],
    ),
    "accepted text cut off": (
        """
        - front: Print a.
          answer: printf a
          accept:
            - echo a
            - echo 'a' # b
        """,
        [("answer-cut", 7, 7)],
    ),
    "answer cut off inside its quotes": (
        """
        - front: Find it.
          answer: grep "a  # b" c
        """,
        [("answer-cut", 4, 11)],
    ),
    "answer of one shell cut off": (
        """
        - front: Print a remark.
          answer: {bash: "echo a"}
          wrong:
            fish: echo a # b
        """,
        [("answer-cut", 6, 11)],
    ),
    "front cut off": (
        """
        - front: What does # do?
          back: it starts a remark
        """,
        [("text-cut", 3, 10)],
    ),
    "front cut off in its second line": (
        """
        - front: What is
            a thing # in bash?
          back: it starts a remark
        """,
        [("text-cut", 3, 10)],
    ),
    "answer longer than a line": (
        f"""
        - front: Print much.
          answer: {"x" * 79}
        """,
        [("answer-long", 4, 11)],
    ),
    "answer wider than a line": (
        f"""
        - front: Print much.
          answer: {"字" * 40}
        """,
        [("answer-long", 4, 11)],
    ),
    "answer of several lines": (
        """
        - front: Print twice.
          answer: |
            echo
            echo
        """,
        [("answer-long", 4, 11)],
    ),
    "command with a tag": (
        """
        - front: Show the log.
          answer: git log
          tags: [command]
        """,
        [("no-explain", 4, 11)],
    ),
    "command with an option": (
        """
        - front: List all.
          answer: ls -a
        """,
        [("no-explain", 4, 11)],
    ),
    "command that is run": (
        """
        - front: Make b.
          answer: touch b
          run: {shell: sh, checks: [{file_exists: b}]}
        """,
        [("no-explain", 4, 11)],
    ),
    "explained word in no answer": (
        """
        - front: Show the log.
          answer: git log
          explain:
            git: the program
            logs: the history
        """,
        [("explain-stray", 7, 5)],
    ),
    "explained pair in no answer": (
        """
        - front: Show the log.
          answer: git log
          explain:
            - git: the program
            - do … done: a loop
        """,
        [("explain-stray", 7, 7)],
    ),
    "right and wrong": (
        """
        - front: Show the log.
          answer: {bash: git log, fish: git show}
          wrong: [git diff, git show]
        """,
        [("right-and-wrong", 5, 21)],
    ),
    "accepted and wrong": (
        """
        - front: Show the log.
          answer: git log
          accept: git show
          wrong: {fish: git show}
        """,
        [("right-and-wrong", 6, 17)],
    ),
    "accepted twice": (
        """
        - front: Show the log.
          answer: git log
          accept: [git show, git log]
        """,
        [("accept-twice", 5, 22)],
    ),
    "cloze without text": (
        """
        - cloze: "{{c1::site-packages}}."
        """,
        [("cloze-bare", 3, 10)],
    ),
    "same front": (
        """
        - {id: a, front: "What is it?", back: one}
        - {id: b, front: "What  is it?", back: two}
        """,
        [("front-twice", 4, 18)],
    ),
    "reverse asks what a front asks": (
        """
        - {id: a, front: What is it?, back: one}
        - {id: b, front: What else?, back: two, reverse: What is it?}
        """,
        [("front-twice", 4, 50)],
    ),
    "same cloze": (
        """
        - {id: a, cloze: "It is {{c1::one}}."}
        - {id: b, cloze: "It is {{c1::two}}."}
        """,
        [("front-twice", 4, 18)],
    ),
    "front tells another's command": (
        """
        - {id: a, front: Show the log., answer: git log, tags: command, explain: {git: g}}
        - {id: b, front: "What does `git log` do?", back: two}
        """,
        [("gives-away", 4, 18)],
    ),
    "reverse tells another's command in prose": (
        """
        - {id: a, front: Show the log., answer: git log -p, explain: {git: g}}
        - {id: b, front: What else?, back: b, reverse: What does git log -p do?}
        """,
        [("gives-away", 4, 48)],
    ),
    "code block tells another's command": (
        """
        - {id: a, front: Show the log., answer: git log, tags: command, explain: {git: g}}
        - id: b
          front: |
            What is this?
            ```sh
            $ git log
            ```
          back: two
        """,
        [("gives-away", 5, 10)],
    ),
    "cloze tells another's command": (
        """
        - {id: a, front: Where am I?, answer: pwd, tags: command}
        - {id: b, cloze: "`pwd` prints the {{c1::folder}}."}
        """,
        [("gives-away", 4, 18)],
    ),
    "front tells its own answer": (
        """
        - {id: a, front: "Show the log by `git log`.", answer: git log}
        """,
        [("gives-away", 3, 18)],
    ),
    "front names another's file": (
        """
        - {id: a, front: What marks an environment?, answer: pyvenv.cfg}
        - {id: b, front: "What is in `pyvenv.cfg`?", back: settings}
        """,
        [("gives-away", 4, 18)],
    ),
    "cloze shows what it hides": (
        """
        - cloze: "pip keeps it in a {{c1::cache}}; `pip cache purge` empties it."
        """,
        [("gives-away", 3, 10)],
    ),
    "silencing a lint that is none": (
        """
        - {front: What?, back: b}  # lint: off front-twise
        """,
        [("lint-unknown", 3, 28)],
    ),
}
CLEAN = {
    "remark set apart by two blanks": "- {front: q, back: b}\n- front: Print a.  # a remark\n  answer: echo  # another",
    "number sign in quotes, in a block, and inside a word": """
        - front: "Print a # b."
          answer: "echo a # b"
          back: |
            One # more.
          explain: {a#b: no remark, echo: print}
          accept: [echo a#b]
        """,
    "answer as long as a line": f"- front: Print much.\n  answer: {'x' * 78}",
    "answer in a block of one line": "- front: Print.\n  answer: |\n    echo\n",
    "command of one word": "- front: Where am I?\n  answer: pwd\n  tags: [command]",
    "words that are no command": "- front: What does git keep?\n  answer: the whole history - of all",
    "command that is explained": "- front: List all.\n  answer: ls -a\n  explain: {ls: list, -a: all}",
    "words of an accepted answer, in two ways, with a gap": """
        - front: List all.
          answer: ls -a
          accept: for f in *; do echo; done
          explain: {ls: list, "-a, --all": all, do … done: a loop}
        """,
    "accepted where the answer is another": """
        - front: Set it.
          answer: {bash: export A=b, fish: set -x A b}
          accept: {fish: [export A=b], bash: [declare A]}
          wrong: [A=b]
          explain: {A: its name}
        """,
    "accepted everywhere, answer of one shell": """
        - front: Set it.
          answer: {bash: export A=b, fish: set A b}
          accept: [export A=b]
        """,
    "wrong in another shell": """
        - front: Set it.
          answer: {bash: export A=b, fish: set A b}
          wrong: {fish: [export A=b]}
        """,
    "cloze with text, or with a hint": """
        - cloze: "{{c1::bin}} on Linux"
        - cloze: "{{c1::site-packages::where packages land}}"
        """,
    "fronts that differ by a letter's case": """
        - {front: What does `ls -a` list?, back: all}
        - {front: What does `ls -A` list?, back: nearly all}
        """,
    "same front on other platforms": """
        - {id: a, front: Open it., back: open, platform: macos}
        - {id: b, front: Open it., back: start, platform: windows}
        """,
    "same front in other shells": """
        - {id: a, front: Set it., answer: A=b, run: {shell: bash, checks: [{env_equals: {A: b}}]}}
        - {id: b, front: Set it., answer: A:b, run: {shell: fish, checks: [{env_equals: {A: b}}]}}
        """,
    "question that comes after the card it tells": """
        - {id: a, front: Show the log., answer: git log, tags: command, explain: {git: g}}
        - {id: b, front: And then?, back: b, after: a}
        - {id: c, front: "What does `git log` do?", back: two, after: [d/b]}
        """,
    "reverse of the card itself": """
        - {front: Show the log., answer: git log, reverse: "What does `git log` do?"}
        """,
    "longer command that holds the answer": """
        - {id: a, front: Show the log., answer: git log, tags: command, explain: {git: g}}
        - {id: b, front: "What does `git log -p` do?", back: two}
        - {id: c, front: What does git log-viewer do?, back: three}
        """,
    "command that is told on another platform": """
        - {id: a, front: Open it., answer: open b, tags: command, explain: {open: o}, platform: macos}
        - {id: b, front: "What does `open b` do?", back: two, platform: linux}
        """,
    "words and names that questions need": """
        - {id: a, front: Where do staged changes lie?, answer: the index}
        - {id: b, front: What is in the index?, back: two}
        - {id: c, front: What is the first branch?, answer: main}
        - {id: d, front: "Merge `main` into this branch.", back: three}
        """,
    "cloze with a small word twice": '- cloze: "{{c1::The}} shell is The one."',
}


@pytest.mark.parametrize("name", LINTED)
def test_a_lint_is_told_at_its_place(name: str) -> None:
    """Line and column of the value that is odd, and nothing else."""
    cards, expected = LINTED[name]

    assert expected == lints(deck(cards))


@pytest.mark.parametrize("name", CLEAN)
def test_what_only_looks_alike_is_no_lint(name: str) -> None:
    """A warning that is wrong teaches people to look away."""
    assert [] == lints(deck(CLEAN[name]))


def test_every_lint_has_its_deck() -> None:
    """No name without a test, none that the documentation would not know."""
    assert set(NAMES) == {name for _, found in LINTED.values() for name, _, _ in found}


ODD = """deck: d
{above}cards:
{first}  - id: a{head}
    front: Show the log.{inside}
    answer: git log
    tags: [command]
{second}  - id: b
    front: List the branches.
    answer: git branch -l
"""
PLACES = {
    "head": ({"head": "  # lint: off no-explain"}, ["b"]),
    "inside": ({"inside": "  # lint: off text-cut, no-explain: words are known"}, ["b"]),
    "first": ({"first": "  # lint: off no-explain\n"}, ["b"]),
    "second": ({"second": "  # lint: off\n  # for a reason\n"}, ["a"]),
    "above": ({"above": "# lint: off no-explain\n"}, []),
    "another": ({"above": "# lint: off gives-away\n"}, ["a", "b"]),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_comment_silences_a_lint(place: str) -> None:
    """In or right above a card for that card, above all cards for the file; without a name all of them."""
    comments, expected = PLACES[place]
    text = ODD.format(**{"above": "", "first": "", "head": "", "inside": "", "second": "", **comments})
    lines = text.splitlines()

    assert expected == ["a" if "log" in lines[line - 1] else "b" for _, line, _ in lints(text)]


def test_bundled_decks_have_no_lint() -> None:
    """They are the example."""
    for name in bundled_names():
        path = Path(bundled_deck(name))
        found = parse_notes(path.read_bytes(), path.name)
        assert found.source is not None

        assert [] == lint(found.notes, found.source, found.deck)


BITS = st.sampled_from(
    (
        "deck: d\n", "cards:\n", "- id: a\n", "- ", "  ", "\n", "front: ", "answer: ", "accept: ", "wrong: ", "cloze: ",
        "explain: ", "reverse: ", "after: [a]\n", "tags: command\n", "run: ", "platform: ", "[", "]", "{", "}", ": ",
        "git log", "`git log`", "{{c1::log}}", " # b", " # lint: off", "|\n", "&", "*a",
    )
)  # fmt: skip


@example("back: b\n- front: f\n  back: b\n")
@given(st.lists(BITS, max_size=40).map("".join))
@settings(max_examples=150)
def test_a_deck_with_faults_is_linted_as_far_as_it_goes(text: str) -> None:
    """Whatever is missing or broken in it."""
    found = parse_notes(f"deck: d\ncards:\n- front: f\n  {text}".encode(), "d.yaml")
    if found.source is not None:
        assert all(one.name in NAMES for one in lint(found.notes, found.source, found.deck))


def test_two_thousand_cards_are_linted_in_a_tenth_of_a_second() -> None:
    """Each with an answer that no other question has, and beginning like all others; counted on this process alone."""
    cards = "".join(
        f"- id: c{number}\n  front: Commit with the message `m{number}`.\n  answer: git commit -m m{number}\n"
        f"  explain: {{git: the program, commit: to keep}}\n  reverse: What does `git commit -m n{number}` do?\n"
        for number in range(2_000)
    )
    found = parse_notes(deck(cards).encode(), "d.yaml")
    assert found.source is not None
    before = process_time()

    assert [] == lint(found.notes, found.source, found.deck)
    assert process_time() - before < 0.3, "three times what it takes at leisure, for slow machines"
