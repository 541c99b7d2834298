"""What SQLite does for each statement: no command may read a whole table that grows with the workspace."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.journeys.file_steps import FAIR, press, upload
from tests.journeys.test_forgetting import forget
from tests.office import Office, open_office
from tests.postgres import sqlite_url

GROWING = (
    "lead",
    "touchpoint",
    "handoff",
    "change",
    "delivery",
    "receipt",
    "company",
    "match_suggestion",
    "lead_merge",
    "consent",
    "mention",
    "suppression",
    "import_chunk",
    "import_fill",
)
# The workspace alone is no selection: there is one. The index of what was returned holds nothing else.
WHOLE_TABLE = re.compile(rf"(?:SCAN|SEARCH) ({'|'.join(GROWING)})\b(?!.*(?:\(workspace_id=\? AND|lead_recycled))")

MORNING = [
    "add 中村 理恵, ミナモ精機株式会社, 部長, r.nakamura@minamo-seiki.example, 045-555-0142",
    "add 中村 理恵, ミナモ精機, r.nakamura@minamo-seiki.example",
    "log L-1 デモ依頼",
    "edit L-1 予算:300万円",
    "show r.nakamura@minamo-seiki.example",
    "show 中村 理恵",
    "find 中村",
    "find 村",
    "add 中村理恵, ミナモ精機",
    "list duplicates",
    "follow L-1 明日 見積もり",
    "undo",
    "list",
    "list hot",
    "list dormant",
    "list unclaimed",
    "list recycled",
    "list due",
    "qualify L-1 年内に決める",
    "claim L-1",
    "release L-1",
    "withdraw L-1",
    "lost L-1 予算なし",
    "consent L-1 no",
    "export L-1",
    "forget L-1",
]


def test_no_command_and_no_job_reads_a_whole_table(tmp_path: Path) -> None:
    """Every verb, every job that runs all day and the deliverer look rows up by their index."""
    plans: dict[str, list[str]] = {}
    with open_office(sqlite_url(tmp_path, migrated=True)) as office:

        def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
            if not many and statement not in plans and re.match(r"\s*(SELECT|UPDATE|DELETE)", statement):
                steps = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans[statement] = [step[3] for step in steps]

        event.listen(office.bot.database.engine, "after_cursor_execute", explain)
        _a_morning(office)
        event.remove(office.bot.database.engine, "after_cursor_execute", explain)
    assert len(plans) > 40
    assert [(plan, statement[-200:]) for statement, plan in plans.items() if any(map(WHOLE_TABLE.match, plan))] == []


def _a_morning(office: Office) -> None:
    for line in MORNING:
        office.say(office.mori, line)
        office.deliver()
    upload(office, "fair.csv", FAIR.encode(), office.mori)
    press(office, office.mori, "import.start")
    press(office, office.mori, "import.undo")
    for job in ("deliver", "match", "hot", "dormant", "handoffs", "digest", "imports", "exports"):
        office.run(job)
    office.say(office.mori, "merge L-1 L-2")
    office.mori.submit({"stays": "L-1"})
    office.say(office.mori, "show L-2")
    office.say(office.mori, "undo")
    office.mori.react(office.cards()[0], "raised_hand")
    office.mori.open_home()
    forget(office)
