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
        {"orm-safety-7": HANDS_ON, "orm-safety-2": FORGES_THE_LOG},
        {"orm-safety-7": "1", "orm-safety-2": "0"},
    ),
    "other-languages": Student(
        {
            "orm-safety-9": LITERAL,
            "orm-safety-10": ENDS,
            "orm-safety-11": DOES_NOT_COMPILE,
            "orm-safety-12": STARTS_A_PROGRAM,
        },
        {"orm-safety-9": "0", "orm-safety-10": "0", "orm-safety-11": "0", "orm-safety-12": "0"},
    ),
}
