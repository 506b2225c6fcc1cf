"""`foresee` and `comment`: one wrong answer for the lesson's author, one comment for all whose answers do the same."""

from __future__ import annotations

from pathlib import Path

import click

from graders.commands import project_root
from graders.kernel.readable import quantity

SUBMITTED = click.option(
    "--submitted", default="submitted", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
RESULTS = click.option("--results", default="results", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.command("foresee")
@click.argument("exercise")
@click.option("--student", required=True, help="Whose answer.")
@SUBMITTED
def foresee_command(exercise: str, student: str, submitted: Path) -> None:
    """Write a student's answer to EXERCISE as a foreseen wrong answer, to be pasted into the lesson's file."""
    from graders.course.course import Course
    from graders.grading.answer_groups import write_fence
    from graders.grading.lesson_grader import LessonGraders
    from graders.grading.secret_seed import course_seed
    from graders.grading.submissions import find_submissions

    course = Course.at(project_root())
    graders = LessonGraders(course, course_seed(course.root)[0])
    for submission in find_submissions(submitted):
        if submission.student == student:
            graded = graders.read(submission)
            grader = graders.find(submission.lesson)
            if grader and exercise in graded.answers.texts:
                click.echo(write_fence(grader.lesson.tasks[exercise], graded.answers.texts[exercise]))
                return
    raise click.ClickException(f"{submitted} has no answer of {student} to {exercise}.")


@click.command("comment")
@click.argument("exercise")
@click.argument("text")
@click.option("--like", "student", required=True, metavar="STUDENT", help="All whose answer does what this one's does.")
@click.option("--gradebook", default="", help="A database URL; by default gradebook.db in the results.")
@SUBMITTED
@RESULTS
def comment_command(exercise: str, text: str, student: str, gradebook: str, submitted: Path, results: Path) -> None:
    """Write TEXT as the comment on all answers to EXERCISE that do what one student's answer does.

    Run `grade` again to have it on the students' pages.
    """
    from graders.course.course import Course
    from graders.grading.answer_groups import read_judged, students_alike, write_comment
    from graders.grading.judge_requests import ReportStore
    from graders.grading.lesson_grader import LessonGraders
    from graders.grading.results import ResultFiles
    from graders.grading.secret_seed import course_seed

    course, files = Course.at(project_root()), ResultFiles(results.resolve())
    graders = LessonGraders(course, course_seed(course.root)[0])
    with ReportStore(files.store) as store:
        try:
            places = students_alike(read_judged(graders, submitted, store), exercise, student)
        except LookupError as error:
            raise click.ClickException(f"{error}: grade first.") from None
    write_comment(gradebook or files.gradebook, places, exercise, text)
    click.echo(f"commented on {quantity(len(places), 'answer')}: {', '.join(student for student, _ in places)}")
