"""Markdown: the dialects of others in, one that reads back equal out."""

import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_decks import decks, loaded

from flashcards.formats import markdown
from flashcards.formats.plain import Options, PlainDeck

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.fixture
def read(tmp_path):
    """Reads indented text as a file of that name."""

    def read(text, name="note.md", **options):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return markdown.read(path, name, Options(**options))

    return read


def cards(brought):
    """The cards of the one deck."""
    assert brought.problems == ()
    (deck,) = brought.decks
    return list(deck.cards)


def qa(front, back, **more):
    return {"front": front, "back": back, **more}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q: a\nA: b", [qa("a", "b")]),
        ("Q: a\nA:b\nQ: c\nA: d", [qa("a", "b"), qa("c", "d")]),
        ("Q: a\n\nb\n\nA:\n\n- c\n- d\n\n---\nother text", [qa("a\n\nb", "- c\n- d")]),
        ("Q: a\nA: b\n## Next\ntext", [qa("a", "b")]),
        ("Q: a\nA:\n```\nQ: no card\n---\n# no heading\n```\n", [qa("a", "```\nQ: no card\n---\n# no heading\n```")]),
        ("C: [a] and [b c]", [{"cloze": "{{c1::a}} and {{c2::b c}}"}]),
        ("C:\n\n[a]\n\nb", [{"cloze": "{{c1::a}}\n\nb"}]),
        ("C: `x[1]` is [code], ![a](b.png) no gap, [this](x) a link, [[that]] too, \\[no\\] [a [b]]", [{"cloze": "`x[1]` is {{c1::code}}, ![a](b.png) no gap, [this](x) a link, [[that]] too, \\[no\\] {{c2::a [b]}}"}]),
        ("C: {{c2::a::hint}} and [b]", [{"cloze": "{{c2::a::hint}} and [b]"}]),
        ("Q: a\r\nA: b\r\nc\r\n".replace("\r\n", "\n"), [qa("a", "b\nc")]),
    ],
)  # fmt: skip
def test_marks_at_the_start_of_lines(read, text, expected):
    """`Q:`, `A:` and `C:` with brackets, over several lines, up to what ends a card."""
    assert cards(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a :: b", [qa("a", "b")]),
        ("- a :: b\n- [ ] c :: d\n> 1. e :: f", [qa("a", "b"), qa("c", "d"), qa("e", "f")]),
        ("a ::: b", [qa("a", "b", reverse="b")]),
        ("a `x :: y` :: b", [qa("a `x :: y`", "b")]),
        ("what style is this?::remnote style", [qa("what style is this?", "remnote style")]),
        ("a\nb\n?\nc\nd\n\ne", [qa("a\nb", "c\nd")]),
        ("a\n??\nb", [qa("a", "b", reverse="b")]),
        ("a\n?\n```\nx\n\ny\n```\nmore", [qa("a", "```\nx\n\ny\n```\nmore")]),
        ("a\n?\nb\n<!--SR:!2026-01-01,3,250-->", [qa("a", "b")]),
        ("a :: b <!--SR:!2026-01-01,3,250-->", [qa("a", "b")]),
        ("a :: b <!-- id: x; tags: p, q -->", [qa("a", "b", id="x", tags=["p", "q"])]),
        ("a :: b\n<!-- id: x -->", [qa("a", "b", id="x")]),
        ("text\n\nA {{c1::gap}} here\nand there", [{"cloze": "A {{c1::gap}} here\nand there"}]),
        ("#flashcards\na::b", [qa("a", "b")]),
        ("#flashcards\n\n==a== and ==b==^[hint][^1]", [{"cloze": "{{c1::a}} and {{c1::b::hint}}"}]),
        ("---\ntags: [x, flashcards]\n---\na::b", [qa("a", "b")]),
    ],
)  # fmt: skip
def test_cards_within_paragraphs(read, text, expected):
    """Colons, question marks, gaps and highlights, as the plug-in for Obsidian has them."""
    assert cards(read(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Notes\n\nJust text, with **bold**.\n",
        "Use `a :: b` or std::vector or a::b here.\n",
        "Text:\n\n    a :: b\n",
        "```\na :: b\nQ: a\nA: b\n```\n",
        "~~~~\n```\na :: b\n~~~~\n",
        "| a | b |\n|---|---|\n| c :: d | e |\n",
        "a | b\n--|--\nc :: d | e\n",
        "<!--\nQ: a\nA: b\n-->\n",
        "<!-- a :: b -->\n",
        "::: warning\ntext\n:::\n",
        "a ::\n\n:: b\n",
        "What?\n\n?\n\nNothing touches it.\n",
        "This is ==important==.\n",
        "C: the drive is full\n",
        "Q: nobody knows\n",
        "A: nobody asked\n",
        "key:: value\n",
        "---\ntitle: a :: b\n---\n",
    ],
)
def test_no_card(read, text):
    """A text without cards gives nothing at all: no deck, no problem, no note."""
    assert read(text) == markdown.Brought()


