"""The benchmarks run and say what they measured; how fast this machine is today is no test's business."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import Comparison, lines_of

ROOT = Path(__file__).parents[2]


def run_benchmarks(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *options]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=100, check=False)


def test_one_command_prints_every_ratio(tmp_path: Path) -> None:
    """A few of everything: acks and adds, both doors, imports and memory are measured against something."""
    ran = run_benchmarks("--quick", "--report-only", "--folder", str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    heading, *rows = [line.split("|") for line in ran.stdout.splitlines() if "|" in line]
    assert [cell.strip() for cell in heading] == [
        "what",
        "measured",
        "reference",
        "ratio",
        "middle half",
        "goal",
        "ok?",
    ]
    goals = [row for row in rows if row[5].strip()]
    assert [row[0].split(",")[0].strip() for row in goals] == [
        "ack of nothing",
        "/lead add",
        "/lead add",
        "HTTP",
        "Socket Mode",
        "importing the program",
        "idle memory / a bare Socket Mode bot with them",
        "importing 500 rows",
        "candidates for one lead among 500 leads / its bare look-ups",
        "two kanji among 500 leads / a bare look-up and ten rows",
    ]
    assert all(float(row[3]) > 0 for row in rows)
    assert all(row[6].strip() in {"yes", "NO"} for row in goals)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("goal", "verdict", "is_met"), [(2.0, "yes", True), (1.5, "NO", False), (None, "", True)])
def test_a_ratio_over_its_goal_is_named(goal: float | None, verdict: str, is_met: bool) -> None:
    """The ratio is that of the medians; one wild round in three changes nothing."""
    comparison = Comparison("ack", "us", [20, 18, 500], [10, 10, 10], goal)
    _heading, line = lines_of([comparison])
    assert comparison.ratio == 2.0
    assert comparison.is_met is is_met
    assert line.split("|")[-1].strip() == verdict


def test_scale_is_measured_at_each_size(tmp_path: Path) -> None:
    """Two small workspaces, filled in SQL: what is found, touched, planned and moved, and how it grows."""
    ran = run_benchmarks("scale", "--quick", "--report-only", "--folder", str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert "unexpected" not in ran.stderr
    rows = [line.partition("|")[0] for line in ran.stdout.splitlines() if "|" in line][1:]
    for what in (
        "finding dormant, 500 leads / by hand",
        "finding overdue, 1,000 leads / 500",
        "500 digests",
        "rescoring",
    ):
        assert any(row.startswith(what) for row in rows), what
    assert not list(tmp_path.iterdir())
