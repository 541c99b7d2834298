"""What was learned reaches people: on a lead's card, and in a report that proposes points."""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from models.lead_chance import LeadChance
from models.learned_model import LearnedModel
from playground.entities import Message
from playground.people import Person
from services.imports import import_file
from services.scoring_rules import current_rules
from services.workspaces import get_workspace
from tests.journeys.steps import NAKAMURA, buttons, form_of, unchanged
from tests.learning.histories import HEADINGS, history, write_file
from tests.office import Office

OPEN = tuple(heading for heading in HEADINGS if heading not in {"受注失注", "完了日", "契約番号"})


def bring_history(office: Office, folder: Path, count: int = 400) -> None:
    """Import closed leads, and sixty open ones after them."""
    rows = history(count + 60)
    for name, part, headings in (("closed", rows[:count], HEADINGS), ("open", rows[count:], OPEN)):
        path = write_file(folder / f"{name}.csv", part, headings)
        import_file(office.bot.database, office.bot.workspace_id, path, {}, office.clock())


def reported(office: Office, person: Person) -> Message:
    """Have somebody ask for the report and the job make it, and return the message."""
    assert office.say(person, "report scoring").ok
    office.deliver()
    assert office.run("reports") == 1
    return next(message for message in reversed(person.dms()) if not message.file_ids)


def words_of(message: Message) -> str:
    """Return all that a message shows, as one text."""
    return str(message.blocks)


def rows_of(office: Office, table: type[SQLModel]) -> list[Any]:
    """Return the rows of a table."""
    with office.bot.database.read() as session:
        return list(session.scalars(select(table)))


def test_too_little_is_said_in_words(office: Office) -> None:
    """Before 200 leads closed the report says how many are missing, in each language, and cards show no chance."""
    office.say(office.tanaka, NAKAMURA)
    for person, expected in ((office.tanaka, "あと200件以上の完了が必要です"), (office.mori, "200")):
        office.say(person, "report scoring")
        office.deliver()
        assert "…" in person.dms()[-1].text
        assert office.run("reports") == 1
        assert expected in person.dms()[-1].text
    assert office.run("learn") == 0
    assert "受注の見込み" not in office.say(office.tanaka, "show L-1").text
    assert rows_of(office, LearnedModel) == []


def test_history_is_learned_shown_and_reported(office: Office, tmp_path: Path) -> None:
    """An import of closed leads is enough: cards show the chance in both languages, the report its proof in a picture."""
    bring_history(office, tmp_path)
    assert office.run("learn") == 400
    (model,) = rows_of(office, LearnedModel)
    assert (model.version, model.is_shown, model.scored_to_id) == (1, True, None)
    assert len(rows_of(office, LeadChance)) == 60
    assert "受注の見込みは" in office.say(office.tanaka, "show L-401").text
    assert "Chance to close" in office.say(office.sato, "show L-401").text
    told = reported(office, office.mori)
    assert all(word in words_of(told) for word in ("契約番号", "業種", "L-4"))
    assert buttons(told).keys() == {"report.proposal", "report.columns"}
    picture = office.mori.dms()[-1]
    assert office.workspace.files.get(picture.file_ids[0]).content.startswith(b"\x89PNG")
    assert picture.thread_ts == told.ts
    assert len(rows_of(office, LearnedModel)) == 1
    office.say(office.tanaka, "qualify L-401 x")
    office.deliver()
    assert "見込み" not in words_of(office.cards()[-1])


def test_people_decide_what_comes_of_it(small_office: Office, tmp_path: Path) -> None:
    """A marketer only reads; a manager drops a line, mistypes a threshold, saves; and says what is learned from."""
    office = small_office
    bring_history(office, tmp_path)
    assert buttons(reported(office, office.tanaka)) == {}
    assert "マネージャー" in office.say(office.aoki, "report scoring").text
    told = reported(office, office.mori)
    _accept_proposal(office, told)
    _choose_columns(office, told)


def _accept_proposal(office: Office, told: Message) -> None:
    """The rules are the next version, without the dropped line, and the button is gone."""
    assert office.mori.click(told, "report.proposal").ok
    lines = [block for block in form_of(office.mori).blocks if block.get("block_id", "").startswith("line_")]
    with unchanged(office):
        refused = office.mori.submit({"line_0": "0", "hot_threshold": "1"})
    assert refused.errors.keys() == {"hot_threshold"}
    assert office.mori.submit({"line_0": "0", "mql_threshold": "20", "hot_threshold": "30"}).ok
    with office.bot.database.read() as session:
        workspace = get_workspace(session, office.bot.workspace_id)
        rules = current_rules(session, workspace)
    assert (workspace.mql_threshold, workspace.hot_threshold) == (20, 30)
    assert len(rules.field_fit) == len(lines) - 1
    assert set(rules.fit.values()) == {0.0}
    office.deliver()
    assert buttons(office.mori.dms()[0]).keys() == {"report.columns"}


def _choose_columns(office: Office, told: Message) -> None:
    """What is allowed is learned from, what is forbidden is not, from the next version on."""
    assert office.mori.click(told, "report.columns").ok
    numbers = {
        option["text"]["text"]: option["value"]
        for block in form_of(office.mori).blocks
        if block.get("block_id") == "forbidden"
        for option in block["element"]["options"]
    }
    assert office.mori.submit({"allowed": [numbers["契約番号"]], "forbidden": [numbers["業種"]]}).ok
    assert office.run("learn") == 400
    second = rows_of(office, LearnedModel)[-1]
    assert second.version == 2
    assert "extra:契約番号" in second.report["used"]
    assert {"name": "extra:業種", "reason": "forbidden", "detail": []} in second.report["left_out"]


def test_unknown_reports_are_refused(small_office: Office) -> None:
    """A slip of the pen names what there is, and queues nothing."""
    office = small_office
    with unchanged(office):
        assert "scoring" in office.say(office.tanaka, "report skoring").text
    assert office.run("reports") == 0
