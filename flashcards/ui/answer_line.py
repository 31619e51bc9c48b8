"""The line on which an answer is typed: editing, paste, and the way out of it. Knows prompt_toolkit.

Importing this takes 150 ms, so it is imported when the question is on screen.
Letters are text here. Commands have their own door: `esc` on an empty line,
then the key; on a line with text `esc` begins the line-editing keys of every
shell, so that nobody who jumps back a word puts a card away.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from prompt_toolkit.application import Application
from prompt_toolkit.application.run_in_terminal import run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, ConditionalContainer, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style
from prompt_toolkit.styles.base import Attrs

from flashcards.ui.keys import PASTE_BEGIN, PASTE_END, Tty
from flashcards.ui.words import one_for_one

COMMANDS = "usb!ferq?"
"""What may follow `esc`; one letter each, as at every other question."""
DIM = "dim" if "dim" in Attrs._fields else ""
STYLE = Style.from_dict({"prompt": "ansicyan", "keys": DIM, "note": "ansiyellow"})


class Line(NamedTuple):
    """What came of an answer line: what was done, and the text that stood there."""

    act: str
    """`typed`, `give up`, `stop` (ctrl-c), `end` (ctrl-d), `gone` (the terminal), or a command of one letter."""
    text: str = ""


class Words(NamedTuple):
    """What the line says; `keys` and `menu` are asked for at every paint, for the width and text of the moment."""

    prompt: str
    keys: Callable[[int, str], str]
    menu: Callable[[int], str]
    empty: str
    """Said after `enter` on an empty line."""


class AnswerLine:
    """Reads answers, one card at a time, without a history between them."""

    def __init__(self, tty: Tty, *, color: bool) -> None:
        self._tty = tty
        self._input = create_input(sys.stdin)
        self._output = Vt100_Output.from_pty(sys.stdout)
        # A terminal's answer to "where is the cursor" would mix with what is typed ahead.
        self._output.enable_cpr = False
        self._depth = ColorDepth.DEPTH_4_BIT if color else ColorDepth.DEPTH_1_BIT

    def read(self, words: Words, *, text: str = "", note: str = "", redraw: Callable[[], object] = bool) -> Line:
        """One answer; `text` stands there already, `redraw` paints what is above after a ctrl-z or ctrl-l."""
        store_typeahead(self._input, _presses(self._tty.drain()))
        form = _Form(words, text, note, redraw)
        application = form.application(self._input, self._output, STYLE, self._depth)
        try:
            line = application.run(handle_sigint=False, set_exception_handler=False)
        except EOFError:
            line = Line("gone")
        finally:
            unused = [*get_typeahead(self._input), *self._input.flush_keys()]
            self._tty.feed("".join(map(_typed, unused)))
            self._tty.claim()
        return line


class _Visible(Processor):
    """Shows a sign for what a paste brought along that nobody sees, or that turns the order of letters round."""

    def __init__(self, encoding: str) -> None:
        self.sign = "\ufffd" if encoding.lower().startswith("utf") else "?"

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """One sign for one character, so that the cursor stays where it is; controls are prompt_toolkit's."""
        fragments = transformation_input.fragments
        return Transformation([(one[0], one_for_one(one[1], self.sign)) for one in fragments])


