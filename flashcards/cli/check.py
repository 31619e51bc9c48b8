"""`cards check`: deck files read for faults and for what is odd, and with `--run` every answer in them proved."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import complete_decks, opened, print_json, say
from flashcards.errors import DeckProblems, Refused
from flashcards.model import Problem
from flashcards.platforms import RUNNABLE
from flashcards.ui.words import count, duration, line, safe

if TYPE_CHECKING:
    from pathlib import Path

    from flashcards.app import App
    from flashcards.app.checking import Checked
    from flashcards.formats.lints import Lint
    from flashcards.verify.selftest import Result

EPILOG = """\b
Examples:
  cards check                          every deck that was taken in
  cards check my/deck.yaml             a file, before it is taken in
  cards check --strict decks/          warnings count as well
  cards check --write-ids my/deck.yaml    so that questions can change and history stays
  cards check --run venv               prove its answers right, and its wrong ones wrong
  cards check --run --trust --format github decks/    in the CI of a deck repository

\b
Exit codes: 0 all is well, 3 a deck has problems, or with --strict
warnings, or an answer misses,
7 no sandbox, or nobody has allowed the deck to run.
"""


@click.command("check", epilog=EPILOG)
@click.argument("decks", nargs=-1, metavar="[DECK|FILE]...", shell_complete=complete_decks)
@click.option(
    "--run", "run_answers", is_flag=True, help="Run every answer: right ones must pass, wrong ones must fail."
)
@click.option(
    "--write-ids", is_flag=True, help="Write an id into each card that has none, once; no other byte changes."
)
@click.option("--strict", is_flag=True, help="End with 3 if there are warnings.")
@click.option("--no-lint", is_flag=True, help="Tell only what is wrong, not what is probably not meant.")
@click.option("--trust", is_flag=True, help="Allow the decks' own code and answers for this once.")
@click.option("--shell", "shells", multiple=True, type=click.Choice(RUNNABLE), help="Only in this shell.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="How many at once; as many as there are cores.")
@click.option("--real", is_flag=True, help="Let pip install itself into new environments, which takes seconds.")
@click.option("--format", "form", type=click.Choice(("text", "json", "github")), default="text", help="How to tell.")
@click.option("as_json", "--json", is_flag=True, help="The same as --format json.")
def command(
    *,
    decks: tuple[str, ...],
    run_answers: bool,
    write_ids: bool,
    strict: bool,
    no_lint: bool,
    trust: bool,
    shells: tuple[str, ...],
    jobs: int | None,
    real: bool,
    form: str,
    as_json: bool,
) -> None:
    """Check decks, and prove their answers.

    What can be read but is probably not meant is a warning: an answer cut
    off at ` #`, two cards with the same front, a question that gives away
    another's answer. `# lint: off NAME` in a card silences one there, above
    the cards in the whole file.

    Without `--run` files are read and nothing is started. With it the
    reference answer of every card that can be run, and all that it accepts,
    must pass; what it calls wrong must fail; and doing nothing must fail, for
    else the checks look at nothing. It runs in the sandbox, and needs
    `cards trust` or `--trust`, since it runs what the deck brings.
    """
    from flashcards.app import checking

    form = "json" if as_json else form
    with opened() as app:
        paths = checking.files(app, decks)
        if write_ids:
            _write_ids(paths)
        checked = checking.check(paths, lints=not no_lint)
        results: list[Result] = []
        if run_answers and all(one.deck for one in checked):
            cards = checking.runnable(checked)
            _allowed(app, cards, trust=trust)
            progress = _Progress()
            results = checking.prove(app, cards, shells, real=real, jobs=jobs or 0, each=progress.tell)
            progress.end()
        _TELL[form](checked, results, run_answers)
    if form == "text":
        _tell_faults(checked)
    _judge(checked, results, strict=strict)


def _write_ids(paths: "Sequence[Path]") -> None:
    """Writes the ids that the cards go by already into their files."""
    from flashcards.app import writing

    for path, many in writing.write_ids(paths):
        click.echo(
            f"{line(str(path))}  {count(many, 'id')} written" if many else f"{line(str(path))}  has all its ids",
            err=True,
        )


def _allowed(app: "App", cards: Sequence[Any], *, trust: bool) -> None:
    """Raises Refused unless there is a sandbox and a consent."""
    from flashcards.app import checking
    from flashcards.app.running import NO_SANDBOX, Runner

    if Runner(app).is_off:
        raise Refused("running commands is turned off", hint="unset CARDS_NO_RUN, or cards config run ask")
    if not trust and (names := checking.untrusted(app, cards)):
        decks = sorted({name.partition("/")[0] for name in names})
        raise Refused(
            f"`{decks[0]}` would run answers and code of its own, and nobody has allowed that",
            hint=f"cards trust {decks[0]} shows them and asks; --trust allows them for this once",
        )
    if cards and Runner(app).level is None:
        raise Refused(NO_SANDBOX, hint="cards doctor says what would make it possible")


def _judge(checked: Sequence["Checked"], results: Iterable["Result"], *, strict: bool) -> None:
    """Ends with 3 if anything is wrong, or if anything is odd and that counts."""
    problems = sum(len(one.problems) for one in checked)
    lints = sum(len(one.lints) for one in checked)
    missed = sum(result.outcome == "miss" for result in results)
    if problems or missed or (strict and lints):
        numbers = [
            count(problems, "problem") if problems else "",
            (count(missed, "miss")[:-1] + "es" if missed > 1 else "1 miss") if missed else "",
            count(lints, "warning") if lints else "",
        ]
        raise DeckProblems((), message=", ".join(filter(None, numbers)))


class _Progress:
    """A line on the error stream that counts, where a person looks."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()

    def tell(self, result: "Result", done: int, total: int) -> None:
        if self._shows:
            click.echo(f"\r\x1b[K{done} of {total}  {line(result.trial.card.id)}", nl=False, err=True)

    def end(self) -> None:
        if self._shows:
            click.echo("\r\x1b[K", nl=False, err=True)


