"""A deck that nobody trusts makes nothing run: not on the host, not inside, not by files that our own steps meet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from desk import card

from flashcards.formats import yaml
from flashcards.verify import programs, trust

EVIL = "#!/bin/sh\ntouch {mark}\nprintf 'x\\nx\\nx\\n'\n"
FSMONITOR = (
    '[core]\nrepositoryformatversion = 0\nbare = false\nworktree = .\nfsmonitor = "touch $HOME/work/PWNED; false"\n'
)


def planted(path: Path, mark: Path) -> str:
    """A program that tells that it was started."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(EVIL.format(mark=mark))
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "name", ["python/evil", "./python3", "../x", "/bin/sh", "a b", "-x", "$(id)", "python3 -m a.b"]
)
@pytest.mark.parametrize("key", ["needs", "tools"])
def test_a_deck_names_programs_and_no_files(key: str, name: str) -> None:
    """A path would be looked up where the person happens to be."""
    run = f"{{{key}: ['{name}'], checks: [{{absent: x}}]}}"
    text = f"deck: d\ncards:\n  - id: a\n    front: f\n    answer: b\n    run: {run}\n"
    deck, problems = yaml.parse(text.encode(), "d.yaml")

    assert deck is None
    assert "is no name of a program" in problems[0].message


def test_what_lies_where_we_are_is_never_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a relative folder of `PATH`, nor a relative interpreter, nor a name that only begins like Python."""
    mark, home = tmp_path / "mark", tmp_path / "bin"
    planted(tmp_path / "python" / "evil", mark)
    planted(home / "python-deploy", mark)
    (home / "tool").write_text("#!./python3\n")
    (home / "tool").chmod(0o755)
    planted(tmp_path / "python3", mark)
    monkeypatch.chdir(tmp_path)
    programs.find(["python/evil", "python-deploy", "tool", "python3"], f".:{home}:/usr/bin:/bin")

    assert not mark.exists()


def test_a_program_is_shown_by_its_name_alone(tmp_path: Path) -> None:
    """No name of a deck becomes a path in the control folder."""
    victim = planted(tmp_path / "deploy.sh", tmp_path / "mark")
    found = programs.find(["../" * 12 + victim.lstrip("/")], "/usr/bin:/bin")

    assert not [name for name, _ in found.links if "/" in name]
    assert victim not in found.visible


REPOSITORY = (
    {"dir": "sub/objects"},
    {"dir": "sub/refs"},
    {"file": "sub/HEAD", "content": "ref: refs/heads/main\n"},
    {"file": "sub/config", "content": FSMONITOR},
    {"file": "sub/x.txt", "content": "x"},
)


@pytest.mark.parametrize(
    "steps",
    [
        (*REPOSITORY, {"git": "sub", "stage": ["x.txt"]}),
        (*REPOSITORY, {"git": "sub", "commit": "m", "stash": "s"}),
        (*REPOSITORY, {"git": ".", "commit": "m"}),
    ],
    ids=["stage", "stash", "above"],
)
def test_git_starts_nothing_of_the_deck(judge: Any, sandbox: Any, steps: tuple[Mapping[str, Any], ...]) -> None:
    """A folder that only looks like a repository is none to our own steps."""
    verdict = judge({"setup": list(steps), "checks": [{"absent": ["PWNED", "sub/PWNED"]}]}, "true", backend=sandbox)

    assert verdict.kind in {"pass", "cannot"}, verdict


def test_a_git_folder_that_is_there_already_is_not_taken(judge: Any, sandbox: Any) -> None:
    """An empty `.git` would make git look further up, and find what the deck put there."""
    steps = [*REPOSITORY, {"dir": "sub/.git"}, {"git": "sub", "stage": ["x.txt"]}]
    verdict = judge({"setup": steps, "checks": [{"absent": ["PWNED"]}]}, "true", backend=sandbox)

    assert ("cannot", True) == (verdict.kind, "`.git` that no git step has made" in verdict.reason)


def test_no_step_writes_through_a_link(judge: Any, sandbox: Any) -> None:
    """An environment has links of its own, which lead past what trust looks at."""
    steps = [{"venv": "x"}, {"file": "x/lib64/bin/activate", "content": "touch PWNED"}]
    verdict = judge({"setup": steps, "checks": [{"absent": ["PWNED"]}]}, "true", backend=sandbox)

    assert ("cannot", True) == (verdict.kind, "leads through a link" in verdict.reason)


def test_what_is_moved_into_an_environment_counts() -> None:
    """The answer may move what the deck wrote: where an environment is looked into, every file counts."""
    run = {"setup": [{"file": "a/bin/python", "mode": "0755"}], "checks": [{"is_venv": ["venv"]}]}

    assert trust.code(card("d/a", answer={"": "x"}, run=run))
    assert not trust.code(card("d/a", answer={"": "x"}, run={**run, "setup": [{"venv": "a"}]}))
