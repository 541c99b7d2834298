"""Parts that several cards share: who a lead is, what was said, what is known."""

import re
from collections.abc import Sequence

from models.lead import Lead
from models.member import Member
from models.scoring import EngagementPoints, Score
from models.touchpoint import Touchpoint
from models.workspace import Team
from views.blocks import (
    NAME_MAX,
    Block,
    bullets,
    date_part,
    escape,
    line,
    part,
    rich,
    sentence,
    tidy,
)
from views.labels import BAD_SIGNS, DECISION_ROLES, PROGRESS, THE_SEVEN, fit_label, kind_label
from views.masks import mask_email, mask_phone, mask_typed
from views.words import Reader, capital, signed, whole

CARD_NOTE_MAX = 200
"""Characters of a touchpoint's note on a card; the whole stands in the touchpoint."""

_LINKABLE_EMAIL = re.compile(r"[A-Za-z0-9]+(?:[._+%-][A-Za-z0-9]+)*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")
_DIALLABLE = re.compile(r"[0-9 ().+-]+")


def name_of(lead: Lead, reader: Reader, limit: int = NAME_MAX, *, masked: bool = True) -> str:
    """Say who a lead is, as plain text: by name, else company, else (masked) address, else "not named".

    Typed text in it is tidy but not escaped.
    """
    if name := tidy(lead.name, limit):
        return reader.honor(name)
    if company := tidy(lead.company, limit):
        return company
    if email := tidy(lead.email, limit):
        return mask_email(email) if masked else email
    if phone := tidy(lead.phone, limit):
        return mask_phone(phone) if masked else phone
    return reader.t("(no name)")


def company_of(lead: Lead, limit: int = NAME_MAX) -> str:
    """Return the company to show beside `name_of`, which already shows it where there is no name."""
    return tidy(lead.company, limit) if tidy(lead.name, limit) else ""


def headline(lead: Lead, reader: Reader, limit: int = NAME_MAX) -> str:
    """Say who a lead is and of which company, as plain text; addresses stay masked."""
    name, company = name_of(lead, reader, limit), company_of(lead, limit)
    return reader.t("{name}, {company}", name=name, company=company) if company else name


def about(lead: Lead, reader: Reader) -> str:
    """Say title and company on one line, as plain text; empty where neither is known."""
    title, company = tidy(lead.title), company_of(lead)
    if title and company:
        return reader.t("{title}, {company}", title=title, company=company)
    return title or company


def labelled(lead: Lead, reader: Reader) -> str:
    """Name a lead by number and name, for a heading; plain text."""
    return reader.t("{label} · {name}", label=lead.label, name=name_of(lead, reader))


def in_sentence(lead: Lead, reader: Reader) -> str:
    """Name a lead by number and name inside a sentence; escaped."""
    return reader.t("{label} {name}", label=lead.label, name=escape(name_of(lead, reader)))


def row_title(lead: Lead, reader: Reader, limit: int) -> str:
    """Write the first line of a list's row: name, company and number; mrkdwn, escaped."""
    name = escape(name_of(lead, reader, limit), limit * 2)
    if company := escape(company_of(lead, limit), limit * 2):
        return reader.t("*{name}* · {company} · {label}", name=name, company=company, label=lead.label)
    return reader.t("*{name}* · {label}", name=name, label=lead.label)


def colleague(member: Member | None, reader: Reader) -> str:
    """Name a colleague bare, as in labels; escaped."""
    return escape(member.name, 50) if member and tidy(member.name) else reader.t("someone")


def address(email: str) -> str:
    """Write an e-mail address in a sentence: as it is where it is harmless, else escaped."""
    email = tidy(email, 254)
    return email if _LINKABLE_EMAIL.fullmatch(email) else escape(email, 254)


def email_link(email: str) -> str:
    """Write an address as a mrkdwn link, or escaped as it stands where a link could be abused."""
    email = tidy(email, 254)
    return f"<mailto:{email}|{email}>" if _LINKABLE_EMAIL.fullmatch(email) else escape(email, 254)


