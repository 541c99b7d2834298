"""The lines of a pasted card or signature: cleaned, cut where a card sets parts side by side, contacts taken out."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.identity import is_plain_email
from services.line_contacts import phone_spans
from services.vocabulary import read_field

CARD_MAX = 10_000
"""Characters that are looked at; no card has more, and a longer message is not one."""
LINES_MAX = 150
LINE_MAX = 200
_AT_SIGNS_MAX = 20

# A mark of Slack's or of mail in front of a line (quotation, bullet, bold), and around it.
_MARKS = re.compile(r"[\s>*_~`•◦▪■□◆◇●○・※\-=]{1,40}")
_SIDE_BY_SIDE = re.compile(r"\s*[|│┃¦]\s*|\t+| {3,}")
_SPACED_OUT = re.compile(r"[^\W\d_A-Za-z](?: [^\W\d_A-Za-z]){2,9}\Z")

_EMAIL_BEFORE = re.compile(r"[A-Za-z0-9._%+'\-]{1,64} ?\Z")
# A scanner reads the dots of a domain as commas.
_EMAIL_AFTER = re.compile(r" ?([A-Za-z0-9\-]{1,63}(?:[.,][A-Za-z0-9\-]{1,63}){1,6})")
_URL = re.compile(r"(?:https?://|\bwww\.)[^\s<>()（）「」、。|]{3,300}", re.IGNORECASE)
_DOMAIN = re.compile(r"[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,6}(?:/[^\s]{0,200})?\Z")

# What stands in front of a number says which it is, and which one a salesperson would dial.
_NUMBER_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("fax", re.compile(r"(?:F\s?A\s?X|ファックス|ファクス|\bF)[\s.:)\]]*\Z", re.IGNORECASE)),
    ("direct", re.compile(r"(?:直通|direct|ダイヤルイン|\bD)[\s.:)\]]*\Z", re.IGNORECASE)),
    ("mobile", re.compile(r"(?:携帯(?:電話)?|mobile|cell(?:ular)?|\bM|\bC)[\s.:)\]]*\Z", re.IGNORECASE)),
    ("phone", re.compile(r"(?:T\s?E\s?L|電話(?:番号)?|代表|phone|office|\bT|\bP|\bO)[\s.:)\]]*\Z", re.IGNORECASE)),
)
_DIALLED_FIRST = ("direct", "mobile", "phone", "")
_LABEL_BEHIND = re.compile(r"\s*\((代表|代|直通|携帯|FAX)\)", re.IGNORECASE)
_BEHIND = {"直通": "direct", "携帯": "mobile", "fax": "fax"}
_LABEL_LEFT = re.compile(
    r"(?:\b(?:T\s?E\s?L|F\s?A\s?X|phone|mobile|cell|direct|office|e\s?-?\s?mail|mail|url|web(?:site)?|hp)\b|"
    r"電話(?:番号)?|携帯(?:電話)?|直通|代表|メール(?:アドレス)?|ファックス|ホームページ)[\s.:/&]*|\b[TMFEWDPC]\s?[:.]",
    re.IGNORECASE,
)
_EMPTY_BRACKETS = re.compile(r"[(<\[「]\s*[)>\]」]")
_LABEL = re.compile(r"([^:]{1,24}?)\s*:\s*(?=\S)")
_OWN_LABELS = {
    "住所": "address", "所在地": "address", "本社": "address", "本店": "address", "支社": "address", "add": "address",
    "フリガナ": "kana", "ふりがな": "kana", "カナ": "kana", "よみ": "kana", "読み": "kana", "kana": "kana",
}  # fmt: skip


@dataclass
class Contacts:
    """What stands on the card to reach somebody by, as it was read."""

    email: str = ""
    website: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    """The first number of each label: direct, mobile, phone, fax, or "" for none."""

    @property
    def phone(self) -> str:
        """The number to dial: one's own rather than the switchboard's, and never the fax."""
        return next((self.numbers[label] for label in _DIALLED_FIRST if label in self.numbers), "")


@dataclass
class CardLine:
    """What is left of one line; `field` is what its label named."""

    text: str
    field: str = ""


def read_lines(text: str, country: str) -> tuple[list[CardLine], Contacts]:
    """Cut the text into its lines and take the contacts out of them."""
    contacts, lines = Contacts(), []
    for typed in _typed_lines(text):
        labelled = _without_label(typed)
        rest = _take_contacts(labelled.text, contacts, country, labelled.field)
        if labelled.field != "kana" and any(sign.isalnum() for sign in rest):
            lines.append(CardLine(rest, labelled.field))
    return lines, contacts


def _typed_lines(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text[:CARD_MAX])[: 2 * CARD_MAX]
    seen = "".join(sign for sign in plain if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf"})
    for line in seen.splitlines()[:LINES_MAX]:
        for part in _SIDE_BY_SIDE.split(line.strip()[:LINE_MAX]):
            marks = _MARKS.match(part)
            words = " ".join(part[marks.end() if marks else 0 :].rstrip(" *_~`-=").split())
            yield words.replace(" ", "") if _SPACED_OUT.match(words) else words


def _without_label(line: str) -> CardLine:
    label = _LABEL.match(line)
    if label is None:
        return CardLine(line)
    name = _OWN_LABELS.get(label[1].strip().lower()) or read_field(label[1])
    if name is None:
        return CardLine(line)
    # The labels of numbers say more than the field: which of several it is.
    return CardLine(line if name in {"phone", "fax"} else line[label.end() :], name)


def _take_contacts(line: str, contacts: Contacts, country: str, field: str) -> str:
    """Note the addresses and numbers of a line, and return the rest of it."""
    line = _take_urls(_take_emails(line, contacts), contacts)
    if field == "website" and not contacts.website and _DOMAIN.match(line):
        contacts.website, line = line, ""
    line = _take_numbers(line, contacts, country, field)
    return " ".join(_EMPTY_BRACKETS.sub(" ", line).split()).strip(" ,、/&<>:")


def _take_emails(line: str, contacts: Contacts) -> str:
    at = line.find("@")
    for _ in range(_AT_SIGNS_MAX):
        if at < 0:
            break
        before, after = _EMAIL_BEFORE.search(line, max(0, at - 65), at), _EMAIL_AFTER.match(line, at + 1)
        email = f"{before[0].strip()}@{after[1].replace(',', '.').rstrip('-')}" if before and after else ""
        if before and after and is_plain_email(email):
            contacts.email = contacts.email or email
            line = f"{_LABEL_LEFT.sub(' ', line[: before.start()])} {line[after.end() :]}"
            at = before.start()
        at = line.find("@", at + 1)
    return line


def _take_urls(line: str, contacts: Contacts) -> str:
    found = _URL.search(line)
    if found is None:
        return line
    contacts.website = contacts.website or found[0]
    return f"{_LABEL_LEFT.sub(' ', line[: found.start()])} {_URL.sub(' ', line[found.end() :])}"


def _take_numbers(line: str, contacts: Contacts, country: str, field: str) -> str:
    kept, cursor = "", 0
    for start, end in phone_spans(line, country):
        behind = _LABEL_BEHIND.match(line, end)
        label = _BEHIND.get(behind[1].lower(), "phone") if behind else _label_of(line[max(cursor, start - 16) : start])
        label = label or {"fax": "fax", "phone": "phone"}.get(field, "")
        contacts.numbers.setdefault(label, line[start:end].strip())
        kept += f"{line[cursor:start]} "
        cursor = behind.end() if behind else end
    return _LABEL_LEFT.sub(" ", kept) + line[cursor:] if cursor else line


def _label_of(before: str) -> str:
    return next((name for name, label in _NUMBER_LABELS if label.search(before)), "")
