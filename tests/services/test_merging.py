"""Two leads become one with all that hangs on them, and two again as they were."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from models.company import Company
from models.errors import LeadNotFoundError, MergeError, MergeProblem, NotAllowedError, UndoHangsError
from models.facts import LeadEntry
from models.handoff import Handoff, HandoffState
from models.lead import Consent, Lead, Outcome, Stage
from models.lead_merge import UNDO_DAYS
from models.match_suggestion import MatchSuggestion, SuggestionState
from models.records import Change
from models.schema import tables
from models.touchpoint import Touchpoint, TouchpointKind
from services.handoffs import claim_lead, qualify_lead
from services.lead_edits import close_lead, edit_lead
from services.leads import find_lead
from services.matching import match_entries
from services.merging import MOVED, merge_leads, preview_merge, stricter
from services.search import find_hits
from services.touchpoints import Contact, log_touchpoint
from services.unmerging import undo_merge
from services.workspaces import get_workspace
from tests.postgres import usual_url
from tests.services.office_records import NOW, OTHER, SALES, actor, add, match_all, records_at, rows_of

LATER = NOW + timedelta(minutes=1)
KEPT: tuple[type[SQLModel], ...] = (Lead, Touchpoint, Handoff, Company, MatchSuggestion)
# A revision and its instant only grow: a form opened before the merge must be told of it after.
_GROWS = {"rev", "updated_at"}


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """One transaction in an empty workspace."""
    with records_at(database_url) as database, database.write() as session:
        yield session


def touch(session: Session, lead: Lead, kind: TouchpointKind = TouchpointKind.CALL, days: int = 0) -> None:
    log_touchpoint(session, actor(session, SALES), lead.id, Contact(kind, at=NOW - timedelta(days=days)), NOW)


def merged(session: Session, stays: Lead, goes: Lead) -> Lead:
    """Merge, and return the lead that stays as the database has it."""
    merge_leads(session, actor(session), stays.id, goes.id, LATER)
    session.flush()
    session.expire_all()
    return session.get_one(Lead, (1, stays.id))


def state(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Return every row that a merge may change, and whom the search finds."""
    found = rows_of(session, *KEPT)
    found["lead"] = [{name: value for name, value in row.items() if name not in _GROWS} for row in found["lead"]]
    for query in ("中村", "minamo"):
        found[query] = [vars(hit) for hit in find_hits(session, 1, query).found]
    return found


def test_everything_of_both_is_kept(session: Session) -> None:
    """Empty fields are filled, its own are kept, touchpoints and history of both are there, and the score is of all."""
    stays = add(session, name="中村 理恵", company="ミナモ精機", note="first")
    goes = add(session, name="中村理恵", email="r@minamo.example", title="部長", note="second", external_id="crm-9")
    touch(session, stays, TouchpointKind.WHITEPAPER, 3)
    touch(session, goes, TouchpointKind.DEMO_REQUEST)
    alone = stays.engagement_c + goes.engagement_d
    preview = preview_merge(session, actor(session), stays, goes)
    assert set(preview.filled) == {"email", "title", "external_id"}
    assert set(preview.differing) == {"name", "note"}
    lead = merged(session, stays, goes)
    assert (lead.name, lead.note, lead.email, lead.title) == ("中村 理恵", "first", "r@minamo.example", "部長")
    assert lead.external_id == "crm-9"
    assert lead.engagement_c + lead.engagement_d == pytest.approx(alone)
    rows = rows_of(session, Touchpoint, Change)
    assert {row["lead_id"] for row in rows["touchpoint"]} == {stays.id}
    assert [row["kind"] for row in rows["change"]].count("added") == 2
    assert {hit.lead_id for hit in find_hits(session, 1, "r@minamo").found} == {stays.id}


def test_the_one_that_went_is_found_by_its_old_names(session: Session) -> None:
    """Its number, its address and what comes in under them lead to the one that stays, through two merges too."""
    first, second, third = (add(session, name=f"N{n}", email=f"n{n}@minamo.example") for n in range(3))
    number = third.number
    merge_leads(session, actor(session), second.id, third.id, LATER)
    merge_leads(session, actor(session), first.id, second.id, LATER)
    for reference in (f"L-{number}", "n2@minamo.example", "N1@minamo.example"):
        assert find_lead(session, 1, reference).id == first.id
    ((match,),) = match_entries(session, get_workspace(session, 1), [LeadEntry(email="n2@minamo.example")])
    assert (match.lead_id, match.is_certain) == (first.id, True)


@pytest.mark.parametrize(("one", "other"), list(product(Consent, Consent)))
def test_the_stricter_consent_holds(one: Consent, other: Consent) -> None:
    """An opt-out always survives, whichever of the two has it; nobody's yes is made of not knowing."""
    assert stricter(one, other) is stricter(other, one)
    assert stricter(one, one) is one
    if Consent.NO in {one, other}:
        assert stricter(one, other) is Consent.NO
    elif Consent.UNKNOWN in {one, other}:
        assert stricter(one, other) is Consent.UNKNOWN


