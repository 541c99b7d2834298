"""The set-up form, and what `/lead` alone shows."""

import re

from handlers.fields import list_of, number_in, text_of, time_of
from handlers.request import Desk, Reply, Request
from handlers.scoring import open_scoring
from models.errors import InputError, Problem
from models.member import Right
from models.workspace import WEEKDAYS
from services import workspaces
from services.identity import fold
from services.workspaces import SetupChoice
from views import replies, setup_form

_SCORING = frozenset(map(fold, ("scoring", "scores", "score", "スコア", "スコアリング", "採点", "点数")))


def open_setup(desk: Desk, request: Request) -> Reply:
    """`/lead setup`: what is agreed on, to be changed; `/lead setup scoring`: the scoring rules."""
    if fold(request.text) in _SCORING:
        return open_scoring(desk, request)
    with desk.database.read() as session:
        setup = workspaces.setup_of(session, desk.workspace_id, request.now)
    return Reply(form=setup_form.setup(setup, request.reader, request.note()))


def needs_setup(desk: Desk, request: Request) -> bool:
    """Tell whether this is a manager, and nobody has set anything up yet."""
    if desk.is_set_up or not request.actor.may(Right.SETUP):
        return False
    with desk.database.read() as session:
        desk.is_set_up = workspaces.get_workspace(session, desk.workspace_id).set_up_at is not None
    return not desk.is_set_up


def save_setup(desk: Desk, request: Request) -> Reply:
    """The form submitted. Who is in the channels is read from Slack at once, by the members job."""
    choice = _choice_of(request)
    with desk.transaction(request) as session:
        workspace, team = workspaces.save_setup(session, request.actor, choice, request.now)
    desk.is_set_up = True
    desk.forget_person(None)
    desk.channels_changed()
    return Reply(replies.set_up(workspace, team, request.reader))


_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


def _choice_of(request: Request) -> SetupChoice:
    opens, closes, digest = (time_of(request, name) for name in ("open_from", "open_until", "digest_time"))
    if opens is None or closes is None or digest is None:
        raise InputError(Problem.UNREADABLE_DATE, "digest_time")
    channels = [text_of(request, name) for name in ("sales_channel", "marketing_channel")]
    if not _CHANNEL.fullmatch(channels[0]) or (channels[1] and not _CHANNEL.fullmatch(channels[1])):
        raise InputError(Problem.UNKNOWN_CHOICE, "sales_channel", channels[0])
    days = [day for day in WEEKDAYS if day in list_of(request, "working_days")]
    if not days:
        raise InputError(Problem.UNKNOWN_CHOICE, "working_days")
    return SetupChoice(
        sales_channel=channels[0],
        marketing_channel=channels[1] or None,
        team_name=text_of(request, "team_name"),
        team_locale="en" if text_of(request, "team_locale") == "en" else "ja",
        mql_threshold=number_in(request, "mql_threshold", 1, 1000),
        hot_threshold=number_in(request, "hot_threshold", 1, 1000),
        dormant_inquiry_days=number_in(request, "dormant_inquiry_days", 1, 730),
        dormant_mql_days=number_in(request, "dormant_mql_days", 1, 730),
        dormant_sql_days=number_in(request, "dormant_sql_days", 1, 730),
        claim_minutes=number_in(request, "claim_minutes", 1, 10080),
        open_from=opens,
        open_until=closes,
        digest_time=digest,
        working_days=",".join(days),
    )
