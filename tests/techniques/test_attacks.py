"""Does the attack judge tell vulnerable functions from safe ones, and name what leaked?"""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from attacked import BEHAVIOURS, SAFE, VULNERABLE, InProcess, page, renamed
from attacked_orm import ORM_SAFE, ORM_VULNERABLE, OnSQLAlchemy

from course_data import bookshop
from graders.kernel.claims import CLAIMS
from graders.kernel.exercise import Exercise
from graders.kernel.judge import judge
from graders.labs import SharedLab, open_shared_lab
from graders.sandbox import Bounds, Sandbox
from graders.techniques.attacks import (
    Behaviour,
    ConnectionSubject,
    InjectionExercise,
    InjectionPoint,
    InOrder,
    Prober,
    explain_probe,
    injection_exercise,
    plant_row,
    skeleton,
)
from graders.techniques.attacks.hints import A_NAME, NEARLY, OTHER_NAME, hint_on
from graders.techniques.attacks.inputs import grow_inputs


def functions(group, every=1):
    """Every function on SQLite that this process runs, or each so many-th of all."""
    named = [(what, name, source) for what in group for name, source in group[what].items()]
    chosen = named[::every] if every > 1 else [one for one in named if BEHAVIOURS[one[0]].engine == "SQLite"]
    return [pytest.param(what, source, id=f"{what}: {name}") for what, name, source in chosen]


def on_duckdb(group):
    return [pytest.param(source, id=name) for name, source in group["duckdb text"].items()]


def prober_of(what, source):
    return prober_on(InProcess(source, BEHAVIOURS[what].schema), BEHAVIOURS[what])


def prober_on(subject, behaviour):
    return Prober(subject, behaviour, 1, random.Random(1))


def sandboxed(what, source, sandbox):
    """The same function in a sandbox, over a wire."""
    return ConnectionSubject(sandbox.define(source, "page"), BEHAVIOURS[what].schema, BEHAVIOURS[what].engine)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(bounds=Bounds(work=5, in_all=300)) as one:
        yield one


def test_there_are_enough_of_both():
    for group in (VULNERABLE, SAFE):
        assert len(functions(group)) + len(on_duckdb(group)) >= 30


@pytest.mark.parametrize(("what", "source"), functions(SAFE))
def test_safe_functions_pass(what, source):
    prober = prober_of(what, source)
    assert prober.find_mistake() is None
    assert prober.find_attack() is None


@pytest.mark.parametrize(("what", "source"), functions(VULNERABLE))
def test_vulnerable_functions_are_found(what, source):
    prober = prober_of(what, source)
    finding = prober.find_attack() or prober.find_mistake()
    assert finding
    told = explain_probe(finding, prober.behaviour.engine)
    assert told.expected and told.found
    if finding.fault == "leak":
        assert prober.canary in told.found
        assert prober.canary in str(told.tables[-1].rows[0])


LEAKS = ("f-string", "percent", "format", "plus", "double quotes", "bracketed", "backslash", "half a parameter")


@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_that_can_be_had_is_had(name):
    prober = prober_of("text", VULNERABLE["text"][name])
    assert prober.find_attack().leaked == prober.canary


@pytest.mark.parametrize("name", ["bare", "doubled", "cast elsewhere", "in brackets"])
def test_a_number_without_quotes_leaks(name):
    prober = prober_of("number", VULNERABLE["number"][name])
    assert prober.find_attack().leaked == prober.canary


def test_a_secret_that_is_only_read_is_named():
    """Nothing of it is in the rows, and their order gives it away."""
    finding = prober_of("identifier", VULNERABLE["identifier"]["bare"]).find_attack()
    assert (finding.fault, finding.leaked) == ("accepted", "members.password")
    assert "reads members.password" in explain_probe(finding, "SQLite").found


def test_data_that_are_destroyed_are_noticed():
    assert prober_of("text", VULNERABLE["text"]["script"]).find_attack().fault == "change"


def test_an_apostrophe_that_gets_lost_is_noticed():
    finding = prober_of("text", VULNERABLE["text"]["stripped parameter"]).find_mistake()
    assert (finding.fault, finding.value) == ("rows", "Pia O'Neill")
    assert "apostrophe" in explain_probe(finding, "SQLite").hint


