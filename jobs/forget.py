"""Follow deletions through: Home tabs drawn anew, freed space overwritten, and whoever asked told when all is done.

Each step is written down when it is done, so a process that is killed is followed by one that goes on from there.
"""

import logging
from collections.abc import Sequence

from slack_sdk.errors import SlackApiError, SlackClientError

from jobs.asking import ask
from jobs.context import JobContext
from models.erasure import Erasure
from services import erasures, import_chunks, members
from services.homes import home_of
from services.search import purge_index
from services.working_time import hours_of, is_open
from services.workspaces import get_workspace
from views.home import home
from views.words import Reader

log = logging.getLogger(__name__)

# Writers wait while a SQLite file is written anew, some 12 ms a megabyte: a big one is left to when nobody works.
QUICK_BYTES = 100 * 1024 * 1024


def run(context: JobContext) -> int:
    """Take every deletion as far as it can go now; return how many came to their end."""
    with context.database.read() as session:
        waiting = erasures.open_erasures(session, context.workspace_id)
    undrawn = [erasure for erasure in waiting if erasure.homes_at is None]
    if undrawn and _draw_homes(context):
        _note(context, undrawn, "homes_at")
    unwritten = [erasure for erasure in waiting if erasure.overwritten_at is None]
    if unwritten and _may_overwrite(context):
        with context.database.write() as session:
            purge_index(session)
        context.database.overwrite_freed()
        _note(context, unwritten, "overwritten_at")
    if not waiting:
        return 0
    return context.once(lambda session, workspace, now: erasures.finish_erasures(session, workspace.id, now))


def _draw_homes(context: JobContext) -> bool:
    """Draw everybody's Home tab anew: Slack keeps showing the old one until it is opened. False: Slack is away."""
    now = context.clock()
    with context.database.read() as session:
        people = members.working_members(session, context.workspace_id)
        homes = [(member, *home_of(session, member, now)) for member in people]
    for member, digest, mine in homes:
        reader = Reader(member.locale, member.timezone, context.deliverer.command)
        view = home(digest, mine, member.as_actor(), reader, now)
        try:
            ask(context, context.client.views_publish, user_id=member.slack_id, view=view)
        except SlackApiError as error:
            log.warning("a Home tab could not be drawn: %s", error.response.get("error"))
        except (SlackClientError, OSError) as error:
            log.warning("Home tabs are drawn later: %s", type(error).__name__)
            return False
    return True


def _may_overwrite(context: JobContext) -> bool:
    with context.database.read() as session:
        if import_chunks.waits_to_drop_file(session, context.workspace_id):
            return False
    if context.database.size_bytes() <= QUICK_BYTES:
        return True
    with context.database.read() as session:
        hours = hours_of(get_workspace(session, context.workspace_id))
    return not is_open(context.clock(), hours)


def _note(context: JobContext, done: Sequence[Erasure], step: str) -> None:
    with context.database.write() as session:
        erasures.note_step(session, context.workspace_id, [erasure.id for erasure in done], step, context.clock())


def dry_run(context: JobContext) -> int:
    """Count the deletions that are not followed through yet."""
    return context.count(lambda session, workspace, _now: len(erasures.open_erasures(session, workspace.id)))
