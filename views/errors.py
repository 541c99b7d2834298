"""What went wrong, that nothing was saved, and what to do; a typed line that Slack cleared is handed back (13)."""

from collections.abc import Callable, Mapping
from typing import Any

from models.errors import (
    AlreadyClaimedError,
    AlreadyOfferedError,
    BusyError,
    DraftGoneError,
    ForgottenError,
    ImportStateError,
    InputError,
    LeadClosedError,
    LeadError,
    LeadNotFoundError,
    MergeError,
    NotAllowedError,
    NoTeamError,
    NothingToUndoError,
    NotOfferedError,
    NotYourImportError,
    NotYoursError,
    Problem,
    ReleaseTooLateError,
    RepeatedRequestError,
    SeveralLeadsError,
    StageMoveError,
    StaleEditError,
    SuggestionGoneError,
    UndoHangsError,
)
from models.import_run import ImportState
from models.lead import Lead, Stage
from models.member import ROLES_WITH, Right, Standing
from views import claim_answers, lists, merging, replies
from views.blocks import (
    Block,
    Message,
    button,
    context,
    cut,
    escape,
    instant,
    plain_context,
    preformatted,
    section,
    sentence,
    tidy,
)
from views.labels import (
    BASES,
    CONSENTS,
    DECISION_ROLES,
    LEAD_KINDS,
    OUTCOMES,
    PROGRESS,
    ROLES,
    SOURCES,
    field_label,
)
from views.lead_card import SHOW
from views.lead_parts import in_sentence
from views.words import Reader, msg

FIND_FORM = "lead.find_form"
ADD_FORM = "lead.form"
LOG_FORM_ANY = "touchpoint.form_any"
HELP = "help.show"
LIFT_FORM = "erasure.lift_form"

_RIGHTS: dict[Right, str] = {
    Right.ADD: msg("Adding leads is for {roles}."),
    Right.LOG: msg("Logging touchpoints is for {roles}."),
    Right.READ: msg("Seeing leads is for {roles}."),
    Right.EDIT: msg("Editing leads is for {roles}."),
    Right.FOLLOW: msg("Planning next steps is for {roles}."),
    Right.QUALIFY: msg("Handing off is for {roles}."),
    Right.CLAIM: msg("Claiming and returning is for {roles}."),
    Right.CLOSE: msg("Closing leads is for {roles}."),
    Right.ASSIGN: msg("Assigning an owner is for {roles}."),
    Right.REPORT: msg("Reports are for {roles}."),
    Right.REVIEW: msg("Reviewing possible duplicates is for {roles}."),
    Right.MERGE: msg("Merging leads is for {roles}."),
    Right.FORGET: msg("Deleting people is for {roles}."),
    Right.SETUP: msg("Setting up Baton is for {roles}."),
    Right.IMPORT: msg("Importing files is for {roles}."),
    Right.EXPORT: msg("Exporting is for {roles}."),
}

