"""Events: reactions on a card, people who join, leave or change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from handlers.people import People
from handlers.request import Desk
from models.delivery import Delivery, DeliveryKind
from models.member import Standing
from services import deliveries, members, workspaces
from services.reactions import claim_by_reaction, is_claiming
from services.records import receive_once


@dataclass(frozen=True)
class Event:
    """One event of Slack's; `key` is the same when Slack sends it again."""

    body: Mapping[str, Any]
    key: str
    now: datetime
    desk: Desk
    people: People


class CardNotPostedYetError(Exception):
    """A reaction came for a message that we may be posting at this moment: Slack shall send it again."""


def reaction_added(event: Event) -> None:
    """✋ or 🙋 on a handoff's card claims it; the private answer is a delivery, since an event has no response_url."""
    item, name = event.body.get("item") or {}, str(event.body.get("reaction") or "")
    if item.get("type") != "message" or not is_claiming(name):
        return
    channel, slack_id = str(item.get("channel") or ""), str(event.body.get("user") or "")
    with event.desk.database.read() as session:
        card = _card_at(session, event.desk.workspace_id, channel, str(item.get("ts") or ""))
    actor = event.people.find(slack_id, event.now) if card else None
    if card is None or actor is None or actor.standing is not Standing.ACTIVE:
        return
    with event.desk.database.write() as session:
        if event.key:
            receive_once(session, event.desk.workspace_id, event.key, event.now)
        claim_by_reaction(session, actor, card, event.now)


def _card_at(session: Session, workspace_id: int, channel: str, ts: str) -> Delivery | None:
    # In this order: the ts may be stored between the two questions, and then the second must see it.
    is_posting = deliveries.is_posting(session, workspace_id, DeliveryKind.HANDOFF_CARD, channel)
    delivery = deliveries.find_by_message(session, workspace_id, channel, ts)
    if delivery is None and is_posting:
        raise CardNotPostedYetError(channel)
    return delivery if delivery is not None and delivery.kind is DeliveryKind.HANDOFF_CARD else None


def joined_channel(event: Event) -> None:
    """Somebody joined: the channel's role is theirs. When it is Baton itself, it posts what the channel had refused."""
    if event.body.get("user") == event.desk.bot_slack_id:
        with event.desk.database.write() as session:
            deliveries.retry_in(session, event.desk.workspace_id, str(event.body.get("channel") or ""))
        return
    _set_in_channel(event, is_in=True)


def left_channel(event: Event) -> None:
    """Somebody left: the channel's role is theirs no more."""
    _set_in_channel(event, is_in=False)


def _set_in_channel(event: Event, *, is_in: bool) -> None:
    channel, slack_id = str(event.body.get("channel") or ""), str(event.body.get("user") or "")
    with event.desk.database.read() as session:
        workspace = workspaces.get_workspace(session, event.desk.workspace_id)
        concerns_us = members.is_watched(session, workspace, channel)
    if not concerns_us or not slack_id:
        return
    event.people.find(slack_id, event.now)
    with event.desk.database.write() as session:
        # Sent again after the person has come back, it would put them out of the channel.
        if event.key:
            receive_once(session, event.desk.workspace_id, event.key, event.now)
        members.set_in_channel(session, workspace, channel, slack_id, is_in=is_in)
    event.people.forget(slack_id)


def user_changed(event: Event) -> None:
    """Slack changed somebody's name, language, zone or standing: keep it if we know them."""
    user = event.body.get("user")
    if not isinstance(user, dict) or not user.get("id"):
        return
    with event.desk.database.read() as session:
        known = members.find_member(session, event.desk.workspace_id, str(user["id"]))
    if known is not None:
        # Without a language in the event, the one we know stays.
        # Sent again after a later one, it would give back a right that was taken.
        profile = {"locale": known.locale, **{k: v for k, v in user.items() if v is not None}}
        event.people.save(profile, event.now, event.key)
