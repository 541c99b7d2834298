"""The daily digest: at everybody's own time, on their working days, once, in whatever process."""

import sys
import threading
from datetime import datetime, timedelta

import pytest

from jobs.digest import run as run_digest
from jobs.table import dry_run, run_job
from models.delivery import DeliveryKind
from playground.people import Person
from playground.seed import BROWN, SALES, SATO
from services.working_time import _holidays
from tests.jobs.outbox import offer, outbox, snapshot
from tests.office import Office


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _digests(person: Person) -> int:
    return len(person.dms())


def _something_to_do(office: Office) -> None:
    """Offer a lead that stays unclaimed: sales, marketing and the manager have something to do every day."""
    offer(office)
    office.deliver()
    office.run("digest")


def _runs(office: Office, *times: str) -> None:
    for text in times:
        office.clock.now = _at(text)
        office.run("digest")


def test_everybody_gets_it_at_nine_their_time(office: Office) -> None:
    """London and New York get theirs when it is nine there, in their language, and Tokyo at nine in Tokyo."""
    office.workspace.change_user(SATO, tz="America/New_York")
    office.workspace.change_user(BROWN, tz="Europe/London")
    office.workspace.join(SALES, BROWN)
    office.run("members")
    brown = office.person("brown")
    _something_to_do(office)
    seen = {}
    for text in ("2026-11-24T08:59:59Z", "2026-11-24T09:00:00Z", "2026-11-24T13:59:59Z", "2026-11-24T14:00:00Z",
                 "2026-11-24T23:59:59Z", "2026-11-25T00:00:00Z"):  # fmt: skip
        office.clock.now = _at(text)
        office.run("digest")
        seen[text[5:-1]] = _digests(brown), _digests(office.sato), _digests(office.aoki)
    assert list(seen.values()) == [(0, 0, 0), (1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 0), (1, 1, 1)]
    assert "L-1" in brown.dms()[0].text + str(brown.dms()[0].blocks)


def test_weekends_and_holidays_of_their_country_are_free(small_office: Office) -> None:
    """On 11 January 2027 Japan comes of age: Tokyo gets none, London does."""
    office = small_office
    office.workspace.change_user(SATO, tz="Europe/London")
    office.run("members")
    office.clock.now = _at("2027-01-08T18:30:00+09:00")
    _something_to_do(office)
    _runs(office, "2027-01-09T12:00:00Z", "2027-01-10T12:00:00Z", "2027-01-11T08:59:00Z")
    assert (_digests(office.aoki), _digests(office.sato)) == (0, 0)
    _runs(office, "2027-01-11T09:00:00Z")
    assert (_digests(office.aoki), _digests(office.sato)) == (0, 1)
    _runs(office, "2027-01-12T00:00:00Z")
    assert (_digests(office.aoki), _digests(office.sato)) == (1, 1)


def test_nine_stays_nine_when_the_clocks_change(small_office: Office) -> None:
    """New York goes to summer time on 14 March 2027: Friday's comes at 14:00 UTC, Monday's at 13:00."""
    office = small_office
    office.workspace.change_user(SATO, tz="America/New_York")
    office.run("members")
    office.clock.now = _at("2027-03-11T20:00:00Z")
    _something_to_do(office)
    counts = []
    for text in ("2027-03-12T13:59:00Z", "2027-03-12T14:00:00Z", "2027-03-15T12:59:00Z", "2027-03-15T13:00:00Z"):
        _runs(office, text)
        counts.append(_digests(office.sato))
    assert counts == [0, 1, 1, 2]


def test_nobody_who_has_nothing_to_do_gets_one(small_office: Office) -> None:
    """An empty day is a quiet day."""
    small_office.run("digest")
    _runs(small_office, "2026-11-25T09:00:00+09:00")
    assert outbox(small_office, DeliveryKind.DIGEST) == []


