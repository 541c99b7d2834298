"""Which company a lead belongs to: one row for each real one.

Certain: the same corporate number (法人番号); the same folded name with the same domain or phone number; the domain of a
company where the lead names none. A company is made of a name with a number or a domain, and suggested as the same as
another of its name or its domain. A name alone may be any company's of that name, and makes none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from models.base import new_id
from models.company import Company
from models.facts import MatchReason
from models.lead import Lead
from models.match_suggestion import Subject
from services.folding import company_spellings
from services.merged_leads import forget_suggestions

NUMBER_COLUMNS = ("法人番号", "corporate_number", "corporate number", "jcn")
"""Columns of an import in which a corporate number may stand."""
LIKELY = 70
"""The score from which two companies are suggested."""
_SAME_NAME, _SAME_DOMAIN, _SPELT_ALIKE = 80, 75, 75

_NUMBER = re.compile(r"\D*(\d{13})\D*")


@dataclass(frozen=True)
class CompanySigns:
    """By what a company is recognised. `key` is its folded name; None where nothing is known."""

    name: str = ""
    key: str = ""
    corporate_number: str | None = None
    domain: str | None = None
    phone_key: str | None = None


@dataclass(frozen=True)
class CompanyMatch:
    """A company that is the same when `is_certain`, else likely: `score` goes from 0 to 100."""

    company_id: int
    reasons: tuple[MatchReason, ...]
    score: int
    is_certain: bool


def read_corporate_number(text: str) -> str | None:
    """Return the 法人番号 in the text; None when there is none or its check digit is wrong.

    9 − (Σ of the twelve digits, from the right weighted 1, 2, 1, 2 …) mod 9, by the ordinance on corporate numbers
    (法人番号の指定等に関する省令, article 2).
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    digits = [int(digit) for digit in found[1]]
    weighted = sum(digit * (1 + place % 2) for place, digit in enumerate(reversed(digits[1:])))
    return found[1] if digits[0] == 9 - weighted % 9 else None


def number_in(extra: Mapping[str, Any]) -> str | None:
    """Return the corporate number that an import brought with a lead."""
    texts = (str(value) for name, value in extra.items() if name.strip().lower() in NUMBER_COLUMNS)
    return next(filter(None, map(read_corporate_number, texts)), None)


def place_companies(
    session: Session, workspace_id: int, asked: Sequence[CompanySigns], now: datetime
) -> list[tuple[int | None, tuple[tuple[int, CompanyMatch], ...]]]:
    """Return for each of the signs its company, made where there was none, and the pairs that may be one.

    None is the company of a name alone. A pair is a new company with the likely one. A few statements for all together.
    """
    known = KnownCompanies(session, workspace_id, asked)
    placed: list[tuple[int | None, tuple[tuple[int, CompanyMatch], ...]]] = []
    new: list[Company] = []
    for signs in asked:
        matches = known.matches(signs)
        if matches and matches[0].is_certain:
            company_id = matches[0].company_id
            known.learn(company_id, signs)
            placed.append((company_id, ()))
        elif signs.key and (signs.domain or signs.corporate_number):
            company = _new_company(workspace_id, signs, now)
            new.append(company)
            known.add(company)
            # One pair is enough: the likely one stands for all that are one with it.
            placed.append((company.id, tuple((company.id, match) for match in matches[:1])))
        else:
            placed.append((None, ()))
    if new:
        session.execute(insert(Company), [company.model_dump() for company in new])
    return placed


def _new_company(workspace_id: int, signs: CompanySigns, now: datetime) -> Company:
    return Company(
        id=new_id(),
        workspace_id=workspace_id,
        name=signs.name,
        name_key=signs.key,
        corporate_number=signs.corporate_number,
        domain=signs.domain,
        phone_key=signs.phone_key,
        created_at=now,
    )


