"""The report as a file: what it holds, what it cannot run, what it does not tell. tests/ui/test_report_browser.py looks at it."""

import json
import os
import re
import sys
from base64 import b64encode
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cli.inside import cards
from ui.report_pages import ATTACK, BIDI, SECRETS, attacked, counted, html, ten_years

import flashcards.ui.report
from flashcards.app.statistics import Statistics
from flashcards.stats import DayCount

REPORT = Path(flashcards.ui.report.__file__).parent
PLOT = "2f4ff58a0a61fb9cd73073bd1e8cceb2d417bba99bd2ed91a51825af1b46ef41"
"""Of plot.bundle.js, as tools/report/build.mjs prints it."""
CHARTS = {"days", "retention", "due", "intervals", "ease", "hours", "weekdays"}


class Read(HTMLParser):
    """A page taken apart: elements with their attributes, text, and what stands in scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self._in = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._in = tag
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        if self._in in self.raw:
            self.raw[self._in][-1] += data
        else:
            self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def numbers(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Statistics:
    """Of a home whose texts attack."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+00:00")
    return attacked(tmp_path)


def test_texts_stay_texts(numbers: Statistics):
    """What a deck or a person wrote is shown as it is, without marks that turn it round, and starts no element."""
    found = Read(html(numbers))

    assert 3 == len(found.raw["script"])
    assert not found.all("img")
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]
    for text in (f"hush front {ATTACK}", f"Hush title {ATTACK}", f"hush typed {ATTACK}", "code"):
        assert text in found.text
    assert not {sign for sign in BIDI if not sign.isprintable()} & set(found.text)


