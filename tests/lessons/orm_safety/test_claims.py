"""What the build does not try of the lesson on mappers: lazy answers, hints that would be untrue, other engines."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, hints_met, judge_answer

from graders.build.foreseen import can_be_tried
from graders.checks.orm_safety.engines import show_on
from graders.checks.orm_safety.hints import HINTS, choose_hint
from graders.checks.orm_safety.mappers import SQLALCHEMY
from graders.labs import find_postgres
from graders.techniques.attacks import HARMLESS, CallTrace, Probe

LESSON = LESSONS["orm-safety"]
ALCHEMY = "from sqlalchemy import select, text, literal\ndef by_author(session, Book, author):\n"
BOUND = 'text("SELECT title, price FROM books WHERE author = :a"), {"a": author})'
report_on = partial(judge_answer, LESSON.name)


LAZY = {
    "bind-in-sqlalchemy": [ALCHEMY + "    return []", ALCHEMY + "    raise ValueError"],
    "flawed-fix": ["def safe_search(Book, search_term):\n    return []"],
    "two-statements": ["def overview(session, Book):\n    return []"],
    "search-the-catalogue": ["def catalogue(session, Book, filters, order):\n    raise ValueError"],
    "grow-a-query": ["a", "c a"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_little_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text), 0.7)


@pytest.mark.parametrize(
    ("name", "text", "untrue"),
    [
        (
            "bind-in-sqlalchemy",
            f'{ALCHEMY}    author = author.replace("\'", "\'\'")\n    return session.execute({BOUND}',
            "in the text",
        ),
        (
            "bind-in-sqlalchemy",
            f"{ALCHEMY}    return session.scalars(select(Book).where(Book.author == author)).all()[:1]",
            "in the text",
        ),
        (
            "search-the-catalogue",
            "def catalogue(session, Book, filters, order):\n"
            "    if not set(filters) <= {'title', 'author', 'shelf'}: raise ValueError\n"
            "    by = {'title': Book.title, 'price': Book.price}[order.lstrip('-').lower()]\n"
            "    by = by.desc() if order.startswith('-') else by\n"
            "    return session.query(Book).filter_by(**filters).order_by(by).all()",
            "This is a name",
        ),
    ],
)
def test_a_hint_is_not_given_for_another_mistake(name, text, untrue):
    """Is a parameter that is doubled, a list that is cut or a name that is nearly right not called something else?"""
    report = report_on(name, text)
    assert report.score < report.points
    assert untrue not in " ".join(report.hints)


def test_hints_do_not_depend_on_how_an_answer_is_written():
    """Does a value that is put into the text meet one hint, by whatever sign it gets there?"""
    where = "SELECT title, price FROM books WHERE author = '"
    ways = (
        f'f"{where}{{author}}\'"',
        f'"{where}%s\'" % author',
        f'"{where}{{}}\'".format(author)',
        f'"{where}" + author + "\'"',
    )
    reports = [report_on("bind-in-sqlalchemy", f"{ALCHEMY}    return session.execute(text({way}))") for way in ways]
    assert len({tuple(report.hints) for report in reports}) == 1
    assert "before SQLAlchemy sees it" in reports[0].hints[0]


def test_what_is_not_recognised_keeps_the_general_hint():
    assert choose_hint(HARMLESS, Probe(None, "", CallTrace("page()"), [], False), SQLALCHEMY) == HARMLESS


def test_each_wrong_answer_of_an_exercise_has_a_hint_of_its_own():
    for task in LESSON.tasks.values():
        says = [wrong.says for wrong in task.wrong]
        assert len(set(says)) == len(says), task.name


@pytest.mark.slow
def test_every_own_hint_is_met_by_a_foreseen_answer():
    """Is no hint written that nobody can read?"""
    if all(can_be_tried(task) for task in LESSON.tasks.values() if task.wrong):
        assert [own.words for own in HINTS if own.words not in hints_met("orm-safety")] == []


def test_a_missing_postgresql_is_named_and_not_run(monkeypatch, capsys):
    monkeypatch.setattr(find_postgres, "installations", list)
    monkeypatch.delenv(find_postgres.URL_VARIABLE, raising=False)
    show_on("PostgreSQL", lambda session, book: 1 / 0)
    assert "make postgres" in capsys.readouterr().out
