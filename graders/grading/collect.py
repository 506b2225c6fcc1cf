"""Collects submissions from a learning platform's download into <student>/<lesson>/<lesson>.ipynb."""

from __future__ import annotations

import csv
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path

from graders.course.notebook_cells import UnreadableNotebook, parse_notebook
from graders.grading.downloads import DownloadFile, Sender, read_download, sender_of, upload_number
from graders.grading.lesson_notebook import lesson_of
from graders.grading.submissions import TIMESTAMP, Submission
from graders.kernel.failures import contain_failure
from graders.kernel.readable import escape_formula, to_one_line, truncate
from graders.kernel.report import Table
from graders.term.roster import Person

COLLECTED, REPLACED, UNCHANGED = "collected", "collected, replaces an earlier one", "was there already"
DUPLICATE, MISSING = "duplicate, not taken", "missing"
NOBODY = "not taken: its name does not say whose it is"
# In the folder of submissions: what became of each file, collection after collection.
TABLE = "collected.csv"
COLUMNS = ("student", "lesson", "late", "what", "file")
MAX_SHOWN, MOST_NAMED = 100, 3
# In a table that is printed.
NOTHING = "-"
# The name of a file that is no notebook to be taken, and why it could have been one.
Other = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """What became of a file, or of a student who has none."""

    student: str
    lesson: str
    what: str
    file: str = ""
    late: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether the file is the one that will be marked."""
        return self.what.startswith((COLLECTED, UNCHANGED))


@dataclass
class Found:
    """A notebook of a known student and lesson, kept in a scratch file."""

    sender: Sender
    lesson: str
    name: str
    stem: str
    changed: tuple[int, ...]
    kept: Path
    fault: str = ""

    @property
    def order(self) -> tuple[int, int, tuple[int, ...]]:
        """Greater for what was handed in later, as far as names and times of change say so."""
        return self.sender.attachment, upload_number(self.stem), self.changed


@dataclass
class Collection:
    """Collects into the folder `submitted`; only notebooks of `lesson`, if that is given.

    `lessons` are the ids of all lessons, and `roster` the students, whose times are in `zone`. `days_late` says how
    late a submission came, where its folder has the time.
    """

    submitted: Path
    lessons: Sequence[str]
    lesson: str = ""
    roster: Sequence[Person] = ()
    zone: tzinfo = UTC
    days_late: Callable[[Submission], int] = lambda submission: 0
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self):
        self._by_number = {person.number: person for person in self.roster if person.number}

    def collect(self, download: Path) -> list[Row]:
        """Take what is in `download`, and say what became of each file and who is missing, by student and lesson."""
        self.rows = []
        with tempfile.TemporaryDirectory(prefix="collect-") as scratch:
            found, others = self._read(download, Path(scratch))
            names = self._folder_names({one.sender for one in found} | set(others))
            groups: dict[tuple[str, str], list[Found]] = defaultdict(list)
            for one in found:
                groups[names[one.sender.name, one.sender.number], one.lesson].append(one)
            for (student, lesson), group in groups.items():
                self._take_last(student, lesson, group)
        for who, files in others.items():
            self._add_others(names[who.name, who.number], files)
        self._add_missing({lesson for _, lesson in groups})
        return sorted(self.rows, key=lambda row: (row.student, row.lesson, not row.is_taken))

    def _read(self, download: Path, scratch: Path) -> tuple[list[Found], dict[Sender, list[Other]]]:
        """The notebooks in `download`, and what else its students handed in."""
        found: list[Found] = []
        others: dict[Sender, list[Other]] = defaultdict(list)
        for number, file in enumerate(read_download(download)):
            sender, name = sender_of(file.path), _shown(file.path)
            if sender is None:
                self._refuse_unknown(file, name)
            elif file.content is None:
                others[sender].append((name, file.fault))
            elif lesson := self._lesson(file):
                kept = scratch / str(number)
                kept.write_bytes(file.content)
                stem = Path(file.path[-1]).stem
                fault = self._fault(file.content, lesson, stem)
                found.append(Found(sender, lesson, name, stem, file.changed, kept, fault))
            else:
                others[sender].append((name, f"it is not of {self.lesson}" if self.lesson else "it is of no lesson"))
        return found, others

    def _refuse_unknown(self, file: DownloadFile, name: str) -> None:
        if file.fault or file.content is not None:
            self.rows.append(Row("", "", f"not taken: {file.fault}" if file.fault else NOBODY, name))

    def _lesson(self, file: DownloadFile) -> str:
        """The lesson by what the notebook says it is or, if it says nothing, by its name; "" if it is not wanted."""
        try:
            lesson = lesson_of(parse_notebook(file.content or b""))
        except UnreadableNotebook:
            lesson = ""
        named = next((one for one in self.lessons if one in file.path[-1]), self.lesson)
        lesson = lesson if lesson in self.lessons else named
        return lesson if lesson and self.lesson in ("", lesson) else ""

    def _fault(self, content: bytes, lesson: str, stem: str) -> str:
        """What an instructor should know of a notebook of `lesson` before it is graded; "" if nothing."""
        try:
            parse_notebook(content)
        except UnreadableNotebook as reason:
            return f"cannot be read: {reason}"
        named = next((one for one in self.lessons if one in stem and one != lesson), "")
        return f"its name says {named}" if named else ""

    def _folder_names(self, senders: Iterable[Sender]) -> dict[tuple[str, str], str]:
        """The folder of each student, by name and number: with the number where it is their own, or tells two apart."""
        numbers: dict[str, set[str]] = defaultdict(set)
        for one in senders:
            numbers[one.name.casefold()].add(one.number)
        return {(one.name, one.number): self._folder_name(one, numbers[one.name.casefold()]) for one in senders}

    def _folder_name(self, sender: Sender, numbers: set[str]) -> str:
        if sender.number in self._by_number:
            return self._by_number[sender.number].student
        needed = sender.number and (sender.is_unique or len(numbers) > 1)
        return f"{sender.name}_{sender.number}" if needed else sender.name

    def _take_last(self, student: str, lesson: str, group: list[Found]) -> None:
        *earlier, last = sorted(group, key=lambda one: one.order)
        folder = self.submitted / student / lesson
        what = self._write(folder / f"{lesson}.ipynb", last.kept.read_bytes())
        self._stamp(folder, last.sender)
        what = f"{what}; {last.fault}" if last.fault else what
        late = last.sender.late or self.days_late(Submission(student, lesson, folder / f"{lesson}.ipynb")) > 0
        self.rows.append(Row(student, lesson, what, last.name, late))
        self.rows += [Row(student, lesson, DUPLICATE, one.name, one.sender.late) for one in earlier]

    def _write(self, path: Path, content: bytes) -> str:
        if path.is_file() and path.read_bytes() == content:
            return UNCHANGED
        what = REPLACED if path.exists() else COLLECTED
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(content)
        beside.replace(path)
        return what

    def _stamp(self, folder: Path, sender: Sender) -> None:
        """Write beside the notebook when it was handed in, as nbgrader's exchange does, if the worksheet says so."""
        person = self._by_number.get(sender.number)
        if person and person.handed_in:
            time = person.handed_in.replace(tzinfo=self.zone).astimezone(UTC)
            (folder / TIMESTAMP).write_text(f"{time:%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")

    def _add_others(self, student: str, files: list[Other]) -> None:
        """A row for each file of the student that could not be taken, or one row if none could be a notebook."""
        refused = [Row(student, self.lesson, f"not taken: {why}", name) for name, why in files if why]
        if not refused and student not in {row.student for row in self.rows}:
            named = ", ".join(name for name, _ in files[:MOST_NAMED])
            refused = [Row(student, self.lesson, f"{MISSING}: there is no notebook in what was handed in", named)]
        self.rows += refused

    def _add_missing(self, lessons: set[str]) -> None:
        """A row for each student of the roster, or of earlier collections, of whom there is nothing."""
        there = (
            [path.name for path in self.submitted.iterdir() if path.is_dir() and path.name[0] != "."]
            if self.submitted.is_dir()
            else []
        )
        for lesson in sorted(lessons):
            have = {row.student for row in self.rows if row.lesson in (lesson, "")}
            for student in sorted({*there, *(person.student for person in self.roster)} - have):
                if not (self.submitted / student / lesson / f"{lesson}.ipynb").exists():
                    self.rows.append(Row(student, lesson, MISSING))


