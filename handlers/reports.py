"""Reports: what the numbers say, for those who steer by them."""

from collections.abc import Mapping
from functools import partial

from handlers.fields import list_of, row_id_of
from handlers.request import Desk, Handler, Reply, Request
from models.errors import InputError, Problem
from models.facts import Grouping
from models.learning import FitReport
from models.member import Right
from models.report import ReportKind
from services import learning, members, reports
from services.identity import fold
from services.periods import read_period
from services.source_quality import report_quality
from services.vocabulary import nearest_word
from views import column_form, replies, scoring_report, source_report


def _quality(grouping: Grouping, desk: Desk, request: Request) -> Reply:
    """`/lead report sources|campaigns [PERIOD]`: what became of the leads by where they came from."""
    period = read_period(request.text, request.now.astimezone(request.actor.zone).date())
    with desk.database.read() as session:
        members.require(session, request.actor, Right.REPORT)
        facts = report_quality(session, desk.workspace_id, grouping, period)
    return Reply(source_report.report(facts, request.reader))


def _scoring(desk: Desk, request: Request) -> Reply:
    """`/lead report scoring`: acked at once, made by a job, told in a direct message."""
    with desk.transaction(request) as session:
        reports.ask_report(session, request.actor, ReportKind.SCORING, request.now)
    return Reply(scoring_report.started(request.reader))


REPORTS: Mapping[str, Handler] = {
    fold(word): handler
    for handler, words in (
        (partial(_quality, Grouping.SOURCE), "sources,source,獲得経路,経路,quality,質"),
        (partial(_quality, Grouping.CAMPAIGN), "campaigns,campaign,キャンペーン,施策"),
        (_scoring, "scoring,score,スコア,スコアリング,点数"),
    )
    for word in words.split(",")
}
"""The reports by the words that people type."""


def report(desk: Desk, request: Request) -> Reply:
    """`/lead report NAME …`."""
    name, _, rest = request.text.partition(" ")
    handler = REPORTS.get(fold(name)) if name else REPORTS["sources"]
    if handler is None:
        raise InputError(Problem.UNKNOWN_REPORT, "report", name, nearest=nearest_word(name, REPORTS))
    return handler(desk, request.with_text(rest.strip()))


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
