"""Rows for views: the board's story by default, every field open to change, no database."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from models.consent import ConsentBasis, ConsentRecord
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.erasure import Erasure
from models.facts import (
    Claimed,
    Digest,
    DigestGroup,
    DormantNotice,
    Duplicates,
    ErasurePlan,
    HandoffFacts,
    LeadEntry,
    LeadFacts,
    LeadList,
    LeadRow,
    Logged,
    Match,
    MatchReason,
    Moved,
    MovedLead,
    Reawakened,
    RulesChanged,
    RuleVersion,
    ScoringReport,
    Setup,
    Undelivered,
    Undone,
)
from models.handoff import Handoff, HandoffState, ReturnReason
from models.lead import Consent, DecisionRole, Lead, Outcome, Progress, Source, Stage
from models.learned_model import LearnedModel
from models.learning import (
    Chance,
    ChanceReason,
    Closed,
    ColumnKind,
    FitReport,
    LeftOut,
    LeftOutColumn,
    PointsRule,
    PointsTable,
    Tenth,
    Threshold,
)
from models.member import Member, Standing
from models.records import Change, ChangeKind
from models.report import Report, ReportKind, ReportState
from models.scoring import (
    DEFAULT_RULES,
    BadSign,
    CapGroup,
    CappedPoints,
    Correction,
    Effect,
    EngagementPoints,
    FieldRule,
    FieldTest,
    FitPoints,
    FitReason,
    Grades,
    Score,
    ScoringRules,
    SignPoints,
)
from models.scoring_version import ScoringVersion
from models.touchpoint import Direction, Touchpoint, TouchpointKind
from models.workspace import Team, Workspace
from views.words import Reader

NOW = datetime(2026, 11, 24, 1, 40, tzinfo=UTC)
"""10:40 in Tokyo on Tuesday the 24th."""
OFFERED_AT = datetime(2026, 11, 24, 0, 40, tzinfo=UTC)
DUE_AT = datetime(2026, 11, 24, 2, 40, tzinfo=UTC)
CLAIMED_AT = datetime(2026, 11, 24, 1, 3, tzinfo=UTC)

JA = Reader("ja", "Asia/Tokyo")
EN = Reader("en", "Asia/Tokyo")
READERS = {"ja": JA, "en": EN}

EMAIL = "r.nakamura@minamo-seiki.example"
PHONE = "045-555-0142"


def lead(**changes: Any) -> Lead:
    """Make 中村 理恵 of ミナモ精機, as she stands when she is handed off."""
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 12, "number": 12, "name": "中村 理恵", "company": "ミナモ精機株式会社",
        "title": "生産管理部 部長", "email": EMAIL, "phone": PHONE, "source": Source.TRADE_SHOW,
        "campaign": "第8回 倉庫DX展", "stage": Stage.INQUIRY, "stage_at": NOW,
        "mission": "2027年度中に全拠点の在庫を一元管理する", "interest": "棚卸し時間の短縮、ハンディ端末",
        "role": DecisionRole.CHAMPION, "need": "3拠点を別々のExcelで管理。在庫差異が月30件ほど",
        "timing": "2027年3月（現行システムの保守終了）", "consent": Consent.YES,
        "consent_at": datetime(2026, 11, 12, 6, tzinfo=UTC), "last_touch_at": NOW - timedelta(days=4),
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Lead(**{**values, **changes})


def nobody(**changes: Any) -> Lead:
    """Make a lead of whom next to nothing is known: it has only an id from elsewhere."""
    blank: dict[str, Any] = dict.fromkeys(("name", "company", "title", "email", "phone", "campaign", "note"), "")
    blank |= dict.fromkeys(("mission", "interest", "role", "need", "progress", "timing", "budget", "consent_at"))
    blank |= {"source": Source.OTHER, "consent": Consent.UNKNOWN, "external_id": "x-1", "last_touch_at": None}
    return lead(**{**blank, **changes})


def stuffed(text: str, **changes: Any) -> Lead:
    """Make a lead whose every typed field holds `text`, cut to the length that the field may have."""
    fields: dict[str, Any] = {
        "name": text[:100], "company": text[:200], "title": text[:200], "email": text[:254], "phone": text[:40],
        "campaign": text[:200], "note": text[:1000], "mission": text[:300], "interest": text[:300],
        "need": text[:500], "timing": text[:200], "budget": text[:200], "follow_up_note": text[:200],
        "progress": Progress.HOLD, "closed_note": text[:500], "follow_up_on": date(2026, 11, 25),
    }  # fmt: skip
    return lead(**{**fields, **changes})


def member(name: str = "青木", slack_id: str = "U01AOKI", **changes: Any) -> Member:
    """Make a colleague in sales."""
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 1, "slack_id": slack_id, "name": name, "is_sales": True, "refreshed_at": NOW,
    }  # fmt: skip
    return Member(**{**values, **changes})


def aoki() -> Member:
    return member()


def sato() -> Member:
    return member("佐藤", "U02SATO", id=2)


def tanaka() -> Member:
    return member("田中", "U03TANAKA", id=3, is_sales=False, is_marketing=True)


def mori() -> Member:
    return member("森", "U04MORI", id=4, is_sales=False, is_manager=True)


def plain_member() -> Member:
    return member("林", "U05HAYASHI", id=5, is_sales=False)


def touchpoint(kind: TouchpointKind = TouchpointKind.CALL, **changes: Any) -> Touchpoint:
    """Make an inbound call of this morning."""
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 204, "lead_id": 12, "kind": kind, "direction": Direction.INBOUND,
        "at": datetime(2026, 11, 24, 0, 12, tzinfo=UTC), "note": "現場の担当者とデモを見たい", "created_at": NOW,
    }  # fmt: skip
    return Touchpoint(**{**values, **changes})


def touchpoints() -> tuple[Touchpoint, ...]:
    return (
        touchpoint(TouchpointKind.DEMO_REQUEST, note="", id=206),
        touchpoint(at=datetime(2026, 11, 20, 5, 20, tzinfo=UTC), id=205),
        touchpoint(TouchpointKind.TRADE_SHOW, at=datetime(2026, 11, 12, 6, 30, tzinfo=UTC), note="ブースで20分"),
    )


def score(fit: float = 35, engagement: float = 43, **changes: Any) -> Score:
    """Make a score with reasons; hot from 60 as on the board."""
    made = Score(
        fit,
        engagement,
        (FitPoints(FitReason.DIRECTOR, 10), FitPoints(FitReason.SOURCE, 3, Source.TRADE_SHOW)) if fit else (),
        (
            EngagementPoints(TouchpointKind.DEMO_REQUEST, Direction.INBOUND, NOW, 20, 25, 90),
            EngagementPoints(TouchpointKind.CALL, Direction.INBOUND, NOW - timedelta(days=4), 11, 12, 30),
        )
        if engagement
        else (),
        60,
        50,
    )
    return replace(made, **changes)


def lead_facts(who: Lead | None = None, **changes: Any) -> LeadFacts:
    """Make everything that a lead's card shows."""
    made = LeadFacts(who or lead(), score(), None, tanaka(), touchpoints(), None, may_see_contact=True)
    return replace(made, **changes)


