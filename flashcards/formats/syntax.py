"""Faults of the YAML itself, told in the words of somebody who writes commands into a deck."""

import re
from typing import NamedTuple

from flashcards.formats.source import MOST_DEPTH, VALUE_FOLLOWS, Mark, Source, Span, visible
from flashcards.model import Problem

MEANINGS = {
    "*": "an alias",
    "&": "an anchor",
    "!": "a tag",
    "%": "a directive",
    "@": "a reserved sign",
    "|": "a block of text",
    ">": "a block of text",
    "[": "a list",
    "{": "a mapping",
    "?": "a key",
    "-": "a list item",
    ",": "the end of an item",
    "]": "the end of a list",
    "}": "the end of a mapping",
    "#": "a comment",
}
"""What YAML takes a value for that starts with this."""
COMPLETE = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
INDENT = "line up the keys of a card; put long text in a block: `front: |`"


class Fault(NamedTuple):
    """What the parser told: its sentences, and where."""

    problem: str
    context: str
    at: Mark
    since: Mark
    """Where the thing began that went wrong; often the same as `at`."""


def explain(source: Source, error: Exception) -> Problem:
    """One problem, with its place and a cure, for an error of the YAML parser."""
    at = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if at is None:
        return source.problem(Span(line=0, column=0, end=1), f"not YAML: {visible(str(error), 200)}")
    fault = Fault(
        problem=str(getattr(error, "problem", "") or "it cannot be read"),
        context=str(getattr(error, "context", "") or ""),
        at=at,
        since=getattr(error, "context_mark", None) or at,
    )
    for diagnose in (_too_deep, _tab, _open_quote, _escape, _stray_quote, _value, _open_bracket, _no_colon, _deeper):
        if problem := diagnose(source, fault):
            return problem
    if "did not find expected" in fault.problem and not source.line(fault.at.line)[: fault.at.column].strip():
        return source.problem(source.rest(fault.at), "this line is not indented like the lines above", INDENT)
    return source.problem(_here(fault.at), f"not YAML: {fault.problem}", INDENT)


def _here(mark: Mark) -> Span:
    return Span(line=mark.line, column=mark.column, end=mark.column + 1)


def _too_deep(source: Source, fault: Fault) -> Problem | None:
    """A parser with a limit of its own met it before the composer did, on a line of nothing but brackets."""
    if "nesting depth" not in fault.problem:
        return None
    brackets = [column for column, sign in enumerate(source.line(fault.at.line)) if sign in "[{"]
    column = brackets[MOST_DEPTH - 1] if len(brackets) >= MOST_DEPTH else fault.at.column
    span = Span(line=fault.at.line, column=column, end=column + 1)
    return source.problem(span, f"nested more than {MOST_DEPTH} deep", "put it in quotes if it is meant as text")


def _tab(source: Source, fault: Fault) -> Problem | None:
    """A tab before the first letter of the line."""
    line = source.line(fault.at.line)
    column = line.find("\t")
    if column < 0 or line[:column].strip():
        return None
    span = Span(line=fault.at.line, column=column, end=column + 1)
    return source.problem(span, "a tab cannot indent", "indent with spaces")


def _open_quote(source: Source, fault: Fault) -> Problem | None:
    """The file ends inside quotes."""
    if "quoted scalar" not in fault.context or "escape" in fault.problem or "character" in fault.problem:
        return None
    span = source.rest(fault.since)
    return source.problem(span, "a quote is opened here and never closed", "close it, or put the text in a block: |")


def _escape(source: Source, fault: Fault) -> Problem | None:
    """A backslash in double quotes."""
    if "escape" not in fault.problem and "hexdecimal" not in fault.problem:
        return None
    start = source.line(fault.at.line).rfind("\\", 0, fault.at.column + 1)
    span = Span(line=fault.at.line, column=max(start, 0), end=fault.at.column + 1)
    hint = "put the text in single quotes, or in a block: |"
    return source.problem(span, "a backslash in double quotes starts an escape, and this is none", hint)


def _stray_quote(source: Source, fault: Fault) -> Problem | None:
    """A text in good quotes, in the midst of which YAML stumbles: the quotes of an earlier line are still open."""
    line = source.line(fault.at.line).rstrip()
    found = VALUE_FOLLOWS.match(line)
    if not found or not found.end() < fault.at.column < len(line) or not COMPLETE.fullmatch(line, found.end()):
        return None
    span = Span(line=fault.at.line, column=found.end(), end=found.end() + 1)
    hint = "look above for a quote without its partner"
    return source.problem(span, "this quote ends a text that was opened further up", hint)


def _value(source: Source, fault: Fault) -> Problem | None:
    """A value that YAML takes for something else: by its first letter, or by a `: ` inside."""
    number = fault.since.line if "flow" in fault.context else fault.at.line
    line = source.line(number).rstrip()
    found = VALUE_FOLLOWS.match(line)
    if not found or found.end() >= len(line):
        return None
    value, span = line[found.end() :], Span(line=number, column=found.end(), end=len(line))
    message = _taken_for(value, fault)
    if not message:
        return None
    return source.problem(span, message, source.quote_hint(number, found.end()))


def _taken_for(value: str, fault: Fault) -> str:
    if COMPLETE.fullmatch(value):
        return ""
    if value[0] == "`":
        return "a value starts with a backtick, a reserved sign in YAML"
    if value[0] in "'\"":
        return f"the text goes on after the closing `{value[0]}`" if COMPLETE.match(value) else ""
    if value[0] in MEANINGS:
        return f"a value starts with `{value[0]}`, {MEANINGS[value[0]]} in YAML"
    if ": " in value + " " and "mapping values" in fault.problem:
        return "`: ` in text without quotes starts a mapping in YAML"
    return ""


def _open_bracket(source: Source, fault: Fault) -> Problem | None:
    if "flow" not in fault.context:
        return None
    opened = source.line(fault.since.line)[fault.since.column : fault.since.column + 1]
    return source.problem(_here(fault.since), f"`{visible(opened)}` is opened here and never closed", "close it")


def _no_colon(source: Source, fault: Fault) -> Problem | None:
    """A line without a key between lines with one."""
    if "':'" not in fault.problem:
        return None
    hint = "write `key: value`, or indent the line under the key it belongs to"
    return source.problem(source.rest(fault.since), "this line has no `key:`", hint)


def _deeper(source: Source, fault: Fault) -> Problem | None:
    """The colon of a key that is indented under a value."""
    if "mapping values" not in fault.problem:
        return None
    line = source.line(fault.at.line)
    start = len(line) - len(line.lstrip())
    span = Span(line=fault.at.line, column=start, end=fault.at.column + 1)
    return source.problem(span, "this key is indented deeper than the one above", INDENT)
