"""Find the hands that were raised while Baton was down: Slack does not tell of them again."""

import logging
from collections.abc import Iterator
from http.client import HTTPException

from slack_sdk.errors import SlackClientError

from jobs.asking import ask
from jobs.context import JobContext
from models.delivery import Delivery
from models.member import Standing
from services import members
from services.reactions import claim_by_reaction, is_claiming, open_cards, was_heard

log = logging.getLogger(__name__)


def run(context: JobContext) -> int:
    """Carry out the claims that open cards carry; return how many were won."""
    with context.database.read() as session:
        cards = open_cards(session, context.workspace_id)
    return sum(_claim(context, card, slack_id) for card in cards for slack_id in _hands(context, card))


def _hands(context: JobContext, card: Delivery) -> Iterator[str]:
    """Yield who raised a hand on the card, in Slack's order."""
    try:
        channel, ts = card.posted_channel_slack_id or "", card.slack_ts or ""
        answer = ask(context, context.client.reactions_get, channel=channel, timestamp=ts, full=True)
    except (SlackClientError, OSError, HTTPException) as error:
        # One card that cannot be read must not hide the hands on the others.
        log.warning("the reactions of a card could not be read: %s", type(error).__name__)
        return
    for reaction in (answer.get("message") or {}).get("reactions") or []:
        if is_claiming(reaction["name"]):
            yield from reaction["users"]


def _claim(context: JobContext, card: Delivery, slack_id: str) -> bool:
    with context.database.write() as session:
        member = members.find_member(session, context.workspace_id, slack_id)
        if member is None or member.standing is not Standing.ACTIVE:
            return False
        if was_heard(session, card, member):
            return False
        return claim_by_reaction(session, member.as_actor(), card, context.clock())


def dry_run(context: JobContext) -> int:
    """Count the open cards whose reactions would be read."""
    return context.count(lambda session, workspace, _now: len(open_cards(session, workspace.id)))
