"""Every check of the deck format: when it holds, when it does not, and what a learner reads then."""

from typing import Any

import pytest
from verify.judging import SHELLS, found, run, told, words

from flashcards.formats.fields import TABLES
from flashcards.verify.inside.checks import CHECKS

A = {"file": "a.txt", "content": "hello\n"}
LONG = "same line\n" * 40
LOST = "? the shell was replaced, or does not answer any more, so this could not be seen"

# What was typed, the setup, the check; then the finding: `+` and what holds, or `-` and what does not, what was
# expected and what was found. Read a line that you change as somebody who has just typed the command.
CASES: list[tuple[str, list[Any], dict[str, Any], str]] = [
    ("touch b", [], {"file_exists": ["b"]}, "+ `b` is there"),
    ("true", [], {"file_exists": ["b"]}, "- there is no `b` | b | nothing new"),
    ("touch c d", [], {"file_exists": ["b"]}, "- there is no `b`; you made `c`, `d` | b | c, d"),
    ("mkdir b", [], {"file_exists": ["b"]}, "- `b` is a directory | a file | a directory"),
    ("mkfifo b", [], {"file_exists": ["b"]}, "- `b` is a special file | a file | a special file"),
    ("ln -s nowhere b", [], {"file_exists": ["b"]}, "- `b` is a link to nothing | a file | a link to nothing"),
    ("ln -s a.txt b", [A], {"file_exists": ["b"]}, "+ `b` is there"),
    ("ln -s b b", [], {"file_exists": ["b"]}, "- `b` is a link to nothing | a file | a link to nothing"),
    ("touch B", [], {"file_exists": ["b"]}, "- there is no `b`; you made `B` | b | B"),
    ("rm a.txt", [A], {"file_exists": ["a.txt"]}, "- `a.txt` is gone | a.txt | nothing new"),
    ("mv a.txt b.txt", [A], {"file_exists": ["a.txt"]}, "- `a.txt` is gone; you made `b.txt` | a.txt | b.txt"),
    ("touch b", [], {"file_exists": ["b", "c"]}, "- there is no `c`; you made `b` | c | b"),
    ("touch 'b c'", [], {"file_exists": ["b c"]}, "+ `b c` is there"),
    ("mkdir -p x/y; touch x/y/z", [], {"file_exists": ["x/y/w"]}, "- there is no `x/y/w`; you made `x/` | x/y/w | x/"),
    ("mkdir d", [], {"dir_exists": ["d"]}, "+ `d/` is there"),
    ("true", [], {"dir_exists": ["d"]}, "- there is no `d/` | d/ | nothing new"),
    ("touch d", [], {"dir_exists": ["d"]}, "- `d` is a file | a directory | a file"),
    ("mkdir D", [], {"dir_exists": ["d/"]}, "- there is no `d/`; you made `D/` | d/ | D/"),
    ("rm a.txt", [A], {"absent": ["a.txt"]}, "+ there is no `a.txt`"),
    ("true", [A], {"absent": ["a.txt"]}, "- `a.txt` is still there | no a.txt | a file"),
    ("mkdir x", [], {"absent": ["x"]}, "- `x` is there | no x | a directory"),
    ("ln -s nowhere x", [], {"absent": ["x"]}, "- `x` is there | no x | a link to nothing"),
    ("chmod +x a.txt", [A], {"executable": ["a.txt"]}, "+ `a.txt` can be executed"),
    ("true", [A], {"executable": ["a.txt"]}, "- `a.txt` cannot be executed | the permission `x` | 0644 rw-r--r--"),
    ("true", [], {"executable": ["a.txt"]}, "- there is no `a.txt` | a.txt | nothing new"),
    ("mkdir a.txt", [], {"executable": ["a.txt"]}, "- `a.txt` is a directory | a file | a directory"),
    ("chmod 600 a.txt", [A], {"mode": {"a.txt": "0600"}}, "+ `a.txt` has the mode 0600"),
    ("true", [A], {"mode": {"a.txt": "0755"}}, "- `a.txt` has the mode 0644 | 0755 rwxr-xr-x | 0644 rw-r--r--"),
    ("rm a.txt", [A], {"mode": {"a.txt": "0755"}}, "- `a.txt` is gone | a.txt | nothing new"),
    (
        "ln -s nowhere a.txt",
        [],
        {"mode": {"a.txt": "0755"}},
        "- `a.txt` is a link to nothing | a file | a link to nothing",
    ),
    ("echo hello > b", [], {"file_equals": {"b": "hello"}}, "+ `b` has the right content"),
    ("echo hello > b", [], {"file_equals": {"b": "hello\n"}}, "+ `b` has the right content"),
    ("echo hallo > b", [], {"file_equals": {"b": "hello"}}, "- `b` has the wrong content | hello | hallo"),
    ("echo 'hello ' > b", [], {"file_equals": {"b": "hello"}}, '- `b` has the wrong content | "hello" | "hello "'),
    ("printf 'a\\nc\\n' > b", [], {"file_equals": {"b": "a\nb\n"}}, "- `b` has the wrong content | a⏎b | a⏎c"),
    ("touch b", [], {"file_equals": {"b": "hello"}}, "- `b` has the wrong content | hello | an empty file"),
    ("echo x > b", [], {"file_equals": {"b": ""}}, "- `b` has the wrong content | an empty file | x"),
    ("true", [], {"file_equals": {"b": "hello"}}, "- there is no `b` | b | nothing new"),
    ("mkfifo b", [], {"file_equals": {"b": "hello"}}, "- `b` is a special file | a file | a special file"),
    (
        "chmod 000 a.txt",
        [A],
        {"file_equals": {"a.txt": "hello"}},
        "- `a.txt` cannot be read | the permission `r` | 0000 ---------",
    ),
    (
        "sed -i '30s/line/LINE/' b",
        [{"file": "b", "content": LONG}],
        {"file_equals": {"b": LONG}},
        "- `b` has the wrong content | line 30: same line | line 30: same LINE",
    ),
    (
        "sed -i '$d' b",
        [{"file": "b", "content": LONG}],
        {"file_equals": {"b": LONG}},
        "- `b` has the wrong content | line 40: same line | line 40: ",
    ),
    ("printf '\\377' > b", [], {"file_equals": {"b": "x"}}, "- `b` has the wrong content | x | �"),
    ("echo hello > b", [], {"file_matches": {"b": "^h.*o$"}}, "+ `b` has the right content"),
    ("echo hallo > b", [], {"file_matches": {"b": "e"}}, "- `b` has the wrong content | something like e | hallo"),
    ("touch b", [], {"file_matches": {"b": "e"}}, "- `b` has the wrong content | something like e | an empty file"),
    ("true", [], {"file_matches": {"b": "e"}}, "- there is no `b` | b | nothing new"),
    ("true", [{"venv": "v"}], {"is_venv": ["v"]}, "+ `v/` works as a virtual environment"),
    ("true", [], {"is_venv": ["v"]}, "- there is no `v/` | v/ | nothing new"),
    ("mkdir v", [], {"is_venv": ["v"]}, "- `v/` is not a virtual environment | v/pyvenv.cfg | an empty directory"),
    (
        "mkdir -p v/a v/b v/c v/d v/e",
        [],
        {"is_venv": ["v"]},
        "- `v/` is not a virtual environment | v/pyvenv.cfg | a/, b/, c/, d/, …",
    ),
    ("touch v", [], {"is_venv": ["v"]}, "- `v` is a file | a directory | a file"),
    ("rm v/bin/python3", [{"venv": "v"}], {"is_venv": ["v"]}, "+ `v/` works as a virtual environment"),
    (
        "ln -sf /bin/false v/bin/python",
        [{"venv": "v"}],
        {"is_venv": ["v"]},
        "- `v/` does not work as a virtual environment | v/bin/python, at home in v/ | its Python is at home elsewhere",
    ),
    (
        "mkdir -p v/bin; touch v/pyvenv.cfg; ln -s $PWD/w/bin/python v/bin/python",
        [{"venv": "w"}],
        {"is_venv": ["v"]},
        "- `v/` has no place for packages | v/lib/python3.x/site-packages | bin/, pyvenv.cfg",
    ),
    ("exit 3", [], {"exit_code": [3]}, "+ the exit status is 3"),
    ("exit 3", [], {"exit_code": [0]}, "- the exit status is 3 | 0 | 3"),
    ("exit 3", [], {"exit_code": [0, 1]}, "- the exit status is 3 | 0 or 1 | 3"),
    ("kill -9 $$", [], {"exit_code": [0]}, "? the shell was killed, so this could not be seen"),
    ("mkdir x; cd x", [], {"cwd": "x"}, "+ the shell is in `x`"),
    ("true", [], {"cwd": "."}, "+ the shell is where it started"),
    ("true", [], {"cwd": "x"}, "- the shell is where it started | x | where it started"),
    ("cd ..", [], {"cwd": "."}, "- the shell is in `~` | where it started | ~"),
    ("cd /usr", [], {"cwd": "x"}, "- the shell is in `/usr` | x | /usr"),
    ("mkdir x; ln -s x y; cd y", [], {"cwd": "x"}, "+ the shell is in `x`"),
    ("export A=1", [], {"env_set": ["A"]}, "+ `$A` is set"),
    ("A=1", [], {"env_set": ["A"]}, "- `$A` is not in the environment | A=… | not set, or not exported"),
    ("export A=", [], {"env_set": ["A"]}, "+ `$A` is set"),
    ("unset HOME", [], {"env_unset": ["HOME"]}, "+ `$HOME` is not in the environment"),
    ("export A=$PWD/x", [], {"env_unset": ["A"]}, "- `$A` is set | no A | A=x"),
    ("export A=1", [], {"env_equals": {"A": "1"}}, "+ `$A` is 1"),
    ("export A=2", [], {"env_equals": {"A": "1"}}, "- `$A` has another value | 1 | 2"),
    ("export A=' 1'", [], {"env_equals": {"A": "1"}}, '- `$A` has another value | "1" | " 1"'),
    ("export A=", [], {"env_equals": {"A": ""}}, "+ `$A` is empty"),
    ("export A=", [], {"env_equals": {"A": "1"}}, "- `$A` has another value | 1 | empty"),
    ("export A=x", [], {"env_equals": {"A": "${work}/x"}}, "- `$A` has another value | /home/learner/work/x | x"),
    (
        "export PATH=$PATH:/x",
        [],
        {"env_equals": {"PATH": "${initial.PATH}"}},
        "- `$PATH` has another value | no /x | /x",
    ),
    ("export A=./x/../x", [], {"env_path_equals": {"A": "x"}}, "+ `$A` is ./x/../x"),
    ("export A=$PWD/y", [], {"env_path_equals": {"A": "x"}}, "- `$A` has another value | x | y"),
    ("true", [], {"env_path_equals": {"A": "x"}}, "- `$A` is not in the environment | x | not set, or not exported"),
    ("export PATH=$PWD/x:$PATH", [], {"path_prefix": ["x"]}, "+ `$PATH` starts with `x`"),
    ("export PATH=$PWD/y:$PATH", [], {"path_prefix": ["x"]}, "- `$PATH` does not start with `x` | x:… | y:…"),
    ("export PATH=$PWD/x:$PWD/y:$PATH", [], {"path_prefix": ["x", "y"]}, "+ `$PATH` starts with `x:y`"),
    ("true", [], {"path_lacks": ["x"]}, "+ `$PATH` has no `x`"),
    ("export PATH=$PATH:$PWD/x", [], {"path_lacks": ["x"]}, "- `$PATH` has `x` | no x | x"),
    ("PATH=$PWD/b:$PATH", [{"file": "b/p", "mode": "0755"}], {"command_resolves_within": {"p": "b"}}, "+ `p` is `b/p`"),
    (
        "PATH=$PWD/bb:$PATH",
        [{"file": "bb/p", "mode": "0755"}],
        {"command_resolves_within": {"p": "b"}},
        "- `p` is not the one in `b` | b/p | bb/p",
    ),
    (
        "p() { :; }",
        [{"file": "b/p", "mode": "0755"}],
        {"command_resolves_within": {"p": "b"}},
        "- `p` is not the one in `b` | b/p | a function",
    ),
    (
        "true",
        [],
        {"command_resolves_within": {"nope": "${bin}"}},
        "- `nope` is not the one in `bin` | bin/nope | no such command",
    ),
    ("alias p=ls", [], {"command_is": {"p": "alias"}}, "+ `p` is an alias"),
    ("p() { :; }", [], {"command_is": {"p": "alias"}}, "- `p` is a function | an alias | a function"),
    ("true", [], {"command_is": {"p": "alias"}}, "- there is no command `p` | an alias | no such command"),
    ("true", [], {"command_is": {"p": "nothing"}}, "+ there is no command `p`"),
    ("alias p=ls", [], {"command_is": {"p": "nothing"}}, "- `p` is an alias | no such command | an alias"),
    ("p() { :; }", [], {"function_defined": ["p"]}, "+ the function `p` is there"),
    ("true", [], {"function_defined": ["p"]}, "- there is no function `p` | a function `p` | no such command"),
    ("alias p=ls", [], {"function_defined": ["p"]}, "- there is no function `p` | a function `p` | an alias"),
    ("true", [], {"function_undefined": ["p"]}, "+ there is no function `p`"),
    ("p() { :; }", [], {"function_undefined": ["p"]}, "- the function `p` is there | no function `p` | a function"),
    ("alias p=ls", [], {"alias_defined": ["p"]}, "+ the alias `p` is there"),
    ("true", [], {"alias_defined": ["p"]}, "- there is no alias `p` | an alias `p` | no such command"),
    ("alias p=ls", [], {"alias_undefined": ["p"]}, "- the alias `p` is there | no alias `p` | an alias"),
    ("true", [], {"alias_undefined": ["p"]}, "+ there is no alias `p`"),
    ("PS1='x> '", [], {"prompt_contains": "x>"}, "+ the prompt shows `x>`"),
    ("PS1='y> '", [], {"prompt_contains": "x>"}, "- the prompt does not show `x>` | x> | y> "),
    ("PS1=", [], {"prompt_contains": "x>"}, "- the prompt does not show `x>` | x> | an empty prompt"),
    ("echo hi", [], {"stdout": {"equals": "hi"}}, "+ it printed the right text"),
    ("echo ho", [], {"stdout": {"equals": "hi"}}, "- it printed something else | hi | ho"),
    ("true", [], {"stdout": {"equals": "hi"}}, "- it printed something else | hi | nothing"),
    ("echo hi", [], {"stdout": {"equals": ""}}, "- it printed something else | nothing | hi"),
    ("printf 'a\\nb\\n'", [], {"stdout": {"equals": "a\nb\n"}}, "+ it printed the right text"),
    ("printf 'b\\na\\n'", [], {"stdout": {"equals": "a\nb\n"}}, "- it printed something else | a⏎b | b⏎a"),
    ("echo  'a  b'", [], {"stdout": {"equals": "a b"}}, '- it printed something else | "a b" | "a  b"'),
    ("echo hi there", [], {"stdout": {"contains": ["hi", "there"]}}, "+ it printed the right text"),
    (
        "echo hi there",
        [],
        {"stdout": {"contains": ["hi", "you"]}},
        "- it printed something else | you in it | hi there",
    ),
    ("echo hi", [], {"stdout": {"matches": "^h.$"}}, "+ it printed the right text"),
    ("echo hi", [], {"stdout": {"matches": "^x"}}, "- it printed something else | something like ^x | hi"),
    ("echo hi >&2", [], {"stderr": {"contains": ["hi"]}}, "+ its error messages are the right ones"),
    ("echo hi >&2", [], {"stderr": {"equals": ""}}, "- its error messages are different | nothing | hi"),
    ("true", [], {"stderr": {"matches": "hi"}}, "- its error messages are different | something like hi | nothing"),
    ("touch b", [], {"any": [{"file_exists": ["a"]}, {"file_exists": ["b"]}]}, "+ `b` is there"),
    (
        "touch c",
        [],
        {"any": [{"file_exists": ["a"]}, {"file_exists": ["b"]}]},
        "- there is no `a`, and there is no `b` | a or b | c",
    ),
    (
        "true",
        [],
        {"any": [{"file_exists": ["a"], "msg": "no `a`"}, {"cwd": "x"}]},
        "- no `a`, and the shell is where it started | a or x | nothing new, where it started",
    ),
    ("true", [], {"any": [{"file_exists": ["a"]}]}, "- there is no `a` | a | nothing new"),
    ("exec true", [], {"any": [{"file_exists": ["a"]}, {"cwd": "."}]}, LOST),
    ("touch a; exec true", [], {"any": [{"cwd": "."}, {"file_exists": ["a"]}]}, "+ `a` is there"),
    ("touch a b", [], {"all": [{"file_exists": ["a"]}, {"file_exists": ["b"]}]}, "+ `a` is there, `b` is there"),
    (
        "touch a",
        [],
        {"all": [{"file_exists": ["a"]}, {"file_exists": ["b"]}]},
        "- there is no `b`; you made `a` | b | a",
    ),
    ("exec true", [], {"all": [{"cwd": "."}, {"file_exists": ["b"]}]}, "- there is no `b` | b | nothing new"),
    ("touch b; exec true", [], {"all": [{"cwd": "."}, {"file_exists": ["b"]}]}, LOST),
    ("true", [], {"not": {"file_exists": ["a"]}}, "+ as it should be: there is no `a`"),
    ("touch a", [], {"not": {"file_exists": ["a"]}}, "- it should not be that `a` is there"),
    ("exec true", [], {"not": {"cwd": "x"}}, LOST),
    (
        "true",
        [],
        {"not": {"any": [{"file_exists": ["a"]}, {"all": [{"cwd": "x"}, {"cwd": "y"}]}]}},
        "+ as it should be: there is no `a`, and the shell is where it started",
    ),
    (
        "true",
        [],
        {"not": {"not": {"cwd": "."}}},
        "+ as it should be: it should not be that the shell is where it started",
    ),
    ("touch a", [], {"file_exists": ["b"], "msg": "there has to be a `b`"}, "- there has to be a `b` | b | a"),
    ("touch b", [], {"file_exists": ["b"], "msg": "there has to be a `b`"}, "+ `b` is there"),
    ("exec true", [], {"cwd": ".", "msg": "not shown, since nobody knows"}, LOST),
    ("true", [], {"run": {"argv": ["true"]}}, "+ `true` ends as it should"),
    ("true", [], {"run": {"argv": ["false"]}}, "- `false` does not end as it should | exit status 0 | exit status 1"),
    (
        "true",
        [],
        {"run": {"argv": ["ls", "nope"], "exit": [0, 1]}},
        "- `ls nope` does not end as it should | exit status 0 or 1 | exit status 2: /usr/bin/ls: cannot access 'nope': No such file or directory",
    ),
    (
        "true",
        [],
        {"run": {"argv": ["nope"]}},
        "- `nope` does not end as it should | exit status 0 | exit status 127: there is no nope",
    ),
    (
        "true",
        [],
        {"run": {"argv": ["echo", "hi"], "stdout": {"equals": "hi"}}},
        "+ `echo hi` ends as it should, `echo hi` prints the right text",
    ),
    (
        "true",
        [],
        {"run": {"argv": ["echo", "hi"], "stdout": {"equals": "ho"}}},
        "- `echo hi` prints something else | ho | hi",
    ),
    (
        "export A=1",
        [],
        {"run": {"argv": ["sh", "-c", "echo $A"], "stdout": {"equals": "1"}}},
        "+ `sh -c echo $A` ends as it should, `sh -c echo $A` prints the right text",
    ),
    ("true", [], {"python": {"expr": "1 + 1 == 2"}}, "+ `1 + 1 == 2` is true"),
    ("true", [], {"python": {"expr": "os.path.exists('b')"}}, "- `os.path.exists('b')` is not true | True | False"),
    (
        "true",
        [],
        {"python": {"expr": "nope"}},
        "- `nope` is not true | True | exit status 1: NameError: name 'nope' is not defined. Did you mean: 'None'?",
    ),
    (
        "unset HOME",
        [],
        {"python": {"expr": "'HOME' in os.environ"}},
        "- `'HOME' in os.environ` is not true | True | False",
    ),
    (
        "true",
        [{"venv": "v"}],
        {"python": {"exe": "v/bin/python", "expr": "sys.prefix != sys.base_prefix"}},
        "+ `sys.prefix != sys.base_prefix` is true",
    ),
    (
        "true",
        [],
        {"python": {"exe": "nope", "expr": "True"}},
        "- `True` is not true | True | exit status 127: there is no nope",
    ),
    ("f() { :; }", [], {"script": {"": "f"}}, "+ what the deck tries works"),
    ("true", [], {"script": {"": "test -e b"}}, "- what the deck tries does not work"),
    ("exec true", [], {"script": {"": "true"}}, LOST),
]


