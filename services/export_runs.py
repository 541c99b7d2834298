"""Exports as people and jobs deal with them: asked for, made, kept in Slack for some days, and taken back."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Update, func, or_, select, update
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.errors import InputError, LeadNotFoundError, Problem
from models.export import Export, ExportFault, ExportKind, ExportState
from models.member import Actor, Member, Right
from services import deliveries, members
from services.identity import fold
from services.leads import find_lead
from services.leases import lease_next
from services.statements import changed
from services.vocabulary import nearest_word

LEASE_SECONDS = 60
"""How long a job has an export for itself; it renews that while it writes, and Slack takes less to answer."""
KEEP_DAYS = 7
"""How long a file is left in Slack."""
SHOWN = 200


EXPORTS: Mapping[str, ExportKind] = {
    fold(word): what
    for what, words in (
        (ExportKind.LEADS, "leads,lead,リード,見込み客,一覧"),
        (ExportKind.TOUCHPOINTS, "touchpoints,touchpoint,接点,接点履歴"),
        (ExportKind.HANDOFFS, "handoffs,handoff,引き渡し,トスアップ"),
    )
    for word in words.split(",")
}
"""What there is to export, by the words that people type."""


def ask_export(session: Session, actor: Actor, typed: str, now: datetime) -> Export:
    """Have an export made and sent to the actor in a direct message; who took what out stays written down.

    `typed` is one of the `EXPORTS`, or names a lead: all about one person.

    Raises:
        NotAllowedError: the actor is no manager.
        InputError: UNKNOWN_EXPORT, it is neither.
        SeveralLeadsError: several leads go by it.
    """
    members.require(session, actor, Right.EXPORT)
    what = EXPORTS.get(fold(typed))
    number = None if what else _number_of(session, actor.workspace_id, typed)
    export = Export(
        workspace_id=actor.workspace_id, what=what or ExportKind.LEAD, lead_number=number, member_id=actor.member_id,
        due_at=deliveries.AT_ONCE, asked_at=now,
    )  # fmt: skip
    session.add(export)
    session.flush()
    deliveries.want(session, actor.workspace_id, DeliveryKind.EXPORT_NOTE, export.id, actor.slack_id, now)
    return export


def _number_of(session: Session, workspace_id: int, reference: str) -> int:
    try:
        return find_lead(session, workspace_id, reference).number
    except LeadNotFoundError as error:
        nearest = nearest_word(reference, EXPORTS)
        raise InputError(Problem.UNKNOWN_EXPORT, "export", reference, nearest=nearest) from error


def note_export_here(
    session: Session, workspace_id: int, what: ExportKind, lead_number: int | None, now: datetime
) -> None:
    """Write down that somebody exports on the command line."""
    session.add(Export(workspace_id=workspace_id, what=what, lead_number=lead_number, state=ExportState.MADE,
                       asked_at=now, made_at=now))  # fmt: skip


def list_exports(session: Session, workspace_id: int) -> list[tuple[Export, Member | None]]:
    """Return the latest exports with who asked for them, the newest first."""
    query = select(Export).where(col(Export.workspace_id) == workspace_id).order_by(col(Export.id).desc()).limit(SHOWN)
    return [(one, members.get_member(session, workspace_id, one.member_id)) for one in session.scalars(query)]


def lease_due(session: Session, workspace_id: int, real_now: datetime) -> Export | None:
    """Take one export that has work to do for this process alone."""
    return lease_next(session, Export, workspace_id, LEASE_SECONDS, real_now)


def renew(session: Session, export: Export, rows: int, real_now: datetime, file_slack_id: str | None = None) -> bool:
    """Keep a leased export, and have its message say how far it is; False when it was taken away.

    Before anybody can see the file, its `file_slack_id` is kept: whoever comes after a kill takes that file back.
    """
    values: dict[str, object] = {"rows": rows, "leased_until": real_now + timedelta(seconds=LEASE_SECONDS)}
    if file_slack_id is not None:
        values["file_slack_id"] = file_slack_id
    is_held = changed(session, _leased(export).values(values)) == 1
    if is_held:
        _tell_anew(session, export)
    return is_held


def end(session: Session, export: Export, state: ExportState, **values: object) -> bool:
    """Write down how a leased export stands; False, and nothing is written, when it was taken away."""
    same = {"state": state, "due_at": None, "lease": None, "leased_until": None, "attempts": 0}
    is_held = changed(session, _leased(export).values({**same, **values})) == 1
    if is_held:
        _tell_anew(session, export)
    return is_held


def finish(session: Session, export: Export, rows: int, now: datetime) -> None:
    """Note that the file is in Slack, where it stays for some days."""
    end(session, export, ExportState.MADE, rows=rows, made_at=now, drop_at=now + timedelta(days=KEEP_DAYS))


def fail(session: Session, export: Export, fault: ExportFault) -> None:
    """Give an export up: there will be no file, or the one that there is stays."""
    end(session, export, ExportState.FAILED, fault=fault, drop_at=None)


def postpone(session: Session, export: Export, until: datetime) -> None:
    """Go on at `until`, real time: Slack is away."""
    end(session, export, export.state, due_at=until)


def _leased(export: Export) -> Update:
    return (
        update(Export)
        .where(
            col(Export.workspace_id) == export.workspace_id,
            col(Export.id) == export.id,
            col(Export.lease) == export.lease,
        )
        .execution_options(synchronize_session=False)
    )


def _tell_anew(session: Session, export: Export) -> None:
    deliveries.refresh(session, export.workspace_id, DeliveryKind.EXPORT_NOTE, export.id)


_TAKEN_BACK = {"due_at": deliveries.AT_ONCE, "lease": None, "leased_until": None, "attempts": 0, "drop_at": None}


def drop_old(session: Session, workspace_id: int, now: datetime) -> int:
    """Have the files deleted in Slack that have been there long enough; return how many."""
    old = update(Export).where(col(Export.workspace_id) == workspace_id, col(Export.drop_at) <= now)
    return changed(session, old.values(state=ExportState.DROPPING, **_TAKEN_BACK))


def count_old(session: Session, workspace_id: int, now: datetime) -> int:
    """Count the files that `drop_old` would have deleted."""
    query = select(func.count()).where(col(Export.workspace_id) == workspace_id, col(Export.drop_at) <= now)
    return session.scalar(query) or 0


def forget_person(session: Session, workspace_id: int, lead_numbers: Collection[int]) -> None:
    """Have every file deleted in Slack in which somebody may stand who is forgotten; what is being made begins anew.

    Who is in a file of everybody's nobody can tell; a file about one person is about one of `lead_numbers`, or stays.
    """
    tells = or_(col(Export.lead_number).is_(None), col(Export.lead_number).in_(lead_numbers))
    mine = (col(Export.workspace_id) == workspace_id, tells)
    in_slack = update(Export).where(*mine, col(Export.drop_at).is_not(None))
    session.execute(in_slack.values(state=ExportState.DROPPING, **_TAKEN_BACK))
    under_way = update(Export).where(*mine, col(Export.due_at).is_not(None), col(Export.state) == ExportState.WAITING)
    session.execute(under_way.values(**_TAKEN_BACK))


def is_dropping(session: Session, workspace_id: int) -> bool:
    """Tell whether a file is still to be deleted in Slack, or one is made anew that may have reached it."""
    query = select(col(Export.id)).where(
        col(Export.workspace_id) == workspace_id,
        col(Export.due_at).is_not(None),
        or_(col(Export.state) == ExportState.DROPPING, col(Export.file_slack_id) != ""),
    )
    return session.scalars(query.limit(1)).first() is not None


def asker_of(session: Session, export: Export) -> Member | None:
    """Return who asked for an export; None on the command line."""
    return members.get_member(session, export.workspace_id, export.member_id)
