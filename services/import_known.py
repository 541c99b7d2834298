"""Whom the rows of an import are about: the leads that they may know, what those lack, and who is not to be stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, literal_column, select, union_all
from sqlmodel import Session, col

from models.errors import Problem
from models.lead import THE_SEVEN, Consent, Lead, Source, Stage
from models.lead_merge import LeadMerge
from services.files.records import BadRow
from services.import_rows import Identity, PreparedRow, identities_of
from services.matching import is_shared_address
from services.statements import Prepared, is_among, listed
from services.suppression import forgotten_among, tells_of

Values = dict[str, Any]

FILLABLE = ("name", "company", "title", "email", "phone", "campaign", "note", "external_id", *THE_SEVEN)
READ = (*FILLABLE, "id", "number", "stage", "import_id", "source", "consent", "consent_at", "extra", "name_key",
         "email_key", "phone_key")  # fmt: skip
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
    opted_out: dict[str, datetime | None] = field(default_factory=dict)
    """The addresses under which somebody opted out, and when: whatever a file says of it since."""

    def add(self, lead: Values, identities: Iterable[Identity] | None = None) -> None:
        """Note a lead; `identities` are its own, where they are known already."""
        for identity in identities_of(lead) if identities is None else identities:
            self._by.setdefault(identity, lead)
        if lead["consent"] is Consent.NO and lead["email_key"]:
            self.opted_out[lead["email_key"]] = lead["consent_at"]

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
    """Look up the leads that rows may be about, by index, and those into which such leads went."""
    known = KnownLeads()
    keys: dict[str, set[str]] = {kind: set() for kind in _KEYS}
    for row in rows:
        for kind, key, _ in row.identified_by:
            keys[kind].add(key)
    asked = {kind: listed(session, sorted(found)) for kind, found in keys.items()}
    signs = _SIGNS.run(session, {"workspace_id": workspace_id, **asked})
    leads = _read(session, workspace_id, {lead_id for lead_id, _, _ in signs})
    for lead_id in dict.fromkeys(lead_id for lead_id, merged_by, _ in signs if not merged_by):
        if lead_id in leads:
            known.add(leads[lead_id])
    for lead_id, merged_by, key in signs:
        if merged_by and lead_id in leads and not (merged_by == "email" and is_shared_address(key)):
            known.add(leads[lead_id], [(merged_by, key, "")])
    return known


def _read(session: Session, workspace_id: int, ids: Collection[int]) -> dict[int, Values]:
    if not ids:
        return {}
    query = select(*(getattr(Lead, name) for name in READ))
    found = session.execute(query.where(col(Lead.workspace_id) == workspace_id, col(Lead.id).in_(sorted(ids))))
    return {row.id: dict(row._mapping) for row in found}


def _signs(dialect: str) -> Executable:
    """Ask for leads by all of their signs; one that went into another by the address and external id that it had."""
    # A part for each index: with OR between them, PostgreSQL reads the whole table.
    leads: list[Any] = [
        select(col(Lead.id), literal_column("''"), literal_column("''")).where(
            col(Lead.workspace_id) == bindparam("workspace_id"), is_among(column, kind, dialect)
        )
        for kind, column in _KEYS.items()
    ]
    merged: list[Any] = [
        select(col(LeadMerge.into_id), literal_column(f"'{kind}'"), column).where(
            col(LeadMerge.workspace_id) == bindparam("workspace_id"),
            is_among(column, kind, dialect),
            col(LeadMerge.undone_at).is_(None),
        )
        for kind, column in (("email", col(LeadMerge.email_key)), ("external_id", col(LeadMerge.external_id)))
    ]
    return union_all(*leads, *merged)


_SIGNS = Prepared(_signs)


def without_forgotten(
    session: Session, workspace_id: int, rows: Sequence[PreparedRow | BadRow]
) -> list[PreparedRow | BadRow]:
    """Return the rows, with a refusal in the place of each that is about somebody who asked to be forgotten."""
    tells = {tell for row in rows if isinstance(row, PreparedRow) for tell in tells_of(row.values)}
    forgotten = forgotten_among(session, workspace_id, tells)

    def is_refused(row: PreparedRow | BadRow) -> bool:
        return isinstance(row, PreparedRow) and not forgotten.isdisjoint(tells_of(row.values))

    return [BadRow(row.row, Problem.FORGOTTEN) if forgotten and is_refused(row) else row for row in rows]


def fills_of(lead: Mapping[str, Any], values: Mapping[str, Any], known: KnownLeads) -> Values:
    """Return what a row says of a lead that the lead does not know yet. Nothing is overwritten, but for an opt-out."""
    has = lead["consent"]
    if lead["stage"] is Stage.CLOSED:
        opts_out = values["consent"] is Consent.NO and has is not Consent.NO
        return {"consent": Consent.NO, "consent_at": values["consent_at"]} if opts_out else {}
    fills = {name: values[name] for name in FILLABLE if values.get(name) and not lead[name]}
    if "external_id" in fills and known.has_external_id(fills["external_id"]):
        del fills["external_id"]
    if lead["source"] is Source.OTHER and values["source"] is not Source.OTHER:
        fills["source"] = values["source"]
    says, said_at = values["consent"], values["consent_at"]
    if "email" in fills and values["email_key"] in known.opted_out:
        says, said_at = Consent.NO, known.opted_out[values["email_key"]]
    if (says is Consent.NO and has is not Consent.NO) or (says is Consent.YES and has is Consent.UNKNOWN):
        fills |= {"consent": says, "consent_at": said_at}
    more = {name: text for name, text in values["extra"].items() if name not in lead["extra"]}
    if more:
        fills["extra"] = {**lead["extra"], **more}
    return fills
