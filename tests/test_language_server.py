"""What an editor shows of a deck, from the real yaml-language-server; skipped where there is none.

`npm install yaml-language-server` somewhere, put its `node_modules/.bin` on the path, and run this with `-m slow`.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.inside import cards

SERVER = shutil.which("yaml-language-server")
ROOT = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER is None or shutil.which("node") is None, reason="needs yaml-language-server"),
]
MODELINE = "# yaml-language-server: $schema=deck.schema.json\n"
DECK = f"""{MODELINE}deck: files
title: Files
cards:
  - id: rename
    front: Rename `draft.txt` to `final.txt`.
    answer: mv draft.txt final.txt
    tags: 3.10
    run:
      shells: [bash, fish]
      timeout: 5s
      setup:
        - file: draft.txt
          mode: 0755
      checks:
        - file_exists: final.txt
          msg: "there is no `final.txt`"
        - any: [{{absent: draft.txt}}, {{not: {{exit_code: 0}}}}]
  - cloze: Logs lie in {{{{c1::/var/log}}}}.
"""


class Editor:
    """As much of an editor as it takes: documents opened, questions asked, over the streams of a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = self.opened = 0
        assert SERVER
        self.server = subprocess.Popen([SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=CAPABILITIES)
        self.tell("initialized")
        self.tell("workspace/didChangeConfiguration", settings=SETTINGS)

    def close(self) -> None:
        """As a good guest leaves."""
        self.ask("shutdown")
        self.tell("exit")
        self.server.wait(60)
        for stream in (self.server.stdin, self.server.stdout):
            assert stream
            stream.close()

    def send(self, **message: Any) -> None:
        """One message out."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.server.stdin
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.server.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The next message in; the server's own questions are answered with nothing."""
        assert self.server.stdout
        length = 0
        while line := self.server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self.server.stdout.read(length))
        if "id" in message and "method" in message:
            asked = message["method"] == "workspace/configuration"
            sections = [SETTINGS.get(item["section"], {}) for item in message["params"]["items"]] if asked else None
            self.send(id=message["id"], result=sections)
        return message

    def tell(self, method: str, **params: Any) -> None:
        """A message without an answer."""
        self.send(method=method, params=params)

    def ask(self, method: str, **params: Any) -> Any:
        """A message and its answer."""
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while (message := self.receive()).get("id") != self.number or "method" in message:
            pass
        assert "error" not in message
        return message["result"]

    def open(self, text: str) -> str:
        """The address of a new document."""
        self.opened += 1
        uri = (self.folder / f"deck-{self.opened}.yaml").as_uri()
        self.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
        return uri

    def marks(self, text: str) -> list[tuple[int, str]]:
        """The lines that are marked, counted from 1, and why."""
        uri = self.open(text)
        while True:
            message = self.receive()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                return [(one["range"]["start"]["line"] + 1, one["message"]) for one in message["params"]["diagnostics"]]

    def completions(self, text: str) -> list[str]:
        """What is offered where `▮` stands."""
        uri, place = self.open(text.replace("▮", "")), place_of(text)
        found = self.ask("textDocument/completion", textDocument={"uri": uri}, position=place)
        return [item["label"] for item in (found["items"] if isinstance(found, dict) else found)]

    def hover(self, text: str) -> str:
        """What is shown over the place of `▮`."""
        uri, place = self.open(text.replace("▮", "")), place_of(text)
        found = self.ask("textDocument/hover", textDocument={"uri": uri}, position=place)
        return str(found["contents"]["value"])


CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True},
}
SETTINGS: dict[str, Any] = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
}


def place_of(text: str) -> dict[str, int]:
    before = text[: text.index("▮")]
    return {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor in a folder that has the schema, as `cards schema -o` writes it."""
    folder = tmp_path_factory.mktemp("decks")
    cards("schema", "-o", folder / "deck.schema.json", check=True)
    made = Editor(folder)
    yield made
    made.close()


def test_good_decks_have_no_marks(editor: Editor):
    """A small deck with a bit of everything, and those that came along."""
    assert [] == editor.marks(DECK)
    for path in sorted((ROOT / "decks").glob("*.yaml")):
        assert (path.name, []) == (path.name, editor.marks(MODELINE + path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("right", "wrong", "line", "says"),
    [
        ("title:", "titel:", 3, "Property titel is not allowed."),
        ("    front:", "    frnot:", 5, 'Missing property "front".'),
        ("    front:", "    frnot:", 6, "Property frnot is not allowed."),
        ("    tags:", "    cloze: x\n    tags:", 6, "Property front is not allowed."),
        ("  - cloze:", "  - front: f\n    cloze:", 19, "Property front is not allowed."),
        ("timeout: 5s", "timeout: 5h", 11, "1 to 120 seconds, like `60s`"),
        ("[bash, fish]", "[bash, fihs]", 10, 'Valid values: "bash", "zsh"'),
        ("          mode:", "          moed:", 14, "Property moed is not allowed."),
        ("file_exists:", "file_exits:", 16, "Property file_exits is not allowed."),
        ("          msg:", "          mgs:", 17, "Property mgs is not allowed."),
        ("{exit_code: 0}", "{exit_code: 256}", 18, "above the maximum of 255"),
    ],
)
def test_a_slip_is_marked_where_it_is(editor: Editor, right: str, wrong: str, line: int, says: str):
    """The line of the key or the value that is wrong."""
    marks = editor.marks(DECK.replace(right, wrong, 1))

    assert [text for at, text in marks if at == line and says in text]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (f"{MODELINE}deck: d\n▮", {"title", "cards", "tags", "was"}),
        (f"{MODELINE}deck: d\ncards:\n  - front: f\n    ▮", {"answer", "back", "explain", "run", "after"}),
        (DECK.replace("      timeout: 5s", "      ▮"), {"timeout", "needs", "hints"}),
        (
            DECK.replace("        - file: draft.txt\n          mode: 0755", "        - ▮"),
            {"file", "dir", "venv", "git"},
        ),
        (DECK.replace("          msg:", "          ▮:").partition("▮")[0] + "▮", {"msg", "platform"}),
        (DECK.replace("[bash, fish]", "▮"), {"bash", "zsh", "pwsh"}),
    ],
)
def test_keys_and_names_are_offered(editor: Editor, text: str, offered: set[str]):
    """Where a key is due, the keys; where one of few names is due, the names."""
    found = editor.completions(text)

    assert offered <= set(found)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("title", "what people read"),
        ("answer", "what to type; by shell or platform where it differs"),
        ("timeout", "how long the answer may take"),
        ("file_exists", "these are files"),
        ("msg", "what to say when it does not hold"),
        ("cloze", "a text with gaps: `{{c1::hidden}}`"),
    ],
)
def test_a_key_says_what_it_is_for(editor: Editor, key: str, says: str):
    """The text of the field table, where the pointer rests on the key."""
    found = editor.hover(DECK.replace(f"{key}:", f"{key[:2]}▮{key[2:]}:", 1))

    assert says in found
