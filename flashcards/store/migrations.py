"""The schema of what cannot be rebuilt, as steps. A released step is never edited.

This module is imported only when a step is missing: sqlite_utils costs 80 to
115 ms. The names of all steps stand in `connect.STEPS`, which costs nothing.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from flashcards.store.connect import all_or_nothing

migrations = Migrations("cards")

EVENTS = (
    """
    create table events (
        id text primary key,
        kind text not null,
        card text,
        at text not null,
        day text,
        device text not null,
        batch text,
        target text,
        line text not null
    ) strict, without rowid
    """,
    "create index events_card on events (card, at, id) where card is not null",
    "create index events_target on events (target) where target is not null",
    "create index events_batch on events (batch) where batch is not null",
    "create index events_device on events (device, id)",
    "create index events_day on events (day) where day is not null",
    "create index events_setting on events (at, id) where kind = 'setting'",
    # A `replace` deletes without firing delete triggers, so a known id never gets that far.
    """
    create trigger events_once before insert on events
    when exists (select 1 from events where id = new.id)
    begin select raise(ignore); end
    """,
    """
    create trigger events_no_update before update on events
    begin select raise(abort, 'the log is append-only'); end
    """,
    """
    create trigger events_no_delete before delete on events
    begin select raise(abort, 'the log is append-only'); end
    """,
)

LIBRARY = (
    # The last good version of every deck: it goes on when the file is gone or broken.
    """
    create table decks (
        deck text primary key,
        place integer not null,
        title text not null,
        path text not null,
        size integer not null,
        mtime_ns integer not null,
        hash text not null,
        source blob not null
    ) strict
    """,
    "create table meta (name text primary key, value text not null) strict",
)


@migrations()
def m001_events(db: Database) -> None:
    """The log: rows may be added, never changed."""
    for statement in EVENTS:
        db.execute(statement)


@migrations()
def m002_library(db: Database) -> None:
    """The decks as they were last read without a fault, and facts about this store."""
    for statement in LIBRARY:
        db.execute(statement)


def apply(connection: sqlite3.Connection) -> None:
    """Applies the steps that are missing, all or none; of two processes that want to, the second finds it done."""
    with all_or_nothing(connection):
        migrations.apply(Database(connection, execute_plugins=False))