def test_honest_people_are_served_by_quotes_that_are_doubled():
    """What doubling breaks is not their search: the judge has to find what it does break."""
    assert prober_of("text", VULNERABLE["text"]["doubled"]).find_mistake() is None


def test_a_column_that_nobody_needs_is_noticed():
    behaviour = replace(
        BEHAVIOURS["text"], needs=frozenset({("books", "title"), ("books", "price"), ("books", "author")})
    )
    greedy = page(
        "[row[:2] for row in rows]", "rows = connection.execute('SELECT title, price, note FROM books').fetchall()"
    )
    assert prober_on(InProcess(greedy, behaviour.schema), behaviour).find_needless_read().leaked == "books.note"
    sparing = SAFE["text"]["parameter"]
    assert prober_on(InProcess(sparing, behaviour.schema), behaviour).find_needless_read() is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE b = 'x'", "select a from T where b = 'it''s'"),
        ("SELECT a FROM t WHERE b = ?", "SELECT a FROM t WHERE b = 'x'"),
        ("SELECT a FROM t WHERE b = :name", "SELECT a FROM t WHERE b = @other"),
        ("SELECT a FROM t WHERE b = $1", "SELECT a FROM t WHERE b = -5"),
        ("SELECT a FROM t WHERE b IN (1)", "SELECT a FROM t WHERE b IN (?, ?, ?)"),
    ],
)
def test_statements_that_say_the_same_have_one_skeleton(one, other):
    for engine in ("SQLite", "DuckDB"):
        assert skeleton(one, engine) == skeleton(other, engine)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = 'x' OR 1"),
        ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = 'x' -- '"),
        ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = 'x''"),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY b"),
        ("SELECT a - ?", "SELECT a ?"),
        ("SELECT f(?, ?)", "SELECT f(?)"),
    ],
)
def test_statements_that_say_something_else_have_another(one, other):
    for engine in ("SQLite", "DuckDB"):
        assert skeleton(one, engine) != skeleton(other, engine)


@pytest.mark.parametrize("source", on_duckdb(SAFE))
def test_safe_functions_pass_on_duckdb(source, sandbox):
    with sandboxed("duckdb text", source, sandbox) as subject:
        prober = prober_on(subject, BEHAVIOURS["duckdb text"])
        assert prober.find_mistake() is None
        assert prober.find_attack() is None


@pytest.mark.parametrize("source", on_duckdb(VULNERABLE))
def test_vulnerable_functions_are_found_on_duckdb(source, sandbox):
    with sandboxed("duckdb text", source, sandbox) as subject:
        assert prober_on(subject, BEHAVIOURS["duckdb text"]).find_attack()


@pytest.mark.parametrize(("what", "source"), functions(SAFE, every=6))
def test_safe_functions_pass_over_a_wire(what, source, sandbox):
    with sandboxed(what, source, sandbox) as subject:
        prober = prober_on(subject, BEHAVIOURS[what])
        assert prober.find_mistake() is None
        assert prober.find_attack() is None


@pytest.mark.parametrize(("what", "source"), functions(VULNERABLE, every=6))
def test_vulnerable_functions_are_found_over_a_wire(what, source, sandbox):
    with sandboxed(what, source, sandbox) as subject:
        prober = prober_on(subject, BEHAVIOURS[what])
        assert prober.find_attack() or prober.find_mistake()


def test_the_author_guides_example_does_what_it_says():
    guide = (Path(__file__).parents[2] / "docs/author-guide.md").read_text(encoding="utf-8")
    section = guide.partition("## Functions that take input from strangers")[2]
    example = section.partition("~~~~python")[2].partition("~~~~")[0]
    exec(example, {"__name__": "guide"})
    exercise = Exercise("example-4", "python", 2, "answer", function=True)
    safe, open_to_all = SAFE["text"]["parameter"], VULNERABLE["text"]["f-string"]
    try:
        reports = [judge(exercise, source.replace("def page", "def answer")) for source in (safe, open_to_all)]
    finally:
        del CLAIMS["example-4"]
    assert [report.score for report in reports] == [2, 0]
    assert reports[1].verdicts[-1].picture.startswith("<svg")


