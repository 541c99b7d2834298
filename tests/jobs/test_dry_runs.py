"""`bot.py job NAME --dry-run`: says in words what a run would do, and does nothing."""

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from jobs.table import JOBS, dry_run, run_job, says
from models.delivery import DeliveryKind
from tests.jobs.outbox import offer, outbox
from tests.office import Office


def whole(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with office.bot.database.read() as session:
        tables = SQLModel.metadata.sorted_tables
        return {table.name: sorted(map(tuple, session.execute(select(table))), key=repr) for table in tables}


def busy(office: Office) -> None:
    """Have something due for every job: offers, a hot lead, one to cool, sleepers, a digest, a changed setting."""
    for name in ("中村", "木村"):
        offer(office, name)
    office.say(office.aoki, "claim L-2")
    for kind in ("資料請求", "デモ依頼", "セミナー", "商談", "電話 先方から"):
        office.say(office.tanaka, f"log L-2 {kind}")
    office.say(office.mori, "setup")
    assert office.mori.submit({"dormant_mql_days": "29"}).ok
    office.run("digest")
    office.clock.move(days=29)


@pytest.mark.parametrize("name", JOBS)
def test_dry_run_of_every_job_changes_no_row_of_any_table(office: Office, name: str) -> None:
    """With something due: the whole database before and after is the same, and the sentence has no gaps."""
    busy(office)
    before = whole(office)
    said = dry_run(name, office.bot.jobs)
    assert whole(office) == before
    assert "{" not in said
    assert says(name)


def test_numbers_are_those_of_the_run(office: Office) -> None:
    """Whoever looks first is told what then happens, each number for itself."""
    busy(office)
    jobs = office.bot.jobs
    assert dry_run("hot", jobs) == "alert of 0 hot leads, let 1 cool down"
    run_job("hot", jobs)
    assert dry_run("hot", jobs) == "alert of 0 hot leads, let 0 cool down"
    assert dry_run("due_times", jobs) == "move due times of 2 leads to changed settings"
    run_job("due_times", jobs)
    assert dry_run("dormant", jobs) == "flag 1 dormant leads, tell 1 people"
    assert run_job("dormant", jobs) == 1
    assert len(outbox(office, DeliveryKind.DORMANT_NOTICE)) == 1
    assert dry_run("handoffs", jobs) == "remind of 1 handoffs, tell managers of 0 handoffs"
    run_job("handoffs", jobs)
    office.clock.move(days=1)
    assert dry_run("handoffs", jobs) == "remind of 0 handoffs, tell managers of 1 handoffs"
    run_job("handoffs", jobs)
    assert len(outbox(office, DeliveryKind.HANDOFF_ESCALATION)) == 1
    said = dry_run("digest", jobs)
    sent_before = len(outbox(office, DeliveryKind.DIGEST))
    run_job("digest", jobs)
    assert said.startswith(f"send {len(outbox(office, DeliveryKind.DIGEST)) - sent_before} digests")


def test_list_of_jobs_says_what_each_does_without_numbers() -> None:
    """Not "flag {flag} dormant leads"."""
    assert says("dormant") == "flag dormant leads, tell people"
