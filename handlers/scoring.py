"""The scoring rules: shown, changed part by part with a look at the leads first, and gone back to; scores corrected."""

from typing import Any

from sqlmodel import Session

from handlers.fields import text_of
from handlers.request import Desk, Reply, Request
from models.errors import InputError, Problem
from models.member import Right
from models.scoring import RulePart, ScoringRules
from services import lead_facts, leads, scoring, scoring_rules
from services.corrections import correct_score
from services.lead_edits import edit_lead
from services.scoring_parts import change_part
from services.workspaces import get_workspace
from views import replies, score_forms, scoring_changes, scoring_form
from views.blocks import METADATA_MAX


def open_scoring(desk: Desk, request: Request) -> Reply:
    """`/lead setup scoring`: the rules in force, part by part."""
    with desk.database.read() as session:
        workspace = get_workspace(session, desk.workspace_id)
        rules, number = scoring.rules_of(workspace), scoring.version_of(workspace)
    return Reply(form=scoring_form.overview(rules, number, request.reader, request.note()))


def open_part(desk: Desk, request: Request) -> Reply:
    """Click: one part of the rules, to be changed."""
    part = _part_of(request.value)
    with desk.database.read() as session:
        rules = scoring.rules_of(get_workspace(session, desk.workspace_id))
    note = request.note(part=part.value)
    return Reply(form=scoring_form.part_form(part, rules, request.reader, note))


def preview_part(desk: Desk, request: Request) -> Reply:
    """The part submitted: say what it would do, on top of it."""
    part = _part_of(request.metadata.get("part"))
    typed = {name: text_of(request, name) for name in request.values}
    with desk.database.read() as session:
        before = scoring.rules_of(get_workspace(session, desk.workspace_id))
        wanted = change_part(before, part, typed)
        return _preview(desk, session, request, before, wanted, part=part.value, typed=typed)


def preview_restore(desk: Desk, request: Request) -> Reply:
    """Click on an earlier version: say what going back would do."""
    number = _number_of(request.value)
    with desk.database.read() as session:
        before = scoring.rules_of(get_workspace(session, desk.workspace_id))
        wanted = scoring_rules.rules_of_version(session, desk.workspace_id, number)
        shown = _preview(desk, session, request, before, wanted, restore=number)
    return Reply(form=shown.next_form)


def _preview(
    desk: Desk, session: Session, request: Request, before: ScoringRules, wanted: ScoringRules, **facts: object
) -> Reply:
    note = request.note(**facts)
    if len(note) > METADATA_MAX:
        raise InputError(Problem.TOO_LONG, "fields", limit=METADATA_MAX // 2)
    found = scoring_rules.preview(session, get_workspace(session, desk.workspace_id), wanted, request.now)
    return Reply(next_form=scoring_changes.preview(found, before, request.reader, note))


def save_rules(desk: Desk, request: Request) -> Reply:
    """The preview submitted: what was typed before it is read again, and put in force."""
    restore, typed = request.metadata.get("restore"), request.metadata.get("typed")
    with desk.transaction(request) as session:
        if isinstance(restore, int):
            version = scoring_rules.restore_version(session, request.actor, restore, request.now)
        else:
            part = _part_of(request.metadata.get("part"))
            before = scoring.rules_of(get_workspace(session, desk.workspace_id))
            wanted = change_part(before, part, _texts(typed))
            version = scoring_rules.save_rules(session, request.actor, wanted, text_of(request, "note"), request.now)
    desk.scores_changed()
    return Reply(replies.rules_saved(version, request.reader))


def open_versions(desk: Desk, request: Request) -> Reply:
    """Click: the versions of the rules, each to be gone back to."""
    with desk.database.read() as session:
        found = scoring_rules.version_facts(session, desk.workspace_id)
    return Reply(form=scoring_changes.versions(found, request.reader, request.note(), request.now))


def why(desk: Desk, request: Request) -> Reply:
    """Click: everything that a score is made of."""
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, request.value)
        facts = lead_facts.facts_of(session, lead, request.actor, request.now)
    may_correct = request.actor.may(Right.EDIT) and facts.lead.outcome is None
    form = score_forms.why(facts, request.reader, request.note(), request.now, may_correct=may_correct)
    return Reply(form=form)


def open_correction(desk: Desk, request: Request) -> Reply:
    """Click: give or take points by hand."""
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, request.value)
    return Reply(form=score_forms.correction(lead, request.reader, request.note(lead=lead.label)))


def correct(desk: Desk, request: Request) -> Reply:
    """The correction submitted."""
    reference, mark = str(request.metadata.get("lead") or ""), text_of(request, "mark")
    points, reason = text_of(request, "points"), text_of(request, "reason")
    with desk.transaction(request) as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
        lead, fields = edit_lead(session, request.actor, lead.id, {"mark": "" if mark == "none" else mark}, request.now)
        if points or not fields:
            correct_score(session, request.actor, lead.label, points, reason, request.now)
        facts = lead_facts.facts_of(session, lead, request.actor, request.now)
    return Reply(replies.score_corrected(facts, request.reader))


def _part_of(value: object) -> RulePart:
    if value not in set(RulePart):
        raise InputError(Problem.UNKNOWN_CHOICE, "part", str(value)[:40])
    return RulePart(str(value))


def _number_of(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 9):
        raise InputError(Problem.UNKNOWN_CHOICE, "version", value[:40])
    return int(value)


def _texts(typed: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in typed.items()} if isinstance(typed, dict) else {}
