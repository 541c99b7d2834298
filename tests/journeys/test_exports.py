"""A manager takes data out: as a file sent to them alone, written down, and deleted in Slack when its time is over."""

import csv
import io
import json
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import col

from models.export import Export, ExportFault, ExportState
from models.member import Member
from playground.entities import Message
from services import export_runs
from services.exports import write_export
from tests.journeys.steps import NAKAMURA, SMITH, offer, unchanged
from tests.journeys.test_forgetting import TELLS, ask_twice, forget
from tests.journeys.test_importing import fetched
from tests.office import Office


def exports(office: Office) -> list[Export]:
    """Return what was exported, the oldest first."""
    with office.bot.database.read() as session:
        return list(session.scalars(select(Export).order_by(col(Export.id))))


def ask(office: Office, what: str) -> str:
    """Have Mori ask for an export and everything be done that this causes; return the private answer."""
    said = office.say(office.mori, f"export {what}").text
    office.run("exports")
    return said


def note(office: Office) -> Message:
    """Return the message about the last export, as it stands."""
    told = (message for message in reversed(office.mori.dms()) if "書き出" in message.text)
    return next(message for message in told if message.blocks)


def files(office: Office) -> list[str]:
    """Return the ids of the files that stand in Mori's direct messages, without those that are deleted."""
    found = [file_id for message in office.mori.dms() for file_id in message.file_ids]
    return [file_id for file_id in found if not office.workspace.files.get(file_id).deleted]


def test_a_manager_gets_what_the_command_line_writes(office: Office) -> None:
    """The file comes to Mori alone, readable by Excel, its formulas harmless; that she took it stays written down."""
    offer(office)
    office.say(office.tanaka, "add =HYPERLINK(1), 株式会社アオイ, aoki@aoi.example")
    assert "書き出しを始めました" in ask(office, "リード")
    (file_id,) = files(office)
    content = fetched(office, file_id).decode("utf-8")
    assert content.startswith("\ufeff")
    by_hand = io.StringIO()
    with office.bot.database.read() as session:
        write_export(session, office.bot.workspace_id, "leads", by_hand, office.clock())
    assert content.removeprefix("\ufeff") == by_hand.getvalue()
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
    assert [row["lead"] for row in rows] == ["L-1", "L-2"]
    assert rows[1]["name"].startswith("'=")
    assert "書き出しました：リード・2行" in note(office).text
    (made,) = exports(office)
    with office.bot.database.read() as session:
        assert session.get_one(Member, (made.workspace_id, made.member_id)).slack_id == office.mori.id
    assert (made.state, made.rows) == (ExportState.MADE, 2)
    assert not [m for who in (office.tanaka, office.aoki) for m in who.dms() if m.file_ids]


def test_each_table_can_be_had_and_asked_for_by_button(small_office: Office) -> None:
    """Alone, the command asks what; a button does what the word does."""
    office = small_office
    offer(office)
    asked = office.say(office.mori, "export").message
    assert asked is not None
    for what in ("touchpoints", "handoffs"):
        assert office.mori.click(asked, f"export.{what}").ok
        office.run("exports")
        assert office.workspace.files.get(files(office)[-1]).name == f"baton-{what}-2026-11-24.csv"
    assert "handoff" in fetched(office, files(office)[-1]).decode("utf-8-sig").splitlines()[0]


def test_only_managers_export(office: Office) -> None:
    """Marketing and sales are refused with who may; nothing is begun."""
    office.say(office.tanaka, NAKAMURA)
    with unchanged(office):
        assert "マネージャー" in office.say(office.tanaka, "export leads").text
        assert "managers" in office.say(office.sato, "export L-1").text
        assert "touchpoints" in office.say(office.mori, "export tuochpoints").text
        assert office.run("exports") == 0


