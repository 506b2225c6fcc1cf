"""Backups, judged by restoring them: what comes back is compared with what was committed at one moment."""

from graders.techniques.backups.file_calls import FileCall, FileFunction
from graders.techniques.backups.judging import BackupFindings, Fault, Night, judge_backup
from graders.techniques.backups.live import LiveDatabase
from graders.techniques.backups.restoring import Loss, Moment, find_loss, read_moment, restore_file

__all__ = [
    "BackupFindings",
    "Fault",
    "FileCall",
    "FileFunction",
    "LiveDatabase",
    "Loss",
    "Moment",
    "Night",
    "find_loss",
    "judge_backup",
    "read_moment",
    "restore_file",
]
