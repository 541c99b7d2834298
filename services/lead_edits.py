"""Changes that people make to a lead's fields: who they are, the seven, the next step, how it ended."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models.errors import InputError, LeadClosedError, Problem, StageMoveError, StaleEditError
from models.facts import ConsentEntry
from models.handoff import Handoff
from models.lead import (
    MAX_LENGTHS,
    THE_SEVEN,
    Consent,
    DecisionRole,
    Lead,
    LeadKind,
    Mark,
    Outcome,
    Progress,
    Source,
    Stage,
)
from models.member import Actor, Right
from models.records import Change, ChangeKind
from models.workspace import Workspace
from services import handoffs, members, reawakening, scoring
from services.identity import fold, read_email, read_phone
from services.lead_stages import advance_stage, plan_dormancy
from services.leads import keys_of, lock_lead, lock_open_lead, require_free_external_id, require_owner
from services.records import record_change, snapshot
from services.search import index_lead
from services.suppression import refuse_forgotten
from services.touchpoints import follow_score
from services.withdrawals import note_consent
from services.workspaces import get_workspace

_TELLING = frozenset({"email", "phone", "external_id"})
FOLLOW_UP_FIELDS = ("follow_up_on", "follow_up_at", "follow_up_due_at", "follow_up_note", "dormant_at", "dormant_since")
CLOSING_FIELDS = ("stage", "stage_at", "outcome", "closed_note", "dormant_at", "dormant_since", "follow_up_due_at",
                  "hot_alert_due_at", "cools_at", "hot_since")  # fmt: skip


def edit_lead(
    session: Session, actor: Actor, lead_id: int, values: Mapping[str, str | None], now: datetime
) -> tuple[Lead, list[str]]:
    """Set typed fields of a lead and return it with the names of those that changed.

    `values` maps a field's name to what was typed (None or "" empties it).

    Raises:
        NotAllowedError: the actor may not edit.
        LeadClosedError: the lead is CLOSED.
        InputError: a value is too long or cannot be what its field needs; or they had opted out of e-mail.
        ForgottenError: this would store somebody again who asked to be forgotten.
    """
    members.require(session, actor, Right.EDIT)
    workspace = get_workspace(session, actor.workspace_id)
    lead = lock_lead(session, actor.workspace_id, lead_id)
    wanted = _changes_to(lead, values, workspace)
    fields = list(wanted)
    consent = wanted.pop("consent", None)
    # "No more e-mail" is heard at any time.
    if lead.stage is Stage.CLOSED and wanted:
        raise LeadClosedError(lead)
    if consent is not None:
        # First, so that `/lead undo` takes the other fields back and not this.
        _answer_consent(session, lead, consent, actor, now)
    if wanted:
        _set_fields(session, lead, wanted, workspace, actor, now)
    return lead, fields


def _answer_consent(session: Session, lead: Lead, answer: Consent, actor: Actor, now: datetime) -> None:
    """Note the choice of a form's menu, which is no evidence that somebody who opted out has agreed again."""
    if lead.consent is Consent.NO:
        raise InputError(Problem.CONSENT_WITHDRAWN, "consent")
    note_consent(session, lead, ConsentEntry(answer), actor.member_id, now)


def _set_fields(
    session: Session, lead: Lead, wanted: Mapping[str, Any], workspace: Workspace, actor: Actor, now: datetime
) -> None:
    if "external_id" in wanted:
        require_free_external_id(session, lead.workspace_id, wanted["external_id"])
    before = snapshot(lead, wanted)
    score_before = scoring.score_value(lead, scoring.rules_for(lead, workspace), now)
    for name, value in wanted.items():
        setattr(lead, name, value)
    if not (fold(lead.name) or lead.email or lead.phone or lead.external_id):
        raise InputError(Problem.NOBODY, "name")
    lead.updated_at, lead.rev = now, lead.rev + 1
    handoff = follow_facts(session, lead, workspace, score_before, now)
    if not _TELLING.isdisjoint(wanted):
        refuse_forgotten(session, lead.workspace_id, lead)
    session.add(lead)
    record_change(session, lead, ChangeKind.EDITED, actor.member_id, now,
                  before={"rev": lead.rev, **before, **({"handoff": handoff.id} if handoff else {})})  # fmt: skip


def follow_facts(
    session: Session, lead: Lead, workspace: Workspace, score_before: float, now: datetime
) -> Handoff | None:
    """Let everything follow what has been changed of who the lead is: keys, fit, due times, and the offer once it is ripe."""
    derive_fields(session, lead, workspace, now)
    plan_dormancy(lead, workspace, now)
    return follow_score(session, lead, workspace, score_before, now)


def derive_fields(session: Session, lead: Lead, workspace: Workspace, now: datetime) -> None:
    """Compute anew what follows from the typed fields; a person who now reads otherwise is to be matched again."""
    keys = keys_of(lead.name, lead.company, lead.email, lead.phone, workspace.country)
    if any(getattr(lead, name) != value for name, value in keys.items()):
        lead.match_due_at = now
    index_lead(session, lead.workspace_id, lead.id, new=keys["search_text"], old=lead.search_text)
    for name, value in keys.items():
        setattr(lead, name, value)
    lead.fit_points = scoring.fit_points(lead, lead.role, scoring.rules_for(lead, workspace))


