"""People are found by any part of what is known of them, and by nothing once it is gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlmodel import Session, col

from models.lead import Lead
from services.folding import search_words
from services.lead_edits import edit_lead
from services.lists import find_leads
from services.search import PAGE, find_hits, index_lead, index_leads, purge_index, written
from services.undo import undo_add
from tests.postgres import sqlite_url
from tests.services.office_records import NOW, actor, add, match_all, records_at


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """One transaction in an empty workspace."""
    with records_at(database_url) as database, database.write() as session:
        yield session


def found(session: Session, query: str) -> list[str]:
    """Return the names of those found, the best first."""
    ids = [hit.lead_id for hit in find_hits(session, 1, query).found]
    names = dict(session.execute(select(col(Lead.id), col(Lead.name)).where(col(Lead.id).in_(ids))).all())
    return [names[lead_id] for lead_id in ids]


@pytest.mark.parametrize(
    "query",
    ["中村", "村", "中村理恵", "理恵 精機", "㈱ミナモ", "ミナモ株式会社", "みなも", "ﾐﾅﾓ", "R.NAKAMURA@", "minamo.example", "恵"],
)  # fmt: skip
def test_any_part_in_any_form_finds(session: Session, query: str) -> None:
    """One sign, a surname of two, words of name and company, both kana, a piece of the address."""
    add(session, name="中村 理恵", company="ミナモ精機株式会社", email="r.nakamura@minamo.example")
    add(session, name="高橋 一郎", company="青葉製作所", email="taka@aoba.example")
    assert found(session, query) == ["中村 理恵"]


@pytest.mark.parametrize(
    "query", ["中恵", "村理精", "精ミ", "ナミモ", "example r", "zz", "%", "_", '"', "x*", "a OR b", "'; --", "NEAR("]
)
def test_nothing_else_finds(session: Session, query: str) -> None:
    """Signs that stand there but not beside each other; and what a search language would make of it."""
    add(session, name="中村 理恵", company="ミナモ精機株式会社", email="m@minamo.test")
    assert found(session, query) == []


def test_the_best_come_first(session: Session) -> None:
    """The name itself, then names that begin so, then companies, then the rest; of equals the newest."""
    for name, company in (("小田中", ""), ("佐藤", "田中商店"), ("田中太郎", ""), ("田中", ""), ("田中花子", "")):
        add(session, name=name, company=company)
    assert found(session, "田中") == ["田中", "田中花子", "田中太郎", "佐藤", "小田中"]


def test_what_is_edited_or_undone_is_found_as_it_is_now(session: Session) -> None:
    """The index follows the lead in the same transaction."""
    lead = add(session, name="中村 理恵")
    edit_lead(session, actor(session), lead.id, {"name": "山田 理恵"}, NOW)
    assert (found(session, "中村"), found(session, "山田")) == ([], ["山田 理恵"])
    other = add(session, name="佐々木")
    undo_add(session, actor(session), other.number, NOW)
    assert found(session, "佐々木") == []


def test_many_are_counted_up_to_a_page(session: Session) -> None:
    """A word that hundreds share is answered at once, and says that there are more."""
    first = add(session, name="田中 0")
    rows = [first.model_dump() | {"id": first.id + n, "number": n + 1} for n in range(1, PAGE + 20)]
    session.execute(Lead.__table__.insert(), rows)  # type: ignore[attr-defined]
    index_leads(session, 1, [(row["id"], row["search_text"]) for row in rows])
    listed = find_leads(session, 1, "田中", NOW)
    assert (len(listed.rows), listed.count, listed.is_more) == (10, PAGE, True)
    assert not find_leads(session, 1, "L-1", NOW).is_more


def test_leads_of_before_the_index_are_indexed_by_the_job(session: Session) -> None:
    """The migration leaves them without a text and due: the job folds, indexes and matches them."""
    lead = add(session, name="髙橋", company="(株)青葉")
    index_lead(session, 1, lead.id, new="", old=lead.search_text)
    lead.search_text, lead.name_key, lead.match_due_at = "", "髙橋", NOW
    match_all(session)
    assert (lead.name_key, lead.company_key) == ("高橋", "青葉")
    assert found(session, "高橋") == ["髙橋"]


def test_nothing_is_left_of_an_entry_that_was_taken_out(tmp_path: Path) -> None:
    """After the index is purged, no pair of signs of the person stands in it, nor in the file."""
    with records_at(sqlite_url(tmp_path, migrated=True)) as database:
        with database.write() as session:
            lead = add(session, name="Qzqzq")
            add(session, name="中村")
        with database.write() as session:
            index_lead(session, 1, lead.id, new="", old=lead.search_text)
            purge_index(session)
            blocks = session.execute(text("SELECT block FROM lead_search_data")).scalars().all()
        held = b"".join(blocks)
        assert written(1, "中村", is_sqlite=True).split()[0].encode()[-6:] in held
        assert b"71x7a" not in held


WORDS = st.text(alphabet="田中村理恵ミナモabん株式会社.@ ", min_size=1, max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6), st.lists(WORDS, min_size=1, max_size=4))
def test_the_index_finds_what_reading_everything_finds(
    tmp_path: Path, names: list[tuple[str, str]], queries: list[str]
) -> None:
    """For any names, edited to any others, a search finds those in whose text every word stands, and only those."""
    with records_at(sqlite_url(tmp_path, migrated=True)) as database, database.write() as session:
        for before, after in names:
            lead = add(session, name=f"x{before}")
            edit_lead(session, actor(session), lead.id, {"name": f"x{after}"}, NOW)
        texts = dict(session.execute(select(col(Lead.id), col(Lead.search_text))).all())
        for query in queries:
            words = search_words(query)
            wanted = {lead_id for lead_id, held in texts.items() if words and all(word in held for word in words)}
            assert {hit.lead_id for hit in find_hits(session, 1, query).found} == wanted