# ---------------------------------------------------------------- telling


def _tell_faults(checked: Sequence["Checked"]) -> None:
    """Problems, then warnings, on the error stream; and how many warnings there are, unless an error counts them."""
    from flashcards.ui.problems import render_all, render_lints

    problems = [problem for one in checked for problem in one.problems]
    lints = [lint for one in checked for lint in one.lints]
    for text in (render_all(problems), render_lints(lints)):
        if text:
            click.echo(text + "\n", err=True)
    if lints:
        files = count(sum(bool(one.lints) for one in checked), "file")
        click.echo(f"{count(len(lints), 'warning')} in {files}; `# lint: off NAME` in a card silences one", err=True)


def _text(checked: Sequence["Checked"], results: Sequence["Result"], ran: bool) -> None:  # noqa: FBT001
    for one in checked:
        if one.deck:
            odd = ", " + count(len(one.lints), "warning") if one.lints else ""
            say(f"{line(one.path)}  {one.deck.id}: {count(len(one.deck.cards), 'card')}, no problems{odd}")
    if ran and all(one.deck for one in checked):
        _tell_runs(results)


def _tell_runs(results: Sequence["Result"]) -> None:
    for card in dict.fromkeys(result.trial.card.id for result in results):
        _tell_card(card, [result for result in results if result.trial.card.id == card])
    untried = [result for result in results if result.outcome == "untried"]
    took = sum(result.verdict.took_ms for result in results)
    missed = sum(result.outcome == "miss" for result in results)
    levels = ", ".join(sorted({result.verdict.level for result in results} - {""})) or "no sandbox used"
    cards = count(len({result.trial.card.id for result in results}), "card")
    parts = [cards, count(len(results), "run"), f"{missed} missed", f"commands took {duration(took)}", levels]
    click.echo()
    say(", ".join(parts))
    for reason in dict.fromkeys(result.verdict.reason for result in untried):
        many = sum(result.verdict.reason == reason for result in untried)
        say(f"{count(many, 'run')} could not be judged: {line(reason)}")


