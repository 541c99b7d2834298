"""Whether a lead is hot, as it stands on its row."""

from datetime import datetime, timedelta

from models.lead import Lead
from models.workspace import Workspace
from services import scoring


def move_heat(lead: Lead, workspace: Workspace, now: datetime) -> None:
    """Note whether the lead is hot, when it will cool, and whether its turning hot is news to anybody.

    It is when nobody was told of the lead within the quiet days: a lead that stays hot, or flickers, is no news.
    """
    # What has cooled is hot no more, though no job has noted it yet.
    was_hot = lead.hot_since is not None and (lead.cools_at is None or lead.cools_at > now)
    lead.cools_at = scoring.cools_at(lead, workspace.hot_threshold, scoring.rules_for(lead, workspace), now)
    if lead.cools_at is None:
        lead.hot_since = lead.hot_alert_due_at = None
    elif not was_hot:
        lead.hot_since = now
        quiet_until = (lead.hot_alerted_at or now) + timedelta(days=workspace.hot_quiet_days)
        if lead.hot_alerted_at is None or quiet_until <= now:
            lead.hot_alert_due_at = now


def move_heat_quietly(lead: Lead, workspace: Workspace, now: datetime) -> None:
    """Note whether the lead is hot, as `move_heat` does, without a word to anybody when it has just turned so."""
    was_due_at = lead.hot_alert_due_at
    move_heat(lead, workspace, now)
    lead.hot_alert_due_at = was_due_at if lead.hot_since is not None else None
