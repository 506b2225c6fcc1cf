"""Are the mistakes of programs in JavaScript and Java made, and does what does nothing keep the function's name?"""

import pytest

from graders.fairness.program_mutants import idle_functions, program_mutants

JAVASCRIPT = """async function find({ Book, Op }, filters) {
  const known = ["title", "shelf"]; // two; of many
  for (const key of Object.keys(filters)) {
    if (!known.includes(key)) throw new Error("no such; key");
  }
  const author = filters.author;
  return await Book.findAll({ where: { author } });
}
"""
JAVA = """List<Book> find(EntityManager em, String author, String by) {
    String end = switch (by + " ") {
        case "up " -> "b.title";
        default -> throw new IllegalArgumentException("up or desc");
    };
    return em.createQuery("from Book b where b.author = :author", Book.class)
        .setParameter("author", author).getResultList();
}
"""


def changes_of(source, language):
    return [mutant.change for mutant in program_mutants(source, language, "find")]


@pytest.mark.parametrize(
    "piece",
    [
        '+ if (true) throw new Error("no such; key");',
        "+ if (!(!known.includes(key))) throw",
        '- const known = ["title", "shelf"]; // two; of many',
        "+ if (!known.includes(key)) ;",
        '+ if (!known.join(" ").includes(key))',
        "+ for (const key of [...Object.keys(filters)].slice(-1)) {",
        '+ const known = [ "shelf"];',
        '+ const known = ["title"];',
        '+ const known = ["title", "XXshelfXX"];',
        "+ return (await Book.findAll({ where: { author } })).slice(0, 10);",
        "+ return await Book.findOne(",
        "+ return await Book.findAll({ where: {} });",
        "sequelize.literal(`author = '${author}'`)",
        "{ author: { [Op.like]: author } }",
        "+ filters = filters.trim();",
        "+ filters = Object.fromEntries(Object.entries(filters).slice(-1));",
    ],
)
def test_each_mistake_is_made_in_javascript(piece):
    """Is this mistake among those made?"""
    assert [change for change in changes_of(JAVASCRIPT, "javascript") if piece in change]


@pytest.mark.parametrize(
    "piece",
    [
        '- case "up " -> "b.title";',
        '+ default -> "b.title";',
        '+ case "up " -> "b.title desc";',
        '+ return em.createQuery("from Book b", Book.class)',
        "b.author <> :author",
        "b.author like :author",
        """b.author = '" + author + "'", Book.class)""",
        "+ .getResultList();",
        ".setMaxResults(10).getResultList();",
        "+ return null;",
        "+ author = author.toLowerCase();",
        "+ by = by.trim();",
    ],
)
def test_each_mistake_is_made_in_java(piece):
    """Is this mistake among those made?"""
    assert [change for change in changes_of(JAVA, "java") if piece in change]


@pytest.mark.parametrize(("source", "language"), [(JAVASCRIPT, "javascript"), (JAVA, "java")])
def test_what_an_error_says_is_nobodys_mistake(source, language):
    """Does no mutant differ in the words of an error, and none in nothing?"""
    assert not [change for change in changes_of(source, language) if not change or 'Exception("XX' in change]
    assert not [change for change in changes_of(source, language) if 'Error("XX' in change or '("up or")' in change]


@pytest.mark.parametrize(("source", "language"), [(JAVASCRIPT, "javascript"), (JAVA, "java")])
def test_an_idle_program_has_the_head_of_the_function_alone(source, language):
    """Is the body gone, and the name still there?"""
    head = source.splitlines()[0]
    for text in idle_functions(source, language, "find"):
        assert text.startswith(head) and "known" not in text and "createQuery" not in text