def _changes_to(lead: Lead, values: Mapping[str, str | None], workspace: Workspace) -> dict[str, Any]:
    """Read what was typed and return what differs from the lead."""
    wanted = {name: _read_field(name, value, workspace.country) for name, value in values.items()}
    return {name: value for name, value in wanted.items() if getattr(lead, name) != value}


def find_stale_edit(session: Session, lead: Lead, rev: int, values: Mapping[str, str | None]) -> StaleEditError | None:
    """Return what is to be said when somebody saved one of the same fields since revision `rev`; others may be saved."""
    if rev == lead.rev:
        return None
    fields = _changes_to(lead, values, get_workspace(session, lead.workspace_id))
    query = select(Change).where(
        col(Change.workspace_id) == lead.workspace_id,
        col(Change.lead_id) == lead.id,
        col(Change.kind).in_([ChangeKind.EDITED, ChangeKind.CONSENT]),
    )
    for change in session.scalars(query.order_by(col(Change.id).desc())):
        if change.before.get("rev", 0) <= rev:
            return None
        touched = next((name for name in change.before if name in fields), None)
        if touched:
            return StaleEditError(lead, touched, str(getattr(lead, touched) or ""))
    return None


_EMPTY: dict[str, Any] = dict.fromkeys((*THE_SEVEN, "external_id", "mark")) | {
    "kind": LeadKind.PROSPECT,
    "source": Source.OTHER,
    "consent": Consent.UNKNOWN,
}
_CODED: dict[str, Any] = {
    "role": DecisionRole,
    "progress": Progress,
    "source": Source,
    "consent": Consent,
    "kind": LeadKind,
    "mark": Mark,
}


def _read_field(name: str, value: str | None, country: str) -> Any:
    """Turn what was typed into what the field holds.

    Raises:
        InputError: it cannot be.
    """
    typed = (value or "").strip()
    limit = MAX_LENGTHS.get(name)
    if limit and len(typed) > limit:
        raise InputError(Problem.TOO_LONG, name, typed, limit=limit)
    if not typed:
        return _EMPTY.get(name, "")
    if name in _CODED:
        try:
            return _CODED[name](typed)
        except ValueError:
            raise InputError(Problem.UNKNOWN_CHOICE, name, typed) from None
    if name == "email":
        return read_email(typed)
    if name == "phone":
        return read_phone(typed, country)
    return typed


def close_lead(session: Session, actor: Actor, reference: str, outcome: Outcome, note: str, now: datetime) -> Lead:
    """Close a lead as won or lost. An offer that still stands is withdrawn with it.

    Raises:
        NotAllowedError: the actor may not close leads.
        NotYoursError: somebody else owns it, and the actor is no manager; or won without an owner.
        StageMoveError: only an SQL can be won.
    """
    members.require(session, actor, Right.CLOSE)
    if len(note) > MAX_LENGTHS["closed_note"]:
        raise InputError(Problem.TOO_LONG, "closed_note", note, limit=MAX_LENGTHS["closed_note"])
    lead = lock_open_lead(session, actor.workspace_id, reference)
    require_owner(session, actor, lead)
    if outcome is Outcome.WON and lead.stage is not Stage.SQL:
        raise StageMoveError(lead, Stage.CLOSED)
    ended = handoffs.close_offer(session, lead, actor, now)
    before = {**snapshot(lead, CLOSING_FIELDS), "withdrew": ended.id if ended else None}
    if lead.dormant_since is not None:
        reawakening.refresh_notice(session, lead, lead.dormant_since)
    advance_stage(lead, Stage.CLOSED, get_workspace(session, lead.workspace_id), now)
    lead.outcome, lead.closed_note = outcome, note
    lead.follow_up_due_at = lead.hot_alert_due_at = lead.cools_at = lead.hot_since = None
    session.add(lead)
    record_change(session, lead, ChangeKind.CLOSED, actor.member_id, now, before=before)
    return lead


def plan_follow_up(
    session: Session, actor: Actor, reference: str, on: date, at: datetime | None, note: str, now: datetime
) -> Lead:
    """Set the lead's next step: a day, or an instant of it. It is due from the morning of the day, in the actor's zone.

    A dormant lead is awake by it: it is not forgotten, and its period counts from that day.

    Raises:
        NotAllowedError: the actor may not plan.
        InputError: the day is over, or the note is too long.
    """
    members.require(session, actor, Right.FOLLOW)
    if len(note) > MAX_LENGTHS["follow_up_note"]:
        raise InputError(Problem.TOO_LONG, "note", note, limit=MAX_LENGTHS["follow_up_note"])
    if on < now.astimezone(actor.zone).date():
        raise InputError(Problem.PAST_DATE, "on", on.isoformat())
    lead = lock_open_lead(session, actor.workspace_id, reference)
    before = snapshot(lead, FOLLOW_UP_FIELDS)
    lead.follow_up_on, lead.follow_up_at, lead.follow_up_note = on, at, note
    lead.follow_up_due_at = at or datetime.combine(on, datetime.min.time(), actor.zone)
    asleep_since = lead.dormant_since
    plan_dormancy(lead, get_workspace(session, lead.workspace_id), now)
    if asleep_since is not None:
        reawakening.refresh_notice(session, lead, asleep_since)
    lead.updated_at, lead.rev = now, lead.rev + 1
    session.add(lead)
    record_change(session, lead, ChangeKind.FOLLOW_UP, actor.member_id, now, before=before)
    return lead
