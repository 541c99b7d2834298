"""Whom not to bring back: what tells a forgotten person is kept only as a keyed hash, and asked before a lead is stored."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session, col

from models.erasure import Erasure, Suppression, SuppressionKey
from models.errors import ForgottenError
from models.lead import Lead
from services.identity import fold
from services.statements import Prepared, changed, insert


def tells_of(lead: Lead | Mapping[str, Any]) -> list[str]:
    """Return everything by which somebody of these columns could be known: never a number alone, colleagues share it."""
    read = lead.get if isinstance(lead, Mapping) else lambda name: getattr(lead, name)
    name, company = read("name_key") or "", fold(read("company") or "")
    found = (
        ("email", read("email_key"), ""),
        ("phone", read("phone_key"), name),
        ("external", read("external_id"), ""),
        ("person", name if company else "", company),
    )
    return ["\n".join((kind, key, with_it)) for kind, key, with_it in found if key]


def suppress(session: Session, workspace_id: int, person: Lead | Mapping[str, Any], erasure_id: int) -> None:
    """Keep the hashes of what tells the person; of a name and company only where there is nothing better."""
    tells = tells_of(person)
    better = [tell for tell in tells if not tell.startswith("person\n")]
    key = _make_key(session, workspace_id)
    for tell in better or tells:
        row = {"workspace_id": workspace_id, "digest": _digest(key, tell), "erasure_id": erasure_id}
        statement = insert(session, Suppression).on_conflict_do_update(
            index_elements=["workspace_id", "digest"], set_={"erasure_id": erasure_id}
        )
        session.execute(statement, row)


def refuse_forgotten(session: Session, workspace_id: int, lead: Lead | Mapping[str, Any]) -> None:
    """Let pass who was not forgotten.

    Raises:
        ForgottenError: they were.
    """
    key = _key(session, workspace_id)
    if key is None:
        return
    digests = [_digest(key, tell) for tell in tells_of(lead)]
    named = dict(zip(_SLOTS, [*digests, *[""] * len(_SLOTS)], strict=False))
    found = _FIND.run(session, {"workspace": workspace_id, **named})
    if found:
        raise ForgottenError(session.get_one(Erasure, (workspace_id, found[0][0])))


def forgotten_among(session: Session, workspace_id: int, tells: Iterable[str]) -> set[str]:
    """Return which of many tells are those of forgotten people, by one query for a whole batch."""
    key = _key(session, workspace_id)
    if key is None:
        return set()
    by_digest = {_digest(key, tell): tell for tell in tells}
    query = select(col(Suppression.digest)).where(
        col(Suppression.workspace_id) == workspace_id, col(Suppression.digest).in_(sorted(by_digest))
    )
    return {by_digest[digest] for digest in session.scalars(query)}


def drop_suppressions(session: Session, workspace_id: int, erasure_id: int) -> int:
    """Let somebody be stored again; return how many hashes went."""
    return changed(
        session,
        delete(Suppression).where(
            col(Suppression.workspace_id) == workspace_id, col(Suppression.erasure_id) == erasure_id
        ),
    )


_SLOTS = ("a", "b", "c", "d")
_KEY = Prepared(
    lambda _dialect: select(col(SuppressionKey.secret)).where(
        col(SuppressionKey.workspace_id) == bindparam("workspace")
    )
)
_FIND = Prepared(
    lambda _dialect: select(col(Suppression.erasure_id)).where(
        col(Suppression.workspace_id) == bindparam("workspace"),
        col(Suppression.digest).in_([bindparam(name) for name in _SLOTS]),
    )
)
# A workspace's key is made once and never changes.
_known_keys: dict[int, bytes] = {}


def _key(session: Session, workspace_id: int) -> bytes | None:
    """Return the workspace's key; None while nobody was ever forgotten."""
    if workspace_id not in _known_keys:
        found: Sequence[Any] = _KEY.run(session, {"workspace": workspace_id})
        if not found:
            return None
        _known_keys[workspace_id] = bytes.fromhex(found[0][0])
    return _known_keys[workspace_id]


def _make_key(session: Session, workspace_id: int) -> bytes:
    # Read from the row, not from memory: this very transaction may be the one that is rolled back.
    row = {"workspace_id": workspace_id, "secret": secrets.token_hex(32)}
    session.execute(insert(session, SuppressionKey).on_conflict_do_nothing(), row)
    return bytes.fromhex(_KEY.run(session, {"workspace": workspace_id})[0][0])


def _digest(key: bytes, tell: str) -> str:
    return hmac.new(key, tell.encode(), hashlib.sha256).hexdigest()
