"""The commands of the deck `venv`, right and wrong in many ways, in every shell: what counts is what they do."""

import os
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from verify.judging import SHELLS, card_of, deck, home_like, judge, words

from flashcards.verify import selftest

POSIX = ("bash", "zsh", "sh")
BASH, ZSH, SH, FISH = ("bash",), ("zsh",), ("sh",), ("fish",)
RICH = ("bash", "zsh")  # a function, `source`, `[[`: not in every sh

MADE_ELSEWHERE = "there is no `venv/`; you made `env/`"
NOTHING_MADE = "there is no `venv/` | venv/ | nothing new"
NO_ENVIRONMENT = "`venv/` is not a virtual environment"
LEADS_ELSEWHERE = "`venv/bin/activate` does not lead to `venv`"
NO_PACKAGES = "`venv/` has no place for packages"
NOT_ACTIVE = "`$VIRTUAL_ENV` is not set to `venv` in this shell | venv | not set, or not exported"
NOT_THE_PYTHON = "`python` is not the one of the environment | venv/bin/python | "
STILL_SET = "`$VIRTUAL_ENV` is still set | no VIRTUAL_ENV | VIRTUAL_ENV=venv"
STILL_IN_PATH = "`$PATH` is not what it was before activation | no venv/bin | venv/bin"
STILL_DEFINED = "the environment's function is still there"
INCOMPLETE = "The command is not complete"
LOST = "? the shell was replaced, or does not answer any more, so this could not be seen"
NEW_SHELL = "That ran the script in a new shell, which ended at once."

