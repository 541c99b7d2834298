"""A manager forgets somebody: asked twice, and then the person is nowhere, not even in what Baton has said."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select
from sqlmodel import SQLModel, col

from jobs.table import run_job
from models.erasure import Erasure, Suppression
from models.errors import Problem
from models.handoff import HandoffState
from models.import_chunk import ImportChunk
from models.import_run import ImportRun
from models.records import Change
from playground.seed import MARKETING, SALES
from services.imports import import_file
from tests.journeys.file_steps import press, upload
from tests.journeys.steps import NAKAMURA, answer, at_once, claim, form_of, offer, unchanged
from tests.journeys.test_importing import fetched
from tests.office import Office

TELLS = ("中村", "ミナモ", "minamo", "555-0142", "5550142", "今朝デモ依頼", "折り返し")


def ask_twice(office: Office, label: str = "L-1", typed: str = "") -> None:
    """Have Mori look what would go and confirm it."""
    planned = office.say(office.mori, f"forget {label}").message
    assert planned is not None
    assert office.mori.click(planned, "erasure.confirm_form").ok
    office.mori.submit({"label": typed or label})


def forget(office: Office, label: str = "L-1") -> None:
    """Have Mori forget a lead, and everything that follows be done."""
    ask_twice(office, label)
    office.deliver()
    office.run("forget")


IN_FILES = (*TELLS, "理恵")


def tables_that_tell(office: Office, tells: tuple[str, ...] = TELLS) -> set[str]:
    """Return the tables in which anything still tells of the person."""
    with office.bot.database.read() as session:
        return {
            table.name
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(select(table))
            if any(tell in _text(row) for tell in tells)
        }


def _text(row: Row[Any]) -> str:
    """Return what a row says, the bytes of a file as the words that they are."""
    return " ".join(value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in row)


def messages_that_tell(office: Office, tells: tuple[str, ...] = TELLS) -> list[str]:
    """Return what still tells of the person in any channel, direct message or Home tab, but for private answers."""
    workspace = office.workspace
    standing = [message for place in workspace.channels for message in workspace.messages.in_channel(place)]
    texts = [json.dumps([message.text, message.blocks], ensure_ascii=False) for message in standing]
    homes = [workspace.views.home(user) for user in workspace.users]
    texts += [json.dumps(home.blocks, ensure_ascii=False) for home in homes if home]
    return [text for text in texts if any(tell in text for tell in tells)]


def a_week_with_nakamura(office: Office) -> None:
    """Have Nakamura come, be claimed, spoken to, be due, and stand in everybody's digest and Home."""
    claim(office)
    office.say(office.aoki, "log L-1 電話 折り返し")
    office.say(office.aoki, "follow L-1 明日 中村様に電話")
    office.say(office.tanaka, "add 中村 理恵, ミナモ精機, r.nakamura@minamo-seiki.example")
    office.clock.move(days=1)
    office.run("digest")
    office.aoki.open_home()
    assert messages_that_tell(office)


def test_it_begins_with_a_list(office: Office) -> None:
    """What would go, by kind; looking deletes nothing, and only managers may look."""
    a_week_with_nakamura(office)
    with unchanged(office):
        listed = office.say(office.mori, "forget L-1").text
    for words in ("リード1件", "接点1件", "引き渡し1件", "下書き1件", "メッセージ", "元に戻せません"):
        assert words in listed
    assert "マネージャー" in office.say(office.aoki, "削除 L-1").text
    assert "deleted" not in office.say(office.sato, "forget L-1").text


def test_the_person_is_nowhere_afterwards(office: Office) -> None:
    """No table, no message, no Home tab; the proof says who asked, when and how many rows, and not whom."""
    a_week_with_nakamura(office)
    forget(office)
    assert tables_that_tell(office) == set()
    assert messages_that_tell(office) == []
    (handoff,) = office.handoffs()
    assert (handoff.lead_id, handoff.state, handoff.claimed_at is not None) == (None, HandoffState.CLAIMED, True)
    with office.bot.database.read() as session:
        (erasure,) = session.scalars(select(Erasure))
        changes = session.scalars(select(Change)).all()
    assert (erasure.lead_number, erasure.done_at, erasure.unedited) == (1, office.clock(), 0)
    assert erasure.rows["touchpoint"] == 1
    assert {(change.lead_id, str(change.before)) for change in changes} == {(None, "{}")}
    told = office.mori.dms()[-1]
    assert "L-1 の削除が完了しました" in told.text
    assert "見つかりません" in office.say(office.mori, "show L-1").text


