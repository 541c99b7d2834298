"""Deliveries → messages: each kind of message is rendered from its row as the row is now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from models.delivery import Delivery, DeliveryKind
from models.errors import AlreadyClaimedError, LeadNotFoundError, NotAllowedError, NotOfferedError
from models.export import Export
from models.facts import HandoffFacts, ImportFacts
from models.handoff import HandoffState
from models.import_run import ImportRun
from models.lead import Lead, Stage
from models.member import Member, Right, Standing
from models.workspace import Workspace
from services import (
    digests,
    erasures,
    handoff_facts,
    handoffs,
    heat,
    import_runs,
    lead_facts,
    leads,
    members,
    reawakening,
    reports,
    scoring_rules,
    undelivered,
    workspaces,
)
from services.direct_messages import HINT
from views import (
    claim_answers,
    errors,
    export_note,
    handoff_card,
    handoff_notes,
    import_note,
    notices,
    replies,
    scoring_notice,
    scoring_report,
)
from views import digest as digest_view
from views import erasure as erasure_view
from views import reawakening as reawakening_view
from views.blocks import Message, Upload
from views.words import Reader


@dataclass(frozen=True)
class Rendering:
    """What rendering needs besides the row. `link` is the card's address, where a note needs it and Slack tells it."""

    session: Session
    delivery: Delivery
    workspace: Workspace
    command: str
    now: datetime
    link: str | None
    mentioned: set[int] = field(default_factory=set)
    """The leads that a message about several of them names."""

    def mention(self, named: Iterable[Lead]) -> None:
        self.mentioned.update(lead.id for lead in named)

    @property
    def is_posted(self) -> bool:
        return self.delivery.slack_ts is not None

    def handoff(self) -> HandoffFacts:
        handoff = handoffs.get_handoff(self.session, self.workspace.id, self.delivery.subject_id)
        return handoff_facts.handoff_facts(self.session, handoff, self.now)

    def person(self, slack_id: str) -> Member | None:
        return members.find_member(self.session, self.workspace.id, slack_id)

    def reader(self) -> Reader:
        """Return who reads: a person in their own language, a channel in its team's or the workspace's."""
        to = self.delivery.only_to_slack_id or self.delivery.channel_slack_id
        person = self.person(to)
        if person is not None:
            return Reader(person.locale, person.timezone, self.command)
        team = workspaces.team_of_channel(self.session, self.workspace.id, to)
        return Reader(team.locale if team else self.workspace.locale, self.workspace.timezone, self.command)


def render(rendering: Rendering) -> Message | Upload | None:
    """Return the message or file that the delivery should show now; None when there is nothing left to say."""
    if rendering.delivery.erasure_id is not None and not _goes_on(rendering):
        return notices.erased(rendering.reader()) if rendering.is_posted else None
    try:
        return _RENDERERS[rendering.delivery.kind](rendering)
    except LeadNotFoundError:
        # Its adding was undone, or it was forgotten.
        return None


def _goes_on(r: Rendering) -> bool:
    """Tell whether it goes on without the person who was forgotten: a list of a day that is not over, or of leads as they are."""
    if r.delivery.kind in {DeliveryKind.SCORES_CHANGED, DeliveryKind.REPORT, DeliveryKind.DELIVERY_FAILED}:
        return True
    if r.delivery.kind not in {DeliveryKind.DIGEST, DeliveryKind.DORMANT_NOTICE}:
        return False
    return r.delivery.about.startswith(r.reader().today(r.now).isoformat())


def _handoff_card(r: Rendering) -> Message | None:
    facts = r.handoff()
    if not r.is_posted and facts.handoff.state is HandoffState.WITHDRAWN:
        return None
    return handoff_card.card(facts, r.reader())


def _reminder(r: Rendering) -> Message | None:
    facts = r.handoff()
    if not r.is_posted and facts.handoff.state is not HandoffState.OFFERED:
        return None
    return handoff_notes.reminder(facts, r.reader())


