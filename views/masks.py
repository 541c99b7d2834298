"""What a channel may see of an address: enough to recognise it, not enough to use it."""

import re

from views.blocks import tidy

_EMAIL = re.compile(r"[^\s@<>()（）「」、。,;:：]{1,64}@[^\s@<>()（）「」、。,;:：]{1,254}")
_PHONE = re.compile(r"[+＋]?[0-9０-９][0-9０-９()（）.・‐－ー \-]{7,20}[0-9０-９]")
_DIGITS = re.compile(r"[0-9０-９]")
_GAPS = re.compile(r"[-‐－ー)）. ]")
_DATE = re.compile(r"(?:19|20)[0-9]{2}[-.][0-9]{1,2}[-.][0-9]{1,2}")
# Years and amounts are shorter; a Japanese number with its area code has ten digits, some abroad nine.
_PHONE_DIGITS = 9


def mask_email(email: str) -> str:
    """Show the first letter and the domain: `r•••@minamo-seiki.example`."""
    local, at, domain = tidy(email, 254).partition("@")
    return f"{local[:1]}•••{at}{domain}"


def mask_phone(phone: str) -> str:
    """Show the area code and the last two digits: `045-•••-••42`. Never more than half of the digits are shown."""
    phone = tidy(phone, 40)
    digits = [match.start() for match in _DIGITS.finditer(phone)]
    if len(digits) < _PHONE_DIGITS:
        return "•••"
    most = (len(digits) - 2) // 2
    gaps = [gap.start() for gap in _GAPS.finditer(phone) if gap.start() > digits[0]]
    areas = [gap for gap in gaps if sum(place < gap for place in digits) <= most]
    area_end = areas[-1] if areas else digits[2]
    hidden = {place for place in digits[:-2] if place > area_end}
    return "".join("•" if place in hidden else sign for place, sign in enumerate(phone))


def mask_typed(text: str) -> str:
    """Mask the addresses and numbers inside a typed sentence, for a message that a whole channel reads."""
    text = _EMAIL.sub(lambda match: mask_email(match[0]), text)
    return _PHONE.sub(_mask_if_phone, text)


def _mask_if_phone(match: re.Match[str]) -> str:
    is_phone = len(_DIGITS.findall(match[0])) >= _PHONE_DIGITS and not _DATE.match(match[0])
    return mask_phone(match[0]) if is_phone else match[0]
