"""Messages that are not delivered: listed, and sent again when somebody has mended the cause."""

from handlers.fields import row_id_of
from handlers.request import Desk, Reply, Request
from models.member import Right
from services import deliveries, members, undelivered
from views import notices, replies


def list_undelivered(desk: Desk, request: Request) -> Reply:
    """`/lead list undelivered`, for whoever may do something about it."""
    with desk.database.read() as session:
        members.require(session, request.actor, Right.SETUP)
        waiting = undelivered.list_undelivered(session, desk.workspace_id)
    return Reply(notices.undelivered(waiting, request.reader))


def retry(desk: Desk, request: Request) -> Reply:
    """Click on Send again."""
    with desk.transaction(request) as session:
        is_stuck = deliveries.retry(session, desk.workspace_id, row_id_of(request.value))
    return Reply(replies.sent_again(request.reader) if is_stuck else replies.nothing_changed(request.reader))