def describe_row(row: Row) -> str:
    """`row` in one line."""
    words = f"{row.student} {row.lesson}: {row.what}" + (" (late)" if row.late else "")
    return f"{words}, {row.file}" if row.file else words


def rows_table(rows: Sequence[Row]) -> Table:
    """All `rows` as a table."""
    return Table("What was collected", COLUMNS, [tuple(cell or NOTHING for cell in _cells(row)) for row in rows])


def _shown(path: Sequence[str]) -> str:
    return truncate(to_one_line("/".join(path)), MAX_SHOWN)


def keep_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write `rows` to the table at `path`, in which rows of other lessons stay as they are."""
    lessons = {row.lesson for row in rows}
    kept = [row for row in read_rows(path) if row.lesson not in lessons]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(tuple(map(escape_formula, cells)) for cells in map(_cells, [*kept, *rows]))


def read_rows(path: Path) -> list[Row]:
    """The rows of the table at `path`; none if nothing was collected yet."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(row["student"], row["lesson"], row["what"], row["file"], row["late"] == "late")
            for row in csv.DictReader(file)
        ]


def said_late(path: Path) -> set[tuple[str, str]]:
    """The students and lessons that the table at `path` calls late; none where it cannot be read."""
    with contain_failure("reading the table of what was collected"):
        return {(row.student, row.lesson) for row in read_rows(path) if row.late and row.is_taken}
    return set()


def _cells(row: Row) -> tuple[str, ...]:
    return row.student, row.lesson, "late" if row.late else "no", row.what, row.file
