"""What single messages say and offer."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from models import errors as refused
from models.errors import Problem
from models.facts import DormantNotice, ListName
from models.handoff import HandoffState, ReturnReason
from models.lead import Consent, Outcome, Stage
from models.member import Member, Right
from tests.views import factories as make
from tests.views.checks import blocks_of, walk
from tests.views.factories import EMAIL, EN, JA, NOW, PHONE
from views import (
    assign_form,
    claim_answers,
    close_form,
    digest,
    duplicates,
    errors,
    followup_form,
    handoff_card,
    handoff_form,
    handoff_notes,
    home,
    lead_card,
    lead_form,
    lists,
    notices,
    replies,
    setup_form,
    touchpoint_form,
    touchpoints,
)
from views.blocks import Message, View
from views.words import Reader


def buttons(built: Message | View) -> dict[str, str]:
    """Return the action ids of a message's buttons with the values that they carry."""
    return {node["action_id"]: node.get("value", "") for node in walk(blocks_of(built)) if node.get("type") == "button"}


def primary(built: Message | View) -> str:
    return next((node["action_id"] for node in walk(blocks_of(built)) if node.get("style") == "primary"), "")


def menu(built: Message | View) -> list[str]:
    return [choice["value"] for node in walk(blocks_of(built)) for choice in node.get("options", ())]


def said(built: Message | View) -> str:
    return json.dumps(blocks_of(built), ensure_ascii=False)


def show(facts: Any, who: Member) -> Message:
    return lead_card.card(facts, who.as_actor(), JA, NOW)


def test_a_saved_lead_says_its_number_first() -> None:
    """People type the number next."""
    message = lead_card.added(make.lead_facts(), EN)
    assert message.text.startswith("Saved as L-12: 中村 理恵")
    assert buttons(message) == {"touchpoint.form": "L-12", "lead.edit": "L-12", "lead.undo_add": "L-12"}


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({"name": "中村"}, "中村 様"),
        ({"company": "ミナモ精機"}, "ミナモ精機"),
        ({"email": EMAIL}, EMAIL),
        ({"phone": PHONE}, PHONE),
        ({}, "名前未登録"),
    ],
)
def test_a_lead_is_named_by_what_is_known(known: dict[str, str], shown: str) -> None:
    """A lead needs no name: company, address or number stand in for it."""
    message = lead_card.added(make.lead_facts(make.nobody(**known)), JA)
    assert message.blocks[0]["text"]["text"].startswith(f"*L-12　{shown}*")


def test_contact_details_go_to_those_who_may_see_them() -> None:
    """Others see the mask, also in the plain text."""
    open_card, masked = (
        show(make.lead_facts(), make.aoki()),
        show(make.lead_facts(may_see_contact=False), make.plain_member()),
    )
    assert EMAIL in said(open_card)
    assert EMAIL not in said(masked) + masked.text
    assert "r•••@minamo-seiki.example・045-•••-••42" in said(masked)


def test_an_awkward_address_is_shown_but_not_linked() -> None:
    """An address that could format or break out of a link stays text."""
    card = show(make.lead_facts(make.lead(email="_a_|b*@x.example", phone="内線 12")), make.aoki())
    assert "mailto:" not in said(card)
    assert "tel:" not in said(card)


def test_an_opted_out_lead_says_so_under_the_name() -> None:
    """Whoever opens the card sees it before they write."""
    card = show(make.lead_facts(make.lead(consent=Consent.NO)), make.aoki())
    assert "⚠️ メール配信：停止（11/12）" in card.blocks[1]["text"]["text"]


def test_a_closed_lead_offers_nothing() -> None:
    """It takes no more changes."""
    card = show(make.lead_facts(make.won()), make.member(is_manager=True, is_marketing=True))
    assert buttons(card) == {"score.why": "L-12"}
    assert "*終了* 受注（11/24）" in said(card)


@pytest.mark.parametrize(
    ("who", "stage", "owner_id", "wanted"),
    [
        (make.aoki(), Stage.SQL, 1, ["won:L-12", "lost:L-12", "return:L-12"]),
        (make.sato(), Stage.SQL, 1, []),
        (make.mori(), Stage.SQL, 1, ["assign:L-12", "won:L-12", "lost:L-12", "return:L-12"]),
        (make.tanaka(), Stage.INQUIRY, None, ["follow:L-12", "lost:L-12"]),
        (make.plain_member(), Stage.INQUIRY, None, []),
    ],
)
def test_the_menu_holds_what_the_reader_may_and_the_stage_allows(
    who: Member, stage: Stage, owner_id: int | None, wanted: list[str]
) -> None:
    """A menu entry that would be refused is none."""
    owner = make.aoki() if owner_id else None
    assert menu(show(make.lead_facts(make.lead(stage=stage, owner_id=owner_id), owner=owner), who)) == wanted