def test_notes_with_cards_between(read):
    """Other text is passed over; what looks like a card and is none is told."""
    text = """\
        # Cells

        A :: sign in `std::code` and a table:

        | x | y |
        |---|---|
        | 1 | 2 |

        Q: unfinished

        ## Parts

        Q: What makes ATP?
        A: Mitochondria

        C: nothing hidden
    """

    brought = read(text)

    assert cards(brought) == [qa("A", "sign in `std::code` and a table:"), qa("What makes ATP?", "Mitochondria")]
    assert brought.decks[0].title == "Cells"
    assert brought.notes == ("2 unfinished cards left out (no answer, or no gap), the first on line 9",)


def test_headings_are_decks(read):
    """Several headings of the first level make a deck each; lower ones tell equal questions apart."""
    text = "a :: b\n# Spanish\na :: b\n# French\n## Nouns\nis :: c\n## Verbs\nis :: d\nis :: e\nis :: e\n"

    brought = read(text, "words.md")

    assert [(deck.id, deck.title) for deck in brought.decks] == [
        ("words", ""),
        ("words-spanish", "Spanish"),
        ("words-french", "French"),
    ]
    nouns, verbs, last = brought.decks[2].cards
    assert (nouns, verbs) == (qa("is", "c"), qa("Verbs: is", "d"))
    assert re.fullmatch("is-[0-9a-f]{6}", last["id"])
    assert any("1 repeated card left out, the first on line 10" in note for note in brought.notes)


@pytest.mark.parametrize(
    ("text", "options", "deck"),
    [
        ("a :: b", {}, ("my-notes", "")),
        ("a :: b", {"deck": "mine"}, ("mine", "")),
        ("# Bio\na :: b", {}, ("my-notes", "Bio")),
        ('---\nname = "Cell Biology"\n---\na :: b', {"deck": "mine"}, ("cell-biology", "Cell Biology")),
        (f'---\nname = "x"\nnumber = {"9" * 5000}\n---\na :: b', {}, ("my-notes", "")),
        (f'---\nname = "x"\nlist = {"[" * 5000}\n---\na :: b', {}, ("my-notes", "")),
        (f'---\nname = "x"\n{"a." * 50_000}b = 1\n---\na :: b', {}, ("my-notes", "")),
        ("# Bio\n<!-- deck: bio; tags: x -->\na :: b", {"deck": "mine"}, ("bio", "Bio")),
        ("#flashcards/lang/es\n\na :: b", {}, ("lang-es", "lang/es")),
        ("#flashcards/es a :: b", {}, ("es", "")),
    ],
)
def test_names_of_decks(read, text, options, deck):
    """The note may name its deck; else the person does, or the file."""
    (found,) = read(text, "My notes.md", **options).decks

    assert (found.id, found.title) == deck


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        (b"a :: b\n\xff", 2, "byte 0xff is not UTF-8", "save the file as UTF-8"),
        ("a :: b\0", 1, "has a NUL byte, so it is no text", "export it anew, as plain text in UTF-8"),
        ("a :: b <!-- id: A b -->", 1, "an id may have a-z, 0-9, `.`, `_` and `-`, not `A b`", "write: a-b"),
        ("a :: b <!-- id: x -->\nc :: d <!-- id: x -->", 2, "the id `x` is taken, first on line 1", "give it another id"),
        ("Q: a\n```card\nanser: b\n```\n", 2, "unknown key `anser` in the block `card`", "did you mean `answer`?"),
        ("# x\n<!-- deck: A b -->\na :: b", 1, "`deck` may have a-z, 0-9 and `-`, not `A b`", "write: a-b"),
        ("Q: a\n```card\njust text\n```\n", 2, "the block `card` holds no keys", "like: id: my-card"),
        (b"a" * (16 * 2**20 + 1), 1, "the file has more than 16,777,216 bytes", "split it into several files"),
    ],
)  # fmt: skip
def test_faults(read, text, line, message, hint):
    """What is wrong is told with its line and the cure, and no deck is made."""
    brought = read(text)

    (problem,) = brought.problems
    assert (problem.path, problem.line, problem.message, problem.hint) == ("note.md", line, message, hint)
    assert brought.decks == ()