def _tell_card(card: str, results: Sequence["Result"]) -> None:
    missed = [result for result in results if result.outcome == "miss"]
    shells = " ".join(dict.fromkeys(result.trial.shell for result in results))
    took = max(result.verdict.took_ms for result in results)
    sign = click.style("✗", fg="red") if missed else click.style("✓", fg="green")
    say(f"{sign} {line(card)}  {shells}  {count(len(results), 'run')}, slowest {took} ms")
    for result in missed:
        say(f"{result.trial.shell}: {_miss(result)}", indent=4, hang=2)


def _miss(result: "Result") -> str:
    """What went wrong, in a line."""
    trial, verdict = result.trial, result.verdict
    if trial.part == "nothing":
        return "doing nothing passes: these checks look at nothing that the answer changes"
    what = {"answer": "the answer", "accept": "accepted, but", "wrong": "wrong, but"}[trial.part]
    why = {"pass": "passes", "fail": "fails", "cannot": "cannot be judged"}[verdict.kind]
    bad = next((found.says for found in verdict.findings if not found.ok), "") or verdict.reason
    return f"{what} `{line(trial.text)}` {why}" + (f": {line(bad)}" if bad and verdict.kind != "pass" else "")


def _json(checked: Sequence["Checked"], results: Sequence["Result"], ran: bool) -> None:  # noqa: FBT001, ARG001
    decks = [
        {
            "path": one.path,
            "deck": one.deck.id if one.deck else None,
            "cards": len(one.deck.cards) if one.deck else None,
            "problems": [problem._asdict() for problem in one.problems],
        }
        for one in checked
    ]
    runs = [
        {
            "card": result.trial.card.id,
            "shell": result.trial.shell,
            "part": result.trial.part,
            "text": result.trial.text,
            "expected": result.trial.expected,
            "verdict": result.verdict.kind,
            "outcome": result.outcome,
            "reason": result.verdict.reason,
            "checks": [found._asdict() for found in result.verdict.findings],
            "level": result.verdict.level,
            "took_ms": result.verdict.took_ms,
        }
        for result in results
    ]
    lints = [_lint_json(lint) for one in checked for lint in one.lints]
    misses = sum(run["outcome"] == "miss" for run in runs)
    print_json("cards.check/1", decks=decks, lints=lints, runs=runs, misses=misses)


def _lint_json(lint: "Lint") -> dict[str, str | int]:
    name, problem = lint
    return {
        "name": name,
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def _github(checked: Sequence["Checked"], results: Sequence["Result"], ran: bool) -> None:  # noqa: FBT001, ARG001
    """Annotations as the CI of GitHub reads them: they stand beside the line in a pull request."""
    paths = {card.id: one.path for one in checked if one.deck for card in one.deck.cards}
    for one in checked:
        for problem in one.problems:
            _annotate(problem, "error", problem.message)
        for lint in one.lints:
            _annotate(lint.problem, "warning", f"{lint.problem.message} [{lint.name}]")
    for result in results:
        if result.outcome == "miss":
            card = result.trial.card
            message = f"{card.id} in {result.trial.shell}: {_miss(result)}"
            _annotate(Problem(path=paths[card.id], line=card.line, column=1, message=message), "error", message)


def _annotate(problem: Problem, word: str, message: str) -> None:
    text = f"{message}\nhint: {problem.hint}" if problem.hint else message
    name = _escaped(problem.path).replace(",", "%2C").replace(":", "%3A")
    click.echo(f"::{word} file={name},line={problem.line},col={problem.column}::{_escaped(text)}")


def _escaped(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\n", "%0A")


_TELL = {"text": _text, "json": _json, "github": _github}
