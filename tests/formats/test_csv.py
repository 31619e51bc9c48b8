"""Tables: CSV, TSV and Anki's text files in; RFC 4180 out."""

import csv as reader
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_decks import as_texts, decks, loaded, texts

from flashcards.formats import csv
from flashcards.formats.cells import decode, encode
from flashcards.formats.plain import Options, PlainDeck

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.fixture
def read(tmp_path):
    """Reads text or bytes as a file of that name."""

    def read(content, name="words.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return csv.read(path, name, Options(**options))

    return read


def cards(brought):
    """The cards of the one deck."""
    assert brought.problems == ()
    (deck,) = brought.decks
    return list(deck.cards)


A_CARD = [{"front": "dog", "back": "Hund"}, {"front": "cat", "back": "Katze"}]


@pytest.mark.parametrize("separator", ["\t", ",", ";", "|", ", "])
def test_the_separator_is_found(read, separator):
    """Tabs, commas, semicolons and bars are told apart by what the rows have in common."""
    rows = [("dog", "Hund"), ("cat", "Katze")]

    assert cards(read("\n".join(map(separator.join, rows)))) == A_CARD


def test_the_line_by_which_excel_knows_the_separator_is_no_card(read):
    """It stands above the header."""
    brought = read('"sep=|"\r\nfront|back\r\na,b|c\r\n')

    assert [{"front": "a,b", "back": "c"}] == [dict(card) for card in brought.decks[0].cards]


def test_a_separator_inside_text_is_text(read):
    """What parts every row alike wins over what stands in some of them."""
    brought = read("a, b or c;x, y\nwhat; then;z\n".replace("what; then", '"what; then"'))

    assert cards(brought) == [{"front": "a, b or c", "back": "x, y"}, {"front": "what; then", "back": "z"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(read, encoding, end):
    """UTF-8 and UTF-16 with or without a mark, and the line ends of every system, in cells too."""
    text = f'front,back{end}Straße,"street{end}road"{end}'
    data = text.encode(encoding)
    if encoding.startswith("utf-16-"):
        data = "\ufeff".encode(encoding) + data

    assert cards(read(data)) == [{"front": "Straße", "back": "street\nroad"}]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("front,back", "back"),
        ("Question,Answer", "back"),
        ("TERM,Definition", "back"),
        ("front,answer", "answer"),
        ("question,answer,back", "answer"),
    ],
)
def test_header_words(read, header, key):
    """Names that others use are known; `answer` beside `front` or `back` is what is typed."""
    (card,) = cards(read(f"{header}\nwho,me,extra\n" if header.count(",") == 2 else f"{header}\nwho,me\n"))

    assert card["front"] == "who"
    assert card[key] == "me"


def test_no_header(read):
    """Two columns without names are front and back; one known word is a word to learn."""
    assert cards(read("term,Begriff\nword,Wort\n")) == [
        {"front": "term", "back": "Begriff"},
        {"front": "word", "back": "Wort"},
    ]


def test_columns_by_the_person(read):
    """`--columns` names them in order; `-` leaves one out, and a header is still no card."""
    brought = read("1,Hund,dog,animal\n", columns=("-", "back", "front", "tags"))
    headed = read("front,back\na,b\n", columns=("back", "front"))

    assert cards(brought) == [{"front": "dog", "back": "Hund", "tags": ["animal"]}]
    assert cards(headed) == [{"front": "b", "back": "a"}]


@pytest.mark.parametrize(
    ("text", "options", "line", "message", "hint"),
    [
        ('front,back\na,b\n"c,d\n', {}, 3, "a quote is opened here and never closed", 'a quote inside a cell is written twice: "say ""hello"""'),
        ('front,back\na,"b" c\n', {}, 2, "text follows the quote that ends a cell", 'a quote inside a cell is written twice: "say ""hello"""'),
        ("front,back\na,b\nc,d,e\n", {}, 3, "the row has 3 cells, expected 2", "put text that holds the separator in quotes"),
        ("just text\n", {}, 1, "no columns were found", "part them by commas or tabs; text that holds one stands in quotes"),
        ("a,b\n", {"columns": ("front", "bakc")}, 1, "`--columns` has `bakc`, which is no column of cards", "did you mean `back`?"),
        ("a,b\n", {"columns": ("back",)}, 1, "no column holds the question", "name the columns in order: --columns front,back"),
        ("a,b\n", {"columns": ("front", "front")}, 1, "two columns are `front`", "name the columns in order: --columns front,back,-"),
        ("id,front,back\nx,a,b\n\nx,c,d\n", {}, 4, "the id `x` is taken, first on line 2", "give it another id"),
        ("id,front,back\nA b,a,b\n", {}, 2, "an id may have a-z, 0-9, `.`, `_` and `-`, not `A b`", "write: a-b"),
        (b"a,b\nc,\xff\n", {}, 2, "byte 0xff is not UTF-8", "save the file as UTF-8"),
        ("a,b\nc,\0d\n", {}, 2, "has a NUL byte, so it is no text", "export it anew, as plain text in UTF-8"),
        ("a,b\nc," + "x" * 200_000, {}, 2, "a cell has more than 131,072 characters", "shorten it"),
        ("a,b\n" + "c,d" * 300, {}, 2, "more than 200 columns", "keep those that cards are made of"),
        ("a,b\n" * 100_001, {}, 100_001, "more than 100,000 rows", "split the file"),
        (b"a" * (16 * 2**20 + 1), {}, 1, "the file has more than 16,777,216 bytes", "split it into several files"),
    ],
)  # fmt: skip
def test_faults(read, text, options, line, message, hint):
    """What is wrong is told with its line and the cure, and no deck is made."""
    brought = read(text, **options)

    (problem,) = brought.problems
    assert (problem.path, problem.line, problem.message, problem.hint) == ("words.csv", line, message, hint)
    assert brought.decks == ()


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("front,back\na,b\n,c\n ,d\n", "2 rows without a question left out, the first on line 3"),
        ("front,back\na,b\nc,\n", "1 row without an answer left out, the first on line 3"),
        ("front,back\na,b\na,b\n", "1 repeated card left out, the first on line 3"),
        ("front,back,Level\na,b,3\n", "column `Level` left out; `--columns` says what they are"),
        ("a,b,c\n", "what stands beyond the first two columns was left out; `--columns` says what it is"),
        ("a\tb\nc\td\te\n", "1 row with more cells than columns: the rest of each was left out, the first on line 2"),
        ('a\tb\n"c\td\n', "not every quote is closed: quotes were taken as they stand"),
        ("a,b\x07\n", "1 control character left out"),
    ],
)
def test_notes(read, text, note):
    """What is left out is told; the other rows become cards."""
    brought = read(text)

    assert note in brought.notes
    assert len(brought.decks) == 1


