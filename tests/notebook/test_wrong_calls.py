"""Does every function of the notebook say in plain words what it wants, and what may have been meant?"""

import re

import pytest

from graders.kernel.exercise import exercise_names
from graders.notebook.extension import load
from graders.notebook.messages import NotebookFunction, SentenceError
from graders.notebook.mistyped_names import guess, sentence_for

WRONG = ("()", "(3)", "(None)", "([])", "({'a': 1})", "(print)", "('')", "(' ')", "('a', 'b', 'c', 'd', 'e')", "(x=1)")
WORDS_OF_OURS = ("Desk", "locals", "NotebookSession", "LabFunctions", "positional", "Error", "our fault", "Traceback")


@pytest.fixture
def functions(own_shell):
    """The functions of a notebook by name, as `%load_ext graders` puts them there."""
    load(own_shell)
    return {name: value for name, value in own_shell.user_ns.items() if isinstance(value, NotebookFunction)}


def test_each_says_how_it_is_called_when_it_is_only_named(functions):
    """Is it one sentence with the function's name and parentheses?"""
    assert {"check", "hint", "solution", "progress", "contents", "recall", "hand_in", "fresh_lab"} < set(functions)
    for name, function in functions.items():
        assert repr(function).startswith(f"{name}(")
        assert repr(function).endswith(".")
        assert "\n" not in repr(function)
        assert function.__doc__


def test_each_is_on_the_page_of_functions(functions, root):
    """Is it in the table of docs/functions-in-lessons.md, and nothing else there?"""
    page = (root / "docs/functions-in-lessons.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", page.partition("## From `graders.demonstrations`")[0], re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)\(", row)} == set(functions)


@pytest.mark.parametrize("arguments", WRONG)
def test_a_wrong_call_is_one_sentence(functions, arguments, tmp_path, monkeypatch):
    """Does it end in a sentence that speaks of the call, or do what it says, and never show what is inside?"""
    monkeypatch.chdir(tmp_path)
    for name, function in functions.items():
        try:
            eval(f"function{arguments}", {"function": function})
        except SentenceError as error:
            assert not any(word in str(error) for word in WORDS_OF_OURS), (name, arguments, str(error))
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("splt-the-name", "split-the-name"),
        ("opn-loans", "open-loans"),
        ("Open_Loans", "open-loans"),
        ("open loans", "open-loans"),
        ("days-lat", "days-late"),
        ("openloans", "open-loans"),
        ("split-the", "split-the-name"),
    ],
)
def test_what_is_meant_is_guessed(written, meant):
    """Is it among the guesses?"""
    assert f"`{meant}`" in guess(written, exercise_names())


@pytest.mark.parametrize("written", ["", "x", "zzzzz", "3", "🦆", "x" * 5_000])
def test_what_is_like_nothing_is_not_guessed(written):
    """Is there no question where nothing is near?"""
    assert guess(written, exercise_names()) == ""


@pytest.mark.parametrize(
    ("name", "cell", "says"),
    [
        ("loans", "check(open-loans)", 'Write the name in quotes: `check("open-loans")`.'),
        ("days", "hint( days-late )\n", 'Write the name in quotes: `hint("days-late")`.'),
        ("chekk", 'chekk("open-loans")', "There is no function `chekk`. Did you mean `check`?"),
        ("hints", 'hints("open-loans")', "There is no function `hints`. Did you mean `hint`?"),
        ("foo", "foo(1)", ""),
        ("loans", "len(loans)", ""),
        ("chekk", "chekk + 1", ""),
        ("chekk", "%%answer days-late\nchekk()", ""),
    ],
)
def test_a_missing_name_is_explained_where_it_is_known(name, cell, says):
    """Is a call without quotes told from a mistyped function, and nothing said of other names?"""
    assert sentence_for(name, cell, ["check", "hint"]) == says