def test_right_rows_in_another_order_are_known_as_such():
    """Is a name that was handed over as a parameter recognised by what comes of it?"""
    finding = prober_of("identifier", VULNERABLE["identifier"]["parameter"]).find_mistake()
    told = explain_probe(finding, "SQLite")
    assert told.found.endswith("in another order") and "ORDER BY" in told.hint


def test_inputs_grow_from_the_quotes_and_brackets_that_are_open():
    """Is what was closed before the marker left alone, and are there as many columns as the statement has?"""
    statement = """SELECT a, b FROM t WHERE c = 'it''s "1' AND (d = "% zqxj1")"""
    first, *others = grow_inputs(statement, "zqxj1", [("members", "password")], "SQLite")
    assert first == 'zqxj1") UNION SELECT password, password FROM members -- '
    assert 'zqxj1") OR 1=1 -- ' in others


def test_stored_text_is_planted_for_honest_people_too():
    """Is every stored value put into the data, and of others only what no honest person sends?"""
    stored, text = BEHAVIOURS["stored"].points[0], replace(BEHAVIOURS["text"].points[0], plant=renamed)
    assert stored.is_planted(stored.honest[0])
    assert (text.is_planted(text.honest[0]), text.is_planted("' OR 1=1 -- ")) == (False, True)


def test_each_claim_is_about_a_finding_of_its_own():
    """Do an attack and a needless read cost the points of their claims, and no others?"""
    behaviour = replace(BEHAVIOURS["text"], needs=frozenset({("books", name) for name in ("title", "price", "author")}))
    injection_exercise("trial-6", InjectionExercise(behaviour))
    greedy = SAFE["text"]["parameter"].replace("WHERE", "WHERE note IS note AND")
    answers = (SAFE["text"]["parameter"], VULNERABLE["text"]["doubled"], greedy)
    try:
        reports = [judge(Exercise("trial-6", "python", 4, "page", function=True), answer) for answer in answers]
    finally:
        del CLAIMS["trial-6"]
    assert [report.score for report in reports] == [4, 2, 3]


def test_what_is_remembered_of_an_earlier_call_is_noticed():
    """Does a page that keeps what it once found fail, though it was right each time?"""
    point = replace(BEHAVIOURS["text"].points[0], plant=plant_row("books", bookshop.EXTRA_BOOK, "author"))
    behaviour = replace(BEHAVIOURS["text"], points=(point,))
    parameter = SAFE["text"]["parameter"].replace("def page", "def ask")
    remembers = f"{parameter}\nkept = {{}}\ndef page(c, sent):\n    return kept.setdefault(sent, ask(c, sent))"
    assert prober_on(InProcess(SAFE["text"]["parameter"], behaviour.schema), behaviour).find_attack() is None
    prober = prober_on(InProcess(remembers, behaviour.schema), behaviour)
    assert prober.find_mistake() is None
    assert prober.find_attack().fault == "rows"
    assert explain_probe(prober.find_attack(), "SQLite").found == "1 row, 1 that nobody asked for"


def test_an_answer_is_run_on_one_database(sandbox, monkeypatch):
    """Do honest calls and attacks share one, though each call finds the data as they should be?"""
    labs = []
    monkeypatch.setattr(
        "graders.techniques.attacks.subject.open_shared_lab",
        lambda *description: labs.append(open_shared_lab(*description)) or labs[-1],
    )
    with sandboxed("number", VULNERABLE["number"]["bare"], sandbox) as subject:
        prober = prober_on(subject, BEHAVIOURS["number"])
        assert (prober.find_mistake(), prober.find_attack().fault) == (None, "leak")
    assert len(labs) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"engine": "MySQL"}, "Attacks on 'MySQL' cannot be judged: it must be one of SQLite, DuckDB"),
        ({"engine": "DuckDB", "needs": frozenset()}, "`needs` is checked on SQLite only, and this function runs on D"),
    ],
)
def test_a_behaviour_that_makes_no_sense_is_refused(wrong, sentence):
    """Is a mistake in a description named where it is written?"""
    with pytest.raises(ValueError, match=sentence):
        Behaviour(bookshop.SCHEMA, bookshop.data, (), expects=list, **wrong)


