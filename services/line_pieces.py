"""Cut one typed line into its pieces: free ones, and those with a key."""

import re
from dataclasses import dataclass, field

from services.vocabulary import read_field


@dataclass
class Piece:
    """A part of the line: `field` is its key's, empty for a free one; `gap` is what was typed in front of it."""

    text: str
    field: str = ""
    gap: str = ""
    is_quoted: bool = False


@dataclass
class Draft:
    """The fields as they fill up, and the pieces that found none."""

    fields: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    is_certain: bool = True

    def put(self, name: str, text: str) -> None:
        """Fill a field; where it takes one value only, a second one is left over."""
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

    @property
    def says_who(self) -> bool:
        return not self.fields.keys().isdisjoint({"name", "email", "phone", "external_id"})


_JOINERS = {"title": " ", "note": "\n", "address": ", ", "need": "\n", "mission": "\n", "interest": "\n"}


_LINK = re.compile(r"<(mailto:|tel:|https?://)([^<>|\n]{1,2000})(?:\|([^<>|\n]{1,2000}))?>")
_ENTITY = re.compile("&(amp|lt|gt);")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">"}


def unescape(text: str) -> str:
    """Return a command's text as it was typed: Slack's links opened, `&amp; &lt; &gt;` turned back, once."""
    if "<" in text:
        text = _LINK.sub(lambda link: link[3] or link[2 if link[1] in {"mailto:", "tel:"} else 0].strip("<>"), text)
    return _ENTITY.sub(lambda entity: _SIGNS[entity[1]], text) if "&" in text else text


# A comma inside a number (1,000万円) and 、 between floors (15、17F) separate nothing.
_SEPARATOR = r",(?!(?<=\d,)\d{3}(?![\d-]))|、(?!(?<=\d、)\d{1,3}(?:F|階))|[，|｜;；\t\r\n]"
_MARK = re.compile(rf"({_SEPARATOR})|([:：])|([(（])")
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "“": re.compile(r"“((?:[^”\\]|\\.)*)”", re.DOTALL),
    # Speech within speech has the same signs, so these close before a blank, a separator or the end.
    "「": re.compile(r"「(.*?)」(?=[\s,、，|｜;；]|\Z)", re.DOTALL),
    "『": re.compile(r"『(.*?)』(?=[\s,、，|｜;；]|\Z)", re.DOTALL),
}
_ESCAPED = re.compile(r'\\(["“”\\])')
_BLANK = re.compile(r"\s*")
WORD = re.compile(r"\S+")
_KEY_MAX = 24
"""Characters before a colon in which a key stands."""
_BRACKET_MAX = 100
"""Characters within which a bracket must close to keep its commas."""


def cut(text: str) -> list[Piece]:
    """Cut the line into its pieces, blank ones left out."""
    pieces: list[Piece] = []
    start, last_end, name = 0, 0, ""
    unclosed: set[str] = set()
    while start < len(text):
        begin = _skip_blank(text, start)
        if quoted := read_quoted(text, begin, unclosed):
            pieces.append(Piece(quoted[0], name, text[last_end:begin], is_quoted=True))
            start = last_end = quoted[1]
            name = ""
            continue
        end, start, next_name = _next_cut(text, start)
        if part := text[begin:end].rstrip():
            pieces.append(Piece(part, name, text[last_end:begin]))
            last_end = begin + len(part)
        name = next_name
    return pieces


def _skip_blank(text: str, start: int) -> int:
    blank = _BLANK.match(text, start)
    return blank.end() if blank else start


def read_quoted(text: str, start: int, unclosed: set[str]) -> tuple[str, int] | None:
    """Return the value of the quote that opens at `start` and where it ends, None where none does.

    `unclosed` remembers between calls which signs have no closing partner ahead, so that many opening ones do not each
    search the whole rest.
    """
    opening = text[start : start + 1]
    if opening not in _QUOTED or opening in unclosed:
        return None
    found = _QUOTED[opening].match(text, start)
    if found is None:
        unclosed.add(opening)
        return None
    value = _ESCAPED.sub(r"\1", found[1]) if opening in '"“' and "\\" in found[1] else found[1]
    return value, found.end()


def _next_cut(text: str, start: int) -> tuple[int, int, str]:
    """Return where the piece at `start` ends, where the next one begins, and the field of the next one's key."""
    position = start
    while mark := _MARK.search(text, position):
        position = mark.end()
        if mark[1]:
            return mark.start(), mark.end(), ""
        if mark[2]:
            key_start, name = _key_before(text, start, mark.start())
            if name:
                return key_start, mark.end(), name
        elif (closing := text.find(")" if mark[3] == "(" else "）", position, position + _BRACKET_MAX)) > 0:
            position = closing
    return len(text), len(text), ""


def _key_before(text: str, start: int, end: int) -> tuple[int, str]:
    """Return where the key that ends at `end` begins, and its field; of its last three words as many as make a key."""
    window_start = max(start, end - _KEY_MAX)
    for word in list(WORD.finditer(text[window_start:end]))[-3:]:
        at = window_start + word.start()
        is_word_start = at == start or text[at - 1].isspace()
        if is_word_start and (name := read_field(text[at:end])):
            return at, name
    return 0, ""


_SUFFIX = re.compile(
    r"(?:Inc|Incorporated|Ltd|Limited|LLC|L\.L\.C|LLP|PLC|Corp|Corporation|Co|Co\.?,? ?Ltd|K\.?K|GmbH|AG|S\.?A(?:\.?S)?|SARL|"
    r"S\.?r\.?l|S\.?p\.?A|B\.?V|N\.?V|Pte\.? Ltd|Pty\.? Ltd|A/S|AB|Oy)\.?\Z",
    re.IGNORECASE,
)


def joined(pieces: list[Piece]) -> list[Piece]:
    """Put back together the company names (`GreenTech Innovations, Inc.`) that were cut at their comma.

    A line without separators is cut at its full-width spaces instead, where it has half-width ones too.
    """
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            last
            and last.field in {"", "company"}
            and not (piece.field or piece.is_quoted)
            and _SUFFIX.match(piece.text)
        ):
            last.text += piece.gap + piece.text
        else:
            joined.append(piece)
    free = [piece for piece in joined if piece.text and not piece.field]
    if len(free) == 1 and not free[0].is_quoted and "\u3000" in free[0].text and " " in free[0].text:
        parts = [Piece(part.strip(), gap="\u3000") for part in free[0].text.split("\u3000") if part.strip()]
        joined = [*parts, *(piece for piece in joined if piece.field)]
    return joined
