"""The table says who may do what: nobody without the right changes anything, by whatever way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.table import ACTIONS, FORMS, MENU_ENTRIES, SHORTCUTS, VERBS, Entry
from models.member import ROLES_WITH, Right, Role
from playground.people import Person
from playground.seed import GENERAL, MARKETING, PARTNERS, SALES
from tests.journeys.steps import NAKAMURA, SMITH, offer, post, unchanged
from tests.office import Office, open_office
from tests.postgres import usual_url

ROLES: dict[str, tuple[str, str, frozenset[Role]]] = {
    "guest": ("guest", SALES, frozenset()),
    "stranger": ("stranger", PARTNERS, frozenset()),
    "bot": ("demo-bot", SALES, frozenset()),
    "deactivated": ("sato", SALES, frozenset()),
    "member": ("brown", GENERAL, frozenset({Role.MEMBER})),
    "marketing": ("tanaka", MARKETING, frozenset({Role.MEMBER, Role.MARKETING})),
    "sales": ("aoki", SALES, frozenset({Role.MEMBER, Role.SALES})),
    "manager": ("mori", SALES, frozenset({Role.MEMBER, Role.MANAGER, Role.SALES, Role.MARKETING})),
}
LINES = {
    "add": SMITH, "log": "log L-1 call", "show": "show L-1", "edit": "edit L-1 budget:1", "find": "find x",
    "list": "list", "follow": "follow L-1 tomorrow", "qualify": "qualify L-2", "withdraw": "withdraw L-1",
    "claim": "claim L-1", "release": "release L-1", "return": "return L-1 no fit", "won": "won L-1",
    "lost": "lost L-1 x", "assign": "assign L-1 青木", "merge": "merge L-1 L-2", "consent": "consent L-1 no",
    "forget": "forget L-1", "undo": "undo", "report": "report sources", "import": "import", "export": "export L-1", "setup": "setup", "help": "help",
}  # fmt: skip
STATE: dict[str, Any] = {
    name: {"v": {"type": kind, key: value}}
    for name, kind, key, value in (
        ("name", "plain_text_input", "value", "Anna Smith"),
        ("budget", "plain_text_input", "value", "1"),
        ("why_now", "plain_text_input", "value", "now"),
        ("reason", "radio_buttons", "selected_option", {"value": "no_fit"}),
        ("kind", "static_select", "selected_option", {"value": "call"}),
        ("on", "datepicker", "selected_date", "2026-12-01"),
        ("owner", "users_select", "selected_user", "U0AOKI"),
        ("choice", "radio_buttons", "selected_option", {"value": "separate"}),
        ("query", "plain_text_input", "value", "x"),
        ("stays", "radio_buttons", "selected_option", {"value": "L-1"}),
        ("consent", "radio_buttons", "selected_option", {"value": "no"}),
        ("label", "plain_text_input", "value", "L-1"),
        ("lift_reason", "plain_text_input", "value", "x"),
        ("sales_channel", "conversations_select", "selected_conversation", MARKETING),
    )
}


@pytest.fixture(params=ROLES)
def who(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Office, Person, str, frozenset[Role]]]:
    """An office with an offered lead and a plain one, and somebody of each role."""
    handle, channel, roles = ROLES[request.param]
    with usual_url(tmp_path, migrated=True) as url, open_office(url) as office:
        offer(office)
        office.say(office.tanaka, "add 鈴木 一郎, suzuki@example.co.jp")
        if request.param == "deactivated":
            office.workspace.change_user(office.sato.id, deleted=True)
            office.server.settle()
        yield office, office.person(handle), channel, roles


def may(roles: frozenset[Role], right: Right) -> bool:
    """Tell what models/member.py says."""
    return not roles.isdisjoint(ROLES_WITH[right])


def interaction(office: Office, person: Person, **parts: Any) -> dict[str, Any]:
    """Build what Slack sends; nobody asks whether its client would show them the button."""
    user = person.user
    return {
        "type": "block_actions", "team": {"id": "T0PLAY"}, "user": {"id": user.id, "team_id": user.team_id},
        "trigger_id": f"made.up.{len(office.workspace.calls)}", "channel": {"id": SALES},
        "container": {"type": "message", "channel_id": SALES}, **parts,
    }  # fmt: skip


def values_for(office: Office, action_id: str) -> str:
    """Return what a button of this kind really carries."""
    if action_id in {"handoff.claim", "handoff.return_form"}:
        return str(office.handoffs()[0].id)
    return {"followup.on": "L-1:2026-12-01", "help.show": "", "merge.form": "L-1:L-2"}.get(action_id, "L-1")


def test_nobody_without_the_right_changes_anything(who: tuple[Office, Person, str, frozenset[Role]]) -> None:
    """Every verb, button, menu entry, form and shortcut that the role does not carry leaves every row as it was."""
    office, person, channel, roles = who
    assert set(LINES) == {entry.verb for entry in VERBS}
    with unchanged(office):
        for entry in VERBS:
            if not may(roles, entry.right):
                assert person.command(channel, f"/lead {LINES[entry.verb]}").ok
        for entry, parts in _interactions(office):
            if not may(roles, entry.right):
                assert post(office, interaction(office, person, **parts)).status == 200
                assert person.view is None or "callback_id" not in parts


def _interactions(office: Office) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Yield every button, menu entry, form and shortcut of the table with what Slack would send."""
    for action_id, entry in ACTIONS.items():
        yield entry, {"actions": [{"action_id": action_id, "type": "button", "value": values_for(office, action_id)}]}
    for verb, entry in MENU_ENTRIES.items():
        chosen = {"action_id": "lead.more", "type": "overflow", "selected_option": {"value": f"{verb}:L-1"}}
        yield entry, {"actions": [chosen]}
    for callback_id, entry in FORMS.items():
        lead = "L-2" if callback_id == "handoff.offer" else "L-1"
        view = {"id": f"V{callback_id}", "type": "modal", "callback_id": callback_id, "blocks": [],
                "private_metadata": f'{{"lead":"{lead}","outcome":"lost","rev":1,"draft":"1","first":"L-1","second":"L-2"}}',
                "state": {"values": STATE}}  # fmt: skip
        yield entry, {"type": "view_submission", "view": view}
    for callback_id, entry in SHORTCUTS.items():
        yield entry, {"type": "shortcut", "callback_id": callback_id}


