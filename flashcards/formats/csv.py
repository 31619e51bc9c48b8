"""Tables in text, CSV and TSV, Anki's text files among them: a `plain.Format`, as a module."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flashcards.formats import tables
from flashcards.formats.cells import decode, encode, guarded, unguarded
from flashcards.formats.columns import (
    DECK_COLUMNS,
    AnkiHead,
    Columns,
    anki_head,
    is_header,
    of_anki,
    of_header,
    of_order,
    of_person,
)
from flashcards.formats.fields import CARD
from flashcards.formats.gathered import Draft, better_id, deck_id, deck_of_file, id_fault, told_apart
from flashcards.formats.made import cloze, misspelt_gap
from flashcards.formats.notes import MOST_GAP_CHARACTERS, MOST_GAPS
from flashcards.formats.plain import Beside, Brought, Options, PlainDeck
from flashcards.formats.source import MOST_PROBLEMS, Source
from flashcards.formats.texts import counted, fault_at, opened

if TYPE_CHECKING:
    from flashcards.model import Problem

name = "csv"
suffixes = (".csv", ".tsv", ".txt")
LOOSE = ".txt"
"""A file of this suffix may be anything: only what is surely a table is taken for one."""
GUID_DIGITS = 12
"""48 bits of hash: two of a million notes agree once in five hundred collections."""


def read(path: Path, name: str, options: Options) -> Brought:
    """The cards of the table at `path`, a row each."""
    file = opened(path, name)
    if file.problem:
        return Brought(problems=(file.problem,))
    source = Source(name, file.text)
    lines = [*StringIO(file.text)]
    head = anki_head(lines)
    try:
        way = tables.find_way(lines, head.lines, comments=head.there, given=head.separator)
        if way is None or (path.suffix.lower() == LOOSE and not _surely(lines, head, way, options)):
            return _no_table(source, loose=path.suffix.lower() == LOOSE)
        found = tables.checked(tables.rows(lines, way, head.lines))
    except tables.TableError as error:
        return Brought(problems=(fault_at(source, error.line, error.message, error.hint),))
    columns = _columns(found, way, head, options)
    if columns.fault[0]:
        return Brought(problems=(fault_at(source, found[0].line if found else 1, *columns.fault),))
    brought = _Cards(source, columns, head, options, loose=way.separator == "\t").brought(found)
    unquoted = () if way.quotes else ("not every quote is closed: quotes were taken as they stand",)
    return brought._replace(notes=(*file.notes, *unquoted, *columns.notes, *brought.notes))


def _surely(lines: Sequence[str], head: AnkiHead, way: tables.Way, options: Options) -> bool:
    """Whether something says that this text is a table."""
    if head.there or options.columns or way.separator == "\t" or way.share >= tables.SURE:
        return True
    first = next(tables.rows(lines, way, head.lines), None)
    return first is not None and is_header(first.cells)


def _no_table(source: Source, *, loose: bool) -> Brought:
    if loose:
        return Brought(notes=("no table was found in it",) if source.text.strip() else ())
    if not source.text.strip():
        return Brought()
    hint = "part them by commas or tabs; text that holds one stands in quotes"
    return Brought(problems=(fault_at(source, 1, "no columns were found", hint),))


def _columns(found: Sequence[tables.Row], way: tables.Way, head: AnkiHead, options: Options) -> Columns:
    """What the columns are: what a person says, else a header, else Anki's lines, else their order."""
    header = bool(found) and is_header(found[0].cells)
    if options.columns:
        return of_person(options.columns, header=header)
    if head.columns:
        return of_anki(head.columns.split(way.separator), head)
    if header and not head.special:
        return of_header(found[0].cells)
    return of_order(max(way.columns, *(number + 1 for number, _ in head.special), 1), head)


class _Left(NamedTuple):
    """A row that was left out, and why."""

    why: str
    line: int


