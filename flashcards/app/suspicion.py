"""An error that nobody reckoned with: whether a damaged database is behind it, and not a fault of the program."""

from pathlib import Path

from flashcards.errors import CardsError, StoreDamaged

LOOKED_AT = 50_000
"""Events up to which everything is replayed and compared; it takes two seconds, and only after an error."""


def damage(path: str) -> StoreDamaged | None:
    """What is wrong with the database at `path`, if anything is."""
    from flashcards.store import health

    if not Path(path).exists():
        return None
    found = health.integrity(path)
    if found.state == "damaged":
        return StoreDamaged(path, found.faults[0])
    if found.state != "ok":
        return None
    try:
        with health.reading(path) as connection:
            log = health.log_faults(connection, LOOKED_AT)
        if log.bad:
            identity, why = log.bad[0]
            return StoreDamaged(path, f"event `{identity}` of the log makes no sense: {why}")
        if log.of <= LOOKED_AT and (reason := _derived(path)):
            return StoreDamaged(path, reason)
    except StoreDamaged as error:
        return error
    return None


def _derived(path: str) -> str:
    from flashcards.app.library import deck_in
    from flashcards.store.mirror import differences

    try:
        found = differences(path, deck_in)
    except (CardsError, ValueError, KeyError, TypeError) as error:
        return f"its history cannot be replayed: {error}"
    return f"the table `{found[0].table}` is not what the log and the decks say" if found else ""