def test_faults_of_yaml(read):
    """A fault inside a block is told at its line of the note."""
    brought = read("Q: a\n\n```card\nid: x\nanswer: [ -f x\n```\n")

    assert [(problem.path, problem.line) for problem in brought.problems] in ([("note.md", 5)], [("note.md", 6)])


def test_written_deck():
    """What is written is what a person would write."""
    deck = PlainDeck(
        id="shell",
        title="The shell",
        tags=("unix",),
        cards=(
            {"id": "list", "front": "List all files.", "answer": "ls -a", "accept": ["ls -A", "ls --all"], "tags": ["files"]},
            {"id": "kinds", "front": "Which kinds are there?", "back": "- files\n- folders", "reverse": "What are those?"},
            {"id": "home", "cloze": "`~` is {{c1::home}}."},
            {"id": "odd", "front": "Q: twice\nA: twice", "back": "x"},
        ),
    )  # fmt: skip

    assert b"".join(markdown.write([deck])).decode() == textwrap.dedent("""\
        # The shell
        <!-- deck: shell; tags: unix -->

        Q: List all files.
        <!-- id: list; tags: files -->
        ```card
        answer: ls -a
        accept:
          - ls -A
          - ls --all
        ```

        Q: Which kinds are there?
        A:
        - files
        - folders
        <!-- id: kinds -->
        ```card
        reverse: What are those?
        ```

        C: `~` is {{c1::home}}.
        <!-- id: home -->

        ```card
        id: odd
        front: |
          Q: twice
          A: twice
        back: x
        ```
    """)


@settings(max_examples=60)
@given(drawn=st.lists(decks(), min_size=1, max_size=2, unique_by=lambda deck: deck[0]))
def test_round_trip(tmp_path_factory, drawn):
    """What is written reads back as the same decks."""
    plain = [PlainDeck(*deck) for deck in drawn]
    path = tmp_path_factory.mktemp("markdown") / "x.md"
    path.write_bytes(b"".join(markdown.write(plain)))

    brought = markdown.read(path, "x.md", Options())

    assert brought.problems == ()
    assert [loaded(deck) for deck in plain] == [loaded(deck) for deck in brought.decks]


def examples():
    """The notes of the page."""
    section = PAGE.split("## Markdown")[1]
    return [found[1] for found in re.findall(r"^(`{3,4})markdown\n(.*?)^\1$", section, flags=re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("text", examples())
def test_the_page_tells_the_truth(read, text):
    """Every note of the documentation has cards, without a word, and the loader takes them."""
    brought = read(text)

    assert (brought.problems, brought.notes) == ((), ())
    assert all(len(loaded(deck).cards) >= 2 for deck in brought.decks)
    assert len(brought.decks) == 1
