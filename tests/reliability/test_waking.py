"""Several processes on one PostgreSQL: what one commits, another sends at once."""

from pathlib import Path

from sqlalchemy import text

from models.database import make_engine
from models.wake import CHANNEL, Listener
from playground.seed import SALES
from tests.journeys.steps import NAKAMURA, SMITH
from tests.office import Office, open_office
from tests.postgres import fresh_url, sqlite_url
from tests.reliability.fleet import fleet_at
from tests.reliability.helpers import until

AN_HOUR = 3600


def _offer(office: Office, line: str, number: int) -> None:
    """Have a process that never delivers offer a lead; wait for the other to post the card, far less than an hour."""
    office.say(office.tanaka, line)
    office.say(office.tanaka, f"qualify L-{number}")
    until(lambda: len(office.workspace.messages.in_channel(SALES)) == number)


def test_a_process_that_looks_once_an_hour_posts_at_once_what_another_commits(tmp_path: Path) -> None:
    """A takes the command, B posts the card; when its connections are cut, B comes back by itself."""
    with (
        fresh_url("postgres", tmp_path, migrated=True) as url,
        open_office(url) as office,
        fleet_at(office.server, url, tmp_path) as fleet,
    ):
        other = fleet.start(http=True, poll_seconds=AN_HOUR).ready()
        until(lambda: _listening(office) == 1)
        _offer(office, NAKAMURA, 1)
        with office.bot.database.engine.connect() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            )
        _offer(office, SMITH, 2)
        until(lambda: _listening(office) == 1)
        assert _notices(office) == [office.bot.database.name]
        assert other.end() == 0


def _listening(office: Office) -> int:
    with office.bot.database.engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE query = :listen AND datname = current_database()"
        return int(connection.execute(text(query), {"listen": f"LISTEN {CHANNEL}"}).scalar_one())


def _notices(office: Office) -> list[str]:
    """Return what a command tells everybody who listens: once, and nothing but who sent it."""
    with office.bot.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.autocommit = True
        driver.execute(f"LISTEN {CHANNEL}")
        office.say(office.tanaka, "withdraw L-2")
        heard = [
            notice.payload for notice in driver.notifies(timeout=0.5) if notice.payload == office.bot.database.name
        ]
        driver.execute("UNLISTEN *")
        driver.autocommit = False
        return heard


def test_on_sqlite_nobody_listens(tmp_path: Path) -> None:
    """One machine has one file; the deliverer looks by itself."""
    engine = make_engine(sqlite_url(tmp_path))
    listener = Listener(engine, "us", lambda: None)
    listener.start()
    listener.stop()
    engine.dispose()
