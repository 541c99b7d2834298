"""Each company once: by its number, or by its name with a witness; a name alone makes a suggestion."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from models.company import Company
from models.facts import MatchReason
from models.lead import Lead
from models.match_suggestion import MatchSuggestion, Subject
from services.companies import CompanyMatch, CompanySigns, KnownCompanies, place_companies, read_corporate_number
from services.folding import company_key
from services.lead_edits import edit_lead
from services.suggestions import join_companies, part_companies
from tests.postgres import usual_url
from tests.services.office_records import actor, add, match_all, records_at

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RECALL, PRECISION, SUGGESTED = 0.997, 0.997, 0.6


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """One transaction in an empty workspace."""
    with records_at(database_url) as database, database.write() as session:
        yield session


def signs(name: str, number: str | None = None, domain: str | None = None) -> CompanySigns:
    return CompanySigns(name, company_key(name), number, domain)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "companies" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def companies_of(session: Session) -> dict[str, int | None]:
    """Return which company each lead is at, by the lead's name."""
    return {lead.name: lead.company_id for lead in session.scalars(select(Lead))}


def test_the_same_name_and_domain_are_one_company(session: Session) -> None:
    """However it is written, with whatever legal form; and who names none is at the company of their domain."""
    add(session, name="A", company="ミナモ精機株式会社", email="a@minamo.example")
    add(session, name="B", company="㈱ミナモ精機", email="b@minamo.example")
    add(session, name="C", email="c@minamo.example")
    match_all(session)
    assert len(set(companies_of(session).values())) == 1
    assert session.scalar(select(func.count()).select_from(Company)) == 1


def test_a_name_alone_is_no_company(session: Session) -> None:
    """It may be any of that name; with an address that names it, the lead is at home."""
    add(session, name="A", company="アルファ株式会社", email="a@alpha.example")
    alone = add(session, name="B", company="株式会社アルファ")
    match_all(session)
    assert companies_of(session)["B"] is None
    edit_lead(session, actor(session), alone.id, {"email": "b@alpha.example"}, NOW)
    match_all(session)
    assert companies_of(session)["A"] == companies_of(session)["B"]


def test_one_name_with_two_domains_is_a_suggestion(session: Session) -> None:
    """They may be two companies: somebody is asked, and may say that they are one. So may one domain with two names."""
    add(session, name="A", company="アルファ株式会社", email="a@alpha.example")
    add(session, name="B", company="株式会社アルファ", email="b@alpha-west.example")
    match_all(session)
    placed = companies_of(session)
    assert placed["A"] != placed["B"]
    (pair,) = session.scalars(select(MatchSuggestion).where(col(MatchSuggestion.subject) == Subject.COMPANY))
    join_companies(session, actor(session), pair.id, NOW)
    session.expire_all()
    younger = session.get_one(Company, (1, placed["B"]))
    assert younger.same_as_id == placed["A"]


def test_parting_two_of_three_leaves_the_others_one(session: Session) -> None:
    """Three rows were found to be one company, pair by pair: what is said of one pair is taken back, the other holds."""
    for name, domain in (("A", "alpha"), ("B", "alpha-west"), ("C", "alpha-east")):
        add(session, name=name, company="アルファ株式会社", email=f"{name}@{domain}.example")
    match_all(session)
    placed = companies_of(session)
    ids = [placed[name] or 0 for name in "ABC"]
    query = select(MatchSuggestion).where(col(MatchSuggestion.subject) == Subject.COMPANY)
    pairs = {(pair.first_id, pair.second_id): pair.id for pair in session.scalars(query)}
    with_b, with_c = pairs[ids[0], ids[1]], pairs[ids[0], ids[2]]

    def same_as() -> list[int | None]:
        session.expire_all()
        return [session.get_one(Company, (1, company_id)).same_as_id for company_id in ids]

    join_companies(session, actor(session), with_b, NOW)
    join_companies(session, actor(session), with_c, NOW)
    assert same_as() == [None, ids[0], ids[0]]
    part_companies(session, actor(session), with_b, NOW)
    assert same_as() == [None, None, ids[0]]
    # In a chain the oldest goes: the other two stay one.
    session.get_one(MatchSuggestion, (1, with_b)).first_id, session.get_one(MatchSuggestion, (1, with_b)).second_id = (
        ids[1:]
    )
    session.flush()
    join_companies(session, actor(session), with_b, NOW)
    assert same_as() == [None, ids[0], ids[0]]
    part_companies(session, actor(session), with_c, NOW)
    assert same_as() == [None, None, ids[1]]


