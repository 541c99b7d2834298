"""The Home tab: drawn anew each time somebody opens it."""

from handlers.events import Event
from models.member import Standing
from services import members
from services.homes import home_of
from views.home import home
from views.words import Reader


def home_opened(event: Event) -> None:
    """Show people what is theirs to do; who may not act sees an empty tab."""
    if event.body.get("tab") not in {None, "home"}:
        return
    actor = event.people.find(str(event.body.get("user") or ""), event.now)
    if actor.standing is not Standing.ACTIVE:
        return
    with event.desk.database.read() as session:
        member = members.get_member(session, actor.workspace_id, actor.member_id)
        if member is None:
            return
        digest, mine = home_of(session, member, event.now)
    reader = Reader(actor.locale, actor.timezone, event.desk.command)
    event.desk.publish_home(actor.slack_id, home(digest, mine, actor, reader, event.now))
