"""Draws the page on which the instructor sees the class."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from graders.figures.bar_charts import draw_histogram, draw_length, draw_shares, patterns_svg, swatch_svg
from graders.figures.report import prose_html
from graders.grading.class_statistics import STATUSES, ClassStatistics, ExerciseStatistics, LessonStatistics
from graders.grading.feedback import TEMPLATES
from graders.kernel.readable import quantity

MAX_BARS = 10
BAR_WIDTHS = [0.5, *(step * 10**power for power in range(6) for step in (1, 2, 5))]


def class_page(statistics: ClassStatistics, seconds: float | None = None) -> str:
    """The page of HTML on a class whose grading took `seconds`; everything a student wrote is escaped."""
    return TEMPLATES.get_template("class_report.html").render(
        statistics=statistics,
        statuses=STATUSES,
        duration=describe_duration(seconds, statistics.submissions) if seconds is not None else "",
        patterns=Markup(patterns_svg()),
        swatch=lambda status: Markup(swatch_svg(status)),
        bars=lambda lesson: list(make_bars(lesson.scores, lesson.points)),
        histogram=_histogram,
        shares=_shares,
        length=_length,
        titles={lesson.id: lesson.title for lesson in statistics.lessons},
        prose=lambda words: Markup(prose_html(words)),
    )


def describe_duration(seconds: float, submissions: int) -> str:
    """How long the grading took, in words."""
    minutes, rest = divmod(round(seconds), 60)
    whole = f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
    return f"{whole}, {seconds / submissions:.2f} s for each submission" if submissions else whole


def _histogram(lesson: LessonStatistics, bars: list[Bar]) -> Markup:
    return Markup(draw_histogram([(bar.label, bar.count) for bar in bars], f"Marks in {lesson.title}").svg)


def _shares(exercise: ExerciseStatistics) -> Markup:
    return Markup(draw_shares(exercise.counts, f"Answers to {exercise.exercise.title}").svg)


def _length(count: int, most: int) -> Markup:
    return Markup(draw_length(count, most, quantity(count, "student")).svg)


@dataclass(frozen=True)
class Bar:
    """How many submissions earned from `low` to under `high` points.

    `low` and `high` are equal for the full score, and nothing is too high for those above it, who earned a bonus.
    """

    low: float
    high: float
    count: int

    @property
    def label(self) -> str:
        """The points that the bar stands for."""
        if math.isinf(self.high):
            return f"over {self.low:g}"
        return f"all {self.low:g}" if self.low == self.high else f"{self.low:g} to under {self.high:g}"


def make_bars(scores: Sequence[float], points: float) -> Iterator[Bar]:
    """Share out `scores` over bars of one width, a round number of points, and one for the full score.

    If a bonus lifts any score above `points`, there is one more bar, for those.
    """
    if points <= 0:
        return
    width = next(width for width in BAR_WIDTHS if points / width <= MAX_BARS)
    for number in range(math.ceil(points / width)):
        low, high = width * number, min(width * (number + 1), points)
        yield Bar(low, high, sum(low <= score < high for score in scores))
    above = sum(score > points for score in scores)
    yield Bar(points, points, sum(score >= points for score in scores) - above)
    if above:
        yield Bar(points, math.inf, above)
