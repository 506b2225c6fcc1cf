"""nbgrader's exchange as the course uses it: where it lies, what may go out through it, and whom it does not reach."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import (
    Exchange,
    ExchangeCollect,
    ExchangeList,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
)
from nbgrader.utils import ignore_patterns
from traitlets import default

from graders.build.builder import differences_of_lesson
from graders.course.course import Course
from graders.grading.gradebook import create_gradebook
from graders.grading.submissions import EXCHANGE_FILES, exchange_files
from graders.kernel.failures import contain_failure
from graders.kernel.readable import to_one_line

# Between a stamp and the last change of its folder, while a large notebook is copied on a busy disk.
SLACK = timedelta(minutes=10)


class CourseExchange(Exchange):
    """Lies where a hub's settings say, or where nbgrader looks without any; else in the course's own results.

    That it lies in the results is no setting but a default: a setting in the course's folder would go before a hub's.
    """

    @default("root")
    def _default_root(self):
        return str(self.own_folder) if not Path(Exchange.root.default_value).is_dir() else Exchange.root.default_value

    @property
    def own_folder(self) -> Path:
        """Where it lies without a hub: nobody else looks there."""
        return Path(self.coursedir.root, "results", "exchange")

    @property
    def is_own(self) -> bool:
        """Whether it is the course's own, because nobody has set one up."""
        return Path(self.root) == self.own_folder

    def ensure_root(self):
        """Refuse where nothing was ever sent; formgrader asks for each of its pages, and is answered without a word."""
        if self.is_own and not Path(self.root).is_dir():
            words = f"No exchange is set up here: there is no {self.root}. See docs/hub.md."
            if isinstance(self.parent, NbGraderAPI):
                raise ExchangeError(words)
            self.fail(words)
        super().ensure_root()


class SentThroughExchange(CourseExchange):
    """Makes the course's own folder when something is first sent, and says that nobody looks there."""

    def ensure_root(self):
        if self.is_own:
            Path(self.root).mkdir(parents=True, exist_ok=True)
        super().ensure_root()

    def start(self):
        super().start()
        if self.is_own:
            self.log.warning("No exchange is set up here: nobody else looks in %s. See docs/hub.md.", self.root)


class ReleaseAssignment(SentThroughExchange, ExchangeReleaseAssignment):
    """nbgrader's own, for notebooks as lessons/ make them and nothing beside them."""

    def init_src(self):
        super().init_src()
        course, lesson = Course.at(Path(self.coursedir.root)), self.coursedir.assignment_id
        if not (course.lessons / lesson).is_dir():
            return
        if differing := differences_of_lesson(course, lesson):
            self.fail(
                f"Nothing was released. What differs from what lessons/ make: {', '.join(differing)}. "
                f"Move what is yours elsewhere, then run: python -m graders build --quick --only {lesson}"
            )


class ReleaseFeedback(SentThroughExchange, ExchangeReleaseFeedback):
    """nbgrader's own, which would stop at the first submission that did not come through the exchange."""

    def copy_files(self):
        pages = Path(self.coursedir.format_path(self.coursedir.feedback_directory, "*", self.coursedir.assignment_id))
        folders = sorted(Path(pages.anchor).glob(str(pages.relative_to(pages.anchor))))
        others = [folder.parent.name for folder in folders if len(exchange_files(folder)) < len(EXCHANGE_FILES)]
        for student in others:
            self.log.warning("%s did not hand in through the exchange: give back the page yourself", student)
        self.coursedir.student_id_exclude = ",".join(filter(None, (self.coursedir.student_id_exclude, *others)))
        super().copy_files()


class Collect(CourseExchange, ExchangeCollect):
    """nbgrader's own, which one odd folder would stop, which follows links, and takes ben's hand-in for ann's.

    Overrides methods of nbgrader 0.9.6 that are not public; a test watches over it.
    """

    src_records: list[dict]

    def init_src(self):
        # nbgrader looks for due dates in the gradebook, which the first grading has still to make.
        Path(self.coursedir.root, "results").mkdir(exist_ok=True)
        create_gradebook(self.coursedir.db_url)
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]

    def _path_to_record(self, path):
        with contain_failure("reading its name") as faults:
            record = super()._path_to_record(path)
            refusal = self._refusal(Path(path), record["username"])
            if not refusal:
                self._note_arrival(Path(path), record)
                return record
            faults.append(refusal)
        self.log.warning("Not collected: %s: %s", to_one_line(Path(path).name), faults[0])
        return {"username": "", "filename": Path(path).name, "timestamp": datetime.min}

    def _refusal(self, folder: Path, student: str) -> str:
        """Why what lies there is nobody's hand-in; "" if it is the student's."""
        if folder.is_symlink() or not folder.is_dir():
            return "it is no folder"
        owner = _owner(folder)
        return f"{owner} put it there, and not {student}" if self.check_owner and owner != student else ""

    def _note_arrival(self, folder: Path, record: dict) -> None:
        """Say so if the folder changed after the time that it gives, which a student can write as they like."""
        arrived = datetime.fromtimestamp(folder.stat().st_ctime, UTC).replace(tzinfo=None)
        if arrived - record["timestamp"] > SLACK:
            words = "%s %s says that it was handed in at %s UTC; its folder changed last at %s UTC"
            moments = (f"{moment:%Y-%m-%d %H:%M}" for moment in (record["timestamp"], arrived))
            self.log.warning(words, record["username"], self.coursedir.assignment_id, *moments)

    def do_copy(self, src, dest, log=None):
        with contain_failure("copying it") as faults:
            self._copy(Path(src), Path(dest))
            return
        shutil.rmtree(dest, ignore_errors=True)
        self.log.error("Not collected: %s: %s", to_one_line(Path(src).name), faults[0])

    def _copy(self, source: Path, place: Path) -> None:
        if self.get_size(source) > 1000 * self.coursedir.max_dir_size:
            raise ValueError(f"it is larger than {self.coursedir.max_dir_size} KB")
        folders = self.coursedir
        ignored = ignore_patterns(folders.ignore, folders.include, folders.max_file_size, log=self.log)
        shutil.copytree(source, place, symlinks=True, ignore=ignored)
        for path in [path for path in place.rglob("*") if path.is_symlink()]:
            self.log.warning("Not collected: %s, a link in %s", to_one_line(path.name), to_one_line(source.name))
            path.unlink()


def _owner(folder: Path) -> str:
    try:
        return folder.owner()
    except KeyError:
        return "somebody unknown"


class List(CourseExchange, ExchangeList):
    """nbgrader's own."""