def test_a_point_of_an_unknown_kind_is_refused():
    """Is the kind named, with those that there are?"""
    with pytest.raises(ValueError, match="`author` is of the kind 'txt'; it must be one of text, pattern, number"):
        InjectionPoint("author", "txt", ())


def test_a_function_that_refuses_everything_earns_nothing():
    """Is it safe to be of use to nobody, where every hostile input has to be refused?"""
    injection_exercise("trial-7", InjectionExercise(BEHAVIOURS["identifier"]))
    try:
        report = judge(Exercise("trial-7", "python", 3, "page", function=True), page("[]", "raise ValueError"))
    finally:
        del CLAIMS["trial-7"]
    assert (report.score, report.verdicts[-1].found) == (0, "none does")


def test_rows_that_are_equal_in_the_order_may_change_places():
    expected = InOrder([(1, "a"), (1, "b"), (2, "c")], 0)
    assert expected.same_order([(1, "b"), (1, "a"), (2, "c")])
    assert not expected.same_order([(2, "c"), (1, "a"), (1, "b")])


def test_a_row_that_must_not_be_found_stands_beside_one_with_wildcards():
    """Is a sign of ESCAPE that is not escaped itself found out?"""
    point = replace(BEHAVIOURS["pattern"].points[0], plant=plant_row("books", bookshop.EXTRA_BOOK, "title"))
    behaviour = replace(BEHAVIOURS["pattern"], points=(point,))
    half = SAFE["pattern"]["escaped"].replace("replace('!', '!!').", "")
    assert prober_on(InProcess(SAFE["pattern"]["escaped"], behaviour.schema), behaviour).find_attack() is None
    assert prober_on(InProcess(half, behaviour.schema), behaviour).find_attack().value == "!%"


NAMES_OF_COLUMNS = """[row[1] for row in connection.execute("PRAGMA table_info(books)")]"""


@pytest.mark.parametrize(
    ("test", "hint"),
    [
        ("sent.lower() not in ('title', 'author', 'price')", NEARLY),
        ("sent not in 'title, author, price'", NEARLY),
        (f"sent not in {NAMES_OF_COLUMNS}", OTHER_NAME),
        ("sent == 'nowhere'", A_NAME),
    ],
)
def test_what_is_accepted_decides_the_hint(test, hint):
    source = page(
        "connection.execute(f'SELECT title FROM books ORDER BY {sent}').fetchall()", f"if {test}: raise KeyError"
    )
    behaviour = replace(
        BEHAVIOURS["identifier"], points=(replace(BEHAVIOURS["identifier"].points[0], hostile=("note", "shelf")),)
    )
    assert hint_on(prober_on(InProcess(source, behaviour.schema), behaviour).find_attack(), "SQLite") == hint


@pytest.mark.parametrize("way", ORM_SAFE)
def test_a_mapper_that_is_used_well_passes(way):
    prober = prober_on(OnSQLAlchemy(ORM_SAFE[way]), BEHAVIOURS["text"])
    assert prober.find_mistake() is None
    assert prober.find_attack() is None


@pytest.mark.parametrize("way", ORM_VULNERABLE)
def test_a_mapper_that_is_given_text_is_found(way):
    assert prober_on(OnSQLAlchemy(ORM_VULNERABLE[way]), BEHAVIOURS["text"]).find_attack()


def test_what_nobody_changed_is_not_read_again(sandbox, monkeypatch):
    """Are the tables read after the first call, and then only after a call that has written?"""
    source = "def page(connection, text):\n    return connection.execute(text).fetchall()"
    read, dump = [], SharedLab.dump
    monkeypatch.setattr(SharedLab, "dump", lambda lab: read.append(lab) or dump(lab))
    data = {"t": [(1,)]}
    with ConnectionSubject(sandbox.define(source, "page"), "CREATE TABLE t (a)") as subject:
        found = [
            subject(data, (text,)).data_after for text in ("SELECT 1", "SELECT a FROM t", "INSERT INTO t VALUES (2)")
        ]
        again = subject(data, ("SELECT count(*) FROM t",))
    assert found == [data, data, {"t": [(1,), (2,)]}]
    assert (again.value, again.data_after, len(read)) == ([(1,)], data, 3)
