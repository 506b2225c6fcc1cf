"""Do demonstrations import the public functions alone, and does the page on functions in lessons name them all?"""

import ast
import re

import pytest

from graders import demonstrations
from graders.course.course import read_course
from graders.course.lesson import Task

# What one lesson imports from its own claims, each with its reason, which the page gives too.
OF_ONE_LESSON = {
    "injection": {"pages": "the shop under attack", "card.open_users": "the card's users"},
    "orm-safety": {
        **dict.fromkeys(("mappers.run", "mappers.show", "mappers.show_source", "engines.show_on"), "runs a page"),
        **dict.fromkeys(("mappers.SEQUELIZE", "mappers.HIBERNATE"), "says in which mapper"),
    },
    "migrations": {"runner.FILES": "the migrations of an exercise"},
    "live-migrations": {
        **dict.fromkeys(("rollouts.OLD", "rollouts.NEW"), "the versions of an application"),
        **dict.fromkeys(("rollouts.PEOPLE", "rollouts.open_people"), "their database"),
        **dict.fromkeys(("safe_statements.STATEMENTS", "safe_statements.live_shop"), "the statements of an exercise"),
        **dict.fromkeys([f"safe_statements.{name}" for name in ("CUSTOMERS", "ORDERS", "SCHEMA")], "their shop"),
    },
    "postgresql": {
        **dict.fromkeys(("shop.open_shop", "workload.open_day", "workload.compare_day"), "the shop of the exercises"),
        **dict.fromkeys([f"policies.{name}" for name in ("CARD_VIEW", "POLICIES")], "the view with the flaw"),
        **dict.fromkeys(("policies.open_guarded_shop", "policies.look"), "who sees what"),
        **dict.fromkeys(("grants.open_shop_for_app", "grants.try_deed"), "what the roles of an exercise may do"),
        **dict.fromkeys(("documents.open_messages", "documents.count_pages"), "the documents of an exercise"),
        **dict.fromkeys([f"migrate_command.{name}" for name in ("YES", "list_calls", "run_call")], "runs a command"),
    },
    "nightly-backup": {"shop_nights.draw_states": "the nights of its exercises"},
    "query-patterns": dict.fromkeys(("page_calls.run_page", "page_calls.describe_call"), "counts what a page sends"),
    "the-card": {
        f"whole_card.{name}": "the card as a whole, which no other lesson runs"
        for name in ("run_statements", "run_card", "run_card_with_psql", "refused", "find_sorted")
    },
}


@pytest.fixture(scope="module")
def imported(course):
    """For each lesson the names that its demonstrations import from the project, with their modules."""
    return {lesson.name: set(imports(lesson)) for lesson in read_course(course)}


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/functions-in-lessons.md").read_text(encoding="utf-8")


def imports(lesson):
    """Each name that a demonstration of the lesson imports from the project, with its module."""
    for piece in lesson.pieces:
        if isinstance(piece, Task) or piece.is_prose or piece.language != "python":
            continue
        for node in ast.walk(ast.parse(re.sub(r"^[%!].*$", "", piece.text, flags=re.M))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("graders"):
                yield from ((node.module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names if alias.name.startswith("graders"))


def test_demonstrations_import_the_public_functions_alone(imported):
    """Does no lesson import another module of the package than the public one, but for its own that has a reason?"""
    for lesson, names in imported.items():
        others = {f"{module}.{name}" for module, name in names if module != "graders.demonstrations"}
        own = f"graders.checks.{lesson.replace('-', '_')}"
        assert others == {f"{own}.{name}" for name in OF_ONE_LESSON.get(lesson, ())}, lesson


def test_every_public_function_is_shown_in_some_lesson(imported):
    """Is the public module no larger than what lessons use?"""
    used = {name for names in imported.values() for module, name in names if module == "graders.demonstrations"}
    assert used == set(demonstrations.__all__)


def test_every_public_function_is_on_the_page(page):
    """Is each name described on the page, and each name of one lesson in the table at its end?"""
    assert [name for name in demonstrations.__all__ if not re.search(rf"`[^`]*\b{name}\b[^`]*`", page)] == []
    own = {name.rpartition(".")[2] for names in OF_ONE_LESSON.values() for name in names}
    assert {name for name in own if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("name", demonstrations.__all__)
def test_every_public_function_says_what_it_is(name):
    """Does `?` after the name give a sentence?"""
    assert (getattr(demonstrations, name).__doc__ or "").split("\n")[0].rstrip().endswith((".", ":")), name
