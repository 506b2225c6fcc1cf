"""Golden submissions of the lesson on taking tables apart: what students hand in, and what they must earn."""

from __future__ import annotations

from student import Student, full_marks

LESSON = "04-decomposition"
FULL = full_marks(LESSON)
INSERTS_ONLY = (
    "CREATE TRIGGER line_added AFTER INSERT ON lines BEGIN\n"
    "    UPDATE orders SET total = total + NEW.unit_price * NEW.quantity WHERE order_id = NEW.order_id;\n"
    "END;\n"
    "CREATE TRIGGER line_changed AFTER UPDATE ON lines BEGIN\n"
    "    UPDATE orders SET total = total - OLD.unit_price * OLD.quantity WHERE order_id = OLD.order_id;\n"
    "    UPDATE orders SET total = total + NEW.unit_price * NEW.quantity WHERE order_id = NEW.order_id;\n"
    "END;"
)
TRANSITIVE = (
    "tables = ['order_id ordered_on customer_id', 'customer_id customer_name email',\n"
    "    'product_id product category vat_percent', 'order_id product_id unit_price quantity']"
)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student(
        {
            "order-the-move": "c g d h f b e",
            "split-to-bcnf": "design = {'tables': ['student tutor', 'tutor office', 'tutor subject'],"
            " 'lost': ['subject student -> tutor']}",
        }
    ),
    "keeps-the-vat": Student(
        {"decompose-order-lines": TRANSITIVE}, {"decompose-order-lines": "0.67"}, ("vat_percent",)
    ),
    "loses-a-rule": Student(
        {"split-to-bcnf": "design = {'tables': ['tutor subject office', 'student tutor'], 'lost': []}"},
        {"split-to-bcnf": "1.2"},
        ("could have seen that they break student subject",),
    ),
    "lets-the-engine-choose": Student(
        {"order-the-move": "c d h f b e", "copy-or-record": "a b d e"},
        {"order-the-move": "1", "copy-or-record": "0"},
        ("has chosen between two e-mails without asking you",),
    ),
    "forgets-deletes": Student({"keep-the-total": INSERTS_ONLY}, {"keep-the-total": "0"}, ("when a line is deleted",)),
    "breaks-things": Student(
        {"keep-the-total": "DROP TABLE orders", "split-the-loan-sheet": "DROP TABLE sheet", "design-a-gym": "SELECT 1"},
        dict.fromkeys(("keep-the-total", "split-the-loan-sheet", "design-a-gym"), "0"),
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
