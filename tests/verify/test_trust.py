"""What of a card is executable: whose code it is, what of it is hashed, what is shown of it."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import times

from flashcards.formats.fields import BESIDE, TABLES, Field
from flashcards.model import Card, CardId
from flashcards.verify import trust
from flashcards.verify.shipped import SHIPPED

ROOT = Path(__file__).parents[2]
ASSETS = {"data.txt": b"one\n"}
ABSENT: dict[str, Any] = {"absent": ["x"]}
CODE: dict[str, Any] = {"python": {"expr": "True"}}


def card(run: Mapping[str, Any] | None = None, **fields: Any) -> Card:
    """A typed card; without `run` it is only compared."""
    given = {"deck": "d", "kind": "typed", "front": "f", "answer": {"": "true"}} | fields
    return Card(id=CardId("d/a"), note=CardId("d/a"), run=run, **given)


def runs(*checks: Mapping[str, Any], setup: tuple[Mapping[str, Any], ...] = (), **fields: Any) -> Card:
    """A card with these checks and this setup."""
    return card({"setup": list(setup), "checks": list(checks or [ABSENT]), **fields})


def digest(one: Card, assets: Mapping[str, bytes] = ASSETS) -> str:
    return trust.digest(trust.executable(one, assets))


def lines(one: Card, assets: Mapping[str, bytes] = ASSETS) -> list[str]:
    return [f"{kind} {text}" for kind, text in trust.lines(trust.executable(one, assets))]


# ---------------------------------------------------------------- whose code


@pytest.mark.parametrize(
    "harmless",
    [
        card(),
        runs(),
        runs(setup=({"dir": "a"}, {"file": "a/b", "content": "rm -rf ~", "mode": "0755"}, {"copy": "x", "to": "y"})),
        runs({"is_venv": ["venv"]}, setup=({"venv": "venv"}, {"activate": "venv"}, {"dir": "venvs/a"})),
        runs(setup=({"git": ".", "branch": "b", "commit": "m"}, {"file": ".gitignore"})),
        runs({"any": [{"file_exists": ["a"]}, {"not": ABSENT}]}, {"stdout": {"contains": ["run"]}}),
        runs({"env_equals": {"script": "x", "run": "y"}}),
        runs(needs=["git", "python3 -m venv", "g++", "python3.11"]),
        card({"checks": [ABSENT], "hints": [{"when": {"answer": "x"}, "say": "script"}]}),
    ],
    ids=lambda one: repr(one.run),
)
def test_what_a_deck_declares_is_no_code(harmless: Card):
    """Our own steps and checks run nothing of the deck's."""
    assert not trust.code(harmless)


@pytest.mark.parametrize(
    "own",
    [
        runs(setup=({"script": {"": "touch x"}},)),
        runs(CODE),
        runs({"run": {"argv": ["ls"]}}),
        runs({"script": {"": "true"}}),
        runs({"any": [ABSENT, CODE]}),
        runs({"all": [{"not": {"any": [CODE]}}]}),
        runs({"not": {"not": CODE}}),
    ],
    ids=lambda one: repr(one.run),
)
def test_what_a_deck_executes_is_code(own: Card):
    """Setup lines and three kinds of checks, however deep they stand."""
    assert 1 == trust.commands(own)


@pytest.mark.parametrize(
    "setup",
    [
        ({"file": "v/bin/activate"}, {"activate": "v"}),
        ({"activate": "./v/"}, {"file": "V//bin/./activate"}),
        ({"file": "bin/activate"}, {"activate": "."}),
        ({"copy": "evil.sh", "to": "v/bin/activate"}, {"activate": "v"}),
        ({"copy": "v/bin/activate"}, {"activate": "v"}),
        ({"file": ".git/hooks/pre-commit", "mode": "0755"}, {"git": ".", "commit": "m"}),
        ({"file": "sub/.GIT/config"}, {"git": "sub"}),
        ({"file": ".git"}, {"git": "."}),
        ({"dir": "x/.git"}, {"git": "x", "commit": "m"}),
        ({"git": "x/.git"},),
        ({"venv": "x"}, {"file": "x/lib64/bin/activate"}, {"activate": "x/lib"}),
    ],
    ids=str,
)
def test_a_file_that_our_steps_would_run_is_code(setup: tuple[Mapping[str, Any], ...]):
    """A step that runs nothing by itself may hand over to a file that another step wrote."""
    assert 1 == trust.commands(runs(setup=setup))


