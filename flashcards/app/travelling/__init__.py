"""Decks that travel with the log: texts out into a sync folder and in from it, never one over another.

A deck of the home's own folder is brought up to date; a deck file that lies elsewhere belongs to the person, goes out,
and is written only where that was asked for. What both sides changed stays as it is on both, and is told.
"""

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flashcards.app import backups, library, unfinished, watching
from flashcards.app.library import DeckChange, Reading
from flashcards.app.ordinary import contents
from flashcards.app.synced import DeckTold as Told
from flashcards.app.synced import Travelled, Wanted
from flashcards.app.travelling.evening import evened, same_place
from flashcards.errors import CardsError, NotFound, StoreError
from flashcards.places import BUNDLED
from flashcards.sync import decks, lineage
from flashcards.sync.decks import Remembered, Unfit
from flashcards.sync.lineage import Known, Way
from flashcards.sync.pictures import stems_in

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.app.travelling.settling import Coming

STATE = "sync-decks.json"
BOTH_WAYS = "`cards sync --mine {0}` keeps yours, `--theirs {0}` takes the other"


NOTHING = Wanted()


class _One(NamedTuple):
    """A deck on its way."""

    deck: str
    here: str
    """The hash of its text here, "" for none."""
    file: Path | None
    """The file that it has here."""
    there: str
    """The hash of its text in the folder."""
    data: bytes
    """That text, where it was read."""
    way: Way


def travel(app: "App", folder: Path, identity: str, wanted: Wanted = NOTHING, *, dry_run: bool = False) -> Travelled:
    """Takes decks in from a sync folder and puts ours into it; with `dry_run` it only says what would happen."""
    try:
        return _Journey(app, folder, identity, wanted, dry_run=dry_run).made()
    except (StoreError, NotFound):
        raise
    except CardsError as error:  # what is wrong with decks hinders no event
        return Travelled(told=(Told("", error.message, error.hint),), whole=False)


