"""What travels: the wheel and the source archive hold all that the program needs."""

import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from importlib.util import find_spec
from pathlib import Path

import pytest

import flashcards

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("hatchling") is None, reason="needs hatchling, of the extra `lint`"),
]

ROOT = Path(__file__).parents[1]
VERSION = flashcards.__version__
REPORT = ("page.html.jinja", "plot.bundle.js", "report.css", "report.js")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, built offline."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(archives: Path) -> zipfile.ZipFile:
    """The wheel, open for reading."""
    return zipfile.ZipFile(archives / f"cards_review-{VERSION}-py3-none-any.whl")


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    """What the wheel says about itself."""
    return message_from_bytes(wheel.read(f"cards_review-{VERSION}.dist-info/METADATA"))


def test_the_wheel_holds_every_module_and_every_deck(wheel: zipfile.ZipFile) -> None:
    """What stands in `flashcards/` and in `decks/` is installed, and nothing else beside the metadata."""
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "flashcards").rglob("*.py")}
    beside = (path for path in (ROOT / "decks").rglob("*") if path.is_file())
    decks = {f"flashcards/{path.relative_to(ROOT).as_posix()}" for path in beside}

    installed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    report = {f"flashcards/ui/report/{name}" for name in REPORT}

    assert modules | decks | report | {"flashcards/py.typed"} == installed
    assert "flashcards/decks/venv.yaml" in installed


def test_the_wheel_carries_licence_and_command(wheel: zipfile.ZipFile) -> None:
    """The licence travels, and `cards` starts the program."""
    info = f"cards_review-{VERSION}.dist-info"

    assert (ROOT / "LICENSE").read_bytes() == wheel.read(f"{info}/licenses/LICENSE")
    assert "cards = flashcards.__main__:main" in wheel.read(f"{info}/entry_points.txt").decode().splitlines()


def test_the_metadata_names_the_program(metadata: Message) -> None:
    """The distribution is `cards-review`, of the version that the package says."""
    assert ("cards-review", VERSION) == (metadata["Name"], metadata["Version"])


def test_people_install_no_tools_of_developers(metadata: Message) -> None:
    """Test and lint tools come with an extra only."""
    needed = {line.split(">")[0] for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line}

    daily = {"click", "platformdirs", "prompt-toolkit", "pyyaml", "rich", "sqlite-utils"}
    for_anki = {"html-to-markdown", "markdown-it-py", "zstandard"}
    assert daily | for_anki | {"icalendar", "jinja2"} == needed


def test_the_source_archive_can_be_built_and_tested(archives: Path) -> None:
    """The source archive holds the package, the decks, the tests and the licence."""
    with tarfile.open(archives / f"cards_review-{VERSION}.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {
        "LICENSE",
        "README.md",
        "decks/venv.yaml",
        "flashcards/__init__.py",
        "flashcards/py.typed",
        "pyproject.toml",
        "tests/conftest.py",
    } <= names
