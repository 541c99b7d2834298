"""Corrections of a score by hand: points with a reason, kept, shown among the reasons, and undoable."""

import re
from datetime import datetime

from sqlmodel import Session

from models.errors import InputError, Problem
from models.lead import Lead, Mark
from models.member import Actor, Right
from models.records import ChangeKind
from services import members
from services.hotness import move_heat
from services.identity import fold
from services.leads import lock_open_lead
from services.records import record_change, snapshot
from services.workspaces import get_workspace

CORRECTION_MAX = 500
REASON_MAX = 200

_HEAT = ("manual_points", "hot_since", "cools_at", "hot_alert_due_at")
_SCORE_LINE = re.compile(r"(?:score|スコア|点数|得点)\s*[::]\s*(\S+)\s*(.*)", re.IGNORECASE | re.DOTALL)
_POINTS = re.compile(r"[+-]?\d{1,4}")
_MARK_LINE = re.compile(r"(?:mark|印|マーク)\s*[::]\s*(\S+)", re.IGNORECASE)
_MARKS: dict[str, str] = {
    "競合": Mark.COMPETITOR, "同業": Mark.COMPETITOR, "competitor": Mark.COMPETITOR, "迷惑": Mark.SPAM,
    "迷惑メール": Mark.SPAM, "spam": Mark.SPAM, "いたずら": Mark.SPAM, "なし": "", "none": "", "-": "",
}  # fmt: skip


def read_correction(line: str) -> tuple[str, str] | None:
    """Return the points and the reason of `score:+10 why`; None for another line."""
    found = _SCORE_LINE.fullmatch(line.strip().replace("：", ":"))
    return (found[1], found[2].strip()) if found else None


def read_mark(line: str) -> str | None:
    """Return the mark of `mark:competitor`, empty for none; None for another line.

    Raises:
        InputError: there is no such mark.
    """
    found = _MARK_LINE.fullmatch(line.strip().replace("：", ":"))
    if found is None:
        return None
    if fold(found[1]) not in _MARKS:
        raise InputError(Problem.UNKNOWN_CHOICE, "mark", found[1])
    return _MARKS[fold(found[1])]


def correct_score(session: Session, actor: Actor, reference: str, points: str, reason: str, now: datetime) -> Lead:
    """Give or take points by hand.

    Raises:
        NotAllowedError: the actor may not edit leads.
        LeadClosedError: the lead is CLOSED.
        InputError: the points are no number or none, the reason is missing or too long.
    """
    members.require(session, actor, Right.EDIT)
    given = _read_points(points)
    if not reason.strip():
        raise InputError(Problem.CORRECTION_REASON_NEEDED, "reason")
    if len(reason) > REASON_MAX:
        raise InputError(Problem.TOO_LONG, "reason", reason, limit=REASON_MAX)
    lead = lock_open_lead(session, actor.workspace_id, reference)
    before = {**snapshot(lead, _HEAT), "points": given, "reason": reason.strip()}
    lead.manual_points += given
    move_heat(lead, get_workspace(session, lead.workspace_id), now)
    lead.updated_at, lead.rev = now, lead.rev + 1
    session.add(lead)
    record_change(session, lead, ChangeKind.SCORED, actor.member_id, now, before=before)
    return lead


def _read_points(typed: str) -> int:
    text = fold(typed).replace("−", "-").replace("±", "")
    if not _POINTS.fullmatch(text) or not 0 < abs(int(text)) <= CORRECTION_MAX:
        raise InputError(Problem.NOT_A_NUMBER, "points", typed, limit=CORRECTION_MAX)
    return int(text)
