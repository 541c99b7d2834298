"""Files of imports to and from Slack: the uploaded one fetched, the unreadable rows sent back."""

import csv
import io
import tempfile
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPException
from typing import Any, BinaryIO, cast

from slack_sdk.errors import SlackClientError

from jobs.context import JobContext
from jobs.deliver import Fault as Attempt
from jobs.deliver import judge
from models.delivery import DeliveryKind
from models.import_run import Fault, ImportRun, ImportState
from models.member import Member
from services import deliveries, import_steps
from services.exports import safe_cell
from services.fetching import is_from, opener
from services.files.records import UnreadableFileError
from services.import_rows import REJECT_HEADINGS
from services.import_steps import Lease, Work
from views.import_words import reason
from views.words import Reader

UPLOAD_MAX = 20 * 1024 * 1024
"""Bytes of a file from Slack."""
TIMEOUT_SECONDS = 10
_CHUNK = 1 << 16
_PAUSE = timedelta(seconds=15)


def fetch(context: JobContext, work: Work, run: ImportRun) -> None:
    """Fetch the file from Slack and keep it, so that nothing depends on Slack any more.

    Raises:
        UnreadableFileError: it is too big, somebody else's, from outside Slack, or Slack does not give it.
    """
    try:
        file = context.client.files_info(file=run.file_slack_id)["file"]
        url = _address_of(file, context, run)
        with tempfile.TemporaryFile() as kept:
            _download(url, str(context.client.token), cast(BinaryIO, kept), Lease(work, run))
            kept.seek(0)
            size, digest = import_steps.keep_file(work, run, cast(BinaryIO, kept))
    except (SlackClientError, OSError, HTTPException) as error:
        if judge(error)[0] is Attempt.PERMANENT:
            raise UnreadableFileError(Fault.NOT_FETCHED) from error
        # Slack is away: the file is still there when it is back.
        import_steps.postpone(work, run, _PAUSE)
        return
    import_steps.finish(
        work, run, state=ImportState.READING, file_name=str(file.get("name") or "")[:255], file_size=size,
        file_hash=digest,
    )  # fmt: skip


def _address_of(file: Mapping[str, Any], context: JobContext, run: ImportRun) -> str:
    """Return where the file lies, if it lies in Slack and belongs to whoever imports it."""
    with context.database.read() as session:
        member = session.get(Member, (run.workspace_id, run.member_id))
    is_theirs = member is not None and file.get("user") == member.slack_id
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    is_outside = bool(file.get("is_external")) or file.get("mode") in {"external", "tombstone", "hidden_by_limit"}
    if not is_theirs or is_outside or not is_from(url, context.origins):
        raise UnreadableFileError(Fault.NOT_YOURS)
    if int(file.get("size") or 0) > UPLOAD_MAX:
        raise UnreadableFileError(Fault.TOO_BIG)
    return url


def _download(url: str, token: str, into: BinaryIO, lease: Lease) -> None:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310  The origin was checked: it is Slack's.
    with opener().open(request, timeout=TIMEOUT_SECONDS) as answer:
        if "text/html" in str(answer.headers.get("Content-Type")):
            # Slack's sign-in page: the token may not read files.
            raise UnreadableFileError(Fault.NOT_FETCHED)
        size = 0
        while piece := answer.read(_CHUNK):
            size += len(piece)
            if size > UPLOAD_MAX:
                raise UnreadableFileError(Fault.TOO_BIG)
            into.write(piece)
            if not lease.is_renewed():
                raise ConnectionAbortedError("Baton is about to end, or another process has the import")


def send_rejects(context: JobContext, work: Work, run: ImportRun) -> None:
    """Send the rows that could not be read into the import's direct message, each with its number and the reason.

    Raises:
        UnreadableFileError: GONE, the file is kept no longer.
    """
    with context.database.read() as session:
        member = session.get_one(Member, (run.workspace_id, run.member_id))
        note = deliveries.find_delivery(session, run.workspace_id, DeliveryKind.IMPORT_NOTE, run.id)
    content = _rejects_csv(work, run, Reader(member.locale, member.timezone))
    try:
        channel = note.posted_channel_slack_id if note is not None else None
        channel = channel or str(context.client.conversations_open(users=member.slack_id)["channel"]["id"])
        context.client.files_upload_v2(
            channel=channel,
            thread_ts=note.slack_ts if note is not None else None,
            filename=f"{run.label}-unreadable.csv",
            content=content,
        )
    except (SlackClientError, OSError, HTTPException) as error:
        if judge(error)[0] is not Attempt.PERMANENT and run.attempts <= 3:
            import_steps.postpone(work, run, _PAUSE)
            return
    import_steps.finish(work, run, wants_rejects=False)


def _rejects_csv(work: Work, run: ImportRun, reader: Reader) -> str:
    """Write the unreadable rows under the file's own headings: put right, it can be imported as it is."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    headings = [str(heading) for heading in run.layout.get("headings", ())]
    writer.writerow([safe_cell(heading) for heading in [*headings, *REJECT_HEADINGS]])
    for bad, cells in import_steps.unreadable_rows(work, run):
        why = reason(bad.reason.value, bad.field, bad.limit, reader, bad.value)
        width = len(headings)
        row = [*cells[:width], *[""] * (width - len(cells)), str(bad.row), why]
        writer.writerow([safe_cell(cell) for cell in row])
    # With the mark, Excel takes it for UTF-8.
    return "\ufeff" + file.getvalue()