@pytest.mark.parametrize(
    ("typed", "setup", "check", "says"),
    [pytest.param(*case, id=f"{next(iter(case[2]))}-{number}") for number, case in enumerate(CASES)],
)
def test_a_check_says_what_it_found(typed: str, setup: list[Any], check: dict[str, Any], says: str):
    """A finding is one line about what is there, and for a failure what was expected and found."""
    verdict = run(typed, check, setup=setup)

    assert [told(finding) for finding in verdict.findings] == [says]
    assert verdict.kind == ("pass" if says.startswith("+") else "fail")


def test_every_kind_of_check_is_tried_both_ways():
    """No check of the format is missing from the table, and each holds once and fails once."""
    for kind in (name for name in TABLES["check"]):
        signs = {says[0] for *_, check, says in CASES if kind in check}
        assert signs >= {"+", "-"}, kind
    assert set(TABLES["check"]) == set(CHECKS)


# ---------------------------------------------------------------- beside a check


@pytest.mark.parametrize("shell", SHELLS)
def test_a_check_may_be_meant_for_some_shells(shell: str):
    """What is asked in other shells only is not looked at, also inside `any`, `all` and `not`."""
    other = {"absent": ["work"], "shells": ["bash"]}
    wrong = {"file_exists": ["b"], "shells": [name for name in SHELLS if name != shell]}
    nested = [{"any": [wrong, wrong]}, {"all": [wrong]}, {"not": {"absent": ["b"], "shells": wrong["shells"]}}]

    findings = found("true", {"absent": ["x"]}, wrong, *nested, other, shell=shell)

    expected = ["+ there is no `x`", *(["+ there is no `work`"] if shell == "bash" else [])]
    assert [told(finding) for finding in findings] == expected


