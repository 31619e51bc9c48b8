"""One run, inside the sandbox: setup, the shell with the answer, the checks, the report."""

from __future__ import annotations

import os

from flashcards.verify.inside import checks, process
from flashcards.verify.inside.record import Record, read
from flashcards.verify.inside.setup import Maker, SetupError, settle
from flashcards.verify.inside.setup import found as find_program
from flashcards.verify.inside.world import Patience, TooSlowError, World, listing, outermost
from flashcards.verify.sandbox import ending
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

LOST = "the shell was replaced, or does not answer any more, so this could not be seen"
KILLED = "the shell was killed, so this could not be seen"
STOPPED = "the shell was stopped, so this could not be seen"
SHELL_SETUP_SECONDS = 10.0
NEED_SECONDS = 10.0
MOST_HINTS = 3
MOST_FINDINGS = 200
"""More than anybody reads; the verdict counts all of them."""
LONGEST_TEXT = 2000
"""The same."""
INCOMPLETE = (
    "unexpected end of file",
    "unexpected EOF",
    "end of file unexpected",
    "Unterminated quoted string",
    ": unmatched ",
    "parse error near `\\n'",
    "quotes are not balanced",
    "brackets do not match",
    "found end of the input",
    "Missing end to balance",
)
"""What the shells say where a prompt would have waited for another line."""
INCOMPLETE_HINT = "The command is not complete: a quote, a bracket or a block is still open."
ASCII = " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"


def work(job: Mapping[str, Any], report: int) -> None:
    """Does the job and writes what came of it, as JSON, to `report`; then the process ends."""
    try:
        found = _done(job)
    except SetupError as error:
        found = {"cannot": f"the setup of this card did not work: {error}"}
    except TooSlowError as error:
        found = {"cannot": str(error)}
    except Exception as error:  # noqa: BLE001  (whatever it is, the learner did not do it)
        found = {"cannot": f"a check of this card does not work: {type(error).__name__}: {error}"}
    data = json(found).encode("ascii")
    while data:
        data = data[os.write(report, data) :]
    os.close(report)
    ending.end_all(process.END_SECONDS, alone=job["alone"])
    os._exit(0)


def _done(job: Mapping[str, Any]) -> dict[str, Any]:
    if "probe" in job:
        from flashcards.verify.inside import probe  # only when a level is tried out

        return probe.attack(job["probe"])
    folders = job["folders"]
    watch = process.Watch(
        seconds=job["seconds"] + (SHELL_SETUP_SECONDS if job["shell_setup"] else 0),
        folders=(folders["home"], folders["temporary"]),
        alone=job["alone"],
        scoped=not job["alone"] and job["backend"] != "none",
    )
    settle(folders["home"])
    Maker(folders["work"], job["environment"], watch).make(job["setup"])
    names = listing(folders["work"])
    memory = job["record"]
    ended = process.run(job["argv"], job["environment"], folders["work"], watch, memory)
    record = read(_contents(memory), job["nonce"])
    ended = ended._replace(out=_plain(ended.out, job), err=_plain(ended.err, job), mixed=_plain(ended.mixed, job))
    if record.setup_status or not (record.ready or record.after):
        raise SetupError(_setup_reason(record, ended).replace(folders["control"] + "/", ""))
    world = _world(job, names, ended, record, watch)
    return _report(job, world)


def _contents(memory: int) -> bytes:
    size = min(os.fstat(memory).st_size, 1 << 22)
    data = os.pread(memory, size, 0)
    os.close(memory)
    return data


def _plain(text: bytes, job: Mapping[str, Any]) -> bytes:
    """What the answer printed, without our own lines in it: a shell complains as if it had been typed there."""
    text = text.rpartition(job["nonce"].encode() + b"\0")[2]
    answer, script = (f"{job['folders']['control']}/{name}".encode() for name in ("answer", "script"))
    if answer not in text and script not in text and b"__cards_" not in text:
        return text
    import re  # 10 ms, where a shell complains

    shell, alone = job["shell"].encode(), "\n" not in job["answer"].strip()
    text = re.sub(rb"(?m)^.*__cards_.*\n?", b"", text)
    text = re.sub(rb"(?m)^" + re.escape(script) + rb": (line )?\d+: ", b"", text)
    text = re.sub(rb"(?m)^(from sourcing|\tcalled on line \d+ of|source: Error while reading) file .*\n?", b"", text)
    if alone:  # a single line that was typed has no number
        text = re.sub(rb"(?m)^" + re.escape(answer) + rb":([\w.-]+):1: ", rb"\1: ", text)
        text = re.sub(rb"(?m)^" + re.escape(answer) + rb"(: line 1| \(line 1\)|:1): ", shell + b": ", text)
    return text.replace(answer, shell)


def _setup_reason(record: Record, ended: process.Ended) -> str:
    if not record.setup_status and ended.why == "time":
        return f"it did not end within {SHELL_SETUP_SECONDS:g} s"
    lines = ended.err.decode("utf-8", "replace").strip().split("\n")
    said = lines[-1] if lines[-1].strip(" ^~") else lines[0]  # fish points at the place below what it says
    status = record.setup_status or ended.status
    return said or (f"a step ended with status {status}" if status else "it ended the shell")


