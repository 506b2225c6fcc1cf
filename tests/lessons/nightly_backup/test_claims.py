"""Are sound and faulty scripts told apart that are not in the lesson, each by what was lost or not announced?"""

from functools import partial

import pytest
from foreseen_answers import LESSONS, judge_answer

from graders.kernel.report import Outcome
from nightly_backup.scripts import FAULTY, SOUND

report_on = partial(judge_answer, LESSONS["nightly-backup"].name)


def failed(report):
    return [verdict.claim for verdict in report.verdicts if verdict.outcome is Outcome.FAILS]


@pytest.mark.parametrize("name", SOUND)
def test_sound_scripts_earn_everything(name):
    """Does a script of another form, which holds on every night, get full marks?"""
    report = report_on("repair-the-script", SOUND[name])
    assert failed(report) == [] and report.score == report.points


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_scripts_are_told_by_what_went_wrong(name):
    """Is the first claim that fails the one about what could not be restored, or what was not announced?"""
    claim, text = FAULTY[name]
    assert failed(report_on("repair-the-script", text))[:1] == [claim]


LAZY = {
    "repair-the-line": ["0 2 * * * true", "0 2 * * * touch /backups/mydb_$(date +\\%F).sql.gz", "rubbish", "0 2 * * *"],
    "repair-the-script": ["exit 1", "exit 0", "touch /backups/mydb_20260301.sql.gz", "if", "pg_dump"],
    "keep-seven": ["exit 1", "rm -rf /backups", "pg_dump mydb > /backups/new.sql"],
    "restore-or-nothing": ["exit 1", "psql restored < /dev/null", 'cat "$1"', "createdb restored"],
    "prove-the-night": ["exit 1", "createdb proof"],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing_and_never_break_a_check(name, text):
    """Is no answer that does nothing worth anything, and no check our fault?"""
    report = report_on(name, text)
    assert report.score == 0 and report.status != "needs review"
