"""The proof that one exercise is fair, and the faults of the exercise that it finds."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from graders.course.faults import Fault, Place
from graders.course.lesson import ForeseenAnswer, Task
from graders.fairness.mutants import Mutant, order_mutants, read_changes
from graders.fairness.other_forms import other_forms
from graders.fairness.program_mutants import idle_functions, program_mutants
from graders.fairness.shell_mutants import shell_mutants
from graders.fairness.sql_mutants import sql_mutants
from graders.kernel.report import Report
from graders.sql.lexer import dialect_of

CONSTANTS = ("None", "0", "''", "[]", "()", "{}", "set()", "True", "False")
SCRIPTS = (
    "true",
    ":",
    "exit 0",
    "exit 1",
    "false",
    "pg_dump mydb",
    "rm -f /backups/*",
    "* * * * * true",
    "@reboot true",
)
QUERIES = (";", "SELECT NULL", "SELECT 1", "SELECT NULL WHERE 0", "PRAGMA user_version", "BEGIN; COMMIT")


def idle_answers(task: Task, stub: str) -> Iterator[str]:
    """Each answer to `task` that does nothing; `stub` is the answer cell as released."""
    if task.kind == "python":
        yield from idle_programs(task.solution, task.answer)
    if task.kind in ("javascript", "java"):
        yield from idle_functions(task.solution, task.kind, task.answer)
    if task.kind == "sql":
        yield from QUERIES
    if task.kind == "shell":
        yield from SCRIPTS
    if task.kind == "parsons":
        yield min(task.body["steps"])
    yield stub


def idle_programs(solution: str, name: str) -> Iterator[str]:
    """`solution` with a body that does nothing in the function `name`, or with idle data under that name."""
    tree = ast.parse(solution)
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function is None:
        yield from (f"{name} = {constant}" for constant in CONSTANTS)
        return
    arguments = [argument.arg for argument in function.args.args]
    for value in (*CONSTANTS, *arguments):
        yield _with_body(tree, function, f"return {value}")
    yield _with_body(tree, function, 'raise ValueError("no")')


def _with_body(tree: ast.Module, function: ast.FunctionDef, line: str) -> str:
    idle = ast.FunctionDef(function.name, function.args, ast.parse(line).body, [], function.returns, lineno=1)
    kept = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return ast.unparse(ast.fix_missing_locations(ast.Module([*kept, idle], [])))


Item = TypeVar("Item")
Judge = Callable[[str, int], Report]
KINDS = ("sql", "python", "parsons", "javascript", "java", "shell")


@dataclass
class Proof:
    """What was tried of one exercise, by kind, and the faults that were found."""

    exercise: str
    tried: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def __str__(self) -> str:
        counted = ", ".join(f"{number} {kind}" for kind, number in self.tried.items())
        return f"{'✗' if self.faults else '✓'} {self.exercise}: {counted or 'nothing to try'}"


@dataclass(frozen=True)
class FairnessTrial:
    """The exercise that is tried: its `task`, its answer cell as released, its engine, and how an answer is judged.

    Foreseen answers are tried on all `seeds`, the open one first, mutants on two of them, all else on the second. Where
    there is one seed alone, it has judged the foreseen answers already.
    """

    task: Task
    stub: str
    engine: str
    judge: Judge
    seeds: tuple[int, ...]
    at_most: int = sys.maxsize
    """How many mutants, idle answers and other forms are tried, of each from first to last."""

    def prove(self) -> Proof:
        """Try everything."""
        proof = Proof(self.task.name)
        if self.task.kind not in KINDS:
            return proof
        for kind, step in (
            ("mutants", self.try_mutants),
            ("idle answers", self.try_idle_answers),
            ("other forms", self.try_other_forms),
            ("foreseen answers on other seeds", self.try_seeds),
        ):
            for fault in step():
                proof.tried[kind] += 1
                proof.faults += [fault] if fault else []
        return proof

    @property
    def place(self) -> Place:
        """Where the exercise begins."""
        return self.task.place

    @cached_property
    def mutants(self) -> list[Mutant]:
        """The mutants of the solution."""
        task = self.task
        if task.kind == "sql":
            return sql_mutants(task.solution, self.engine)
        if task.kind == "parsons":
            return order_mutants(task.solution, task.body["steps"])
        if task.kind == "shell":
            return shell_mutants(task.solution)
        if task.kind == "python":
            # Only authors have what makes mutants of Python; students' check and grade do without.
            from graders.fairness.python_mutants import python_mutants

            return python_mutants(task.solution, dialect_of(self.engine), self.stub)
        return program_mutants(task.solution, task.kind, task.answer)

    def try_mutants(self) -> Iterator[Fault | None]:
        """Each mutant loses points on every seed, or is listed as equivalent; what is listed is a mutant."""
        listed = {change for one in self.task.equivalent for change in read_changes(one.text)}
        for mutant in self._sample(self.mutants):
            yield None if mutant.change in listed else self._survival(mutant)
        yield from self._stale()

    def _survival(self, mutant: Mutant) -> Fault | None:
        for seed in self.seeds[:2]:
            report = self.judge(mutant.text, seed)
            if report.status == "needs review":
                return self._broken(f"a mutant ({mutant.kind})", mutant.change, report)
            if report.score >= report.points:
                wrong = f"a mutant of the solution of `{self.task.name}` ({mutant.kind}, seed {seed}) earns full marks:"
                remedy = "Have a claim notice it, or list it as equivalent= with a reason."
                return self.place.fault(f"{wrong}\n{_indented(mutant.change)}\n   ", remedy)
        return None

    def _stale(self) -> Iterator[Fault]:
        made = {mutant.change for mutant in self.mutants}
        for one in self.task.equivalent:
            for change in read_changes(one.text):
                if change not in made:
                    wrong = f"no mutant of the solution of `{self.task.name}` is\n{_indented(change)}\n   "
                    yield one.place.fault(wrong, "Delete it from the list.")

    def try_idle_answers(self) -> Iterator[Fault | None]:
        """Each answer that does nothing earns nothing."""
        for text in self._sample(idle_answers(self.task, self.stub)):
            report = self.judge(text, self._other_seed)
            if report.status == "needs review":
                yield self._broken("an idle answer", text, report)
            elif report.score:
                wrong = f"an idle answer to `{self.task.name}` earns {report.score:g} of {report.points:g}:"
                remedy = "Let the claims that hold for it wait (after=) for one that does not."
                yield self.place.fault(f"{wrong}\n{_indented(text)}\n   ", remedy)
            else:
                yield None

    def try_other_forms(self) -> Iterator[Fault | None]:
        """The solution in another form earns full marks."""
        for form, text in self._sample(other_forms(self.task, self.engine)):
            report = self.judge(text, self._other_seed)
            yield None if report.score == report.points else self._refused(form, report)

    def _refused(self, form: str, report: Report) -> Fault:
        why = "; ".join(f"{one.sentence}: {one.expected} / {one.found}" for one in report.verdicts if one.found)
        wrong = f"the solution of `{self.task.name}`, {form}, earns {report.score:g} of {report.points:g} ({why})."
        return self.place.fault(wrong, "Accept it.")

    def try_seeds(self) -> Iterator[Fault | None]:
        """Each foreseen answer has the same verdicts on every seed, and meets its hint."""
        task = self.task
        answers = [ForeseenAnswer(task.solution, self.place), *task.right, *task.wrong]
        for answer in answers if len(self.seeds) > 1 else ():
            yield self._disagreement(answer)

    def _disagreement(self, answer: ForeseenAnswer) -> Fault | None:
        first = self.judge(answer.text, self.seeds[0])
        for seed in self.seeds[1:]:
            report = self.judge(answer.text, seed)
            differing = _differing(first, report)
            if answer.says not in " ".join(report.hints):
                differing.append(f"meets the hint {' '.join(report.hints)!r}, not {answer.says!r}")
            if differing:
                words = "; ".join(differing)
                wrong = f"this answer to `{self.task.name}` is judged otherwise on seed {seed}: {words}."
                return answer.place.fault(wrong, "Draw the data so that every seed shows the mistake, and no other.")
        return None

    def _sample(self, every: Iterable[Item]) -> Sequence[Item]:
        """As many as are tried, as far apart as they can be."""
        found = list(every)
        return found[:: max(1, -(-len(found) // self.at_most))]

    @property
    def _other_seed(self) -> int:
        """The second seed, or the only one."""
        return self.seeds[:2][-1]

    def _broken(self, what: str, text: str, report: Report) -> Fault:
        found = next((one.found for one in report.verdicts if one.found), "")
        wrong = f"{what} breaks the check of `{self.task.name}` ({found}):\n{_indented(text)}\n   "
        return self.place.fault(wrong, "Have the claim say what is wrong instead.")


def _differing(one: Report, other: Report) -> list[str]:
    pairs = zip(one.verdicts, other.verdicts, strict=True)
    return [
        f"the claim `{first.claim}` {first.outcome.value}, then {second.outcome.value}"
        for first, second in pairs
        if first.outcome != second.outcome
    ]


def _indented(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.splitlines())