_PROBLEMS: dict[Problem, str] = {
    Problem.UNREADABLE_DATE: msg(
        "“{value}” is not a date that Baton can read. Write it like 2026-11-24 or 11/24 14:00."
    ),
    Problem.FUTURE_DATE: msg("“{value}” is in the future. A touchpoint has already happened."),
    Problem.FUTURE_DAY: msg("“{value}” is in the future. Choose today or an earlier day."),
    Problem.PAST_DATE: msg("“{value}” is in the past. Choose today or a later day."),
    Problem.OLD_DATE: msg("“{value}” is too long ago. Check the year."),
    Problem.TWO_EMAILS: msg("There are two e-mail addresses. Give one, and add the other in the note."),
    Problem.BAD_EMAIL: msg("“{value}” is not a complete e-mail address."),
    Problem.BAD_PHONE: msg("“{value}” is not a phone number that Baton can read."),
    Problem.TOO_LONG: msg("This is too long: at most {limit} characters ({field})."),
    Problem.NOBODY: msg("Say who it is: a name, an e-mail address or a phone number."),
    Problem.MISSING_LEAD: msg("Say which lead: L-12, an e-mail address or a name."),
    Problem.TWO_LEADS_NEEDED: msg("Say which two leads are one, the one that stays first: L-7 L-12."),
    Problem.MISSING_KIND: msg("Say what kind of touchpoint it was: call, email, meeting…"),
    Problem.MISSING_DATE: msg("Say when: 2026-11-24, 11/24 or tomorrow."),
    Problem.MISSING_QUERY: msg("Say what to look for: a name, a company or an e-mail address."),
    Problem.UNKNOWN_KIND: msg("There is no kind of touchpoint called “{value}”."),
    Problem.UNKNOWN_SOURCE: msg("There is no source called “{value}”."),
    Problem.UNKNOWN_FIELD: msg("There is no field called “{value}”."),
    Problem.UNKNOWN_LIST: msg(
        "There is no list called “{value}”. There are mine, hot, dormant, unclaimed, recycled and due, and for managers undelivered."
    ),
    Problem.UNKNOWN_REPORT: msg("There is no report called “{value}”. There are sources, campaigns and scoring."),
    Problem.UNKNOWN_EXPORT: msg(
        "“{value}” is no lead, and nothing that can be exported. There are leads, touchpoints and handoffs."
    ),
    Problem.UNKNOWN_PERIOD: msg(
        "“{value}” is not a period that Baton can read. Write it like 2026, 2026-Q3, 2026-07, last month or 2026-07-01..2026-09-30."
    ),
    Problem.UNKNOWN_REASON: msg("There is no reason for return called “{value}”."),
    Problem.UNKNOWN_CHOICE: msg("“{value}” cannot be chosen here ({field})."),
    Problem.UNKNOWN_PERSON: msg("“{value}” is not somebody here who can do this. Guests and bots cannot."),
    Problem.COMMENT_NEEDED: msg("Say in a comment why."),
    Problem.RETRY_DATE_NEEDED: msg("Give a date to try again."),
    Problem.THRESHOLD_ORDER: msg("The hot threshold cannot be lower than the MQL threshold."),
    Problem.HOURS_ORDER: msg("Working hours must end after they begin."),
    Problem.BOUNDS_ORDER: msg("Write three numbers, the largest first, such as 25, 15, 5 (not “{value}”)."),
    Problem.UNKNOWN_RULE: msg("“{value}” is no rule. Write it as: field = value : +10, or field 300-999 : +10."),
    Problem.CORRECTION_REASON_NEEDED: msg("Say why, such as: score:+10 met the president."),
    Problem.MISSING_FILE: msg("Choose one file that lies in Slack."),
    Problem.MISSING_CAMPAIGN: msg("Name the campaign that this is the cost of."),
    Problem.NOT_A_NUMBER: msg("“{value}” is not a number that fits here ({field})."),
    Problem.CONSENT_WITHDRAWN: msg(
        "The consent was taken back. A new one needs its evidence: use the consent command and say where they agreed (from:)."
    ),
    Problem.WRONG_LABEL: msg("“{value}” is not the number of this lead. Nothing was deleted."),
    Problem.REASON_NEEDED: msg("Give a reason. It is kept with the proof of the deletion."),
    Problem.FORGOTTEN: msg("This person was deleted at their request and is not stored again."),
}

# What can be typed for a field, named when something else was.
CHOICES: dict[str, Mapping[Any, str]] = {
    "source": SOURCES,
    "consent": CONSENTS,
    "basis": BASES,
    "lead_kind": LEAD_KINDS,
    "role": DECISION_ROLES,
    "progress": PROGRESS,
}


_SETTLED = (AlreadyClaimedError, AlreadyOfferedError, NothingToUndoError, RepeatedRequestError, DraftGoneError)
"""After these nobody needs the line again that they typed."""


