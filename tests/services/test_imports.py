"""An import brings every row in that can be read, names the others, and wakes nobody."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlmodel import col

from models.database import Database, make_engine
from models.delivery import Delivery
from models.errors import BusyError, InputError, Problem
from models.facts import LeadEntry
from models.import_run import Fault
from models.lead import MAX_LENGTHS, Consent, DecisionRole, Lead, LeadKind, Source, Stage
from models.records import Change, ChangeKind
from models.touchpoint import Touchpoint
from models.workspace import Workspace
from services import heat
from services.exports import write_export
from services.files.opening import open_sheet
from services.files.records import BadRow, UnreadableFileError
from services.import_batches import BATCH
from services.import_rows import columns_of, read_row
from services.imports import ImportSummary, import_file, read_mapping
from services.leads import new_lead
from tests.postgres import fresh_url

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "leads"
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
WORKSPACE = 1

OLIST = {"mql_id": "external_id", "origin": "source"}
XEDUCATION = {"Prospect ID": "external_id", "Lead Source": "source"}

Import = Callable[..., ImportSummary]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A workspace in Tokyo without any leads."""
    with fresh_url(request.param, tmp_path, migrated=True) as url:
        database = Database(make_engine(url))
        with database.write() as session:
            session.add(Workspace(id=WORKSPACE, slack_id="T1", created_at=NOW))
        yield database
        database.engine.dispose()


@pytest.fixture
def bring(database: Database, tmp_path: Path) -> Import:
    """Import a text as a file."""

    def bring(text: str | bytes, mapping: dict[str, str] | None = None) -> ImportSummary:
        file = tmp_path / "leads.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return import_file(database, WORKSPACE, file, mapping or {}, NOW)

    return bring


def test_a_row_becomes_a_lead(bring: Import, database: Database) -> None:
    """Headings in either language find their fields, and what finds none is kept under its heading."""
    summary = bring(
        "氏名,会社名,役職,E-mail,電話番号,獲得経路,立場,課題,メール同意,社員数\n"
        "佐藤 花子,株式会社ABC,部長,Hanako@ABC.co.jp,０３−１２３４−５６７８,展示会,決裁者,人手不足,あり,120\n"
    )
    assert summary == ImportSummary(added=1)
    (lead,) = _leads(database)
    assert (lead.number, lead.name, lead.company, lead.title) == (1, "佐藤 花子", "株式会社ABC", "部長")
    assert (lead.email, lead.email_key) == ("Hanako@ABC.co.jp", "hanako@abc.co.jp")
    assert (lead.phone, lead.phone_key) == ("03-1234-5678", "+81312345678")
    assert (lead.source, lead.role, lead.need) == (Source.TRADE_SHOW, DecisionRole.DECIDER, "人手不足")
    assert (lead.consent, lead.consent_at) == (Consent.YES, NOW)
    assert lead.extra == {"社員数": "120"}
    assert (lead.stage, lead.owner_id, lead.fit_points > 0) == (Stage.INQUIRY, None, True)


def test_an_imported_lead_is_built_like_an_added_one(bring: Import, database: Database) -> None:
    """Imports build rows in bulk for speed; what `add_lead` would have stored is the measure."""
    bring("name,company,email,phone,source\n青木,ABC,a@abc.co.jp,03-1234-5678,名刺\n")
    (lead,) = _leads(database)
    entry = LeadEntry(name="青木", company="ABC", email="a@abc.co.jp", phone="03-1234-5678", source=Source.CARD)
    with database.read() as session:
        workspace = session.get_one(Workspace, WORKSPACE)
    wanted = new_lead(entry, workspace, lead.number, None, NOW)
    assert lead.model_dump(exclude={"id", "import_id"}) == wanted.model_dump(exclude={"id", "import_id"})
    assert lead.kind is LeadKind.PROSPECT


def test_the_same_file_again_adds_nothing(bring: Import, database: Database) -> None:
    """Rows are recognised by external id, e-mail, phone and name, or name and company, whichever they give."""
    text = (
        "external_id,name,company,email,phone\n"
        "x1,,,,\n,青木,ABC,aoki@abc.co.jp,\n,佐藤,ABC,,03-1234-5678\n,鈴木,ABC,,03-1234-5678\n,田中,ABC,,\n,田中,XYZ,,\n"
    )
    assert bring(text).added == 6
    assert bring(text) == ImportSummary(known=6)
    assert bring(b"\xef\xbb\xbf" + text.encode()) == ImportSummary(known=6)
    assert len(_leads(database)) == 6


