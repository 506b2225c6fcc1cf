"""Grows the probes of a column and of a row from the rules: boundaries, NULL, what is left out, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graders.techniques.batteries.domains import Sample
from graders.techniques.batteries.probes import (
    Judge,
    Probe,
    StoredChange,
    changes_to,
    is_taken,
    keeps,
    keeps_out,
)
from graders.techniques.batteries.rules import FILLED, NOTHING, Column, RowRule, Table
from graders.techniques.batteries.world import Row, World, show, write_insert, write_update

LEFT_OUT, IN_ORDER = "is left out", "in which everything is in order"


def insert_probe(
    world: World, table: Table, row: Row, claim: str, rule: str, kind: str, why: str, judge: Judge | Row
) -> Probe:
    """Try to insert `row`: it must be taken, and these values of it kept, or be refused if a judge is given."""
    accepted = isinstance(judge, dict)
    return Probe(
        claim,
        rule,
        kind,
        table,
        (write_insert(world.engine, table.name, row),),
        f"`{table.name}` to {'take' if accepted else 'refuse'} a row {why}",
        accepted,
        keeps(table, judge) if isinstance(judge, dict) else judge,
        (row,),
    )


def update_probe(
    world: World, table: Table, changes: Mapping[str, Any], claim: str, rule: str, kind: str, judge: Judge | None
) -> Probe:
    """Try to change an ordinary row: that must work if `judge` is None, and otherwise be refused."""
    accepted = judge is None
    words = " and ".join(f"`{name}` is set to {show(value)}" for name, value in changes.items())
    before = {column.name: world.rows[table.name][-1][column.name] for column in table.columns}
    return Probe(
        claim,
        rule,
        kind if accepted else f"{kind} by UPDATE",
        table,
        (write_update(world.engine, table.name, world.key_of(table), changes),),
        f"`{table.name}` to {'take' if accepted else 'refuse'} an UPDATE in which {words}",
        accepted,
        judge or changes_to(table, changes),
        (before, {**before, **changes}),
        "the row before and after",
    )


def ordinary_row(world: World, table: Table, claim: str) -> Probe:
    """A row in which everything is in order: unless it is taken, nothing is refused for a reason of its own."""
    return insert_probe(world, table, world.fresh(table), claim, table.name, "ordinary", IN_ORDER, {})


def grow_values(world: World, table: Table) -> Iterator[Probe]:
    """Values that a column may hold, and values that it may not, by INSERT and by UPDATE."""
    for column in table.columns:
        if column.domain and column.given:
            yield from _grow_good(world, table, column)
            yield from _grow_bad(world, table, column)


def _grow_good(world: World, table: Table, column: Column) -> Iterator[Probe]:
    if column.domain is None or _is_bound(table, column.name):
        return
    rule = f"{table.name}.{column.name}"
    samples = column.domain.good(world.rng, world.engine)
    for sample in samples:
        row, why = world.fresh(table, **{column.name: sample.value}), _why(column.name, sample)
        yield insert_probe(world, table, row, "values", rule, sample.kind, why, {column.name: sample.value})
    other = next((one for one in samples if one.value != world.rows[table.name][-1][column.name]), None)
    if other and column.name not in table.keys[0].columns:
        yield update_probe(world, table, {column.name: other.value}, "values", rule, other.kind, None)


def _grow_bad(world: World, table: Table, column: Column) -> Iterator[Probe]:
    if column.domain is None:
        return
    rule = f"{table.name}.{column.name}"
    for sample in column.domain.bad(world.rng, world.engine):
        values = {column.name: sample.value, **_values_beside(table, column.name, sample.value)}
        row, judge = world.fresh(table, **values), keeps_out(table, column.name, sample.value)
        yield insert_probe(world, table, row, "values", rule, sample.kind, _why(column.name, sample), judge)
        # Where types round, a fraction may leave the row as it was.
        rounded = sample.kind == "fraction" and world.engine != "SQLite"
        if column.name not in table.keys[0].columns and not rounded:
            yield update_probe(world, table, values, "values", rule, sample.kind, judge)


def _values_beside(table: Table, name: str, value: Any) -> dict[str, Any]:
    """What other columns have beside a bad value, so that nothing but that value is wrong."""
    return {
        other: there
        for rules in table.rows
        if name in rules.columns
        for other, there in rules.beside(name, value).items()
    }


def _why(name: str, sample: Sample) -> str:
    return f"in which `{name}` is {show(sample.value)}"


def _is_bound(table: Table, name: str) -> bool:
    """Whether other rules say when a column may have which of its values."""
    return any(name in rules.columns for rules in table.rows) or any(name == each.column for each in table.transitions)


def grow_missing(world: World, table: Table) -> Iterator[Probe]:
    """NULL, and nothing, where a value must be; NULL where one may be missing."""
    for column in table.columns:
        if column.computed is None:
            yield from _grow_required(world, table, column) if column.required else _grow_optional(world, table, column)


def _grow_required(world: World, table: Table, column: Column) -> Iterator[Probe]:
    name, rule = column.name, f"{table.name}.{column.name}"
    kind = "NULL" if column.default == NOTHING else "NULL beats default"
    judge = keeps_out(table, name, None)
    row = world.fresh(table, **{name: None})
    yield insert_probe(world, table, row, "missing", rule, kind, f"in which `{name}` is NULL", judge)
    if column.default == NOTHING:
        row = {other: value for other, value in world.fresh(table).items() if other != name}
        yield insert_probe(world, table, row, "missing", rule, "left out", f"in which `{name}` {LEFT_OUT}", judge)
    if name not in table.keys[0].columns:
        yield update_probe(world, table, {name: None}, "missing", rule, kind, judge)


def _grow_optional(world: World, table: Table, column: Column) -> Iterator[Probe]:
    name, rule = column.name, f"{table.name}.{column.name}"
    if any(name in rules.columns for rules in table.rows):
        return
    row = world.fresh(table, **{name: None})
    yield insert_probe(world, table, row, "missing", rule, "may be NULL", f"in which `{name}` is NULL", {name: None})
    if column.default == NOTHING:
        row = {other: value for other, value in world.fresh(table).items() if other != name}
        why = f"in which `{name}` {LEFT_OUT}"
        yield insert_probe(world, table, row, "missing", rule, "may be left out", why, {name: None})


def grow_defaults(world: World, table: Table) -> Iterator[Probe]:
    """What a row gets that leaves a column out."""
    for column in table.columns:
        if column.default == NOTHING:
            continue
        rule = f"{table.name}.{column.name}"
        row = {name: value for name, value in world.fresh(table).items() if name != column.name}
        words = f"take a row in which `{column.name}` {LEFT_OUT}, and fill it in"
        if column.default != FILLED:
            words += f" with {show(column.default)}"
        yield Probe(
            "defaults",
            rule,
            "left out",
            table,
            (write_insert(world.engine, table.name, row),),
            f"`{table.name}` to {words}",
            True,
            _is_filled(table, column),
            (row,),
        )


def _is_filled(table: Table, column: Column) -> Judge:
    def judge(change: StoredChange) -> str:
        if len(change.added) != 1:
            return "no row is there, and nobody was told"
        stored, domain = change.added[0][column.name], column.domain
        if column.default == FILLED:
            right = stored is not None and (domain is None or domain.holds(stored))
        else:
            right = domain.same(column.default, stored) if domain else stored == column.default
        return "" if right else f"`{column.name}` is {show(stored)}"

    return judge


def grow_rows(world: World, table: Table) -> Iterator[Probe]:
    """Rows whose values fit together, and rows whose do not."""
    for rules in table.rows:
        yield from _grow_rule(world, table, rules)


def _grow_rule(world: World, table: Table, rules: RowRule) -> Iterator[Probe]:
    rule = f"{table.name}: {rules.words}"
    for place, good in enumerate(rules.good(world.rng)):
        why = "with " + ", ".join(f"`{name}` {show(value)}" for name, value in good.items())
        yield insert_probe(
            world, table, world.fresh(table, **good), "rows", rule, "fits" if place else "ordinary", why, {**good}
        )
    for bad in rules.bad(world.rng):
        yield insert_probe(world, table, world.fresh(table, **bad), "rows", rule, "does not fit", rules.words, is_taken)
        yield update_probe(world, table, bad, "rows", rule, "does not fit", is_taken)


def grow_computed(world: World, table: Table) -> Iterator[Probe]:
    """Values that follow from others: after an INSERT, after a change of the others, and where somebody sets them."""
    for column in table.columns:
        if column.computed is None:
            continue
        rule, follows = f"{table.name}.{column.name}", _follows(table, column)
        row = world.fresh(table)
        insert = write_insert(world.engine, table.name, row)
        words = f"`{table.name}` to work out `{column.name}`"
        yield Probe("computed", rule, "INSERT", table, (insert,), f"{words} of a new row", True, follows, (row,))
        yield from _grow_changes(world, table, column, rule)
        wrong = {column.name: world.rng.randint(10**6, 10**7)}
        words = f"`{table.name}` never to hold a `{column.name}` that does not follow from the row"
        for step, kind in (
            (write_insert(world.engine, table.name, {**world.fresh(table), **wrong}), "set by INSERT"),
            (write_update(world.engine, table.name, world.key_of(table), wrong), "set by UPDATE"),
        ):
            yield Probe("computed", rule, kind, table, (step,), words, None, follows, ({**row, **wrong},))


def _grow_changes(world: World, table: Table, column: Column, rule: str) -> Iterator[Probe]:
    for other in table.columns:
        if other.domain is None or not other.given or _is_bound(table, other.name):
            continue
        new = world.fresh(table)[other.name]
        before = world.rows[table.name][-1]
        if new == before[other.name] or other.name in table.keys[0].columns:
            continue
        step = write_update(world.engine, table.name, world.key_of(table), {other.name: new})
        words = f"`{column.name}` to follow when `{other.name}` becomes {show(new)}"
        yield Probe("computed", rule, "UPDATE", table, (step,), words, True, _follows(table, column), (before,))


def _follows(table: Table, column: Column) -> Judge:
    def judge(change: StoredChange) -> str:
        for row in change.added:
            assert column.computed is not None
            right = column.computed(row)
            if row[column.name] != right:
                return f"`{column.name}` is {show(row[column.name])} where {show(right)} follows"
        return ""

    return judge
