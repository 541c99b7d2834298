"""What somebody says to Baton in a direct message: files come in, words get a hint."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from models.delivery import DeliveryKind
from models.errors import NotAllowedError
from models.member import Actor, Right, Standing
from services import deliveries, import_runs, members
from services.import_rows import ForAll
from services.import_runs import Settings

HINT = "hint"
"""What an answer to mere words is `about`, with the day: one a day is enough."""
_AS_EACH_ROW_SAYS = Settings(ForAll())


def take_message(session: Session, actor: Actor, file_slack_ids: Sequence[str], now: datetime) -> None:
    """Begin the import of each file; whoever may not import is told so, and whoever sends none where to type.

    The answer is a delivery, since an event has nobody waiting for one.
    """
    if not file_slack_ids:
        if actor.standing is Standing.ACTIVE:
            _answer(session, actor, f"{HINT}:{now.astimezone(actor.zone).date().isoformat()}", now)
        return
    try:
        members.require(session, actor, Right.IMPORT)
    except NotAllowedError:
        _answer(session, actor, file_slack_ids[0], now)
        return
    for file_slack_id in file_slack_ids:
        import_runs.begin_import(session, actor, file_slack_id, _AS_EACH_ROW_SAYS, now)


def _answer(session: Session, actor: Actor, about: str, now: datetime) -> None:
    kind = DeliveryKind.MESSAGE_ANSWER
    deliveries.want(session, actor.workspace_id, kind, actor.member_id, actor.slack_id, now, about=about)
