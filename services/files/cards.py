"""Address books: vCards of every version, and LDIF. Each person becomes a record under the same headings."""

import base64
import binascii
import quopri
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from models.import_run import Fault, FileFormat
from services.files.records import CELL_MAX, COLUMNS_MAX, BadRow, Record, Sheet, UnreadableFileError

# A longer property is a picture or a key: nothing of it is kept.
_PROPERTY_MAX = 4 * CELL_MAX
_PROPERTIES_MAX = 400

Facts = dict[str, str]
"""What is known of one person, by heading."""
_Property = tuple[str, str, str]
"""A property's name, its parameters, and its value as it stands there."""


@dataclass
class _Card:
    row: int
    facts: Facts = field(default_factory=dict)
    is_person: bool = True
    is_whole: bool = True
    _known: set[tuple[str, str]] = field(default_factory=set)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, heading: str, value: str) -> None:
        """Note a fact; a second one of its kind gets a heading of its own: `E-mail 2`."""
        if not value or (heading, value) in self._known or len(self.facts) >= _PROPERTIES_MAX:
            return
        self._known.add((heading, value))
        self._counts[heading] += 1
        count = self._counts[heading]
        self.facts[heading if count == 1 else f"{heading} {count}"] = value


def read_vcards(text: TextIO, encoding: str) -> Sheet:
    """Lay a file of vCards (2.1, 3.0, 4.0) open, one person a row.

    Raises:
        UnreadableFileError: TOO_MANY_COLUMNS, the cards have too many kinds of properties.
    """
    return _sheet(text, encoding, FileFormat.VCARD, _vcards)


def read_ldif(text: TextIO, encoding: str) -> Sheet:
    """Lay a file of LDIF entries open, one person a row; groups are named as no persons. Raises as `read_vcards`."""
    return _sheet(text, encoding, FileFormat.LDIF, _entries)


def _sheet(text: TextIO, encoding: str, kind: FileFormat, read: Callable[[TextIO], Iterator[_Card]]) -> Sheet:
    # Read twice: only at the end is it known which headings there are, and a whole file is not kept.
    headings: dict[str, None] = {}
    for card in read(text):
        headings.update(dict.fromkeys(card.facts))
        if len(headings) > COLUMNS_MAX:
            raise UnreadableFileError(Fault.TOO_MANY_COLUMNS, card.row)
    if not headings:
        raise UnreadableFileError(Fault.EMPTY)
    text.seek(0)
    names = tuple(headings)
    return Sheet(kind, encoding, names, True, (_record(card, names) for card in read(text)))


def _record(card: _Card, names: tuple[str, ...]) -> Record | BadRow:
    if not card.is_whole:
        return BadRow(card.row, Fault.BROKEN_CARD)
    if not card.is_person:
        return BadRow(card.row, Fault.NOT_A_PERSON)
    return Record(card.row, [card.facts.get(name, "") for name in names])


_VCARD_LINE = re.compile(r"(?:[\w\-]+\.)?([\w\-]+)((?:;(?:[^:;\"]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\);")


def _vcards(text: TextIO) -> Iterator[_Card]:
    card: _Card | None = None
    count = 0
    for line in _unfolded_vcard(text):
        match = _VCARD_LINE.fullmatch(line)
        name, parameters, value = (match[1].upper(), match[2].upper(), match[3]) if match else ("", "", "")
        if name == "BEGIN" and value.strip().upper() == "VCARD":
            if card is not None:
                card.is_whole = False
                yield card
            count += 1
            card = _Card(count)
        elif name == "END" and card is not None:
            yield card
            card = None
        elif card is not None and name:
            _note_property(card, (name, parameters, value))
    if card is not None:
        card.is_whole = False
        yield card


def _unfolded_vcard(text: TextIO) -> Iterator[str]:
    """Join the lines that were broken: by a blank at the next one's beginning, or by `=` in quoted-printable."""
    whole = ""
    for raw in text:
        line = raw.rstrip("\r\n")
        is_soft = whole.endswith("=") and "QUOTED-PRINTABLE" in whole[:200].upper()
        is_folded = is_soft or (line[:1] in {" ", "\t"} and whole)
        # What is longer than any cell may be is dropped by its length: nothing is added to it.
        if is_folded and len(whole) > _PROPERTY_MAX:
            continue
        if is_soft:
            whole = whole[:-1] + line
        elif is_folded:
            whole += line[1:]
        elif line:
            yield whole
            whole = line
    yield whole


def _note_property(card: _Card, stated: _Property) -> None:
    name, parameters, value = stated
    if len(value) >= _PROPERTY_MAX or "BASE64" in parameters or "ENCODING=B" in parameters or name in _UNKEPT:
        return
    if "QUOTED-PRINTABLE" in parameters:
        value = _quoted(value, parameters)
    if name == "KIND" and value.lower() == "group":
        card.is_person = False
    elif name in _STRUCTURED:
        _STRUCTURED[name](card, parameters, [_unescape(part) for part in _SPLIT.split(value)])
    else:
        card.add(_HEADINGS.get(name, name), _unescape(value))


