"""Where things lie: database, settings, the decks that came with the program.

Paths are text here and in the store, and os.path handles them: pathlib brings
urllib and ipaddress along, 3 ms before the first question.
"""

import os
import sys
from typing import NamedTuple

BUNDLED = "bundled:"
"""How the path of a deck that came with the program begins; it survives a move of the program."""
FIRST_DECK = "venv"
"""The deck that came along for the first sitting."""


class Places(NamedTuple):
    """The files of one person."""

    database: str
    config: str

    @property
    def home(self) -> str:
        """The folder of the database, and of what lies beside it."""
        return os.path.dirname(self.database)

    @property
    def decks(self) -> str:
        """The decks that came from something that is no deck file: text always has a file."""
        return os.path.join(self.home, "decks")

    @property
    def backups(self) -> str:
        """What can be gone back to: the folder beside the database."""
        return os.path.join(self.home, "backups")

    def backup_of(self, day: str) -> str:
        """The backup of a day, `2026-11-29`."""
        return os.path.join(self.backups, f"cards-{day}.db.gz")

    @property
    def trust(self) -> str:
        """What a person allowed to run on this machine; it lies beside the database and never travels."""
        return os.path.join(self.home, "trust.json")


def places() -> Places:
    """`CARDS_HOME`, or the platform's data and config folders."""
    home = os.environ.get("CARDS_HOME")
    if home:
        folder = os.path.abspath(os.path.expanduser(home))
        return Places(database=os.path.join(folder, "cards.db"), config=os.path.join(folder, "config.toml"))
    data, config = _xdg() if sys.platform.startswith("linux") else _platform()
    return Places(database=os.path.join(data, "cards", "cards.db"), config=os.path.join(config, "cards", "config.toml"))


def config_folder() -> str:
    """Where all programs of a person on Linux keep their settings."""
    return _xdg()[1]


def _xdg() -> tuple[str, str]:
    """The XDG base directories by hand: platformdirs costs 10 ms before the first question."""
    data, config = (os.environ.get(name, "") for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"))
    return (
        data if os.path.isabs(data) else os.path.expanduser("~/.local/share"),
        config if os.path.isabs(config) else os.path.expanduser("~/.config"),
    )


def _platform() -> tuple[str, str]:
    from platformdirs import user_config_dir, user_data_dir

    return user_data_dir(), user_config_dir()


def bundled_names() -> list[str]:
    """The decks that came with the program, the first one to offer in front."""
    names = [name.removesuffix(".yaml") for name in os.listdir(_bundled_folder()) if name.endswith(".yaml")]
    return sorted(names, key=lambda name: (name != FIRST_DECK, name))


def bundled_deck(name: str) -> str:
    """The file of a deck that came with the program."""
    return os.path.join(_bundled_folder(), f"{name}.yaml")


def stored_path(path: str) -> str:
    """A path as the store keeps it."""
    folder, name = os.path.split(os.path.abspath(path))
    return f"{BUNDLED}{name}" if folder == _bundled_folder() else os.path.join(folder, name)


def real_path(stored: str) -> str:
    """The path behind `stored_path`."""
    return os.path.join(_bundled_folder(), stored.removeprefix(BUNDLED)) if stored.startswith(BUNDLED) else stored


def _bundled_folder() -> str:
    """Inside the wheel, or beside the package in a checkout."""
    package = os.path.dirname(os.path.realpath(__file__))
    inside = os.path.join(package, "decks")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "decks")
