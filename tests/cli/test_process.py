"""What needs a process of its own: exit codes, signals, pipes, homes that cannot be used."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cli.inside import cards, progress

DECK = "deck: d\ncards:\n  - {id: a, front: f, back: b}\n  - {id: b, front: f, back: b}\n"
ME = [sys.executable, "-m", "flashcards"]


@pytest.fixture
def deck(home: Path, deck_file) -> Path:
    cards("import", deck_file(DECK), check=True)
    return home


@pytest.fixture
def sitting(deck: Path) -> Iterator[subprocess.Popen[str]]:
    """`cards review --plain` that waits for its first grade, with one card already graded."""
    with subprocess.Popen(
        [*ME, "review", "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("\n4\n")
        process.stdin.flush()
        for line in process.stdout:
            if "card 2 of 2" in line:
                break
        yield process
        process.kill()


def learnt() -> list[str]:
    return [card for card, row in progress().items() if row["state"] == "review"]


# ---------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["due"], 0),
        (["--help"], 0),
        (["due", "--check", "--tag", "nothing"], 4),
        (["import", "nowhere.yaml"], 1),
        (["due", "--nonsense"], 2),
        (["config", "new_per_day", "x"], 2),
        (["import", "{bad}"], 3),
        (["show", "nix"], 4),
        (["import", "deck.docx"], 6),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_exit_codes_of_the_real_program(deck: Path, run, deck_file, arguments: list[str], code: int):
    """The table in docs/commands.md; nothing but a message on the error stream, and no traceback."""
    bad = deck_file("deck: bad\ncards: [", "bad.yaml")

    ran = run(*(argument.format(bad=bad) for argument in arguments))

    assert code == ran.code
    assert "Traceback" not in ran.err
    assert bool(ran.err) == (code > 1 or "import" in arguments)


def damaged(home: Path) -> None:
    (home / "cards.db").write_bytes(b"this is no database, and was never one" * 100)


def newer(home: Path) -> None:
    with closing(sqlite3.connect(home / "cards.db")) as connection, connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('cards','m999','')"
        )


@pytest.mark.parametrize(("spoil", "words"), [(damaged, "is damaged"), (newer, "was written by a newer version")])
def test_a_database_that_cannot_be_read_is_5(deck: Path, run, spoil, words: str):
    """It is named, nothing is written to it, and no command dies with a traceback."""
    spoil(deck)
    before = (deck / "cards.db").read_bytes()

    for command in (["due"], ["review", "--plain"], ["export", "log"], []):
        ran = run(*command)
        assert (5, "") == (ran.code, ran.out)
        assert ran.err.startswith(f"error: `{deck / 'cards.db'}` {words}")
        assert "\nhint: " in ran.err
    assert before == (deck / "cards.db").read_bytes()


@pytest.mark.parametrize(
    "command", [["review", "--plain"], ["due"], [], ["config", "fuzz", "on"], ["export", "log"]], ids=str
)
def test_a_home_that_cannot_be_written_is_5(home: Path, tmp_path: Path, run, command: list[str]):
    """A file where the folder should be; the cure names CARDS_HOME."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    ran = run(*command, env={"CARDS_HOME": str(tmp_path / "file" / "home")})

    if command in (["due"], []):
        assert 0 == ran.code, "nothing is due where nothing is"
        return
    assert (5, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"error: cannot write to `{tmp_path / 'file' / 'home'}`: ")
    assert "CARDS_HOME" in ran.err


# ---------------------------------------------------------------- the frozen calendar


def test_a_false_date_never_meets_a_real_history(home: Path, tmp_path: Path, run):
    """CARDS_NOW without CARDS_HOME is refused, whatever the command, and nothing is created."""
    for command in (["due"], ["review", "--plain"], ["undo"], [], ["import", "x.yaml"]):
        ran = run(*command, env={"CARDS_NOW": "2026-11-22T18:00:00+01:00", "CARDS_HOME": ""})
        if command in (["due"], ["undo"], []):  # there is no history yet, so these touch none
            assert not list((tmp_path / "user").rglob("*"))
            continue
        assert (2, "") == (ran.code, ran.out)
        assert "error: CARDS_NOW is set, so CARDS_HOME must be set too\n" in ran.err
    assert [] == list((tmp_path / "user").rglob("*"))


