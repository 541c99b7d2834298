"""`/healthz` says that the process lives, `/readyz` that it can work, and both say it to this machine alone."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine

from models.database import make_engine
from tests.dumps import dump
from tests.web.web_site import Site
from web import health
from web.health import WriteProbe, check_signs
from web.vitals import DELIVERER_SECONDS, PONG_SECONDS, Vitals


@pytest.fixture(autouse=True)
def _fresh_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the database anew each time, and give up soon."""
    monkeypatch.setattr(health, "PROBED_SECONDS", -1.0)
    monkeypatch.setattr(health, "PROBE_MS", 100)


@pytest.fixture
def well(fresh: Site) -> Site:
    """A site with nothing to complain of."""
    fresh.vitals.schema_checked(is_ok=True)
    fresh.vitals.deliverer_ran()
    return fresh


def _failing(response: httpx.Response) -> list[str]:
    return [name for name, check in response.json()["checks"].items() if not check["ok"]]


def test_a_well_site_is_alive_and_ready(well: Site) -> None:
    """The body names every check."""
    assert well.http.get("/healthz").json() == {"status": "ok"}
    response = well.http.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "ready")
    assert list(response.json()["checks"]) == ["database", "draining", "schema", "deliverer"]
    assert response.json()["checks"]["database"] == {"ok": True, "state": "writable"}


def test_an_unchecked_schema_is_not_ready(fresh: Site) -> None:
    """Until bot.py has looked at the tables nothing should be sent here."""
    response = fresh.http.get("/readyz")
    assert (response.status_code, _failing(response)) == (503, ["schema"])


def test_a_draining_process_lives_and_is_not_ready(well: Site) -> None:
    """The supervisor leaves it alone, the balancer sends nothing more."""
    well.vitals.drain()
    assert well.http.get("/healthz").status_code == 200
    response = well.http.get("/readyz")
    assert (response.status_code, _failing(response)) == (503, ["draining"])


@pytest.mark.sqlite
def test_a_locked_database_is_not_ready(well: Site) -> None:
    """Another connection holds the file; afterwards all is well again."""
    with closing(sqlite3.connect(well.database.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        response = well.http.get("/readyz")
        assert (response.status_code, _failing(response)) == (503, ["database"])
        assert response.json()["checks"]["database"]["state"] == "unavailable: OperationalError"
        assert well.http.get("/healthz").status_code == 200
        other.execute("ROLLBACK")
    assert well.http.get("/readyz").status_code == 200


@pytest.mark.sqlite
def test_a_full_disk_is_not_ready(well: Site) -> None:
    """Nothing can be written to the file, as the kernel says it; with room again all is well."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        response = well.http.get("/readyz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (response.status_code, _failing(response)) == (503, ["database"])
    assert well.http.get("/readyz").status_code == 200


@pytest.mark.sqlite
def test_a_read_only_database_is_not_ready(well: Site) -> None:
    """It answers every question and saves nothing."""
    with well.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    response = well.http.get("/readyz")
    assert (response.status_code, _failing(response)) == (503, ["database"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes to read-only files")
def test_a_read_only_file_is_not_writable(tmp_path: Path) -> None:
    """A disk that was remounted read-only lets even the lock through on some systems."""
    path = tmp_path / "baton.db"
    engine = make_engine(f"sqlite:///{path}")
    assert WriteProbe(engine)().is_ok
    engine.dispose()
    path.chmod(0o444)
    assert not WriteProbe(engine)().is_ok


@pytest.mark.sqlite
def test_the_probe_changes_nothing(well: Site) -> None:
    """What it writes stood there before, and the next to write need not wait."""
    path = well.database.engine.url.database or ""
    with closing(sqlite3.connect(path)) as other:
        before = dump(other)
        assert well.http.get("/readyz").status_code == 200
        assert dump(other) == before
        other.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")


def test_a_full_pool_is_not_ready(well: Site) -> None:
    """Every connection is in use: nobody could save."""
    engine = create_engine(well.database.engine.url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    held = [engine.connect()]
    check = WriteProbe(engine)()
    for connection in held:
        connection.close()
    engine.dispose()
    assert (check.is_ok, check.state) == (False, "no connection is free")


@pytest.mark.sqlite
def test_an_answer_of_the_database_is_believed_for_a_second(well: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand probes cost one transaction."""
    monkeypatch.setattr(health, "PROBED_SECONDS", 60.0)
    assert well.http.get("/readyz").status_code == 200
    with closing(sqlite3.connect(well.database.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert well.http.get("/readyz").status_code == 200


@pytest.fixture
def time_and_vitals() -> tuple[list[float], Vitals]:
    """A clock to be moved and the vitals that read it."""
    now = [1000.0]
    return now, Vitals(lambda: now[0])


def test_a_silent_socket_is_not_ready(time_and_vitals: tuple[list[float], Vitals]) -> None:
    """It can stay "connected" for hours without an event: the pong tells."""
    now, vitals = time_and_vitals

    def socket() -> tuple[bool, str]:
        check = next(check for check in check_signs(vitals.read(), needs_socket=True) if check.name == "socket")
        return check.is_ok, check.state

    assert socket() == (False, "not connected")
    vitals.socket_connected()
    assert socket() == (True, "last pong 0 s ago")
    now[0] += PONG_SECONDS
    assert socket() == (False, "last pong 30 s ago")
    vitals.pong_received(age_seconds=4)
    assert socket() == (True, "last pong 4 s ago")
    vitals.socket_lost()
    assert socket() == (False, "not connected")


def test_a_stalled_deliverer_is_not_ready(time_and_vitals: tuple[list[float], Vitals]) -> None:
    """It may take its time after the start, and never two minutes."""
    now, vitals = time_and_vitals

    def deliverer() -> tuple[bool, str]:
        check = next(check for check in check_signs(vitals.read(), needs_socket=False) if check.name == "deliverer")
        return check.is_ok, check.state

    assert deliverer() == (True, "ran never")
    now[0] += DELIVERER_SECONDS
    assert deliverer() == (False, "ran never")
    vitals.deliverer_ran()
    assert deliverer() == (True, "ran 0 s ago")
    now[0] += DELIVERER_SECONDS
    assert deliverer() == (False, "ran 120 s ago")


def test_in_socket_mode_the_socket_counts(serve: Callable[..., Site]) -> None:
    """Without a connection nothing can be heard."""
    site = serve(SLACK_APP_TOKEN="xapp-1")
    site.vitals.schema_checked(is_ok=True)
    assert _failing(site.http.get("/readyz")) == ["socket"]
    site.vitals.socket_connected()
    assert site.http.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_proxied_stranger_gets_a_404(door: Site, path: str) -> None:
    """Like a path that is not there."""
    assert door.http.get(path, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert door.http.get(path, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert door.http.get(path, headers={"X-Real-IP": "203.0.113.9"}).json() == {"error": "Not Found"}


def test_metrics_public_answers_strangers(serve: Callable[..., Site]) -> None:
    """Whoever sets it has a network that they trust."""
    site = serve(METRICS_PUBLIC=True)
    for path in ("/healthz", "/metrics"):
        assert site.http.get(path, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200
