"""Draws the pictures of the report in docs/screens with a headless Chromium: `python tools/report/screens.py`.

The same seed and the same frozen evening make the same page. It needs the
extra `browser`, a `chromium` and, for small files, `pngquant`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(TOP), str(HERE)]
os.environ["CARDS_NOW"] = "2026-11-28T21:30:00+00:00"

from learner import live  # noqa: E402  (the clock is set first)
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from flashcards.app import App  # noqa: E402
from flashcards.app.statistics import statistics  # noqa: E402
from flashcards.ui.report import page  # noqa: E402

LONGEST = 4000
"""Pixels of a picture's height: on a phone the page goes on."""
COLOURS = 32


class Picture(NamedTuple):
    """One file."""

    width: int
    theme: Literal["light", "dark"]

    @property
    def name(self) -> str:
        """Of the file."""
        return f"report-{self.width}-{self.theme}.png"


PICTURES = tuple(Picture(width, theme) for width in (360, 800, 1400) for theme in ("light", "dark"))


def html() -> str:
    """The page of the made-up learner."""
    with TemporaryDirectory() as home:
        os.environ["CARDS_HOME"] = home
        app = App()
        try:
            live(app, Path(home))
            return "".join(page(statistics(app)))
        finally:
            app.close()


def draw(chrome: Browser, address: str, picture: Picture, target: Path) -> None:
    """One picture of the whole page, or of as much as a picture holds."""
    tab = chrome.new_page(viewport={"width": picture.width, "height": 900}, color_scheme=picture.theme)
    tab.goto(address)
    height = min(LONGEST, tab.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": picture.width, "height": height}
    tab.screenshot(path=target, full_page=True, clip=clip)
    tab.close()
    if shutil.which("pngquant"):
        subprocess.run(
            ["pngquant", "--force", "--nofs", "--speed=1", "--ext=.png", str(COLOURS), "--", target], check=False
        )


def main(folder: Path) -> None:
    """All pictures."""
    with TemporaryDirectory() as room, sync_playwright() as play:
        file = Path(room) / "progress.html"
        file.write_text(html(), encoding="utf-8")
        if len(sys.argv) > 1:
            shutil.copy(file, folder)
        chrome = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture in PICTURES:
            draw(chrome, file.as_uri(), picture, folder / picture.name)
        chrome.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "docs" / "screens")