def found_for(session: Session, asked: CompanySigns) -> list[CompanyMatch]:
    """Return the companies that are, or may be, the one of these signs."""
    return KnownCompanies(session, 1, [asked]).matches(asked)


def test_numbers_that_differ_are_never_suggested(session: Session) -> None:
    """The corporate number outweighs the name: the same one is one company, two are two."""
    place_companies(session, 1, [signs("株式会社アルファ", "6260001000380")], NOW)
    assert found_for(session, signs("株式会社アルファ", "1020001005862")) == []
    (renamed,) = found_for(session, signs("ベータ株式会社", "6260001000380"))
    assert renamed.is_certain
    assert MatchReason.CORPORATE_NUMBER in renamed.reasons


@pytest.mark.parametrize(
    ("typed", "number"),
    [("7000012050002", "7000012050002"), ("T7000012050002", "7000012050002"), ("7000012050003", None), ("700001205000", None)],
)  # fmt: skip
def test_corporate_numbers_are_checked(typed: str, number: str | None) -> None:
    """Thirteen digits with the right check digit; the invoice system's T before them does no harm."""
    assert read_corporate_number(typed) == number


def test_every_corporate_number_of_the_register_is_read(shared_data: Path) -> None:
    """3,350 real ones."""
    assert all(read_corporate_number(row["jcn"]) for row in rows(shared_data, "jp_three_sources.csv"))


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[tuple[Session, dict[int, str]]]:
    """The 3,350 companies as the national register spells them, and whose row is which number's."""
    known = rows(shared_data, "jp_three_sources.csv")
    folder = tmp_path_factory.mktemp("register")
    with usual_url(folder, migrated=True) as url, records_at(url) as database, database.write() as session:
        asked = [signs(row["registry_name"], row["jcn"]) for row in known]
        placed = place_companies(session, 1, asked, NOW)
        session.flush()
        yield session, {company_id or 0: row["jcn"] for (company_id, _), row in zip(placed, known, strict=True)}


@pytest.mark.parametrize("source", ["edinet_name", "jpx_name"])
def test_each_spelling_finds_its_company(
    register: tuple[Session, dict[int, str]], shared_data: Path, source: str
) -> None:
    """What two other registers write finds the company among all: recall and precision of at least 0.997."""
    session, number_of = register
    known = [row for row in rows(shared_data, "jp_three_sources.csv") if row[source]]
    answers = [(row["jcn"], found_for(session, signs(row[source]))) for row in known]
    right = sum(any(number_of[match.company_id] == number for match in found) for number, found in answers)
    given = sum(len(found) for _, found in answers)
    assert right / len(answers) >= RECALL
    assert right / given >= PRECISION


def test_spellings_that_differ_are_suggested(register: tuple[Session, dict[int, str]], shared_data: Path) -> None:
    """Old characters, small kana, initials, renames: more than 60 of 100 are found."""
    session, number_of = register
    known = rows(shared_data, "jp_name_variants.csv")
    found = [{number_of[m.company_id] for m in found_for(session, signs(row["edinet_name"]))} for row in known]
    assert sum(row["jcn"] in one for row, one in zip(known, found, strict=True)) / len(known) >= SUGGESTED


def test_lookalikes_are_never_joined(session: Session, shared_data: Path) -> None:
    """2,108 pairs of different companies with the same or nearly the same name: none becomes one unasked."""
    known = rows(shared_data, "jp_lookalikes.csv")
    names = [name for row in known for name in (row["name_a"], row["name_b"])]
    assert {company_id for company_id, _ in place_companies(session, 1, list(map(signs, names)), NOW)} == {None}
    apart = [signs(name, domain=f"{place}.example") for place, name in enumerate(names)]
    placed = [company_id for company_id, _ in place_companies(session, 1, apart, NOW)]
    assert len(set(placed)) == len(names)
    numbered = [signs(row[f"name_{side}"], row[f"jcn_{side}"]) for row in known for side in "ab"]
    placed = [company_id for company_id, _ in place_companies(session, 1, numbered, NOW)]
    assert len(set(placed)) == len({one.corporate_number for one in numbered})
