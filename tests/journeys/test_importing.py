"""A file comes in through Slack: chosen, understood, confirmed, written; stopped, undone, its bad rows put right."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import delete

from models.import_chunk import ImportChunk
from models.lead import Consent, Source
from tests.journeys.file_steps import FAIR, note, press, upload
from tests.office import Office


@contextmanager
def unchanged_leads(office: Office) -> Iterator[None]:
    """Fail when a lead is added or changed meanwhile."""
    before = office.snapshot()
    yield
    assert office.snapshot() == before


def test_a_file_comes_in(office: Office) -> None:
    """From the file to the leads: nothing is written before the click, and what the button says is what comes."""
    with unchanged_leads(office):
        shown = upload(
            office, "展示会.csv", FAIR.encode("cp932"), source="trade_show", campaign="倉庫DX展", cost="1500000"
        )
    assert "Shift_JIS" in str(shown.blocks)
    assert "会社名 → 会社名" in str(shown.blocks)
    assert "2件を取り込む" in str(shown.blocks)
    shown = press(office, office.tanaka, "import.start")
    assert "取り込みが終わりました" in shown.text
    nakamura, aoki = office.leads()
    assert (nakamura.name, nakamura.company, nakamura.title) == ("中村 理恵", "ミナモ精機株式会社", "生産管理部 部長")
    assert (nakamura.source, nakamura.campaign, nakamura.note) == (Source.TRADE_SHOW, "倉庫DX展", "倉庫が手狭")
    assert nakamura.extra == {"No.": "1"}
    assert (aoki.number, aoki.consent) == (2, Consent.UNKNOWN)
    assert office.cards() == []


def test_bad_rows_come_back_as_a_file_and_are_put_right(office: Office) -> None:
    """The file of unreadable rows names row and reason; mended, it comes in as it is."""
    upload(office, "fair.csv", FAIR.encode())
    press(office, office.tanaka, "import.start")
    press(office, office.tanaka, "import.rejects")
    sent = next(message for message in reversed(office.tanaka.dms()) if message.file_ids)
    assert sent.thread_ts == note(office.tanaka).ts
    content = fetched(office, sent.file_ids[0])
    (bad,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (bad["お名前"], bad["baton_row"]) == ("佐藤 花", "4")
    assert "not-an-address" in bad["baton_reason"]
    mended = content.replace(b"not-an-address", b"hana@aoi.example")
    upload(office, "mended.csv", mended)
    press(office, office.tanaka, "import.start")
    assert [lead.name for lead in office.leads()] == ["中村 理恵", "青木 健", "佐藤 花"]
    assert office.lead(3).extra == {"No.": "3"}


@pytest.mark.parametrize("next_button", ["import.start", "import.undo"])
def test_the_file_of_bad_rows_holds_nothing_up(office: Office, next_button: str) -> None:
    """Whoever asks for it and presses the next button at once gets both."""
    shown = upload(office, "fair.csv", FAIR.encode())
    if next_button == "import.undo":
        shown = press(office, office.tanaka, "import.start")
    assert office.tanaka.click(shown, "import.rejects").ok
    office.deliver()
    shown = press(office, office.tanaka, next_button)
    assert any(message.file_ids for message in office.tanaka.dms())
    assert ("取り込みが終わりました" if next_button == "import.start" else "取り消しました") in shown.text


def test_an_import_whose_file_is_gone_says_so(office: Office) -> None:
    """It does not seem to go on for ever."""
    upload(office, "fair.csv", FAIR.encode())
    with office.bot.database.write() as session:
        session.execute(delete(ImportChunk))
    shown = press(office, office.tanaka, "import.start")
    assert "保存期間" in shown.text
    assert office.leads() == []


def test_bad_rows_that_are_gone_are_said_to_be(office: Office) -> None:
    """A button that can give nothing any more does not stay there in silence."""
    upload(office, "fair.csv", FAIR.encode())
    press(office, office.tanaka, "import.start")
    with office.bot.database.write() as session:
        session.execute(delete(ImportChunk))
    shown = press(office, office.tanaka, "import.rejects")
    assert "保存期間" in str(shown.blocks)
    assert "import.rejects" not in str(shown.blocks)


def fetched(office: Office, file_id: str) -> bytes:
    """Fetch a file from Slack as a person does."""
    address = office.workspace.files.to_json(file_id)["url_private"]
    token = office.workspace.installation.bot_token
    return httpx.get(address, headers={"Authorization": f"Bearer {token}"}).content


def test_columns_are_mapped_in_a_form_and_remembered(office: Office) -> None:
    """What nobody can guess is asked with the first cells beside it; the next file of its kind needs no question."""
    text = "Wer,Wo,Womit\nAnna Smith,Acme,anna@acme.example\nBen Jones,Brick,ben@brick.example\n"
    shown = upload(office, "list.csv", text.encode(), office.mori)
    assert office.mori.click(shown, "import.settings_form").ok
    form = office.mori.view
    assert form is not None
    assert "Anna Smith" in str(form.blocks)
    assert office.mori.submit({"column:0": "name", "column:1": "company", "column:2": "email", "source": "webinar"}).ok
    office.run("imports")
    press(office, office.mori, "import.start")
    assert [(lead.name, lead.company, lead.email) for lead in office.leads()] == [
        ("Anna Smith", "Acme", "anna@acme.example"),
        ("Ben Jones", "Brick", "ben@brick.example"),
    ]
    assert {lead.source for lead in office.leads()} == {Source.WEBINAR}
    upload(office, "next.csv", text.replace("Anna", "Ann").replace("anna", "ann").encode(), office.mori)
    press(office, office.mori, "import.start")
    assert office.lead(3).email == "ann@acme.example"


def test_the_same_file_again_adds_nothing(office: Office) -> None:
    """It says so before anything is done, and offers nothing to import."""
    upload(office, "fair.csv", FAIR.encode())
    press(office, office.tanaka, "import.start")
    with unchanged_leads(office):
        shown = upload(office, "fair.csv", FAIR.encode())
    assert "import.start" not in str(shown.blocks)
    assert "I-1" in str(shown.blocks)


def test_what_a_lead_lacks_is_filled_and_nothing_overwritten(office: Office) -> None:
    """A known lead keeps what people wrote; an import only adds, and its undoing takes only that away."""
    office.say(office.tanaka, "add 青木 健, 株式会社アオイ, aoki@aoi.example")
    shown = upload(office, "fair.csv", FAIR.encode())
    assert "*追記*" in str(shown.blocks)
    press(office, office.tanaka, "import.start")
    lead = office.lead(1)
    assert (lead.title, lead.phone, lead.phone_key) == ("課長", "03-1234-5678", "+81312345678")
    shown = press(office, office.tanaka, "import.undo")
    assert "取り消しました" in shown.text
    (lead,) = office.leads()
    assert (lead.name, lead.title, lead.phone, lead.phone_key) == ("青木 健", "", "", None)


def test_an_import_is_undone_as_a_whole_but_for_what_was_worked_on(office: Office) -> None:
    """`/lead undo` after an import takes it back; a lead that somebody has called stays and is named."""
    upload(office, "fair.csv", FAIR.encode())
    press(office, office.tanaka, "import.start")
    office.say(office.aoki, "log L-2 電話 折り返し待ち")
    assert "I-1" in office.say(office.tanaka, "undo").text
    office.run("imports")
    shown = note(office.tanaka)
    assert "L-2" in str(shown.blocks)
    assert [lead.label for lead in office.leads()] == ["L-2"]


def test_undo_takes_back_the_last_thing_only(office: Office) -> None:
    """Whoever has added a lead since the import undoes that lead, not the import."""
    upload(office, "fair.csv", FAIR.encode())
    press(office, office.tanaka, "import.start")
    office.clock.move(minutes=1)
    office.say(office.tanaka, "add 鈴木 一郎")
    assert "L-3" in office.say(office.tanaka, "undo").text
    assert len(office.leads()) == 2


def test_an_import_is_discarded(office: Office) -> None:
    """Nothing was written, and nothing can be done to it any more."""
    with unchanged_leads(office):
        shown = upload(office, "fair.csv", FAIR.encode())
        press(office, office.tanaka, "import.discard")
        assert office.tanaka.click(shown, "import.start").ok
        office.run("imports")
    assert "I-1" in office.heard(office.tanaka, note(office.tanaka).channel)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 nothing", "XLSX"),
        ("名前\n青木\n".encode() + "佐藤\n".encode("cp932"), "3行目"),
        (b"a" * 1_100_000, "1 MB"),
        (b"name\0,x\n", "NUL"),
        (b"x," * 10_000 + b"\n", "500"),
    ],
)
def test_an_unreadable_file_says_why(small_office: Office, content: bytes, said: str) -> None:
    """What cannot be read is refused with the reason, and with the row where there is one."""
    with unchanged_leads(small_office):
        shown = upload(small_office, "any.csv", content)
    assert said in shown.text


def test_only_marketing_and_managers_import(small_office: Office) -> None:
    """Sales is told who can; so is whoever presses a button of somebody else's."""
    office = small_office
    assert "import" not in str(office.aoki.view)
    assert "マーケ" in office.say(office.aoki, "import").text
