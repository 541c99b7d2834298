r"""One typed line (`/lead add …`) → what it says about a lead.

The line is cut into pieces at `, 、 ， | ;` tabs and line ends. A piece is `key:value`, or free. Out of the free ones
come e-mail addresses and phone numbers wherever they stand; then each remaining piece finds its field by its looks
(a legal form is a company, 部長 a title, 〒 an address, 展示会 a source), or by its place: first the name, then the
company. What is left goes into the note, and the line is not certain: the form then opens, filled with this guess.

Quotes hold a value together exactly as typed: `name:"…"` with `\"` and `\\` for the signs themselves, also “…” and
「…」. A quote opens at the beginning of a piece or value; one that is never closed is an ordinary sign.

Every loop goes forward and every look back is bounded, so the cost is linear in the length of the line.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from models.errors import InputError, Problem
from models.facts import LeadEntry
from models.lead import MAX_LENGTHS, THE_SEVEN, Consent, Source
from services.identity import email_key, half_width, is_plain_email, is_real_phone, phone_key, read_email, read_phone
from services.vocabulary import (
    EXTRA_FIELDS,
    nearest_field,
    nearest_source,
    read_consent,
    read_field,
    read_progress,
    read_role,
    read_source,
)

EXTRA_MAX = 300
"""Characters of an address, a website or a fax number."""


@dataclass(frozen=True)
class LeadLine:
    """What a line says. `seven` holds the answers given, by column; `role` and `progress` as their codes.

    `is_certain` is False where something had to be guessed or found no place.
    """

    entry: LeadEntry
    seven: dict[str, str]
    is_certain: bool


@dataclass
class _Piece:
    """A part of the line: `field` is its key's, empty for a free one; `gap` is what was typed in front of it."""

    text: str
    field: str = ""
    gap: str = ""
    is_quoted: bool = False


@dataclass
class _Draft:
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


def read_lead_line(text: str, country: str) -> LeadLine:
    """Read what stands after `/lead add`, as it was typed (`unescape`); `country` says how phone numbers are dialled.

    Raises:
        InputError: NOBODY, TWO_EMAILS, BAD_EMAIL, BAD_PHONE, TOO_LONG, UNKNOWN_SOURCE or UNKNOWN_CHOICE.
    """
    pieces = _cut(text)
    draft = _Draft()
    for piece in pieces:
        if piece.field in _CONTACTS and piece.text:
            _put_keyed(piece, draft, country)
        elif not piece.field:
            _take_contacts(piece, draft, country)
    pieces = _joined(pieces)
    for piece in pieces:
        if piece.field and piece.text:
            _put_keyed(piece, draft, country)
    _place(pieces, draft)
    return _finished(draft)


def read_edit_line(text: str, country: str) -> dict[str, str]:
    """Read the `key:value` parts that stand after `/lead edit LEAD` and return the fields that they set, by column.

    Raises:
        InputError: UNKNOWN_FIELD where a part has no key that is known; and what `read_lead_line` raises of values.
    """
    draft = _Draft()
    for piece in _joined(_cut(text)):
        if piece.field:
            _put_keyed(piece, draft, country)
            if piece.field:
                continue
        # Without a key, or what is left behind an address: nobody can say where it should go.
        if piece.text.strip():
            raise InputError(Problem.UNKNOWN_FIELD, "field", piece.text, nearest=nearest_field(piece.text))
    return draft.fields


def _finished(draft: _Draft) -> LeadLine:
    fields = draft.fields
    if not fields and not draft.left:
        raise InputError(Problem.NOBODY, "name")
    is_certain = draft.is_certain and draft.says_who
    if draft.left:
        draft.put("note", "\n".join(draft.left))
    for name, value in fields.items():
        limit = EXTRA_MAX if name in EXTRA_FIELDS else MAX_LENGTHS.get(name)
        if limit is not None and len(value) > limit:
            raise InputError(Problem.TOO_LONG, name, value, limit=limit)
    entry = LeadEntry(
        **{name: fields.get(name, "") for name in ("name", "company", "title", "email", "phone", "campaign", "note")},
        external_id=fields.get("external_id"),
        source=Source(fields["source"]) if "source" in fields else None,
        consent=Consent(fields.get("consent", Consent.UNKNOWN)),
        extra={name: fields[name] for name in EXTRA_FIELDS if name in fields},
    )
    return LeadLine(entry, {name: fields[name] for name in THE_SEVEN if name in fields}, is_certain)


