"""Decks that mean harm, or were made by a machine: a verdict comes in bounded time, and is never the learner's fault."""

import time
from typing import Any

import pytest
from verify.judging import found, run, words

from flashcards.formats import yaml
from flashcards.verify.inside.world import Patience, TooSlowError, listing, outermost

BOMB = "^(a+)+$"
FUEL = "a" * 40 + "b"
SLOW = "(x?){20}x{20}$"
SOON = 100
"""Seconds, on a machine with much else to do; what has no bound takes hours."""
MISSING = {"file_exists": ["b"]}


def nested(kind: str, depth: int, innermost: dict[str, Any]) -> dict[str, Any]:
    """A check inside checks."""
    for _ in range(depth):
        innermost = {kind: innermost if kind == "not" else [innermost, innermost][: 2 if depth < 10 else 1]}
    return innermost


# ---------------------------------------------------------------- patterns that explode


@pytest.mark.parametrize(
    ("typed", "check"),
    [
        (f"echo {FUEL} > b", {"file_matches": {"b": BOMB}}),
        (f"echo {FUEL}", {"stdout": {"matches": BOMB}}),
        pytest.param(f"echo {FUEL} >&2", {"stderr": {"matches": BOMB}}, marks=pytest.mark.slow),
        pytest.param(
            f"echo {FUEL}", {"any": [{"absent": ["x"]}, {"stdout": {"matches": BOMB}}]}, marks=pytest.mark.slow
        ),
        pytest.param(f"echo {FUEL}", {"not": {"stdout": {"matches": BOMB}}}, marks=pytest.mark.slow),
        pytest.param("true", {"run": {"argv": ["echo", FUEL], "stdout": {"matches": BOMB}}}, marks=pytest.mark.slow),
    ],
)
def test_a_pattern_that_explodes_is_the_decks_fault(typed: str, check: dict[str, Any]):
    """Nothing is said of the answer, and soon."""
    began = time.monotonic()

    verdict = run(typed, check)

    assert (verdict.kind, verdict.reason) == ("cannot", "a pattern of this deck does not come to an end")
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("number", [2, pytest.param(100, marks=pytest.mark.slow)])
def test_many_slow_patterns_share_their_time(number: int):
    """Each ends within its second, but all of them together do not get more than a few."""
    began = time.monotonic()

    verdict = run(f"echo {'x' * 19}", *[{"stdout": {"matches": f"{SLOW}|{n}"}} for n in range(number)])

    assert verdict.kind == ("cannot" if number > 10 else "fail"), words(verdict)
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("when", [{"answer": BOMB.replace("a", "[a-z]")}, {"stderr": BOMB}])
@pytest.mark.parametrize("number", [pytest.param(1, marks=pytest.mark.slow), 100])
def test_a_hint_that_explodes_is_no_hint(when: dict[str, Any], number: int):
    """Hints are no part of the verdict: what was said before stays, the rest is left out."""
    hints = [{"when": {"answer": "echo"}, "say": "first"}, *[{"when": when, "say": "never"}] * number]
    began = time.monotonic()

    verdict = run(f"echo {FUEL} >&2\n{'a' * 40}!", MISSING, hints=hints)

    assert (verdict.kind, verdict.hints) == ("fail", ("first",)), words(verdict)
    assert time.monotonic() - began < SOON


def test_patience_comes_to_an_end():
    """What a pattern took is gone; where nothing is left, not even a quick one is tried."""
    patience = Patience()

    assert patience.matches("^b", "a\nb")
    assert not patience.matches("^c", "a\nb")
    with pytest.raises(TooSlowError, match="pattern"):
        patience.matches(BOMB, FUEL)
    assert patience.left < 2.6
    patience.left = 0
    with pytest.raises(TooSlowError, match="pattern"):
        patience.matches("a", "a")


# ---------------------------------------------------------------- far too much of everything


def test_ten_thousand_checks_are_counted():
    """All of them are looked at, a few hundred are told, and what fails is among these."""
    checks = [{"absent": [f"f{number}"]} for number in range(10_000)]

    verdict = run("touch b", *checks, {"absent": ["b"]})

    assert verdict.kind == "fail"
    assert len(verdict.findings) == 200
    assert verdict.findings[0].says == "`b` is there"


