"""Imports as people and jobs deal with them: begun, settled, confirmed, stopped, undone. One conditional UPDATE a step."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.errors import ImportStateError, NotYourImportError
from models.import_mapping import ImportMapping
from models.import_run import ImportRun, ImportState
from models.lead import Consent, Source
from models.member import Actor, Member, Right, Role
from models.records import Change
from models.workspace import Counter
from services import campaigns, deliveries, import_chunks, members
from services.import_rows import ForAll
from services.leases import lease_next
from services.statements import changed, insert

LEASE_SECONDS = 20
"""How long a job has an import for itself; every batch begins it anew."""
UNDO_MINUTES = 30
"""How long `/lead undo` takes an import for one's last slip; the message's button works longer."""
TOLD_SECONDS = 3
"""A message about an import changes at most this often while it runs."""
COUNTER = "import"
_AT_WORK = (ImportState.FETCHING, ImportState.READING, ImportState.RUNNING, ImportState.UNDOING)


@dataclass(frozen=True)
class Settings:
    """What the form says of the whole file. `cost` is the campaign's, in whole units of the currency."""

    for_all: ForAll
    consent_basis: str = ""
    cost: int | None = None


def begin_import(session: Session, actor: Actor, file_slack_id: str, settings: Settings, now: datetime) -> ImportRun:
    """Note that a file in Slack is to be imported; a job fetches it.

    Raises:
        NotAllowedError: the actor may not import.
    """
    members.require(session, actor, Right.IMPORT)
    run = _new_run(session, actor.workspace_id, actor.member_id, "", now)
    run.file_slack_id = file_slack_id
    _settle(session, run, settings, now)
    session.add(run)
    want_note(session, run, now)
    return run


def begin_here(
    session: Session,
    workspace_id: int,
    member_id: int | None,
    file_name: str,
    mapping: Mapping[str, str],
    now: datetime,
) -> ImportRun:
    """Note an import by this very process: no job touches it before it is confirmed."""
    run = _new_run(session, workspace_id, member_id, file_name, now)
    run.state, run.due_at, run.mapping = ImportState.READING, None, dict(mapping)
    session.add(run)
    return run


def confirm_here(session: Session, run: ImportRun, size: int, digest: str, now: datetime) -> ImportRun:
    """Let this process write an import whose file is kept; should it die, a job goes on when the lease has run out."""
    session.add(run)
    run.file_size, run.file_hash, run.confirmed_at = size, digest, now
    run.state, run.due_at = ImportState.RUNNING, deliveries.AT_ONCE
    run.lease, run.leased_until = secrets.token_hex(8), datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS)
    return run


def _new_run(session: Session, workspace_id: int, member_id: int | None, file_name: str, now: datetime) -> ImportRun:
    counter = insert(session, Counter).values(workspace_id=workspace_id, name=COUNTER, value=1)
    number = session.scalar(
        counter.on_conflict_do_update(
            index_elements=["workspace_id", "name"], set_={"value": col(Counter.value) + 1}
        ).returning(col(Counter.value))
    )
    return ImportRun(
        workspace_id=workspace_id,
        number=number or 1,
        member_id=member_id,
        file_name=file_name[:255],
        due_at=deliveries.AT_ONCE,
        created_at=now,
    )


def _settle(session: Session, run: ImportRun, settings: Settings, now: datetime) -> None:
    run.source, run.campaign = settings.for_all.source, settings.for_all.campaign
    run.consent, run.consent_basis = settings.for_all.consent, settings.consent_basis
    if run.campaign:
        campaigns.note_cost(session, run.workspace_id, run.campaign, settings.cost, now)


def for_all_of(run: ImportRun) -> ForAll:
    """Return what is said of every lead of the file."""
    return ForAll(Source(run.source) if run.source else None, run.campaign, Consent(run.consent))


