"""The file of an import, kept in the database so that any machine can carry the import on."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from models.base import COMPACT

CHUNK_BYTES = 1 << 19


class ImportChunk(SQLModel, table=True):
    """One row is one piece of a file, in its place. The job `tidy` deletes them some days after the import."""

    __tablename__ = "import_chunk"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "import_id"], ["import_run.workspace_id", "import_run.id"], name="chunk_import"),
        COMPACT,
    )  # fmt: skip

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    import_id: int = Field(primary_key=True, sa_type=BigInteger)
    place: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)
