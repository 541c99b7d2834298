"""Make the exports that managers asked for, send each as a file to them alone, and delete it in Slack when its time is over.

Nobody holds an export in memory, and no transaction waits for Slack. Whoever goes on after a kill takes back the file
that may have reached Slack, and makes it anew: in the end there is one.
"""

import io
import tempfile
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import BinaryIO, cast

from slack_sdk.errors import SlackApiError, SlackClientError
from sqlmodel import Session

from jobs.context import JobContext
from jobs.deliver import Fault, judge
from models.base import made_at
from models.errors import LeadNotFoundError
from models.export import Export, ExportFault, ExportKind, ExportState
from models.member import Member
from services import export_runs
from services.exports import What, write_export
from services.fetching import is_from, opener
from services.leads import find_lead
from services.person_file import person_json
from views import export_note
from views.words import Reader

TRIES = 5
"""An export that brought the process down so often is not tried again."""
PATIENCE = timedelta(days=1)
"""For how long an export waits for Slack to take it; what is to be deleted waits for ever."""
TOLD_EVERY = timedelta(seconds=3)
UPLOAD_SECONDS = 20
_PAUSE = timedelta(seconds=15)
_AWAY = (SlackClientError, OSError, HTTPException)


class TakenAwayError(Exception):
    """Somebody was forgotten meanwhile, another process has the export, or Baton is about to end: all of it anew."""


def run(context: JobContext) -> int:
    """Do what is due, one export after the other; return how many steps that were."""
    return context.one_by_one(Export, export_runs.lease_due, _carry_on)


def dry_run(context: JobContext) -> int:
    """Count the exports that have something to be done."""
    return context.count_leases(Export)


def _carry_on(context: JobContext, export: Export) -> None:
    is_dropping = export.state is ExportState.DROPPING
    fault = ExportFault.NOT_DROPPED if is_dropping else ExportFault.NOT_TAKEN
    try:
        if export.attempts > TRIES:
            _fail(context, export, fault)
        elif is_dropping:
            _drop(context, export)
        else:
            _make(context, export)
    except _AWAY as error:
        is_late = datetime.now(UTC) - made_at(export.id) > PATIENCE and not is_dropping
        if judge(error)[0] is Fault.PERMANENT or is_late:
            _fail(context, export, fault)
            return
        with context.database.write() as session:
            export_runs.postpone(session, export, datetime.now(UTC) + _PAUSE)
    except TakenAwayError:
        return


def _fail(context: JobContext, export: Export, fault: ExportFault) -> None:
    with context.database.write() as session:
        export_runs.fail(session, export, fault)


def _drop(context: JobContext, export: Export) -> None:
    _delete(context, export)
    with context.database.write() as session:
        export_runs.end(session, export, ExportState.DROPPED, drop_at=None, file_slack_id="")


def _delete(context: JobContext, export: Export) -> None:
    """Delete the file in Slack; one that is not there any more is deleted."""
    try:
        context.client.files_delete(file=export.file_slack_id)
    except SlackApiError as error:
        if error.response.get("error") not in {"file_not_found", "file_deleted"}:
            raise


def _make(context: JobContext, export: Export) -> None:
    if export.file_slack_id:
        _delete(context, export)
    with tempfile.TemporaryFile() as file:
        rows = _write(context, export, cast(BinaryIO, file))
        if rows is None:
            _fail(context, export, ExportFault.GONE)
            return
        _send(context, export, cast(BinaryIO, file), rows)
    with context.database.write() as session:
        export_runs.finish(session, export, rows, context.clock())


def _write(context: JobContext, export: Export, file: BinaryIO) -> int | None:
    """Write the export to a file and return its number of rows; None when the person is not there any more."""
    with context.database.read() as session:
        if export.what is ExportKind.LEAD:
            return _write_person(session, export, file, context.clock())
        # With its mark, Excel takes it for UTF-8.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        what = cast(What, export.what.value)
        rows = write_export(session, export.workspace_id, what, text, context.clock(), _progress(context, export))
        text.detach()
    return rows


def _write_person(session: Session, export: Export, file: BinaryIO, now: datetime) -> int | None:
    try:
        lead = find_lead(session, export.workspace_id, export.label)
    except LeadNotFoundError:
        return None
    file.write(person_json(session, lead, now).encode())
    return 1


def _progress(context: JobContext, export: Export) -> Callable[[int], None]:
    """Return what is told the number of rows every so often: it keeps the lease and has the message say how far it is."""
    told = datetime.now(UTC)

    def tell(rows: int) -> None:
        nonlocal told
        if datetime.now(UTC) - told > TOLD_EVERY:
            told = datetime.now(UTC)
            _hold(context, export, rows)

    return tell


def _hold(context: JobContext, export: Export, rows: int, file_slack_id: str | None = None) -> None:
    """Keep the export for this process.

    Raises:
        TakenAwayError: it is not this process's any more, or Baton is about to end.
    """
    with context.database.write() as session:
        is_held = export_runs.renew(session, export, rows, datetime.now(UTC), file_slack_id)
    if not is_held or context.deliverer.stopping.is_set():
        raise TakenAwayError


def _send(context: JobContext, export: Export, file: BinaryIO, rows: int) -> None:
    """Give the file to Slack, and share it with whoever asked when it is known under which id to take it back."""
    with context.database.read() as session:
        member = session.get_one(Member, (export.workspace_id, export.member_id))
    reader = Reader(member.locale, member.timezone, context.deliverer.command)
    name = export_note.file_name(export, reader.today(context.clock()))
    channel = str(context.client.conversations_open(users=member.slack_id)["channel"]["id"])
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    place = context.client.files_getUploadURLExternal(filename=name, length=size)
    told = ToldReader(file, _progress(context, export), rows)
    _upload(str(place["upload_url"]), told, size, context.origins)
    _hold(context, export, rows, str(place["file_id"]))
    context.client.files_completeUploadExternal(
        files=[{"id": str(place["file_id"]), "title": name}],
        channel_id=channel,
        initial_comment=export_note.comment(export, rows, reader),
    )


class ToldReader:
    """A file that tells of every piece that is read of it: a slow upload keeps its lease."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], None], rows: int) -> None:
        self._file, self._tell, self._rows = file, tell, rows

    def read(self, size: int = -1) -> bytes:
        """Return the next piece."""
        self._tell(self._rows)
        return self._file.read(size)


def _upload(url: str, file: ToldReader, size: int, origins: frozenset[str]) -> None:
    if not is_from(url, origins):
        raise HTTPException("an address to upload to that is not Slack's")
    headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, data=cast(BinaryIO, file), headers=headers, method="POST")  # noqa: S310  The origin was checked: it is Slack's.
    with opener().open(request, timeout=UPLOAD_SECONDS) as answer:
        answer.read(1 << 10)