# --- Slack's escaping -------------------------------------------------------------------------------------------------

_LINK = re.compile(r"<(mailto:|tel:|https?://)([^<>|\n]{1,2000})(?:\|([^<>|\n]{1,2000}))?>")
_ENTITY = re.compile("&(amp|lt|gt);")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">"}


def unescape(text: str) -> str:
    """Return a command's text as it was typed: Slack's links opened, `&amp; &lt; &gt;` turned back, once."""
    if "<" in text:
        text = _LINK.sub(lambda link: link[3] or link[2 if link[1] in {"mailto:", "tel:"} else 0].strip("<>"), text)
    return _ENTITY.sub(lambda entity: _SIGNS[entity[1]], text) if "&" in text else text


# --- Cutting ----------------------------------------------------------------------------------------------------------

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
_WORD = re.compile(r"\S+")
_KEY_MAX = 24
"""Characters before a colon in which a key stands."""
_BRACKET_MAX = 100
"""Characters within which a bracket must close to keep its commas."""


def _cut(text: str) -> list[_Piece]:
    """Cut the line into its pieces, blank ones left out."""
    pieces: list[_Piece] = []
    start, last_end, name = 0, 0, ""
    unclosed: set[str] = set()
    while start < len(text):
        begin = _skip_blank(text, start)
        if quoted := read_quoted(text, begin, unclosed):
            pieces.append(_Piece(quoted[0], name, text[last_end:begin], is_quoted=True))
            start = last_end = quoted[1]
            name = ""
            continue
        end, start, next_name = _next_cut(text, start)
        if part := text[begin:end].rstrip():
            pieces.append(_Piece(part, name, text[last_end:begin]))
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
    for word in list(_WORD.finditer(text[window_start:end]))[-3:]:
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


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Put back together the company names (`GreenTech Innovations, Inc.`) that were cut at their comma.

    A line without separators is cut at its full-width spaces instead, where it has half-width ones too.
    """
    joined: list[_Piece] = []
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
        parts = [_Piece(part.strip(), gap="\u3000") for part in free[0].text.split("\u3000") if part.strip()]
        joined = [*parts, *(piece for piece in joined if piece.field)]
    return joined


# --- What has a key ---------------------------------------------------------------------------------------------------

_CONTACTS = frozenset({"email", "phone"})
_CHOICES: dict[str, Callable[[str], StrEnum | None]] = {
    "consent": read_consent,
    "role": read_role,
    "progress": read_progress,
}


def _put_keyed(piece: _Piece, draft: _Draft, country: str) -> None:
    """Fill the field that the piece's key names."""
    if piece.field in _CONTACTS:
        _put_contact(piece, draft, country)
    elif piece.field == "source":
        source = read_source(piece.text)
        if source is None:
            raise InputError(Problem.UNKNOWN_SOURCE, "source", piece.text, nearest=nearest_source(piece.text))
        draft.put("source", source.value)
    elif piece.field in _CHOICES:
        choice = _CHOICES[piece.field](piece.text)
        if choice is None:
            raise InputError(Problem.UNKNOWN_CHOICE, piece.field, piece.text)
        draft.put(piece.field, choice.value)
    elif piece.field == "name" and not piece.is_quoted:
        draft.put("name", _without_honorifics(piece.text))
    else:
        draft.put(piece.field, piece.text)


def _put_contact(piece: _Piece, draft: _Draft, country: str) -> None:
    """Read an address or a number; words after it are a free piece."""
    name, piece.field = piece.field, ""
    is_found = _take_email(piece, draft) if name == "email" else _take_phone(piece, draft, country)
    if not is_found:
        draft.put(name, read_email(piece.text) if name == "email" else read_phone(piece.text, country))
        piece.text = ""


