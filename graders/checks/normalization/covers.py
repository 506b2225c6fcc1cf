"""Claims on a minimal cover, judged by what it says and by what could be left out, never by one fixed answer."""

from __future__ import annotations

from graders import Mismatch, claim
from graders.checks.normalization.reading import dependencies_of
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import parse_fds, written

COVER_RULES = parse_fds("""
order -> customer email
customer -> email city
email -> customer
order product -> price
order product email -> quantity
""")


@claim("normalization-8", worth=1)
def says_all(cover):
    """every rule given follows from your cover"""
    mine = dependencies_of(cover)
    for fd in COVER_RULES:
        if not fds_theory.implies(mine, fd):
            raise Mismatch(
                f"a cover from which {fd} follows",
                f"the closure of {written(fd.left)} under yours is {written(fds_theory.closure(fd.left, mine))}",
                hint=f"You have lost {fd}. Which rule that you left out is needed for it?",
            )


@claim("normalization-8", worth=1, after=says_all)
def says_nothing_new(cover):
    """every rule of your cover follows from the rules given"""
    for fd in dependencies_of(cover):
        known = fds_theory.attributes_of(COVER_RULES)
        if fd.attributes - known:
            raise Mismatch(f"attributes out of {written(known)}", written(fd.attributes - known))
        if not fds_theory.implies(COVER_RULES, fd):
            raise Mismatch(
                "only what the rules given say",
                str(fd),
                hint=f"Under the rules given, the closure of {written(fd.left)} does not hold "
                f"{written(fd.right - fds_theory.closure(fd.left, COVER_RULES))}.",
            )


@claim("normalization-8", worth=1, after=says_all)
def one_on_the_right(cover):
    """each rule of your cover has one attribute on its right"""
    wide = [fd for fd in dependencies_of(cover) if len(fd.right) > 1]
    if wide:
        raise Mismatch("one attribute behind each arrow", str(wide[0]), hint="Write it as one rule for each attribute.")


@claim("normalization-8", worth=3, after=says_all)
def nothing_to_leave_out(cover):
    """no rule, and no attribute on the left of a rule, could be left out"""
    mine = dependencies_of(cover)
    if redundant := fds_theory.redundant_dependencies(mine):
        raise Mismatch(
            "rules that do not follow from each other",
            str(redundant[0]),
            hint=f"{redundant[0]} follows from the other rules of your cover: follow the closure of its left side.",
        )
    for spare in fds_theory.extraneous_attributes(mine):
        if spare.side == "left":
            hint = f"Take {spare.attribute} away from the left of {spare.fd}: is the right side reached all the same?"
            raise Mismatch("left sides without an attribute to spare", str(spare.fd), hint=hint)
