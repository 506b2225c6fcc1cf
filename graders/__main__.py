"""`python -m graders`: build the course, check a notebook, collect and grade a class, begin a lesson."""

import io
import sys
from pathlib import Path

import click

from graders.commands.answers import comment_command, foresee_command
from graders.commands.build import (
    build_command,
    new_lesson_command,
    prove_command,
    publish_command,
    self_study_command,
    student_command,
)
from graders.commands.check import check_command
from graders.commands.collect import collect_command, minutes_command
from graders.commands.doctor import doctor_command, install_frontend_command, orms_command
from graders.commands.grade import grade_command, regrade_command
from graders.commands.term import marks_command, new_course_command

# Where the data lie in a checkout, beside this package; an installed copy of them may be another version's.
DATASETS = Path(__file__).resolve().parents[1] / "datasets"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Databases by Experiment: the verbs for authors, students and instructors."""
    if (DATASETS / "course_data").is_dir() and str(DATASETS) not in sys.path:
        sys.path.insert(0, str(DATASETS))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no ✓ gets its number.
            stream.reconfigure(errors="backslashreplace")


main.add_command(build_command)
main.add_command(check_command)
main.add_command(collect_command)
main.add_command(comment_command)
main.add_command(doctor_command)
main.add_command(foresee_command)
main.add_command(grade_command)
main.add_command(install_frontend_command)
main.add_command(marks_command)
main.add_command(minutes_command)
main.add_command(new_course_command)
main.add_command(new_lesson_command)
main.add_command(orms_command)
main.add_command(prove_command)
main.add_command(publish_command)
main.add_command(regrade_command)
main.add_command(self_study_command)
main.add_command(student_command)

if __name__ == "__main__":
    main(prog_name="python -m graders")
