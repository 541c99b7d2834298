"""What people see of exports, in each of their states."""

from collections.abc import Callable
from functools import partial
from itertools import product

from models.export import Export, ExportFault, ExportKind, ExportState
from tests.views.factories import NOW
from views import export_note
from views.blocks import Message
from views.words import Reader


def export_messages() -> dict[str, Callable[[Reader], Message]]:
    """Build the message about every export as it can stand."""
    found: dict[str, Callable[[Reader], Message]] = {"export_note.choose": export_note.choose}
    for what, state in product(ExportKind, ExportState):
        export = _export(what, state)
        found[f"export_note.begun {what}"] = partial(export_note.begun, export)
        for fault in ExportFault if state is ExportState.FAILED else (None,):
            now = export.model_copy(update={"fault": fault})
            found[f"export_note.note {what} {state} {fault}"] = partial(export_note.note, now)
    return found


def _export(what: ExportKind, state: ExportState) -> Export:
    return Export(
        workspace_id=1, id=7, what=what, state=state, lead_number=12 if what is ExportKind.LEAD else None, member_id=3,
        rows=12_345, asked_at=NOW, drop_at=NOW if state is ExportState.MADE else None,
    )  # fmt: skip