@pytest.mark.parametrize("path", ["v", "./v", "${work}/v", "${initial.HOME}/work/v"])
@pytest.mark.parametrize("nested", [lambda check: check, lambda check: {"not": {"any": [check]}}])
def test_an_environment_that_the_deck_forged_is_code(path: str, nested: Any):
    """`is_venv` starts the Python it finds."""
    for written in ("v/bin/python", "a/bin/python", "a/lib/python3.11/site-packages/x.pth"):  # an answer may move it
        forged = runs(nested({"is_venv": [path]}), setup=({"file": written, "mode": "0755"},))

        assert 1 == trust.commands(forged)


@pytest.mark.parametrize("need", ["./evil", "sh -c 'touch x'", "/bin/sh", "python3 -m evil.inner", "a b", "x\n"])
def test_a_need_that_is_no_name_is_code(need: str):
    """What has to work is tried, so it must be the name of a program or a module."""
    assert 1 == trust.commands(runs(needs=[need]))


def test_the_format_and_this_module_agree_what_is_code():
    """Every key that the format calls deck code is one, and no other."""
    said = [{f.name for f in TABLES[table].values() if f.help.startswith("deck code")} for table in ("setup", "check")]

    assert [trust.CODE_SETUP, trust.CODE_CHECKS] == said


def test_the_format_and_this_module_agree_what_stands_beside_a_step():
    """A key that this module does not know would be taken for a step."""
    setup = {name for table in ("file", "git", "copy") for name in BESIDE[table]}

    assert setup | {"missing", "sha256", "text"} == set(trust.BESIDE)
    assert set(BESIDE["check"]) - {"msg"} == set(trust.BESIDE_CHECK)


# ---------------------------------------------------------------- what is hashed

WHOLE = card(
    {
        "shells": ["bash", "zsh"],
        "needs": ["git"],
        "tools": ["uv"],
        "platform": ["linux"],
        "timeout": 20,
        "setup": [
            {"dir": "work"},
            {"file": "a.sh", "content": "echo hi\n", "mode": "0755"},
            {"git": ".", "commit": "first"},
            {"copy": "data.txt", "to": "b.txt"},
            {"script": {"": "touch x", "fish": "touch y"}},
        ],
        "checks": [
            {"file_exists": ["x"], "msg": "no x"},
            {"run": {"argv": ["git", "log", "-m", "a b"], "exit": [0, 1], "stdout": {"contains": ["first"]}}},
            {"python": {"expr": "True", "exe": "python3"}, "shells": ["bash"], "msg": "not true"},
            {"any": [{"env_equals": {"msg": "kept"}, "msg": "gone"}, {"not": {"absent": ["y"], "msg": "gone"}}]},
        ],
        "hints": [{"when": {"answer": "x"}, "say": "no"}],
    },
    answer={"posix": "true", "fish": "builtin true"},
    accept={"": ("true ", "/bin/true")},
    wrong={"": ("false",)},
)
GOLDEN = "sha256:74757ea0994e2d0fb86a4472c7b19f00d9c12c5fb7ae035bc8017f9733541a51"


def changed(path: tuple[Any, ...], value: Any) -> Card:
    """WHOLE with one value in it replaced; with None the key is gone."""

    def put(inner: Any, path: tuple[Any, ...]) -> Any:
        if not path:
            return value
        if isinstance(inner, Mapping):
            new = {**inner, path[0]: put(inner.get(path[0]), path[1:])}
            return {name: one for name, one in new.items() if one is not None}
        return [put(one, path[1:]) if at == path[0] else one for at, one in enumerate(inner)]

    field, *rest = path
    return WHOLE._replace(**{field: put(getattr(WHOLE, field), tuple(rest))})


def test_the_hash_is_the_same_on_every_machine_and_day():
    """A hash that changed for no reason would ask every person for trust again."""
    assert GOLDEN == digest(WHOLE)


def test_the_hash_does_not_depend_on_the_way_through_the_store():
    """The order of keys and the kind of a list say nothing."""
    assert WHOLE.run
    turned = dict(reversed(WHOLE.run.items())) | {"shells": ("bash", "zsh")}

    assert digest(WHOLE) == digest(WHOLE._replace(run=turned))


