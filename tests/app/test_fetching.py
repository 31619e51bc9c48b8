"""Decks from standard input and from an address: found out what they are, bounded, and refused where it is not safe."""

import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import pytest
from cli.inside import cards, progress

from flashcards.app.importing import fetching, spooling
from flashcards.app.importing.spooling import sniffed

DECK = b"deck: far\ncards: [{id: a, front: f, back: b}]\n"
MOVED = {
    "/moved": "/deck.yaml",
    "/plain": "http://localhost/deck.yaml",
    "/file": "file:///etc/passwd",
    "/round": "/round",
}


class Server(BaseHTTPRequestHandler):
    """Serves a deck, a table, redirects and what has no end."""

    def do_GET(self) -> None:
        if self.path in MOVED:
            self.send_response(302)
            self.send_header("Location", MOVED[self.path])
            self.end_headers()
            return
        body = {"/deck.yaml": DECK, "/table": b"front,back\nhola,hello\n", "/torn.yaml": DECK}.get(self.path)
        self.send_response(404 if body is None and self.path != "/endless.yaml" else 200)
        self.send_header("Content-Type", "text/csv; charset=utf-8" if self.path == "/table" else "text/plain")
        if self.path == "/torn.yaml":
            self.send_header("Content-Length", str(len(DECK) + 9))
        self.end_headers()
        self.wfile.write(body or b"x" * (3000 if self.path == "/endless.yaml" else 0))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (as the standard library has it)
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody signed, for this machine."""
    if which("openssl") is None:
        pytest.skip("needs openssl, to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "9",
    ]
    command += [
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def server(home: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server that this process trusts."""
    for name in [*os.environ]:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server = ThreadingHTTPServer(("localhost", 0), Server)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/deck.yaml", "/moved"])
def test_a_deck_comes_from_an_address(server: str, home: Path, path: str):
    """It gets a file in the home with its text, under a first line that says where it came from; twice is once."""
    out = cards("import", server + path, check=True).out
    file = (home / "decks" / "far.yaml").read_bytes()

    assert f"{server}{path}  far: 1 new\n" == out
    assert file.startswith(f"# Made by `cards import` from {server}{path}; ".encode())
    assert file.endswith(DECK)
    assert "no change" in cards("import", server + path, check=True).out


def test_the_server_says_what_a_table_is(server: str):
    """Where the address has no ending; the deck is called as the address ends."""
    cards("import", f"{server}/table", check=True)

    assert ["table/hola"] == [*progress()][:1]


