"""Find e-mail addresses and phone numbers wherever they stand in a piece."""

import re
from collections.abc import Iterator

from models.errors import InputError, Problem
from services.identity import email_key, half_width, is_plain_email, is_real_phone, phone_key, read_email, read_phone
from services.line_pieces import WORD, Draft, Piece

_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'&=~#!$*?^{}")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
AT_SIGNS_MAX = 8
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


def take_contacts(piece: Piece, draft: Draft, country: str) -> None:
    """Move an e-mail address and a phone number from a free piece to their fields."""
    if piece.is_quoted and not (is_plain_email(piece.text) or is_real_phone(piece.text, country)):
        return
    if "@" in piece.text or "＠" in piece.text:
        take_email(piece, draft)
    if "phone" not in draft.fields:
        take_phone(piece, draft, country)


def take_email(piece: Piece, draft: Draft) -> bool:
    """Move the address in the piece to its field; say whether there was one.

    Raises:
        InputError: TWO_EMAILS, BAD_EMAIL.
    """
    half, kept, cursor, at = half_width(piece.text), "", 0, -1
    for _ in range(AT_SIGNS_MAX):
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


def _put_email(typed: str, draft: Draft) -> None:
    email, first = read_email(typed), draft.fields.get("email")
    if first and email_key(first) != email_key(email):
        raise InputError(Problem.TWO_EMAILS, "email", email)
    draft.fields.setdefault("email", email)


def take_phone(piece: Piece, draft: Draft, country: str) -> bool:
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


def phone_spans(half: str, country: str) -> Iterator[tuple[int, int]]:
    """Yield where each phone number of a half-width text begins and ends, a fax's too."""
    for found in _PHONE.finditer(half):
        if span := _phone_span(half, found, country):
            yield span


def _phone_span(half: str, found: re.Match[str], country: str) -> tuple[int, int] | None:
    """Return where the number begins and ends: the whole match, or one of its words (〒530-0001 06-1234-5678)."""
    if _is_phone(found[0], country):
        return found.span()
    for word in WORD.finditer(half, found.start(), found.end()):
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