def test_equal_questions_get_ids(read):
    """Two answers to one question are two cards; the same import gives the same ids."""
    text = "bank,Ufer\nbank,Geldinstitut\n"

    first, second = cards(read(text))

    assert first == {"front": "bank", "back": "Ufer"}
    assert re.fullmatch("bank-[0-9a-f]{6}", second["id"])
    assert cards(read(text))[1] == second
    loaded(read(text).decks[0])


def test_anki_text_file(read):
    """Anki's own lines say separator, HTML, guid, deck and tags; `#` starts a comment, unless in quotes."""
    text = (
        "#separator:Semicolon\n#html:true\n#guid column:1\n#deck column:2\n#tags column:5\n"
        "x!;A::B;<b>dog</b>;Hund<br>Köter;animal big\n"
        '# a comment; with a "quote\n'
        'y(;A::B;"#1";"one ""1""";\n'
        "z;C;{{c1::Paris}} is in {{c2::France}};;\n"
    )  # fmt: skip

    brought = read(text, "notes.txt")

    first, second = brought.decks
    assert [(deck.id, deck.title) for deck in brought.decks] == [("a-b", "A::B"), ("c", "C")]
    assert [card["front"] for card in first.cards] == ["**dog**", "#1"]
    assert first.cards[0]["tags"] == ["animal", "big"]
    assert first.cards[1]["back"] == 'one "1"'
    assert len({card["id"] for card in (*first.cards, *second.cards)}) == 3
    assert second.cards[0]["cloze"] == "{{c1::Paris}} is in {{c2::France}}"
    assert [deck.id for deck in map(loaded, brought.decks)] == ["a-b", "c"]


