"""The address on a Japanese card, its numbers in one form: 三丁目五番地十一号 → 3-5-11."""

import re

_DIGIT = "0-9〇零一二三四五六七八九十百"
# The signs that cards, typists and scanners put between the numbers of an address.
_BETWEEN = r"(?:丁目|番地|番|号|の|[\-‐‑–—―−ーｰ－])"
_NUMBERS = re.compile(
    rf"(?<![{_DIGIT}])[{_DIGIT}]{{1,6}}(?:{_BETWEEN}{{1,2}}[{_DIGIT}]{{1,6}}){{1,4}}(?:番地|番|号(?!室))?(?![{_DIGIT}])"
)
_NUMBER = re.compile(rf"[{_DIGIT}]+")
_FLOORS = re.compile(r"(?<=[0-9])、(?=[0-9]{1,3}(?:F|階))")
_VALUES = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}


def tidy_address(address: str) -> str:
    """Return the address with its numbers as digits and hyphens; what is no such number stays as it was read."""
    joined = _NUMBERS.sub(lambda run: "-".join(_digits(number) for number in _NUMBER.findall(run[0])), address)
    return _FLOORS.sub("・", joined)


def _digits(number: str) -> str:
    """Write one number, 十一 or 七〇 or 11, in digits."""
    if number.isascii():
        return number
    if "十" not in number and "百" not in number:
        return "".join(sign if sign.isascii() else str(_VALUES[sign]) for sign in number)
    total, last = 0, 0
    for sign in number:
        if sign in "十百":
            total += max(last, 1) * (10 if sign == "十" else 100)
            last = 0
        else:
            last = int(sign) if sign.isascii() else _VALUES[sign]
    return str(total + last)
