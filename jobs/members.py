"""Read from Slack who is in the channels and who the admins are; at start and daily, events keep it in between.

With the people come the holidays of the countries they live in.
"""

import logging

from slack_sdk.errors import SlackClientError

from jobs.asking import pages
from jobs.context import JobContext
from jobs.holidays import list_holidays
from services import members, workspaces

log = logging.getLogger(__name__)


def run(context: JobContext) -> int:
    """Save the people that matter and their roles; return how many people work with leads."""
    with context.database.read() as session:
        workspace = workspaces.get_workspace(session, context.workspace_id)
        team = workspaces.first_team(session, context.workspace_id)
        known = members.known_slack_ids(session, context.workspace_id)
    channels = {
        channel for channel in (workspace.marketing_channel_slack_id, team and team.channel_slack_id) if channel
    }
    inside = {channel: ids for channel in channels if (ids := _members_of(context, channel)) is not None}
    wanted = known.union(*inside.values())
    for page in pages(context, context.client.users_list, include_locale=True):
        people = [
            members.profile_of(user, context.team_slack_id, workspace.locale, workspace.timezone)
            for user in page["members"]
            if user["id"] in wanted or user.get("is_admin") or user.get("is_owner")
        ]
        with context.database.write() as session:
            members.save_profiles(session, context.workspace_id, people, context.clock())
    with context.database.write() as session:
        for channel, ids in inside.items():
            members.set_channel_members(session, workspace, channel, ids)
    context.forget_people()
    list_holidays(context)
    return len(set().union(*inside.values()))


def _members_of(context: JobContext, channel: str) -> set[str] | None:
    """Return who is in the channel; None where Slack does not tell, and then everybody keeps their role."""
    try:
        found = pages(context, context.client.conversations_members, channel=channel)
        return {slack_id for page in found for slack_id in page["members"]}
    except SlackClientError as error:
        log.warning("the members of a channel could not be read: %s", type(error).__name__)
        return None


def dry_run(context: JobContext) -> int:
    """Count the people who would be read anew."""
    return context.count(lambda session, workspace, _now: len(members.known_slack_ids(session, workspace.id)))
