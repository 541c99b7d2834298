"""Reports: what the numbers say, for those who steer by them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from handlers.fields import list_of, number_in, row_id_of
from handlers.request import Desk, Handler, Reply, Request
from models.errors import InputError, Problem
from models.facts import Grouping, ScoringReport
from models.learning import FitReport
from models.member import Right
from models.report import Report, ReportKind
from services import learning, members, reports
from services.identity import fold
from services.periods import read_period
from services.proposals import accept_table, preview_table
from services.source_quality import report_quality
from services.vocabulary import nearest_word
from views import column_form, proposal_form, replies, scoring_report, source_report


def _quality(grouping: Grouping, desk: Desk, request: Request) -> Reply:
    """`/lead report sources|campaigns|imports [PERIOD]`: what became of the leads by where they came from."""
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
        (partial(_quality, Grouping.IMPORT), "imports,import,取り込み,取込,ファイル"),
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


def open_proposal(desk: Desk, request: Request) -> Reply:
    """Click on Use these points: what they would do, to be accepted or changed."""
    _, facts = _report_of(desk, request.value)
    table = _fit_in(facts, request.value).table
    mql, hot = (threshold.points for threshold in table.thresholds)
    with desk.database.read() as session:
        effects = preview_table(session, desk.workspace_id, table.rules, mql, hot, request.now)
    return Reply(form=proposal_form.propose(table, effects, request.reader, request.note(report=request.value)))


def save_proposal(desk: Desk, request: Request) -> Reply:
    """The form submitted: the lines as the manager left them are the next version of the rules."""
    report, facts = _report_of(desk, str(request.metadata.get("report") or ""))
    table = _fit_in(facts, str(report.id)).table
    points = [number_in(request, name, 0, proposal_form.POINTS_MAX) for name in proposal_form.names_of(table)]
    mql, hot = (number_in(request, name, 1, proposal_form.THRESHOLD_MAX) for name in ("mql_threshold", "hot_threshold"))
    lines = [replace(rule, points=given) for rule, given in zip(table.rules, points, strict=True) if given]
    with desk.transaction(request) as session:
        report = reports.get_report(session, desk.workspace_id, report.id)
        accept_table(session, request.actor, report, lines, mql, hot, request.now)
        reports.tell_anew(session, report)
    return Reply(replies.points_accepted(len(lines), mql, hot, request.reader))


def _fit_of(desk: Desk, report_id: str) -> tuple[FitReport, dict[str, bool]]:
    _, facts = _report_of(desk, report_id)
    with desk.database.read() as session:
        choices = learning.choices_of(session, desk.workspace_id)
    return _fit_in(facts, report_id), choices


def _report_of(desk: Desk, report_id: str) -> tuple[Report, ScoringReport]:
    with desk.database.read() as session:
        found = reports.get_report(session, desk.workspace_id, row_id_of(report_id))
        return found, reports.scoring_report(session, found)


def _fit_in(facts: ScoringReport, report_id: str) -> FitReport:
    if facts.fit is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "report", report_id)
    return facts.fit