def test_several_schedulers_send_one(office: Office) -> None:
    """Eight runs at the same moment: one digest a person, and none later that day."""
    _something_to_do(office)
    office.clock.now = _at("2026-11-25T09:00:00+09:00")
    failed: list[BaseException] = []
    threads = [threading.Thread(target=_note_failure, args=(failed, office)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.deliver()
    office.clock.move(hours=3)
    office.run("digest")
    assert failed == []
    assert [_digests(person) for person in (office.aoki, office.sato, office.mori, office.tanaka)] == [1, 1, 1, 1]


def _note_failure(failed: list[BaseException], office: Office) -> None:
    try:
        run_digest(office.bot.jobs)
    except BaseException as error:
        failed.append(error)


@pytest.mark.parametrize(
    ("back_at", "count", "is_late"),
    [
        ("2026-11-25T10:00:00+09:00", 1, False),
        ("2026-11-25T13:00:00+09:00", 1, True),
        ("2026-11-27T10:00:00+09:00", 1, True),
        ("2026-12-02T08:59:00+09:00", 0, False),
        ("2026-12-01T10:00:00+09:00", 1, True),
        ("2026-12-02T10:00:00+09:00", 1, True),
        ("2027-01-20T10:00:00+09:00", 1, True),
        ("2026-11-28T10:00:00+09:00", 0, False),
        ("2026-11-26T03:00:00+09:00", 0, False),
    ],
    ids=[
        "an hour later",
        "same day",
        "days later",
        "a week later before nine",
        "six days",
        "a week later",
        "months later",
        "saturday",
        "night",
    ],
)
def test_missed_digest_is_caught_up_once(small_office: Office, back_at: str, count: int, is_late: bool) -> None:
    """However long Baton was down, one digest comes, marked late, for today; never on a free day or before their time."""
    office = small_office
    _something_to_do(office)
    _runs(office, back_at, back_at)
    assert _digests(office.aoki) == count
    row = next((row for row in outbox(office, DeliveryKind.DIGEST) if row.channel_slack_id == office.aoki.id), None)
    assert (row is not None and row.about.endswith(":late")) == is_late
    after = _digests(office.aoki)
    next_day = _at(back_at).replace(hour=9, minute=0)
    next_day += timedelta(days=0 if next_day > _at(back_at) else 1)
    while next_day.weekday() > 4:
        next_day += timedelta(days=1)
    _runs(office, next_day.isoformat())
    assert _digests(office.aoki) == after + 1


def test_whoever_moved_gets_it_at_nine_where_they_are(small_office: Office) -> None:
    """Planned for nine in Tokyo, which is midnight in London: it waits until nine there."""
    office = small_office
    _something_to_do(office)
    office.workspace.change_user(SATO, tz="Europe/London")
    office.run("members")
    _runs(office, "2026-11-25T00:00:00Z")
    assert (_digests(office.aoki), _digests(office.sato)) == (1, 0)
    _runs(office, "2026-11-25T09:00:00Z")
    assert _digests(office.sato) == 1


def test_whoever_left_gets_none(small_office: Office) -> None:
    """Deactivated after the plan was made."""
    office = small_office
    _something_to_do(office)
    office.workspace.change_user(SATO, deleted=True)
    office.run("members")
    _runs(office, "2026-11-25T00:00:00Z")
    assert _digests(office.sato) == 0


def test_digest_dry_run_counts_the_people_and_changes_nothing(small_office: Office) -> None:
    """It says how many digests are due."""
    office = small_office
    _something_to_do(office)
    assert dry_run("digest", office.bot.jobs) == "send 0 digests, plan 0 digests"
    office.clock.now = _at("2026-11-25T00:00:00Z")
    before = snapshot(office)
    said = dry_run("digest", office.bot.jobs)
    assert snapshot(office) == before
    run_job("digest", office.bot.jobs)
    sent = len(outbox(office, DeliveryKind.DIGEST))
    assert sent > 0
    assert said == f"send {sent} digests, plan 0 digests"


def test_nobody_waits_for_the_holidays_of_another_country(small_office: Office) -> None:
    """Somebody from a country that is new here: its holidays are listed while nobody holds the database."""
    office, was_held, over = small_office, [], threading.Event()

    def watch(event: str, _arguments: object) -> None:
        # A hook like this cannot be taken off again.
        if event == "subprocess.Popen" and not over.is_set():
            was_held.append(office.bot.database._queue.locked())

    office.workspace.change_user(SATO, tz="Pacific/Fiji")
    office.server.settle()
    # Whatever this process has listed before, in this test or another, is forgotten.
    _holidays.cache_clear()
    sys.addaudithook(watch)
    office.run("digest")
    over.set()
    assert was_held
    assert not any(was_held)
