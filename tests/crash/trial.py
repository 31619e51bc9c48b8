"""A command that comes to harm, and whether what is left is whole and can be gone on with."""

from crash import soundness
from crash.nursery import Ended, Harm
from crash.scenes import Desk, Scene

KILLED = -9


class Trial:
    """A command, how its home was before it, and how it is after it went well."""

    def __init__(self, desk: Desk, scene: Scene) -> None:
        self.desk, self.scene = desk, scene
        desk.clear()
        scene.prepare(desk)
        desk.keep()
        self.before, self.files_before = soundness.state(desk.home), desk.decks_in_home()
        ended = desk.run(*scene.args, stdin=scene.stdin)
        assert not ended.code, ended
        self.statements = ended.statements
        self.after, self.files_after = soundness.state(desk.home), desk.decks_in_home()

    def harm(self, harm: Harm) -> None:
        """Runs it again from the start, with harm, and looks at what is left."""
        self.desk.bring_back()
        ended = self.desk.run(*self.scene.args, harm=harm, stdin=self.scene.stdin)

        assert (ended.code == KILLED) == (harm.kind == "kill")
        self.examine(ended)

    def examine(self, ended: Ended) -> None:
        """Looks whether what is left is whole and can be gone on with."""
        found = soundness.state(self.desk.home)

        assert "Traceback" not in ended.err, ended.err
        self._is_whole(found)
        assert ended.code or found == self.after
        self._goes_on(found)

    def _is_whole(self, found: soundness.State) -> None:
        """All or nothing of each transaction, and nothing that was there has gone."""
        new, wanted = found.log[len(self.before.log) :], self.after.log[len(self.before.log) :]
        if self.scene.at_once:
            assert found in {self.before, self.after} or self._is_between(found) or self._is_a_part(found)
        else:
            assert (self.before.log, self.before.decks) == (found.log[: len(self.before.log)], found.decks)
            assert new == wanted[: len(new)]

    def _is_a_part(self, found: soundness.State) -> bool:
        """Decks and events of before or after, whichever, each whole."""
        decks, logs = ([getattr(one, name) for one in (self.before, self.after)] for name in ("decks", "log"))
        return self.scene.in_parts and found.decks in decks and found.log in logs

    def _is_between(self, found: soundness.State) -> bool:
        """A new database without a deck; or derived tables that are there, and the decks still to be read again."""
        unread = all(not hashed for _, _, hashed in found.decks)
        return found.log == self.before.log and found.cards == () and unread

    def _goes_on(self, found: soundness.State) -> None:
        """The next run works, and everything derived is right before and after it."""
        soundness.check_derived(self.desk.home, self.desk.folder)
        again = self.desk.run(*(self.scene.again or self.scene.args), stdin=self.scene.stdin)
        last = soundness.state(self.desk.home)

        assert not again.code, again
        assert set(found.log) <= set(last.log)
        if self.scene.again is None:
            assert (len(self.after.log), self.after.cards) == (len(last.log), last.cards)
            assert self.files_after == self.desk.decks_in_home()
        soundness.check_derived(self.desk.home, self.desk.folder)
