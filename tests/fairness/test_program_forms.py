"""Do other forms of a program in JavaScript or Java differ in their text, and do the same when they are called?"""

import os

import pytest

from course_data import bookshop_reviews
from graders.checks.orm_safety.mappers import HIBERNATE, SEQUELIZE, MapperSubject
from graders.fairness.program_forms import program_forms
from graders.sandbox import Sandbox, runtimes
from graders.sandbox.limits import Bounds

JAVASCRIPT = """async function find({ Book }, filters) {
  const known = ["title", "shelf"]; // two; of many
  let where = {};
  for (const [key, value] of Object.entries(filters)) {
    if (!known.includes(key)) throw new Error("it's not foreseen");
    where = { ...where, [key]: value };
  }
  return await Book.findAll({ where, order: [["title", "ASC"]] });
}
"""
JAVA = """List<Book> find(EntityManager em, String author, String by) {
    String order = switch (by) {
        case "up" -> "b.title";
        default -> throw new IllegalArgumentException("up; or nothing");
    };
    if (author.isEmpty()) return List.of();
    String query = "from Book b where b.author <> :author";
    query += " order by " + order;
    return em.createQuery(query, Book.class).setParameter("author", author).getResultList();
}
"""
ASKED = {"javascript": (({"shelf": 2},), ({"note": "x"},)), "java": (("Jane Austen", "up"), ("Jane Austen", "down"))}


def needs(language):
    missing = bool(runtimes.why_missing(language)) and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{language} is not here")


def answers_of(function, mapper):
    """What the function gives for what is foreseen, and whether it refuses the rest."""
    subject = MapperSubject(function, bookshop_reviews.SCHEMA, mapper)
    first, second = (subject(bookshop_reviews.data(1), arguments) for arguments in ASKED[mapper.language])
    return first.value, bool(first.raised), bool(second.raised)


def in_sandbox(language):
    return Sandbox(bounds=Bounds(work=60, in_all=120), runtime=runtimes.runtime(language))


@needs("javascript")
@pytest.mark.slow
def test_forms_in_javascript_do_the_same():
    """Does the function give the same books in each form, and refuse the same filter?"""
    found = {}
    for form, source in [("as it is", JAVASCRIPT), *program_forms(JAVASCRIPT, "javascript", "find")]:
        with in_sandbox("javascript") as sandbox:
            found[form] = answers_of(sandbox.define(source, "find"), SEQUELIZE)
    value, *raised = found["as it is"]
    assert len(value) > 1 and raised == [False, True]
    assert {form: answers for form, answers in found.items() if answers != found["as it is"]} == {}


@needs("java")
@pytest.mark.slow
def test_forms_in_java_do_the_same():
    """Does the method give the same books in each form, and refuse the same order? One machine runs them all."""
    found = {}
    with in_sandbox("java") as sandbox:
        for form, source in [("as it is", JAVA), *program_forms(JAVA, "java", "find")]:
            found[form] = answers_of(sandbox.define(source, "find"), HIBERNATE)
    value, *raised = found["as it is"]
    assert len(value) > 1 and raised == [False, True]
    assert {form: answers for form, answers in found.items() if answers != found["as it is"]} == {}


@pytest.mark.parametrize(
    ("form", "piece"),
    [
        ("with line feeds of Windows", ";\r\n"),
        ("with braces on lines of their own", "filters)\n{"),
        ("with braces after each condition", "if (!known.includes(key)) {\nthrow"),
        ("with its results in parentheses", "return (await Book"),
        ("with its results in a variable", "const given = await Book"),
        ("with its texts in single quotes", "['title', 'shelf']"),
        ("with its texts in backquotes", "[[`title`, `ASC`]]"),
        ("with var for each variable", "for (var [key"),
        ("as an arrow function", "const find = async ({ Book }, filters) => {"),
        ("as a function expression", "const find = async function ({ Book }"),
        ("through a function of its own", "return solve(...given)"),
        ("with optional chaining", "known?.includes(key)"),
        ("without semicolons", '["title", "shelf"] // two; of many'),
    ],
)
def test_each_form_is_made_in_javascript(form, piece):
    """Is the program written so, and left alone in what an apostrophe stands in?"""
    text = dict(program_forms(JAVASCRIPT, "javascript", "find"))[form]
    assert piece in text
    assert '"it\'s not foreseen"' in text


@pytest.mark.parametrize(
    ("form", "piece"),
    [
        ("with braces after each condition", "if (author.isEmpty()) {\nreturn List.of();\n}"),
        ("with its results in a variable", "var given = em.createQuery("),
        ("with var for each type", "    var order = switch (by) {"),
        ("with final for each variable", "    final String order = switch (by) {"),
        ("with final for each variable", "final EntityManager em, final String author"),
        ("as a method that is public static", "public static List<Book> find("),
        ("through a method of its own", "return solve(em, author, by);"),
    ],
)
def test_each_form_is_made_in_java(form, piece):
    """Is the program written so, and is what is assigned twice not final?"""
    text = dict(program_forms(JAVA, "java", "find"))[form]
    assert piece in text
    assert "final String query" not in text
