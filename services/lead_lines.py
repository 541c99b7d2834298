"""One typed line (`/lead add …`) → what it says about a lead.

The line is cut into pieces at `, 、 ， | ;` tabs and line ends. A piece is `key:value`, or free. Out of the free ones
come e-mail addresses and phone numbers wherever they stand; then each remaining piece finds its field by its looks
(a legal form is a company, 部長 a title, 〒 an address, 展示会 a source), and by its place: first the name, then the
company. What is left goes into the note, and the line is not certain: the form then opens, filled with this guess.

Quotes hold a value together exactly as typed: `name:"…"` with `\\"` and `\\\\` for the signs themselves, also “…” and
「…」; a quote opens at the beginning of a piece or value, and one that is never closed is an ordinary sign.

Every loop goes forward and every look back is bounded, so the cost is linear in the length of the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from models.facts import LeadEntry
from services.vocabulary import (
    read_field,
)

EXTRA_MAX = 300
"""Characters of an address, a website or a fax number."""


@dataclass(frozen=True)
class LeadLine:
    """What a line says. `seven` holds answers by column (`role` and `progress` as codes).

    `is_certain` is False where something had to be guessed or could not be placed.
    """

    entry: LeadEntry
    seven: dict[str, str]
    is_certain: bool


@dataclass
class _Piece:
    """A part of the line; `field` is its key's, empty for a free one, `before` the separator typed in front of it."""

    text: str
    field: str = ""
    before: str = ""
    is_quoted: bool = False


@dataclass
class _Draft:
    """The fields as they fill up."""

    fields: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    is_certain: bool = True

    def put(self, name: str, text: str) -> None:
        """Fill a field; of a field that takes one value only, a second one is left over."""
        if not text:
            return
        if name not in self.fields:
            self.fields[name] = text
        elif name in _JOINERS:
            self.fields[name] += _JOINERS[name] + text
        else:
            self.leave(text)

    def leave(self, text: str) -> None:
        """Keep what found no place."""
        self.left.append(text)
        self.is_certain = False


_JOINERS = {"title": " ", "note": "\n", "address": ", ", "need": "\n", "mission": "\n", "interest": "\n"}


def read_lead_line(text: str, country: str) -> LeadLine:
    """Read what `/lead add` was followed by, as Slack sends it; `country` says how phone numbers are dialled.

    Raises:
        InputError: NOBODY, TWO_EMAILS, BAD_EMAIL, BAD_PHONE, TOO_LONG, UNKNOWN_SOURCE or UNKNOWN_CHOICE.
    """
    pieces = _joined(list(_cut(unescape(text))))
    draft = _Draft()
    for piece in pieces:
        if piece.field:
            _put_keyed(piece, draft, country)
        else:
            _take_contacts(piece, draft, country)
    _place_free([piece for piece in pieces if not piece.field], draft)
    return _finished(draft)


# --- Slack's escaping -------------------------------------------------------------------------------------------------

_LINK = re.compile(r"<(mailto:|tel:|https?://)([^<>|\n]{1,2000})(?:\|([^<>|\n]{1,2000}))?>")
_ENTITY = re.compile("&(amp|lt|gt);")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">"}


def unescape(text: str) -> str:
    """Return a command's text as it was typed: Slack's links opened, `&amp; &lt; &gt;` turned back (once)."""
    if "<" in text:
        text = _LINK.sub(_label, text)
    return _ENTITY.sub(lambda found: _SIGNS[found[1]], text) if "&" in text else text


def _label(link: re.Match[str]) -> str:
    return link[3] or (link[2] if link[1] in {"mailto:", "tel:"} else link[1] + link[2])


# --- Cutting ----------------------------------------------------------------------------------------------------------

# A comma inside a number (1,000万円) and 、 between floors (15、17F) separate nothing.
_SEPARATOR = r",(?!(?<=\d,)\d{3}(?![\d-]))|、(?!(?<=\d、)\d{1,3}(?:F|階))|[，|｜;；\t\r\n]"
_MARK = re.compile(rf"({_SEPARATOR})|([:：])|([(（])")
_QUOTES = {'"': '"', "“": "”", "＂": "＂", "「": "」", "『": "』"}
_QUOTED = {'"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL), "“": re.compile(r"“((?:[^”\\]|\\.)*)”", re.DOTALL),
           "＂": re.compile("＂([^＂]*)＂")} | {
    # Speech within speech has the same signs, so these close before a blank, a separator or the end.
    opening: re.compile(rf"{opening}(.*?){closing}(?=[\s,、，|｜;；]|\Z)", re.DOTALL)
    for opening, closing in (("「", "」"), ("『", "』"))
}  # fmt: skip
_ESCAPED = re.compile(r'\\(["”\\])')
_BLANK = re.compile(r"\s*")
_KEY_MAX = 24
"""Characters before a colon in which a key stands."""
_BRACKET_MAX = 100
"""Characters within which a bracket must close to keep its commas."""


