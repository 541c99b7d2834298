"""The files of imports: kept as long as they can be of use, and no longer where somebody in them was forgotten."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlmodel import Session, col

from models.import_chunk import ImportChunk
from models.import_run import ImportRun, ImportState
from models.lead import Lead
from services.folding import fold_name
from services.statements import changed, insert

KEEP_DAYS = 30
"""How long the file of an import is kept: until then its unreadable rows can be had and it can be undone."""
_AT_WORK = (ImportState.RUNNING, ImportState.UNDOING)
_NOT_WANTED = (ImportState.DISCARDED, ImportState.FAILED, ImportState.UNDONE)
_OVER = (*_NOT_WANTED, ImportState.DONE, ImportState.STOPPED)
_WAITS = col(ImportRun.state).in_([ImportState.FETCHING, ImportState.READING, ImportState.READY])


def store_chunk(session: Session, run: ImportRun, place: int, content: bytes) -> None:
    """Keep one piece of the file; the same piece again changes nothing."""
    statement = insert(session, ImportChunk).on_conflict_do_update(
        index_elements=["workspace_id", "import_id", "place"], set_={"content": content}
    )
    values = {"workspace_id": run.workspace_id, "import_id": run.id, "place": place, "content": content}
    session.execute(statement, values)


def read_chunk(session: Session, run: ImportRun, place: int) -> bytes | None:
    """Return one piece of the file; None after the last, or when it is kept no longer."""
    chunk = session.get(ImportChunk, (run.workspace_id, run.id, place))
    return chunk.content if chunk else None


def drop_file(session: Session, run: ImportRun) -> None:
    """Delete the file of an import that is over, where it is not to be kept."""
    if run.drops_file and run.state in _OVER:
        _delete_chunks(session, run.workspace_id, [run.id])


def _delete_chunks(session: Session, workspace_id: int, imports: Any) -> int:
    chunks = delete(ImportChunk).where(
        col(ImportChunk.workspace_id) == workspace_id, col(ImportChunk.import_id).in_(imports)
    )
    return changed(session, chunks.execution_options(synchronize_session=False))


def forget_person(session: Session, lead: Lead) -> None:
    """Keep nothing of imports in which somebody may stand who is forgotten: who is in a file nobody can tell.

    The files of imports that are over go at once, the others as soon as they are; the first rows that a form shows go,
    and the name of a file that is the person's.
    """
    mine = col(ImportRun.workspace_id) == lead.workspace_id
    runs = session.scalars(select(ImportRun).where(mine).with_for_update()).all()
    for run in runs:
        run.drops_file, run.sample = True, []
        if lead.name_key and lead.name_key in fold_name(run.file_name):
            run.file_name = ""
        session.add(run)
    over = [run.id for run in runs if run.state in _OVER]
    if over:
        _delete_chunks(session, lead.workspace_id, over)


def waits_to_drop_file(session: Session, workspace_id: int) -> bool:
    """Tell whether a file is still kept that is to go with the end of its import."""
    query = select(col(ImportRun.id)).where(
        col(ImportRun.workspace_id) == workspace_id,
        col(ImportRun.drops_file),
        col(ImportRun.state).not_in(_OVER),
    )
    return session.scalars(query.limit(1)).first() is not None


def forget_files(session: Session, workspace_id: int, now: datetime) -> int:
    """Delete the files that nobody can ask for any more, and give up what was never confirmed; return how many rows went."""
    old = _old(workspace_id, now)
    session.execute(
        update(ImportRun)
        .where(col(ImportRun.id).in_(old), col(ImportRun.workspace_id) == workspace_id, _WAITS)
        .values(state=ImportState.DISCARDED, due_at=None, sample=[])
        .execution_options(synchronize_session=False)
    )
    return _delete_chunks(session, workspace_id, old)


def count_old_files(session: Session, workspace_id: int, now: datetime) -> int:
    """Count the rows that `forget_files` would delete."""
    query = select(func.count()).select_from(ImportChunk)
    old = col(ImportChunk.import_id).in_(_old(workspace_id, now))
    return session.scalar(query.where(col(ImportChunk.workspace_id) == workspace_id, old)) or 0


def _old(workspace_id: int, now: datetime) -> Any:
    return select(col(ImportRun.id)).where(
        col(ImportRun.workspace_id) == workspace_id,
        or_(
            (col(ImportRun.created_at) < now - timedelta(days=KEEP_DAYS)) & col(ImportRun.state).not_in(_AT_WORK),
            (col(ImportRun.created_at) < now - timedelta(days=1))
            & (col(ImportRun.state).in_(_NOT_WANTED) | (col(ImportRun.drops_file) & _WAITS)),
        ),
    )
