"""The messages that should exist: wanted in the transaction of their cause, sent by jobs/deliver.py."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Update,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.base import UTCDateTime, blank, new_id
from models.delivery import Delivery, DeliveryKind, DeliveryState, Mention
from models.lead import Lead
from services.leases import taken
from services.statements import Prepared, changed, insert, insert_into, placeholders

# Longer than an attempt can take (the client gives up after 10 s), so no two processes send the same message.
LEASE_SECONDS = 60
# However long Slack was away, a card is to be there minutes after it is back.
_BACKOFF_SECONDS = (1, 2, 5, 10, 30, 60, 120)

# Written out, not bound: only so does a database see that the index of what is pending, or stuck, has the answer.
_IS_PENDING: ColumnElement[bool] = col(Delivery.state) == literal_column("'pending'")
_IS_STUCK: ColumnElement[bool] = col(Delivery.state).in_([literal_column("'unknown'"), literal_column("'failed'")])
_HAS_FAILED: ColumnElement[bool] = col(Delivery.state) == DeliveryState.FAILED

# A message just asked for is due whatever the clocks say: business time may be moved, the deliverer lives in real time.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
# What may have been posted already is looked up before anything is sent, and that must wait until Slack shows it.
_AT_ONCE_UNLESS_DOUBTFUL: ColumnElement[datetime] = case(
    (col(Delivery.is_doubtful), col(Delivery.next_attempt_at)), else_=literal(AT_ONCE, UTCDateTime)
)


def want(
    session: Session,
    workspace_id: int,
    kind: DeliveryKind,
    subject_id: int,
    channel: str,
    now: datetime,
    *,
    about: str = "",
    only_to: str | None = None,
    parent_id: int | None = None,
) -> None:
    """Ask for the message of this kind about this row to exist in `channel` and to show the row as it is.

    Asked again, the same message is updated. `about` tells several messages about one row apart.
    """
    key = f"{kind}:{subject_id}:{about}"
    delivery = Delivery(
        workspace_id=workspace_id,
        kind=kind,
        key=key,
        subject_id=subject_id,
        about=about,
        channel_slack_id=channel,
        only_to_slack_id=only_to,
        parent_id=parent_id,
        next_attempt_at=AT_ONCE,
        created_at=now,
    )
    statement = insert(session, Delivery).on_conflict_do_update(index_elements=["workspace_id", "key"], set_=_again())
    session.execute(statement, delivery.model_dump())
    session.info["wakes"] = True


def want_all(
    session: Session,
    workspace_id: int,
    kind: DeliveryKind,
    messages: Sequence[tuple[int, str, str]],
    now: datetime,
) -> None:
    """Ask for many messages of one kind that nobody asked for before: each a subject, a channel and what it is `about`."""
    if not messages:
        return
    same = {**_BLANK, "workspace_id": workspace_id, "kind": kind, "next_attempt_at": AT_ONCE, "created_at": now}
    rows = (
        {"id": new_id(), "key": f"{kind}:{subject_id}:{about}", "subject_id": subject_id, "about": about,
         "channel_slack_id": channel}
        for subject_id, channel, about in messages
    )  # fmt: skip
    _INSERT_MANY.run_many(session, same, rows)
    session.info["wakes"] = True


def _inserting_new(dialect: str) -> Executable:
    return insert_into(Delivery, dialect).values(placeholders(Delivery)).on_conflict_do_nothing()


_BLANK = blank(Delivery)
_INSERT_MANY = Prepared(_inserting_new)


def refresh(
    session: Session, workspace_id: int, kind: DeliveryKind, subject_id: int, *, about: str | None = None
) -> None:
    """Have every message of this kind about this row show the row as it now is; `about`: only that one of them."""
    session.execute(
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.kind) == kind,
            col(Delivery.subject_id) == subject_id,
            true() if about is None else col(Delivery.about) == about,
        )
        .values(**_again())
        .execution_options(synchronize_session=False)
    )
    session.info["wakes"] = True


def _again() -> dict[str, Any]:
    """Return what makes a message due to show its row as it now is."""
    return {
        "wanted_rev": col(Delivery.wanted_rev) + 1,
        "state": DeliveryState.PENDING,
        "next_attempt_at": _AT_ONCE_UNLESS_DOUBTFUL,
        "attempts": 0,
    }


def naming(workspace_id: int, lead_id: int, handoff_ids: Iterable[int]) -> ColumnElement[bool]:
    """Build the condition that a message names a lead: it is about it or a handoff of it, or was noted to mention it."""
    mentions = select(col(Mention.delivery_id)).where(
        col(Mention.workspace_id) == workspace_id, col(Mention.lead_id) == lead_id
    )
    # Every kind, for the index begins with it.
    is_about = col(Delivery.kind).in_(list(DeliveryKind)) & col(Delivery.subject_id).in_([lead_id, *handoff_ids])
    return (col(Delivery.workspace_id) == workspace_id) & (is_about | col(Delivery.id).in_(mentions))


def count_naming(session: Session, workspace_id: int, lead_id: int, handoff_ids: Iterable[int]) -> tuple[int, int]:
    """Count the messages that name a lead: those that stand in Slack, and those that only one person saw, briefly."""
    query = select(
        func.count().filter(col(Delivery.slack_ts).is_not(None)),
        func.count().filter(col(Delivery.only_to_slack_id).is_not(None), col(Delivery.sent_at).is_not(None)),
    ).where(naming(workspace_id, lead_id, handoff_ids))
    messages, whispers = session.execute(query).one()
    return int(messages), int(whispers)


def erase_naming(
    session: Session, workspace_id: int, lead_id: int, handoff_ids: Iterable[int], erasure_id: int
) -> None:
    """Have every message that names a lead changed to say nothing of it; what is not posted yet never will be."""
    session.execute(
        update(Delivery)
        .where(naming(workspace_id, lead_id, handoff_ids))
        .values(erasure_id=erasure_id, **_again())
        .execution_options(synchronize_session=False)
    )
    session.info["wakes"] = True


def count_erased(session: Session, workspace_id: int, erasure_id: int, states: Iterable[DeliveryState]) -> int:
    """Count the messages of an erasure in one of these states."""
    query = (
        select(func.count())
        .select_from(Delivery)
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.erasure_id) == erasure_id,
            col(Delivery.state).in_(list(states)),
        )
    )
    return session.scalar(query) or 0


def note_mentions(session: Session, delivery: Delivery, lead_ids: Collection[int]) -> bool:
    """Note whom a message about several leads names, before it is sent; False when one of them is gone meanwhile."""
    for lead_id in sorted(lead_ids):
        if session.get(Lead, (delivery.workspace_id, lead_id)) is None:
            return False
        row = {"workspace_id": delivery.workspace_id, "lead_id": lead_id, "delivery_id": delivery.id}
        session.execute(insert(session, Mention).on_conflict_do_nothing(), row)
    return True


def find_delivery(session: Session, workspace_id: int, kind: DeliveryKind, subject_id: int) -> Delivery | None:
    """Return the first message of this kind about this row."""
    query = select(Delivery).where(
        col(Delivery.workspace_id) == workspace_id, col(Delivery.kind) == kind, col(Delivery.subject_id) == subject_id
    )
    return session.scalars(query.order_by(col(Delivery.id))).first()


def was_wanted(session: Session, workspace_id: int, kind: DeliveryKind, subject_id: int, about: str) -> bool:
    """Tell whether this very message was ever asked for."""
    key = f"{kind}:{subject_id}:{about}"
    query = select(col(Delivery.id)).where(col(Delivery.workspace_id) == workspace_id, col(Delivery.key) == key)
    return session.scalars(query).first() is not None


def find_by_message(session: Session, workspace_id: int, channel: str, ts: str) -> Delivery | None:
    """Return the delivery that was posted as this message."""
    query = select(Delivery).where(
        col(Delivery.workspace_id) == workspace_id,
        col(Delivery.slack_ts) == ts,
        col(Delivery.posted_channel_slack_id) == channel,
    )
    return session.scalars(query).first()


def is_posting(session: Session, workspace_id: int, kind: DeliveryKind, channel: str) -> bool:
    """Tell whether a message of this kind is on its way into the channel: Slack may show it before we know its `ts`."""
    query = select(col(Delivery.id)).where(
        col(Delivery.workspace_id) == workspace_id,
        _IS_PENDING,
        col(Delivery.kind) == kind,
        col(Delivery.channel_slack_id) == channel,
        col(Delivery.slack_ts).is_(None),
        or_(col(Delivery.leased_until).is_not(None), col(Delivery.is_doubtful).is_(True)),
    )
    return session.scalars(query.limit(1)).first() is not None


def lease_due(session: Session, workspace_id: int, now: datetime, limit: int) -> list[Delivery]:
    """Take up to `limit` due messages for this process alone, in the order they were asked for.

    A reply waits while the message whose thread it belongs to is on its way. A message leased by a process that died
    comes back when its lease ends, doubtful: it may have been sent. `now` is real time: business time may be moved.
    """
    parent = aliased(Delivery)
    waits_for_parent = (
        select(col(parent.id))
        .where(
            col(parent.workspace_id) == workspace_id,
            col(parent.id) == col(Delivery.parent_id),
            col(parent.slack_ts).is_(None),
            col(parent.state) == DeliveryState.PENDING,
        )
        .exists()
    )
    due = (
        select(col(Delivery.id))
        .where(
            col(Delivery.workspace_id) == workspace_id,
            _IS_PENDING,
            col(Delivery.next_attempt_at) <= now,
            or_(col(Delivery.leased_until).is_(None), col(Delivery.leased_until) < now),
            ~waits_for_parent,
        )
        .order_by(col(Delivery.next_attempt_at), col(Delivery.id))
        .limit(limit)
    )
    statement = (
        update(Delivery)
        .where(col(Delivery.workspace_id) == workspace_id, col(Delivery.id).in_(taken(due)))
        .values(
            lease=secrets.token_hex(8),
            leased_until=now + timedelta(seconds=LEASE_SECONDS),
            is_doubtful=or_(col(Delivery.is_doubtful), col(Delivery.leased_until).is_not(None)),
        )
        .returning(Delivery)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(statement), key=lambda delivery: delivery.id)


def renew_lease(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Keep a leased message from `now`, real time, for as long again; False when another process has it."""
    statement = _leased(delivery).values(leased_until=now + timedelta(seconds=LEASE_SECONDS))
    return changed(session, statement) == 1