def test_ten_thousand_failures_among_many_files():
    """What the learner made is looked at once."""
    began = time.monotonic()

    verdict = run("touch f{1..399}", *[{"file_exists": [f"g{number}"]} for number in range(10_000)])

    assert verdict.kind == "fail"
    assert time.monotonic() - began < SOON


@pytest.mark.slow
def test_checks_that_take_for_ever_are_the_decks_fault():
    """Before the system ends the checker, it says what is the matter."""
    checks = [{"stdout": {"contains": [f"{number} {line}" for line in range(100)]}} for number in range(10_000)]

    verdict = run("seq 20000", {"not": {"all": checks}}, *checks)

    assert (verdict.kind, verdict.reason) == ("cannot", "the checks of this card do not come to an end")


@pytest.mark.slow
def test_programs_that_take_for_ever_are_the_decks_fault():
    """The host loses its patience, too."""
    verdict = run("true", *[{"run": {"argv": ["sleep", "100"]}}] * 3, timeout=1)

    assert (verdict.kind, verdict.reason) == ("cannot", "the checks of this card do not come to an end")


@pytest.mark.parametrize(
    ("kind", "depth", "expected"), [("not", 14, "fail"), ("not", 15, "pass"), ("any", 9, "fail"), ("all", 15, "fail")]
)
def test_checks_inside_checks(kind: str, depth: int, expected: str):
    """As deep as the format allows, and as wide."""
    assert run("true", nested(kind, depth, MISSING)).kind == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "sh", "fish"])
def test_thousands_of_names(shell: str):
    """A shell can be asked of any number of names."""
    names = [f"f{number}" for number in range(3_000)]

    verdict = run("true", {"function_undefined": names}, shell=shell)

    assert verdict.kind == "pass", words(verdict)


def test_texts_are_cut():
    """A megabyte of message, of hint, of what was expected or found is cut to what can be read."""
    long = "m" * 1_000_000
    checks = {**MISSING, "msg": long}, {"stdout": {"equals": long}}, {"file_equals": {"f": "x"}}, {"absent": [long]}
    hints = [{"when": {"answer": "."}, "say": long}]

    verdict = run("true", *checks, hints=hints, setup=[{"file": "f", "content": "line\n" * 200_000}])

    assert verdict.kind == "fail"
    assert max(len(text) for finding in verdict.findings for text in finding[1:]) <= 2_000
    assert [len(hint) for hint in verdict.hints] == [2_000]


def test_a_hundred_long_messages_are_a_verdict():
    """Cut where they are made: the report stays small enough to be read."""
    verdict = run(
        "true", *[{"file_exists": [f"f{number}"], "msg": f"{number}" + "€" * 50_000} for number in range(200)]
    )

    assert (verdict.kind, len(verdict.findings)) == ("fail", 200)


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ({"file_equals": {"big": "x"}}, "`big` has the wrong content"),
        ({"file_matches": {"big": "x"}}, "`big` has the wrong content"),
        ({"run": {"argv": ["yes"]}}, "`yes` does not end as it should"),
        ({"python": {"expr": "'x' * 10 ** 12"}}, "`'x' * 10 ** 12` is not true"),
        ({"python": {"expr": "(lambda f: f(f))(lambda f: f(f))"}}, "is not true"),
        ({"script": {"": "kill -9 $$"}}, "the shell was killed"),
    ],
)
def test_what_is_huge_is_a_failure(check: dict[str, Any], says: str):
    """Files, output and memory without bound are bounded."""
    [finding] = found("head -c 60000000 /dev/zero > big", check)

    assert not finding.ok
    assert says in finding.says


def test_a_setup_of_thousands_of_files():
    """It takes a moment."""
    verdict = run("true", {"file_exists": ["f2999"]}, setup=[{"file": f"f{number}"} for number in range(3_000)])

    assert verdict.kind == "pass", words(verdict)


def test_a_setup_beyond_the_bounds_says_so():
    """The deck asks for more than a run may write."""
    verdict = run("true", {"absent": ["b"]}, setup=[{"file": "f", "content": "x" * 70_000_000}])

    assert verdict.kind == "cannot"
    assert "File too large" in verdict.reason


