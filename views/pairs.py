"""The review list: pairs that may be one person or one company, with the reasons and what can be said to them."""

from models.company import Company
from models.facts import Pair, PairList
from models.match_suggestion import SuggestionState
from models.member import Actor, Right
from views.blocks import Block, Message, actions, button, context, divider, escape, fitting, header, section, tidy
from views.labels import MATCH_REASONS, stage_label
from views.lead_parts import headline, row_title
from views.merging import OPEN_FORM
from views.words import Reader

LIST = "pairs.list"
NOT_SAME = "pair.not_same"
LATER = "pair.later"
JOIN = "pair.join"
PART = "pair.part"
_ROW_MAX = 60


def review(found: PairList, actor: Actor, reader: Reader) -> Message:
    """Show the likeliest pairs and how many there are."""
    t = reader.t
    if not found.pairs:
        said = t("No possible duplicates are waiting.")
        hint = t("Baton compares each new lead with those that are there, and lists here what may be the same.")
        return Message(reader.sentences((said, hint)), [section(f"{said}\n{hint}")])
    return fitting(lambda size: _review(found, size, actor, reader), (5, 3, 1))


def _review(found: PairList, size: int, actor: Actor, reader: Reader) -> Message:
    title = reader.t("Possible duplicates")
    count = reader.n("{count} pair to review", "{count} pairs to review", found.count)
    pairs = found.pairs[:size]
    blocks: list[Block] = [header(title), context(count)]
    for place, pair in enumerate(pairs):
        blocks += [*([divider()] if place else []), *_shown(pair, actor, reader)]
    if found.count > len(pairs):
        more = found.count - len(pairs)
        blocks.append(context(reader.n("{count} more", "{count} more", more)))
    named = reader.listed(_named(pair, reader) for pair in pairs)
    return Message(reader.t("{title}: {count}. {pairs}.", title=title, count=count, pairs=named), blocks)


def joined(pair: Pair, reader: Reader) -> Message:
    """Say that two companies are one, with the way back and the way on."""
    said = reader.t("{pair} are one company now.", pair=_named(pair, reader))
    undo = button(PART, reader.t("Undo"), str(pair.suggestion.id))
    return Message(said, [section(f"✅ {said}"), actions(undo, button(LIST, reader.t("Review the next")))])


def _shown(pair: Pair, actor: Actor, reader: Reader) -> list[Block]:
    t = reader.t
    reasons = reader.listed(t(MATCH_REASONS[reason]) for reason in pair.reasons)
    lines = [*_both(pair, reader), t("{score} % likely: {reasons}", score=pair.suggestion.score, reasons=reasons)]
    if pair.suggestion.state is SuggestionState.LATER:
        lines.append(t("Put off before"))
    return [section("\n".join(lines)), actions(*_buttons(pair, actor, reader))]


def _both(pair: Pair, reader: Reader) -> list[str]:
    if pair.leads is not None:
        return [f"{row_title(lead, reader, _ROW_MAX)} · {stage_label(lead, reader)}" for lead in pair.leads]
    companies = zip(pair.companies or (), pair.lead_counts, strict=False)
    return [_company_line(company, count, reader) for company, count in companies]


def _company_line(company: Company, count: int, reader: Reader) -> str:
    leads = reader.n("{count} lead", "{count} leads", count)
    facts = reader.dotted((escape(company.domain or "", 80), company.corporate_number or "", leads))
    return reader.t("*{company}* · {facts}", company=escape(company.name or company.domain or "", _ROW_MAX * 2), facts=facts)  # fmt: skip


def _buttons(pair: Pair, actor: Actor, reader: Reader) -> list[Block]:
    t, value = reader.t, str(pair.suggestion.id)
    spoken = _named(pair, reader)
    found = []
    if actor.may(Right.MERGE):
        if pair.leads is not None:
            labels = ":".join(lead.label for lead in pair.leads)
            found.append(button(OPEN_FORM, t("Merge…"), labels, spoken=f"{t('Merge…')} {spoken}"))
        else:
            found.append(button(JOIN, t("Same company"), value, spoken=f"{t('Same company')} {spoken}"))
    found.append(button(NOT_SAME, t("Not the same"), value, spoken=f"{t('Not the same')} {spoken}"))
    found.append(button(LATER, t("Later"), value, spoken=f"{t('Later')} {spoken}"))
    return found


def _named(pair: Pair, reader: Reader) -> str:
    if pair.leads is not None:
        first, second = (reader.t("{label} {name}", label=lead.label, name=escape(headline(lead, reader, 30), 60)) for lead in pair.leads)  # fmt: skip
    else:
        first, second = (escape(tidy(company.name or company.domain or "", 40), 80) for company in pair.companies or ())
    return reader.t("{first} and {second}", first=first, second=second)


def row(count: int, reader: Reader) -> Block:
    """Say on Home and in the digest that pairs wait, with the door to them."""
    said = reader.n("{count} possible duplicate to review", "{count} possible duplicates to review", count)
    return section(said, button(LIST, reader.t("Review"), spoken=reader.t("Review possible duplicates")))
