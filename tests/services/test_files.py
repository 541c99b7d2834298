"""Files as people have them are read as what they are; what cannot be read is refused within limits, in words."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.import_run import Fault, FileFormat
from services.files.opening import open_sheet
from services.files.records import BadRow, Record, UnreadableFileError
from services.import_rows import FileRow, columns_of, guessed_by_content, read_row

FILES = {
    "hubspot/hubspot_contacts.csv": ("UTF-8", 950, 0, "Francisco Small", "anna72@example.net"),
    "mautic/10contacts.csv": ("UTF-8", 10, 0, "Ariel N.", "ariel@example.com"),
    "mautic/fakecompanydata.csv": ("UTF-8", 4, 0, "", ""),
    "mautic/fakeleaddata.csv": ("UTF-8", 54, 0, "Penny Moore", "PennyKMoore@dayrep.com"),
    "salesforce/csvEscapedQuotes.csv": ("UTF-8", 2, 0, "", ""),
    "salesforce/csvSeparator.csv": ("UTF-8", 2, 0, "", ""),
    "salesforce/csvtext_BOM_UTF16BE.csv": ("UTF-16", 2, 0, "", ""),
    "salesforce/csvtext_BOM_UTF16LE.csv": ("UTF-16", 2, 0, "", ""),
    "salesforce/csvtext_BOM_UTF8.csv": ("UTF-8", 2, 0, "", ""),
    "thunderbird/basic_addressbook.csv": ("UTF-8", 1, 0, "John Doe", "johndoe@host.invalid"),
    "thunderbird/basic_csv_addressbook.csv": ("UTF-8", 2, 0, "John Doe", "john@doe.invalid"),
    "thunderbird/basic_ldif_addressbook.ldif": ("UTF-8", 1, 0, "Display Name", "primaryemail@host.invalid"),
    "thunderbird/basic_vcard_addressbook.vcf": ("UTF-8", 2, 0, "John Doe", "john.doe@genericemail.invalid"),
    "thunderbird/bug_263304.ldif": ("UTF-8", 1, 0, "Display Name", "primaryemail@host.invalid"),
    "thunderbird/csv_no_header.csv": ("UTF-8", 2, 0, "", "john@doe.invalid"),
    "thunderbird/csv_semicolon.csv": ("UTF-8", 2, 0, "John Doe", "john@doe.invalid"),
    "thunderbird/dos_vcard_addressbook.vcf": ("UTF-8", 1, 0, "Name Surname", "example@gmail.com"),
    "thunderbird/emptylines_vcard_addressbook.vcf": ("UTF-8", 2, 0, "John Doe", "john.doe@genericemail.invalid"),
    "thunderbird/export.csv": ("UTF-8", 2, 0, "contact number one", "contact1@invalid"),
    "thunderbird/export.ldif": ("UTF-8", 3, 1, "contact number one", "contact1@invalid"),
    "thunderbird/export.vcf": ("UTF-8", 2, 0, "contact number one", "contact1@invalid"),
    "thunderbird/import.csv": ("UTF-8", 1, 0, "contact number one", "contact1@invalid"),
    "thunderbird/import.ldif": ("UTF-8", 2, 1, "contact number one", "contact1@invalid"),
    "thunderbird/import.vcf": ("UTF-8", 1, 0, "contact number one", "contact1@invalid"),
    "thunderbird/quote.csv": ("UTF-8", 1, 0, "Acer America", ""),
    "thunderbird/shiftjis_addressbook.csv": ("Shift_JIS", 1, 0, "名無しの権兵衛", "名無しの権兵衛@host.invalid"),
    "thunderbird/tab_comma_mixed.csv": ("UTF-8", 4, 0, "", ""),
    "thunderbird/utf16_addressbook.csv": ("UTF-16", 1, 0, "John Doe", "johndoe@host.invalid"),
    "vcard/John_Doe_ANDROID.vcf": ("UTF-8", 6, 0, "", "john.doe@company.com"),
    "vcard/John_Doe_BLACK_BERRY.vcf": ("UTF-8", 1, 0, "John Doe", ""),
    "vcard/John_Doe_EVOLUTION.vcf": ("UTF-8", 1, 0, "Mr. John Richter, James Doe Sr.", "john.doe@ibm.com"),
    "vcard/John_Doe_GMAIL.vcf": ("UTF-8", 1, 0, "Mr. John Richter, James Doe Sr.", "john.doe@ibm.com"),
    "vcard/John_Doe_IPHONE.vcf": ("UTF-8", 1, 0, "Mr. John Richter James Doe Sr.", "john.doe@ibm.com"),
    "vcard/John_Doe_LOTUS_NOTES.vcf": ("UTF-8", 1, 0, "Mr. Doe John I Johny", "john.doe@ibm.com"),
    "vcard/John_Doe_MAC_ADDRESS_BOOK.vcf": ("UTF-8", 1, 0, "Mr. John Richter,James Doe Sr.", "john.doe@ibm.com"),
    "vcard/John_Doe_MS_OUTLOOK.vcf": ("UTF-8", 1, 0, "Mr. John Richter James Doe Sr.", "john.doe@ibm.cm"),
    "vcard/fullcontact.vcf": ("UTF-8", 1, 0, "Prefix FirstName MiddleName LastName Suffix", "home@example.com"),
    "vcard/gmail-list.vcf": ("UTF-8", 3, 0, "Arnold Smith", "asmithk@gmail.com"),
    "vcard/gmail-single.vcf": ("UTF-8", 1, 0, "Greg Dartmouth", "gdartmouth@hotmail.com"),
    "vcard/gmail-single2.vcf": ("UTF-8", 1, 0, "VCard Test", "email@example.com"),
    "vcard/issue114.vcf": ("UTF-8", 1, 0, "Dummy, Dummy", "dummy.dummy@dummy.com"),
    "vcard/outlook-2003.vcf": ("UTF-8", 1, 0, "John Doe III", "jdoe@hotmail.com"),
    "vcard/outlook-2007.vcf": ("UTF-8", 1, 0, "Mr. Michael Angstadt Jr.", "mike.angstadt@gmail.com"),
    "vcard/rfc2426-example.vcf": ("UTF-8", 2, 0, "Frank Dawson", "Frank_Dawson@Lotus.com"),
    "vcard/rfc6350-example.vcf": ("UTF-8", 1, 0, "Simon Perreault", "simon.perreault@viagenie.ca"),
    "vcard/thunderbird-MoreFunctionsForAddressBook-extension.vcf": ("UTF-8", 1, 0, "John Doe", "doe.john@hotmail.com"),
}  # fmt: skip
"""Encoding, records, those that are no person's, and the first person's name and address."""

# The suite itself says another number in this file than its own expectation does.
_UNLIKE_ITS_OWN = {"location_coordinates"}

EIGHT = (
    "02月08日23時00分 JST にEightで生成された名刺リストです。\n合計 2 件\n*データ化の際に認識できない文字が含まれていた場合は「?」で代替されます。\n\n\n"
    '"会社名","部署名","役職","氏名","e-mail","郵便番号","住所","TEL会社","TEL部門","TEL直通","Fax","携帯電話","URL","名刺交換日",'
    '"Eightでつながっている人","再データ化中の名刺","\'?\'を含んだデータ"\n'
    '"株式会社アオイ","営業部","課長","青木 健","aoki@aoi.example","1050001","東京都港区1-1","03-1234-5678","","","03-1234-5679",'
    '"090-1234-5678","https://aoi.example","2022/05/26","1","",""\n'
)
SANSAN = "会社名,部署名,役職,氏名,住所(1)［全て］,TEL-1(1),FAX(1),Email(1),氏名［姓］,氏名［名］,携帯電話(1)\nアオイ,営業部,課長,青木 健,東京,03-1234-5678,,aoki@aoi.example,青木,健,\n"
GOOGLE = "First Name,Middle Name,Last Name,File As,Organization Name,Organization Title,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\nAnna,B,Smith,,Acme,Head,* myContacts,Work,anna@acme.example,Work,+1 212 555 0100\n"
OUTLOOK = "姓,名,会社名,役職,電子メール アドレス,勤務先 電話,携帯電話\n青木,健,アオイ,課長,aoki@aoi.example,03-1234-5678,090-1234-5678\n"
LINKEDIN = 'Notes:\n"When exporting your connection data, some addresses may be missing."\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nAnna,Smith,https://www.linkedin.com/in/x,anna@acme.example,Acme,Head of IT,06 Jan 2020\n'
HUBSPOT = "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,Lifecycle Stage,Associated Company IDs\n101,Anna,Smith,anna@acme.example,+12125550100,,NEW,2024-03-12 09:14,lead,9002;9999\n"
META = "id,created_time,ad_id,ad_name,campaign_id,campaign_name,form_id,form_name,is_organic,platform,email,full_name,phone_number\nl:123,2026-01-02T03:04:05+09:00,ag:1,x,c:2,冬の広告,f:3,y,false,fb,anna@acme.example,Anna Smith,p:+12125550100\n"

EXPORTS = {
    "Eight": (EIGHT, {"name": "青木 健", "company": "株式会社アオイ", "title": "営業部 課長", "phone": "090-1234-5678", "first_contact": "2022/05/26"}),
    "Sansan": (SANSAN, {"name": "青木 健", "title": "営業部 課長", "email": "aoki@aoi.example", "phone": "03-1234-5678"}),
    "Google": (GOOGLE, {"name": "Anna B Smith", "company": "Acme", "title": "Head", "email": "anna@acme.example"}),
    "Outlook": (OUTLOOK, {"name": "青木 健", "company": "アオイ", "email": "aoki@aoi.example", "phone": "090-1234-5678"}),
    "LinkedIn": (LINKEDIN, {"name": "Anna Smith", "company": "Acme", "title": "Head of IT", "first_contact": "06 Jan 2020"}),
    "HubSpot": (HUBSPOT, {"name": "Anna Smith", "external_id": "101", "first_contact": "2024-03-12 09:14"}),
    "Meta": (META, {"name": "Anna Smith", "email": "anna@acme.example", "campaign": "冬の広告", "external_id": "l:123"}),
}  # fmt: skip


def read(content: bytes, mapping: dict[str, str] | None = None) -> list[FileRow | BadRow]:
    """Read a whole file under its columns, those without headings by what they hold."""
    sheet = open_sheet(io.BytesIO(content), mapping or {})
    columns, records = columns_of(sheet, mapping or {}), list(sheet.records)
    if not sheet.has_header:
        columns = guessed_by_content(columns, [record for record in records if isinstance(record, Record)])
    return [read_row(record, columns) for record in records]


@pytest.mark.parametrize("path", FILES)
def test_real_files_give_their_known_content(shared_data: Path, path: str) -> None:
    """Address books and exports of other programs: every record is there, and the first person is who they are."""
    encoding, count, bad, name, email = FILES[path]
    content = (shared_data / "files" / path).read_bytes()
    assert open_sheet(io.BytesIO(content)).encoding == encoding
    rows = read(content)
    people = [row for row in rows if isinstance(row, FileRow)]
    assert (len(rows), len(rows) - len(people)) == (count, bad)
    assert (people[0].fields.get("name", ""), people[0].fields.get("email", "")) == (name, email)


def test_csv_spectrum(shared_data: Path) -> None:
    """Each edge case of CSV gives what the suite expects of it."""
    for file in sorted((shared_data / "files" / "csv-spectrum" / "csvs").glob("*.csv")):
        with file.open("rb") as content:
            sheet = open_sheet(content)
            found = [dict(zip(sheet.headings, record.cells, strict=False)) for record in sheet.records if isinstance(record, Record)]  # fmt: skip
        wanted = json.loads((file.parents[1] / "json" / f"{file.stem}.json").read_text())
        if file.stem not in _UNLIKE_ITS_OWN:
            same_breaks = [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in found]
            assert same_breaks == [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in wanted], file.stem


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "euc_jp"])
def test_exports_are_known_by_their_headings(name: str, encoding: str) -> None:
    """The usual tools' exports need no mapping, in whatever encoding and behind whatever preamble."""
    text, wanted = EXPORTS[name]
    content = text.encode(encoding)
    sheet = open_sheet(io.BytesIO(content))
    export = columns_of(sheet, {}).export
    assert export is not None
    assert export.name == name
    (row,) = read(content)
    assert isinstance(row, FileRow)
    assert {field: row.fields.get(field) for field in wanted} == wanted


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_cells_is_found(delimiter: str) -> None:
    """Commas in cells do not mislead; Excel's own first line is believed."""
    text = delimiter.join(["氏名", "会社名", "メモ"]) + "\n" + delimiter.join(["青木 健", "アオイ", '"a, b; c"']) + "\n"
    for content in (text, f"sep={delimiter}\n{text}"):
        (row,) = read(content.encode())
        assert isinstance(row, FileRow)
        assert row.fields == {"name": "青木 健", "company": "アオイ", "note": "a, b; c"}


