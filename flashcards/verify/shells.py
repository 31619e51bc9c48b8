"""The shells: how each is started, and the lines around the answer that make it say what it knows.

Setup, answer and look-back happen in one process: the script is the shell's
own, and it reads the answer with `.` or `source`, so that an exported
variable, a function, a folder changed to are still there when it looks. What
it knows goes to descriptor 8, framed by a word that nobody else knows, when
the answer is done, or by a trap when the answer ends the shell. What the
setup prints is no part of the answer: the same word on standard error says
where that begins.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

RECORD = 8
"""As in `inside.process`."""


class Shell(NamedTuple):
    """One shell."""

    name: str
    programs: tuple[str, ...]
    """The files it may be installed as, the best first."""
    options: tuple[str, ...]
    """What keeps it from reading the person's own start-up files."""
    script: "Callable[[Asked], str]"


class Asked(NamedTuple):
    """What the script has to do."""

    control: str
    """The folder in which the answer and the other scripts lie."""
    nonce: str
    env: str
    """The program `env`: `PATH` may be gone when it is needed."""
    setup: Sequence[str] = ()
    """Scripts in the control folder that come before the answer."""
    names: Sequence[str] = ()
    """What the checks ask of: commands, functions, aliases."""
    before: bool = False
    """Whether the shell before the answer is asked for."""
    prompt: bool = False
    scripts: Sequence[int] = ()
    """Numbers of the checks that are lines for the shell: `check1`."""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _loop(names: Sequence[str], quoted: Callable[[str], str], body: str) -> str:
    """A loop over names; written out, a thousand of them would be nested deeper than a shell can go."""
    return f"  for __cards_name in {' '.join(map(quoted, names))}; {body}\n" if names else ""


# ---------------------------------------------------------------- bash, zsh, dash


def _posix(asked: Asked, *, head: str, ask: str, own: str, quiet: str = "") -> str:
    """The script for shells of the Bourne family. What follows the answer stands in one group, read before it runs.

    `own` is the word that reaches a builtin past a function of the same name.
    What is done after the answer is silent: a learner who typed `set -x` sees
    nothing of it, and nobody is told that descriptor 8 was closed.
    """
    said = f"{own} printf '%s\\0'"
    looks = _loop(asked.names, _quoted, f'do {said} "$__cards_name"; {ask}; done')
    tries = "".join(
        f'  ( . {asked.control}/check{number} ) >/dev/null 2>&1 8>&-\n  {said} {asked.nonce} script {number} "$?" >&8\n'
        for number in asked.scripts
    )
    setup = "".join(
        f'. {asked.control}/{name} >/dev/null || {{ {said} {asked.nonce} setup "$?" >&8; exit 1; }}\n'
        for name in asked.setup
    )
    before = "{ __cards_look before 0; } 2>/dev/null; " if asked.before else ""
    end = '{ __cards_end "$?"; } 2>/dev/null'
    return (
        f"{head}\n"
        "PS1='$ '\n"
        "__cards_look() {\n"
        f"  set +eu; {quiet}\n"
        "  {\n"
        f'  {said} {asked.nonce} "$1" "$2"; {own} pwd -P; {said} \'\' "${{PS1-}}"\n'
        f"{looks}"
        f"  {said} {asked.nonce}-env; {asked.env} -0 && {said} {asked.nonce}-end\n"
        "  } >&8\n"
        "}\n"
        "__cards_end() {\n"
        '  [ -z "${__cards_done-}" ] || return "$1"\n'
        "  __cards_done=1\n"
        '  __cards_look after "$1"\n'
        f"{tries}"
        '  return "$1"\n'
        "}\n"
        f"{setup}"
        f"{{ {said} {asked.nonce} ready >&8; {said} {asked.nonce} >&2; {before}"
        f"trap '{end}' EXIT; . {asked.control}/answer; {end}; }}\n"
    )


