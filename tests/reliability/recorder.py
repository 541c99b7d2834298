"""What long runs measured, written into the table of docs/reliability.md: a row per measurement and database.

    record("claims raced for", {"database": "sqlite", "seed": 7, "races": 10_000, "with two winners": 0})

`database`, `seed` and `command` have columns of their own; everything else is a figure. The page is its own store: a run
replaces its rows and leaves the others and the prose as they are.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = "| what | database | measured | seed | command |\n|---|---|---|---|---|\n"
_COLUMNS = ("database", "seed", "command")


def record(name: str, figures: Mapping[str, object], page: Path = PAGE) -> None:
    """Put one measurement into the page's table, in place of what it was when last measured."""
    measured = ", ".join(f"{_worded(value)} {key}" for key, value in figures.items() if key not in _COLUMNS)
    row = _row(
        name,
        figures.get("database", ""),
        measured,
        figures.get("seed", ""),
        f"`{figures.get('command') or _command()}`",
    )
    with page.open("r+", encoding="utf-8") as file:
        # Several pytest processes may write at once.
        fcntl.flock(file, fcntl.LOCK_EX)
        before, head, table = file.read().partition(HEAD)
        if not head:
            raise ValueError(f"{page} has no table to write into")
        rows, after = _parted(table)
        rows = sorted({_key(line): line for line in [*rows, row]}.values())
        file.seek(0)
        file.write(before + head + "".join(f"{line}\n" for line in rows) + after)
        file.truncate()


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _worded(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _parted(table: str) -> tuple[list[str], str]:
    """Part the rows from what follows the table."""
    lines = table.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return lines[:count], "".join(f"{line}\n" for line in lines[count:])


def _key(row: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.split(" | ")[:2])


def _command() -> str:
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].partition("[")[0]
    chosen = "".join(f"{name}={os.environ[name]} " for name in ("SEED", "COUNT", "PAIRS") if name in os.environ)
    return f"{chosen}.venv/bin/python -m pytest -m soak {test}".strip()