def test_european_letters_are_read() -> None:
    """A German list from Excel is in Windows-1252, and says so in none of its bytes."""
    (row,) = read(
        "Name;Firma;E-Mail\nJürgen Groß;Müller & Söhne;j@mueller.example\n".encode("cp1252"), {"Firma": "company"}
    )
    assert isinstance(row, FileRow)
    assert (row.fields["name"], row.fields["company"]) == ("Jürgen Groß", "Müller & Söhne")


def workbook(rows: list[list[Any]], *, formula: bool = False) -> bytes:
    """Make an Excel workbook with an empty sheet before the one with the rows."""
    from openpyxl import Workbook  # noqa: PLC0415  Only these tests need it.

    book = Workbook()
    sheet = book.create_sheet("来場者")
    for row in rows:
        sheet.append(row)
    if formula:
        sheet["D2"] = "=1+1"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_is_read() -> None:
    """Numbers, days and empty cells of an Excel sheet, below a title, under headings in Japanese."""
    from datetime import datetime  # noqa: PLC0415  As above.

    content = workbook([
        ["第8回 倉庫DX展 来場者一覧"],
        [],
        ["氏名", "会社名", "TEL", "来場日"],
        ["青木 健", "アオイ", 9012345678, datetime(2026, 11, 20)],  # noqa: DTZ001  Excel knows no zones.
    ])  # fmt: skip
    sheet = open_sheet(io.BytesIO(content))
    assert (sheet.format, sheet.headings) == (FileFormat.XLSX, ("氏名", "会社名", "TEL", "来場日"))
    (row,) = read(content)
    assert isinstance(row, FileRow)
    assert row.row == 4
    assert row.fields == {"name": "青木 健", "company": "アオイ", "phone": "9012345678", "first_contact": "2026-11-20"}


