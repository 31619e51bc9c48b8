"""The shape of the house: contracts that are kept and that bite, light starts, small rooms."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "flashcards"
CONFIG = ROOT / "pyproject.toml"
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"
RUFF = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
LONGEST_FUNCTION = 60
LONGEST_FILE = 400

CONTRACTS = {c["id"]: c["name"] for c in tomllib.loads(CONFIG.read_text("utf-8"))["tool"]["importlinter"]["contracts"]}

VIOLATIONS = [
    ("floors", "model", "from flashcards import clock"),
    ("floors", "log", "from flashcards.replay import replay"),
    ("floors", "due", "from flashcards.store import Store"),
    ("floors", "due", "from flashcards import config"),
    ("floors", "stats", "from flashcards import due"),
    ("floors", "stats", "from flashcards.store import Store"),
    ("floors", "schedulers.sm2", "from flashcards import replay"),
    ("floors", "session", "from flashcards.store import Store"),
    ("floors", "store.store", "from flashcards import formats"),
    ("floors", "formats.yaml", "from flashcards.store import Store"),
    ("floors", "sync", "from flashcards.store import Store"),
    ("floors", "verify.checks", "from flashcards import session"),
    ("floors", "app", "from flashcards import ui"),
    ("floors", "ui.terminal", "from flashcards import app"),
    ("floors", "app", "from flashcards import cli"),
    ("floors", "helpers", "from flashcards import model"),
    ("sql", "session", "import sqlite3"),
    ("sql", "cli.stats", "import sqlite3"),
    ("sql", "app", "from sqlite_utils import Database"),
    ("click", "app", "import click"),
    ("click", "ui.terminal", "from click import echo"),
    ("rich", "due", "from rich.console import Console"),
    ("rich", "app", "import rich"),
    ("prompt", "cli.review", "from prompt_toolkit import PromptSession"),
    ("prompt", "session", "import pygments"),
    ("yaml", "app", "import yaml"),
    ("yaml", "config", "from yaml import safe_load"),
    ("directories", "store.store", "import platformdirs"),
    ("processes", "app", "import subprocess"),
    ("processes", "app.reminders", "import subprocess"),
    ("processes", "session", "import socket"),
    ("processes", "cli.sync", "import multiprocessing"),
    ("processes", "formats.csv", "import asyncio"),
    ("processes", "verify.trust", "import subprocess"),
    ("processes", "verify.runner", "import socket"),
    ("network", "app.library", "import urllib.request"),
    ("network", "formats.csv", "from http.client import HTTPSConnection"),
    ("network", "cli.imports", "import ssl"),
    ("inside", "verify.inside.agent", "from flashcards import model"),
    ("inside", "verify.sandbox.enter", "from flashcards.verify import runner"),
    ("inside", "verify.inside.checks", "from flashcards.config import Config"),
]


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    """The import linter, on the package in `tree`, by the contracts of this project."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo", "--config", str(CONFIG)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


