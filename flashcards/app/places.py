"""Where things lie: database, settings, the decks that came with the program."""

import os
import sys
from pathlib import Path
from typing import NamedTuple

BUNDLED = "bundled:"
"""How the path of a deck that came with the program begins; it survives a move of the program."""


class Places(NamedTuple):
    """The files of one person."""

    database: Path
    config: Path


def places() -> Places:
    """`CARDS_HOME`, or the platform's data and config folders."""
    home = os.environ.get("CARDS_HOME")
    if home:
        folder = Path(home).expanduser().absolute()
        return Places(database=folder / "cards.db", config=folder / "config.toml")
    data, config = _xdg() if sys.platform.startswith("linux") else _platform()
    return Places(database=data / "cards" / "cards.db", config=config / "cards" / "config.toml")


def _xdg() -> tuple[Path, Path]:
    """The XDG base directories by hand: platformdirs costs 10 ms before the first question."""
    home = Path.home()
    chosen = [os.environ.get(name, "") for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")]
    data, config = (Path(path) if path.startswith("/") else None for path in chosen)
    return data or home / ".local" / "share", config or home / ".config"


def _platform() -> tuple[Path, Path]:
    from platformdirs import user_config_path, user_data_path

    return user_data_path(), user_config_path()


def bundled_decks() -> list[Path]:
    """The decks that came with the program."""
    return sorted(_bundled_folder().glob("*.yaml"))


def stored_path(path: Path) -> str:
    """A path as the store keeps it."""
    path = path.absolute()
    return f"{BUNDLED}{path.name}" if path.parent == _bundled_folder() else str(path)


def real_path(stored: str) -> Path:
    """The path behind `stored_path`."""
    return _bundled_folder() / stored.removeprefix(BUNDLED) if stored.startswith(BUNDLED) else Path(stored)


def _bundled_folder() -> Path:
    """Inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "decks"
    return inside if inside.is_dir() else package.parent / "decks"
