"""Exports are CSV that other programs can rely on and that no spreadsheet computes."""

import csv
import io
import re
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlmodel import Session, select

from models.base import new_id
from models.database import Database, make_engine
from models.handoff import Handoff, HandoffState, ReturnReason
from models.lead import Lead, Source, Stage
from models.member import Member
from models.scoring import DEFAULT_RULES
from models.touchpoint import Direction, Touchpoint, TouchpointKind
from models.workspace import Team, Workspace
from services import scoring
from services.exports import ROWS_HELD, export_rows, safe_cell, typed_cell, write_export
from tests.postgres import fresh_url

DATA = Path(__file__).parents[2].parent / "shared" / "data"
NOW = datetime(2026, 11, 24, 1, 3, 4, 567, tzinfo=UTC)
WORKSPACE, OTHER_WORKSPACE = 1, 2

LEADS_BEGIN = ["lead", "name", "company", "email", "phone", "source", "stage", "outcome", "owner", "score"]
HANDOFFS_BEGIN = [
    "handoff", "lead", "state", "team", "owner", "offered_at", "due_at", "claimed_at", "returned_at", "reason"
]  # fmt: skip
TOUCHPOINTS_BEGIN = ["lead", "kind", "direction", "at", "note", "by", "points"]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Two workspaces with a lead each; the first one's was touched, handed off, claimed and returned."""
    with fresh_url(request.param, tmp_path, migrated=True) as url:
        database = Database(make_engine(url))
        with database.write() as session:
            for workspace_id in (WORKSPACE, OTHER_WORKSPACE):
                session.add(Workspace(id=workspace_id, slack_id=f"T{workspace_id}", created_at=NOW))
            session.flush()
            _fill(session)
        yield database
        database.engine.dispose()


def _fill(session: Session) -> None:
    owner = Member(workspace_id=WORKSPACE, slack_id="U0AOKI", name="青木", refreshed_at=NOW)
    team = Team(workspace_id=WORKSPACE, name="東日本営業", channel_slack_id="C0SALES", created_at=NOW)
    session.add_all([owner, team])
    session.flush()
    lead = _lead(
        number=12,
        name='佐藤 "太郎"\n次郎',
        company="=cmd|'/C calc'!A0",
        email="sato@example.co.jp",
        phone="+81 45-555-0142",
        source=Source.TRADE_SHOW,
        stage=Stage.SQL,
        owner_id=owner.id,
        fit_points=10.0,
        engagement_b=scoring.stored_weight(12, NOW - timedelta(days=30), 30),
        engagement_c=-1e-9,
        is_recycled=True,
        follow_up_on=date(2026, 12, 1),
        extra={"住所": "横浜市"},
    )
    session.add_all([lead, _lead(workspace_id=OTHER_WORKSPACE, number=1, name="another workspace's")])
    session.flush()
    session.add(
        Touchpoint(
            workspace_id=WORKSPACE,
            lead_id=lead.id,
            kind=TouchpointKind.CALL,
            direction=Direction.INBOUND,
            at=NOW,
            note="@SUM(1+1)",
            member_id=owner.id,
            created_at=NOW,
        )
    )
    session.add(
        Handoff(
            workspace_id=WORKSPACE,
            lead_id=lead.id,
            team_id=team.id,
            state=HandoffState.RETURNED,
            offered_at=NOW,
            due_at=NOW,
            owner_id=owner.id,
            claimed_at=NOW,
            returned_at=NOW,
            reason=ReturnReason.TOO_EARLY,
            comment="来期",
            retry_on=date(2027, 4, 1),
        )
    )


def _lead(workspace_id: int = WORKSPACE, **values: Any) -> Lead:
    return Lead(workspace_id=workspace_id, stage_at=NOW, created_at=NOW, updated_at=NOW, **values)


def test_leads_have_their_columns_in_their_order(database: Database) -> None:
    """Other programs rely on names and places."""
    with database.read() as session:
        header, row = export_rows(session, WORKSPACE, "leads", NOW)
    assert header[:10] == LEADS_BEGIN
    assert header[10:25] == [
        "title", "external_id", "campaign", "kind", "recycled", "created_at", "last_touch_at", "consent",
        "mission", "interest", "role", "need", "progress", "timing", "budget",
    ]  # fmt: skip
    cells = dict(zip(header, row, strict=True))
    assert [cells[name] for name in LEADS_BEGIN] == [
        "L-12", '佐藤 "太郎"\n次郎', "'=cmd|'/C calc'!A0", "sato@example.co.jp", "'+81 45-555-0142", "trade_show",
        "SQL", "", "U0AOKI", "16",
    ]  # fmt: skip
    assert cells["created_at"] == "2026-11-24T01:03:04Z"
    assert (cells["recycled"], cells["follow_up_on"], cells["last_touch_at"]) == ("true", "2026-12-01", "")
    assert cells["extra"] == '{"住所": "横浜市"}'