def consent(text: str = "メルマガ", **changes: Any) -> ConsentRecord:
    """Make an answer about consent with all its evidence."""
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 91, "lead_id": 12, "answer": Consent.YES, "purpose": text[:200], "basis": ConsentBasis.CARD,
        "given_at": NOW, "origin": text[:200], "notice": text[:50], "recorded_at": NOW,
    }  # fmt: skip
    return ConsentRecord(**{**values, **changes})


def erasure(**changes: Any) -> Erasure:
    """Make the proof of a deletion that is on its way."""
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 95, "lead_number": 12, "asked_by_id": 3, "asked_at": NOW,
        "rows": {"lead": 1, "touchpoint": 3}, "messages": 5,
    }  # fmt: skip
    return Erasure(**{**values, **changes})


def erasure_plan(who: Lead, rows: dict[str, int] | None = None) -> ErasurePlan:
    """Make the list of what would go; with rows of every kind, and of one that has no name of its own."""
    everything = {
        "lead": 1,
        "touchpoint": 3,
        "consent": 2,
        "change": 5,
        "handoff": 1,
        "draft": 1,
        "mention": 2,
        "card": 1,
    }
    return ErasurePlan(who, everything if rows is None else rows, 0 if rows else 4, 0 if rows else 1)


def bare_facts(**changes: Any) -> LeadFacts:
    """Make the card of a lead of whom nothing is known and with whom nothing has happened."""
    return replace(LeadFacts(nobody(), score(0, 0), None, None, (), None, may_see_contact=True), **changes)


def team(**changes: Any) -> Team:
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 1, "name": "営業1課", "channel_slack_id": "C01SALES", "created_at": NOW,
    }  # fmt: skip
    return Team(**{**values, **changes})


def workspace(**changes: Any) -> Workspace:
    return Workspace(**{"id": 1, "slack_id": "T01", "created_at": NOW, **changes})


