"""Does the build know every file that a module may depend on, and no more than it must?"""

import pytest

from graders.build.closure import files_behind

FILES = {
    "graders/__init__.py": "",
    "graders/judge.py": "def judge():\n    from graders.box import box\n",
    "graders/other.py": "",
    "graders/box/__init__.py": "",
    "graders/box/box.py": "START = 'graders.labs.serving'\n",
    "graders/box/inside.py": "import json\n",
    "graders/box/node/shop.cjs": "",
    "graders/box/inner/__init__.py": "",
    "graders/labs/__init__.py": "",
    "graders/labs/serving.py": "from . import lab\nfrom ..report import Table\n",
    "graders/labs/lab.py": "from graders.datasets import open_dataset\nopen_dataset('loans')\n",
    "graders/report.py": "",
    "graders/checks/__init__.py": "",
    "graders/checks/one.py": "import graders.judge\nfrom graders.checks import one_more\n",
    "graders/checks/one_more.py": "from graders.datasets import library\n",
    "graders/checks/two.py": "",
    "datasets/__init__.py": "",
    "datasets/library.py": "",
    "datasets/loans.py": "",
    "datasets/flights.py": "",
}
UNUSED = {"graders/other.py", "graders/box/inner/__init__.py", "graders/checks/two.py", "datasets/flights.py"}


@pytest.fixture
def project(tmp_path):
    """A small project with one import of every kind."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_all_that_is_imported_or_named_is_found(project):
    """Are imports in functions, relative ones, modules and data sets named in texts, and data beside modules found?"""
    found = {path.relative_to(project).as_posix() for path in files_behind(project, ["graders.checks.one"])}
    assert found == set(FILES) - UNUSED


def test_a_lesson_does_not_depend_on_another(root):
    """Are the claims of one lesson left alone by a change to another's?"""
    found = {path.name for path in files_behind(root, ["graders.build.worker", "graders.checks.indexing"])}
    assert {"indexing.py", "indexing_hour.py", "judge.py", "shop_django.py", "Shop.java", "loans.py"} <= found
    assert not {"injection.py", "transactions.py", "customers.py", "indexing.json"} & found