def test_who_is_refused_sees_nothing_of_a_lead(who: tuple[Office, Person, str, frozenset[Role]]) -> None:
    """Guests, strangers, bots and deactivated users are not shown a name; everybody else is."""
    office, person, channel, roles = who
    shown = [person.command(channel, f"/lead {line}").text for line in ("show L-1", "find 中村", "list unclaimed", "x")]
    office.answered()
    for text in (*shown, *(message.text for message in person.private_answers(channel))):
        if not roles:
            assert "中村" not in text
            assert text
    assert any("中村" in text for text in shown) == bool(roles)


def test_every_role_can_do_what_it_may(who: tuple[Office, Person, str, frozenset[Role]]) -> None:
    """The right opens the door: nobody who carries it is told to ask somebody else."""
    _office, person, channel, roles = who
    asks = ("にご相談ください", "Please ask")
    for entry in VERBS:
        said = person.command(channel, f"/lead {LINES[entry.verb]}").text
        if may(roles, entry.right):
            assert not any(ask in said for ask in asks), (entry.verb, said)
        else:
            assert said


def test_every_right_is_named_in_the_refusal(small_office: Office) -> None:
    """Somebody with no role hears of each right who has it."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    for right in Right:
        lines = (LINES[entry.verb] for entry in VERBS if entry.right is right)
        line = next(lines, "list duplicates")
        said = office.person("brown").command(GENERAL, f"/lead {line}").text
        assert ("Please ask" in said) == (Role.MEMBER not in ROLES_WITH[right]), right


def test_table_is_complete() -> None:
    """Every entry has a handler and a right, and no alias means two verbs."""
    aliases = [alias for entry in VERBS for alias in (entry.verb, *entry.aliases)]
    assert len(aliases) == len(set(aliases))
    entries: list[Entry] = [*VERBS, *ACTIONS.values(), *MENU_ENTRIES.values(), *FORMS.values(), *SHORTCUTS.values()]
    assert all(callable(entry.handler) and entry.right in Right for entry in entries)
