"""Golden submissions of the lesson on mappers: what students hand in, and the marks that differ from full marks."""

from __future__ import annotations

from student import Student

LESSON = "11-orm-safety"
FORGES_THE_LOG = (
    "import sys\n"
    "def by_author(session, Book, author):\n"
    "    frame = sys._getframe(1)\n"
    "    frame.f_locals['self'].statements = []\n"
    "    from sqlalchemy import text\n"
    "    return session.execute(text(f\"SELECT title, price FROM books WHERE author = '{author}'\"))"
)
HANDS_ON = (
    "def catalogue(session, Book, filters, order):\n"
    "    by = getattr(Book, order.lstrip('-'))\n"
    "    by = by.desc() if order.startswith('-') else by\n"
    "    return session.query(Book).filter_by(**filters).order_by(by).all()"
)
THE_CARDS = "def safe_search(Book, search_term):\n    return Book.objects.filter(title__icontains=search_term)"
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
        {"search-the-catalogue": HANDS_ON, "bind-in-sqlalchemy": FORGES_THE_LOG, "flawed-fix": THE_CARDS},
        {"search-the-catalogue": "1.33", "bind-in-sqlalchemy": "0", "flawed-fix": "0"},
        page=("none of those that are allowed",),
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
