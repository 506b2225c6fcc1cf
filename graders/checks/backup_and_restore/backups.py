"""Claims on backup functions: on the steps of one put in order, and on one that checks its copy."""

from __future__ import annotations

import textwrap

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.backup_and_restore.bank import draw_night, with_damage
from graders.sandbox import Sandbox, SandboxError
from graders.techniques.backups import BackupFindings, Fault, judge_backup

PAGE = """
import os
import shutil
import sqlite3

def backup(source, target):
{}
"""


AT_ONE_MOMENT = (
    "The file was copied page by page, and transfers were committed meanwhile. Which call keeps to one moment?"
)
IN_THE_LOG = (
    "The file is not the whole database: the newest rows were in the log beside it. Which call knows where they are?"
)
HALF_WRITTEN = "The name says that a backup is there. Which name should the file have until its last page is written?"
NO_BACKUP = (
    "For a moment there is neither the old backup nor the new one. Which call puts one file over another at once?"
)
SILENCE = "Nothing was saved, and whoever called the function takes the night for a good one. Who should hear of it?"
MADE_UP = "SQLite makes a new, empty database where it finds none. How do you open one that must exist?"
# What is shown for a fault whose kind begins like this, the first of them.
HINTS = {
    "quiet: copied": IN_THE_LOG,
    "quiet: no file": "Nothing is called `target` at the end. Under which name is your copy?",
    "quiet: user_version": "A dump writes tables and rows anew. What stands in the head of the file, and in no table?",
    "writers: copied": AT_ONE_MOMENT,
    "writers: no moment": "Each table was read at another moment. What keeps several reads at one moment?",
    "cut: no file": NO_BACKUP,
    "cut": HALF_WRITTEN,
    "next night": "What a power cut has left is in the way of every night after it. What must happen to it first?",
    "full: silence": SILENCE,
    "no source: silence": SILENCE,
    "no source": MADE_UP,
    "damaged source: damaged": "A damaged database is copied as it is. Who looked at the copy before it got its name?",
}


def raise_fault(fault: Fault | None) -> None:
    """Raise the fault as a student reads it, with a hint where the mistake is recognised."""
    if fault:
        raise fault.to_mismatch(next((hint for kind, hint in HINTS.items() if fault.kind.startswith(kind)), ""))


def brings_everything_back(findings: BackupFindings) -> None:
    """on a quiet night, the file at `target`, alone, brings back every row, index and number of the bank"""
    raise_fault(findings.quiet)


def keeps_to_one_moment(findings: BackupFindings) -> None:
    """when transfers are committed between its steps, the file holds what the bank held at one moment of the call"""
    raise_fault(findings.writers)


def is_never_half_written(findings: BackupFindings) -> None:
    """after a power cut at any step there is the old file or a whole new one, and the next night goes well"""
    raise_fault(findings.cut)


def says_when_it_fails(findings: BackupFindings) -> None:
    """where nothing can be saved it raises an exception, and the backup of the night before is still there"""
    raise_fault(findings.need)


@experiment("order-the-backup")
def run_steps(attempt: Attempt) -> BackupFindings:
    """Back up with the steps in this order; they are the lesson's own, so they need no isolation."""
    source = PAGE.format(textwrap.indent(attempt.answer + "\n", "    "))
    try:
        with Sandbox() as sandbox:
            return judge_backup(sandbox.define(source, "backup"), draw_night(attempt.seed))
    except SandboxError:
        raise Mismatch("steps that make a function", "no step") from None


@experiment("write-a-backup")
def run_function(attempt: Attempt) -> BackupFindings:
    """Back up a bank on a quiet night, beside transfers, through power cuts, and in need."""
    return judge_backup(attempt.answer, with_damage(draw_night(attempt.seed)))


for run in (run_steps, run_function):
    claim(run)(brings_everything_back)
    claim(run, after=brings_everything_back)(keeps_to_one_moment)
    claim(run, after=keeps_to_one_moment)(is_never_half_written)
    claim(run, after=is_never_half_written)(says_when_it_fails)
