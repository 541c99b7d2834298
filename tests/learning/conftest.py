"""One fit that many tests look at."""

import pytest

from models.learning import Json
from services.learning_fit import fit
from tests.learning.histories import cells, history, won

NAMES = ("業種", "従業員数", "資料", "契約番号")


@pytest.fixture(scope="session")
def fitted() -> Json:
    """Return what is learned from 600 invented leads."""
    return fit(task())


def task(count: int = 600) -> Json:
    """Return what the fit gets to read."""
    rows = history(count)
    known, ended = cells(rows, *NAMES), won(rows)
    return {"rows": known, "won": ended, "scores": [0.0] * count, "open": [], "choices": {}}
