"""Are Canvas' and Moodle's downloads taken as they are, each file by whose it is, and nothing written elsewhere?"""

import csv
import io
import re
import stat
import unicodedata
import zipfile
from datetime import UTC, datetime
from functools import partial

import pytest
from click.testing import CliRunner
from golden import LESSON, OTHER

from graders.__main__ import main
from graders.grading import downloads
from graders.grading.class_matrix import days_late
from graders.grading.collect import COLLECTED, DUPLICATE, MISSING, REPLACED, UNCHANGED, Collection
from graders.grading.downloads import read_download, sender_of
from graders.term.roster import Person, read_roster
from graders.term.term import CourseFile, LessonPlan, Term

MOODLE = "{}_4711_assignsubmission_file_"


@pytest.fixture(scope="module")
def notebooks(root):
    """The released notebooks of two lessons, as bytes; `changed` is another one of the first."""
    first, other = (root.joinpath("notebooks", one, f"{one}.ipynb").read_bytes() for one in (LESSON, OTHER))
    return {"first": first, "changed": first.replace(b"YOUR SQL HERE", b"mine"), "other": other}


def zipped(files):
    """A zip of `files`, by name: bytes, or a made `ZipInfo` in place of the name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def collect(tmp_path, course):
    """A function that collects a download of the given files into one folder, and gives rows without file names."""
    submitted, ids = tmp_path / "submitted", [folder.name for folder in course.lesson_folders]

    def run(*files, lesson="", roster=None):
        download = tmp_path / "download.zip"
        download.write_bytes(zipped(files))
        rows = Collection(submitted, ids, lesson, roster or {}).collect(download)
        return [(row.student, row.lesson, row.what, row.late) for row in rows]

    run.submitted = submitted
    return run


def written(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_both_platforms_names_are_read(collect, notebooks):
    """Are students told from names with LATE, numbers and umlauts, and resubmissions from their own?"""
    rows = collect(
        (f"doejane_12345_678901_{LESSON}.ipynb", notebooks["first"]),
        (f"roejohn_LATE_12346_678902_{LESSON}-1.ipynb", notebooks["changed"]),
        (f"{MOODLE.format('Zoë Müller')}/{LESSON}.ipynb", notebooks["first"]),
        (f"{MOODLE.format('Seán O’Neill')}{LESSON}.ipynb", notebooks["first"]),
    )
    assert rows == [
        ("Seán_ONeill", LESSON, COLLECTED, False),
        ("Zoë_Müller", LESSON, COLLECTED, False),
        ("doejane_12345", LESSON, COLLECTED, False),
        ("roejohn_12346", LESSON, COLLECTED, True),
    ]
    files = written(collect.submitted)
    assert files[f"roejohn_12346/{LESSON}/{LESSON}.ipynb"] == notebooks["changed"]
    assert len(files) == 4


@pytest.mark.parametrize("spelled", [str.encode, lambda name: unicodedata.normalize("NFD", name).encode()])
def test_umlauts_of_any_zip_are_one_name(collect, notebooks, spelled):
    """Is a name the same from a zip that does not say that it is in UTF-8, and from a Mac?"""
    name = spelled(f"{MOODLE.format('Zoë Müller')}/{LESSON}.ipynb")
    content = zipped([("x" * len(name), notebooks["first"])]).replace(b"x" * len(name), name)
    (collect.submitted.parent / "d.zip").write_bytes(content)
    assert [sender_of(file.path).name for file in read_download(collect.submitted.parent / "d.zip")] == ["Zoë_Müller"]


def test_two_of_one_name_stay_two(collect, notebooks):
    """Has each of two students alike a folder of their own?"""
    alike = [f"Kim Lee_{number}_assignsubmission_file_/{LESSON}.ipynb" for number in (1, 2)]
    rows = collect(*((name, notebooks["first"]) for name in alike))
    assert [student for student, *_ in rows] == ["Kim_Lee_1", "Kim_Lee_2"]
    rows = collect(*((f"leekim_{n}_5_{LESSON}.ipynb", notebooks["first"]) for n in (1, 2)))
    assert [row[:1] for row in rows if row[2] == COLLECTED] == [("leekim_1",), ("leekim_2",)]


def test_of_resubmissions_the_last_is_taken(collect, notebooks):
    """Is it the later attachment, or the later upload of a file, and is the other told as a duplicate?"""
    for first, second in (("7_{}", "8_{}-1"), ("7_{}", "7_{}-1"), ("7_{}-9", "7_{}-10"), ("7_{}", "7_{} (1)")):
        files = [(f"doejane_1_{second.format(LESSON)}.ipynb", notebooks["changed"])]
        files.append((f"doejane_1_{first.format(LESSON)}.ipynb", notebooks["first"]))
        rows = collect(*files)
        assert DUPLICATE in [what for *_, what, _ in rows]
        assert written(collect.submitted)[f"doejane_1/{LESSON}/{LESSON}.ipynb"] == notebooks["changed"]


def test_a_later_download_replaces_what_changed(collect, notebooks):
    """Is what is there already left alone, what changed replaced, and who is gone told as missing?"""
    ann, ben = (f"{name}_5_{LESSON}.ipynb" for name in ("ann_1", "ben_2"))
    collect((ann, notebooks["first"]), (ben, notebooks["first"]))
    rows = collect((ann, notebooks["changed"]), (ben, notebooks["first"]))
    assert [what for *_, what, _ in rows] == [REPLACED, UNCHANGED]
    rows = collect((f"ann_1_5_{OTHER}.ipynb", notebooks["other"]))
    assert rows == [("ann_1", OTHER, COLLECTED, False), ("ben_2", OTHER, MISSING, False)]


def test_zips_in_zips_are_read_and_junk_is_passed_over(collect, notebooks):
    """Is the notebook found wherever the student put it, and not what systems and editors add?"""
    inner = zipped(
        [
            ("__MACOSX/._x.ipynb", b"\0"),
            ("work/.DS_Store", b"\0"),
            (f"work/.ipynb_checkpoints/{LESSON}-checkpoint.ipynb", notebooks["changed"]),
            ("work/My homework.ipynb", notebooks["first"]),
        ]
    )
    rows = collect(
        ("doejane_1_5_homework.zip", zipped([("again.ZIP", inner)])),
        ("__MACOSX/._doejane_1_5_homework.zip", b"\0"),
    )
    assert rows == [("doejane_1", LESSON, COLLECTED, False)]
    assert written(collect.submitted)[f"doejane_1/{LESSON}/{LESSON}.ipynb"] == notebooks["first"]


def test_a_notebook_goes_where_it_belongs(collect, notebooks):
    """Is a notebook known by what is in it, then by its name, and told if it is of no lesson, or not of this one?"""
    rows = collect(
        (f"ann_1_5_{LESSON}.ipynb", notebooks["other"]),
        (f"ben_2_5_{LESSON}.ipynb", b"{"),
        ("cem_3_5_x.ipynb", b'{"cells": []}'),
        ("dee_4_5_essay.docx", b"PK"),
        ("notes.ipynb", notebooks["first"]),
    )
    assert {(student, lesson): what for student, lesson, what, _ in rows if what[:7] != MISSING or not lesson} == {
        ("ann_1", OTHER): f"{COLLECTED}; its name says {LESSON}",
        ("ben_2", LESSON): f"{COLLECTED}; cannot be read: not a notebook: its JSON is broken",
        ("cem_3", ""): "not taken: it is of no lesson",
        ("dee_4", ""): "missing: there is no notebook in what was handed in",
        ("", ""): "not taken: its name does not say whose it is",
    }
    rows = collect((f"eva_5_5_{LESSON}.ipynb", notebooks["other"]), lesson=LESSON)
    assert ("eva_5", LESSON, f"not taken: it is not of {LESSON}", False) in rows


@pytest.mark.parametrize(
    "evil", ["../../evil.ipynb", "/tmp/evil.ipynb", "C:\\evil.ipynb", "..\\..\\evil.ipynb", "a/../../evil.ipynb"]
)
def test_nothing_is_written_where_a_zip_says(collect, notebooks, evil):
    """Does a path in a zip lead nowhere, in the download and in a student's own zip?"""
    inner = zipped([(evil, notebooks["first"])])
    collect((evil, notebooks["first"]), ("../../doejane_1_5_x.zip", inner), ("<>_1_5_x.ipynb", notebooks["first"]))
    assert set(written(collect.submitted)) == {f"{who}/{LESSON}/{LESSON}.ipynb" for who in ("doejane_1", "student_1")}
    assert {path.name for path in collect.submitted.parent.iterdir()} == {"submitted", "download.zip"}


