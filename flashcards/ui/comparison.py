"""A typed answer beside the right one, in rows: what differs, where, and what is to be said of it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from rich.text import Text

from flashcards.answers import Comparison
from flashcards.session import Answer
from flashcards.ui import markdown, words
from flashcards.ui.screen import DIM, LABEL, RIGHT, RIGHT_TEXT, UNSURE, WRONG, Row

VERDICTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "exact": (RIGHT, "right"),
        "accepted": (RIGHT, "right, another way to write it"),
        "same": (RIGHT, "right"),
        "slip": (UNSURE, "nearly right"),
        "wrong": (WRONG, "not the same"),
    }
)
YOURS = {"same": "", "changed": f"{WRONG} underline", "extra": f"{WRONG} strike", "missing": ""}
ANSWER = {"same": "", "changed": f"{RIGHT} underline", "missing": f"{RIGHT} underline", "extra": ""}


def rows(view: Answer, width: int, signs: words.Signs) -> Iterator[Row]:
    """Both texts one above the other, a caret, the verdict; the answer alone where nothing was typed."""
    found = view.comparison
    if found is None or not (view.typed or "").strip():
        yield main(view)
        return
    yours = Text.assemble(*((words.safe(part.yours), YOURS[part.kind]) for part in found.parts))
    yield labelled("yours", yours)
    caret = None
    if found.kind == "accepted":
        yield main(view)
    elif found.kind != "exact":
        caret = _caret(found, width)
        yield from _answers(view, found, caret)
    yield from _judged(view, found, signs, said=caret is not None)


def main(view: Answer) -> Row:
    """The answer as the deck has it."""
    return labelled("answer", Text(words.safe(view.question.answer), RIGHT_TEXT))


def labelled(label: str, text: Text) -> Row:
    """A command behind its label."""
    return Row(Text(label, DIM), text, LABEL, wide=True)


def _answers(view: Answer, found: Comparison, caret: Text | None) -> Iterator[Row]:
    """The text it was compared with, the caret below it, and the deck's own where that is another one."""
    answer = Text.assemble(*((words.safe(part.answer), ANSWER[part.kind]) for part in found.parts))
    other = found.kind == "wrong" and answer.plain != words.safe(view.question.answer)
    yield labelled("nearest" if other else "answer", answer)
    if caret is not None:
        yield Row("", caret, 0, wide=True)
    if other:
        yield main(view)


def _judged(view: Answer, found: Comparison, signs: words.Signs, *, said: bool) -> Iterator[Row]:
    """The verdict on the text; none in red where the effect should have counted and nobody could look."""
    note = Text() if said else markdown.inline(words.line(found.note))
    if view.verdict is not None and found.kind == "wrong":
        if note:
            yield labelled("", note)
        return
    style, verdict = VERDICTS[found.kind]
    sign = {RIGHT: signs.right, WRONG: signs.wrong, UNSURE: signs.unsure}[style]
    line = Text.assemble((f"{sign} ", f"bold {style}"), (verdict, style))
    yield Row("", line.append(": ").append_text(note) if note else line, 0)


def _caret(found: Comparison, width: int) -> Text | None:
    """The row that points at the first difference; None where it would point beside it."""
    answer, at, note = found.answer, found.caret, markdown.inline(words.line(found.note))
    before = Text(words.safe(answer[: max(at, 0)])).cell_len
    whole = LABEL + Text(words.safe(answer)).cell_len
    if at < 0 or "\n" in answer or whole > width or LABEL + before + 2 + note.cell_len > width:
        return None
    return Text.assemble(" " * (LABEL + before), ("^", WRONG), " ").append_text(note)