def plant(tree: Path, module: str, line: str) -> None:
    """Put `line` at the end of `flashcards.<module>` in `tree`; what is not there yet is made."""
    path = tree.joinpath("flashcards", *module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A tree with a copy of the package, to be spoilt."""
    shutil.copytree(PACKAGE, tmp_path / "flashcards", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_contracts_are_kept() -> None:
    """Every module imports only what its place in the house allows."""
    done = lint_imports(ROOT)

    assert (0, f"{len(CONTRACTS)} kept, 0 broken") == (
        done.returncode,
        done.stdout.split("Contracts: ")[-1].strip(".\n"),
    )


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_contracts_bite(copy: Path, contract: str, module: str, line: str) -> None:
    """A forbidden import is caught, and the contract that forbids it is named."""
    plant(copy, module, line)

    done = lint_imports(copy)

    assert done.returncode == 1
    assert f"{CONTRACTS[contract]} BROKEN" in done.stdout
    assert f"flashcards.{module}" in done.stdout.split("Broken contracts")[-1]


def test_every_contract_is_seen_to_bite() -> None:
    """No contract stands without a violation that it catches."""
    assert set(CONTRACTS) == {contract for contract, _, _ in VIOLATIONS}


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ruff") is None, reason="needs ruff, of the extra `lint`")
@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from datetime import UTC, datetime", "datetime.now(UTC)"),
        ("import datetime", "datetime.date.today()"),
        ("import time", "time.time()"),
        ("from time import monotonic", "monotonic()"),
        ("import time", "time.perf_counter()"),
        ("import random", "random.random()"),
        ("from uuid import uuid4", "uuid4()"),
    ],
)
def test_nobody_but_the_clock_asks_the_time(copy: Path, imports: str, call: str) -> None:
    """The linter refuses clocks, dice and ids of one's own in every module but the clock."""
    plant(copy, "due", f"{imports}\nMOMENT = {call}")
    plant(copy, "clock", f"{imports}\nMOMENT = {call}")

    done = subprocess.run(
        [*RUFF, "--config", CONFIG, "--select=TID251", "flashcards"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )

    assert {"due.py"} == {Path(line.split(":")[0]).name for line in done.stdout.splitlines() if "TID251" in line}


# ---------------------------------------------------------------- light starts

HEAVY = {"importlib.metadata", "prompt_toolkit", "pygments", "rich", "sqlite_utils", "yaml"}
COMPLETION = {"_CARDS_COMPLETE": "bash_complete", "COMP_WORDS": "cards re", "COMP_CWORD": "1"}
TRACED = """
import atexit, os, pathlib, sys
atexit.register(lambda: pathlib.Path(os.environ["TRACE"]).write_text("\\n".join(sys.modules)))
from flashcards.__main__ import main
sys.argv[0] = "cards"
main()
"""


@pytest.fixture
def imported(home: Path, tmp_path: Path) -> Callable[..., set[str]]:
    """The modules that are loaded when the program ends: `imported("due", env={})`."""

    def imported(*args: str, env: dict[str, str] | None = None) -> set[str]:
        trace = tmp_path / "modules.txt"
        done = subprocess.run(
            [sys.executable, "-c", TRACED, *args],
            env={**os.environ, "CARDS_HOME": str(home), "TRACE": str(trace), **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout
        return set(trace.read_text().split())

    return imported


def test_the_version_needs_no_click(imported: Callable[..., set[str]]) -> None:
    """`cards --version` answers before click is imported."""
    modules = imported("--version")

    assert set() == modules & {"click", "sqlite3", *HEAVY}


@pytest.mark.parametrize(("args", "env"), [(["--help"], {}), ([], COMPLETION)], ids=["help", "completion"])
def test_help_and_completion_import_no_command(
    imported: Callable[..., set[str]], args: list[str], env: dict[str, str]
) -> None:
    """The list of commands comes from the table; no command's module and no library of a command is loaded."""
    modules = imported(*args, env=env)

    assert "flashcards.cli" in modules
    assert set() == modules & {"sqlite3", "flashcards.cli.review", "flashcards.app", *HEAVY}


def test_what_is_due_in_a_prompt_is_light(
    imported: Callable[..., set[str]], run: Callable[..., object], deck_file: Callable[..., Path]
) -> None:
    """`cards due --short` stands in a shell prompt: it reads the database and nothing else."""
    run("import", deck_file("deck: one\ncards: [{front: a, back: b}]\n"), check=True)

    modules = imported("due", "--short")

    assert "sqlite3" in modules
    assert set() == modules & HEAVY


def test_charts_are_drawn_with_rich_alone(
    imported: Callable[..., set[str]], run: Callable[..., object], deck_file: Callable[..., Path]
) -> None:
    """`cards stats` feels instant: no editor, no YAML, no page is loaded for it."""
    run("import", deck_file("deck: one\ncards: [{front: a, back: b}]\n"), check=True)

    modules = imported("stats")

    assert {"rich"} == modules & {*HEAVY, "html", "jinja2", "rich.markdown", "rich.table"}


# ---------------------------------------------------------------- small rooms

SOURCES = sorted(PACKAGE.rglob("*.py"))
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def place(path: Path) -> str:
    """A module as a person names it."""
    return path.relative_to(ROOT).as_posix()


def definitions(tree: ast.Module) -> Iterator[Definition]:
    """Functions, classes and their methods; not what is hidden inside a function or a private class."""
    waiting: list[ast.stmt] = list(tree.body)
    for node in waiting:
        if isinstance(node, Definition):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            waiting.extend(node.body)


def test_a_module_says_in_one_line_what_it_is_for() -> None:
    """Every module opens with a docstring whose first line can stand alone; the module map is made of them."""
    purposes = {place(path): ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for path in SOURCES}

    assert [] == [path for path, purpose in purposes.items() if not purpose.split("\n")[0].endswith(".")]


def test_what_is_public_is_explained() -> None:
    """Every public function, class and method has a docstring."""
    bare = [
        f"{place(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in definitions(ast.parse(path.read_text("utf-8")))
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]

    assert [] == bare


def test_functions_and_files_stay_small() -> None:
    """No function is longer than a screen, no file longer than a sitting."""
    functions = [
        f"{place(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    files = [place(path) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE]

    assert ([], []) == (functions, files)
