"""Typed answers against right ones: golden pairs, refusals, and laws."""

import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from flashcards.answers import LONGEST, Part, clean, compare
from flashcards.answers.diff import MOST_TOKENS
from flashcards.model import Grade


def outcome(typed, answer, accept=()):
    found = compare(typed, answer, accept)
    return found.kind, found.note


def kind(typed, answer):
    return compare(typed, answer).kind


# ---------------------------------------------------------------- exact and accepted


def test_the_answer_itself_is_exact():
    """The right text is good, without a word and without a mark."""
    found = compare("ls -la", "ls -la")

    assert ("exact", Grade.GOOD, "ls -la", "", (Part("ls -la", "ls -la", "same"),), -1) == found


def test_an_accepted_text_is_good():
    """What the deck accepts counts in full, and is what the diff is drawn against."""
    found = compare("python -m venv venv", "python3 -m venv venv", ["virtualenv venv", "python -m venv venv"])

    assert ("accepted", Grade.GOOD, "python -m venv venv", "") == found[:4]


def test_line_ends_and_unicode_forms_do_not_matter():
    """CRLF is LF, none is needed at the end, and an accent of its own is the accented letter."""
    assert kind("mkdir cafe\u0301\r\nls", "mkdir café\nls\n") == "exact"


# ---------------------------------------------------------------- the same


@pytest.mark.parametrize(
    ("typed", "answer", "note"),
    [
        ("ls  -l", "ls -l", "only blanks differ"),
        (" ls -l\t", "ls -l", "only blanks differ"),
        ("ls ", "ls", "only blanks differ"),
        ("ls>x", "ls > x", "only blanks differ"),
        ("a&&b|c", "a && b | c", "only blanks differ"),
        ("x 2>&1", "x  2>& 1", "only blanks differ"),
        ("cd a\n\ncd b", "cd a\ncd b", "only blanks differ"),
        ("ls \\\n -l", "ls -l", "only blanks differ"),
        ("echo $(date)", "echo $( date )", "only blanks differ"),
        ("git commit -m 'fix'", 'git commit -m "fix"', "only the quotes differ"),
        ("echo hi", "'echo' h\"i\"", "only the quotes differ"),
        ("my\\ file", "'my file'", "only the quotes differ"),
        ("find . -exec rm {} \\;", "find . -exec rm '{}' ';'", "only the quotes differ"),
        ("cat \\$x", "cat '$x'", "only the quotes differ"),
        ("git reset HEAD~1", "git reset 'HEAD~1'", "only the quotes differ"),
        ("cd venv/", "cd venv", "only a slash at the end differs"),
        ("cd //", "cd /", "only a slash at the end differs"),
        ("cd 'venv'/", "cd venv", "only the quotes and a slash at the end differ"),
        ("cd  'venv/'", "cd venv", "only blanks and the quotes and a slash at the end differ"),
    ],
)
def test_blanks_idle_quotes_and_a_last_slash_do_not_matter(typed, answer, note):
    """The same command in other clothes is good, and what differs is said; both ways round."""
    assert ("same", note) == outcome(typed, answer) == outcome(answer, typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('echo "$x"', "echo '$x'"),
        ('echo "$x"', "echo $x"),
        ("echo $x", "echo '$x'"),
        ('echo "`date`"', "echo '`date`'"),
        ('echo "\\n"', "echo '\\n'"),
        ("rm *", "rm '*'"),
        ("ls 'a?'", "ls a?"),
        ("ls {a,b}", "ls '{a,b}'"),
        ("ls ~/x", "ls '~/x'"),
        ("echo !!", "echo '!!'"),
        ("echo #x", "echo '#x'"),
        ("a | b", "a '|' b"),
        ("echo ''", "echo"),
        ('echo "a b"', "echo a b"),
        ('echo "a   b"', 'echo "a b"'),
        ("cd /", "cd"),
        ("cd /", "cd ''"),
        ("a || b", "a | | b"),
        ("sed s/a/b/", "sed s/a/b"),
        ("rsync src/ dst", "rsync src dst"),
        ("venv\\Scripts\\activate", "venvScriptsactivate"),
        ("venv\\Scripts\\activate", "venv/Scripts/activate"),
        ("\\\\server\\share", "\\server\\share"),
        ("cat <<E\n  a\nE", "cat <<E\na\nE"),
        ("echo 2>x", "echo 2 >x"),
        ("echo $(date)", "echo $ (date)"),
        ("ls\npwd", "ls pwd"),
        ("ls; pwd", "ls pwd"),
        ("LS", "ls"),
    ],
)
def test_what_changes_the_meaning_is_not_the_same(one, other):
    """Quotes that hold back an expansion, blanks inside quotes, the root, a backslash of Windows, line ends."""
    assert kind(one, other) in {"slip", "wrong"}
    assert kind(other, one) in {"slip", "wrong"}


