"""A message in Slack is made into a lead, or logged on one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.lead import Source
from playground.entities import Message
from playground.people import Person
from playground.seed import MARKETING, PARTNERS, SALES
from tests.journeys.steps import NAKAMURA, SMITH, claim, form_of, initial, post, unchanged
from tests.office import MORNING, Office, open_office
from tests.postgres import usual_url

MANIFEST = Path(__file__).parents[2] / "manifest.json"
CARD = """昨日の展示会でいただいた名刺です。
株式会社はなみずき
総務部 部長　森川 葵
〒220-0012 神奈川県横浜市西区みなとみらい一丁目一番一号
TEL 045-555-0198　FAX 045-555-0199
aoi.morikawa@hanamizuki.example"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office that has installed the app as its manifest says."""
    with usual_url(tmp_path, migrated=True) as url, open_office(url) as office:
        office.workspace.install(json.loads(MANIFEST.read_text(encoding="utf-8")))
        yield office


def say(office: Office, text: str = CARD, person: Person | None = None, channel: str = MARKETING) -> Message:
    """Have somebody (Tanaka) write a message."""
    return (person or office.tanaka).say(channel, text)


def test_message_becomes_a_lead(office: Office) -> None:
    """The form opens filled in; what it has no inputs for is kept, with the message and where it stands."""
    message = say(office)
    assert office.mori.message_shortcut("lead.from_message", message).ok
    view = form_of(office.mori)
    shown = {name: initial(view, name) for name in ("name", "company", "title", "email", "phone")}
    assert shown == {
        "name": "森川 葵",
        "company": "株式会社はなみずき",
        "title": "総務部 部長",
        "email": "aoi.morikawa@hanamizuki.example",
        "phone": "045-555-0198",
    }
    assert initial(view, "source")["value"] == "trade_show"
    note = initial(view, "note")
    assert note.startswith("昨日の展示会で")
    assert "田中" in note
    assert f"/archives/{MARKETING}/p{message.ts.replace('.', '')}" in note
    assert office.leads() == []
    assert office.mori.submit({}).outcome == "cleared"
    lead = office.lead()
    assert (lead.name, lead.source, lead.note) == ("森川 葵", Source.TRADE_SHOW, note)
    assert lead.extra == {"address": "〒220-0012 神奈川県横浜市西区みなとみらい1-1-1", "fax": "045-555-0199"}
    assert "L-1" in office.heard(office.mori, MARKETING)


def test_known_person_is_asked_about_and_keeps_what_the_card_adds(office: Office) -> None:
    """A card of somebody known ends in the question, as a typed line does."""
    office.say(office.tanaka, "add 森川 葵, aoi.morikawa@hanamizuki.example")
    office.mori.message_shortcut("lead.from_message", say(office))
    assert office.mori.submit({}).outcome == "pushed"
    assert office.mori.submit({"choice": "add_to:L-1"}).outcome == "cleared"
    assert (len(office.leads()), office.lead().company) == (1, "株式会社はなみずき")


def test_long_message_is_cut_and_keeps_its_origin(office: Office) -> None:
    """Slack's form takes so much and no more; where the message stands is never what is cut."""
    office.mori.message_shortcut("lead.from_message", say(office, CARD + "\n" + "長い説明です。" * 400))
    note = initial(form_of(office.mori), "note")
    assert len(note) <= 1000
    assert "…" in note
    assert "/archives/" in note
    assert office.mori.submit({"source": "card"}).outcome == "cleared"


def test_what_a_form_brings_back_is_not_believed(office: Office) -> None:
    """The form's own notes went through a person's hands: only known fields of known length are kept."""
    office.mori.message_shortcut("lead.from_message", say(office))
    view = form_of(office.mori)
    extra = {"address": "x" * 5000, "fax": ["1"], "website": "a\0b", "stage": "CLOSED", "rev": 9}
    body = {
        "type": "view_submission",
        "user": {"id": office.mori.id, "team_id": office.workspace.team.id},
        "team": {"id": office.workspace.team.id},
        "view": {
            "id": view.id,
            "type": "modal",
            "callback_id": "lead.add",
            "private_metadata": json.dumps({"extra": extra}),
            "state": {"values": {"name": {"v": {"type": "plain_text_input", "value": "森川 葵"}}}},
        },
    }
    assert post(office, body).status == 200
    assert office.lead().extra == {"address": "x" * 300, "website": "ab"}
    assert office.lead().stage == "INQUIRY"


