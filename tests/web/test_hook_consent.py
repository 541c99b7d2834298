"""What other systems tell of consent, and whom they may not bring back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from models.consent import ConsentBasis, ConsentRecord
from models.lead import Consent, Lead, Outcome, Stage
from models.member import Member
from models.records import Receipt
from models.touchpoint import Touchpoint
from services import scoring
from services.erasures import forget_lead
from services.workspaces import get_workspace
from tests.web.web_site import NOW, Site
from web.limits import RateLimit

ONO = {"name": "大野 玲", "email": "r.ono@kitahama.example", "external_id": "crm-1"}
EVIDENCE = {
    "consent": True,
    "consent_purpose": "メルマガ",
    "consent_basis": "consent",
    "consent_at": "2026-11-20T12:00:00+09:00",
    "consent_from": "展示会アンケート",
    "consent_notice": "2026-04",
}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks more often than anybody would."""
    monkeypatch.setattr(RateLimit, "wait_seconds", lambda *_: 0)


def _consents(site: Site) -> list[Consent]:
    return [lead.consent for lead in site.leads()]


def test_consent_comes_with_its_evidence(site: Site) -> None:
    """What for, why, when, where, and by which notice."""
    assert site.hook("leads", {**ONO, **EVIDENCE}).status_code == 201
    (lead,), (record,) = site.leads(), site.rows(ConsentRecord)
    assert (lead.consent, lead.consent_at) == (Consent.YES, datetime(2026, 11, 20, 3, tzinfo=UTC))
    assert (record.purpose, record.basis, record.origin) == ("メルマガ", ConsentBasis.CONSENT, "展示会アンケート")
    assert (record.notice, record.given_at, record.recorded_at) == ("2026-04", lead.consent_at, NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [("consent_basis", "whim"), ("consent_at", "yesterday"), ("consent_at", "2026-11-24T11:00:00+09:00"),
     ("consent_purpose", "x" * 201), ("consent_from", "x" * 201), ("consent_notice", "x" * 51), ("consent_at", 5)],
)  # fmt: skip
def test_evidence_that_cannot_be_kept_is_named(door: Site, field: str, value: Any) -> None:
    """With the sender's own name of the field."""
    answer = door.hook("leads", {**ONO, **EVIDENCE, field: value})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert door.leads() == []


def test_a_withdrawal_counts_for_the_address(site: Site) -> None:
    """For every lead that it reaches, closed ones too; the sender needs to know no more than the address."""
    site.hook("leads", {**ONO, **EVIDENCE})
    with site.database.write() as session:
        session.execute(update(Lead).values(stage=Stage.CLOSED, outcome=Outcome.LOST))
    site.hook("leads", {"name": "大野 玲", "email": "r.ono@kitahama.example", "consent": "yes"})
    site.hook("leads", {"email": "R.Ono@Kitahama.example", "consent": "no"})
    assert _consents(site) == [Consent.NO, Consent.NO]
    assert site.hook("leads", {"name": "三人目", "email": "r.ono@kitahama.example"}).json()["lead"] == "L-2"


def test_a_withdrawal_of_somebody_whose_lead_is_closed_counts_too(site: Site) -> None:
    """The sender knows an address and no more."""
    site.hook("leads", {**ONO, **EVIDENCE})
    with site.database.write() as session:
        session.execute(update(Lead).values(stage=Stage.CLOSED, outcome=Outcome.LOST))
    site.hook("leads", {"email": ONO["email"], "consent": "no"})
    assert _consents(site) == [Consent.NO, Consent.NO]


def test_who_opted_out_comes_back_opted_out(site: Site) -> None:
    """A new lead of the same address has the opt-out, whatever the form's box says."""
    site.hook("leads", {**ONO, "consent": "no"})
    with site.database.write() as session:
        session.execute(update(Lead).values(stage=Stage.CLOSED, outcome=Outcome.LOST))
    site.hook("leads", {"email": ONO["email"], "consent": "yes"})
    assert _consents(site) == [Consent.NO, Consent.NO]


def test_only_a_new_consent_ends_an_opt_out(site: Site) -> None:
    """Said later than the opt-out, and told when and where; a box that was ticked long ago is none."""
    site.hook("leads", {**ONO, "consent": "no"})
    site.hook("leads", {**ONO, **EVIDENCE})
    site.hook("leads", {**ONO, "consent": "yes"})
    assert _consents(site) == [Consent.NO]
    site.now = NOW + timedelta(days=7)
    site.hook("leads", {**ONO, **EVIDENCE, "consent_at": "2026-11-30T09:00:00+09:00"})
    site.now = NOW
    assert _consents(site) == [Consent.YES]
    assert [record.answer for record in site.rows(ConsentRecord)] == [Consent.NO, Consent.YES]


def _forget(site: Site) -> None:
    with site.database.write() as session:
        member = Member(workspace_id=site.workspace_id, slack_id="U1", name="森", is_manager=True, refreshed_at=NOW)
        session.add(member)
        session.flush()
        forget_lead(session, member.as_actor(), 1, "L-1", NOW)


def test_a_forgotten_person_is_not_brought_back(site: Site) -> None:
    """410, by address or the sender's own id, as a lead or a contact; the answer tells nothing of them."""
    site.hook("leads", ONO, message_id="msg_x")
    _forget(site)
    for answer in (
        site.hook("leads", {"email": "R.ONO@kitahama.example"}),
        site.hook("leads", {"name": "別名", "external_id": "crm-1"}),
        site.hook("touchpoints", {"lead": "r.ono@kitahama.example", "kind": "page_view"}),
        site.hook("touchpoints", {"lead": "crm-1", "kind": "page_view"}),
    ):
        words = "this person asked to be deleted; a manager can lift that in Slack"
        assert (answer.status_code, answer.json()) == (410, {"error": words})
    assert site.hook("leads", ONO, message_id="msg_x").json() == {"lead": "L-1", "status": "added"}
    assert site.leads() == []


def test_unknown_fields_of_a_contact_are_kept(site: Site) -> None:
    """As text, beside what is known; too many of them are refused."""
    site.hook("leads", ONO)
    contact = {"lead": "crm-1", "kind": "page_view", "url": "https://a.example/price", "seconds": 40}
    assert site.hook("touchpoints", contact).status_code == 201
    assert site.rows(Touchpoint)[0].extra == {"url": "https://a.example/price", "seconds": "40"}
    crowded = {**contact, **{f"f{n}": n for n in range(60)}}
    assert site.hook("touchpoints", crowded).status_code == 400


def test_a_contact_has_moved_the_score_when_it_is_answered(site: Site) -> None:
    """In the same transaction: whoever looks next sees it."""
    site.hook("leads", ONO)
    site.hook("touchpoints", {"lead": "crm-1", "kind": "demo_request"})
    with site.database.read() as session:
        lead = session.scalars(select(Lead).where(col(Lead.number) == 1)).one()
        rules = scoring.rules_of(get_workspace(session, site.workspace_id))
        assert scoring.score_value(lead, rules, NOW) >= 30


def test_an_id_that_is_an_address_is_not_kept_as_one(site: Site) -> None:
    """Some senders make the message's id of the person's address."""
    site.hook("leads", ONO, message_id="r.ono@kitahama.example")
    assert "ono" not in str(site.rows(Receipt))
