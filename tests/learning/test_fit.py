"""The fit: good on leads it has not seen, honest about itself, plain numbers that the bot adds up alone."""

import json
import math

import numpy as np
import pytest

from models.learning import EXTRA, ColumnKind, Json, read_fit_report
from services.chances import log_odds, probability_of, read_weights, reasons_of
from services.learning_columns import area_under_curve, points_of
from services.learning_fit import design_of, fit
from tests.learning.conftest import NAMES, task
from tests.learning.histories import cells, history, won

UNSEEN = history(600, seed=99)


def test_it_predicts_leads_it_has_not_seen(fitted: Json) -> None:
    """Chances of other leads sort them, and come true about as often as they say; its own figures say the same."""
    weights = read_weights(fitted["weights"])
    chances = [probability_of(weights, row) for row in cells(UNSEEN, *NAMES)]
    report = read_fit_report(fitted["report"])
    assert area_under_curve(chances, won(UNSEEN)) > 0.88
    assert abs(area_under_curve(chances, won(UNSEEN)) - report.auc) < 0.04
    assert abs(sum(chances) / 600 - sum(won(UNSEEN)) / 600) < 0.05
    assert report.calibration_error < 0.05
    assert report.top_tenth > 0.9


def test_the_points_table_is_short_whole_and_nearly_as_good(fitted: Json) -> None:
    """At most 20 lines of whole points sort unseen leads almost as the chances do."""
    table = read_fit_report(fitted["report"]).table
    assert 0 < len(table.rules) <= 20
    assert all(isinstance(rule.points, int) and rule.points > 0 for rule in table.rules)
    assert {rule.kind for rule in table.rules} == set(ColumnKind)
    totals = [points_of(table.rules, row) for row in cells(UNSEEN, *NAMES)]
    assert area_under_curve(totals, won(UNSEEN)) > 0.87
    mql, hot = table.thresholds
    assert 0 < mql.points <= hot.points
    assert hot.won >= mql.won


def test_the_same_leads_give_the_same_fit(fitted: Json) -> None:
    """Nothing is left to chance: the seeds are fixed."""
    assert fit(task()) == fitted


def test_weights_survive_json_and_need_no_library(fitted: Json) -> None:
    """Written, read and added up in plain Python, the log odds are those of scikit-learn's own matrix to 1e-9."""
    weights = read_weights(json.loads(json.dumps(fitted["weights"])))
    assert weights == read_weights(fitted["weights"])
    rows = task()["rows"]
    columns = [weighed.column for weighed in weights.columns]
    by_matrix = design_of(rows, columns) @ np.concatenate([w.weights for w in weights.columns]) + weights.base
    assert max(abs(log_odds(weights, row) - odds) for row, odds in zip(rows, by_matrix, strict=True)) < 1e-9


def test_what_was_filled_in_afterwards_is_named_and_unused(fitted: Json) -> None:
    """The contract number stands in the report, not among the weights."""
    report = read_fit_report(fitted["report"])
    assert [column.name for column in report.left_out] == [f"{EXTRA}契約番号"]
    assert f"{EXTRA}契約番号" not in report.used


def test_reasons_add_up(fitted: Json) -> None:
    """The strongest three come first, each with what the lead has there, for it or against it."""
    weights = read_weights(fitted["weights"])
    large = reasons_of(weights, {f"{EXTRA}業種": "製造業", f"{EXTRA}従業員数": "4,000", f"{EXTRA}資料": "導入事例"})
    assert [reason.effect > 0 for reason in large] == [True, True, True]
    assert [abs(reason.effect) for reason in large] == sorted((abs(r.effect) for r in large), reverse=True)
    small = {reason.column: reason for reason in reasons_of(weights, {f"{EXTRA}従業員数": "10"})}
    assert small[f"{EXTRA}従業員数"].effect < 0
    assert small[f"{EXTRA}従業員数"].value == "10"


def test_luck_is_not_shown() -> None:
    """Where nothing has to do with the outcome, the fit says that it is no better than the share of won."""
    given = task(400)
    outcomes = [number % 5 < 2 for number in range(400)]
    report = fit({**given, "won": outcomes})["report"]
    assert not report["is_better"]


def test_leads_told_the_same_share_their_outcome(fitted: Json) -> None:
    """With one score for all, every tenth has the same share: the order in which they were read means nothing."""
    report = read_fit_report(fitted["report"])
    shares = {round(tenth.won / tenth.count, 9) for tenth in report.rules_tenths}
    assert shares == {round(report.base_rate, 9)}
    assert report.rules_auc == pytest.approx(0.5)
    assert math.isclose(sum(tenth.count for tenth in report.tenths), 600)
