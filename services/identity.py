"""Who somebody is: the folded forms by which names, e-mail addresses and phone numbers are compared.

Everything here is pure, and linear in the length of what was typed.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

import phonenumbers

from models.errors import InputError, Problem

# Control, format and otherwise invisible characters (Unicode's Cc, Cf, variation selectors and fillers) and white space.
_INVISIBLE = (
    "\x00-\x20\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    "\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_INVISIBLE}]+")

# One character in two shapes: cards and keyboards differ, the person does not. NFKC leaves these apart.
_VARIANTS = str.maketrans({"髙": "高", "﨑": "崎", "𠮷": "吉", "德": "徳", "桒": "桑"})

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

# A subset of what email-validator accepts (a property test holds it), 1 us instead of 35: each class excludes the sign
# that follows it, so nothing is tried twice.
_ATEXT = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]"
_PLAIN_EMAIL = re.compile(
    rf"(?=.{{6,254}}\Z){_ATEXT}+(?:\.{_ATEXT}+)*@"
    r"(?:(?=[A-Za-z0-9-]{1,63}\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,63}\Z"
)

# A subset of what phonenumbers finds possible (a property test holds it), 1 us instead of 60: 010 dials abroad, 00 a carrier.
_PLAIN_PHONE = re.compile(r"0(?!1-?0)[1-9](?:-?[0-9]){8,9}\Z")
_HYPHENS = re.compile("[‐‑‒–—―−ーｰ－]")  # Every one of them is typed for a hyphen.
_EXTENSION = re.compile(r"[\s(,;]*(?:内線(?:番号)?|ext(?:ension)?\.?|x|#)[\s:.]*(\d{1,8})\)?\s*\Z", re.IGNORECASE)
_PHONE_MAX = 80
"""Characters; phonenumbers itself gives up at 250, and the longest number with its extension stays far below."""

_FREE_MAIL = frozenset("""
    gmail.com googlemail.com yahoo.com yahoo.co.jp ymail.com ymail.ne.jp rocketmail.com
    outlook.com outlook.jp hotmail.com hotmail.co.jp live.com live.jp msn.com
    icloud.com me.com mac.com aol.com aol.jp gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.com yandex.ru
    proton.me protonmail.com pm.me zoho.com fastmail.com tutanota.com qq.com 163.com 126.com naver.com hanmail.net
    docomo.ne.jp ezweb.ne.jp au.com uqmobile.jp softbank.ne.jp i.softbank.jp vodafone.ne.jp ymobile.ne.jp
    rakuten.jp emobile.ne.jp disney.ne.jp willcom.com pdx.ne.jp
    nifty.com nifty.ne.jp biglobe.ne.jp ocn.ne.jp so-net.ne.jp plala.or.jp dion.ne.jp auone.jp infoseek.jp excite.co.jp
    goo.jp goo.ne.jp mail.goo.ne.jp asahi-net.or.jp eonet.ne.jp odn.ne.jp wakwak.com hi-ho.ne.jp jcom.home.ne.jp
    tiscali.it libero.it orange.fr free.fr laposte.net t-online.de
