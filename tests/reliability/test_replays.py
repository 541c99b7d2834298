"""The same request any number of times is that request once: for every payload of a journey, in every order that can be.

Compared is every row of every table but `receipt`, `job_run` and `alembic_version`, with all their columns but what the
deliverer keeps for itself (leases, attempts, due times) and Slack's `ts`; ids are compared by their rank in their table.
"""

import os
import random
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from playground.delivery import Kind, Reply, Retry
from playground.endpoint import Endpoint
from playground.entities import Json
from playground.seed import MARKETING, SALES
from tests.journeys.steps import NAKAMURA
from tests.office import Office, open_office
from tests.postgres import fresh_url
from tests.reliability.recorder import record

SEED = int(os.environ.get("SEED", "1"))
COUNT = int(os.environ.get("COUNT", "100"))
THREADS = 8
# What the deliverer and the daily jobs keep for themselves.
_TABLES_APART = {"receipt", "job_run"}
_COLUMNS_APART = {"slack_ts", "lease", "leased_until", "next_attempt_at", "attempts"}
_ID = re.compile(r"\d{15,}")


class Repeater(Endpoint):
    """The way to the app on which everything is sent several times at once, with what was sent before among it."""

    def __init__(self, endpoint: Endpoint, office: Office, seed: int) -> None:
        super().__init__(office.workspace)
        self._endpoint, self._lot = endpoint, random.Random(seed)  # noqa: S311
        self._pool = ThreadPoolExecutor(THREADS)
        self.sent: list[tuple[Kind, Json]] = []
        self.count = 0

    def carry(self, kind: Kind, body: Json, retry: Retry, timeout: float, copies: int) -> Reply:
        earlier = self._lot.sample(self.sent, min(len(self.sent), self._lot.randint(0, 4)))
        crowd = [(kind, body)] * self._lot.randint(2, 5) + earlier
        self.sent.append((kind, body))
        replies = self._send(crowd)
        return min((reply for sent, reply in replies if sent is body), key=_is_told_of_a_repeat)

    def storm(self) -> None:
        """Send everything several times, in any order."""
        self._send([payload for payload in self.sent for _ in range(self._lot.randint(2, 5))])

    def _send(self, payloads: Sequence[tuple[Kind, Json]]) -> list[tuple[Json, Reply]]:
        shuffled = self._lot.sample(payloads, len(payloads))
        self.count += len(shuffled)
        replies = self._pool.map(
            lambda one: self._endpoint.carry(one[0], one[1], Retry(1, "http_timeout"), 10, 1), shuffled
        )
        return [(body, reply) for (_, body), reply in zip(shuffled, replies, strict=True)]

    def close(self) -> None:
        self._pool.shutdown()


def _is_told_of_a_repeat(reply: Reply) -> bool:
    said = str(reply.payload)
    return not reply.ok or "変更していません" in said or "Nothing was changed" in said or "errors" in reply.payload


def live(office: Office) -> None:
    """Go through everything that changes something, refusals and slips among it."""
    tanaka, aoki, sato, mori = office.tanaka, office.aoki, office.sato, office.mori
    office.say(tanaka, NAKAMURA)
    office.say(tanaka, "add")
    assert tanaka.submit({"name": "山田 太郎", "email": "y@x.example", "source": "card"}).ok
    question = office.say(tanaka, "add 中村 理恵, ミナモ精機株式会社, r.nakamura@minamo-seiki.example").message
    assert question
    assert tanaka.click(question, "lead.add_anyway").ok
    office.answered()
    question = office.say(tanaka, "add 中村 理恵, ミナモ精機株式会社, r.nakamura@minamo-seiki.example").message
    assert question
    assert tanaka.click(question, "lead.discard_draft").ok
    office.say(tanaka, "add 間違い 太郎, 別の会社, m@x.example")
    office.say(tanaka, "undo")
    office.say(tanaka, "log L-1 電話 資料を送る")
    office.say(tanaka, "log L-1")
    assert tanaka.submit({"kind": "email"}).ok
    office.say(tanaka, "edit L-2 予算:1円")
    office.say(tanaka, "follow L-2 明日 見積もり")
    office.say(tanaka, "lost L-3 競合")
    office.clock.move(minutes=5)
    office.say(tanaka, "qualify L-1 今朝デモ依頼")
    office.say(tanaka, "qualify L-1 もう一度")
    office.deliver()
    card = office.cards()[-1]
    sato.click(card, "handoff.claim")
    aoki.click(card, "handoff.claim")
    office.deliver()
    office.say(sato, "log L-1 電話")
    office.say(sato, "release L-1")
    office.deliver()
    aoki.react(office.cards()[-1], "raised_hand")
    office.server.settle()
    office.deliver()
    office.clock.move(minutes=5)
    office.say(aoki, "return L-1")
    assert aoki.submit({"reason": "no_need"}).ok
    office.deliver()
    _people_come_and_go(office)
    office.say(tanaka, "qualify L-2")
    office.say(tanaka, "withdraw L-2")
    office.say(tanaka, "qualify L-2 今度こそ")
    office.deliver()
    office.say(mori, "assign L-2 Sato", SALES)
    office.say(sato, "won L-2 おめでとう")
    office.deliver()


