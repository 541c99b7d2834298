"""Learning from closed leads: when there are enough, in a process of its own, version by version."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlmodel import Session, col

from models.column_choice import ColumnChoice
from models.database import Database
from models.lead import Lead, Outcome
from models.lead_chance import LeadChance
from models.learned_model import LearnedModel
from models.learning import Cells, Json
from models.member import Actor, Right
from models.records import JobRun
from services import members, scoring
from services.chances import model_in_force, probability_of, weights_of
from services.learning_rows import (
    LEARNED_MAX,
    ClosedRow,
    cells_now,
    closed_rows,
    count_closed,
    last_open_leads,
    open_leads,
)
from services.statements import insert
from services.workspaces import get_workspace

OPEN_LOOKED_AT = 500
"""Open leads that are looked at to see which columns only closed ones have."""
SCORED_BATCH = 200
FIT_SECONDS = 900
"""A fit takes seconds; one that takes this long is ended."""

_ROOT = Path(__file__).parent.parent


def learn(database: Database, workspace_id: int, now: datetime) -> LearnedModel | None:
    """Fit a new version from the workspace's closed leads and keep it; None while there are too few.

    Raises:
        subprocess.SubprocessError: the fit failed; the version before stays in force.
    """
    with database.read() as session:
        if count_closed(session, workspace_id).missing:
            return None
        open_rows = cells_now(session, last_open_leads(session, workspace_id, OPEN_LOOKED_AT), now)
        choices = choices_of(session, workspace_id)
    rows = list(_read_closed(database, workspace_id))
    found = _fit(rows, open_rows, choices)
    with database.write() as session:
        return save_model(session, workspace_id, found, now)


def _read_closed(database: Database, workspace_id: int) -> Iterator[ClosedRow]:
    """Read closed leads in short transactions: of each outcome the newest, up to half of what is learned from."""
    for outcome in Outcome:
        below_id, count = None, 0
        while count < LEARNED_MAX // 2:
            with database.read() as session:
                rules = scoring.rules_of(get_workspace(session, workspace_id))
                batch, below_id = closed_rows(session, workspace_id, outcome, below_id, rules)
            yield from batch
            count += len(batch)
            if below_id is None:
                break


def _fit(rows: Sequence[ClosedRow], open_rows: Sequence[Cells], choices: Mapping[str, bool]) -> Json:
    """Run services/learning_fit.py in a process of its own: the bot stays as small as it is."""
    task = {
        "rows": [row.cells for row in rows],
        "won": [row.is_won for row in rows],
        "scores": [row.score for row in rows],
        "open": open_rows,
        "choices": choices,
    }
    done = subprocess.run(
        [sys.executable, "-m", "services.learning_fit"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
        timeout=FIT_SECONDS,
        # With threads for every core the numeric libraries wait for each other, and for the bot: ten times as long.
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    found: Json = json.loads(done.stdout)
    return found


def save_model(session: Session, workspace_id: int, found: Json, now: datetime) -> LearnedModel:
    """Keep what was fitted as the next version, which is in force from now on."""
    last = model_in_force(session, workspace_id)
    report = found["report"]
    model = LearnedModel(
        workspace_id=workspace_id,
        version=last.version + 1 if last else 1,
        fitted_at=now,
        won=report["won"],
        lost=report["lost"],
        is_shown=report["is_better"],
        weights=found["weights"],
        report=report,
    )
    session.add(model)
    session.flush()
    return model


def score_open_leads(session: Session, workspace_id: int, size: int, now: datetime) -> int:
    """Write down the chances of the next `size` open leads by the version in force; return how many."""
    model = model_in_force(session, workspace_id)
    if model is None or model.scored_to_id is None or not model.is_shown:
        return 0
    leads = open_leads(session, workspace_id, model.scored_to_id, size)
    weights = weights_of(model)
    chances = [
        {
            "workspace_id": workspace_id,
            "lead_id": lead.id,
            "version": model.version,
            "chance": probability_of(weights, cells),
            "at": now,
        }
        for lead, cells in zip(leads, cells_now(session, leads, now), strict=True)
    ]
    if chances:
        statement = insert(session, LeadChance)
        newer = {name: statement.excluded[name] for name in ("version", "chance", "at")}
        session.execute(
            statement.on_conflict_do_update(index_elements=["workspace_id", "lead_id"], set_=newer), chances
        )
    model.scored_to_id = leads[-1].id if len(leads) == size else None
    session.add(model)
    return len(leads)


def likeliest(session: Session, model: LearnedModel, limit: int) -> list[tuple[Lead, float]]:
    """Return the open leads that are likeliest to be won, by the chances last written down."""
    query = (
        select(Lead, col(LeadChance.chance))
        .join(
            LeadChance,
            (col(LeadChance.workspace_id) == col(Lead.workspace_id)) & (col(LeadChance.lead_id) == col(Lead.id)),
        )
        .where(
            col(LeadChance.workspace_id) == model.workspace_id,
            col(LeadChance.version) == model.version,
            col(Lead.outcome).is_(None),
        )
        .order_by(col(LeadChance.chance).desc(), col(LeadChance.lead_id))
        .limit(limit)
    )
    return [(lead, chance) for lead, chance in session.execute(query)]


def choices_of(session: Session, workspace_id: int) -> dict[str, bool]:
    """Return what managers decided about columns: True allows, False forbids."""
    query = select(ColumnChoice).where(col(ColumnChoice.workspace_id) == workspace_id)
    return {choice.name: choice.is_allowed for choice in session.scalars(query)}


def choose_columns(session: Session, actor: Actor, choices: Mapping[str, bool], now: datetime) -> None:
    """Replace what was decided about columns, and have it learned anew as if nobody had this week.

    Raises:
        NotAllowedError: the actor is no manager.
    """
    members.require(session, actor, Right.SETUP)
    session.execute(delete(ColumnChoice).where(col(ColumnChoice.workspace_id) == actor.workspace_id))
    session.add_all(
        ColumnChoice(
            workspace_id=actor.workspace_id, name=name, is_allowed=is_allowed, member_id=actor.member_id, at=now
        )
        for name, is_allowed in choices.items()
    )
    session.execute(delete(JobRun).where(col(JobRun.workspace_id) == actor.workspace_id, col(JobRun.job) == "learn"))