def handoff(state: HandoffState = HandoffState.OFFERED, **changes: Any) -> Handoff:
    """Make the handoff of 9:40, due at 11:40."""
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 31, "lead_id": 12, "team_id": 1, "state": state,
        "why_now": "今朝デモ依頼。現行システムの保守が来年3月で切れるため、年内に2社へ絞る見込み。",
        "offered_at": OFFERED_AT, "due_at": DUE_AT, "marketer_id": 3, "offered_by_id": 3,
    }  # fmt: skip
    return Handoff(**{**values, **changes})


def handoff_facts(of: Handoff | None = None, who: Lead | None = None, **changes: Any) -> HandoffFacts:
    """Make everything that a handoff's messages show."""
    made = HandoffFacts(
        handoff=of or handoff(),
        lead=who or lead(stage=Stage.MQL),
        team=team(),
        score=score(),
        owner=aoki(),
        marketer=tanaka(),
        offered_by=tanaka(),
        returned_by=sato(),
        withdrawn_by=tanaka(),
        touchpoints=touchpoints(),
        claimers=(aoki(), sato()),
        manager=mori(),
    )
    return replace(made, **changes)


def overdue() -> Handoff:
    return handoff(overdue_since=DUE_AT, escalate_due_at=DUE_AT + timedelta(hours=2))


def claimed_handoff() -> Handoff:
    return handoff(HandoffState.CLAIMED, claimed_at=CLAIMED_AT, owner_id=1)


def returned_handoff(reason: ReturnReason = ReturnReason.TOO_EARLY, **changes: Any) -> Handoff:
    values: dict[str, Any] = {
        "returned_at": datetime(2026, 11, 24, 1, 20, tzinfo=UTC), "reason": reason,
        "comment": "相見積もりは年明けからとのこと。", "retry_on": date(2027, 1, 15),
    }  # fmt: skip
    return handoff(HandoffState.RETURNED, **{**values, **changes})


def withdrawn_handoff() -> Handoff:
    return handoff(HandoffState.WITHDRAWN, withdrawn_at=CLAIMED_AT, withdrawn_by_id=3)


def claimed(facts: HandoffFacts | None = None) -> Claimed:
    return Claimed(facts or handoff_facts(claimed_handoff()), datetime(2026, 11, 24, 9, tzinfo=UTC))


CALL = EngagementPoints(TouchpointKind.CALL, Direction.INBOUND, NOW, 12, 12, 30)


def logged(who: Lead | None = None, **changes: Any) -> Logged:
    """Make a call that took the score from 48 to 60."""
    made = Logged(who or lead(), touchpoint(), 48.0, score(35, 25), True, None, True, CALL)
    return replace(made, **changes)


def match(who: Lead | None = None, **changes: Any) -> Match:
    made = Match(
        who or lead(number=7, company="ミナモ精機(株)"),
        aoki(),
        (MatchReason.EMAIL, MatchReason.COMPANY),
        ("phone", "title", "campaign"),
        may_see=True,
    )
    return replace(made, **changes)


def duplicates(*matches: Match, count: int | None = None) -> Duplicates:
    found = matches or (match(),)
    return Duplicates(81, found, count or len(found))


def entry(text: str = "") -> LeadEntry:
    """Make what somebody typed; with `text`, every field of it holds that."""
    if text:
        return LeadEntry(text[:100], text[:200], text[:200], text[:254], text[:40], None, None, text[:200], text[:1000])
    return LeadEntry("中村 理恵", "ミナモ精機", "生産管理部 部長", EMAIL, PHONE, campaign="第8回 倉庫DX展")


def row(number: int = 12, who: Lead | None = None, **changes: Any) -> LeadRow:
    """Make a line of a list."""
    made = LeadRow(
        who or lead(id=number, number=number, follow_up_on=date(2026, 11, 20), follow_up_note="デモ後のフォロー"),
        72.4,
        True,
        aoki(),
        handoff(id=number + 100),
        touchpoint(),
    )
    return replace(made, **changes)


@cache
def rows(count: int, text: str = "") -> tuple[LeadRow, ...]:
    """Make `count` lines, the same ones each time; with `text`, every typed field of them holds that."""
    return tuple(
        row(number, stuffed(text, id=number, number=number) if text else None) for number in range(1, count + 1)
    )


def found(count: int = 2, total: int | None = None, text: str = "") -> LeadList:
    return LeadList(rows(count, text), count if total is None else total)


def group(count: int, text: str = "", total: int | None = None) -> DigestGroup:
    return DigestGroup(rows(count, text), count if total is None else total)