def test_a_check_may_be_meant_for_some_platforms():
    """On this one the others are left out."""
    mac, here = {"file_exists": ["b"], "platform": ["macos", "windows"]}, {"absent": ["b"], "platform": ["linux"]}

    assert [told(finding) for finding in found("true", mac, here)] == ["+ there is no `b`"]


def test_a_card_without_a_check_for_this_shell_says_so():
    """Nothing looked at is no pass."""
    verdict = run("true", {"absent": ["x"], "shells": ["fish"]})

    assert (verdict.kind, verdict.reason) == ("cannot", "this card has no check for bash")


def test_two_checks_that_find_the_same_say_it_once():
    """A directory that is not there is not there once."""
    findings = found("mkdir x", {"dir_exists": ["venv"]}, {"is_venv": ["venv"]}, {"dir_exists": ["venv"]})

    assert [told(finding) for finding in findings] == ["- there is no `venv/`; you made `x/` | venv/ | x/"]


# ---------------------------------------------------------------- what is filled in


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${bin}", "bin"),
        ("x${exe}", "x"),
        ("${work}", "."),
        ("${work}/x", "x"),
        ("${initial.USER}", "learner"),
        ("${initial.A}", "empty"),
        ("${before.A}", "set"),
        ("${after.A}", "typed"),
        ("${after.NOPE}", "empty"),
        ("${initial.USER}${before.A}-${after.A}", "learnerset-typed"),
        ("${nope}", "${nope}"),
        ("${nope.A}", "${nope.A}"),
        ("${", "${"),
        ("$ {A} $A", "$ {A} $A"),
    ],
)
def test_a_value_is_filled_in(value: str, expected: str):
    """Variables of three moments, the work directory, and the name of the directory of programs."""
    setup = [{"script": {"": "export A=set"}}]

    [_, finding] = found("export A=typed", {"env_set": ["A"]}, {"env_equals": {"A": f"{value}"}}, setup=setup)

    assert (finding.expected or "typed") == expected


