"""Where a lead stands, and when it will have been left alone for too long."""

from datetime import datetime, timedelta

from models.errors import StageMoveError
from models.lead import ALLOWED_MOVES, Lead, LeadKind, Stage
from models.workspace import Workspace


def advance_stage(lead: Lead, stage: Stage, workspace: Workspace, now: datetime) -> None:
    """Move the lead to `stage` and give it that stage's dormant time.

    Raises:
        StageMoveError: there is no such move from where it stands.
    """
    if stage not in ALLOWED_MOVES[lead.stage]:
        raise StageMoveError(lead, stage)
    lead.stage, lead.stage_at = stage, now
    lead.updated_at, lead.rev = now, lead.rev + 1
    plan_dormancy(lead, workspace, now)


def plan_dormancy(lead: Lead, workspace: Workspace, now: datetime) -> None:
    """Set when the lead will have been left alone for its period, and wake it if that lies ahead; a CLOSED one never sleeps.

    services/due_times.py says the same in SQL.
    """
    days = dormant_days(workspace, lead.stage, lead.kind)
    if days is None:
        lead.dormant_at = lead.dormant_since = None
        return
    due_at = _left_alone_since(lead) + timedelta(days=days)
    if due_at > now:
        lead.dormant_since = None
    if lead.dormant_since is None:
        lead.dormant_at = due_at


def dormant_days(workspace: Workspace, stage: Stage, kind: LeadKind) -> int | None:
    """Return after how many days such a lead is dormant; None: never. Existing buyers have one period for all stages."""
    if kind is LeadKind.CUSTOMER and stage is not Stage.CLOSED:
        return workspace.dormant_customer_days
    return {
        Stage.INQUIRY: workspace.dormant_inquiry_days,
        Stage.MQL: workspace.dormant_mql_days,
        Stage.SQL: workspace.dormant_sql_days,
    }.get(stage)


def _left_alone_since(lead: Lead) -> datetime:
    """Return the latest of the last touchpoint (else the adding), the move to the stage, and the planned next step."""
    moments = [lead.last_touch_at or lead.created_at]
    if lead.stage_at > lead.created_at:
        moments.append(lead.stage_at)
    if lead.follow_up_due_at is not None:
        moments.append(lead.follow_up_due_at)
    return max(moments)
