"""The search index: which pairs of neighbouring signs stand in which lead.

Most Japanese surnames have two characters, so the index holds bigrams of `lead.search_text`, and of each word's last sign
with nothing after it: a search for one sign asks for all pairs that begin with it. SQLite keeps them in an FTS5 table
that holds no text, PostgreSQL in a tsvector under GIN. Whoever changes `search_text` calls `index_lead` in the same
transaction: an entry is taken out by the text that put it in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import BigInteger, Integer, String, TextClause, bindparam, text
from sqlmodel import Session

from services.folding import search_words
from services.statements import Prepared

PAGE = 100
"""Leads that a search reads at once, the newest first."""
PAGES_MAX = 10
"""Pages that a search reads when most of them hold the pairs of signs but not the words."""


@dataclass(frozen=True)
class Hit:
    """One lead in which every word stands, and what its rank is judged by."""

    lead_id: int
    name_key: str
    company_key: str
    text: str


@dataclass(frozen=True)
class Hits:
    """The hits that were read, best first; `is_more`: there may be others."""

    found: tuple[Hit, ...]
    is_more: bool


def index_lead(session: Session, workspace_id: int, lead_id: int, *, new: str, old: str = "") -> None:
    """Have the index hold `new`, the lead's text to search, in the place of `old`; "" is no entry."""
    if new == old:
        return
    key = {"workspace_id": workspace_id, "lead_id": lead_id}
    if old:
        _REMOVE.run(session, key | {"grams": written(workspace_id, old, is_sqlite=_is_sqlite(session))})
    if new:
        _ADD.run(session, key | {"grams": written(workspace_id, new, is_sqlite=_is_sqlite(session))})


def index_leads(session: Session, workspace_id: int, texts: Iterable[tuple[int, str]]) -> None:
    """Add the texts of many leads that the index does not hold yet."""
    is_sqlite = _is_sqlite(session)
    rows = [
        {"lead_id": lead_id, "grams": written(workspace_id, new, is_sqlite=is_sqlite)} for lead_id, new in texts if new
    ]
    _ADD.run_many(session, {"workspace_id": workspace_id}, rows)


def purge_index(session: Session) -> None:
    """Have SQLite rewrite its index, so that nothing is left in it of entries that were taken out.

    Until then an entry that is gone stands there as a number under pairs of signs. PostgreSQL's vacuum does the same.
    """
    if _is_sqlite(session):
        session.execute(text("INSERT INTO lead_search(lead_search) VALUES ('optimize')"))


def find_hits(session: Session, workspace_id: int, query: str) -> Hits:
    """Return the leads in whose name, company or e-mail every word of `query` stands.

    The newest are read, page by page, until one page holds enough that fit; of these the best are first: the name
    itself, names that begin with it, companies that do, the others, each the newest first.
    """
    words = search_words(query)
    if not words:
        return Hits((), is_more=False)
    asked = {
        "workspace_id": workspace_id,
        "asked": _asked(session, workspace_id, words),
        "many": PAGE,
        "before": 1 << 62,
    }
    hits: list[Hit] = []
    for _ in range(PAGES_MAX):
        page = [Hit(row[0], row[1], row[2] or "", row[3]) for row in _FIND.run(session, asked)]
        hits += [hit for hit in page if all(word in hit.text for word in words)]
        if len(page) < PAGE:
            return Hits(_ranked(hits, words), is_more=False)
        if len(hits) >= PAGE // 2:
            break
        asked["before"] = page[-1].lead_id
    return Hits(_ranked(hits, words), is_more=True)


def _ranked(hits: Sequence[Hit], words: Sequence[str]) -> tuple[Hit, ...]:
    whole = "".join(words)
    return tuple(sorted(hits, key=lambda hit: _rank(hit, whole, words[0])))


def _rank(hit: Hit, whole: str, first: str) -> tuple[int, int]:
    signs = (
        whole in {hit.name_key, hit.company_key},
        hit.name_key.startswith(first),
        hit.company_key.startswith(first),
        True,
    )
    return signs.index(True), -hit.lead_id


