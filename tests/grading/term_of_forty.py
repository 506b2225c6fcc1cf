"""A term that can be counted with a pencil: forty students, three lessons, and what each of them does.

What it comes to stands in term_by_hand.csv, which no program of the course has written. The rules:

* A student answers the first exercises of each lesson, and those rightly: as many as the number in the login leaves
  over when it is divided by the number of exercises and one (student10 answers 10 % 5 = 0 of the first lesson's four).
* Late in the first lesson are 1, 5, 9, … 37, by 30 hours; the evening (from 20 on) has a day more. 09 has an extension
  that is long enough, 13 one that ends 18 hours before, 17 comes ten days late, and 18 hands in again after 50 hours.
* In the second all but each seventh are 12 minutes late, which the grace covers; those are half an hour late. 12 hands
  in again, all eleven answered, after 25 hours. 39 hands in nothing; 03 uploads twice; 04 asks for a regrade.
* In the third 08, 11 and 22 are late by 61 hours, 33 by nobody knows how long; 29 sends a broken file, 38 nothing.
* Whoever wrote prose gets 0, 1, 2 or 2.5 points for it, and 19 half a point of extra credit.
"""

import csv
import zipfile
from datetime import UTC, datetime, timedelta

FIRST, SECOND, THIRD = LESSONS = ("01-start-here", "02-schema-values", "03-normalization")
NUMBERS = range(40)
NAMES = {0: "Zoë Müller", 1: "Jane Doe", 2: "Jane Doe", 3: "Sinéad O'Neil"}
LOGINS = [f"student{number:02}" for number in NUMBERS]
DUE = datetime(2027, 1, 12, 22, 59, tzinfo=UTC)  # 23:59 in Berlin.
EXERCISES = {
    FIRST: ("compare-with-null", "open-loans", "days-late", "read-a-report"),
    SECOND: (
        *("row-of-nonsense", "price-list", "split-the-bill", "minutes-between", "default-and-null", "rename-a-status"),
        *("words-in-three-designs", "ids-from-a-card", "repair-the-users", "totals-that-follow", "rent-out-tents"),
    ),
    THIRD: (
        *("one-address-change", "contradict-the-table", "tail-number-rule", "test-a-dependency", "trace-a-closure"),
        *("compute-the-closure", "spot-the-keys", "find-candidate-keys", "judge-a-rule"),
    ),
}
PROSE = {SECOND: "words-in-three-designs", THIRD: "judge-a-rule"}
LEFT_OUT, OPTIONAL, REPAIRED = "price-list", "contradict-the-table", "split-the-bill"
ASKED, TWICE, AGAIN_FIRST, AGAIN_SECOND, EXTRA, UNREADABLE, WITHOUT_TIME = 4, 3, 18, 12, 19, 29, 33
NOBODY = {SECOND: 39, THIRD: 38}
WORKSHEET = ("Identifier", "Full name", "Username", "Last modified (submission)")
LATE_ON_CANVAS = (8, 11, 22, WITHOUT_TIME)
COURSE_FILE = f"""
timezone = "Europe/Berlin"
roster = "roster.csv"
late = {{ grace_minutes = 15, percent_a_day = 10, at_most_percent = 25, days_accepted = 7 }}
lessons.{FIRST} = {{ due = 2027-01-12T23:59:00, weight = 1, sections = {{ evening = 2027-01-13T23:59:00 }} }}
lessons.{SECOND} = {{ due = 2027-01-12T23:59:00, weight = 2, left_out = ["{LEFT_OUT}"] }}
lessons.{THIRD} = {{ due = 2027-01-12T23:59:00, weight = 3, optional = ["{OPTIONAL}"] }}
extensions = [
  {{ student = "student09", lesson = "{FIRST}", due = 2027-01-20T00:00:00 }},
  {{ student = "student13", lesson = "{FIRST}", due = 2027-01-13T12:00:00 }},
]
hand_ins = [
  {{ student = "student08", lesson = "{THIRD}", at = 2027-01-15T12:00:00 }},
  {{ student = "student11", lesson = "{THIRD}", at = 2027-01-15T12:00:00 }},
  {{ student = "student22", lesson = "{THIRD}", at = 2027-01-15T12:00:00 }},
]
"""


def answered(number, lesson):
    """The exercises that a student answers at first: from none to all of the lesson."""
    names = EXERCISES[lesson]
    return names[: number % (len(names) + 1)]


def handed_in(number, lesson):
    """When a student hands in at first, through nbgrader's exchange or on Moodle."""
    if lesson == SECOND:
        return DUE + timedelta(minutes=30 if number % 7 == 0 else 12)
    if number == 17:
        return DUE + timedelta(days=10)
    return DUE + timedelta(hours=30 if number % 4 == 1 else -1)


def hand_mark(number):
    """What a person gives for prose, whoever wrote any."""
    return (0, 1, 2, 2.5)[number % 4]


def name(number):
    return NAMES.get(number, f"Student {number}")


def roster():
    return [("student", "name", "section"), *((LOGINS[n], name(n), "evening" * (n >= 20)) for n in NUMBERS)]


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hand_in_by_exchange(folder, number, text, time):
    place = folder / "submitted" / LOGINS[number] / FIRST
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{FIRST}.ipynb").write_text(text, encoding="utf-8")
    (place / "timestamp.txt").write_text(f"{time:%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")


def hand_in_on_moodle(folder, notebook):
    """The download, with two uploads of one student, and the worksheet beside it."""
    with zipfile.ZipFile(folder / "moodle.zip", "w") as archive:
        for number in NUMBERS:
            start = moodle_start(number)
            if number == TWICE:
                archive.writestr(f"{start}.ipynb", notebook(number, SECOND, ()))
                archive.writestr(f"{start} (1).ipynb", notebook(number, SECOND))
            elif number != NOBODY[SECOND]:
                archive.writestr(f"{start}.ipynb", notebook(number, SECOND))
    write_csv(folder / "worksheet.csv", [WORKSHEET, *(moodle_row(n, handed_in(n, SECOND)) for n in NUMBERS)])
    return folder / "moodle.zip"


def moodle_start(number):
    return f"{name(number)}_{900 + number}_assignsubmission_file_/{SECOND}"


def moodle_row(number, time):
    there = time + timedelta(hours=1)  # Berlin's clocks.
    return f"Participant {900 + number}", name(number), LOGINS[number], f"{there:%A, %d %B %Y, %I:%M %p}"


def hand_in_on_canvas(folder, notebook):
    """The download, in which late ones are called so, and the gradebook beside it."""
    rows = [("Student", "ID", "SIS Login ID", "Section")]
    with zipfile.ZipFile(folder / "canvas.zip", "w") as archive:
        for number in NUMBERS:
            rows.append((name(number), 500 + number, LOGINS[number], "Day"))
            late = "LATE_" if number in LATE_ON_CANVAS else ""
            if number != NOBODY[THIRD]:
                text = "{" if number == UNREADABLE else notebook(number, THIRD)
                archive.writestr(f"x_{late}{500 + number}_{7000 + number}_{THIRD}.ipynb", text)
    write_csv(folder / "gradebook.csv", rows)
    return folder / "canvas.zip"
