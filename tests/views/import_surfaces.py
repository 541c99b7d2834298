"""What people see of imports, with ordinary, empty, maximal and hostile files."""

from collections.abc import Callable
from functools import partial
from typing import Any

from models.errors import ImportStateError, LeadError, NotYourImportError
from models.facts import ImportFacts
from models.import_run import Fate, Fault, ImportRun, ImportState, UndoFate
from models.lead import Source
from tests.views import factories as make
from tests.views.factories import NOW, TEXTS
from views import import_form, import_note
from views.blocks import Message, View
from views.import_words import MAPPABLE
from views.words import Reader

Build = Callable[[Reader], Message | View]

COUNTS = {Fate.NEW: 241, Fate.FILLED: 38, Fate.KNOWN: 7, Fate.REPEATED: 5, Fate.BAD: 12}


def run(state: ImportState = ImportState.READY, **changes: Any) -> ImportRun:
    """Make an import of a fair's list."""
    values: dict[str, Any] = {
        "workspace_id": 1, "id": 6, "number": 6, "state": state, "member_id": 1, "file_name": "倉庫DX展2026_来場者.csv",
        "source": Source.TRADE_SHOW, "campaign": "第8回 倉庫DX展", "planned": COUNTS, "bad": {"email": 9, "too_many_cells": 3},
        "layout": {"format": "csv", "encoding": "Shift_JIS", "headings": ["会社名", "お名前", "No."], "has_header": True,
                   "export": ""},
        "mapping": {"会社名": "company", "お名前": "name", "No.": ""}, "sample": [["ミナモ精機", "中村 理恵", "1"]],
        "created_at": NOW,
    }  # fmt: skip
    return ImportRun(**values | changes)


def _stuffed(state: ImportState, text: str) -> ImportRun:
    """Make an import of a file in which a text stands everywhere."""
    headings = [f"{text[:300]} ({place})" for place in range(500)]
    mapping = {heading: MAPPABLE[place % len(MAPPABLE)] for place, heading in enumerate(headings)}
    return run(
        state, file_name=text[:255] or "?", campaign=text[:200], consent_basis=text[:200], mapping=mapping,
        layout={"format": "xlsx", "encoding": "", "headings": headings, "has_header": False, "export": "Eight"},
        sample=[[text[:8000]] * 500] * 3, bad={"name": 1, "email": 2, "phone": 3, "note": 4, "memo": 5},
        fault=Fault.MIXED_ENCODINGS.value, fault_row=31, position=100,
        done={**COUNTS, UndoFate.REMOVED: 3, UndoFate.EMPTIED: 2, UndoFate.KEPT: 99},
        kept_labels=[f"L-{number}" for number in range(20)],
    )  # fmt: skip


def import_messages() -> dict[str, Build]:
    """Build the message about an import in each of its states."""
    runs = {
        "ready": run(),
        "nothing new": run(planned={Fate.KNOWN: 3}, bad={}, mapping={}, layout={}),
        "begun": run(ImportState.RUNNING, position=190, done={Fate.NEW: 150, Fate.FILLED: 30}),
        "empty": run(ImportState.RUNNING, planned={}),
        "done": run(ImportState.DONE, done=COUNTS),
        "done, all new": run(ImportState.DONE, done={Fate.NEW: 1}),
        "undone": run(ImportState.UNDONE, done={UndoFate.REMOVED: 1}),
        **{f"failed {fault}": run(ImportState.FAILED, fault=fault.value, fault_row=3) for fault in Fault},
        **{f"{state} stuffed {name}": _stuffed(state, text) for state in ImportState for name, text in vars(TEXTS).items() if state is not ImportState.FAILED},
    }  # fmt: skip
    found: dict[str, Build] = {}
    for name, one in runs.items():
        found[f"import_note.note {name}"] = partial(import_note.note, ImportFacts(one))
        found[f"import_note.undo_begun {name}"] = partial(import_note.undo_begun, one)
        found[f"import_note.begun {name}"] = partial(import_note.begun, one)
    found["import_note.note again"] = partial(import_note.note, ImportFacts(run(), run(number=5)))
    return found


def import_forms() -> dict[str, Build]:
    """Build the forms of an import."""
    found: dict[str, Build] = {
        "import_form.upload": lambda r: import_form.upload(r, "{}"),
        "import_form.settings": lambda r: import_form.settings(run(), 1_500_000, r, "{}"),
        "import_form.settings bare": lambda r: import_form.settings(run(sample=[], source=None), None, r, "{}"),
    }
    for name, text in vars(TEXTS).items():
        stuffed = _stuffed(ImportState.READY, text)
        found[f"import_form.settings {name}"] = lambda r, one=stuffed: import_form.settings(one, None, r, "{}")  # type: ignore[misc]
    return found


def import_refusals() -> dict[str, LeadError]:
    """Make the errors of imports."""
    found: dict[str, LeadError] = {f"import {state}": ImportStateError(run(state)) for state in ImportState}
    return found | {
        "no such import": ImportStateError(None),
        "not your import": NotYourImportError(run(), make.aoki()),
        "nobody's import": NotYourImportError(run(), None),
    }
