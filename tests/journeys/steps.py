"""Steps that many journeys take."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlmodel import SQLModel

from playground.endpoint import HttpReply
from playground.entities import Json, Message, View
from playground.people import Person
from tests.office import Office

NAKAMURA = "add 中村 理恵, ミナモ精機株式会社, 生産管理部 部長, r.nakamura@minamo-seiki.example, 045-555-0142"
SMITH = "add Anna Smith, Acme Inc., Head of IT, anna@acme.example source:webinar"
# People are met in passing, and a request that was refused may leave its receipt.
_PASSING = {"member", "receipt", "job_run"}


def everything(office: Office) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table but those that change in passing."""
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in _PASSING]
    with office.bot.database.read() as session:
        return {table.name: sorted(map(tuple, session.execute(select(table))), key=repr) for table in tables}


@contextmanager
def unchanged(office: Office) -> Iterator[None]:
    """Fail when anything is saved meanwhile."""
    before = everything(office)
    yield
    after = everything(office)
    assert after == before


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Have everything begin at the same moment, wait for all of it, and return what came of it."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def offer(office: Office, line: str = NAKAMURA, why: str = "今朝デモ依頼") -> Message:
    """Have Tanaka add and hand off a lead, and return its card."""
    added = office.say(office.tanaka, line).text
    number = added.partition("L-")[2].split(maxsplit=1)[0].strip(":")
    office.say(office.tanaka, f"qualify L-{number} {why}")
    office.deliver()
    return office.cards()[-1]


def claim(office: Office, person: Person | None = None, line: str = NAKAMURA) -> Message:
    """Have somebody (Aoki) claim a newly offered lead, and return its card."""
    card = offer(office, line)
    assert (person or office.aoki).click(card, "handoff.claim").ok
    office.answered()
    office.deliver()
    return office.cards()[-1]


def answer(office: Office, person: Person, channel: str) -> Message:
    """Return the last private answer that somebody got in a channel."""
    office.answered()
    return person.private_answers(channel)[-1]


def form_of(person: Person) -> View:
    """Return the form on top of somebody's screen."""
    assert person.view is not None
    return person.view


def initial(view: View, block_id: str) -> Any:
    """Return what a form's input holds when it opens."""
    element: Json = next(block["element"] for block in view.blocks if block.get("block_id") == block_id)
    return next((value for key, value in element.items() if key.startswith("initial_")), None)


def post(office: Office, payload: Json) -> HttpReply:
    """Send an interaction that was made up, signed; half surrogates and the like go as JSON escapes."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return office.server.send_raw(urlencode({"payload": json.dumps(payload)}), headers)


def buttons(message: Message) -> dict[str, str]:
    """Return a message's buttons, action_id → value."""
    elements = [block.get("accessory") or {} for block in message.blocks]
    elements += [element for block in message.blocks for element in block.get("elements", [])]
    return {element["action_id"]: element.get("value", "") for element in elements if element.get("type") == "button"}
