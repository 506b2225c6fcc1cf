"""A term as its course file describes it: which lessons count, when they are due and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from graders.term.late_policy import LatePolicy
from graders.term.roster import Person


@dataclass(frozen=True)
class LessonPlan:
    """How one lesson counts."""

    due: datetime | None = None
    """When it has to be handed in, in the course's time zone; without it, it is never late and never missing."""
    weight: float | None = None
    """Its share in the final mark, relative to the others'; without it in any lesson, the points that count in it."""
    counts: bool = True
    """Whether it counts for the final mark at all."""
    further: bool = True
    """Whether what is *further* in it gives extra credit."""
    left_out: tuple[str, ...] = ()
    """Exercises that give no points."""
    optional: tuple[str, ...] = ()
    """Exercises whose points are extra credit, as those of what is *further* are."""
    sections: dict[str, datetime] = field(default_factory=dict)
    """When it is due for a section whose date is another."""


@dataclass(frozen=True)
class Extension:
    """More time for one student."""

    student: str
    """The name of the student's folder."""
    lesson: str
    """The lesson's folder, such as 03-normalization."""
    due: datetime
    """When it is due for this student."""


@dataclass(frozen=True)
class HandIn:
    """When a student handed in, where the platform's download does not say, or says it wrongly."""

    student: str
    """The name of the student's folder."""
    lesson: str
    """The lesson's folder."""
    at: datetime
    """The time that counts."""


@dataclass(frozen=True)
class CourseFile:
    """What `course.toml` holds; times without an offset are in `timezone`."""

    title: str = "Databases by Experiment"
    timezone: str = "UTC"
    roster: str = ""
    """The file of the students, beside `course.toml`."""
    anonymous: bool = False
    """Whether formgrader hides who wrote what it shows."""
    late: LatePolicy = field(default_factory=LatePolicy)
    lessons: dict[str, LessonPlan] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()
    hand_ins: tuple[HandIn, ...] = ()


@dataclass(frozen=True)
class Term:
    """A course file that was checked, with its students by the names of their folders."""

    file: CourseFile
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The course's time zone."""
        return ZoneInfo(self.file.timezone)

    def plan(self, lesson: str) -> LessonPlan:
        """How `lesson` counts; one that the file does not name counts in full and is never due."""
        return self.file.lessons.get(lesson, LessonPlan())

    def due(self, student: str, lesson: str) -> datetime | None:
        """When `lesson` is due for `student`: by an extension, or for the student's section, or for all."""
        plan = self.plan(lesson)
        section = self.people[student].section if student in self.people else ""
        found = self.extension(student, lesson) or plan.sections.get(section, plan.due)
        return found and self.in_zone(found)

    def extension(self, student: str, lesson: str) -> datetime | None:
        """When `lesson` is due for `student` by an extension of their own; None without one."""
        found = [one.due for one in self.file.extensions if (one.student, one.lesson) == (student, lesson)]
        return self.in_zone(found[-1]) if found else None

    def handed_in(self, student: str, lesson: str) -> datetime | None:
        """When the course file says that `student` handed in `lesson`; None where it says nothing."""
        found = [one.at for one in self.file.hand_ins if (one.student, one.lesson) == (student, lesson)]
        return self.in_zone(found[-1]) if found else None

    def in_zone(self, time: datetime) -> datetime:
        """`time` with the course's time zone, if it has none of its own."""
        return time if time.tzinfo else time.replace(tzinfo=self.zone)