@pytest.mark.parametrize("now", ["today", "2026-11-22", "2026-11-22T18:00:00", "1969-01-01T00:00:00Z"])
def test_a_moment_without_its_offset_is_refused(deck: Path, run, now: str):
    """The message shows how to write one."""
    ran = run("due", env={"CARDS_NOW": now})

    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"error: CARDS_NOW is `{now}`, which is ")


# ---------------------------------------------------------------- signals and pipes


def test_ctrl_c_is_130_and_loses_nothing(sitting: subprocess.Popen[str]):
    """What was graded is on disk; no traceback."""
    sitting.send_signal(signal.SIGINT)

    out, err = sitting.communicate(timeout=60)

    assert 130 == sitting.returncode
    assert "Traceback" not in out + err
    assert "" == err.strip()
    assert ["d/a"] == learnt()


@pytest.mark.parametrize(
    ("module", "error", "code", "said"),
    [
        ("click", "KeyboardInterrupt", 130, ""),
        ("flashcards.cli.due", "KeyboardInterrupt", 130, ""),
        ("flashcards.cli.due", "MemoryError", 1, "error: there is not enough memory"),
        ("flashcards.cli.due", "OSError(24, 'Too many open files', 'due.py')", 1, "error: too many files are open"),
    ],
)
def test_what_happens_in_the_first_moment_is_no_traceback(home: Path, module: str, error: str, code: int, said: str):
    """Ctrl-C, or a machine without memory or files, while the program is still being imported."""
    early = f"""
        import sys

        class Early:
            def find_spec(self, name, *_):
                if name == "{module}":
                    raise {error}

        sys.meta_path.insert(0, Early())
        sys.argv[1:] = ["due"]
        from flashcards.__main__ import main

        main()
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(early)], capture_output=True, text=True, check=False)

    assert (code, said) == (done.returncode, done.stderr.partition("hint")[0].strip())


def test_kill_loses_nothing(sitting: subprocess.Popen[str]):
    """Every grade is on disk before the next card shows."""
    sitting.kill()
    sitting.communicate(timeout=60)

    assert ["d/a"] == learnt()
    with closing(sqlite3.connect(os.environ["CARDS_HOME"] + "/cards.db")) as database:
        assert "ok" == database.execute("pragma integrity_check").fetchone()[0]


@pytest.mark.parametrize(
    "command", [["export", "log"], ["export", "progress"], ["list"], ["export", "progress", "-f", "csv"]], ids=" ".join
)
def test_a_reader_that_leaves_early_is_no_error(deck: Path, deck_file, command: list[str]):
    """`cards export log | head -1` is quiet and ends with 0."""
    many = "".join(f"  - {{id: c{n}, front: {'f' * 200}, back: b}}\n" for n in range(1200))
    log = "".join(f'{{"card":"d/c{n}","grade":4,"at":"2026-11-21T12:00:00Z"}}\n' for n in range(1200))
    cards("import", deck_file(f"deck: m\ncards:\n{many}", "m.yaml"), deck_file(log, "x.jsonl"), check=True)

    with subprocess.Popen([*ME, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()

    assert (0, b"") == (process.returncode, err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("what", ["list", "--help"])
def test_a_full_disk_behind_the_output_is_told_in_one_line(deck: Path, what: str):
    """`cards list > FILE`."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*ME, what], stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert (1, "error: cannot write: No space left on device\nhint: make room on the disk\n") == (
        done.returncode,
        done.stderr,
    )


def test_cards_written_from_several_terminals_at_once_are_all_there(home: Path, deck_file):
    """Each is appended to what the one before has written."""
    path = deck_file("deck: d\ncards: [{front: a, back: b}]\n", "d.yaml")
    cards("import", path, check=True)
    terminals = [
        subprocess.Popen([*ME, "new", "d", "--front", f"Q{n}", "--back", "b"], stdout=subprocess.DEVNULL)
        for n in range(5)
    ]

    assert [0] * 5 == [terminal.wait(timeout=60) for terminal in terminals]
    assert 5 == path.read_text().count("front: Q")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without an end")