def test_what_stood_in_the_channel_says_that_it_was_deleted(office: Office) -> None:
    """In the channel's language; nothing is left to click, and an old click is answered in words."""
    card = offer(office)
    assert "中村" in card.text
    forget(office)
    (after,) = office.cards()
    assert after.text == "ここに表示されていたリードは削除されました。"
    assert not [block for block in after.blocks if block["type"] == "actions"]
    office.aoki.click(card, "handoff.claim", force=True)
    assert "見つかりません" in office.heard(office.aoki)
    assert office.handoffs()[0].state is HandoffState.WITHDRAWN


def test_yesterdays_digest_loses_them_and_todays_goes_on(office: Office) -> None:
    """The list of a day that is over is emptied; today's is drawn again without the person."""
    offer(office)
    offer(office, "add 大野 玲, 北浜物産, r.ono@kitahama.example", "見積もり希望")
    for _ in range(3):
        office.clock.move(days=1)
        office.run("digest")
    first, second = office.aoki.dms()[-2:]
    assert all("大野" in str(digest.blocks) and "中村" in str(digest.blocks) for digest in (first, second))
    forget(office)
    first, second = (office.workspace.messages.get(m.channel, m.ts) for m in (first, second))
    assert first.text == "ここに表示されていたリードは削除されました。"
    assert "大野" in str(second.blocks)
    assert messages_that_tell(office) == []


@pytest.mark.parametrize("typed", ["L-2", "", "中村"])
def test_the_number_has_to_be_typed(office: Office, typed: str) -> None:
    """A wrong confirmation deletes nothing and says so under the field."""
    offer(office)
    planned = office.say(office.mori, "forget L-1").message
    assert planned is not None
    office.mori.click(planned, "erasure.confirm_form")
    with unchanged(office):
        assert office.mori.submit({"label": typed}, force=True).errors.keys() == {"label"}


def test_who_is_no_manager_any_more_deletes_nothing(office: Office) -> None:
    """The right is checked again when the form comes in."""
    offer(office)
    planned = office.say(office.mori, "forget L-1").message
    assert planned is not None
    office.mori.click(planned, "erasure.confirm_form")
    office.workspace.change_user(office.mori.user.id, is_admin=False, is_owner=False)
    run_job("members", office.bot.jobs)
    office.mori.submit({"label": "L-1"}, force=True)
    assert len(office.leads()) == 1


AGAIN = [
    "add 別名, 別会社, R.Nakamura@Minamo-Seiki.example",
    "add 中村　理恵, 別会社, 045-555-0142",
]


@pytest.mark.parametrize("line", AGAIN)
def test_nobody_brings_them_back_unasked(office: Office, line: str) -> None:
    """By address, or by number and name, however they are written; a colleague with the same number may come."""
    offer(office)
    forget(office)
    with unchanged(office):
        refused = office.say(office.tanaka, line).text
    assert "ご本人の申し出で削除された方のため、登録できません" in refused
    office.say(office.tanaka, "add 西田 光, ミナモ精機, 045-555-0142")
    assert len(office.leads()) == 1
    with unchanged(office):
        assert "登録できません" in office.say(office.tanaka, "edit L-2 email:r.nakamura@minamo-seiki.example").text


def test_a_form_and_a_file_are_refused_too(office: Office, tmp_path: Path) -> None:
    """The form says why; the file's row is named with its reason, and the others come in."""
    offer(office)
    forget(office)
    file = tmp_path / "leads.csv"
    file.write_text("name,email\nA,R.Nakamura@minamo-seiki.example\n大野,r.ono@kitahama.example\n")
    summary = import_file(office.bot.database, office.bot.workspace_id, file, {}, office.clock())
    assert (summary.added, [(bad.row, bad.reason) for bad in summary.bad]) == (1, [(2, Problem.FORGOTTEN)])
    office.say(office.sato, "add")
    form_of(office.sato)
    result = office.sato.submit({"name": "Nakamura", "email": "r.nakamura@minamo-seiki.example", "source": "card"})
    assert "deleted at their request" in str(result.errors)


FAIR = "氏名,会社名,E-mail,TEL\n中村 理恵,ミナモ精機株式会社,r.nakamura@minamo-seiki.example,045-555-0142\n大野 玲,北浜物産,,\n"


