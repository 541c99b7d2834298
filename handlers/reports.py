"""Reports: what the numbers say, for those who steer by them."""

from handlers.request import Desk, Reply, Request
from handlers.source_reports import SOURCE_REPORTS
from models.errors import InputError, Problem
from services.identity import fold
from services.vocabulary import nearest_word


def report(desk: Desk, request: Request) -> Reply:
    """`/lead report NAME …`."""
    name, _, rest = request.text.partition(" ")
    handler = SOURCE_REPORTS.get(fold(name or "sources"))
    if handler is None:
        raise InputError(Problem.UNKNOWN_REPORT, "report", name, nearest=nearest_word(name, SOURCE_REPORTS))
    return handler(desk, request.with_text(rest.strip()))
