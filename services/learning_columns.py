"""Columns of leads, as they come, turned into bins; those that say nothing, or too much, are left out by name.

Whatever was filled in after the outcome would make a perfect and useless prediction. What Baton keeps itself is read as of
a moment before the outcome (services/learning_rows.py); of what an import brought nobody knows when it was written, so it
is judged by what it looks like. Pure Python: the bot puts single leads into the same bins.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from models.learning import (
    EXTRA,
    MISSING,
    RECENCY,
    TOUCHES,
    Cell,
    Cells,
    Column,
    ColumnKind,
    LeftOut,
    LeftOutColumn,
    PointsRule,
)

BINS = 10
"""Bins of a number, with about as many leads in each."""
RARE_ROWS = 20
"""Leads that a value must have to get a bin of its own, and a column to be looked at."""
VALUES_MAX = 60
TELLS_ALONE_AUC = 0.85
"""A single column that sorts won from lost better than this knows the outcome: whole models seldom reach 0.9."""
ONE_OUTCOME_RATIO = 2.0
ONE_OUTCOME_AUC = 0.65
CLOSED_ONLY_RATIO = 0.1

_EMPTY = frozenset({"", "-", "--", "n/a", "#n/a", "null", "select", "未選択", "選択", "選択してください"})
_SEPARATORS = re.compile(r"\s*[;|、；\n]\s*")
# Words of headings for what people or programs write down as a deal goes on: how it stands, how it is judged, how it ended.
_AFTERWARDS = re.compile(
    r"\b(status|stages?|results?|outcomes?|reasons?|won|lost|closed?|converted|conversion|deals?|contracts?"
    r"|tags?|quality|ratings?|grades?|ranks?|scores?|index|probability|forecast)\b"
    r"|結果|成約|受注|失注|契約|理由|ステータス|状態|段階|フェーズ|確度|ランク|スコア|評価|判定|タグ",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([ T].*)?|\d{1,2}/\d{1,2}/\d{2,4}([ T].*)?")


def clean(cell: Cell) -> Cell:
    """Return a cell without what stands for nothing; MISSING where that is all."""
    if isinstance(cell, str):
        text = " ".join(cell.split()) if "\n" not in cell else cell.strip()
        return MISSING if text.casefold() in _EMPTY else text
    return cell


def number_in(cell: Cell) -> float | None:
    """Return the number that a cell holds; None for none."""
    if not isinstance(cell, str):
        return float(cell)
    text = cell.replace(",", "").removeprefix("¥").removesuffix("%").strip()
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None


def bins_of(column: Column, cell: Cell | None) -> tuple[int, ...]:
    """Return the bins that a lead's cell falls into; only a cell of many values falls into several."""
    cell = MISSING if cell is None else clean(cell)
    if column.kind is ColumnKind.NUMBER:
        number = None if cell == MISSING else number_in(cell)
        return (0,) if number is None else (1 + bisect_right(column.edges, number),)
    places = [_place(column, value) for value in (parts_of(cell) if column.kind is ColumnKind.MANY else [str(cell)])]
    return tuple(sorted(set(places))) or (0,)


def _place(column: Column, value: str) -> int:
    if value == MISSING:
        return 0
    try:
        return 1 + column.values.index(value)
    except ValueError:
        return 1 + len(column.values)


def parts_of(cell: Cell) -> list[str]:
    """Return the values of a cell that may hold several."""
    return [part for part in _SEPARATORS.split(str(cell)) if part]


def plan_columns(
    rows: Sequence[Cells], won: Sequence[bool], open_rows: Sequence[Cells], choices: Mapping[str, bool]
) -> tuple[list[Column], list[LeftOutColumn]]:
    """Put every column of closed leads into bins, or leave it out and say why.

    `choices` are a manager's: True allows a column that looks suspicious, False forbids one.
    """
    columns: list[Column] = []
    left_out: list[LeftOutColumn] = []
    for name in sorted({name for row in rows for name in row}):
        raw = [row.get(name, MISSING) for row in rows]
        known = {cell: clean(cell) for cell in set(raw)}
        cells = [known[cell] for cell in raw]
        found = LeftOutColumn(name, LeftOut.FORBIDDEN) if choices.get(name) is False else _planned(name, cells)
        if isinstance(found, Column) and not choices.get(name):
            found = _suspicion(found, cells, won, open_rows) or found
        if isinstance(found, Column):
            columns.append(found)
        else:
            left_out.append(found)
    return columns, left_out


def _planned(name: str, cells: Sequence[Cell]) -> Column | LeftOutColumn:
    counts = Counter(cell for cell in cells if cell != MISSING)
    filled = counts.total()
    if filled < RARE_ROWS:
        return LeftOutColumn(name, LeftOut.RARE)
    if len(cells) - counts.most_common(1)[0][1] < RARE_ROWS:
        return LeftOutColumn(name, LeftOut.CONSTANT)
    numbers = {cell: number for cell in counts if (number := number_in(cell)) is not None}
    if sum(counts[cell] for cell in numbers) >= 0.95 * filled and len(set(numbers.values())) > 2:
        spread = [number for cell, number in numbers.items() for _ in range(counts[cell])]
        return LeftOutColumn(name, LeftOut.IDENTIFIER) if _are_ids(counts) else in_bins(name, spread)
    texts = Counter({str(cell): count for cell, count in counts.items()})
    if sum(count for text, count in texts.items() if _DATE.fullmatch(text)) >= 0.9 * filled:
        return LeftOutColumn(name, LeftOut.DATE)
    return _of_texts(name, texts)


