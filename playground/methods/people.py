"""users.*, bots.*, team.*, auth.*: who is who."""

from playground.entities import Json
from playground.errors import SlackError
from playground.methods.conversations import KINDS
from playground.methods.method import Args, Method, need_scope, page_of, paged
from playground.workspace import Workspace


def auth_test(ws: Workspace, _args: Args) -> Json:
    """Tell whose token it is."""
    return {
        "url": f"https://{ws.team.domain}.slack.com/",
        "team": ws.team.name,
        "user": ws.bot.name,
        "team_id": ws.team.id,
        "user_id": ws.bot.id,
        "bot_id": ws.installation.bot_id,
        "is_enterprise_install": False,
    }


def api_test(_ws: Workspace, args: Args) -> Json:
    """Give back what came, or the error asked for."""
    if args.text("error"):
        raise SlackError(args.text("error"), args=args.values)
    return {"args": args.values}


def user_info(ws: Workspace, args: Args) -> Json:
    """Describe one person."""
    user = ws.user(args.require("user", "user_not_found"))
    with_email = "users:read.email" in ws.installation.scopes
    return {"user": user.to_json(with_email=with_email, with_locale=args.flag("include_locale"))}


def user_list(ws: Workspace, args: Args) -> Json:
    """Describe everybody of this team, and strangers who share a channel."""
    page, cursor = page_of(list(ws.users.values()), args, default=1000)
    with_email, with_locale = "users:read.email" in ws.installation.scopes, args.flag("include_locale")
    users = [user.to_json(with_email=with_email, with_locale=with_locale) for user in page]
    return paged("members", users, cursor) | {"cache_ts": ws.epoch()}


def user_conversations(ws: Workspace, args: Args) -> Json:
    """List the channels that somebody, or the bot, is in."""
    user = ws.user(args.text("user") or ws.bot.id)
    kinds = args.text("types", "public_channel").split(",")
    for kind in kinds:
        need_scope(ws, KINDS.get(kind, "channels:read"))
    found = [c for c in ws.channels.values() if user.id in c.members and not c.is_im]
    found = [c for c in found if ("private_channel" if c.is_private else "public_channel") in kinds]
    if args.flag("exclude_archived"):
        found = [c for c in found if not c.is_archived]
    page, cursor = page_of(found, args)
    return paged("channels", [c.to_json(ws.bot.id, ws.team.id) for c in page], cursor)


def look_up_by_email(ws: Workspace, args: Args) -> Json:
    """Find a person by e-mail address."""
    email = args.require("email", "users_not_found").casefold()
    for user in ws.users.values():
        if user.email.casefold() == email and not user.deleted:
            return {"user": user.to_json()}
    raise SlackError("users_not_found")


def bot_info(ws: Workspace, args: Args) -> Json:
    """Describe the app's bot."""
    here = ws.installation
    if args.text("bot", here.bot_id) != here.bot_id:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": here.bot_id,
            "deleted": False,
            "name": here.app_name,
            "updated": 0,
            "app_id": here.app_id,
            "user_id": here.bot_user,
            "icons": {},
        }
    }


def team_info(ws: Workspace, args: Args) -> Json:
    """Describe this team, or one that shares a channel with it."""
    team = ws.teams.get(args.text("team", ws.team.id))
    if team is None:
        raise SlackError("team_not_found")
    return {"team": team.to_json()}


METHODS = (
    Method("auth.test", auth_test),
    Method("api.test", api_test, token="none"),  # noqa: S106 - a kind of token
    Method("users.info", user_info, ("users:read",)),
    Method("users.list", user_list, ("users:read",)),
    Method("users.conversations", user_conversations, ("channels:read", "groups:read")),
    Method("users.lookupByEmail", look_up_by_email, ("users:read.email",)),
    Method("bots.info", bot_info, ("users:read",)),
    Method("team.info", team_info, ("team:read",)),
)
