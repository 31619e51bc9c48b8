"""The terminal layer on a pseudo-terminal of the test's own."""

import os
import signal
import sys
import termios
from collections.abc import Iterator

import pexpect
import pytest

from flashcards.ui.keys import Tty

USABLE = "from flashcards.ui.keys import usable; print('usable', usable())"


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: the person's, the program's."""
    person, program = os.openpty()
    yield person, program
    os.close(program)
    os.close(person)


@pytest.fixture
def person(ends: tuple[int, int]) -> int:
    """Where the person types."""
    return ends[0]


@pytest.fixture
def tty(ends: tuple[int, int]) -> Iterator[Tty]:
    """The terminal, held."""
    with Tty(ends[1], ends[1]) as tty:
        yield tty


def keys(tty: Tty, number: int) -> list[str]:
    return [tty.key() for _ in range(number)]


def test_keys_have_names_and_letters_are_themselves(tty: Tty, person: int) -> None:
    """Enter, space, controls by name; everything else as typed, one at a time."""
    os.write(person, b"3\r \x04\x07\x7fu!")

    assert ["3", "enter", "space", "ctrl-d", "ctrl-g", "backspace", "u", "!"] == keys(tty, 8)


def test_characters_of_several_bytes_arrive_whole(tty: Tty, person: int) -> None:
    """UTF-8 is put together over reads; bytes that are none do no harm."""
    os.write(person, "é魚".encode() + b"\xff3")

    assert ["é", "魚", "\ufffd", "3"] == keys(tty, 4)


def test_arrows_and_function_keys_are_one_key_without_a_meaning(tty: Tty, person: int) -> None:
    """The letters inside an escape sequence are never taken for keys."""
    os.write(person, b"\x1b[A\x1b[1;5C\x1bOP\x1b[15~3")

    assert ["other", "other", "other", "other", "3"] == keys(tty, 5)


def test_escape_and_the_key_behind_it_are_two(tty: Tty, person: int) -> None:
    """A menu that opens with escape gets its letter, typed as alt or one after the other."""
    os.write(person, b"\x1bu")

    assert ["escape", "u"] == keys(tty, 2)


def test_a_paste_is_one_key_whatever_is_in_it(tty: Tty, person: int) -> None:
    """Nothing between the paste marks is taken for a key, what follows is."""
    os.write(person, b"\x1b[200~3 quit\r\x1b[A 4\x1b[201~u")

    assert ["paste", "u"] == keys(tty, 2)


def test_the_end_of_a_paste_may_come_in_two_reads(tty: Tty, person: int) -> None:
    """The mark that ends a paste is found although a read cut it in two."""
    tty.feed("\x1b[200~")
    os.write(person, b"3" * 1021 + b"\x1b[201~u")  # a read takes 1024 bytes

    assert ["paste", "u"] == keys(tty, 2)


def test_what_another_reader_left_comes_first(tty: Tty, person: int) -> None:
    """Keys that are fed back stand before the ones that wait."""
    os.write(person, b"z")

    tty.feed("3\r")

    assert ["3", "enter", "z"] == keys(tty, 3)


def test_what_was_read_and_not_used_can_be_handed_on(tty: Tty, person: int) -> None:
    """After a key, the rest of the same read is there for another reader, and only once."""
    os.write(person, "1é next\r".encode())
    tty.key()

    assert ("é next\r", "") == (tty.drain(), tty.drain())


def test_a_fed_ctrl_c_still_interrupts(tty: Tty) -> None:
    """A ctrl-c that another reader took as a character is not lost."""
    tty.feed("\x03")

    with pytest.raises(KeyboardInterrupt):
        tty.key()


def test_ctrl_c_interrupts_the_wait(tty: Tty) -> None:
    """SIGINT ends the wait for a key."""
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_terminal_that_is_gone_says_so() -> None:
    """When the other end closes there is no key any more, and leaving does not fail."""
    person, program = os.openpty()
    with Tty(program, program) as tty:
        os.close(person)

        key = tty.key()
    os.close(program)

    assert key == "eof"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_must_be_whole_is_finished_before_a_kill_takes_effect(tty: Tty, number: int) -> None:
    """A signal during `undisturbed` waits for its end; the exit code is 128 and the signal."""
    done: list[str] = []

    def store() -> None:
        signal.raise_signal(number)
        done.append("stored")

    with pytest.raises(SystemExit) as ended:
        tty.undisturbed(store)

    assert (["stored"], 128 + number) == (done, ended.value.code)


def test_the_program_never_sleeps_in_the_middle_of_what_must_be_whole(tty: Tty) -> None:
    """Ctrl-z during `undisturbed` waits too; the terminal is held meanwhile."""
    order: list[str] = []
    tty.on_pause = lambda: order.append("paused") or _refuse()

    def store() -> None:
        signal.raise_signal(signal.SIGTSTP)
        order.append("stored")

    with pytest.raises(RuntimeError):  # so that the test itself is not stopped
        tty.undisturbed(store)

    assert ["stored", "paused"] == order


def _refuse() -> None:
    raise RuntimeError


def test_a_second_ctrl_c_does_not_wait(tty: Tty) -> None:
    """What hangs can still be interrupted."""
    done: list[str] = []

    def hang() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        done.append("never")

    with pytest.raises(KeyboardInterrupt):
        tty.undisturbed(hang)

    assert [] == done


def test_a_long_act_may_let_a_signal_through(tty: Tty) -> None:
    """`attend` is the place; what comes while it tidies up behind itself waits for the end again."""
    done: list[str] = []

    def run() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("ticked")
        try:
            tty.attend()
            done.append("never")
        finally:
            signal.raise_signal(signal.SIGTERM)
            done.append("tidied")

    with pytest.raises(SystemExit) as ended:
        tty.undisturbed(run)

    assert (["ticked", "tidied"], 128 + signal.SIGTERM) == (done, ended.value.code)


def test_attending_to_nothing_does_nothing(tty: Tty) -> None:
    """Within something undisturbed, which stays so, and outside of it."""
    done: list[str] = []

    def run() -> None:
        tty.attend()
        signal.raise_signal(signal.SIGINT)
        done.append("whole")

    tty.attend()
    with pytest.raises(KeyboardInterrupt):
        tty.undisturbed(run)

    assert ["whole"] == done


def test_what_was_typed_ahead_can_be_set_aside(tty: Tty, person: int) -> None:
    """For a question that only a new key may answer; it is given back whole."""
    os.write(person, "é3".encode() + b"\r")

    ahead = tty.ahead()
    os.write(person, b"y")

    assert ("é3\r", "y", "") == (ahead, tty.key(), tty.ahead())
    tty.feed(ahead)
    assert ["é", "3", "enter"] == keys(tty, 3)


def test_the_terminal_and_the_signals_are_given_back(ends: tuple[int, int]) -> None:
    """Mode and handlers are as before, also when the sitting fails."""
    handlers = (signal.SIGINT, signal.SIGTERM, signal.SIGTSTP, signal.SIGCONT)
    before = termios.tcgetattr(ends[1]), [signal.getsignal(number) for number in handlers]

    with pytest.raises(ZeroDivisionError), Tty(ends[1], ends[1]):
        raise ZeroDivisionError

    assert before == (termios.tcgetattr(ends[1]), [signal.getsignal(number) for number in handlers])


def test_nothing_is_echoed_and_signals_stay_on(tty: Tty, ends: tuple[int, int]) -> None:
    """Our mode: no echo, no line buffer, ctrl-c and ctrl-z as signals."""
    local = termios.tcgetattr(ends[1])[3]

    assert (0, 0, termios.ISIG) == (local & termios.ECHO, local & termios.ICANON, local & termios.ISIG)


def test_typing_before_the_terminal_is_held_is_kept(ends: tuple[int, int]) -> None:
    """Keys that waited in the terminal's line buffer arrive; nothing is flushed."""
    os.write(ends[0], b"12\n3")

    with Tty(ends[1], ends[1]) as tty:
        found = keys(tty, 4)

    assert ["1", "2", "enter", "3"] == found


@pytest.mark.parametrize(("term", "usable"), [("xterm-256color", True), ("dumb", False), ("", False)])
def test_a_terminal_is_usable_unless_it_is_dumb(term: str, usable: bool) -> None:
    """TERM decides where both ends are a terminal."""
    child = pexpect.spawn(sys.executable, ["-c", USABLE], env={**os.environ, "TERM": term}, encoding="utf-8")

    assert f"usable {usable}" in child.read()


def test_a_pipe_is_not_usable() -> None:
    """Without a terminal at both ends there is nothing to draw on."""
    child = pexpect.spawn("sh", ["-c", f'"{sys.executable}" -c "{USABLE}" < /dev/null'], encoding="utf-8")

    assert "usable False" in child.read()
