"""Every check of the deck format by its name, and what several of them say together."""

from __future__ import annotations

from flashcards.verify.inside import coded, files, printed, state, venvs
from flashcards.verify.inside.findings import MADE, MOST_SHOWN, Finding, fails, holds
from flashcards.verify.inside.world import TooSlowError, World
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from flashcards.verify.inside.findings import Check


def judge(world: World, steps: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """The findings of all checks that are asked here. Raises TooSlowError."""
    return [found for step in steps if _applies(world, step) for found in _one(world, step)]


def _applies(world: World, step: Mapping[str, Any]) -> bool:
    """Whether a check is meant for this shell and platform."""
    shells, platforms = step.get("shells"), step.get("platform")
    return (not shells or world.shell in shells) and (not platforms or "linux" in platforms)


def _one(world: World, step: Mapping[str, Any]) -> list[Finding]:
    """One check: the first of its findings that does not hold, or what all of them say. Empty if nothing was asked."""
    world.patience.go_on()
    kind = next(key for key in step if key in CHECKS)
    findings = list(CHECKS[kind](world, step[kind], step))
    bad = next((f for f in findings if f.ok is False), None) or next((f for f in findings if f.ok is None), None)
    if bad is None:
        says = list(dict.fromkeys(f.says for f in findings))
        return [holds(", ".join(says[:MOST_SHOWN]))] if findings else []
    return [bad._replace(says=step["msg"]) if bad.ok is False and step.get("msg") else bad]


def any_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """One of these holds; where none does, all that would have done is said."""
    findings = judge(world, value)
    known = next((f for f in findings if f.ok), None) or next((f for f in findings if f.ok is None), None)
    if known or not findings:
        return [known] if known else []
    says, expected, found = (
        list(dict.fromkeys(filter(None, (getattr(f, part) for f in findings))))[:MOST_SHOWN]
        for part in ("says", "expected", "found")
    )
    lacks = [text.partition(MADE)[0] for text in says]  # what was made instead is found, and said once
    return [fails(", and ".join(lacks), " or ".join(expected), ", ".join(found))]


def all_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """All of these hold."""
    return judge(world, value)


def not_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """This does not hold."""
    for finding in judge(world, [value]):
        if finding.ok is None:
            yield finding
        elif finding.ok:
            yield fails(f"it should not be that {finding.says}")
        else:
            yield holds(f"as it should be: {finding.says}")


CHECKS: Mapping[str, Check] = {
    "file_exists": files.file_exists,
    "dir_exists": files.dir_exists,
    "absent": files.absent,
    "executable": files.executable,
    "mode": files.mode,
    "file_equals": files.file_equals,
    "file_matches": files.file_matches,
    "is_venv": venvs.is_venv,
    "exit_code": state.exit_code,
    "cwd": state.cwd,
    "env_set": state.env_set,
    "env_unset": state.env_unset,
    "env_equals": state.env_equals,
    "env_path_equals": state.env_path_equals,
    "path_prefix": state.path_prefix,
    "path_lacks": state.path_lacks,
    "command_resolves_within": state.command_resolves_within,
    "command_is": state.command_is,
    "function_defined": state.defined("function", there=True),
    "function_undefined": state.defined("function", there=False),
    "alias_defined": state.defined("alias", there=True),
    "alias_undefined": state.defined("alias", there=False),
    "prompt_contains": state.prompt_contains,
    "stdout": printed.stdout,
    "stderr": printed.stderr,
    "any": any_,
    "all": all_,
    "not": not_,
    "run": coded.run,
    "python": coded.python,
    "script": coded.script,
}
"""The name of a check in the deck format, and what looks."""

__all__ = ["CHECKS", "Finding", "TooSlowError", "judge"]
