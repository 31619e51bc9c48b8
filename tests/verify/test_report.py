"""What comes out of a sandbox is a claim: whatever it is, it makes a bounded verdict, or none."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flashcards.model import Finding, Verdict
from flashcards.verify import report
from flashcards.verify.inside import agent

HONEST: dict[str, Any] = {
    "passed": True,
    "ended": "",
    "exit": 0,
    "took_ms": 12,
    "output": "hi\n",
    "findings": [[True, "`b` is there", "", ""]],
    "hints": [],
    "missing": [],
    "seeded": False,
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def read(data: bytes | dict[str, Any], seconds: int = 10) -> Verdict:
    """The verdict on these bytes, or on an honest report with these changes."""
    data = data if isinstance(data, bytes) else json.dumps(HONEST | data).encode()
    return report.verdict(data, seconds=seconds, level="strong", shell="bash")


def check_bounds(verdict: Verdict) -> None:
    """Everything in a verdict has the type and the length that a screen can bear."""
    assert verdict.kind in {"pass", "fail", "cannot"}
    assert len(verdict.findings) <= report.MOST_FINDINGS
    assert len(verdict.hints) <= report.MOST_HINTS
    texts = [verdict.reason, verdict.cure, *verdict.hints, *(t for f in verdict.findings for t in f[1:])]
    assert all(isinstance(text, str) and len(text) <= report.LONGEST_TEXT + 100 for text in texts)
    assert all(type(finding.ok) in {bool, type(None)} for finding in verdict.findings)
    assert len(verdict.output) <= report.LONGEST_OUTPUT
    assert verdict.exit_code is None or 0 <= verdict.exit_code < 256
    assert 0 <= verdict.took_ms <= 3_600_000
    for text in [*texts, verdict.output]:
        text.encode()


def tried(data: bytes | dict[str, Any]) -> Verdict | None:
    """The verdict; None where there is none. Any other exception is a failure."""
    try:
        verdict = read(data)
    except report.BadReportError:
        return None
    check_bounds(verdict)
    return verdict


# ---------------------------------------------------------------- laws


@given(st.binary())
@example(b"")
@example(b"null")
@example(b"[" * 100_000)
@example(b"9" * 5_000)
@example(b'{"passed": true}')
@example(b'\xff\xfe{"passed": true}')
def test_any_bytes_are_a_verdict_or_none(data: bytes):
    """Garbage is no verdict, and raises nothing but that."""
    assert tried(data) is None


@given(ANYTHING)
def test_any_json_is_a_verdict_or_none(value: Any):
    """A report of another shape is no verdict."""
    tried(json.dumps(value).encode())


@given(st.sampled_from(sorted([*HONEST, "cannot"])), ANYTHING)
@example("findings", [[[], "", "", ""]])
@example("findings", [[{}, "", "", ""]])
@example("findings", [[1, "", "", ""]])
@example("findings", [[0.0, "", "", ""]])
@example("findings", [[True, "", ""]])
@example("findings", [[True, "", "", "", ""]])
@example("findings", [])
@example("findings", {})
@example("hints", "x")
@example("hints", [None])
@example("missing", [["x"]])
@example("ended", ["time"])
@example("ended", "no such reason")
@example("exit", 256)
@example("exit", -1)
@example("exit", True)
@example("exit", 1e400)
@example("took_ms", True)
@example("took_ms", -(10**30))
@example("took_ms", 10**300)
@example("output", "\ud800")
@example("cannot", None)
@example("cannot", "\ud800")
def test_a_field_may_be_anything(name: str, value: Any):
    """An honest report with one dishonest field is bounded, or no verdict."""
    tried({name: value})


@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.text(), st.text(), st.text()), min_size=1))
def test_a_pass_has_only_checks_that_hold(findings: list[tuple[Any, ...]]):
    """A report that calls itself passed while one of its checks does not hold is a failure."""
    verdict = read({"findings": findings})

    assert verdict.kind == ("pass" if all(finding[0] for finding in findings) else "fail")


@given(ANYTHING)
@example('\x1b\x00\u2028\ud800\U0001f600"\\')
@example({"\ud83d\ude00": [True, False, None, -1, 10**40, "", [], {}]})
def test_what_the_inside_writes_is_json(value: Any):
    """Our own small writer, which starts in no time, says what the standard library reads."""
    without_floats = json.loads(json.dumps(value), parse_float=str, parse_constant=str)

    assert json.loads(agent.json(without_floats)) == without_floats


# ---------------------------------------------------------------- what each field becomes


def test_an_honest_report_is_its_verdict():
    """Field by field."""
    assert read({}) == Verdict(
        kind="pass",
        findings=(Finding(ok=True, says="`b` is there"),),
        output="hi\n",
        exit_code=0,
        took_ms=12,
        level="strong",
        shell="bash",
    )


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        ("", ""),
        ("time", "stopped after 7 s"),
        ("output", "stopped: it printed more than 8 MiB"),
        ("memory", "stopped: it took more than 1.5 GiB of memory"),
        ("processes", "stopped: it started more than 64 processes"),
        ("disk", "stopped: it wrote more than 256 MiB or 50,000 files"),
        ("signal 9", ""),
    ],
)
def test_the_reason_is_in_words(ended: str, reason: str):
    """Why a run was stopped is told in one sentence."""
    assert (
        report.verdict(
            json.dumps(HONEST | {"ended": ended, "passed": False}).encode(), seconds=7, level="good", shell="sh"
        ).reason
        == reason
    )


@pytest.mark.parametrize(
    ("need", "package"),
    [("python3 -m ensurepip", "python3-venv"), ("python3 -m venv", "python3-venv"), ("sh", "dash"), ("uv", "uv")],
)
def test_what_is_missing_has_a_cure(need: str, package: str):
    """`cannot`, with what to install; findings and hints would only mislead."""
    verdict = read({"passed": False, "missing": [need], "hints": ["h"], "findings": [[False, "x", "", ""]]})

    assert (verdict.kind, verdict.findings, verdict.hints) == ("cannot", (), ())
    assert verdict.reason == f"`{need}` is not installed here, or does not work in the sandbox"
    assert verdict.cure.endswith(f"install {package}")


def test_what_is_missing_does_not_matter_to_an_answer_that_passed():
    """A pass is a pass."""
    assert read({"missing": ["uv"]}).kind == "pass"


@pytest.mark.parametrize(
    "data",
    [
        {"findings": []},
        {"findings": [[True, "x", "", 3]]},
        {"took_ms": None},
        {"exit": 3.5},
        b"[]",
        b"3",
        b'{"passed": true',
        b" " * (report.MOST_BYTES + 1),
    ],
)
def test_a_report_that_makes_no_sense_is_no_verdict(data: Any):
    """Nothing is made up in its place."""
    with pytest.raises(report.BadReportError):
        read(data)


def test_a_huge_report_is_cut():
    """As far as it can be read at all."""
    verdict = tried(
        {
            "passed": False,
            "findings": [[False, "s" * 3_000, "", ""]] * 300,
            "hints": ["h" * 9_000] * 9,
            "output": "o" * 200_000,
        }
    )

    assert verdict is not None
    assert (len(verdict.findings), len(verdict.hints), len(verdict.output)) == (200, 3, 128 * 1024)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"probe": {}}', b'{"probe": [], "worked": true}', b'{"worked": true}'])
def test_a_probe_that_did_not_work_is_none(data: bytes):
    """A sandbox is not good because its probe said nothing."""
    with pytest.raises(report.BadReportError):
        report.probe(data)


def test_what_a_probe_could_do_is_believed_against_the_sandbox():
    """Only a plain `false` says that an attack did not work."""
    found = report.probe(b'{"probe": {"a": false, "b": true, "c": null, "d": 0}, "worked": true}')

    assert found == {"a": False, "b": True, "c": True, "d": True}