def test_the_exported_score_is_the_score(database: Database) -> None:
    """The database computes what `score_value` does, fading included."""
    later = NOW + timedelta(days=45)
    with database.read() as session:
        header, row = export_rows(session, WORKSPACE, "leads", later)
        lead = session.exec(select(Lead).where(Lead.workspace_id == WORKSPACE)).one()
    assert float(row[header.index("score")]) == round(scoring.score_value(lead, DEFAULT_RULES, later), 1)


def test_handoffs_have_their_columns_in_their_order(database: Database) -> None:
    """Other programs rely on names and places."""
    with database.read() as session:
        header, row = export_rows(session, WORKSPACE, "handoffs", NOW)
    assert header[:11] == [*HANDOFFS_BEGIN, "comment"]
    instant = "2026-11-24T01:03:04Z"
    assert row[1:11] == [
        "L-12", "returned", "東日本営業", "U0AOKI", instant, instant, instant, instant, "too_early", "来期"
    ]  # fmt: skip


def test_touchpoints_have_their_columns_in_their_order(database: Database) -> None:
    """Other programs rely on names and places."""
    with database.read() as session:
        header, row = export_rows(session, WORKSPACE, "touchpoints", NOW)
    assert header[:7] == TOUCHPOINTS_BEGIN
    assert row[:7] == ["L-12", "call", "inbound", "2026-11-24T01:03:04Z", "'@SUM(1+1)", "U0AOKI", "12"]


def test_a_written_export_reads_back_as_the_same_rows(database: Database) -> None:
    """Quotation marks, commas and line ends inside a cell are no danger, and the count is of leads."""
    file = io.StringIO(newline="")
    with database.read() as session:
        count = write_export(session, WORKSPACE, "leads", file, NOW)
        rows = list(export_rows(session, WORKSPACE, "leads", NOW))
    assert count == 1
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True)) == rows
    assert all(cell.startswith('"') for cell in file.getvalue().splitlines()[0].split(","))


def test_an_export_of_nothing_has_its_header(database: Database) -> None:
    """A program that reads it finds the columns even so."""
    file = io.StringIO(newline="")
    with database.read() as session:
        assert write_export(session, OTHER_WORKSPACE, "handoffs", file, NOW) == 0
    assert file.getvalue().startswith('"handoff","lead"')


def test_a_large_export_keeps_few_rows_in_memory(database: Database) -> None:
    """Rows are fetched as they are written: four batches take no more memory than one."""
    template = _lead(number=0, name="x" * 100).model_dump()
    with database.write() as session:
        rows = [{**template, "id": new_id(), "number": number} for number in range(100, 100 + 4 * ROWS_HELD)]
        session.execute(insert(Lead), rows)
    del rows
    peaks = []
    for taken in (ROWS_HELD, 4 * ROWS_HELD):
        with database.read() as session:
            exported = export_rows(session, WORKSPACE, "leads", NOW)
            tracemalloc.start()
            assert sum(1 for _ in islice(exported, taken)) == taken
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            exported.close()  # type: ignore[attr-defined]  # A generator is an iterator that can be left.
    assert peaks[1] < 2 * peaks[0]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"])
def test_a_cell_that_could_be_a_formula_is_marked_as_text(first: str) -> None:
    """Each sign that makes a spreadsheet compute, in both widths, with white space before it or not."""
    assert safe_cell(f"{first}1+1") == f"'{first}1+1"
    assert safe_cell(f" {first}1+1").startswith("'") or first.isspace() or first == "\0"


def test_every_known_payload_is_marked_as_text() -> None:
    """The public collection of formula injections: none of them begins a cell as it is."""
    corpus = DATA / "nasty" / "csv-injection-PATT.md"
    if not corpus.exists():
        pytest.skip("shared/data is absent")
    blocks = re.findall(r"^ *```text\n(.*?)^ *```", corpus.read_text(), re.DOTALL | re.MULTILINE)
    payloads = [line.strip() for block in blocks for line in block.splitlines() if line.strip()[:1] in set("=+-–@")]
    assert len(payloads) > 10
    assert [payload for payload in payloads if not safe_cell(payload).startswith("'")] == []


@pytest.mark.parametrize("cell", ["株式会社ABC", "L-12", "2026-11-24", "a=b", "'s-Hertogenbosch", "", "「＝」"])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    """Only what begins like a formula is touched."""
    assert safe_cell(cell) == cell


@given(st.text(alphabet="'=+-@＝ \t\0ab", max_size=8) | st.text())
def test_what_was_typed_can_be_had_back(text: str) -> None:
    """An import of an export is no loss: the mark is taken away exactly where it was put."""
    assert typed_cell(safe_cell(text)) == text
