"""Every view with ordinary, empty, maximal and hostile data: what the tests of layout and safety run over."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from models import errors as refused
from models.delivery import DeliveryKind, DeliveryState
from models.errors import LeadError, Problem
from models.facts import (
    Funnel,
    Grouping,
    HandoffFacts,
    ListName,
    Moved,
    RulePreview,
    RulesChanged,
    SlackMessage,
    SourceReport,
)
from models.handoff import ReturnReason
from models.lead import MAX_LENGTHS, Consent, Lead, Outcome, Source, Stage
from models.member import Member, Right, Standing
from models.records import ChangeKind
from models.scoring import DEFAULT_RULES, Effect, RulePart
from models.touchpoint import NOTE_MAX, Direction, TouchpointKind
from tests.views import factories as make
from tests.views.export_surfaces import export_messages
from tests.views.factories import NOW, TEXTS
from tests.views.import_surfaces import import_forms, import_messages, import_refusals
from tests.views.match_surfaces import match_forms, match_messages
from views import (
    assign_form,
    claim_answers,
    close_form,
    column_form,
    consent_form,
    digest,
    duplicates,
    erasure,
    errors,
    followup_form,
    handoff_card,
    handoff_form,
    handoff_notes,
    help,  # noqa: A004 (the view's own name)
    home,
    lead_card,
    lead_form,
    lists,
    notices,
    proposal_form,
    reawakening,
    replies,
    score_forms,
    scoring_changes,
    scoring_form,
    scoring_notice,
    scoring_report,
    setup_form,
    source_report,
    touchpoint_form,
    touchpoints,
)
from views.blocks import Message, View
from views.message_notes import note_of
from views.words import Reader

Build = Callable[[Reader], Message | View]

READER = object()
"""Stands in `calling` for the reader, who comes last."""


def calling(view: Callable[..., Message | View], *args: Any, **kwargs: Any) -> Build:
    """Keep a view with its arguments until a reader comes."""
    return lambda reader: view(*(reader if arg is READER else arg for arg in args), **kwargs)


VERBS = [
    help.VerbHelp(f"verb{number}", ("追加", "登録"), "log LEAD KIND [note] [at:DATE]", "log a contact")
    for number in range(24)
]


def leads_of(text: str) -> dict[str, Lead]:
    """Return the leads that a text makes: stuffed with it everywhere, and known by one field of it alone."""
    return {
        "stuffed": make.stuffed(text),
        "by_name": make.nobody(name=text[:100]),
        "by_company": make.nobody(company=text[:200]),
        "by_email": make.nobody(email=text[:254]),
        "by_phone": make.nobody(phone=text[:40]),
    }


def people_in(facts: HandoffFacts, text: str) -> HandoffFacts:
    """Name everybody on a handoff by a typed text."""
    someone = make.member(text[:80] or "?", "U09X")
    return make.handoff_facts(
        facts.handoff, facts.lead, owner=someone, marketer=someone, offered_by=someone, returned_by=someone,
        withdrawn_by=someone, manager=someone, claimers=(someone,) * 30, team=make.team(name=text[:80]),
        touchpoints=facts.touchpoints,
    )  # fmt: skip


def handoffs() -> dict[str, HandoffFacts]:
    """Return a handoff in each of its states."""
    return {
        "offered": make.handoff_facts(),
        "overdue": make.handoff_facts(make.overdue()),
        "escalated": make.handoff_facts(make.handoff(overdue_since=make.DUE_AT)),
        "claimed": make.handoff_facts(make.claimed_handoff()),
        "returned": make.handoff_facts(make.returned_handoff()),
        "withdrawn": make.handoff_facts(make.withdrawn_handoff()),
        "by_score": make.handoff_facts(make.handoff(why_now="", offered_by_id=None), offered_by=None, marketer=None),
        "bare": make.handoff_facts(
            make.handoff(why_now=""), make.nobody(), touchpoints=(), owner=None, marketer=None, offered_by=None,
            claimers=(), manager=None, score=make.score(0, 0),
        ),
        "bare_overdue": make.handoff_facts(
            make.handoff(why_now="", overdue_since=make.DUE_AT), make.nobody(), touchpoints=(), offered_by=None,
            claimers=(), manager=None, score=make.score(0, 0),
        ),
        "bare_returned": make.handoff_facts(
            make.returned_handoff(comment="", retry_on=None), make.nobody(), marketer=None, offered_by=None, returned_by=None
        ),
    }  # fmt: skip


def typed_handoff(facts: HandoffFacts, text: str) -> HandoffFacts:
    """Fill everything that is typed on a handoff with a text."""
    of = facts.handoff.model_copy(update={"why_now": text[:500], "comment": text[:500]})
    who = make.stuffed(text, stage=Stage.MQL, email=make.EMAIL, phone=make.PHONE)
    touched = tuple(make.touchpoint(note=text[:2000]) for _ in range(3))
    return people_in(make.handoff_facts(of, who, touchpoints=touched), text)


def channel_surfaces() -> dict[str, Build]:
    """Build what a whole channel reads."""
    found: dict[str, Build] = {}
    variants = dict(handoffs())
    for name, text in vars(TEXTS).items():
        variants |= {f"{state}_{name}": typed_handoff(facts, text) for state, facts in handoffs().items()}
    for reason in ReturnReason:
        for retry_on in (None, date(2027, 1, 15), date(2029, 1, 15)):
            of = make.returned_handoff(reason, retry_on=retry_on)
            variants[f"returned_{reason.value}_{retry_on}"] = make.handoff_facts(of)
    for name, facts in variants.items():
        found[f"handoff_card.card {name}"] = calling(handoff_card.card, facts, READER)
        found[f"handoff_notes.return_undone {name}"] = calling(handoff_notes.return_undone, facts, READER)
        found[f"handoff_notes.reminder {name}"] = calling(handoff_notes.reminder, facts, READER)
        if facts.handoff.returned_at:
            for link in (None, "https://example.slack.com/archives/C1/p1", "https://x|y>", "javascript:x"):
                found[f"handoff_notes.return_note {name} {link}"] = calling(
                    handoff_notes.return_note, facts, READER, link
                )
    hot = {
        "ordinary": make.lead_facts(),
        "owned": make.lead_facts(owner=make.aoki()),
        "offered": make.lead_facts(handoff=make.handoff()),
        "bare": make.bare_facts(),
    }
    for name, text in vars(TEXTS).items():
        who = make.stuffed(text, email=make.EMAIL, phone=make.PHONE)
        hot[name] = make.lead_facts(who, marketer=make.member(text[:80]))
    for name, lead_facts in hot.items():
        found[f"reawakening.back in a channel {name}"] = calling(
            reawakening.back, make.reawakened(facts=lead_facts), READER, is_for_channel=True
        )
        for before in (None, 52.0):
            found[f"notices.hot {name} {before}"] = calling(notices.hot, lead_facts, before, READER)
    return found


def private_messages() -> dict[str, Build]:
    """Build what one person reads."""
    found: dict[str, Build] = {
        "help.help_message": lambda r: help.help_message(VERBS, r),
        "help.help_message none": lambda r: help.help_message([], r),
        "replies.repeated": replies.repeated,
        "notices.erased": notices.erased,
        "erasure.begun": lambda r: erasure.begun(make.erasure(), r),
        "erasure.lifted": erasure.lifted,
        "erasure.progress": lambda r: erasure.progress(make.erasure(), 2, r),
        "erasure.progress done": lambda r: erasure.progress(make.erasure(done_at=NOW), 0, r),
        "erasure.progress stuck": lambda r: erasure.progress(make.erasure(done_at=NOW, unedited=2), 0, r),
        "erasure.plan nobody": lambda r: erasure.plan(make.erasure_plan(make.nobody(), {"lead": 1}), r),
        "replies.nothing_changed": replies.nothing_changed,
        "notices.none_dormant": notices.none_dormant,
        "replies.set_up": lambda r: replies.set_up(make.workspace(marketing_channel_slack_id="C03MKT"), make.team(), r),
        "replies.set_up without marketing": lambda r: replies.set_up(make.workspace(), make.team(), r),
        "digest.digest empty": lambda r: digest.digest(make.empty_digest(), r, NOW),
        "digest.digest sales": lambda r: digest.digest(make.digest(), r, NOW),
        "digest.digest marketing": lambda r: digest.digest(make.digest(make.tanaka(), ready=make.group(2), returned=make.group(1)), r, NOW),
        "digest.digest failed only": lambda r: digest.digest(
            make.digest(make.mori(), failed=(make.undelivered(),), due=make.NO_ROWS, unclaimed=make.NO_ROWS, hot=make.NO_ROWS, dormant=make.NO_ROWS), r, NOW
        ),
        "lead_card.add_undone": lambda r: lead_card.add_undone("L-12", "/lead add 中村 理恵", r),
        "scoring_report.started": scoring_report.started,
        "replies.columns_chosen": replies.columns_chosen,
        "replies.reads_no_messages": replies.reads_no_messages,
        "replies.points_accepted": lambda r: replies.points_accepted(18, 44, 66, r),
    }  # fmt: skip
    for name, text in vars(TEXTS).items():
        found |= _typed_messages(name, text)
    for name, facts in {
        "done": make.scoring_report(),
        "waiting": make.scoring_report(state="waiting"),
        "failed": make.scoring_report(state="failed"),
        "too little": make.scoring_report(has_fit=False),
        "not shown": make.scoring_report(is_shown=False),
    }.items():
        for may_choose in (True, False):
            found[f"scoring_report.report {name} {may_choose}"] = calling(
                scoring_report.report, facts, READER, NOW, may_choose=may_choose
            )
    found |= _lead_cards() | _logs() | _duplicates() | _claims() | _deliveries() | _lists() | _reports() | _reawakened()
    found |= {
        f"errors.message {name}": calling(errors.message, error, READER, "/lead log L-12")
        for name, error in refusals().items()
    }
    found |= {f"errors.not_for {standing}": calling(errors.not_for, standing, READER) for standing in Standing}
    for kind in ChangeKind:
        found[f"replies.undone {kind}"] = calling(replies.undone, make.undone(kind, make.lead()), READER)
        found[f"replies.undone gone {kind}"] = calling(replies.undone, make.undone(kind), READER)
    return found


def _reports() -> dict[str, Build]:
    """Build the reports on sources, campaigns and imports."""
    reasons = tuple((reason, 9) for reason in ReturnReason)
    days = (date(2026, 7, 1), date(2026, 9, 30))
    some, none = Funnel("webinar", 1200, 300, 90, 12, 100, 81, reasons), Funnel("", 0, 0, 0, 0)
    by_source = tuple(replace(some, key=source.value) for source in Source)
    found: dict[str, Build] = {
        "source_report.report": calling(
            source_report.report, SourceReport(Grouping.SOURCE, *days, by_source, some), READER
        ),
        "source_report.report costs": calling(
            source_report.report,
            SourceReport(
                Grouping.SOURCE, *days, (replace(by_source[0], cost=1_500_000, uncounted=2), *by_source[1:]), some
            ),
            READER,
        ),
        "source_report.report nothing": calling(
            source_report.report, SourceReport(Grouping.SOURCE, None, None, (), none), READER
        ),
    }
    for name, text in vars(TEXTS).items():
        campaigns = tuple(replace(some, key=text[:200]) for _ in range(40))
        imports = tuple(replace(some, name=f"I-6 {text[:200]}", cost=1_500_000) for _ in range(40))
        facts = SourceReport(Grouping.CAMPAIGN, *days, campaigns, some)
        found[f"source_report.report {name}"] = calling(source_report.report, facts, READER)
        facts = SourceReport(Grouping.IMPORT, *days, imports, some)
        found[f"source_report.report imports {name}"] = calling(source_report.report, facts, READER)
    return found


def _typed_messages(name: str, text: str) -> dict[str, Build]:
    """Build what hands typed text back or shows it in a message of its own."""
    someone = make.member(text[:80] or "?")
    found: dict[str, Build] = {
        f"erasure.plan {name}": lambda r: erasure.plan(make.erasure_plan(make.stuffed(text)), r),
        f"replies.consented {name}": lambda r: replies.consented(make.stuffed(text, consent=Consent.YES), r),
        f"replies.consented no {name}": lambda r: replies.consented(make.stuffed(text, consent=Consent.NO), r),
        f"lead_card.card agreed {name}": lambda r: lead_card.card(
            make.lead_facts(make.lead(consent=Consent.YES), consent=make.consent(text)), make.mori().as_actor(), r, NOW
        ),
        f"lead_card.add_undone {name}": lambda r: lead_card.add_undone("L-12", text, r),
        f"duplicates.discarded {name}": lambda r: duplicates.discarded(text, r),
        f"errors.unknown_verb {name}": lambda r: errors.unknown_verb(text, None, text, r),
        f"errors.unknown_verb near {name}": lambda r: errors.unknown_verb(text, "add", text, r),
        f"errors.unexpected {name}": lambda r: errors.unexpected("E-7F3K2", text, r),
        f"errors.form_failed {name}": lambda r: errors.form_failed(text, r),
        f"errors.message busy {name}": lambda r: errors.message(refused.BusyError(), r, text),
        f"errors.message reference {name}": lambda r: errors.message(refused.LeadNotFoundError(text), r),
        f"lists.search {name}": lambda r: lists.search(text, make.found(2), r, NOW),
        f"lists.search nothing {name}": lambda r: lists.search(text, make.found(0), r, NOW),
        f"lists.search full {name}": lambda r: lists.search(text, make.found(10, 99, text), r, NOW),
        f"digest.digest full {name}": lambda r: digest.digest(make.full_digest(text), r, NOW),
        f"notices.dormant {name}": lambda r: notices.dormant(make.dormant_notice(99, text), r, NOW),
        f"replies.undone typed {name}": lambda r: replies.undone(make.undone(typed=text), r),
        f"lead_card.card chance {name}": lambda r: lead_card.card(
            make.lead_facts(chance=make.chance(text, f"extra:{text}")), make.mori().as_actor(), r, NOW
        ),
        f"scoring_report.report {name}": lambda r: scoring_report.report(
            make.scoring_report(text), r, NOW, may_choose=True
        ),
        f"replies.edited fields {name}": lambda r: replies.edited(make.lead(), [text, "name"], r),
        f"lists.which_lead {name}": lambda r: lists.which_lead(
            refused.SeveralLeadsError(text, [make.stuffed(text, number=n) for n in range(1, 11)], 99), r
        ),
    }
    for problem in Problem:
        error = refused.InputError(problem, "note", text, limit=100, nearest=text)
        found[f"errors.message {problem} {name}"] = calling(errors.message, error, READER, text)
    for list_name in ListName:
        found[f"lists.page {list_name} {name}"] = calling(lists.page, list_name, make.found(10, 99, text), READER, NOW)
    for kind, who in leads_of(text).items():
        found |= {f"{key} {name} {kind}": build for key, build in _about(who, someone).items()}
    return found


def _about(who: Lead, someone: Member) -> dict[str, Build]:
    """Build the short answers about one lead."""
    facts = make.handoff_facts(who=who, offered_by=someone)
    late = make.handoff_facts(
        make.handoff(overdue_since=make.DUE_AT), who, claimers=(someone,), team=make.team(name=someone.name)
    )
    closed = who.model_copy(update={"stage": Stage.CLOSED, "outcome": Outcome.LOST})
    timed = who.model_copy(update={"follow_up_at": NOW})
    return {
        "replies.qualified": lambda r: replies.qualified(facts, r),
        "replies.withdrawn": lambda r: replies.withdrawn(who, r),
        "replies.released": lambda r: replies.released(who, r),
        "replies.returned": lambda r: replies.returned(who, someone, r),
        "replies.returned nobody": lambda r: replies.returned(who, None, r),
        "replies.closed": lambda r: replies.closed(closed, r),
        "replies.followed_up": lambda r: replies.followed_up(who, r),
        "replies.followed_up timed": lambda r: replies.followed_up(timed, r),
        "replies.edited": lambda r: replies.edited(who, ["need", "email", "something"], r),
        "replies.assigned_to": lambda r: replies.assigned_to(who, someone, r),
        "replies.undone lead": lambda r: replies.undone(make.undone(ChangeKind.EDITED, who), r),
        "touchpoints.undone": lambda r: touchpoints.undone(who, r),
        "handoff_notes.escalation": lambda r: handoff_notes.escalation(late, r, NOW + timedelta(hours=3)),
        "claim_answers.claim_won": lambda r: claim_answers.claim_won(make.claimed(facts), r, NOW),
        "claim_answers.assigned": lambda r: claim_answers.assigned(make.claimed(facts), someone, r, NOW),
        "errors.message closed": lambda r: errors.message(refused.LeadClosedError(closed), r),
        "errors.message not yours": lambda r: errors.message(refused.NotYoursError(who, someone), r),
        "errors.message claimed": lambda r: errors.message(
            refused.AlreadyClaimedError(who, someone, NOW, by_actor=False, waiting=[(make.handoff(), who)], count=3), r
        ),
        "errors.message hangs": lambda r: errors.message(refused.UndoHangsError(who), r),
        "errors.message stale": lambda r: errors.message(refused.StaleEditError(who, "name", who.name), r),
        "errors.message helper": lambda r: errors.message(refused.NotAllowedError(Right.ASSIGN, someone), r),
        "lead_card.added": lambda r: lead_card.added(make.lead_facts(who), r),
        "lead_card.card": lambda r: lead_card.card(make.lead_facts(who, owner=someone), make.aoki().as_actor(), r, NOW),
        "touchpoints.logged": lambda r: touchpoints.logged(
            make.logged(who, touchpoint=make.touchpoint(note=who.note * 2)), make.tanaka().as_actor(), r
        ),
        "duplicates.question": lambda r: duplicates.question(
            make.duplicates(make.match(who, owner=someone)), make.entry(who.name), r
        ),
    }


def _lead_cards() -> dict[str, Build]:
    cards = {
        "ordinary": make.lead_facts(),
        "bare": make.bare_facts(),
        "masked": make.lead_facts(may_see_contact=False),
        "masked bare": make.bare_facts(may_see_contact=False),
        "offered": make.lead_facts(make.lead(stage=Stage.MQL), handoff=make.handoff()),
        "mine": make.lead_facts(make.lead(stage=Stage.SQL, owner_id=1), owner=make.aoki()),
        "planned": make.lead_facts(make.lead(follow_up_on=date(2027, 1, 15), follow_up_note="再度ご連絡")),
        "planned at": make.lead_facts(make.lead(follow_up_at=NOW, follow_up_on=date(2026, 11, 24))),
        "won": make.lead_facts(make.won(closed_note="価格で決まった")),
        "lost": make.lead_facts(make.lead(stage=Stage.CLOSED, outcome=Outcome.LOST)),
        "recycled": make.lead_facts(make.lead(is_recycled=True)),
        "dormant": make.lead_facts(make.lead(dormant_since=NOW)),
        "with a chance": make.lead_facts(chance=make.chance()),
        "opted out": make.lead_facts(make.lead(consent="no")),
        "agreed": make.lead_facts(make.lead(consent=Consent.YES, consent_at=NOW), consent=make.consent()),
        "opted out by phone": make.lead_facts(make.lead(consent=Consent.NO), consent=make.consent(answer=Consent.NO)),
        "opted out bare": make.bare_facts(lead=make.nobody(consent="no")),
    }
    actors = {
        "sales": make.aoki(),
        "marketing": make.tanaka(),
        "manager": make.mori(),
        "everything": make.member(is_marketing=True, is_manager=True),
        "member": make.plain_member(),
    }
    found: dict[str, Build] = {}
    for name, facts in cards.items():
        found[f"lead_card.added {name}"] = calling(lead_card.added, facts, READER)
        for role, who in actors.items():
            found[f"lead_card.card {name} {role}"] = calling(lead_card.card, facts, who.as_actor(), READER, NOW)
    return found


def _logs() -> dict[str, Build]:
    variants = {
        "hot": make.logged(),
        "offered": make.logged(handoff=make.handoff()),
        "cold": make.logged(score_before=20.0, score=make.score(20, 12), turned_hot=False),
        "unchanged": make.logged(score_before=78.0, score=make.score(), turned_hot=False),
        "back": make.logged(slept_days=34),
        "no points": make.logged(touchpoint=make.touchpoint(points=0.0, note="")),
        "fell": make.logged(score_before=90.0, turned_hot=False),
        "not mine": make.logged(may_qualify=False),
    }
    found: dict[str, Build] = {}
    for name, facts in variants.items():
        for who in (make.aoki(), make.tanaka(), make.plain_member()):
            found[f"touchpoints.logged {name} {who.name}"] = calling(touchpoints.logged, facts, who.as_actor(), READER)
    for kind in TouchpointKind:
        for direction in Direction:
            logged = make.logged(touchpoint=make.touchpoint(kind, direction=direction))
            found[f"touchpoints.logged {kind} {direction}"] = calling(
                touchpoints.logged, logged, make.aoki().as_actor(), READER
            )
    return found


def _duplicates() -> dict[str, Build]:
    several = tuple(make.match(make.lead(number=number), owner=None) for number in (7, 8, 9))
    variants = {
        "one": make.duplicates(),
        "three of seven": make.duplicates(*several, count=7),
        "hidden": make.duplicates(make.match(may_see=False)),
        "nothing new": make.duplicates(make.match(adds=(), owner=None)),
        "bare": make.duplicates(make.match(make.nobody(), adds=("consent",))),
    }
    return {
        f"duplicates.question {name}": calling(duplicates.question, dups, make.entry(), READER)
        for name, dups in variants.items()
    }


def _claims() -> dict[str, Build]:
    found: dict[str, Build] = {}
    for name, facts in handoffs().items():
        found[f"claim_answers.claim_won {name}"] = calling(claim_answers.claim_won, make.claimed(facts), READER, NOW)
        found[f"claim_answers.assigned {name}"] = calling(
            claim_answers.assigned, make.claimed(facts), make.mori(), READER, NOW
        )
        found[f"claim_answers.assigned nobody {name}"] = calling(
            claim_answers.assigned, make.claimed(facts), None, READER, NOW
        )
        found[f"handoff_notes.escalation {name}"] = calling(
            handoff_notes.escalation, facts, READER, NOW + timedelta(hours=3)
        )
    return found


def _deliveries() -> dict[str, Build]:
    variants = {error: make.undelivered(error) for error in [*notices._WHY, "strange_error", "", TEXTS.hostile]}
    variants |= {kind.value: make.undelivered(kind=kind) for kind in DeliveryKind}
    variants["unknown"] = make.undelivered(state=DeliveryState.UNKNOWN)
    variants["to a person"] = make.undelivered("user_disabled", channel_slack_id="U01AOKI")
    variants["waiting"] = make.undelivered("", state=DeliveryState.PENDING)
    variants["tried"] = make.undelivered("ratelimited", state=DeliveryState.PENDING)
    found = {
        f"notices.delivery_failed {name}": calling(notices.delivery_failed, of, READER) for name, of in variants.items()
    }
    for count in (0, 1, 40):
        found[f"notices.undelivered {count}"] = calling(notices.undelivered, [*variants.values()][:count], READER)
    return found


def _reawakened() -> dict[str, Build]:
    nobody = make.bare_facts()
    back = make.lead_facts(handoff=make.returned_handoff())
    variants = {
        "ordinary": make.reawakened(),
        "of somebody else": make.reawakened(is_theirs=False),
        "returned": make.reawakened(facts=back, is_theirs=False, score_before=None),
        "bare": make.reawakened(facts=nobody, previous=None, is_theirs=False),
    }
    for name, text in vars(TEXTS).items():
        variants[name] = make.reawakened(
            make.stuffed(text, stage=Stage.SQL),
            touchpoint=make.touchpoint(note=text[:2000]),
            previous=make.touchpoint(note=text[:2000]),
        )
    found = {f"reawakening.back {name}": calling(reawakening.back, news, READER) for name, news in variants.items()}
    found |= {f"reawakening.undone {key}": calling(reawakening.undone, who, READER)
              for key, who in leads_of(TEXTS.hostile).items()}  # fmt: skip
    asleep = make.lead(stage=Stage.SQL, owner_id=1, dormant_since=NOW)
    for who in (make.aoki(), make.mori(), make.plain_member()):
        facts = make.lead_facts(asleep, owner=make.aoki())
        found[f"lead_card.card asleep {who.name}"] = calling(lead_card.card, facts, who.as_actor(), READER, NOW)
    return found


def _lists() -> dict[str, Build]:
    found: dict[str, Build] = {}
    for name in ListName:
        found[f"lists.page {name}"] = calling(lists.page, name, make.found(2), READER, NOW)
        found[f"lists.page empty {name}"] = calling(lists.page, name, make.found(0), READER, NOW)
    return found


def refusals() -> dict[str, LeadError]:
    """Make one error of every class, and of every problem and right."""
    who, someone = make.lead(stage=Stage.SQL), make.aoki()
    waiting = [(make.handoff(id=32), make.lead(number=18, name="藤井 彩"))]
    found: dict[str, LeadError] = {
        "not found": refused.LeadNotFoundError("L-120"),
        "forgotten": refused.ForgottenError(make.erasure()),
        "several": refused.SeveralLeadsError("中村", [who, make.lead(number=13)], 2),
        "closed": refused.LeadClosedError(make.won()),
        "move": refused.StageMoveError(who, Stage.MQL),
        "other move": refused.StageMoveError(make.lead(), Stage.SQL),
        "not yours": refused.NotYoursError(who, someone),
        "nobody's": refused.NotYoursError(who, None),
        "no team": refused.NoTeamError(),
        "offered": refused.AlreadyOfferedError(who, make.handoff()),
        "not offered": refused.NotOfferedError(who),
        "claimed": refused.AlreadyClaimedError(who, someone, NOW, by_actor=False, waiting=waiting, count=1),
        "claimed, none left": refused.AlreadyClaimedError(who, someone, NOW, by_actor=False, waiting=[], count=0),
        "claimed by you": refused.AlreadyClaimedError(who, someone, NOW, by_actor=True, waiting=[], count=0),
        "too late": refused.ReleaseTooLateError(who, 15),
        "nothing": refused.NothingToUndoError(30),
        "hangs": refused.UndoHangsError(who),
        "stale": refused.StaleEditError(who, "budget", "300万円"),
        "draft": refused.DraftGoneError(),
        "repeated": refused.RepeatedRequestError(),
        "busy": refused.BusyError(),
        "merge": refused.MergeError(refused.MergeProblem.WON, who),
        "pair": refused.SuggestionGoneError(),
        "any": LeadError("unheard of"),
    }
    found |= {f"needs {right}": refused.NotAllowedError(right, make.mori()) for right in Right}
    found |= {f"input {problem}": refused.InputError(problem, "name", "x", limit=100) for problem in Problem}
    return found | import_refusals()


def forms() -> dict[str, Build]:
    """Build every form."""
    found: dict[str, Build] = {
        "lead_form.add": lambda r: lead_form.add(None, r, "{}"),
        "lead_form.add source": lambda r: lead_form.add(None, r, "{}", default_source=Source.TRADE_SHOW),
        "consent_form.consent nothing known": lambda r: consent_form.consent(make.nobody(), None, NOW.date(), r, "{}"),
        "erasure.lift": lambda r: erasure.lift(make.erasure(), r, "{}"),
        "lead_form.find": lambda r: lead_form.find(r, "{}"),
        "touchpoint_form.log any": lambda r: touchpoint_form.log(None, r, "{}", NOW),
        "setup_form.setup": lambda r: setup_form.setup(make.setup(), r, "{}"),
        "setup_form.setup new": lambda r: setup_form.setup(make.setup(is_new=True), r, "{}"),
        "handoff_form.offer bare": lambda r: handoff_form.offer(make.bare_facts(), r, "{}"),
        "handoff_form.give_back": lambda r: handoff_form.give_back(make.lead(), None, r, "{}"),
        "followup_form.plan": lambda r: followup_form.plan(make.lead(follow_up_at=NOW), r, "{}", date(2026, 11, 24)),
    }
    found |= _scoring_forms()
    for kind in TouchpointKind:
        found[f"touchpoint_form.log {kind}"] = calling(touchpoint_form.log, make.lead(), READER, "{}", NOW, kind=kind)
    for name, text in vars(TEXTS).items():
        fit, effects = make.fit_report(text), RulePreview(DEFAULT_RULES, {Effect.TURNS_HOT: Moved(3)}, 9, 9)
        found[f"column_form.choose {name}"] = calling(column_form.choose, fit, {"source": False}, READER, "{}")
        found[f"proposal_form.propose {name}"] = calling(proposal_form.propose, fit.table, effects, READER, "{}")
        for kind_of, who in leads_of(text).items():
            found |= {f"{key} {name} {kind_of}": build for key, build in _forms_of(who, text).items()}
    return found


def _scoring_forms() -> dict[str, Build]:
    found: dict[str, Build] = {
        "scoring_form.overview": lambda r: scoring_form.overview(DEFAULT_RULES, 0, r, "{}"),
        "scoring_changes.versions none": lambda r: scoring_changes.versions([], r, "{}", NOW),
        "scoring_changes.preview nothing": lambda r: scoring_changes.preview(
            RulePreview(DEFAULT_RULES, {}, 3, 3), DEFAULT_RULES, r, "{}"
        ),
        "score_forms.why bare": lambda r: score_forms.why(make.bare_facts(), r, "{}", NOW, may_correct=False),
        "scoring_notice.progress": lambda r: scoring_notice.progress(make.rules_changed(finished_at=None, done=7), r),
        "scoring_notice.progress replaced": lambda r: scoring_notice.progress(make.rules_changed(is_replaced=True), r),
        "scoring_notice.progress still": lambda r: scoring_notice.progress(replace(make.rules_changed(), moved={}), r),
        "replies.rules_saved": lambda r: replies.rules_saved(make.scoring_version(), r),
    }
    for name, text in vars(TEXTS).items():
        rules, facts = make.rules(text or "x"), make.lead_facts(make.stuffed(text), score=make.full_score(text))
        found |= {
            f"scoring_form.overview {name}": calling(scoring_form.overview, rules, 3, READER, "{}"),
            f"scoring_changes.preview {name}": calling(
                scoring_changes.preview, RulePreview(rules, make.moved(text), 3000, 9000), DEFAULT_RULES, READER, "{}"
            ),
            f"scoring_changes.versions {name}": calling(
                scoring_changes.versions,
                [make.rule_version(text, number=n) for n in range(20, 0, -1)],
                READER,
                "{}",
                NOW,
            ),
            f"score_forms.why {name}": calling(score_forms.why, facts, READER, "{}", NOW, may_correct=True),
            f"score_forms.correction {name}": calling(score_forms.correction, facts.lead, READER, "{}"),
            f"scoring_notice.ripened {name}": calling(_ripened, make.rules_changed(text), READER),
            f"scoring_notice.progress {name}": calling(scoring_notice.progress, make.rules_changed(text), READER),
            f"replies.score_corrected {name}": calling(replies.score_corrected, facts, READER),
            f"lead_card.card scored {name}": calling(lead_card.card, facts, make.mori().as_actor(), READER, NOW),
        }
        for part in RulePart:
            found[f"scoring_form.part_form {part} {name}"] = calling(scoring_form.part_form, part, rules, READER, "{}")
    return found


def _ripened(facts: RulesChanged, reader: Reader) -> Message:
    message = scoring_notice.ripened(facts, reader)
    assert message is not None
    return message


def _forms_of(who: Lead, text: str) -> dict[str, Build]:
    someone = make.member(text[:80] or "?", is_marketing=True)
    said = SlackMessage(text, "U1", text, NOW, "https://x.slack.com/archives/C1/p1")
    dups = make.duplicates(make.match(who, owner=someone))
    three = make.duplicates(*(make.match(who.model_copy(update={"number": number})) for number in (7, 8, 9)), count=9)
    return {
        "lead_form.add": lambda r: lead_form.add(make.entry(text), r, "x" * 3000),
        "lead_form.edit_seven": lambda r: lead_form.edit_seven(who, r, "{}"),
        "lead_form.edit_contact": lambda r: lead_form.edit_contact(who, r, "{}"),
        "lead_form.add message": lambda r: lead_form.add(
            replace(make.entry(text), note=note_of(said, someone, r, MAX_LENGTHS["note"])), r, "{}"
        ),
        "touchpoint_form.log message": lambda r: touchpoint_form.log(
            None, r, "{}", NOW, note=note_of(said, None, r, NOTE_MAX), likely=who
        ),
        "touchpoint_form.log": lambda r: touchpoint_form.log(
            who, r, "{}", NOW, note=text, at=NOW, direction=Direction.INBOUND
        ),
        "handoff_form.offer": lambda r: handoff_form.offer(make.lead_facts(who), r, "{}"),
        "handoff_form.give_back": lambda r: handoff_form.give_back(who, someone, r, "{}"),
        "followup_form.plan": lambda r: followup_form.plan(who, r, "{}", date(2026, 11, 24)),
        "close_form.close won": lambda r: close_form.close(who, Outcome.WON, r, "{}"),
        "close_form.close lost": lambda r: close_form.close(who, Outcome.LOST, r, "{}"),
        "assign_form.assign": lambda r: assign_form.assign(who, r, "{}"),
        "consent_form.consent": lambda r: consent_form.consent(who, make.consent(text), NOW.date(), r, "{}"),
        "erasure.confirm": lambda r: erasure.confirm(who, r, "{}"),
        "duplicates.question_form": lambda r: duplicates.question_form(dups, make.entry(text), r, "{}"),
        "duplicates.question_form three": lambda r: duplicates.question_form(three, make.entry(text), r, "{}"),
    }


def homes() -> dict[str, Build]:
    """Build the Home tab."""
    found: dict[str, Build] = {}
    people = {"sales": make.aoki(), "marketing": make.tanaka(), "manager": make.mori(), "member": make.plain_member()}
    for role, who in people.items():
        actor = who.as_actor()
        found[f"home.home {role}"] = calling(home.home, make.digest(who), make.found(5, 12), actor, READER, NOW)
        found[f"home.home empty {role}"] = calling(home.home, make.empty_digest(who), make.found(0), actor, READER, NOW)
        for name, text in vars(TEXTS).items():
            found[f"home.home {role} {name}"] = calling(
                home.home, make.full_digest(text, who), make.found(10, 99, text), actor, READER, NOW
            )
    return found


def every_surface() -> Iterator[tuple[str, Build]]:
    """List every surface with a name that tells it apart."""
    for part in (
        channel_surfaces(), private_messages(), import_messages(), export_messages(), forms(), import_forms(), homes(), match_messages(),
        match_forms(),
    ):  # fmt: skip
        yield from part.items()
