"""A business card or a signature, pasted as text → what it says about a lead.

The lines are read for their contacts (services/card_lines.py); then each finds its field by its label, by its looks
(services/line_looks.py, services/card_looks.py), and what is left by elimination: the likeliest name, the likeliest
company, a title. Sentences around a card belong to no field. Nothing is certain: a person looks at the form before
anything is saved. The cost is linear: the text is cut at CARD_MAX characters and its lines at LINE_MAX.
"""

from dataclasses import dataclass, field

from models.facts import LeadEntry
from models.lead import MAX_LENGTHS
from services.card_addresses import tidy_address
from services.card_lines import CardLine, read_lines
from services.card_looks import (
    first_script,
    is_building,
    is_department,
    is_japanese,
    is_place,
    is_prose,
    likeness_of_name,
    looks_like_company,
    source_of,
    spelled_out,
    without_honorifics,
    without_translated_title,
    without_translation,
)
from services.lead_lines import EXTRA_MAX, company_words
from services.line_looks import FORM_ALONE, FORM_JA, is_title_word, looks_of
from services.line_pieces import WORD, Piece, cut, joined
from services.vocabulary import read_source

_NAMES = ("name", "company", "title")


@dataclass
class _Card:
    """The fields as they fill up, and the lines that nothing has placed yet."""

    email: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    unplaced: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    beside_titles: dict[str, int] = field(default_factory=dict)
    """Unplaced texts that stood beside titles, and at which of them: they are one more if they are no name."""

    def put(self, name: str, text: str) -> None:
        if text:
            self.fields.setdefault(name, []).append(text)

    def first(self, name: str) -> str:
        return next(iter(self.fields.get(name, [])), "")


def read_card(text: str, country: str) -> LeadEntry:
    """Read a pasted card; `country` says how its phone numbers are dialled. What cannot be told stays empty."""
    lines, contacts = read_lines(text, country)
    card = _Card(contacts.email)
    for line in _with_whole_companies(lines):
        _place(line, card)
    _place_the_rest(card)
    labelled = read_source(card.first("source")) if "source" in card.fields else None
    extra = {"address": _address(card), "website": contacts.website, "fax": contacts.numbers.get("fax", "")}
    return LeadEntry(
        name=_fitting("name", _name(card.first("name"))),
        company=_fitting("company", _company(card.first("company"))),
        title=_fitting("title", without_translated_title(" ".join(card.fields.get("title", [])))),
        email=contacts.email[: MAX_LENGTHS["email"]],
        phone=contacts.phone[: MAX_LENGTHS["phone"]],
        source=labelled or source_of("\n".join(card.prose)),
        extra={name: value[:EXTRA_MAX] for name, value in extra.items() if value},
    )


def _with_whole_companies(lines: list[CardLine]) -> list[CardLine]:
    """Put a legal form that stands on a line of its own back in front of its company."""
    whole: list[CardLine] = []
    for line in lines:
        last = whole[-1] if whole else None
        if last and not (last.field or line.field) and FORM_ALONE.match(last.text):
            last.text = f"{last.text}{line.text}"
        else:
            whole.append(line)
    return whole


def _place(line: CardLine, card: _Card) -> None:
    """Give a line to its field by its label or its looks; keep what neither tells."""
    text = line.text
    if line.field in {*_NAMES, "address", "source"}:
        card.put(line.field, text)
    elif _is_address(text) or ("address" in card.fields and is_building(text)):
        card.put("address", text)
    elif line.field or is_prose(without_translation(text)):
        card.prose.append(text)
    else:
        for part in _parts(text):
            _place_by_looks(part, card)


def _is_address(text: str) -> bool:
    return is_place(text) or looks_of(Piece(text), is_first=False) == "address"


def _parts(text: str) -> list[str]:
    """Cut an English line at its commas (`Anna Smith, Head of IT`), but not in front of a legal form."""
    if "," not in text or is_japanese(text):
        return [text]
    return [piece.text for piece in joined(cut(text))]


def _place_by_looks(text: str, card: _Card) -> None:
    text = spelled_out(without_translation(text))
    looks = looks_of(Piece(text), is_first=False)
    if looks == "company":
        _place_company(text, card)
    elif looks == "title" or is_department(text):
        _place_title(text, card)
    elif text:
        card.unplaced.append(text)


def _place_company(text: str, card: _Card) -> None:
    """Place a line with a legal form; titles and a name beside it have their own fields."""
    words = list(WORD.finditer(text))
    first, last = company_words(words)
    if last <= first:
        card.put("company", text)
        return
    card.put("company", text[words[first].start() : words[last - 1].end()])
    for word in words[last:]:
        if is_title_word(word[0]):
            card.put("title", word[0])
    # A slogan or the English name may follow; in front stands only whose card it is.
    if before := " ".join(word[0] for word in words[:first]):
        card.unplaced.append(before)


def _place_title(text: str, card: _Card) -> None:
    """Place a line with a title in it: `課長 田中 太郎`, `佐藤 部長`, `営業部 部長/Manager`."""
    words = text.split()
    while words and is_japanese(words[0]) and is_title_word(words[0]):
        card.put("title", without_translation(words.pop(0)))
    titles: list[str] = []
    while words and is_title_word(words[-1]):
        titles.insert(0, without_translation(words.pop()))
    rest = " ".join(words)
    # 統括 Group Manager is one title; behind a name or a company, a title is one of their own.
    is_own = is_japanese(rest) and (likeness_of_name(rest, card.email) > 0 or is_japanese(" ".join(titles)))
    if is_own:
        card.unplaced.append(rest)
        card.beside_titles[rest] = len(card.fields.get("title", []))
    card.put("title", " ".join(titles if is_own else [*words, *titles]))


def _place_the_rest(card: _Card) -> None:
    """Give what is left to what is missing: the likeliest name first, then the company, then the title."""
    likeliest = max(card.unplaced, key=lambda text: _likeness(text, card), default="")
    if "name" not in card.fields and _likeness(likeliest, card):
        card.put("name", likeliest)
        card.unplaced.remove(likeliest)
    left = [text for text in card.unplaced if len(text) <= MAX_LENGTHS["name"] and any(map(str.isalpha, text))]
    if "company" not in card.fields and left:
        company = next((text for text in left if looks_like_company(text, card.email)), left[0])
        card.put("company", company)
        left.remove(company)
    for text in left:
        if text in card.beside_titles:
            card.fields.setdefault("title", []).insert(card.beside_titles[text], text)
        elif "title" not in card.fields:
            card.put("title", text)


def _likeness(text: str, card: _Card) -> int:
    """Say how much a text looks like the name; on a Japanese card the Latin letters only say how it is read."""
    likeness = likeness_of_name(text, card.email)
    is_original = likeness and is_japanese(text) and is_japanese(card.first("company"))
    return likeness + (4 if is_original else 0)


def _name(text: str) -> str:
    return without_honorifics(first_script(without_honorifics(without_translation(text))))


def _company(text: str) -> str:
    text = spelled_out(without_translation(text))
    words = list(WORD.finditer(text))
    first, last = company_words(words) if FORM_JA.search(text) else (0, 0)
    return text[words[first].start() : words[last - 1].end()] if last > first else text


def _address(card: _Card) -> str:
    return tidy_address(" ".join(without_translation(line) for line in card.fields.get("address", [])[:3]))


def _fitting(name: str, text: str) -> str:
    return text[: MAX_LENGTHS[name]].strip()
