"""What the clock costs in a large workspace, against the best statements written by hand, and whether it grows with it."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from slack_bolt import BoltRequest
from sqlalchemy import Connection, func, select, update
from sqlmodel import Session, col

from benchmarks import crowd, digest_by_hand, payloads
from benchmarks.commands import HEADERS, started_bot
from benchmarks.table import Comparison, in_turn
from bot import Bot
from jobs.table import run_job
from models.lead import Lead
from models.member import Member
from models.touchpoint import Touchpoint, TouchpointKind
from models.workspace import Workspace
from services import digest_times, handoff_times, heat, scoring
from services.score_sql import class_sums
from services.scoring_rules import save_rules
from services.statements import Prepared
from services.touchpoints import Contact, touch_lead
from services.workspaces import get_workspace

FIND_GOAL, GROWTH_GOAL, DIGEST_GOAL, HISTORY_GOAL, WAIT_GOAL, MEMORY_GOAL, REBUILD_GOAL = (
    1.5,
    1.5,
    2.0,
    1.2,
    1.0,
    1.2,
    2.5,
)
ACK_BUDGET_MS = 1000.0
INNER = 20
"""Repeats within a round of what takes microseconds."""

FOUND: dict[str, tuple[Prepared, str, str, int]] = {
    "newly hot": (heat.HOT_DUE, "lead", "hot_alert_due_at", heat.BATCH),
    "cooling": (heat.COOL_DUE, "lead", "cools_at", heat.BATCH),
    "dormant": (heat.DORMANT_DUE, "lead", "dormant_at", heat.BATCH),
    "overdue": (handoff_times.CLAIM_DUE, "handoff", "claim_due_at", handoff_times.BATCH),
}


@dataclass(frozen=True)
class Counts:
    """How large the workspaces are, smallest first, and how often is measured."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    rounds: int = 30
    adds: int = 300
    rescored_most: int = 100_000
    """Larger workspaces are not rescored: it takes minutes, and the ratio is that of the smaller ones."""


@dataclass
class _Seen:
    """What one workspace showed: the figures of finding by what was found, to be compared with those of other sizes."""

    comparisons: list[Comparison]
    finding: dict[str, Sequence[float]]


def compare(folder: Path, counts: Counts, database_url: str = "") -> list[Comparison]:
    """Measure each size in a database of its own, and the largest against the smallest."""
    seen = [_measure(folder / str(size), size, counts, database_url) for size in counts.sizes]
    grown = [
        Comparison(f"finding {what}, {counts.sizes[-1]:,} leads / {counts.sizes[0]:,}", "us", seen[-1].finding[what],
                   seen[0].finding[what], GROWTH_GOAL)
        for what in FOUND
    ]  # fmt: skip
    return [comparison for one in seen for comparison in one.comparisons] + grown


def _measure(folder: Path, size: int, counts: Counts, database_url: str) -> _Seen:
    folder.mkdir()
    now = crowd.clock()
    with started_bot(folder, database_url) as bot:
        crowd.fill(bot.database.engine, bot.workspace_id, size, now)
        at = f"{size:,} leads"
        with _transaction(bot) as session:
            finding = _find(session, bot.workspace_id, counts.rounds, now)
            comparisons = [
                Comparison(
                    f"finding {what}, {at} / by hand", "us", finding[what], finding[f"{what} by hand"], FIND_GOAL
                )
                for what in FOUND
            ]
            comparisons.append(_touch(session, bot.workspace_id, counts.rounds, at, now))
        comparisons.append(_digests(bot, counts.rounds, at, now))
        comparisons += _while_a_job_runs(bot, counts.adds, at)
        if size <= counts.rescored_most:
            comparisons.append(_rebuild(bot, at))
    for file in folder.iterdir():
        file.unlink()
    return _Seen(comparisons, {what: finding[what] for what in FOUND})


@contextmanager
def _transaction(bot: Bot) -> Iterator[Session]:
    """Open a transaction that is undone at its end."""
    with suppress(_UndoneError), bot.database.write() as session:
        yield session
        raise _UndoneError


class _UndoneError(Exception):
    """Nothing of the transaction is to be kept."""


def _find(session: Session, workspace_id: int, rounds: int, now: datetime) -> dict[str, list[float]]:
    measures: dict[str, Callable[[], float]] = {}
    for what, (due, table, column, batch) in FOUND.items():
        by_hand = _finding_by_hand(session, table, column, batch, workspace_id, now)
        measures[what] = lambda due=due: _each(
            lambda: due.run(session, {"workspace_id": workspace_id, "now": now}), session
        )  # type: ignore[misc]
        measures[f"{what} by hand"] = lambda by_hand=by_hand: _each(by_hand, session)  # type: ignore[misc]
    return in_turn(rounds, measures)


def _finding_by_hand(
    session: Session, table: str, column: str, batch: int, workspace_id: int, now: datetime
) -> Callable[[], object]:
    """Return the best statement there is, on its ideal index, on the bare driver."""
    raw = driver_of(session.connection())
    mark, lock = ("?", "") if is_sqlite(session) else ("%s", " FOR UPDATE SKIP LOCKED")
    sql = (
        f"SELECT id FROM {table} WHERE workspace_id = {mark} AND {column} <= {mark} "  # noqa: S608  Our own names.
        f"ORDER BY {column} LIMIT {batch}{lock}"
    )
    values = (workspace_id, told(now, session))
    return lambda: raw.cursor().execute(sql, values).fetchall()


def driver_of(connection: Connection) -> Any:
    """Return the driver's own connection, in the same transaction."""
    return connection.connection.driver_connection


