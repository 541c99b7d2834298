"""Who is the same person as an entry, who may be, and who never is."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models.facts import LeadEntry, LeadMatch, MatchReason
from models.match_suggestion import MatchSuggestion
from services.matching import match_entries
from services.workspaces import get_workspace
from tests.services.office_records import add, match_all, records_at

RIE = LeadEntry(name="中村 理恵", company="ミナモ精機株式会社", email="r.nakamura@minamo.example", phone="045-555-0142")


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """One transaction in a workspace where Rie Nakamura is known, and a colleague of hers."""
    with records_at(database_url) as database, database.write() as session:
        add(session, RIE, external_id="crm-1")
        add(session, name="鈴木 一郎", company="ミナモ精機", email="i.suzuki@minamo.example", phone="045-555-0142")
        match_all(session)
        yield session


def match(session: Session, entry: LeadEntry) -> list[LeadMatch]:
    (found,) = match_entries(session, get_workspace(session, 1), [entry])
    return list(found)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (LeadEntry(name="Rie", email="R.Nakamura@Minamo.example"), MatchReason.EMAIL),
        (LeadEntry(name="R. N.", external_id="crm-1"), MatchReason.EXTERNAL_ID),
        (LeadEntry(name="中村理恵", phone="+81 45 555 0142"), MatchReason.PHONE_AND_NAME),
        (LeadEntry(name="仲邨", email="r.nakamura@minamo.example"), MatchReason.EMAIL),
    ],
)
def test_certain_matches(session: Session, entry: LeadEntry, reason: MatchReason) -> None:
    """An address, an external id, or a number with the name, in whatever form they are written."""
    found = match(session, entry)
    assert [one.is_certain for one in found][:1] == [True]
    assert reason in found[0].reasons


@pytest.mark.parametrize(
    "entry",
    [
        LeadEntry(name="中村　理恵", company="㈱ミナモ精機"),
        LeadEntry(name="中村 理恵", email="rie@minamo.example"),
        LeadEntry(name="中村", company="ミナモ精機株式会社"),
        LeadEntry(phone="045-555-0142", company="ミナモ精機"),
    ],
)
def test_likely_matches_are_no_more_than_likely(session: Session, entry: LeadEntry) -> None:
    """A name with a company or a domain, part of a name, or a number without a name: worth asking, never joined."""
    found = match(session, entry)
    assert found
    assert not any(one.is_certain for one in found)


@pytest.mark.parametrize(
    "entry",
    [
        LeadEntry(name="中村 理恵"),
        LeadEntry(name="中村 理恵", company="青葉製作所"),
        LeadEntry(name="高田 次郎", company="ミナモ精機"),
        LeadEntry(name="高田 次郎", phone="045-555-0142", company="ミナモ精機"),
        LeadEntry(company="ミナモ精機", email="k.takada@minamo.example", name="高田"),
    ],
)
def test_a_name_alone_or_a_place_alone_is_nothing(session: Session, entry: LeadEntry) -> None:
    """Namesakes elsewhere and colleagues are other people."""
    assert match(session, entry) == []


def test_a_shared_address_joins_nobody(session: Session) -> None:
    """What is sent to info@ is read by many: two names there are two people."""
    add(session, name="佐藤 花子", email="info@minamo.example", company="ミナモ精機")
    assert match(session, LeadEntry(name="高田 次郎", email="info@minamo.example")) == []
    assert match(session, LeadEntry(name="佐藤花子", email="info@minamo.example"))[0].is_certain


def test_names_are_known_in_either_order_and_with_a_slip(session: Session) -> None:
    """Western names are turned round, and mistyped."""
    add(session, name="Rie Nakamura", company="Acme Inc.")
    match_all(session)
    for name in ("Nakamura, Rie", "Rie Nakamua"):
        assert match(session, LeadEntry(name=name, company="ACME Corporation")), name


def test_a_batch_finds_what_each_alone_finds(session: Session) -> None:
    """Entries together get the same answers as one by one, in their order."""
    entries = [
        RIE,
        LeadEntry(name="誰か"),
        LeadEntry(name="中村理恵", company="ミナモ精機"),
        LeadEntry(email="x@y.example"),
    ]
    together = match_entries(session, get_workspace(session, 1), entries)
    assert [list(found) for found in together] == [match(session, entry) for entry in entries]
    assert [bool(found) for found in together] == [True, False, True, False]


def test_new_leads_are_suggested_with_their_likely_double(session: Session) -> None:
    """The job finds each pair once, whichever of the two came first, with reasons and a score."""
    lead = add(session, name="中村理恵", company="㈱ミナモ精機")
    match_all(session)
    lead.match_due_at = lead.updated_at
    session.flush()
    match_all(session)
    pairs = session.scalars(select(MatchSuggestion).where(col(MatchSuggestion.subject) == "lead")).all()
    assert [pair.second_id for pair in pairs] == [lead.id]
    assert set(pairs[0].reasons) == {"name", "company"}
    assert 70 <= pairs[0].score < 100
