"""Object-relational mappers, run for real: one call of a student's function, and the SQL that reached the driver."""

from graders.techniques.orms.in_box import (
    DJANGO,
    HIBERNATE,
    SEQUELIZE,
    SQLALCHEMY,
    InBox,
    Mapper,
    opened,
    statements_of,
    through,
)

__all__ = ["DJANGO", "HIBERNATE", "SEQUELIZE", "SQLALCHEMY", "InBox", "Mapper", "opened", "statements_of", "through"]