def get_run(session: Session, actor: Actor, number: int) -> ImportRun:
    """Return the import `I-number`, which the actor may go on with.

    Raises:
        NotAllowedError: they may not import at all.
        ImportStateError: the workspace has no such import.
        NotYourImportError: somebody else began it, and they are no manager.
    """
    members.require(session, actor, Right.IMPORT)
    query = select(ImportRun).where(col(ImportRun.workspace_id) == actor.workspace_id, col(ImportRun.number) == number)
    run = session.scalars(query).first()
    if run is None:
        raise ImportStateError(None)
    if run.member_id != actor.member_id and Role.MANAGER not in actor.roles:
        raise NotYourImportError(run, members.get_member(session, actor.workspace_id, run.member_id))
    return run


def _move(
    session: Session,
    run: ImportRun,
    states: Iterable[ImportState],
    now: datetime,
    **values: Any,
) -> None:
    """Change an import that stands in one of these states, and have its message show it.

    Raises:
        ImportStateError: it stands elsewhere by now.
    """
    moved = (
        update(ImportRun)
        .where(
            col(ImportRun.workspace_id) == run.workspace_id,
            col(ImportRun.id) == run.id,
            col(ImportRun.state).in_(list(states)),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    has_moved = changed(session, moved) == 1
    session.refresh(run)
    if not has_moved:
        raise ImportStateError(run)
    want_note(session, run, now)


def settle_import(
    session: Session, run: ImportRun, mapping: Mapping[str, str], settings: Settings, now: datetime
) -> None:
    """Change how a file is understood, remember it for the next file of its kind, and have it read anew.

    Raises:
        ImportStateError: it is being imported already, or is over.
    """
    _move(session, run, [ImportState.READY], now, **_DUE, state=ImportState.READING, mapping=dict(mapping))
    _settle(session, run, settings, now)
    session.add(run)
    remember_mapping(session, run, now)


_DUE: dict[str, Any] = {"due_at": deliveries.AT_ONCE, "lease": None, "leased_until": None, "attempts": 0}
"""What a job takes up at once; whoever had it before has it no more."""


def confirm_import(session: Session, run: ImportRun, now: datetime) -> None:
    """Let an import be written: from here on it is carried to its end. Raises as `settle_import`."""
    _move(session, run, [ImportState.READY], now, **_DUE, state=ImportState.RUNNING, confirmed_at=now)


def discard_import(session: Session, run: ImportRun, now: datetime) -> None:
    """Give an import up before anything was written. Raises as `settle_import`."""
    states = [ImportState.READY, ImportState.FETCHING, ImportState.READING]
    _move(session, run, states, now, state=ImportState.DISCARDED, due_at=None, sample=[])
    import_chunks.drop_file(session, run)


def stop_import(session: Session, run: ImportRun, now: datetime) -> None:
    """Stop an import that is being written; what is written stays. Raises as `settle_import`."""
    due_at = deliveries.AT_ONCE if run.wants_rejects else None
    _move(
        session, run, [ImportState.RUNNING], now, state=ImportState.STOPPED, due_at=due_at, finished_at=now, sample=[]
    )
    import_chunks.drop_file(session, run)


def undo_import(session: Session, run: ImportRun, now: datetime) -> None:
    """Take a whole import back; leads that somebody has touched since stay.

    Raises:
        ImportStateError: it is not over, is undone already, or was over too long ago.
    """
    if run.finished_at is None or now - run.finished_at > timedelta(days=import_chunks.KEEP_DAYS):
        raise ImportStateError(run)
    states = [ImportState.DONE, ImportState.STOPPED]
    _move(session, run, states, now, **_DUE, state=ImportState.UNDOING, undo_after_id=0, kept_labels=[])


def want_rejects(session: Session, run: ImportRun, now: datetime) -> None:
    """Ask for the unreadable rows as a file; a job sends it. Raises as `settle_import`."""
    states = [ImportState.READY, ImportState.DONE, ImportState.STOPPED]
    _move(session, run, states, now, **_DUE, wants_rejects=True)


def import_to_undo(session: Session, actor: Actor, now: datetime) -> ImportRun | None:
    """Return the import that is the last thing the actor did, and not long ago; None when it was something else."""
    query = select(ImportRun).where(
        col(ImportRun.workspace_id) == actor.workspace_id,
        col(ImportRun.member_id) == actor.member_id,
        col(ImportRun.state).in_([ImportState.DONE, ImportState.STOPPED]),
        col(ImportRun.finished_at) >= now - timedelta(minutes=UNDO_MINUTES),
    )
    run = session.scalars(query.order_by(col(ImportRun.id).desc()).limit(1)).first()
    changes = select(col(Change.at)).where(
        col(Change.workspace_id) == actor.workspace_id, col(Change.member_id) == actor.member_id
    )
    last = session.scalars(changes.order_by(col(Change.id).desc()).limit(1)).first()
    is_last = run is not None and (last is None or (run.confirmed_at or run.created_at) >= last)
    return run if is_last else None


def want_note(session: Session, run: ImportRun, now: datetime) -> None:
    """Have the message about an import show it as it stands; one that did not begin in Slack has none."""
    is_in_slack = run.file_slack_id and run.member_id
    member = session.get(Member, (run.workspace_id, run.member_id)) if is_in_slack else None
    if member is not None:
        deliveries.want(session, run.workspace_id, DeliveryKind.IMPORT_NOTE, run.id, member.slack_id, now)


def lease_due(session: Session, workspace_id: int, now: datetime) -> ImportRun | None:
    """Take one import that has work to do for this process alone; `now` is real time."""
    return lease_next(session, ImportRun, workspace_id, LEASE_SECONDS, now)


def hold(session: Session, run: ImportRun, now: datetime) -> ImportRun | None:
    """Go on with a leased import and return it as it stands, locked; None when it was stopped or taken over."""
    statement = (
        update(ImportRun)
        .where(
            col(ImportRun.workspace_id) == run.workspace_id,
            col(ImportRun.id) == run.id,
            col(ImportRun.state) == run.state,
            col(ImportRun.lease) == run.lease,
        )
        .values(leased_until=now + timedelta(seconds=LEASE_SECONDS))
        .returning(ImportRun)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).first()


def let_go(run: ImportRun) -> None:
    """Give the lease of a held import back; it stays due while there is more to do."""
    is_due = run.state in _AT_WORK or run.wants_rejects
    run.lease, run.leased_until, run.attempts = None, None, 0
    run.due_at = deliveries.AT_ONCE if is_due else None


def earlier_import(session: Session, run: ImportRun) -> ImportRun | None:
    """Return the last import of the very same file that was written to its end, and not taken back."""
    query = select(ImportRun).where(
        col(ImportRun.workspace_id) == run.workspace_id,
        col(ImportRun.file_hash) == run.file_hash,
        col(ImportRun.id) < run.id,
        col(ImportRun.state) == ImportState.DONE,
    )
    return session.scalars(query.order_by(col(ImportRun.id).desc()).limit(1)).first()


def remember_mapping(session: Session, run: ImportRun, now: datetime) -> None:
    """Remember what was said of the columns for the next file with the same headings."""
    values = {"workspace_id": run.workspace_id, "headings_key": headings_key(run.layout.get("headings", ())),
              "mapping": run.mapping, "used_at": now}  # fmt: skip
    statement = insert(session, ImportMapping).on_conflict_do_update(
        index_elements=["workspace_id", "headings_key"], set_={"mapping": values["mapping"], "used_at": now}
    )
    session.execute(statement, values)


def remembered_mapping(session: Session, workspace_id: int, headings: Sequence[str]) -> dict[str, str]:
    """Return what was said of the columns of the last file with these headings; empty when nothing was."""
    found = session.get(ImportMapping, (workspace_id, headings_key(headings)))
    return dict(found.mapping) if found else {}


def headings_key(headings: Sequence[str]) -> str:
    """Return a short key of headings in their order."""
    return hashlib.sha256("\x1f".join(headings).encode()).hexdigest()[:32]
