"""One lead's score: opened into all its reasons, and corrected by hand."""

from datetime import datetime

from models.facts import LeadFacts
from models.lead import Lead, Mark
from models.scoring import CapGroup, EngagementPoints, Score
from views.blocks import (
    Block,
    View,
    actions,
    ask,
    button,
    context,
    escape,
    instant,
    modal,
    option,
    section,
    select,
    text_input,
)
from views.labels import BAD_SIGNS, CAP_GROUPS, MARKS, fit_label, kind_label
from views.lead_parts import grade_part, labelled_with_company, score_value
from views.words import Reader, capital, signed, whole

CORRECT = "score.correct"
CORRECT_FORM = "score.correct_form"
REASON_MAX = 200
_SHOWN = 25


def why(facts: LeadFacts, reader: Reader, metadata: str, now: datetime, *, may_correct: bool) -> View:
    """List every reason of a score: what it gave, what is left, what does not count, and when it cools."""
    score, t = facts.score, reader.t
    shown = t("*Score {score}*", score=f"{score_value(score)}{grade_part(score.grade, reader)}")
    blocks: list[Block] = [
        section(f"{labelled_with_company(facts.lead, reader)}\n{shown} · {_distance(score, reader, now)}")
    ]
    blocks += _group(t("*Fit {points}*", points=whole(score.fit)), _fit_lines(score, reader))
    engaged = score_value(score) - whole(score.fit) - whole(score.fixed)
    blocks += _group(t("*Engagement {points}*", points=engaged), _engagement_lines(score, reader, now))
    if score.signs or score.corrections:
        blocks += _group(t("*Does not fade {points}*", points=signed(score.fixed)), _fixed_lines(score, reader, now))
    if may_correct:
        blocks.append(actions(button(CORRECT_FORM, t("Correct the score"), facts.lead.label)))
    blocks.append(
        context(
            t(
                "Managers change the rules with `{command} setup scoring`.",
                command=reader.command,
            )
        )
    )
    return modal("score.why", t("Why this score"), blocks, metadata, close=t("Close"))


def _distance(score: Score, reader: Reader, now: datetime) -> str:
    t = reader.t
    if not score.is_hot:
        return t("MQL from {mql}, hot from {hot}", mql=score.mql_threshold, hot=score.hot_threshold)
    if score.cools_at is None or score.cools_at.year > now.year + 50:
        return t("🔥 hot")
    return t("🔥 hot; if nothing happens, until {when}", when=instant(reader, score.cools_at, now))


def _group(title: str, lines: list[str]) -> list[Block]:
    return [section("\n".join([title, *(f"• {line}" for line in lines)]))]


def _fit_lines(score: Score, reader: Reader) -> list[str]:
    lines = [f"{capital(fit_label(reason, reader))} {signed(reason.points)}" for reason in score.fit_reasons]
    return [*lines, *_cap_lines(score, reader, fit=True)] or [reader.t("Nothing is known that counts.")]


def _engagement_lines(score: Score, reader: Reader, now: datetime) -> list[str]:
    lines = [engagement_line(reason, reader, now) for reason in score.engagement_reasons[:_SHOWN]]
    if more := len(score.engagement_reasons) - len(lines):
        lines.append(reader.t("and {count} more", count=more))
    return [*lines, *_cap_lines(score, reader, fit=False)] or [reader.t("No touchpoints yet")]


def engagement_line(reason: EngagementPoints, reader: Reader, now: datetime) -> str:
    """Write what a touchpoint gave, what is left of it and how fast it fades: "whitepaper 3 days ago +18 (of 20, …)"."""
    t = reader.t
    days = (reader.today(now) - reader.today(reason.at)).days
    when = reader.n("{count} day ago", "{count} days ago", days) if days > 0 else t("today")
    fading = reader.n("halves every day", "halves every {count} days", whole(reason.half_life_days))
    return t("{reason} {when} {points} (of {of}, {fading})", reason=capital(kind_label(reason.kind, reason.direction, reader)),
             when=when, points=signed(reason.points), of=whole(reason.of), fading=fading)  # fmt: skip


def _fixed_lines(score: Score, reader: Reader, now: datetime) -> list[str]:
    t = reader.t
    signs = [f"{capital(t(BAD_SIGNS[sign.sign]))} {signed(sign.points)}" for sign in score.signs]
    corrections = [
        t("By hand {points}: {reason} ({who}, {when})", points=signed(one.points), reason=escape(one.reason, 200),
          who=escape(one.by, 50) or t("someone"), when=instant(reader, one.at, now))
        for one in score.corrections
    ]  # fmt: skip
    return signs + corrections


def _cap_lines(score: Score, reader: Reader, *, fit: bool) -> list[str]:
    return [
        reader.t("Limit ({group}, at most {cap}) {points}", group=reader.t(CAP_GROUPS[over.group]), cap=whole(over.cap),
                 points=signed(-over.points))
        for over in score.capped if (over.group is CapGroup.FIT) is fit
    ]  # fmt: skip


def correction(lead: Lead, reader: Reader, metadata: str) -> View:
    """Ask for points with a reason, and what the lead turned out to be."""
    t = reader.t
    marks = [option("none", t("nothing of that")), *(option(mark.value, capital(t(MARKS[mark]))) for mark in Mark)]
    points: Block = {"type": "number_input", "action_id": "v", "is_decimal_allowed": False, "min_value": "-500",
                     "max_value": "500"}  # fmt: skip
    blocks = [
        section(labelled_with_company(lead, reader)),
        ask("points", t("Points, with a minus to take away"), points, optional=True,
            hint=t("They do not fade. You can undo them for 30 minutes, or correct them again.")),
        ask("reason", t("Reason"), text_input(REASON_MAX), optional=True, hint=t("Everybody sees it with the score.")),
        ask("mark", t("This is"), select(marks, lead.mark.value if lead.mark else "none")),
    ]  # fmt: skip
    return modal(CORRECT, t("Correct the score"), blocks, metadata, close=t("Cancel"), submit=t("Save"))
