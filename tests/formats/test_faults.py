"""A table of faults: what is written, and every word a person is shown for it."""

import pytest

from flashcards.formats.yaml import parse
from flashcards.ui.problems import render_all

H = "deck: shell\ncards:\n"
C = H + "  - id: a\n    front: x\n"

FAULTS = {
    "a list where text belongs": (
        H + "  - id: test-file\n    front: [ -f x ]\n    back: y\n",
        r"""
error: d.yaml:4:12: card `test-file`: `front` is a list, expected text
    4 |     front: [ -f x ]
      |            ^^^^^^^^
hint: quote it: front: "[ -f x ]"
""",
    ),
    "a mapping where text belongs": (
        C + "    answer: { echo hi; }\n",
        r"""
error: d.yaml:5:13: card `a`: `answer` is a mapping, expected text
    5 |     answer: { echo hi; }
      |             ^^^^^^^^^^^^
hint: quote it: answer: "{ echo hi; }"
""",
    ),
    "a colon that makes a mapping": (
        C + "    answer: x\n    accept:\n      - echo a: b\n",
        r"""
error: d.yaml:7:9: card `a`: `accept` is a mapping, expected text
    7 |       - echo a: b
      |         ^^^^^^^^^
hint: quote it: - "echo a: b"
""",
    ),
    "an alias": (
        C + "    answer: *.log\n",
        r"""
error: d.yaml:5:13: a value starts with `*`, an alias in YAML
    5 |     answer: *.log
      |             ^^^^^
hint: quote it: answer: "*.log"
""",
    ),
    "a percent sign": (
        C + "    answer: %1\n",
        r"""
error: d.yaml:5:13: a value starts with `%`, a directive in YAML
    5 |     answer: %1
      |             ^^
hint: quote it: answer: "%1"
""",
    ),
    "a backtick": (
        C + "    answer: `ls`\n",
        r"""
error: d.yaml:5:13: a value starts with a backtick, a reserved sign in YAML
    5 |     answer: `ls`
      |             ^^^^
hint: quote it: answer: "`ls`"
""",
    ),
    "a tag": (
        C + "    answer: !ls foo\n",
        r"""
error: d.yaml:5:13: a value starts with `!`, a tag in YAML; decks have none
    5 |     answer: !ls foo
      |             ^^^^^^^
hint: quote it: answer: "!ls foo"
""",
    ),
    "an anchor": (
        C + "    answer: &x foo\n",
        r"""
error: d.yaml:5:13: a value starts with `&`, an anchor in YAML; decks have none
    5 |     answer: &x foo
      |             ^^^^^^
hint: quote it: answer: "&x foo"
""",
    ),
    "a colon in text": (
        C + "    answer: echo a: b\n    back: z\n",
        r"""
error: d.yaml:5:13: `: ` in text without quotes starts a mapping in YAML
    5 |     answer: echo a: b
      |             ^^^^^^^^^
hint: quote it: answer: "echo a: b"
""",
    ),
    "text behind quotes": (
        C + '    answer: "$HOME"/bin\n    back: z\n',
        r"""
error: d.yaml:5:13: the text goes on after the closing `"`
    5 |     answer: "$HOME"/bin
      |             ^^^^^^^^^^^
hint: quote it: answer: '"$HOME"/bin'
""",
    ),
    "a test with brackets": (
        C + "    answer: [ -f x ] && echo y\n    back: z\n",
        r"""
error: d.yaml:5:13: a value starts with `[`, a list in YAML
    5 |     answer: [ -f x ] && echo y
      |             ^^^^^^^^^^^^^^^^^^
hint: quote it: answer: "[ -f x ] && echo y"
""",
    ),
    "an open quote": (
        C + '    answer: "unclosed\n    back: z\n',
        r"""
error: d.yaml:5:13: a quote is opened here and never closed
    5 |     answer: "unclosed
      |             ^^^^^^^^^
hint: close it, or put the text in a block: |
""",
    ),
    "an open quote and more quotes": (
        C + '    answer: "unclosed\n    back: "z"\n',
        r"""
error: d.yaml:6:11: this quote ends a text that was opened further up
    6 |     back: "z"
      |           ^
hint: look above for a quote without its partner
""",
    ),
    "an open bracket": (
        C + "    answer: [unclosed\n    back: z\n",
        r"""
error: d.yaml:5:13: a value starts with `[`, a list in YAML
    5 |     answer: [unclosed
      |             ^^^^^^^^^
hint: quote it: answer: "[unclosed"
""",
    ),
    "a backslash": (
        C + '    answer: "a\\d"\n',
        r"""
error: d.yaml:5:15: a backslash in double quotes starts an escape, and this is none
    5 |     answer: "a\d"
      |               ^
hint: put the text in single quotes, or in a block: |
""",
    ),
    "a tab": (
        C + "\tanswer: x\n",
        r"""
error: d.yaml:5:1: a tab cannot indent
    5 |  answer: x
      | ^
hint: indent with spaces
""",
    ),
    "a redirection": (
        C + "    answer: > out.txt\n",
        r"""
error: d.yaml:5:13: a value starts with `>`, a block of text in YAML
    5 |     answer: > out.txt
      |             ^^^^^^^^^
hint: quote it: answer: "> out.txt"
""",
    ),
    "a pipe": (
        C + "    answer: | grep x\n",
        r"""
error: d.yaml:5:13: a value starts with `|`, a block of text in YAML
    5 |     answer: | grep x
      |             ^^^^^^^^
hint: quote it: answer: "| grep x"
""",
    ),
    "a key too deep": (
        C + "     back: y\n",
        r"""
error: d.yaml:5:6: this key is indented deeper than the one above
    5 |      back: y
      |      ^^^^^
hint: line up the keys of a card; put long text in a block: `front: |`
""",
    ),
    "a key too shallow": (
        C + "   back: y\n",
        r"""
error: d.yaml:5:4: this line is not indented like the lines above
    5 |    back: y
      |    ^^^^^^^
hint: line up the keys of a card; put long text in a block: `front: |`
""",
    ),
    "a line without a key": (
        C + "    oops\n    back: y\n",
        r"""
error: d.yaml:5:5: this line has no `key:`
    5 |     oops
      |     ^^^^
hint: write `key: value`, or indent the line under the key it belongs to
""",
    ),
    "a cloze without quotes": (
        H + "  - cloze: {{c1::pip}} installs\n",
        r"""
error: d.yaml:3:12: a value starts with `{`, a mapping in YAML
    3 |   - cloze: {{c1::pip}} installs
      |            ^^^^^^^^^^^^^^^^^^^^
hint: quote it: cloze: "{{c1::pip}} installs"
""",
    ),
    "a gap misspelt": (
        H + "  - cloze: 'a {{c1:pip}}'\n",
        r"""
error: d.yaml:3:12: card 1: `cloze` has a gap that cannot be read: {{c1:pip}}
    3 |   - cloze: 'a {{c1:pip}}'
      |            ^^^^^^^^^^^^^^
hint: write a gap like {{c1::text}} or {{c1::text::hint}}
""",
    ),
    "a cloze without a gap": (
        H + "  - cloze: a\n",
        r"""
error: d.yaml:3:12: card 1: `cloze` hides nothing
    3 |   - cloze: a
      |            ^
hint: mark what to hide: {{c1::text}}
""",
    ),
    "a cloze with a front": (
        H + "  - front: x\n    cloze: '{{c1::a}}'\n",
        r"""
error: d.yaml:3:12: card 1: has `cloze` and `front`
    3 |   - front: x
      |            ^
hint: `cloze` is question and answer in one; make two cards
""",
    ),
    "an unknown key": (
        C + "    anwser: z\n",
        r"""
error: d.yaml:5:5: card `a`: unknown key `anwser`
    5 |     anwser: z
      |     ^^^^^^
hint: did you mean `answer`?
""",
    ),
    "a key twice": (
        C + "    back: y\n    front: z\n",
        r"""
error: d.yaml:6:5: card `a`: `front` is given twice, first on line 4
    6 |     front: z
      |     ^^^^^
hint: keep one of them
""",
    ),
    "an id twice": (
        C + "    back: y\n  - id: a\n    front: y\n    back: y\n",
        r"""
error: d.yaml:6:9: card `a`: its id is taken, first on line 3
    6 |   - id: a
      |         ^
hint: give it another id
""",
    ),
    "the same question twice": (
        H + "  - front: same\n    back: y\n  - front: same\n    back: z\n",
        r"""
error: d.yaml:5:5: card 2: asks the same as the card on line 3
    5 |   - front: same
      |     ^^^^^
hint: give it an `id`
""",
    ),
    "a value that is missing": (
        C + "    back:\n",
        r"""
error: d.yaml:5:10: card `a`: `back` is empty
    5 |     back:
      |          ^
hint: write something behind `back:`, or remove the line
""",
    ),
    "nothing behind the front": (
        C,
        r"""
error: d.yaml:3:5: card `a`: has neither `answer` nor `back`
    3 |   - id: a
      |     ^^
hint: add `answer: …` to have it typed, or `back: …` to have it shown
""",
    ),
    "no front": (
        H + "  - id: a\n    back: y\n",
        r"""
error: d.yaml:3:5: card `a`: has no `front`
    3 |   - id: a
      |     ^^
hint: write the question: front: …, or a text with gaps: cloze: …
""",
    ),
    "a stranger in after": (
        C + "    back: y\n    after: [why]\n  - id: whi\n    front: x\n    back: y\n",
        r"""
error: d.yaml:6:13: card `a`: `after` names `why`, which is no card of this deck
    6 |     after: [why]
      |             ^^^
hint: a card of another deck is named deck/id
""",
    ),
    "a circle": (
        H + "  - {id: a, front: x, back: y, after: b}\n  - {id: b, front: x, back: y, after: a}\n",
        r"""
error: d.yaml:4:39: card `b`: `after` goes in a circle: `b` → `a` → `b`
    4 |   - {id: b, front: x, back: y, after: a}
      |                                       ^
hint: remove one of them: none could ever come
""",
    ),
    "an id that is none": (
        H + "  - id: List files\n    front: x\n    back: y\n",
        r"""
error: d.yaml:3:9: card `List files`: `id` may have a-z, 0-9, `.`, `_` and `-`, not `List files`
    3 |   - id: List files
      |         ^^^^^^^^^^
hint: write: id: list-files
""",
    ),
    "a number that is none": (
        C + "    back: y\n    rev: two\n",
        r"""
error: d.yaml:6:10: card `a`: `rev` is `two`, expected a whole number from 1 to 999,999
    6 |     rev: two
      |          ^^^
""",
    ),
    "a platform that is none": (
        C + "    back: y\n    platform: linux, mac\n",
        r"""
error: d.yaml:6:15: card `a`: `platform` has no `mac`
    6 |     platform: linux, mac
      |               ^^^^^^^^^^
hint: did you mean `macos`?
""",
    ),
    "a word explained twice": (
        C + "    back: y\n    explain:\n      venv: the module\n      venv: the folder\n",
        r"""
error: d.yaml:8:7: card `a`: `venv` is given twice, first on line 7
    8 |       venv: the folder
      |       ^^^^
hint: to explain a word twice make a list: - venv: …
""",
    ),
    "a card that is text": (
        H + "  - hello\n",
        r"""
error: d.yaml:3:5: card 1: is text, expected keys with values
    3 |   - hello
      |     ^^^^^
hint: like: - front: What lists files?
""",
    ),
    "no deck": (
        "cards:\n  - {front: x, back: y}\n",
        r"""
error: d.yaml:1:1: `deck` is missing
    1 | cards:
      | ^^^^^
hint: add `deck: …`, stable name of the deck; a card is known as deck/id
""",
    ),
    "no cards": (
        "deck: a\ncards: []\n",
        r"""
error: d.yaml:2:8: `cards` is empty
    2 | cards: []
      |        ^^
hint: write something behind `cards:`
""",
    ),
    "a deck that is text": (
        "hello\n",
        r"""
error: d.yaml:1:1: the file is text, expected a deck
    1 | hello
      | ^^^^^
hint: a deck starts with `deck: name`, then come its `cards:`
""",
    ),
    "a rename of nobody": (
        C + "    back: y\n    was: b\n  - id: b\n    front: x\n    back: y\n",
        r"""
error: d.yaml:6:10: card `a`: `was` names `b`, a card that is still there, on line 7
    6 |     was: b
      |          ^
hint: `was` is for ids that nobody has any more
""",
    ),
    "run without an answer": (
        C + "    back: y\n    run:\n      checks: [{exit_code: 0}]\n",
        r"""
error: d.yaml:7:7: card `a`: `run` needs an `answer`
    7 |       checks: [{exit_code: 0}]
      |       ^
hint: write what is right: answer: …
""",
    ),
    "run with shell and shells": (
        C + "    answer: y\n    run:\n      shell: sh\n      shells: sh\n      checks: [{exit_code: 0}]\n",
        r"""
error: d.yaml:7:7: card `a`: `run` has `shell` and `shells`
    7 |       shell: sh
      |       ^^^^^
hint: keep one of them
""",
    ),
    "a check that is none": (
        C + "    answer: y\n    run:\n      checks:\n        - file_exist: x\n",
        r"""
error: d.yaml:8:11: card `a`: unknown key `file_exist` in `run.checks`
    8 |         - file_exist: x
      |           ^^^^^^^^^^
hint: did you mean `file_exists`?
""",
    ),
    "two checks in one": (
        C + "    answer: y\n    run:\n      checks:\n        - file_exists: x\n          cwd: y\n",
        r"""
error: d.yaml:8:11: card `a`: `file_exists` and `cwd` in one item of `run.checks`
    8 |         - file_exists: x
      |           ^^^^^^^^^^^
hint: make an item of each
""",
    ),
    "a path that leads out": (
        C + "    answer: y\n    run:\n      setup: [{file: ../x}]\n      checks: [{cwd: y}]\n",
        r"""
error: d.yaml:7:22: card `a`: `run.setup.file` leaves the work folder: `../x`
    7 |       setup: [{file: ../x}]
      |                      ^^^^
hint: name it relative to that folder, without `..`
""",
    ),
    "a timeout that is none": (
        C + "    answer: y\n    run:\n      timeout: 5h\n      checks: [{cwd: y}]\n",
        r"""
error: d.yaml:7:16: card `a`: `run.timeout` is `5h`, expected 1 to 120 seconds, like `60s`
    7 |       timeout: 5h
      |                ^^
""",
    ),
    "no checks": (
        C + "    answer: y\n    run: {}\n",
        r"""
error: d.yaml:6:10: card `a`: `run.checks` is missing
    6 |     run: {}
      |          ^^
hint: add `checks: …`, what must hold afterwards, all of it
""",
    ),
    "a pattern that is none": (
        C + "    answer: y\n    run:\n      checks: [{stdout: {matches: '('}}]\n",
        r"""
error: d.yaml:7:35: card `a`: `run.checks.stdout.matches` is no regular expression: missing ), unterminated subpattern at position 0
    7 |       checks: [{stdout: {matches: '('}}]
      |                                   ^^^
hint: put a backslash before . [ ( *
""",
    ),
    "wide letters before the caret": (
        C + "    back: y\n    tags: {日本: x}\n",
        r"""
error: d.yaml:6:11: card `a`: `tags` is a mapping, expected a list
    6 |     tags: {日本: x}
      |           ^^^^^^^^^
""",
    ),
    "a bidi override": (
        C + "    back: y\n    \u202ekey: x\n",
        r"""
error: d.yaml:6:5: card `a`: unknown key `\u202ekey`
    6 |     \u202ekey: x
      |     ^^^^^^^^^
hint: there are: id, front, answer, accept, wrong, back, explain, reverse, cloze, after, platform, tags, run, was, rev
""",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_shown_with_its_place_and_cure(fault: str) -> None:
    """One fault, one problem: where it is, what is wrong, and what to do."""
    written, expected = FAULTS[fault]
    found, problems = parse(written.encode(), "d.yaml")

    assert found is None
    assert expected.strip("\n") == render_all(problems)


def test_all_faults_of_a_file_are_told_in_its_order() -> None:
    """One run shows them all, those before a fault of the YAML itself included."""
    written = C + "    bakc: y\n  - id: b\n    front: {}\n    answer: z\n  - id: A\n    front: x\n    back: `ls`\n"
    found, problems = parse(written.encode(), "d.yaml")

    assert found is None
    assert [(5, 5), (7, 12), (9, 9), (11, 11)] == [(problem.line, problem.column) for problem in problems]
