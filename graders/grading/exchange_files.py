"""The two small files by which nbgrader's exchange knows a submission, and the step that gives its feedback back."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from graders.grading.submissions import Submission, refused_file

NAMES = ("timestamp.txt", "submission_secret.txt")
MAX_BYTES = 1_000


def exchange_files(folder: Path) -> list[Path]:
    """Those that lie in `folder` as ordinary small files; a link in their place shows what is not the student's."""
    there = (folder / name for name in NAMES)
    return [path for path in there if path.is_file() and not refused_file(path) and path.stat().st_size <= MAX_BYTES]


def copy_exchange_files(submission: Submission, folder: Path) -> None:
    """Put those of `submission` into `folder`, and take away what lay there from an earlier one."""
    for name in NAMES:
        (folder / name).unlink(missing_ok=True)
    for path in exchange_files(submission.path.parent) if not submission.refused else ():
        shutil.copyfile(path, folder / path.name)


class ReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's own, which would stop at the first submission that did not come through the exchange."""

    def copy_files(self):
        pages = Path(self.coursedir.format_path(self.coursedir.feedback_directory, "*", self.coursedir.assignment_id))
        folders = sorted(Path(pages.anchor).glob(str(pages.relative_to(pages.anchor))))
        others = [folder.parent.name for folder in folders if len(exchange_files(folder)) < len(NAMES)]
        for student in others:
            self.log.warning("%s did not hand in through the exchange: give back the page yourself", student)
        self.coursedir.student_id_exclude = ",".join(filter(None, (self.coursedir.student_id_exclude, *others)))
        super().copy_files()
