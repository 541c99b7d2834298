"""Forms about who a lead is: adding (11a), the seven (11e), contact details, finding."""

from models.facts import LeadEntry
from models.lead import MAX_LENGTHS, Consent, DecisionRole, Lead, LeadKind, Progress, Source
from views.blocks import (
    Block,
    View,
    ask,
    button,
    escape,
    modal,
    option,
    plain,
    radios,
    section,
    select,
    text_input,
    tidy,
)
from views.labels import CONSENTS, DECISION_ROLES, LEAD_KINDS, PROGRESS, SOURCES
from views.lead_parts import company_of, name_of
from views.words import Reader, capital, msg

ADD = "lead.add"
EDIT = "lead.edit"
EDIT_CONTACT = "lead.edit_contact"
FIND = "lead.find"
QUERY_MAX = 100

_SEVEN_LABELS: tuple[tuple[str, str], ...] = (
    ("mission", msg("Mission: their job and goal")),
    ("interest", msg("Interest: what caught their eye")),
    ("role", msg("Role in the decision")),
    ("need", msg("Need")),
    ("progress", msg("Progress")),
    ("timing", msg("Timing")),
    ("budget", msg("Budget")),
)


def add(entry: LeadEntry | None, reader: Reader, metadata: str, *, default_source: Source | None = None) -> View:
    """Ask for a new lead (11a).

    Nothing but the source is marked as required: a lead may be known by name, e-mail or phone alone, and Slack could
    not say "one of these". The submit checks it.
    """
    t, given = reader.t, entry or LeadEntry()
    blocks = _who(given.name, given.company, given.title, given.email, given.phone, reader)
    blocks += [
        ask("source", t("Source"), _sources(given.source or default_source, reader)),
        ask("campaign", t("Campaign"), text_input(MAX_LENGTHS["campaign"], given.campaign), optional=True),
        ask("consent", t("Consent to e-mail"), _consents(given.consent, reader)),
        ask(
            "note",
            t("Note"),
            text_input(MAX_LENGTHS["note"], given.note, example=t("What was said, what was promised"), multiline=True),
            optional=True,
        ),
    ]
    return modal(ADD, t("Add lead"), blocks, metadata, close=t("Cancel"), submit=t("Add"))


def edit_seven(lead: Lead, reader: Reader, metadata: str) -> View:
    """Ask for what sales wants to know; an empty answer means "still open" (11e)."""
    t = reader.t
    who = f"{_named(lead, reader)}\n{t('Fill in what you know. Empty ones show as open.')}"
    blocks: list[Block] = [section(who, button(EDIT_CONTACT, t("Edit contact"), lead.label))]
    blocks += [ask(field, t(label), _answer(field, lead, reader), optional=True) for field, label in _SEVEN_LABELS]
    title = t("{label}: what we know", label=lead.label)
    return modal(EDIT, title, blocks, metadata, close=t("Cancel"), submit=t("Save"))


def edit_contact(lead: Lead, reader: Reader, metadata: str) -> View:
    """Ask for who the lead is and where they came from; the second view of editing."""
    t = reader.t
    blocks = _who(lead.name, lead.company, lead.title, lead.email, lead.phone, reader, is_new=False)
    blocks += [
        ask(
            "kind",
            t("New or existing"),
            _kinds(lead.kind, reader),
            hint=t("Existing customers have their own dormant period."),
        ),
        ask("source", t("Source"), _sources(lead.source, reader)),
        ask("campaign", t("Campaign"), text_input(MAX_LENGTHS["campaign"], lead.campaign), optional=True),
        ask("consent", t("Consent to e-mail"), _consents(lead.consent, reader)),
        ask("note", t("Note"), text_input(MAX_LENGTHS["note"], lead.note, multiline=True), optional=True),
    ]
    title = t("{label}: contact", label=lead.label)
    return modal(EDIT_CONTACT, title, blocks, metadata, close=t("Cancel"), submit=t("Save"))


def find(reader: Reader, metadata: str) -> View:
    """Ask what to look for."""
    t = reader.t
    query = text_input(QUERY_MAX, example=t("Name, company, e-mail or L-12"), focus=True)
    return modal(
        FIND, t("Find a lead"), [ask("query", t("Look for"), query)], metadata, close=t("Cancel"), submit=t("Find")
    )


def _who(
    name: str, company: str, title: str, email: str, phone: str, reader: Reader, *, is_new: bool = True
) -> list[Block]:
    t = reader.t
    one_needed = t("A name, an e-mail address or a phone number is needed.")
    spot = t("With an e-mail or a phone number, Baton can spot duplicates.")
    return [
        ask("name", t("Name"), text_input(MAX_LENGTHS["name"], name, example=t("e.g. Rie Nakamura"), focus=is_new),
            optional=True, hint=one_needed),
        ask("company", t("Company"), text_input(MAX_LENGTHS["company"], company, example=t("e.g. Minamo Seiki Co., Ltd.")),
            optional=True),
        ask("title", t("Department and title"),
            text_input(MAX_LENGTHS["title"], title, example=t("e.g. Head of Production Control")), optional=True),
        ask("email", t("E-mail"), _email_input(email), optional=True),
        ask("phone", t("Phone"), text_input(MAX_LENGTHS["phone"], phone, example=t("e.g. +81 45-555-0142")),
            optional=True, hint=spot),
    ]  # fmt: skip


def _email_input(email: str) -> Block:
    block: Block = {
        "type": "email_text_input",
        "action_id": "v",
        "placeholder": plain("r.nakamura@minamo-seiki.example"),
    }
    if email := tidy(email, MAX_LENGTHS["email"]):
        block["initial_value"] = email
    return block


def _kinds(chosen: LeadKind, reader: Reader) -> Block:
    return radios([option(kind.value, capital(reader.t(label))) for kind, label in LEAD_KINDS.items()], chosen.value)


def _sources(chosen: Source | None, reader: Reader) -> Block:
    options = [option(source.value, capital(reader.t(label))) for source, label in SOURCES.items()]
    return select(options, chosen.value if chosen else "")


def _consents(chosen: Consent, reader: Reader) -> Block:
    return radios([option(value.value, capital(reader.t(label))) for value, label in CONSENTS.items()], chosen.value)


def _answer(field: str, lead: Lead, reader: Reader) -> Block:
    t = reader.t
    if field == "role":
        roles = [option(role.value, t(label)) for role, label in DECISION_ROLES.items()]
        return select(roles, DecisionRole(lead.role).value if lead.role else "", placeholder=t("Open"))
    if field == "progress":
        steps = [option(step.value, t(label)) for step, label in PROGRESS.items()]
        return select(steps, Progress(lead.progress).value if lead.progress else "", placeholder=t("Open"))
    example = t("Open (e.g. JPY 3 m, request in December)") if field == "budget" else t("Open")
    return text_input(MAX_LENGTHS[field], getattr(lead, field) or "", example=example, multiline=field == "need")


def _named(lead: Lead, reader: Reader) -> str:
    name, company = escape(name_of(lead, reader)), escape(company_of(lead))
    if company:
        return reader.t("*{name}*, {company}", name=name, company=company)
    return reader.t("*{name}*", name=name)
