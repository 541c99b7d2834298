"""A batch of an import: who in it is known, what they lack is filled, and the others become leads, in one transaction."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, SQLModel, col

from models.base import new_id
from models.import_fill import ImportFill
from models.import_run import Fate
from models.lead import THE_SEVEN, Consent, DecisionRole, Lead, Source, Stage
from models.records import Change, ChangeKind
from models.workspace import Workspace
from services import scoring
from services.import_rows import Identity, PreparedRow, identities_of
from services.leads import keys_of, next_numbers
from services.statements import Prepared, insert, inserting

BATCH = 200
"""Rows in a transaction. SQLite has one writer: a batch holds it for less than 100 ms."""

Values = dict[str, Any]

_FILLABLE = ("name", "company", "title", "email", "phone", "campaign", "note", "external_id", *THE_SEVEN)
_READ = (*_FILLABLE, "id", "number", "stage", "rev", "import_id", "source", "consent", "consent_at", "extra", "name_key",
         "email_key", "phone_key")  # fmt: skip
_WRITTEN = (*_FILLABLE, "source", "consent", "consent_at", "extra", "name_key", "email_key", "phone_key", "search_text",
            "fit_points", "updated_at", "rev")  # fmt: skip
_KEYS = {
    "external_id": col(Lead.external_id),
    "email": col(Lead.email_key),
    "phone": col(Lead.phone_key),
    "name": col(Lead.name_key),
}
"""The indexed column of each kind of identity, the most certain first."""


@dataclass
class KnownLeads:
    """The leads that a batch may be about, by everything by which they can be recognised."""

    _by: dict[Identity, Values] = field(default_factory=dict)

    def add(self, lead: Values, identities: Iterable[Identity] | None = None) -> None:
        """Note a lead; `identities` are its own, where they are known already."""
        for identity in identities_of(lead) if identities is None else identities:
            self._by.setdefault(identity, lead)

    def find(self, row: PreparedRow) -> tuple[Values, bool] | None:
        """Return the lead that a row is about, and whether that is certain: a name and a company alone are not."""
        for identity in by_certainty(row):
            if lead := self.get(identity):
                return lead, identity[0] != "name"
        return None

    def get(self, identity: Identity) -> Values | None:
        return self._by.get(identity)

    def ids(self) -> list[int]:
        """Return the ids of all of them."""
        return sorted({lead["id"] for lead in self._by.values()})

    def has_external_id(self, external_id: str) -> bool:
        return ("external_id", external_id, "") in self._by


def by_certainty(row: PreparedRow) -> list[Identity]:
    """Return what tells whether a row is known, the most certain first."""
    return sorted(row.identified_by, key=lambda identity: _CERTAINTY[identity[0]])


_CERTAINTY = {kind: place for place, kind in enumerate(_KEYS)}


def known_leads(session: Session, workspace_id: int, rows: Sequence[PreparedRow]) -> KnownLeads:
    """Look up the leads that rows may be about, by index."""
    known = KnownLeads()
    for kind, column in _KEYS.items():
        keys = {identity[1] for row in rows for identity in row.identified_by if identity[0] == kind}
        if keys:
            # A query for each index: with OR between them, PostgreSQL reads the whole table.
            for lead in _read(session, workspace_id, column.in_(sorted(keys))):
                known.add(lead)
    return known


def _read(session: Session, workspace_id: int, which: Any, *, lock: bool = False) -> list[Values]:
    query = select(*(getattr(Lead, name) for name in _READ)).where(col(Lead.workspace_id) == workspace_id, which)
    if lock:
        query = query.order_by(col(Lead.id)).with_for_update()
    return [dict(row._mapping) for row in session.execute(query)]


def fills_of(lead: Mapping[str, Any], values: Mapping[str, Any], known: KnownLeads) -> Values:
    """Return what a row says of a lead that the lead does not know yet. Nothing is overwritten, but for an opt-out."""
    if lead["stage"] is Stage.CLOSED:
        return {}
    fills = {name: values[name] for name in _FILLABLE if values.get(name) and not lead[name]}
    if "external_id" in fills and known.has_external_id(fills["external_id"]):
        del fills["external_id"]
    if lead["source"] is Source.OTHER and values["source"] is not Source.OTHER:
        fills["source"] = values["source"]
    says, has = values["consent"], lead["consent"]
    if (says is Consent.NO and has is not Consent.NO) or (says is Consent.YES and has is Consent.UNKNOWN):
        fills |= {"consent": says, "consent_at": values["consent_at"]}
    more = {name: text for name, text in values["extra"].items() if name not in lead["extra"]}
    if more:
        fills["extra"] = {**lead["extra"], **more}
    return fills


@dataclass(frozen=True)
class Batch:
    """What all rows of an import have in common."""

    workspace: Workspace
    import_id: int
    now: datetime


def save_batch(session: Session, batch: Batch, rows: Sequence[PreparedRow]) -> Tally[Fate]:
    """Store the rows that are about nobody known, fill what others lack, and count what became of them."""
    workspace_id = batch.workspace.id
    # Whoever adds a lead takes a number first. Taking none holds the counter, so nobody adds what we are looking for.
    next_numbers(session, workspace_id, 0)
    known = known_leads(session, workspace_id, rows)
    touched = _filled_before(session, batch, known)
    counts: Tally[Fate] = Tally()
    new: list[Values] = []
    filled: dict[int, tuple[Values, Values]] = {}
    for row in rows:
        found = known.find(row)
        if found is None:
            lead = {**row.values, "id": new_id(), "import_id": batch.import_id}
            known.add(lead, row.identities)
            new.append(lead)
            counts[Fate.NEW] += 1
            continue
        lead, is_certain = found
        if lead["import_id"] == batch.import_id or lead["id"] in touched:
            counts[Fate.REPEATED] += 1
        elif is_certain and (fills := fills_of(lead, row.values, known)):
            filled[lead["id"]] = (lead, fills)
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
    _inserting(Lead, written).run_many(session, [{name: lead[name] for name in written} for lead in leads])
    changes = [_change(lead, ChangeKind.ADDED, batch, {}) for lead in leads]
    _inserting(Change, frozenset(changes[0])).run_many(session, changes)


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


def _fill(session: Session, batch: Batch, filled: Mapping[int, tuple[Values, Values]]) -> None:
    """Write what was missing; what somebody filled in while we were looking stays as they wrote it."""
    none = KnownLeads()
    fresh = _read(session, batch.workspace.id, col(Lead.id).in_(sorted(filled)), lock=True)
    rows, changes, fills = [], [], []
    for lead in fresh:
        wanted = filled[lead["id"]][1]
        still = {**fills_of(lead, {**_NOTHING, **wanted}, none)}
        if not still:
            continue
        before = {name: _plain(lead[name]) for name in still}
        after = _with_fills(lead, still, batch.workspace) | {"updated_at": batch.now, "rev": lead["rev"] + 1}
        after["fit_points"] = _fit_points(after, batch.workspace)
        rows.append({"b_workspace": batch.workspace.id, "b_id": lead["id"], **{f"v_{n}": after[n] for n in _WRITTEN}})
        changes.append(_change(lead, ChangeKind.EDITED, batch, {"rev": after["rev"], **before}))
        fills.append(
            {"workspace_id": batch.workspace.id, "import_id": batch.import_id, "lead_id": lead["id"], "before": before,
             "after": {name: _plain(after[name]) for name in still}}
        )  # fmt: skip
    if rows:
        session.execute(_FILL.execution_options(synchronize_session=False), rows)
        session.execute(insert(session, Change), changes)
        session.execute(insert(session, ImportFill), fills)


_NOTHING: Values = dict.fromkeys(_FILLABLE) | {"source": Source.OTHER, "consent": Consent.UNKNOWN, "consent_at": None, "extra": {}}  # fmt: skip
_LEAD = Lead.__table__  # type: ignore[attr-defined]
_FILL = (
    update(_LEAD)
    .where(_LEAD.c.workspace_id == bindparam("b_workspace"), _LEAD.c.id == bindparam("b_id"))
    .values({name: bindparam(f"v_{name}") for name in _WRITTEN})
)


@dataclass(frozen=True)
class _Judged:
    """A lead as scoring looks at it."""

    title: str
    email: str
    source: Source | None


def _fit_points(lead: Mapping[str, Any], workspace: Workspace) -> float:
    role = DecisionRole(lead["role"]) if lead["role"] else None
    judged = _Judged(lead["title"], lead["email"], lead["source"])
    return scoring.fit_points(judged, role, scoring.rules_of(workspace))


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass
class Forecast:
    """What an import would do, counted without doing it: who would be new is remembered by a number each."""

    counts: Tally[Fate] = field(default_factory=Tally)
    _new: set[int] = field(default_factory=set)
    _touched: set[int] = field(default_factory=set)

    def add(self, known: KnownLeads, rows: Iterable[PreparedRow], workspace: Workspace) -> None:
        """Count what `save_batch` would do with these rows."""
        for row in rows:
            self.counts[self._fate(known, row, workspace)] += 1

    def _fate(self, known: KnownLeads, row: PreparedRow, workspace: Workspace) -> Fate:
        for identity in by_certainty(row):
            if lead := known.get(identity):
                return self._fate_with(lead, known, row, workspace, is_certain=identity[0] != "name")
            if hash(identity) in self._new:
                return Fate.REPEATED
        self._new.update(map(hash, row.identities))
        return Fate.NEW

    def _fate_with(
        self, lead: Values, known: KnownLeads, row: PreparedRow, workspace: Workspace, *, is_certain: bool
    ) -> Fate:
        if lead["id"] in self._touched:
            return Fate.REPEATED
        if not is_certain or not (fills := fills_of(lead, row.values, known)):
            return Fate.KNOWN
        self._touched.add(lead["id"])
        self._new.update(map(hash, identities_of(_with_fills(lead, fills, workspace))))
        return Fate.FILLED
