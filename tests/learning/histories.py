"""Histories of closed leads that nobody had: seeded, small, and known to the last cell."""

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.learning import EXTRA, Cells

HEADINGS = ("会社名", "メール", "業種", "従業員数", "資料", "契約番号", "受注失注", "完了日")
_INDUSTRIES = {"製造業": 0.5, "小売業": -0.5, "金融業": 0.0}
_PAPERS = {"導入事例": 0.8, "料金表": 0.6, "会社案内": -0.4}


def history(count: int, *, seed: int = 1) -> list[dict[str, str]]:
    """Return rows of a file: manufacturers, large companies and who read the price list buy more often.

    契約番号 is filled in for the won alone, after the fact.
    """
    draw = random.Random(seed)  # noqa: S311  Nothing secret is drawn.
    return [_row(number, draw) for number in range(1, count + 1)]


def _row(number: int, draw: random.Random) -> dict[str, str]:
    industry = draw.choice(list(_INDUSTRIES))
    employees = draw.choice((10, 30, 80, 200, 500, 1500, 4000))
    papers = [paper for paper in _PAPERS if draw.random() < 0.5]
    liking = _INDUSTRIES[industry] * 2 + (1.2 if employees >= 200 else -1.2) + sum(_PAPERS[paper] for paper in papers)
    is_won = draw.random() < 1 / (1 + 2.718281828 ** (-2 * liking + 0.8))
    closed_at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=7 * number)
    return {
        "会社名": f"株式会社取引先{number}",
        "メール": f"lead{number}@torihiki{number}.example",
        "業種": industry,
        "従業員数": f"{employees:,}" if draw.random() < 0.9 else "",
        "資料": "；".join(papers),
        "契約番号": f"K-{number % 3}" if is_won else "",
        "受注失注": "受注" if is_won else "失注",
        "完了日": f"{closed_at:%Y-%m-%d}",
    }


def write_file(path: Path, rows: list[dict[str, str]], headings: tuple[str, ...] = HEADINGS) -> Path:
    """Write rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def cells(rows: list[dict[str, str]], *names: str) -> list[Cells]:
    """Return the rows' columns as cells."""
    return [{f"{EXTRA}{name}": row[name] for name in names if row[name]} for row in rows]


def won(rows: list[dict[str, str]]) -> list[bool]:
    """Return how the rows ended."""
    return [row["受注失注"] == "受注" for row in rows]
