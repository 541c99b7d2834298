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
from dataclasses import dataclass
from enum import StrEnum

from models.errors import InputError, Problem
from models.facts import LeadEntry
from models.lead import MAX_LENGTHS, THE_SEVEN, Consent, Source
from services.identity import half_width, read_email, read_phone
from services.line_contacts import AT_SIGNS_MAX, take_contacts, take_email, take_phone
from services.line_looks import (
    FORM_ALONE,
    FORM_JA,
    FREE_TEXT,
    LATIN,
    LOOKED_AT_MAX,
    REGION,
    TITLE_CASE,
    has_legal_form,
    is_title_word,
    looks_of,
)
from services.line_pieces import WORD, Draft, Piece, cut, joined
from services.vocabulary import (
    EXTRA_FIELDS,
    nearest_field,
    nearest_source,
    read_consent,
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


def read_lead_line(text: str, country: str) -> LeadLine:
    """Read what stands after `/lead add`, as it was typed (`unescape`); `country` says how phone numbers are dialled.

    Raises:
        InputError: NOBODY, TWO_EMAILS, BAD_EMAIL, BAD_PHONE, TOO_LONG, UNKNOWN_SOURCE or UNKNOWN_CHOICE.
    """
    pieces = cut(text)
    draft = Draft()
    for piece in pieces:
        if piece.field in _CONTACTS and piece.text:
            _put_keyed(piece, draft, country)
        elif not piece.field:
            take_contacts(piece, draft, country)
    pieces = joined(pieces)
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
    draft = Draft()
    for piece in joined(cut(text)):
        if piece.field and piece.field not in EXTRA_FIELDS:
            _put_keyed(piece, draft, country)
            if piece.field:
                continue
        # Without a key, or what is left behind an address: nobody can say where it should go.
        if piece.text.strip():
            key = piece.text.replace("：", ":").partition(":")[0]
            raise InputError(Problem.UNKNOWN_FIELD, "field", piece.text, nearest=nearest_field(key))
    return draft.fields


def _finished(draft: Draft) -> LeadLine:
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


_CONTACTS = frozenset({"email", "phone"})
_CHOICES: dict[str, Callable[[str], StrEnum | None]] = {
    "consent": read_consent,
    "role": read_role,
    "progress": read_progress,
}


def _put_keyed(piece: Piece, draft: Draft, country: str) -> None:
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


def _put_contact(piece: Piece, draft: Draft, country: str) -> None:
    """Read an address or a number; words after it are a free piece."""
    name, piece.field = piece.field, ""
    is_found = take_email(piece, draft) if name == "email" else take_phone(piece, draft, country)
    if not is_found:
        draft.put(name, read_email(piece.text) if name == "email" else read_phone(piece.text, country))
        piece.text = ""


def _place(pieces: list[Piece], draft: Draft) -> None:
    """Give every free piece its field: by its looks, then by its place."""
    texts = [piece for piece in pieces if piece.text and not piece.field]
    if len(texts) == 1 and not texts[0].is_quoted and not {"name", "company"} & draft.fields.keys():
        _place_words(texts[0].text, draft)
        return
    unplaced = _place_by_looks(pieces, draft)
    company = draft.fields.get("company", "")
    if "name" not in draft.fields and not unplaced and len(company.split()) > 1 and FORM_JA.search(company):
        del draft.fields["company"]
        _place_words(company, draft)
    _place_by_order(unplaced, draft)


def _place_by_looks(pieces: list[Piece], draft: Draft) -> list[Piece]:
    """Place the pieces whose looks tell; return the others. A comma inside a note or an address does not end it."""
    unplaced: list[Piece] = []
    running, is_first = "", True
    for piece in pieces:
        if piece.field or not piece.text:
            running = piece.field if piece.field in {*FREE_TEXT, "address"} and not piece.is_quoted else ""
            continue
        known = len(unplaced) + len({"name", "company"} & draft.fields.keys())
        looks = "" if piece.is_quoted else looks_of(piece, is_first=is_first)
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
    if REGION.match(text):
        return True
    return looks in {"", "address"} and known > 1 and bool(LATIN.match(text))


def _place_by_order(unplaced: list[Piece], draft: Draft) -> None:
    """Give the first piece to the name, the second to the company, a third Written Like This to the title."""
    for piece in unplaced:
        wanted = next((name for name in ("name", "company", "title") if name not in draft.fields), "")
        is_worded = piece.is_quoted or any(sign.isalpha() for sign in piece.text)
        if not wanted or not is_worded or (wanted == "title" and not TITLE_CASE.match(piece.text)):
            draft.leave(piece.text)
            continue
        if wanted == "name" and not piece.is_quoted:
            _put_name(piece.text, draft)
        else:
            draft.put(wanted, piece.text)
        if not piece.is_quoted and _is_doubtful(piece.text):
            draft.is_certain = False


def _is_doubtful(text: str) -> bool:
    """Say whether a name or a company looks like something else: a sentence, a number, half an address, an unknown key."""
    is_number = sum(sign.isdigit() for sign in text[:LOOKED_AT_MAX]) > 5
    return (
        len(text) > 60
        or "。" in text
        or "@" in text
        or "＠" in text
        or is_number
        or bool(re.match(r"\S{1,20}[:：]", text))
    )


_HONORIFIC_END = re.compile(r"(?:\s*(?:様|さま|さん|氏)|\s+殿|\s*\((?:Mr|Mrs|Ms)\.?\))\Z", re.IGNORECASE)
_HONORIFIC_START = re.compile(r"(?:Mr|Mrs|Ms|Miss)(?:\.\s*|\s+)(?=\S)", re.IGNORECASE)


def _without_honorifics(name: str) -> str:
    if start := _HONORIFIC_START.match(name):
        name = name[start.end() :]
    ending = _HONORIFIC_END.search(name, max(0, len(name) - 20))
    return name[: ending.start()] if ending and ending.start() else name


def _put_name(text: str, draft: Draft) -> None:
    """Place a name; title words behind it (佐藤 部長) are the title."""
    words = list(WORD.finditer(text[:LOOKED_AT_MAX]))
    end = len(words)
    while end > 1 and len(text) <= LOOKED_AT_MAX and is_title_word(words[end - 1][0]):
        end -= 1
    if 0 < end < len(words):
        draft.put("title", text[words[end].start() :])
        text = text[: words[end - 1].end()]
    draft.put("name", _without_honorifics(text))


_KATAKANA = re.compile(r"[ァ-ヺー・]+\Z")
_NAME_WORDS_EN = 3
_NAME_WORD_JA = 4
"""Characters of the longest family or given name that is taken for one without a doubt."""


def _place_words(text: str, draft: Draft) -> None:
    """Place a piece in which blanks alone part the fields: `中村 理恵 ミナモ精機株式会社 部長`."""
    words = list(WORD.finditer(text))
    first, last = company_words(words)
    if last > first:
        draft.put("company", text[words[first].start() : words[last - 1].end()])
        _place_around(text, words[:first], words[last:], draft)
    elif len(words) > 1 and has_legal_form(half_width(text[:LOOKED_AT_MAX])):
        _guess(text, words, draft, is_company_known=True)
    elif len(words) == 1 or _is_name(words):
        _put_name(text, draft)
    else:
        _guess(text, words, draft, is_company_known=False)


def company_words(words: list[re.Match[str]]) -> tuple[int, int]:
    """Return the words (first, past the last) that are a company by its Japanese legal form; an empty range for none."""
    for index, word in enumerate(words[:AT_SIGNS_MAX]):
        if not FORM_JA.search(half_width(word[0][:LOOKED_AT_MAX])):
            continue
        if not FORM_ALONE.match(half_width(word[0])):
            return index, index + 1
        is_in_front = index + 1 < len(words) and not is_title_word(words[index + 1][0])
        if is_in_front:
            return index, index + 2
        return max(0, index - 1), index + 1
    return 0, 0


def _place_around(text: str, before: list[re.Match[str]], after: list[re.Match[str]], draft: Draft) -> None:
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


def _without_titles(words: list[re.Match[str]], draft: Draft) -> list[re.Match[str]]:
    titles = [word[0] for word in words if is_title_word(word[0])]
    if titles:
        draft.put("title", " ".join(titles))
    return [word for word in words if not is_title_word(word[0])]


def _is_unbroken(text: str, words: list[re.Match[str]]) -> bool:
    return len(text[words[0].start() : words[-1].end()].split()) == len(words)


def _is_name(words: list[re.Match[str]]) -> bool:
    """Say whether words without a company among them are a name, with titles behind it perhaps."""
    names = [word[0] for word in words]
    while len(names) > 1 and is_title_word(names[-1]):
        names.pop()
    if all(name.isascii() for name in names):
        return len(names) <= _NAME_WORDS_EN
    is_short = all(len(name) <= _NAME_WORD_JA or _KATAKANA.match(name) for name in names)
    return len(names) == 1 or (
        len(names) == 2 and is_short and not (_KATAKANA.match(names[1]) and not _KATAKANA.match(names[0]))
    )


def _guess(text: str, words: list[re.Match[str]], draft: Draft, *, is_company_known: bool) -> None:
    """Take the first words for the name and the rest for the company, without certainty."""
    draft.is_certain = False
    count = 1 if len(words) == 2 else 2
    if is_company_known and len(words) <= count:
        draft.put("company", text)
        return
    draft.put("name", text[: words[count - 1].end()])
    draft.put("company", text[words[count].start() :])