def test_paths_are_filled_in():
    """Names of files may hold variables, too."""
    check = {"file_exists": ["${initial.USER}.txt", "${bin}/x"]}

    assert told(found("mkdir bin; touch learner.txt bin/x", check)[0]) == "+ `learner.txt` is there, `bin/x` is there"


# ---------------------------------------------------------------- hints


HINTS = [
    ("touch c", {"answer": "^touch"}, True),
    ("touch c", {"answer": "^mkdir"}, False),
    ("touch c\nmkdir x", {"answer": "^mkdir"}, True),
    ("exit 3", {"exit_code": [1, 3]}, True),
    ("exit 2", {"exit_code": [1, 3]}, False),
    ("touch c", {"exists": ["c"]}, True),
    ("touch c", {"exists": ["c", "d"]}, False),
    ("ln -s nowhere c", {"exists": ["c"]}, True),
    ("touch c", {"missing": ["b"]}, True),
    ("touch c", {"missing": ["b", "c"]}, False),
    ("nope", {"stderr": "not found"}, True),
    ("echo not found", {"stderr": "not found"}, False),
    ("touch c", {"answer": "c$", "exists": ["c"], "missing": ["b"], "exit_code": [0]}, True),
    ("touch c", {"answer": "c$", "exists": ["c"], "missing": ["b"], "exit_code": [1]}, False),
    ("kill -9 $$", {"exit_code": [137]}, False),
]


