"""One typed line of `key:value` (`/lead edit L-12 …`) → the fields that it sets."""

from models.errors import InputError, Problem
from services.lead_lines import _cut, _Draft, _joined, _put_keyed, unescape
from services.vocabulary import nearest_field


def read_edit_line(text: str, country: str) -> dict[str, str]:
    """Return the fields that the line sets, by column.

    Raises:
        InputError: UNKNOWN_FIELD where a part of it has no key that is known; and what `read_lead_line` raises of values.
    """
    draft = _Draft()
    for piece in _joined(_cut(unescape(text))):
        if not piece.field:
            raise InputError(Problem.UNKNOWN_FIELD, "field", piece.text, nearest=nearest_field(piece.text))
        _put_keyed(piece, draft, country)
    return draft.fields