def test_a_person_gets_all_that_is_held_about_them(office: Office) -> None:
    """As JSON: who they are, what they did and agreed to, from where, who dealt with them; and of nobody else anything."""
    offer(office)
    office.say(office.tanaka, SMITH)
    office.say(office.aoki, "claim L-1")
    office.say(office.aoki, "log L-1 電話 折り返し待ち")
    office.say(office.tanaka, "consent L-1 あり メルマガ 取得元:展示会アンケート")
    office.deliver()
    ask(office, "L-1")
    (file_id,) = files(office)
    assert office.workspace.files.get(file_id).name == "baton-L-1-2026-11-24.json"
    held = json.loads(fetched(office, file_id))
    assert (held["lead"], held["person"]["email"]) == ("L-1", "r.nakamura@minamo-seiki.example")
    assert held["person"]["owner_id"] == f"{office.aoki.user.display_name} ({office.aoki.id})"
    assert [touchpoint["note"] for touchpoint in held["touchpoint"]] == ["折り返し待ち"]
    assert held["consent"][-1]["origin"] == "展示会アンケート"
    assert held["handoff"][0]["why_now"] == "今朝デモ依頼"
    assert {"added", "qualified", "claimed", "touched", "consent"} <= {change["kind"] for change in held["change"]}
    assert held["messages"][0]["about"] == "handoff_card"
    assert "Acme" not in json.dumps(held)
    (made,) = exports(office)
    assert made.label == "L-1"


def test_the_file_goes_after_a_week(office: Office) -> None:
    """Slack keeps it for seven days; then Baton deletes it and says so."""
    office.say(office.tanaka, NAKAMURA)
    ask(office, "leads")
    office.clock.move(days=6)
    office.run("tidy")
    office.run("exports")
    assert len(files(office)) == 1
    office.clock.move(days=1)
    office.run("tidy")
    office.run("exports")
    assert files(office) == []
    assert "削除しました" in note(office).text
    assert [made.state for made in exports(office)] == [ExportState.DROPPED]


def test_a_forgotten_person_is_in_no_file_of_slacks(office: Office) -> None:
    """Every export in which they may stand goes, one about somebody else stays, and the deletion is not done before."""
    offer(office)
    office.say(office.tanaka, SMITH)
    for what in ("leads", "L-1", "L-2"):
        ask(office, what)
    office.workspace.faults.refuse("files.delete", "internal_error", times=None)
    forget(office)
    office.run("exports")
    assert len(files(office)) == 3
    assert office.run("forget") == 0
    office.workspace.faults.clear()
    _make_due(office)
    office.run("exports")
    assert office.run("forget") == 1
    (left,) = files(office)
    content = fetched(office, left).decode()
    assert "Acme" in content
    assert not any(tell in content for tell in TELLS)


def _make_due(office: Office) -> None:
    """Let the time pass for which an export waits when Slack is away."""
    with office.bot.database.write() as session:
        for export in session.scalars(select(Export).where(col(Export.due_at).is_not(None))):
            export.due_at = datetime(2026, 1, 1, tzinfo=UTC)
            session.add(export)


def test_an_export_that_is_being_made_begins_anew(office: Office) -> None:
    """Somebody is forgotten while a job writes: what it has read is nobody's to send any more."""
    offer(office)
    office.say(office.mori, "export leads")
    real = datetime.now(UTC)
    with office.bot.database.write() as session:
        held = export_runs.lease_due(session, office.bot.workspace_id, real)
    assert held is not None
    ask_twice(office)
    with office.bot.database.write() as session:
        assert not export_runs.renew(session, held, 1, real, "F1")
    office.run("exports")
    (file_id,) = files(office)
    assert "中村" not in fetched(office, file_id).decode()


def test_an_answer_that_is_lost_leaves_one_file(office: Office) -> None:
    """Slack has shared the file and its answer does not arrive: that file is taken back, and one more is made."""
    office.say(office.tanaka, NAKAMURA)
    office.workspace.faults.drop_after("files.completeUploadExternal")
    ask(office, "leads")
    (lost,) = files(office)
    _make_due(office)
    office.run("exports")
    (file_id,) = files(office)
    assert file_id != lost
    assert "書き出しました" in note(office).text


def test_what_slack_refuses_is_said(small_office: Office) -> None:
    """An export that Slack does not take, a file that it does not delete, a person who is gone: each in words."""
    office = small_office
    offer(office)
    faults = office.workspace.faults
    faults.refuse("files.getUploadURLExternal", "missing_scope")
    ask(office, "leads")
    assert "Slack がファイルを受け付けませんでした" in note(office).text
    office.say(office.mori, "export L-1")
    ask_twice(office)
    office.run("exports")
    assert "もう保存されていません" in note(office).text
    ask(office, "leads")
    faults.refuse("files.delete", "cant_delete_file")
    office.clock.move(days=8)
    office.run("tidy")
    office.run("exports")
    assert "削除してください" in note(office).text
    assert [one.fault for one in exports(office)] == [ExportFault.NOT_TAKEN, ExportFault.GONE, ExportFault.NOT_DROPPED]
