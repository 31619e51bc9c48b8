"""Plain decks for tests: drawn ones that any format must keep, and what the loader makes of one."""

import re

import yaml
from hypothesis import strategies as st

from flashcards.formats import yaml as deck_format

NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
PIECES = (
    "ls -l", "a", "Ä", "日本", " ", "  ", "\n", "\n\n", "\t", ",", ";", '"', '""', "'", "|", "#", "# x", "A: b", "Q: c",
    "C: [d]", "\nA: ", "\nQ: x", "\n---\n", "---", "```", "\n```\n", "````", "::", " :: ", "\n?\n", "?", "==x==", "<!--", "-->",
    "<!-- id: x -->", "{{c1::y}}", "{", "}", "[", "]", "[1]", '{"a": 1}', '["x"]', "null", "-", "- x", "* ", "> q", "\\", ": ", ":",
    "%", "&", "!", "*", "`", "`x`", "$", "$a_b$", "no", "3.10", "0777", "![p](x.png)", "<b>", "&amp;", "=1+1", "~~~", "\n    x",
    "tags: a", "#flashcards/x", "|---|---|", "🦀", "\u2028", "\u00a0",
)  # fmt: skip
"""What formats are made of, so that a text meets their own signs."""

texts = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).map(lambda text: NO_TEXT.sub("", text))
).filter(lambda text: text.strip() != "" and "\r" not in text)
"""Any text that a card may hold."""
words = st.text(st.sampled_from("abcxyz019"), min_size=1, max_size=6)
tag = words | st.sampled_from(("two words", "ä", "a::b", "x;y", "a: b", "-->", "#x", "[x]", "'", '"q"'))
tags = st.lists(tag, min_size=1, max_size=3, unique=True)
shells = st.sampled_from(("posix", "fish", "windows", "bash"))
variants = texts | st.dictionaries(shells, texts, min_size=1, max_size=2)
lists = texts | st.lists(texts, min_size=1, max_size=3)
lists_of_variants = lists | st.dictionaries(shells, lists, min_size=1, max_size=2)
explain = st.dictionaries(texts, texts, min_size=1, max_size=3) | st.lists(
    st.dictionaries(texts, texts, min_size=1, max_size=1), min_size=1, max_size=3
)
runs = st.fixed_dictionaries(
    {"checks": st.lists(st.fixed_dictionaries({"stdout": st.fixed_dictionaries({"equals": texts})}), min_size=1, max_size=2)},
    optional={"shells": st.just(["bash"]), "timeout": st.just("10"), "setup": st.lists(st.fixed_dictionaries({"file": words, "content": texts}), min_size=1, max_size=1)},
)  # fmt: skip
about = {"tags": tags, "platform": st.just(["linux", "macos"]), "rev": st.just(2)}
basic = st.fixed_dictionaries({"front": texts, "back": texts}, optional={**about, "reverse": texts, "explain": explain})
typed = st.fixed_dictionaries(
    {"front": texts, "answer": variants},
    optional={**about, "back": texts, "accept": lists_of_variants, "wrong": lists_of_variants, "explain": explain, "run": runs},
)  # fmt: skip
gaps = st.builds("{}{{{{c1::{}}}}}{}".format, st.just("") | texts, words, st.just("") | texts).filter(
    lambda text: text.count("{{") == 1 and text.count("}}") == 1
)
cloze = st.fixed_dictionaries({"cloze": gaps}, optional={**about, "back": texts})


@st.composite
def decks(draw):
    """A deck of a few cards, each with an id."""
    cards = draw(st.lists(basic | typed | cloze, min_size=1, max_size=3))
    named = tuple({"id": f"card-{number}", **card} for number, card in enumerate(cards))
    name = draw(words)
    title = draw(st.just("") | texts)
    return name, title, tuple(draw(st.just([]) | tags)), draw(st.sampled_from(((), ("old",)))), named


def as_texts(value):
    """The value with texts for all that is no list or mapping."""
    if isinstance(value, dict):
        return {key: as_texts(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_texts(inner) for inner in value]
    return str(value)


def loaded(plain):
    """What the loader makes of a plain deck, without the lines; fails where it finds a problem."""
    whole = {"deck": plain.id, "title": plain.title, "tags": plain.tags, "was": plain.was, "cards": plain.cards}
    given = {key: as_texts(value) for key, value in whole.items() if value}
    deck, problems = deck_format.parse(yaml.safe_dump(given, allow_unicode=False, sort_keys=False).encode(), "deck")
    assert not problems, problems
    return deck._replace(cards=tuple(card._replace(line=0) for card in deck.cards))