@pytest.mark.parametrize(
    ("path", "words"),
    [("/plain", "which is not https"), ("/file", "cannot fetch"), ("/round", "cannot fetch"), ("/gone.yaml", "says 404"),
     ("/torn.yaml", "broke off"), ("/endless.yaml", "has more than")],
)  # fmt: skip
def test_what_a_server_does_wrong_is_one_clear_error(
    server: str, home: Path, path: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    """Redirects elsewhere, circles, nothing there, cut short, too much: nothing is taken in."""
    monkeypatch.setattr(spooling, "MOST_BYTES", 2000)
    refused = cards("import", server + path)

    assert (True, True, {}) == (refused.code in {1, 2}, words in refused.err, progress()), refused
    assert "Traceback" not in refused.err
    assert "hint:" in refused.err


def test_a_server_that_nobody_vouches_for_is_refused(server: str, monkeypatch: pytest.MonkeyPatch):
    """The certificate is checked."""
    monkeypatch.delenv("SSL_CERT_FILE")
    refused = cards("import", f"{server}/deck.yaml")

    assert (1, True) == (refused.code, "its certificate is not trusted" in refused.err)


@pytest.mark.parametrize(
    ("address", "words"),
    [("http://localhost/x.yaml", "use https://localhost/x.yaml"), ("ftp://localhost/x", "not https"),
     ("file:///etc/passwd", "not https"), ("https://me:secret@localhost/x", "with a password"), ("https:///x", "no address"),
     ("https://[x/", "no address"), ("https://localhost:1/x.yaml", "cannot fetch")],
)  # fmt: skip
def test_an_address_that_is_not_safe_is_refused(home: Path, address: str, words: str, monkeypatch: pytest.MonkeyPatch):
    """With the cure where there is one; a password is not shown again."""
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    refused = cards("import", address)

    assert (True, True) == (refused.code in {1, 2}, words in refused.err), refused
    assert "secret" not in refused.err


def test_a_fetch_has_an_end(server: str, home: Path, monkeypatch: pytest.MonkeyPatch):
    """What takes too long is given up."""
    monkeypatch.setattr(fetching, "SECONDS", -1)

    assert "takes longer than" in cards("import", f"{server}/deck.yaml").err


# ---------------------------------------------------------------- standard input


@pytest.mark.parametrize(
    ("start", "form"),
    [
        (DECK, "yaml"), (b"# a comment\n\ncards:\n", "yaml"), (b"\xef\xbb\xbffront,back\n", "csv"), (b"a;b\n", "csv"),
        (b"a\tb\n", "tsv"), (b"#separator:tab\n", "csv"), (b"# Verbs\n\nhablar :: to speak\n", "markdown"),
        (b"Q: What?\nA: that\n", "markdown"), (b'{"v":1}\n', "jsonl"), (b"PK\x03\x04", "anki"),
        (b"SQLite format 3\x00", "anki"), (b"word\n", ""), (b"\x00\x01", ""), (b"", ""),
    ],
)  # fmt: skip
def test_the_start_says_what_it_is(start: bytes, form: str):
    """Only what is sure is taken for something."""
    assert form == sniffed(start)


@pytest.mark.parametrize(
    ("text", "options", "found"),
    [
        (DECK.decode(), (), "far/a"), ("front,back\nhola,hello\n", ("--deck", "es"), "es/hola"),
        ("hola\thello\n", ("--format", "tsv", "--columns", "front,back", "--deck", "es"), "es/hola"),
        ("Q: hola\nA: hello\n", ("--deck", "es"), "es/hola"),
    ],
)  # fmt: skip
def test_standard_input_is_taken_in(home: Path, text: str, options: tuple[str, ...], found: str):
    """A deck, a table, notes: each gets its file in the home."""
    cards("import", "-", *options, stdin=text, check=True)

    assert [found] == [*progress()]
    assert (home / "decks" / f"{found.partition('/')[0]}.yaml").is_file()


def test_a_deck_with_the_line_ends_of_windows_keeps_them(home: Path):
    """The line above it has them too, and so has what is written into it."""
    cards("import", "-", stdin="deck: d\r\ncards:\r\n- {front: a, back: b}\r\n", check=True)
    cards("new", "d", "--front", "c", "--back", "d", check=True)
    written = (home / "decks" / "d.yaml").read_bytes()

    assert (7, 7) == (written.count(b"\n"), written.count(b"\r\n"))


def test_a_log_comes_through_standard_input(home: Path, deck_file):
    """`cards export log | cards import -` merges."""
    cards("import", deck_file(DECK.decode()), check=True)
    out = cards("import", "-", stdin='{"card":"far/a","grade":4,"at":"2026-11-21T12:00:00Z"}\n', check=True).out

    assert ("standard input  1 event, 1 new\n", 1) == (out, progress()["far/a"]["reviews"])


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", 2, "is empty"),
        ("what?\n", 6, "--format"),
        ("deck: d\ncards: [{id: a}]\n", 3, "standard input:2"),
        ("x" * 3000, 2, "MB"),
    ],
)
def test_standard_input_that_is_none_is_refused(
    home: Path, text: str, code: int, words: str, monkeypatch: pytest.MonkeyPatch
):
    """Nothing, nothing known, faults, too much: told with the cure, and nothing is there afterwards."""
    monkeypatch.setattr(spooling, "MOST_BYTES", 2000)
    refused = cards("import", "-", stdin=text)

    assert (code, True) == (refused.code, words in refused.err), refused
    assert not (home / "decks").exists()


def test_a_folder_gives_notes_and_packages_but_no_tables(home: Path, tmp_path: Path):
    """Notes without a card are passed over in silence; a table that is named is taken."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "diary.md").write_text("Today it rained.\n")
    (folder / "spanish.md").write_text("hola :: hello\n")
    (folder / "table.csv").write_text("front,back\na,b\n")
    out = cards("import", folder, check=True).out

    assert 1 == len(out.splitlines())
    assert {"spanish"} == {name.partition("/")[0] for name in progress()}
    cards("import", folder / "table.csv", check=True)
    assert "table/a" in progress()
