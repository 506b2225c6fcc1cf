"""Are crontabs read as crontab(5) says: fields, days, names, settings, and the sign that ends a command?"""

from datetime import datetime, timedelta

import pytest

from graders.techniques.backups import CrontabError, read_crontab, split_percent

MONDAY = datetime(2026, 3, 2)


def times(schedule, start=MONDAY, minutes=24 * 60):
    """When a job with this schedule runs in the minutes after `start`, as "day hour:minute"."""
    (job,) = read_crontab(f"{schedule} true")
    moments = (start + timedelta(minutes=number) for number in range(minutes))
    return [f"{moment:%d %H:%M}" for moment in moments if job.runs_at(moment)]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 2 * * *", ["02 02:00"]),
        ("30 4,16 * * *", ["02 04:30", "02 16:30"]),
        ("0-2 0 * * *", ["02 00:00", "02 00:01", "02 00:02"]),
        ("*/30 5 * * *", ["02 05:00", "02 05:30"]),
        ("10-30/10 5 * * *", ["02 05:10", "02 05:20", "02 05:30"]),
        ("0 0 * mar *", ["02 00:00"]),
        ("0 0 * MAR Mon", ["02 00:00"]),
        ("0 0 * * 0", []),
        ("@daily", ["02 00:00"]),
        ("@midnight", ["02 00:00"]),
        ("@weekly", []),
        ("@reboot", []),
    ],
)
def test_fields_mean_what_crontab_5_says(schedule, expected):
    """Does the job run at exactly these minutes of a Monday?"""
    assert times(schedule) == expected


@pytest.mark.parametrize("sunday", ["0", "7", "sun"])
def test_sunday_has_two_numbers(sunday):
    """Is Sunday both 0 and 7?"""
    assert times(f"0 0 * * {sunday}", minutes=7 * 24 * 60) == ["08 00:00"]


def test_either_day_is_enough_where_both_name_some():
    """Does `30 4 1,15 * 5`, the manual's own example, run on the 1st, on the 15th, and on every Friday?"""
    days = times("30 4 1,15 * 5", datetime(2026, 3, 1), 31 * 24 * 60)
    assert days == [f"{day:02} 04:30" for day in (1, 6, 13, 15, 20, 27)]


def test_a_star_with_a_step_names_no_days():
    """Must both fields of days agree where one begins with a star?"""
    days = times("0 0 */2 * 1", datetime(2026, 3, 1), 31 * 24 * 60)
    assert days == ["09 00:00", "23 00:00"]


@pytest.mark.parametrize(
    ("text", "command", "stdin"),
    [
        ("mail -s now joe%Joe,%%Where are you?", "mail -s now joe", "Joe,\n\nWhere are you?\n"),
        (r"date +\%F", "date +%F", ""),
        (r"date +\%F%x\%y", "date +%F", "x%y\n"),
        ("true%", "true", "\n"),
        ("echo 'a%b'", "echo 'a", "b'\n"),
    ],
)
def test_a_percent_sign_ends_the_command(text, command, stdin):
    """Does the first bare sign end the command, each further one a line, and a backslash keep it?"""
    assert split_percent(text) == (command, stdin)


def test_settings_hold_for_the_lines_below():
    """Are settings read, with their quotes and blanks, also where a value holds a percent sign?"""
    text = (
        "A=1\n# a comment\n\nNAME = \"two words\"\n0 2 * * * one\nFORMAT=+%F\n'MAIL TO'=x\n0 3 * * * two # no comment\n"
    )
    one, two = read_crontab(text)
    assert one.environment == {"A": "1", "NAME": "two words"}
    assert two.environment == {"A": "1", "NAME": "two words", "FORMAT": "+%F", "MAIL TO": "x"}
    assert two.command == "two # no comment"


@pytest.mark.parametrize(
    "line",
    [
        *("60 2 * * * x", "0 24 * * * x", "0 2 0 * * x", "0 2 * 13 * x", "0 2 * * 8 x", "0 2 * * x", "0 2 * * *"),
        *("*/0 2 * * * x", "5/2 2 * * * x", "9-5 2 * * * x", "@never x", "pg_dump mydb", "-1 2 * * * x", ", 2 * * * x"),
    ],
)
def test_what_crontab_refuses_is_refused(line):
    """Does a line that cannot be installed raise an error that names the line?"""
    with pytest.raises(CrontabError, match="line 2"):
        read_crontab(f"# first\n{line}")
