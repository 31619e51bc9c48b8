"""`cards schema` and the reader say the same of a thousand decks; where a schema cannot know, it is listed."""

import json
import random
import re
from copy import deepcopy
from itertools import combinations
from pathlib import Path

import pytest
import yaml as pyyaml
from jsonschema import Draft7Validator

from flashcards.formats import yaml
from flashcards.formats.fields import ANSWER_KEYS, BESIDE, TABLES
from flashcards.formats.schema import KINDS, deck_schema, numerals

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "writing-cards.md").read_text(encoding="utf-8")
SCHEMA = deck_schema()
VALIDATOR = Draft7Validator(SCHEMA)

GOOD = {
    "text": ["x", "- a: b", "  padded ", "[ -f x ]", 7, 3.5, True, "null", "two\nlines\n"],
    "content": ["", "x\n", " ", 7, False],
    "deck id": ["venv", "git-2", 7, "0"],
    "id": ["a", "a.b_c-1", 7, -1, 0.5, True, "x" * 100],
    "ids": ["old", "a,b", ["a", "b, c"], " a , b ", [], ",", 7],
    "references": ["git/commit", "git/layout~c1", ["git/a", "git/b~reverse"], []],
    "programs": ["git", "python3 -m venv, uv", ["g++", "7z"], 7, []],
    "names": ["a", "a, b", ["a", "b", 3], [], True],
    "choices": [],
    "texts": ["a", ["a", 3], [], 7],
    "texts by name": [{"a": "x", "b": ""}, {}, {"c": 3}],
    "modes by name": [{"a": "0755"}, {"a": "644", "b": 755}, {}],
    "patterns by name": [{"a": "^x$"}, {"a": 3}, {}],
    "pattern": ["^a+", 3, "x" * 500],
    "variants": ["x", 3, {"posix": "a"}, {"bash": "a", "windows": 3}],
    "lists of variants": ["x", ["x", 3], [], {"fish": "a", "posix": ["b", "c"]}, {"sh": []}],
    "pairs": [{"a": "x", "-m": 3}, [{"a": "x"}, {"a": "y"}], [["a", "x"], {}], {}, []],
    "path": ["a", "a/b.c", "a..b", ".", "./a:b", "a\\b", " /x", 3],
    "mode": ["0755", "600", 755, 0],
    "whole": [1, "7", "007"],
    "wholes": [0, "255", [0, "1"], []],
    "seconds": ["60s", "60", 60, "2 m", "1m", "0090s", "120 s"],
}
"""Values that are right, by kind; what holds others is made below."""
JUNK = [
    *("", " ", "x", "X y", "-", "a,B", ",", "../x", "/x", "~", "c:\\x", "a\\..\\b", "..", "bash", "linux", "ö", "0888"),
    *(
        "256",
        "61m",
        "0m",
        "0000060",
        "0",
        "121s",
        "3 m",
        "1e3",
        "{{c1::x}}",
        "{{c1::}}",
        "{{c0::x}} {{c1::y}}",
        "{{C1::x}}",
    ),
    *("{{c1::a::b}} and {{c2::c}}", "{{c1::a {{ c2::b}}", "{{c1::a", "x" * 101, "x" * 501, "(", "a/b/c", "a~", "no"),
    *(0, 7, -7, 999, 1000, 999_999_999, 0.5, True, False, [], {}, [[]], [{}], [""], ["x"], ["x", ""], {"": "x"}),
    *(
        {"x": "y"},
        {"bash": "x"},
        {"bash": ["x"]},
        {"bash": ""},
        {"x": 0.5},
        [["a", "b"]],
        [["a"]],
        [["a", "b", "c"]],
        [{"a": ["b"]}],
    ),
    *([{"file_exists": "x"}], [{"exit_code": 0, "cwd": "x"}], {"absent": "x", "msg": "no"}, [{"msg": "no"}]),
    *([{"dir": "x", "content": "y"}], {"contains": "x"}, {"answer": "x"}, ["bash", "linux"], "linux, macos"),
]
"""Values for any place, mostly the wrong one."""

UNSAYABLE = {
    "two cards with the same `id`": "its id is taken|asks the same as",
    "`after` that names nobody": "is no card of this deck",
    "a circle of `after`": "goes in a circle",
    "`was` that names a card which is there": "a card that is still there|as the card on line",
    "a regular expression that does not compile": "is no regular expression",
    "permissions without quotes, like 698": "expected permissions",
    "a cloze that makes too many cards": "makes too many cards",
}
"""What the reader refuses and a schema cannot see: words for the page, and what the reader says."""


