"""Somebody is forgotten: what would go, the second confirmation, how far it is, and how it can be lifted."""

from models.erasure import LIFT_REASON_MAX, Erasure
from models.facts import ErasurePlan
from models.lead import Lead
from views.blocks import (
    Message,
    View,
    actions,
    ask,
    bullets,
    button,
    context,
    line,
    modal,
    part,
    rich,
    section,
    text_input,
)
from views.lead_parts import in_sentence, labelled_with_company
from views.words import Reader, msgs

CONFIRM_FORM = "erasure.confirm_form"
CONFIRM = "erasure.confirm"
LIFT = "erasure.lift"

_ROWS: dict[str, tuple[str, str]] = {
    "lead": msgs("{count} lead with everything known of it", "{count} leads with everything known of them"),
    "touchpoint": msgs("{count} touchpoint with its note", "{count} touchpoints with their notes"),
    "consent": msgs("{count} answer about consent", "{count} answers about consent"),
    "change": msgs(
        "{count} change emptied of the values before it", "{count} changes emptied of the values before them"
    ),
    "handoff": msgs(
        "{count} handoff emptied of its texts; it counts on in the statistics without the person",
        "{count} handoffs emptied of their texts; they count on in the statistics without the person",
    ),
    "draft": msgs("{count} unsaved draft", "{count} unsaved drafts"),
}
_OTHER_ROWS = msgs("{count} other record", "{count} other records")


def plan(planned: ErasurePlan, reader: Reader) -> Message:
    """List what would go, before anything does; nothing is deleted by looking."""
    t, lead = reader.t, planned.lead
    said = t("Deleting {lead} for good would take away:", lead=in_sentence(lead, reader))
    lines = lines_of(planned, reader)
    warning = t("This cannot be undone. A keyed hash keeps files, forms and people from bringing them back.")
    backups = t("Not reached: backups, until they expire, and files that people have saved elsewhere.")
    return Message(
        reader.sentences((said, reader.stopped(reader.listed(lines)), warning, backups)),
        [
            section(said),
            rich(bullets([line(part(text)) for text in lines])),
            section(warning),
            actions(button(CONFIRM_FORM, t("Delete for good…"), lead.label)),
            context(backups),
        ],
    )


def lines_of(planned: ErasurePlan, reader: Reader) -> list[str]:
    """Say in a line each what would go."""
    return [*_row_lines(planned.rows, reader), *_message_lines(planned, reader)]


def _row_lines(rows: dict[str, int], reader: Reader) -> list[str]:
    known = [reader.n(*_ROWS[table], rows[table]) for table in _ROWS if rows.get(table)]
    others = sum(count for table, count in rows.items() if table not in _ROWS and table != "mention")
    return [*known, reader.n(*_OTHER_ROWS, others)] if others else known


def _message_lines(planned: ErasurePlan, reader: Reader) -> list[str]:
    lines = []
    if planned.messages:
        lines.append(reader.n(
            "{count} message in Slack, changed to say only that a lead was deleted",
            "{count} messages in Slack, changed to say only that a lead was deleted", planned.messages,
        ))  # fmt: skip
    if planned.whispers:
        lines.append(reader.n(
            "not: {count} answer that only one person saw; Slack keeps no copy and lets nobody change it",
            "not: {count} answers that only one person saw; Slack keeps no copy and lets nobody change them",
            planned.whispers,
        ))  # fmt: skip
    return lines


def confirm(lead: Lead, reader: Reader, metadata: str) -> View:
    """Ask for the number to be typed: the second confirmation."""
    t = reader.t
    warning = t("Everything known of this person is deleted for good. This cannot be undone.")
    blocks = [
        section(f"{labelled_with_company(lead, reader)}\n{warning}"),
        ask("label", t("Type {label} to confirm", label=lead.label), text_input(20, example=lead.label, focus=True)),
    ]
    return modal(CONFIRM, t("Delete for good"), blocks, metadata, close=t("Cancel"), submit=t("Delete"))


def begun(erasure: Erasure, reader: Reader) -> Message:
    """Say that the rows are gone and what still goes on."""
    said = reader.t("{label} is deleted.", label=erasure.label)
    rest = reader.t("Messages in Slack are being changed. A direct message will tell you when all is done.")
    return Message(reader.sentences((said, rest)), [section(said), context(rest)])


def progress(erasure: Erasure, waiting: int, reader: Reader) -> Message:
    """Tell whoever asked how far it is, and in the end what the proof says."""
    t, count = reader.t, sum(erasure.rows.values())
    rows = reader.n("{count} row deleted or emptied", "{count} rows deleted or emptied", count)
    changed = reader.n("{count} message in Slack changed", "{count} messages in Slack changed",
                       max(erasure.messages - waiting - erasure.unedited, 0))  # fmt: skip
    if erasure.done_at is None:
        said = t("{label} is deleted; what stands in Slack follows.", label=erasure.label)
        left = reader.n("{count} message to go", "{count} messages to go", waiting)
        facts = reader.dotted((rows, changed, left if waiting else ""))
    else:
        said = t("{label} is forgotten.", label=erasure.label)
        facts = reader.dotted((rows, changed, reader.moment(erasure.done_at)))
    blocks = [section(f"🗑️ {said}"), context(facts)]
    spoken = [said, reader.stopped(facts)]
    if erasure.unedited:
        failed = reader.n(
            "Slack did not let Baton change {count} message. `{command} list undelivered` shows where: please delete it there.",
            "Slack did not let Baton change {count} messages. `{command} list undelivered` shows where: please delete them there.",
            erasure.unedited, command=reader.command,
        )  # fmt: skip
        blocks.append(section(f"⚠️ {failed}"))
        spoken.append(failed.replace("`", ""))
    return Message(reader.sentences(spoken), blocks)


def lift(erasure: Erasure, reader: Reader, metadata: str) -> View:
    """Ask why somebody who was forgotten may be stored again."""
    t = reader.t
    day = reader.day(reader.today(erasure.asked_at))
    said = t("Somebody was deleted at their request on {day}. After this they can be added again.", day=day)
    reason = text_input(LIFT_REASON_MAX, example=t("e.g. filled in our form again on 12/1"), multiline=True)
    hint = t("Kept with the proof. Please name nobody.")
    blocks = [section(said), ask("lift_reason", t("Reason"), reason, hint=hint)]
    return modal(LIFT, t("Allow again"), blocks, metadata, close=t("Cancel"), submit=t("Allow again"))


def lifted(reader: Reader) -> Message:
    """Say that the person can be stored again, and that it has to be done anew."""
    said = reader.t("They can be stored again. Add them once more with `{command} add`.", command=reader.command)
    return Message(said.replace("`", ""), [section(said)])