def test_no_import_keeps_them(office: Office) -> None:
    """The file of an import that is over goes at once, one that waits is kept until it ends, and neither shows them."""
    office.say(office.tanaka, "add 中村 理恵, ミナモ精機, r.nakamura@minamo-seiki.example")
    upload(office, "中村理恵.csv", FAIR.encode())
    press(office, office.tanaka, "import.start")
    assert {"import_chunk", "import_fill", "import_run"} <= tables_that_tell(office, IN_FILES)
    upload(office, "2.csv", (FAIR + "青木,アオイ,,\n").encode())
    forget(office)
    assert tables_that_tell(office, IN_FILES) == {"import_chunk"}
    with office.bot.database.read() as session:
        assert session.scalars(select(Erasure)).one().done_at is None
        assert {chunk.import_id for chunk in session.scalars(select(ImportChunk))} == {
            session.scalars(select(col(ImportRun.id)).where(col(ImportRun.number) == 2)).one()
        }
    press(office, office.tanaka, "import.start")
    office.run("forget")
    assert tables_that_tell(office, IN_FILES) == set()
    assert [lead.name for lead in office.leads()] == ["大野 玲", "青木"]
    with office.bot.database.read() as session:
        assert session.scalars(select(Erasure)).one().done_at == office.clock()


def test_a_file_with_them_shows_nothing_of_them(office: Office) -> None:
    """Their row is counted as refused, neither form nor file of unreadable rows holds it, and the file is not kept."""
    offer(office)
    forget(office)
    shown = upload(office, "fair.csv", FAIR.encode())
    assert "本人の希望で削除済み 1" in str(shown.blocks)
    press(office, office.tanaka, "import.rejects")
    sent = next(message for message in reversed(office.tanaka.dms()) if message.file_ids)
    rejects = fetched(office, sent.file_ids[0]).decode("utf-8-sig")
    assert "削除" in rejects
    assert not any(tell in rejects for tell in TELLS)
    press(office, office.tanaka, "import.start")
    assert tables_that_tell(office, IN_FILES) == set()
    assert [lead.name for lead in office.leads()] == ["大野 玲"]


def test_a_manager_may_lift_it_with_a_reason(office: Office) -> None:
    """Nobody else; the proof keeps the reason, and then the person can be added again."""
    offer(office)
    forget(office)
    office.say(office.tanaka, AGAIN[0])
    refused = answer(office, office.tanaka, MARKETING)
    office.tanaka.click(refused, "erasure.lift_form")
    assert "マネージャー" in office.heard(office.tanaka)
    office.say(office.mori, AGAIN[0])
    refused = answer(office, office.mori, MARKETING)
    office.mori.click(refused, "erasure.lift_form")
    assert office.mori.submit({"lift_reason": " "}, force=True).errors.keys() == {"lift_reason"}
    office.mori.submit({"lift_reason": "フォームから再度お問い合わせ"})
    office.say(office.tanaka, AGAIN[0])
    assert len(office.leads()) == 1
    with office.bot.database.read() as session:
        assert session.scalars(select(Suppression)).all() == []
        (erasure,) = session.scalars(select(Erasure))
    assert (erasure.lift_reason, erasure.lifted_at) == ("フォームから再度お問い合わせ", office.clock())


def test_a_claim_at_the_same_moment(office: Office) -> None:
    """Whoever is first: the person is gone in the end, and nobody is told anything false."""
    for number in range(1, 5):
        card = offer(office, f"add 中村 {number}子, ミナモ精機, n{number}@minamo-seiki.example")
        planned = office.say(office.mori, f"forget L-{number}").message
        assert planned is not None
        office.mori.click(planned, "erasure.confirm_form")
        at_once(
            partial(office.mori.submit, {"label": f"L-{number}"}),
            partial(office.aoki.click, card, "handoff.claim"),
            partial(office.sato.command, SALES, f"/lead claim L-{number}"),
        )
        office.answered()
        office.deliver()
        handoff = office.handoffs()[-1]
        assert office.leads() == []
        assert (handoff.state is HandoffState.CLAIMED) == (handoff.owner_id is not None)
        assert handoff.state in {HandoffState.CLAIMED, HandoffState.WITHDRAWN}
    office.run("forget")
    assert tables_that_tell(office) == set()
    assert messages_that_tell(office) == []


def test_a_message_on_its_way_is_caught_up_with(office: Office) -> None:
    """The card was posted and Slack's answer lost, then the person is forgotten: it is looked up and changed."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1 今朝デモ依頼")
    office.workspace.faults.drop_after("chat.postMessage")
    office.bot.deliverer.settling_seconds = 0
    office.bot.deliverer.run()
    ask_twice(office)
    office.deliver()
    assert messages_that_tell(office) == []


def test_in_english(office: Office) -> None:
    """The same for a manager who reads English."""
    office.mori.speak("en-US")
    offer(office)
    listed = office.say(office.mori, "forget L-1").text
    assert listed.startswith("Deleting L-1")
    assert "This cannot be undone." in listed
    forget(office)
    assert "L-1 is forgotten." in office.mori.dms()[-1].text