NO_ROWS = DigestGroup()


def delivery(error: str = "not_in_channel", **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 900, "kind": DeliveryKind.HANDOFF_CARD, "key": "k", "subject_id": 31,
        "channel_slack_id": "C02WEST", "state": DeliveryState.FAILED, "error": error, "next_attempt_at": NOW,
        "created_at": NOW,
    }  # fmt: skip
    return Delivery(**{**values, **changes})


def undelivered(error: str = "not_in_channel", **changes: Any) -> Undelivered:
    """Make a message that did not arrive; one about a handoff names its lead."""
    made = delivery(error, **changes)
    return Undelivered(made, lead() if made.kind is DeliveryKind.HANDOFF_CARD else None)


def digest(who: Member | None = None, **changes: Any) -> Digest:
    """Make the digest of somebody in sales on Tuesday the 24th."""
    made = Digest(
        who or aoki(), date(2026, 11, 24), False, NO_ROWS, group(2), group(1), NO_ROWS, NO_ROWS, NO_ROWS, group(1),
        group(1), (), 12,
    )  # fmt: skip
    return replace(made, **changes)


def full_digest(text: str = "", who: Member | None = None) -> Digest:
    """Make a digest in which every group overflows."""
    full = group(3, text, 40)
    everything = dict.fromkeys(
        ("overdue", "due", "unclaimed", "uncontacted", "ready", "returned", "hot", "dormant"), full
    )
    return digest(
        who or member(is_manager=True, is_marketing=True), is_late=True, failed=(undelivered(),) * 5, **everything
    )


def empty_digest(who: Member | None = None) -> Digest:
    empty = dict.fromkeys(("due", "unclaimed", "hot", "dormant"), NO_ROWS)
    return digest(who, owned_count=0, **empty)


def dormant_notice(count: int = 2, text: str = "", **changes: Any) -> DormantNotice:
    shown = rows(min(count, 10), text)
    if changes:
        shown = tuple(replace(row, lead=row.lead.model_copy(update=changes)) for row in shown)
    return DormantNotice(aoki(), shown, count)


def reawakened(who: Lead | None = None, **changes: Any) -> Reawakened:
    facts = lead_facts(who or lead(stage=Stage.SQL, owner_id=1), owner=aoki())
    known: dict[str, Any] = {
        "facts": facts,
        "touchpoint": touchpoint(note=""),
        "previous": touchpoint(TouchpointKind.MEETING, at=NOW - timedelta(days=34)),
        "quiet_since": NOW - timedelta(days=34),
        "score_before": 41.0,
        "is_theirs": True,
    }
    return Reawakened(**{**known, **changes})


def setup(*, is_new: bool = False) -> Setup:
    return Setup(workspace(), None if is_new else team(), 14)


def undone(kind: ChangeKind = ChangeKind.ADDED, who: Lead | None = None, typed: str = "") -> Undone:
    change = Change(workspace_id=1, id=1, lead_id=12, lead_number=12, kind=kind, at=NOW)
    return Undone(change, who, typed)


def won(**changes: Any) -> Lead:
    return lead(stage=Stage.CLOSED, outcome=Outcome.WON, **changes)


@dataclass(frozen=True)
class Texts:
    """Typed texts that are ordinary, as long as they may be, or meant to harm."""

    ordinary: str = "来週、現場の担当者と一緒にデモを見たいとのこと。"
    long: str = "長" * 2000
    ampersands: str = "&" * 2000
    hostile: str = (
        "<!channel> <@U01AOKI> <#C01SALES> <https://evil.example|請求書> *太字* _斜体_ ~取消~ `rm -rf` ```x``` "
        '> 引用\n> 引用\x00\u202e @here :tada: =HYPERLINK("https://evil.example") {label} {0} %s'
    )
    blank: str = " \u3000\t\n"
    invisible: str = "\u200b\u2060\ufeff"


TEXTS = Texts()

INACTIVE = tuple(standing for standing in Standing if standing is not Standing.ACTIVE)


def chance(text: str = "製造業", column: str = "extra:業種") -> Chance:
    """A learned chance with a reason for and one against; `text` is what somebody's file said."""
    reasons = (ChanceReason(column, text, 1.2), ChanceReason("touches:demo:inbound", "", -0.4),
               ChanceReason("recency:inbound", "5.3", 0.2))  # fmt: skip
    return Chance(0.34, reasons, 3, NOW)


def learned_model(*, is_shown: bool = True) -> LearnedModel:
    """A version; a view reads nothing of its numbers."""
    return LearnedModel(
        workspace_id=1, id=50, version=3, fitted_at=NOW, won=234, lost=166, is_shown=is_shown, weights={}, report={}
    )


