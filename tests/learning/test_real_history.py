"""Leads that nobody here wrote: imported as files, learned by the product, judged on leads it has not seen."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from models.database import Database, make_engine
from models.lead import Lead
from models.learning import EXTRA, FitReport, LeftOut, read_fit_report
from models.workspace import Workspace
from services.chances import probability_of, weights_of
from services.imports import import_file
from services.learning import learn
from services.learning_columns import area_under_curve, plan_columns, points_of
from services.learning_rows import cells_now
from tests.postgres import sqlite_url

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
WORKSPACE = 1
LEAKS = frozenset(
    {"Tags", "Lead Quality", "Lead Profile", "Asymmetrique Activity Index", "Asymmetrique Profile Index",
     "Asymmetrique Activity Score", "Asymmetrique Profile Score"}
)  # fmt: skip
"""What X Education's sales wrote, or had computed, after they had talked to a lead."""
ALMOST_A_LEAK = "Last Notable Activity"
"""Written afterwards too, but nothing in it shows that: it looks like `Last Activity`. See docs/scoring.md."""


@dataclass(frozen=True)
class Judged:
    """What was told of leads that were held back, and how they really ended."""

    report: FitReport
    chances: list[float]
    points: list[int]
    won: list[bool]

    @property
    def auc(self) -> float:
        return area_under_curve(self.chances, self.won)

    def tenths(self) -> Iterator[tuple[float, float]]:
        """Yield what was said of each tenth, the highest first, and the share that came true."""
        told = sorted(zip(self.chances, self.won, strict=True), reverse=True)
        for place in range(10):
            part = told[len(told) * place // 10 : len(told) * (place + 1) // 10]
            yield sum(chance for chance, _ in part) / len(part), sum(is_won for _, is_won in part) / len(part)


def judged(
    folder: Path, file: Path, mapping: dict[str, str], outcome: str, dropped: frozenset[str], most: int = 10_000
) -> Judged:
    """Import three quarters of a file as closed leads, learn, import the rest as open ones, and tell their chances."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    random.Random(5).shuffle(rows)  # noqa: S311  A fixed order.
    rows = rows[:most]
    headings = [heading for heading in rows[0] if heading not in dropped]
    cut = len(rows) * 3 // 4
    database = Database(make_engine(sqlite_url(folder, migrated=True)))
    with database.write() as session:
        session.add(Workspace(id=WORKSPACE, slack_id="T1", created_at=NOW))
    _import(database, folder / "closed.csv", rows[:cut], headings, {**mapping, outcome: "outcome"})
    learned = learn(database, WORKSPACE, NOW)
    assert learned is not None
    with database.read() as session:
        known = set(session.scalars(select(col(Lead.external_id)).where(col(Lead.outcome).is_not(None))))
    _import(database, folder / "open.csv", rows[cut:], [h for h in headings if h != outcome], mapping)
    key = next(column for column, field in mapping.items() if field == "external_id")
    truth = {row[key]: row[outcome] == "1" for row in rows[cut:]}
    report, weights = read_fit_report(learned.report), weights_of(learned)
    with database.read() as session:
        leads = session.scalars(select(Lead).where(col(Lead.outcome).is_(None)).order_by(col(Lead.id))).all()
        cells = cells_now(session, leads, NOW)
    database.engine.dispose()
    assert known.isdisjoint(truth)
    return Judged(
        report,
        [probability_of(weights, row) for row in cells],
        [points_of(report.table.rules, row) for row in cells],
        [truth[lead.external_id or ""] for lead in leads],
    )


def _import(
    database: Database, path: Path, rows: list[dict[str, str]], headings: list[str], mapping: dict[str, str]
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    assert import_file(database, WORKSPACE, path, mapping, NOW).added == len(rows)


SLOW = pytest.mark.timeout(900)
XEDUCATION = {"Prospect ID": "external_id", "Lead Source": "source"}


@pytest.fixture(scope="module", params=[3_000, pytest.param(10_000, marks=[pytest.mark.soak, SLOW])])
def honest(request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """X Education without what was written afterwards; all of it in the long tests."""
    folder = tmp_path_factory.mktemp("honest")
    file = shared_data / "leads" / "xeducation.csv"
    return judged(folder, file, XEDUCATION, "Converted", LEAKS | {ALMOST_A_LEAK}, request.param)


def test_chances_of_unseen_leads_are_good_and_true(honest: Judged) -> None:
    """AUC at least 0.88, nine of ten of the likeliest tenth won, chances within 5 points of what came true."""
    tenths = list(honest.tenths())
    assert len(honest.won) >= 750
    assert 0.88 <= honest.auc <= 0.92
    assert tenths[0][1] >= 0.90
    assert sum(abs(told - came) for told, came in tenths) / 10 <= 0.05


def test_the_proposed_points_are_good_on_unseen_leads(honest: Judged) -> None:
    """At most 20 lines of whole points reach an AUC of 0.87."""
    assert len(honest.report.table.rules) <= 20
    assert area_under_curve(honest.points, honest.won) >= 0.87


def test_it_says_of_itself_what_unseen_leads_show(honest: Judged) -> None:
    """The figures of the report come from leads told by others alone, so they hold for new ones."""
    assert abs(honest.report.auc - honest.auc) < 0.02
    assert honest.report.top_tenth >= 0.88
    assert honest.report.calibration_error <= 0.05


@SLOW
@pytest.mark.soak
def test_leaks_are_found_without_being_told(shared_data: Path, tmp_path: Path) -> None:
    """With every column in the file, what was written afterwards is left out by itself, and nothing is too good to be true."""
    whole = judged(tmp_path, shared_data / "leads" / "xeducation.csv", XEDUCATION, "Converted", frozenset())
    left_out = {column.name.removeprefix(EXTRA): column.reason for column in whole.report.left_out}
    assert left_out.keys() >= LEAKS
    assert left_out["Tags"] is LeftOut.TELLS_ALONE
    assert left_out["Lead Quality"] is LeftOut.ONE_OUTCOME
    assert left_out["Lead Profile"] is LeftOut.ONE_OUTCOME
    assert 0.88 <= whole.auc <= 0.92


def test_leaks_show_in_the_columns_alone(shared_data: Path) -> None:
    """The same without a fit: the columns are judged as they come."""
    with (shared_data / "leads" / "xeducation.csv").open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    won = [row.pop("Converted") == "1" for row in rows]
    columns, left_out = plan_columns(
        [{f"{EXTRA}{name}": cell for name, cell in row.items()} for row in rows], won, [], {}
    )
    assert {column.name.removeprefix(EXTRA) for column in left_out} >= LEAKS
    assert f"{EXTRA}Last Activity" in {column.name for column in columns}


@SLOW
@pytest.mark.soak
def test_olist_is_as_hard_as_it_is(shared_data: Path, tmp_path: Path) -> None:
    """From origin and landing page alone little can be told: about what others found, and honestly calibrated."""
    leads = shared_data / "leads"
    with (leads / "olist_closed_deals.csv").open(encoding="utf-8-sig", newline="") as source:
        closed = {row["mql_id"] for row in csv.DictReader(source)}
    with (leads / "olist_mql.csv").open(encoding="utf-8-sig", newline="") as source:
        rows = [{**row, "won": "1" if row["mql_id"] in closed else "0"} for row in csv.DictReader(source)]
    file = tmp_path / "olist.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    told = judged(tmp_path, file, {"mql_id": "external_id", "first_contact_date": "first_contact"}, "won", frozenset())
    assert 0.60 <= told.auc <= 0.80
    assert sum(abs(said - came) for said, came in told.tenths()) / 10 <= 0.05
    assert told.report.left_out
