"""Make the reports that people asked for: what takes seconds to compute has no place in an answer."""

import logging
import subprocess
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from jobs import learn
from jobs.context import JobContext
from jobs.drawing import draw
from models.learning import read_fit_report
from models.report import Report
from models.workspace import Workspace
from services import chances, learning, learning_rows, reports
from views import calibration
from views.words import Reader

log = logging.getLogger(__name__)

# A version this young is told of as it is; an older one is learned anew first.
FRESH = timedelta(days=1)


def run(context: JobContext) -> int:
    """Make every report that is due; return how many."""
    done = 0
    while (report := _take(context)) is not None:
        try:
            _make(context, report)
        except (subprocess.SubprocessError, OSError, ValueError):
            log.exception("report %s failed", report.id)
            with context.database.write() as session:
                reports.fail_report(session, report)
        done += 1
    return done


def dry_run(context: JobContext) -> int:
    """Count the reports that a run would make."""

    def count(session: Session, workspace: Workspace, _now: datetime) -> int:
        return reports.count_waiting(session, workspace.id, datetime.now(UTC))

    return context.count(count)


def _take(context: JobContext) -> Report | None:
    with context.database.write() as session:
        return reports.take_report(session, context.workspace_id, datetime.now(UTC))


def _make(context: JobContext, report: Report) -> None:
    version = _fresh_version(context)
    if version is None:
        with context.database.write() as session:
            closed = learning_rows.count_closed(session, context.workspace_id)
            facts = {"won": closed.won, "lost": closed.lost}
            reports.finish_report(session, report, facts, b"", context.clock())
        return
    with context.database.read() as session:
        fit = read_fit_report(chances.model_of_version(session, context.workspace_id, version).report)
        asker = reports.asker_of(session, report)
    reader = Reader(asker.locale, asker.timezone) if asker else Reader("en", "UTC")
    picture = draw(calibration.drawing(fit, reader))
    with context.database.write() as session:
        reports.finish_report(session, report, {"version": version}, picture, context.clock())


def _fresh_version(context: JobContext) -> int | None:
    """Return the version in force, learned anew when it is not of today; None while too few leads are closed."""
    with context.database.read() as session:
        model = chances.model_in_force(session, context.workspace_id)
    if model is not None and context.clock() - model.fitted_at < FRESH:
        return model.version
    learned = learning.learn(context.database, context.workspace_id, context.clock())
    learn.score(context)
    return learned.version if learned else None
