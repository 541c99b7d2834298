"""The lead itself: saved (01), taken back (01b), shown in full (04)."""

from datetime import datetime, timedelta

from models.facts import LeadFacts
from models.handoff import HandoffState
from models.lead import ALLOWED_MOVES, Consent, Lead, Stage
from models.member import Actor, Right, Role
from views.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    fields,
    header,
    instant,
    line,
    mrkdwn,
    option,
    overflow,
    part,
    plain_context,
    preformatted,
    quote,
    rich,
    section,
    sentence,
    tidy,
)
from views.chances import chance_line, chance_text
from views.labels import CONSENTS, OUTCOMES, SOURCES, kind_label, stage_label
from views.lead_parts import (
    about,
    colleague,
    email_link,
    grade_part,
    headline,
    known_part,
    labelled,
    masked_contact,
    name_of,
    phone_link,
    score_reasons,
    score_value,
    seven_lines,
    touchpoint_lines,
)
from views.masks import mask_email, mask_phone
from views.words import Reader, whole

__all__ = [
    "CLAIM", "EDIT", "FOLLOW_UP_FORM", "HANDOFF_FORM", "LOG_FORM", "MORE", "SHOW", "UNDO_ADD", "WHY",
    "add_undone", "added", "card", "mask_email", "mask_phone", "seven_lines",
]  # fmt: skip

SHOW = "lead.show"
WHY = "score.why"
EDIT = "lead.edit"
UNDO_ADD = "lead.undo_add"
MORE = "lead.more"
LOG_FORM = "touchpoint.form"
FOLLOW_UP_FORM = "followup.form"
HANDOFF_FORM = "handoff.form"
CLAIM = "handoff.claim"


def added(facts: LeadFacts, reader: Reader) -> Message:
    """Say that a lead is saved: its number first, then who it is and what can be done next (01).

    On the path of `/lead add`, so it stays within some tens of microseconds.
    """
    lead, score, t = facts.lead, facts.score, reader.t
    label, stage = lead.label, lead.stage.value
    name = escape(name_of(lead, reader, masked=False))
    who = escape(about(lead, reader), 250)
    total, fit = score_value(score), whole(score.fit)
    source = _source(lead, reader)
    facts_line = t(
        "Source: {source} · Stage {stage} · Score {score} (fit {fit}, engagement {engagement})",
        source=source, stage=stage, score=total, fit=fit, engagement=total - fit,
    )  # fmt: skip
    contact = t(" · ").join(filter(None, (tidy(lead.email, 254), tidy(lead.phone, 40))))
    saved = t("Saved *{label} · {name}*", label=label, name=name)
    described = t("{name} ({about})", name=name, about=who) if who else name
    text = t(
        "Saved as {label}: {who}. Stage {stage}, score {score}. You can log a touchpoint, edit it or undo.",
        label=label, who=described, stage=stage, score=total,
    )  # fmt: skip
    return Message(
        text,
        [
            section(f"{saved}\n{who}" if who else saved),
            plain_context(f"{contact}\n{facts_line}" if contact else facts_line),
            actions(
                button(LOG_FORM, t("Log touchpoint"), label, primary=True),
                button(EDIT, t("Edit"), label),
                button(UNDO_ADD, t("Undo"), label),
            ),
        ],
    )


def add_undone(label: str, typed: str, reader: Reader) -> Message:
    """Say that an added lead is no longer stored, and hand back the line that was typed (01b)."""
    if not sentence(typed):
        said = reader.t("*{label}* is undone and no longer stored.", label=label)
        return Message(said.replace("*", ""), [section(said)])
    said = reader.t("*{label}* is undone and no longer stored. You typed:", label=label)
    text = reader.t("{what} {typed}", what=said.replace("*", ""), typed=escape(typed, 1000))
    return Message(text, [section(said), preformatted(typed)])


def card(facts: LeadFacts, actor: Actor, reader: Reader, now: datetime) -> Message:
    """Show a lead in full to one person (04), with what they may do and what the lead's stage allows."""
    lead = facts.lead
    blocks: list[Block] = [header(labelled(lead, reader))]
    if who := _who(facts, reader):
        blocks.append(section(who))
    blocks += [_standing(facts, reader, now), context(score_reasons(facts.score, reader))]
    if cooling := _cooling(facts, reader, now):
        blocks.append(context(cooling))
    if facts.chance is not None:
        blocks.append(context(chance_line(facts.chance, reader, now)))
    if facts.touchpoints:
        blocks.append(touchpoint_lines(facts.touchpoints, reader))
    else:
        blocks.append(context(reader.t("No touchpoints yet")))
    if known := known_part(lead, reader):
        blocks.append(rich(*known))
    blocks += _still_open(lead, actor, reader)
    blocks += _notes(lead, reader)
    blocks.append(context(_background(facts, reader)))
    if buttons := _buttons(facts, actor, reader):
        blocks.append(actions(*buttons))
    return Message(_card_text(facts, reader, now), blocks)


