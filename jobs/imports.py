"""Carry imports on: fetch the file, read it, write its rows, take them back, send what could not be read."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from jobs.context import JobContext
from jobs.import_files import fetch, send_rejects
from models.import_run import Fault, ImportRun, ImportState
from services import import_runs, import_steps
from services.files.records import UnreadableFileError
from services.import_steps import Work

TRIES = 8
"""A file that brought the process down so often is not tried again."""


def run(context: JobContext) -> int:
    """Do what is due, one import after the other; return how many steps that were."""
    return context.one_by_one(ImportRun, import_runs.lease_due, _carry_on)


def dry_run(context: JobContext) -> int:
    """Count the imports that have something to be done."""
    return context.count_leases(ImportRun)


def _carry_on(context: JobContext, leased: ImportRun) -> None:
    work = Work(context.database, context.clock, context.deliverer.stopping.is_set)
    is_before_writing = leased.state in {ImportState.FETCHING, ImportState.READING}
    if is_before_writing and leased.attempts > TRIES:
        import_steps.finish(work, leased, state=ImportState.FAILED, fault=Fault.TOO_BIG.value)
        return
    try:
        if leased.wants_rejects:
            send_rejects(context, work, leased)
        elif step := _STEPS.get(ImportState(leased.state)):
            step(context, work, leased)
    except UnreadableFileError as error:
        fault = {"fault": error.fault.value, "fault_row": error.row, "wants_rejects": False}
        import_steps.finish(work, leased, **fault, **_ended(leased, context.clock()))


def _ended(run: ImportRun, now: datetime) -> dict[str, Any]:
    """Return how an import stands whose file can be read no further: it never seems to go on."""
    if run.state is ImportState.RUNNING and run.position:
        return {"state": ImportState.STOPPED, "finished_at": now, "sample": []}
    is_over = run.state in {ImportState.DONE, ImportState.STOPPED}
    return {} if is_over else {"state": ImportState.FAILED, "sample": []}


_STEPS: Mapping[ImportState, Callable[[JobContext, Work, ImportRun], object]] = {
    ImportState.FETCHING: fetch,
    ImportState.READING: lambda _context, work, run: import_steps.read_file(work, run),
    ImportState.RUNNING: lambda _context, work, run: import_steps.write_kept_rows(work, run),
    ImportState.UNDOING: lambda _context, work, run: import_steps.take_back(work, run),
}
