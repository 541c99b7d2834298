"""A dormant lead does something by itself: told at once to whoever knew it last, and to nobody twice."""

from models.delivery import DeliveryKind, DeliveryState
from models.lead import Lead
from models.touchpoint import TouchpointKind
from models.workspace import Workspace
from playground.entities import Message
from playground.people import Person
from playground.seed import MARKETING
from services.hooks import receive_touchpoint
from services.touchpoints import Contact
from tests.jobs.outbox import outbox
from tests.journeys.steps import NAKAMURA, SMITH, buttons, claim, form_of, unchanged
from tests.office import Office

BACK = DeliveryKind.REAWAKENED


def asleep(office: Office) -> None:
    """Let thirty-four days go by after Aoki has claimed the lead and met it, and the job flag it."""
    claim(office)
    office.say(office.aoki, "log L-1 商談 見積もりを提出")
    office.clock.move(days=34)
    assert office.run("dormant") == 1
    assert office.lead().dormant_since is not None


def visits(office: Office, lead: Lead | None = None, kind: TouchpointKind = TouchpointKind.WEBINAR) -> None:
    """Have another system report that the lead did something, and what follows from it happen."""
    label = (lead or office.lead()).label
    with office.bot.database.write() as session:
        contact = Contact(kind, note="棚卸しを半日で終える")
        receive_touchpoint(session, office.bot.workspace_id, label, contact, office.clock())
    office.run("hot")
    office.deliver()


def news_of(person: Person, before: int) -> list[Message]:
    """Return the direct messages that somebody got after their first `before`."""
    return person.dms()[before:]


def test_owner_hears_at_once_what_a_dormant_lead_did_and_where_it_had_stopped(office: Office) -> None:
    """A webinar after 34 days: one message to the owner, with the note, the last contact, and a follow-up to plan."""
    asleep(office)
    before = len(office.aoki.dms())
    visits(office)
    (told,) = news_of(office.aoki, before)
    assert "34日ぶりに動きました" in told.text
    shown = str(told.blocks)
    assert "🌱 *34日ぶりに動きがありました：ミナモ精機株式会社　中村 理恵 様*" in told.blocks[0]["text"]["text"]
    assert "棚卸しを半日で終える" in shown
    assert "商談・打ち合わせ：見積もりを提出" in shown
    assert "担当 あなた" in shown
    assert buttons(told) == {"followup.form": "L-1", "touchpoint.form": "L-1", "lead.show": "L-1"}
    assert office.aoki.click(told, "followup.form").ok
    assert form_of(office.aoki).callback_id == "followup.plan"
    lead = office.lead()
    assert (lead.dormant_since, lead.dormant_at is not None) == (None, True)


def test_a_touchpoint_is_told_once_and_the_next_is_none_of_the_news(office: Office) -> None:
    """The lead is awake by the first: a second visit is an ordinary touchpoint."""
    asleep(office)
    before = len(office.aoki.dms())
    visits(office)
    visits(office)
    office.run("dormant")
    assert len(news_of(office.aoki, before)) == 1
    assert len(outbox(office, BACK)) == 1


def test_it_replaces_the_hot_alert(small_office: Office) -> None:
    """A demo request that makes it hot as well: the news says so, and nobody is alerted for a week."""
    office = small_office
    asleep(office)
    for kind in ("資料請求", "セミナー", "商談", "電話 先方から"):
        office.say(office.tanaka, f"log L-1 {kind}")
    office.run("hot")
    before = len(office.aoki.dms())
    with office.bot.database.write() as session:
        lead = session.get_one(Lead, (office.bot.workspace_id, office.lead().id))
        lead.hot_since = lead.hot_alerted_at = lead.cools_at = None
        lead.dormant_since, lead.dormant_at = office.clock(), None
    office.clock.move(minutes=1)
    visits(office, kind=TouchpointKind.DEMO_REQUEST)
    (told,) = news_of(office.aoki, before)
    assert "🌱" in str(told.blocks)
    assert "🔥" in str(told.blocks)
    assert office.lead().hot_alerted_at == office.clock()


def test_last_owner_of_a_returned_lead_hears(office: Office) -> None:
    """Aoki had given it back: the lead is marketing's, and Aoki hears all the same that it is back, and why it went."""
    claim(office)
    office.say(office.aoki, "return L-1 時期尚早 2027-03-01 来期に")
    office.clock.move(days=91)
    office.run("dormant")
    assert office.lead().dormant_since is not None
    before = len(office.aoki.dms()), len(office.tanaka.dms())
    visits(office, kind=TouchpointKind.PAGE_VIEW)
    (told,) = news_of(office.aoki, before[0])
    assert "時期が早い" in str(told.blocks)
    assert news_of(office.tanaka, before[1]) == []


