"""Imported history alerts nobody one by one: real files, then every job, then half a year."""

from pathlib import Path

import pytest

from models.delivery import DeliveryKind
from playground.seed import MARKETING, SALES
from services import members
from services.imports import import_file
from tests.jobs.outbox import outbox, posted
from tests.office import Office

FILES = {
    "olist_mql.csv": {"mql_id": "external_id", "first_contact_date": "first_contact", "origin": "source"},
    "xeducation.csv": {"Prospect ID": "external_id", "Lead Source": "source"},
}


@pytest.mark.parametrize("name", FILES)
def test_imported_leads_cause_one_message_a_person_and_day_at_most(
    small_office: Office, shared_data: Path, name: str
) -> None:
    """Thousands of leads come in: no card, no hot alert; whatever falls asleep later stands in one message a day."""
    office = small_office
    with office.bot.database.read() as session:
        tanaka = members.find_member(session, office.bot.workspace_id, office.tanaka.id)
    assert tanaka is not None
    path = shared_data / "leads" / name
    summary = import_file(
        office.bot.database, office.bot.workspace_id, path, FILES[name], office.clock(), member_id=tanaka.id
    )
    assert summary.added > 5000
    for job in ("hot", "dormant", "handoffs", "digest", "deliver"):
        assert office.run(job) <= len(["aoki", "sato", "mori", "tanaka", "kim"]), job
    assert outbox(office) == []
    for _ in range(6):
        office.clock.move(days=30, hours=1)
        for job in ("hot", "dormant", "handoffs"):
            office.run(job)
    kinds = [row.kind for row in outbox(office)]
    assert set(kinds) <= {DeliveryKind.DORMANT_NOTICE}
    assert len(office.tanaka.dms()) == len(kinds) <= 6
    assert posted(office, SALES) == posted(office, MARKETING) == []