# --- Addresses and numbers anywhere -----------------------------------------------------------------------------------

_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'&=~#!$*?^{}")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_AT_MAX = 8
"""Signs @ that are looked at; a line with more is no address."""
_PHONE = re.compile(
    r"(?<![A-Za-z0-9@./-])(?:\+|\(?\d)[\d()\-.\s‐‑–—−ー]{6,24}\d(?:[\s(]{0,2}(?:内線|ext\.?|x|#)[\s:.]{0,2}\d{1,6}\)?)?"
    r"(?![A-Za-z0-9@])",
    re.IGNORECASE,
)
_PHONE_DIGITS = range(9, 18)
_FAX = re.compile(r"(?:fax|ファックス|ファクス)\s*\Z", re.IGNORECASE)
_LABEL_END = re.compile(
    r"(?:\b(?:tel|phone|mobile|cell|e-?mail|mail|mailto)|電話(?:番号)?|携帯(?:電話)?|メール(?:アドレス)?)[\s.:：]*\Z",
    re.IGNORECASE,
)
_EMPTY_BRACKETS = re.compile(r"<\s*>|\(\s*\)|（\s*）|「\s*」|\[\s*\]")


def _take_contacts(piece: _Piece, draft: _Draft, country: str) -> None:
    """Move an e-mail address and a phone number from a free piece to their fields."""
    if piece.is_quoted and not (is_plain_email(piece.text) or is_real_phone(piece.text, country)):
        return
    if "@" in piece.text or "＠" in piece.text:
        _take_email(piece, draft)
    if "phone" not in draft.fields:
        _take_phone(piece, draft, country)


def _take_email(piece: _Piece, draft: _Draft) -> bool:
    """Move the address in the piece to its field; say whether there was one.

    Raises:
        InputError: TWO_EMAILS, BAD_EMAIL.
    """
    half, kept, cursor, at = half_width(piece.text), "", 0, -1
    for _ in range(_AT_MAX):
        at = half.find("@", at + 1)
        if at < 0:
            break
        if span := _email_span(half, cursor, at):
            _put_email(half[slice(*span)], draft)
            kept += _without_label(piece.text[cursor : span[0]]) + " "
            cursor = at = span[1]
    if cursor:
        piece.text = _tidied(kept + piece.text[cursor:])
    return cursor > 0


def _email_span(half: str, floor: int, at: int) -> tuple[int, int] | None:
    """Return where the address around the @ begins and ends, None for a sign that belongs to no address (@handle)."""
    start = at
    while start > floor and half[start - 1] in _LOCAL:
        start -= 1
    while start < at and half[start] in ".'":
        start += 1
    domain = _DOMAIN.match(half, at + 1)
    end = domain.end() if domain else at
    if start < at and "." in half[at:end]:
        return start, at + 1 + len(half[at + 1 : end].rstrip("-"))
    return _international_span(half, floor, at) or ((start, end) if start < at < end else None)


def _international_span(half: str, floor: int, at: int) -> tuple[int, int] | None:
    """Return where the word around the @ begins and ends if it is an address in letters beyond ASCII (山田@例え.jp)."""
    before, after = half[max(floor, at - 64) : at], half[at + 1 : at + 254]
    local, domain = before.split()[-1:], after.split(maxsplit=1)[:1]
    if not local or not domain or before[-1:].isspace() or after[:1].isspace() or "." not in domain[0]:
        return None
    typed = f"{local[0]}@{domain[0]}"
    is_address = not typed.isascii() and email_key(typed) is not None
    return (at - len(local[0]), at + 1 + len(domain[0])) if is_address else None


def _put_email(typed: str, draft: _Draft) -> None:
    email, first = read_email(typed), draft.fields.get("email")
    if first and email_key(first) != email_key(email):
        raise InputError(Problem.TWO_EMAILS, "email", email)
    draft.fields.setdefault("email", email)


