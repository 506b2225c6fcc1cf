"""Instances: many small data sets for one schema, chosen so that wrong queries give wrong rows on some of them."""

from graders.techniques.instances.bench import Bench
from graders.techniques.instances.generation import Instance, instances, stream
from graders.techniques.instances.relations import ForeignKey, Relation, relations

__all__ = ["Bench", "ForeignKey", "Instance", "Relation", "instances", "relations", "stream"]
