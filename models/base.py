"""What every table shares: the row's key, the column types and the helper for closed sets."""

import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from pydantic_core import PydanticUndefined
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Dialect, String, TypeDecorator
from sqlmodel import Field, SQLModel

# Milliseconds of 2026-01-01T00:00:00Z: 41 bits of milliseconds from here last until 2095.
ID_EPOCH_MS = 1_767_225_600_000

Table = TypeVar("Table", bound=SQLModel)


class _IdMaker:
    """Make ids of 41 bits of milliseconds, 10 bits of process and 12 bits of sequence."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_ms = 0
        self._sequence = 0
        self._process_bits = int.from_bytes(os.urandom(2)) & 0x3FF

    def __call__(self) -> int:
        with self._lock:
            now_ms = max(time.time_ns() // 1_000_000 - ID_EPOCH_MS, self._last_ms)
            self._sequence = (self._sequence + 1) & 0xFFF if now_ms == self._last_ms else 0
            # A millisecond holds 4,096 ids; borrowing the next one keeps them unique and ordered.
            if now_ms == self._last_ms and self._sequence == 0:
                now_ms += 1
            self._last_ms = now_ms
            return (now_ms << 22) | (self._process_bits << 12) | self._sequence


new_id = _IdMaker()
"""Return a new 64-bit id: unique among processes, growing with time."""


def made_at(row_id: int) -> datetime:
    """Return the real instant at which an id was made."""
    return datetime.fromtimestamp(((row_id >> 22) + ID_EPOCH_MS) / 1000, UTC)


os.register_at_fork(after_in_child=new_id.__init__)  # type: ignore[misc]


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant: kept as UTC, returned as UTC. A naive value is refused.

    SQLite has no time zones and would silently drop an offset.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants are aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Choice(TypeDecorator[StrEnum]):
    """A member of a closed set, kept as its text; the table's CHECK holds the set (`one_of`)."""

    impl = String
    cache_ok = True

    def __init__(self, choices: type[StrEnum]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.choices(value)


def one_of(table: str, column: str, choices: type[StrEnum]) -> CheckConstraint:
    """Build the CHECK that keeps `column` within its closed set."""
    values = ", ".join(f"'{choice.value}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({values})", name=f"{table}_{column}_known")


def sketch(table: type[Table], values: Mapping[str, Any]) -> Table:
    """Build a row object of values known to be good, in no session, without SQLModel's construction.

    That costs 0.6 ms for a lead, as much as adding it.
    """
    row = table.__mapper__.class_manager.new_instance()  # type: ignore[attr-defined]
    row.__dict__.update(values)
    return cast(Table, row)


def blank(table: type[SQLModel]) -> dict[str, Any]:
    """Return what each column holds when nothing is said; columns that must be said are left out, and so is the id."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in table.model_fields.items()}
    return {name: value for name, value in defaults.items() if value is not PydanticUndefined and name != "id"}


COMPACT: dict[str, Any] = {"sqlite_with_rowid": False}
"""Have SQLite keep a table's rows in its primary key itself: one tree to write instead of two."""


class Row(SQLModel):
    """A row of one workspace. The workspace comes first in every key, so a database can shard by it."""

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    id: int = Field(default_factory=new_id, primary_key=True, sa_type=BigInteger)