def test_a_header_is_not_missed_for_one_word() -> None:
    """Data that happen to hold a heading's word are data."""
    rows = read("Wer,Wie\nAnna Smith,メール\nBen Jones,電話\n".encode())
    assert [row.extra for row in rows if isinstance(row, FileRow)] == [
        {"Wer": "Anna Smith", "Wie": "メール"},
        {"Wer": "Ben Jones", "Wie": "電話"},
    ]


def zipped(**parts: bytes) -> bytes:
    """Make an archive that says it is a workbook."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, part in parts.items():
            archive.writestr(f"xl/{name}.xml", part)
    return content.getvalue()


def hostile() -> Iterator[tuple[str, bytes, Fault]]:
    """Yield files that nobody should have to read."""
    whole = workbook([["氏名"], ["青木"]])
    yield "empty", b"", Fault.EMPTY
    yield "blank", b" \r\n\t\n", Fault.EMPTY
    yield "pdf named csv", b"%PDF-1.7\n", Fault.NOT_A_TABLE
    yield "picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, Fault.NOT_A_TABLE
    yield "web page", b"<!DOCTYPE html><title>Sign in</title>", Fault.NOT_A_TABLE
    yield "archive", zipfile_without_workbook(), Fault.NOT_A_TABLE
    yield "old workbook", b"\xd0\xcf\x11\xe0" + b"\0" * 600, Fault.OLD_SPREADSHEET
    yield "locked", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), Fault.LOCKED_SPREADSHEET
    yield "cut workbook", whole[: len(whole) // 2], Fault.BROKEN_SPREADSHEET
    yield "mangled workbook", zipped(sharedStrings=b"<sst"), Fault.BROKEN_SPREADSHEET
    yield "NUL", b"name,email\nx\0y,z\n", Fault.BINARY
    yield "two encodings", "氏名\n青木 健\n".encode() + "佐藤 花\n".encode("cp932"), Fault.MIXED_ENCODINGS
    yield "no encoding", b"name\n\xff\xfe\xfd\x81\x8d\n", Fault.UNKNOWN_ENCODING
    yield "only open quotes", b"name\n" + b'"a,b\n' * 5000, Fault.BROKEN_QUOTES


def zipfile_without_workbook() -> bytes:
    """Make an archive that holds something else."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return content.getvalue()


