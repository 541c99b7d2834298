"""What can be refused. An error carries facts; views/errors.py chooses the words."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from models.erasure import Erasure
from models.handoff import Handoff
from models.import_run import ImportRun
from models.lead import Lead, Stage
from models.member import Member, Right


class LeadError(Exception):
    """Something a person asked for was refused, and nothing was changed."""


class Problem(StrEnum):
    """What is wrong with something typed."""

    UNREADABLE_DATE = "unreadable_date"
    FUTURE_DATE = "future_date"
    FUTURE_DAY = "future_day"
    PAST_DATE = "past_date"
    OLD_DATE = "old_date"
    TWO_EMAILS = "two_emails"
    BAD_EMAIL = "bad_email"
    BAD_PHONE = "bad_phone"
    TOO_LONG = "too_long"
    NOBODY = "nobody"
    MISSING_LEAD = "missing_lead"
    TWO_LEADS_NEEDED = "two_leads_needed"
    MISSING_KIND = "missing_kind"
    MISSING_DATE = "missing_date"
    MISSING_QUERY = "missing_query"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_LIST = "unknown_list"
    UNKNOWN_REPORT = "unknown_report"
    UNKNOWN_EXPORT = "unknown_export"
    UNKNOWN_PERIOD = "unknown_period"
    UNKNOWN_REASON = "unknown_reason"
    UNKNOWN_CHOICE = "unknown_choice"
    UNKNOWN_PERSON = "unknown_person"
    COMMENT_NEEDED = "comment_needed"
    RETRY_DATE_NEEDED = "retry_date_needed"
    THRESHOLD_ORDER = "threshold_order"
    HOURS_ORDER = "hours_order"
    NOT_A_NUMBER = "not_a_number"
    BOUNDS_ORDER = "bounds_order"
    UNKNOWN_RULE = "unknown_rule"
    CORRECTION_REASON_NEEDED = "correction_reason_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    WRONG_LABEL = "wrong_label"
    REASON_NEEDED = "reason_needed"
    FORGOTTEN = "forgotten"
    MISSING_FILE = "missing_file"
    MISSING_CAMPAIGN = "missing_campaign"


class InputError(LeadError):
    """Something typed cannot be used.

    `field` is the field's name (a form shows the error there), `value` what was typed, `limit` the largest allowed
    length or value, `nearest` the word that was probably meant.
    """

    def __init__(
        self, problem: Problem, field: str = "", value: str = "", *, limit: int | None = None, nearest: str = ""
    ) -> None:
        super().__init__(problem.value)
        self.problem, self.field, self.value, self.limit, self.nearest = problem, field, value, limit, nearest


class LeadNotFoundError(LeadError):
    """No lead of this workspace goes by `reference`."""

    def __init__(self, reference: str) -> None:
        super().__init__("lead not found")
        self.reference = reference


class SeveralLeadsError(LeadError):
    """`reference` fits several leads; `leads` are the first of `count`."""

    def __init__(self, reference: str, leads: Sequence[Lead], count: int) -> None:
        super().__init__("several leads")
        self.reference, self.leads, self.count = reference, tuple(leads), count


class LeadClosedError(LeadError):
    """A CLOSED lead takes no more changes."""

    def __init__(self, lead: Lead) -> None:
        super().__init__("lead is closed")
        self.lead = lead


class StageMoveError(LeadError):
    """A lead cannot go from where it stands to `wanted`."""

    def __init__(self, lead: Lead, wanted: Stage) -> None:
        super().__init__("impossible stage move")
        self.lead, self.wanted = lead, wanted


class NotAllowedError(LeadError):
    """The actor has no role that carries `right`. `helper` is somebody who can, where known."""

    def __init__(self, right: Right, helper: Member | None = None) -> None:
        super().__init__(f"needs {right}")
        self.right, self.helper = right, helper


class NotYoursError(LeadError):
    """Only the lead's owner or a manager may do this; `owner` is None while nobody owns it."""

    def __init__(self, lead: Lead, owner: Member | None) -> None:
        super().__init__("not the owner")
        self.lead, self.owner = lead, owner