def _pairs(word: str) -> set[str]:
    """Return the pairs of signs in a word, as letters and digits that no tokenizer takes apart."""
    codes = [f"{ord(sign):x}" for sign in word]
    return {f"{one}x{two}" for one, two in pairwise(codes)}


def written(workspace_id: int, search_text: str, *, is_sqlite: bool) -> str:
    """Return what the index holds of a text: the pairs of signs of its words and, alone, each word's last sign."""
    pairs = {pair for word in search_text.split() for pair in (*_pairs(word), f"{ord(word[-1]):x}x")}
    between = " " + _before(workspace_id, is_sqlite=is_sqlite)
    return between.join(["", *sorted(pairs)])[1:]


def _before(workspace_id: int, *, is_sqlite: bool) -> str:
    """Return what every pair begins with: SQLite's index has no column to tell workspaces apart."""
    return f"{workspace_id:x}y" if is_sqlite else ""


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _asked(session: Session, workspace_id: int, words: Sequence[str]) -> str:
    """Return what to ask the index for, in its own language: every pair, or any that begins with a single sign."""
    is_sqlite = _is_sqlite(session)
    before = _before(workspace_id, is_sqlite=is_sqlite)
    pairs = sorted({pair for word in words for pair in _pairs(word)})
    singles = sorted({f"{ord(word):x}x" for word in words if len(word) == 1})
    if is_sqlite:
        return " ".join([*(before + pair for pair in pairs), *(f"{before}{single}*" for single in singles)])
    return " & ".join([*pairs, *(f"{single}:*" for single in singles)])


def _adding(dialect: str) -> TextClause:
    if dialect == "sqlite":
        return _bound("INSERT INTO lead_search (rowid, grams) VALUES (:lead_id, :grams)")
    return _bound(
        "INSERT INTO lead_search (workspace_id, lead_id, grams) VALUES (:workspace_id, :lead_id, CAST(:grams AS tsvector))"
    )


def _removing(dialect: str) -> TextClause:
    if dialect == "sqlite":
        return _bound("INSERT INTO lead_search (lead_search, rowid, grams) VALUES ('delete', :lead_id, :grams)")
    return _bound("DELETE FROM lead_search WHERE workspace_id = :workspace_id AND lead_id = :lead_id")


def _finding(dialect: str) -> TextClause:
    columns = "lead.id, lead.name_key, lead.company_key, lead.search_text"
    if dialect == "sqlite":
        # Cross: SQLite keeps this order, and with it the index's own order of ids.
        return _bound(
            f"SELECT {columns} FROM lead_search CROSS JOIN lead ON lead.workspace_id = :workspace_id "  # noqa: S608  Ours.
            "AND lead.id = lead_search.rowid WHERE lead_search MATCH :asked AND lead_search.rowid < :before "
            "ORDER BY lead_search.rowid DESC LIMIT :many"
        )
    # Materialized: else the planner may walk all leads backwards until it has met enough.
    return _bound(
        "WITH found AS MATERIALIZED (SELECT lead_id FROM lead_search WHERE workspace_id = :workspace_id "  # noqa: S608  Ours.
        "AND grams @@ CAST(:asked AS tsquery)), newest AS (SELECT lead_id FROM found WHERE lead_id < :before "
        f"ORDER BY lead_id DESC LIMIT :many) SELECT {columns} FROM newest JOIN lead "
        "ON lead.workspace_id = :workspace_id AND lead.id = newest.lead_id ORDER BY lead.id DESC"
    )


_TYPES: dict[str, Any] = {
    "workspace_id": BigInteger, "lead_id": BigInteger, "grams": String, "asked": String, "before": BigInteger,
    "many": Integer,
}  # fmt: skip


def _bound(statement: str) -> TextClause:
    names = [name for name in _TYPES if f":{name}" in statement]
    return text(statement).bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))


_ADD, _REMOVE, _FIND = Prepared(_adding), Prepared(_removing), Prepared(_finding)
