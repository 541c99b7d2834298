"""Have a picture drawn in a process of its own: matplotlib takes 60 MB and a second, once in a while."""

import json
import subprocess
import sys
from pathlib import Path

from views.calibration import Drawing

_ROOT = Path(__file__).parent.parent
DRAWING_SECONDS = 120


def draw(drawing: Drawing) -> bytes:
    """Return the drawing as a PNG.

    Raises:
        subprocess.SubprocessError: it could not be drawn.
    """
    done = subprocess.run(
        [sys.executable, "-m", "jobs.drawing_process"],
        input=json.dumps(drawing.as_json()).encode(),
        capture_output=True,
        check=True,
        cwd=_ROOT,
        timeout=DRAWING_SECONDS,
    )
    return done.stdout
