"""A large workspace, made in SQL: leads with ten touchpoints each, handoffs, 500 people, and due times of all kinds.

The same seed makes the same rows. How much is due does not depend on how much there is.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from models.base import blank
from models.handoff import Handoff
from models.lead import Lead
from models.member import Member
from models.scoring import DECAY_EPOCH
from models.touchpoint import Touchpoint
from models.workspace import Counter, Team

SEED = 7
PEOPLE = 500
DUE = 500
"""Rows of each kind whose time has come."""
TOUCHPOINTS = 10
"""For each lead."""
FIRST_ID = 1 << 50
BUSY_LEAD, QUIET_LEAD = 1, 2
"""Numbers of two leads alike but for their history."""
BUSY_TOUCHPOINTS = 10_000
_FIRST_PERSON = 1_000
_SALES, _MARKETING = 300, 150
MANAGER_ID = _FIRST_PERSON + PEOPLE


def fill(engine: Engine, workspace_id: int, count: int, now: datetime) -> None:
    """Add `count` leads and all that belongs to them to an empty workspace."""
    maker = _Maker(engine.dialect.name, workspace_id, count, now)
    statements = (
        maker.counter(),
        maker.people(),
        maker.team(),
        maker.leads(),
        maker.handoffs(),
        maker.touchpoints(),
        maker.history(),
    )
    engine.dispose()
    if maker.is_sqlite:
        _fill_file(str(engine.url.database), statements)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (*statements, "ANALYZE"):
            connection.execute(text(statement))


def _fill_file(file: str, statements: Sequence[str]) -> None:
    """Fill a file that nobody else has open: what is lost in a crash is made again."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for setting in ("cache_size = -1000000", "synchronous = OFF", "journal_mode = OFF"):
            connection.execute(f"PRAGMA {setting}")
        for statement in statements:
            connection.execute(statement)
        connection.execute("PRAGMA journal_mode = WAL")


