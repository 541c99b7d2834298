"""Files made to bring a machine down are refused in a process that is measured: 5 s of CPU, 200 MB, nothing written."""

import io
import json
import os
import resource
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.database import Database, make_engine
from models.import_run import Fault
from models.lead import Lead
from models.workspace import Workspace
from services.imports import UnreadableFileError, import_file
from tests.postgres import usual_url
from tests.services.test_files import workbook

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SECONDS = 5
GROWTH_MB = 100
"""Baton itself holds 100 MB."""
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def with_part(name: str, *content: bytes) -> bytes:
    """Make a sound workbook and put something else in the place of one of its parts."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["氏名"], ["青木"]]))) as sound,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for part in sound.namelist():
            if part != name:
                archive.writestr(part, sound.read(part))
        with archive.open(name, "w") as part_file:
            for piece in content:
                part_file.write(piece)
    return made.getvalue()


def sheet(rows: bytes) -> bytes:
    """Make a workbook of these rows, as XML."""
    content = f"<worksheet {_MAIN}><sheetData>".encode() + rows + b"</sheetData></worksheet>"
    return with_part("xl/worksheets/sheet1.xml", content)


def lying(content: bytes) -> bytes:
    """Have the archive's directory say that each part is of 100 bytes."""
    made = bytearray(content)
    at = -1
    while (at := made.find(b"PK\x01\x02", at + 1)) >= 0:
        made[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(made)


def entities() -> bytes:
    """Write a table of strings of which a kilobyte stands for a billion letters."""
    words = "".join(f'<!ENTITY w{n} "{f"&w{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE sst [<!ENTITY w0 "a">{words}]><sst {_MAIN}><si><t>&w9;</t></si></sst>'.encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], Fault]] = {
    "bomb": (lambda: with_part("xl/worksheets/sheet1.xml", *[b"0" * (1 << 20)] * 160), Fault.TOO_BIG),
    "strings": (lambda: with_part("xl/sharedStrings.xml", *[b"0" * (1 << 20)] * 41), Fault.TOO_BIG),
    "bomb that lies": (lambda: lying(sheet(b"<row><c/></row>" * 100_000)), Fault.BROKEN_SPREADSHEET),
    "entities": (lambda: with_part("xl/sharedStrings.xml", entities()), Fault.BROKEN_SPREADSHEET),
    "one cell": (
        lambda: sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"a" * (20 << 20) + b"</t></is></c></row>"),
        Fault.TOO_BIG,
    ),
    "one tag": (lambda: sheet(b'<row r="' + b"1" * (20 << 20) + b'"/>'), Fault.TOO_BIG),
    "cells without end": (lambda: sheet(b"<row>" + b"<c/>" * 2_000_000 + b"</row>"), Fault.TOO_BIG),
    "tags in tags": (lambda: sheet(b"<a>" * 2_000_000), Fault.TOO_BIG),
    "styles": (lambda: with_part("xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 500_000), Fault.TOO_BIG),
    "cut workbook": (lambda: workbook([["氏名"], ["青木"]])[:-200], Fault.BROKEN_SPREADSHEET),
    "other kind": (lambda: b"%PDF-1.7\n" + b"\0" * (20 << 20), Fault.NOT_A_TABLE),
    "NULs": (lambda: b"name,email\n" + b"\0" * (20 << 20), Fault.BINARY),
    "two encodings": (
        lambda: "氏名\n".encode() + "青木 健\n".encode() * 100_000 + "佐藤 花\n".encode("cp932"),
        Fault.MIXED_ENCODINGS,
    ),
    "10,000 columns": (lambda: b",".join(b"c%d" % n for n in range(10_000)) + b"\nx\n", Fault.TOO_MANY_COLUMNS),
    "columns of cards": (
        lambda: b"".join(b"BEGIN:VCARD\nX-%d:1\nEND:VCARD\n" % n for n in range(200_000)),
        Fault.TOO_MANY_COLUMNS,
    ),
    "a record without end": (lambda: b'name,email\na,"' + b'",a,"\n' * 3_000_000, Fault.LINE_TOO_LONG),
    "open quotation marks": (lambda: b"name\n" + b'"a\n' * 5_000_000, Fault.BROKEN_QUOTES),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A workspace without leads."""
    with usual_url(tmp_path_factory.mktemp("hostile"), migrated=True) as url:
        database = Database(make_engine(url))
        with database.write() as session:
            session.add(Workspace(id=1, slack_id="T1", created_at=NOW))
        yield database
        database.engine.dispose()


def measured(database: Database, file: Path) -> tuple[str, float, float]:
    """Import a file in a child; return the fault, the seconds of CPU and by how many MB its memory grew at most."""
    database.engine.dispose()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            # A limit of the system's, should the measure below never be reached.
            resource.setrlimit(resource.RLIMIT_CPU, (4 * SECONDS, 4 * SECONDS))
            os.write(writer, json.dumps(_refused(database, file)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    usage = os.wait4(child, 0)[2]
    with os.fdopen(reader) as answer:
        fault, growth = json.loads(answer.read() or '["died", 0]')
    return fault, usage.ru_utime + usage.ru_stime, growth


def _refused(database: Database, file: Path) -> tuple[str, float]:
    # Forget the peak of whoever ran before.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _memory_mb("VmRSS")
    try:
        import_file(database, 1, file, {}, NOW)
    except UnreadableFileError as error:
        return error.fault.value, _memory_mb("VmHWM") - before
    return "read", _memory_mb("VmHWM") - before


def _memory_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def require_refused(database: Database, file: Path, fault: Fault) -> None:
    """Check that a file is refused with this fault within the limits, and that nobody is in."""
    told, seconds, growth = measured(database, file)
    assert told == fault.value
    assert seconds < SECONDS
    assert growth < GROWTH_MB
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Lead)) == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_fill_the_machine_is_refused(database: Database, name: str, tmp_path: Path) -> None:
    """Each is refused for what it is, by a process that stays within its seconds and its memory."""
    make, fault = HOSTILE[name]
    file = tmp_path / "leads.csv"
    file.write_bytes(make())
    require_refused(database, file, fault)


def test_a_line_of_a_gigabyte_is_refused(database: Database, tmp_path: Path) -> None:
    """Two megabytes of it are on the disk, the rest the file only says to have: nobody comes so far."""
    file = tmp_path / "leads.csv"
    with file.open("wb") as out:
        out.write(b"a" * (2 << 20))
        out.truncate(1 << 30)
    require_refused(database, file, Fault.LINE_TOO_LONG)


def test_a_row_at_the_very_end_of_a_sheet_costs_nothing(database: Database, tmp_path: Path) -> None:
    """Somebody typed into the last row there is: the million empty rows before it are passed over at once."""
    file = tmp_path / "leads.xlsx"
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'
    file.write_bytes(sheet((row.format(1, "備考") + row.format(1_048_576, "x")).encode()))
    told, seconds, growth = measured(database, file)
    assert (told, growth < GROWTH_MB) == ("read", True)
    assert seconds < SECONDS