class KnownCompanies:
    """The companies that any of some signs can meet, read with one statement for each kind of sign."""

    def __init__(self, session: Session, workspace_id: int, asked: Sequence[CompanySigns]) -> None:
        self._companies: dict[int, Company] = {}
        self._by_sign: dict[tuple[str, str], list[Company]] = {}
        names = {spelling for signs in asked for spelling in company_spellings(signs.name) if spelling}
        for column, keys in (
            (col(Company.name_key), names),
            (col(Company.domain), {signs.domain for signs in asked if signs.domain}),
            (col(Company.corporate_number), {signs.corporate_number for signs in asked if signs.corporate_number}),
        ):
            if keys:
                query = select(Company).where(col(Company.workspace_id) == workspace_id, column.in_(sorted(keys)))
                for company in session.scalars(query):
                    self.add(company)

    def add(self, company: Company) -> None:
        if company.id in self._companies:
            return
        self._companies[company.id] = company
        for kind, sign in (
            ("name", company.name_key),
            ("domain", company.domain),
            ("number", company.corporate_number),
        ):
            if sign:
                self._by_sign.setdefault((kind, sign), []).append(company)

    def learn(self, company_id: int, signs: CompanySigns) -> None:
        """Give a company the signs that it lacked."""
        company = self._companies.get(company_id)
        if company is None or company.name_key != signs.key:
            return
        for name in ("domain", "phone_key", "corporate_number"):
            if getattr(company, name) is None and getattr(signs, name):
                setattr(company, name, getattr(signs, name))

    def matches(self, signs: CompanySigns) -> list[CompanyMatch]:
        found = {company.id: company for company in self._candidates(signs)}
        judged = (_judge(signs, company) for company in found.values())
        best: dict[int, CompanyMatch] = {}
        for match in sorted(filter(None, judged), key=_best_first):
            best.setdefault(match.company_id, match)
        certain = [match for match in best.values() if match.is_certain]
        # Two that are certain say that the sign is no sign: a domain that a group of companies shares.
        if len(certain) > 1 and not any(MatchReason.COMPANY in match.reasons for match in certain):
            return []
        return list(best.values())

    def _candidates(self, signs: CompanySigns) -> Iterator[Company]:
        spellings = [spelling for spelling in company_spellings(signs.name) if spelling]
        for kind, sign in (
            *(("name", spelling) for spelling in spellings),
            ("domain", signs.domain),
            ("number", signs.corporate_number),
        ):
            if sign:
                yield from self._by_sign.get((kind, sign), ())


def _best_first(match: CompanyMatch) -> tuple[bool, int, int]:
    return not match.is_certain, -match.score, match.company_id


def _judge(signs: CompanySigns, company: Company) -> CompanyMatch | None:
    """Judge whether the company is the one of these signs; None when nothing speaks for it, or a number against it."""
    has_number = signs.corporate_number is not None and company.corporate_number is not None
    if has_number and signs.corporate_number != company.corporate_number:
        return None
    reasons = {
        MatchReason.CORPORATE_NUMBER: has_number,
        MatchReason.COMPANY: bool(signs.key) and signs.key == company.name_key,
        MatchReason.SIMILAR_NAME: signs.key != company.name_key and company.name_key in company_spellings(signs.name),
        MatchReason.DOMAIN: signs.domain is not None and signs.domain == company.domain,
        MatchReason.PHONE: signs.phone_key is not None and signs.phone_key == company.phone_key,
    }
    held = tuple(reason for reason, holds in reasons.items() if holds)
    has_witness = reasons[MatchReason.DOMAIN] or reasons[MatchReason.PHONE]
    is_certain = has_number or (reasons[MatchReason.COMPANY] and has_witness) or (not signs.key and has_witness)
    # A row that somebody found to be the same as another speaks for that one.
    company_id = company.same_as_id or company.id
    if is_certain:
        return CompanyMatch(company_id, held, 100, is_certain=True)
    score = _SAME_NAME if reasons[MatchReason.COMPANY] else 0
    score = max(score, _SAME_DOMAIN if reasons[MatchReason.DOMAIN] else 0)
    score = max(score, _SPELT_ALIKE if reasons[MatchReason.SIMILAR_NAME] else 0)
    return CompanyMatch(company_id, held, score, is_certain=False) if score >= LIKELY else None


def leave_company(session: Session, lead: Lead) -> None:
    """Take what a lead that is no more gave to its company; nobody's company goes with it, and what was said of it."""
    mine = (col(Company.workspace_id) == lead.workspace_id, col(Company.id) == lead.company_id)
    company = session.scalars(select(Company).where(*mine).with_for_update()).first() if lead.company_id else None
    if company is None:
        return
    if company.phone_key is not None and company.phone_key == lead.phone_key:
        company.phone_key = None
        session.add(company)
    others = (col(Lead.workspace_id) == lead.workspace_id, col(Lead.company_id) == company.id)
    same = (col(Company.workspace_id) == lead.workspace_id, col(Company.same_as_id) == company.id)
    is_needed = session.scalars(select(col(Lead.id)).where(*others).limit(1)).first()
    is_needed = is_needed or session.scalars(select(col(Company.id)).where(*same).limit(1)).first()
    if is_needed is None:
        forget_suggestions(session, lead.workspace_id, [company.id], Subject.COMPANY)
        session.delete(company)
        session.flush()
