"""Golden submissions of the lesson on mappers: what students hand in, and the marks that differ from full marks."""

from __future__ import annotations

from student import Student

LESSON = "06-orm-safety"
FORGES_THE_LOG = (
    "import sys\n"
    "def by_author(session, Book, author):\n"
    "    frame = sys._getframe(1)\n"
    "    frame.f_locals['self'].statements = []\n"
    "    from sqlalchemy import text\n"
    "    return session.execute(text(f\"SELECT title, price FROM books WHERE author = '{author}'\"))"
)
HANDS_ON = "def find_books(Book, filters):\n    return Book.objects.filter(**filters)"
LITERAL = (
    "async function byAuthor({ sequelize, Book }, author) {\n"
    "  return await Book.findAll({ where: sequelize.literal(`author = '${author}'`) });\n"
    "}"
)
ENDS = "async function findBooks({ Book }, filters) {\n  process.exit(0);\n}"
DOES_NOT_COMPILE = "List<Book> byAuthor(EntityManager em, String author) {\n    return em.find(author);\n}"
STARTS_A_PROGRAM = (
    "List<Book> listing(EntityManager em, String column, String direction) throws Exception {\n"
    '    new ProcessBuilder("/usr/bin/id").start();\n'
    "    return List.of();\n"
    "}"
)

STUDENTS = {
    "all-right": Student({}),
    "hands-on": Student(
        {"filter-in-django": HANDS_ON, "bind-in-sqlalchemy": FORGES_THE_LOG},
        {"filter-in-django": "1", "bind-in-sqlalchemy": "0"},
    ),
    "other-languages": Student(
        {
            "bind-in-sequelize": LITERAL,
            "filter-in-sequelize": ENDS,
            "bind-in-hibernate": DOES_NOT_COMPILE,
            "sort-in-hibernate": STARTS_A_PROGRAM,
        },
        {"bind-in-sequelize": "0", "filter-in-sequelize": "0", "bind-in-hibernate": "0", "sort-in-hibernate": "0"},
    ),
}