@given(st.lists(st.sampled_from(Consent), min_size=1))
def test_the_order_of_merging_does_not_matter_for_consent(held: list[Consent]) -> None:
    """However many leads become one, the strictest of them holds."""
    forth, back = held[0], held[-1]
    for consent in held[1:]:
        forth = stricter(forth, consent)
    for consent in held[-2::-1]:
        back = stricter(consent, back)
    assert forth is back


def test_an_opt_out_survives_with_its_date(session: Session) -> None:
    """The one that goes had opted out: the one that stays has from then on."""
    stays, goes = add(session, name="A", consent=Consent.YES), add(session, name="B", consent=Consent.NO)
    lead = merged(session, stays, goes)
    assert (lead.consent, lead.consent_at) == (Consent.NO, NOW)


def test_of_two_offers_one_stands(session: Session) -> None:
    """Both wait to be claimed: the offer of the one that goes is withdrawn, and offered again when the merge is undone."""
    stays, goes = add(session, name="A"), add(session, name="B")
    for lead in (stays, goes):
        qualify_lead(session, actor(session), lead.label, "", NOW)
    before = state(session)
    merge = merge_leads(session, actor(session), stays.id, goes.id, LATER)
    states = [row["state"] for row in rows_of(session, Handoff)["handoff"]]
    assert states == [HandoffState.OFFERED, HandoffState.WITHDRAWN]
    undo_merge(session, actor(session), merge.id, LATER)
    assert state(session) == before


@pytest.mark.parametrize("claimed_stays", [True, False])
def test_what_sales_has_claimed_stays_claimed(session: Session, claimed_stays: bool) -> None:
    """One is claimed and the other only offered: the one lead is the claimer's, and nobody is asked to claim it."""
    claimed, offered = add(session, name="A"), add(session, name="B")
    for lead in (claimed, offered):
        qualify_lead(session, actor(session), lead.label, "", NOW)
    claim_lead(session, actor(session, SALES), claimed.label, NOW)
    pair = (claimed, offered) if claimed_stays else (offered, claimed)
    lead = merged(session, *pair)
    assert (lead.stage, lead.owner_id) == (Stage.SQL, SALES)
    assert {row["state"] for row in rows_of(session, Handoff)["handoff"]} == {"claimed", "withdrawn"}


def test_two_salespeople_are_not_parted_from_their_leads(session: Session) -> None:
    """Each owns one: somebody must decide first whose it is."""
    leads = [add(session, name="A"), add(session, name="B")]
    for lead, seller in zip(leads, (SALES, OTHER), strict=True):
        qualify_lead(session, actor(session), lead.label, "", NOW)
        claim_lead(session, actor(session, seller), lead.label, NOW)
    with pytest.raises(MergeError) as refused:
        merge_leads(session, actor(session), leads[0].id, leads[1].id, LATER)
    assert refused.value.problem is MergeProblem.TWO_OWNERS
    assert [owner.id for owner in refused.value.owners] == [SALES, OTHER]


def test_a_deal_that_was_won_is_not_merged_away(session: Session) -> None:
    """The same person's next deal is a lead of its own; one that was lost joins the one that is open."""
    won, lost, fresh = (add(session, name=name) for name in "ABC")
    qualify_lead(session, actor(session), won.label, "", NOW)
    claim_lead(session, actor(session, SALES), won.label, NOW)
    close_lead(session, actor(session, SALES), won.label, Outcome.WON, "", NOW)
    close_lead(session, actor(session), lost.label, Outcome.LOST, "", NOW)
    with pytest.raises(MergeError) as refused:
        merge_leads(session, actor(session), fresh.id, won.id, LATER)
    assert (refused.value.problem, refused.value.lead.id) == (MergeProblem.WON, won.id)
    lead = merged(session, lost, fresh)
    assert (lead.stage, lead.outcome) == (Stage.INQUIRY, None)


def test_only_managers_merge(session: Session) -> None:
    """Neither a merge, its preview nor its undo is sales' or marketing's."""
    stays, goes = add(session, name="A"), add(session, name="B")
    seller = actor(session, SALES)
    with pytest.raises(NotAllowedError):
        preview_merge(session, seller, stays, goes)
    with pytest.raises(NotAllowedError):
        merge_leads(session, seller, stays.id, goes.id, LATER)
    merge = merge_leads(session, actor(session), stays.id, goes.id, LATER)
    with pytest.raises(NotAllowedError):
        undo_merge(session, seller, merge.id, LATER)