def _leased(delivery: Delivery) -> Update:
    """Build the UPDATE of a message that does nothing once the lease is lost."""
    return (
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == delivery.workspace_id,
            col(Delivery.id) == delivery.id,
            col(Delivery.lease) == delivery.lease,
        )
        .execution_options(synchronize_session=False)
    )


def _finish(session: Session, delivery: Delivery, state: DeliveryState, **values: object) -> None:
    """Write an attempt's outcome and give the lease back; whoever lost the lease meanwhile writes nothing.

    It stays pending when a newer revision than the leased one was asked for meanwhile.
    """
    is_last = col(Delivery.wanted_rev) == delivery.wanted_rev
    new_state = case((is_last, state.value), else_=DeliveryState.PENDING.value)
    session.execute(_leased(delivery).values(lease=None, leased_until=None, state=new_state, **values))


def mark_sent(session: Session, delivery: Delivery, channel: str, ts: str | None, now: datetime) -> None:
    """Note that the message shows the revision it was leased with."""
    _finish(session, delivery, DeliveryState.SENT, posted_channel_slack_id=channel, slack_ts=ts,
            sent_rev=delivery.wanted_rev, sent_at=now, attempts=0, error="", is_doubtful=False)  # fmt: skip


def mark_found(session: Session, delivery: Delivery, channel: str, ts: str) -> None:
    """Note where a message stands whose answer was lost; it remains leased."""
    session.execute(_leased(delivery).values(posted_channel_slack_id=channel, slack_ts=ts, is_doubtful=False))


