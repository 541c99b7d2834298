"""Excel's workbooks (XLSX): the first sheet that holds something, read row by row."""

import itertools
import zipfile
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO

from models.import_run import Fault, FileFormat
from services.files.headings import find_header
from services.files.records import (
    COLUMNS_MAX,
    HEAD_RECORDS,
    BadRow,
    Record,
    Sheet,
    UnreadableFileError,
    named,
    unnamed,
    width_of,
)
from services.files.workbook_parts import keep_harmless

_UNPACKED_MAX = 150 * 1024 * 1024
"""Bytes of all parts, as the archive's directory says. Nothing is unpacked before they are known."""
_PARTS_MAX = 2000
# A sheet has no more; a row that says it is further down is an attack: all those between would be made.
_ROWS_MAX = 1_048_576


def read_spreadsheet(file: BinaryIO, mapped: Collection[str]) -> Sheet:
    """Lay the workbook's first sheet open that holds something; a formula's cell holds its last result.

    Raises:
        UnreadableFileError: TOO_BIG, LOCKED_SPREADSHEET, BROKEN_SPREADSHEET, NOT_A_TABLE (another kind of archive),
            EMPTY, TOO_MANY_COLUMNS.
    """
    _require_harmless(file)
    for rows in _sheets(file):
        head = list(itertools.islice(rows, HEAD_RECORDS))
        if head:
            return _laid_open(head, rows, mapped)
    raise UnreadableFileError(Fault.EMPTY)


def _laid_open(head: list[Record], rows: Iterator[Record], mapped: Collection[str]) -> Sheet:
    place = find_header(head, mapped)
    everything: Iterator[Record | BadRow] = itertools.chain(head if place is None else head[place + 1 :], rows)
    if place is None:
        names = unnamed(max(width_of(record.cells) for record in head))
        return Sheet(FileFormat.XLSX, "", names, False, everything)
    return Sheet(FileFormat.XLSX, "", named(head[place].cells), True, everything)


def _require_harmless(file: BinaryIO) -> None:
    """Look into the archive's directory before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise UnreadableFileError(Fault.BROKEN_SPREADSHEET) from None
    finally:
        file.seek(0)
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFileError(Fault.LOCKED_SPREADSHEET)
    if "xl/workbook.xml" not in names:
        raise UnreadableFileError(Fault.NOT_A_TABLE)
    if sum(part.file_size for part in parts) > _UNPACKED_MAX or len(parts) > _PARTS_MAX:
        raise UnreadableFileError(Fault.TOO_BIG)


def _sheets(file: BinaryIO) -> Iterator[Iterator[Record]]:
    """Yield the rows of each sheet; whatever the library stumbles over is a broken workbook."""
    import warnings  # noqa: PLC0415  With the library alone.

    from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415  0.3 s and 20 MB that only a workbook needs.

    warnings.filterwarnings("ignore", module="openpyxl")
    try:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        keep_harmless(reader.archive)
        reader.read()
        for sheet in reader.wb.worksheets:
            if hasattr(sheet, "reset_dimensions"):
                # What a workbook says of its own size need not be true.
                sheet.reset_dimensions()
                yield _rows(sheet)
    except UnreadableFileError:
        raise
    except Exception as error:  # The library raises whatever a mangled part leads it into, KeyError to ParseError.
        raise UnreadableFileError(Fault.BROKEN_SPREADSHEET) from error


def _rows(sheet: Any) -> Iterator[Record]:
    try:
        rows = sheet.iter_rows(max_row=_ROWS_MAX, max_col=COLUMNS_MAX + 1, values_only=True)
        empty: Sequence[Any] = ()
        for row, values in enumerate(rows, start=1):
            # Between two rows far apart stands the very same empty one, up to a million times.
            if values is empty:
                continue
            width = next((place for place in range(len(values), 0, -1) if values[place - 1] is not None), 0)
            if width == 0:
                empty = values
            cells = [_text(value) for value in values[:width]]
            if any(cells):
                yield Record(row, cells[: width_of(cells)])
    except Exception as error:  # As above.
        raise UnreadableFileError(Fault.BROKEN_SPREADSHEET) from error


def _text(value: Any) -> str:
    """Write a cell as its sheet shows it, a day without the midnight that Excel adds."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        day = value.time() == time()
        return value.date().isoformat() if day else value.isoformat(" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
