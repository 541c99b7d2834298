"""The one direct message about an import, which changes in place: preview (14a), progress (14b), result (14c)."""

from collections.abc import Callable, Mapping

from models.facts import ImportFacts
from models.import_run import Fate, Fault, FileFormat, ImportRun, ImportState, UndoFate
from models.lead import Consent, Source
from views.blocks import Block, Message, actions, button, context, escape, fields, mrkdwn, plain, section
from views.import_words import FORMATS, column_field, fault, short_reason
from views.labels import CONSENTS, SOURCES
from views.words import Reader

START, SETTINGS_FORM, DISCARD = "import.start", "import.settings_form", "import.discard"
STOP, REJECTS, UNDO, AGAIN = "import.stop", "import.rejects", "import.undo", "import.form"
COLUMNS_NAMED = 12
REASONS_NAMED = 3
BAR = 10


def note(facts: ImportFacts, reader: Reader) -> Message:
    """Show an import as it stands."""
    return _NOTES[facts.run.state](facts, reader)


def begun(run: ImportRun, reader: Reader) -> Message:
    """Say privately that a file is being read, and where its preview will be."""
    said = reader.t(
        "Baton is reading the file ({label}). What was understood comes as a direct message.", label=run.label
    )
    return Message(said, [section(said)])


def undo_begun(run: ImportRun, reader: Reader) -> Message:
    """Say privately that a whole import is being taken back."""
    said = reader.t("The import of *{file}* ({label}) is being undone.", file=_named(run), label=run.label)
    hint = reader.t("Its direct message says what stays, since somebody has worked on it.")
    return Message(_spoken(said, hint, reader), [section(said), context(hint)])


def _named(run: ImportRun) -> str:
    return escape(run.file_name, 80) or run.label


def _waiting(facts: ImportFacts, reader: Reader) -> Message:
    said = reader.t("Reading *{file}*…", file=_named(facts.run))
    hint = reader.t("This message updates itself. Nothing is written yet.")
    return Message(_spoken(said, hint, reader), [section(said), context(hint)])


def _ready(facts: ImportFacts, reader: Reader) -> Message:
    run, t = facts.run, reader.t
    said = t("*{file}* was read.", file=_named(run))
    nothing = t("*Nothing is written yet.*")
    counted = _counts(run.planned, reader) + _unreadable(run, reader)
    rows = reader.n("{count} row", "{count} rows", sum(run.planned.values()))
    blocks: list[Block] = [section(f"{said}\n{nothing}")]
    if counted:
        blocks.append(fields([mrkdwn(text) for text in counted]))
    blocks += [context(text) for text in (_columns(run, reader), _settings(run, reader)) if text]
    if facts.earlier is not None:
        blocks.append(context(t("This very file was imported before, as {label}.", label=facts.earlier.label)))
    blocks.append(actions(*_ready_buttons(run, reader)))
    spoken = t("{rows}: {counts}", rows=rows, counts=reader.listed(text.replace("*", "") for text in counted))
    return Message(reader.sentences((said.replace("*", ""), nothing.replace("*", ""), reader.stopped(spoken))), blocks)


def _counts(counts: Mapping[str, int], reader: Reader) -> list[str]:
    """Name what becomes of the rows, without what there is none of."""
    t = reader.t
    said = {
        Fate.NEW: t("*New*  {count}", count=counts.get(Fate.NEW, 0)),
        Fate.FILLED: t("*Add to existing leads*  {count}", count=counts.get(Fate.FILLED, 0)),
        Fate.KNOWN: t("*Already known*  {count}", count=counts.get(Fate.KNOWN, 0)),
        Fate.REPEATED: t("*Again in the file*  {count}", count=counts.get(Fate.REPEATED, 0)),
    }  # fmt: skip
    return [text for fate, text in said.items() if counts.get(fate) or fate is Fate.NEW]


def _unreadable(run: ImportRun, reader: Reader) -> list[str]:
    if not run.bad:
        return []
    worst = sorted(run.bad.items(), key=lambda pair: (-pair[1], pair[0]))[:REASONS_NAMED]
    reasons = reader.listed(
        reader.t("{reason} {count}", reason=escape(short_reason(what, reader), 60), count=count)
        for what, count in worst
    )
    count = sum(run.bad.values())
    return [reader.t("*Unreadable*  {count} ({reasons})", count=count, reasons=reasons)]


