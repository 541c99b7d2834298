"""The database cannot save: words within Slack's 3 s, nothing half saved, and all well afterwards."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from tests.journeys.steps import NAKAMURA, at_once, form_of, offer, unchanged
from tests.office import Office

BUSY = "混み合って"


@contextmanager
def locked(office: Office) -> Iterator[None]:
    """Hold the database as another program would: SQLite's file, PostgreSQL's tables."""
    url = office.bot.database.engine.url
    if url.get_backend_name() == "sqlite":
        holder = sqlite3.connect(str(url.database), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.rollback()
            holder.close()
        return
    with psycopg.connect(url.render_as_string().replace("+psycopg", "")) as holding:
        holding.execute("LOCK TABLE lead, receipt, counter IN EXCLUSIVE MODE")
        yield
        holding.rollback()


@contextmanager
def read_only(office: Office) -> Iterator[None]:
    """Make every connection refuse to write, as a full or remounted disk does."""
    engine = office.bot.database.engine
    switch = "PRAGMA query_only = {}" if engine.dialect.name == "sqlite" else "SET default_transaction_read_only = {}"

    def refuse(connection: Any, *_: object) -> None:
        connection.cursor().execute(switch.format("on"))
        _commit(connection)

    def allow(connection: Any, *_: object) -> None:
        if connection is not None:
            connection.cursor().execute(switch.format("off"))
            _commit(connection)

    event.listen(engine, "checkout", refuse)
    event.listen(engine, "checkin", allow)
    try:
        yield
    finally:
        event.remove(engine, "checkout", refuse)


def _commit(connection: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        connection.commit()


@pytest.mark.parametrize("trouble", [locked, read_only])
def test_command_and_click_and_form_are_answered_in_words(
    office: Office, trouble: Callable[[Office], Iterator[None]]
) -> None:
    """Each says that nothing was saved, in time, and gives back what was typed; afterwards the same works."""
    card = offer(office)
    office.say(office.tanaka, "log L-1")
    with unchanged(office), trouble(office):  # type: ignore[attr-defined]
        result, click, form = at_once(
            lambda: office.say(office.mori, "add 鈴木 一郎"),
            lambda: office.aoki.click(card, "handoff.claim"),
            lambda: office.tanaka.submit({"kind": "call", "note": "大切なメモ"}),
        )
        assert BUSY in result.text
        assert "鈴木 一郎" in result.text
        assert result.reply.seconds < 3
        assert click.ok
        assert BUSY in office.heard(office.aoki)
        assert form.outcome == "errors"
        assert BUSY in str(form.errors)
        assert form_of(office.tanaka).typed["note"]["v"]["value"] == "大切なメモ"
    assert "L-2" in office.say(office.tanaka, "add 鈴木 一郎").text
    office.aoki.click(card, "handoff.claim")
    assert office.handoffs()[0].state == "claimed"
    assert office.tanaka.submit().outcome == "cleared"
    assert [touch.note for touch in office.touchpoints()] == ["大切なメモ"]


def test_answer_that_may_be_too_late_is_told_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack may have given up on the ack by then and shown a failure; a refusal may share that fate, being one."""
    monkeypatch.setattr("models.database.LATE_SECONDS", 0)
    result = office.say(office.tanaka, NAKAMURA)
    assert (result.ok, result.text) == (True, "")
    assert office.heard(office.tanaka).startswith("L-1")
    assert "L-9" in office.say(office.tanaka, "show L-9").text


def test_reading_goes_on_while_somebody_writes(office: Office) -> None:
    """A writer in another program does not stop anybody from looking something up."""
    office.say(office.tanaka, NAKAMURA)
    with locked(office):
        assert "中村" in office.say(office.tanaka, "show L-1").text
        assert "中村" in office.say(office.tanaka, "find 中村").text


def test_event_that_cannot_be_saved_comes_again(office: Office) -> None:
    """A hand raised while the database is locked claims once Slack has sent it again."""
    card = offer(office)
    office.workspace.timing.event_retry_delays = (0.1, 0.2, 0.4)
    with locked(office):
        office.aoki.react(card, "raised_hand")
        assert office.server.dispatcher.deliveries[-1].replies[0].status >= 500
    delivery = office.server.dispatcher.deliveries[-1]
    assert office.aoki.send("events_api", delivery.body).status == 200
    assert office.handoffs()[0].state == "claimed"