def _cut(text: str) -> Iterator[_Piece]:
    """Cut the line into pieces, blank ones left out."""
    start, before, key = 0, "", ""
    unclosed: set[str] = set()
    while start < len(text):
        if quoted := _quoted_at(text, start, unclosed):
            yield _Piece(quoted[0], key, before, is_quoted=True)
            start, key = quoted[1], ""
            continue
        end, next_start, next_before, next_key = _next_cut(text, start)
        if (part := text[start:end].strip()) or key:
            yield _Piece(part, key, before)
        start, before, key = next_start, next_before, next_key


def _quoted_at(text: str, start: int, unclosed: set[str]) -> tuple[str, int] | None:
    """Return the value of the quote that opens at `start`, and where what follows begins."""
    blank = _BLANK.match(text, start)
    start = blank.end() if blank else start
    opening = text[start : start + 1]
    if opening not in _QUOTES or opening in unclosed:
        return None
    found = _QUOTED[opening].match(text, start)
    if found is None:
        # From here on there is none: without this note, many opening signs would each search the whole rest.
        unclosed.add(opening)
        return None
    value = _ESCAPED.sub(r"\1", found[1]) if opening in '"“' and "\\" in found[1] else found[1]
    return value, found.end()


def _next_cut(text: str, start: int) -> tuple[int, int, str, str]:
    """Return where the piece at `start` ends, where the next begins, the separator between, and the next one's key."""
    position = start
    while mark := _MARK.search(text, position):
        position = mark.end()
        if mark[1]:
            return mark.start(), mark.end(), mark[1], ""
        if mark[2]:
            key_start, name = _key_before(text, start, mark.start())
            if name:
                return key_start, mark.end(), "", name
        elif (closing := text.find(")" if mark[3] == "(" else "）", position, position + _BRACKET_MAX)) > 0:
            position = closing
    return len(text), len(text), "", ""


def _key_before(text: str, start: int, end: int) -> tuple[int, str]:
    """Return where the key that ends at `end` begins, and its field; the longest of up to three words counts."""
    window = text[max(start, end - _KEY_MAX) : end].rstrip()
    first = end - len(text[max(start, end - _KEY_MAX) : end])
    offsets = [found.start() for found in re.finditer(r"\S+", window)][-3:]
    for offset in offsets:
        at = first + offset
        is_word_start = at == start or text[at - 1].isspace()
        if is_word_start and (name := read_field(window[offset:])):
            return at, name
    return 0, ""


# --- Joining what a comma parted --------------------------------------------------------------------------------------

_SUFFIX = re.compile(
    r"(?:Inc|Incorporated|Ltd|Limited|LLC|L\.L\.C|LLP|L\.P|PLC|Corp|Corporation|Co|Co\.?,? ?Ltd|K\.?K|GmbH|AG|S\.?A|S\.?A\.?S|"
    r"SARL|S\.?r\.?l|S\.?p\.?A|B\.?V|N\.?V|Pte\.? Ltd|Pty\.? Ltd|A/S|AB|Oy)\.?(?![A-Za-z])",
    re.IGNORECASE,
)
_FREE_TEXT = frozenset({"note", "mission", "interest", "need", "timing", "budget", "address"})


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Put back together company names (`GreenTech Innovations, Inc.`) that were cut at their comma."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and last.text and last.field in {"", "company"} and _is_suffix(piece):
            last.text += f"{piece.before}{' ' if piece.before == ',' else ''}{piece.text}"
        else:
            joined.append(piece)
    return joined


def _is_suffix(piece: _Piece) -> bool:
    found = None if piece.field or piece.is_quoted or len(piece.text) > 12 else _SUFFIX.match(piece.text)
    return found is not None and found.end() == len(piece.text)
