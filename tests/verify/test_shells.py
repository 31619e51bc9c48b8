"""One shell, one truth: whatever an answer does to its shell, the verdict comes, and says nothing that is not so."""

import signal
from collections.abc import Callable
from typing import Any

import pytest
from verify.judging import SHELLS, found, run, told, words

from flashcards.model import Verdict
from flashcards.verify import shells
from flashcards.verify.inside import record

POSIX = ("bash", "zsh", "sh")
BASH, ZSH, SH, FISH = ("bash",), ("zsh",), ("sh",), ("fish",)
RICH = ("bash", "zsh")

LOOKS = ({"file_exists": ["b"]}, {"env_set": ["PATH"]}, {"absent": ["c"]})
"""A file that the answer makes, something that only the shell knows, a file that a line after the end would make."""

# The signs are those of the three checks: `+` holds, `-` does not, `?` could not be seen.
CASES: list[tuple[tuple[str, ...], str, str, int | None]] = [
    # ways to end
    (SHELLS, "touch b", "+++", 0),
    (SHELLS, "touch b; exit 0", "+++", 0),
    (SHELLS, "touch b; exit 3; touch c", "+++", 3),
    (SHELLS, "touch b; return 5; touch c", "+++", 5),
    (SHELLS, "touch b; false", "+++", 1),
    (POSIX, "touch b; (exit 9)", "+++", 9),
    (POSIX, "f() { exit 6; }; touch b; f; touch c", "+++", 6),
    (FISH, "function f; exit 6; end; touch b; f; touch c", "+++", 6),
    (POSIX, "set -e; touch b; false; touch c", "+++", 1),
    (POSIX, "touch b; set -e", "+++", 0),
    (BASH, "set -u; touch b; echo $nope; touch c", "+++", 1),
    (SH, "set -u; touch b; echo $nope; touch c", "+++", 2),
    (ZSH, "set -u; touch b; echo $nope; touch c", "+++", 126),
    (BASH, "touch b; ${nope:?is not set}; touch c", "+++", 1),
    (SH, "touch b; ${nope:?is not set}; touch c", "+++", 2),
    (RICH, "touch b; set -eu; exit 0", "+++", 0),
    (BASH, "touch b; exit 256", "+++", 0),
    (SH, "touch b; return 300", "+++", 44),
    (FISH, "touch b; exit -1", "+?+", None),  # fish 3.6 dies of it
    # traps
    (POSIX, "touch b; trap - EXIT", "+++", 0),
    (POSIX, "touch b; trap - EXIT; exit 2", "+?+", 2),
    (POSIX, "touch b; trap 'echo bye' EXIT", "+++", 0),
    (POSIX, "touch b; trap 'echo bye' EXIT; exit 4", "+?+", 4),
    (ZSH, "touch b; TRAPEXIT() { echo bye; }; exit 4", "+?+", 4),
    (POSIX, "touch b; trap '' EXIT TERM INT", "+++", 0),
    (FISH, "touch b; trap 'echo bye' EXIT; exit 4", "+++", 4),
    (FISH, "touch b; function bye --on-event fish_exit; echo bye; end; exit 4", "+++", 4),
    (RICH, "touch b; trap 'echo x' DEBUG", "+++", 0),
    (BASH, "touch b; set -ET; trap 'echo x' DEBUG ERR RETURN; false", "+++", 1),
    # the shell is lost
    (SHELLS, "touch b; exec true", "+?+", 0),
    (SHELLS, "touch b; exec bash", "+?+", 0),
    (SHELLS, "touch b; exec bash -c 'exit 5'", "+?+", 5),
    (POSIX, "touch b; kill -9 $$", "+?+", None),
    (FISH, "touch b; kill -9 $fish_pid", "+?+", None),
    (POSIX, "touch b; set -n", "+?+", 0),
    (POSIX, "touch b; exec 8>&-", "+?+", 0),
    (POSIX, "touch b; exec 8>/dev/null", "+?+", 0),
    (RICH, "builtin() { :; }; touch b", "+?+", 0),
    (POSIX, "touch b; ulimit -v 1", "+?+", None),
    (POSIX, f"touch b; x={'x' * 200_000}; export x", "+?+", 0),  # no program starts with that in its environment
    # what does not parse
    (BASH, "touch b\necho 'abc", "+++", 2),
    (SH, "touch b\necho 'abc", "+++", 2),
    (ZSH, "touch b\necho 'abc", "+++", 126),
    (FISH, "touch b\necho 'abc", "-++", 1),
    (BASH, "touch b; if", "-++", 2),
    (SH, "touch b; if", "-++", 2),
    (ZSH, "touch b; if", "-++", 126),
    (FISH, "touch b; while true", "-++", 1),
    (SH, "touch b; )", "-++", 2),
    (BASH, "touch b; )", "-++", 2),
    (FISH, "touch b; )", "-++", 1),
    (POSIX, "touch b\ncat <<X\nabc", "+++", 0),
    (POSIX, "cat <<'X' > b\nabc\nX\n", "+++", 0),
    (FISH, "cat <<X > b\nabc\nX", "-++", 1),
    (BASH, "touch b; eval 'if'; touch c", "++-", 0),
    (SH, "touch b; eval 'if'; touch c", "+++", 2),
    (RICH, "touch b; . ./nope; true", "+++", 0),
    (ZSH, "touch b; ls *.nope; touch c", "++-", 0),
    # what goes on in the background
    (SHELLS, "touch b &", "+++", 0),
    (SHELLS, "touch b; sleep 500 &", "+++", 0),
    (RICH, "sleep 500 & touch b; disown", "+++", 0),
    (FISH, "sleep 500 & touch b; disown", "+++", 0),
    (POSIX, "touch b; (sleep 500; echo x) &", "+++", 0),
    (POSIX, "touch b; setsid -f sleep 500", "+++", 0),
    (SHELLS, "touch b; wait", "+++", 0),
    # what the look-back needs is taken away
    (POSIX, "touch b; PATH=", "+++", 0),
    (POSIX, "touch b; unset PATH", "+-+", 0),
    (FISH, "touch b; set -e PATH", "+-+", 0),
    (POSIX, "touch b; printf() { :; }; pwd() { :; }; env() { :; }; echo() { :; }", "+++", 0),
    (RICH, "touch b; trap() { :; }; exit() { :; }; cd() { :; }; set() { :; }", "+++", 0),
    (FISH, "function printf; end; function pwd; end; function echo; end; touch b", "+++", 0),
    (RICH, "touch b; readonly IFS", "+++", 0),
    (POSIX, "touch b; IFS=0123456789abcdef", "+++", 0),
    (POSIX, "touch b; alias printf=false builtin=false trap=false set=false .=false", "+++", 0),
    (FISH, "touch b; alias printf=false", "+++", 0),
    (POSIX, "touch b; exec >/dev/null 2>&1", "+++", 0),
    (POSIX, "touch b; exec 1>&- 2>&-", "+++", 0),
    (POSIX, "touch b; umask 777; cd /tmp; set -f; set -C; set -a", "+++", 0),
    (ZSH, "touch b; emulate csh; setopt ksharrays noglob shwordsplit errreturn", "+++", 0),
    (BASH, "touch b; set -o posix; shopt -s extdebug nullglob failglob", "+++", 0),
    (POSIX, "touch b; mkdir x; cd x; rmdir ../x", "+++", 0),
    (POSIX, "touch b; LD_PRELOAD=/nope.so; BASH_ENV=x ENV=y; export LD_PRELOAD BASH_ENV ENV", "+++", 0),
    # what a terminal or another system may have left in the text
    (SHELLS, "touch b\r\ntrue\r\n", "+++", 0),
    (SHELLS, f"touch b # {'x' * 200_000}", "+++", 0),
    (SHELLS, "touch b\n: \udcff\udc80 ok", "+++", 0),
    (BASH, "\x1b[200~touch b\x1b[201~", "-++", 127),
    (FISH, "\x1b[200~touch b\x1b[201~", "-++", 1),
    (SHELLS, "", "-++", 0),
    (SHELLS, "# only a remark", "-++", 0),
    (SHELLS, " \n\n\t", "-++", 0),
    # nobody answers
    (SHELLS, "touch b; cat", "+++", 0),
    (SHELLS, "touch b; bash -i", "+++", 0),
    (BASH, "touch b; read x </dev/tty; touch c", "++-", 0),
]


