"""Backups, judged by restoring them: what comes back is compared with what was committed at one moment."""

from graders.techniques.backups.crontab import CrontabError, Job, read_crontab, split_percent
from graders.techniques.backups.file_calls import FileCall, FileFunction
from graders.techniques.backups.judging import BackupFindings, Fault, Night, find_torn_copy, judge_backup
from graders.techniques.backups.live import LiveDatabase
from graders.techniques.backups.nights import (
    Command,
    NightRun,
    RestoreRun,
    ScriptNight,
    describe_restored,
    pass_nights,
    restore_text,
    run_crontab,
    run_nights,
    run_restores,
)
from graders.techniques.backups.restoring import Loss, Moment, find_loss, read_moment, restore_file
from graders.techniques.backups.shell_dumps import Tables, restore_dump, sort_tables, write_dump, write_script

__all__ = [
    "Command",
    "CrontabError",
    "Job",
    "NightRun",
    "RestoreRun",
    "ScriptNight",
    "Tables",
    "describe_restored",
    "pass_nights",
    "read_crontab",
    "restore_dump",
    "restore_text",
    "run_crontab",
    "run_nights",
    "run_restores",
    "sort_tables",
    "split_percent",
    "write_dump",
    "write_script",
    "BackupFindings",
    "Fault",
    "FileCall",
    "FileFunction",
    "LiveDatabase",
    "Loss",
    "Moment",
    "Night",
    "find_loss",
    "find_torn_copy",
    "judge_backup",
    "read_moment",
    "restore_file",
]
