"""Draw a calibration: what was said against what came true. `python -m jobs.drawing_process` reads JSON, writes a PNG."""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure

# Fonts with Japanese letters, as systems have them; Baton brings none.
JAPANESE_FONTS = (
    "Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "IPAGothic", "TakaoGothic", "VL Gothic", "Hiragino Sans",
    "Yu Gothic", "Meiryo", "MS Gothic",
)  # fmt: skip
INK, RULES_INK, QUIET = "#123a5a", "#c7742c", "#8a8f98"


def draw(drawing: Mapping[str, Any]) -> bytes:
    """Return the picture. Without a font for Japanese it speaks English: squares would say nothing."""
    labels, font = drawing["labels"], _japanese_font() if drawing["locale"] == "ja" else None
    if drawing["locale"] == "ja" and font is None:
        labels = drawing["english_labels"]
    with matplotlib.rc_context({"font.family": font or "DejaVu Sans", "font.size": 11, "axes.edgecolor": QUIET}):
        figure = Figure(figsize=(10, 4.8), dpi=110, layout="constrained")
        calibration, lift = figure.subplots(1, 2)
        _calibration(calibration, drawing["tenths"], labels)
        _lift(lift, drawing["tenths"], drawing["rules_tenths"], drawing["base_rate"], labels)
        picture = io.BytesIO()
        # Without a date the same numbers make the same bytes.
        figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def _japanese_font() -> str | None:
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in JAPANESE_FONTS if name in known), None)


def _calibration(axes: Any, tenths: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> None:
    told = [tenth["told"] * 100 for tenth in tenths]
    came = [tenth["won"] / tenth["count"] * 100 for tenth in tenths]
    axes.plot([0, 100], [0, 100], color=QUIET, linestyle="--", linewidth=1, label=labels["ideal"])
    axes.plot(told, came, color=INK, marker="o", linewidth=2, label=labels["chance"])
    axes.set(
        title=labels["calibration"], xlabel=labels["told"], ylabel=labels["came_true"], xlim=(0, 100), ylim=(0, 100)
    )
    _legend(axes, 2)
    axes.grid(color="#e6e8ec")


def _lift(
    axes: Any,
    tenths: Sequence[Mapping[str, Any]],
    rules_tenths: Sequence[Mapping[str, Any]],
    base_rate: float,
    labels: Mapping[str, str],
) -> None:
    width = 0.4
    for shift, parts, colour, label in (
        (-width / 2, tenths, INK, labels["chance"]),
        (width / 2, rules_tenths, RULES_INK, labels["rules"]),
    ):
        shares = [part["won"] / part["count"] * 100 for part in parts]
        axes.bar([place + 1 + shift for place in range(len(parts))], shares, width, color=colour, label=label)
    axes.axhline(base_rate * 100, color=QUIET, linestyle="--", linewidth=1, label=labels["all"])
    axes.set(
        title=labels["lift"], xlabel=labels["tenth"], ylabel=labels["came_true"], xticks=range(1, 11), ylim=(0, 100)
    )
    _legend(axes, 3)


def _legend(axes: Any, columns: int) -> None:
    """Put the legend under the axes: over the bars it would hide some."""
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncol=columns)


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