class _Cards:
    """Makes cards of rows and collects what is wrong or was left out."""

    def __init__(self, source: Source, columns: Columns, head: AnkiHead, options: Options, *, loose: bool) -> None:
        self.source = source
        self.keys = columns.keys
        self.header = columns.header
        self.head = head
        self.loose = loose
        self.is_ours = columns.header and "deck" in columns.keys
        """It looks like a table of this program, which guards what a spreadsheet would run."""
        self.deck = options.deck or (deck_id(head.deck) if head.deck else deck_of_file(source.name))
        self.titles = {self.deck: head.deck} if head.deck and not options.deck and self.deck != head.deck else {}
        self.about: dict[str, dict[str, str]] = {}
        self.drafts: dict[str, list[Draft]] = {}
        self.problems: list[Problem] = []
        self.left: list[_Left] = []
        self.ids: dict[tuple[str, str], int] = {}
        self.text = _to_markdown() if head.html else str

    def brought(self, found: Sequence[tables.Row]) -> Brought:
        """The decks of all the rows."""
        for row in found[1:] if self.header else found:
            self._row(row)
            if len(self.problems) >= MOST_PROBLEMS:
                break
        if self.problems:
            return Brought(problems=tuple(self.problems))
        apart = {deck: told_apart(drafts) for deck, drafts in self.drafts.items()}
        decks = tuple(self._deck(deck, one.cards) for deck, one in apart.items())
        notes = [note for one in apart.values() for note in one.notes]
        return Brought(decks=decks, notes=(*self._left_out(), *notes))

    def _deck(self, deck: str, cards: tuple[Mapping[str, Any], ...]) -> PlainDeck:
        about = self.about.get(deck, {})
        return PlainDeck(
            id=deck,
            title=about.get("deck title", self.titles.get(deck, "")),
            tags=tuple(decode("tags", about.get("deck tags", ""))),
            was=tuple(decode("was", about.get("deck was", ""))),
            cards=cards,
        )

    def _left_out(self) -> Iterator[str]:
        for why, number in Counter(one.why for one in self.left).items():
            first = next(one.line for one in self.left if one.why == why)
            yield f"{counted(number, 'row')} {why}, the first on line {first}"

    def _row(self, row: tables.Row) -> None:
        if len(row.cells) > len(self.keys) and any(map(str.strip, row.cells[len(self.keys) :])):
            if not self.loose:
                message = f"the row has {len(row.cells)} cells, expected {len(self.keys)}"
                self._fail(row, message, "put text that holds the separator in quotes")
                return
            self.left.append(_Left("with more cells than columns: the rest of each was left out", row.line))
        cells = map(unguarded, row.cells) if self.is_ours else row.cells
        said = {key: cell for key, cell in zip(self.keys, cells, strict=False) if key and cell.strip()}
        deck = self._deck_of(said)
        card = self._card(said, row)
        if "front" not in card and "cloze" not in card:
            self.left.append(_Left("without a question left out", row.line))
        elif not {"back", "answer", "cloze"} & card.keys():
            self.left.append(_Left("without an answer left out", row.line))
        elif self._new(card.get("id", ""), deck, row):
            self.drafts.setdefault(deck, []).append(Draft(card, row.line))

    def _fail(self, row: tables.Row, message: str, hint: str) -> None:
        self.problems.append(fault_at(self.source, row.line, message, hint))

    def _deck_of(self, said: dict[str, str]) -> str:
        """The deck of a row; what the row says about it counts where it is said first."""
        written = said.pop("deck", "").strip()
        about = {column: said.pop(column) for column in DECK_COLUMNS[1:] if column in said}
        if not written:
            deck = self.deck
        else:
            deck = deck_id(written)
            if deck != written:
                self.titles.setdefault(deck, written)
        self.about[deck] = {**about, **self.about.get(deck, {})}
        return deck

    def _card(self, said: dict[str, str], row: tables.Row) -> dict[str, Any]:
        guid, notetype = said.pop("guid", ""), said.pop("notetype", self.head.notetype).casefold()
        card: dict[str, Any] = {key: self._value(key, said[key]) for key in CARD if key in said}
        if guid and "id" not in card:
            card = {"id": id_of_guid(guid), **card}
        if self.head.tags:
            card["tags"] = [*card.get("tags", ()), *self.head.tags]
        if "id" in card and (fault := id_fault(card["id"])):
            self._fail(row, fault, better_id(card["id"]))
        if self._hides(card, notetype):
            card["cloze"] = card.pop("front")
        elif "reversed" in notetype and "back" in card:
            card["reverse"] = card["back"]
        return card

    def _value(self, key: str, cell: str) -> Any:  # noqa: ANN401  (a value of a deck: text, list or mapping)
        if key == "tags" and self.head.there:
            return cell.split()
        if key in {"front", "back", "cloze", "reverse"}:
            return self.text(cell)
        return decode(key, cell if key != "id" else cell.strip())

    def _hides(self, card: Mapping[str, Any], notetype: str) -> bool:
        """Whether the question is a text with gaps: Anki's tables do not say so themselves."""
        front = card.get("front", "")
        if (self.header and not self.head.there) or "{{c" not in front or notetype.startswith("basic"):
            return False
        numbers = 0 if misspelt_gap(front) else len(cloze(front).numbers())
        return 0 < numbers <= MOST_GAPS and numbers * len(front) <= MOST_GAP_CHARACTERS

    def _new(self, card: str, deck: str, row: tables.Row) -> bool:
        """Whether the id, if there is one, is nobody else's."""
        first = self.ids.setdefault((deck, card), row.line) if card else row.line
        if first != row.line:
            self._fail(row, f"the id `{card}` is taken, first on line {first}", "give it another id")
        return first == row.line


def id_of_guid(guid: str) -> str:
    """An id for a note that Anki knows by `guid`, whose letters no id may have."""
    from hashlib import sha256  # 3 ms of OpenSSL, and only Anki's tables need it

    return f"a-{sha256(guid.encode()).hexdigest()[:GUID_DIGITS]}"


def _to_markdown() -> Callable[[str], str]:
    from flashcards.formats.html import to_markdown  # 40 ms, and only tables with `#html:true` need it

    return to_markdown


def write(decks: Sequence[PlainDeck], beside: Sequence[Beside] = ()) -> Iterable[bytes]:
    """The decks as one table in the way of RFC 4180, with a header; `beside` is no text and left out.

    A cell that a spreadsheet would run as a formula has an apostrophe in front, which reading takes away.
    """
    import csv  # 3 ms, only for tables

    del beside
    header = [
        *_about_columns(decks),
        *(key for key in CARD if any(key in card for deck in decks for card in deck.cards)),
    ]
    text = StringIO()
    table = csv.writer(text)
    table.writerow(header)
    for deck in decks:
        about = _about(deck)
        for card in deck.cards:
            cells = {**about, **{key: encode(key, value) for key, value in card.items()}}
            table.writerow([guarded(cells.get(column, "")) for column in header])
            about = {"deck": deck.id}
            if text.tell() > 1 << 16:
                yield text.getvalue().encode()
                text.seek(0)
                text.truncate()
    yield text.getvalue().encode()


def _about(deck: PlainDeck) -> dict[str, str]:
    """What the first row of a deck says about it."""
    values = (deck.id, deck.title, encode("tags", deck.tags), encode("was", deck.was))
    return {column: value for column, value in zip(DECK_COLUMNS, values, strict=True) if value}


def _about_columns(decks: Sequence[PlainDeck]) -> list[str]:
    said = {column for deck in decks for column in _about(deck)}
    return [column for column in DECK_COLUMNS if column in said or column == "deck"]