@pytest.mark.parametrize("text", ["venv\\Scripts\\activate", "C:\\Program Files\\x", "dir C:\\", "'open", '"open \\'])
def test_windows_paths_and_open_quotes_equal_themselves(text):
    """Nothing is lost in taking a text apart, so one more blank is still the same."""
    assert ("exact", "same") == (kind(text, text), kind(text + " ", text))


# ---------------------------------------------------------------- a slip


@pytest.mark.parametrize(
    ("typed", "answer", "note", "caret"),
    [
        ("source venv/bin/activat", "source venv/bin/activate", "one letter is missing", 23),
        ("source  venv/bin/activat", "source venv/bin/activate", "one letter is missing", 23),
        ("ssource venv", "source venv", "one letter too many", 1),
        ("sourcee", "source", "one letter too many", 6),
        ("soruce venv", "source venv", "two letters are swapped", 2),
        ("sourve venv", "source venv", "`v` instead of `c`", 4),
        ("git com mit", "git commit", "one blank too many", 7),
        ("gitcommit", "git commit", "one blank is missing", 3),
        ("echo 'abc", "echo 'abc'", "one `'` is missing", 9),
        ("ls venv.bin", "ls venv/bin", "`.` instead of `/`", 7),
        ("git comit -m 'x y'", 'git commit -m "x y"', "one letter is missing", 7),
        ("gi tstatus", "git status", "two characters are swapped", 2),
    ],
)
def test_one_slip_of_the_keyboard_is_hard(typed, answer, note, caret):
    """A letter missing, too many, wrong or swapped is named and pointed at, in the answer."""
    found = compare(typed, answer)

    assert ("slip", Grade.HARD, answer, note, caret) == (*found[:4], found.caret)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("ls -a", "ls -A"),
        ("python -n venv", "python -m venv"),
        ("ls -l", "ls -la"),
        ("rm -rf venv", "rm -rfv venv"),
        ("python m venv", "python -m venv"),
        ("git - m text", "git -m text"),
        ("tail +x file", "tail +y file"),
        ("chmod u+x file", "chmod u-x file"),
        ("chmod a+x file", "chmod a+w file"),
        ("git Status", "git status"),
        ("python3.11", "python3.12"),
        ("python -m venv venv", "python3 -m venv venv"),
        ("chmod 654 file", "chmod 645 file"),
        ("ls > file", "ls >> file"),
        ("make & ls", "make && ls"),
        ("make ; ls", "make | ls"),
        ("echo hi 2>x", "echo hi >x"),
        ("make 2> file", "make 2>> file"),
        ("echo 2>x", "echo 2 > x"),
        ("git add .", "git add .."),
        ("git diff ..", "git diff ..."),
        ("git checkout -", "git checkout ."),
        ("copy x there", "copy y there"),
        ("find -exec rm {} ;", "find -exec rm {} \\;"),
    ],
)
def test_one_key_that_changes_the_meaning_is_no_slip(typed, answer):
    """Option letters, case, digits, operators and words of one sign are what is asked for, not how well one types."""
    assert ("wrong", "wrong") == (kind(typed, answer), kind(answer, typed))
    assert Grade.WRONG == compare(typed, answer).grade


def test_a_short_answer_has_no_slips():
    """In three letters one is a third of the knowledge, in four it may be a slip."""
    assert ("wrong", "slip") == (kind("pwb", "pwd"), kind("grip", "grep"))


def test_a_long_option_may_have_a_slip():
    """A word is a word, even behind two dashes."""
    assert ("slip", "one letter is missing") == outcome("git reset --har", "git reset --hard")


def test_two_slips_are_wrong():
    """One is the keyboard, two are not."""
    assert kind("suorce vnev", "source venv") == "wrong"


