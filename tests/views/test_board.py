"""The views have the shape of the board: the same blocks, buttons and forms in the same order."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.errors import AlreadyClaimedError, BusyError
from models.lead import Stage
from tests.views import factories as make
from tests.views.factories import DUE_AT, NOW, READERS
from views import (
    claim_answers,
    duplicates,
    errors,
    handoff_card,
    handoff_form,
    handoff_notes,
    lead_card,
    lead_form,
    notices,
    reawakening,
    touchpoint_form,
    touchpoints,
)
from views.blocks import Message, View
from views.words import Reader

BOARD = Path(__file__).parents[2].parent / "shared" / "ux"

pytestmark = pytest.mark.skipif(not BOARD.exists(), reason="the board is not here")


def lost(reader: Reader) -> Message:
    waiting = [(make.handoff(id=30), make.lead(number=18))]
    error = AlreadyClaimedError(make.lead(), make.aoki(), NOW, by_actor=False, waiting=waiting, count=1)
    return claim_answers.claim_lost(error, reader)


def mine(reader: Reader) -> Message:
    facts = make.lead_facts(make.lead(stage=Stage.SQL, owner_id=1), owner=make.aoki())
    everything = make.member(is_manager=True)
    return lead_card.card(facts, everything.as_actor(), reader, NOW)


SURFACES: dict[str, Callable[[Reader], Message | View]] = {
    "01_add_saved": lambda r: lead_card.added(make.lead_facts(), r),
    "01b_add_undone": lambda r: lead_card.add_undone("L-12", "/lead add 中村 理恵", r),
    "03_log_saved": lambda r: touchpoints.logged(make.logged(), make.tanaka().as_actor(), r),
    "04_lead_card": mine,
    "05_handoff_offered": lambda r: handoff_card.card(make.handoff_facts(), r),
    "06a_handoff_claimed": lambda r: handoff_card.card(make.handoff_facts(make.claimed_handoff()), r),
    "06b_handoff_returned": lambda r: handoff_card.card(make.handoff_facts(make.returned_handoff()), r),
    "06c_handoff_overdue": lambda r: handoff_card.card(make.handoff_facts(make.overdue()), r),
    "06d_handoff_reminder": lambda r: handoff_notes.reminder(make.handoff_facts(make.overdue()), r),
    "07a_claim_won": lambda r: claim_answers.claim_won(make.claimed(), r, NOW),
    "07b_claim_lost": lost,
    "08_return_note": lambda r: handoff_notes.return_note(make.handoff_facts(make.returned_handoff()), r, None),
    "10a_hot": lambda r: notices.hot(make.lead_facts(), 52.0, r),
    "10b_dormant": lambda r: notices.dormant(make.dormant_notice(2, stage=Stage.SQL), r, NOW),
    "10c_reawakened": lambda r: reawakening.back(make.reawakened(), r),
    "11b_form_add_duplicate": lambda r: duplicates.question_form(make.duplicates(), make.entry(), r, "{}"),
    "11c_form_log": lambda r: touchpoint_form.log(make.lead(), r, "{}", NOW),
    "11d_form_return": lambda r: handoff_form.give_back(make.lead(), make.tanaka(), r, "{}"),
    "11e_form_edit": lambda r: lead_form.edit_seven(make.lead(), r, "{}"),
}


NEWER = {"score.why"}
"""Buttons beside a text that came after the board was drawn."""


def outline(built: dict[str, Any]) -> list[Any]:
    """Reduce a message or form to its blocks, action ids and field names."""
    lines: list[Any] = [built.get("callback_id", "")]
    for block in built["blocks"]:
        elements = block.get("elements", []) if block["type"] == "actions" else []
        lines.append(
            (
                block["type"],
                block.get("block_id", ""),
                "" if (beside := block.get("accessory", {}).get("action_id", "")) in NEWER else beside,
                [element["action_id"] for element in elements],
                [element.get("style", "") for element in elements],
                block.get("element", {}).get("type", ""),
            )
        )
    return lines


@pytest.mark.parametrize("locale", READERS)
@pytest.mark.parametrize("surface", SURFACES)
def test_a_surface_has_the_boards_blocks_and_buttons(surface: str, locale: str) -> None:
    """Whoever knows the picture finds the same things in the same places."""
    board = json.loads((BOARD / f"{surface}.{locale}.json").read_text(encoding="utf-8"))
    built = SURFACES[surface](READERS[locale])
    assert outline(built.__dict__ if isinstance(built, Message) else built) == outline(board)


def first_words(built: Message) -> str:
    block = built.blocks[0]
    return str(block["text"]["text"])


@pytest.mark.parametrize(
    "surface", ["05_handoff_offered", "06a_handoff_claimed", "06c_handoff_overdue", "06b_handoff_returned"]
)
def test_the_first_line_is_the_boards_to_the_letter(surface: str) -> None:
    """The first block is the headline of desktop notifications."""
    board = json.loads((BOARD / f"{surface}.ja.json").read_text(encoding="utf-8"))
    built = SURFACES[surface](READERS["ja"])
    assert isinstance(built, Message)
    assert first_words(built) == board["blocks"][0]["text"]["text"]


def test_a_busy_answer_is_the_boards_with_the_line_to_copy() -> None:
    """Slack has cleared the composer, so the line comes back."""
    built = errors.message(BusyError(), READERS["ja"], "/lead log L-12 電話")
    assert [block["type"] for block in built.blocks] == ["section", "section", "rich_text"]
    assert built.blocks[-1]["elements"][0]["elements"][0]["text"] == "/lead log L-12 電話"


def test_an_escalation_offers_to_assign() -> None:
    """Without a second team there is no "other team" to offer (06e)."""
    built = handoff_notes.escalation(make.handoff_facts(make.overdue()), READERS["ja"], DUE_AT + timedelta(hours=2))
    board = json.loads((BOARD / "06e_handoff_escalation.ja.json").read_text(encoding="utf-8"))
    assert [block["type"] for block in built.blocks] == [block["type"] for block in board["blocks"]]
    assert "期限 <!date^1795488000^{time}|11:40> から2時間" in built.blocks[0]["text"]["text"]