@pytest.mark.parametrize(
    "edited",
    [
        WHOLE._replace(
            front="another", back="text", explain=(("a", "b"),), tags=("t",), after=(CardId("d/b"),), line=9
        ),
        changed(("run", "hints"), [{"when": {"answer": "y"}, "say": "yes"}]),
        changed(("run", "hints"), None),
        changed(("run", "checks", 0, "msg"), "another"),
        changed(("run", "checks", 2, "msg"), None),
        changed(("run", "checks", 3, "any", 0, "msg"), "another"),
        changed(("run", "checks", 3, "any", 1, "not", "msg"), None),
    ],
)
def test_an_edit_of_prose_keeps_the_hash(edited: Card):
    """What is only read may be worded better without asking again."""
    assert edited != WHOLE
    assert digest(WHOLE) == digest(edited)


EDITS: list[tuple[tuple[Any, ...], Any]] = [
    (("id",), "e/a"),
    (("answer", "posix"), "true; touch /tmp/x"),
    (("answer", "fish"), None),
    (("answer", "zsh"), "true"),
    (("accept", ""), ("true ",)),
    (("accept", ""), ("/bin/true", "true ")),
    (("accept",), {}),
    (("wrong", ""), ("false", "exit 1")),
    (("run", "shells"), ["zsh", "bash"]),
    (("run", "needs"), ["git", "curl"]),
    (("run", "tools"), None),
    (("run", "platform"), ["linux", "macos"]),
    (("run", "timeout"), 21),
    (("run", "new"), "a key of a later version"),
    (("run", "setup"), None),
    (("run", "setup", 0, "dir"), "work2"),
    (("run", "setup", 1, "file"), "b.sh"),
    (("run", "setup", 1, "content"), "echo hi"),
    (("run", "setup", 1, "content"), "echo hi\n\n"),
    (("run", "setup", 1, "mode"), "0644"),
    (("run", "setup", 1, "mode"), None),
    (("run", "setup", 2, "git"), "sub"),
    (("run", "setup", 2, "commit"), "second"),
    (("run", "setup", 2, "branch"), "b"),
    (("run", "setup", 2, "stage"), ["."]),
    (("run", "setup", 2, "stash"), "s"),
    (("run", "setup", 3, "copy"), "other.txt"),
    (("run", "setup", 3, "to"), None),
    (("run", "setup", 4, "script", ""), "touch  x"),
    (("run", "setup", 4, "script", "fish"), None),
    (("run", "checks", 0, "file_exists"), ["x", "y"]),
    (("run", "checks", 0, "platform"), ["linux"]),
    (("run", "checks", 1, "run", "argv"), ["git", "log", "-m", "a", "b"]),
    (("run", "checks", 1, "run", "exit"), [1, 0]),
    (("run", "checks", 1, "run", "stdout"), {"equals": "first"}),
    (("run", "checks", 1, "run", "stdout"), None),
    (("run", "checks", 2, "python", "expr"), "True "),
    (("run", "checks", 2, "python", "exe"), None),
    (("run", "checks", 2, "shells"), ["zsh"]),
    (("run", "checks", 3, "any", 0, "env_equals"), {"msg": "changed"}),
    (("run", "checks", 3, "any", 1, "not", "absent"), ["z"]),
    (("run", "checks", 3, "any", 1), {"absent": ["y"]}),
]


@pytest.mark.parametrize(("path", "value"), EDITS, ids=str)
def test_an_edit_of_what_runs_changes_hash_and_lines(path: tuple[Any, ...], value: Any):
    """Whatever decides what runs is hashed, and what is hashed is shown."""
    edited = changed(path, value)

    assert digest(WHOLE) != digest(edited)
    assert lines(WHOLE) != lines(edited)


@pytest.mark.parametrize(
    "assets",
    [{}, {"data.txt": b"two\n"}, {"data.txt": b"one"}, {"data.txt": b"\xff"}, {"data.txt": b"x" * 60_000}],
    ids=["gone", "changed", "a newline", "binary", "large"],
)
def test_an_edit_of_a_copied_file_changes_hash_and_lines(assets: dict[str, bytes]):
    """A file beside the deck is as executable as the deck."""
    assert digest(WHOLE) != digest(WHOLE, assets)
    assert lines(WHOLE) != lines(WHOLE, assets)


