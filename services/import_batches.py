"""A batch of an import: who in it is known, what they lack is filled, and the others become leads, in one transaction."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models.base import new_id
from models.consent import ConsentRecord
from models.facts import ConsentEntry
from models.import_fill import ImportFill
from models.import_run import Fate
from models.lead import Consent, Lead, Source
from models.records import Change, ChangeKind
from models.workspace import Workspace
from services.hotness import move_heat_quietly
from services.import_known import FILLABLE, READ, KnownLeads, Values, by_certainty, fills_of, known_leads
from services.import_rows import PreparedRow, identities_of
from services.lead_edits import derive_fields
from services.leads import keys_of, lock_leads, next_numbers
from services.records import consent_values
from services.search import index_leads
from services.seen import Seen
from services.statements import Prepared, insert, inserting
from services.withdrawals import note_consent

BATCH = 200
"""The most rows in a transaction. SQLite has one writer: a batch holds it for less than 100 ms."""


@dataclass(frozen=True)
class Batch:
    """What all rows of an import have in common; `consent_origin` is where they agreed, as whoever imports says."""

    workspace: Workspace
    import_id: int
    now: datetime
    consent_origin: str = ""


def save_batch(session: Session, batch: Batch, rows: Sequence[PreparedRow]) -> Tally[Fate]:
    """Store the rows that are about nobody known, fill what others lack, and count what became of them."""
    workspace_id = batch.workspace.id
    # Whoever adds a lead takes a number first. Taking none holds the counter, so nobody adds what we are looking for.
    next_numbers(session, workspace_id, 0)
    known = known_leads(session, workspace_id, rows)
    touched = _filled_before(session, batch, known)
    counts: Tally[Fate] = Tally()
    new: list[Values] = []
    filled: dict[int, Values] = {}
    for row in rows:
        found = known.find(row)
        if found is None:
            lead = {**_with_consent(row.values, known), "id": new_id(), "import_id": batch.import_id}
            known.add(lead, row.identities)
            new.append(lead)
            counts[Fate.NEW] += 1
            continue
        lead, is_certain = found
        if lead["import_id"] == batch.import_id or lead["id"] in touched:
            counts[Fate.REPEATED] += 1
        elif is_certain and (fills := fills_of(lead, row.values, known)):
            filled[lead["id"]] = fills
            touched.add(lead["id"])
            known.add(_with_fills(lead, fills, batch.workspace))
            counts[Fate.FILLED] += 1
        else:
            counts[Fate.KNOWN] += 1
    if new:
        _insert(session, batch, new)
    if filled:
        _fill(session, batch, filled)
    return counts


def _with_consent(values: Values, known: KnownLeads) -> Values:
    """Return the values of a new lead, whose address may be one under which somebody opted out."""
    if values["consent"] is Consent.NO or values["email_key"] not in known.opted_out:
        return values
    return {**values, "consent": Consent.NO, "consent_at": known.opted_out[values["email_key"]]}


def _filled_before(session: Session, batch: Batch, known: KnownLeads) -> set[int]:
    """Return which of the leads this import has filled already."""
    ids = known.ids()
    if not ids:
        return set()
    query = select(col(ImportFill.lead_id)).where(
        col(ImportFill.workspace_id) == batch.workspace.id,
        col(ImportFill.import_id) == batch.import_id,
        col(ImportFill.lead_id).in_(ids),
    )
    return set(session.scalars(query))


def _insert(session: Session, batch: Batch, leads: list[Values]) -> None:
    first = next_numbers(session, batch.workspace.id, len(leads))
    for number, lead in enumerate(leads, start=first):
        lead["number"] = number
    # What is empty in all of them is left to the database: half of the columns.
    written = frozenset(name for lead in leads for name, value in lead.items() if value is not None)
    # Made ready once: what a file does not say of anybody is the very same object in all of them.
    same = {name: leads[0][name] for name in written if all(lead[name] is leads[0][name] for lead in leads)}
    differing = written - same.keys()
    rows = ({name: lead[name] for name in differing} for lead in leads)
    _inserting(Lead, written).run_many(session, same, rows)
    index_leads(session, batch.workspace.id, [(lead["id"], lead["search_text"]) for lead in leads])
    changes = [_change(lead, ChangeKind.ADDED, batch, {}) for lead in leads]
    _inserting(Change, frozenset(changes[0])).run_many(session, {}, changes)
    _keep_consents(session, batch, [lead for lead in leads if lead["consent"] is not Consent.UNKNOWN])


@lru_cache(maxsize=256)
def _inserting(table: type[SQLModel], columns: frozenset[str]) -> Prepared:
    return inserting(table, only=columns)


def _change(lead: Mapping[str, Any], kind: ChangeKind, batch: Batch, before: Values) -> Values:
    # By nobody: `/lead undo` takes back one's own last slip, and an import is not one.
    return {
        "workspace_id": batch.workspace.id,
        "id": new_id(),
        "lead_id": lead["id"],
        "lead_number": lead["number"],
        "kind": kind,
        "subject_id": batch.import_id,
        "before": before,
        "at": batch.now,
    }


def _with_fills(lead: Mapping[str, Any], fills: Mapping[str, Any], workspace: Workspace) -> Values:
    filled = {**lead, **fills}
    keys = keys_of(filled["name"], filled["company"], filled["email"], filled["phone"], workspace.country)
    return {**filled, **keys}


def _keep_consents(session: Session, batch: Batch, leads: Iterable[Mapping[str, Any]]) -> None:
    """Keep the answers of these leads in their history."""
    answers = [
        consent_values(
            batch.workspace.id, lead["id"], _answer(batch, lead["consent"], lead["consent_at"]), None, batch.now
        )
        for lead in leads
    ]
    if answers:
        _inserting(ConsentRecord, frozenset(answers[0])).run_many(session, {}, answers)


def _answer(batch: Batch, consent: Consent, given_at: datetime | None) -> ConsentEntry:
    # What was said before this import was not said where its people were asked.
    return ConsentEntry(consent, given_at=given_at, origin=batch.consent_origin if given_at == batch.now else "")


def _fill(session: Session, batch: Batch, filled: Mapping[int, Values]) -> None:
    """Write what was missing; what somebody filled in while we were looking stays as they wrote it."""
    none, changes, fills, agreed = KnownLeads(), list[Values](), list[Values](), list[Values]()
    for lead in lock_leads(session, batch.workspace.id, filled):
        knows = {name: getattr(lead, name) for name in READ}
        still = fills_of(knows, {**_NOTHING, **filled[lead.id]}, none)
        if still.get("consent") is Consent.NO:
            # By the one way there is: it counts for everybody at the address, and outlives an undoing.
            entry = _answer(batch, Consent.NO, still.pop("consent_at"))
            note_consent(session, lead, entry, None, batch.now)
            del still["consent"]
        if still:
            _set(session, lead, still, batch)
            before = {name: _plain(knows[name]) for name in still}
            changes.append(_change(knows, ChangeKind.EDITED, batch, {"rev": lead.rev, **before}))
        if "consent" in still:
            agreed.append({"id": lead.id, **still})
        fills.append(_fill_values(batch, lead.id, knows, still))
    session.flush()
    for table, rows in ((Change, changes), (ImportFill, fills)):
        if rows:
            session.execute(insert(session, table), rows)
    _keep_consents(session, batch, agreed)


def _set(session: Session, lead: Lead, fills: Mapping[str, Any], batch: Batch) -> None:
    """Set the fields and let everything follow from them, without a word to anybody."""
    for name, value in fills.items():
        setattr(lead, name, value)
    lead.updated_at, lead.rev = batch.now, lead.rev + 1
    derive_fields(session, lead, batch.workspace, batch.now)
    move_heat_quietly(lead, batch.workspace, batch.now)


def _fill_values(batch: Batch, lead_id: int, knows: Mapping[str, Any], fills: Mapping[str, Any]) -> Values:
    return {
        "workspace_id": batch.workspace.id,
        "id": new_id(),
        "import_id": batch.import_id,
        "lead_id": lead_id,
        "before": {name: _plain(knows[name]) for name in fills},
        "after": {name: _plain(value) for name, value in fills.items()},
    }


_NOTHING: Values = dict.fromkeys((*FILLABLE, "email_key")) | {
    "source": Source.OTHER, "consent": Consent.UNKNOWN, "consent_at": None, "extra": {},
}  # fmt: skip


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass
class Forecast:
    """What an import would do, counted without doing it: who would be new is remembered by a number each."""

    counts: Tally[Fate] = field(default_factory=Tally)
    _new: Seen = field(default_factory=Seen)
    _touched: Seen = field(default_factory=Seen)

    def add(self, known: KnownLeads, rows: Iterable[PreparedRow], workspace: Workspace) -> None:
        """Count what `save_batch` would do with these rows."""
        for row in rows:
            self.counts[self._fate(known, row, workspace)] += 1

    def _fate(self, known: KnownLeads, row: PreparedRow, workspace: Workspace) -> Fate:
        for identity in by_certainty(row):
            if lead := known.get(identity):
                return self._fate_with(lead, known, row, workspace, is_certain=identity[0] != "name")
            if identity in self._new:
                return Fate.REPEATED
        self._new.add(row.identities)
        return Fate.NEW

    def _fate_with(
        self, lead: Values, known: KnownLeads, row: PreparedRow, workspace: Workspace, *, is_certain: bool
    ) -> Fate:
        if lead["id"] in self._touched:
            return Fate.REPEATED
        if not is_certain or not (fills := fills_of(lead, row.values, known)):
            return Fate.KNOWN
        self._touched.add([lead["id"]])
        self._new.add(identities_of(_with_fills(lead, fills, workspace)))
        return Fate.FILLED