def test_an_offered_lead_is_claimed_from_its_card() -> None:
    """Those who may claim need not look for the card in the channel; others are not led to it."""
    facts = make.lead_facts(make.lead(stage=Stage.MQL), handoff=make.handoff())
    assert primary(show(facts, make.aoki())) == "handoff.claim"
    assert buttons(show(facts, make.aoki()))["handoff.claim"] == "31"
    assert "handoff.claim" not in buttons(show(facts, make.tanaka()))


def test_the_next_step_says_when_and_what() -> None:
    """An instant is a token for each reader's zone; a day without a time stays a day."""
    at_an_hour = show(make.lead_facts(make.lead(follow_up_at=NOW, follow_up_note="デモ")), make.aoki())
    on_a_day = show(make.lead_facts(make.lead(follow_up_on=date(2027, 1, 15))), make.aoki())
    assert "*次の予定* <!date^1795484400^{date_short_pretty} {time}|11/24 10:40>　デモ" in said(at_an_hour)
    assert "*次の予定* 1/15" in said(on_a_day)


def test_a_duplicate_shows_why_and_every_way_out() -> None:
    """Open it, add to it, log on it, save anyway, discard: nothing is saved before the choice."""
    message = duplicates.question(make.duplicates(), make.entry(), JA)
    assert buttons(message) == {
        "lead.show": "L-7",
        "lead.add_to_existing": "81:L-7",
        "touchpoint.form": "L-7",
        "lead.add_anyway": "81",
        "lead.discard_draft": "81",
    }
    assert "メールアドレス（完全一致）" in message.text


def test_several_duplicates_have_no_primary() -> None:
    """Which one is right is not ours to guess."""
    several = make.duplicates(*(make.match(make.lead(number=number)) for number in (7, 8, 9, 10)), count=6)
    message = duplicates.question(several, make.entry(), JA)
    assert primary(message) == ""
    assert "ほか3件" in said(message)
    assert "L-10" not in said(message)


def test_a_hidden_duplicate_shows_number_owner_and_reason_only() -> None:
    """Somebody who may not see the lead learns that it exists and whom to ask."""
    message = duplicates.question(make.duplicates(make.match(may_see=False)), make.entry(), JA)
    assert "中村" not in said(message) + message.text
    assert "担当：青木" in said(message)


def test_the_duplicate_form_chooses_only_where_there_is_one() -> None:
    """With one match, adding to it is likely; with more, nobody knows."""
    one = duplicates.question_form(make.duplicates(), make.entry(), JA, "{}")
    two = duplicates.question_form(
        make.duplicates(make.match(), make.match(make.lead(number=8))), make.entry(), JA, "{}"
    )
    assert one["blocks"][-1]["element"]["initial_option"]["value"] == "add_to:L-7"
    assert "initial_option" not in two["blocks"][-1]["element"]


def test_marketing_hands_off_what_has_turned_hot() -> None:
    """Below the line the next step comes first; the offer is still possible."""
    hot = touchpoints.logged(make.logged(), make.tanaka().as_actor(), JA)
    cold = touchpoints.logged(make.logged(score=make.score(20, 12), turned_hot=False), make.tanaka().as_actor(), JA)
    assert (primary(hot), primary(cold)) == ("handoff.form", "followup.form")
    assert "handoff.form" in buttons(cold)
    assert "🔥" in said(hot)
    assert "🔥" not in said(cold)


def test_a_touchpoint_that_opened_an_offer_says_so() -> None:
    """Nobody hands off again what has just been handed off."""
    message = touchpoints.logged(make.logged(handoff=make.handoff()), make.tanaka().as_actor(), EN)
    assert "Offered to sales" in message.text
    assert "handoff.form" not in buttons(message)


def test_a_score_that_did_not_move_says_so() -> None:
    """The words "+0" would look like a mistake."""
    message = touchpoints.logged(make.logged(score_before=60.0, turned_hot=False), make.aoki().as_actor(), JA)
    assert "*スコア 60* （変わりません）" in said(message)


def test_the_card_shows_addresses_masked_and_notes_without_numbers() -> None:
    """A whole channel reads it."""
    touched = (make.touchpoint(note="折り返し 090-1234-5678 へ"),)
    card = handoff_card.card(make.handoff_facts(touchpoints=touched), JA)
    assert "r•••@minamo-seiki.example・045-•••-••42（引き受けると表示されます）" in said(card)
    assert "090-••••-••78" in said(card)