def test_nothing_but_its_own_scripts_and_styles_may_run(numbers: Statistics):
    """The policy names the hash of each script and style, allows no others, and no element loads anything."""
    page = html(numbers)
    found = Read(page)
    (policy,) = [one["content"] for one in found.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    data, *scripts = found.raw["script"]

    def hashes(texts: list[str]) -> set[str]:
        return {f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts}

    assert "'none'" == allowed["default-src"] == allowed["base-uri"] == allowed["form-action"]
    assert hashes(scripts) == set(allowed["script-src"].split())
    assert hashes(found.raw["style"]) < set(allowed["style-src"].split())
    assert "unsafe" not in policy
    assert json.loads(data)
    assert "<" not in data
    assert not [
        one for tag, one in found.elements if "src" in one or "style" in one or (tag != "link" and "href" in one)
    ]
    own = page.replace((REPORT / "plot.bundle.js").read_text("utf-8"), "")
    assert {"http://www.w3.org/2000/svg"} == set(re.findall(r"https?://[\w./]+", own))
    assert not re.findall(r"@import|url\(", own)


def test_every_chart_has_its_numbers(numbers: Statistics):
    """A table stands behind each chart, for eyes and ears that a picture does not reach, and without scripts."""
    found = Read(html(numbers))

    assert CHARTS == {one["data-chart"] for one in found.all("div") if "data-chart" in one}
    assert len(CHARTS) == len(found.all("details"))
    assert {f"{name}-title" for name in CHARTS} == {one["aria-labelledby"] for one in found.all("figure")}
    for row in ("Fri 20 Nov 2026", "12:00", "Friday", "1.3 to 1.5"):
        assert row in found.text


def test_a_report_for_others_has_no_names(numbers: Statistics):
    """Redacted, no text of a card, no typed answer, no id and no tag is left, and the page says so."""
    narrowed = numbers._replace(within=numbers.within._replace(decks=("hush-deck",), tags=("hush-tag",)))
    told, page = html(narrowed), html(narrowed, redact=True)

    assert [] == [secret for secret in SECRETS if secret not in told]
    assert [] == [secret for secret in (*SECRETS, "hush", "pwned", "onerror") if secret in page]
    assert "Made for sharing" in page
    assert "deck 1" in page


def test_before_the_first_review_there_is_nothing_to_draw(home: Path):
    """No history, no charts: the titles say so."""
    found = Read(html(counted()))

    assert [] == [one for one in found.all("div") if "data-chart" in one]
    for title in ("No reviews yet", "No card was seen a second time yet", "Nothing is due in the next 30 days"):
        assert title in found.text


def test_ten_years_are_a_small_file(numbers: Statistics):
    """Under 600 KB, and the line of retention has few enough points to be read."""
    page = html(ten_years(numbers))
    data = json.loads(Read(page).raw["script"][0])

    assert len(page.encode()) < 600_000
    assert 3653 == len(data["days"]["reviews"])
    assert ("month", 121) == (data["retention"]["step"], len(data["retention"]["points"]))


def test_a_clock_that_was_far_off_makes_no_endless_page(numbers: Statistics):
    """A day of long ago and one of the far future are counted, but the days between are not drawn."""
    done = DayCount(reviews=1, right=1, new=1)
    far = numbers._replace(days={date(1, 1, 3): done, **numbers.days, date(9999, 12, 30): done})
    page = html(far)

    assert len(page.encode()) < 600_000
    assert "Reviews on 5 of the last 365 days" in Read(page).text


def test_the_headline_is_of_the_days_that_were_asked_about(numbers: Statistics):
    """What lies outside of them is not called none."""
    day = max(numbers.days)
    within = numbers.within._replace(since=day, until=day)
    few = Read(html(numbers._replace(within=within, days={day: numbers.days[day]}, total=numbers.days[day])))

    assert "Reviews, these days" in few.text
    assert "30 days before" not in few.text
    assert "Reviews on 1 day" in few.text
    assert "No reviews on these days" in Read(html(numbers._replace(within=within, days={}, total=DayCount()))).text


def test_the_library_of_charts_is_the_one_that_was_built():
    """The bundle is not edited by hand, and carries its licences."""
    bundle = (REPORT / "plot.bundle.js").read_bytes()

    assert PLOT == sha256(bundle).hexdigest()
    for name in (b"@observablehq/plot", b"d3-scale", b"internmap", b"ISC", b"ColorBrewer"):
        assert name in bundle[:8000]


# ---------------------------------------------------------------- the command


def test_the_command_writes_the_page(numbers: Statistics, tmp_path: Path):
    """`--html` writes a file or to standard output, for the decks and days that were asked for."""
    file = tmp_path / "progress.html"

    told = cards("stats", "--html", file, "-d", "hush-deck", "--since", "2026-11-14", check=True)
    piped = cards("stats", "--html", "-", "--redact", check=True)

    assert ("", f"open {file} in a browser\n") == (told.out, " ".join(told.err.split()) + "\n")
    assert "since Sat 14 Nov 2026" in file.read_text("utf-8")
    assert piped.out.startswith("<!doctype html>")
    assert "hush" not in piped.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--open"], "--open and --redact are for a page"),
        (["--redact"], "--open and --redact are for a page"),
        (["--html", "-", "--open"], "--open needs a file"),
        (["--html", "x.html", "--json"], "--html and --json exclude each other"),
        (["--html", "x.html", "--plain"], "--html and --plain exclude each other"),
    ],
)
def test_options_that_make_no_sense_together(home: Path, arguments: list[str], message: str):
    """They are refused before anything is counted or written."""
    ran = cards("stats", *arguments)

    assert 2 == ran.code
    assert message in ran.err
    assert not home.exists()


def test_a_page_that_cannot_be_written(home: Path, tmp_path: Path):
    """One line says why, and no half page is left."""
    ran = cards("stats", "--html", tmp_path / "no" / "x.html")

    assert 1 == ran.code
    assert "cannot write" in ran.err
    assert not (tmp_path / "no").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other openers")
def test_open_shows_the_file_in_the_browser(run, tmp_path: Path):
    """`--open` hands the absolute path, and only that, to the person's browser."""
    opener, told, page = tmp_path / "bin" / "xdg-open", tmp_path / "told", tmp_path / "x.html"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" > {told}\n', encoding="utf-8")
    opener.chmod(0o755)

    run("stats", "--html", page, "--open", env={"PATH": f"{opener.parent}:{os.environ['PATH']}"}, check=True)

    assert ["1", str(page)] == told.read_text("utf-8").splitlines()
