"""Claims on the answers of the lesson on transactions: the names of anomalies; the rest is imported."""

from graders.checks.transactions import graph as transactions_graph
from graders.checks.transactions import reserve as transactions_reserve
from graders.checks.transactions import retry as transactions_retry
from graders.checks.transactions import savepoints as transactions_savepoints
from graders.checks.transactions import schedules as transactions_schedules
from graders.checks.transactions import steps as transactions_steps
from graders.checks.transactions import transfer as transactions_transfer
from graders.checks.transactions import versions as transactions_versions
from graders.techniques.labelling import LabellingExercise, labelling_exercise

__all__ = [
    "transactions_graph",
    "transactions_reserve",
    "transactions_retry",
    "transactions_savepoints",
    "transactions_schedules",
    "transactions_steps",
    "transactions_transfer",
    "transactions_versions",
]

labelling_exercise(
    "transactions-12",
    LabellingExercise(
        thing="trace",
        names=("dirty read", "lost update", "phantom", "read skew", "write skew", "none"),
        synonyms={"phantom read": "phantom", "no anomaly": "none", "non repeatable read": "read skew"},
        questions={
            "a": "Do they write the same thing, or each something else? Does the second writer know of the first?",
            "b": "Had the value that was read been committed by then?",
            "c": "Was what T1 read ever true at one moment, x and y together?",
            "d": "What T1 counts has changed. Are they rows that were there before, or is there a new one?",
            "e": "Does one of them overwrite what the other wrote? Look at which items they write.",
            "f": "Does anybody overwrite what they have not seen? What if T1 ran first, and then T2?",
        },
    ),
)