def test_a_late_claim_says_how_late() -> None:
    """In time or not is what a team talks about."""
    late = make.handoff(HandoffState.CLAIMED, claimed_at=make.DUE_AT + timedelta(minutes=12))
    assert "（2時間12分後、期限超過）" in handoff_card.card(make.handoff_facts(late), JA).text


def test_a_claim_on_another_day_says_the_day() -> None:
    """A time alone would be read as today's."""
    later = make.handoff(HandoffState.CLAIMED, claimed_at=make.OFFERED_AT + timedelta(days=1))
    assert "{date_short_pretty} {time}|11/25 9:40" in said(handoff_card.card(make.handoff_facts(later), JA))


def test_a_reminder_names_those_on_duty_and_nobody_else() -> None:
    """A mention is for people who are expected to act."""
    message = handoff_notes.reminder(make.handoff_facts(make.overdue()), JA)
    assert [f"<@{slack_id}>" in said(message) for slack_id in ("U01AOKI", "U02SATO", "U03TANAKA", "U04MORI")] == [
        True,
        True,
        False,
        False,
    ]
    assert "青木さん、佐藤さん、どなたか" in message.text


@pytest.mark.parametrize(
    ("of", "how"),
    [
        (make.claimed_handoff(), "青木が引き受けました"),
        (make.returned_handoff(), "差し戻し：時期が早い"),
        (make.withdrawn_handoff(), "取り下げ"),
    ],
)
def test_a_settled_reminder_loses_its_button(of: Any, how: str) -> None:
    """Somebody who comes late sees who has it and has nothing to press."""
    for build in (handoff_notes.reminder, lambda facts, reader: handoff_notes.escalation(facts, reader, NOW)):
        message = build(make.handoff_facts(of), JA)
        assert buttons(message) == {}
        assert how in said(message)
        assert "<@" not in said(message)


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        (ReturnReason.TOO_EARLY, "followup.on"),
        (ReturnReason.INCOMPLETE, "lead.edit"),
        (ReturnReason.MISROUTED, "handoff.form"),
        (ReturnReason.NO_FIT, ""),
        (ReturnReason.NO_NEED, ""),
    ],
)
def test_a_return_note_leads_to_the_likely_next_step(reason: ReturnReason, wanted: str) -> None:
    """What marketing does next depends on why it came back."""
    assert primary(handoff_notes.return_note(make.handoff_facts(make.returned_handoff(reason)), JA, None)) == wanted


def test_a_return_note_names_the_marketer_alone_and_links_the_card() -> None:
    """It is theirs to act; in another channel they need the way to the card."""
    link = "https://example.slack.com/archives/C01/p1"
    message = handoff_notes.return_note(make.handoff_facts(make.returned_handoff()), JA, link)
    assert "<@U03TANAKA>" in said(message)
    assert "<@U02SATO>" not in said(message)
    assert f"<{link}|引き渡しのカード>" in said(message)
    assert buttons(message)["followup.on"] == "L-12:2027-01-15"


def test_the_winner_gets_the_contact_details_and_a_first_step() -> None:
    """The claim is worth something at once."""
    message = claim_answers.claim_won(make.claimed(), JA, NOW)
    assert "<tel:0455550142|045-555-0142>" in said(message)
    assert f"<mailto:{EMAIL}|{EMAIL}>" in said(message)
    assert "デモの日程を決める。未確認の項目（検討状況、予算）も伺う" in message.text
    assert "初回連絡の期限：18:00" in message.text


def test_the_loser_is_told_who_and_when_and_what_else_waits() -> None:
    """No drama, and the next thing to do."""
    waiting = [(make.handoff(id=30), make.lead(number=18, name="藤井 彩"))]
    error = refused.AlreadyClaimedError(
        make.lead(), make.aoki(), make.CLAIMED_AT, by_actor=False, waiting=waiting, count=1
    )
    message = claim_answers.claim_lost(error, EN)
    assert message.text.startswith("青木 claimed L-12 at Nov 24, 10:03. One other handoff is waiting. L-18 藤井 彩")
    assert buttons(message) == {"lead.show": "L-18"}


def test_claiming_twice_is_no_loss() -> None:
    """Somebody who clicks again has it already."""
    error = refused.AlreadyClaimedError(make.lead(), make.aoki(), NOW, by_actor=True, waiting=[], count=0)
    assert "すでにあなたの担当です" in claim_answers.claim_lost(error, JA).text