def test_a_file_beside_the_deck_that_no_step_copies_says_nothing():
    """Only what is brought along counts."""
    assert digest(WHOLE) == digest(WHOLE, ASSETS | {"other": b""})


def test_a_file_that_says_it_is_missing_is_not_missing():
    """What stands for a fact cannot be written by a deck."""
    step = {"copy": "data.txt", "to": "b.txt"}
    words = trust.executable(runs(setup=(step,)), {})["run"]["setup"][0]["missing"]

    assert digest(runs(setup=(step,)), {}) != digest(runs(setup=(step,)), {"data.txt": words.encode()})


def test_letters_that_json_spells_alike_have_hashes_of_their_own():
    """A pair of surrogates is not the character that UTF-16 makes of it."""
    assert digest(card({"checks": [ABSENT]}, answer={"": "\U0001f600"})) != digest(
        card({"checks": [ABSENT]}, answer={"": "\ud83d\ude00"})
    )


# ---------------------------------------------------------------- what is shown


def test_every_part_stands_there_in_lines():
    """Needs, setup, answers and checks, in the order in which they matter."""
    assert lines(WHOLE) == [
        "card d/a",
        "needs git",
        "platform linux",
        "shells bash zsh",
        "timeout 20",
        "tools uv",
        "setup dir: work",
        "setup file: a.sh",
        "setup   mode: 0755",
        "setup   content:",
        "setup   | echo hi",
        "setup   |",
        "setup git: .",
        "setup   commit: first",
        "setup copy: data.txt",
        "setup   to: b.txt",
        "setup   sha256: 2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806",
        "setup   text:",
        "setup   | one",
        "setup   |",
        "setup script: touch x",
        "setup   script fish: touch y",
        "answer fish: builtin true",
        "answer posix: true",
        'accept "true "',
        "accept /bin/true",
        "wrong false",
        "check file_exists: x",
        'check run: git log -m "a b"',
        "check   run exit: 0 1",
        "check   run stdout contains: first",
        "check python: True",
        "check   python exe: python3",
        "check   shells: bash",
        "check any:",
        "check   env_equals msg: kept",
        "check   not:",
        "check     absent: y",
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("echo 'a  b' | tee \\x1b", "echo 'a  b' | tee \\x1b"),
        ("grüß 猫", "grüß 猫"),
        ("\x1b[2Jls", r'"\x1b[2Jls"'),
        ("ls\r", r'"ls\r"'.replace(r"\r", r"\x0d")),
        ("a\tb", r'"a\x09b"'),
        ("ls \u202etxt.exe", r'"ls \u202etxt.exe"'),
        ("l\u200bs", r'"l\u200bs"'),
        ("a\u2066b\u2069", r'"a\u2066b\u2069"'),
        ("a\u2028b", r'"a\u2028b"'),
        ("a\x9b2Jb", r'"a\x9b2Jb"'),
        ("rm\u00a0x", r'"rm\xa0x"'),
        ("a\u3164b\u2800", r'"a\u3164b\u2800"'),
        ("a\ufe0fb", r'"a\ufe0fb"'),
        ("a\U000e0041b", r'"a\U000e0041b"'),
        ("a\ud800b", r'"a\ud800b"'),
        (" ls", '" ls"'),
        ("ls ", '"ls "'),
        ('"\\x1b"', r'"\"\\x1b\""'),
        ("", '""'),
        ("bash: ls", '"bash: ls"'),
        ("| ls", '"| ls"'),
    ],
)
def test_what_nobody_would_see_is_spelled_out(written: str, shown: str):
    """Controls, marks of direction, blanks: a reader meets them as letters, and never as what they do."""
    assert [f"answer {shown}"] == [row for row in lines(runs()._replace(answer={"": written})) if "answer" in row]


def test_a_text_that_only_looks_like_several_lines_is_one():
    """A row of a longer text cannot be forged by a shorter one."""
    forged = runs()._replace(wrong={"": (":", "| a", "| b")})
    honest = runs()._replace(wrong={"": ("a\nb",)})

    assert ['wrong ":"', 'wrong "| a"', 'wrong "| b"'] == [row for row in lines(forged) if row.startswith("wrong")]
    assert ["wrong :", "wrong | a", "wrong | b"] == [row for row in lines(honest) if row.startswith("wrong")]