def test_files_without_an_end_are_read_to_their_limit(home: Path, tmp_path: Path):
    """A link in somebody's repository, or the pipe that `<(…)` makes of a command."""
    endless = tmp_path / "endless.yaml"
    endless.symlink_to("/dev/zero")
    read, write = os.pipe()
    os.write(write, b"deck: d\ncards: [{front: a, back: b}]\n")
    os.close(write)

    checked = subprocess.run([*ME, "check", str(endless)], capture_output=True, text=True, timeout=60, check=False)
    piped = subprocess.run(
        [*ME, "import", f"/dev/fd/{read}"], pass_fds=[read], capture_output=True, text=True, check=False
    )
    os.close(read)

    assert (1, True) == (checked.returncode, "it is no ordinary file" in checked.stderr)
    assert (0, "standard input  d: 1 new\n") == (piped.returncode, piped.stdout)


def test_help_into_a_reader_that_left_is_no_error(home: Path):
    """`cards --help | true`."""
    read, write = os.pipe()
    os.close(read)

    done = subprocess.run([*ME, "--help"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)

    assert (0, b"") == (done.returncode, done.stderr)


def test_python_m_is_the_same_program(deck: Path, run):
    """`python -m flashcards` and `cards` share one entry point."""
    script = Path(sys.executable).with_name("cards")
    if not script.exists():
        pytest.skip("the package is not installed beside this interpreter")

    done = subprocess.run([script, "due", "--json"], capture_output=True, text=True, check=True)

    assert run("due", "--json", check=True).out == done.stdout


def test_the_database_is_private(deck: Path):
    """What was typed may be secret: the folder and the file belong to their owner alone."""
    assert [0o700, 0o600] == [path.stat().st_mode & 0o777 for path in (deck, deck / "cards.db")]


AS_SOMEBODY = """
    import os, sys

    from flashcards.cli import run

    COMMANDS = ("import {0}", "import {0}/d.yaml", "check {0}/d.yaml", "export log -o {0}/x", "export deck -o {0}/x",
                "backup {0}/x", "restore {0}/x", "schema -o {0}/x")
    for command in COMMANDS:  # what they import may lie where only root may read
        run(command.format("/nowhere").split())
    print("now", flush=True)
    print("now", file=sys.stderr, flush=True)
    if os.geteuid() == 0:
        os.chown(os.environ["CARDS_HOME"], 65534, 65534)
        for one in os.scandir(os.environ["CARDS_HOME"]):
            os.chown(one.path, 65534, 65534)
        os.setgid(65534)
        os.setuid(65534)
    else:
        os.chmod(sys.argv[1], 0)
    for command in COMMANDS:
        print(run(command.format(sys.argv[1]).split()))
    os.environ["CARDS_HOME"] = sys.argv[1]
    for command in (["due"], ["backup", "--list"], ["restore"], ["restore", "latest"]):
        print(run(command))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights of Unix")
def test_a_folder_that_is_closed_to_the_user_is_told_in_a_line():
    """Whichever command comes to it; and a home in it is not taken for an empty one."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        closed = Path(name, "closed")
        closed.mkdir(mode=0o700)
        env = {**os.environ, "CARDS_HOME": f"{name}/home", "HOME": name}
        told = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(AS_SOMEBODY), closed],
            check=False,
            env=env,
            capture_output=True,
            text=True,
        )
        closed.chmod(0o700)

    codes, said = told.stdout.partition("now\n")[2], told.stderr.partition("now\n")[2]
    assert (["1"] * 8 + ["5"] * 4, 0) == (codes.split(), said.count("Traceback"))
    assert 12 == said.count("error: ") == said.count("hint: ") == said.count("Permission denied")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
@pytest.mark.parametrize(("command", "code"), [("doctor", 0), ("log", 0), ("review --plain", 0), ("import -", 2)])
def test_streams_may_be_closed(deck, command, code):
    """As in `cards doctor >&-`, or under a supervisor: nothing is read and nothing is shown, and that is no fault."""
    closed = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m flashcards {command} <&- >&-"],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (code, 0) == (closed.returncode, closed.stderr.count("Traceback")), closed.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_the_folder_one_is_in_may_be_gone(deck, tmp_path):
    """What needs no folder works; what does says which one is missing."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone}; rmdir {gone}; {' '.join(ME)} due; {' '.join(ME)} import x.yaml"
    told = subprocess.run(["sh", "-c", script], check=False, capture_output=True, text=True)

    assert (1, "d                        2\n") == (told.returncode, told.stdout)
    assert "error: the folder that you are in is gone\nhint: go to another: cd\n" == told.stderr
