"""What the inside reports, made into a verdict. It comes from where the learner's command ran: bounded, checked."""

import json
from collections.abc import Mapping
from typing import Any

from flashcards.model import Finding, Verdict

MOST_BYTES = 4 << 20
MOST_FINDINGS = 200
MOST_HINTS = 3
LONGEST_TEXT = 2_000
LONGEST_OUTPUT = 128 * 1024
REASONS: Mapping[str, str] = {
    "time": "stopped after {seconds} s",
    "output": "stopped: it printed more than 8 MiB",
    "memory": "stopped: it took more than 1.5 GiB of memory",
    "processes": "stopped: it started more than 64 processes",
    "disk": "stopped: it wrote more than 256 MiB or 50,000 files",
}
CURES: Mapping[str, str] = {
    "python3 -m venv": "python3-venv",
    "python3 -m ensurepip": "python3-venv",
    "python3": "python3",
    "sh": "dash",
}
"""What a need is called by those who package it, where that differs from its name."""
UNPACKED = "pip was unpacked from Python's own wheel, which takes a moment; by itself it takes seconds (`--real`)"


class BadReportError(Exception):
    """No report, or none that makes sense."""


class TooLongError(BadReportError):
    """The deck makes the checks say more than a report may hold."""


def verdict(data: bytes, *, seconds: int, level: str, shell: str) -> Verdict:
    """The verdict that a report stands for. Raises BadReportError."""
    fields = _fields(data)
    if "cannot" in fields:
        return Verdict(
            kind="cannot", reason=_text(fields["cannot"]), cure=_cure_of(fields["cannot"]), level=level, shell=shell
        )
    missing = [_text(name) for name in _list(fields, "missing")]
    passed = fields.get("passed") is True
    if passed and not _list(fields, "findings"):
        raise BadReportError("nothing was looked at")
    findings = tuple(_finding(found) for found in _list(fields, "findings")[:MOST_FINDINGS])
    reason = REASONS.get(_text(fields.get("ended", "")), "").format(seconds=seconds)
    if missing and not passed:
        reason = f"`{missing[0]}` is not installed here, or does not work in the sandbox"
    return Verdict(
        kind="pass" if passed and all(found.ok for found in findings) else "cannot" if missing else "fail",
        findings=() if missing and not passed else findings,
        reason=reason,
        cure=cure(missing[0]) if missing and not passed else "",
        hints=tuple(_text(hint) for hint in _list(fields, "hints")[:MOST_HINTS]) if not missing else (),
        notes=(UNPACKED,) if fields.get("seeded") is True else (),
        output=_text(fields.get("output", ""), LONGEST_OUTPUT),
        exit_code=_status(fields.get("exit")),
        took_ms=min(max(_whole(fields.get("took_ms")), 0), 3_600_000),
        level=level,
        shell=shell,
    )


def probe(data: bytes) -> dict[str, bool]:
    """What a probe could do. Raises BadReportError."""
    fields = _fields(data)
    found = fields.get("probe")
    if not isinstance(found, dict) or fields.get("worked") is not True:
        raise BadReportError("the probe did not work")
    return {str(name): value is not False for name, value in found.items()}


def cure(need: str) -> str:
    """The command that would install what is missing."""
    import shutil

    package = CURES.get(need, need.partition(" ")[0])
    return f"apt install {package}" if shutil.which("apt") else f"install {package}"


def _cure_of(reason: object) -> str:
    return cure("git") if reason == "the setup of this card did not work: git is not installed" else ""


def _fields(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise TooLongError("the checks of this card have more to say than anybody reads")
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        raise BadReportError("there is no report") from None
    if not isinstance(fields, dict):
        raise BadReportError("the report is no object")
    return fields


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name, [])
    if not isinstance(value, list):
        raise BadReportError(f"`{name}` is no list")
    return value


def _finding(value: object) -> Finding:
    if not isinstance(value, list) or len(value) != len(Finding._fields) or type(value[0]) not in {bool, type(None)}:
        raise BadReportError("a finding makes no sense")
    return Finding(value[0], *(_text(text) for text in value[1:]))


def _text(value: object, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        raise BadReportError("text was expected")
    return value[:longest].encode("utf-8", "replace").decode("utf-8")


def _whole(value: object) -> int:
    if type(value) is not int:
        raise BadReportError("a number was expected")
    return value


def _status(value: object) -> int | None:
    if value is None:
        return None
    if _whole(value) not in range(256):
        raise BadReportError("an exit status was expected")
    return _whole(value)