# ---------------------------------------------------------------- nothing hashed is hidden

ROWS = ["a", "a b", "a: b", "a:", ":", "", " a", "a ", '"a"', '"a', "| a", "|", "  | a", "a\nb", "a\n", "\n", "a\n| b"]
LOOKALIKES = ["\x1b", "\\x1b", '"\\x1b"', "a\x1b\nb", "run: a", "script fish: a", "mode: 0755", "\ud83d\ude00", "😀"]
TEXTS = st.sampled_from([*ROWS, *LOOKALIKES])
WORDS = st.sampled_from(["a", "b", "a b", "a:", "b: c", '"a"', "|", "a\nb", "stdout", "\x1b"])
LISTS = st.lists(TEXTS, min_size=1, max_size=2)


def values(field: Field, depth: int = 2) -> st.SearchStrategy[Any]:
    """Whatever the format lets through for a key, with the texts that are likeliest to be taken for something else."""
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "texts": LISTS,
        "names": LISTS,
        "programs": LISTS,
        "choices": st.lists(st.sampled_from(field.choices or ("a",)), min_size=1, max_size=2, unique=True),
        "texts by name": st.dictionaries(WORDS, TEXTS, min_size=1, max_size=2),
        "patterns by name": st.dictionaries(WORDS, TEXTS, min_size=1, max_size=2),
        "modes by name": st.dictionaries(WORDS, st.sampled_from(["0755", "644"]), min_size=1, max_size=2),
        "variants": st.dictionaries(st.sampled_from(["", "bash", "fish"]), TEXTS, min_size=1, max_size=2),
        "lists of variants": st.dictionaries(st.sampled_from(["", "bash"]), LISTS, min_size=1, max_size=2),
        "mode": st.sampled_from(["0755", "644"]),
        "whole": st.integers(0, 3),
        "seconds": st.integers(1, 3),
        **dict.fromkeys(("text", "content", "pattern", "path"), TEXTS),
        "wholes": st.lists(st.integers(0, 12), min_size=1, max_size=3),
    }
    if field.kind == "table":
        return table(TABLES[field.of], depth)
    if field.kind in {"step", "steps"}:
        one = st.deferred(lambda: step(field.of, depth - 1))
        return one if field.kind == "step" else st.lists(one, min_size=1, max_size=2)
    return by_kind[field.kind]


