"""The surfaces of matching: the review list, the form that merges, its answers and refusals."""

from collections.abc import Callable
from functools import partial
from typing import Any

from models.company import Company
from models.errors import MergeError, MergeProblem, SuggestionGoneError
from models.facts import MatchReason, MergePreview, Pair, PairList
from models.lead import THE_SEVEN, Consent, Lead
from models.lead_merge import LeadMerge
from models.match_suggestion import MatchSuggestion, Subject, SuggestionState
from tests.views import factories as make
from tests.views.factories import NOW, TEXTS
from views import errors, lead_card, merging, pairs
from views.blocks import Message, View
from views.words import Reader

Build = Callable[[Reader], Message | View]


def suggestion(subject: Subject, state: SuggestionState = SuggestionState.OPEN) -> MatchSuggestion:
    return MatchSuggestion(
        workspace_id=1, id=81, subject=subject, first_id=1, second_id=2, score=90, state=state, created_at=NOW,
        reasons=[MatchReason.NAME, MatchReason.COMPANY],
    )  # fmt: skip


def lead_pair(one: Lead | None = None, other: Lead | None = None, **changes: Any) -> Pair:
    first, second = one or make.lead(number=7), other or make.lead(number=12, company="ミナモ精機(株)")
    return Pair(suggestion(Subject.LEAD, **changes), leads=(first, second))


def company_pair(name: str = "株式会社ミナモ精機") -> Pair:
    def company(number: int, domain: str | None) -> Company:
        return Company(workspace_id=1, id=number, name=name, name_key="x", domain=domain, created_at=NOW)

    found = (company(1, "minamo.example"), company(2, None))
    return Pair(suggestion(Subject.COMPANY), companies=found, lead_counts=(4, 1))


def preview(stays: Lead, goes: Lead, **changes: Any) -> MergePreview:
    values: dict[str, Any] = {"filled": ("title", "email"), "differing": ("note",), "touchpoint_count": 3,
                              "consent": Consent.NO, "withdraws_offer": True}  # fmt: skip
    return MergePreview(stays, goes, **{**values, **changes})


def merge() -> LeadMerge:
    return LeadMerge(workspace_id=1, id=91, into_id=1, lead_id=2, number=12, at=NOW)


def match_messages() -> dict[str, Build]:
    """Build what people are told of pairs and merges."""
    manager, marketing = make.mori().as_actor(), make.tanaka().as_actor()
    lists = {
        "empty": PairList((), 0),
        "leads": PairList((lead_pair(), lead_pair(state=SuggestionState.LATER)), 7),
        "companies": PairList((company_pair(),), 1),
    }
    for name, text in vars(TEXTS).items():
        who = make.stuffed(text)
        lists[name] = PairList((*(lead_pair(who, who),) * 4, company_pair(text[:200])), 99)
    found: dict[str, Build] = {
        "errors.message gone pair": partial(errors.message, SuggestionGoneError()),
        "pairs.joined": partial(pairs.joined, company_pair()),
        "merging.parted": partial(merging.parted, make.lead(number=7), make.lead()),
    }
    for name, one in lists.items():
        for role, actor in (("manager", manager), ("marketing", marketing)):
            found[f"pairs.review {name} {role}"] = partial(pairs.review, one, actor)
    for name, text in vars(TEXTS).items():
        who_is = make.stuffed(text)
        found[f"pairs.joined {name}"] = partial(pairs.joined, company_pair(text[:200]))
        found[f"merging.merged {name}"] = partial(merging.merged, who_is, 12, 91)
        found[f"merging.with_merged_number {name}"] = partial(_numbered, who_is)
        for problem in MergeProblem:
            error = MergeError(problem, who_is, (make.aoki(), make.member(text[:80] or "?")), 30)
            found[f"errors.message {problem} {name}"] = partial(errors.message, error)
    return found


def _numbered(who: Lead, reader: Reader) -> Message:
    actor = make.mori().as_actor()
    card = lead_card.card(make.lead_facts(who), actor, reader, NOW)
    return merging.with_merged_number(card, who, merge(), actor, reader)


def match_forms() -> dict[str, Build]:
    """Build the form that merges."""
    found: dict[str, Build] = {}
    for name, text in vars(TEXTS).items():
        one, other = make.stuffed(text, number=7), make.stuffed(text)
        everything = {"filled": ("name", "company", "title", "email"), "differing": ("phone", "note", *THE_SEVEN)}
        there, back = (
            preview(one, other, **everything),
            preview(other, one, filled=(), differing=(), withdraws_offer=False),
        )
        found[f"merging.form {name}"] = partial(merging.form, there, back, metadata="{}")
    return found