@pytest.mark.parametrize(
    ("shell", "typed", "signs", "status"),
    [
        pytest.param(shell, typed, signs, status, id=f"{shell}-{typed[:60]!r}")
        for used, typed, signs, status in CASES
        for shell in used
    ],
)
def test_the_shell_tells_what_it_knows_or_that_it_does_not(shell: str, typed: str, signs: str, status: int | None):
    """Files count whatever becomes of the shell; what only it knew is unknown when it is lost, and never guessed."""
    verdict = run(typed, *LOOKS, shell=shell, timeout=5)

    assert "".join(told(finding)[0] for finding in verdict.findings) == signs, words(verdict)
    assert verdict.kind == ("pass" if signs == "+++" else "fail")
    assert verdict.reason == ""
    if "ulimit" not in typed:  # how a program ends that gets no memory is its own affair
        assert verdict.exit_code == status
    assert "__cards" not in words(verdict)
    assert "/ctl" not in words(verdict)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_lost_shell_says_how_it_was_lost(shell: str):
    """Replaced, killed and stopped are three reasons, in words."""
    number = "$fish_pid" if shell == "fish" else "$$"
    look = {"cwd": "."}
    unseen = "so this could not be seen"

    assert told(found("exec true", look, shell=shell)[0]) == (
        f"? the shell was replaced, or does not answer any more, {unseen}"
    )
    assert told(found(f"kill -9 {number}", look, shell=shell)[0]) == f"? the shell was killed, {unseen}"
    stopped = run(f"kill -STOP {number}", look, shell=shell, timeout=1)
    assert told(stopped.findings[0]) == f"? the shell was stopped, {unseen}"
    assert (stopped.kind, stopped.reason) == ("fail", "stopped after 1 s")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("typed", ["sleep 500", "sleep 500 & wait", "sh -c 'while :; do :; done'"])