def _are_ids(counts: Counter[Cell]) -> bool:
    """Tell whether numbers are names: all different, all as long."""
    texts = [str(cell) for cell in counts]
    return counts.total() == len(counts) and len({len(text) for text in texts}) == 1 and all(map(str.isdecimal, texts))


def in_bins(name: str, numbers: Sequence[float]) -> Column:
    """Build the column of these numbers, with about as many in each bin; the lowest value is alone where it is common."""
    ordered = sorted(numbers)
    lowest = ordered[0]
    above = ordered[bisect_right(ordered, lowest)]
    starts = (ordered[len(ordered) * part // BINS] for part in range(1, BINS))
    return Column(
        name, ColumnKind.NUMBER, edges=tuple(sorted({above if start == lowest else start for start in starts}))
    )


def _of_texts(name: str, texts: Counter[str]) -> Column | LeftOutColumn:
    filled, several, parts = texts.total(), 0, Counter[str]()
    for text, count in texts.items():
        found = set(parts_of(text))
        several += count * (len(found) > 1)
        parts.update(dict.fromkeys(found, count))
    if several >= 0.1 * filled and len(parts) < len(texts):
        return _of_values(name, ColumnKind.MANY, parts, filled)
    return _of_values(name, ColumnKind.CATEGORY, texts, filled)


def _of_values(name: str, kind: ColumnKind, counts: Counter[str], filled: int) -> Column | LeftOutColumn:
    common = sorted((value for value, count in counts.items() if count >= RARE_ROWS), key=lambda v: (-counts[v], v))
    covered = sum(counts[value] for value in common)
    if covered < 0.5 * filled:
        return LeftOutColumn(name, LeftOut.IDENTIFIER if len(counts) > 0.9 * filled else LeftOut.TEXT)
    return Column(name, kind, values=tuple(common[:VALUES_MAX]))


def _suspicion(
    column: Column, cells: Sequence[Cell], won: Sequence[bool], open_rows: Sequence[Cells]
) -> LeftOutColumn | None:
    """Return why a column looks as if it was filled in after the outcome; None where it does not."""
    name = column.name
    # Counted up to a moment before the outcome: whatever they tell, they told it then.
    if name.startswith((TOUCHES, RECENCY)):
        return None
    tells = told_alone(column, cells, won)
    if tells >= TELLS_ALONE_AUC:
        return LeftOutColumn(name, LeftOut.TELLS_ALONE, (tells,))
    of_won, of_lost = (_filled(cells, won, outcome) for outcome in (True, False))
    if tells >= ONE_OUTCOME_AUC and max(of_won, of_lost) >= ONE_OUTCOME_RATIO * min(of_won, of_lost):
        return LeftOutColumn(name, LeftOut.ONE_OUTCOME, (of_won, of_lost))
    if not name.startswith(EXTRA):
        return None
    if _AFTERWARDS.search(name.removeprefix(EXTRA).replace("_", " ")):
        return LeftOutColumn(name, LeftOut.NAMED_AFTER)
    if len(open_rows) >= RARE_ROWS:
        of_closed = sum(cell != MISSING for cell in cells) / len(cells)
        of_open = sum(clean(row.get(name, MISSING)) != MISSING for row in open_rows) / len(open_rows)
        if of_open < CLOSED_ONLY_RATIO * of_closed:
            return LeftOutColumn(name, LeftOut.CLOSED_ONLY, (of_closed, of_open))
    return None


def _filled(cells: Sequence[Cell], won: Sequence[bool], outcome: bool) -> float:
    of_outcome = [cell != MISSING for cell, is_won in zip(cells, won, strict=True) if is_won is outcome]
    return float(sum(of_outcome) / max(1, len(of_outcome)))


def told_alone(column: Column, cells: Sequence[Cell], won: Sequence[bool]) -> float:
    """Return how well the column alone sorts won from lost: the area under the curve of its bins' shares of won."""
    all_of, won_of = Counter(cells), Counter(cell for cell, is_won in zip(cells, won, strict=True) if is_won)
    sizes, wins = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for cell, count in all_of.items():
        key = bins_of(column, cell)
        sizes[key] += count
        wins[key] += won_of[cell]
    shares = [(wins[key] / size, wins[key], size - wins[key]) for key, size in sizes.items()]
    return _area(sorted(shares))


def area_under_curve(told: Iterable[float], won: Sequence[bool]) -> float:
    """Return how often a won lead was told higher than a lost one; equal counts half."""
    return _area([(value, int(is_won), int(not is_won)) for value, is_won in sorted(zip(told, won, strict=True))])


def _area(ascending: Iterable[tuple[float, int, int]]) -> float:
    """Return the area under the curve of (told, won, lost) in ascending order."""
    pairs = won_in_all = lost_below = 0.0
    for _, group in groupby(ascending, key=itemgetter(0)):
        counts = list(group)
        won, lost = sum(count[1] for count in counts), sum(count[2] for count in counts)
        pairs += won * (lost_below + lost / 2)
        won_in_all, lost_below = won_in_all + won, lost_below + lost
    return float(pairs / (won_in_all * lost_below)) if won_in_all and lost_below else 0.5


def points_of(rules: Iterable[PointsRule], row: Cells) -> int:
    """Return what a points table gives a lead: of each column the first line that fits."""
    given: dict[str, int] = {}
    for rule in rules:
        if rule.column not in given and _fits(rule, clean(row.get(rule.column, MISSING))):
            given[rule.column] = rule.points
    return sum(given.values())


def _fits(rule: PointsRule, cell: Cell) -> bool:
    if rule.kind is ColumnKind.NUMBER:
        number = None if cell == MISSING else number_in(cell)
        return number is not None and number >= rule.low
    return rule.value in (parts_of(cell) if rule.kind is ColumnKind.MANY else [str(cell)])
