"""Is JupyterLab set up without losing what somebody else has set?"""

import json

import pytest

from graders.frontend import ENVIRONMENT, install, install_for_teacher

SETTINGS = "share/jupyter/lab/settings/overrides.json"
PAGE = "etc/jupyter/labconfig/page_config.json"


def test_everything_is_laid_where_jupyter_looks(tmp_path):
    """Is each file there, and is doing it twice the same as once?"""
    made = install(tmp_path)
    first = {path: path.read_text() for path in made}
    assert {path.relative_to(tmp_path).as_posix() for path in made} >= {
        SETTINGS,
        PAGE,
        "etc/ipython/ipython_config.json",
    }
    assert len(made) == sum(path.is_file() for path in ENVIRONMENT.rglob("*"))
    assert {path: path.read_text() for path in install(tmp_path)} == first


def test_what_others_set_is_kept(tmp_path):
    """Do settings and switched-off extensions of somebody else's stay?"""
    for name, content in {
        SETTINGS: {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}},
        PAGE: {"disabledExtensions": {"theirs": True}},
        "etc/ipython/ipython_config.json": {"InteractiveShellApp": {"extensions": ["autoreload"]}},
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
    install(tmp_path)
    assert "themes" in (tmp_path / SETTINGS).read_text()
    assert json.loads((tmp_path / PAGE).read_text())["disabledExtensions"]["theirs"] is True
    config = json.loads((tmp_path / "etc/ipython/ipython_config.json").read_text())
    assert config["InteractiveShellApp"]["extensions"] == ["autoreload", "graders.notebook.start_up"]


def test_a_broken_file_is_named(tmp_path):
    """Is it said which file is no JSON, and is it left as it is?"""
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text("{,}")
    with pytest.raises(ValueError, match="page_config.json is no JSON"):
        install(tmp_path)
    assert (tmp_path / PAGE).read_text() == "{,}"


def test_students_get_the_list_of_assignments_where_there_is_an_exchange(tmp_path):
    """Is the list shown if it is asked for, and nothing of the teacher's with it?"""
    install(tmp_path, assignment_list=True)
    disabled = json.loads((tmp_path / PAGE).read_text())["disabledExtensions"]
    shown = {name for name, is_off in disabled.items() if not is_off}
    assert shown == {"@jupyter/nbgrader:assignment-list", "@jupyter/nbgrader:menu"}
    assert disabled["@jupyter/nbgrader:formgrader"] is True


def test_a_teacher_gets_every_menu_back(tmp_path):
    """Is each extension that students do without switched on in a teacher's own settings?"""
    install(tmp_path / "environment")
    install_for_teacher(tmp_path / "own")
    for_all = json.loads((tmp_path / "environment" / PAGE).read_text())["disabledExtensions"]
    own = json.loads((tmp_path / "own/labconfig/page_config.json").read_text())["disabledExtensions"]
    assert own == dict.fromkeys(for_all, False)