def test_a_slip_of_an_accepted_text_is_found():
    """Every accepted text is a right one, also with a slip."""
    found = compare("virtualnv venv", "python3 -m venv venv", ["virtualenv venv"])

    assert ("slip", "virtualenv venv", 7) == (found.kind, found.answer, found.caret)


# ---------------------------------------------------------------- wrong


@pytest.mark.parametrize(
    ("typed", "answer", "note"),
    [
        ("", "ls", "nothing was typed"),
        (" \n", "ls", "nothing was typed"),
        ("python3 venv venv", "python3 -m venv venv", "`-m` is missing"),
        ("git commit", "git commit -a -m", "`-a -m` is missing"),
        ("echo hi there", "echo hi", "`there` is too much"),
        ("python3 -m venv dir", "python3 -m venv venv", "`dir` instead of `venv`"),
        ("ls -a", "ls -A", "upper and lower case differ: `-a` is not `-A`"),
        ('echo "$x"', "echo '$x'", "the quotes matter here: `\"$x\"` is not `'$x'`"),
        ("cp there here", "cp here there", "the same words in another order"),
        ("ls -l file", "cat -l other", "`ls` instead of `cat`, `file` instead of `other`"),
        ("aa -x bb -y cc", "dd -x ee -y ff", "3 places differ"),
        ("cd venv pwd", "cd venv\npwd", "a line end is missing"),
        ("x" * 50, "ls", f"`{'x' * 31}…` instead of `ls`"),
        ("\x1b[31mred", "ls", "` [31mred` instead of `ls`"),
    ],
)
def test_a_wrong_answer_says_what_is_wrong(typed, answer, note):
    """The note names the words, short and without control characters."""
    assert ("wrong", note) == outcome(typed, answer)


@pytest.mark.parametrize(("typed", "caret"), [("", -1), (" ", -1), ("cat venv", 0), ("ls dir", 3), ("ls", 2)])
def test_the_caret_stands_where_the_difference_begins(typed, caret):
    """It points into the answer, and nowhere while nothing was typed."""
    assert caret == compare(typed, "ls venv").caret


def test_a_wrong_answer_is_compared_with_the_nearest_text():
    """Of the answer and what is accepted, the one that shares most; the first where two share as much."""
    found = compare("virtualenv mine dir", "python3 -m venv venv", ["virtualenv venv dir", "uv venv dir"])
    tie = compare("xx", "aa", ["bb"])

    assert ("virtualenv venv dir", "aa") == (found.answer, tie.answer)


# ---------------------------------------------------------------- the diff


@pytest.mark.parametrize(
    ("typed", "answer", "parts"),
    [
        ("ls", "ls -l", [("ls", "ls", "same"), ("", " -l", "missing")]),
        ("ls -l", "ls", [("ls", "ls", "same"), (" -l", "", "extra")]),
        (
            "python3 venv dir",
            "python3 -m venv venv",
            [
                ("python3", "python3", "same"),
                ("", " -m", "missing"),
                (" venv ", " venv ", "same"),
                ("dir", "venv", "changed"),
            ],
        ),
        (
            "git comit  -m 'x'",
            'git commit -m "x"',
            [
                ("git com", "git com", "same"),
                ("", "m", "missing"),
                ("it ", "it ", "same"),
                (" ", "", "extra"),
                ("-m ", "-m ", "same"),
                ("'x'", '"x"', "changed"),
            ],
        ),
        ("ls vnev", "ls venv", [("ls v", "ls v", "same"), ("ne", "en", "changed"), ("v", "v", "same")]),
    ],
)
def test_the_diff_goes_word_by_word(typed, answer, parts):
    """Missing words, extra words, changed words; letters only within words much alike."""
    found = compare(typed, answer)

    assert parts == [tuple(part) for part in found.parts]