def fit_report(text: str = "項目") -> FitReport:
    """What a fit found; `text` is a heading, and a value, of somebody's file."""
    tenths = tuple(Tenth(40, 40.0 - 4 * place, 0.99 - place / 11) for place in range(10))
    column = f"extra:{text}"
    details = {LeftOut.ONE_OUTCOME: (0.71, 0.34), LeftOut.TELLS_ALONE: (0.92,), LeftOut.CLOSED_ONLY: (0.8, 0.01)}
    left_out = tuple(LeftOutColumn(f"{column} {why}", why, details.get(why, ())) for why in LeftOut)
    rules = (
        PointsRule(column, ColumnKind.CATEGORY, 25, value=text),
        PointsRule("extra:従業員数", ColumnKind.NUMBER, 19, low=1200.0),
        PointsRule("source", ColumnKind.CATEGORY, 12, value="referral"),
        PointsRule("title", ColumnKind.CATEGORY, 9, value="director"),
        PointsRule("email", ColumnKind.CATEGORY, 5, value="business"),
        PointsRule("touches:demo_request:inbound", ColumnKind.NUMBER, 8, low=1.0),
        *(PointsRule(f"{column}{place}", ColumnKind.MANY, 3, value=text) for place in range(14)),
    )
    table = PointsTable(rules, 0.87, (Threshold(44, 0.41, 0.75, 0.8), Threshold(66, 0.1, 0.95, 0.25)))
    return FitReport(0.9, 0.61, 0.94, 0.023, 0.38, tenths, tenths, (column, "source"), left_out, table)


def scoring_report(
    text: str = "項目", *, state: str = "done", is_shown: bool = True, has_fit: bool = True
) -> ScoringReport:
    """A report that is done, unless told otherwise."""
    row = Report(workspace_id=1, id=61, kind=ReportKind.SCORING, state=ReportState(state), member_id=1, asked_at=NOW)
    if not has_fit:
        return ScoringReport(row, Closed(12, 3))
    likeliest = tuple((stuffed(text, number=number), 0.97) for number in range(1, 6))
    return ScoringReport(row, Closed(234, 166), learned_model(is_shown=is_shown), fit_report(text), likeliest)


def rules(text: str = "製造") -> ScoringRules:
    """Make rules that use everything that rules can say."""
    field_fit = (
        FieldRule(text[:80], FieldTest.HAS, 15, text=text[:80]),
        FieldRule("従業員数", FieldTest.RANGE, 10, low=300, high=999),
    )
    return replace(DEFAULT_RULES, field_fit=field_fit, caps=dict.fromkeys(CapGroup, 40.0), grades=Grades())


def full_score(text: str = "社長と面談") -> Score:
    """Make a score with every kind of reason."""
    corrections = (Correction(10, text[:200], text[:80], NOW), Correction(-3, text[:200], "", NOW))
    rule = rules(text).field_fit[0]
    return score(fixed=-23, signs=(SignPoints(BadSign.UNSUBSCRIBED, -30),), corrections=corrections, grade="A2",
                 capped=(CappedPoints(CapGroup.FIT, 5, 30), CappedPoints(CapGroup.D, 7, 40)),
                 fit_reasons=(FitPoints(FitReason.FIELD, 15, rule=rule), FitPoints(FitReason.DIRECTOR, 10)),
                 cools_at=NOW + timedelta(days=12))  # fmt: skip


def moved(text: str = "", count: int = 12) -> dict[Effect, Moved]:
    """Make leads that a change of the rules moves in every way."""
    who = stuffed(text) if text else lead()
    return {effect: Moved(count, tuple(MovedLead(who, 48, 66) for _ in range(min(count, 10)))) for effect in Effect}


def scoring_version(**changes: Any) -> ScoringVersion:
    values: dict[str, Any] = {"workspace_id": 1, "id": 5, "number": 3, "rules": {}, "member_id": 4, "at": NOW,
                              "total": 1200, "done": 1200, "finished_at": NOW}  # fmt: skip
    return ScoringVersion(**{**values, **changes})


def rule_version(text: str = "", **changes: Any) -> RuleVersion:
    return RuleVersion(scoring_version(note=text[:200], **changes), rules(text or "製造"), DEFAULT_RULES, mori())


def rules_changed(text: str = "", **changes: Any) -> RulesChanged:
    """Make a finished rebuild that moved leads in every way."""
    return RulesChanged(scoring_version(**changes), mori(), moved(text), 60, 80)
