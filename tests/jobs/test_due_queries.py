"""What a job asks costs as much as is due, never as much as there is: each question is answered by its index."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, event, text
from sqlmodel import SQLModel

from jobs.context import JobContext
from jobs.table import JOBS, run_job
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.handoff import Handoff, HandoffState
from models.lead import Lead
from playground.seed import SALES
from services import deliveries
from tests.jobs.outbox import become_overdue, offer
from tests.office import Office

# These grow for as long as Baton runs; nobody may read them from end to end every few seconds.
LARGE = ("lead", "touchpoint", "handoff", "delivery", "change")
_PLACE = re.compile(r"%\((\w+)\)s")


@contextmanager
def _statements(office: Office) -> Iterator[list[tuple[str, Any]]]:
    """Note what is asked of the database."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, is_many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            seen.append((statement, parameters[0] if is_many else parameters))

    engine = office.bot.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _whole_tables_read(office: Office, seen: list[tuple[str, Any]]) -> list[str]:
    """Return the statements whose plan reads one of the large tables, or all of a workspace's part, from end to end."""
    is_sqlite = office.bot.database.engine.dialect.name == "sqlite"
    with office.bot.database.engine.connect() as connection:
        explain = _sqlite_plan if is_sqlite else _postgres_plan
        plans = {statement: explain(connection, statement, parameters) for statement, parameters in seen}
    reads_all = _SQLITE_READS_ALL if is_sqlite else _POSTGRES_READS_ALL
    return [
        f"{statement}\n{plan}" for statement, plan in plans.items() if any(map(_is_large, reads_all.finditer(plan)))
    ]


_SQLITE_READS_ALL = re.compile(
    r"SCAN (?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?$"
    r"|SEARCH (?P<searched>\w+) USING (?:COVERING )?INDEX (?P<index_only>\w+) \(workspace_id=\?\)$",
    re.MULTILINE,
)
_POSTGRES_READS_ALL = re.compile(
    r"Seq Scan on (?P<table>\w+)(?P<index>)"
    r"|Index (?:Only )?Scan (?:using|on) (?P<index_only>(?P<searched>[a-z]+)_\w+)[^\n]*\n\s+Index Cond: \(workspace_id = [^()]*\)\n",
)


def _is_large(found: re.Match[str]) -> bool:
    """Tell whether what is read grows for ever; a partial index holds what is due, and no more."""
    return (found["index"] or found["index_only"]) not in _PARTIAL and (found["table"] or found["searched"]) in LARGE


_PARTIAL = {
    str(index.name)
    for table in SQLModel.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


def _sqlite_plan(connection: Connection, statement: str, parameters: Any) -> str:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(str(row[3]) for row in rows)


def _postgres_plan(connection: Connection, statement: str, _parameters: Any) -> str:
    """Plan as for any parameters: a partial index must not need to know them."""
    names: dict[str, int] = {}
    numbered = _PLACE.sub(lambda place: f"${names.setdefault(place[1], len(names) + 1)}", statement).replace("%%", "%")
    # Without the values it guesses that much is due: what is asked here is only whether an index can answer.
    for way in ("seqscan", "hashjoin", "mergejoin"):
        connection.execute(text(f"SET enable_{way} = off"))
    rows = connection.connection.cursor()
    rows.execute(f"EXPLAIN (GENERIC_PLAN) {numbered}", prepare=False)  # type: ignore[call-arg]  # psycopg's own.
    return "\n".join(row[0] for row in rows.fetchall())


def _many_rows(office: Office) -> None:
    """Fill the tables, so that an index is worth it and the statistics say so."""
    offer(office)
    template = office.lead().model_dump(exclude={"id", "number", "dormant_at"})
    sent: dict[str, Any] = {"workspace_id": office.bot.workspace_id, "kind": DeliveryKind.HOT_ALERT, "channel_slack_id": "C1",
            "state": DeliveryState.SENT, "slack_ts": "1.0", "next_attempt_at": deliveries.AT_ONCE,
            "created_at": office.clock()}  # fmt: skip
    leads = [Lead(**template, number=number) for number in range(2, 1000)]
    ended = office.handoffs()[0].model_dump(exclude={"id", "lead_id", "state", "claim_due_at"})
    with office.bot.database.write() as session:
        session.add_all(leads)
        session.flush()
        session.add_all(Handoff(**ended, lead_id=lead.id, state=HandoffState.RETURNED) for lead in leads)
        session.add_all(Delivery(**sent, key=f"x{number}", subject_id=number) for number in range(2000))
    with office.bot.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def test_due_work_is_found_by_index(office: Office) -> None:
    """Each job on full tables, with something due and with nothing, and each dry run of one that asks for due times."""
    _many_rows(office)
    jobs: JobContext = office.bot.jobs
    for name in ("deliver", "hot", "dormant", "handoffs", "digest", "due_times"):
        with _statements(office) as seen:
            run_job(name, jobs)
            become_overdue(office)
            run_job(name, jobs)
            if name != "deliver":
                JOBS[name].dry_run(jobs)
        assert _whole_tables_read(office, seen) == [], name


def test_digest_of_a_large_workspace_is_gathered_by_index(office: Office) -> None:
    """Marketing's, sales's and the manager's, a thousand leads: none of their questions reads them all."""
    _many_rows(office)
    office.run("digest")
    office.clock.move(days=1)
    with _statements(office) as seen:
        assert run_job("digest", office.bot.jobs) > 3
        office.bot.deliverer.run()
    assert _whole_tables_read(office, seen) == []


def test_reaction_on_a_message_on_its_way_is_recognised_by_index(office: Office) -> None:
    """Whether a card is just being posted is asked at every ✋: it is while it is leased, and while nobody knows."""
    _many_rows(office)
    for is_leased, later in ((False, 0), (True, 0), (True, 2)):
        if is_leased:
            with office.bot.database.write() as session:
                at = datetime.now(UTC) + timedelta(minutes=later)
                deliveries.lease_due(session, office.bot.workspace_id, at, 9)
        with _statements(office) as seen, office.bot.database.read() as session:
            posting = deliveries.is_posting(session, office.bot.workspace_id, DeliveryKind.HANDOFF_CARD, SALES)
            assert deliveries.waits_until(session, office.bot.workspace_id, datetime.now(UTC))
        assert posting is is_leased
        assert _whole_tables_read(office, seen) == []