def is_sqlite(session: Session) -> bool:
    """Tell the database whose work is this process's own from the one that works elsewhere."""
    return session.get_bind().dialect.name == "sqlite"


def told(at: datetime, session: Session) -> object:
    """Write an instant as the driver takes it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite(session) else at


def _each(work: Callable[[], object], session: Session) -> float:
    """Return the microseconds of one of several in a row."""
    watch = watch_for(session)
    started = watch()
    for _ in range(INNER):
        work()
    return (watch() - started) * 1e6 / INNER


def watch_for(session: Session) -> Callable[[], float]:
    """Return what to measure by: CPU where the database works in this thread, else the time until it has answered."""
    return time.thread_time if is_sqlite(session) else time.perf_counter


def _touch(session: Session, workspace_id: int, rounds: int, at: str, now: datetime) -> Comparison:
    """Measure one touchpoint and all that follows from it, of a lead with 10,000 and of one with ten."""
    workspace = get_workspace(session, workspace_id)

    def touch(number: int) -> float:
        lead = session.get_one(Lead, (workspace_id, crowd.FIRST_ID + number))
        return _each(lambda: _touch_once(session, lead, workspace, now), session)

    figures = in_turn(rounds, {"many": lambda: touch(crowd.BUSY_LEAD), "few": lambda: touch(crowd.QUIET_LEAD)})
    what = f"a touchpoint, {at}, after {crowd.BUSY_TOUCHPOINTS:,} / after {crowd.TOUCHPOINTS}"
    return Comparison(what, "us", figures["many"], figures["few"], HISTORY_GOAL)


def _touch_once(session: Session, lead: Lead, workspace: Workspace, now: datetime) -> None:
    touch_lead(session, lead, Contact(TouchpointKind.PAGE_VIEW), workspace, None, now)
    session.flush()


def _digests(bot: Bot, rounds: int, at: str, now: datetime) -> Comparison:
    """Measure asking for the digests of 500 people: who has something to do, and the messages written down."""

    def planned() -> float:
        with _transaction(bot) as session:
            watch = watch_for(session)
            started = watch()
            workspace = get_workspace(session, bot.workspace_id)
            while digest_times.send_digests(session, workspace, now) == digest_times.BATCH:
                pass
            return (watch() - started) * 1000

    def by_hand() -> float:
        with _transaction(bot) as session:
            return digest_by_hand.measure(session, bot.workspace_id, now, watch_for(session))

    figures = in_turn(rounds, {"job": planned, "by hand": by_hand})
    return Comparison(f"{crowd.PEOPLE} digests, {at} / by hand", "ms", figures["job"], figures["by hand"], DIGEST_GOAL)


def _rebuild(bot: Bot, at: str) -> Comparison:
    """Measure the rescoring of every lead after a change of the rules, and one aggregate of the same formula."""
    with bot.database.write() as session:
        rules = scoring.rules_of(get_workspace(session, bot.workspace_id))
        days = {half_life: days + 1 for half_life, days in rules.half_life_days.items()}
        manager = session.get_one(Member, (bot.workspace_id, crowd.MANAGER_ID)).as_actor()
        save_rules(session, manager, replace(rules, half_life_days=days), "", crowd.clock())
    with bot.database.read() as session:
        watch, sums = watch_for(session), class_sums(rules, session.get_bind().dialect.name)
        by_lead = select(*(total.label(half_life.value) for half_life, total in sums.items()))
        by_lead = by_lead.where(col(Touchpoint.workspace_id) == bot.workspace_id).group_by(col(Touchpoint.lead_id))
        each = by_lead.subquery()
        started = watch()
        session.execute(select(*(func.sum(column) for column in each.c))).all()
        aggregate = watch() - started
    started = watch()
    run_job("scores", bot.jobs)
    return Comparison(
        f"rescoring after a rule change, {at} / an aggregate", "s", [watch() - started], [aggregate], REBUILD_GOAL
    )


def _while_a_job_runs(bot: Bot, adds: int, at: str) -> list[Comparison]:
    """Have every lead's due times moved, and measure `/lead add` and the memory meanwhile."""
    with bot.database.write() as session:
        changed = {"dormant_inquiry_days": 91, "dormant_mql_days": 31, "dormant_sql_days": 31, "due_times_after_id": 0}
        session.execute(update(Workspace).values(changed))
    before = _reset_peak()
    ended = threading.Event()

    def move() -> None:
        run_job("due_times", bot.jobs)
        ended.set()

    job = threading.Thread(target=move)
    job.start()
    waits: list[float] = []
    while len(waits) < adds and not (ended.is_set() and len(waits) >= adds // 10):
        waits.append(add_ms(bot))
    # As at SIGTERM: what is not moved yet stays to be moved.
    bot.deliverer.stopping.set()
    job.join()
    bot.deliverer.stopping.clear()
    slow = statistics.quantiles(waits, n=100)[98]
    return [
        Comparison(f"/lead add while due times move, p99, {at} / budget", "ms", [slow], [ACK_BUDGET_MS], WAIT_GOAL),
        Comparison(f"peak memory of moving due times, {at} / before", "MB", [_peak_mb()], [before], MEMORY_GOAL),
    ]


def add_ms(bot: Bot) -> float:
    """Dispatch one `/lead add` and return how long its answer took, in milliseconds."""
    command = payloads.add()
    started = time.perf_counter()
    answer = bot.app.dispatch(BoltRequest(body=command.body, headers=HEADERS))
    if answer.status != 200:
        raise RuntimeError(answer.body)
    return (time.perf_counter() - started) * 1000


def _reset_peak() -> float:
    """Forget the largest memory so far and return today's, in MB."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status_mb("VmRSS")


def _peak_mb() -> float:
    return _status_mb("VmHWM")


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