def test_message_of_an_app_is_read_from_its_blocks(office: Office) -> None:
    """A form's notice has no text of its own; a message without anything opens the empty form."""
    message = say(office)
    body = {
        "type": "message_action",
        "callback_id": "lead.from_message",
        "trigger_id": office.workspace.tickets.trigger(office.mori.id, MARKETING),
        "user": {"id": office.mori.id, "team_id": office.workspace.team.id},
        "team": {"id": office.workspace.team.id, "domain": "evil.example/?"},
        "channel": {"id": MARKETING},
        "message_ts": message.ts,
        "message": {
            "ts": message.ts,
            "text": "",
            "username": "Web <form>",
            "blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": "お名前：佐々木 さくら"}},
                {"type": "section", "fields": [{"type": "mrkdwn", "text": "会社名：有限会社ハナミズキ工房"}]},
                {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                    {"type": "text", "text": "メール：sakura@hanamizuki.example"}]}]},
            ],
        },
    }  # fmt: skip
    assert post(office, body).status == 200
    view = form_of(office.mori)
    assert [initial(view, name) for name in ("name", "company", "email")] == [
        "佐々木 さくら", "有限会社ハナミズキ工房", "sakura@hanamizuki.example"]  # fmt: skip
    assert "Web <form>" in initial(view, "note")
    assert "http" not in initial(view, "note")
    office.mori.close()
    body |= {"message": {}, "trigger_id": office.workspace.tickets.trigger(office.mori.id, MARKETING)}
    assert post(office, body).status == 200
    assert initial(form_of(office.mori), "name") is None


def test_message_is_logged_on_the_lead_that_it_names(office: Office) -> None:
    """The address in the message chooses the lead; its text is the note, its time the contact's."""
    office.say(office.tanaka, NAKAMURA)
    office.clock.now = office.workspace.now() + timedelta(hours=3)
    message = say(office, "R.Nakamura@minamo-seiki.example さんから電話。見積もり希望。")
    assert office.mori.message_shortcut("touchpoint.from_message", message).ok
    view = form_of(office.mori)
    assert initial(view, "lead")["value"] == "L-1"
    assert office.mori.submit({"kind": "call", "direction": "inbound"}).outcome == "cleared"
    (touch,) = office.touchpoints()
    assert touch.at == datetime.fromtimestamp(int(float(message.ts)), UTC)
    assert touch.note.startswith("R.Nakamura@minamo-seiki.example さんから電話。")
    assert "/archives/" in touch.note
    assert "L-1" in office.heard(office.mori, MARKETING)


def test_lead_is_found_as_somebody_types(office: Office) -> None:
    """The menu offers one's own leads, then what fits the words; closed ones take no contact."""
    claim(office)
    for number in range(30):
        office.say(office.tanaka, f"add 候補 {number:02}, 候補{number:02}株式会社")
    office.say(office.mori, "lost L-2 予算なし")
    office.aoki.message_shortcut("touchpoint.from_message", say(office, "電話しました", office.aoki, SALES))
    view = form_of(office.aoki)
    assert initial(view, "lead") is None

    def offered(typed: str) -> list[str]:
        found = office.aoki.suggest(view, "lead.pick", typed)
        assert found.error == ""
        return [option["value"] for option in found.options]

    assert offered("") == ["L-1"]
    assert offered("候補29") == ["L-31"]
    assert offered("l-1") == ["L-1"]
    assert offered("nobody at all") == []
    assert len(offered("候補")) == 20
    assert offered("候補00") == []
    assert offered("x" * 9000) == []
    assert office.aoki.submit({"lead": "L-31"}).outcome == "cleared"
    assert office.touchpoints()[-1].lead_id == office.lead(31).id


def test_message_from_the_future_is_logged_as_now(office: Office) -> None:
    """Slack's clock and ours need not agree; a contact has happened."""
    office.say(office.sato, SMITH)
    office.sato.message_shortcut("touchpoint.from_message", say(office, "L-1 called", office.sato, SALES))
    view = form_of(office.sato)
    assert initial(view, "at") == int(MORNING.timestamp())
    assert initial(view, "lead")["value"] == "L-1"


def test_guests_and_strangers_get_neither_form_nor_leads(office: Office) -> None:
    """Reading a message in a shared channel is everybody's; leads are not."""
    office.say(office.tanaka, NAKAMURA)
    stranger, guest = office.person("stranger"), office.person("guest")
    message = office.mori.say(PARTNERS, CARD)
    in_sales = office.mori.say(SALES, CARD)
    office.mori.message_shortcut("touchpoint.from_message", in_sales)
    view = form_of(office.mori)
    with unchanged(office):
        for person, said in ((stranger, message), (guest, in_sales)):
            for shortcut in ("lead.from_message", "touchpoint.from_message"):
                person.message_shortcut(shortcut, said)
                assert person.view is None
            assert office.heard(person, said.channel)
        for person in (stranger, guest):
            assert person.suggest(view, "lead.pick", "中村").options == []
