"""Instances: many small data sets for one schema, on some of which a wrong query gives wrong rows."""

from graders.techniques.queries.instances.bench import Bench
from graders.techniques.queries.instances.generation import instances, stream
from graders.techniques.queries.instances.making import Instance
from graders.techniques.queries.instances.relations import ForeignKey, Relation, relations

__all__ = ["Bench", "ForeignKey", "Instance", "Relation", "instances", "relations", "stream"]