def phone_link(phone: str) -> str:
    """Write a number as a mrkdwn link that dials, or escaped as it stands where it is no plain number."""
    phone = tidy(phone, 40)
    if not _DIALLABLE.fullmatch(phone):
        return escape(phone, 40)
    digits = re.sub(r"[^0-9]", "", phone)
    return f"<tel:{'+' if phone.startswith('+') else ''}{digits}|{phone}>" if digits else escape(phone, 40)


def masked_contact(lead: Lead, reader: Reader) -> str:
    """Write e-mail and phone masked, for a channel; escaped, empty where neither is known."""
    email = escape(mask_email(lead.email), 254) if tidy(lead.email) else ""
    phone = escape(mask_phone(lead.phone)) if tidy(lead.phone) else ""
    return reader.dotted((email, phone))


def seven_lines(lead: Lead, reader: Reader) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what is known of the seven as (label, answer), and the labels of what is still open; nothing escaped."""
    known: list[tuple[str, str]] = []
    open_labels: list[str] = []
    for field, msgid in THE_SEVEN.items():
        answer = _answer(lead, field, reader)
        if answer:
            known.append((reader.t(msgid), answer))
        else:
            open_labels.append(reader.t(msgid))
    return known, open_labels


def _answer(lead: Lead, field: str, reader: Reader) -> str:
    if field == "role":
        return reader.t(DECISION_ROLES[lead.role]) if lead.role else ""
    if field == "progress":
        return reader.t(PROGRESS[lead.progress]) if lead.progress else ""
    return sentence(getattr(lead, field) or "", 500)


def known_part(lead: Lead, reader: Reader, *, is_for_channel: bool = False) -> list[Block]:
    """Build the list of what is known, with its count, as elements of rich text; empty where nothing is."""
    known, open_labels = seven_lines(lead, reader)
    if not known:
        return []
    total = len(known) + len(open_labels)
    gap = reader.t("  ")
    lines = [
        line(part(capital(label) + gap, bold=True), part(mask_typed(answer) if is_for_channel else answer))
        for label, answer in known
    ]
    return [
        line(part(reader.t("Known ({known} of {total})", known=len(known), total=total), bold=True)),
        bullets(lines),
    ]


def touchpoint_lines(touchpoints: Sequence[Touchpoint], reader: Reader, *, is_for_channel: bool = False) -> Block:
    """Build the last contacts: when, what, and how the note begins."""
    gap = reader.t("  ")
    lines = []
    for touchpoint in touchpoints:
        parts = [
            date_part(reader, touchpoint.at),
            part(gap),
            part(capital(kind_label(touchpoint.kind, touchpoint.direction, reader))),
        ]
        note = tidy(sentence(touchpoint.note), CARD_NOTE_MAX)
        if note:
            parts.append(part(reader.t(": ") + (mask_typed(note) if is_for_channel else note)))
        lines.append(line(*parts))
    return rich(line(part(reader.t("Recent touchpoints"), bold=True)), bullets(lines))


def points_reason(reason: EngagementPoints, reader: Reader) -> str:
    """Name one reason of the engagement with what is left of its points."""
    return reader.t(
        "{reason} {points}",
        reason=kind_label(reason.kind, reason.direction, reader),
        points=signed(reason.points),
    )


def score_value(score: Score) -> int:
    """Return the score as shown; it reaches a threshold only when the score itself does."""
    return whole(score.value, score.mql_threshold, score.hot_threshold)


def score_split(score: Score, reader: Reader) -> str:
    """Write the parts of a score in brackets: the fit, the engagement, and what does not fade where there is any."""
    fit, fixed = whole(score.fit), whole(score.fixed)
    engagement = score_value(score) - fit - fixed
    if not fixed:
        return reader.t("(fit {fit}, engagement {engagement})", fit=fit, engagement=engagement)
    return reader.t("(fit {fit}, engagement {engagement}, does not fade {fixed})", fit=fit, engagement=engagement,
                    fixed=signed(fixed))  # fmt: skip


def grade_part(grade: str, reader: Reader) -> str:
    """Write the two dimensions after a score: " (B2)"; nothing where they are not used."""
    return reader.t(" ({grade})", grade=grade) if grade else ""


def score_reasons(score: Score, reader: Reader) -> str:
    """Write the two lines that open the score into its largest reasons; mrkdwn."""
    total = score_value(score)
    fit = whole(score.fit)
    fit_line = reader.t(
        "*Fit {points}*  {reasons}",
        points=fit,
        reasons=reader.listed(
            reader.t("{reason} {points}", reason=fit_label(reason, reader), points=signed(reason.points))
            for reason in score.fit_reasons[:3]
        ),
    )
    shown = score.engagement_reasons[:3]
    reasons = reader.listed(points_reason(reason, reader) for reason in shown)
    if shown:
        reasons += reader.t(" ({fading})", fading=fading(shown, reader))
    fixed = whole(score.fixed)
    engagement_line = reader.t("*Engagement {points}*  {reasons}", points=total - fit - fixed, reasons=reasons)
    return "\n".join(line.rstrip() for line in (fit_line, engagement_line, _fixed_line(score, reader)) if line)


def _fixed_line(score: Score, reader: Reader) -> str:
    if not score.signs and not score.corrections:
        return ""
    reasons = [f"{reader.t(BAD_SIGNS[sign.sign])} {signed(sign.points)}" for sign in score.signs]
    reasons += [
        reader.t("by hand {points} ({reason})", points=signed(one.points), reason=escape(one.reason, 60))
        for one in score.corrections[:3]
    ]
    return reader.t("*Does not fade {points}*  {reasons}", points=signed(score.fixed), reasons=reader.listed(reasons))


def fading(reasons: Sequence[EngagementPoints], reader: Reader) -> str:
    """Say how fast points fade, in days where it is the same for all."""
    days = {reason.half_life_days for reason in reasons}
    if len(days) == 1:
        return reader.n("halves every day", "halves every {count} days", whole(days.pop()))
    return reader.t("fades with time")


def why_now_lines(why_now: str, score: Score, reader: Reader, *, is_for_channel: bool) -> tuple[str, bool]:
    """Return why the lead is handed off, and whether a person said so; the score's reasons speak where nobody did."""
    if said := sentence(why_now, 500):
        return (mask_typed(said) if is_for_channel else said), True
    reasons = reader.listed(points_reason(reason, reader) for reason in score.engagement_reasons[:3])
    if score.value < score.mql_threshold:
        return reasons or reader.t("No reason was given"), False
    reached = reader.t("The score reached {threshold}", threshold=score.mql_threshold)
    return (reader.t("{what}: {reasons}", what=reached, reasons=reasons) if reasons else reached), False


def team_of(team: Team, reader: Reader) -> str:
    """Name a team inside mrkdwn; one that nobody has named is the sales team."""
    return escape(team.name, 50) or reader.t("the sales team")


def spoken(verb: str, lead: Lead, reader: Reader) -> str:
    """Tell a row's button apart for screen readers: "L-15 小林 大輔：記録する"."""
    return reader.t("{label} {name}: {verb}", label=lead.label, name=name_of(lead, reader, 30), verb=verb)


def title_of(lead: Lead) -> str:
    """Return department and title, tidy."""
    return tidy(lead.title)


def labelled_with_company(lead: Lead, reader: Reader) -> str:
    """Name a lead at the top of a form: number, name, company; mrkdwn, escaped."""
    named = escape(labelled(lead, reader), 150)
    if company := escape(company_of(lead)):
        return reader.t("*{lead}*, {company}", lead=named, company=company)
    return reader.t("*{lead}*", lead=named)
