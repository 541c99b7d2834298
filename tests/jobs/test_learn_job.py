"""Learning runs once a week, as soon as there is something to learn; reports survive whoever worked on them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlmodel import col

from jobs import reports as reports_job
from jobs.table import JOBS, run_job
from models.lead_chance import LeadChance
from models.learned_model import LearnedModel
from models.records import JobRun
from models.report import Report, ReportState
from services import learning, reports
from services.learning_fit import fit
from tests.journeys.steps import NAKAMURA
from tests.journeys.test_scoring_report import bring_history, rows_of
from tests.learning.conftest import task
from tests.office import Office


def slots(office: Office) -> list[str]:
    """Return the weeks in which something was learned."""
    with office.bot.database.read() as session:
        return list(session.scalars(select(col(JobRun.slot)).where(col(JobRun.job) == "learn")))


def test_a_week_with_too_little_stays_open(small_office: Office, tmp_path: Path) -> None:
    """Nothing to learn leaves the week's slot free; once there is, it is learned once until the next week begins."""
    office = small_office
    assert run_job("learn", office.bot.jobs, slot_day=office.clock()) == 0
    assert (slots(office), JOBS["learn"].dry_run(office.bot.jobs)) == ([], 0)
    bring_history(office, tmp_path, 300)
    assert JOBS["learn"].dry_run(office.bot.jobs) == 300
    assert rows_of(office, LearnedModel) == []
    assert run_job("learn", office.bot.jobs, slot_day=office.clock()) == 300
    assert slots(office) == ["2026-W48"]
    assert run_job("learn", office.bot.jobs, slot_day=office.clock() + timedelta(days=2)) == 0
    assert len(rows_of(office, LearnedModel)) == 1


def test_open_leads_are_scored_in_batches_that_can_be_resumed(office: Office, tmp_path: Path) -> None:
    """Each batch notes where it stopped; another process goes on there, and a new version begins anew."""
    bring_history(office, tmp_path, 1)
    with office.bot.database.write() as session:
        learning.save_model(session, office.bot.workspace_id, fit(task(300)), office.clock())
    done = []
    for _ in range(4):
        with office.bot.database.write() as session:
            done.append(learning.score_open_leads(session, office.bot.workspace_id, 25, office.clock()))
    assert done == [25, 25, 10, 0]
    chances = rows_of(office, LeadChance)
    assert len({chance.lead_id for chance in chances}) == 60
    assert all(0 < chance.chance < 1 for chance in chances)


def test_a_report_left_behind_is_taken_up_again_and_at_last_given_up(office: Office) -> None:
    """A process that dies on a report keeps it for its lease; after three tries the person is told."""
    office.say(office.tanaka, "report scoring")
    office.deliver()
    now = datetime.now(UTC)
    for attempt in range(1, 4):
        with office.bot.database.write() as session:
            taken = reports.take_report(session, office.bot.workspace_id, now)
            assert taken is not None
            assert taken.attempts == attempt
            assert reports.take_report(session, office.bot.workspace_id, now) is None
        now += reports.LEASE
    with office.bot.database.write() as session:
        assert reports.take_report(session, office.bot.workspace_id, now) is None
    office.deliver()
    (report,) = rows_of(office, Report)
    assert (report.state, report.due_at) == (ReportState.FAILED, None)
    assert "作成できませんでした" in office.tanaka.dms()[-1].text


def test_who_comes_second_with_a_report_changes_nothing(small_office: Office) -> None:
    """A process that was given up for dead and finishes after all finds the report done."""
    office = small_office
    office.say(office.tanaka, "report scoring")
    with office.bot.database.read() as session:
        late = session.scalars(select(Report)).one()
    assert JOBS["reports"].dry_run(office.bot.jobs) == 1
    assert reports_job.run(office.bot.jobs) == 1
    with office.bot.database.write() as session:
        reports.finish_report(session, late, {"won": 9, "lost": 9}, b"", office.clock())
    (report,) = rows_of(office, Report)
    assert report.facts == {"won": 0, "lost": 0}
    with office.bot.database.write() as session:
        session.execute(update(Report).values(due_at=None))
    assert reports_job.run(office.bot.jobs) == 0


def test_a_picture_whose_answer_was_lost_is_not_uploaded_twice(small_office: Office) -> None:
    """The file's name says which delivery it is, so it is found in the thread."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "report scoring")
    office.deliver()
    with office.bot.database.write() as session:
        found = learning.save_model(session, office.bot.workspace_id, fit(task(300)), office.clock())
        report = session.scalars(select(Report)).one()
        reports.finish_report(session, report, {"version": found.version}, b"\x89PNG...", office.clock())
    office.workspace.faults.drop_after("files.completeUploadExternal")
    office.bot.deliverer.settling_seconds = 0
    office.deliver()
    (picture,) = [message for message in office.tanaka.dms() if message.file_ids]
    assert picture.text