@pytest.mark.parametrize(("typed", "when", "is_said"), HINTS)
def test_a_hint_is_said_when_all_of_it_fits(typed: str, when: dict[str, Any], is_said: bool):
    """Text, exit status, files and errors; a hint needs all that it names."""
    verdict = run(typed, {"file_exists": ["b"]}, hints=[{"when": when, "say": "so it is"}])

    assert verdict.hints == (("so it is",) if is_said else ())


def test_hints_are_few_and_only_for_failures():
    """Three at most, in the order of the deck; an answer that passes needs none."""
    hints = [{"when": {"answer": "."}, "say": f"hint {number}"} for number in range(5)]

    assert run("touch c", {"file_exists": ["b"]}, hints=hints).hints == ("hint 0", "hint 1", "hint 2")
    assert run("touch b", {"file_exists": ["b"]}, hints=hints).hints == ()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("typed", ["echo 'x", 'echo "x', "echo x |"])
def test_an_incomplete_line_is_called_that(typed: str, shell: str):
    """At a prompt the shell would have waited for more; here it is said."""
    verdict = run(typed, {"file_exists": ["b"]}, shell=shell)

    assert verdict.hints == ("The command is not complete: a quote, a bracket or a block is still open.",)


# ---------------------------------------------------------------- what a check may meet


