"""Functional dependencies: closures, keys, covers, normal forms, decompositions, and what they lose."""

from graders.techniques.dependencies.closure import ClosureStep, closure, closure_steps, equivalent, implies
from graders.techniques.dependencies.counterexamples import (
    BrokenRule,
    SpuriousJoin,
    spurious_example,
    violating_rows,
)
from graders.techniques.dependencies.covers import (
    Extraneous,
    extraneous_attributes,
    fds_within,
    minimal_cover,
    project,
    redundant_dependencies,
)
from graders.techniques.dependencies.decomposition import Node, decompose_bcnf, lost_dependencies, synthesize_3nf
from graders.techniques.dependencies.fd import (
    FD,
    Attributes,
    attribute_set,
    attributes_of,
    in_order,
    parse_fds,
    written,
)
from graders.techniques.dependencies.normal_forms import (
    Violation,
    candidate_keys,
    in_key_order,
    is_superkey,
    normal_form,
    prime_attributes,
    violations_2nf,
    violations_3nf,
    violations_bcnf,
)
from graders.techniques.dependencies.random_schemas import letters, random_schema
from graders.techniques.dependencies.relation import Relation, Row, exceptions_on, holds_on, join_all
from graders.techniques.dependencies.tableau import Chase, ChaseStep, Tableau, chase, symbol

__all__ = [
    "FD",
    "Attributes",
    "BrokenRule",
    "Chase",
    "ChaseStep",
    "ClosureStep",
    "Extraneous",
    "Node",
    "Relation",
    "Row",
    "SpuriousJoin",
    "Tableau",
    "Violation",
    "attribute_set",
    "attributes_of",
    "candidate_keys",
    "chase",
    "closure",
    "closure_steps",
    "decompose_bcnf",
    "equivalent",
    "exceptions_on",
    "extraneous_attributes",
    "fds_within",
    "holds_on",
    "implies",
    "in_key_order",
    "in_order",
    "is_superkey",
    "join_all",
    "letters",
    "lost_dependencies",
    "minimal_cover",
    "normal_form",
    "parse_fds",
    "prime_attributes",
    "project",
    "random_schema",
    "redundant_dependencies",
    "spurious_example",
    "symbol",
    "synthesize_3nf",
    "violating_rows",
    "violations_2nf",
    "violations_3nf",
    "violations_bcnf",
    "written",
]
