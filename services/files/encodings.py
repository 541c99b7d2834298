"""In which encoding a text is written: by its byte order mark, else by the one that reads all of it, line by line."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from models.import_run import Fault
from services.files.records import LINE_MAX, UnreadableFileError

NAMES = {
    "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp932": "Shift_JIS", "euc_jp": "EUC-JP",
    "cp1252": "Windows-1252",
}  # fmt: skip
"""What people call each encoding that is read."""

_CHUNK = 1 << 16
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_JAPANESE = ("cp932", "euc_jp")
# Two Japanese characters that are sound UTF-8 are no accident; in Shift_JIS such bytes hardly ever follow each other.
_SURELY_UTF8 = 2
_THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf][\x80-\xbf]")
_HALF_WIDTH_KANA = re.compile("[｡-ﾟ]")
_PRIVATE = re.compile("[\x80\xa0\uf8f0-\uf8f3]")
_LATIN_SIGNS = frozenset("\xa0«»°·–—‘’“”…€£§®©ºª¿¡•´")


def find_encoding(file: BinaryIO) -> str:
    """Return Python's name of the encoding in which the whole file can be read; the file is left at its beginning.

    Raises:
        UnreadableFileError: BINARY, LINE_TOO_LONG, UNKNOWN_ENCODING, or MIXED_ENCODINGS with the line that differs.
    """
    head = file.read(_CHUNK)
    encoding = _by_mark(head) or _by_zeros(head)
    file.seek(0)
    try:
        if encoding:
            _require_decodable(file, encoding)
            return encoding
        return "utf-8-sig" if _is_utf8(file) else _legacy(file)
    finally:
        file.seek(0)


def _by_mark(head: bytes) -> str | None:
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def _by_zeros(head: bytes) -> str | None:
    """Recognise UTF-16 without a mark by its zeros: every other byte of what is ASCII in it."""
    if b"\0" not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even and odd > len(head) / 8:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd and even > len(head) / 8 else None


def _require_decodable(file: BinaryIO, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    try:
        for text in _decoded(file, decoder):
            if "\0" in text:
                raise UnreadableFileError(Fault.BINARY)
            row += text.count("\n")
    except UnicodeDecodeError:
        raise UnreadableFileError(Fault.MIXED_ENCODINGS, row) from None


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for _ in _decoded(file, decoder, refuses=b"\0"):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _decoded(file: BinaryIO, decoder: codecs.IncrementalDecoder, refuses: bytes = b"") -> Iterator[str]:
    """Decode chunk by chunk, and refuse a line that nobody should read whole.

    In UTF-16 a line break's byte can be half of a character: lines count as shorter then, and rows are still bounded.
    """
    length = 0
    while chunk := file.read(_CHUNK):
        if refuses and refuses in chunk:
            raise UnreadableFileError(Fault.BINARY)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        length = len(chunk) - end if end >= 0 else length + len(chunk)
        if length > LINE_MAX:
            raise UnreadableFileError(Fault.LINE_TOO_LONG)
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _legacy(file: BinaryIO) -> str:
    """Return the encoding of a file that is not UTF-8: a Japanese one that reads every line, or a European one."""
    failed: dict[str, int] = {}
    utf8_line, other_line, kana, signs = 0, 0, 0, 0
    file.seek(0)
    for row, line in enumerate(_lines(file), start=1):
        if line.isascii():
            continue
        is_utf8 = _decodes(line, "utf-8") is not None
        if is_utf8 and len(_THREE_BYTES.findall(line)) >= _SURELY_UTF8:
            utf8_line = utf8_line or row
        elif not is_utf8:
            other_line = other_line or row
        for encoding in _JAPANESE:
            if encoding not in failed and _decodes(line, encoding) is None:
                failed[encoding] = row
        text = _decodes(line, "cp932") or ""
        kana, signs = kana + len(_HALF_WIDTH_KANA.findall(text)), signs + sum(not sign.isascii() for sign in text)
    if utf8_line and other_line:
        raise UnreadableFileError(Fault.MIXED_ENCODINGS, max(utf8_line, other_line))
    if "cp932" in failed and "euc_jp" in failed:
        return _european(file, max(failed.values()))
    if failed:
        return "euc_jp" if "cp932" in failed else "cp932"
    # Read as Shift_JIS, what is EUC-JP is half-width kana for the most part.
    return "euc_jp" if kana * 3 > signs else "cp932"


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LINE_MAX + 1):
        if len(line) > LINE_MAX:
            raise UnreadableFileError(Fault.LINE_TOO_LONG)
        yield line


def _decodes(line: bytes, encoding: str) -> str | None:
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return None
    # Bytes that Shift_JIS has no character for become private ones.
    return None if encoding == "cp932" and _PRIVATE.search(text) else text


def _european(file: BinaryIO, row: int) -> str:
    """Take a file for Windows-1252 when all that is not ASCII in it are letters and signs of European languages."""
    file.seek(0)
    for line in _lines(file):
        text = _decodes(line, "cp1252")
        if text is None or not all(sign.isascii() or _is_european(sign) for sign in text):
            raise UnreadableFileError(Fault.UNKNOWN_ENCODING, row)
    return "cp1252"


def _is_european(sign: str) -> bool:
    return sign in _LATIN_SIGNS or (unicodedata.category(sign)[0] == "L" and sign not in "ƒªº")
