"""The words people type: every choice has words in both languages, and no word means two things."""

from collections.abc import Callable
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.facts import LeadEntry, ListName
from models.handoff import ReturnReason
from models.lead import THE_SEVEN, Consent, DecisionRole, Progress, Source
from models.touchpoint import Direction, TouchpointKind
from services import vocabulary
from services.identity import fold

READERS: list[tuple[type[StrEnum], Callable[[str], StrEnum | None]]] = [
    (Direction, vocabulary.read_direction),
    (Source, vocabulary.read_source),
    (ReturnReason, vocabulary.read_reason),
    (Consent, vocabulary.read_consent),
    (DecisionRole, vocabulary.read_role),
    (Progress, vocabulary.read_progress),
    (ListName, vocabulary.read_list),
]


@pytest.mark.parametrize(("choices", "read"), READERS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_code_is_a_word(choices: type[StrEnum], read: Callable[[str], StrEnum | None]) -> None:
    """The code itself can be typed for each choice."""
    assert [read(choice.value) for choice in choices] == list(choices)


def test_every_kind_is_a_word() -> None:
    """The code itself can be typed for each kind of touchpoint."""
    assert [vocabulary.read_kind(kind.value) for kind in TouchpointKind] == [(kind, None) for kind in TouchpointKind]


@pytest.mark.parametrize(
    "table",
    ["_KIND_WORDS", "_DIRECTION_WORDS", "_SOURCE_WORDS", "_REASON_WORDS", "_CONSENT_WORDS", "_ROLE_WORDS",
     "_PROGRESS_WORDS", "_LIST_WORDS", "_FIELDS"],
)  # fmt: skip
def test_no_word_means_two_things(table: str) -> None:
    """A word listed for two choices of one set would silently read as the later one."""
    meanings: dict[str, set[str]] = {}
    for choice, listed in getattr(vocabulary, table).items():
        for word in listed.split(","):
            meanings.setdefault(fold(word), set()).add(choice)
    assert {word: found for word, found in meanings.items() if len(found) > 1 or not word} == {}


@pytest.mark.parametrize(
    ("word", "kind", "direction"),
    [
        ("電話", TouchpointKind.CALL, None),
        ("ＴＥＬ", TouchpointKind.CALL, None),
        ("受電", TouchpointKind.CALL, Direction.INBOUND),
        ("架電", TouchpointKind.CALL, Direction.OUTBOUND),
        ("E-Mail", TouchpointKind.EMAIL, None),
        ("返信", TouchpointKind.REPLY, None),
        ("打ち合わせ", TouchpointKind.MEETING, None),
        ("MTG", TouchpointKind.MEETING, None),
        ("来社", TouchpointKind.VISIT, Direction.INBOUND),
        ("ﾃﾞﾓ", TouchpointKind.DEMO, None),
        ("Demo Request", TouchpointKind.DEMO_REQUEST, None),
        ("trade show", TouchpointKind.TRADE_SHOW, None),
        ("展示会", TouchpointKind.TRADE_SHOW, None),
        ("セミナー", TouchpointKind.SEMINAR, None),
        ("ウェビナー", TouchpointKind.WEBINAR, None),
        ("DL", TouchpointKind.WHITEPAPER, None),
        ("問い合わせ", TouchpointKind.FORM, None),
        ("料金ページ", TouchpointKind.PRICING, None),
        ("Page View", TouchpointKind.PAGE_VIEW, None),
        ("LinkedIn", TouchpointKind.SNS, None),
        ("広告", TouchpointKind.AD, None),
        ("名刺交換", TouchpointKind.CARD, None),
        ("その他", TouchpointKind.OTHER, None),
    ],
)
def test_kinds_are_read_in_both_languages(word: str, kind: TouchpointKind, direction: Direction | None) -> None:
    """A word names the kind, and some say who came to whom."""
    assert vocabulary.read_kind(word) == (kind, direction)


@pytest.mark.parametrize(
    ("read", "word", "meaning"),
    [
        (vocabulary.read_direction, "先方から", Direction.INBOUND),
        (vocabulary.read_direction, "→", Direction.OUTBOUND),
        (vocabulary.read_source, "メルマガ", Source.NEWSLETTER),
        (vocabulary.read_source, "cold call", Source.COLD_CALL),
        (vocabulary.read_source, "ホームページ", Source.WEB_FORM),
        (vocabulary.read_reason, "時期が早い", ReturnReason.TOO_EARLY),
        (vocabulary.read_reason, "対象外（業種・規模）", ReturnReason.NO_FIT),
        (vocabulary.read_reason, "No need or no budget", ReturnReason.NO_NEED),
        (vocabulary.read_consent, "配信停止", Consent.NO),
        (vocabulary.read_consent, "はい", Consent.YES),
        (vocabulary.read_role, "決裁者", DecisionRole.DECIDER),
        (vocabulary.read_progress, "稟議中", Progress.APPROVAL),
        (vocabulary.read_list, "引き受け待ち", ListName.UNCLAIMED),
        (vocabulary.read_list, "My", ListName.MINE),
        (vocabulary.read_field, "会社名", "company"),
        (vocabulary.read_field, "部署・役職", "title"),
        (vocabulary.read_field, "External ID", "external_id"),
        (vocabulary.read_field, "導入時期", "timing"),
    ],
)
def test_words_of_both_languages_are_read(read: Callable[[str], object], word: str, meaning: object) -> None:
    """The labels of the forms and the usual short words name the same choices."""
    assert read(word) == meaning


def test_every_field_name_is_a_field() -> None:
    """A typed key leads to a field of the entry, to one of the seven, or to a named extra."""
    known = {*LeadEntry.__dataclass_fields__, *THE_SEVEN, *vocabulary.EXTRA_FIELDS, "lead_kind"}
    assert set(vocabulary.FIELD_NAMES.values()) <= known
    assert set(THE_SEVEN) <= set(vocabulary.FIELD_NAMES.values())


@pytest.mark.parametrize(
    ("nearest", "word", "suggestion"),
    [
        (vocabulary.nearest_kind, "セミナ", "セミナー"),
        (vocabulary.nearest_kind, "demo reqest", "demo request"),
        (vocabulary.nearest_kind, "電詰", "電話"),
        (vocabulary.nearest_kind, "zzzzzz", ""),
        (vocabulary.nearest_kind, "", ""),
        (vocabulary.nearest_source, "newsleter", "newsletter"),
        (vocabulary.nearest_reason, "too erly", "too early"),
        (vocabulary.nearest_list, "dormnt", "dormant"),
        (vocabulary.nearest_field, "compnay", "company"),
    ],
)
def test_a_slip_of_the_pen_gets_a_suggestion(nearest: Callable[[str], str], word: str, suggestion: str) -> None:
    """What was probably meant is suggested; what resembles nothing is not."""
    assert nearest(word) == suggestion


def test_the_nearest_of_any_words_is_found() -> None:
    """Verbs of the command line can be suggested the same way."""
    assert vocabulary.nearest_word("ad", ["add", "show", "追加"]) == "add"


@given(st.text())
def test_no_word_breaks_a_reader(word: str) -> None:
    """Whatever is typed reads as a choice or as None."""
    vocabulary.read_kind(word)
    vocabulary.read_field(word)
    vocabulary.nearest_kind(word)
    for _, read in READERS:
        read(word)
