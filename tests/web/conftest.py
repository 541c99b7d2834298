"""Sites to talk to: one for each test that changes something, one for all that only knock."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import SQLModel

from models.database import Database, make_engine
from services.workspaces import Installation, install_workspace, set_channels
from tests.postgres import sqlite_url
from tests.web.web_site import NOW, Site, read_settings_of


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, a workspace and a team; copied, for making one takes long."""
    url = sqlite_url(tmp_path_factory.mktemp("template"), migrated=True)
    engine = make_engine(url)
    with Database(engine).write() as session:
        workspace = install_workspace(session, Installation("T1", "Acme", "U0"), "ja", "Asia/Tokyo", NOW)
        set_channels(session, workspace, "C1SALES", "C2MARKETING", NOW)
    engine.dispose()
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def _running(path: Path, template: Path, **settings: Any) -> Iterator[Site]:
    shutil.copy(template, path)
    engine = make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        workspace_id = connection.exec_driver_sql("SELECT id FROM workspace").scalar_one()
    site = Site(Database(engine), workspace_id, read_settings_of(**settings))
    site.start()
    try:
        yield site
    finally:
        site.stop()
        engine.dispose()


@pytest.fixture
def serve(tmp_path: Path, template: Path) -> Iterator[Callable[..., Site]]:
    """Start a site with these settings; it ends with the test."""
    with ExitStack() as running:
        yield lambda **settings: running.enter_context(_running(tmp_path / "baton.db", template, **settings))


@pytest.fixture
def fresh(serve: Callable[..., Site]) -> Site:
    """A site in HTTP mode with hooks that nobody has used."""
    return serve()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Site]:
    """A site that the tests of a module share, which only knock at it."""
    with _running(tmp_path_factory.mktemp("door") / "baton.db", template) as site:
        yield site


@pytest.fixture(scope="module")
def barrel(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Site]:
    """A site that anything may be thrown into."""
    with _running(tmp_path_factory.mktemp("barrel") / "baton.db", template) as site:
        yield site


@pytest.fixture
def site(barrel: Site) -> Site:
    """The same, emptied: a tenth of a second faster than a fresh one."""
    with barrel.database.write() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name not in {"workspace", "team"}:
                session.execute(delete(table))
    return barrel