def table(fields: Mapping[str, Field], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with some keys of a table."""
    each = {name: values(field, depth) for name, field in fields.items() if name not in {"hints", "shell"}}
    needed = {name: value for name, value in each.items() if fields[name].required}
    return st.fixed_dictionaries(needed, optional={n: v for n, v in each.items() if n not in needed}).filter(bool)


@st.composite
def step(draw: st.DrawFn, name: str, depth: int) -> dict[str, Any]:
    """One key of a table, and some of what may stand beside it."""
    known = [field for field in TABLES[name].values() if depth > 0 or field.kind not in {"step", "steps"}]
    field = draw(st.sampled_from(known))
    beside = draw(table(BESIDE[field.beside], depth)) if field.beside and draw(st.booleans()) else {}
    return {field.name: draw(values(field, depth)), **beside}


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Any card that may be run."""
    some = {name: draw(values(Field(name, "lists of variants", ""), 0)) for name in ("accept", "wrong")}
    answer = draw(values(Field("answer", "variants", ""), 0))
    return card(draw(table(TABLES["run"], 2)), answer=answer, **some)


@settings(max_examples=times(15, 500))
@given(st.lists(cards(), min_size=2, max_size=5), st.sampled_from([{}, ASSETS]))
def test_cards_that_are_shown_alike_are_hashed_alike(drawn: list[Card], assets: dict[str, bytes]):
    """There is nothing in the hash that the lines do not tell apart, so nobody allows what was not shown."""
    seen: dict[tuple[Any, ...], str] = {}
    for one in drawn:
        parts = trust.executable(one, assets)
        shown = trust.lines(parts)
        assert seen.setdefault(shown, trust.digest(parts)) == trust.digest(parts)
        assert all(kind.isidentifier() and text.isprintable() for kind, text in shown)


ALIKE = ["a", "b", "a b", "b: a", "a:", "", "a\nb", "| a", ":", '"a"', '"a b"', "\x1b"]
NAMES = ["a", "b", "a b", "a:", "b: a", '"a"', "a: b"]


def some(texts: list[str], most: int = 2) -> Iterator[tuple[str, ...]]:
    """All lists of these texts, up to a length."""
    for length in range(1, most + 1):
        yield from product(texts, repeat=length)


def lists() -> Iterator[Card]:
    """Words of one row, which might run into each other."""
    yield from (runs(needs=list(words)) for words in some(ALIKE, 3))
    yield from (runs({"run": {"argv": list(argv), **rest}}) for argv in some(ALIKE) for rest in ({}, {"exit": [0, 1]}))


def answers() -> Iterator[Card]:
    """Texts one below the other, with the name of a shell or without."""
    keys: list[tuple[str, ...]] = [("",), ("a",), ("", "a")]
    for names in keys:
        for texts in product(some([*ALIKE[2:9], "a: | a"]), repeat=len(names)):
            yield runs()._replace(accept=dict(zip(names, texts, strict=True)))


def names() -> Iterator[Card]:
    """Names that a deck made up, before what they stand for."""
    for chosen in some(NAMES):
        for texts in product(ALIKE, repeat=len(set(chosen))):
            yield runs({"env_equals": dict(zip(dict.fromkeys(chosen), texts, strict=True))})


def scripts() -> Iterator[Card]:
    """Lines for all shells or for one, alone or after each other."""
    texts = [*ALIKE, "a\nbash: b", "a\n| b"]
    each = [{"": text} for text in texts] + [{"bash": text} for text in texts]
    each += [{"": first, "bash": second} for first in texts for second in texts]
    yield from (runs(setup=({"script": one},)) for one in each)
    yield from (runs(setup=({"script": one}, {"script": two})) for one in each[:28] for two in each[:28])


def files() -> Iterator[Card]:
    """A file with what stands beside it, and a step after it that might be taken for a part of it."""
    contents = [None, *ALIKE, "mode: 0755", "a\n  mode: 0755", "a\n"]
    for path, content, mode, after in product(ALIKE[:6], contents, [None, "0755"], [None, "a", "mode: 0755"]):
        step = {"file": path, "content": content, "mode": mode}
        steps = [{name: value for name, value in step.items() if value is not None}]
        yield runs(setup=(*steps, *([{"dir": after}] if after else [])))


def nests() -> Iterator[Card]:
    """Checks within and after each other."""
    leaf = [{"absent": ["x"]}, {"absent": ["x"], "shells": ["bash"]}, {"stdout": {"contains": ["x"], "equals": "y"}}]
    inner = [[one] for one in leaf] + [[one, two] for one in leaf for two in leaf]
    deep = (
        [{"any": some} for some in inner]
        + [{"not": one} for one in leaf]
        + [{"all": [{"any": some}]} for some in inner]
    )
    deep += [{**one, "shells": ["bash"]} for one in deep]
    yield from (runs(one) for one in [*leaf, *deep])
    yield from (runs(one, two) for one in [*leaf, *deep] for two in leaf)
    yield from (runs({"any": [one, two]}) for one in deep for two in [*leaf, *deep])


@pytest.mark.parametrize("family", [lists, answers, names, scripts, files, nests], ids=lambda family: family.__name__)
def test_no_two_of_a_family_look_alike(family: Callable[[], Iterator[Card]]):
    """The same law from close by: all the cards that might be taken for each other, compared with all."""
    shown: dict[tuple[Any, ...], str] = {}
    for one in family():
        parts = trust.executable(one, {})
        assert shown.setdefault(trust.lines(parts), trust.digest(parts)) == trust.digest(parts), trust.lines(parts)
    assert len(shown) > 100


# ---------------------------------------------------------------- the decks that came along


def test_the_shipped_decks_are_known_by_hash():
    """What came with the program runs without being asked for, as long as nobody touched it."""
    from make_shipped import hashes  # beside the tests

    assert hashes(ROOT / "decks") == SHIPPED, "write it anew: python tests/make_shipped.py"
