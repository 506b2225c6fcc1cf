"""Databases by Experiment: `%load_ext graders` in a notebook, `claim` and `Mismatch` in a module of claims."""

from graders.kernel.claims import Attempt, claim, experiment, key_for, lab_for
from graders.kernel.report import Mismatch, Table

__all__ = ["Attempt", "Mismatch", "Table", "claim", "experiment", "key_for", "lab_for", "load_ipython_extension"]


def load_ipython_extension(shell) -> None:
    """Set the notebook up; IPython calls this for `%load_ext graders`."""
    from graders.notebook.extension import load

    load(shell)