def test_the_command_is_the_workspaces_own() -> None:
    """Whoever named the command otherwise reads that name everywhere."""
    reader = Reader("ja", "Asia/Tokyo", "/riido")
    message = claim_answers.claim_won(make.claimed(), reader, NOW)
    assert "`/riido show L-12`" in said(message)
    assert "/lead" not in said(message)


def test_a_digest_leads_to_the_waiting_handoff() -> None:
    """The most urgent row has the one primary button; every row has a button."""
    message = digest.digest(make.digest(), JA, NOW)
    assert primary(message) == "handoff.claim"
    marketing = digest.digest(make.digest(make.tanaka()), JA, NOW)
    assert primary(marketing) == "touchpoint.form"
    assert "handoff.claim" not in buttons(marketing)


def test_a_digest_shows_three_rows_a_group_and_counts_the_rest() -> None:
    """A long list is not a list of things to do today."""
    message = digest.digest(make.digest(due=make.group(3, total=7)), JA, NOW)
    assert "ほか4件はホームで" in said(message)
    assert "期限 7件" in message.text


def test_a_late_digest_and_a_failed_message_say_so() -> None:
    """Nobody wonders why it comes now, and a manager learns what to do."""
    message = digest.digest(make.digest(make.mori(), is_late=True, failed=(make.undelivered(),)), JA, NOW)
    assert "遅れてお届けしています" in message.text
    assert "`/invite @Baton`" in said(message)
    assert "届かなかったメッセージ 1件" in message.text


def test_a_hot_notice_goes_on_with_the_owner_or_the_handoff() -> None:
    """What to do depends on whether somebody has it."""
    assert primary(notices.hot(make.lead_facts(), 52.0, JA)) == "handoff.form"
    owned = notices.hot(make.lead_facts(owner=make.aoki()), 52.0, JA)
    assert primary(owned) == "touchpoint.form"
    assert "スコア 52 → 78（基準 60）" in owned.text
    assert "→" not in notices.hot(make.lead_facts(), None, JA).text


def test_a_dormant_notice_lets_each_row_go_its_way() -> None:
    """Only what sales holds can go back to marketing; no row is more right than another."""
    rows = (make.row(9, make.lead(number=9, stage=Stage.SQL)), make.row(10))
    message = notices.dormant(DormantNotice(make.aoki(), rows, 2), JA, NOW)
    assert menu(message) == ["follow:L-9", "log:L-9", "return:L-9", "lost:L-9", "follow:L-10", "log:L-10", "lost:L-10"]
    assert primary(message) == ""


@pytest.mark.parametrize("name", ListName)
def test_an_empty_list_says_what_to_do(name: ListName) -> None:
    """An empty screen with nothing to do is a dead end."""
    message = lists.page(name, make.found(0), EN, NOW)
    assert message.text
    assert buttons(message) == {}


def test_a_list_shows_ten_rows_and_counts_the_rest() -> None:
    """Each row says what is due and has its own button."""
    message = lists.page(ListName.DUE, make.found(10, 12), JA, NOW)
    assert sum(node.get("type") == "button" for node in walk(message.blocks)) == 10
    assert "ほか2件" in said(message)
    assert "⏰ 11/20 から超過　デモ後のフォロー" in said(message)


def test_a_form_starts_with_what_was_typed() -> None:
    """What somebody typed before the form opened is not typed twice."""
    view = lead_form.add(make.entry(), JA, "{}")
    values = {block["block_id"]: block["element"].get("initial_value") for block in view["blocks"]}
    assert values["name"] == "中村 理恵"
    assert values["email"] == EMAIL
    assert all(
        block["optional"] for block in view["blocks"] if block["block_id"] in {"name", "company", "email", "phone"}
    )


def test_a_form_for_any_lead_asks_which() -> None:
    """From Home or a shortcut nobody has said which lead it is about."""
    assert touchpoint_form.log(None, JA, "{}", NOW)["blocks"][0]["block_id"] == "lead"


def test_a_planned_step_stands_in_its_form() -> None:
    """Moving a step by a day is one click."""
    view = followup_form.plan(make.lead(follow_up_at=NOW, follow_up_note="デモ"), JA, "{}", date(2026, 11, 24))
    starts = [block["element"] for block in view["blocks"][1:]]
    assert starts[0]["initial_date"] == "2026-11-24"
    assert starts[1]["initial_time"] == "10:40"
    assert starts[2]["initial_value"] == "デモ"


