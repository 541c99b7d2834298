"""A Slack message that a lead or a touchpoint is made of, as the note that says where it came from."""

from models.facts import SlackMessage
from models.member import Member
from views.blocks import cut, sentence, tidy
from views.words import Reader


def note_of(message: SlackMessage, author: Member | None, reader: Reader, limit: int) -> str:
    """Write the note: the message's text, cut to leave room for who wrote it, when and where; plain text."""
    origin = _origin(message, author, reader)
    room = limit - len(origin) - 2
    return "\n\n".join(filter(None, (cut(sentence(message.text, room), room), origin)))


def _origin(message: SlackMessage, author: Member | None, reader: Reader) -> str:
    t = reader.t
    name = tidy(author.name if author else message.bot_name, 50)
    who = reader.person(name) if author and name else name or t("someone")
    when = reader.moment(message.at) if message.at else ""
    said = (
        t("From a Slack message by {who} ({when})", who=who, when=when)
        if when
        else t("From a Slack message by {who}", who=who)
    )
    return f"{said}\n{message.link}" if message.link else said
