"""Reports: what the numbers say, for those who steer by them."""

from collections.abc import Mapping
from functools import partial

from handlers.request import Desk, Handler, Reply, Request
from models.errors import InputError, Problem
from models.facts import Grouping
from models.member import Right
from services import members
from services.identity import fold
from services.periods import read_period
from services.source_quality import report_quality
from services.vocabulary import nearest_word
from views import source_report


def _quality(grouping: Grouping, desk: Desk, request: Request) -> Reply:
    """`/lead report sources|campaigns [PERIOD]`: what became of the leads by where they came from."""
    period = read_period(request.text, request.now.astimezone(request.actor.zone).date())
    with desk.database.read() as session:
        members.require(session, request.actor, Right.REPORT)
        facts = report_quality(session, desk.workspace_id, grouping, period)
    return Reply(source_report.report(facts, request.reader))


REPORTS: Mapping[str, Handler] = {
    fold(word): handler
    for handler, words in (
        (partial(_quality, Grouping.SOURCE), "sources,source,獲得経路,経路,quality,質"),
        (partial(_quality, Grouping.CAMPAIGN), "campaigns,campaign,キャンペーン,施策"),
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