def _source(lead: Lead, reader: Reader) -> str:
    source = reader.t(SOURCES[lead.source])
    campaign = tidy(lead.campaign)
    return reader.t("{source} ({campaign})", source=source, campaign=campaign) if campaign else source


def _who(facts: LeadFacts, reader: Reader) -> str:
    lead = facts.lead
    lines = [escape(about(lead, reader), 250), _contact(facts, reader), _opted_out(lead, reader)]
    return "\n".join(filter(None, lines))


def _contact(facts: LeadFacts, reader: Reader) -> str:
    lead = facts.lead
    if not facts.may_see_contact:
        return masked_contact(lead, reader)
    email = email_link(lead.email) if tidy(lead.email) else ""
    phone = phone_link(lead.phone) if tidy(lead.phone) else ""
    return reader.dotted((email, phone))


def _opted_out(lead: Lead, reader: Reader) -> str:
    if lead.consent is not Consent.NO:
        return ""
    if lead.consent_at is None:
        return reader.t("⚠️ No e-mailing: opted out")
    return reader.t("⚠️ No e-mailing: opted out ({day})", day=reader.short_day(reader.today(lead.consent_at)))


def _standing(facts: LeadFacts, reader: Reader, now: datetime) -> Block:
    lead, score = facts.lead, facts.score
    stage = reader.t("*Stage*  {stage}", stage=stage_label(lead, reader))
    if lead.dormant_since is not None and lead.outcome is None:
        stage += reader.t("  ") + reader.t("💤 dormant")
    owner = colleague(facts.owner, reader) if facts.owner else reader.t("nobody yet")
    shown_score = reader.t("*Score*  {score}", score=score_value(score)) + grade_part(score.grade, reader)
    if score.is_hot:
        shown_score += reader.t("  ") + reader.t("🔥 hot")
    block = fields(
        [
            mrkdwn(stage),
            mrkdwn(reader.t("*Owner*  {owner}", owner=owner)),
            mrkdwn(shown_score),
            mrkdwn(_last_field(lead, reader, now)),
        ]
    )
    return {**block, "accessory": button(WHY, reader.t("Why this score"), lead.label)}


def _cooling(facts: LeadFacts, reader: Reader, now: datetime) -> str:
    """Say until when a hot lead stays so if nothing happens; nothing where that is not within the year."""
    cools_at = facts.score.cools_at
    if not facts.score.is_hot or cools_at is None or cools_at - now > timedelta(days=365):
        return ""
    return reader.t("If nothing happens, it is hot until {when}", when=instant(reader, cools_at, now))


def _last_field(lead: Lead, reader: Reader, now: datetime) -> str:
    """Say what comes next; of a closed lead, how and when it ended."""
    if lead.outcome is not None:
        day = reader.short_day(reader.today(lead.stage_at), reader.today(now))
        return reader.t("*Closed*  {outcome}, {day}", outcome=reader.t(OUTCOMES[lead.outcome]), day=day)
    when = _follow_up_when(lead, reader, now, as_token=True)
    if not when:
        return reader.t("*Next*  nothing planned")
    if note := escape(lead.follow_up_note, 150):
        when = reader.t("{when}, {what}", when=when, what=note)
    return reader.t("*Next*  {next}", next=when)


def _follow_up_when(lead: Lead, reader: Reader, now: datetime, *, as_token: bool) -> str:
    if lead.follow_up_at is not None:
        return instant(reader, lead.follow_up_at) if as_token else reader.moment(lead.follow_up_at)
    if lead.follow_up_on is not None:
        return reader.short_day(lead.follow_up_on, reader.today(now))
    return ""


def _still_open(lead: Lead, actor: Actor, reader: Reader) -> list[Block]:
    _, open_labels = seven_lines(lead, reader)
    if not open_labels:
        return []
    said = reader.t("*Still open ({count})*  {labels}", count=len(open_labels), labels=reader.listed(open_labels))
    may_fill = actor.may(Right.EDIT) and lead.outcome is None
    return [section(said, button(EDIT, reader.t("Fill in"), lead.label) if may_fill else None)]


def _notes(lead: Lead, reader: Reader) -> list[Block]:
    notes = ((reader.t("Note"), lead.note), (reader.t("Why it was closed"), lead.closed_note))
    return [
        rich(line(part(title, bold=True)), quote(note))
        for title, note in ((title, sentence(note, 1000)) for title, note in notes)
        if note
    ]


