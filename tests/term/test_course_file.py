"""Is a course file read as it is meant, and is each fault in it told with its place and its remedy?"""

import re
from datetime import UTC, datetime

import pytest

from graders.term.course_file import CourseFileError, find_term, read_term
from graders.term.new_course import write_course_file
from graders.term.roster import Person, read_roster

LESSONS = {"01-start": ["first", "second"], "02-next": ["third"]}


@pytest.fixture
def write(tmp_path):
    def write_text(text, roster=""):
        (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
        path = tmp_path / "course.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


ROSTER = "student,name,section\nann,Ann Ärmel,day\nben,Ben O'Neil,evening\n"
WHOLE = """
title = "Our course"
timezone = "Europe/Berlin"
roster = "roster.csv"
[late]
percent_a_day = 12.5
[lessons.01-start]
due = 2027-01-12T23:59:00
weight = 2
left_out = ["first"]
sections = { evening = 2027-01-13T12:00:00 }
[[extensions]]
student = "ann"
lesson = "02-next"
due = 2027-02-01T00:00:00Z
[[hand_ins]]
student = "ben"
lesson = "01-start"
at = 2027-07-01T12:00:00
"""


def test_a_whole_file_is_read(write):
    term = read_term(write(WHOLE, ROSTER), LESSONS)
    assert (term.file.title, term.file.late.percent_a_day, term.plan("01-start").left_out) == (
        "Our course",
        12.5,
        ("first",),
    )
    assert term.people["ben"] == Person("ben", "Ben O'Neil", "evening")
    assert term.plan("02-next").weight is None


def test_times_are_by_the_clocks_where_the_course_is(write):
    """Is summer time taken off where it is summer, and a time with its own zone left alone?"""
    term = read_term(write(WHOLE, ROSTER), LESSONS)
    assert term.due("ann", "01-start").astimezone(UTC) == datetime(2027, 1, 12, 22, 59, tzinfo=UTC)
    assert term.handed_in("ben", "01-start").astimezone(UTC) == datetime(2027, 7, 1, 10, 0, tzinfo=UTC)
    assert term.due("ann", "02-next") == datetime(2027, 2, 1, tzinfo=UTC)


def test_a_date_is_the_students_own_or_the_sections_or_that_of_all(write):
    term = read_term(write(WHOLE, ROSTER), LESSONS)
    days = {who: term.due(who, "01-start").day for who in ("ann", "ben", "a stranger")}
    assert days == {"ann": 12, "ben": 13, "a stranger": 12}
    assert (term.due("ben", "02-next"), term.handed_in("ann", "01-start")) == (None, None)


FAULTS = {
    "title = 3": "title: text in quotes is expected, not 3.",
    "rooster = 'x'": "there is no setting `rooster`. Did you mean `roster`?",
    "timezone = 'Mars/Olympus'": 'timezone: there is no time zone "Mars/Olympus". Write one like "Europe/Berlin".',
    "late = 10": "late: a block of settings is expected.",
    "late.percent_a_day = 'ten'": 'late.percent_a_day: a number is expected, not "ten".',
    "late.percent_a_day = true": "late.percent_a_day: a number is expected, not true.",
    "late.percent_a_day = 110": "late: percent_a_day is a number from 0 to 100, not 110.",
    "late.grace_minutes = 1.5": "late.grace_minutes: a whole number is expected, not 1.5.",
    "late.days_accepted = -1": "late: grace_minutes and days_accepted are 0 or more.",
    "lessons.01-star.weight = 1": "lessons: there is no lesson `01-star`. Did you mean `01-start`?",
    "lessons.01-start.weight = -1": "lessons.01-start.weight: a weight is 0 or more, not -1.",
    "lessons.01-start.due = 2027-01-12": "lessons.01-start.due: a date with a time, like 2027-01-31T23:59:00, is "
    'expected, not "2027-01-12".',
    "lessons.01-start.optional = 'first'": "lessons.01-start.optional: a list of names, like "
    '["split-the-name"], is expected, not "first".',
    "lessons.01-start.optional = ['third']": "lessons.01-start: there is no exercise `third`. There are: "
    "first, second.",
    "lessons.01-start.sections.noon = 2027-01-12T00:00:00": "lessons.01-start.sections: there is no section `noon`. "
    "There are: none.",
    "[[extensions]]\nstudent = 'x'\nlesson = '01-start'": "extensions[0].due: `due` is missing.",
    "hand_ins = [{student = 'x', lesson = '03', at = 2027-01-12T00:00:00}]": "hand_ins: there is no lesson `03`. "
    "There are: 01-start, 02-next.",
    "roster = 'none.csv'": "roster: {folder}/none.csv: No such file or directory.",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_with_its_place(write, text):
    path = write(text)
    with pytest.raises(CourseFileError) as caught:
        read_term(path, LESSONS)
    assert str(caught.value) == f"{path}: {FAULTS[text].format(folder=path.parent)}"


def test_all_faults_are_told_at_once(write):
    with pytest.raises(CourseFileError) as caught:
        read_term(write("title = 3\nlate.grace_minutes = 'x'\nroom = 1"), LESSONS)
    assert len(str(caught.value).splitlines()) == 3


def test_what_is_no_toml_says_where(write):
    with pytest.raises(CourseFileError, match=r"this is not TOML: .*line 2"):
        read_term(write('title = "x"\nlate = \n'), LESSONS)


def test_a_student_who_is_not_on_the_roster_is_told(write):
    with pytest.raises(CourseFileError, match="extensions: there is no student `anne`. Did you mean `ann`?"):
        read_term(write(WHOLE.replace('"ann"', '"anne"'), ROSTER), LESSONS)


def test_a_new_course_file_is_right_and_changes_nothing(tmp_path):
    """Can the file that is made be read, before and after every line in it is taken out of its comment?"""
    assert find_term(tmp_path, LESSONS) is None
    path = write_course_file(tmp_path / "course.toml", list(LESSONS))
    term = find_term(tmp_path, LESSONS)
    assert all(term.plan(lesson) == type(term.plan(lesson))() for lesson in LESSONS)
    (tmp_path / "roster.csv").write_text("student\njdoe\n", encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    settings = [re.sub(r"^# (?=\w+ = |\[\[)", "", line) for line in lines]
    path.write_text("\n".join(settings), encoding="utf-8")
    assert read_term(path, LESSONS).due("jdoe", "01-start").day == 15
    with pytest.raises(FileExistsError):
        write_course_file(path, list(LESSONS))


TABLES = {
    "Canvas": ('Student,ID,SIS Login ID,Section\n    Points Possible,,,\n"Doe, J",12,jdoe,Day\n', "jdoe", "12", "Day"),
    "Moodle": (
        "Identifier,Full name,Email address\nParticipant 77,Zoë M,zoe@example.org\n",
        "zoe@example.org",
        "77",
        "",
    ),
    "by hand": ("\ufeffstudent,section\nZoë Müller,A\n", "Zoë_Müller", "", "A"),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_roster_of_each_kind_is_read(tmp_path, kind):
    text, student, number, section = TABLES[kind]
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    (person,) = read_roster(tmp_path / "r.csv")
    assert (person.student, person.number, person.section) == (student, number, section)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names no student"),
        ("student\n", "names no student"),
        ("a,b\n1,2\n", "neither Canvas' exported gradebook"),
        ("student\nann\nann\n", "two students would have the folder ann"),
    ],
)
def test_a_table_that_is_no_roster_is_refused(tmp_path, text, why):
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        read_roster(tmp_path / "r.csv")


@pytest.mark.parametrize(
    ("name", "first_and_last"),
    [
        ("Müller, Zoë Ann", ("Zoë Ann", "Müller")),
        ("Zoë Ann Müller", ("Zoë Ann", "Müller")),
        ("Cher", ("", "Cher")),
        ("", ("", "")),
    ],
)
def test_a_name_comes_in_two(name, first_and_last):
    assert Person("x", name).first_and_last_name == first_and_last


def test_moodles_worksheet_says_when(tmp_path):
    """Is the time taken where it is written as Moodle writes it in English, and not guessed elsewhere?"""
    head = "Identifier,Full name,Last modified (submission)\n"
    times = ('"Sunday, 31 January 2027, 11:58 PM"', '"Sunday, 31 January 2027, 23:58"', "-", '"31. Jänner 2027"')
    rows = "".join(f"Participant {n},Student {n},{time}\n" for n, time in enumerate(times, start=1))
    (tmp_path / "w.csv").write_text(head + rows, encoding="utf-8")
    late = datetime(2027, 1, 31, 23, 58)
    assert [person.handed_in for person in read_roster(tmp_path / "w.csv")] == [late, late, None, None]
