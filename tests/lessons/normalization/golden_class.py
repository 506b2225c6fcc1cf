"""Golden submissions of the lesson on rules and keys: what students hand in, and what they must earn."""

from __future__ import annotations

from student import Student, full_marks

LESSON = "03-normalization"
FULL = full_marks(LESSON)
FIRST_KEY = (
    "def candidate_keys(attributes, fds):\n"
    "    def closure(reached):\n"
    "        for left, right in fds:\n"
    "            if left <= reached and not right <= reached:\n"
    "                return closure(reached | right)\n"
    "        return reached\n"
    "    key = set(attributes)\n"
    "    for name in sorted(attributes):\n"
    "        if closure(key - {name}) == attributes:\n"
    "            key -= {name}\n"
    "    return [key]"
)
ONE_WALK = (
    "def closure(attributes, fds):\n"
    "    reached = set(attributes)\n"
    "    for left, right in fds:\n"
    "        if left <= reached:\n"
    "            reached |= right\n"
    "    return reached"
)

STUDENTS = {
    "all-right": Student({}),
    "forgets-null": Student(
        {"test-a-dependency": "SELECT zip FROM addresses GROUP BY zip HAVING count(DISTINCT city) > 1"},
        {"test-a-dependency": "0"},
        ("make of a city that is NULL?",),
    ),
    "stops-early": Student(
        {"compute-the-closure": ONE_WALK, "find-candidate-keys": FIRST_KEY},
        {"compute-the-closure": "0", "find-candidate-keys": "1.5"},
        ("Your closure stops too early", "do you stop at the first one?"),
    ),
    "takes-superkeys": Student({"spot-the-keys": "a c d e"}, {"spot-the-keys": "0"}, ("a superkey",)),
    "deletes-the-table": Student(
        {"contradict-the-table": "DELETE FROM order_lines", "test-a-dependency": "DROP TABLE addresses"},
        {"contradict-the-table": "0", "test-a-dependency": "0"},
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
