"""What a picture of a calibration shows, in the reader's words; jobs/drawing_process.py draws it."""

from dataclasses import asdict, dataclass
from typing import Any

from models.learning import FitReport
from views.words import Reader, msg

_LABELS = {
    "calibration": msg("What was said, and what came true"),
    "told": msg("Chance that was said (%)"),
    "came_true": msg("Won of them (%)"),
    "ideal": msg("exactly as said"),
    "chance": msg("learned chance"),
    "rules": msg("score by the rules"),
    "all": msg("all closed leads"),
    "lift": msg("Won by tenths of the leads"),
    "tenth": msg("Tenth of the leads, the highest first"),
}


@dataclass(frozen=True)
class Drawing:
    """The numbers and words of one picture."""

    fit: FitReport
    reader: Reader

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it, with English words for a machine that cannot write the reader's."""
        return {
            "locale": self.reader.locale,
            "labels": _said(self.reader),
            "english_labels": _said(Reader("en", self.reader.timezone)),
            "tenths": [asdict(tenth) for tenth in self.fit.tenths],
            "rules_tenths": [asdict(tenth) for tenth in self.fit.rules_tenths],
            "base_rate": self.fit.base_rate,
        }


def _said(reader: Reader) -> dict[str, str]:
    return {name: reader.t(label) for name, label in _LABELS.items()}


def drawing(fit: FitReport, reader: Reader) -> Drawing:
    """Say what the picture of a fit shows."""
    return Drawing(fit, reader)
