"""Does handing in save the file that graders expect, and say what is left to do?"""

import shutil

import pytest

from graders.notebook.saved_notebook import hand_in_message

ID = "01-start-here"


@pytest.fixture
def notebook(root, tmp_path):
    """The released first lesson in a folder of its own, as a student has it."""
    path = tmp_path / "notebooks" / ID / f"{ID}.ipynb"
    path.parent.mkdir(parents=True)
    return shutil.copyfile(root / "notebooks" / ID / f"{ID}.ipynb", path)


def answered(notebook):
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("-- YOUR SQL HERE", "SELECT name FROM members"), encoding="utf-8")
    return notebook


def test_the_copy_has_the_name_that_graders_expect(notebook, tmp_path):
    """Is the copy the saved file to the byte, and said where it lies?"""
    message = hand_in_message(answered(notebook), "start-here")
    copy = tmp_path / "notebooks/hand-in" / f"{ID}.ipynb"
    assert copy.read_bytes() == notebook.read_bytes()
    assert f"hand-in/{ID}.ipynb" in message.text
    assert "3 exercises without an answer:\n– Exercise 1" in message.text
    assert "Who still has a book?" not in message.text


def test_a_hub_names_the_folder_of_the_class(notebook, tmp_path, monkeypatch):
    """Does the copy lie where `grade` looks for it, under the student's name?"""
    monkeypatch.setenv("DATABASES_BY_EXPERIMENT_HAND_IN", str(tmp_path / "submitted"))
    monkeypatch.setenv("JUPYTERHUB_USER", "ada/../b")
    message = hand_in_message(notebook, "start-here")
    assert (tmp_path / "submitted" / "ada_.._b" / ID / f"{ID}.ipynb").is_file()
    assert "nothing else to do" in message.text


def test_handing_in_again_replaces_the_copy(notebook, tmp_path):
    """Is it the newest that is handed in?"""
    hand_in_message(notebook, "start-here")
    hand_in_message(answered(notebook), "start-here")
    assert "SELECT name FROM members" in (tmp_path / "notebooks/hand-in" / f"{ID}.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [None, "", "{}", "[1"])
def test_what_cannot_be_read_is_said(notebook, content):
    """Is it one sentence with the remedy when there is no notebook, or a broken one?"""
    if content is not None:
        notebook.write_text(content)
    message = hand_in_message(None if content is None else notebook, "start-here")
    assert "save it" in message.text.casefold()
