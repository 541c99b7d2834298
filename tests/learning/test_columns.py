"""Columns as they come are put into bins; what says nothing, or too much, is left out by name."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.learning import EXTRA, MISSING, TOUCHES, Cells, Column, ColumnKind, LeftOut, PointsRule
from services.learning_columns import area_under_curve, bins_of, in_bins, plan_columns, points_of

ROWS = 400
DRAW = random.Random(7)  # noqa: S311  Nothing secret is drawn.
WON = [DRAW.random() < 0.4 for _ in range(ROWS)]


def planned(name: str, cells: list[str], *, open_cells: list[str] | None = None, allowed: bool | None = None) -> object:
    """Return the kind of a column, or why it is left out."""
    choices = {} if allowed is None else {name: allowed}
    rows: list[Cells] = [{name: cell} if cell else {} for cell in cells]
    open_rows: list[Cells] = [{name: cell} if cell else {} for cell in open_cells or []]
    columns, left_out = plan_columns([{**row, "source": "other"} for row in rows], WON, open_rows, choices)
    found = {column.name: column.kind for column in columns} | {column.name: column.reason for column in left_out}
    return found[name]


def of_outcome(won: float, lost: float, value: str = "x") -> list[str]:
    """Fill a column in for these shares of the won and the lost."""
    draw = random.Random(3)  # noqa: S311  Nothing secret is drawn.
    return [f"{value}{draw.randrange(2)}" if draw.random() < (won if is_won else lost) else "" for is_won in WON]


def drawn(*values: str) -> list[str]:
    """Draw a column that has nothing to do with the outcome."""
    draw = random.Random(5)  # noqa: S311  Nothing secret is drawn.
    return [draw.choice(values) for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (drawn("製造業", "小売業"), ColumnKind.CATEGORY),
        (drawn("1,200", "35", "4", "900"), ColumnKind.NUMBER),
        (drawn("展示会；資料", "資料", "展示会", "メール; 展示会"), ColumnKind.MANY),
        (["同じ"] * ROWS, LeftOut.CONSTANT),
        (["Select"] * ROWS, LeftOut.RARE),
        (["x"] * 5 + [""] * (ROWS - 5), LeftOut.RARE),
        ([f"{number:06}" for number in range(ROWS)], LeftOut.IDENTIFIER),
        ([f"C-{number}" for number in range(ROWS)], LeftOut.IDENTIFIER),
        ([f"2026-{1 + number % 12:02}-03" for number in range(ROWS)], LeftOut.DATE),
        ([f"{number % 12 + 1}/{number % 28 + 1}/2025" for number in range(ROWS)], LeftOut.DATE),
        ([f"担当より{number // 3}回目の連絡" for number in range(ROWS)], LeftOut.TEXT),
    ],
)  # fmt: skip
def test_every_kind_of_column_is_recognised(cells: list[str], expected: object) -> None:
    """Numbers, categories and several values become bins; names, dates, texts and constants do not."""
    assert planned(f"{EXTRA}項目", cells) == expected


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("項目", ["はい" if is_won else "いいえ" for is_won in WON], LeftOut.TELLS_ALONE),
        ("項目", of_outcome(0.8, 0.1), LeftOut.ONE_OUTCOME),
        ("Lead Quality", drawn("high", "low"), LeftOut.NAMED_AFTER),
        ("Deal_stage", drawn("1", "2"), LeftOut.NAMED_AFTER),
        ("失注理由", drawn("価格", "時期"), LeftOut.NAMED_AFTER),
    ],
)
def test_what_may_have_been_written_afterwards_stays_out_unless_allowed(
    name: str, cells: list[str], reason: LeftOut
) -> None:
    """A leak is left out by itself; a manager who knows better allows it, and can forbid anything."""
    assert planned(f"{EXTRA}{name}", cells) == reason
    assert planned(f"{EXTRA}{name}", cells, allowed=True) == ColumnKind.CATEGORY
    assert planned(f"{EXTRA}{name}", cells, allowed=False) == LeftOut.FORBIDDEN


def test_what_only_closed_leads_have_stays_out() -> None:
    """A column that open leads hardly ever have cannot tell anything of them."""
    filled = drawn("a", "b")
    assert planned(f"{EXTRA}項目", filled, open_cells=[""] * 100) == LeftOut.CLOSED_ONLY
    assert planned(f"{EXTRA}項目", filled, open_cells=["a"] * 100) == ColumnKind.CATEGORY


def test_honest_headings_are_not_suspected() -> None:
    """Words that merely contain a suspicious one say nothing: a costume is no status, a percentage no grade."""
    for name in ("Lead Source", "Country", "Lost and found club", "Stagecoach", "業種", "Total Visits"):
        expected = LeftOut.NAMED_AFTER if "Lost" in name else ColumnKind.CATEGORY
        assert planned(f"{EXTRA}{name}", drawn("a", "b")) == expected


def test_touchpoints_are_never_suspected() -> None:
    """They are counted up to a moment before the outcome: a demo may tell as much as it likes."""
    cells: list[Cells] = [
        {f"{TOUCHES}demo:inbound": 1.0 + number % 3} if is_won else {} for number, is_won in enumerate(WON)
    ]
    columns, left_out = plan_columns(cells, WON, [], {})
    assert ([column.name for column in columns], left_out) == ([f"{TOUCHES}demo:inbound"], [])


NUMBERS = st.lists(st.floats(-1e9, 1e9), min_size=2).filter(lambda numbers: len(set(numbers)) > 1)


@given(NUMBERS, st.floats(allow_nan=False))
def test_a_larger_number_never_falls_into_a_lower_bin(numbers: list[float], more: float) -> None:
    """Bins keep the order of numbers, whatever they were made of."""
    column = in_bins("n", numbers)
    places = [bins_of(column, number)[0] for number in sorted([*numbers, *([more] if abs(more) < 1e15 else [])])]
    assert places == sorted(places)
    assert all(0 < place < column.size for place in places)


@given(st.text() | st.floats(), st.lists(st.text(min_size=1), unique=True, max_size=5), st.sampled_from(ColumnKind))
def test_any_cell_falls_into_a_bin(cell: str | float, values: list[str], kind: ColumnKind) -> None:
    """Whatever a file holds, nothing fails on it."""
    column = Column("c", kind, edges=(1.0, 5.0), values=tuple(values))
    assert all(0 <= place < column.size for place in bins_of(column, cell))


def test_the_area_under_the_curve_is_a_share_of_pairs() -> None:
    """Right order 1, wrong order 0, no order a half, and no pairs say nothing."""
    assert area_under_curve([1, 2, 3], [False, True, True]) == 1
    assert area_under_curve([3, 2, 1], [False, True, True]) == 0
    assert area_under_curve([1, 1, 1], [False, True, True]) == 0.5
    assert area_under_curve([1, 2], [True, True]) == 0.5


def test_of_a_columns_lines_the_first_counts() -> None:
    """A points table gives each column's points once."""
    rules = [
        PointsRule("n", ColumnKind.NUMBER, 9, low=100),
        PointsRule("n", ColumnKind.NUMBER, 4, low=10),
        PointsRule("m", ColumnKind.MANY, 3, value="a"),
        PointsRule("c", ColumnKind.CATEGORY, 2, value="x"),
    ]
    assert points_of(rules, {"n": "150", "m": "b; a", "c": "x"}) == 14
    assert points_of(rules, {"n": 10.0, "c": "y"}) == 4
    assert points_of(rules, {"n": MISSING, "m": "ab"}) == 0