def test_set_up_offers_no_shared_channel() -> None:
    """Personal data never goes to another organisation."""
    view = setup_form.setup(make.setup(), JA, "{}")
    channels = [block["element"] for block in view["blocks"] if block["element"]["type"] == "conversations_select"]
    assert len(channels) == 2
    assert all(channel["filter"]["exclude_external_shared_channels"] for channel in channels)
    assert "いま80点以上のリードは 14件です。" in said(view)


def test_forms_ask_for_the_fields_that_their_handlers_read() -> None:
    """A field that is called otherwise on one side is lost without a word."""
    asked = {
        view["callback_id"]: [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
        for view in (
            setup_form.setup(make.setup(), JA, "{}"),
            followup_form.plan(make.lead(), JA, "{}", date(2026, 11, 24)),
            close_form.close(make.lead(), Outcome.WON, JA, "{}"),
            assign_form.assign(make.lead(), JA, "{}"),
            handoff_form.offer(make.lead_facts(), JA, "{}"),
            lead_form.find(JA, "{}"),
        )
    }
    assert asked == {
        "setup.save": [
            "sales_channel", "marketing_channel", "team_name", "team_locale", "mql_threshold", "hot_threshold",
            "dormant_inquiry_days", "dormant_mql_days", "dormant_sql_days", "dormant_customer_days", "claim_minutes", "working_days",
            "open_from", "open_until", "digest_time",
        ],
        "followup.plan": ["on", "at", "note"],
        "lead.close": ["closed_note"],
        "lead.assign": ["owner"],
        "handoff.offer": ["why_now"],
        "lead.find": ["query"],
    }  # fmt: skip


@pytest.mark.parametrize("problem", Problem)
def test_a_fields_error_fits_under_the_field(problem: Problem) -> None:
    """Slack shows one short line there."""
    for reader in (JA, EN):
        shown = errors.field_message(
            refused.InputError(problem, "note", "<!channel>" * 50, limit=100, nearest="x" * 50), reader
        )
        assert 0 < len(shown) <= 150
        assert "\n" not in shown


def test_an_edit_that_came_late_shows_the_new_value() -> None:
    """The form keeps what was typed, and says what somebody else has saved."""
    assert "300万円" in errors.field_message(refused.StaleEditError(make.lead(), "budget", "300万円"), JA)
    assert errors.field_message(refused.StaleEditError(make.lead(), "budget", ""), EN).startswith(
        "Somebody else cleared"
    )


def test_a_refusal_says_who_can() -> None:
    """Told no, one wants to know whom to ask."""
    message = errors.message(refused.NotAllowedError(Right.QUALIFY, make.tanaka()), EN)
    assert message.text == "Handing off is for marketing and managers. Please ask 田中. Nothing was changed."


def test_an_error_of_a_new_class_still_has_words() -> None:
    """A subclass takes its parent's answer."""

    class NewError(refused.LeadNotFoundError):
        pass

    assert "L-120" in errors.message(NewError("L-120"), JA).text


def test_a_typed_line_comes_back_once_it_is_of_use() -> None:
    """Not after a repeat: what it asked for is done."""
    assert "/lead log" in errors.message(refused.LeadNotFoundError("L-120"), JA, "/lead log L-120 電話").text
    assert "/lead log" not in errors.message(refused.RepeatedRequestError(), JA, "/lead log L-120 電話").text


def test_undoing_an_addition_hands_the_line_back() -> None:
    """What was typed is not lost with the lead."""
    message = replies.undone(make.undone(typed="/lead add 中村 理恵"), JA)
    assert message.blocks[-1]["elements"][0]["elements"][0]["text"] == "/lead add 中村 理恵"
    assert "L-12" in message.text


def test_nothing_edited_says_so() -> None:
    """The word "Saved" would be untrue."""
    assert replies.edited(make.lead(), [], EN).text.startswith("Nothing was changed")


def test_closing_can_be_taken_back() -> None:
    """A slip of the finger must not cost a deal."""
    message = replies.closed(make.won(), JA)
    assert buttons(message)["undo.last"] == "L-12"
    assert message.text.startswith("受注にしました：L-12")


def test_home_leads_everybody_to_their_own_work() -> None:
    """Sales logs, marketing adds, a manager decides."""
    doors = {
        who.name: primary(home.home(make.empty_digest(who), make.found(0), who.as_actor(), JA, NOW))
        for who in (make.aoki(), make.tanaka(), make.mori())
    }
    assert doors == {"青木": "touchpoint.form_any", "田中": "lead.form", "森": ""}
