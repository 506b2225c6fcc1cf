"""Is JupyterLab set up without losing what somebody else has set?"""

import json

import pytest

from graders.frontend import ENVIRONMENT, install

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
