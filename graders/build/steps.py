"""What the build changes in nbgrader's own steps for releasing an assignment."""

from nbgrader.preprocessors import ClearSolutions as NbgraderClearSolutions
from traitlets import Dict, Unicode


class ClearSolutions(NbgraderClearSolutions):
    """Puts a stub of the cell's own kind in place of the solution.

    Overrides a private method of nbgrader 0.9.6, which knows one stub per notebook; a test watches over it.
    """

    code_stub = Dict(
        {
            **{"sql": "-- YOUR SQL HERE", "python": "# YOUR CODE HERE\n...", "letters": "# YOUR LETTERS HERE"},
            **dict.fromkeys(("javascript", "java"), "// YOUR CODE HERE"),
        }
    ).tag(config=True)
    text_stub = Unicode("*Your answer here.*").tag(config=True)

    def _replace_solution_region(self, cell, language):
        return super()._replace_solution_region(cell, cell.metadata.get("answer_kind", language))
