"""Which platform and shell the person is on, in the words of the deck format."""

import os
import sys

from flashcards.model import SHELLS


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