def _bash(asked: Asked) -> str:
    name = '"$__cards_name"'
    ask = f"builtin type -t {name}; builtin printf '\\0'; builtin type -P {name}; builtin printf '\\0'"
    head = "shopt -s expand_aliases"
    return _posix(asked, head=head, ask=ask, own="builtin", quiet="builtin trap - DEBUG ERR RETURN")


def _zsh(asked: Asked) -> str:
    name = '"$__cards_name"'
    ask = f"builtin whence -w {name}; builtin printf '\\0'; builtin whence -p {name}; builtin printf '\\0'"
    head = "PS4='+ '; unset RPS1"
    return _posix(asked, head=head, ask=ask, own="builtin", quiet="builtin trap - DEBUG ZERR")


def _dash(asked: Asked) -> str:
    name = '"$__cards_name"'
    ask = f"command -V {name}; command printf '\\0'; command -v {name}; command printf '\\0'"
    return _posix(asked, head="", ask=ask, own="command")


# ---------------------------------------------------------------- fish


def _fish(asked: Asked) -> str:
    said = "builtin printf '%s\\0'"
    ask = "type -t $__cards_name; builtin printf '\\0'; command -s $__cards_name; builtin printf '\\0'"
    looks = _loop(asked.names, _in_fish, f"{said} $__cards_name; {ask}; end")
    prompt = f"  {said} (fish_prompt 2>/dev/null | string collect)\n" if asked.prompt else f"  {said} ''\n"
    tries = "".join(
        f"  begin; source {asked.control}/check{number}; end >/dev/null 2>&1\n"
        f"  {said} {asked.nonce} script {number} $status >&8\n"
        for number in asked.scripts
    )
    setup = "".join(
        f"source {asked.control}/{name} >/dev/null; or begin; {said} {asked.nonce} setup $status >&8; exit 1; end\n"
        for name in asked.setup
    )
    before = "__cards_look before 0; " if asked.before else ""
    return (
        # What every fish has and `--no-config` leaves out, such as `kill %1`; nothing of the person's own.
        "source $__fish_data_dir/config.fish >/dev/null 2>&1\n"
        "function fish_prompt; echo -n '> '; end\n"
        "function __cards_look\n"
        "  begin\n"
        f"  {said} {asked.nonce} $argv[1] $argv[2]; builtin pwd -P; {said} ''\n"
        f"{prompt}"
        f"{looks}"
        f"  {said} {asked.nonce}-env; {asked.env} -0; and {said} {asked.nonce}-end\n"
        "  end 2>/dev/null >&8\n"
        "end\n"
        "function __cards_end --on-event fish_exit\n"
        "  set -l ended $status\n"
        "  set -q argv[1]; and set ended $argv[1]\n"
        "  set -q __cards_done; and return $ended\n"
        "  set -g __cards_done 1\n"
        "  __cards_look after $ended\n"
        f"{tries}"
        "  return $ended\n"
        "end\n"
        f"{setup}"
        f"begin; {said} {asked.nonce} ready >&8; {said} {asked.nonce} >&2; {before}"
        f"source {asked.control}/answer; __cards_end $status; end\n"
    )


def _in_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS: Mapping[str, Shell] = MappingProxyType(
    {
        "bash": Shell("bash", ("bash",), ("--noprofile", "--norc"), _bash),
        "zsh": Shell("zsh", ("zsh",), ("-f",), _zsh),
        "sh": Shell("sh", ("dash", "sh"), (), _dash),
        "fish": Shell("fish", ("fish",), ("--no-config",), _fish),
    }
)
"""The shells that can be run; `sh` is dash where it is installed, since that is what keeps to the standard."""


def activation(shell: str, folder: str) -> str:
    """The line that activates a virtual environment in this shell."""
    return (
        f"source {_in_fish(folder + '/bin/activate.fish')}"
        if shell == "fish"
        else f". {_quoted(folder + '/bin/activate')}"
    )
