"""`make demo` serves the page until it is told to stop; `make story` tells the main job and ends."""

import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


@contextmanager
def _started(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    demo = subprocess.Popen(
        [sys.executable, "-m", "playground", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PLAYGROUND_PORT": "0", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    watchdog = threading.Timer(PATIENCE_SECONDS, demo.kill)
    watchdog.start()
    try:
        yield demo
    finally:
        watchdog.cancel()
        demo.kill()
        demo.wait()
        if demo.stdout:
            demo.stdout.close()


def test_demo_serves_the_page_and_stays_up(tmp_path: Path) -> None:
    """The first line names the address; the page is there; Ctrl-C ends it at once and without a word of alarm."""
    with _started(tmp_path) as demo:
        assert demo.stdout
        port = demo.stdout.readline().split()[1].rpartition(":")[2]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
            assert b"Playground" in page.read()
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()
        assert demo.wait(PATIENCE_SECONDS) == 0, rest
    assert "Traceback" not in rest


def test_story_plays_the_main_job_and_ends(tmp_path: Path) -> None:
    """Offered, claimed, told to the second, in the digest and returned: each is printed."""
    with _started(tmp_path, "story") as story:
        assert story.stdout
        told = story.stdout.read()
        code = story.wait(PATIENCE_SECONDS)
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
