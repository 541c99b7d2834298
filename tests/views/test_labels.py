"""Every member of every closed set has its word: a new one without a word would raise in somebody's face."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from models.delivery import DeliveryKind
from models.errors import InputError, LeadError, MergeProblem, Problem
from models.facts import ListName, MatchReason
from models.handoff import ReturnReason
from models.lead import CONTACT_FIELDS, MAX_LENGTHS, Consent, DecisionRole, Outcome, Progress, Source
from models.lead import THE_SEVEN as COLUMNS
from models.member import Right, Role, Standing
from models.scoring import FitPoints, FitReason
from models.touchpoint import Direction, TouchpointKind
from services import vocabulary
from tests.views.factories import EN, JA, lead
from views import digest, errors, handoff_form, labels, lists, merging, notices
from views.words import Reader

SETS: list[tuple[Iterable[object], Mapping[Any, Any]]] = [
    (TouchpointKind, labels.KINDS),
    (Direction, labels.DIRECTIONS),
    (Source, labels.SOURCES),
    (Outcome, labels.OUTCOMES),
    (ReturnReason, labels.REASONS),
    (ReturnReason, {code: label for code, label, _ in handoff_form._CHOICES}),
    (Consent, labels.CONSENTS),
    (Role, labels.ROLES),
    (DecisionRole, labels.DECISION_ROLES),
    (Progress, labels.PROGRESS),
    (FitReason, labels.FIT_REASONS),
    (MatchReason, labels.MATCH_REASONS),
    (COLUMNS, labels.THE_SEVEN),
    ((*CONTACT_FIELDS, *MAX_LENGTHS), labels.FIELDS),
    (Problem, errors._PROBLEMS),
    (Right, errors._RIGHTS),
    (MergeProblem, merging._REFUSALS),
    ([standing for standing in Standing if standing is not Standing.ACTIVE], errors._NOT_FOR),
    (LeadError.__subclasses__(), errors._ANSWERS),
    (DeliveryKind, notices._WHAT),
    (ListName, lists._TITLES),
    (ListName, lists._EMPTY),
    (("overdue", "due", "unclaimed", "uncontacted", "ready", "returned", "hot", "dormant"), digest._GROUPS),
]  # fmt: skip


@pytest.mark.parametrize(("members", "words"), SETS)
def test_every_member_has_a_word(members: Iterable[object], words: Mapping[Any, Any]) -> None:
    """A member added to the model needs its words in the same change."""
    assert [member for member in members if member not in words] == []


def test_a_touchpoint_says_its_direction_where_it_matters() -> None:
    """A call could be either; a demo request is always theirs; a meeting that they asked for is worth saying."""
    inbound, outbound = Direction.INBOUND, Direction.OUTBOUND
    assert labels.kind_label(TouchpointKind.CALL, inbound, JA) == "電話（先方から）"
    assert labels.kind_label(TouchpointKind.CALL, outbound, EN) == "outbound call"
    assert labels.kind_label(TouchpointKind.DEMO_REQUEST, inbound, JA) == "デモ依頼"
    assert labels.kind_label(TouchpointKind.MEETING, inbound, EN) == "meeting (inbound)"


def test_the_source_names_itself_as_a_reason() -> None:
    """A reason that is called "source +3" would say nothing."""
    assert labels.fit_label(FitPoints(FitReason.SOURCE, 3, Source.TRADE_SHOW), JA) == "展示会"
    assert labels.fit_label(FitPoints(FitReason.SOURCE, 3), EN) == "source"


def test_stages_are_never_translated() -> None:
    """INQUIRY, MQL and SQL are the field's own words; how it closed and recycled are not."""
    assert labels.stage_label(lead(is_recycled=True), JA) == "INQUIRY（再育成）"
    assert labels.stage_label(lead(stage="CLOSED", outcome=Outcome.WON), EN) == "CLOSED (won)"


def test_an_unnamed_field_stays_as_it_is() -> None:
    """A column of an import has its own name."""
    assert labels.field_list(["email", "受付時刻", "email"], JA) == "メールアドレス、受付時刻"


@pytest.mark.parametrize("reader", [JA, EN])
def test_every_choice_that_a_refusal_names_is_understood(reader: Reader) -> None:
    """Whoever copies one of them into the line is not refused again."""
    read: dict[str, Callable[[str], object]] = {
        "source": vocabulary.read_source,
        "consent": vocabulary.read_consent,
        "basis": vocabulary.read_basis,
        "lead_kind": vocabulary.read_lead_kind,
        "role": vocabulary.read_role,
        "progress": vocabulary.read_progress,
    }
    assert read.keys() == errors.CHOICES.keys()
    for field, choices in errors.CHOICES.items():
        said = errors.message(InputError(Problem.UNKNOWN_CHOICE, field, "?"), reader).text
        for choice, label in choices.items():
            word = reader.t(label).partition(",")[0]
            assert read[field](word) is choice, word
            assert word in said
