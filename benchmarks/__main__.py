"""`python -m benchmarks`: Baton's speed as ratios to what its parts cost bare, each inside this one run."""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import commands, doors, imports, matching, processes
from benchmarks.table import Comparison, lines_of

# Where temporary files are a disk's: /tmp is often memory, in which `synchronous = FULL` costs nothing.
DISK = Path("/var/tmp")  # noqa: S108  TemporaryDirectory makes a folder of its own there.

LEGEND = """
CPU is user and system time of the process; ratios are those of the medians over interleaved rounds, and the middle half
is that of the ratios inside single rounds: where it is wide, the machine is noisy. A query that reads a whole table
makes "by hand" as slow, so read that row only while the one below it is met."""


def main() -> int:
    """Run what was asked for; 1 when a ratio is over its goal."""
    options = _options()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="baton-bench-", dir=options.folder) as name:
        folder = Path(name)
        if options.profile:
            commands.profile(folder, options.profile)
            return 0
        comparisons = _scale(folder, options) if options.what else _parts(folder, options)
    _say(comparisons, time.monotonic() - started)
    is_met = all(comparison.is_met for comparison in comparisons)
    return 0 if is_met or options.report_only else 1


def _parts(folder: Path, options: argparse.Namespace) -> list[Comparison]:
    is_quick = options.quick
    counts = commands.Counts(rounds=2, acks=10, adds=3, leads=20) if is_quick else commands.Counts()
    comparisons = commands.compare(folder, counts)
    comparisons += doors.compare(folder, doors.Counts(2, 16, 16) if is_quick else doors.Counts())
    comparisons += processes.compare(folder, processes.Counts(1, 0.1) if is_quick else processes.Counts())
    comparisons += imports.compare(folder, imports.Counts(500, 1) if is_quick else imports.Counts())
    leads, times = (500, 3) if is_quick else (options.leads, 100)
    return comparisons + matching.compare(folder, leads, times)


def _scale(folder: Path, options: argparse.Namespace) -> list[Comparison]:
    from benchmarks import scale  # noqa: PLC0415  # The parts are measured without it.

    counts = scale.Counts(sizes=(500, 1000), rounds=2, adds=20) if options.quick else scale.Counts()
    sizes = tuple(options.sizes or counts.sizes)[: 1 if options.postgres else None]
    return scale.compare(folder, replace(counts, sizes=sizes), options.postgres or "")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["scale"], help="what the clock costs in a large workspace, instead")
    parser.add_argument("--sizes", type=int, nargs="+", help="of `scale`: how many leads, smallest first")
    parser.add_argument("--postgres", metavar="URL", help="of `scale`: an empty PostgreSQL database, for one size")
    parser.add_argument("--report-only", action="store_true", help="exit 0 whatever the ratios are")
    parser.add_argument("--quick", action="store_true", help="a few of everything: to see that it runs, not how fast")
    parser.add_argument(
        "--leads", type=int, default=100_000, help="among how many people are looked for; a million takes minutes"
    )
    parser.add_argument("--profile", choices=["add", "nothing"], help="print where the time goes instead")
    parser.add_argument(
        "--folder",
        type=Path,
        default=DISK if DISK.is_dir() else None,
        help="where the databases are made, /var/tmp where there is one; /dev/shm leaves the disk out",
    )
    return parser.parse_args()


def _say(comparisons: list[Comparison], seconds: float) -> None:
    lines = [*lines_of(comparisons), LEGEND, f"{seconds:.0f} s"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