def mark_gone(session: Session, delivery: Delivery) -> None:
    """Note that somebody deleted the message in Slack, and have it posted anew."""
    _finish(session, delivery, DeliveryState.PENDING, posted_channel_slack_id=None, slack_ts=None, sent_rev=0,
            next_attempt_at=AT_ONCE)  # fmt: skip


def mark_dropped(session: Session, delivery: Delivery) -> None:
    """Note that there is nothing left to say."""
    _finish(session, delivery, DeliveryState.DROPPED)


def mark_failed(session: Session, delivery: Delivery, error: str) -> None:
    """Note that Slack refuses the message for good."""
    _finish(session, delivery, DeliveryState.FAILED, error=error)


def mark_unknown(session: Session, delivery: Delivery, error: str) -> None:
    """Note that nobody can tell whether the message arrived."""
    _finish(session, delivery, DeliveryState.UNKNOWN, error=error)


def postpone(session: Session, delivery: Delivery, until: datetime, error: str, *, is_doubtful: bool) -> None:
    """Try again at `until`; `is_doubtful`: the last attempt may have posted."""
    _finish(session, delivery, DeliveryState.PENDING, next_attempt_at=until, error=error, attempts=delivery.attempts + 1,
            is_doubtful=delivery.is_doubtful or is_doubtful)  # fmt: skip


