"""What a file holds, whatever its format: headings, and records of cells with the row that they stand in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.errors import Problem
from models.import_run import Fault, FileFormat

CELL_MAX = 8000
"""Characters of a cell that no field bounds."""
COLUMNS_MAX = 500
LINE_MAX = 1 << 20
"""Bytes of a line: whoever reads a line reads it whole."""
HEAD_RECORDS = 40
"""So many records are looked at to find the header."""


class UnreadableFileError(Exception):
    """The file cannot be read; nothing of it was imported. `row` is where it showed, None for everywhere."""

    def __init__(self, fault: Fault, row: int | None = None) -> None:
        super().__init__(f"unreadable file: {fault}")
        self.fault, self.row = fault, row


@dataclass(frozen=True)
class BadRow:
    """A row that could not be imported, counted as a spreadsheet counts; `field` and `value` say where."""

    row: int
    reason: Problem | Fault
    field: str = ""
    value: str = ""
    limit: int | None = None


@dataclass(frozen=True)
class Record:
    """The cells of one row, one card or one entry, in the order of the headings."""

    row: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """A file laid open: read `records` once, to the end or not, while the file is open.

    `encoding` is empty where the format has but one; without a header the headings say `column 1` and so on.
    """

    format: FileFormat
    encoding: str
    headings: tuple[str, ...]
    has_header: bool
    records: Iterator[Record | BadRow]


def named(headings: Sequence[str]) -> tuple[str, ...]:
    """Return the headings of a header row, the empty ones named by their place.

    Raises:
        UnreadableFileError: TOO_MANY_COLUMNS.
    """
    width = len(headings) if len(headings) <= COLUMNS_MAX else width_of(headings)
    if width > COLUMNS_MAX:
        raise UnreadableFileError(Fault.TOO_MANY_COLUMNS)
    return tuple(heading.strip() or f"column {place}" for place, heading in enumerate(headings[:width], start=1))


def unnamed(width: int) -> tuple[str, ...]:
    """Return the headings of a table that has none. Raises as `named`."""
    return named([f"column {place}" for place in range(1, width + 1)])


def width_of(cells: Sequence[str]) -> int:
    """Return how many cells there are up to the last that is not empty."""
    return next((place for place in range(len(cells), 0, -1) if cells[place - 1].strip()), 0)