CREATE = [
    # right, however it is written
    (SHELLS, "python3 -m venv venv", "pass", "`venv/` works as a virtual environment"),
    (POSIX, "python -m venv ./venv", "pass", "pip was unpacked"),
    (POSIX, 'python3 -m venv "$PWD/venv"', "pass", ""),
    (FISH, "python3 -m venv $PWD/venv", "pass", ""),
    (BASH, "cd . && python3 -m venv venv", "pass", ""),
    (SHELLS, "python3 -m venv --without-pip venv", "pass", ""),
    (BASH, "python3 -m venv --copies --without-pip venv", "pass", ""),
    (BASH, "python3 -m venv --symlinks --without-pip venv", "pass", ""),
    (SH, "python3 -m venv --system-site-packages --without-pip venv", "pass", ""),
    (ZSH, "python3 -m venv --prompt x --without-pip venv", "pass", ""),
    (BASH, "mkdir venv; python3 -m venv --without-pip venv", "pass", ""),
    (BASH, "python3 -m venv --without-pip venv && python3 -m venv --without-pip --clear venv", "pass", ""),
    (ZSH, "python3 -m venv --without-pip env && python3 -m venv --without-pip venv", "pass", ""),
    (BASH, "python3 -m venv --without-pip a/../venv", "pass", ""),
    (SH, "python3 -mvenv --without-pip venv", "pass", ""),
    (SH, "name=venv\npython3 -m venv --without-pip $name", "pass", ""),
    (BASH, "python3 \\\n  -m venv \\\n  --without-pip venv", "pass", ""),
    (BASH, "# make it\npython3 -m venv --without-pip venv  # here", "pass", ""),
    (BASH, "  python3   -m venv   --without-pip venv  ", "pass", ""),
    (BASH, "python3 -m venv --without-pip venv; false", "pass", ""),
    (ZSH, "python3 -m venv --without-pip venv; exit 3", "pass", ""),
    (BASH, "set -e; python3 -m venv --without-pip venv; false; rm -r venv", "pass", ""),
    (BASH, "python3 -m venv --without-pip venv; exec true", "pass", ""),
    (BASH, "exec python3 -m venv --without-pip venv", "pass", ""),
    (SH, "(python3 -m venv --without-pip venv)", "pass", ""),
    (BASH, "bash -c 'python3 -m venv --without-pip venv'", "pass", ""),
    (BASH, 'mk() { python3 -m venv --without-pip "$1"; }; mk venv', "pass", ""),
    (FISH, "function mk; python3 -m venv --without-pip $argv; end; mk venv", "pass", ""),
    (BASH, "alias p=python3\np -m venv --without-pip venv", "pass", ""),
    (BASH, "python3 -c 'import venv; venv.create(\"venv\")'", "pass", ""),
    (SH, "$(command -v python3) -m venv --without-pip venv", "pass", ""),
    (BASH, "time python3 -m venv --without-pip venv", "pass", ""),
    (BASH, "python3 -m venv --without-pip venv\r\n", "pass", ""),
    # wrong, however near
    (SHELLS, "python3 -m venv --without-pip env", "fail", MADE_ELSEWHERE),
    (BASH, "python3 -m venv --without-pip .venv", "fail", "you made `.venv/`"),
    (BASH, "python3 -m venv --without-pip Venv", "fail", "you made `Venv/`"),
    (BASH, "python3 -m venv --without-pip venv2", "fail", "The last word is the name of the directory"),
    (BASH, "python3 -m venv --without-pip ../venv", "fail", NOTHING_MADE),
    (BASH, "cd /tmp && python3 -m venv --without-pip venv", "fail", NOTHING_MADE),
    (BASH, "mkdir sub && cd sub && python3 -m venv --without-pip venv", "fail", "there is no `venv/`; you made `sub/`"),
    (SHELLS, "python3 -m venv", "fail", "the first `venv` is only the module"),
    (POSIX, "python3 venv venv", "fail", "Without `-m`, Python looks for a file called `venv`."),
    (BASH, "python3 -m env venv", "fail", "No module named env"),
    (BASH, "python -m Venv venv", "fail", "No module named Venv"),
    (SHELLS, "mkdir venv", "fail", "`venv/` is not a virtual environment | venv/pyvenv.cfg | an empty directory"),
    (BASH, "mkdir -p venv/bin", "fail", "venv/pyvenv.cfg | bin/"),
    (BASH, "mkdir venv; touch venv/pyvenv.cfg", "fail", "no bin/python that can be executed"),
    (
        BASH,
        "mkdir -p venv/bin; touch venv/pyvenv.cfg; ln -s /bin/true venv/bin/python",
        "fail",
        "`venv/` does not work as a virtual environment",
    ),
    (BASH, "touch venv", "fail", "`venv` is a file | a directory | a file"),
    (BASH, "ln -s nowhere venv", "fail", "a link to nothing"),
    (BASH, "python3 -m venv --without-pip venv; rm venv/bin/python*", "fail", "does not work as a virtual environment"),
    (BASH, "python3 -m venv --without-pip venv; rm venv/pyvenv.cfg", "fail", NO_ENVIRONMENT),
    (BASH, "python3 -m venv --without-pip venv; rm venv/bin/act*", "fail", "there is no `venv/bin/activate`"),
    (BASH, "python3 -m venv --without-pip venv; rm -r venv", "fail", NOTHING_MADE),
    (BASH, "python3 -m venv --without-pip venv; : > venv/bin/activate", "fail", LEADS_ELSEWHERE),
    (BASH, "python3 -m venv --without-pip env; mv env venv", "fail", "it cannot be moved: make it where it is to be"),
    (ZSH, "python3 -m venv --without-pip env; cp -r env venv", "fail", LEADS_ELSEWHERE),
    (SH, "python3 -m venv --without-pip env; ln -s env venv", "fail", LEADS_ELSEWHERE),
    (BASH, "mkdir x; cd x; python3 -m venv --without-pip venv; mv venv ..", "fail", LEADS_ELSEWHERE),
    (BASH, "python3 -m venv --without-pip venv; rm -r venv/lib", "fail", NO_PACKAGES),
    (SH, "python3 -m venv --without-pip venv; rm -r venv/lib/*", "fail", NO_PACKAGES),
    (BASH, "pyhton3 -m venv venv", "fail", "bash: pyhton3: command not found"),
    (ZSH, "pyhton3 -m venv venv", "fail", "zsh: command not found: pyhton3"),
    (FISH, "pyhton3 -m venv venv", "fail", "fish: Unknown command: pyhton3"),
    (SH, "pyhton3 -m venv venv", "fail", "sh: pyhton3: not found"),
    (BASH, "python3 -m venv 'venv", "fail", INCOMPLETE),
    (ZSH, "python3 -m venv 'venv", "fail", INCOMPLETE),
    (SH, "python3 -m venv 'venv", "fail", INCOMPLETE),
    (FISH, "python3 -m venv 'venv", "fail", INCOMPLETE),
    (BASH, "python3 -m venv venv &&", "fail", INCOMPLETE),
    (BASH, "echo python3 -m venv venv", "fail", "python3 -m venv venv"),
    (SHELLS, "# python3 -m venv venv", "fail", NOTHING_MADE),
    (SHELLS, "", "fail", NOTHING_MADE),
    (BASH, "python3 -m venv —without-pip venv2", "fail", "you made"),
    (BASH, "source venv/bin/activate", "fail", "No such file or directory"),
    (BASH, "pip install venv", "fail", "there is no `venv/`"),
    (BASH, "python3 -m venv --help", "fail", "usage: venv"),
    # what this machine lacks says nothing about the learner
    (BASH, "uv venv venv", "cannot or pass", ""),
    (BASH, "virtualenv venv", "cannot or pass", ""),
    (BASH, "py -m venv venv", "fail", "py: command not found"),
]