def test_a_person_twice_in_a_file_is_one_lead(bring: Import, database: Database) -> None:
    """Exports of card readers list a person once for each exchange."""
    summary = bring("name,email\n青木,aoki@abc.co.jp\n青木 花子,AOKI@ABC.co.jp\n")
    assert (summary.added, summary.known) == (1, 1)
    assert [lead.name for lead in _leads(database)] == ["青木"]


def test_bad_rows_are_named_and_the_rest_goes_on(bring: Import, database: Database) -> None:
    """Each row that cannot be used is told by its number, as a spreadsheet counts, with the field and the reason."""
    summary = bring(
        "name,email,phone,memo\n"
        "青木,not an address,,\n"
        ",,,nobody\n"
        "佐藤,,12,\n"
        f"{'長' * 101},,,\n"
        "\n"
        "鈴木,,,,one cell too many\n"
        "田中,tanaka@abc.co.jp,,\n"
    )
    assert [(bad.row, bad.reason, bad.field) for bad in summary.bad] == [
        (2, Problem.BAD_EMAIL, "email"),
        (3, Problem.NOBODY, "name"),
        (4, Problem.BAD_PHONE, "phone"),
        (5, Problem.TOO_LONG, "name"),
        (7, Fault.TOO_MANY_CELLS, ""),
    ]
    assert (summary.added, summary.bad_count) == (1, 5)
    assert [lead.name for lead in _leads(database)] == ["田中"]


def test_an_open_quotation_mark_swallows_no_rows(bring: Import, database: Database) -> None:
    """The row with the mark is bad; those after it, which a lenient reader would make part of it, are in."""
    summary = bring('name,company\n青木,"ABC\n佐藤,XYZ\n鈴木,"A, Inc."\n"田""中","B\nC"\n')
    assert [(bad.row, bad.reason) for bad in summary.bad] == [(2, Fault.BROKEN_QUOTES)]
    assert [(lead.name, lead.company) for lead in _leads(database)] == [
        ("佐藤", "XYZ"), ("鈴木", "A, Inc."), ('田"中', "B\nC")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("氏名\n青木\n".encode() + "佐藤\n".encode("cp932"), Fault.MIXED_ENCODINGS),
        (b"", Fault.EMPTY),
        (b'"name\n', Fault.BROKEN_QUOTES),
    ],
)
def test_an_unreadable_file_changes_nothing(bring: Import, database: Database, content: bytes, fault: Fault) -> None:
    """What cannot be read whole is refused before the first row, not turned into garbage."""
    with pytest.raises(UnreadableFileError) as caught:
        bring(content)
    assert caught.value.fault is fault
    assert _leads(database) == []


@pytest.mark.parametrize("mapping", [{"nowhere": "name"}, {"name": "nosuchfield"}])
def test_a_mapping_must_name_what_there_is(bring: Import, mapping: dict[str, str]) -> None:
    """A slip of the pen in `--map` is refused with the word, before anything is imported."""
    with pytest.raises(InputError) as caught:
        bring("name\n青木\n", mapping)
    assert caught.value.problem is Problem.UNKNOWN_FIELD
    assert caught.value.value in {"nowhere", "nosuchfield"}


def test_a_mapping_is_read_from_the_command_line() -> None:
    """The field follows the last `=`: a heading may hold one."""
    assert read_mapping(["Lead Source=source", "a=b=name"]) == {"Lead Source": "source", "a=b": "name"}
    with pytest.raises(InputError):
        read_mapping(["Lead Source"])


def test_nothing_of_a_row_is_lost(bring: Import, database: Database) -> None:
    """Unknown words of closed sets, second telephone numbers, equal and empty headings all stay in `extra`."""
    bring(
        "name,source,TEL,携帯,住所,tag,tag,\n青木,the moon,03-1234-5678,090-1234-5678,横浜市,a,b,c\n",
        {"TEL": "phone", "携帯": "phone"},
    )
    (lead,) = _leads(database)
    assert (lead.source, lead.phone) == (Source.OTHER, "03-1234-5678")
    assert lead.extra == {
        "source": "the moon", "携帯": "090-1234-5678", "address": "横浜市", "tag": "a", "tag (2)": "b", "column 8": "c"
    }  # fmt: skip