def _escalation(r: Rendering) -> Message | None:
    facts = r.handoff()
    if facts.handoff.state is not HandoffState.OFFERED:
        return None
    return handoff_notes.escalation(facts, r.reader(), r.now)


def _return_note(r: Rendering) -> Message | None:
    facts = r.handoff()
    if facts.handoff.state is not HandoffState.RETURNED:
        return handoff_notes.return_undone(facts, r.reader()) if r.is_posted else None
    return handoff_notes.return_note(facts, r.reader(), r.link)


def _claim_answer(r: Rendering) -> Message | None:
    facts, person = r.handoff(), r.person(r.delivery.only_to_slack_id or "")
    if person is None:
        return None
    if facts.owner is not None and facts.owner.id == person.id:
        return claim_answers.claim_won(handoff_facts.claimed_facts(r.session, facts.handoff, r.now), r.reader(), r.now)
    if not person.as_actor().may(Right.CLAIM):
        helper = members.somebody_who_can(r.session, r.workspace.id, Right.CLAIM)
        return errors.message(NotAllowedError(Right.CLAIM, helper), r.reader())
    if facts.owner is None or facts.handoff.claimed_at is None:
        return errors.message(NotOfferedError(facts.lead), r.reader())
    waiting, count = handoffs.waiting_handoffs(r.session, r.workspace.id, limit=1)
    lost = AlreadyClaimedError(
        facts.lead, facts.owner, facts.handoff.claimed_at, by_actor=False, waiting=waiting, count=count
    )
    return claim_answers.claim_lost(lost, r.reader())


def _assigned_note(r: Rendering) -> Message | None:
    facts, person = r.handoff(), r.person(r.delivery.channel_slack_id)
    if person is None or facts.owner is None or facts.owner.id != person.id:
        return None
    return claim_answers.assigned(handoff_facts.claimed_facts(r.session, facts.handoff, r.now), None, r.reader(), r.now)


def _hot_alert(r: Rendering) -> Message | None:
    lead = leads.get_lead(r.session, r.workspace.id, r.delivery.subject_id)
    facts = lead_facts.facts_of(r.session, lead, None, r.now)
    is_offered = facts.handoff is not None and facts.handoff.state is HandoffState.OFFERED
    if lead.stage is Stage.CLOSED or is_offered:
        return None
    return notices.hot(facts, None, r.reader())


def _dormant_notice(r: Rendering) -> Message | None:
    member = r.session.get_one(Member, (r.workspace.id, r.delivery.subject_id))
    notice = heat.dormant_notice(r.session, member, r.delivery.about, r.now)
    r.mention(row.lead for row in notice.rows)
    if notice.count:
        return notices.dormant(notice, r.reader(), r.now)
    return notices.none_dormant(r.reader()) if r.is_posted else None


def _reawakened(r: Rendering) -> Message | None:
    to = r.delivery.channel_slack_id
    news = reawakening.reawakened(r.session, r.workspace.id, r.delivery.subject_id, int(r.delivery.about), to, r.now)
    if news is not None:
        return reawakening_view.back(news, r.reader(), is_for_channel=r.person(to) is None)
    lead = leads.get_lead(r.session, r.workspace.id, r.delivery.subject_id)
    return reawakening_view.undone(lead, r.reader()) if r.is_posted and lead.stage is not Stage.CLOSED else None


def _digest(r: Rendering) -> Message | None:
    member = r.session.get_one(Member, (r.workspace.id, r.delivery.subject_id))
    day, _, late = r.delivery.about.partition(":")
    digest = digests.digest_of(r.session, member, date.fromisoformat(day), r.now, is_late=bool(late))
    for group in digest.groups.values():
        r.mention(row.lead for row in group.rows)
    r.mention(told.lead for told in digest.failed if told.lead)
    return _nothing_left(r) if digest.is_empty else digest_view.digest(digest, r.reader(), r.now)


def _nothing_left(r: Rendering) -> Message | None:
    """Empty what was posted if the last whom it named was forgotten; other lists that have run out stay as they are."""
    return notices.erased(r.reader()) if r.is_posted and r.delivery.erasure_id is not None else None


