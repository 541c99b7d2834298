"""Have the holidays of everybody's country at hand before anybody plans or counts by them."""

from jobs.context import JobContext
from services import members, working_time
from services.workspaces import get_workspace


def list_holidays(context: JobContext) -> None:
    """List them where they are not known yet: a process does it, for which no transaction may wait."""
    with context.database.read() as session:
        country = get_workspace(session, context.workspace_id).country
        zones = members.timezones(session, context.workspace_id)
    countries = {working_time.country_of(zone, country) for zone in zones} | {country}
    working_time.list_holidays(countries, context.clock().date())