def test_anki_header_lines(read):
    """`#deck`, `#tags`, `#notetype` and `#columns` hold for all rows; unknown names of fields go by place."""
    text = "#separator:tab\n#deck:Spanish\n#tags:es new\n#notetype:Basic (and reversed card)\n#columns:Wort\tBedeutung\nperro\tdog\n"

    (deck,) = read(text, "notes.txt").decks

    assert (deck.id, deck.title) == ("spanish", "Spanish")
    assert deck.cards == ({"front": "perro", "back": "dog", "tags": ["es", "new"], "reverse": "dog"},)


def test_any_text_file_is_no_table(read):
    """A `.txt` that is prose gives nothing, and no problem."""
    brought = read("Dear all,\n\nwe meet at noon, as usual.\nBring food.\n", "letter.txt")

    assert (brought.decks, brought.problems) == ((), ())
    assert read("", "empty.csv") == read("\n\n", "blank.txt") == csv.Brought()


def test_the_deck_is_the_file(read):
    """Without a deck in the table the person names it, or else the file does."""
    assert read("a,b\n", "Spanish Verbs.csv").decks[0].id == "spanish-verbs"
    assert read("a,b\n", "日本.csv").decks[0].id.startswith("deck-")
    assert read("a,b\n", deck="mine").decks[0].id == "mine"


def test_written_table(read):
    """What is written is plain where it can be: commas between tags, lines for alternatives, JSON for the rest."""
    card = {
        "id": "make",
        "front": "Make it",
        "answer": {"posix": "a", "fish": "b"},
        "accept": ["x", "y"],
        "tags": ["p", "q"],
        "explain": {"a": "first", "b": "c: d"},
    }
    deck = PlainDeck(id="d", title="Title", tags=("t",), cards=(card, {"id": "two", "front": "f", "back": "b"}))

    rows = list(reader.DictReader(io.StringIO(b"".join(csv.write([deck])).decode(), newline="")))

    assert rows[0]["accept"] == "x\ny"
    assert rows[0]["tags"] == "p, q"
    assert rows[0]["answer"] == '{"posix": "a", "fish": "b"}'
    assert rows[0]["explain"] == "a: first\nb: c: d"
    assert (rows[0]["deck title"], rows[1]["deck title"], rows[1]["deck"]) == ("Title", "", "d")


@settings(max_examples=60)
@given(drawn=st.lists(decks(), min_size=1, max_size=2, unique_by=lambda deck: deck[0]))
def test_round_trip(tmp_path_factory, drawn):
    """What is written reads back as the same decks."""
    plain = [PlainDeck(*deck) for deck in drawn]
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(b"".join(csv.write(plain)))

    brought = csv.read(path, "x.csv", Options())

    assert brought.problems == ()
    assert [loaded(deck) for deck in plain] == [loaded(deck) for deck in brought.decks]


@given(st.sampled_from(("answer", "accept", "wrong", "explain", "run", "back")), texts)
def test_a_cell_is_what_it_was(key, text):
    """No text is taken for structure, whatever it looks like."""
    assert decode(key, encode(key, text)) == text


@given(
    st.recursive(
        texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
    )
)
def test_structures_in_cells(value):
    """A mapping in a cell stays one."""
    assert as_texts({"x": value}) == decode("run", encode("run", {"x": value}))


def test_deep_json_is_text():
    """Brackets without end are no structure, and no hang."""
    cell = "[" * 100_000

    assert decode("accept", cell) == cell


def examples():
    """The tables of the page, each with the cards that it is said to give."""
    section = PAGE.split("## CSV and TSV")[1].split("\n## ")[0]
    return re.findall(r"^```(csv|tsv|txt)\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("kind", "text"), examples())
def test_the_page_tells_the_truth(read, kind, text):
    """Every table of the documentation reads without a word, and the loader takes its cards."""
    brought = read(text, f"words.{kind}")

    assert (brought.problems, brought.notes) == ((), ())
    assert all(loaded(deck).cards for deck in brought.decks)