def _take_phone(piece: _Piece, draft: _Draft, country: str) -> bool:
    """Move the phone number in the piece to its field; say whether there was one."""
    half = half_width(piece.text)
    for found in _PHONE.finditer(half):
        if _FAX.search(half, max(0, found.start() - 8), found.start()):
            continue
        if span := _phone_span(half, found, country):
            draft.put("phone", read_phone(half[slice(*span)], country))
            piece.text = _tidied(f"{_without_label(piece.text[: span[0]])} {piece.text[span[1] :]}")
            return True
    return False


def _phone_span(half: str, found: re.Match[str], country: str) -> tuple[int, int] | None:
    """Return where the number begins and ends: the whole match, or one of its words (〒530-0001 06-1234-5678)."""
    if _is_phone(found[0], country):
        return found.span()
    for word in _WORD.finditer(half, found.start(), found.end()):
        if _is_phone(word[0], country):
            return word.span()
    return None


def _is_phone(typed: str, country: str) -> bool:
    """Say whether unlabelled digits are a phone number; those that do not begin like one must really exist."""
    if sum(sign.isdigit() for sign in typed) not in _PHONE_DIGITS:
        return False
    return phone_key(typed, country) is not None if typed[0] in "+0(" else is_real_phone(typed, country)


def _without_label(text: str) -> str:
    """Return the words in front of an address or number without its label (TEL, メール), which the field now says."""
    label = _LABEL_END.search(text, max(0, len(text) - 16))
    return text[: label.start()] if label else text


def _tidied(text: str) -> str:
    """Return what is left of a piece without the brackets around what was taken out."""
    return _EMPTY_BRACKETS.sub(" ", text).strip(" \t\u3000,、/<>:：")


# --- What the looks tell ----------------------------------------------------------------------------------------------

_FORM_JA = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|㈱|㈲|[(（][株有合同資名社財学医福]{1,2}[)）]|(?:社団|財団|学校|医療|宗教|福祉|独立行政|"
    r"国立大学|公立大学|監査|税理士|弁護士|農業協同組合|NPO|特定非営利活動)法人|協同組合"
)
_FORM_EN = re.compile(
    r"(?:\b(?:Inc|Incorporated|Ltd|Limited|LLC|LLP|PLC|Corp|Corporation|GmbH|SARL|K\.?K|Pte|Pty|B\.V|N\.V|S\.A|S\.p\.A)\b\.?|"
    r"\bCo\.|\b(?:Company|University|Holdings)|\b(?:AG|AB|Oy))(?=\s*[(（/]|\s*\Z)",
)
_FORM_ALONE = re.compile(r"(?:株式会社|有限会社|合同会社|㈱|㈲|[(（][株有][)）])\Z")
_COMPANY_END = re.compile(
    r"(?:大学院?|病院|銀行|信用金庫|協会|組合|研究所|製作所|商事|商店|商会|市役所|[町村]役場|県庁|都庁|府庁|学園|高校|学校|ホールディングス|製薬|電機|電力|"
    r"建設|不動産|印刷|新聞社|工務店|精機|工業|化学|食品|物産)\Z"
)

_TITLE_END = (
    r"(?:[部課係室局次所店社会院館校園学団議組]長|支[店社]長|工場長|理事長?|監事|事務長|本部長|[班隊]長|主任|主査|主幹|主事|参事|取締役|監査役|執行役員?|代表(?:者)?|"
    r"役員|顧問|相談役|参与|担当者?|責任者|リーダー|チーフ|マネージャー?|マネジャー|ディレクター|エンジニア|プロデューサー|デザイナー|コンサルタント|アナリスト|"
    r"アドバイザー|スペシャリスト|プランナー|秘書|弁護士|税理士|会計士|教授|講師|研究員|技師|職員|社員|スタッフ|バイヤー|オーナー)"
)
_DEPARTMENTS = (
    "営業|総務|人事|経理|開発|技術|製造|企画|法務|広報|購買|調達|財務|管理|物流|生産|情報|品質|事業|業務|宣伝|販売|研究|設計|施設|工務|資材|国際|海外|編集|調査|監査|経営|"
    "秘書|審査|教育|看護|薬剤|商品|店舗|運営|推進|戦略|システム|マーケティング"
)
_TITLE_JA = re.compile(
    rf"\S*{_TITLE_END}(?:/\S+)?\Z|(?:{_DEPARTMENTS}|\S{{3,}})(?:部|課|係|室|事務局|営業所|事業所|支店|支社|チーム)\Z"
)
_PURE_TITLE = re.compile(
    rf"(?:(?:{_DEPARTMENTS}|代表|常務|専務|副|本|第[一二三四五六七八九\d]|[部課係室局]|担当|最高|執行|責任者?)*"
    rf"{_TITLE_END}?)+\Z|\S{{4,}}(?:部|課|係|室)\Z"
)
_TITLE_EN = re.compile(
    r"(?:manager|director|ceo|coo|cfo|cto|cio|cmo|ciso|president|officer|engineer|head of|head|vp|evp|svp|chief|leader|"
    r"supervisor|coordinator|consultant|analyst|specialist|executive|founder|co-founder|professor|researcher|scientist|"
    r"developer|designer|architect|administrator|secretary|buyer|planner|accountant|department|dept|division|div|section)"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)
