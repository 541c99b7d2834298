"""An import of a file: what was understood of it, what became of its rows, and where it stands."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of
from models.lead import Consent, Source


class ImportState(StrEnum):
    """Where an import stands. Nothing is written before `RUNNING`, and from then on it is carried to its end."""

    FETCHING = "fetching"
    READING = "reading"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    DISCARDED = "discarded"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class FileFormat(StrEnum):
    """What kind of file it is, told by what it holds and not by its name."""

    CSV = "csv"
    TSV = "tsv"
    XLSX = "xlsx"
    VCARD = "vcard"
    LDIF = "ldif"


class Fault(StrEnum):
    """What is wrong with a file or a row as such, whoever it is about."""

    EMPTY = "empty"
    NOT_A_TABLE = "not_a_table"
    OLD_SPREADSHEET = "old_spreadsheet"
    LOCKED_SPREADSHEET = "locked_spreadsheet"
    BROKEN_SPREADSHEET = "broken_spreadsheet"
    TOO_BIG = "too_big"
    TOO_MANY_COLUMNS = "too_many_columns"
    LINE_TOO_LONG = "line_too_long"
    BINARY = "binary"
    UNKNOWN_ENCODING = "unknown_encoding"
    MIXED_ENCODINGS = "mixed_encodings"
    BROKEN_QUOTES = "broken_quotes"
    TOO_MANY_CELLS = "too_many_cells"
    BROKEN_CARD = "broken_card"
    NOT_A_PERSON = "not_a_person"
    GONE = "gone"
    NOT_FETCHED = "not_fetched"
    NOT_YOURS = "not_yours"


class Fate(StrEnum):
    """What becomes of a row. A person is taken once from a file: what repeats them adds nothing."""

    NEW = "new"
    FILLED = "filled"
    KNOWN = "known"
    REPEATED = "repeated"
    BAD = "bad"


class UndoFate(StrEnum):
    """What becomes of an import's leads when it is undone."""

    REMOVED = "removed"
    EMPTIED = "emptied"
    KEPT = "kept"


class ImportRun(Row, table=True):
    """One row is one file that somebody imports, people call it `I-6`.

    `layout` is what was found in it, `mapping` the field of each heading ("" for none), `sample` its first rows, for
    the form; `planned` counts what the preview promised, `done` what was written, `bad` the unreadable rows by reason.
    `position` is how many records of the file are dealt with. `due_at`, `leased_until` and `told_at` are real time:
    when there is work for a job, who has it, and when its message was last changed.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number", name="import_number_once"),
        one_of("import_run", "state", ImportState),
        one_of("import_run", "source", Source),
        one_of("import_run", "consent", Consent),
        Index("import_due", "workspace_id", "due_at",
              sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")),
        Index("import_of_member", "workspace_id", "member_id", "id"),
        Index("import_of_file", "workspace_id", "file_hash"),
        Index("import_age", "workspace_id", "created_at"),
        COMPACT,
    )  # fmt: skip

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", sa_type=BigInteger)
    number: int
    state: ImportState = Field(default=ImportState.FETCHING, sa_type=Choice(ImportState))
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    """Who imports; None on the command line."""
    file_slack_id: str = ""
    file_name: str = ""
    file_size: int = Field(default=0, sa_type=BigInteger)
    file_hash: str = ""
    source: Source | None = Field(default=None, sa_type=Choice(Source))
    campaign: str = ""
    consent: Consent = Field(default=Consent.UNKNOWN, sa_type=Choice(Consent))
    consent_basis: str = ""
    layout: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    sample: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    planned: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    done: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    bad: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    position: int = 0
    fault: str = ""
    fault_row: int | None = None
    wants_rejects: bool = False
    drops_file: bool = False
    """Somebody in the file may have asked to be forgotten: it is kept no longer than the import runs."""
    undo_after_id: int = Field(default=0, sa_type=BigInteger)
    """The last lead that an undoing has looked at."""
    kept_labels: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """The first leads that an undoing left, since somebody had touched them."""
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lease: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    attempts: int = 0
    created_at: datetime = Field(sa_type=UTCDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When the last row was dealt with, or somebody stopped it."""

    @property
    def planned_writes(self) -> int:
        """How many leads the import will write: new ones, and those that it adds to."""
        return int(self.planned.get(Fate.NEW, 0) + self.planned.get(Fate.FILLED, 0))

    @property
    def written(self) -> int:
        """How many leads it has written."""
        return int(self.done.get(Fate.NEW, 0) + self.done.get(Fate.FILLED, 0))

    @property
    def label(self) -> str:
        """The name that people see: `I-6`."""
        return f"I-{self.number}"
