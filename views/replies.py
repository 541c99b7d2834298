"""Short answers to what somebody did: what is saved now, and the one thing to do next."""

from collections.abc import Sequence

from models.facts import HandoffFacts, LeadFacts, Undone
from models.lead import Consent, Lead, Outcome, Stage
from models.member import Member
from models.records import ChangeKind
from models.scoring_version import ScoringVersion
from models.workspace import Team, Workspace
from views.blocks import Block, Message, actions, button, context, escape, instant, preformatted, section, sentence
from views.labels import CONSENTS, OUTCOMES, field_list
from views.lead_card import SHOW, WHY
from views.lead_parts import in_sentence, name_of, score_value, team_of
from views.words import Reader, msg, signed

UNDO_LAST = "undo.last"

_UNDONE: dict[ChangeKind, str] = {
    ChangeKind.ADDED: msg("{label} is undone and no longer stored."),
    ChangeKind.EDITED: msg("The edit of {label} is undone."),
    ChangeKind.TOUCHED: msg("The touchpoint of {label} is undone."),
    ChangeKind.QUALIFIED: msg("The handoff of {label} is undone."),
    ChangeKind.CLOSED: msg("{label} is open again."),
    ChangeKind.RETURNED: msg("The return of {label} is undone."),
    ChangeKind.MERGED: msg("The merge into {label} is undone: they are two leads again."),
    ChangeKind.FOLLOW_UP: msg("The next step of {label} is as it was before."),
    ChangeKind.SCORED: msg("The correction of {label}'s score is undone."),
    ChangeKind.CONSENT: msg("The consent of {label} is as before."),
    ChangeKind.ASSIGNED: msg("The owner of {label} is as before."),
}


def qualified(facts: HandoffFacts, reader: Reader) -> Message:
    """Say that a lead is handed off, to whom and until when."""
    t, lead, due = reader.t, facts.lead, facts.handoff.due_at
    said = t("✋ Handed off to sales: {lead}", lead=in_sentence(lead, reader))
    team = team_of(facts.team, reader)
    text = reader.sentences(
        (reader.stopped(said), t("{team}, to be claimed by {due}.", team=team, due=reader.moment(due)))
    )
    return Message(
        text,
        [
            section(said, _details(lead, reader)),
            context(
                t("{team} · claim by: {due}", team=team, due=instant(reader, due)),
                t("`{command} withdraw {label}` takes it back", command=reader.command, label=lead.label),
            ),
        ],
    )


def reads_no_messages(reader: Reader) -> Message:
    """Say to somebody who writes to Baton where to type, and what can be left here."""
    t = reader.t
    said = t("Baton reads no messages here. Type `{command} help` to see what it does.", command=reader.command)
    files = t("A file that you drop here is read as a list of leads.")
    return Message(reader.sentences((said.replace("`", ""), files)), [section(reader.sentences((said, files)))])


def withdrawn(lead: Lead, reader: Reader) -> Message:
    """Say that an offer no longer stands."""
    return _plain(reader.t("The offer is withdrawn: {lead}", lead=in_sentence(lead, reader)), lead, reader)


def released(lead: Lead, reader: Reader) -> Message:
    """Say that a claim was put back."""
    return _plain(
        reader.t("The claim is put back, and others can claim it: {lead}", lead=in_sentence(lead, reader)), lead, reader
    )


def returned(lead: Lead, marketer: Member | None, reader: Reader) -> Message:
    """Say that a lead went back to marketing, and who decides what is next."""
    said = reader.t("↩️ Returned to marketing: {lead}", lead=in_sentence(lead, reader))
    if marketer is not None:
        told = reader.t("{colleague} gets your reason and comment.", colleague=escape(marketer.name, 50))
        said = f"{said}\n{told}"
    return Message(_one_line(said, reader), [section(said), actions(_details(lead, reader), _undo(lead, reader))])


