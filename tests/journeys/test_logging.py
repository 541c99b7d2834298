"""Contacts are logged by a line or by the form, in both languages."""

from datetime import datetime

from models.touchpoint import Direction, TouchpointKind
from tests.journeys.steps import NAKAMURA, SMITH, claim, form_of, initial
from tests.office import MORNING, Office

NOON_YESTERDAY = datetime.fromisoformat("2026-11-23T12:00:00+09:00")


def test_lead_is_named_by_number_address_or_name(small_office: Office) -> None:
    """However the lead is named, the contact is logged on it."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    for typed in ("log L-1", "記録 l1", "接点 Ｌ－１", "touch r.nakamura@minamo-seiki.example", "log 中村 理恵"):
        assert "L-1" in office.say(office.tanaka, f"{typed} 電話 折り返し待ち").text, typed
        assert office.touchpoints()[-1].note == "折り返し待ち", typed


def test_kinds_directions_and_days_in_both_languages(small_office: Office) -> None:
    """Each line says kind, direction, day and note in whatever language it was typed."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    lines = {
        "電話": (TouchpointKind.CALL, Direction.OUTBOUND, MORNING, ""),
        "受電 昨日 見積もり希望": (TouchpointKind.CALL, Direction.INBOUND, NOON_YESTERDAY, "見積もり希望"),
        "メール 先方から ありがとう": (TouchpointKind.EMAIL, Direction.INBOUND, MORNING, "ありがとう"),
        "資料請求 2026-11-20 14:00": (
            TouchpointKind.WHITEPAPER, Direction.INBOUND, datetime.fromisoformat("2026-11-20T14:00:00+09:00"), ""),
        "call in yesterday asks for a quote": (
            TouchpointKind.CALL, Direction.INBOUND, NOON_YESTERDAY, "asks for a quote"),
        "meeting went well at:2026-11-23": (
            TouchpointKind.MEETING, Direction.OUTBOUND, NOON_YESTERDAY, "went well"),
        "trade show": (TouchpointKind.TRADE_SHOW, Direction.INBOUND, MORNING, ""),
    }  # fmt: skip
    for line, (kind, direction, at, note) in lines.items():
        answer = office.say(office.sato, f"log L-1 {line}")
        assert "Logged" in answer.text, answer.text
        touch = office.touchpoints()[-1]
        assert (touch.kind, touch.direction, touch.at, touch.note) == (kind, direction, at, note)
    assert office.lead().last_touch_at == MORNING


def test_form_takes_the_next_step_in_the_same_breath(small_office: Office) -> None:
    """Kind, direction, when, what was said, and what comes next, in one form."""
    office = small_office
    office.say(office.sato, SMITH)
    office.say(office.sato, "log L-1")
    view = form_of(office.sato)
    assert view.body["title"]["text"] == "Log touchpoint"
    assert initial(view, "at") == int(MORNING.timestamp())
    office.sato.submit(
        {"kind": "meeting", "direction": "inbound", "at": NOON_YESTERDAY, "note": "two lines\nof note",
         "next_on": "2026-12-01", "next_what": "send the offer"}
    )  # fmt: skip
    assert "Logged" in office.heard(office.sato)
    (touch,) = office.touchpoints()
    assert (touch.kind, touch.direction, touch.at) == ("meeting", "inbound", NOON_YESTERDAY)
    assert touch.note == "two lines\nof note"
    lead = office.lead()
    assert (str(lead.follow_up_on), lead.follow_up_note) == ("2026-12-01", "send the offer")


def test_form_without_a_lead_asks_which_one(small_office: Office) -> None:
    """What was typed already stands in the form; an unknown lead is refused at its field."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "log メール 先方から ありがとう")
    view = form_of(office.tanaka)
    assert initial(view, "kind")["value"] == "email"
    assert initial(view, "direction")["value"] == "inbound"
    assert initial(view, "note") == "ありがとう"
    assert office.tanaka.submit({"lead": "L-99"}).errors.keys() == {"lead"}
    assert office.tanaka.submit({"lead": "中村 理恵"}).outcome == "cleared"
    assert office.touchpoints()[0].note == "ありがとう"


def test_form_refuses_at_the_field_what_cannot_be(small_office: Office) -> None:
    """A contact has happened and a next step has not."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "log L-1")
    tomorrow = datetime.fromisoformat("2026-11-25T12:00:00+09:00")
    assert office.tanaka.submit({"at": tomorrow}).errors.keys() == {"at"}
    assert office.tanaka.submit({"at": MORNING, "next_on": "2026-11-23"}).errors.keys() == {"next_on"}
    assert office.touchpoints() == []
    assert office.tanaka.submit({"next_on": "2026-11-24"}).outcome == "cleared"


def test_own_contact_stops_the_first_contact_clock(small_office: Office) -> None:
    """Only the owner's own contact counts as the first."""
    office = small_office
    claim(office)
    office.say(office.tanaka, "log L-1 電話")
    assert office.handoffs()[0].contact_due_at is not None
    office.say(office.aoki, "log L-1 電話")
    assert office.handoffs()[0].contact_due_at is None
    office.say(office.aoki, "undo")
    assert office.handoffs()[0].contact_due_at is not None
