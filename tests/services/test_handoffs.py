"""Handoffs one by one: whose they are, who did what to them, and that nobody else's is touched."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models.errors import AlreadyClaimedError, InputError, Problem
from models.handoff import RELEASE_MINUTES, WHY_NOW_MAX, Handoff, HandoffState
from models.lead import Lead, Stage
from models.member import Member
from models.records import Change, ChangeKind
from services import handoffs
from tests.services.office_records import MANAGER, NOW, OTHER, SALES, actor, add, records_at


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """An office with two leads that nobody has offered yet."""
    with records_at(database_url) as database, database.write() as session:
        add(session, name="青木 健", company="アオイ")
        add(session, name="佐藤 花", company="アオイ")
        yield session


def offer(session: Session, reference: str, now: datetime = NOW) -> Handoff:
    return handoffs.qualify_lead(session, actor(session), reference, "", now)


def as_stored(session: Session, handoff: Handoff) -> Handoff:
    session.flush()
    session.expire_all()
    return session.get_one(Handoff, (1, handoff.id))


def lead_of(session: Session, handoff: Handoff) -> Lead:
    return session.get_one(Lead, (1, handoff.lead_id))


def last_change(session: Session) -> tuple[ChangeKind, int | None, int | None]:
    """Return what was done last, by whom and to which handoff."""
    session.flush()
    change = session.scalars(select(Change).order_by(col(Change.id).desc()).limit(1)).one()
    return change.kind, change.member_id, change.subject_id


def test_one_of_two_offers_is_claimed_and_the_other_waits(session: Session) -> None:
    """A claim, a withdrawal and a contact touch one handoff alone."""
    first, second = offer(session, "L-1"), offer(session, "L-2")
    handoffs.claim_handoff(session, actor(session, SALES), first.id, NOW)
    assert as_stored(session, second).state is HandoffState.OFFERED
    handoffs.claim_handoff(session, actor(session, SALES), second.id, NOW)
    handoffs.note_first_contact(session, lead_of(session, first), OTHER, NOW)
    handoffs.note_first_contact(session, lead_of(session, first), None, NOW)
    assert as_stored(session, first).contacted_at is None
    handoffs.note_first_contact(session, lead_of(session, first), SALES, NOW)
    assert as_stored(session, first).contacted_at == NOW
    assert as_stored(session, second).contacted_at is None
    assert as_stored(session, second).contact_due_at is not None


def test_a_contact_by_whoever_owns_it_now_is_not_the_first_owners(session: Session) -> None:
    """A second contact changes nothing, and an earlier handoff of the lead keeps what it was."""
    handoff = offer(session, "L-1")
    handoffs.claim_handoff(session, actor(session, SALES), handoff.id, NOW)
    lead = lead_of(session, handoff)
    handoffs.note_first_contact(session, lead, SALES, NOW)
    handoffs.note_first_contact(session, lead, SALES, NOW + timedelta(hours=1))
    assert as_stored(session, handoff).contacted_at == NOW


def test_each_step_is_written_down_with_who_did_it(session: Session) -> None:
    """The history names the person and the handoff, whatever was done to it."""
    handoff = offer(session, "L-1")
    assert last_change(session) == (ChangeKind.QUALIFIED, MANAGER, handoff.id)
    handoffs.claim_handoff(session, actor(session, SALES), handoff.id, NOW)
    assert last_change(session) == (ChangeKind.CLAIMED, SALES, handoff.id)
    handoffs.release_lead(session, actor(session, SALES), "L-1", NOW)
    assert last_change(session) == (ChangeKind.RELEASED, SALES, handoff.id)
    handoffs.assign_lead(session, actor(session), "L-1", "Person 2", NOW)
    assert last_change(session) == (ChangeKind.ASSIGNED, MANAGER, handoff.id)
    other = offer(session, "L-2")
    handoffs.withdraw_lead(session, actor(session), "L-2", NOW)
    assert last_change(session) == (ChangeKind.WITHDRAWN, MANAGER, other.id)


def test_a_claim_can_be_put_back_in_its_last_second(session: Session) -> None:
    """Fifteen minutes are fifteen minutes."""
    handoff = offer(session, "L-1")
    handoffs.claim_handoff(session, actor(session, SALES), handoff.id, NOW)
    handoffs.release_lead(session, actor(session, SALES), "L-1", NOW + timedelta(minutes=RELEASE_MINUTES))
    assert as_stored(session, handoff).state is HandoffState.OFFERED


def test_the_reason_for_an_offer_has_a_limit(session: Session) -> None:
    """As long as it may be it is taken; one sign more is refused with the limit and what was typed."""
    with pytest.raises(InputError) as caught:
        handoffs.qualify_lead(session, actor(session), "L-1", "あ" * (WHY_NOW_MAX + 1), NOW)
    error = caught.value
    assert (error.problem, error.field, error.value, error.limit) == (
        Problem.TOO_LONG, "why_now", "あ" * (WHY_NOW_MAX + 1), WHY_NOW_MAX,
    )  # fmt: skip
    assert handoffs.qualify_lead(session, actor(session), "L-1", "あ" * WHY_NOW_MAX, NOW).why_now == "あ" * WHY_NOW_MAX


def test_nobody_is_assigned_who_does_not_sell(session: Session) -> None:
    """The refusal names whom it found, or what was typed."""
    offer(session, "L-1")
    session.add(Member(workspace_id=1, id=9, slack_id="U9", name="Outsider", refreshed_at=NOW))
    session.flush()
    for typed, named in (("outsider", "Outsider"), ("somebody", "somebody")):
        with pytest.raises(InputError) as caught:
            handoffs.assign_lead(session, actor(session), "L-1", typed, NOW)
        error = caught.value
        assert (error.problem, error.field, error.value) == (Problem.UNKNOWN_PERSON, "owner", named)


def test_an_owned_lead_changes_hands_in_one_step(session: Session) -> None:
    """Its revision goes up by one: whoever has an old form open is told so."""
    handoff = offer(session, "L-1")
    handoffs.claim_handoff(session, actor(session, SALES), handoff.id, NOW)
    before = lead_of(session, handoff).rev
    lead, owner = handoffs.assign_lead(session, actor(session), "L-1", "Person 3", NOW)
    assert (lead.owner_id, owner.id, lead.rev) == (OTHER, OTHER, before + 1)
    assert as_stored(session, handoff).owner_id == OTHER


def test_whoever_comes_too_late_hears_what_else_waits(session: Session) -> None:
    """The most urgent of the others, with its lead, and how many there are."""
    for number in range(3, 6):
        add(session, name=f"鈴木 {number}号")
    taken = offer(session, "L-1")
    urgent = [offer(session, f"L-{number}", NOW + timedelta(hours=5 - number)) for number in (2, 3, 4, 5)][-1]
    handoffs.claim_handoff(session, actor(session, SALES), taken.id, NOW)
    with pytest.raises(AlreadyClaimedError) as caught:
        handoffs.claim_handoff(session, actor(session, OTHER), taken.id, NOW)
    ((handoff, lead),) = caught.value.waiting
    assert (handoff.id, lead.number, caught.value.count) == (urgent.id, 5, 4)
    waiting, _ = handoffs.waiting_handoffs(session, 1, limit=3)
    assert [lead.number for _, lead in waiting] == [5, 4, 3]
    assert handoffs.waiting_handoffs(session, 2, limit=1) == ([], 0)


def test_offers_of_the_same_moment_wait_in_their_order(session: Session) -> None:
    """The one that was made first comes first."""
    made = [offer(session, "L-2"), offer(session, "L-1")]
    waiting, count = handoffs.waiting_handoffs(session, 1, limit=5)
    assert ([handoff.id for handoff, _ in waiting], count) == ([handoff.id for handoff in made], 2)


def test_closing_ends_an_offer_that_waits_and_no_other(session: Session) -> None:
    """What is claimed stays claimed; what was never offered has nothing to end."""
    lead = session.scalars(select(Lead).where(col(Lead.number) == 2)).one()
    assert handoffs.close_offer(session, lead, actor(session), NOW) is None
    handoff = offer(session, "L-1")
    handoffs.claim_handoff(session, actor(session, SALES), handoff.id, NOW)
    assert handoffs.close_offer(session, lead_of(session, handoff), actor(session), NOW) is None
    assert as_stored(session, handoff).state is HandoffState.CLAIMED
    waiting = offer(session, "L-2")
    ended = handoffs.close_offer(session, lead_of(session, waiting), actor(session), NOW)
    assert ended is not None
    assert as_stored(session, ended).state is HandoffState.WITHDRAWN


def test_whoever_offers_a_lead_is_told_of_it_and_keeps_whose_it_is(session: Session) -> None:
    """A manager who offers somebody's lead hears of the handoff; the lead stays with its marketer."""
    lead = session.scalars(select(Lead).where(col(Lead.number) == 1)).one()
    lead.marketer_id = OTHER
    handoff = offer(session, "L-1")
    assert (handoff.marketer_id, handoff.offered_by_id) == (MANAGER, MANAGER)
    assert (lead.marketer_id, lead.stage) == (OTHER, Stage.MQL)
