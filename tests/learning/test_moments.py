"""Nothing that happened after the moment a closed lead is looked at enters, whatever it was."""

from datetime import timedelta

from models.lead import Lead, Outcome
from models.learning import EXTRA, RECENCY, TOUCHES
from models.touchpoint import Direction, Touchpoint, TouchpointKind
from services import scoring
from services.learning_rows import cells_now, cells_of, closed_rows, count_closed, moment_of
from services.workspaces import get_workspace
from tests.journeys.steps import NAKAMURA
from tests.office import Office


def closed(office: Office) -> Lead:
    """Have a lead added, touched, offered, claimed, talked to, completed and won, over many days."""
    office.say(office.tanaka, NAKAMURA)
    office.clock.move(days=1)
    office.say(office.tanaka, "log L-1 資料請求")
    office.clock.move(days=5)
    office.say(office.tanaka, "qualify L-1 予算が付いた")
    office.say(office.aoki, "claim L-1")
    office.clock.move(days=3)
    office.say(office.aoki, "log L-1 商談")
    office.say(office.aoki, "edit L-1 予算:300万円 検討状況:稟議 立場:決裁者 役職:代表取締役")
    office.clock.move(days=9)
    office.say(office.aoki, "won L-1 価格で決まった")
    return office.lead()


def test_a_closed_lead_is_seen_as_it_was_before_its_offer(office: Office) -> None:
    """Neither the meeting, nor the answers of the seven, nor the new title, nor the closing note were known then."""
    lead = closed(office)
    assert lead.outcome is Outcome.WON
    with office.bot.database.read() as session:
        rules = scoring.rules_of(get_workspace(session, lead.workspace_id))
        (row,), following = closed_rows(session, lead.workspace_id, Outcome.WON, None, rules)
        assert (count_closed(session, lead.workspace_id).won, following) == (1, None)
    cells = row.cells
    assert row.is_won
    assert cells.keys().isdisjoint({"budget", "progress", "role", f"{TOUCHES}outbound", f"{RECENCY}outbound"})
    assert (cells["title"], cells["email"], cells["company"]) == ("director", "business", "known")
    offered_at = office.handoffs()[0].offered_at
    assert lead.created_at <= moment_of(lead, offered_at) <= offered_at
    assert row.score < 60


def test_an_open_lead_is_seen_as_it_is_now(office: Office) -> None:
    """All of its touchpoints count, by kind and direction, and how long ago the last was."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "log L-1 資料請求")
    office.say(office.tanaka, "log L-1 架電")
    office.clock.move(days=2)
    with office.bot.database.read() as session:
        (cells,) = cells_now(session, [session.merge(office.lead(), load=False)], office.clock())
    assert cells[f"{TOUCHES}inbound"] == cells[f"{TOUCHES}whitepaper:inbound"] == 1
    assert cells[f"{TOUCHES}call:outbound"] == 1
    assert round(float(cells[f"{RECENCY}inbound"])) == 2


def test_what_ended_it_never_enters(small_office: Office) -> None:
    """Owner, stage, outcome, closing note, follow-up and score columns are not read at all."""
    lead = closed(small_office)
    at = small_office.clock()
    named = {"owner", "stage", "outcome", "closed_note", "follow_up", "fit_points", "hot", "returned", "recycled"}
    cells = cells_of(lead, small_office.touchpoints(), at)
    assert not [name for name in cells if any(word in name for word in named)]
    changed = lead.model_copy(update={"closed_note": "x", "owner_id": 1, "is_recycled": True, "fit_points": 99.0})
    assert cells_of(changed, small_office.touchpoints(), at) == cells


def test_touchpoints_after_the_moment_do_not_count(small_office: Office) -> None:
    """The same lead a minute before and after a demo differs by that demo alone."""
    small_office.say(small_office.tanaka, NAKAMURA)
    lead, at = small_office.lead(), small_office.clock() + timedelta(days=1)
    demo = Touchpoint(
        workspace_id=lead.workspace_id, id=1, lead_id=lead.id, kind=TouchpointKind.DEMO, direction=Direction.INBOUND,
        at=at, created_at=at,
    )  # fmt: skip
    before = cells_of(lead, [demo], at - timedelta(minutes=1))
    after = cells_of(lead, [demo], at)
    assert {name for name in after if name not in before} == {
        f"{TOUCHES}demo:inbound", f"{TOUCHES}inbound", f"{RECENCY}inbound",
    }  # fmt: skip


def test_numbers_and_texts_of_an_import_keep_their_kind(small_office: Office) -> None:
    """What came as a number stays one, the rest is text."""
    small_office.say(small_office.tanaka, NAKAMURA)
    lead = small_office.lead().model_copy(update={"extra": {"従業員数": 300, "業種": "製造業", "継続": True}})
    cells = cells_of(lead, [], small_office.clock())
    assert (cells[f"{EXTRA}従業員数"], cells[f"{EXTRA}業種"], cells[f"{EXTRA}継続"]) == (300.0, "製造業", "True")