def hold(session: Session, delivery: Delivery, until: datetime) -> None:
    """Give the lease back without an attempt: the message is due again at `until`."""
    _finish(session, delivery, DeliveryState.PENDING, next_attempt_at=until)


def backoff_seconds(attempts: int) -> int:
    """Return how long to wait after the n-th failed attempt."""
    return _BACKOFF_SECONDS[min(attempts, len(_BACKOFF_SECONDS) - 1)]


def undelivered(session: Session, workspace_id: int) -> Sequence[Delivery]:
    """Return what is not delivered: waiting, unknown or refused, the oldest first."""
    query = select(Delivery).where(col(Delivery.workspace_id) == workspace_id, or_(_IS_PENDING, _IS_STUCK))
    return session.scalars(query.order_by(col(Delivery.id))).all()


def waits_until(session: Session, workspace_id: int, until: datetime) -> bool:
    """Tell whether something is due by `until`, real time."""
    query = select(col(Delivery.id)).where(
        col(Delivery.workspace_id) == workspace_id, _IS_PENDING, col(Delivery.next_attempt_at) <= until
    )
    return session.scalars(query.limit(1)).first() is not None


def stuck(session: Session, workspace_id: int, since: datetime) -> Sequence[Delivery]:
    """Return what a manager has to look at: refused or unknown, from `since` on."""
    query = select(Delivery).where(
        col(Delivery.workspace_id) == workspace_id,
        _IS_STUCK,
        col(Delivery.only_to_slack_id).is_(None),
        col(Delivery.created_at) >= since,
    )
    return session.scalars(query.order_by(col(Delivery.id))).all()


def retry_in(session: Session, workspace_id: int, channel: str) -> None:
    """Send again what a channel had refused: Baton has just been invited."""
    is_refused = col(Delivery.error).in_(["not_in_channel", "channel_not_found"])
    _retry(session, workspace_id, _HAS_FAILED & is_refused & (col(Delivery.channel_slack_id) == channel))


def retry(session: Session, workspace_id: int, delivery_id: int) -> bool:
    """Send a refused or unknown message again; False when there is nothing to retry.

    Who asks for an unknown one has looked, as Baton could not: it is not looked up again.
    """
    return _retry(session, workspace_id, col(Delivery.id) == delivery_id) == 1


def retry_all(session: Session, workspace_id: int) -> int:
    """Send every message again that Slack has refused, and return how many; the unknown ones need somebody to look."""
    return _retry(session, workspace_id, _HAS_FAILED)


def _retry(session: Session, workspace_id: int, which: ColumnElement[bool]) -> int:
    is_doubtful = case((col(Delivery.state) == DeliveryState.UNKNOWN, False), else_=col(Delivery.is_doubtful))
    statement = (
        update(Delivery)
        .where(col(Delivery.workspace_id) == workspace_id, _IS_STUCK, which)
        .values(state=DeliveryState.PENDING, next_attempt_at=AT_ONCE, attempts=0, is_doubtful=is_doubtful)
    )
    session.info["wakes"] = True
    return changed(session, statement)