def _erasure_note(r: Rendering) -> Message | None:
    erasure = erasures.get_erasure(r.session, r.workspace.id, r.delivery.subject_id)
    return erasure_view.progress(erasure, erasures.waiting_edits(r.session, erasure), r.reader())


def _report(r: Rendering) -> Message | None:
    report = reports.get_report(r.session, r.workspace.id, r.delivery.subject_id)
    facts = reports.scoring_report(r.session, report)
    r.mention(lead for lead, _ in facts.likeliest)
    asker = reports.asker_of(r.session, report)
    may_choose = asker is not None and asker.as_actor().may(Right.SETUP)
    return scoring_report.report(facts, r.reader(), r.now, may_choose=may_choose)


def _report_picture(r: Rendering) -> Upload | None:
    report = reports.get_report(r.session, r.workspace.id, r.delivery.subject_id)
    facts = reports.scoring_report(r.session, report)
    if facts.fit is None or not report.picture:
        return None
    return scoring_report.picture(facts.fit, report.picture, r.delivery.id, r.reader())


def _delivery_failed(r: Rendering) -> Message | None:
    failed = r.session.get_one(Delivery, (r.workspace.id, r.delivery.subject_id))
    (told,) = undelivered.with_leads(r.session, r.workspace.id, [failed])
    r.mention(filter(None, [told.lead]))
    return notices.delivery_failed(told, r.reader())


def _scores_changed(r: Rendering) -> Message | None:
    facts = scoring_rules.rules_changed(r.session, r.workspace, r.delivery.subject_id)
    r.mention(moved.lead for group in facts.moved.values() for moved in group.first)
    return scoring_notice.ripened(facts, r.reader()) if r.delivery.about else scoring_notice.progress(facts, r.reader())


def _import_note(r: Rendering) -> Message | None:
    run = r.session.get_one(ImportRun, (r.workspace.id, r.delivery.subject_id))
    return import_note.note(ImportFacts(run, import_runs.earlier_import(r.session, run)), r.reader())


def _export_note(r: Rendering) -> Message | None:
    return export_note.note(r.session.get_one(Export, (r.workspace.id, r.delivery.subject_id)), r.reader())


def _message_answer(r: Rendering) -> Message | None:
    person = r.person(r.delivery.channel_slack_id)
    if r.delivery.about.startswith(HINT):
        return replies.reads_no_messages(r.reader())
    if person is None or person.as_actor().may(Right.IMPORT):
        return None
    if person.standing is not Standing.ACTIVE:
        return errors.not_for(person.standing, r.reader())
    helper = members.somebody_who_can(r.session, r.workspace.id, Right.IMPORT)
    return errors.message(NotAllowedError(Right.IMPORT, helper), r.reader())


_RENDERERS: Mapping[DeliveryKind, Callable[[Rendering], Message | Upload | None]] = {
    DeliveryKind.HANDOFF_CARD: _handoff_card,
    DeliveryKind.HANDOFF_REMINDER: _reminder,
    DeliveryKind.HANDOFF_ESCALATION: _escalation,
    DeliveryKind.RETURN_NOTE: _return_note,
    DeliveryKind.CLAIM_ANSWER: _claim_answer,
    DeliveryKind.ASSIGNED_NOTE: _assigned_note,
    DeliveryKind.HOT_ALERT: _hot_alert,
    DeliveryKind.DORMANT_NOTICE: _dormant_notice,
    DeliveryKind.REAWAKENED: _reawakened,
    DeliveryKind.DIGEST: _digest,
    DeliveryKind.REPORT: _report,
    DeliveryKind.REPORT_PICTURE: _report_picture,
    DeliveryKind.DELIVERY_FAILED: _delivery_failed,
    DeliveryKind.SCORES_CHANGED: _scores_changed,
    DeliveryKind.ERASURE_NOTE: _erasure_note,
    DeliveryKind.IMPORT_NOTE: _import_note,
    DeliveryKind.MESSAGE_ANSWER: _message_answer,
    DeliveryKind.EXPORT_NOTE: _export_note,
}