def test_what_fields_bound_holds_for_files_too(bring: Import) -> None:
    """The seven are as long in a file as in a form, and no cell is without a bound."""
    summary = bring(f"name,予算,memo2\n青木,{'円' * (MAX_LENGTHS['budget'] + 1)},\n佐藤,,{'x' * 8001}\n")
    assert [(bad.row, bad.field, bad.limit) for bad in summary.bad] == [(2, "budget", 200), (3, "memo2", 8000)]


def test_history_wakes_nobody(bring: Import, database: Database) -> None:
    """What has slept for years is asleep at once; no alert, no notice, no touchpoint, and no delivery to anybody."""
    bring(
        "name,came,last\n古い,2017-10-20,2018-02-26 19:58:54\n新しい,2026/11/01,\n最近,2017-10-20,2026-11-20T09:00:00+09:00\n",
        {"came": "first_contact", "last": "touched_at"},
    )
    old, new, recent = _leads(database)
    asleep_since = datetime(2018, 2, 26, 10, 58, 54, tzinfo=UTC) + timedelta(days=90)
    assert (old.dormant_at, old.dormant_since) == (None, asleep_since)
    assert old.created_at == datetime(2017, 10, 19, 15, tzinfo=UTC)
    assert (new.dormant_at, new.dormant_since) == (new.created_at + timedelta(days=90), None)
    assert recent.dormant_at == datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=90)
    with database.write() as session:
        workspace = session.get_one(Workspace, WORKSPACE)
        assert heat.flag_dormant(session, workspace, NOW) == heat.alert_hot(session, workspace, NOW) == 0
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        assert session.scalar(select(func.count()).select_from(Touchpoint)) == 0


def test_a_day_in_the_future_is_refused(bring: Import) -> None:
    """A contact that has not happened is a slip, or a day and month the wrong way round."""
    summary = bring("name,last\n青木,2027-01-01\n佐藤,soon\n", {"last": "touched_at"})
    assert [(bad.row, bad.reason) for bad in summary.bad] == [
        (2, Problem.FUTURE_DATE),
        (3, Problem.UNREADABLE_DATE),
    ]


def test_every_lead_has_one_change_by_nobody(bring: Import, database: Database) -> None:
    """The history says where a lead came from, and `/lead undo` does not take an import for a slip."""
    bring("name\n青木\n佐藤\n")
    with database.read() as session:
        changes = session.scalars(select(Change).order_by(col(Change.lead_number))).all()
    assert [(change.lead_number, change.kind, change.member_id) for change in changes] == [
        (1, ChangeKind.ADDED, None),
        (2, ChangeKind.ADDED, None),
    ]


def test_numbers_are_not_used_up_by_rows_that_are_known(bring: Import, database: Database) -> None:
    """Importing the same file every night leaves no gap of thousands."""
    for _ in range(3):
        bring("name\n青木\n")
    bring("name\n佐藤\n")
    assert [lead.number for lead in _leads(database)] == [1, 2]


def test_an_export_comes_back_as_it_was(database: Database, tmp_path: Path) -> None:
    """The apostrophe that keeps a spreadsheet from computing a cell is taken away again."""
    file = tmp_path / "in.csv"
    file.write_text('name,company,phone\n"=1+1","\'=x","+81 45-555-0142"\n')
    import_file(database, WORKSPACE, file, {}, NOW)
    with database.read() as session, (tmp_path / "out.csv").open("w", newline="") as out:
        write_export(session, WORKSPACE, "leads", out, NOW)
    with (tmp_path / "out.csv").open("rb") as exported:
        sheet = open_sheet(exported)
        (row,) = [read_row(record, columns_of(sheet, {})) for record in sheet.records]
    (lead,) = _leads(database)
    assert not isinstance(row, BadRow)
    assert (row.fields["name"], row.fields["phone"]) == (lead.name, lead.phone) == ("=1+1", "+81 45-555-0142")
    assert row.fields["company"] == lead.company


