"""Exports: what there is to export, the message about one as it stands, and the file beside it."""

from collections.abc import Callable
from datetime import date

from models.export import Export, ExportFault, ExportKind, ExportState
from views.blocks import Block, Message, actions, button, context, section
from views.words import Reader, capital, msg, msgs

_WHAT: dict[ExportKind, str] = {
    ExportKind.LEADS: msg("leads"),
    ExportKind.TOUCHPOINTS: msg("touchpoints"),
    ExportKind.HANDOFFS: msg("handoffs"),
}
_ROWS = msgs("{count} row", "{count} rows")


def choose(reader: Reader) -> Message:
    """Ask what is to be exported."""
    t = reader.t
    said = t("What do you want to export? You get a CSV file as a direct message.")
    person = t("`{command} export L-12` gives all that is held about one person.", command=reader.command)
    buttons = [button(f"export.{what.value}", capital(t(label)), what.value) for what, label in _WHAT.items()]
    return Message(
        reader.sentences((said, person.replace("`", ""))), [section(said), actions(*buttons), context(person)]
    )


def begun(export: Export, reader: Reader) -> Message:
    """Say privately that a file is being made, and where it will be."""
    said = reader.t("The export has begun: {what}", what=_named(export, reader))
    hint = reader.t("The file comes as a direct message, to you alone.")
    return Message(_spoken((said, hint), reader), [section(said), context(hint)])


def _named(export: Export, reader: Reader) -> str:
    if export.what is ExportKind.LEAD:
        return reader.t("all about {label}", label=export.label)
    return reader.t(_WHAT[export.what])


def note(export: Export, reader: Reader) -> Message:
    """Show an export as it stands."""
    return _NOTES[export.state](export, reader)


def _waiting(export: Export, reader: Reader) -> Message:
    t = reader.t
    said = t("Exporting: {what}", what=_named(export, reader))
    far = reader.n(*_ROWS, export.rows) if export.rows else ""
    hint = t("This message updates itself. The file follows below.")
    return _message(reader.dotted((said, far)), hint, reader)


def _made(export: Export, reader: Reader) -> Message:
    t = reader.t
    said = t("✅ Exported: {what}", what=_named(export, reader))
    rows = "" if export.what is ExportKind.LEAD else reader.n(*_ROWS, export.rows)
    until = ""
    if export.drop_at is not None:
        day = reader.day(reader.today(export.drop_at))
        until = t("Baton deletes the file here on {day}, and as soon as somebody in it is to be forgotten.", day=day)
    return _message(reader.dotted((said, rows)), until, reader)


def _dropped(export: Export, reader: Reader) -> Message:
    said = reader.t("The exported file is deleted: {what}", what=_named(export, reader))
    hint = reader.t("Copies that people have saved are theirs to delete. `{command} export` makes a new file.",
                    command=reader.command)  # fmt: skip
    return _message(said, hint, reader)


def _failed(export: Export, reader: Reader) -> Message:
    t, command = reader.t, reader.command
    if export.fault is ExportFault.NOT_DROPPED:
        said = t("⚠️ Slack did not let Baton delete an exported file: {what}", what=_named(export, reader))
        return _message(said, t("Please delete it here yourself: somebody may have asked to be forgotten."), reader)
    said = t("The export failed: {what}", what=_named(export, reader))
    if export.fault is ExportFault.GONE:
        return _message(said, t("The lead is no longer stored."), reader)
    hint = t("Slack did not take the file. Try `{command} export` again, or `bot.py export` on Baton's machine.",
             command=command)  # fmt: skip
    return _message(said, hint, reader)


def _message(said: str, hint: str, reader: Reader) -> Message:
    blocks: list[Block] = [section(said), *([context(hint)] if hint else [])]
    return Message(_spoken((said, hint), reader), blocks)


def _spoken(parts: tuple[str, str], reader: Reader) -> str:
    said, hint = (part.replace("`", "").replace("✅ ", "").replace("⚠️ ", "") for part in parts)
    return reader.sentences(filter(None, (reader.stopped(said), hint)))


def comment(export: Export, rows: int, reader: Reader) -> str:
    """Say beside the file what it holds, in plain words."""
    what = reader.dotted((_named(export, reader), "" if export.what is ExportKind.LEAD else reader.n(*_ROWS, rows)))
    return reader.sentences((reader.stopped(what), reader.t("Personal data: please share it with care.")))


def file_name(export: Export, today: date) -> str:
    """Name the file after what it holds and the day."""
    if export.what is ExportKind.LEAD:
        return f"baton-{export.label}-{today.isoformat()}.json"
    return f"baton-{export.what.value}-{today.isoformat()}.csv"


_NOTES: dict[ExportState, Callable[[Export, Reader], Message]] = {
    ExportState.WAITING: _waiting,
    ExportState.MADE: _made,
    ExportState.DROPPING: _dropped,
    ExportState.DROPPED: _dropped,
    ExportState.FAILED: _failed,
}
