"""docs/writing-cards.md tells the truth: its decks are good, its commands exist, its workflow parses.

Its console blocks are run with those of README.md.
"""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
import yaml as pyyaml
from cli.inside import cards
from jsonschema import Draft7Validator
from sandboxed import needs_sandbox

from flashcards import cli
from flashcards.formats import lints, yaml
from flashcards.formats.schema import deck_schema

PAGE = (Path(__file__).parents[1] / "docs" / "writing-cards.md").read_text(encoding="utf-8")


def fences(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


DECKS = [text for text in fences("yaml") if "\ncards:" in text]
RUNNABLE = [text for text in DECKS if "    run:" in text]
[WORKFLOW] = [text for text in fences("yaml") if text not in DECKS]


@pytest.mark.parametrize("text", DECKS, ids=lambda text: re.search(r"deck: (.*)", text)[1])
def test_an_example_is_good(text: str):
    """The program reads it, no lint speaks, and an editor marks nothing."""
    parsed = yaml.parse_notes(text.encode(), "example.yaml")

    assert [] == parsed.problems
    assert [] == lints.lint(parsed.notes, parsed.source, parsed.deck)
    assert Draft7Validator(deck_schema()).is_valid(pyyaml.safe_load(text))


def test_the_example_of_a_silenced_lint_needs_it():
    """Without its comment the deck has a warning, of that name."""
    [text] = [text for text in DECKS if "# lint: off" in text]
    name = re.search(r"# lint: off ([a-z-]+)", text)[1]
    parsed = yaml.parse_notes(re.sub(r" *# lint.*\n", "", text).encode(), "example.yaml")

    assert [name] == [lint.name for lint in lints.lint(parsed.notes, parsed.source, parsed.deck)]


@needs_sandbox
@pytest.mark.parametrize("text", RUNNABLE, ids=lambda text: text.split("\n", 1)[0])
def test_an_example_that_is_run_proves_itself(tmp_path: Path, text: str):
    """Its answers pass, its wrong ones fail, and doing nothing fails."""
    path = tmp_path / "deck.yaml"
    path.write_text(text, encoding="utf-8")
    ran = cards("check", "--run", "--trust", "--strict", "--shell", "bash", path)

    assert (0, "") == (ran.code, ran.err)


def test_the_page_names_every_lint():
    """A warning that the program tells is explained where it sends people."""
    assert [name for name, words in lints.NAMES.items() if f"| `{name}` | {words} |" not in PAGE] == []


def test_the_workflow_runs_commands_that_exist():
    """It is YAML with steps, and what it runs of ours are commands and options that there are."""
    workflow = pyyaml.safe_load(WORKFLOW)
    steps = workflow["jobs"]["check"]["steps"]
    lines = [step["run"] for step in steps if step.get("run", "").startswith("cards ")]
    lines += re.findall(r"^`(cards [^`]*)`", PAGE, re.MULTILINE)

    assert len(lines) >= 4
    assert [] == [line for line in lines if unknown(shlex.split(line)[1:])]


def unknown(words: list[str]) -> list[str]:
    """The words that are no command, or none of its options."""
    group: click.Command | None = cli.cards
    while isinstance(group, click.Group) and words:
        group = group.get_command(click.Context(group), words.pop(0))
    if group is None:
        return ["no such command"]
    options = {name for parameter in group.params for name in parameter.opts}
    return [word for word in words if word.startswith("-") and word not in options]


def test_the_settings_of_an_editor_parse():
    """What is shown of VS Code's settings is JSON."""
    assert all(json.loads(text) for text in fences("json"))
