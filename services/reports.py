"""Reports: asked for in Slack, worked on by a job, told in a direct message that changes in place."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.errors import LeadNotFoundError
from models.facts import ScoringReport
from models.learning import Closed, Json, read_fit_report
from models.member import Actor, Member, Right
from models.report import Report, ReportKind, ReportState
from services import deliveries, members
from services.chances import model_of_version
from services.learning import likeliest
from services.statements import changed

LEASE = timedelta(minutes=20)
"""How long a process may work on a report before another one takes it up. Longer than a fit may take."""
TRIES = 3
LIKELIEST = 5


def ask_report(session: Session, actor: Actor, kind: ReportKind, now: datetime) -> Report:
    """Have a report made and told to the actor in a direct message.

    Raises:
        NotAllowedError: the actor may not ask for reports.
    """
    members.require(session, actor, Right.REPORT)
    report = Report(
        workspace_id=actor.workspace_id,
        kind=kind,
        member_id=actor.member_id,
        due_at=deliveries.AT_ONCE,
        asked_at=now,
    )
    session.add(report)
    session.flush()
    deliveries.want(session, report.workspace_id, DeliveryKind.REPORT, report.id, actor.slack_id, now)
    return report


def take_report(session: Session, workspace_id: int, real_now: datetime) -> Report | None:
    """Take the next report that is due for this process alone; None when there is none.

    One whose process died is due again when its lease ends; after some tries it is given up.
    """
    due = select(Report).where(col(Report.workspace_id) == workspace_id, col(Report.due_at) <= real_now)
    report = session.scalars(due.order_by(col(Report.due_at)).limit(1).with_for_update(skip_locked=True)).first()
    if report is None:
        return None
    if report.attempts >= TRIES:
        fail_report(session, report)
        return None
    report.due_at, report.attempts = real_now + LEASE, report.attempts + 1
    session.add(report)
    return report


def count_waiting(session: Session, workspace_id: int, real_now: datetime) -> int:
    """Count the reports that are due."""
    due = select(col(Report.id)).where(col(Report.workspace_id) == workspace_id, col(Report.due_at) <= real_now)
    return len(session.scalars(due).all())


def finish_report(session: Session, report: Report, facts: Json, picture: bytes, now: datetime) -> None:
    """Keep what was found, have the message say it, and have the picture put into its thread."""
    values = {"state": ReportState.DONE, "facts": facts, "picture": picture, "due_at": None}
    if not _set(session, report, values):
        return
    tell_anew(session, report)
    told = deliveries.find_delivery(session, report.workspace_id, DeliveryKind.REPORT, report.id)
    if picture and told is not None:
        deliveries.want(
            session,
            report.workspace_id,
            DeliveryKind.REPORT_PICTURE,
            report.id,
            told.channel_slack_id,
            now,
            parent_id=told.id,
        )


def fail_report(session: Session, report: Report) -> None:
    """Give a report up, and have the message say so."""
    if _set(session, report, {"state": ReportState.FAILED, "due_at": None}):
        tell_anew(session, report)


def _set(session: Session, report: Report, values: Mapping[str, object]) -> bool:
    """Write how a report ended, unless another process was first."""
    statement = update(Report).where(
        col(Report.workspace_id) == report.workspace_id,
        col(Report.id) == report.id,
        col(Report.state) == ReportState.WAITING,
    )
    return changed(session, statement.values(values)) == 1


def tell_anew(session: Session, report: Report) -> None:
    """Have the report's message show it as it now is."""
    deliveries.refresh(session, report.workspace_id, DeliveryKind.REPORT, report.id)


def get_report(session: Session, workspace_id: int, report_id: int) -> Report:
    """Return the report of this id.

    Raises:
        LeadNotFoundError: the workspace has none.
    """
    report = session.get(Report, (workspace_id, report_id))
    if report is None:
        raise LeadNotFoundError(str(report_id))
    return report


def scoring_report(session: Session, report: Report) -> ScoringReport:
    """Gather what a scoring report says."""
    version = report.facts.get("version")
    if version is None:
        return ScoringReport(report, Closed(report.facts.get("won", 0), report.facts.get("lost", 0)))
    model = model_of_version(session, report.workspace_id, version)
    return ScoringReport(
        report,
        Closed(model.won, model.lost),
        model,
        read_fit_report(model.report),
        tuple(likeliest(session, model, LIKELIEST)) if model.is_shown else (),
    )


def asker_of(session: Session, report: Report) -> Member | None:
    """Return who asked for a report."""
    return members.get_member(session, report.workspace_id, report.member_id)