def message(error: LeadError, reader: Reader, typed: str = "") -> Message:
    """Put an error into words; `typed` is the line to hand back where nothing was carried out."""
    answer = next(_ANSWERS[cls] for cls in type(error).__mro__ if cls in _ANSWERS)(error, reader)
    return answer if isinstance(error, _SETTLED) else _with_typed(answer, typed, reader)


def field_message(error: InputError | StaleEditError, reader: Reader) -> str:
    """Say in one plain line what is wrong with a form's field; Slack shows it under the field."""
    if isinstance(error, StaleEditError):
        value = tidy(error.value, 60)
        if not value:
            return reader.t("Somebody else cleared this in the meantime. Save again to overwrite it.")
        return reader.t("Somebody else saved “{value}” in the meantime. Save again to overwrite it.", value=value)
    return cut(_problem(error, reader, tidy(error.value, 40)), 150)


def unknown_verb(word: str, nearest: str | None, typed: str, reader: Reader) -> Message:
    """Say that a command has no such verb, and which one was probably meant (13a)."""
    t, command = reader.t, reader.command
    said = t("There is no “{word}”.", word=escape(word, 40))
    lines, spoken = [said], [said]
    if nearest:
        lines.append(t("Did you mean `{command} {verb}`?", command=command, verb=nearest))
        spoken.append(lines[-1].replace("`", ""))
    lines.append(t("All commands: `{command} help`", command=command))
    spoken += [reader.stopped(lines[-1].replace("`", "")), t("Nothing was changed.")]
    accessory = {
        "add": button(ADD_FORM, t("Add lead")),
        "find": button(FIND_FORM, t("Find")),
        "log": button(LOG_FORM_ANY, t("Log touchpoint")),
    }.get(nearest or "", button(HELP, t("How it works")))
    blocks = [section("\n".join(lines), accessory)]
    if typed := tidy(typed, 1000):
        blocks.append(plain_context(t("You typed: {typed}", typed=typed)))
    return Message(reader.sentences(spoken), blocks)


def unexpected(reference: str, typed: str, reader: Reader) -> Message:
    """Apologise for a fault of ours; the reference stands in the log, the typed line does not (13e)."""
    t = reader.t
    said = t("⚠️ *Sorry, something went wrong on our side.* Nothing was changed.")
    ask = t("If it happens again, please give a manager the reference `{reference}`.", reference=escape(reference, 40))
    text = reader.sentences((said.replace("*", "").replace("⚠️ ", ""), ask.replace("`", "")))
    return _with_typed(Message(text, [section(f"{said}\n{ask}")]), typed, reader)


def not_for(standing: Standing, reader: Reader) -> Message:
    """Turn away somebody who is no active full member of this workspace."""
    return _plain(reader.t(_NOT_FOR.get(standing, _NOT_FOR[Standing.STRANGER])))


def form_failed(typed: str, reader: Reader) -> Message:
    """Say that Slack did not open the form in time."""
    t = reader.t
    said = t("Slack did not open the form in time. Nothing was saved. Please try again.")
    return _with_typed(_plain(said), typed, reader)


_NOT_FOR: dict[Standing, str] = {
    Standing.GUEST: msg("Baton is for full members of this workspace; guests cannot use it. Please ask a colleague."),
    Standing.STRANGER: msg("Baton is for members of its own workspace only. Please ask a colleague there."),
    Standing.BOT: msg("Baton is for people; bots and workflows cannot use it."),
    Standing.DEACTIVATED: msg("This account is deactivated, so it cannot use Baton."),
}


def _plain(said: str, accessory: Block | None = None) -> Message:
    return Message(said.replace("*", "").replace("`", ""), [section(said, accessory)])


