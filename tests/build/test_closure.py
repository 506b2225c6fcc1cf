"""Does the build know every file that a module may depend on, and no more than it must?"""

import pytest

from graders.build.record import files_behind

FILES = {
    "graders/__init__.py": "",
    "graders/other.py": "",
    "graders/kernel/__init__.py": "",
    "graders/kernel/judge.py": "def judge():\n    from graders.sandbox import sandbox\n",
    "graders/kernel/report.py": "",
    "graders/sandbox/__init__.py": "",
    "graders/sandbox/sandbox.py": "START = 'graders.labs.serving'\n",
    "graders/sandbox/inside.py": "import json\n",
    "graders/sandbox/node/shop.cjs": "",
    "graders/sandbox/inner/__init__.py": "",
    "graders/labs/__init__.py": "",
    "graders/labs/serving.py": "from . import lab\nfrom ..kernel.report import Table\n",
    "graders/labs/lab.py": "from course_data import open_dataset\nopen_dataset('loans')\n",
    "graders/checks/__init__.py": "",
    "graders/checks/one/__init__.py": "",
    "graders/checks/one/claims.py": "import graders.kernel.judge\n",
    "graders/checks/one/more.py": "from course_data import library\n",
    "graders/checks/two/__init__.py": "",
    "graders/checks/two/claims.py": "",
    "datasets/course_data/__init__.py": "",
    "datasets/course_data/library.py": "",
    "datasets/course_data/loans.py": "",
    "datasets/course_data/flights.py": "",
}
UNUSED = {
    "graders/other.py",
    "graders/sandbox/inner/__init__.py",
    "graders/checks/two/__init__.py",
    "graders/checks/two/claims.py",
    "datasets/course_data/flights.py",
}


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
    found = {path.relative_to(project).as_posix() for path in files_behind(project, ["graders.checks.one.claims"])}
    assert found == set(FILES) - UNUSED


def test_a_lesson_does_not_depend_on_another(root):
    """Are the claims of one lesson left alone by a change to another's?"""
    found = files_behind(root, ["graders.build.worker", "graders.checks.index_costs.workload"])
    checks = {path.relative_to(root / "graders/checks").parts[0] for path in found if "checks" in path.parts}
    assert checks == {"__init__.py", "index_costs"}
    names = {path.name for path in found}
    assert {"workload.py", "judge.py", "Shop.java", "loans.py"} <= names
    assert not {"customers.py", "index-costs.json"} & names
