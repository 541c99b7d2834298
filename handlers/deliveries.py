"""Messages that Slack refused: sent again when somebody has mended the cause."""

from handlers.fields import row_id_of
from handlers.request import Desk, Reply, Request
from services import deliveries
from views import replies


def retry(desk: Desk, request: Request) -> Reply:
    """Click on Send again."""
    with desk.transaction(request) as session:
        is_stuck = deliveries.retry(session, desk.workspace_id, row_id_of(request.value))
    return Reply(replies.sent_again(request.reader) if is_stuck else replies.nothing_changed(request.reader))
