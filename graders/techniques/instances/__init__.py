"""Instances: many small data sets for one schema, on some of which a wrong query gives wrong rows."""

from graders.techniques.instances.bench import Bench
from graders.techniques.instances.generation import instances, stream
from graders.techniques.instances.making import Instance
from graders.techniques.instances.relations import ForeignKey, Relation, relations

__all__ = ["Bench", "ForeignKey", "Instance", "Relation", "instances", "relations", "stream"]
