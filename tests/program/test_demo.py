"""`make demo`: the story is told to its end, and the playground stays up until it is told to stop."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


def test_demo_plays_the_main_job_and_stays_up(tmp_path: Path) -> None:
    """Offered, claimed, told to the second, in the digest and returned: each is printed; Ctrl-C ends it at once."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "playground"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PLAYGROUND_PORT": "0", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    watchdog = threading.Timer(PATIENCE_SECONDS, demo.kill)
    watchdog.start()
    said = []
    assert demo.stdout
    for line in demo.stdout:
        said.append(line)
        if "stays up" in line:
            demo.send_signal(signal.SIGINT)
    code = demo.wait(PATIENCE_SECONDS)
    watchdog.cancel()
    demo.stdout.close()
    told = "".join(said)
    assert code == 0, told
    for happening in (
        "引き渡し L-7",
        "L-7 is yours",
        "L-7 はSatoさんが",
        "Your leads today",
        "マーケティングの今日",
        "差し戻されました",
    ):
        assert happening in told, told
    assert "Traceback" not in told