def closed(lead: Lead, reader: Reader) -> Message:
    """Say how a lead was closed; it can be taken back for a while."""
    outcome = reader.t(OUTCOMES[lead.outcome or Outcome.LOST])
    said = reader.t("Closed as {outcome}: {lead}", outcome=outcome, lead=in_sentence(lead, reader))
    return Message(_one_line(said, reader), [section(said), actions(_details(lead, reader), _undo(lead, reader))])


def followed_up(lead: Lead, reader: Reader) -> Message:
    """Say what the next step is and when; it can be taken back for a while."""
    t, named = reader.t, in_sentence(lead, reader)
    if lead.follow_up_at is not None:
        shown, spoken = instant(reader, lead.follow_up_at), reader.moment(lead.follow_up_at)
    elif lead.follow_up_on is not None:
        shown = spoken = reader.day(lead.follow_up_on)
    else:
        said = t("The next step is cleared: {lead}", lead=named)
        return Message(said, [section(said), actions(_details(lead, reader), _undo(lead, reader))])
    if note := escape(lead.follow_up_note, 200):
        shown, spoken = (t("{when}, {what}", when=when, what=note) for when in (shown, spoken))
    return Message(
        t("Next step of {lead}: {next}", lead=named, next=spoken),
        [
            section(t("Next step of {lead}: {next}", lead=named, next=shown)),
            actions(_details(lead, reader), _undo(lead, reader)),
        ],
    )


def edited(lead: Lead, fields: Sequence[str], reader: Reader) -> Message:
    """Say which fields of a lead were saved."""
    if not fields:
        return nothing_changed(reader)
    said = reader.t("Saved: {lead}", lead=in_sentence(lead, reader))
    what = reader.t("Changed: {fields}", fields=escape(field_list(fields, reader), 300))
    # It became an MQL by just this edit.
    is_offered = lead.stage is Stage.MQL and lead.stage_at == lead.updated_at
    offered = reader.t("✋ The score reached the MQL threshold: it is offered to sales.") if is_offered else ""
    text = reader.t("{what}: {fields}", what=said, fields=escape(field_list(fields, reader), 300))
    return Message(
        reader.sentences((reader.stopped(text), offered)) if offered else text,
        [section(said), context(*filter(None, (what, offered))), actions(_details(lead, reader), _undo(lead, reader))],
    )


def consented(lead: Lead, reader: Reader) -> Message:
    """Say what a lead's consent is now; an opt-out is kept by every form and file from now on."""
    named = in_sentence(lead, reader)
    if lead.consent is Consent.NO:
        said = reader.t("Opted out of e-mail: {lead}", lead=named)
        hint = reader.t("Files, forms and merges no longer change this; only a new consent does.")
        return Message(
            reader.sentences((reader.stopped(said), hint)), [section(said, _details(lead, reader)), context(hint)]
        )
    answer = reader.t(CONSENTS[lead.consent])
    said = reader.t("Consent to e-mail is noted as “{consent}”: {lead}", consent=answer, lead=named)
    return Message(_one_line(said, reader), [section(said), actions(_details(lead, reader), _undo(lead, reader))])


def assigned_to(lead: Lead, owner: Member, reader: Reader) -> Message:
    """Say whose a lead is now."""
    said = reader.t("{colleague} owns {lead} now.", colleague=escape(owner.name, 50), lead=in_sentence(lead, reader))
    return _plain(said, lead, reader)


def undone(undone: Undone, reader: Reader) -> Message:
    """Say what was taken back; a typed line that would be lost is handed back."""
    change = undone.change
    msgid = _UNDONE.get(change.kind, msg("The last change of {label} is undone."))
    said = reader.t(msgid, label=f"L-{change.lead_number}")
    blocks: list[Block] = []
    text = said
    if undone.lead is not None:
        text = f"{said} {escape(name_of(undone.lead, reader))}"
        blocks.append(section(said, _details(undone.lead, reader)))
    elif sentence(undone.typed):
        said = reader.sentences((said, reader.t("You typed:")))
        text = reader.t("{what} {typed}", what=said, typed=escape(undone.typed, 1000))
        blocks += [section(said), preformatted(undone.typed)]
    else:
        blocks.append(section(said))
    return Message(text, blocks)