_UNKEPT = frozenset({"VERSION", "PRODID", "PHOTO", "LOGO", "SOUND", "KEY", "REV", "MEMBER", "CLASS", "SORT-STRING"})
_HEADINGS = {
    "FN": "Name", "TITLE": "Job Title", "EMAIL": "E-mail", "NOTE": "Notes", "URL": "URL", "BDAY": "Birthday",
    "ROLE": "Job Role", "NICKNAME": "Nickname", "CATEGORIES": "Categories",
}  # fmt: skip


def _quoted(value: str, parameters: str) -> str:
    charset = re.search(r"CHARSET=\"?([\w\-]+)", parameters)
    decoded = quopri.decodestring(value.encode("utf-8", "replace"))
    for encoding in (charset[1] if charset else "utf-8", "utf-8", "cp932"):
        try:
            return decoded.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return ""


def _unescape(value: str) -> str:
    return _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value).strip()


def _note_names(card: _Card, _parameters: str, parts: list[str]) -> None:
    for heading, part in zip(("Last Name", "First Name", "Middle Name"), parts, strict=False):
        card.add(heading, part)


def _note_organisation(card: _Card, _parameters: str, parts: list[str]) -> None:
    card.add("Company", parts[0])
    card.add("Department", " ".join(part for part in parts[1:] if part))


def _note_address(card: _Card, _parameters: str, parts: list[str]) -> None:
    card.add("Address", ", ".join(part for part in parts if part))


def _note_phone(card: _Card, parameters: str, parts: list[str]) -> None:
    number = ";".join(parts).removeprefix("tel:")
    if "FAX" in parameters:
        card.add("Fax", number)
    elif "CELL" in parameters:
        card.add("Mobile Phone", number)
    else:
        card.add("Work Phone" if "WORK" in parameters else "Phone", number)


_STRUCTURED: dict[str, Callable[[_Card, str, list[str]], None]] = {
    "N": _note_names,
    "ORG": _note_organisation,
    "ADR": _note_address,
    "TEL": _note_phone,
}


_LDIF_LINE = re.compile(r"([\w\-.]+)(?:;[\w\-.;]*)?:(:?)\s*(.*)", re.DOTALL)
_LDIF_UNKEPT = frozenset(
    {"dn", "objectclass", "version", "changetype", "jpegphoto", "member", "uniquemember", "modifytimestamp"}
)
_LDIF_HEADINGS = {
    "cn": "Name", "sn": "Last Name", "surname": "Last Name", "givenname": "First Name", "mail": "E-mail", "o": "Company",
    "company": "Company", "ou": "Department", "department": "Department", "title": "Job Title",
    "telephonenumber": "Work Phone", "mobile": "Mobile Phone", "cellphone": "Mobile Phone", "homephone": "Home Phone",
    "facsimiletelephonenumber": "Fax", "fax": "Fax", "description": "Notes", "labeleduri": "URL",
    "workurl": "URL", "mozillaworkurl": "URL", "street": "Address", "postaladdress": "Address",
}  # fmt: skip
_GROUPS = ("groupof", "posixgroup", "mozillaabgroup")


def _entries(text: TextIO) -> Iterator[_Card]:
    count = 0
    entry: list[_Property] = []
    for line in _unfolded_ldif(text):
        match = _LDIF_LINE.fullmatch(line) if line else None
        if match:
            if len(entry) <= _PROPERTIES_MAX:
                entry.append((match[1].lower(), match[2], match[3]))
        elif not line and entry:
            count += 1
            yield _entry(count, entry)
            entry = []
    if entry:
        yield _entry(count + 1, entry)


def _unfolded_ldif(text: TextIO) -> Iterator[str]:
    whole = ""
    for raw in text:
        line = raw.rstrip("\r\n")
        if line.startswith(" ") and whole:
            whole += line[1:] if len(whole) <= _PROPERTY_MAX else ""
        else:
            if not whole.startswith("#"):
                yield whole
            whole = line
    yield whole
    yield ""


def _entry(row: int, stated: list[_Property]) -> _Card:
    card = _Card(row)
    for name, colon, raw in stated:
        value = _decoded(raw) if colon else raw.strip()
        if name == "objectclass" and value.lower().startswith(_GROUPS):
            card.is_person = False
        if name not in _LDIF_UNKEPT and len(value) < _PROPERTY_MAX:
            card.add(_LDIF_HEADINGS.get(name, name), value)
    return card


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8").strip()
    except (binascii.Error, ValueError):
        return ""
