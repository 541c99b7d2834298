"""A file laid open as a table: what it is told by what it holds, whatever its name says."""

import io
from collections.abc import Collection
from typing import BinaryIO

from models.import_run import Fault
from services.files.cards import read_ldif, read_vcards
from services.files.delimited import read_delimited
from services.files.encodings import NAMES, find_encoding
from services.files.records import Sheet, UnreadableFileError
from services.files.spreadsheets import read_spreadsheet

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0"
# The key that a workbook with a password has inside its old-fashioned container, in UTF-16.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"{\\rtf",
    b"BM",
    b"SQLite f",
)
_MARKUP = ("<!doctype", "<html", "<?xml", "<svg", "{", "[{")
_HEAD = 1 << 16


def open_sheet(file: BinaryIO, mapped: Collection[str] = ()) -> Sheet:
    """Lay a file open: CSV and its relatives, XLSX, vCard or LDIF, in whatever usual encoding.

    `mapped` are headings that somebody says are there. The file stays open and is read on as the records are.

    Raises:
        UnreadableFileError: it is none of these, or not to be read; the fault says why.
    """
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if not head.strip():
        raise UnreadableFileError(Fault.EMPTY)
    if head.startswith(_ZIP):
        return read_spreadsheet(file, mapped)
    if head.startswith(_OLE):
        raise UnreadableFileError(Fault.LOCKED_SPREADSHEET if _ENCRYPTED in head else Fault.OLD_SPREADSHEET)
    if head.startswith(_OTHERS):
        raise UnreadableFileError(Fault.NOT_A_TABLE)
    return _open_text(file, mapped)


def _open_text(file: BinaryIO, mapped: Collection[str]) -> Sheet:
    encoding = find_encoding(file)
    text = _Text(file, encoding=encoding, newline="")
    first = next((line for line in text if line.strip("\ufeff \t\r\n")), "").strip("\ufeff \t\r\n").lower()
    text.seek(0)
    if not first:
        raise UnreadableFileError(Fault.EMPTY)
    if first == "begin:vcard":
        return read_vcards(text, NAMES[encoding])
    if first.startswith(("dn:", "version: 1")):
        return read_ldif(text, NAMES[encoding])
    if first.startswith(_MARKUP):
        raise UnreadableFileError(Fault.NOT_A_TABLE)
    return read_delimited(text, NAMES[encoding], mapped)


class _Text(io.TextIOWrapper):
    """A text that leaves its file open when nobody looks at it any more: whoever opened it closes it."""

    def __del__(self) -> None:
        if not self.closed:
            self.detach()
