"""What is there before the answer: folders, files, environments, repositories, made by our own code."""

from __future__ import annotations

import os

from flashcards.verify.inside.process import Watch, run
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

STEP_SECONDS = 20.0
"""The longest that one step may take; a machine under load needs some of it."""
GIT_SETTINGS = "[user]\n\tname = Learner\n\temail = learner@example.org\n[init]\n\tdefaultBranch = main\n"
"""git asks for a name before it commits; a person has given theirs long ago."""
SETUP_DATES = {"GIT_AUTHOR_DATE": "2026-01-01T12:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T12:00:00Z"}
"""Commits of a setup all look alike on every machine and day."""


STARTS_NOTHING = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "diff.ignoreSubmodules=all")


class SetupError(Exception):
    """The setup could not be made; nothing can be said of the answer."""


def settle(home: str) -> None:
    """Gives git what it has in the home of a person who uses it."""
    with open(os.path.join(home, ".gitconfig"), "w", encoding="ascii") as file:
        file.write(GIT_SETTINGS)


class Maker:
    """Makes the steps one after the other in the work folder."""

    def __init__(self, work: str, environment: Mapping[str, str], watch: Watch) -> None:
        self.work = work
        self.environment = dict(environment)
        self.watch = watch._replace(seconds=STEP_SECONDS)
        self._repositories: set[str] = set()
        """Those that a git step made; of others git might start what the deck wrote into them."""
        self._steps: Mapping[str, Callable[[str, Mapping[str, Any]], None]] = {
            "dir": self._dir,
            "file": self._file,
            "copy": self._copy,
            "venv": self._venv,
            "git": self._git,
        }

    def make(self, steps: list[dict[str, Any]]) -> None:
        """Makes all of them. Raises SetupError."""
        for step in steps:
            kind = next(iter(self._steps.keys() & step.keys()))
            try:
                self._steps[kind](step[kind], step)
            except OSError as error:
                raise SetupError(f"{kind} {step[kind]}: {error.strerror}") from None

    def _dir(self, path: str, _step: Mapping[str, Any]) -> None:
        os.makedirs(self._at(path), exist_ok=True)

    def _file(self, path: str, step: Mapping[str, Any]) -> None:
        self._write(path, step.get("content", "").encode("utf-8", "surrogateescape"), step.get("mode", "0644"))

    def _copy(self, path: str, step: Mapping[str, Any]) -> None:
        self._write(step.get("to", path), step["data"], step.get("mode", "0644"))

    def _write(self, path: str, data: bytes, mode: str) -> None:
        target = self._at(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
        os.chmod(target, int(mode, 8))

    def _venv(self, path: str, _step: Mapping[str, Any]) -> None:
        """Without pip, in this very process: 30 ms instead of seconds."""
        import venv  # 25 ms, for the cards that ask for it

        venv.EnvBuilder(symlinks=True, with_pip=False).create(self._at(path))

    def _git(self, path: str, step: Mapping[str, Any]) -> None:
        """A repository if there is none yet; then branch, index, commit, stash, in this order."""
        folder = self._at(path)
        os.makedirs(folder, exist_ok=True)
        if folder not in self._repositories:
            if os.path.lexists(f"{folder}/.git"):
                raise SetupError(f"`{path}` has a `.git` that no git step has made")
            self._run_git(folder, "init", "--quiet", ".")
            self._repositories.add(folder)
        if branch := step.get("branch"):
            if self._branch_is_there(folder, branch):
                self._run_git(folder, "switch", "--quiet", branch)
            else:
                self._run_git(folder, "switch", "--quiet", "--create", branch)
        if stage := step.get("stage"):
            self._run_git(folder, "add", "--", *([stage] if isinstance(stage, str) else stage))
        if message := step.get("commit"):
            self._run_git(folder, "add", "--all")
            self._run_git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
        if message := step.get("stash"):
            self._run_git(folder, "stash", "push", "--quiet", "--include-untracked", "--message", message)

    def _branch_is_there(self, folder: str, branch: str) -> bool:
        return os.path.exists(f"{folder}/.git/refs/heads/{branch}")

    def _run_git(self, folder: str, *words: str) -> None:
        git = found("git", self.environment)
        if not git:
            raise SetupError("git is not installed")
        environment = {**self.environment, **SETUP_DATES}
        if folder in self._repositories:  # this one, whatever else in the work directory looks like one
            environment |= {"GIT_DIR": f"{folder}/.git", "GIT_WORK_TREE": folder}
        ended = run([git, *STARTS_NOTHING, *words], environment, folder, self.watch)
        if ended.status != 0:
            last = ended.err.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise SetupError(f"git {words[0]}: {last or ended.why or ended.status}")

    def _at(self, path: str) -> str:
        """A path of the deck in the work folder; the format let only relative ones through, and so do we."""
        full = os.path.normpath(os.path.join(self.work, path))
        if full != self.work and not full.startswith(f"{self.work}/"):
            raise SetupError(f"`{path}` leaves the work directory")
        inner = os.path.relpath(full, self.work)
        if os.path.realpath(full) != os.path.normpath(os.path.join(os.path.realpath(self.work), inner)):
            raise SetupError(f"`{path}` leads through a link")
        return full


def found(program: str, environment: Mapping[str, str]) -> str:
    """The file that `PATH` gives for a program; empty for none."""
    for folder in environment.get("PATH", "").split(":"):
        path = os.path.join(folder, program)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return ""
