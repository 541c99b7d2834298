"""The workspace that the demo and most tests start with."""

from collections.abc import Callable
from datetime import datetime

from playground.entities import Team
from playground.workspace import Workspace

TANAKA, AOKI, SATO, MORI, KIM, BROWN, GUEST, STRANGER = (
    "U0TANAKA", "U0AOKI", "U0SATO", "U0MORI", "U0KIM", "U0BROWN", "U0GUEST", "U0STRANGER",
)  # fmt: skip
MARKETING, SALES, GENERAL, PARTNERS, PRIVATE = "C0MARKETING", "C0SALES", "C0GENERAL", "C0PARTNERS", "C0PRIVATE"


def demo_workspace(clock: Callable[[], datetime] | None = None) -> Workspace:
    """Make a team with marketing, sales, a manager, a guest, a stranger and the app's bot."""
    ws = Workspace(Team("T0PLAY", "Playground", "playground"), clock)
    ws.teams["T0PARTNER"] = Team("T0PARTNER", "Partner", "partner")
    english = {"locale": "en-US"}
    ws.add_user("demo-bot", id=ws.installation.bot_user, real_name="Demo bot", is_bot=True)
    ws.add_user("tanaka", id=TANAKA, real_name="田中 美咲", display_name="田中", email="tanaka@playground.example")
    ws.add_user("aoki", id=AOKI, real_name="青木 大輔", display_name="青木", email="aoki@playground.example")
    ws.add_user("sato", id=SATO, real_name="Ken Sato", display_name="Sato", email="sato@playground.example", **english)
    ws.add_user("mori", id=MORI, real_name="森 直子", display_name="森", email="mori@playground.example", is_admin=True)
    ws.add_user("kim", id=KIM, real_name="Kim Jihye", display_name="Kim", email="kim@playground.example", **english)
    ws.add_user(
        "brown", id=BROWN, real_name="Anna Brown", display_name="Brown", email="brown@playground.example",
        tz="Europe/London", **english,
    )  # fmt: skip
    ws.add_user("guest", id=GUEST, real_name="外部 花子", is_restricted=True, is_ultra_restricted=True)
    ws.add_user("stranger", id=STRANGER, real_name="他社 太郎", team_id="T0PARTNER", is_stranger=True)
    _add_channels(ws)
    return ws


def _add_channels(ws: Workspace) -> None:
    bot = ws.installation.bot_user
    ws.add_channel("general", id=GENERAL, members=(TANAKA, AOKI, SATO, MORI, KIM, BROWN, bot))
    ws.add_channel("marketing", id=MARKETING, members=(TANAKA, KIM, MORI, bot))
    ws.add_channel("sales-handoffs", id=SALES, members=(AOKI, SATO, MORI, GUEST, bot))
    ws.add_channel(
        "partners", id=PARTNERS, members=(AOKI, MORI, STRANGER, bot), is_ext_shared=True,
        connected_team_ids=("T0PARTNER",),
    )  # fmt: skip
    ws.add_channel("managers", id=PRIVATE, members=(MORI,), is_private=True)