def _people_come_and_go(office: Office) -> None:
    kim, workspace = office.person("kim"), office.workspace
    for _ in range(2):
        kim.join(SALES)
        kim.leave(SALES)
    kim.join(SALES)
    for name in ("田中 美咲", "田中 (旧姓 鈴木)", "鈴木 美咲"):
        workspace.change_user(office.tanaka.id, display_name=name)
        office.server.settle()
    workspace.change_user(kim.id, deleted=True)
    office.server.settle()
    kim_again = workspace.change_user(kim.id, deleted=False)
    office.server.settle()
    assert not kim_again.deleted
    office.say(office.tanaka, "show L-1", MARKETING)


def content(office: Office) -> dict[str, list[str]]:
    """Return what the database holds, in a form that two databases with the same history share."""
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in _TABLES_APART]
    with office.bot.database.read() as session:
        rows = {table.name: [dict(row._mapping) for row in session.execute(select(table))] for table in tables}
    ranks = {
        str(key): f"{name}#{rank}"
        for name, found in rows.items()
        for rank, key in enumerate(sorted(row["id"] for row in found if "id" in row))
    }
    rank_of = partial(_ID.sub, lambda match: ranks.get(match[0], "an id that is gone"))
    return {
        name: sorted(rank_of(repr({key: row[key] for key in row if key not in _COLUMNS_APART})) for row in found)
        for name, found in rows.items()
    }


def lived_once(url: str) -> dict[str, list[str]]:
    """Return what the journey leaves when everything is sent once."""
    with open_office(url) as office:
        live(office)
        return content(office)


def lived_with_repeats(url: str, seed: int) -> tuple[dict[str, list[str]], int]:
    """Return what the journey leaves when everything is sent again and again, and how many payloads that were."""
    with open_office(url) as office:
        repeater = office.server.endpoint = Repeater(office.server.endpoint, office, seed)
        live(office)
        office.server.settle()
        repeater.storm()
        office.deliver()
        repeater.close()
        return content(office), repeater.count


def compare(kind: str, folder: Path, seeds: range) -> int:
    """Fail where repeats have left anything else; return how many payloads were sent."""
    with fresh_url(kind, folder, migrated=True) as url:
        once = lived_once(url)
    count = 0
    for seed in seeds:
        with fresh_url(kind, folder, migrated=True) as url:
            repeated, sent = lived_with_repeats(url, seed)
        count += sent
        for table, rows in once.items():
            assert repeated[table] == rows, f"{table} differs: SEED={seed} COUNT=1 shows it"
    return count


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_requests_sent_many_times_have_one_effect(kind: str, tmp_path: Path) -> None:
    """Every payload two to five times at once, earlier ones among them, and in the end all of them in any order."""
    assert compare(kind, tmp_path, range(1)) > 250


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_requests_sent_many_times_in_many_orders(kind: str, tmp_path: Path) -> None:
    """The same in many more orders."""
    count = compare(kind, tmp_path, range(SEED, SEED + COUNT))
    record(
        "requests repeated, in any order and at once",
        {"database": kind, "seed": SEED, "orders": COUNT, "requests": count, "differences to sending each once": 0},
    )