def _background(facts: LeadFacts, reader: Reader) -> str:
    lead, handoff = facts.lead, facts.handoff
    consent = reader.t(CONSENTS[lead.consent])
    if lead.consent_at is not None:
        day = reader.short_day(reader.today(lead.consent_at))
        consent = reader.t("{consent} ({day})", consent=consent, day=day)
    parts = [
        reader.t("E-mail consent: {consent}", consent=consent),
        reader.t("Source: {source}", source=escape(_source(lead, reader), 200)),
    ]
    if facts.marketer is not None:
        parts.append(reader.t("Marketing: {name}", name=colleague(facts.marketer, reader)))
    if handoff is not None and handoff.state is HandoffState.OFFERED:
        parts.append(reader.t("✋ waiting to be claimed, due: {due}", due=instant(reader, handoff.due_at)))
    return reader.dotted(parts)


def _buttons(facts: LeadFacts, actor: Actor, reader: Reader) -> list[Block]:
    """Choose what this person can do now: at most three buttons, the first of them primary, the rest behind ⋮."""
    lead = facts.lead
    if lead.outcome is not None:
        return []
    t, label = reader.t, lead.label
    is_offered = facts.handoff is not None and facts.handoff.state is HandoffState.OFFERED
    buttons: list[Block] = []
    if is_offered and facts.handoff is not None and actor.may(Right.CLAIM):
        buttons.append(button(CLAIM, t("Claim"), str(facts.handoff.id), primary=True))
    buttons.append(button(LOG_FORM, t("Log touchpoint"), label, primary=not buttons))
    may_qualify = not is_offered and lead.stage in {Stage.INQUIRY, Stage.MQL} and actor.may(Right.QUALIFY)
    if may_qualify:
        buttons.append(button(HANDOFF_FORM, t("Hand off to sales"), label))
    elif actor.may(Right.FOLLOW):
        buttons.append(button(FOLLOW_UP_FORM, t("Plan follow-up"), label))
    if more := _more(facts, actor, reader, is_offered=is_offered, may_qualify=may_qualify):
        buttons.append(overflow(MORE, more[:5]))
    return buttons


def _more(facts: LeadFacts, actor: Actor, reader: Reader, *, is_offered: bool, may_qualify: bool) -> list[Block]:
    """List what is rare; each value is the command's verb and the lead."""
    lead, t = facts.lead, reader.t
    is_manager = Role.MANAGER in actor.roles
    is_theirs = lead.owner_id is not None and lead.owner_id == actor.member_id
    may_close = actor.may(Right.CLOSE) and (lead.owner_id is None or is_theirs or is_manager)
    may_return = (
        actor.may(Right.CLAIM)
        and Stage.INQUIRY in ALLOWED_MOVES[lead.stage]
        and (is_offered or (lead.stage is Stage.SQL and (is_theirs or is_manager)))
    )
    offered = (
        ("follow", t("Plan follow-up"), may_qualify and actor.may(Right.FOLLOW)),
        ("assign", t("Change owner") if facts.owner else t("Assign"), actor.may(Right.ASSIGN)),
        ("won", t("Mark as won"), may_close and lead.stage is Stage.SQL),
        ("lost", t("Mark as lost"), may_close),
        ("return", t("Return to marketing"), may_return),
    )
    return [option(f"{verb}:{lead.label}", label) for verb, label, is_possible in offered if is_possible]


def _card_text(facts: LeadFacts, reader: Reader, now: datetime) -> str:
    lead, t = facts.lead, reader.t
    who = escape(headline(lead, reader), 250)
    if title := escape(lead.title):
        who = t("{who} ({title})", who=who, title=title)
    owner = colleague(facts.owner, reader) if facts.owner else t("nobody yet")
    score = str(score_value(facts.score))
    said = [
        t("{label} {who}.", label=lead.label, who=who),
        t("Stage {stage}, owner {owner}, score {score}.", stage=stage_label(lead, reader), owner=owner,
          score=t("{score} (hot)", score=score) if facts.score.is_hot else score),
    ]  # fmt: skip
    if lead.outcome is None and (when := _follow_up_when(lead, reader, now, as_token=False)):
        note = escape(lead.follow_up_note, 200)
        said.append(t("Next: {next}.", next=t("{when}, {what}", when=when, what=note) if note else when))
    if facts.chance is not None:
        said.append(chance_text(facts.chance, reader))
    if facts.touchpoints:
        recent = reader.listed(
            t(
                "{day} {kind}",
                day=reader.short_day(reader.today(touch.at)),
                kind=kind_label(touch.kind, touch.direction, reader),
            )
            for touch in facts.touchpoints
        )
        said.append(t("Recent: {touchpoints}.", touchpoints=recent))
    known, open_labels = seven_lines(lead, reader)
    if open_labels:
        said.append(t("{known} of 7 known; open: {labels}.", known=len(known), labels=reader.listed(open_labels)))
    said.append(t("E-mail consent: {consent}.", consent=t(CONSENTS[lead.consent])))
    return reader.sentences(said)
