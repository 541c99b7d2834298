"""Looking for people among many: who may be the same as an entry, and who is called so, against bare look-ups."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from benchmarks.table import Comparison, in_turn
from models.database import Database, make_engine
from models.facts import LeadEntry
from models.lead import Lead
from models.schema import migrate
from models.workspace import Workspace
from services.leads import lead_values
from services.lists import find_leads
from services.matching import match_signs, signs_of
from services.search import find_hits, written

FIND_GOAL, CANDIDATES_GOAL = 10.0, 10.0
BATCH = 20_000
NOW = datetime(2026, 11, 24, tzinfo=UTC)
# As common as in Japan: the first of these is one person's in sixty.
_FAMILIES = [a + b for a in "佐鈴高田渡伊山中小加吉松井木林" for b in "藤木橋中辺野本村島川田原口上下"]
_GIVEN = [a + b for a in "理健美一直裕和明恵翔陽智幸誠真" for b in "恵太子郎人樹也美香介奈平司菜之"]


def compare(folder: Path, leads: int, rounds: int) -> list[Comparison]:
    """Measure among `leads` leads of one workspace, SQLite."""
    file = folder / "many.db"
    database = Database(make_engine(f"sqlite:///{file}"))
    migrate(database.engine)
    lot = random.Random(7)  # noqa: S311  Nothing secret.
    _fill(database, file, leads, lot)
    with closing(sqlite3.connect(file)) as bare, database.read() as session:
        found = in_turn(rounds, _measures(session, bare, lot, leads))
    database.engine.dispose()
    many = f"{leads:,} leads"
    return [
        Comparison(f"candidates for one lead among {many} / its bare look-ups", "us", found["match"], found["keys"], CANDIDATES_GOAL),
        Comparison(f"two kanji among {many} / a bare look-up and ten rows", "us", found["find"], found["bare"], FIND_GOAL),
        Comparison(f"/lead find among {many}, with what the list shows / the same", "us", found["list"], found["bare"]),
    ]  # fmt: skip


def _fill(database: Database, file: Path, count: int, lot: random.Random) -> None:
    """Store one lead as Baton does and copy it with other names: a million in minutes."""
    workspace = Workspace(id=1, slack_id="T1", created_at=NOW)
    with database.write() as session:
        session.add(Workspace(id=1, slack_id="T1", created_at=NOW))
        session.flush()
        session.execute(
            insert(Lead), lead_values(LeadEntry(name="x"), workspace, 0, None, NOW) | {"match_due_at": None}
        )
    database.engine.dispose()
    names = [*next(_people(1, lot)), "grams"]
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"CREATE TEMP TABLE person (n INTEGER PRIMARY KEY, {', '.join(names)})")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(lead)")]
        values = {name: f"first.{name}" for name in columns} | {name: f"person.{name}" for name in names[:-1]}
        values |= {"id": "first.id + person.n", "number": "person.n"}
        copy = f"INSERT INTO lead SELECT {', '.join(values[name] for name in columns)} FROM person, first"  # noqa: S608
        connection.execute("CREATE TEMP TABLE first AS SELECT * FROM lead")
        people = _people(count, lot)
        for start in range(1, count + 1, BATCH):
            rows = [
                (n, *person.values(), written(1, person["search_text"], is_sqlite=True))
                for n, person in zip(range(start, min(start + BATCH, count + 1)), people, strict=False)
            ]
            with connection:
                connection.execute("DELETE FROM person")
                connection.executemany(f"INSERT INTO person VALUES (?{', ?' * len(names)})", rows)  # noqa: S608
                connection.execute(copy)
                connection.execute(
                    "INSERT INTO lead_search (rowid, grams) SELECT first.id + n, grams FROM person, first ORDER BY n"
                )


def _people(count: int, lot: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(count):
        family, given = (names[int(len(names) * lot.random() ** 2)] for names in (_FAMILIES, _GIVEN))
        company = f"{_FAMILIES[number % len(_FAMILIES)]}精機{number % (count // 30 + 1)}"
        email = f"p{number}@c{number % (count // 30 + 1)}.example"
        yield {
            "name": family + given,
            "name_key": family + given,
            "company": company,
            "company_key": company,
            "email": email,
            "email_key": email,
            "phone_key": f"+8145{number % (count // 30 + 1):07d}",
            "search_text": f"{family}{given} {company} {email}",
        }


def _measures(
    session: Session, bare: sqlite3.Connection, lot: random.Random, count: int
) -> dict[str, Callable[[], float]]:
    entries = [
        LeadEntry(name=person["name"], company=person["company"], email=person["email"], phone=person["phone_key"])
        for person in _people(count, random.Random(7))  # noqa: S311
        if lot.random() < 200 / count
    ]
    signs = [signs_of(entry, "JP") for entry in entries]

    def keys() -> None:
        one = lot.choice(signs)
        for column, key in (("email_key", one.email_key), ("phone_key", one.phone_key), ("name_key", one.name_key), ("company_key", one.company_key)):  # fmt: skip
            look_up = f"SELECT id, name, name_key, company_key, email_key, phone_key FROM lead WHERE workspace_id = 1 AND {column} = ? LIMIT 21"  # noqa: S608
            bare.execute(look_up, [key]).fetchall()

    def bare_find() -> None:
        asked = "1y" + "x".join(f"{ord(sign):x}" for sign in lot.choice(_FAMILIES))
        bare.execute(
            "SELECT lead.* FROM lead_search CROSS JOIN lead ON lead.workspace_id = 1 AND lead.id = lead_search.rowid "
            "WHERE lead_search MATCH ? ORDER BY lead_search.rowid DESC LIMIT 10",
            [asked],
        ).fetchall()

    return {
        "match": lambda: _us(lambda: match_signs(session, 1, [lot.choice(signs)])),
        "keys": lambda: _us(keys),
        "find": lambda: _us(lambda: find_hits(session, 1, lot.choice(_FAMILIES))),
        "bare": lambda: _us(bare_find),
        "list": lambda: _us(lambda: find_leads(session, 1, lot.choice(_FAMILIES), NOW)),
    }


def _us(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1e6
