"""Cards by the words in them: an index by SQLite's FTS5, where it has that, and a look at each card in any case.

The index only says which cards may fit; it is filled by the first search after an
import, so that an import does not pay for it. `Query.fits` decides, so that a sign
counts (`-m`, `$PATH`, `*`) and a SQLite without FTS5 finds the same cards.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence
from json import dumps

from flashcards.model import Card, CardId

TABLE = "search"
SCHEMA = f"create virtual table {TABLE} using fts5(card unindexed, words, tokenize = 'unicode61 remove_diacritics 2')"


class Query:
    """Terms that all have to be there; each is a word, the beginning of one, or several with blanks between."""

    def __init__(self, terms: Iterable[str]) -> None:
        self.terms = tuple(term for term in (" ".join(plain(term).split()) for term in terms) if term)
        self._patterns = [re.compile(_pattern(term)) for term in self.terms]

    def fits(self, text: str) -> bool:
        """Whether every term stands in `text`."""
        text = plain(text)
        return all(pattern.search(text) for pattern in self._patterns)

    @property
    def expression(self) -> str:
        """What the index is asked: every card that fits, and some more. Empty if it cannot help.

        It knows words of letters and digits alone. How it takes other scripts
        apart differs from release to release, so it is not asked about them.
        """
        phrases = [" ".join(re.findall("[0-9a-z]+", term)) for term in self.terms if term.isascii()]
        return " AND ".join(f'"{phrase}" *' for phrase in phrases if phrase)


def plain(text: str) -> str:
    """`text` in small letters, without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def _pattern(term: str) -> str:
    """A term begins where a word begins; between its words anything may stand that is no word."""
    start = r"(?<![^\W_])" if term[0].isalnum() else ""
    return start + r"[\W_]+".join(re.escape(word) for word in term.split())


def text_of(card: Card) -> str:
    """All that a card says."""
    texts = [card.id, card.front, card.back, *card.answer.values()]
    for accepted in card.accept.values():
        texts += accepted
    for pair in card.explain:
        texts += pair
    return "\n".join([*texts, *card.tags])


# ---------------------------------------------------------------- the index


def create(connection: sqlite3.Connection) -> None:
    """An empty index; none where this SQLite was built without FTS5."""
    try:
        connection.execute(f"drop table if exists {TABLE}")
        connection.execute(SCHEMA)
    except sqlite3.OperationalError as error:
        if "no such module" not in str(error):
            raise


def is_there(connection: sqlite3.Connection) -> bool:
    """Whether there is an index that this SQLite can use."""
    if not connection.execute("select 1 from sqlite_master where name = ?", [TABLE]).fetchone():
        return False
    try:
        connection.execute(f"select 1 from {TABLE} limit 0")  # noqa: S608  (a constant)
    except sqlite3.OperationalError as error:
        if "no such module" not in str(error):
            raise
        return False
    return True


def forget(connection: sqlite3.Connection, cards: Sequence[CardId]) -> None:
    """Takes cards out that say something else than before; the next search takes them in again."""
    if cards and is_there(connection):
        listed = "card in (select value from json_each(?))"
        connection.execute(f"delete from {TABLE} where {listed}", [dumps(cards)])  # noqa: S608


def missing(connection: sqlite3.Connection) -> list[str]:
    """The contents of the cards that the index does not know yet."""
    sql = f"select content from cards where card not in (select card from {TABLE})"  # noqa: S608
    return [content for (content,) in connection.execute(sql)]


def put(connection: sqlite3.Connection, cards: Iterable[Card]) -> None:
    """Takes cards in."""
    sql = f"insert into {TABLE} (card, words) values (?, ?)"  # noqa: S608
    connection.executemany(sql, ((card.id, text_of(card)) for card in cards))


def candidates(connection: sqlite3.Connection, expression: str) -> list[CardId]:
    """The cards that may fit."""
    sql = f"select card from {TABLE} where words match ?"  # noqa: S608
    return [CardId(card) for (card,) in connection.execute(sql, [expression])]
