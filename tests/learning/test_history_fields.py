"""Closed leads come in from a file: how they ended, and when."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import or_, select
from sqlmodel import col

from models.lead import Lead, Outcome, Stage
from services.history_fields import read_history_field, read_outcome
from services.imports import BadRow, ImportSummary, import_file
from tests.office import Office

FILE = """氏名,メール,受注失注,完了日,初回接触,ステージ
一 受注,a@x.example,受注,2026-05-01,2026-01-01,x
二 失注,b@x.example,失注,,,y
三 商談中,c@x.example,商談中,,,z
四 進行中,d@x.example,,,,
五 未来,e@x.example,1,2999-01-01,,
"""


def brought_in(office: Office, path: Path, text: str, mapping: dict[str, str]) -> ImportSummary:
    """Import a file's text."""
    path.write_text(text, encoding="utf-8")
    return import_file(office.bot.database, office.bot.workspace_id, path, mapping, office.clock())


def test_closed_leads_arrive_closed(office: Office, tmp_path: Path) -> None:
    """Won and lost are CLOSED on their day; what is no outcome is kept beside the lead; a day to come is refused."""
    summary = brought_in(office, tmp_path / "history.csv", FILE, {"初回接触": "first_contact"})
    assert (summary.added, [(bad.row, bad.field) for bad in summary.bad]) == (4, [(6, "closed_at")])
    won, lost, talking, still_open = office.leads()
    assert (won.stage, won.outcome, won.stage_at) == (Stage.CLOSED, Outcome.WON, datetime(2026, 4, 30, 15, tzinfo=UTC))
    assert won.created_at == datetime(2025, 12, 31, 15, tzinfo=UTC)
    assert (lost.outcome, lost.stage_at) == (Outcome.LOST, office.clock())
    assert (talking.stage, talking.extra["受注失注"]) == (Stage.INQUIRY, "商談中")
    assert still_open.outcome is None


def test_history_becomes_due_for_nothing(office: Office, tmp_path: Path) -> None:
    """Years later nobody is told that a lead is dormant that was closed when it came in."""
    brought_in(office, tmp_path / "history.csv", "氏名,outcome\n" + "".join(f"人{n},won\n" for n in range(9)), {})
    with office.bot.database.read() as session:
        due = select(Lead).where(or_(col(Lead.dormant_at).is_not(None), col(Lead.dormant_since).is_not(None)))
        assert session.scalars(due).all() == []


@pytest.mark.parametrize("word", ["受注", "成約", "won", "Closed Won", "TRUE", "True", "1", "1.0", "yes", "はい", "○"])
def test_words_for_won(word: str) -> None:
    """Both languages, and what programs write."""
    assert read_outcome(word) is Outcome.WON


@pytest.mark.parametrize("word", ["失注", "lost", "Closed Lost", "False", "0", "0.0", "no", "いいえ", "×"])
def test_words_for_lost(word: str) -> None:
    """Both languages, and what programs write."""
    assert read_outcome(word) is Outcome.LOST


def test_other_words_are_no_outcome() -> None:
    """What nobody listed decides nothing; headings are taken only where they say it plainly."""
    assert [read_outcome(word) for word in ("", "商談中", "2", "open", "?")] == [None] * 5
    assert [read_history_field(heading) for heading in ("Outcome", "クローズ日", "結果", "Converted")] == [
        "outcome", "closed_at", None, None,
    ]  # fmt: skip


def test_a_bad_day_names_its_row(office: Office, tmp_path: Path) -> None:
    """The row is refused whole, and the others come in."""
    summary = brought_in(office, tmp_path / "bad.csv", "氏名,outcome,closed_at\n甲,won,ふ\n乙,lost,2026-01-02\n", {})
    assert summary.added == 1
    assert isinstance(summary.bad[0], BadRow)
    assert (summary.bad[0].row, summary.bad[0].field) == (2, "closed_at")
