"""Many people at once: one winner of a claim, one effect of a double click, in whatever way they come."""

from functools import partial

import pytest
from sqlalchemy import select

from models.delivery import Delivery, DeliveryKind
from models.records import Change, ChangeKind
from playground.seed import SALES
from tests.journeys.steps import NAKAMURA, at_once, offer
from tests.office import Office


def changes(office: Office, kind: ChangeKind) -> int:
    """Count what was done, of one kind."""
    with office.bot.database.read() as session:
        return len(session.scalars(select(Change).where(Change.kind == kind)).all())  # type: ignore[arg-type]


def test_one_of_many_claims_wins(office: Office) -> None:
    """Button, reaction and command of three people, again and again: one owner each time, and the rest are told who."""
    people = (office.aoki, office.sato, office.mori)
    for number in range(4):
        card = offer(office, f"add 鈴木 {number}号 x{number}@example.co.jp")
        at_once(
            partial(people[number % 3].click, card, "handoff.claim"),
            partial(people[(number + 1) % 3].react, card, "raised_hand"),
            partial(people[(number + 2) % 3].command, SALES, f"/lead claim L-{number + 1}"),
        )
        office.answered()
        office.deliver()
        handoff = office.handoffs()[-1]
        assert handoff.state == "claimed"
        assert handoff.owner_id == office.lead(number + 1).owner_id
        assert changes(office, ChangeKind.CLAIMED) == number + 1
        told = [person.private_answers(SALES)[-1].text for person in people]
        assert sum("の担当はあなたです" in text or "is yours" in text for text in told) == 1
        assert sum("引き受けました" in text or "claimed" in text for text in told) == 2


def test_double_click_claims_once(office: Office) -> None:
    """Two clicks of one person at once: theirs, and nobody hears that they lost to themselves."""
    card = offer(office)
    at_once(*[lambda: office.aoki.click(card, "handoff.claim")] * 3)
    office.answered()
    assert changes(office, ChangeKind.CLAIMED) == 1
    answers = [message.text for message in office.aoki.private_answers(SALES)]
    assert len(answers) == 3
    assert all("あなたの担当" in text or "担当はあなた" in text for text in answers)


def test_same_envelope_at_once_has_one_effect(office: Office) -> None:
    """Slack's copies of one command arrive together."""
    body = office.say(office.tanaka, "find nobody").body
    copies = {**body, "text": NAKAMURA, "trigger_id": "once.only"}
    at_once(*[lambda: office.tanaka.send("slash_commands", copies)] * 4)
    assert len(office.leads()) == 1
    log = {**body, "text": "log L-1 電話", "trigger_id": "log.once"}
    at_once(*[lambda: office.tanaka.send("slash_commands", log)] * 4)
    assert len(office.touchpoints()) == 1


def test_form_sent_twice_at_once_saves_once(office: Office) -> None:
    """The impatient press Enter twice."""
    office.say(office.tanaka, "add")
    office.tanaka.submit({"name": "山田", "phone": "1", "source": "card"})
    body = office.workspace.calls.of("interactive")[-1].args["body"]
    body["view"]["state"]["values"]["phone"]["v"]["value"] = "03-1234-5678"
    at_once(*[lambda: office.tanaka.send("interactive", body)] * 4)
    assert [lead.name for lead in office.leads()] == ["山田"]


@pytest.mark.parametrize("other", ["withdraw L-1", "lost L-1 競合", "assign L-1 Sato"])
def test_claim_against_what_ends_the_offer(office: Office, other: str) -> None:
    """Either comes first; the lead and its handoff agree afterwards, and there is one card."""
    card = offer(office)
    at_once(lambda: office.aoki.click(card, "handoff.claim"), lambda: office.say(office.mori, other))
    office.answered()
    office.deliver()
    lead, handoff = office.lead(), office.handoffs()[0]
    agreed = {("SQL", "claimed"), ("INQUIRY", "withdrawn"), ("CLOSED", "withdrawn"), ("CLOSED", "claimed")}
    assert (str(lead.stage), str(handoff.state)) in agreed
    if handoff.state == "claimed":
        assert handoff.owner_id == lead.owner_id
    assert len(office.cards()) == 1


def test_many_contacts_at_once_are_all_counted(office: Office) -> None:
    """Eight contacts of four people: each is logged, the score has all their points, and one offer is opened."""
    office.say(office.tanaka, NAKAMURA)
    people = (office.tanaka, office.aoki, office.sato, office.mori)
    at_once(*[lambda one=one: office.say(one, "log L-1 デモ依頼") for one in people * 2])
    office.deliver()
    assert len(office.touchpoints()) == 8
    assert len(office.handoffs()) == 1
    assert len(office.cards()) == 1
    with office.bot.database.read() as session:
        kinds = session.scalars(select(Delivery.kind)).all()  # type: ignore[call-overload]
    assert kinds.count(DeliveryKind.HANDOFF_CARD) == 1
    shown = office.say(office.tanaka, "show L-1").text
    assert f"スコア {15 + 8 * 25}" in shown