def _columns(run: ImportRun, reader: Reader) -> str:
    """Say which column goes where, and which ones are only kept."""
    t = reader.t
    mapping = [(heading, run.mapping.get(heading, "")) for heading in run.layout.get("headings", ())]
    taken = [
        t("{column} → {field}", column=escape(str(heading), 40), field=column_field(str(field), reader))
        for heading, field in mapping
        if field
    ]
    kept = [escape(str(heading), 40) for heading, field in mapping if not field]
    lines = []
    if taken:
        lines.append(t("Columns: {columns}", columns=_some(taken, reader)))
    if kept:
        lines.append(t("Kept with the lead: {columns}", columns=_some(kept, reader)))
    return "\n".join(lines)


def _some(names: list[str], reader: Reader) -> str:
    shown = reader.listed(names[:COLUMNS_NAMED])
    rest = len(names) - COLUMNS_NAMED
    return reader.t("{names} and {count} more", count=rest, names=shown) if rest > 0 else shown


def _settings(run: ImportRun, reader: Reader) -> str:
    t, layout = reader.t, run.layout
    is_said = "source" in run.mapping.values() or layout.get("export")
    unsaid = (
        t("as each row says") if is_said else t("{source}, as the file does not say", source=t(SOURCES[Source.OTHER]))
    )
    source = t(SOURCES[Source(run.source)]) if run.source else unsaid
    if run.campaign:
        source = t("{source} ({campaign})", source=source, campaign=escape(run.campaign, 80))
    kind = FORMATS.get(FileFormat(layout["format"]), "") if layout.get("format") else ""
    read_as = reader.listed((str(layout.get("export", "")), kind, str(layout.get("encoding", ""))))
    return reader.dotted(
        (
            t("Source: {source}", source=source),
            t("consent: {consent}", consent=t(CONSENTS[Consent(run.consent)])),
            t("read as {kind}", kind=read_as),
            "" if layout.get("has_header", True) else t("it has no header: say in the settings what its columns are"),
        )
    )


def _ready_buttons(run: ImportRun, reader: Reader) -> list[Block]:
    t, count, label = reader.t, run.planned_writes, run.label
    buttons = []
    if count:
        buttons.append(button(START, t("Import {count}", count=count), label, primary=True))
    buttons.append(button(SETTINGS_FORM, t("Change settings"), label))
    if run.bad:
        buttons.append(button(REJECTS, t("Unreadable rows as CSV"), label))
    buttons.append(button(DISCARD, t("Discard"), label))
    return buttons


def _running(facts: ImportFacts, reader: Reader) -> Message:
    run, t = facts.run, reader.t
    whole, done = max(sum(run.planned.values()), run.position, 1), run.position
    full = BAR * done // whole
    bar = "▰" * full + "▱" * (BAR - full)
    said = t("Importing *{file}*", file=_named(run))
    steps = t("{bar}  row *{done}* of {whole}", bar=bar, done=done, whole=whole)
    rest = max(run.planned_writes - run.written, 0)
    stays = reader.n("The {count} lead already written stays.", "The {count} leads already written stay.", run.written)
    leaves = reader.n("The other {count} is not imported.", "The other {count} are not imported.", rest)
    stop = _asking(button(STOP, t("Stop"), run.label), t("Stop the import?"), reader.sentences((stays, leaves)),
                   t("Stop"), t("Go on"))  # fmt: skip
    hint = t("This message updates itself. You can leave; the import goes on.")
    text = t("Importing {file}: row {done} of {whole} ({percent}%).",
             file=_named(run), done=done, whole=whole, percent=100 * done // whole)  # fmt: skip
    return Message(text, [section(f"{said}\n{steps}", stop), context(hint)])


def _asking(pressed: Block, title: str, text: str, yes: str, no: str) -> Block:
    """Have Slack ask before a button does what cannot be taken for a slip."""
    asks = {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no), "style": "danger"}
    return {**pressed, "confirm": asks}


