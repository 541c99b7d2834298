"""Which lead a text is about: the one that it names by number or by address, if it is only one."""

import re

from sqlmodel import Session

from models.errors import LeadError
from models.lead import Lead, Stage
from services.card_texts import read_card
from services.leads import find_lead

_LABEL = re.compile(r"(?<![A-Za-z0-9])L-[0-9]{1,9}(?![A-Za-z0-9])")


def find_mentioned(session: Session, workspace_id: int, text: str, country: str) -> Lead | None:
    """Return the open lead whose number or e-mail address stands in the text; None for none, or for several."""
    label = _LABEL.search(text)
    reference = label[0] if label else read_card(text, country).email
    try:
        lead = find_lead(session, workspace_id, reference) if reference else None
    except LeadError:
        return None
    return lead if lead is not None and lead.stage is not Stage.CLOSED else None
