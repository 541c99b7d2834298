"""Lines that begin with a lead: which lead, what happened, what comes next. It is Sunday, 22 November 2026, 10:00."""

import contextlib
import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError, Problem
from models.handoff import ReturnReason
from models.touchpoint import Direction, TouchpointKind
from services.touchpoint_lines import (
    FollowUpEntry,
    ReturnEntry,
    TouchpointEntry,
    read_follow_line,
    read_return_line,
    read_touchpoint_line,
    split_reference,
)

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=TOKYO)
CALL, IN, OUT = TouchpointKind.CALL, Direction.INBOUND, Direction.OUTBOUND


def tokyo(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """Return an instant of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


@pytest.mark.parametrize(
    ("typed", "reference", "rest"),
    [
        ("L-12 電話 デモは11/25に決定", "L-12", "電話 デモは11/25に決定"),
        ("l12 call", "L-12", "call"),
        ("Ｌ－１２　電話", "L-12", "電話"),
        ("#12, call", "L-12", "call"),
        ("L-0012", "L-12", ""),
        ("L-12電話", "L-12", "電話"),
        ("r@x.example 電話", "r@x.example", "電話"),
        ("r@x.example call & mail", "r@x.example", "call & mail"),
        ('"中村 理恵" 電話', "中村 理恵", "電話"),
        ("「Rie, Nakamura」 call", "Rie, Nakamura", "call"),
        ("中村 電話", "中村", "電話"),
        ("中村 理恵 電話  二つ  空白", "中村 理恵", "電話  二つ  空白"),
        ("中村 理恵 trade show", "中村 理恵", "trade show"),
        ("中村様 電話", "中村", "電話"),
        ("中村 理恵さん 11/25 電話", "中村 理恵", "11/25 電話"),
        ("中村、電話", "中村", "電話"),
        ("中村 時期が早い 来年", "中村", "時期が早い 来年"),
        ("中村 too early", "中村", "too early"),
        ("中村 来週 電話", "中村", "来週 電話"),
        ("中村 @aoki", "中村", "@aoki"),
        ("中村 <@U1|aoki>", "中村", "<@U1|aoki>"),
        ("中村 配信停止", "中村", "配信停止"),
        ("中村 at:11/20 電話", "中村", "at:11/20 電話"),
        ("Rie Anne Nakamura demo request", "Rie Anne Nakamura", "demo request"),
        ("中村", "中村", ""),
        ("中村 理恵", "中村 理恵", ""),
        ("Rie Nakamura", "Rie Nakamura", ""),
        ("中村 予算が決まったとのこと", "中村", "予算が決まったとのこと"),
        ("電話 デモ", "", "電話 デモ"),
        ("明日 電話", "", "明日 電話"),
        ("", "", ""),
    ],
)
def test_the_lead_in_front_is_split_off(typed: str, reference: str, rest: str) -> None:
    """Number, address, quoted or plain name: each is told from what follows; a missing lead is an empty one."""
    assert split_reference(typed) == (reference, rest)


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("電話 デモは11/25 14:00に決定", TouchpointEntry(CALL, None, None, "デモは11/25 14:00に決定")),
        ("call Demo fixed for Nov 25, 14:00", TouchpointEntry(CALL, None, None, "Demo fixed for Nov 25, 14:00")),
        ("電話", TouchpointEntry(CALL, None, None, "")),
        ("電話: メモ", TouchpointEntry(CALL, None, None, "メモ")),
        ("電話　二つ  空白", TouchpointEntry(CALL, None, None, "二つ  空白")),
        ("電話（先方から） 来週、デモを見たい", TouchpointEntry(CALL, IN, None, "来週、デモを見たい")),
        ("電話 先方から 相談", TouchpointEntry(CALL, IN, None, "相談")),
        ("受電 相談", TouchpointEntry(CALL, IN, None, "相談")),
        ("call ← price", TouchpointEntry(CALL, IN, None, "price")),
        ("call out price", TouchpointEntry(CALL, OUT, None, "price")),
        ("call in the morning", TouchpointEntry(CALL, None, None, "in the morning")),
        ("demo request now please", TouchpointEntry(TouchpointKind.DEMO_REQUEST, None, NOW.astimezone(UTC), "please")),
        ("電話 昨日 相談", TouchpointEntry(CALL, None, tokyo(21), "相談")),
        ("電話 今日 相談", TouchpointEntry(CALL, None, None, "相談")),
        ("電話 11/20 14:30 相談", TouchpointEntry(CALL, None, tokyo(20, 14, 30), "相談")),
        ("call yesterday 2pm inbound price", TouchpointEntry(CALL, IN, tokyo(21, 14), "price")),
        ("call inbound yesterday price", TouchpointEntry(CALL, IN, tokyo(21), "price")),
        ("電話 相談 at:2026-11-20 14:00 続き", TouchpointEntry(CALL, None, tokyo(20, 14), "相談 続き")),
        ("電話 日時：１１／２０", TouchpointEntry(CALL, None, tokyo(20), "")),
        ("電話 来週 デモ", TouchpointEntry(CALL, None, None, "来週 デモ")),
        ("電話 11月 導入", TouchpointEntry(CALL, None, None, "11月 導入")),
        ("電話 昨日の件", TouchpointEntry(CALL, None, None, "昨日の件")),
        ("電詰 相談", TouchpointEntry(None, None, None, "相談", "電詰")),
        ("", TouchpointEntry(None, None, None, "")),
    ],
)
def test_contacts_are_read(typed: str, entry: TouchpointEntry) -> None:
    """Kind first, then direction and date in any order; everything else is the note as typed."""
    assert read_touchpoint_line(typed, NOW, TOKYO) == entry


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("電話 2026-11-23 相談", Problem.FUTURE_DATE),
        ("電話 今日 10:01", Problem.FUTURE_DATE),
        ("電話 11/25 14:00 デモ", Problem.FUTURE_DATE),
        ("電話 明日", Problem.FUTURE_DATE),
        ("電話 at:明日", Problem.FUTURE_DATE),
        ("電話 2006-11-01", Problem.OLD_DATE),
        ("電話 2/30 相談", Problem.UNREADABLE_DATE),
        ("電話 at:someday", Problem.UNREADABLE_DATE),
        ("電詰 at:明日", Problem.FUTURE_DATE),
    ],
)
def test_contacts_lie_behind(typed: str, problem: Problem) -> None:
    """A contact of tomorrow, of long ago or of no day at all is refused; so is next week's day in last year's guise."""
    with pytest.raises(InputError) as caught:
        read_touchpoint_line(typed, NOW, TOKYO)
    assert (caught.value.problem, caught.value.field) == (problem, "at")


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("11/25 デモの電話", FollowUpEntry(date(2026, 11, 25), None, "デモの電話")),
        ("11/25に電話", FollowUpEntry(date(2026, 11, 25), None, "電話")),
        ("来週、デモ", FollowUpEntry(date(2026, 11, 29), None, "デモ")),
        ("明日 14:00 call", FollowUpEntry(date(2026, 11, 23), tokyo(23, 14), "call")),
        ("next monday", FollowUpEntry(date(2026, 11, 23), None, "")),
        ("at:11/20 x", FollowUpEntry(date(2027, 11, 20), None, "x")),
        ("今日 見積", FollowUpEntry(date(2026, 11, 22), None, "見積")),
        ("来年1月から 再開", FollowUpEntry(date(2027, 1, 1), None, "再開")),
    ],
)
def test_next_steps_are_read(typed: str, entry: FollowUpEntry) -> None:
    """The day comes first, with a time perhaps; the rest says what to do."""
    assert read_follow_line(typed, NOW, TOKYO) == entry


@pytest.mark.parametrize(
    ("typed", "problem", "field"),
    [
        ("", Problem.MISSING_DATE, "on"),
        ("そのうち 電話", Problem.UNREADABLE_DATE, "on"),
        ("明日香 電話", Problem.UNREADABLE_DATE, "on"),
        ("2/30 電話", Problem.UNREADABLE_DATE, "on"),
        ("昨日 電話", Problem.PAST_DATE, "on"),
        ("今日 9:00 電話", Problem.PAST_DATE, "on"),
        ("明日 " + "x" * 201, Problem.TOO_LONG, "follow_up_note"),
    ],
)
def test_next_steps_lie_ahead(typed: str, problem: Problem, field: str) -> None:
    """Without a day that is still to come there is no next step."""
    with pytest.raises(InputError) as caught:
        read_follow_line(typed, NOW, TOKYO)
    assert (caught.value.problem, caught.value.field) == (problem, field)


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("too early 2027/1/15 予算は来期", ReturnEntry(ReturnReason.TOO_EARLY, "予算は来期", date(2027, 1, 15))),
        ("時期が早い 来年1月から 予算", ReturnEntry(ReturnReason.TOO_EARLY, "予算", date(2027, 1, 1))),
        ("情報不足 番号なし retry:1/15", ReturnEntry(ReturnReason.INCOMPLETE, "番号なし", date(2027, 1, 15))),
        ("対象外（業種・規模） 小さい", ReturnEntry(ReturnReason.NO_FIT, "小さい", None)),
        ("no need or no budget really", ReturnEntry(ReturnReason.NO_NEED, "really", None)),
        ("重複", ReturnEntry(ReturnReason.DUPLICATE, "", None)),
        ("わからない", ReturnEntry(None, "わからない", None)),
        ("", ReturnEntry(None, "", None)),
    ],
)
def test_returns_are_read(typed: str, entry: ReturnEntry) -> None:
    """The reason is the longest run of first words that is one; a day after it says when to try again."""
    assert read_return_line(typed, NOW, TOKYO) == entry


def test_a_return_cannot_be_retried_in_the_past() -> None:
    """The error stands at the field for the day."""
    with pytest.raises(InputError) as caught:
        read_return_line("時期が早い 2020-01-01", NOW, TOKYO)
    assert (caught.value.problem, caught.value.field) == (Problem.PAST_DATE, "retry_on")


_texts = st.text() | st.text(
    'L-12 電話 昨日先方から←at:/1日時「」"()（）、@<>&mp;11/0 4:午後callin today#retry:', max_size=60
)


@given(_texts)
def test_splitting_loses_nothing(text: str) -> None:
    """What was typed is in the reference or in the rest, but for separators, signs of quotes and honorifics."""
    reference, rest = split_reference(text)
    assert len(reference) + len(rest) <= len(text) + 2
    assert rest == rest.strip()


@given(_texts)
def test_readers_raise_nothing_but_input_errors(text: str) -> None:
    """Whatever is typed, the answer is an entry or an InputError."""
    for read in (read_touchpoint_line, read_follow_line, read_return_line):
        with contextlib.suppress(InputError):
            read(text, NOW, TOKYO)


@given(st.text(max_size=80).map(str.strip).filter(lambda note: note[:1].isalpha() and note[:1].isascii()))
def test_a_note_is_kept_as_typed(note: str) -> None:
    """After a direction and a date in full, every character of the note stays, inner blanks too."""
    read = read_touchpoint_line(f"電話 2026-11-20 先方から メモ {note}", NOW, TOKYO)
    assert read.note == f"メモ {note}"


@pytest.mark.parametrize(
    "part", ["a ", "電話 ", "at: ", "at:", "「", '"', "L-1", "1/", "1 ", "昨日 ", "(", "<", "a@", "　", "あ"]
)
def test_hostile_lines_cost_no_more_than_long_ones(part: str) -> None:
    """10,000 characters that invite looking back are read within a second."""
    text = (part * 10_000)[:10_000]
    began = time.process_time()
    _, rest = split_reference(text)
    for read in (read_touchpoint_line, read_follow_line, read_return_line):
        for line in (text, rest, f"電話 {text}"):
            with contextlib.suppress(InputError):
                read(line, NOW, TOKYO)
    assert time.process_time() - began < 1