def test_an_import_killed_in_the_middle_is_finished_by_the_next(database: Database, tmp_path: Path) -> None:
    """Kill -9 between two batches leaves whole batches; the same file again adds the rest, and nothing twice."""
    file = tmp_path / "leads.csv"
    file.write_text("external_id\n" + "".join(f"x{number}\n" for number in range(3 * BATCH)))
    child = os.fork()
    if child == 0:
        mine = Database(make_engine(database.engine.url.render_as_string(hide_password=False)))
        begun: list[int] = []

        def die_in_the_third(*_args: object) -> None:
            begun.append(1)
            if len(begun) == 3:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(mine.engine, "commit", die_in_the_third)
        try:
            import_file(mine, WORKSPACE, file, {}, NOW)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    done = len(_leads(database))
    assert done % BATCH == 0
    summary = import_file(database, WORKSPACE, file, {}, NOW)
    assert (summary.added, summary.known) == (3 * BATCH - done, done)
    assert len({lead.number for lead in _leads(database)}) == 3 * BATCH


def test_two_imports_at_once_add_everybody_once(database: Database, tmp_path: Path) -> None:
    """Two processes import the same file: nobody is there twice, and neither fails."""
    file = tmp_path / "leads.csv"
    file.write_text("external_id,email\n" + "".join(f"x{n},p{n}@abc.co.jp\n" for n in range(2 * BATCH)))
    children = [_import_in_a_child(database, file) for _ in range(2)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    leads = _leads(database)
    assert len(leads) == len({lead.email_key for lead in leads}) == 2 * BATCH


def test_an_import_waits_for_its_turn(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is busy for a moment is no reason to give a file up."""
    file = tmp_path / "leads.csv"
    file.write_text("name\n青木\n")
    refusals = iter([BusyError("locked"), BusyError("locked")])

    class Crowded(Database):
        def write(self) -> Any:
            if refusal := next(refusals, None):
                raise refusal
            return super().write()

    assert import_file(Crowded(database.engine), WORKSPACE, file, {}, NOW).added == 1


@pytest.mark.parametrize(("name", "mapping"), [("olist_mql.csv", OLIST), ("xeducation.csv", XEDUCATION)])
def test_real_files_come_in(database: Database, tmp_path: Path, name: str, mapping: dict[str, str]) -> None:
    """The first thousand rows of two real files: all in, nothing lost, and nothing added by a second time."""
    file = _beginning(name, tmp_path)
    assert import_file(database, WORKSPACE, file, mapping, NOW) == ImportSummary(added=1000)
    assert import_file(database, WORKSPACE, file, mapping, NOW) == ImportSummary(known=1000)
    headings = file.read_text().partition("\n")[0].split(",")
    kept = {heading for lead in _leads(database) for heading in lead.extra}
    assert {heading for heading in headings if heading not in mapping} <= kept | {"origin"}


def test_a_whole_real_file_comes_in(tmp_path: Path) -> None:
    """Every MQL of the Olist funnel, on SQLite."""
    if not (DATA / "olist_mql.csv").exists():
        pytest.skip("shared/data is absent")
    with fresh_url("sqlite", tmp_path, migrated=True) as url:
        database = Database(make_engine(url))
        with database.write() as session:
            session.add(Workspace(id=WORKSPACE, slack_id="T1", created_at=NOW))
        mapping = {**OLIST, "first_contact_date": "first_contact"}
        summary = import_file(database, WORKSPACE, DATA / "olist_mql.csv", mapping, NOW)
        assert summary == ImportSummary(added=6938)
        database.engine.dispose()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.text(alphabet='ab",\n\r青\0 @.x1', max_size=60))
def test_no_file_makes_the_reader_fail(tmp_path: Path, text: str) -> None:
    """Whatever stands in a file, each row is read or named as bad, or the file is refused in words."""
    file = tmp_path / "any.csv"
    file.write_bytes(b"name,email\n" + text.encode())
    with file.open("rb") as whole:
        try:
            rows = list(open_sheet(whole).records)
        except UnreadableFileError:
            return
    assert len(rows) <= len(text.splitlines()) + 1
    numbers = [row.row for row in rows]
    assert numbers == sorted(set(numbers))


def _beginning(name: str, folder: Path) -> Path:
    if not (DATA / name).exists():
        pytest.skip("shared/data is absent")
    file = folder / name
    with (DATA / name).open(encoding="utf-8") as whole:
        file.write_text("".join(islice(whole, 1001)))
    return file


def _import_in_a_child(database: Database, file: Path) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            mine = Database(make_engine(database.engine.url.render_as_string(hide_password=False)))
            import_file(mine, WORKSPACE, file, {}, NOW)
            code = 0
        finally:
            os._exit(code)
    return child


def _leads(database: Database) -> list[Lead]:
    with database.read() as session:
        return list(session.scalars(select(Lead).order_by(col(Lead.number))))