@pytest.mark.parametrize(("content", "fault"), [pytest.param(c, f, id=name) for name, c, f in hostile()])
def test_what_nobody_should_read_is_refused(content: bytes, fault: Fault) -> None:
    """Other programs' files and broken ones are told by what they hold; bombs have a file of tests of their own."""
    with pytest.raises(UnreadableFileError) as caught:
        list(open_sheet(io.BytesIO(content)).records)
    assert caught.value.fault is fault


def test_the_row_of_another_encoding_is_named() -> None:
    """Two lists put together by hand: the first row of the second one is where to look."""
    content = "氏名,会社\n青木 健,アオイ\n".encode() + "佐藤 花,サトー\n".encode("cp932")
    with pytest.raises(UnreadableFileError) as caught:
        open_sheet(io.BytesIO(content))
    assert (caught.value.fault, caught.value.row) == (Fault.MIXED_ENCODINGS, 3)


_BEGINNINGS = (
    b"",
    b"name,email\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"PK\x03\x04",
    b"BEGIN:VCARD\n",
    b"dn: x\n",
    b"sep=;\n",
)


@settings(max_examples=400)
@given(st.sampled_from(_BEGINNINGS), st.binary(max_size=300))
def test_no_bytes_make_the_readers_fail(beginning: bytes, rest: bytes) -> None:
    """Whatever stands in a file, it is read or refused in words, each row once and in its order."""
    try:
        rows = read(beginning + rest)
    except UnreadableFileError:
        return
    numbers = [row.row for row in rows]
    assert numbers == sorted(set(numbers))