""".split())  # noqa: SIM905  # fmt: skip  # A table reads better than a hundred quotation marks.
_FREE_MAIL_PARENTS = ("ezweb.ne.jp", "vodafone.ne.jp", "biglobe.ne.jp", "ocn.ne.jp", "so-net.ne.jp", "jcom.home.ne.jp",
                      "dion.ne.jp", "odn.ne.jp", "plala.or.jp", "pdx.ne.jp")  # fmt: skip
"""Providers that give their customers a subdomain of their own (`t.vodafone.ne.jp`)."""


def fold(text: str) -> str:
    """Return the form by which words and names are compared and searched.

    Width, case, white space, invisible characters and pure glyph variants (髙, 﨑) no longer matter; folding twice
    changes nothing.
    """
    if text.isascii():
        return text.lower() if text.isalnum() else _UNSEEN.sub("", text).lower()
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
    # What casefold and NFKC leave behind can be new to both (ﾞ is a space and a mark, ᾳ opens into two letters).
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", folded).casefold()).translate(_VARIANTS)


def half_width(text: str) -> str:
    """Return the text with full-width ASCII made plain, one character for one: offsets stay."""
    return text if text.isascii() else text.translate(_HALF_WIDTH)


def is_plain_email(text: str) -> bool:
    """Say whether the text is an everyday ASCII address. A False says nothing: `read_email` knows the others."""
    return _PLAIN_EMAIL.match(text) is not None


def read_email(text: str) -> str:
    """Return the e-mail address that was typed: full-width characters made plain, otherwise as typed.

    Raises:
        InputError: BAD_EMAIL, it cannot be an address.
    """
    email = text.strip()
    if not email.isascii():
        email = unicodedata.normalize("NFKC", email).strip()
    if not is_plain_email(email) and _validated(email) is None:
        raise InputError(Problem.BAD_EMAIL, "email", text)
    return email


def email_key(email: str) -> str | None:
    """Return the form by which two addresses are compared, None for none: lower case, the domain as IDNA.

    `+tags` and dots stay: they tell people apart at most providers.
    """
    email = email.strip()
    if is_plain_email(email):
        return email.lower()
    valid = _validated(unicodedata.normalize("NFKC", email).strip())
    return f"{fold(valid.local_part)}@{valid.ascii_domain.lower()}" if valid else None


def is_business_email(email: str) -> bool:
    """Say whether the address is neither empty nor one of a free-mail, phone or internet provider's customers."""
    domain = half_width(email).strip().rpartition("@")[2].lower()
    is_private = domain in _FREE_MAIL or any(domain.endswith(f".{parent}") for parent in _FREE_MAIL_PARENTS)
    return "@" in half_width(email) and bool(domain) and not is_private


def read_phone(text: str, country: str) -> str:
    """Return the phone number as typed, tidied: plain digits and hyphens, single spaces; an extension stays.

    `country` (ISO 3166, two letters) is where numbers without `+` are dialled.

    Raises:
        InputError: BAD_PHONE, no such number is possible.
    """
    phone = _tidy_phone(text)
    if not is_plain_phone(phone, country) and _parse_phone(phone, country) is None:
        raise InputError(Problem.BAD_PHONE, "phone", text)
    return phone


def is_plain_phone(text: str, country: str) -> bool:
    """Say whether the text is an everyday Japanese number. A False says nothing: `read_phone` knows the others."""
    return country == "JP" and _PLAIN_PHONE.match(text) is not None


@lru_cache(maxsize=16)
def phone_key(phone: str, country: str) -> str | None:
    """Return the number as E.164 (`+81455550142`), without its extension; None when it is not possible."""
    if is_plain_phone(phone, country):
        return "+81" + phone[1:].replace("-", "")
    number = _parse_phone(_tidy_phone(phone), country)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else None


def is_real_phone(text: str, country: str) -> bool:
    """Say whether the numbering plan knows such a number: stricter than `read_phone`, for digits without a label."""
    number = _parse_phone(_tidy_phone(text), country)
    return number is not None and phonenumbers.is_valid_number(number)


def _tidy_phone(text: str) -> str:
    phone = text if text.isascii() else _HYPHENS.sub("-", unicodedata.normalize("NFKC", text))
    phone = " ".join(_UNSEEN.sub(" ", phone).split())
    return phone[4:].strip() if phone[:4].lower() == "tel:" else phone


# `/lead add` asks twice about the number that it has just read: 17 us each. Few, because they are personal data.
@lru_cache(maxsize=16)
def _parse_phone(phone: str, country: str) -> phonenumbers.PhoneNumber | None:
    """Return the number without its extension, None when phonenumbers finds no possible one."""
    if len(phone) > _PHONE_MAX:
        return None
    try:
        number = phonenumbers.parse(_EXTENSION.sub("", phone), country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _validated(email: str) -> Any:
    """Return email-validator's result, None for what it refuses."""
    if not 3 <= len(email) <= 254 or "@" not in email:
        return None
    validator = _email_validator()
    try:
        return validator.validate_email(email, check_deliverability=False)
    except validator.EmailNotValidError:
        return None


@cache
def _email_validator() -> Any:
    import email_validator  # noqa: PLC0415  # 27 ms of start-up that only unusual addresses need.

    # The library's documented switch: `.test` and `.local` are real addresses inside a company and in demos.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    return email_validator