class _Maker:
    """Write the INSERTs in one of the two dialects."""

    def __init__(self, dialect: str, workspace_id: int, count: int, now: datetime) -> None:
        self.is_sqlite = dialect == "sqlite"
        self._workspace_id, self._count, self._now = workspace_id, count, now

    def counter(self) -> str:
        """Let whoever is added later have the next number."""
        return self._insert(Counter, self._serial(1), {"name": "'lead'", "value": str(self._count)})

    def people(self) -> str:
        """300 in sales, 150 in marketing, 50 managers, all of whose digests are due."""
        return self._insert(Member, self._serial(PEOPLE), {
            "id": f"{_FIRST_PERSON} + n", "slack_id": "'U9CROWD' || n", "name": "'Person ' || n",
            "is_sales": f"(n <= {_SALES})",
            "is_marketing": f"(n > {_SALES} AND n <= {_SALES + _MARKETING})",
            "is_manager": f"(n > {_SALES + _MARKETING})",
            "digest_due_at": self._at("-60"), "refreshed_at": self._at("0"),
        })  # fmt: skip

    def team(self) -> str:
        return self._insert(Team, self._serial(1), {
            "id": "1", "name": "'Crowd'", "channel_slack_id": "'C9CROWD'", "created_at": self._at("0"),
        })  # fmt: skip

    def leads(self) -> str:
        """Of 20: 12 INQUIRY, 2 MQL, 3 SQL, 3 CLOSED; two in five of the open ones sleep, one in fifty is hot."""
        stage = f"(CASE WHEN {self._is_due(3)} THEN 12 ELSE {_dice(1, 20)} END)"
        is_open, is_asleep = f"{stage} < 17", f"{_dice(2, 5)} < 2 AND {stage} < 17 AND NOT {self._is_due()}"
        day = 86400
        last = f"-({_dice(3, 25)} + 1) * {day} - {_dice(4, day)}"
        weight = 2.0 ** ((self._now - DECAY_EPOCH) / timedelta(days=30))
        ahead = f"{day} + {_dice(5, 60 * day)}"
        return self._insert(Lead, self._serial(self._count), {
            "id": f"{FIRST_ID} + n", "number": "n", "name": "'Lead ' || n", "company": f"'Company ' || {_dice(6, 50_000)}",
            "name_key": f"'lead' || ({10**9} + n)", "email": "'n' || n || '@crowd.example'",
            "email_key": f"'n' || ({10**9} + n) || '@crowd.example'", "search_text": "'lead ' || n",
            "stage": f"CASE WHEN {stage} < 12 THEN 'INQUIRY' WHEN {stage} < 14 THEN 'MQL' "
                     f"WHEN {stage} < 17 THEN 'SQL' ELSE 'CLOSED' END",
            "outcome": f"CASE WHEN {stage} < 17 THEN NULL WHEN {stage} = 17 THEN 'won' ELSE 'lost' END",
            "owner_id": f"CASE WHEN {stage} >= 14 THEN {_FIRST_PERSON} + 1 + {_dice(7, _SALES)} END",
            "marketer_id": f"{_FIRST_PERSON} + {_SALES} + 1 + {_dice(8, _MARKETING)}",
            "stage_at": self._at(last), "created_at": self._at(f"-{30 * day} - {_dice(9, 700 * day)}"),
            "updated_at": self._at(last), "last_touch_at": self._at(last),
            "fit_points": f"1.0 * {_dice(10, 30)}", "engagement_b": f"{weight} * {_dice(11, 40)}",
            "dormant_at": f"CASE WHEN {self._is_due()} THEN {self._at('-60')} WHEN {is_asleep} OR NOT ({is_open}) THEN NULL "
                          f"ELSE {self._at(ahead)} END",
            "dormant_since": f"CASE WHEN {is_asleep} THEN {self._at(last)} END",
            "cools_at": f"CASE WHEN {self._is_due(1)} THEN {self._at('-60')} WHEN {is_open} AND {_dice(12, 50)} = 0 "
                        f"THEN {self._at(ahead)} END",
            "hot_alert_due_at": f"CASE WHEN {self._is_due(2)} THEN {self._at('-60')} END",
            "follow_up_due_at": f"CASE WHEN {is_open} AND {_dice(13, 20)} = 0 THEN {self._at(f'{_dice(14, 60 * day)} - {10 * day}')} END",
        })  # fmt: skip

    def handoffs(self) -> str:
        """One for each lead that sales has or is offered; the same number of offers is overdue in any crowd."""
        columns = "id AS lead_id, number AS n, owner_id AS owner, stage, stage_at"
        of = f"(SELECT {columns} FROM lead WHERE stage IN ('MQL', 'SQL'))"  # noqa: S608  Our own words.
        due = f"CASE WHEN {self._is_due(3)} THEN {self._at('-60')} ELSE {self._at('7200')} END"
        return self._insert(Handoff, f"FROM {of} AS offered", {
            "id": f"{FIRST_ID} + n", "lead_id": "lead_id", "team_id": "1",
            "state": "CASE stage WHEN 'MQL' THEN 'offered' ELSE 'claimed' END", "owner_id": "owner",
            "offered_at": "stage_at", "due_at": due, "claim_due_at": f"CASE stage WHEN 'MQL' THEN {due} END",
            "claimed_at": "CASE stage WHEN 'SQL' THEN stage_at END",
            "contact_due_at": f"CASE WHEN stage = 'SQL' AND {_dice(15, 50)} = 0 THEN {self._at('7200')} END",
        })  # fmt: skip

    def touchpoints(self) -> str:
        """Ten for each lead, at intervals of days."""
        return self._touches(f"{self._serial(self._count)}, {self._numbers('k', TOUCHPOINTS)}", "n * 16 + k")

    def history(self) -> str:
        """Many more for one lead."""
        many = self._numbers("k", BUSY_TOUCHPOINTS)
        return self._touches(f"FROM (SELECT {BUSY_LEAD} AS n) AS busy, {many}", f"{1 << 40} + k")

    def _touches(self, of: str, row_id: str) -> str:
        order = "ORDER BY n, k"
        return self._insert(Touchpoint, of, {
            "id": f"{FIRST_ID} + {row_id}", "lead_id": f"{FIRST_ID} + n", "kind": "'call'",
            "direction": "CASE k % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END", "at": self._at("-86400 * (30 + k)"),
            "created_at": self._at("0"),
        }, order)  # fmt: skip

    def _insert(self, table: type[SQLModel], of: str, given: dict[str, str], order: str = "") -> str:
        """Write an INSERT of whole rows; columns of which nothing is said hold what they do in a new row."""
        made: Any = table.__table__  # type: ignore[attr-defined]
        known = {name: self._literal(value) for name, value in blank(table).items()}
        values = known | {"workspace_id": str(self._workspace_id)} | given
        columns = [column.name for column in made.columns]
        chosen = ", ".join(values[name] for name in columns)
        return f"INSERT INTO {made.name} ({', '.join(columns)}) SELECT {chosen} {of} {order}".strip()

    def _serial(self, count: int) -> str:
        return f"FROM {self._numbers('n', count)}"

    def _numbers(self, name: str, count: int) -> str:
        if self.is_sqlite:
            further = f"SELECT 1 UNION ALL SELECT {name} + 1 FROM upward WHERE {name} < {count}"  # noqa: S608  Our own words.
            return f"(WITH RECURSIVE upward({name}) AS ({further}) SELECT {name} FROM upward) AS numbers_{name}"  # noqa: S608
        return f"generate_series(1::bigint, {count}) AS numbers_{name}({name})"

    def _is_due(self, kind: int = 0) -> str:
        """Pick DUE rows evenly, for each kind others."""
        step = max(self._count // DUE, 20)
        return f"(n % {step} = {3 + kind})"

    def _at(self, seconds: str) -> str:
        """Write the instant so many seconds from now."""
        at = f"({int(self._now.timestamp())} + {seconds})"
        return f"strftime('%Y-%m-%d %H:%M:%f000', {at}, 'unixepoch')" if self.is_sqlite else f"to_timestamp({at})"

    def _literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(int(value)) if self.is_sqlite else str(value).lower()
        if isinstance(value, int | float):
            return str(value)
        if isinstance(value, dict):
            return f"'{json.dumps(value)}'"
        return f"'{value}'"


def _dice(kind: int, sides: int) -> str:
    """Write a number below `sides` that follows from the row's number alone."""
    return f"((n * 2654435761 + {SEED * kind * 97_531}) % 1000000007 % {sides})"


def clock() -> datetime:
    """Return the instant that all is made for: a working morning in Tokyo."""
    return datetime(2026, 11, 24, 0, 40, tzinfo=UTC)