def repeated(reader: Reader) -> Message:
    """Say that the same request had been carried out."""
    return _sentence(reader.t("This was already done. Nothing was changed."))


def sent_again(reader: Reader) -> Message:
    """Say that a message that was stuck is on its way."""
    return _sentence(reader.t("The message is on its way again."))


def points_accepted(lines: int, mql: int, hot: int, reader: Reader) -> Message:
    """Say that a proposed points table is in force."""
    said = reader.n("{count} line is in force.", "{count} lines are in force.", lines)
    follow = reader.t("MQL from {mql}, hot from {hot}. The scores follow shortly.", mql=mql, hot=hot)
    return _sentence(reader.sentences((f"✅ {said}", follow)))


def columns_chosen(reader: Reader) -> Message:
    """Say that the choice of columns is saved, and when it shows."""
    return _sentence(reader.t("Saved. Baton learns anew within the hour, and the next report shows it."))


def nothing_changed(reader: Reader) -> Message:
    """Say that what was saved is what had been there."""
    return _sentence(reader.t("Nothing was changed: it already says so."))


def set_up(workspace: Workspace, team: Team, reader: Reader) -> Message:
    """Say that the settings are saved, and what people can do now."""
    t = reader.t
    said = t("Baton is set up.")
    channels = [t("Handoffs go to {channel}", channel=f"<#{team.channel_slack_id}>")]
    if workspace.marketing_channel_slack_id:
        channels.append(t("marketing hears in {channel}", channel=f"<#{workspace.marketing_channel_slack_id}>"))
    rules = t(
        "MQL from {mql} · hot from {hot} · daily digest {time}",
        mql=workspace.mql_threshold,
        hot=workspace.hot_threshold,
        time=f"{workspace.digest_time.hour}:{workspace.digest_time.minute:02d}",
    )
    first = t("Add the first lead with `{command} add`.", command=reader.command)
    return Message(
        reader.sentences((said, reader.stopped(rules), first.replace("`", ""))),
        [section(f"✅ {said}\n{reader.dotted(channels)}"), context(rules, first)],
    )


def _sentence(said: str) -> Message:
    return Message(said, [section(said)])


def score_corrected(facts: LeadFacts, reader: Reader) -> Message:
    """Say what a correction made of the score; it can be taken back for a while."""
    t, lead = reader.t, facts.lead
    said = t("Score {score}: {lead}", score=score_value(facts.score), lead=in_sentence(lead, reader))
    if facts.score.corrections:
        last = facts.score.corrections[0]
        by_hand = t("By hand {points}: {reason}", points=signed(last.points), reason=escape(last.reason, 200))
        said = f"{said}\n{by_hand}"
    why = button(WHY, t("Why this score"), lead.label)
    return Message(_one_line(said, reader), [section(said), actions(why, _undo(lead, reader))])


def rules_saved(version: ScoringVersion, reader: Reader) -> Message:
    """Say that rules are in force, and that scores follow."""
    said = reader.t("Version {number} of the scoring rules is in force. The scores of {total} leads follow now; "
                    "you get a message when all have.", number=version.number, total=version.total)  # fmt: skip
    return Message(said, [section(said)])


def _plain(said: str, lead: Lead, reader: Reader) -> Message:
    return Message(_one_line(said, reader), [section(said, _details(lead, reader))])


def _one_line(said: str, reader: Reader) -> str:
    return reader.sentences(reader.stopped(line) for line in said.split("\n"))


def _details(lead: Lead, reader: Reader) -> Block:
    return button(SHOW, reader.t("Details"), lead.label)


def _undo(lead: Lead, reader: Reader) -> Block:
    return button(UNDO_LAST, reader.t("Undo"), lead.label)
