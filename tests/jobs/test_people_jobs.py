"""Who may do what follows Slack: events at once, a reading at start and daily; raised hands are not forgotten."""

import subprocess
from datetime import date, timedelta

import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import delete, select
from sqlmodel import col

from jobs.table import JOBS, run_job
from models.delivery import DeliveryKind
from models.member import Member, Role, Standing
from models.records import Receipt
from playground.seed import AOKI, BROWN, GUEST, KIM, MORI, SALES, SATO, STRANGER, TANAKA
from services.members import find_member
from services.reactions import claim_by_reaction
from services.records import receive_once, run_once
from services.working_time import is_holiday
from tests.jobs.outbox import become_overdue, claim, offer, outbox, posted, snapshot
from tests.office import Office


def _roles(office: Office, slack_id: str) -> set[Role]:
    with office.bot.database.read() as session:
        member = session.scalars(select(Member).where(col(Member.slack_id) == slack_id)).first()
    return set() if member is None else set(member.roles) - {Role.MEMBER}


def test_channels_make_roles_and_admins_are_managers(office: Office) -> None:
    """Sales, marketing, both; guests and strangers in the channel get nothing."""
    office.workspace.join(SALES, STRANGER)
    office.workspace.join(SALES, KIM)
    office.server.settle()
    office.run("members")
    assert _roles(office, TANAKA) == {Role.MARKETING}
    assert _roles(office, SATO) == {Role.SALES}
    assert _roles(office, KIM) == {Role.MARKETING, Role.SALES}
    assert _roles(office, MORI) == {Role.MARKETING, Role.SALES, Role.MANAGER}
    assert (_roles(office, GUEST), _roles(office, STRANGER), _roles(office, BROWN)) == (set(), set(), set())