ACTIVATE = [
    (RICH, "source venv/bin/activate", "pass", "`$VIRTUAL_ENV` is venv"),
    (POSIX, ". venv/bin/activate", "pass", "`python` is `venv/bin/python`"),
    (POSIX, ". ./venv/bin/activate", "pass", "the function `deactivate` is there"),
    (RICH, 'source "$PWD"/venv/bin/activate', "pass", ""),
    (RICH, "cd venv && . bin/activate", "pass", ""),
    (POSIX, "cd venv/bin && . ./activate", "pass", ""),
    (POSIX, "cd venv/bin && . ./activate && cd ../..", "pass", ""),
    (POSIX, ". ~/work/venv/bin/activate", "pass", ""),
    (POSIX, "\\. venv/bin/activate", "pass", ""),
    (POSIX, ". venv/bin/activate && false", "pass", ""),
    (POSIX, ". venv/bin/activate; exit 3", "pass", ""),
    (POSIX, "set -eu\n. venv/bin/activate", "pass", ""),
    (POSIX, ". venv/bin/activate; . venv/bin/activate", "pass", ""),
    (POSIX, ". venv/bin/activate; python --version", "pass", ""),
    (BASH, "pushd venv >/dev/null; source bin/activate; popd", "pass", ""),
    (BASH, "VIRTUAL_ENV_DISABLE_PROMPT=1 source venv/bin/activate", "pass", ""),
    (BASH, 'eval "$(cat venv/bin/activate)"', "pass", ""),
    (BASH, "builtin source venv/bin/activate", "pass", ""),
    (FISH, "source venv/bin/activate.fish", "pass", ""),
    (FISH, ". venv/bin/activate.fish", "pass", ""),
    (FISH, "source $PWD/venv/bin/activate.fish; and true", "pass", ""),
    (FISH, "cd venv/bin; and source activate.fish", "pass", ""),
    (SHELLS, "venv/bin/activate", "fail", "A script that is started cannot change this shell"),
    (POSIX, "bash venv/bin/activate", "fail", NEW_SHELL),
    (POSIX, "sh venv/bin/activate", "fail", NEW_SHELL),
    (POSIX, "(. venv/bin/activate)", "fail", NEW_SHELL),
    (POSIX, ". venv/bin/activate | cat", "fail", NOT_ACTIVE),
    (POSIX, ". venv/bin/activate &", "fail", NOT_ACTIVE),
    (RICH, "source venv/activate", "fail", "The script lies one directory deeper"),
    (POSIX, "python3 venv/bin/activate", "fail", "`activate` is written for a shell, not for Python."),
    (RICH, "source venv/Scripts/activate", "fail", "`Scripts` is the directory on Windows."),
    (RICH, "source env/bin/activate", "fail", NOT_ACTIVE),
    (RICH, "activate", "fail", "command not found"),
    (RICH, "source activate", "fail", NOT_ACTIVE),
    (BASH, "source venv/bin/activate.fish", "fail", NOT_ACTIVE),
    (FISH, "source venv/bin/activate", "fail", "fish has a script of its own: `activate.fish`."),
    (SH, "source venv/bin/activate", "fail", "Plain `sh` has no `source`"),
    (POSIX, "export VIRTUAL_ENV=$PWD/venv", "fail", NOT_THE_PYTHON),
    (POSIX, "VIRTUAL_ENV=$PWD/venv", "fail", NOT_ACTIVE),
    (
        POSIX,
        "export VIRTUAL_ENV=$PWD/venv PATH=$PWD/venv/bin:$PATH",
        "fail",
        "the environment cannot be left again: its function is missing | a function `deactivate` | no such command",
    ),
    (POSIX, "export PATH=venv/bin:$PATH", "fail", NOT_ACTIVE),
    (POSIX, ". venv/bin/activate; deactivate", "fail", NOT_ACTIVE),
    (RICH, ". venv/bin/activate; unset -f deactivate", "fail", "its function is missing"),
    (POSIX, "python3 -m venv --without-pip env; . env/bin/activate", "fail", "in this shell | venv | env"),
    (BASH, ". venv/bin/activate; exec bash", "fail", LOST),
    (RICH, ". venv/bin/activate; kill -9 $$", "fail", "? the shell was killed, so this could not be seen"),
    (RICH, "source 'venv/bin/activate", "fail", INCOMPLETE),
]