_LETTERS_EN = re.compile(r"[A-Za-z][A-Za-z-]*( of\b)?")

_PREFECTURES = (
    "北海道|(?:京都|大阪)府|東京都|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|"
    "和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県"
)
_NUMBER_JA = r"[\d一二三四五六七八九十〇百](?:丁目|番|[\-ー−‐–の]|号)"
_ADDRESS = re.compile(
    rf"〒|(?:{_PREFECTURES})\s?\S{{1,12}}?[市区町村郡]|\S{{1,8}}?[市区町村郡]\S{{0,30}}?{_NUMBER_JA}|\d+(?:-\d+)+\s+[A-Za-z]|"
    r"\d+\s+(?:[\w.'-]+\s+){0,4}(?:st|street|ave|avenue|rd|road|dr|drive|blvd|boulevard|lane|ln|park|way|square|plaza|suite|"
    r"floor|court|highway|hwy|parkway|terrace)\b",
    re.IGNORECASE,
)
_REGION = re.compile(
    r"(?:(?:suite|room|rm|floor|unit|apt|bldg|building)\b.*|[\w'-]+-(?:ku|shi|cho|machi|ken|to|fu|gun)|[A-Z]{2}(?:\s\d{5}(?:-\d{4})?)?|"
    r"\d{3}-\d{4}|\d{5}|\d{1,3}(?:F|階|号室)|tokyo|osaka|kyoto|yokohama|nagoya|japan|usa|u\.s\.a\.?|uk|germany|france|"
    r"singapore|china|korea|.*(?:ビル|タワー|階|号室|丁目|番地))\Z",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-Za-z0-9À-ɏ .,'&/#()-]{1,60}\Z")
_TITLE_CASE = re.compile(r"[A-Z][\w&.'/-]*(?:\s+(?:[A-Z&(][\w&.'/()-]*|of|and|for|the|in))*\Z", re.ASCII)
_FREE_TEXT = frozenset({"note", "mission", "interest", "need", "timing", "budget"})
_LOOK = 120
"""Characters of a piece that its looks are judged by."""


def _looks(piece: _Piece, *, is_first: bool) -> str:
    """Return the field that a free piece's text belongs to by its looks, empty when they do not tell."""
    text = half_width(piece.text[:_LOOK])
    if _ADDRESS.match(text):
        return "address"
    if _has_legal_form(text) or (is_first and _COMPANY_END.search(text)):
        return "company"
    if _is_title(text, is_first=is_first):
        return "title"
    source = None if is_first else read_source(text)
    return "source" if source not in {None, Source.OTHER} else ""


def _has_legal_form(text: str) -> bool:
    return bool(_FORM_JA.search(text) or _FORM_EN.search(text))


def _is_title(text: str, *, is_first: bool) -> bool:
    """Say whether the text is a title or a department. In first place only if it can be nothing else: 阿部, 佐藤 部長."""
    words = text.split()
    if is_first:
        return all(_PURE_TITLE.match(word) or _is_title_en(word) for word in words)
    return any(map(_is_title_word, words)) or "head of" in text.lower()


def _is_title_word(word: str) -> bool:
    return bool(_TITLE_JA.match(word)) or _is_title_en(word)


def _is_title_en(word: str) -> bool:
    return word[:1].isascii() and bool(_TITLE_EN.match(word))


# --- Placing ----------------------------------------------------------------------------------------------------------


def _place(pieces: list[_Piece], draft: _Draft) -> None:
    """Give every free piece its field: by its looks, then by its place."""
    texts = [piece for piece in pieces if piece.text and not piece.field]
    if len(texts) == 1 and not texts[0].is_quoted and not {"name", "company"} & draft.fields.keys():
        _place_words(texts[0].text, draft)
        return
    unplaced = _place_by_looks(pieces, draft)
    company = draft.fields.get("company", "")
    if "name" not in draft.fields and not unplaced and len(company.split()) > 1 and _FORM_JA.search(company):
        del draft.fields["company"]
        _place_words(company, draft)
    _place_by_order(unplaced, draft)


def _place_by_looks(pieces: list[_Piece], draft: _Draft) -> list[_Piece]:
    """Place the pieces whose looks tell; return the others. A comma inside a note or an address does not end it."""
    unplaced: list[_Piece] = []
    running, is_first = "", True
    for piece in pieces:
        if piece.field or not piece.text:
            running = piece.field if piece.field in {*_FREE_TEXT, "address"} and not piece.is_quoted else ""
            continue
        known = len(unplaced) + len({"name", "company"} & draft.fields.keys())
        looks = "" if piece.is_quoted else _looks(piece, is_first=is_first)
        is_first = False
        if running and not piece.is_quoted and _runs_on(running, piece.text, looks, known):
            draft.fields[running] += piece.gap + piece.text
            continue
        running = "address" if looks == "address" and "address" not in draft.fields else ""
        if not looks or (looks == "company" and "company" in draft.fields):
            unplaced.append(piece)
        else:
            source = read_source(piece.text) if looks == "source" else None
            draft.put(looks, source.value if source else piece.text)
    return unplaced


def _runs_on(running: str, text: str, looks: str, known: int) -> bool:
    """Say whether a piece goes on with the note or address before it; `known`: how many of name and company there are."""
    if running != "address":
        return not looks and known > 0
    if _REGION.match(text):
        return True
    return looks in {"", "address"} and known > 1 and bool(_LATIN.match(text))


def _place_by_order(unplaced: list[_Piece], draft: _Draft) -> None:
    """Give the first piece to the name, the second to the company, a third Written Like This to the title."""
    for piece in unplaced:
        wanted = next((name for name in ("name", "company", "title") if name not in draft.fields), "")
        is_worded = piece.is_quoted or any(sign.isalpha() for sign in piece.text)
        if not wanted or not is_worded or (wanted == "title" and not _TITLE_CASE.match(piece.text)):
            draft.leave(piece.text)
            continue
        if wanted == "name" and not piece.is_quoted:
            _put_name(piece.text, draft)
        else:
            draft.put(wanted, piece.text)
        if not piece.is_quoted and _is_doubtful(piece.text):
            draft.is_certain = False


def _is_doubtful(text: str) -> bool:
    """Say whether a name or a company looks like something else: a sentence, a number, or a key that is not known."""
    is_number = sum(sign.isdigit() for sign in text[:_LOOK]) > 5
    return len(text) > 60 or "。" in text or is_number or bool(re.match(r"\S{1,20}[:：]", text))


_HONORIFIC_END = re.compile(r"(?:\s*(?:様|さま|さん|氏)|\s+殿|\s*\((?:Mr|Mrs|Ms)\.?\))\Z", re.IGNORECASE)
_HONORIFIC_START = re.compile(r"(?:Mr|Mrs|Ms|Miss)(?:\.\s*|\s+)(?=\S)", re.IGNORECASE)


def _without_honorifics(name: str) -> str:
    if start := _HONORIFIC_START.match(name):
        name = name[start.end() :]
    ending = _HONORIFIC_END.search(name, max(0, len(name) - 20))
    return name[: ending.start()] if ending and ending.start() else name


def _put_name(text: str, draft: _Draft) -> None:
    """Place a name; title words behind it (佐藤 部長) are the title."""
    words = list(_WORD.finditer(text[:_LOOK]))
    end = len(words)
    while end > 1 and len(text) <= _LOOK and _is_title_word(words[end - 1][0]):
        end -= 1
    if 0 < end < len(words):
        draft.put("title", text[words[end].start() :])
        text = text[: words[end - 1].end()]
    draft.put("name", _without_honorifics(text))


# --- One piece of words -----------------------------------------------------------------------------------------------

_KATAKANA = re.compile(r"[ァ-ヺー・]+\Z")
_NAME_WORDS_EN = 3
_NAME_WORD_JA = 4
"""Characters of the longest family or given name that is taken for one without a doubt."""


def _place_words(text: str, draft: _Draft) -> None:
    """Place a piece in which blanks alone part the fields: `中村 理恵 ミナモ精機株式会社 部長`."""
    words = list(_WORD.finditer(text))
    first, last = _company_words(words)
    if last > first:
        draft.put("company", text[words[first].start() : words[last - 1].end()])
        _place_around(text, words[:first], words[last:], draft)
    elif len(words) > 1 and _has_legal_form(half_width(text[:_LOOK])):
        _guess(text, words, draft, is_company_known=True)
    elif len(words) == 1 or _is_name(words):
        _put_name(text, draft)
    else:
        _guess(text, words, draft, is_company_known=False)


def _company_words(words: list[re.Match[str]]) -> tuple[int, int]:
    """Return the words (first, past the last) that are a company by its Japanese legal form; an empty range for none."""
    for index, word in enumerate(words[:_AT_MAX]):
        if not _FORM_JA.search(half_width(word[0][:_LOOK])):
            continue
        if not _FORM_ALONE.match(half_width(word[0])):
            return index, index + 1
        is_in_front = index + 1 < len(words) and not _is_title_word(words[index + 1][0])
        if is_in_front:
            return index, index + 2
        return max(0, index - 1), index + 1
    return 0, 0


def _place_around(text: str, before: list[re.Match[str]], after: list[re.Match[str]], draft: _Draft) -> None:
    """Place the words around a company: titles by their looks, then the name, in front rather than behind."""
    groups = [_without_titles(group, draft) for group in (before, after)]
    named = [group for group in groups if group]
    for group in named:
        part = text[group[0].start() : group[-1].end()] if _is_unbroken(text, group) else " ".join(w[0] for w in group)
        if "name" in draft.fields:
            draft.leave(part)
        else:
            draft.put("name", _without_honorifics(part))
            draft.is_certain = draft.is_certain and len(group) <= _NAME_WORDS_EN


def _without_titles(words: list[re.Match[str]], draft: _Draft) -> list[re.Match[str]]:
    titles = [word[0] for word in words if _is_title_word(word[0])]
    if titles:
        draft.put("title", " ".join(titles))
    return [word for word in words if not _is_title_word(word[0])]


def _is_unbroken(text: str, words: list[re.Match[str]]) -> bool:
    return len(text[words[0].start() : words[-1].end()].split()) == len(words)


def _is_name(words: list[re.Match[str]]) -> bool:
    """Say whether words without a company among them are a name, with titles behind it perhaps."""
    names = [word[0] for word in words]
    while len(names) > 1 and _is_title_word(names[-1]):
        names.pop()
    if all(name.isascii() for name in names):
        return len(names) <= _NAME_WORDS_EN
    is_short = all(len(name) <= _NAME_WORD_JA or _KATAKANA.match(name) for name in names)
    return len(names) == 1 or (
        len(names) == 2 and is_short and not (_KATAKANA.match(names[1]) and not _KATAKANA.match(names[0]))
    )


def _guess(text: str, words: list[re.Match[str]], draft: _Draft, *, is_company_known: bool) -> None:
    """Take the first words for the name and the rest for the company, without certainty."""
    draft.is_certain = False
    count = 1 if len(words) == 2 else 2
    if is_company_known and len(words) <= count:
        draft.put("company", text)
        return
    draft.put("name", text[: words[count - 1].end()])
    draft.put("company", text[words[count].start() :])
