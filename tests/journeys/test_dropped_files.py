"""A file is left in the direct messages with Baton: it comes in as by `/lead import`, without a command."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from models.import_run import ImportRun
from playground import events
from playground.entities import Json, Message
from playground.people import Person
from playground.seed import MARKETING
from tests.journeys.file_steps import FAIR, note, press
from tests.journeys.steps import unchanged
from tests.office import Office, open_office
from tests.postgres import usual_url

MANIFEST = json.loads((Path(__file__).parents[2] / "manifest.json").read_text(encoding="utf-8"))


@contextmanager
def installed(database_url: str) -> Iterator[Office]:
    """An office that has installed the app as its manifest says, so that it hears what the manifest asks for."""
    with open_office(database_url) as office:
        office.workspace.install(MANIFEST)
        office.workspace.timing.event_retry_delays = (0.0, 0.0)
        yield office


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """Such an office on each database."""
    with installed(database_url) as office:
        yield office


@pytest.fixture
def small_office(tmp_path: Path) -> Iterator[Office]:
    """Such an office on one database."""
    with usual_url(tmp_path, migrated=True) as url, installed(url) as office:
        yield office


def drop(office: Office, person: Person, *files: tuple[str, bytes], channel: str = "") -> Message:
    """Have somebody leave files there, and everything be done that this causes."""
    ids = tuple(person.upload(name, content).id for name, content in files)
    said = person.say(channel or office.workspace.open_im(person.id).id, "", file_ids=ids)
    office.deliver()
    office.run("imports")
    return said


def answers(office: Office, person: Person) -> list[Message]:
    """Return what Baton has said in the direct messages, as it stands."""
    return [message for message in person.dms() if message.user == office.workspace.bot.id]


def test_a_dropped_file_is_previewed_and_imported(office: Office) -> None:
    """The preview is the command's own, with its buttons; nothing is written before the click, and a repeat adds nothing."""
    drop(office, office.tanaka, ("展示会.csv", FAIR.encode("cp932")))
    shown = note(office.tanaka)
    assert "Shift_JIS" in str(shown.blocks)
    assert "2件を取り込む" in str(shown.blocks)
    assert office.leads() == []
    (told,) = sent(office)
    for again in [told] * 3:
        assert office.tanaka.send("events_api", again).status == 200
    office.run("imports")
    assert [run.number for run in runs(office)] == [1]
    press(office, office.tanaka, "import.start")
    assert [lead.name for lead in office.leads()] == ["中村 理恵", "青木 健"]


def sent(office: Office) -> list[Json]:
    """Return the events that told Baton of files, as Slack would send them again."""
    told = [
        call.args["body"] for call in office.workspace.calls if (call.direction, call.method) == ("out", "events_api")
    ]
    return [
        body
        for body in told
        if body["event"].get("subtype") == "file_share" and body["event"]["user"] == office.tanaka.id
    ]


def runs(office: Office) -> list[ImportRun]:
    """Return the imports, the oldest first."""
    with office.bot.database.read() as session:
        return sorted(session.scalars(select(ImportRun)), key=lambda run: run.number)


def test_several_files_and_strange_ones_each_get_their_answer(small_office: Office) -> None:
    """One preview a file; what is no list of people is told so, in the reader's language."""
    office = small_office
    drop(
        office, office.mori, ("a.csv", "氏名,会社名\n青木 健,アオイ\n".encode()), ("写真.png", b"\x89PNG\r\n\x1a\n\0\0")
    )
    first, second = answers(office, office.mori)
    assert "1件を取り込む" in str(first.blocks)
    assert "読み取れません" in second.text
    assert "XLSX" in second.text


def test_who_may_not_import_is_told_so(office: Office) -> None:
    """Sales gets the command's refusal, in English for Sato; nothing of the file is kept."""
    drop(office, office.sato, ("leads.csv", FAIR.encode()))
    (answer,) = answers(office, office.sato)
    assert "Importing files is for marketing" in answer.text
    assert runs(office) == []


def test_guests_are_turned_away_and_bots_not_answered(small_office: Office) -> None:
    """A guest hears that Baton is for members; what Baton itself has sent, it does not read."""
    office = small_office
    office.workspace.change_user(office.person("guest").id, is_restricted=True)
    drop(office, office.person("guest"), ("leads.csv", FAIR.encode()))
    (answer,) = answers(office, office.person("guest"))
    assert "ゲスト" in answer.text
    assert runs(office) == []


def test_words_get_one_hint_a_day(small_office: Office) -> None:
    """Who writes to Baton is told where to type, once; edited and deleted messages say nothing."""
    office = small_office
    place = office.workspace.open_im(office.tanaka.id).id
    said = office.tanaka.say(place, "こんにちは")
    office.tanaka.say(place, "だれかいますか")
    office.workspace.messages.update(said, text="こんばんは")
    office.workspace.messages.delete(said)
    assert office.server.settle()
    office.deliver()
    (answer,) = answers(office, office.tanaka)
    assert "/lead help" in answer.text
    office.clock.move(days=1)
    office.tanaka.say(place, "おはよう")
    office.deliver()
    assert len(answers(office, office.tanaka)) == 2


def test_what_colleagues_say_to_each_other_is_not_read(small_office: Office) -> None:
    """A file in a channel is none of Baton's business, even where Slack sends it."""
    office = small_office
    office.workspace.installation.events |= {"message"}
    with unchanged(office):
        drop(office, office.tanaka, ("leads.csv", FAIR.encode()), channel=MARKETING)


@pytest.mark.parametrize(
    "change",
    [
        {"files": None}, {"files": {}}, {"files": [None, 7, {"id": 5}, {"id": "U0TANAKA"}, {"id": "F" * 99}]},
        {"subtype": "message_changed"}, {"subtype": "bot_message", "bot_id": "B1"}, {"user": None}, {"channel_type": 5},
    ],
)  # fmt: skip
def test_strange_events_import_nothing(small_office: Office, change: dict[str, object]) -> None:
    """Whatever an event holds, it is answered with 200 and imports nothing."""
    office = small_office
    file = office.tanaka.upload("leads.csv", FAIR.encode())
    event = {
        "type": "message", "subtype": "file_share", "channel_type": "im", "user": office.tanaka.id, "ts": "1.1",
        "channel": office.workspace.open_im(office.tanaka.id).id, "files": [{"id": file.id}],
    }  # fmt: skip
    assert (
        office.tanaka.send("events_api", events.envelope(office.workspace, copy.deepcopy(event) | change)).status == 200
    )
    assert runs(office) == []
