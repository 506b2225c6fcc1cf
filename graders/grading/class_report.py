"""Writes the page on which the instructor sees the class: one file without scripts or anything from the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from graders.figures.bar_charts import draw_histogram, draw_shares, patterns_svg, swatch_svg
from graders.figures.report import prose_html
from graders.grading.class_figures import STATUSES, ClassFigures, ExerciseFigures, LessonFigures, class_figures
from graders.grading.marker import Marker
from graders.grading.submissions import Marked, shown

TEMPLATES = Environment(
    loader=PackageLoader("graders", "grading"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters["shown"] = shown


def write_class_report(
    path: Path, found: list[Marked], marker_of: Callable[[str], Marker | None], seconds: float | None = None
) -> Path:
    """Write the page on `found` to `path`.

    `marker_of` gives the marker of a lesson's id, or None if there is no such lesson; `seconds` is how long the
    grading took.
    """
    path.write_text(class_page(class_figures(found, marker_of), seconds), encoding="utf-8")
    return path


def class_page(figures: ClassFigures, seconds: float | None = None) -> str:
    """The figures as one page of HTML; everything a student wrote is escaped."""
    return TEMPLATES.get_template("class_report.html").render(
        figures=figures,
        statuses=STATUSES,
        took=took(seconds, figures.submissions) if seconds is not None else "",
        patterns=Markup(patterns_svg()),
        swatch=lambda status: Markup(swatch_svg(status)),
        histogram=_histogram,
        shares=_shares,
        prose=lambda words: Markup(prose_html(words)),
    )


def took(seconds: float, submissions: int) -> str:
    """How long the grading took, in words."""
    minutes, rest = divmod(round(seconds), 60)
    whole = f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
    return f"{whole}, {seconds / submissions:.2f} s for each submission" if submissions else whole


def _histogram(lesson: LessonFigures) -> Markup:
    bars = [(bar.words, bar.count) for bar in lesson.bars]
    return Markup(draw_histogram(bars, f"Marks in {lesson.title}").svg)


def _shares(exercise: ExerciseFigures) -> Markup:
    return Markup(draw_shares(exercise.counts, f"Answers to {exercise.name}").svg)