def _over(facts: ImportFacts, reader: Reader) -> Message:
    run, t = facts.run, reader.t
    is_done = run.state is ImportState.DONE
    said = (
        t("✅ *Import finished*  {file}", file=_named(run))
        if is_done
        else t("*Import stopped*  {file}", file=_named(run))
    )
    counts = [reader.n("{count} new lead", "{count} new leads", run.done.get(Fate.NEW, 0))]
    if filled := run.done.get(Fate.FILLED, 0):
        counts.append(reader.n("{count} lead added to", "{count} leads added to", filled))
    wrote = f"*{reader.listed(counts)}*"
    undo = _asking(
        button(UNDO, t("Undo import"), run.label),
        t("Undo the whole import?"),
        t("New leads go, and what was added to others is taken away again. What somebody has worked on since stays."),
        t("Undo import"),
        t("Cancel"),
    )
    blocks: list[Block] = [section(f"{said}\n{wrote}", undo)]
    same = run.done.get(Fate.KNOWN, 0) + run.done.get(Fate.REPEATED, 0)
    bad = run.done.get(Fate.BAD, 0)
    if run.fault:
        why = fault(Fault(run.fault), run.fault_row, reader)
        cannot = t("The CSV cannot be made: {why}.", why=why) if is_done else t("Because {why}.", why=why)
        blocks.append(context(cannot))
    elif bad:
        blocks.append(_bad_rows(run, bad, reader))
    facts_line = [
        reader.n("{count} row was known already", "{count} rows were known already", same) if same else "",
        t("nobody was alerted of single leads"),
        t("import {label}", label=run.label),
    ]
    blocks.append(context(reader.dotted(facts_line)))
    unread = reader.n("{count} row could not be read.", "{count} rows could not be read.", bad) if bad else ""
    spoken = [reader.stopped(part.replace("*", "").replace("✅ ", "")) for part in (said, wrote)]
    return Message(reader.sentences((*spoken, unread)), blocks)


def _bad_rows(run: ImportRun, bad: int, reader: Reader) -> Block:
    t = reader.t
    rows = reader.n("*{count} unreadable row*", "*{count} unreadable rows*", bad)
    hint = t("A CSV with the reasons: fix it and import it again")
    return section(f"{rows}\n{hint}", button(REJECTS, t("Get CSV"), run.label))


def _failed(facts: ImportFacts, reader: Reader) -> Message:
    run, t = facts.run, reader.t
    said = t("*{file}* cannot be read.", file=_named(run))
    why = t("Because {why}.", why=fault(Fault(run.fault), run.fault_row, reader))
    nothing = t("Nothing was imported.")
    blocks: list[Block] = [section(reader.sentences((said, nothing)) + f"\n{why}", button(AGAIN, t("Choose a file")))]
    return Message(reader.sentences((said.replace("*", ""), why, nothing)), blocks)


def _discarded(facts: ImportFacts, reader: Reader) -> Message:
    said = reader.t("*{file}* was discarded. Nothing was imported.", file=_named(facts.run))
    return Message(said.replace("*", ""), [section(said)])


def _undoing(facts: ImportFacts, reader: Reader) -> Message:
    said = reader.t("Undoing the import of *{file}*…", file=_named(facts.run))
    return Message(said.replace("*", ""), [section(said)])


def _undone(facts: ImportFacts, reader: Reader) -> Message:
    run, t = facts.run, reader.t
    said = t("The import of *{file}* is undone.", file=_named(run))
    removed = reader.n("{count} lead removed", "{count} leads removed", run.done.get(UndoFate.REMOVED, 0))
    emptied = reader.n("{count} lead as it was before", "{count} leads as they were before", run.done.get(UndoFate.EMPTIED, 0))  # fmt: skip
    did = reader.dotted((removed, emptied if run.done.get(UndoFate.EMPTIED) else ""))
    blocks: list[Block] = [section(f"{said}\n{did}")]
    spoken = [said.replace("*", ""), reader.stopped(did)]
    kept = run.done.get(UndoFate.KEPT, 0)
    if kept:
        labels = [str(label) for label in run.kept_labels]
        more = ["…"] if kept > len(labels) else []
        stays = reader.n(
            "{count} lead stays, since somebody has worked on it: {labels}",
            "{count} leads stay, since somebody has worked on them: {labels}",
            kept,
            labels=reader.listed([*labels, *more]),
        )
        blocks.append(context(stays))
        spoken.append(reader.stopped(stays))
    return Message(reader.sentences(spoken), blocks)


def _spoken(said: str, hint: str, reader: Reader) -> str:
    return reader.sentences((reader.stopped(said.replace("*", "")), hint))


_NOTES: dict[ImportState, Callable[[ImportFacts, Reader], Message]] = {
    ImportState.FETCHING: _waiting,
    ImportState.READING: _waiting,
    ImportState.READY: _ready,
    ImportState.RUNNING: _running,
    ImportState.DONE: _over,
    ImportState.STOPPED: _over,
    ImportState.DISCARDED: _discarded,
    ImportState.FAILED: _failed,
    ImportState.UNDOING: _undoing,
    ImportState.UNDONE: _undone,
}