def test_what_never_ends_is_stopped_in_time(shell: str, typed: str):
    """It fails, says so, and what it did before is no excuse."""
    verdict = run(f"touch b; {typed}", {"file_exists": ["b"]}, shell=shell, timeout=1)

    assert verdict.kind == "fail"
    assert verdict.reason == "stopped after 1 s"
    assert verdict.findings[0].ok
    assert 1000 <= verdict.took_ms


# ---------------------------------------------------------------- what the answer leaves in its shell


STATES: list[tuple[tuple[str, ...], str, dict[str, Any], str]] = [
    (POSIX, "export A=1", {"env_equals": {"A": "1"}}, "+ `$A` is 1"),
    (FISH, "set -gx A 1", {"env_equals": {"A": "1"}}, "+ `$A` is 1"),
    (POSIX, "A=1", {"env_equals": {"A": "1"}}, "- `$A` is not in the environment | 1 | not set, or not exported"),
    (POSIX, "export A='x\ny'", {"env_equals": {"A": "x\ny"}}, "+ `$A` is x⏎y"),
    (POSIX, "export A='a\nB=2'", {"env_unset": ["B"]}, "+ `$B` is not in the environment"),
    (POSIX, "export A=$(printf '\\377')", {"env_set": ["A"]}, "+ `$A` is set"),
    (SHELLS, "mkdir x; cd x", {"cwd": "x"}, "+ the shell is in `x`"),
    (SHELLS, "mkdir 'x y'; cd 'x y'", {"cwd": "x y"}, "+ the shell is in `x y`"),
    (POSIX, "mkdir 'x\n'; cd 'x\n'", {"cwd": "x\n"}, "+ the shell is in `x\n`"),
    (SHELLS, "cd", {"cwd": "${after.HOME}"}, "+ the shell is in `~`"),
    (POSIX, "f() { :; }", {"function_defined": ["f"]}, "+ the function `f` is there"),
    (FISH, "function f; end", {"function_defined": ["f"]}, "+ the function `f` is there"),
    (SHELLS, "alias ll='ls -l'", {"alias_defined": ["ll"]}, "+ the alias `ll` is there"),
    (POSIX, "alias say='echo a shell function'", {"command_is": {"say": "alias"}}, "+ `say` is an alias"),
    (POSIX, "alias say='echo of a file'; unalias say", {"alias_undefined": ["say"]}, "+ there is no alias `say`"),
    (SHELLS, "cat /dev/null", {"command_is": {"cat": "file"}}, "+ `cat` is a file"),  # dash: a tracked alias
    (SHELLS, "true", {"command_is": {"cd": "builtin"}}, ""),
    (POSIX, "true", {"command_is": {"cd": "builtin", "if": "keyword"}}, "+ `cd` is a builtin, `if` is a keyword"),
    (SHELLS, "true", {"command_is": {"nope": "nothing"}}, "+ there is no command `nope`"),
    (
        POSIX,
        "mkdir bin; cp /bin/true bin/mine; PATH=bin:$PATH",
        {"command_resolves_within": {"mine": "bin"}},
        "+ `mine` is `bin/mine`",
    ),
    (POSIX, "umask 077; touch b", {"mode": {"b": "0600"}}, "+ `b` has the mode 0600"),
    (POSIX, "PS1='here> '", {"prompt_contains": "here"}, "+ the prompt shows `here`"),
    (FISH, "function fish_prompt; echo -n 'here> '; end", {"prompt_contains": "here"}, "+ the prompt shows `here`"),
    (SHELLS, "true", {"prompt_contains": "here"}, "- the prompt does not show `here` | here | "),
]


