"""A message shown as a form: for answers that have no message to go to."""

from views.blocks import Message, View, modal, section
from views.words import Reader


def showing(message: Message, reader: Reader) -> View:
    """Wrap a message into a form that can only be closed."""
    return modal("dialog", reader.t("Baton"), message.blocks, "", close=reader.t("Close"))


def out_of_date(reader: Reader) -> Message:
    """Answer a click on something that this version does not know."""
    said = reader.t("This button belongs to another version of Baton. Nothing was changed. Type {command} help to go on.",
                    command=reader.command)  # fmt: skip
    return Message(said, [section(said)])
