"""Every key of deck format 1: name, kind of value, whether it must be there, and what it is for.

One table drives the reading, and a test sees that the documentation names every key of it.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from flashcards.model import PLATFORMS, SHELLS

Kind = Literal[
    "text",  # text as written, not empty; the newline that ends a block is not part of it
    "content",  # text as written to the last newline; `""` is allowed
    "deck id",  # letters a-z, digits, `-`
    "id",  # letters a-z, digits, `.`, `_`, `-`
    "ids",  # ids, in a list or with commas
    "references",  # ids of cards: `why`, `git/commit`, `layout~c1`
    "programs",  # names of programs; where `modules`, also `python3 -m venv`
    "names",  # short texts, in a list or with commas
    "choices",  # names out of `choices`
    "texts",  # a text, or a list of texts
    "texts by name",  # a mapping from names to content
    "modes by name",  # a mapping from names to permissions
    "patterns by name",  # a mapping from names to regular expressions
    "pattern",  # a regular expression
    "variants",  # a text, or a mapping from shell or platform to text
    "lists of variants",  # a text, a list, or a mapping from shell or platform to either
    "pairs",  # a mapping from word to text, or a list of such
    "path",  # relative, stays inside the work folder
    "mode",  # 0755
    "whole",  # a whole number, least to most
    "wholes",  # a whole number, or a list of them
    "seconds",  # 60s, least to most
    "cards",  # a list of mappings with the keys of the table `of`, read card by card
    "table",  # a mapping with the keys of the table `of`
    "tables",  # a list of those
    "step",  # a mapping with exactly one key of the table `of`, and what that key has beside it
    "steps",  # a list of those
]


class Field(NamedTuple):
    """One key. `of` names a table, `beside` the table of keys that may stand next to it in a step."""

    name: str
    kind: Kind
    help: str
    required: bool = False
    of: str = ""
    beside: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    mistaken: tuple[str, ...] = ()
    """What people write for it out of habit."""


ANSWER_KEYS = ("posix", *SHELLS, *PLATFORMS)
"""A shell family, a shell or a platform: what `answer`, `accept` and `wrong` may be keyed by."""


def _table(*fields: Field) -> Mapping[str, Field]:
    return {field.name: field for field in fields}


DECK = _table(
    Field("deck", "deck id", "stable name of the deck; a card is known as deck/id", required=True, mistaken=("name",)),
    Field("title", "text", "what people read"),
    Field("tags", "names", "tags of every card in the deck"),
    Field("was", "ids", "names the deck had before; the history comes along"),
    Field("cards", "cards", "the cards", required=True, of="card", mistaken=("notes", "questions")),
)

CARD = _table(
    Field("id", "id", "stable name of the card: its text may change, its history stays", mistaken=("name", "key")),
    Field("front", "text", "the question", mistaken=("question", "prompt", "term", "q")),
    Field("answer", "variants", "what to type; by shell or platform where it differs", mistaken=("command", "a")),
    Field("accept", "lists of variants", "texts that count as well when nothing is run", mistaken=("accepts", "also")),
    Field("wrong", "lists of variants", "answers that must fail the checks in `cards check --run`"),
    Field("back", "text", "shown with the answer; without `answer` it is the back side", mistaken=("definition",)),
    Field("explain", "pairs", "the answer word by word"),
    Field("reverse", "text", "the question of a second card, which asks the other way round"),
    Field("cloze", "text", "a text with gaps: `{{c1::hidden}}` or `{{c1::hidden::hint}}`", mistaken=("text",)),
    Field("after", "references", "cards that must have been answered once before this one comes", mistaken=("needs",)),
    Field("platform", "choices", "where the card is asked; everywhere if left out", choices=PLATFORMS),
    Field("tags", "names", "tags of the card"),
    Field("run", "table", "how the effect of the typed command is checked", of="run"),
    Field("was", "references", "ids the card had before; the history comes along"),
    Field("rev", "whole", "raise it when the meaning changed: the card starts anew", least=1, most=999_999),
)

RUN = _table(
    Field("shell", "choices", "the same as `shells`", choices=SHELLS),
    Field("shells", "choices", "shells the card is meant for", choices=SHELLS),
    Field("needs", "programs", "programs that must work, or modules (`python3 -m venv`), else nothing can be said"),
    Field("tools", "programs", "programs an answer may use", mistaken=("accepts",)),
    Field("platform", "choices", "where it is run; elsewhere the text is compared", choices=PLATFORMS),
    Field("timeout", "seconds", "how long the answer may take", least=1, most=120),
    Field("setup", "steps", "what is there before the answer", of="setup"),
    Field("checks", "steps", "what must hold afterwards, all of it", required=True, of="check"),
    Field("hints", "tables", "what to say about a likely slip", of="hint"),
)

SETUP = _table(
    Field("dir", "path", "makes a folder"),
    Field("file", "path", "writes a file", beside="file"),
    Field("venv", "path", "makes a virtual environment, without pip"),
    Field("git", "path", "makes a git repository where there is none, and takes a step in it", beside="git"),
    Field("copy", "path", "copies a file that lies beside the deck", beside="copy"),
    Field("activate", "path", "activates a virtual environment in the shell of the answer"),
    Field("script", "variants", "deck code: lines for the shell, before the answer"),
)
FILE = _table(
    Field("content", "content", "the text of the file; empty if left out"),
    Field("mode", "mode", "permissions, like 0755"),
)
GIT = _table(
    Field("branch", "text", "switches to this branch; it is made if it is not there"),
    Field("stage", "texts", "adds these files to the index; `.` is all"),
    Field("commit", "text", "adds everything that is not ignored and commits it with this message"),
    Field("stash", "text", "puts the changes away under this message"),
)
COPY = _table(Field("to", "path", "the name of the copy; the same if left out"))

CHECK = _table(
    Field("file_exists", "texts", "these are files", beside="check"),
    Field("dir_exists", "texts", "these are folders", beside="check"),
    Field("absent", "texts", "nothing has these names", beside="check"),
    Field("executable", "texts", "these files can be executed", beside="check"),
    Field("file_equals", "texts by name", "the text of a file is exactly this", beside="check"),
    Field("file_matches", "patterns by name", "the text of a file matches", beside="check"),
    Field("mode", "modes by name", "the permissions of a file or folder", beside="check"),
    Field("is_venv", "texts", "these are working virtual environments", beside="check"),
    Field("exit_code", "wholes", "the exit status, or one of several", beside="check", most=255),
    Field("cwd", "text", "the shell is in this folder", beside="check"),
    Field("env_set", "names", "these variables are set", beside="check"),
    Field("env_unset", "names", "these variables are not set", beside="check"),
    Field("env_equals", "texts by name", "a variable has this value", beside="check"),
    Field("env_path_equals", "texts by name", "a variable names this file or folder", beside="check"),
    Field("path_prefix", "texts", "`PATH` starts with these folders", beside="check"),
    Field("path_lacks", "texts", "`PATH` has none of these folders", beside="check"),
    Field("command_resolves_within", "texts by name", "the shell finds a command inside this folder", beside="check"),
    Field("command_is", "texts by name", "what the shell takes a command for", beside="check"),
    Field("function_defined", "names", "these shell functions exist", beside="check"),
    Field("function_undefined", "names", "these shell functions do not exist", beside="check"),
    Field("alias_defined", "names", "these aliases exist", beside="check"),
    Field("alias_undefined", "names", "these aliases do not exist", beside="check"),
    Field("prompt_contains", "text", "the prompt shows this", beside="check"),
    Field("stdout", "table", "what the answer printed", beside="check", of="stream"),
    Field("stderr", "table", "what the answer complained", beside="check", of="stream"),
    Field("any", "steps", "one of these holds", beside="check", of="check"),
    Field("all", "steps", "all of these hold", beside="check", of="check"),
    Field("not", "step", "this does not hold", beside="check", of="check"),
    Field("run", "table", "deck code: a program, and how it must end", beside="check", of="program"),
    Field("python", "table", "deck code: an expression that must be true", beside="check", of="python"),
    Field("script", "variants", "deck code: lines for the shell that must succeed", beside="check"),
)
BESIDE_CHECK = _table(
    Field("msg", "text", "what to say when it does not hold", mistaken=("message",)),
    Field("shells", "choices", "asked in these shells only", choices=SHELLS),
    Field("platform", "choices", "asked on these platforms only", choices=PLATFORMS),
)
STREAM = _table(
    Field("equals", "content", "exactly this"),
    Field("contains", "texts", "all of these"),
    Field("matches", "pattern", "a regular expression that is found in it"),
)
PROGRAM = _table(
    Field("argv", "texts", "the program and its arguments", required=True),
    Field("exit", "wholes", "its exit status, or one of several; 0 if left out", most=255),
    Field("stdout", "table", "what it prints", of="stream"),
)
PYTHON = _table(
    Field("exe", "text", "the interpreter; the one of the answer's shell if left out"),
    Field("expr", "text", "a Python expression", required=True),
)
HINT = _table(
    Field("when", "table", "when it is said; all of it must hold", required=True, of="when"),
    Field("say", "text", "what is said", required=True),
)
WHEN = _table(
    Field("answer", "pattern", "the typed text matches"),
    Field("exit_code", "wholes", "the exit status is one of these", most=255),
    Field("missing", "texts", "nothing has these names"),
    Field("exists", "texts", "these exist"),
    Field("stderr", "pattern", "the complaints match"),
)

TABLES: Mapping[str, Mapping[str, Field]] = {
    "deck": DECK,
    "card": CARD,
    "run": RUN,
    "setup": SETUP,
    "file": FILE,
    "git": GIT,
    "copy": COPY,
    "check": CHECK,
    "stream": STREAM,
    "program": PROGRAM,
    "python": PYTHON,
    "hint": HINT,
    "when": WHEN,
}
BESIDE: Mapping[str, Mapping[str, Field]] = {"file": FILE, "git": GIT, "copy": COPY, "check": BESIDE_CHECK}
"""The keys that may stand beside the one key of a step."""
