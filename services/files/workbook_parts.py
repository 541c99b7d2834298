"""The parts of a workbook, looked through before a library holds them: small files can unpack into what fills a machine."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from models.import_run import Fault
from services.files.records import LINE_MAX, UnreadableFileError

_CHUNK = 1 << 16


@dataclass(frozen=True)
class _Limits:
    """What a part may hold: bytes, elements, elements in a row, and rows. A row, or a part without any, is held whole."""

    size: int
    elements: int
    in_row: int
    rows: int = 0


_READ_WHOLE = _Limits(16 << 20, 100_000, 100_000)
# The one part that is held in memory as long as rows are read.
_STRINGS = _Limits(40 << 20, 2_500_000, 2_500_000)
# A sheet of Excel has no more rows, nor 16,384 columns with more than a few elements in each.
_SHEET = _Limits(150 << 20, 15_000_000, 100_000, 1_048_576)
_KINDS = (
    (re.compile(r"xl/sharedstrings\.xml", re.IGNORECASE), _STRINGS),
    (re.compile(r"xl/worksheets/[^/]+\.xml"), _SHEET),
    (
        re.compile(
            r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(core|custom)\.xml|xl/(workbook|styles)\.xml|xl/theme/[^/]+\.xml"
            r"|xl/chartsheets/[^/]+\.xml|xl/((work|chart)sheets/)?_rels/[^/]+\.rels"
        ),
        _READ_WHOLE,
    ),
)


def keep_harmless(archive: zipfile.ZipFile) -> None:
    """Leave in the archive's directory only what a table is read from, each part looked through to its end.

    Raises:
        UnreadableFileError: TOO_BIG, a part is larger than anybody's; BROKEN_SPREADSHEET, it is no XML, or defines words.
    """
    parts = [(part, limits) for part in archive.infolist() if (limits := _limits_of(part.filename))]
    for part, limits in parts:
        if part.file_size > limits.size:
            raise UnreadableFileError(Fault.TOO_BIG)
        with archive.open(part) as content:
            _look_through(content, limits)
    archive.filelist[:] = [part for part, _ in parts]
    archive.NameToInfo.clear()
    archive.NameToInfo.update({part.filename: part for part, _ in parts})


def _limits_of(name: str) -> _Limits | None:
    return next((limits for kind, limits in _KINDS if kind.fullmatch(name)), None)


class _Counter:
    """Counts what a parser meets, which itself holds nothing but one tag."""

    def __init__(self, parser: expat.XMLParserType, limits: _Limits) -> None:
        self._parser, self._limits = parser, limits
        self.last_at, self._elements, self._rows, self._in_row = 0, 0, 0, 0

    def start(self, name: str, _attributes: object) -> None:
        at = self._parser.CurrentByteIndex
        self._elements += 1
        self._in_row += 1
        if name == "row" or name.endswith(":row"):
            self._rows, self._in_row = self._rows + 1, 0
        is_too_much = self._elements > self._limits.elements or self._in_row > self._limits.in_row
        if is_too_much or (self._limits.rows and self._rows > self._limits.rows) or at - self.last_at > LINE_MAX:
            raise UnreadableFileError(Fault.TOO_BIG)
        self.last_at = at


def _look_through(content: IO[bytes], limits: _Limits) -> None:
    parser = expat.ParserCreate()
    counter = _Counter(parser, limits)
    parser.StartElementHandler = counter.start
    parser.StartDoctypeDeclHandler = _refuse_definitions
    fed = 0
    for chunk in _chunks(content):
        parser.Parse(chunk)
        fed += len(chunk)
        # A text or a tag that goes on and on is held until it ends.
        if fed - counter.last_at > LINE_MAX + _CHUNK:
            raise UnreadableFileError(Fault.TOO_BIG)
    parser.Parse(b"", True)


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(_CHUNK):
        yield chunk


def _refuse_definitions(*_what: object) -> None:
    """No workbook defines entities; a few lines of them stand for gigabytes."""
    raise UnreadableFileError(Fault.BROKEN_SPREADSHEET)