@pytest.mark.parametrize(
    ("shell", "typed", "check", "says"),
    [
        pytest.param(shell, typed, check, says, id=f"{shell}-{typed}")
        for used, typed, check, says in STATES
        for shell in used
    ],
)
def test_what_the_answer_left_is_seen(shell: str, typed: str, check: dict[str, Any], says: str):
    """Variables, functions, aliases, the directory and the prompt are those of the very shell of the answer."""
    [finding] = found(typed, check, shell=shell)

    assert told(finding).startswith(says)


@pytest.mark.parametrize("shell", SHELLS)
def test_activation_shows_in_the_prompt(shell: str):
    """The prompt begins with the name of the environment."""
    setup = [{"venv": "venv"}, {"activate": "venv"}]

    [finding] = found("true", {"prompt_contains": "(venv) "}, shell=shell, setup=setup)

    assert finding.ok


@pytest.mark.parametrize("shell", SHELLS)
def test_the_moments_of_the_shell_are_told_apart(shell: str):
    """`initial` is before the setup, `before` after it, `after` at the end."""
    script = {"posix": "export A=set", "fish": "set -gx A set"}
    typed = "set -gx A typed" if shell == "fish" else "export A=typed"
    checks = [{"env_equals": {"A": f"[${{{moment}.A}}]"}} for moment in ("initial", "before", "after")]

    findings = found(typed, *checks, shell=shell, setup=[{"script": script}])

    assert [finding.expected for finding in findings] == ["[]", "[set]", "[typed]"]


# ---------------------------------------------------------------- what is printed


QUIET: list[tuple[tuple[str, ...], str, str]] = [
    (BASH, "set -x; true", "++ true\n"),
    (ZSH, "set -x; true", "+ true\n"),
    (SH, "set -x; true", "+ true\n"),
    (POSIX, "set -v; true", ""),
    (POSIX, "set -v; exit 2", ""),
    (POSIX, "exec 8>&-", ""),
    (POSIX, "trap", ""),
    (BASH, "nope", "bash: nope: command not found\n"),
    (ZSH, "nope", "zsh: command not found: nope\n"),
    (SH, "nope", "sh: nope: not found\n"),
    (BASH, "true\nnope", "bash: line 2: nope: command not found\n"),
    (ZSH, "cd nope", "cd: no such file or directory: nope\n"),
    (BASH, "cd nope", "bash: cd: nope: No such file or directory\n"),
    (SH, "cd nope", "cd: can't cd to nope\n"),
    (FISH, "nope", "fish: Unknown command: nope\nfish: \nnope\n^~~^\n"),
    (FISH, "echo )", "fish: Unexpected ')' for unopened parenthesis\necho )\n     ^\n"),
]


