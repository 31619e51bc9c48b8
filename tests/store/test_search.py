"""Search: the index and the plain look at every card find the same."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flashcards.model import Card, CardId
from flashcards.store import search
from flashcards.store.search import Query

words = st.sampled_from(
    ["venv", "-m", "site-packages", "$PATH", "*", "a_b", "über", "пр", "日本語", '"', "\\n", "ve", "3.10"]
)
texts = st.one_of(st.lists(words, max_size=6).map(" ".join), st.text(alphabet="aäAb -_\"*'().\n{^日é", max_size=12))


def card(number: int, front: str) -> Card:
    return Card(id=CardId(f"d/c{number}"), deck="d", note=CardId("d/c"), kind="basic", front=front)


@pytest.fixture
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    search.create(connection)
    if not search.is_there(connection):
        pytest.skip("this SQLite has no FTS5")
    return connection


@settings(max_examples=150)
@given(st.lists(texts, min_size=1, max_size=5), st.lists(texts, min_size=1, max_size=2))
def test_the_index_loses_no_card_that_fits(fronts, terms):
    """Whatever is asked, it is no syntax error, and every card that fits is among the candidates."""
    connection = sqlite3.connect(":memory:")
    search.create(connection)
    cards = [card(number, front) for number, front in enumerate(fronts)]
    query = Query(terms)
    fitting = {one.id for one in cards if query.fits(search.text_of(one))}

    if query.expression and search.is_there(connection):
        search.put(connection, cards)
        assert fitting <= set(search.candidates(connection, query.expression))


def test_what_was_forgotten_is_not_found(index):
    """Until it is put in again."""
    search.put(index, [card(1, "old"), card(2, "old")])

    search.forget(index, [CardId("d/c1")])

    assert ["d/c2"] == search.candidates(index, Query(["old"]).expression)


def test_without_an_index_nothing_is_asked_of_it():
    """As in a SQLite that was built without FTS5."""
    connection = sqlite3.connect(":memory:")

    search.forget(connection, [CardId("d/c1")])

    assert not search.is_there(connection)