class NoTeamError(LeadError):
    """No sales team is set up yet, so nothing can be handed off."""


class AlreadyOfferedError(LeadError):
    """The lead has been offered and waits to be claimed."""

    def __init__(self, lead: Lead, handoff: Handoff) -> None:
        super().__init__("already offered")
        self.lead, self.handoff = lead, handoff


class NotOfferedError(LeadError):
    """The lead has no open offer to claim, withdraw or return."""

    def __init__(self, lead: Lead) -> None:
        super().__init__("not offered")
        self.lead = lead


class AlreadyClaimedError(LeadError):
    """Somebody was first. `by_actor`: it was the same person; `waiting` are handoffs still to claim, `count` of them."""

    def __init__(
        self,
        lead: Lead,
        owner: Member,
        at: datetime,
        *,
        by_actor: bool,
        waiting: Sequence[tuple[Handoff, Lead]],
        count: int,
    ) -> None:
        super().__init__("already claimed")
        self.lead, self.owner, self.at = lead, owner, at
        self.by_actor, self.waiting, self.count = by_actor, tuple(waiting), count


class ReleaseTooLateError(LeadError):
    """A claim can be put back for some minutes only; later it is a return."""

    def __init__(self, lead: Lead, minutes: int) -> None:
        super().__init__("release too late")
        self.lead, self.minutes = lead, minutes


class NothingToUndoError(LeadError):
    """The actor did nothing in the last `minutes` that could be taken back."""

    def __init__(self, minutes: int) -> None:
        super().__init__("nothing to undo")
        self.minutes = minutes


class UndoHangsError(LeadError):
    """Something else hangs on what should be undone."""

    def __init__(self, lead: Lead) -> None:
        super().__init__("something hangs on it")
        self.lead = lead


class StaleEditError(LeadError):
    """Somebody saved in between: `field` now holds `value`."""

    def __init__(self, lead: Lead, field: str, value: str) -> None:
        super().__init__("stale edit")
        self.lead, self.field, self.value = lead, field, value


class ForgottenError(LeadError):
    """The person asked to be forgotten: nothing of them is stored until a manager lifts it. `erasure` is the proof."""

    def __init__(self, erasure: Erasure) -> None:
        super().__init__("forgotten")
        self.erasure = erasure


class ImportStateError(LeadError):
    """An import does not stand where this could be done to it; `run` is as it stands, None where there is none."""

    def __init__(self, run: ImportRun | None) -> None:
        super().__init__("the import stands elsewhere")
        self.run = run


class NotYourImportError(LeadError):
    """Only who began an import, or a manager, may go on with it; `owner` is who began it."""

    def __init__(self, run: ImportRun, owner: Member | None) -> None:
        super().__init__("not your import")
        self.run, self.owner = run, owner


class DraftGoneError(LeadError):
    """The draft was used, discarded or has expired."""


class MergeProblem(StrEnum):
    """Why two leads cannot become one."""

    SAME_LEAD = "same_lead"
    WON = "won"
    TWO_OWNERS = "two_owners"
    TOO_LATE = "too_late"


class MergeError(LeadError):
    """Two leads cannot become one, or can no longer become two. `owners` are those of the two where they differ."""

    def __init__(self, problem: MergeProblem, lead: Lead, owners: Sequence[Member] = (), days: int = 0) -> None:
        super().__init__(problem.value)
        self.problem, self.lead, self.owners, self.days = problem, lead, tuple(owners), days


class SuggestionGoneError(LeadError):
    """The pair was decided by somebody, or one of the two is no more."""


class RepeatedRequestError(LeadError):
    """Slack (or a double click) sent again what had been carried out."""


class BusyError(LeadError):
    """The database could not save just now: locked, read-only, full or away."""
