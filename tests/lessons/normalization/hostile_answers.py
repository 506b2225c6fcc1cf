"""Answers to the lesson on rules and keys that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

UNEARNED, COUNT_HELD = "a mark is given for what is not there", "our own look breaks"
UPDATES = tries("contradict-the-table", {
    "no-text": (COUNT_HELD, "UPDATE order_lines SET email = CAST(x'ff' AS TEXT)"),
    "nothing-left": (COUNT_HELD, "UPDATE order_lines SET email = x'' || zeroblob(900000)"),
    "two-updates": (COUNT_HELD, "UPDATE order_lines SET email = 'x' WHERE order_id = 1; UPDATE order_lines SET email = 'y'"),
    "update-hidden": (COUNT_HELD, "WITH u AS (SELECT 1) DELETE FROM order_lines -- UPDATE"),
    "update-returning": (UNEARNED, "UPDATE order_lines SET email = 'x' RETURNING email"),
    "update-or-ignore": (UNEARNED, "UPDATE OR IGNORE order_lines SET email = NULL WHERE order_id = 1"),
    "update-schema": (COUNT_HELD, "UPDATE sqlite_schema SET sql = '' WHERE name = 'order_lines'"),
    "update-surrogate": (COUNT_HELD, "UPDATE order_lines SET email = '\ud800' WHERE order_id = 1"),
    "update-other-table": (UNEARNED, "UPDATE orders SET email = 'x'"),
})  # fmt: skip
RULES = tries("test-a-dependency", {
    "sentinel": ("a city that is the stand-in for NULL is not tried", "SELECT zip FROM addresses GROUP BY zip HAVING count(DISTINCT coalesce(city, '?')) > 1"),
    "sentinel-zip": ("a city that is called like a zip is not tried", "SELECT zip FROM addresses GROUP BY zip HAVING count(DISTINCT coalesce(city, zip)) > 1"),
    "sentinel-distinct": ("a city that is the stand-in for NULL is not tried", "SELECT zip FROM (SELECT DISTINCT zip, coalesce(city, '-') AS c FROM addresses) GROUP BY zip HAVING count(*) > 1"),
    "first-letter": ("cities of one first letter are not tried", "SELECT zip FROM addresses GROUP BY zip HAVING count(DISTINCT substr(city, 1, 1)) + max(city IS NULL) > 1 OR min(length(city)) <> max(length(city))"),
    "trimmed": ("white space is not tried", "SELECT zip FROM addresses GROUP BY zip HAVING count(DISTINCT rtrim(city)) + max(city IS NULL) > 1"),
    "few-rows": ("it is right on few rows alone", "SELECT zip FROM (SELECT * FROM addresses LIMIT 4) GROUP BY zip HAVING count(DISTINCT city) + max(city IS NULL) > 1"),
    "neighbours": ("it is right on few rows alone", "SELECT 1 FROM addresses a JOIN addresses b ON a.zip IS b.zip AND a.city IS NOT b.city AND abs(b.rowid - a.rowid) < 4"),
    "deletes": ("a query that deletes counts", "DELETE FROM addresses WHERE zip IN (SELECT zip FROM addresses GROUP BY zip HAVING count(DISTINCT city) + max(city IS NULL) > 1) OR zip IS NULL AND (SELECT count(DISTINCT city) + max(city IS NULL) FROM addresses WHERE zip IS NULL) > 1 RETURNING 1"),
    "drops": (COUNT_HELD, "DROP TABLE addresses"),
    "query-only-4": (COUNT_HELD, "PRAGMA query_only = 1"),
    "begins": (COUNT_HELD, "BEGIN"),
    "grows": (COUNT_HELD, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"),
    "no-text-4": (COUNT_HELD, "SELECT CAST(x'ff' AS TEXT) FROM addresses"),
    "right-view": (COUNT_HELD, "WITH a AS (SELECT DISTINCT zip, city FROM addresses) SELECT zip FROM a GROUP BY zip HAVING count(*) > 1", 3),
})  # fmt: skip
FUNCTIONS = tries("compute-the-closure", {
    "closure-set-of-sets": (COUNT_HELD, "def closure(attributes, fds):\n    return {frozenset(attributes)}\n"),
    "closure-signals": (COUNT_HELD, "import decimal\ndef closure(attributes, fds):\n    return [decimal.Decimal('sNaN')]\n"),
    "closure-mutates-many": ("a change of more than one attribute is not tried", "def closure(attributes, fds):\n    reached = attributes if len(attributes) > 1 else set(attributes)\n    for _ in fds:\n        for left, right in fds:\n            if left <= reached:\n                reached |= right\n    return set(reached)\n", 2.25),
})  # fmt: skip
CLOSURE = "import gc, os\ndef closure(attributes, fds):\n"
WRITES = (
    CLOSURE
    + """    [w] = [f for f in gc.get_objects() if type(f).__name__ == 'TextIOWrapper' and f.mode == 'w' and f.fileno() > 2][:1]
    w.write(%r + chr(10)); w.flush(); os._exit(0)
"""
)
FUNCTIONS += tries("compute-the-closure", {
    "another-core": ("a sandbox leaves its core", CLOSURE + "    os.sched_setaffinity(0, range(os.cpu_count()))\n    return set('ABCDEF')\n"),
    "rows-of-nothing": (COUNT_HELD, WRITES % '{"value": {"rows": []}, "changed": []}'),
    "rows-of-rows": (COUNT_HELD, WRITES % '{"value": {"rows": [[[1]]]}, "changed": []}'),
    "ragged-rows": (COUNT_HELD, WRITES % '{"value": {"rows": [[1], [], [1e999, NaN]]}, "changed": []}'),
    "rows-and-more": (COUNT_HELD, WRITES % '{"value": {"rows": [[1]], "tuple": [1]}, "changed": []}'),
    "rows-of-text": (COUNT_HELD, WRITES % '{"value": {"rows": "AB"}, "changed": []}'),
    "number-of-5000-digits": (COUNT_HELD, (WRITES % '{"value": NUMBER, "changed": []}').replace("NUMBER", "' + '9' * 5000 + '")),
    "changed-is-none": (COUNT_HELD, WRITES % '{"value": [], "changed": {"a": 1}}'),
    "value-and-error": (COUNT_HELD, WRITES % '{"value": [], "error": {"a": 1}, "line": []}'),
})  # fmt: skip
FUNCTIONS += tries("find-candidate-keys", {
    "keys-all-subsets": (UNEARNED, "def candidate_keys(attributes, fds):\n    from itertools import combinations\n    return [set(c) for n in range(len(attributes) + 1) for c in combinations(attributes, n)]\n"),
    "keys-floods": (COUNT_HELD, "def candidate_keys(attributes, fds):\n    return [attributes] * 300_000\n"),
})  # fmt: skip
TRIES = [*UPDATES, *RULES, *FUNCTIONS]