def test_links_are_not_followed(collect, notebooks, tmp_path):
    """Is a symbolic link no file, in a zip and in a folder?"""
    link = zipfile.ZipInfo(f"ann_1_5_{LESSON}.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert collect((link, b"/etc/passwd")) == []
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / f"ann_1_5_{LESSON}.ipynb").symlink_to("/etc/passwd")
    (folder / f"ben_2_5_{LESSON}.ipynb").write_bytes(notebooks["first"])
    assert [file.path[0] for file in read_download(folder)] == [f"ben_2_5_{LESSON}.ipynb"]


def test_a_bomb_costs_its_sender_alone(collect, notebooks, monkeypatch):
    """Does what unpacks to more than its allowance, in one piece or many, end in a row?"""
    monkeypatch.setattr(downloads, "MAX_BYTES", 3_000_000)
    monkeypatch.setattr(downloads.Allowance, "__init__", lambda self: setattr(self, "left", 5_000_000))
    matter = zipped([("x.ipynb", b"0" * 4_000_000)])
    many = zipped([(f"{number}.ipynb", b"0" * 2_000_000) for number in range(9)])
    deep = notebooks["first"]
    for _ in range(6):
        deep = zipped([("x.zip", deep)])
    rows = collect(
        ("ann_1_5_x.zip", matter),
        ("ben_2_5_x.zip", many),
        ("cem_3_5_x.zip", deep),
        ("dee_4_5_x.zip", b"PK\x03\x04 damaged"),
        (f"eva_5_5_{LESSON}.ipynb", notebooks["first"]),
    )
    found = {student: what for student, lesson, what, _ in rows if not lesson or what == COLLECTED}
    assert found["ann_1"] == "not taken: larger than 3 MB"
    assert found["ben_2"] == "not taken: more than 100 MB in one upload"
    assert found["cem_3"] == "not taken: more than 4 zips inside each other"
    assert found["dee_4"] == "not taken: not a zip, or a damaged one"
    assert found["eva_5"] == COLLECTED