class _Form:
    """One answer line on screen: its text, its key line, whether the menu is open."""

    def __init__(self, words: Words, text: str, note: str, redraw: Callable[[], object]) -> None:
        self.words = words
        self.note = note
        self.redraw = redraw
        self.menu = False
        self.asked = False
        self.buffer = Buffer(document=Document(text), multiline=True, on_text_changed=self._changed)

    def application(self, source: Any, output: Any, style: Style, depth: ColorDepth) -> Application[Line]:  # noqa: ANN401  (prompt_toolkit's own)
        control = BufferControl(self.buffer, input_processors=[_Visible(output.encoding())])
        line = Window(control, get_line_prefix=self._prefix, wrap_lines=True, dont_extend_height=True)
        foot = Window(FormattedTextControl(self._foot), wrap_lines=True, dont_extend_height=True)
        below = ConditionalContainer(HSplit([Window(height=1), foot]), filter=~is_done)
        application: Application[Line] = Application(
            layout=Layout(HSplit([line, below])),
            key_bindings=self._bindings(),
            style=style,
            color_depth=depth,
            input=source,
            output=output,
            erase_when_done=True,
        )
        application.ttimeoutlen = 0.05
        return application

    # ------------------------------------------------------------ what it shows

    def _prefix(self, number: int, wrapped: int) -> StyleAndTextTuples:
        prompt = self.words.prompt
        return [("class:prompt", prompt if not number and not wrapped else " " * len(prompt))]

    def _foot(self) -> StyleAndTextTuples:
        width = self._width()
        if self.menu:
            return [("", self.words.menu(width))]
        keys = ("class:keys", self.words.keys(width, self.buffer.text))
        return [("class:note", self.note + "\n"), keys] if self.note else [keys]

    def _width(self) -> int:
        from prompt_toolkit.application import get_app

        return get_app().output.get_size().columns

    def _changed(self, buffer: Buffer) -> None:  # noqa: ARG002  (the shape of a buffer's event)
        self.note, self.asked = "", False

    # ------------------------------------------------------------ what the keys do

    def _bindings(self) -> KeyBindings:
        keys = KeyBindings()
        empty = Condition(lambda: not self.buffer.text)
        menu = Condition(lambda: self.menu)
        for name in ("enter", "c-j"):
            keys.add(name, filter=~menu)(self._enter)
        keys.add("escape", "enter", filter=~empty)(self._new_line)
        keys.add("escape", filter=empty & ~menu, eager=True)(self._open)
        keys.add(Keys.Any, filter=menu, eager=True)(self._command)
        for name in ("enter", "c-j", "escape"):
            keys.add(name, filter=menu, eager=True)(self._close)
        keys.add("c-g", eager=True)(lambda event: event.app.exit(result=Line("give up", self.buffer.text)))
        keys.add("c-c", eager=True)(self._interrupt)
        keys.add("c-d", filter=empty, eager=True)(lambda event: event.app.exit(result=Line("end")))
        keys.add("c-z", eager=True)(self._suspend)
        keys.add("c-l", eager=True)(self._clear)
        keys.add("c-i")(lambda _: None)
        return keys

    def _enter(self, event: KeyPressEvent) -> None:
        if self.buffer.text.strip():
            event.app.exit(result=Line("typed", self.buffer.text))
        elif self.asked:
            event.app.exit(result=Line("give up"))
        else:
            self.buffer.reset()
            self.note, self.asked = self.words.empty, True

    def _new_line(self, event: KeyPressEvent) -> None:  # noqa: ARG002  (a key's shape)
        self.buffer.insert_text("\n")

    def _open(self, event: KeyPressEvent) -> None:  # noqa: ARG002
        self.menu = True

    def _close(self, event: KeyPressEvent) -> None:  # noqa: ARG002
        self.menu = False

    def _command(self, event: KeyPressEvent) -> None:
        self.menu = False
        if event.data in set(COMMANDS):
            event.app.exit(result=Line(event.data))

    def _interrupt(self, event: KeyPressEvent) -> None:
        self.menu = False
        if self.buffer.text:
            self.buffer.reset()
            self._changed(self.buffer)
        else:
            event.app.exit(result=Line("stop"))

    def _clear(self, event: KeyPressEvent) -> None:
        event.app.renderer.clear()
        run_in_terminal(self.redraw)

    def _suspend(self, event: KeyPressEvent) -> None:  # noqa: ARG002
        def stop() -> None:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGTSTP)  # the Tty gives the terminal to the shell, and takes it again
            self.redraw()

        run_in_terminal(stop)


def _presses(text: str) -> list[KeyPress]:
    """What was typed ahead, as prompt_toolkit's keys."""
    found: list[KeyPress] = []
    parser = Vt100Parser(found.append)
    parser.feed_and_flush(text)
    return found


def _typed(press: KeyPress) -> str:
    """A key of prompt_toolkit's, as the terminal sent it."""
    if press.key == Keys.BracketedPaste:
        return PASTE_BEGIN + press.data + PASTE_END
    return "" if press.data == "_Flush" else press.data
