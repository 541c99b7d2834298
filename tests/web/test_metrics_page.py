"""`/metrics` tells whoever watches how Baton does, and nothing about anybody."""

import re
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, update
from sqlmodel import col

from models.delivery import Delivery, DeliveryKind
from services import deliveries
from services.metrics import Metrics
from tests.web.web_site import NOW, Site


def _scrape(fresh: Site) -> dict[str, float]:
    response = fresh.http.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        sample.name + "".join(f",{name}={value}" for name, value in sample.labels.items()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_what_the_router_and_the_jobs_tell_is_counted(fresh: Site) -> None:
    """Requests by kind and outcome, acks, jobs, Slack's errors and a busy database."""
    fresh.metrics.request("command", "done", 0.02)
    fresh.metrics.request("command", "done", 4)
    fresh.metrics.slack_error("channel_not_found")
    fresh.metrics.job_succeeded("digest", NOW)
    fresh.metrics.database_busy()
    page = _scrape(fresh)
    assert page["baton_requests_total,kind=command,outcome=done"] == 2
    assert page["baton_ack_seconds_bucket,kind=command,le=3.0"] == 1
    assert page["baton_ack_seconds_sum,kind=command"] == pytest.approx(4.02)
    assert page["baton_slack_errors_total,code=channel_not_found"] == 1
    assert page["baton_job_last_success_timestamp,job=digest"] == NOW.timestamp()
    assert page["baton_database_busy_total"] == 1
    assert any(name.startswith("baton_build_info,") for name in page)


def test_every_metric_is_explained(fresh: Site) -> None:
    """The operations page has a row for each name of ours, and for no other."""
    fresh.metrics.request("command", "done", 0.02)
    fresh.metrics.slack_error("x")
    fresh.metrics.job_succeeded("digest", NOW)
    fresh.vitals.socket_connected()
    families = text_string_to_metric_families(fresh.http.get("/metrics").text)
    # The library adds since when it counts.
    ours = [f for f in families if f.name.startswith("baton_") and not f.name.endswith("_created")]
    told = {family.name + "_total" * (family.type == "counter") for family in ours}
    operations = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(baton_\w+)", operations, re.MULTILINE)) == told


def test_the_backlog_is_measured_when_asked(fresh: Site) -> None:
    """How many messages wait or failed, and for how long the first of those never posted; its update has no age."""
    with fresh.database.write() as session:
        for number, minutes in enumerate((10, 5, -5, 1, 1)):
            due_at = NOW - timedelta(minutes=minutes)
            deliveries.want(session, fresh.workspace_id, DeliveryKind.HANDOFF_CARD, number, "C1SALES", due_at)
        for number, column, value in ((0, "sent_rev", 1), (3, "state", "failed"), (4, "state", "sent")):
            session.execute(update(Delivery).where(col(Delivery.subject_id) == number).values({column: value}))
    page = _scrape(fresh)
    assert page["baton_deliveries,state=pending"] == 3
    assert page["baton_deliveries,state=failed"] == 1
    assert page["baton_deliveries,state=unknown"] == 0
    assert page["baton_delivery_oldest_seconds"] == 300


@pytest.mark.sqlite
def test_counting_what_is_pending_needs_no_scan(fresh: Site) -> None:
    """A scrape every few seconds may not read the whole history."""
    asked: list[tuple[str, Any]] = []
    event.listen(fresh.database.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    _scrape(fresh)
    statement, parameters = next(question for question in asked if "'pending'" in question[0])
    with closing(sqlite3.connect(fresh.database.engine.url.database or "")) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    assert "delivery_due (workspace_id=? AND next_attempt_at>?)" in str(plan)


def test_the_age_of_the_pong_is_measured_when_there_was_one(fresh: Site) -> None:
    """In HTTP mode there is none."""
    assert "baton_socket_last_pong_seconds" not in _scrape(fresh)
    fresh.vitals.pong_received(age_seconds=7)
    assert 7 <= _scrape(fresh)["baton_socket_last_pong_seconds"] < 12


def test_a_database_that_is_away_leaves_the_counters(fresh: Site) -> None:
    """The page answers all the same, without what only the database knows."""
    fresh.metrics.database_busy()
    with fresh.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE delivery RENAME TO gone")
    page = _scrape(fresh)
    assert page["baton_database_busy_total"] == 1
    assert "baton_delivery_oldest_seconds" not in page


def test_signed_hooks_are_counted_without_their_sender(fresh: Site) -> None:
    """Nothing on the page is personal."""
    fresh.hook("leads", {"email": "canary@example.com", "name": "canary"})
    fresh.hook("leads", {"email": "canary"})
    text = fresh.http.get("/metrics").text
    assert 'baton_requests_total{kind="hook",outcome="done"} 1.0' in text
    assert 'baton_requests_total{kind="hook",outcome="refused"} 1.0' in text
    assert "canary" not in text


def test_codes_that_slack_invents_do_not_grow_without_end() -> None:
    """Odd ones and those after the hundredth count as `other`."""
    metrics = Metrics()
    for code in ["not a code", "Ａ", "x" * 61, *(f"code_{number}" for number in range(150)), "code_1"]:
        metrics.slack_error(code)
    family = next(family for family in metrics.registry.collect() if family.name == "baton_slack_errors")
    totals = {sample.labels["code"]: sample.value for sample in family.samples if sample.name.endswith("_total")}
    assert (len(totals), totals["other"], totals["code_1"]) == (101, 53, 2)


def test_counting_is_thread_safe() -> None:
    """Nothing is lost among threads."""
    metrics = Metrics()

    def count() -> None:
        for _ in range(500):
            metrics.request("event", "done", 0.1)

    counted = [threading.Thread(target=count) for _ in range(4)]
    for thread in counted:
        thread.start()
    for thread in counted:
        thread.join()
    assert metrics.registry.get_sample_value("baton_requests_total", {"kind": "event", "outcome": "done"}) == 2000
