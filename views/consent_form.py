"""The form for a lead's consent to e-mail, with its evidence."""

from datetime import date

from models.consent import CONSENT_MAX, ConsentRecord
from models.lead import Lead
from views.blocks import Block, View, ask, modal, option, radios, section, select, text_input
from views.labels import BASES, CONSENTS
from views.lead_parts import labelled_with_company
from views.words import Reader, capital

CONSENT = "lead.consent"


def consent(lead: Lead, known: ConsentRecord | None, today: date, reader: Reader, metadata: str) -> View:
    """Ask what they agreed to, why, when and where; what is known stands in the form."""
    t = reader.t
    answers = [option(value.value, capital(t(label))) for value, label in CONSENTS.items()]
    bases = [option(value.value, capital(t(label))) for value, label in BASES.items()]
    day: Block = {"type": "datepicker", "action_id": "v", "initial_date": today.isoformat()}
    purpose = text_input(
        CONSENT_MAX["purpose"], known.purpose if known else "", example=t("e.g. newsletter, event news")
    )
    origin = text_input(CONSENT_MAX["origin"], example=t("e.g. web form, trade show questionnaire, by phone"))
    notice = text_input(CONSENT_MAX["notice"], known.notice if known else "", example="2026-04")
    chosen = known.basis.value if known and known.basis else ""
    blocks = [
        section(labelled_with_company(lead, reader)),
        ask("consent", t("Consent to e-mail"), radios(answers, lead.consent.value)),
        ask("purpose", t("What for"), purpose, optional=True),
        ask("basis", t("On what basis"), select(bases, chosen, placeholder=t("Not said")), optional=True),
        ask("given_at", t("When they said it"), day, optional=True),
        ask("origin", t("Where they said it"), origin, optional=True,
            hint=t("Needed when somebody who had opted out agrees again.")),
        ask("notice", t("Version of the privacy notice"), notice, optional=True),
    ]  # fmt: skip
    return modal(CONSENT, t("Consent to e-mail"), blocks, metadata, close=t("Cancel"), submit=t("Save"))