# ---------------------------------------------------------------- cost


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("x" * 100_000, "y" * 100_000),
        ("x " * 50_000, "x y " * 25_000),
        ("a " * MOST_TOKENS, "a b " * (MOST_TOKENS // 2)),
        ("a " * 10 * MOST_TOKENS, "a b " * 5 * MOST_TOKENS),
        ("'" * LONGEST, '"' * LONGEST),
        ("\\" * LONGEST, "'\\" * (LONGEST // 2)),
        ("x" * LONGEST, "x" * (LONGEST - 1) + "y"),
    ],
)
def test_a_huge_text_takes_no_time(typed, answer):
    """What somebody pastes by mistake is judged within two seconds on any machine."""
    start = time.process_time()
    compare(typed, answer, [answer + "z"] * 10)

    assert time.process_time() - start < 2


def test_a_text_beyond_the_limit_is_exact_or_wrong():
    """Equality is still seen; blanks and slips are not looked for."""
    text = "x" * (LONGEST + 1)

    assert ("exact", "wrong") == (kind(text, text), kind(text + " ", text))
    assert kind("x" * (LONGEST - 1) + " ", "x" * (LONGEST - 1)) == "same"


# ---------------------------------------------------------------- laws

shell_text = st.text("ab -'\"\\$/;|&<>()\n\t2~*{,.é", max_size=25)
any_text = st.one_of(shell_text, st.text(max_size=25))
words = st.text("abcdefgh", min_size=3, max_size=8)
commands = st.lists(words, min_size=2, max_size=5)
tokens = st.one_of(
    words, st.sampled_from(["-m", "'a b'", '"$x"', "|", "&&", ">", "2>", ";", "\\;", "a\\ b", "x/", "(", ")"])
)


@given(any_text)
def test_every_text_equals_itself(text):
    """compare(x, x) is exact."""
    assert kind(text, text) == "exact"


@given(any_text, any_text, st.lists(any_text, max_size=3))
@example("'", '"', [])
@example("\\", "'\\", [""])
@example("2>\\", "$(", ["\n"])
def test_the_parts_join_to_both_texts(typed, answer, accept):
    """Whatever is typed, nothing raises, and the diff shows all of both texts, each stretch with its kind."""
    found = compare(typed, answer, accept)

    assert clean(typed) == "".join(part.yours for part in found.parts)
    assert found.answer == "".join(part.answer for part in found.parts)
    assert found.answer in {clean(text) for text in (answer, *accept)}
    assert -1 <= found.caret <= len(found.answer)
    assert found.note.isprintable()
    for yours, right, change in found.parts:
        kinds = {(True, True): "changed", (True, False): "extra", (False, True): "missing"}
        assert change == ("same" if yours == right else kinds[bool(yours), bool(right)])


@given(st.lists(tokens, min_size=4, max_size=8), st.integers(0, 99), st.sampled_from("ab -'\"\\$/;|&>\n2A"), st.data())
def test_a_comparison_has_no_direction(parts, place, sign, data):
    """Same, slip and wrong are the same from the other side, whatever key was hit in the middle of whatever."""
    text = " ".join(parts)
    place %= len(text)
    rest = data.draw(
        st.sampled_from([text[place:], text[place + 1 :], text[place + 1 : place + 2] + text[place + 2 :]])
    )
    edited = text[:place] + data.draw(st.sampled_from([sign, ""])) + rest

    assert kind(text, edited) == kind(edited, text)


@given(st.lists(tokens, min_size=1, max_size=8), st.data())
def test_more_blanks_change_nothing(parts, data):
    """Wider gaps between tokens, and blanks around the whole, leave the same command."""
    blanks = st.text(" \t", min_size=1, max_size=3)
    spread = "".join(part + data.draw(blanks) for part in parts)

    assert kind(spread, " ".join(parts)) in {"exact", "same"}


@st.composite
def edits(draw):
    """A command of plain words, and the same after one edit of a letter."""
    text = " ".join(draw(commands))
    at = draw(st.sampled_from([i for i, sign in enumerate(text) if sign != " "]))
    letter = draw(st.sampled_from("ijklmn"))
    swapped = text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
    changed = [text[:at] + text[at + 1 :], text[:at] + letter + text[at:], text[:at] + letter + text[at + 1 :]]
    return text, draw(st.sampled_from([*changed, swapped] if " " not in text[at : at + 2] else changed))


@given(edits())
def test_one_edit_of_plain_words_is_a_slip(pair):
    """Any letter dropped, added, replaced or swapped with its neighbour, anywhere, either way round."""
    text, edited = pair
    assume(text != edited)

    assert ("slip", "slip") == (kind(edited, text), kind(text, edited))


@given(commands, st.integers(0, 4), words)
def test_another_word_is_wrong(parts, index, word):
    """A word replaced by one that is not alike is no slip."""
    index %= len(parts)
    other = word.upper() + "XYZ"

    assert kind(" ".join([*parts[:index], other, *parts[index + 1 :]]), " ".join(parts)) == "wrong"
