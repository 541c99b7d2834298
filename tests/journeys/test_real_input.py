"""Real input: business cards, naughty strings, and Slack's own payloads."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlmodel import col

from handlers.payloads import storable
from models.lead import MAX_LENGTHS, Lead
from playground.endpoint import HttpReply
from playground.entities import Json, Message
from services.identity import fold
from tests.journeys.steps import everything, unchanged
from tests.office import Office

# What our own texts may hold between angle brackets; typed ones hold none.
OURS = re.compile(
    r"<!date\^\d+\^[^|<>]*\|[^<>]*>|<mailto:[^|<>]*\|[^<>]*>|<tel:[+\d]*\|[^<>]*>|<@[UW][A-Z0-9]+>|<#C[A-Z0-9]+>"
    r"|<https://playground\.slack\.com/archives/[^|<>]*\|[^<>]*>"
)
BATCH = 65


@pytest.fixture
def cards(shared_data: Path) -> list[dict[str, str]]:
    """Business cards as people would have typed them."""
    with (shared_data / "cards" / "business_cards_ja.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_business_card_is_read_rightly(small_office: Office, cards: list[dict[str, str]]) -> None:
    """Each card in one line, joined by commas: name, company and e-mail end up where they belong."""
    office = small_office
    parts = ("full_name", "company_name", "position_name", "address", "email")
    for number, card in enumerate(cards, 1):
        line = ", ".join(card[f"correct_{part}"] for part in parts if card[f"correct_{part}"])
        assert f"L-{number}" in office.say(office.tanaka, f"add {line}").text, line
    for card, lead in zip(cards, office.leads(), strict=True):
        assert (lead.name, lead.company, lead.email) == (
            card["correct_full_name"], card["correct_company_name"], card["correct_email"],
        )  # fmt: skip


@pytest.fixture(scope="session")
def naughty(shared_data: Path) -> list[str]:
    """The big list of naughty strings."""
    strings: list[str] = json.loads((shared_data / "nasty" / "blns.json").read_text(encoding="utf-8"))
    return strings


@pytest.mark.parametrize("batch", range(8))
def test_naughty_strings_are_kept_as_typed_and_shown_harmless(
    small_office: Office, naughty: list[str], batch: int
) -> None:
    """Typed as name, company and note, in a line and in the form: the same in the database, and harmless in Slack."""
    office = small_office
    for number, text in enumerate(naughty[batch * BATCH : (batch + 1) * BATCH]):
        for kept in _typed_in_a_line(office, text, number), _typed_in_the_form(office, text, number):
            assert kept == _as_slack_sends(text), text
    office.answered()
    for message in office.tanaka.private_answers("C0MARKETING"):
        check_harmless(message)


def _as_slack_sends(text: str) -> tuple[str, str, str]:
    """Return what should be stored: as typed, without the blanks around it and what no database can hold."""
    stripped = storable(text).strip()
    return stripped[: MAX_LENGTHS["name"]].strip(), stripped[: MAX_LENGTHS["company"]].strip(), stripped


def _typed_in_a_line(office: Office, text: str, number: int) -> tuple[str, str, str]:
    quoted = {
        field: _quoted(text[:limit].strip()) for field, limit in (("name", 100), ("company", 200), ("note", 1000))
    }
    # An empty pair of quotes says nothing.
    said = " ".join(f"{field}:{value}" for field, value in quoted.items() if value != '""')
    office.say(office.tanaka, f"add {said} email:line{number}@example.com")
    return _stored(office)


def _quoted(text: str) -> str:
    """Quote a value, with the signs that Slack escapes in a command's text."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _typed_in_the_form(office: Office, text: str, number: int) -> tuple[str, str, str]:
    office.say(office.tanaka, "add")
    values = {
        "name": text[:100],
        "company": text[:200],
        "note": text,
        "email": f"form{number}@example.com",
        "source": "card",
    }
    assert office.tanaka.submit(values).outcome == "cleared", text
    office.say(office.tanaka, f"show form{number}@example.com")
    return _stored(office)


def _stored(office: Office) -> tuple[str, str, str]:
    with office.bot.database.read() as session:
        lead = session.scalars(select(Lead).order_by(col(Lead.id).desc()).limit(1)).one()
    return lead.name, lead.company, lead.note


def check_harmless(message: Message) -> None:
    """Fail where anything typed could mention, link or format."""
    for text in [message.text, *_mrkdwn(message.blocks)]:
        rest = OURS.sub("", text)
        assert "<" not in rest, text
        assert ">" not in rest, text


def _mrkdwn(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            yield node["text"]
        for value in node.values():
            yield from _mrkdwn(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _mrkdwn(value)


def test_naughty_commands_are_answered(small_office: Office, naughty: list[str]) -> None:
    """Typed as a verb, a lead, a kind or a search: words in time, and nothing saved."""
    office = small_office
    office.say(office.tanaka, "add 中村")
    with unchanged(office):
        for text in naughty[::4]:
            for verb in ("x", "show ", "log L-99 ", "find "):
                result = office.say(office.tanaka, f"{verb}{text}")
                assert result.ok, (verb, text, result.error)
    for message in office.tanaka.private_answers("C0MARKETING"):
        check_harmless(message)


def test_naughty_notes_reach_the_channel_harmless(small_office: Office, naughty: list[str]) -> None:
    """Why now, comments and names on the card that everybody sees."""
    office = small_office
    for number, text in enumerate(text for text in naughty[::16] if fold(text) and len(text) <= 100):
        office.say(
            office.tanaka,
            f"add name:{_quoted(text.strip())} company:{_quoted(text.strip())} email:n{number}@example.com",
        )
        office.say(office.tanaka, f"qualify n{number}@example.com {text[:400]}")
        office.say(office.aoki, f"return n{number}@example.com other {text[:400]}")
    office.deliver()
    assert len(office.cards()) > 20
    for message in (*office.cards(), *office.tanaka.sees("C0MARKETING")):
        check_harmless(message)


def test_slacks_own_payloads_are_heard_and_change_nothing(small_office: Office, shared_data: Path) -> None:
    """What Slack's own test suites send, signed: never a 5xx, and no row the worse for it."""
    office = small_office
    office.say(office.tanaka, "add 中村")
    before = everything(office)
    heard = 0
    for file in sorted((shared_data / "slack").glob("*.json")):
        body = json.loads(file.read_text(encoding="utf-8"))
        payload = body.get("payload", body) if file.name.startswith("socket_") else body
        for reply in _send_as_fits(office, file.name, payload):
            assert reply.status < 500, (file.name, reply.body)
            heard += reply.status == 200
    assert heard > 15
    assert everything(office) == before


def _send_as_fits(office: Office, name: str, payload: Json) -> Iterator[HttpReply]:
    """Send a payload in the way that Slack would."""
    if "java_api" in name:
        return
    if "command" in payload:
        yield _post(office, urlencode({key: str(value) for key, value in payload.items()}))
    elif "event" in payload or payload.get("type") in {"event_callback", "app_rate_limited"}:
        body = json.dumps({"type": "event_callback", **payload})
        yield office.server.send_raw(body, {"Content-Type": "application/json"})
    else:
        yield _post(office, urlencode({"payload": json.dumps(payload)}))


def _post(office: Office, body: str) -> HttpReply:
    return office.server.send_raw(body, {"Content-Type": "application/x-www-form-urlencoded"})
