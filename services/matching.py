"""Which leads are the same person as an entry: certain ones join, likely ones are suggested. docs/matching.md says why.

Certain: the same e-mail address, the same external id, the same phone number with the same name. Likely: names that are
the same or nearly so, with a company, a domain or a phone number in common. A name alone is nothing, and so is an address
or a number that many share.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Row, and_, bindparam, select, tuple_
from sqlmodel import Session, col

from models.facts import LeadEntry, LeadMatch, MatchReason
from models.lead import Lead
from models.lead_merge import LeadMerge
from models.workspace import Workspace
from services.folding import company_key, fold_name
from services.identity import email_key, is_business_email, phone_key
from services.statements import Prepared

Key = TypeVar("Key")

READ_MAX = 21
"""Leads read for one key: what more of them share (info@…, a reception's number, 佐藤) tells nobody apart."""
COLLEAGUES_READ = 60
"""Leads of one company that are read to find names written nearly alike; the same name is found among any number."""
CHUNK = 400
"""Keys in one statement."""
LIKELY = 70
"""The score from which a pair is suggested."""

_ROLE_ADDRESSES = frozenset("""
    info contact sales support office mail admin hello inquiry enquiry toiawase soumu eigyo recruit press pr service
    marketing help team accounting hr customer webmaster postmaster
""".split())  # noqa: SIM905  # fmt: skip  # A table reads better than quotation marks.

_SAME_NAME, _SIMILAR_NAME, _PART_OF_NAME, _NO_NAME, _OTHER_SCRIPT = 60, 45, 40, 40, 20
_SHARED, _BOTH_SHARED, _TWO_ADDRESSES = 30, 35, 10
_NEARLY_LATIN, _NEARLY_KANJI = 88, 80


@dataclass(frozen=True)
class Signs:
    """By what a person is recognised: folded forms, None or "" where nothing is known. `lead_id` is the lead's own."""

    name: str
    name_key: str
    company_key: str
    email_key: str | None
    phone_key: str | None
    external_id: str | None = None
    lead_id: int | None = None

    @cached_property
    def domain(self) -> str | None:
        """The domain of an address that only one organisation gives out."""
        return domain_of(self.email_key)


def domain_of(email: str | None) -> str | None:
    """Return the domain of a folded address, None when everybody can have one there."""
    return email.rpartition("@")[2] if email and is_business_email(email) else None


def signs_of(entry: LeadEntry, country: str, *, likely: bool = True) -> Signs:
    """Return the signs of an entry; its company counts only for likely matches, and costs the most to fold."""
    return Signs(
        name=entry.name,
        name_key=fold_name(entry.name),
        company_key=company_key(entry.company) if likely else "",
        email_key=email_key(entry.email) if entry.email else None,
        phone_key=phone_key(entry.phone, country) if entry.phone else None,
        external_id=entry.external_id,
    )


def match_entries(
    session: Session, workspace: Workspace, entries: Sequence[LeadEntry], *, likely: bool = True
) -> list[tuple[LeadMatch, ...]]:
    """Return for each entry the leads that are, or with `likely` may be, the same person; the best first.

    Certain matches cost a few statements for all entries together, likely ones some index look-ups each.
    """
    signs = [signs_of(entry, workspace.country, likely=likely) for entry in entries]
    return match_signs(session, workspace.id, signs, likely=likely)


def match_signs(
    session: Session, workspace_id: int, signs: Sequence[Signs], *, likely: bool = True
) -> list[tuple[LeadMatch, ...]]:
    """Return for each of the signs the matching leads, as `match_entries` does; a lead never matches itself."""
    found = _Found()
    if len(signs) == 1:
        found.add(_certain_rows_of_one(session, workspace_id, signs[0]))
    else:
        found.add(_certain_rows(session, workspace_id, signs))
    matches = []
    for one in signs:
        if likely:
            found.add(_likely_rows(session, workspace_id, one))
        matches.append(tuple(sorted(found.matches_of(one, likely=likely), key=_best_first)))
    return matches


def _best_first(match: LeadMatch) -> tuple[bool, int, int]:
    return not match.is_certain, -match.score, -match.lead_id


class _Found:
    """The leads that were read, by each of the keys under which an entry can meet them."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], dict[int, Signs]] = {}

    def add(self, rows: Iterable[Signs]) -> None:
        for row in rows:
            for key in _keys(row):
                self._by_key.setdefault(key, {})[row.lead_id or 0] = row

    def matches_of(self, signs: Signs, *, likely: bool) -> Iterator[LeadMatch]:
        candidates: dict[int, Signs] = {}
        for key in _keys(signs):
            candidates |= self._by_key.get(key, {})
        for lead_id, candidate in candidates.items():
            match = compare(signs, candidate) if lead_id != signs.lead_id else None
            if match and (match.is_certain or likely):
                yield match


def _keys(signs: Signs) -> Iterator[tuple[str, str]]:
    for kind, key in (
        ("external", signs.external_id),
        ("email", signs.email_key),
        ("phone", signs.phone_key),
        ("name", signs.name_key),
        ("company", signs.company_key),
    ):
        if key:
            yield kind, key


def compare(one: Signs, other: Signs) -> LeadMatch | None:
    """Judge whether `other`, a lead, is the same person; None when too little speaks for it."""
    name_score = _compare_names(one, other)
    shares_phone = one.phone_key is not None and one.phone_key == other.phone_key
    shares_email = one.email_key is not None and one.email_key == other.email_key
    shares_id = one.external_id is not None and one.external_id == other.external_id
    if name_score == 0 and not shares_email and not shares_id:
        return None
    reasons = {
        MatchReason.EXTERNAL_ID: shares_id,
        MatchReason.EMAIL: shares_email,
        MatchReason.PHONE_AND_NAME: shares_phone and name_score == _SAME_NAME,
        MatchReason.NAME: name_score == _SAME_NAME and not shares_phone,
        MatchReason.SIMILAR_NAME: name_score in {_SIMILAR_NAME, _PART_OF_NAME}
        and bool(one.name_key and other.name_key),
        MatchReason.PHONE: shares_phone and name_score != _SAME_NAME,
        MatchReason.COMPANY: bool(one.company_key) and one.company_key == other.company_key,
        MatchReason.DOMAIN: one.domain is not None and one.domain == other.domain,
    }
    held = tuple(reason for reason, holds in reasons.items() if holds)
    is_certain = (
        shares_id
        or reasons[MatchReason.PHONE_AND_NAME]
        or (shares_email and (name_score > 0 or not is_shared_address(one.email_key)))
    )
    score = 100 if is_certain else _score(name_score, held, one, other)
    return LeadMatch(other.lead_id or 0, held, score, is_certain) if score >= LIKELY else None


def _score(name_score: int, held: Collection[MatchReason], one: Signs, other: Signs) -> int:
    """Add up what speaks for one person: 70 of 100 is worth asking, and no name alone reaches it."""
    if name_score == 0:
        return 0
    places = {MatchReason.COMPANY, MatchReason.DOMAIN}.intersection(held)
    score = name_score + (_BOTH_SHARED if len(places) > 1 else _SHARED if places else 0)
    score += _SHARED if MatchReason.PHONE in held else 0
    has_two = one.email_key is not None and other.email_key is not None and one.email_key != other.email_key
    return min(score, 99) - (_TWO_ADDRESSES if has_two else 0)


def is_shared_address(email: str | None) -> bool:
    """Tell whether many read what is sent to a folded address, as to info@…."""
    return email is not None and email.partition("@")[0] in _ROLE_ADDRESSES


def _compare_names(one: Signs, other: Signs) -> int:
    """Return the points for two names; 0: two different people."""
    a, b = one.name_key, other.name_key
    if not a or not b:
        return _NO_NAME
    if a == b or (a.isascii() and sorted(_words(one.name)) == sorted(_words(other.name))):
        return _SAME_NAME
    if a.isascii() != b.isascii():
        return _OTHER_SCRIPT
    if a.startswith(b) or b.startswith(a):
        return _PART_OF_NAME
    from rapidfuzz import fuzz  # noqa: PLC0415  # 30 ms of start-up that no command needs.

    return _SIMILAR_NAME if fuzz.ratio(a, b) >= (_NEARLY_LATIN if a.isascii() else _NEARLY_KANJI) else 0


def _words(name: str) -> list[str]:
    return [folded for word in name.replace(",", " ").split() if (folded := fold_name(word))]


_COLUMNS = (
    col(Lead.name), col(Lead.name_key), col(Lead.company_key), col(Lead.email_key), col(Lead.phone_key),
    col(Lead.external_id), col(Lead.id),
)  # fmt: skip


def _signs(row: Sequence[Any] | Row[Any]) -> Signs:
    name, name_key, company, email, phone, external_id, lead_id = tuple(row)
    return Signs(name, name_key, company or "", email, phone, external_id, lead_id)


def _by(*conditions: Any) -> Prepared:
    """Prepare the look-up of leads by one key, each by its own index: an OR of several would read the table."""
    query = select(*_COLUMNS).where(col(Lead.workspace_id) == bindparam("workspace"), *conditions)
    return Prepared(lambda _dialect: query.order_by(col(Lead.id).desc()).limit(READ_MAX))


_BY_EMAIL = _by(col(Lead.email_key) == bindparam("key"))
_BY_EXTERNAL_ID = _by(col(Lead.external_id) == bindparam("key"))
_BY_PHONE = _by(col(Lead.phone_key) == bindparam("key"))
_BY_NAME = _by(col(Lead.name_key) == bindparam("key"))
# With the name: the whole of a large office has one number.
_BY_PHONE_AND_NAME = _by(col(Lead.phone_key) == bindparam("key"), col(Lead.name_key) == bindparam("name"))
_BY_COMPANY_AND_NAME = _by(col(Lead.company_key) == bindparam("key"), col(Lead.name_key) == bindparam("name"))
_COLLEAGUES = Prepared(
    lambda _dialect: (
        select(*_COLUMNS)
        .where(col(Lead.workspace_id) == bindparam("workspace"), col(Lead.company_key) == bindparam("key"))
        .limit(COLLEAGUES_READ)
    )
)
_MERGED = and_(col(LeadMerge.workspace_id) == col(Lead.workspace_id), col(LeadMerge.into_id) == col(Lead.id))
_MERGED_COLUMNS = select(col(LeadMerge.email_key), *_COLUMNS).join(LeadMerge, _MERGED)
_BY_MERGED_EMAIL = Prepared(
    lambda _dialect: _MERGED_COLUMNS.where(
        col(LeadMerge.workspace_id) == bindparam("workspace"),
        col(LeadMerge.email_key) == bindparam("key"),
        col(LeadMerge.undone_at).is_(None),
    )
)


def _certain_rows_of_one(session: Session, workspace_id: int, signs: Signs) -> Iterator[Signs]:
    for way, key in (
        (_BY_EXTERNAL_ID, signs.external_id),
        (_BY_EMAIL, signs.email_key),
        (_BY_PHONE_AND_NAME, signs.phone_key if signs.name_key else None),
    ):
        if key:
            yield from map(_signs, way.run(session, {"workspace": workspace_id, "key": key, "name": signs.name_key}))
    if signs.email_key:
        yield from map(_merged, _BY_MERGED_EMAIL.run(session, {"workspace": workspace_id, "key": signs.email_key}))


def _merged(row: Sequence[Any] | Row[Any]) -> Signs:
    """Return the signs of a lead into which another went, with the address of that other."""
    return replace(_signs(row[1:]), email_key=row[0])


def _certain_rows(session: Session, workspace_id: int, signs: Sequence[Signs]) -> Iterator[Signs]:
    """Yield the leads that share an address, an external id or a number with its name with any of the entries."""
    at_work = col(Lead.workspace_id) == workspace_id
    query = select(*_COLUMNS)
    for column, keys in (
        (col(Lead.email_key), {one.email_key for one in signs}),
        (col(Lead.external_id), {one.external_id for one in signs}),
    ):
        for chunk in _chunks(keys - {None}):
            yield from _rows(session, query.where(at_work, column.in_(chunk)))
    yield from _merged_rows(session, workspace_id, {one.email_key for one in signs if one.email_key})
    pairs = {(one.phone_key, one.name_key) for one in signs if one.phone_key and one.name_key}
    for pair_chunk in _chunks(pairs):
        pair = tuple_(col(Lead.phone_key), col(Lead.name_key))
        yield from _rows(session, query.where(at_work, pair.in_(pair_chunk)))


def _merged_rows(session: Session, workspace_id: int, emails: Collection[str]) -> Iterator[Signs]:
    """Yield the leads into which leads of these addresses went."""
    for chunk in _chunks(emails):
        which = (
            col(LeadMerge.workspace_id) == workspace_id,
            col(LeadMerge.email_key).in_(chunk),
            col(LeadMerge.undone_at).is_(None),
        )
        yield from map(_merged, session.execute(_MERGED_COLUMNS.where(*which)))


def _likely_rows(session: Session, workspace_id: int, signs: Signs) -> Iterator[Signs]:
    """Yield the leads of the same name or number, and those of the same company."""
    asked = {"workspace": workspace_id, "name": signs.name_key}
    ways = [(_BY_NAME, signs.name_key), (_BY_PHONE, signs.phone_key), (_COLLEAGUES, signs.company_key)]
    if signs.name_key:
        ways.append((_BY_COMPANY_AND_NAME, signs.company_key))
    for way, key in ways:
        if key:
            yield from map(_signs, way.run(session, asked | {"key": key}))


def _rows(session: Session, query: Any) -> Iterator[Signs]:
    return map(_signs, session.execute(query))


def _chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    ordered = list(keys)
    return (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))