def test_what_only_we_set_is_not_the_learners():
    """The variable by which pip is made quick is invisible to checks, set or not."""
    checks = {"env_unset": ["PYTHONPATH"]}, {"run": {"argv": ["sh", "-c", "test -z $PYTHONPATH"]}}

    assert run("true", *checks).kind == "pass"


@pytest.mark.parametrize(
    ("typed", "value"), [("=/x", "/x"), ("=/x:$PYTHONPATH", "/x"), ("=$PYTHONPATH:/x:/y", "/x:/y"), ("=", "")]
)
def test_a_learner_may_set_what_we_set(typed: str, value: str):
    """What is typed there is what the check sees, without our part of it."""
    checks = {"env_equals": {"PYTHONPATH": value}}, {"env_unset": ["PYTHONPATH"]}

    assert [finding.ok for finding in found(f"export PYTHONPATH{typed}", *checks)] == [True, False]


def test_devices_and_trees_are_no_trouble():
    """A check meets whatever an answer can make, and goes on."""
    typed = "mkdir -p d/d/d/d/d; for i in $(seq 600); do mkdir -p many/$i; done; chmod 000 d; mkfifo p; ln -s / root"
    checks = [{"file_exists": [name]} for name in ("/dev/null", "/dev/full", "p", "root/nope", "d/d/d", "x" * 300)]

    assert [finding.ok for finding in found(typed, *checks)] == [False] * len(checks)


def test_of_many_new_names_the_outermost_are_told():
    """A directory with all that is in it is one thing that was made."""
    finding = found("mkdir -p a/b/c; touch a/x a/b/y z", {"file_exists": ["f"]})[0]

    assert finding.found == "a/, z"


def test_what_git_keeps_is_not_told():
    """A commit makes a dozen files that nobody typed."""
    [finding] = found("git commit -q --allow-empty -m x", {"file_exists": ["f"]}, setup=[{"git": "."}])

    assert finding.found == "nothing new"
    assert "git" not in words(run("git init -q x", {"file_exists": ["f"]}, needs=["git"])).replace("x/", "")
