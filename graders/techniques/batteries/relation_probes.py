"""Grows the probes of several rows: keys, children and parents, what deleting does, and changes step by step."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from graders.techniques.batteries.domains import draw_word
from graders.techniques.batteries.probes import (
    SWALLOWED,
    TAKEN,
    Judge,
    Probe,
    StoredChange,
    changes_to,
    is_taken,
    keeps,
)
from graders.techniques.batteries.row_probes import insert_probe, update_probe
from graders.techniques.batteries.rules import FILLED, Reference, Table, Transitions, Unique
from graders.techniques.batteries.world import (
    FREE,
    Row,
    World,
    bring_number,
    show,
    write_delete,
    write_insert,
    write_update,
)


def grow_keys(world: World, table: Table) -> Iterator[Probe]:
    """Rows that must differ and do not, in other letters too; rows that differ as little as is allowed."""
    for unique in table.keys:
        rule = f"{table.name} ({', '.join(unique.columns)})"
        if all(table.column(name).default == FILLED for name in unique.columns):
            yield from _grow_filled(world, table, unique, rule)
        else:
            yield from _grow_unique(world, table, unique, rule)


def _grow_filled(world: World, table: Table, unique: Unique, rule: str) -> Iterator[Probe]:
    name = unique.columns[0]
    row, other = world.fresh(table), world.fresh(table, 1)
    steps = tuple(write_insert(world.engine, table.name, each) for each in (row, other))
    words = f"`{table.name}` to give two rows that leave `{name}` out different ones"
    yield Probe("keys", rule, "two left out", table, steps, words, True, _all_differ(name), (row, other), "two rows")
    repeated = {**world.fresh(table), name: world.rows[table.name][0][name]}
    yield _pair(world, table, rule, "repeated", (world.rows[table.name][0], repeated), False)
    if table.never_reused:
        yield from _grow_reuse(world, table, name, rule)
    if table.never_collides:
        yield from _grow_collision(world, table, name, rule)


def _grow_collision(world: World, table: Table, name: str, rule: str) -> Iterator[Probe]:
    """A row brings the number that would be filled in next; then a row leaves its number out."""
    rows = [world.fresh(table, place) for place in range(3)]
    without, brought, last = (write_insert(world.engine, table.name, row) for row in rows)
    words = f"`{table.name}` to give a row a `{name}` that is free, after another row has brought its own"
    yield Probe(
        "keys",
        rule,
        "number brought along",
        table,
        (without, bring_number(brought, table.name, name), last),
        words,
        True,
        _all_differ(name),
        ({name: "the next one", **rows[1]}, rows[2]),
        "two rows",
        may_be_refused_early=True,
    )


def _grow_reuse(world: World, table: Table, name: str, rule: str) -> Iterator[Probe]:
    last = max(world.rows[table.name], key=lambda row: row[name] or 0)
    steps = (
        write_delete(world.engine, table.name, {name: last[name]}),
        write_insert(world.engine, table.name, row := world.fresh(table)),
    )
    words = f"`{table.name}` to give no row the `{name}` {show(last[name])} of a row that was deleted"

    def judge(change: StoredChange) -> str:
        return "a new row has it" if any(each[name] == last[name] for each in change.added) else ""

    yield Probe("keys", rule, "number comes back", table, steps, words, True, judge, (last, row), "deleted and new")


def _all_differ(name: str) -> Judge:
    def judge(change: StoredChange) -> str:
        values = [row[name] for row in change.after]
        return "" if None not in values and len({*map(str, values)}) == len(values) else "they have the same, or none"

    return judge


def _pair(
    world: World, table: Table, rule: str, kind: str, rows: tuple[Row, Row], accepted: bool, *, both: bool = False
) -> Probe:
    """Try the second of `rows` beside the first, which is put there before if `both`."""
    steps = tuple(write_insert(world.engine, table.name, row) for row in (rows if both else rows[1:]))
    words = f"`{table.name}` to {'take' if accepted else 'refuse'} the second of these rows"
    judge = keeps(table, {}) if accepted else is_taken
    return Probe("keys", rule, kind, table, steps, words, accepted, judge, rows, "two rows")


def _grow_unique(world: World, table: Table, unique: Unique, rule: str) -> Iterator[Probe]:
    first = world.fresh(table, **unique.only)
    same = {name: first[name] for name in unique.columns if name in first}
    same |= {name: world.rows[table.name][0][name] for name in unique.columns if name not in first}
    second = {**world.fresh(table, 1), **same, **unique.only}
    yield _pair(world, table, rule, "repeated", (first, second), False, both=True)
    yield from _grow_case(world, table, unique, rule, first)
    yield from _grow_differing(world, table, unique, rule, first)
    yield from _grow_unbound(world, table, unique, rule, first)
    yield from _grow_repeated_update(world, table, unique, rule)
    for name in unique.columns:
        if not table.column(name).required and len(unique.columns) == 1:
            rows = ({**world.fresh(table), name: None}, {**world.fresh(table, 1), name: None})
            yield _pair(world, table, rule, "two NULLs", rows, True, both=True)


def _grow_case(world: World, table: Table, unique: Unique, rule: str, first: Row) -> Iterator[Probe]:
    texts = {name: first[name] for name in unique.columns if isinstance(first.get(name), str)}
    if unique.ignore_case and texts:
        second = {**world.fresh(table, 1), **{name: first[name] for name in unique.columns}, **unique.only}
        for form in (str.upper, str.lower, str.swapcase):
            other = {name: form(value) for name, value in texts.items()}
            if other != texts:
                yield _pair(world, table, rule, "other case", (first, {**second, **other}), False, both=True)


def _grow_differing(world: World, table: Table, unique: Unique, rule: str, first: Row) -> Iterator[Probe]:
    """Rows that agree in all columns of the key but one."""
    for name in unique.columns if len(unique.columns) > 1 else ():
        shared = {each: first[each] for each in unique.columns if each != name}
        second = {**world.fresh(table, 1), **shared, **unique.only}
        if (value := _other_value(world, table, name, first[name])) is not None:
            rows = (first, {**second, name: value})
            yield _pair(world, table, rule, f"other {name}", rows, True, both=True)


def _other_value(world: World, table: Table, name: str, value: Any) -> Any:
    for reference in table.references:
        if reference.column == name:
            keys = [world.parent(reference, place) for place in range(len(world.rows[reference.table]) - 1)]
            return next((key for key in keys[::-1] if key != value), None)
    domain = table.column(name).domain
    samples = domain.good(world.rng, world.engine) if domain else []
    return next((sample.value for sample in samples if sample.value != value), None)


def _grow_unbound(world: World, table: Table, unique: Unique, rule: str, first: Row) -> Iterator[Probe]:
    """Rows that are not among those that must differ."""
    if unique.only:
        same = {name: first[name] for name in unique.columns}
        out = {**world.fresh(table, 1), **same, **unique.others}
        other = {**world.fresh(table, 2), **same, **unique.others}
        yield _pair(world, table, rule, "beside one that is not bound", (out, first), True, both=True)
        yield _pair(world, table, rule, "not bound", (first, out), True, both=True)
        yield _pair(world, table, rule, "both not bound", (out, other), True, both=True)


def _grow_repeated_update(world: World, table: Table, unique: Unique, rule: str) -> Iterator[Probe]:
    if unique.columns == table.keys[0].columns:
        return
    taken = {name: world.rows[table.name][0][name] for name in unique.columns}
    if not unique.only:
        yield update_probe(world, table, taken, "keys", rule, "repeated", is_taken)
        return
    first = {**world.fresh(table), **unique.only}
    second = {**world.fresh(table, 1), **{name: first[name] for name in unique.columns}, **unique.others}
    where = {name: value for name, value in second.items() if value is not None and name not in unique.only}
    steps = (
        write_insert(world.engine, table.name, first),
        write_insert(world.engine, table.name, second),
        write_update(world.engine, table.name, {**where, **_not_null(unique.others)}, unique.only),
    )
    shown = (first, {**second, **unique.only})
    words = f"`{table.name}` to refuse an UPDATE that makes the second row like the first"
    yield Probe("keys", rule, "repeated by UPDATE", table, steps, words, False, is_taken, shown, "two rows")


def _not_null(values: Any) -> Row:
    return {name: value for name, value in values.items() if value is not None}


def grow_references(world: World, table: Table) -> Iterator[Probe]:
    """Children of parents that are there, that are not, and that take no more."""
    for reference in table.references:
        rule, name = f"{table.name}.{reference.column}", reference.column
        if reference.table != table.name:
            row = world.fresh(table)
            why = f"whose `{name}` is in `{reference.table}`"
            yield insert_probe(world, table, row, "references", rule, "child", why, {name: row[name]})
        absent = _absent(world, reference)
        why = f"whose `{name}`, {show(absent)}, is not in `{reference.table}`"
        row = world.fresh(table, **{name: absent})
        yield insert_probe(world, table, row, "references", rule, "orphan", why, is_taken)
        if name not in table.keys[0].columns:
            yield update_probe(world, table, {name: absent}, "references", rule, "orphan", is_taken)
        if reference.dead:
            yield from _grow_dead(world, table, reference, rule)


def _absent(world: World, reference: Reference) -> Any:
    keys = [world.parent(reference, place) for place in range(len(world.rows[reference.table]))]
    if all(isinstance(key, int) for key in keys):
        return max(keys) + world.rng.randint(50, 900)
    return str(uuid.UUID(int=world.rng.getrandbits(128))) if isinstance(keys[0], uuid.UUID) else draw_word(world.rng, 9)


def _grow_dead(world: World, table: Table, reference: Reference, rule: str) -> Iterator[Probe]:
    parent = world.tables[reference.table]
    row = world.fresh(table, **{reference.column: world.parent(reference, FREE)})
    steps = (
        write_update(world.engine, parent.name, world.key_of(parent), reference.dead),
        write_insert(world.engine, table.name, row),
    )
    state = ", ".join(f"`{name}` {show(value)}" for name, value in reference.dead.items())
    words = f"`{table.name}` to refuse a child of a row of `{parent.name}` with {state}"
    yield Probe("references", rule, "dead parent", table, steps, words, False, is_taken, (row,))


def grow_deletions(world: World, table: Table) -> Iterator[Probe]:
    """What becomes of a child when its parent is deleted, and of a parent without children."""
    for reference in table.references:
        if reference.on_delete:
            parent = world.tables[reference.table]
            rule, delete = (
                f"{table.name}.{reference.column}",
                write_delete(world.engine, parent.name, world.key_of(parent)),
            )
            row = world.fresh(table, **{reference.column: world.parent(reference, FREE)})
            steps = (write_insert(world.engine, table.name, row), delete)
            yield _deletion(table, parent, reference, steps, rule, row)
            gone = f"`{parent.name}` to let a row without children be deleted"
            shown = (world.rows[parent.name][FREE],)
            yield Probe("deletions", rule, "no children", parent, (delete,), gone, True, _is_gone, shown)


def _is_gone(change: StoredChange) -> str:
    return "" if len(change.removed) == 1 and not change.added else SWALLOWED


def _deletion(table: Table, parent: Table, reference: Reference, steps: Any, rule: str, row: Row) -> Probe:
    start = f"when the parent of this row is deleted from `{parent.name}`,"
    words = {
        "refuse": f"{start} `{parent.name}` to refuse",
        "cascade": f"{start} `{table.name}` to lose this row too",
        "set null": f"{start} `{table.name}` to keep this row without its `{reference.column}`",
    }[reference.on_delete]
    judge = {"refuse": _was_deleted, "cascade": _is_gone, "set null": changes_to(table, {reference.column: None})}
    accepted = reference.on_delete != "refuse"
    return Probe(
        "deletions", rule, reference.on_delete, table, steps, words, accepted, judge[reference.on_delete], (row,)
    )


def _was_deleted(change: StoredChange) -> str:
    if change.added:
        return f"{TAKEN}, and the child has lost its parent"
    return f"{TAKEN}, and the child is gone with it" if change.removed else f"{TAKEN}, and the child names nobody"


def grow_transitions(world: World, table: Table) -> Iterator[Probe]:
    """Every step from one value to another, those that are allowed and those that are not."""
    for rules in table.transitions:
        for before in rules.steps:
            for after in rules.steps:
                if before != after:
                    yield _step(world, table, rules, before, after)


def _step(world: World, table: Table, rules: Transitions, before: str, after: str) -> Probe:
    where, name = world.key_of(table), rules.column
    values = (*rules.path(before), after)
    steps = tuple(write_update(world.engine, table.name, where, {name: value}) for value in values)
    allowed = after in rules.steps[before]
    words = (
        f"`{table.name}` to {'take' if allowed else 'refuse'} a change of `{name}` from {show(before)} to {show(after)}"
    )
    judge = changes_to(table, {name: after}) if allowed else is_taken
    kind = "allowed step" if allowed else "forbidden step"
    row = world.rows[table.name][FREE]
    shown = ({**row, name: before}, {**row, name: after})
    rule = f"{table.name}.{name}"
    return Probe("transitions", rule, kind, table, steps, words, allowed, judge, shown, "the row before and after")
