"""Tables in text: CSV and its relatives, whatever stands between the cells and before the header."""

import csv
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from models.import_run import Fault, FileFormat
from services.files.headings import find_header, known_headings
from services.files.records import (
    CELL_MAX,
    HEAD_RECORDS,
    LINE_MAX,
    BadRow,
    Record,
    Sheet,
    UnreadableFileError,
    named,
    unnamed,
    width_of,
)

_DELIMITERS = ",\t;|"
_HEAD_CHARACTERS = 1 << 17
# A mark that is never closed runs to the next one, or until the cell is this long (characters): it must end somewhere.
_RUNAWAY = 1 << 16
# After so many of them the file is not what it seems, and reading on costs more than it tells.
_BROKEN_MAX = 1000

csv.field_size_limit(_RUNAWAY)


@dataclass(frozen=True)
class _Layout:
    """How the cells are told apart, the header's place among the records, None without one, and their usual width."""

    delimiter: str
    header: int | None
    width: int


def read_delimited(text: TextIO, encoding: str, mapped: Collection[str]) -> Sheet:
    """Lay a table open; `mapped` are headings that somebody says are there.

    A row with an open quotation mark is bad by itself: the next one begins on the next line.

    Raises:
        UnreadableFileError: EMPTY, BROKEN_QUOTES (in the header), TOO_MANY_COLUMNS.
    """
    layout = _layout_of(list(itertools.islice(_lines_of(text, _HEAD_CHARACTERS), 4 * HEAD_RECORDS)), mapped)
    text.seek(0)
    records = _read(text, layout.delimiter)
    kind = FileFormat.TSV if layout.delimiter == "\t" else FileFormat.CSV
    if layout.header is None:
        return Sheet(kind, encoding, unnamed(layout.width), False, records)
    header = next(itertools.islice(records, layout.header, None))
    if isinstance(header, BadRow):
        raise UnreadableFileError(Fault.BROKEN_QUOTES, header.row)
    return Sheet(kind, encoding, named(header.cells), True, records)


def _lines_of(text: TextIO, characters: int) -> Iterator[str]:
    for line in text:
        yield line
        characters -= len(line)
        if characters < 0:
            return


def _layout_of(head: list[str], mapped: Collection[str]) -> _Layout:
    if not "".join(head).strip():
        raise UnreadableFileError(Fault.EMPTY)
    said = _said_delimiter(head[0])
    found = [_judged(head, delimiter, mapped) for delimiter in (said or _DELIMITERS)]
    return max(found, key=lambda judged: judged[0])[1]


def _said_delimiter(line: str) -> str | None:
    """Return what Excel's own first line says: `sep=;`."""
    said = line.strip().strip('"').lower()
    return said[4] if said.startswith("sep=") and len(said) == 5 else None


def _judged(head: list[str], delimiter: str, mapped: Collection[str]) -> tuple[tuple[float, ...], _Layout]:
    """Say how much the first lines look like a table with this delimiter, and how it would be laid out."""
    every = list(itertools.islice(_read(head, delimiter), HEAD_RECORDS))
    records = [record for record in every if isinstance(record, Record)]
    if not records:
        # Only broken rows: the first of them stands for the header.
        return (0.0,), _Layout(delimiter, 0, 0)
    place = find_header(records, mapped)
    widths = [width_of(record.cells) for record in records]
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    head = [] if place is None else records[place].cells
    named = len([cell for cell in head if cell.strip()])
    agree = widths.count(usual) / len(widths) if usual > 1 else 0.0
    header = None if place is None else every.index(records[place])
    score = (float(known_headings(head, mapped) > 0), float(named > 1), len(records) / len(every), agree, float(max(named, usual)))  # fmt: skip
    return score, _Layout(delimiter, header, max(widths))


@dataclass
class _Lines:
    """The lines of a file, which can be read again from the second line of the record that was begun last."""

    source: Iterator[str]
    taken: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    characters: int = 0
    """Of the record that was begun last."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.pop() if self.waiting else next(self.source)
        self.taken.append(line)
        self.characters += len(line)
        if self.characters > LINE_MAX:
            raise UnreadableFileError(Fault.LINE_TOO_LONG)
        return line

    def begin(self) -> None:
        """Forget the lines of the record before."""
        self.taken.clear()
        self.characters = 0

    def step_back(self) -> None:
        self.waiting.extend(reversed(self.taken[1:]))


def _read(source: Iterable[str], delimiter: str) -> Iterator[Record | BadRow]:
    """Read the records that are not empty, each with its row."""
    lines = _Lines(iter(source))
    # Not strict, a quotation mark that is never closed would swallow the rows after it in silence.
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    broken = 0
    for row in itertools.count(1):
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            broken += 1
            if broken > _BROKEN_MAX:
                raise UnreadableFileError(Fault.BROKEN_QUOTES, row) from None
            line = lines.taken[0] if lines.taken else ""
            lines.step_back()
            yield BadRow(row, Fault.BROKEN_QUOTES, value=line.rstrip()[:CELL_MAX])
        else:
            if any(cell.strip() for cell in cells):
                yield Record(row, cells)
