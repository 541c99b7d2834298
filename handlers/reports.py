"""Reports, and what can be done with what they propose."""

from collections.abc import Mapping

from handlers.fields import list_of, row_id_of
from handlers.request import Desk, Reply, Request
from models.errors import InputError, Problem
from models.learning import FitReport
from models.report import ReportKind
from services import learning, reports
from services.identity import fold
from services.vocabulary import nearest_word
from views import column_form, replies, scoring_report

REPORTS: Mapping[str, ReportKind] = {
    fold(word): kind
    for kind, words in {ReportKind.SCORING: "scoring,score,スコア,スコアリング,点数"}.items()
    for word in words.split(",")
}
"""The reports by the words that people type."""


def report(desk: Desk, request: Request) -> Reply:
    """`/lead report NAME`: acked at once, made by a job, told in a direct message."""
    name = fold(request.text) if request.text else "scoring"
    if name not in REPORTS:
        raise InputError(Problem.UNKNOWN_REPORT, "report", request.text, nearest=nearest_word(name, REPORTS) or "")
    with desk.transaction(request) as session:
        reports.ask_report(session, request.actor, REPORTS[name], request.now)
    return Reply(scoring_report.started(request.reader))


def open_columns(desk: Desk, request: Request) -> Reply:
    """Click on Choose columns."""
    fit, choices = _fit_of(desk, request.value)
    return Reply(form=column_form.choose(fit, choices, request.reader, request.note(report=request.value)))


def save_columns(desk: Desk, request: Request) -> Reply:
    """The form submitted: the next version is learned so, within the hour."""
    fit, _ = _fit_of(desk, str(request.metadata.get("report") or ""))
    names = column_form.columns_of(fit)
    choices = {
        name: is_allowed
        for block, is_allowed in (("allowed", True), ("forbidden", False))
        for place, name in enumerate(names)
        if str(place) in list_of(request, block)
    }
    with desk.transaction(request) as session:
        learning.choose_columns(session, request.actor, choices, request.now)
    return Reply(replies.columns_chosen(request.reader))


def _fit_of(desk: Desk, report_id: str) -> tuple[FitReport, dict[str, bool]]:
    with desk.database.read() as session:
        found = reports.get_report(session, desk.workspace_id, row_id_of(report_id))
        facts = reports.scoring_report(session, found)
        choices = learning.choices_of(session, desk.workspace_id)
    if facts.fit is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "report", report_id)
    return facts.fit, choices
