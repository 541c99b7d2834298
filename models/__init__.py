"""The tables, one a file, and the closed sets of words in them."""

from sqlmodel import SQLModel

# SQLModel checks nothing that a table's row is given, so what pydantic would check it by need not be built at each start.
SQLModel.model_config["defer_build"] = True