def _with_typed(answer: Message, typed: str, reader: Reader) -> Message:
    """Hand back the line that Slack has cleared from the composer."""
    if not sentence(typed):
        return answer
    told = reader.t("Here is what you typed, to copy:")
    text = reader.sentences((answer.text, reader.t("You typed: {typed}", typed=escape(typed, 1000))))
    return Message(text, [*answer.blocks, section(told), preformatted(typed)])


def _problem(error: InputError, reader: Reader, value: str) -> str:
    """Say what is wrong with something typed; `value` is ready for where it goes."""
    said = reader.t(
        _PROBLEMS[error.problem],
        value=value,
        limit=error.limit or 0,
        field=field_label(error.field, reader) if error.field else reader.t("this field"),
    )
    if error.nearest:
        return reader.sentences((said, reader.t("Did you mean “{word}”?", word=tidy(error.nearest, 60))))
    if error.problem in {Problem.UNKNOWN_CHOICE, Problem.UNKNOWN_SOURCE} and error.field in CHOICES:
        # What stands behind a comma explains, and a typed line would end there.
        choices = " / ".join(reader.t(label).partition(",")[0] for label in CHOICES[error.field].values())
        return reader.sentences((said, reader.t("There are: {choices}.", choices=choices)))
    return said


def _input(error: InputError, reader: Reader) -> Message:
    said = _problem(error, reader, tidy(error.value, 80))
    # The sentence goes as plain text: what was typed stands in it, and a suggestion may hold any sign.
    block: Block = {"type": "section", "text": {"type": "plain_text", "text": cut(said, 500), "emoji": False}}
    nothing = reader.t("Nothing was saved.")
    return Message(reader.sentences((escape(said, 500), nothing)), [block, section(nothing)])


def _lead_not_found(error: LeadNotFoundError, reader: Reader) -> Message:
    t = reader.t
    said = t("*{reference}* was not found.", reference=escape(error.reference, 80) or "…")
    nothing = t("Nothing was changed.")
    hint = t("Check the number, or search by name, company or e-mail.")
    searched = escape(error.reference, 80) if _may_be_part_of_a_name(error.reference) else t("minamo")
    example = t("For example `{command} find {example}`", command=reader.command, example=searched)
    blocks = [section(f"{reader.sentences((said, nothing, hint))}\n{example}", button(FIND_FORM, t("Find")))]
    return Message(reader.sentences((said, nothing, hint)).replace("*", ""), blocks)


def _may_be_part_of_a_name(reference: str) -> bool:
    return any(map(str.isalpha, reference)) and not any(sign.isdigit() or sign in "@＠" for sign in reference)


def _lead_closed(error: LeadClosedError, reader: Reader) -> Message:
    outcome = reader.t(OUTCOMES[error.lead.outcome]) if error.lead.outcome else reader.t("closed")
    said = reader.t(
        "{lead} is closed ({outcome}) and takes no more changes. Nothing was changed.",
        lead=in_sentence(error.lead, reader),
        outcome=outcome,
    )
    return _plain(said, _show(error.lead, reader))


def _stage_move(error: StageMoveError, reader: Reader) -> Message:
    lead, t = error.lead, reader.t
    if error.wanted is Stage.MQL and lead.stage is Stage.SQL:
        said = t("Sales already has {lead}. Nothing was changed.", lead=in_sentence(lead, reader))
    else:
        said = t(
            "{lead} stands at {stage} and cannot go to {wanted} from there. Nothing was changed.",
            lead=in_sentence(lead, reader), stage=lead.stage.value, wanted=error.wanted.value,
        )  # fmt: skip
    return _plain(said, _show(lead, reader))


def _not_allowed(error: NotAllowedError, reader: Reader) -> Message:
    t = reader.t
    holders = ROLES_WITH[error.right]
    roles = reader.together([t(ROLES[role]) for role in ROLES if role in holders])
    said = [t(_RIGHTS[error.right], roles=roles)]
    if error.helper is not None:
        said.append(t("Please ask {colleague}.", colleague=escape(error.helper.name, 50)))
    said.append(t("Nothing was changed."))
    hint = t("Roles follow the channels: members of the sales channel are sales, of the marketing channel marketing.")
    return Message(reader.sentences(said), [section(reader.sentences(said)), context(hint)])


