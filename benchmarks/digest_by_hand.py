"""The digests of 500 people asked for by the best statements written by hand, on the bare driver."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from models.base import new_id

_WITH_WORK = """
WITH shared AS (
  SELECT EXISTS (SELECT 1 FROM handoff WHERE workspace_id = :w AND state = 'offered') AS offered,
         EXISTS (SELECT 1 FROM handoff WHERE workspace_id = :w AND state = 'offered' AND due_at <= :now) AS overdue,
         EXISTS (SELECT 1 FROM delivery WHERE workspace_id = :w AND state IN ('unknown', 'failed')
                 AND only_to_slack_id IS NULL AND created_at >= :lately) AS stuck,
         EXISTS (SELECT 1 FROM lead WHERE workspace_id = :w AND cools_at > :now AND stage = 'INQUIRY') AS ready)
SELECT m.id, m.slack_id,
  (m.is_manager AND (overdue OR stuck)) OR ((m.is_sales OR m.is_marketing) AND offered) OR (m.is_marketing AND ready)
  OR EXISTS (SELECT 1 FROM lead WHERE workspace_id = :w AND owner_id = m.id AND follow_up_due_at < :day_end)
  OR EXISTS (SELECT 1 FROM lead WHERE workspace_id = :w AND owner_id IS NULL AND marketer_id = m.id
             AND follow_up_due_at < :day_end)
  OR EXISTS (SELECT 1 FROM lead WHERE workspace_id = :w AND owner_id = m.id AND dormant_since IS NOT NULL)
  OR EXISTS (SELECT 1 FROM lead WHERE workspace_id = :w AND owner_id IS NULL AND marketer_id = m.id
             AND dormant_since IS NOT NULL)
  OR EXISTS (SELECT 1 FROM lead WHERE workspace_id = :w AND owner_id = m.id AND cools_at > :now AND stage <> 'CLOSED')
  OR EXISTS (SELECT 1 FROM handoff WHERE workspace_id = :w AND owner_id = m.id AND contact_due_at IS NOT NULL)
FROM member m, shared
WHERE m.workspace_id = :w AND m.digest_due_at <= :now AND m.standing = 'active'
"""
_SLOT = "INSERT INTO job_run (workspace_id, job, slot, at) VALUES (:w, 'digest', :slot, :now) ON CONFLICT DO NOTHING"
_MESSAGE = """
INSERT INTO delivery (workspace_id, id, kind, key, subject_id, about, channel_slack_id, wanted_rev, sent_rev, state,
                      next_attempt_at, attempts, is_doubtful, error, created_at)
VALUES (:w, :id, 'digest', :key, :person, :day, :channel, 1, 0, 'pending', :now, 0, :no, '', :now)
ON CONFLICT DO NOTHING
"""
_NEXT = "UPDATE member SET digest_due_at = :next WHERE workspace_id = :w AND digest_due_at <= :now"


def measure(session: Session, workspace_id: int, now: datetime, watch: Callable[[], float]) -> float:
    """Ask for what is due by hand, in the session's transaction, and return the milliseconds that it took."""
    dialect = session.get_bind().dialect.name
    cursor: Any = session.connection().connection.driver_connection.cursor()  # type: ignore[union-attr]

    def in_dialect(sql: str) -> str:
        if dialect == "sqlite":
            return sql
        return re.sub(r":(\w+)", r"%(\1)s", sql)

    def told(at: datetime) -> object:
        return at.strftime("%Y-%m-%d %H:%M:%S.%f") if dialect == "sqlite" else at

    day = now.date().isoformat()
    known = {"w": workspace_id, "now": told(now), "lately": told(now - timedelta(days=7)), "day": day, "no": False,
             "day_end": told(now + timedelta(hours=14)), "next": told(now + timedelta(days=1))}  # fmt: skip
    started = watch()
    people = cursor.execute(in_dialect(_WITH_WORK), known).fetchall()
    cursor.executemany(in_dialect(_SLOT), [known | {"slot": f"{person}:{day}"} for person, _, _ in people])
    messages = [known | {"id": new_id(), "key": f"digest:{person}:{day}", "person": person, "channel": channel}
                for person, channel, has_work in people if has_work]  # fmt: skip
    cursor.executemany(in_dialect(_MESSAGE), messages)
    cursor.execute(in_dialect(_NEXT), known)
    return (watch() - started) * 1000