@pytest.mark.parametrize(
    ("shell", "typed", "output"),
    [pytest.param(shell, typed, output, id=f"{shell}-{typed}") for used, typed, output in QUIET for shell in used],
)
def test_nothing_of_ours_is_printed(shell: str, typed: str, output: str):
    """A learner sees what a prompt would have shown, and none of the lines around the answer."""
    assert run(typed, {"absent": ["x"]}, shell=shell).output == output


def test_what_was_ignored_where_we_were_started_is_not_inside():
    """`nohup cards review`, or a script in the background: a command still ends by the signals of its kind."""
    quiet = (signal.SIGHUP, signal.SIGQUIT)
    before = [signal.signal(one, signal.SIG_IGN) for one in quiet]
    try:
        assert run("trap", {"absent": ["x"]}, shell="bash").output == ""
    finally:
        for one, handler in zip(quiet, before, strict=True):
            signal.signal(one, handler)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_setup_prints_is_not_the_answers(shell: str):
    """Standard output and errors begin with the answer."""
    setup = [{"script": {"": "echo out; echo err >&2"}}]

    verdict = run("echo hi", {"stdout": {"equals": "hi"}}, {"stderr": {"equals": ""}}, shell=shell, setup=setup)

    assert verdict.kind == "pass", words(verdict)
    assert verdict.output == "hi\n"


def test_a_shell_that_is_not_installed_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Verdict]):
    """The verdict is `cannot`, and says what to install."""
    monkeypatch.setenv("PATH", "/nowhere")

    verdict = judge({"checks": [{"absent": ["x"]}]}, "true", "zsh")

    assert (verdict.kind, verdict.reason) == ("cannot", "the shell `zsh` is not installed")
    assert verdict.cure == "install zsh"


# ---------------------------------------------------------------- reading what the shell wrote


def test_a_torn_record_is_a_lost_shell():
    """However a record is cut, reading it raises nothing and invents nothing."""
    before = "N ready N before 0 /w $ N-env A=1 N-end N script 0 1"
    after = "N after 3 /w $ ls file /bin/ls N-env A=2 N-end "
    whole = f"{before} {after}".replace(" ", "\0").encode()

    for length in range(len(whole) + 1):
        read = record.read(whole[:length], "N")
        assert (read.after is not None) == (length >= len(whole) - 1), length
    assert read.after == record.State(3, "/w", "$", {"ls": record.Name("file", "/bin/ls")}, {"A": "2"})
    assert (read.ready, read.scripts) == (True, {0: 1})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("file", "file"),
        ("ll: alias", "alias"),
        ("G: global alias", "alias"),
        ("export: reserved", "keyword"),
        ("nope: none", ""),
        ("nope: not found", ""),
        ("ls is /usr/bin/ls", "file"),
        ("ls is a tracked alias for /usr/bin/ls", "file"),
        ("ls is hashed (/usr/bin/ls)", "file"),
        ("ll is an alias for echo a shell builtin", "alias"),
        ("ll is aliased to `ls -l'", "alias"),
        ("f is a shell function", "function"),
        ("f is a function\nf () \n{ \n    :\n}", "function"),
        ("if is a shell keyword", "keyword"),
        ("export is a special shell builtin", "builtin"),
        ("", ""),
    ],
)
def test_every_shell_has_its_words(said: str, kind: str):
    """The words of bash, zsh, fish, dash and of bash as `sh` come down to five of ours."""
    assert record._kind(said) == kind


def test_sh_may_be_bash():
    """Where dash is not installed, `sh` is another shell in its place, and is understood as well."""
    asked = shells.Asked(control="/c", nonce="N", env="/usr/bin/env", names=["ls", "cd"])

    script = shells.SHELLS["sh"].script(asked)

    assert "for __cards_name in 'ls' 'cd'; do" in script
    assert "builtin" not in script