DEACTIVATE = [
    (SHELLS, "deactivate", "pass", "`$VIRTUAL_ENV` is not in the environment"),
    (SHELLS, "deactivate; true", "pass", "`venv/` is there"),
    (POSIX, "deactivate && exit 3", "pass", "there is no function `deactivate`"),
    (FISH, "deactivate; exit 3", "pass", ""),
    (SHELLS, "deactivate; false", "pass", ""),
    (SHELLS, "  deactivate  # back to the global one", "pass", ""),
    (POSIX, "cd /tmp; deactivate", "pass", ""),
    (POSIX, "set -e; deactivate", "pass", ""),
    (POSIX, "set -u; deactivate", "pass", ""),
    (POSIX, "deactivate\npython3 --version", "pass", "Python 3"),
    (POSIX, "deactivate; deactivate", "pass", "not found"),
    (POSIX, ". venv/bin/activate; deactivate", "pass", ""),
    (SHELLS, "exit", "fail", "That ends the shell itself."),
    (POSIX, "unset VIRTUAL_ENV", "fail", "`$PATH` still leads into the environment"),
    (POSIX, "unset VIRTUAL_ENV; unset -f deactivate", "fail", STILL_IN_PATH),
    (FISH, "set -e VIRTUAL_ENV", "fail", STILL_IN_PATH),
    (RICH, "source venv/bin/deactivate", "fail", "There is no such file"),
    (POSIX, "(deactivate)", "fail", "That ran in a new shell; this one stays as it was."),
    (POSIX, "deactivate &", "fail", STILL_SET),
    (BASH, "bash -c deactivate", "fail", STILL_SET),
    (SHELLS, "venv/bin/deactivate", "fail", STILL_SET),
    (POSIX, "deactive", "fail", "not found"),
    (POSIX, "rm -r venv", "fail", "the directory `venv` is gone; leaving keeps it"),
    (POSIX, "deactivate; rm -r venv", "fail", "the directory `venv` is gone; leaving keeps it"),
    (POSIX, "VIRTUAL_ENV=", "fail", "`$VIRTUAL_ENV` is still set"),
    (POSIX, "deactivate; PATH=/usr/bin", "fail", "`$PATH` is not what it was before activation"),
    (POSIX, "deactivate; deactivate() { :; }", "fail", STILL_DEFINED),
    (POSIX, "deactivate nondestructive", "fail", STILL_DEFINED),
    (BASH, "exec bash", "fail", LOST),
    (SHELLS, "", "fail", STILL_SET),
]

