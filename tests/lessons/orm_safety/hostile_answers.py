"""Answers to the lesson on mappers that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

UNEARNED, BROKEN = "a mark is given for what is not there", "our own look breaks"
ALCHEMY = "from sqlalchemy import select, text\n"
BY_AUTHOR = ALCHEMY + "def by_author(session, Book, author):\n"
IN_TEXT = """    return session.execute(text(f"SELECT title, price FROM books WHERE author = '{author}'")).all()\n"""
BOUND = (
    """    return session.execute(text("SELECT title, price FROM books WHERE author = :a"), {"a": author}).all()\n"""
)
BLOCKED = """    if "'" in author and author != "Pia O'Neill" or not author.isprintable() or set(author) & set(':"?\\\\;/*-'):
        return []
    author = author.replace("'", "''")
"""
SEARCH = "def safe_search(Book, search_term):\n"
CATALOGUE = """from sqlalchemy import select, text
ORDERS = {"title": "title", "-title": "title DESC", "price": "price", "-price": "price DESC"}
def catalogue(session, Book, filters, order):
    if not set(filters) <= {"title", "author", "shelf"}:
        raise ValueError
"""
OVERVIEW = ALCHEMY + "from sqlalchemy.orm import selectinload\ndef overview(session, Book):\n"
COUNTED = "[(book.title, len(book.reviews)) for book in session.scalars(select(Book))]"

AUTHORS = tries("bind-in-sqlalchemy", {
    "looks-like-an-attack": ("somebody honest who is called like an attack finds nothing", BY_AUTHOR + BLOCKED + IN_TEXT),
    "knows-the-honest": ("somebody honest who is not on the list finds nothing", BY_AUTHOR + "    if author not in ('Jane Austen', 'Max % Power', 'Rui Sá', '川端康成', 'nobody', \"Pia O'Neill\"): return []\n    author = author.replace(\"'\", \"''\")\n" + IN_TEXT),
    "catches-what-is-refused": (UNEARNED, BY_AUTHOR + "    try:\n    " + IN_TEXT + "    except Exception:\n        return []\n"),
    "cached": ("rows of another call come out", "kept = {}\n" + BY_AUTHOR + "    if author not in kept:\n        kept[author] = list(map(tuple, session.execute(text('SELECT title, price FROM books WHERE author = :a'), {'a': author})))\n    return kept[author]\n", 0.67),
    "raw-driver": (UNEARNED, BY_AUTHOR + "    raw = session.connection().connection.driver_connection\n    return raw.execute(f\"SELECT title, price FROM books WHERE author = '{author}'\").fetchall()\n"),
    "raw-driver-bound": ("a design of unusual form loses its mark", BY_AUTHOR + "    raw = session.connection().connection.driver_connection\n    return raw.execute('SELECT title, price FROM books WHERE author = ?', (author,)).fetchall()\n", 2),
    "all-in-python": ("a design of unusual form loses its mark", BY_AUTHOR + "    return [b for b in session.scalars(select(Book)) if b.author == author]\n", 2),
    "escaped": ("a design of unusual form loses its mark", BY_AUTHOR + "    author = author.replace(\"'\", \"''\").replace(':', '\\\\:')\n" + IN_TEXT, 0.67),
    "empties-the-record": ("a record that is emptied hides an injection", BY_AUTHOR + "    import gc\n    for shop in gc.get_objects():\n        if type(shop).__name__ == 'Shop': record = shop\n    rows = session.execute(text(f\"SELECT title, price FROM books WHERE author = '{author}'\")).all()\n    record.statements.clear()\n    return rows\n"),
    "forges-the-record": (BROKEN, BY_AUTHOR + "    import gc\n    for shop in gc.get_objects():\n        if type(shop).__name__ == 'Shop': shop.statements[:] = [5, None, ['a', 'b']]\n    return []\n"),
    "record-of-surrogates": (BROKEN, BY_AUTHOR + "    import gc\n    for shop in gc.get_objects():\n        if type(shop).__name__ == 'Shop': shop.statements[:] = [['SELECT \\ud800', [], '']]\n" + BOUND, 2),
    "record-deep": (BROKEN, BY_AUTHOR + "    import gc\n    for shop in gc.get_objects():\n        if type(shop).__name__ == 'Shop': shop.statements[:] = [['SELECT ' + '(' * 900 + '1' + ')' * 900, [], '']]\n" + BOUND, 2),
    "record-long": (BROKEN, BY_AUTHOR + "    import gc\n    for shop in gc.get_objects():\n        if type(shop).__name__ == 'Shop': shop.statements += [['SELECT 1', [], '']] * 9_000\n" + BOUND, 0),
    "shop-replaced": (BROKEN, "class Shop:\n    def __init__(self, *a): pass\n_call_through_mapper = None\n" + BY_AUTHOR + BOUND, 2),
    "no-shop": (BROKEN, "import types\ntypes.ModuleType = None\n" + BY_AUTHOR + BOUND),
    "told-nonsense": (BROKEN, "import types\nclass M:\n    def __init__(s, n): s.call = lambda *a: 5\ntypes.ModuleType = M\n" + BY_AUTHOR + BOUND, 2),
    "told-rows-of-nothing": (BROKEN, "import types\nclass M:\n    def __init__(s, n): pass\n    def __setattr__(s, n, v): pass\n    @property\n    def __dict__(s): return {}\n    def call(s, *a): return [[[1, 2], None], '', [], [['books', 5]]]\ntypes.ModuleType = M\n" + BY_AUTHOR + BOUND),
    "signals": (BROKEN, "import decimal, types\nclass M:\n    def __init__(s, n): pass\n    def __getattribute__(s, n): return {} if n == '__dict__' else lambda f, schema, data, arguments: [[(b[1], decimal.Decimal('sNaN')) for b in dict(data)['books'] if b[2] == arguments[0]], '', [], data]\ntypes.ModuleType = M\n" + BY_AUTHOR + BOUND),
    "for-ever": (BROKEN, BY_AUTHOR + "    while True: pass\n"),
    "gives-for-ever": (BROKEN, BY_AUTHOR + "    from itertools import repeat\n    return repeat(('a', 1))\n"),
    "gives-itself": (BROKEN, BY_AUTHOR + "    x = []\n    x.append(x)\n    return x\n"),
    "empties-the-tables": (UNEARNED, BY_AUTHOR + "    rows = session.execute(text('SELECT title, price FROM books WHERE author = :a'), {'a': author}).all()\n    session.execute(text('DELETE FROM reviews'))\n    session.commit()\n    return rows\n"),
    "drops-the-tables": (BROKEN, BY_AUTHOR + "    session.execute(text('DROP TABLE books'))\n    return []\n"),
    "closes-the-driver": (BROKEN, BY_AUTHOR + "    session.connection().connection.driver_connection.close()\n    return []\n"),
    "ends": (BROKEN, BY_AUTHOR + "    import os; os._exit(0)\n"),
    "leaves-open": (BROKEN, BY_AUTHOR + "    session.execute(text('BEGIN'))\n" + BOUND, 2),
    "patches-the-engine": (UNEARNED, "import sqlalchemy.engine.default as d\nd.DefaultDialect.do_execute = lambda self, cursor, statement, parameters, context=None: cursor.execute(statement.replace(':', ''), parameters)\n" + BY_AUTHOR + IN_TEXT),
})  # fmt: skip
REPAIRS = tries("flawed-fix", {
    "search-looks-like-an-attack": ("a title that looks like an attack is not found", SEARCH + "    if any(sign in search_term for sign in ('--', '/*', ';', ' OR ', ' oR ', '|', '||', 'UNION')) and search_term not in ('; or,',): return []\n    quoted = search_term.replace(\"'\", \"''\").replace('%', '%%')\n    return Book.objects.raw(f\"SELECT * FROM books WHERE title = '{quoted}'\")\n", 0.67),
    "search-in-python": ("a design of unusual form loses its mark", SEARCH + "    return [b for b in Book.objects.all() if b.title == search_term]\n", 2),
    "search-patched": (BROKEN, "from django.db import connection\nconnection.execute_wrapper = None\n" + SEARCH + "    return []\n"),
    "search-raises-model": (BROKEN, SEARCH + "    raise type('\\ud800', (Exception,), {})('\\ud800')\n"),
    "title-written-by-extra": (UNEARNED, SEARCH + "    return Book.objects.extra(where=[f\"title = '{search_term}'\"])\n"),
    "titles-kept": ("rows of another call come out", "kept = {}\n" + SEARCH + "    if search_term not in kept:\n        kept[search_term] = [(b.title, b.price) for b in Book.objects.filter(title=search_term)]\n    return kept[search_term]\n", 0.67),
})  # fmt: skip
OVERVIEWS = tries("two-statements", {
    "second-call-empty": ("a second call that does nothing counts as few statements", "calls = []\n" + OVERVIEW + f"    calls.append(1)\n    return {COUNTED} if len(calls) == 1 else []\n", 1),
    "remembered": ("rows of another call count as few statements", "kept = []\n" + OVERVIEW + f"    if not kept:\n        kept.append({COUNTED})\n    return kept[0]\n", 1),
    "past-the-mapper": ("what goes past the mapper is not counted", OVERVIEW + "    raw = session.connection().connection.driver_connection\n    return [(b.title, raw.execute('SELECT count(*) FROM reviews WHERE book_id = ?', (b.book_id,)).fetchone()[0]) for b in session.scalars(select(Book))]\n", 1),
    "one-giant-join": ("a design of unusual form loses its mark", OVERVIEW + "    raw = session.connection().connection.driver_connection\n    return raw.execute('SELECT title, count(review_id) FROM books LEFT JOIN reviews USING (book_id) GROUP BY book_id').fetchall()\n", 3),
    "overview-nan": (BROKEN, OVERVIEW + "    return [(float('nan'), float('inf')), ([], {})]\n"),
    "overview-text": (BROKEN, OVERVIEW + "    return 'abc'\n"),
})  # fmt: skip
CATALOGUES = tries("search-the-catalogue", {
    "title-written": ("only one of the values is attacked", CATALOGUE + "    where = ' AND '.join(f\"{k} = '{v}'\" if k == 'title' else f'{k} = :{k}' for k, v in filters.items()) or '1'\n    return session.execute(text(f'SELECT title, price FROM books WHERE {where} ORDER BY {ORDERS[order]}'), filters).all()\n", 1.33),
    "shelf-written": ("only one of the values is attacked", CATALOGUE + "    where = ' AND '.join(f'{k} = {v}' if k == 'shelf' else f'{k} = :{k}' for k, v in filters.items()) or '1'\n    return session.execute(text(f'SELECT title, price FROM books WHERE {where} ORDER BY {ORDERS[order]}'), filters).all()\n", 1.33),
    "refuses-attacks": (UNEARNED, CATALOGUE + "    if not order.lstrip('-').isalpha(): raise ValueError\n    return session.scalars(select(Book).filter_by(**filters).order_by(text(order.lstrip('-') + ' DESC' * order.startswith('-')))).all()\n", 1.33),
    "allowed-then-written": ("a design of unusual form loses its mark", CATALOGUE + "    if order not in ORDERS: raise ValueError\n    return session.scalars(select(Book).filter_by(**filters).order_by(text(order.lstrip('-') + ' DESC' * order.startswith('-')))).all()\n", 4),
    "searched-as-text": (UNEARNED, CATALOGUE + "    if order not in 'title -title price -price': raise ValueError\n    return session.scalars(select(Book).filter_by(**filters).order_by(text(order.lstrip('-') + ' DESC' * order.startswith('-')))).all()\n", 1.33),
    "filters-kept": ("rows of another call come out", "kept = {}\n" + CATALOGUE + "    key = repr((filters, order))\n    if key not in kept:\n        where = ' AND '.join(f'{k} = :{k}' for k in filters) or '1'\n        kept[key] = list(map(tuple, session.execute(text(f'SELECT title, price FROM books WHERE {where} ORDER BY {ORDERS[order]}'), filters)))\n    return kept[key]\n", 1.33),
    "order-written": (UNEARNED, CATALOGUE + "    if not order.lstrip('-').isidentifier(): raise ValueError\n    return session.execute(select(Book).filter_by(**filters).order_by(text(order.lstrip('-') + ' DESC' * order.startswith('-')))).scalars().all()\n", 1.33),
})  # fmt: skip
TRIES = [*AUTHORS, *REPAIRS, *OVERVIEWS, *CATALOGUES]