def test_people_are_read_page_by_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands on a page: somebody new, somebody known, or nobody who matters here."""
    monkeypatch.setattr("jobs.asking.PAGE", 1)
    office.workspace.faults.lose(times=None)
    office.workspace.join(SALES, KIM)
    office.workspace.change_user(AOKI, name="aoki2")
    office.server.settle()
    with office.bot.database.write() as session:
        session.execute(delete(Member).where(col(Member.slack_id) == KIM))
    office.run("members")
    assert _roles(office, KIM) == {Role.MARKETING, Role.SALES}
    with office.bot.database.read() as session:
        aoki = find_member(session, office.bot.workspace_id, AOKI)
        met = set(session.scalars(select(col(Member.slack_id))))
    assert aoki is not None
    assert aoki.handle == "aoki2"
    assert STRANGER not in met


def test_joining_and_leaving_is_heard_at_once(small_office: Office) -> None:
    """Events keep the roles between two readings."""
    small_office.person("brown").join(SALES)
    assert _roles(small_office, BROWN) == {Role.SALES}
    small_office.person("brown").leave(SALES)
    assert _roles(small_office, BROWN) == set()


def test_reading_puts_right_what_was_missed(small_office: Office) -> None:
    """People joined, left, became and ceased to be admins while Baton was down."""
    office = small_office
    office.workspace.faults.lose(times=None)
    office.workspace.join(SALES, BROWN)
    office.workspace.leave(SALES, SATO)
    office.workspace.change_user(KIM, is_admin=True)
    office.workspace.change_user(MORI, is_admin=False)
    office.server.settle()
    office.workspace.faults.clear()
    office.run("members")
    assert _roles(office, BROWN) == {Role.SALES}
    assert _roles(office, SATO) == set()
    assert _roles(office, KIM) == {Role.MARKETING, Role.MANAGER}
    assert Role.MANAGER not in _roles(office, MORI)


def test_reading_waits_when_slack_asks_to(small_office: Office) -> None:
    """Slack limits long lists in large workspaces: the pages before and after are read all the same."""
    office = small_office
    for number in range(205):
        office.workspace.add_user(f"colleague{number}")
    late = office.workspace.add_user("late", tz="Europe/London")
    office.workspace.join(SALES, late.id)
    office.server.settle()
    for method in ("users.list", "conversations.members"):
        office.workspace.faults.rate_limit(method, retry_after=1)
    office.run("members")
    assert _roles(office, late.id) == {Role.SALES}


def test_channel_that_cannot_be_read_takes_no_roles(small_office: Office) -> None:
    """Slack does not tell who is in the channel: everybody keeps what they have."""
    small_office.workspace.faults.refuse("conversations.members", "not_in_channel", times=None)
    small_office.run("members")
    assert _roles(small_office, SATO) == {Role.SALES}


def test_daily_job_runs_once_a_day_and_again_when_it_failed(office: Office) -> None:
    """A slot that somebody has done is done; one whose run failed is free again."""
    jobs, day = office.bot.jobs, office.clock()
    office.workspace.faults.refuse("users.list", "fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        run_job("members", jobs, slot_day=day)
    assert run_job("members", jobs, slot_day=day) > 0
    assert run_job("members", jobs, slot_day=day) == 0
    assert run_job("members", jobs, slot_day=day + timedelta(days=1)) > 0
    assert JOBS["members"].dry_run(jobs) != 0


def test_hand_raised_while_baton_was_down_claims(office: Office) -> None:
    """Slack does not tell of it again: the card is asked, the claim stands, and whoever came second hears so."""
    offer(office)
    office.deliver()
    (card,) = posted(office)
    office.workspace.faults.lose(times=None)
    office.sato.react(card, "thumbsup", wait=False)
    office.aoki.react(card, "raised_hand::skin-tone-3", wait=False)
    office.sato.react(card, "man-raising-hand", wait=False)
    office.server.settle()
    office.workspace.faults.clear()
    before = snapshot(office)
    assert JOBS["reactions"].dry_run(office.bot.jobs) == 1
    assert snapshot(office) == before
    assert office.run("reactions") == 1
    assert office.run("reactions") == 0
    assert office.handoffs()[0].state == "claimed"
    assert "045" in office.heard(office.aoki) or "L-1" in office.heard(office.aoki)
    assert "Aoki" in office.heard(office.sato) or "青木" in office.heard(office.sato)
    assert "青木" in posted(office)[0].text


def test_hand_of_a_guest_claims_nothing(small_office: Office) -> None:
    """Guests in the channel can do nothing."""
    offer(small_office)
    small_office.deliver()
    (card,) = posted(small_office)
    small_office.workspace.faults.lose(times=None)
    small_office.person("guest").react(card, "raised_hand", wait=False)
    small_office.server.settle()
    assert small_office.run("reactions") == 0
    assert small_office.handoffs()[0].state == "offered"


def test_released_lead_is_not_claimed_again_by_the_old_hand(small_office: Office) -> None:
    """Removing a reaction changes nothing by itself, and neither does one that was answered."""
    offer(small_office)
    small_office.deliver()
    (card,) = posted(small_office)
    small_office.aoki.react(card, "raised_hand")
    small_office.say(small_office.aoki, "release L-1")
    assert small_office.handoffs()[0].state == "offered"
    assert small_office.run("reactions") == 0
    assert small_office.handoffs()[0].state == "offered"


def test_old_hands_count_no_more_however_the_lead_was_claimed(small_office: Office) -> None:
    """One who claimed by a click raised theirs unheard, one was told who was first: what is put back is open to all."""
    office = small_office
    offer(office)
    office.deliver()
    (card,) = posted(office)
    office.aoki.click(card, "handoff.claim")
    office.workspace.faults.lose(times=None)
    office.aoki.react(card, "raised_hand", wait=False)
    office.server.settle()
    office.workspace.faults.clear()
    office.sato.react(card, "raised_hand")
    office.say(office.aoki, "release L-1")
    assert office.run("reactions") == 0
    assert office.handoffs()[0].state == "offered"


def test_only_posted_cards_that_wait_are_read(small_office: Office) -> None:
    """Not the claimed one, not the reminder under the one that waits, and not what Slack does not have yet."""
    office = small_office
    offer(office)
    offer(office)
    office.deliver()
    claim(office, "L-1")
    become_overdue(office)
    office.deliver()
    offer(office)
    office.run("reactions")
    waiting = next(card for card in posted(office) if "L-2" in card.text and not card.is_reply)
    assert [call.args["timestamp"] for call in office.workspace.calls.of("reactions.get")] == [waiting.ts]


def test_hand_tells_whether_it_won(small_office: Office) -> None:
    """The first does; one's own second, somebody else's, and one on a card that was taken back meanwhile do not."""
    office = small_office
    for _ in range(2):
        offer(office)
    office.deliver()
    card, withdrawn = outbox(office, DeliveryKind.HANDOFF_CARD)
    office.say(office.tanaka, "withdraw L-2")
    won = []
    for slack_id, row in ((AOKI, card), (AOKI, card), (SATO, card), (AOKI, withdrawn)):
        with office.bot.database.write() as session:
            member = find_member(session, office.bot.workspace_id, slack_id)
            assert member is not None
            won.append(claim_by_reaction(session, member.as_actor(), row, office.clock()))
    assert won == [True, False, False, False]


def test_reading_reactions_waits_when_slack_asks_to(small_office: Office) -> None:
    """Many open cards at start: Slack limits the calls, and every card is read."""
    for _ in range(2):
        offer(small_office)
    small_office.deliver()
    small_office.workspace.faults.lose(times=None)
    for card in posted(small_office):
        small_office.aoki.react(card, "raising_hand", wait=False)
    small_office.server.settle()
    small_office.workspace.faults.rate_limit("reactions.get", retry_after=1)
    assert small_office.run("reactions") == 2


def test_tidy_deletes_what_nothing_can_ask_for(office: Office) -> None:
    """Receipts go after a week, drafts after a month, job runs after 400 days; leads and messages stay."""
    with office.bot.database.write() as session:
        receive_once(session, office.bot.workspace_id, "old", office.clock() - timedelta(days=8))
        receive_once(session, office.bot.workspace_id, "new", office.clock() - timedelta(days=6))
        run_once(session, office.bot.workspace_id, "digest", "old", office.clock() - timedelta(days=401))
    offer(office)
    before = snapshot(office)
    assert JOBS["tidy"].dry_run(office.bot.jobs) == 2
    assert snapshot(office) == before
    assert run_job("tidy", office.bot.jobs) == 2
    assert run_job("tidy", office.bot.jobs) == 0
    with office.bot.database.read() as session:
        assert [receipt.key for receipt in session.scalars(select(Receipt))].count("new") == 1
    assert len(office.leads()) == 1


def test_claim_of_somebody_not_met_yet_waits_for_the_reading(small_office: Office) -> None:
    """Somebody new raised a hand while Baton was down: read first, they win."""
    offer(small_office)
    small_office.deliver()
    small_office.workspace.faults.lose(times=None)
    small_office.workspace.join(SALES, BROWN)
    small_office.person("brown").react(posted(small_office)[0], "hand", wait=False)
    small_office.server.settle()
    small_office.run("members")
    assert small_office.run("reactions") == 1


def test_reading_brings_the_holidays_of_where_people_live(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing them starts a process: no answer and no lead's lock waits for that, this year or next."""
    lara = small_office.workspace.add_user("lara", tz="Europe/Ljubljana")
    small_office.workspace.join(SALES, lara.id)
    small_office.server.settle()
    small_office.run("members")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: pytest.fail("a process was started"))
    assert is_holiday("SI", date(2026, 2, 8))
    assert not is_holiday("SI", date(2027, 2, 9))


def test_standing_is_kept_from_slack(small_office: Office) -> None:
    """A deactivated colleague is that to us too, and can claim nothing."""
    small_office.workspace.change_user(SATO, deleted=True)
    small_office.run("members")
    with small_office.bot.database.read() as session:
        member = session.scalars(select(Member).where(col(Member.slack_id) == SATO)).one()
    assert member.standing is Standing.DEACTIVATED
    assert member.roles == frozenset()
