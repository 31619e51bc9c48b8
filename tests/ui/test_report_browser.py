"""The report in a real browser: it draws, obeys, fits, is legible for everyone, and runs nothing that was smuggled in."""

import re
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import pytest
from ui.report_pages import attacked, counted, html, ten_years

from flashcards.model import CardId

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER or find_spec("playwright") is None, reason="needs chromium and the extra `browser`"),
]
WIDTHS = (360, 800, 1400)
NAMES = ("years", "attacked", "empty", "redacted", "long")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of ten years, of hostile texts, of nothing, one for others, and of names without an end."""
    folder = tmp_path_factory.mktemp("report")
    now = {"CARDS_NOW": "2026-11-22T18:00:00+00:00"}
    with patch.dict("os.environ", {**now, "CARDS_HOME": str(folder / "empty")}):
        empty = html(counted())
    with patch.dict("os.environ", {**now, "CARDS_HOME": str(folder / "home")}):
        numbers = attacked(folder)
    name = CardId(f"{'d' * 80}/{'c' * 80}")
    long = numbers._replace(
        decks=tuple(deck._replace(deck="d" * 80) for deck in numbers.decks),
        hardest=tuple(hard._replace(card=name, front="f" * 200) for hard in numbers.hardest),
        mistakes=tuple(mistake._replace(card=name) for mistake in numbers.mistakes),
    )
    pages = (html(ten_years(numbers)), html(numbers), empty, html(numbers, redact=True), html(long))
    for name, page in zip(NAMES, pages, strict=True):
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in NAMES}


@pytest.fixture(scope="module")
def chrome() -> Iterator:
    """One Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def show(chrome, files) -> Iterator[Callable]:
    """`show("years", width=800)` opens a page; what it logged is in `.logged`, and must be nothing in the end."""
    open_ = []

    def show(page: str, *, width: int = 1400, **options):
        context = chrome.new_context(viewport={"width": width, "height": 900}, **options)
        tab = context.new_page()
        tab.logged = []
        tab.on("console", lambda message: tab.logged.append(message.text))
        tab.on("pageerror", lambda error: tab.logged.append(str(error)))
        tab.on("request", lambda one: None if one.url.startswith(("file:", "data:")) else tab.logged.append(one.url))
        tab.goto(files[page].as_uri())
        open_.append(context)
        return tab

    yield show
    for context in open_:
        context.close()


@pytest.mark.parametrize("page", NAMES)
def test_pages_draw_in_silence_and_fit(show, page: str):
    """No error, no request, nothing run that was smuggled in, and nothing wider than the screen, at any width."""
    tab = show(page)

    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.wait_for_function(
            "[...document.querySelectorAll('[data-chart]')].every("
            "one => one.querySelector('svg') && one.querySelector('svg').clientWidth <= one.clientWidth)"
        )
        assert width == tab.evaluate("document.documentElement.scrollWidth")
    assert re.match("Progress report", tab.title())
    assert [] == tab.logged


@pytest.mark.parametrize(("page", "theme"), [("years", "light"), ("attacked", "dark"), ("empty", "light")])
def test_everyone_can_read_it(show, page: str, theme: str):
    """axe-core finds no violation, in light and dark, with all numbers shown."""
    from axe_playwright_python.sync_playwright import Axe

    tab = show(page, color_scheme=theme)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    tab.evaluate("document.querySelectorAll('.scroll tbody tr:nth-child(n + 4)').forEach(one => one.remove())")

    found = Axe().run(tab)

    assert 0 == found.violations_count, found.generate_report()


def test_numbers_appear_under_the_pointer_and_under_the_arrow_keys(show):
    """A tooltip tells the number; the keys read the same, aloud too, and leave with Escape."""
    tab = show("years")
    chart = tab.locator("[data-chart=retention]")
    svg = chart.locator("svg")
    box = svg.bounding_box()

    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert "95 % interval" in svg.text_content()
    tab.mouse.move(0, 0)
    assert "95 % interval" not in svg.text_content()

    chart.focus()
    tab.keyboard.press("ArrowLeft")
    assert "Nov 2026" in svg.text_content()
    assert re.match(r"Nov 2026, \d+ % of", tab.locator("#said").text_content())
    tab.keyboard.press("Home")
    assert "Nov 2016" in svg.text_content()
    tab.keyboard.press("Escape")
    assert "Nov 2016" not in svg.text_content()


def test_another_year_and_a_longer_forecast_can_be_chosen(show):
    """The heat map shows any year of ten, the forecast 30, 90 or 365 days."""
    tab = show("years")
    days, due = (tab.locator(f"[data-chart={name}]") for name in ("days", "due"))

    tab.locator("select").select_option("2017")
    days.focus()
    tab.keyboard.press("End")
    assert "Sun 31 Dec 2017" in days.text_content()

    due.focus()
    tab.keyboard.press("End")
    assert "Mon 21 Dec 2026" in due.text_content()
    tab.get_by_role("button", name="1 year").click()
    due.focus()
    tab.keyboard.press("End")
    assert "week from Sun 14 Nov 2027" in due.text_content()
    assert [] == tab.logged


def test_the_theme_follows_the_system_until_it_is_chosen(show):
    """Light or dark is the system's, then the person's, and remembered where that is allowed."""
    tab = show("attacked", color_scheme="dark")

    def ground() -> str:
        return tab.evaluate("getComputedStyle(document.body).backgroundColor")

    dark = ground()
    tab.get_by_role("button", name="Light").click()
    light = ground()
    tab.reload()

    assert dark != light == ground()
    tab.get_by_role("button", name="Auto").click()
    assert dark == ground()
    tab.emulate_media(media="print")
    assert light != dark


def test_without_storage_the_theme_can_be_switched_all_the_same(show):
    """A browser that forbids storage keeps the choice for this visit."""
    tab = show("attacked", color_scheme="dark")
    tab.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden') }})")
    tab.reload()

    tab.get_by_role("button", name="Light").click()

    assert "light" == tab.evaluate("document.documentElement.dataset.theme")
    assert [] == tab.logged


def test_a_smuggled_script_is_stopped_by_the_policy(show, files, tmp_path: Path):
    """Were a text ever to become a script, the browser would not run it."""
    spoilt = (
        files["attacked"].read_text("utf-8").replace("<main>", "<main><script>document.title = 'pwned'</script>", 1)
    )
    file = tmp_path / "spoilt.html"
    file.write_text(spoilt, encoding="utf-8")
    tab = show("attacked")

    tab.goto(file.as_uri())

    assert "pwned" != tab.title()
    assert re.search("Content Security Policy", " ".join(tab.logged))


def test_without_scripts_the_numbers_are_there(show):
    """A browser that runs no scripts says so, and opens the tables."""
    tab = show("attacked", java_script_enabled=False)

    assert "The chart needs JavaScript, the numbers do not." in tab.content()
    tab.locator("summary").first.click()
    assert tab.get_by_text("Nov 2026", exact=True).first.is_visible()


def test_on_paper_it_is_light_and_whole(show):
    """A dark screen prints dark ink on white, without switches."""
    tab = show("years", color_scheme="dark")

    tab.emulate_media(media="print")

    assert "light" == tab.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert not tab.locator("#theme").is_visible()
    assert len(tab.pdf()) > 10_000