# ---------------------------------------------------------------- what the format refuses, come by another way


@pytest.mark.parametrize(
    "check",
    [
        {"file_exists": ["a\0b"]},
        {"file_exists": ["a\ud800b"]},
        {"stdout": {"matches": "("}},
        {"mode": {"a": "rwx"}},
        {"file_exists": [3]},
        {"env_equals": 3},
        {"no_such_check": ["b"]},
        {},
    ],
)
def test_a_check_that_makes_no_sense_is_nobodys_fault(check: dict[str, Any]):
    """Not the learner's, not the sandbox's: it is the check that does not work."""
    verdict = run("echo x; touch a", check)

    assert verdict.kind == "cannot"
    assert verdict.reason.startswith("a check of this card does not work: ")


def test_control_characters_come_through_as_data():
    """What is shown is made safe where it is drawn; here nothing breaks."""
    evil = "\x1b]0;x\x07\x1b[31m\u202e\x9b"

    verdict = run(f"printf '{evil}'; touch '{evil}'", {**MISSING, "msg": evil}, {"stdout": {"equals": evil}})

    assert [(finding.ok, finding.says) for finding in verdict.findings] == [
        (False, evil),
        (True, "it printed the right text"),
    ]


def deck(run_key: str) -> str:
    return f"deck: d\ncards:\n  - id: a\n    front: f\n    answer: x\n    run:\n{run_key}"


@pytest.mark.parametrize(
    "text",
    [
        "      checks: &all\n        - any: *all\n",
        "      checks: !!python/object/apply:os.system ['touch /tmp/x']\n",
        '      checks: [{file_exists: "a\\0b"}]\n',
        '      checks: [{absent: x, msg: "\\e[31m"}]\n',
        "      checks: [" + "{any: [" * 40 + "{absent: x}" + "]}" * 40 + "]\n",
        "      checks: [" * 3000 + "\n",
        "      checks: [{absent: x}]\n      setup: [{file: ../x}]\n",
        "      checks: [{absent: x}]\n      setup: [{dir: /tmp/x}]\n",
        "      checks: [{absent: x}]\n      setup: [{copy: a/../../x}]\n",
        "      checks: [{stdout: {matches: '('}}]\n",
        "      checks: [{absent: x}]\n      hints: [{when: {answer: '['}, say: x}]\n",
        "      checks: [{absent: x}]\n      timeout: 1h\n",
        "      checks: [{absent: x}]\n      timeout: 100000s\n",
        "      checks: [{absent: x, file_exists: y}]\n",
        "      checks: [{harmless: x}]\n",
        "      checks: [{mode: {a: rwx}}]\n",
        "      checks: []\n",
        "      checks: [{any: []}]\n",
        "      setup: [{dir: x}]\n",
    ],
)
def test_the_loader_refuses_it(text: str):
    """Recursion, code, escapes, ways out and nonsense never reach a run."""
    parsed, problems = yaml.parse(deck(text).encode(), "evil.yaml")

    assert parsed is None or problems
    assert problems
    assert all(problem.message for problem in problems)


# ---------------------------------------------------------------- names that are listed


def test_a_listing_is_bounded(tmp_path: Any):
    """A tree of thousands of names is listed up to a few hundred, the outermost first."""
    for number in range(30):
        (tmp_path / f"d{number}" / "e").mkdir(parents=True)
        for other in range(30):
            (tmp_path / f"d{number}" / "e" / f"f{other}").touch()

    names = listing(str(tmp_path))

    assert len(names) == 400
    assert {f"d{number}/" for number in range(30)} < names
    assert listing(str(tmp_path / "nowhere")) == frozenset()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ()),
        (["a", "ab", "a-b"], ("a", "a-b", "ab")),
        (["a/", "a/b", "a/b/c", "a-b/", "ab/"], ("a-b/", "a/", "ab/")),
        (["a/b", "a/c/"], ("a/b", "a/c/")),
    ],
)
def test_outermost_names_stand_for_what_is_in_them(names: list[str], expected: tuple[str, ...]):
    """A folder with all that lies in it is one name."""
    assert outermost(names) == expected