def _world(
    job: Mapping[str, Any], names: frozenset[str], ended: process.Ended, record: Record, watch: process.Watch
) -> World:
    hidden = {name: job["environment"][name] for name in job["hidden_variables"]}
    left = listing(job["folders"]["work"])
    after, before = record.after, record.before
    if after:
        after = after._replace(environment=_without(after.environment, hidden))
    if before:
        before = before._replace(environment=_without(before.environment, hidden))
    return World(
        work=job["folders"]["work"],
        initial=_without(job["environment"], hidden),
        before=before,
        after=after,
        lost=KILLED if ended.why.startswith("signal") else STOPPED if ended.why else LOST,
        ended=ended,
        names=names,
        made=outermost(left - names),
        gone=outermost(names - left),
        scripts=record.scripts,
        shell=job["shell"],
        watch=watch,
        patience=Patience(),
    )


def _without(environment: Mapping[str, str], hidden: Mapping[str, str]) -> dict[str, str]:
    """An environment without what only we put there; what the learner made of it stays."""
    found = dict(environment)
    for name, ours in hidden.items():
        parts = [part for part in found.pop(name, ours).split(":") if part != ours]
        found |= {name: ":".join(parts)} if parts else {}
    return found


# ---------------------------------------------------------------- the report


def _report(job: Mapping[str, Any], world: World) -> dict[str, Any]:
    ended = world.ended
    findings = list(dict.fromkeys(checks.judge(world, job["checks"])))  # two checks may find the same
    if not findings:
        return {"cannot": f"this card has no check for {job['shell']}"}
    # A shell that killed itself has still done what it did; one that was stopped has not shown its work.
    passed = all(finding.ok for finding in findings) and (not ended.why or ended.why.startswith("signal"))
    status = world.after.status if world.after else ended.status
    found: dict[str, Any] = {
        "passed": passed,
        "ended": ended.why,
        "exit": status,
        "took_ms": int(ended.took_seconds * 1000),
        "output": ended.mixed.decode("utf-8", "replace"),
        "findings": [[f.ok, *(text[:LONGEST_TEXT] for text in f[1:])] for f in _first(findings)],
        "hints": [],
        "missing": [],
        "seeded": os.path.exists(job["seed_mark"]),
    }
    if not passed:
        found["hints"] = _hints(job, world, status)
        found["missing"] = _missing(job)
    return found


def _first(findings: list[checks.Finding]) -> list[checks.Finding]:
    """What does not hold comes first, should there be too many."""
    if len(findings) <= MOST_FINDINGS:
        return findings
    return sorted(findings, key=lambda finding: bool(finding.ok))[:MOST_FINDINGS]


def _hints(job: Mapping[str, Any], world: World, status: int | None) -> list[str]:
    """What is to be said of a slip like this: the first few of the deck that fit, as far as there is time."""
    errors = world.ended.err.decode("utf-8", "replace")
    said = [INCOMPLETE_HINT] if any(words in errors for words in INCOMPLETE) else []
    for hint in job["hints"]:
        try:
            said += [hint["say"][:LONGEST_TEXT]] if _fits(hint["when"], job, world, status) else []
        except TooSlowError:  # a hint is never part of the verdict
            break
        if len(said) >= MOST_HINTS:
            break
    return said


def _fits(when: Mapping[str, Any], job: Mapping[str, Any], world: World, status: int | None) -> bool:
    tests: Mapping[str, Callable[[Any], bool]] = {
        "answer": lambda pattern: world.patience.matches(pattern, job["answer"]),
        "exit_code": lambda codes: status in codes,
        "missing": lambda paths: not any(os.path.lexists(world.at(world.filled(path))) for path in paths),
        "exists": lambda paths: all(os.path.lexists(world.at(world.filled(path))) for path in paths),
        "stderr": lambda pattern: world.patience.matches(pattern, world.ended.err.decode("utf-8", "replace")),
    }
    return all(tests[name](value) for name, value in when.items())


def _missing(job: Mapping[str, Any]) -> list[str]:
    """What the card needs and this machine does not have; looked at only where the answer did not pass."""
    environment = job["environment"]
    missing = []
    for need in job["needs"]:
        program, _, module = need.partition(" -m ")
        path = find_program(program, environment)
        if not path or (module and not _imports(path, module, job)):
            missing.append(need)
    return missing + [
        tool for tool in job["tools"] if _uses(job["answer"], tool) and not find_program(tool, environment)
    ]


def _uses(answer: str, tool: str) -> bool:
    """Whether a tool is named in the answer, as a word of its own."""
    import re  # 10 ms, and only where the answer did not pass

    return re.search(rf"(?<![\w./-]){re.escape(tool)}(?![\w./-])", answer) is not None


def _imports(python: str, module: str, job: Mapping[str, Any]) -> bool:
    watch = process.Watch(seconds=NEED_SECONDS, folders=(), alone=job["alone"])
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return process.run([python, "-I", "-c", code], job["environment"], job["folders"]["work"], watch).status == 0


def json(value: Any) -> str:  # noqa: ANN401  (anything JSON)
    """JSON in ASCII; the standard library's own takes 15 ms to import, a third of a whole run."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(name)}:{json(inner)}" for name, inner in value.items()) + "}"
    return "[" + ",".join(map(json, value)) + "]"


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (units[at : at + 2] for at in range(0, len(units), 2))
    return '"' + "".join(chr(p[1]) if not p[0] and chr(p[1]) in ASCII else f"\\u{p.hex()}" for p in pairs) + '"'