def test_a_merge_is_undone_once_and_in_time(session: Session) -> None:
    """Not twice, not after 30 days, and not while somebody's later work hangs on it."""
    stays, goes = add(session, name="A"), add(session, name="B")
    merge = merge_leads(session, actor(session), stays.id, goes.id, LATER)
    with pytest.raises(MergeError):
        undo_merge(session, actor(session), merge.id, LATER + timedelta(days=UNDO_DAYS, seconds=1))
    edit_lead(session, actor(session), stays.id, {"title": "部長"}, LATER)
    with pytest.raises(UndoHangsError):
        undo_merge(session, actor(session), merge.id, LATER)
    other, another = add(session, name="C"), add(session, name="D")
    merge = merge_leads(session, actor(session), other.id, another.id, LATER)
    undo_merge(session, actor(session), merge.id, LATER)
    with pytest.raises(LeadNotFoundError):
        undo_merge(session, actor(session), merge.id, LATER)


def test_not_the_same_is_remembered_through_a_merge(session: Session) -> None:
    """Who was said to be another than the one that goes is another than the one that stays."""
    stays, goes, other = (add(session, name="中村理恵", company="ミナモ") for _ in range(3))
    match_all(session)
    for pair in session.exec(select(MatchSuggestion)).all():
        if other.id in {pair.first_id, pair.second_id} and goes.id in {pair.first_id, pair.second_id}:
            pair.state = SuggestionState.NOT_SAME
        else:
            session.delete(pair)
    session.flush()
    merged(session, stays, goes)
    match_all(session)
    (row,) = rows_of(session, MatchSuggestion)["match_suggestion"]
    assert {row["first_id"], row["second_id"]} == {stays.id, other.id}
    assert row["state"] == "not_same"


def test_every_table_that_hangs_on_a_lead_is_moved() -> None:
    """A new table with a reference to the lead must say what a merge does with its rows."""
    hanging = {
        (table.name, constraint.column_keys[1])
        for table in tables().tables.values()
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name == "lead"
    }
    # A message may name both, so who it names is joined, not moved.
    moved = {(table.__table__.name, column) for table, column in MOVED}  # type: ignore[attr-defined]
    assert hanging == moved | {("mention", "lead_id")}


ENTRIES = st.builds(
    LeadEntry,
    name=st.sampled_from(["中村 理恵", "中村", "Rie"]),
    company=st.sampled_from(["", "ミナモ精機株式会社", "Minamo Inc."]),
    title=st.sampled_from(["", "部長"]),
    email=st.sampled_from(["", "r@minamo.example", "n@minamo.example"]),
    phone=st.sampled_from(["", "045-555-0142"]),
    consent=st.sampled_from(Consent),
)
TOUCHES = st.lists(st.tuples(st.sampled_from(list(TouchpointKind)), st.integers(0, 400)), max_size=4)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(ENTRIES, TOUCHES, st.booleans()), min_size=2, max_size=3))
def test_merging_and_undoing_leaves_everything_as_it_was(
    tmp_path: Path, people: list[tuple[LeadEntry, list[tuple[TouchpointKind, int]], bool]]
) -> None:
    """Whatever the leads hold, after undo every row is as before; and whichever order, the touchpoints are all there."""
    with usual_url(tmp_path, migrated=True) as url, records_at(url) as database, database.write() as session:
        leads = []
        for entry, touches, is_offered in people:
            lead = add(session, entry)
            for kind, days in touches:
                touch(session, lead, kind, days)
            if is_offered and lead.stage is Stage.INQUIRY:
                qualify_lead(session, actor(session), lead.label, "", NOW)
            leads.append(lead)
        match_all(session)
        before = state(session)
        first, *others = leads
        merges = [merge_leads(session, actor(session), first.id, other.id, LATER) for other in others]
        kept = rows_of(session, Lead, Touchpoint)
        assert len(kept["lead"]) == 1
        assert {row["id"] for row in kept["touchpoint"]} == {row["id"] for row in before["touchpoint"]}
        match_all(session)
        for merge in reversed(merges):
            undo_merge(session, actor(session), merge.id, LATER)
        assert state(session) == before


def test_order_of_merging_gives_the_same_score(session: Session) -> None:
    """Three leads become one in either order: the same touchpoints, the same sums."""
    sums = []
    for order in ((0, 1, 2), (2, 1, 0)):
        leads = [add(session, name=f"{n}") for n in range(3)]
        for n, lead in enumerate(leads):
            touch(session, lead, TouchpointKind.WEBINAR, n)
            touch(session, lead, TouchpointKind.WHITEPAPER, 2 * n)
        first, second, third = (leads[place].id for place in order)
        merge_leads(session, actor(session), first, second, LATER)
        merge_leads(session, actor(session), first, third, LATER)
        session.flush()
        lead = session.get_one(Lead, (1, first))
        sums.append((lead.engagement_a, lead.engagement_b, lead.engagement_c, lead.engagement_d, lead.last_touch_at))
    assert sums[0] == sums[1]