def _not_yours(error: NotYoursError, reader: Reader) -> Message:
    t, lead = reader.t, error.lead
    named = in_sentence(lead, reader)
    if error.owner is None:
        said = t("{lead} has no owner yet; only its owner or a manager can do this.", lead=named)
    else:
        owner = escape(error.owner.name, 50)
        said = t("{lead} is with {colleague}; only its owner or a manager can do this.", lead=named, colleague=owner)
    return _plain(reader.sentences((said, t("Nothing was changed."))), _show(lead, reader))


def _no_team(_error: NoTeamError, reader: Reader) -> Message:
    said = reader.t(
        "No sales team is set up yet, so nothing can be handed off. A manager can do this with `{command} setup`.",
        command=reader.command,
    )
    return _plain(reader.sentences((said, reader.t("Nothing was changed."))))


def _already_offered(error: AlreadyOfferedError, reader: Reader) -> Message:
    t, lead = reader.t, error.lead
    said = t("{lead} is already offered to sales and waits to be claimed.", lead=in_sentence(lead, reader))
    due = error.handoff.due_at
    shown = f"{said}\n{t('Due: {due}', due=instant(reader, due))}"
    text = reader.sentences((said, reader.stopped(t("Due: {due}", due=reader.moment(due))), t("Nothing was changed.")))
    return Message(text, [section(shown, _show(lead, reader))])


def _not_offered(error: NotOfferedError, reader: Reader) -> Message:
    said = reader.t("{lead} is not waiting to be claimed. Nothing was changed.", lead=in_sentence(error.lead, reader))
    return _plain(said, _show(error.lead, reader))


def _release_too_late(error: ReleaseTooLateError, reader: Reader) -> Message:
    t, label = reader.t, error.lead.label
    said = t("A claim can be put back for {minutes} minutes only. Nothing was changed.", minutes=error.minutes)
    hint = t("Return it with a reason instead: `{command} return {label}`", command=reader.command, label=label)
    return Message(f"{said} {hint}".replace("`", ""), [section(f"{said}\n{hint}", _show(error.lead, reader))])


def _nothing_to_undo(error: NothingToUndoError, reader: Reader) -> Message:
    return _plain(
        reader.t("You did nothing in the last {minutes} minutes that could be undone.", minutes=error.minutes)
    )


def _undo_hangs(error: UndoHangsError, reader: Reader) -> Message:
    t, label = reader.t, error.lead.label
    said = t(
        "Something else has happened with {lead} since, so this cannot be undone.", lead=in_sentence(error.lead, reader)
    )
    hint = t("Correct it with `{command} edit {label}`", command=reader.command, label=label)
    return Message(
        reader.sentences((said, reader.stopped(hint.replace("`", "")), t("Nothing was changed."))),
        [section(f"{said}\n{hint}", _show(error.lead, reader))],
    )


def _stale_edit(error: StaleEditError, reader: Reader) -> Message:
    t, lead = reader.t, error.lead
    said = t(
        "Somebody else changed {lead} in the meantime ({field}). Nothing was saved. Please open it again.",
        lead=in_sentence(lead, reader),
        field=escape(field_label(error.field, reader)),
    )
    return _plain(said, _show(lead, reader))


def _forgotten(error: ForgottenError, reader: Reader) -> Message:
    t, day = reader.t, reader.day(reader.today(error.erasure.asked_at))
    said = t("This person was deleted at their request on {day} and is not stored again. Nothing was saved.", day=day)
    hint = t("If they have come back of their own accord, a manager can lift this, with a reason.")
    accessory = button(LIFT_FORM, t("Lift…"), str(error.erasure.id))
    return Message(reader.sentences((said, hint)), [section(f"{said}\n{hint}", accessory)])


