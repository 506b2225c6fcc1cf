"""Backups, judged by restoring them: what comes back is compared with what was committed at one moment."""

from graders.techniques.backups.restoring import Loss, Moment, find_loss, read_moment, restore_file

__all__ = ["Loss", "Moment", "find_loss", "read_moment", "restore_file"]
