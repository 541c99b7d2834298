"""The table of measured figures."""

from pathlib import Path

from tests.reliability.recorder import HEAD, record


def test_a_new_measurement_replaces_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    """Prose and other rows stay; the row of the same measurement and database is written anew."""
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{HEAD}\nEnd.\n", encoding="utf-8")
    for races, database in ((1, "sqlite"), (2, "postgres"), (3000, "sqlite")):
        record("races", {"database": database, "seed": 7, "races": races, "lost": 0, "command": "make soak"}, page)
    assert page.read_text(encoding="utf-8") == (
        f"# Page\n\n{HEAD}"
        "| races | postgres | 2 races, 0 lost | 7 | `make soak` |\n"
        "| races | sqlite | 3,000 races, 0 lost | 7 | `make soak` |\n"
        "\nEnd.\n"
    )