def _import_state(error: ImportStateError, reader: Reader) -> Message:
    run, t = error.run, reader.t
    if run is None:
        return _plain(t("There is no such import. Nothing was changed."))
    state = t(_IMPORT_STATES[run.state])
    said = t("Import {label} {state}, so this cannot be done now. Nothing was changed.", label=run.label, state=state)
    return _plain(said)


_IMPORT_STATES: dict[ImportState, str] = {
    ImportState.FETCHING: msg("is being read"),
    ImportState.READING: msg("is being read"),
    ImportState.READY: msg("is not confirmed yet"),
    ImportState.RUNNING: msg("is being written"),
    ImportState.DONE: msg("is finished"),
    ImportState.STOPPED: msg("was stopped"),
    ImportState.DISCARDED: msg("was discarded"),
    ImportState.FAILED: msg("could not be read"),
    ImportState.UNDOING: msg("is being undone"),
    ImportState.UNDONE: msg("was undone"),
}


def _not_your_import(error: NotYourImportError, reader: Reader) -> Message:
    t, label = reader.t, error.run.label
    if error.owner is None:
        said = t("Import {label} was begun on the command line; only a manager can do this.", label=label)
    else:
        owner = escape(error.owner.name, 50)
        said = t(
            "Import {label} was begun by {colleague}; only they or a manager can do this.", label=label, colleague=owner
        )
    return _plain(reader.sentences((said, t("Nothing was changed."))))


def _draft_gone(_error: DraftGoneError, reader: Reader) -> Message:
    return _plain(
        reader.t(
            "This entry was already used, discarded, or is too old. Nothing was changed. Please add the lead again."
        )
    )


def _busy(_error: BusyError, reader: Reader) -> Message:
    t = reader.t
    said = t("⚠️ *Baton is busy and saved nothing.*")
    hint = t("Please try again in a minute.")
    text = reader.sentences((said.replace("*", "").replace("⚠️ ", ""), hint))
    return Message(text, [section(f"{said}\n{hint}")])


def _already_claimed(error: AlreadyClaimedError, reader: Reader) -> Message:
    return claim_answers.claim_lost(error, reader)


def _several_leads(error: SeveralLeadsError, reader: Reader) -> Message:
    return lists.which_lead(error, reader)


def _repeated(_error: RepeatedRequestError, reader: Reader) -> Message:
    return replies.repeated(reader)


def _refused(_error: LeadError, reader: Reader) -> Message:
    return _plain(reader.t("This cannot be done now. Nothing was changed."))


def _show(lead: Lead, reader: Reader) -> Block:
    return button(SHOW, reader.t("View {label}", label=lead.label), lead.label)


_ANSWERS: dict[type[LeadError], Callable[[Any, Reader], Message]] = {
    InputError: _input,
    ForgottenError: _forgotten,
    LeadNotFoundError: _lead_not_found,
    SeveralLeadsError: _several_leads,
    LeadClosedError: _lead_closed,
    StageMoveError: _stage_move,
    NotAllowedError: _not_allowed,
    NotYoursError: _not_yours,
    NoTeamError: _no_team,
    AlreadyOfferedError: _already_offered,
    NotOfferedError: _not_offered,
    AlreadyClaimedError: _already_claimed,
    ReleaseTooLateError: _release_too_late,
    NothingToUndoError: _nothing_to_undo,
    UndoHangsError: _undo_hangs,
    StaleEditError: _stale_edit,
    ImportStateError: _import_state,
    NotYourImportError: _not_your_import,
    DraftGoneError: _draft_gone,
    MergeError: merging.refused,
    SuggestionGoneError: merging.suggestion_gone,
    RepeatedRequestError: _repeated,
    BusyError: _busy,
    LeadError: _refused,
}
"""One answer for each class of error; a class without its own takes its parent's."""
