"""What became of the leads, by where they came from."""

from collections.abc import Mapping
from functools import partial

from handlers.request import Desk, Handler, Reply, Request
from models.facts import Grouping
from models.member import Right
from services import members
from services.identity import fold
from services.periods import read_period
from services.source_quality import report_quality
from views import source_report


def _quality(grouping: Grouping, desk: Desk, request: Request) -> Reply:
    """`/lead report sources|campaigns [PERIOD]`: what became of the leads by where they came from."""
    period = read_period(request.text, request.now.astimezone(request.actor.zone).date())
    with desk.database.read() as session:
        members.require(session, request.actor, Right.REPORT)
        facts = report_quality(session, desk.workspace_id, grouping, period)
    return Reply(source_report.report(facts, request.reader))


SOURCE_REPORTS: Mapping[str, Handler] = {
    fold(word): handler
    for handler, words in (
        (partial(_quality, Grouping.SOURCE), "sources,source,獲得経路,経路,quality,質"),
        (partial(_quality, Grouping.CAMPAIGN), "campaigns,campaign,キャンペーン,施策"),
    )
    for word in words.split(",")
}
"""The reports on quality by the words that people type."""