class _Journey:
    """One sync's worth of decks."""

    def __init__(self, app: "App", folder: Path, identity: str, wanted: Wanted, *, dry_run: bool) -> None:
        self.app, self.identity, self.wanted, self.dry_run = app, identity, wanted, dry_run
        self.place = decks.folder_of(folder)
        self.home = Path(app.places.decks)
        self.state_path = self.home.parent / STATE
        self.remembered = decks.recall(self.state_path, identity)
        self.before = dict(self.remembered)
        self.told: list[Told] = []
        self.whole = True
        self._held: list[decks.Lists] | None = None

    def made(self) -> Travelled:
        """What came of it."""
        if not self.dry_run:
            unfinished.taken_back(self.app.store)  # files that a crash left in place without their deck
            library.notice(
                self.app.store, watching.suspects(self.app.store), lambda: backups.before(self.app, "import")
            )
        found = self._sides()
        for name in (*self.wanted.mine, *self.wanted.theirs):
            if name not in found:
                raise NotFound(f"no deck `{name}` travels with this folder", hint="`cards decks` lists those here")
        ways = [self._one(deck, *sides) for deck, sides in found.items()]
        taken = self._take([one for one in ways if one.way in {"in", "unsure"}])
        sent = self._send_all([one for one in ways if one.way == "out"])
        for one in (one for one in ways if one.way == "apart"):
            self._tell_apart(one)
        out = back = 0
        if not self.dry_run:
            out, back = evened(self.app.store, self.remembered, self.home, self.place, self._tell)
        self._remember()
        return Travelled(tuple(sent), tuple(taken), out, back, tuple(self.told), self.whole)

    def _tell_apart(self, one: _One) -> None:
        from flashcards.app.travelling.renamed import REPLACED

        if one.here and self.app.store.deck_called(one.deck) is None:  # its new name came with this very sync
            kept = f"what was written here is kept in `{self.home / REPLACED}`"
            self._tell(one.deck, "was changed here, and has another name elsewhere", kept)
        else:
            self._tell(one.deck, "was changed here and elsewhere; each has kept its own", BOTH_WAYS.format(one.deck))

    # ------------------------------------------------------------ both sides

    def _sides(self) -> dict[str, tuple[str, Path | None, str, bytes]]:
        """Of each deck: its text and file here, its text in the folder."""
        sources = {one.deck: one for one in self.app.store.decks() if not one.path.startswith(BUNDLED)}
        files = decks.texts(self.place)
        found = {}
        for deck in dict.fromkeys([*sources, *files]):
            mine = sources.get(deck)
            if mine and self._lies_there(Path(mine.path)):
                continue  # the file in the folder is the deck's own
            try:
                there, data = self._there(deck, files[deck]) if deck in files else ("", b"")
            except Unfit as error:
                self._tell(deck, error.message, "take it away; the next sync puts ours there")
                continue
            found[deck] = (mine.hash if mine else "", Path(mine.path) if mine else None, there, data)
        return found

    def _lies_there(self, path: Path) -> bool:
        return Path(os.path.realpath(self.place)) in Path(os.path.realpath(path)).parents

    def _there(self, deck: str, path: Path) -> tuple[str, bytes]:
        """The hash of a text in the folder, and the text where it had to be read."""
        before, facts = self.remembered.get(deck, Remembered()), decks.facts_of(path)
        if before.there and before.facts == facts:
            return before.there, b""
        data = decks.read(path)
        hashed = library.digest(data)
        self.remembered[deck] = before._replace(facts=facts, there=hashed)
        return hashed, data

    def _one(self, deck: str, here: str, file: Path | None, there: str, data: bytes) -> _One:
        known = self._known(deck)
        if here == there == known.agreed:
            return _One(deck, here, file, there, data, "same")
        held = self._held_of(deck)
        found = lineage.way(here, there, known, held)
        if deck in self.wanted.mine and here and there and here != there:
            found = "out"
        elif deck in self.wanted.theirs and there and here != there:
            found = "in"
        if found == "same" and here:
            self._agree(deck, here)
        if found in {"in", "unsure", "apart"} and not data:
            data = decks.read(self.place / f"{deck}.yaml")
        return _One(deck, here, file, there, data, found)

    def _known(self, deck: str) -> Known:
        return self.remembered[deck].known if deck in self.remembered else Known()

    def _held_of(self, deck: str) -> list[tuple[str, ...]]:
        """What the devices say of a deck."""
        if self._held is None:
            self._held = [*decks.held(self.place).values()]
        return [lists[deck] for lists in self._held if deck in lists]

    def _agree(self, deck: str, text: str, *, over: str = "", sure: bool = True) -> None:
        """Both sides have this text now."""
        before = self.remembered.get(deck, Remembered())
        known = lineage.agreed(text, before.known, self._held_of(deck), over=over, sure=sure)
        facts = decks.facts_of(self.place / f"{deck}.yaml")
        source = self.app.store.deck_called(deck, sources=True)
        stems = stems_in(zlib.decompress(source.source)) if source else ()
        self.remembered[deck] = Remembered(known=known, facts=facts, there=text, stems=stems)

    # ------------------------------------------------------------ out

    def _send_all(self, ways: list[_One]) -> list[str]:
        sent = []
        for one in ways:
            try:
                sent += [one.deck] if self._send(one) else []
            except CardsError as error:
                self._fail(one.deck, error)
                break  # what holds for one file of the folder holds for the others
        return sent

    def _send(self, one: _One) -> bool:
        source = self.app.store.deck_called(one.deck, sources=True)
        if source is None or source.hash != one.here:  # changed meanwhile: the next sync
            return False
        if self.dry_run:
            return True
        data = zlib.decompress(source.source)
        if library.digest(data) != one.here:
            return False
        decks.write(self.place / f"{one.deck}.yaml", data)
        self._agree(one.deck, one.here, over=one.there)
        return True

    # ------------------------------------------------------------ in

    def _take(self, ways: list[_One]) -> list[DeckChange]:
        """Takes texts in, all that have no faults together."""
        ready = [pair for one in ways if (pair := self._ready(one)) and self._is_sound(*pair)]
        if not ready:
            return []
        from flashcards.app.travelling import renamed  # what is read from here on costs more than this

        said = renamed.former_names(self.app.store, [reading for _, reading in ready])
        former = {name for names in said.values() for name in names}
        for one in (one for one, _ in ready if not one.here):
            if ring := renamed.ring_of(one.deck, said):
                place = f"`{self.place / one.deck}.yaml`, line {renamed.line_of_was(one.data)}"
                says = f"stays out: {place}: `was` leads round to itself: {', '.join(ring)}"
                self._tell(one.deck, says, "take a name out of `was` in one of these decks")
        ready = [(one, reading) for one, reading in ready if one.here or one.deck not in former]
        readings = [reading for _, reading in ready]
        if self.dry_run:
            return self._taken([pair for pair in ready if self._fits(*pair)])
        with renamed.making_way(self.app.store, self.home, readings), self.app.store.together():
            checked = library.check_together(self.app.store, readings, replace=False)
            pairs = [(one, reading) for (one, _), reading in zip(ready, checked, strict=True)]
            return self._taken([pair for pair in pairs if self._fits(*pair) and self._is_untouched(pair[0])])

    def _taken(self, good: list[tuple[_One, Reading]]) -> list[DeckChange]:
        if not self.dry_run and good:
            from flashcards.app.travelling import settling  # the formats: 30 ms, only where a deck comes in

            settling.settle(self.app, [self._coming(one, reading) for one, reading in good])
            for one, _ in good:
                self._agree(one.deck, one.there, over=one.here, sure=one.way == "in")
        return [reading.change for _, reading in good if reading.change]

    def _coming(self, one: _One, reading: Reading) -> "Coming":
        from flashcards.app.travelling.settling import Coming

        assert one.file is not None  # noqa: S101  (`_ready` named one)
        return Coming(
            deck=one.deck,
            file=one.file,
            before=contents(one.file)[0] if one.file.exists() else None,
            data=one.data,
            reading=reading,
            is_home=self._is_home(one.file),
            keep=one.way == "unsure" or one.deck in self.wanted.theirs,
        )

    def _ready(self, one: _One) -> tuple[_One, Reading] | None:
        place, asked = self.home / f"{one.deck}.yaml", one.deck in self.wanted.theirs
        target = one.file or place
        if not self._is_home(target) and not asked:
            owner = "is yours" if target.exists() else "is gone"
            says = f"was changed elsewhere; its file here, `{target}`, {owner}"
            self._tell(one.deck, says, f"`cards sync --theirs {one.deck}` takes the change")
            return None
        target = target if self._is_home(target) or target.exists() else place
        one = one._replace(file=target)
        if not self._is_untouched(one):
            says = f"was changed elsewhere, and `{target}` is not what was taken in here last"
            self._tell(one.deck, says, f"`cards import {target}`, or move it away")
            return None
        return one, library.read_data(self.app.store, target, one.data)

    def _is_home(self, path: Path) -> bool:
        return same_place(path.parent, self.home) and not path.is_symlink()

    def _is_untouched(self, one: _One) -> bool:
        """Whether its file, if there is one, says what the store has."""
        if one.file is None or not one.file.exists():
            return True
        try:
            now = library.digest(contents(one.file)[0])
        except OSError:
            return False
        source = self.app.store.deck_called(one.deck)
        return now in {one.there, one.here} and (not one.here or (source is not None and source.hash == one.here))

    def _is_sound(self, one: _One, reading: Reading) -> bool:
        """Whether the text is a deck, and the one that its file is called like."""
        if reading.change is None:
            where = [f"line {first.line}: {first.message}" for first in reading.problems[:1]]
            says = f"has faults in the folder: {where[0] if where else 'nothing in it is a deck'}"
            self._tell(one.deck, says, f"mend `{self.place / one.deck}.yaml`, or delete it")
            return False
        said = reading.change.deck.id
        if said != one.deck:
            self._tell(one.deck, f"says in the folder that it is `{said}`", "give the file that name")
        return said == one.deck

    def _fits(self, one: _One, reading: Reading) -> bool:
        """Whether a sound text has a place among the decks that are here, and takes nothing away unasked."""
        if reading.change is None:
            self._tell(one.deck, f"does not fit in: {reading.problems[0].message}", reading.problems[0].hint)
            return False
        lost = reading.change.count("retired")
        if one.way == "unsure" and (lost or self._is_cut(one)):
            missing = f"without {lost} cards that are here" if lost else "cut off"
            says = f"lies in the folder {missing}, and no device has said that it is whole"
            self._tell(one.deck, says, f"wait until all has come over; `cards sync --theirs {one.deck}` takes it")
            return False
        return True

    def _is_cut(self, one: _One) -> bool:
        """Whether the text in the folder is but the beginning of ours."""
        source = self.app.store.deck_called(one.deck, sources=True) if one.here else None
        return source is not None and zlib.decompress(source.source).startswith(one.data)

    # ------------------------------------------------------------ told

    def _tell(self, deck: str, says: str, cure: str) -> None:
        self.told.append(Told(deck, says, cure))

    def _fail(self, deck: str, error: CardsError) -> None:
        self.whole = False
        self._tell(deck, error.message, error.hint or "")

    # ------------------------------------------------------------ the end

    def _remember(self) -> None:
        if self.dry_run:
            return
        mine = {source.deck: source.hash for source in self.app.store.decks()}
        for deck, one in self.remembered.items():
            known = one.known
            if not known.sure and mine.get(deck) == one.there == known.agreed and one == self.before.get(deck):
                self.remembered[deck] = one._replace(known=known._replace(sure=True))  # it stayed: so it is whole
        if self.remembered == self.before and decks.has_said(self.place, self.app.device):
            return
        held = {
            deck: one.known.lineage
            for deck, one in self.remembered.items()
            if one.known.sure and deck in mine and one.known.lineage[:1] == (mine[deck],)
        }
        device = self.app.device
        try:
            decks.say_held(self.place, device, held)  # first: what could not be said is said the next time
            decks.remember(self.state_path, self.identity, self.remembered)
        except CardsError as error:  # the decks themselves have travelled
            self._fail("", error)