def test_marketer_hears_while_nobody_ever_owned_it(small_office: Office) -> None:
    """In the language of whoever reads."""
    office = small_office
    office.say(office.tanaka, SMITH)
    office.clock.move(days=90)
    office.run("dormant")
    before = len(office.tanaka.dms())
    visits(office)
    (told,) = news_of(office.tanaka, before)
    assert "90日ぶり" in told.text
    assert "登録" in str(told.blocks)


def test_news_without_anybody_to_tell_goes_to_marketing_masked(small_office: Office) -> None:
    """Who added it has left: the channel hears, and an address in the note is masked there."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.workspace.change_user(office.tanaka.user.id, deleted=True)
    office.run("members")
    office.clock.move(days=90)
    office.run("dormant")
    with office.bot.database.write() as session:
        contact = Contact(TouchpointKind.FORM, note="返信は r.nakamura@minamo-seiki.example へ")
        receive_touchpoint(session, office.bot.workspace_id, "L-1", contact, office.clock())
    office.deliver()
    told = [message for message in office.mori.sees(MARKETING) if "🌱" in str(message.blocks)]
    assert len(told) == 1
    assert "r.nakamura@" not in str(told[0].blocks)


def test_an_offer_says_it_in_its_place(small_office: Office) -> None:
    """The touchpoint takes it over the MQL threshold: the card in the channel is all that is said."""
    office = small_office
    office.say(office.tanaka, f"{NAKAMURA} source:referral role:decider")
    office.clock.move(days=90)
    office.run("dormant")
    before = len(office.tanaka.dms())
    with office.bot.database.write() as session:
        session.get_one(Workspace, office.bot.workspace_id).mql_threshold = 50
    visits(office, kind=TouchpointKind.DEMO_REQUEST)
    assert office.lead().stage == "MQL"
    assert len(office.cards()) == 1
    assert news_of(office.tanaka, before) == []
    assert outbox(office, BACK) == []


def test_our_own_call_wakes_it_without_news_and_what_they_say_themselves_is_their_answer(office: Office) -> None:
    """An outbound call is no news. An inbound one that the owner logs stands in the owner's answer, and nowhere else."""
    asleep(office)
    before = len(office.aoki.dms())
    assert "ぶりに" not in office.say(office.aoki, "log L-1 電話 こちらから").text
    assert office.lead().dormant_since is None
    office.clock.move(days=34)
    office.run("dormant")
    before = len(office.aoki.dms())
    assert "34日ぶりに動きがありました" in office.say(office.aoki, "log L-1 電話 先方から").text
    office.run("hot")
    assert [message for message in news_of(office.aoki, before) if "🌱" in str(message.blocks)] == []


def test_news_that_was_undone_before_it_left_is_not_sent(office: Office) -> None:
    """A slip of marketing's: undone within the second, the lead sleeps as before and nobody heard of it."""
    asleep(office)
    slept_since = office.lead().dormant_since
    before = len(office.aoki.dms())
    office.bot.deliverer.stopping.set()
    office.say(office.tanaka, "log L-1 ウェビナー")
    office.say(office.tanaka, "undo")
    office.bot.deliverer.stopping.clear()
    office.deliver()
    assert office.lead().dormant_since == slept_since
    assert news_of(office.aoki, before) == []
    assert [row.state for row in outbox(office, BACK)] == [DeliveryState.DROPPED]


def test_news_that_was_read_says_that_it_was_undone(small_office: Office) -> None:
    """Marketing logged the wrong lead's webinar and takes it back after Aoki was told: the message says so."""
    office = small_office
    asleep(office)
    office.say(office.tanaka, "log L-1 ウェビナー")
    office.deliver()
    assert "🌱" in str(office.aoki.dms()[-1].blocks)
    office.say(office.tanaka, "undo")
    office.deliver()
    assert "取り消されました" in office.aoki.dms()[-1].text


def test_a_contact_of_long_ago_wakes_nobody(office: Office) -> None:
    """Logged today, but of a day so long ago that the lead would still sleep: no news, and no second notice."""
    asleep(office)
    office.clock.move(days=30)
    office.say(office.tanaka, "log L-1 ウェビナー at:2026-11-26")
    assert office.lead().dormant_since is not None
    assert outbox(office, BACK) == []
    assert office.run("dormant") == 0


def test_repeated_report_of_one_touchpoint_changes_nothing(office: Office) -> None:
    """The job and the deliverer run again: nothing is left to say."""
    asleep(office)
    visits(office)
    with unchanged(office):
        office.run("hot")
        office.run("dormant")
        office.deliver()