_LINES = st.lists(
    st.sampled_from([
        "BEGIN:VCARD", "END:VCARD", "FN:青木 健", "N:青木;健;;;", "EMAIL;TYPE=INTERNET:a@b.example", " folded", "TEL;CELL:090",
        "NOTE;ENCODING=QUOTED-PRINTABLE:=E3=81=82=", "PHOTO;ENCODING=b:AAAA", "ORG:a;b", "dn: cn=x", "cn:: 44GC", "mail: a@b.example",
        "objectclass: groupOfNames", "", "# comment", "member: x", "KIND:group", ":", ";;;:", "X-" + "A" * 200 + ":1",
    ]),
    max_size=30,
)  # fmt: skip


@settings(max_examples=300)
@given(st.sampled_from(["BEGIN:VCARD", "dn: cn=first"]), _LINES, st.sampled_from(["\n", "\r\n", "\r\r\n"]))
def test_no_address_book_makes_the_readers_fail(first: str, lines: list[str], end: str) -> None:
    """Cards that do not end, fold, nest or belong to nobody: each is one row or named as bad."""
    try:
        rows = read(end.join([first, *lines]).encode())
    except UnreadableFileError:
        return
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))


@settings(max_examples=200)
@given(
    st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from(",;\t|")
)
def test_what_was_written_is_read(rows: list[list[str]], delimiter: str) -> None:
    """A table written by Python's own csv comes back cell by cell: nothing is lost, moved or invented."""
    import csv  # noqa: PLC0415  The reader under test must not be what writes.

    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    header = ["氏名", "会社名", "メモ", "役職"]
    writer.writerow(header)
    clean = [[cell.replace("\0", "").replace("\r", "").replace("\ud800", "") for cell in row] for row in rows]
    writer.writerows(clean)
    sheet = open_sheet(io.BytesIO(text.getvalue().encode("utf-8", "ignore")))
    found = [record.cells for record in sheet.records if isinstance(record, Record)]
    wanted = [row for row in clean if any(cell.strip() for cell in row)]
    assert found == [[cell.encode("utf-8", "ignore").decode() for cell in row] for row in wanted]