CASES = [
    pytest.param(
        key,
        shell,
        typed,
        kind,
        piece,
        id=f"{key}-{shell}-{number}-{typed[:50]}",
        # Each row in one of its shells; in the others when there is time.
        marks=[] if shell == shells[number % len(shells)] else [pytest.mark.slow],
    )
    for key, table in (("create", CREATE), ("activate", ACTIVATE), ("deactivate", DEACTIVATE))
    for number, (shells, typed, kind, piece) in enumerate(table)
    for shell in shells
]


@pytest.mark.parametrize(("key", "shell", "typed", "kind", "piece"), CASES)
def test_what_counts_is_the_effect(key: str, shell: str, typed: str, kind: str, piece: str):
    """The verdict is as the table says, and what the learner reads holds the piece that explains it."""
    verdict = judge(card_of(f"venv/{key}"), typed, shell)

    assert verdict.kind in kind.split(" or "), words(verdict)
    assert piece in words(verdict)


def test_the_table_is_long():
    """At least eighty different answers are tried."""
    assert (
        len(
            {
                (key, typed)
                for key, table in (("c", CREATE), ("a", ACTIVATE), ("d", DEACTIVATE))
                for _, typed, *_ in table
            }
        )
        >= 80
    )


# ---------------------------------------------------------------- what the deck itself says


def trials() -> list[Any]:
    """Every answer of the deck in every shell that it is meant for; the slow card in all its ways is `slow`."""
    found = selftest.trials([card for card in deck("venv.yaml").cards if card.run], "linux", SHELLS)
    return [
        pytest.param(
            one,
            id=f"{one.card.id}-{one.shell}-{one.part}-{one.text}",
            marks=[pytest.mark.slow] if one.card.id == "venv/create" and one.shell != "bash" else [],
        )
        for one in found
    ]


@pytest.mark.parametrize("trial", trials())
def test_the_deck_proves_itself(trial: selftest.Trial):
    """Its answers pass, its wrong ones fail, and so does doing nothing; only a tool may be missing."""
    result = selftest.tried(trial, lambda card, shell, text: judge(card, text, shell))

    assert result.outcome != "miss", words(result.verdict)
    assert result.outcome == "right" or trial.text.startswith(("uv", "virtualenv"))


# ---------------------------------------------------------------- tools that a person installed for themselves


@pytest.fixture(scope="module")
def tools() -> Iterator[Path]:
    """A folder of programs in somebody's home, with `virtualenv` and `uv`; skipped where they cannot be had."""
    with home_like() as home:
        venv.create(home, with_pip=True)
        pip = [home / "bin" / "pip", "install", "--quiet", "--retries", "0", "--timeout", "10", "virtualenv", "uv"]
        try:
            subprocess.run(pip, capture_output=True, check=True, timeout=100)
        except subprocess.SubprocessError:
            pytest.skip("virtualenv and uv cannot be installed here")
        yield home / "bin"


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "typed",
    [
        "virtualenv --no-download --no-seed venv",
        "uv venv venv",
        "uv venv --relocatable venv",
        "uv venv -q",
        "virtualenv -q --no-seed env",
    ],
)
def test_a_tool_under_the_home_folder_is_seen(tools: Path, typed: str, shell: str, monkeypatch: pytest.MonkeyPatch):
    """Programs that a person keeps in their home work in the sandbox, and their effect counts."""
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    expected = "pass" if typed.endswith(" venv") else "fail"

    verdict = judge(card_of("venv/create"), typed, shell)

    assert verdict.kind == expected, words(verdict)


def test_a_tool_that_is_missing_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch):
    """Without `uv` and `virtualenv` the verdict is `cannot`, and says how to get them."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    for tool in ("uv", "virtualenv"):
        verdict = judge(card_of("venv/create"), f"{tool} venv")
        assert verdict.kind == "cannot", words(verdict)
        assert f"`{tool}` is not installed here" in verdict.reason
        assert verdict.cure.endswith(f"install {tool}")


def test_an_answer_that_only_looks_like_a_tool_is_wrong():
    """A typo is a typo, also where a tool is missing."""
    verdict = judge(card_of("venv/create"), "virtualenvv venv")

    assert verdict.kind == "fail"
