"""Which platform and shell the person is on, in the words of the deck format."""

import os
import sys
from collections.abc import Sequence

from flashcards.model import SHELLS

RUNNABLE = ("bash", "zsh", "sh", "fish")
"""The shells in which commands can be run; `verify.shells` knows how."""


def here() -> str:
    """`linux`, `macos` or `windows`; other Unixes count as linux. `CARDS_PLATFORM` overrides it."""
    chosen = os.environ.get("CARDS_PLATFORM")
    if chosen:
        return chosen
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")


def shell() -> str:
    """The person's own shell if the deck format knows it, else the platform's usual one."""
    name = os.path.basename(os.environ.get("SHELL", "")).removesuffix(".exe")
    name = {"dash": "sh", "ksh": "sh"}.get(name, name)
    return name if name in SHELLS else ("pwsh" if here() == "windows" else "bash")


def shell_of(shells: Sequence[str], own: str) -> str:
    """The shell for a card that is meant for some: the person's own, else the first installed, else the first."""
    if not shells or (own in shells and is_installed(own)):
        return own
    return next((name for name in shells if is_installed(name)), shells[0])


def is_installed(name: str) -> bool:
    """Whether `PATH` leads to a program of this name; nothing is started."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders)