def test_a_damaged_or_locked_entry_is_told(collect, notebooks):
    """Is a file with a wrong checksum, or one behind a password, a row and no end?"""
    content = bytearray(zipped([("x.ipynb", notebooks["first"])]))
    content[60] ^= 255
    locked = bytearray(zipped([("x.ipynb", notebooks["first"])]))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    rows = collect(("ann_1_5_x.zip", bytes(content)), ("ben_2_5_x.zip", bytes(locked)))
    assert [what.split(" (")[0] for *_, what, _ in rows] == ["not taken: damaged or locked"] * 2


def write_csv(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_roster_names_folders_and_the_missing(collect, notebooks, tmp_path):
    """Are logins taken from Canvas' gradebook and addresses from Moodle's worksheet?"""
    head = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
    canvas = write_csv(
        tmp_path / "c.csv", head, ("    Points Possible", "", "", "", ""), ("Doe, Jane", 1, "s1", "jdoe", ""),
        ("Roe, Jo", 2, "s2", "jroe", ""),
    )  # fmt: skip
    rows = collect((f"doejane_1_5_{LESSON}.ipynb", notebooks["first"]), roster=read_roster(canvas))
    assert rows == [("jdoe", LESSON, COLLECTED, False), ("jroe", LESSON, MISSING, False)]
    head = ("Identifier", "Full name", "Email address", "Status")
    moodle = write_csv(tmp_path / "m.csv", head, ("Participant 4711", "Zoë Müller", "zoe@example.org", ""))
    assert read_roster(moodle) == [Person("zoe@example.org", "Zoë Müller", number="4711")]
    with pytest.raises(ValueError, match="neither Canvas"):
        read_roster(write_csv(tmp_path / "x.csv", ("a", "b"), (1, 2)))


def test_the_verb_prints_one_table(notebooks, tmp_path, root, monkeypatch):
    """Does `collect` say what was collected, late, missing and duplicate?"""
    monkeypatch.chdir(root)
    download = tmp_path / "d.zip"
    names = (f"doejane_LATE_1_5_{LESSON}.ipynb", f"doejane_LATE_1_6_{LESSON}-1.ipynb", f"roejo_2_7_{LESSON}.ipynb")
    download.write_bytes(zipped([*((name, notebooks["first"]) for name in names), ("poejim_3_8_x.pdf", b"")]))
    done = CliRunner().invoke(main, ["collect", str(download), "--to", str(tmp_path / "s")], catch_exceptions=False)
    assert done.exit_code == 0
    assert "2 notebooks collected; 2 late, 1 missing, 1 duplicate." in done.output
    assert done.output.count(LESSON) == 3 + 3
    assert re.search(r"poejim_3 +- +no +missing: there is no notebook", done.output) and "''" not in done.output
    refused = CliRunner().invoke(main, ["collect", str(download), "--lesson", "99-none"])
    assert "There is no lesson 99-none" in refused.output


def test_the_table_after_nbgraders_own_collect(tmp_path, course, notebooks):
    """Does the folder of submissions itself, as nbgrader's exchange fills it, tell who is late and missing?"""
    for student, time in (("ann", "2027-01-12 10:00:00 UTC"), ("ben", "2027-01-13 10:00:00 UTC")):
        folder = tmp_path / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_bytes(notebooks["first"])
        (folder / "timestamp.txt").write_text(time)
        (folder / "submission_secret.txt").write_text("a secret")
    people = {name: Person(name) for name in ("ann", "ben", "cem")}
    plan = LessonPlan(due=datetime(2027, 1, 12, 12, tzinfo=UTC))
    term = Term(CourseFile(lessons={LESSON: plan}), people)
    collection = Collection(
        tmp_path / "submitted", [LESSON], "", list(people.values()), UTC, partial(days_late, term=term)
    )
    before = written(tmp_path)
    rows = {(row.student, row.what, row.late) for row in collection.collect(tmp_path / "submitted")}
    assert rows == {("ann", UNCHANGED, False), ("ben", UNCHANGED, True), ("cem", MISSING, False)}
    assert written(tmp_path) == before
