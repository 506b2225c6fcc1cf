"""Object-relational mappers, run for real: one call of a student's function, and the SQL that reached the driver."""

from graders.techniques.orms.in_box import DJANGO, SQLALCHEMY, InBox, Mapper, statements_of, through

__all__ = ["DJANGO", "SQLALCHEMY", "InBox", "Mapper", "statements_of", "through"]
