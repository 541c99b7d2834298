"""What a file says of leads that are closed already: how they ended, and when. So a workspace with a history can learn at once."""

from datetime import datetime
from typing import Any

from models.lead import Outcome, Stage
from services.identity import fold

OUTCOME = "outcome"
"""Field of a closed lead: how it ended."""
CLOSED_AT = "closed_at"
"""Field of a date: when it ended."""

_HEADINGS = {
    OUTCOME: "受注失注,受注/失注,受注・失注,商談結果,成約結果,outcome,won/lost,won or lost,win/loss",
    CLOSED_AT: "完了日,受注日,失注日,成約日,クローズ日,closed_at,closed at,closed on,closed date,close date,won date,lost date",
}
_WORDS = {
    Outcome.WON: "受注,成約,獲得,成立,勝ち,はい,あり,有,○,〇,◯,won,win,closed won,closed-won,converted,customer,yes,y,true,1",
    Outcome.LOST: "失注,不成立,負け,いいえ,なし,無,×,✕,✗,lost,loss,closed lost,closed-lost,not converted,no,n,false,0",
}
_FIELD_OF = {fold(word): name for name, words in _HEADINGS.items() for word in words.split(",")}
_OUTCOME_OF = {fold(word): outcome for outcome, words in _WORDS.items() for word in words.split(",")}


def read_history_field(heading: str) -> str | None:
    """Return OUTCOME or CLOSED_AT where a heading, or a field's name, says so plainly."""
    return _FIELD_OF.get(fold(heading))


def read_outcome(word: str) -> Outcome | None:
    """Return how a lead ended; a number such as 1.0 is read as it is meant."""
    return _OUTCOME_OF.get(fold(word.removesuffix(".0")))


def closing_values(outcome: str, closed_at: datetime, created_at: datetime) -> dict[str, Any]:
    """Return what the columns of a lead hold that arrives CLOSED: nothing is due of it, and it was there before its end."""
    return {
        "stage": Stage.CLOSED,
        "stage_at": closed_at,
        "outcome": Outcome(outcome),
        "created_at": min(created_at, closed_at),
        "dormant_at": None,
        "dormant_since": None,
    }