# ---------------------------------------------------------------- decks by the dozen


class Maker:
    """Decks out of the field table, and one thing broken in them."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.depth = 0

    def value(self, field):
        if field.name == "cloze":
            return self.dice.choice(["{{c1::x}}", "a {{c2::b::hint}} c\n{{c1::d}} {e} {{f}}", "{{c12::a:b}}::"])
        if field.kind == "choices":
            return self.dice.choice([field.choices[0], list(field.choices[:2]), ", ".join(field.choices), []])
        if field.kind in {"table", "tables", "step", "steps"}:
            return self.compound(field)
        if (field.name, field.kind) == ("rev", "whole"):
            return self.dice.choice([1, "999999", 2])
        return deepcopy(self.dice.choice(GOOD[field.kind]))

    def compound(self, field):
        make = self.table if field.kind.startswith("table") else self.step
        self.depth += 1
        made = make(field.of)
        many = [made, make(field.of)] if self.depth < 3 and self.dice.random() < 0.3 else [made]
        self.depth -= 1
        return many if field.kind.endswith("s") else made

    def table(self, name):
        fields = list(TABLES[name].values())
        if name == "run":  # one of the two
            fields.remove(TABLES["run"][self.dice.choice(["shell", "shells"])])
        chosen = [field for field in fields if field.required or self.dice.random() < 0.3]
        return {field.name: self.value(field) for field in chosen or [self.dice.choice(fields)]}

    def step(self, name):
        verbs = list(TABLES[name].values())
        if self.depth > 3:
            verbs = [verb for verb in verbs if verb.kind not in {"step", "steps"}]
        verb = self.dice.choice(verbs)
        beside = [field for field in BESIDE.get(verb.beside, {}).values() if self.dice.random() < 0.3]
        return {field.name: self.value(field) for field in (verb, *beside)}

    def card(self, number):
        kinds = {"cloze": ["cloze"], "typed": ["front", "answer"], "shown": ["front", "back"]}
        kind = self.dice.choice(list(kinds))
        may = {
            "cloze": ["back", "explain", "after", "platform", "tags", "rev"],
            "shown": ["explain", "reverse", "after", "platform", "tags", "rev"],
            "typed": ["accept", "wrong", "back", "explain", "reverse", "after", "platform", "tags", "rev", "run"],
        }
        names = [*kinds[kind], *(name for name in may[kind] if self.dice.random() < 0.3)]
        made = {name: self.value(TABLES["card"][name]) for name in names}
        if number or self.dice.random() < 0.5:
            made["id"] = self.dice.choice(["a.b_c-1", 7, -1, 0.5, True]) if not number else f"card-{number}"
        return dict(self.dice.sample(list(made.items()), len(made)))

    def deck(self):
        head = {name: self.value(TABLES["deck"][name]) for name in ("title", "tags", "was") if self.dice.random() < 0.3}
        cards = [self.card(number) for number in range(self.dice.choice([1, 1, 2]))]
        return {"deck": self.value(TABLES["deck"]["deck"]), **head, "cards": cards}

    def broken(self):
        """A deck with one change, which mostly is a fault."""
        deck = self.deck()
        places = list(places_of(deck))
        inside, key = self.dice.choice(places)
        change = self.dice.randrange(5)
        if change == 0 or isinstance(inside, list):
            inside[key] = deepcopy(self.dice.choice(JUNK))
        elif change == 1:
            del inside[key]
        elif change == 2:
            inside[self.dice.choice(["x", "msg", "fronts", "content", "Deck", "-a"])] = "x"
        elif change == 3:
            inside[self.dice.choice(ALL_KEYS)] = self.dice.choice(["x", 1, ["bash"], {"bash": "x"}])
        else:  # clashes, mostly
            card = self.dice.choice(deck["cards"])
            table = self.dice.choice(["card", "run"]) if isinstance(card.get("run"), dict) else "card"
            name = self.dice.choice(list(TABLES[table]))
            (card["run"] if table == "run" else card)[name] = self.value(TABLES[table][name])
        return deck


ALL_KEYS = sorted({name for table in (*TABLES.values(), *BESIDE.values()) for name in table} | set(ANSWER_KEYS))


def places_of(node):
    """Every list and mapping with each of its keys."""
    if not isinstance(node, (dict, list)):
        return
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        yield from places_of(value)


def faults(deck):
    """What the reader says of a deck; JSON is YAML."""
    return [problem.message for problem in yaml.parse(json.dumps(deck, ensure_ascii=False).encode(), "deck.yaml")[1]]


def agree(deck):
    """Whether both say the same, but for what a schema cannot see."""
    found, valid = faults(deck), VALIDATOR.is_valid(deck)
    known = "|".join(UNSAYABLE.values())
    return valid is not bool(found) or (valid and all(re.search(known, message) for message in found))


def disagreements(numbers):
    """The decks on which they disagree, and how many of the decks were bad."""
    wrong, bad = [], 0
    for number in numbers:
        maker = Maker(number)
        deck = maker.broken() if number % 3 else maker.deck()
        bad += not VALIDATOR.is_valid(deck)
        if not agree(deck):
            wrong.append((number, deck, faults(deck)))
    return wrong, bad


def test_the_schema_and_the_reader_say_the_same_of_200_decks():
    """A third of them are good, the others have one change."""
    wrong, bad = disagreements(range(200))

    assert wrong[:1] == []
    assert 70 < bad < 130


@pytest.mark.slow
def test_the_schema_and_the_reader_say_the_same_of_a_thousand_decks():
    """The same, with the other eight hundred."""
    wrong, bad = disagreements(range(200, 1000))

    assert wrong[:1] == []
    assert 280 < bad < 520


IN_RUN = {
    "run": lambda one: one,
    "setup": lambda one: {"setup": [one]},
    "file": lambda one: {"setup": [{"file": "a", **one}]},
    "git": lambda one: {"setup": [{"git": "a", **one}]},
    "check": lambda one: {"checks": [one]},
    "stream": lambda one: {"checks": [{"stdout": one}]},
    "program": lambda one: {"checks": [{"run": {"argv": "a", **one}}]},
    "hint": lambda one: {"hints": [{"when": {"exists": "a"}, "say": "x", **one}]},
    "when": lambda one: {"hints": [{"when": one, "say": "x"}]},
}
"""A key and its value, in the smallest `run` that has such a table."""


def deck_with(table, name, value):
    """The smallest deck with that key and value in that table."""
    one = {name: value}
    card = {"id": "a", "front": "f", "answer": "x", "run": {"checks": [{"cwd": "x"}]}}
    if table == "deck":
        return {"deck": "d", "cards": [card], **one}
    if table == "card":
        return {"deck": "d", "cards": [one if name == "cloze" else {**card, **one}]}
    card["run"].update(IN_RUN[table](one))
    return {"deck": "d", "cards": [card]}


def one_of_each_kind():
    """Table and key, one for each kind of value, the one that is met first; and the gaps."""
    tables = {table: TABLES[table] for table in reversed(("deck", "card", *IN_RUN))}
    found = {(field.kind, name == "cloze"): (table, name) for table in tables for name, field in tables[table].items()}
    return list(found.values())


@pytest.mark.slow
def test_the_schema_and_the_reader_say_the_same_of_every_value_in_every_place():
    """All that is wrong somewhere, at a key of each kind, and what is right there."""
    wrong = [
        (table, name, value, faults(deck_with(table, name, value)))
        for table, name in one_of_each_kind()
        for value in (*JUNK, *GOOD.get(TABLES[table][name].kind, ()))
        if not agree(deck_with(table, name, value))
    ]

    assert wrong == []


def test_the_schema_and_the_reader_say_the_same_of_keys_that_stand_together():
    """Any one, two or three of the keys of a card that ask for each other or clash; and the two names for shells."""
    run = {"checks": [{"cwd": "x"}]}
    keys = {"front": "f", "answer": "x", "accept": "y", "wrong": "z", "back": "b", "reverse": "r", "run": run}
    keys["cloze"] = "{{c1::x}}"
    cards = [{key: keys[key] for key in chosen} for many in (1, 2, 3) for chosen in combinations(keys, many)]
    shells = [{"shell": "sh"}, {"shells": "sh"}, {"shell": "sh", "shells": "sh"}]
    cards += [{"front": "f", "answer": "x", "run": {**run, **one}} for one in shells]

    assert [card for card in cards if not agree({"deck": "d", "cards": [card]})] == []


def test_every_right_value_of_every_kind_is_right_for_both():
    """What the decks are made of covers each kind that the reader knows, and each kind has a schema."""
    kinds = {field.kind for table in (*TABLES.values(), *BESIDE.values()) for field in table.values()}

    assert set(KINDS) >= kinds
    assert {*GOOD, "cards", "table", "tables", "step", "steps"} >= kinds
    assert [number for number in range(60) if faults(Maker(number).deck())] == []


# ---------------------------------------------------------------- what a schema cannot say

CARD = "deck: d\ncards:\n  - id: a\n    front: f\n    back: b\n"
RUN = "deck: d\ncards:\n  - front: f\n    answer: x\n    run:\n      checks: [{cwd: x}]\n"
GAPS = "".join(f"{{{{c{number}::x}}}}" for number in range(1, 40))
ONLY_THE_READER_REFUSES = {
    "two cards with the same `id`": f"{CARD}  - id: a\n    front: g\n    back: b\n",
    "`after` that names nobody": f"{CARD}    after: b\n",
    "a circle of `after`": f"{CARD}    after: a\n",
    "`was` that names a card which is there": f"{CARD}    was: a\n",
    "a regular expression that does not compile": f"{RUN}      hints: [{{when: {{answer: '('}}, say: x}}]\n",
    "permissions without quotes, like 698": RUN.replace("{cwd: x}", "{mode: {a: 698}}"),
    "a cloze that makes too many cards": f"deck: d\ncards:\n  - cloze: '{GAPS}'\n",
    "a number or a truth written in another way, like `rev: 3.0`": f"{CARD}    rev: 3.0\n",
    "a control character": f'{CARD}    reverse: "\\a"\n',
}
"""Words for the page, and a deck."""
ONLY_THE_SCHEMA_REFUSES = {
    "`null` and `~` without quotes": CARD.replace("back: b", "back: ~"),
    "a name in a block": CARD.replace("id: a", "id: |\n      a"),
}


@pytest.mark.parametrize("words", ONLY_THE_READER_REFUSES)
def test_what_only_the_reader_refuses_is_listed(words: str):
    """A schema takes it, the reader does not, and the page says so."""
    text = ONLY_THE_READER_REFUSES[words]

    assert VALIDATOR.is_valid(pyyaml.safe_load(text))
    assert yaml.parse(text.encode(), "deck.yaml")[1] != []
    assert f"- {words}" in PAGE


@pytest.mark.parametrize("words", ONLY_THE_SCHEMA_REFUSES)
def test_what_only_the_schema_refuses_is_listed(words: str):
    """The reader takes it as the text it looks like; the cure is to quote it."""
    text = ONLY_THE_SCHEMA_REFUSES[words]

    assert not VALIDATOR.is_valid(pyyaml.safe_load(text))
    assert yaml.parse(text.encode(), "deck.yaml")[1] == []
    assert f"- {words}" in PAGE


def test_the_list_is_what_the_agreement_leaves_out():
    """Nothing is passed over in the thousand decks that the page does not tell."""
    assert set(UNSAYABLE) <= set(ONLY_THE_READER_REFUSES)


# ---------------------------------------------------------------- the schema itself


def test_the_schema_is_draft_07_and_describes_every_key():
    """It holds to its own draft, has a name, and says of each key what the table says."""
    Draft7Validator.check_schema(SCHEMA)
    texts = set(re.findall(r'"description": ("(?:[^"\\]|\\.)*")', json.dumps(SCHEMA)))
    helps = {json.dumps(field.help) for table in (*TABLES.values(), *BESIDE.values()) for field in table.values()}

    assert ("http://json-schema.org/draft-07/schema#", "urn:cards:deck:1") == (SCHEMA["$schema"], SCHEMA["$id"])
    assert helps == texts


@pytest.mark.parametrize("deck", sorted((ROOT / "decks").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_decks_that_come_along_fit_the_schema(deck: Path):
    """Nothing in them is marked by an editor."""
    data = pyyaml.load(deck.read_bytes(), getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader))

    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(data)] == []


@pytest.mark.parametrize(("least", "most"), [(0, 255), (1, 120), (7, 7), (95, 1203), (0, 9), (1, 999), (10, 100)])
def test_numbers_as_text_are_held_against_their_bounds(least: int, most: int):
    """The expression fits the numerals between, and no other."""
    fits = re.compile(numerals(least, most)).fullmatch

    assert [*range(least, most + 1)] == [number for number in range(2 * most + 20) if fits(str(number))]
