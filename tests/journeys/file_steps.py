"""Steps of journeys with files."""

from playground.entities import Message
from playground.people import Person
from tests.office import Office

FAIR = (
    "No.,会社名,お名前,部署,役職,E-mail,TEL,アンケート\n"
    "1,ミナモ精機株式会社,中村 理恵,生産管理部,部長,r.nakamura@minamo-seiki.example,045-555-0142,倉庫が手狭\n"
    "2,株式会社アオイ,青木 健,,課長,aoki@aoi.example,03-1234-5678,\n"
    "3,株式会社アオイ,佐藤 花,,,not-an-address,,\n"
    "4,株式会社アオイ,青木 健,,,aoki@aoi.example,,\n"
)


def upload(office: Office, name: str, content: bytes, person: Person | None = None, **values: object) -> Message:
    """Have somebody (Tanaka) import a file, and return the direct message about it."""
    person = person or office.tanaka
    assert office.say(person, "import").ok
    file = person.upload(name, content)
    assert person.submit({"file": [file.id], **values}).ok
    office.run("imports")
    return note(person)


def note(person: Person) -> Message:
    """Return the direct message about an import, as it stands."""
    return next(message for message in reversed(person.dms()) if not message.thread_ts)


def press(office: Office, person: Person, action_id: str) -> Message:
    """Press a button of the message, and return it after all that this causes."""
    assert person.click(note(person), action_id).ok
    office.run("imports")
    return note(person)
