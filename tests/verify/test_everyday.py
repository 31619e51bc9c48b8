"""What people do every day works behind every sandbox: walls that break honest commands would make right answers wrong."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from flashcards.verify import levels

CASES = {
    "a hard link between directories": "mkdir x y; echo hi > x/a; ln x/a y/a",
    "a move between directories": "mkdir x y; echo hi > x/a; mv x/a y/a",
    "a directory moved": "mkdir -p x/d y; mv x/d y/d",
    "a link followed": "mkdir x; ln -s x y; touch y/a; [ -f x/a ]",
    "a copy with its dates": "touch -d 2020-01-01 a; cp -p a b; [ ! b -nt a ]",
    "a list with all columns": "touch a; ls -l > b; ls -laZ >> b 2>&1; ls -l a 2> err; [ ! -s err ]",
    "a copy of everything": "mkdir d; touch d/a; cp -a d e 2> err; mv e f; [ -f f/a ] && [ ! -s err ]",
    "a copy by python": 'touch a; python3 -c \'import shutil; shutil.copy2("a", "b")\'; [ -f b ]',
    "limits": "ulimit -n 64; ulimit -S -c 0; [ $(ulimit -n) = 64 ]",
    "permissions": 'touch a; chmod 600 a; [ "$(stat -c %a a)" = 600 ]',
    "a pipe that closes early": "yes | head -n 1 > a; [ -s a ]",
    "a here-document": "cat > a <<X\nhi\nX\n[ -s a ]",
    "a temporary file": 't=$(mktemp); echo hi > "$t"; mv "$t" a; [ -s a ]',
    "an archive": "mkdir d; touch d/a; tar czf d.tgz d; rm -r d; tar xzf d.tgz; [ -f d/a ]",
    "a job that is waited for": "(sleep 0.05; touch a) & wait; [ -f a ]",
    "a job that is ended": "sleep 60 & kill $!; ! kill -0 $! 2>/dev/null || wait $! || true",
    "a repository with a remote": (
        "git init -q --bare r; git clone -q r w 2>/dev/null; cd w; echo hi > a; git add a;"
        ' git commit -qm one; git push -q origin HEAD 2>/dev/null; [ -n "$(git -C ../r branch -a)" ]'
    ),
    "a named pipe": 'mkfifo p; (echo hi > p &) ; read -r line < p; [ "$line" = hi ]',
    "the shell's own place": "cd / && cd - > /dev/null",
    "home": 'cd; [ "$PWD" = "$HOME" ]; touch a; [ -f ~/a ]',
    "who one is": "whoami > /dev/null; id > /dev/null",
    "the devices": "head -c 8 /dev/urandom > a; echo gone > /dev/null; [ -s a ]",
    "find and xargs": "touch a.txt b.txt; find . -name '*.txt' | xargs rm; [ ! -e a.txt ]",
    "sort with its own files": 'seq 1 20000 | sort -rn | head -n 1 > a; [ "$(cat a)" = 20000 ]',
    "python": "python3 -c 'import tempfile, subprocess; tempfile.mkstemp(); subprocess.run([\"true\"], check=True)'",
    "threads of python": "python3 -c 'import threading; t = threading.Thread(target=print); t.start(); t.join()'",
}


@pytest.mark.parametrize("name", CASES)
def test_honest_commands_work(judge, backend: str, name: str) -> None:
    """The command ends with 0, in bash."""
    if "git" in CASES[name] and not shutil.which("git"):
        pytest.skip("git is not installed")
    verdict = judge({"needs": ["python3"], "checks": [{"exit_code": [0]}]}, CASES[name], backend=backend)

    assert "pass" == verdict.kind, verdict


@pytest.mark.parametrize("own_root", ["namespaces", "bubblewrap"])
def test_the_root_can_be_listed(judge, own_root: str) -> None:
    """A root that was made for the run has nothing to hide."""
    if levels.tried(own_root).level is None:
        pytest.skip(levels.tried(own_root).why)
    if own_root == "bubblewrap" and os.getuid() == 0:
        pytest.skip("root's own files stay out of sight behind bubblewrap")
    verdict = judge({"checks": [{"stdout": {"contains": ["usr"]}}]}, "cd / && ls", backend=own_root)

    assert "pass" == verdict.kind, verdict


def test_fish_has_all_that_fish_has(judge, sandbox: str) -> None:
    """Functions that its own start-up file brings, and jobs by their number; nothing of the person's own."""
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    run = {"checks": [{"env_set": ["PATH"]}, {"exit_code": [0]}]}

    assert "pass" == judge(run, "sleep 60 &\nkill %1", shell="fish", backend=sandbox).kind
    assert "pass" == judge(run, "mkdir bin; fish_add_path $PWD/bin", shell="fish", backend=sandbox).kind


@pytest.mark.parametrize("place", ["", "with its own folder"])
def test_a_tool_below_the_temporary_folder_is_there(judge, backend: str, place: str, monkeypatch) -> None:
    """Where a person keeps a program under /tmp, as a build does, a card that names it can use it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        tool = Path(folder, place, "cards-test-tool")
        tool.parent.mkdir(exist_ok=True)
        tool.write_text("#!/bin/sh\necho hello > a\n")
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
        run = {"needs": [tool.name], "checks": [{"file_equals": {"a": "hello\n"}}]}

        verdict = judge(run, f"{tool.name} && mktemp > /dev/null", backend=backend)

    assert "pass" == verdict.kind, verdict
