"""kill -9 at every named point between a request's arrival and a delivery's last write, twice in a row.

A lead is added, offered, claimed by a click, returned by a form, offered again and claimed by a hand, by people who look
what became of a request that failed, and do it again when nothing did. The bot is a process of its own that kills itself
at the point; the next one kills itself at a second point; the third may live.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from models.delivery import Delivery, DeliveryState
from models.handoff import Handoff, HandoffState
from models.lead import Lead, Stage
from models.touchpoint import Touchpoint
from playground import PlaygroundServer
from playground.delivery import Delivery as Event
from playground.entities import Message
from playground.seed import MARKETING, SALES
from tests.postgres import fresh_url
from tests.reliability.helpers import Kill, Launcher, Tables, check_messages, posted, until
from tests.reliability.recorder import record

ATTEMPTS = 8
# Of the pairs of points that `make soak` kills at, and how many.
SEED = int(os.environ.get("SEED", "1"))
PAIRS = int(os.environ.get("PAIRS", "200"))


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    """The process that starts bots."""
    launcher = Launcher()
    yield launcher
    launcher.close()


class Branch:
    """Slack, a database, and a bot that is killed at one point after the other and started again each time."""

    def __init__(self, launcher: Launcher, server: PlaygroundServer, url: str, kills: Sequence[Kill]) -> None:
        self._launcher, self._server, self._kills = launcher, server, list(kills)
        self._url, self.tables = url, Tables(url)
        self.passed: list[str] = []
        self.killed_at: list[str] = []
        self.tanaka, self.aoki, self.sato = (server.person(name) for name in ("tanaka", "aoki", "sato"))
        self._start()

    def close(self) -> None:
        self._launcher.kill()
        self.passed += self._launcher.passed
        self.tables.close()

    def _start(self) -> None:
        installation = self._server.workspace.installation
        environment = {
            "SLACK_BOT_TOKEN": installation.bot_token,
            "SLACK_SIGNING_SECRET": installation.signing_secret,
            "SLACK_API_URL": self._server.api_url,
            "DATABASE_URL": self._url,
            "PORT": "0",
            "SALES_CHANNEL": SALES,
            "MARKETING_CHANNEL": MARKETING,
        }
        while not self._launcher.start(environment, self._kills.pop(0) if self._kills else Kill()):
            self._bury()
        # Not `deliver_to`, which asks for an answer: it may be dead by now.
        installation.request_url = f"http://127.0.0.1:{self._launcher.port}/slack/events"

    def _bury(self) -> None:
        assert self._launcher.wait_for_end() == -9, self._launcher.log
        self.killed_at.append(self._launcher.killed_at)
        self.passed += self._launcher.passed
        self.tables.end_leases()

    def revive(self) -> bool:
        """Start the bot again if it is dead, and tell whether it was."""
        if self._launcher.is_alive:
            return False
        self._bury()
        self._start()
        return True

    def do(self, act: Callable[[], bool], is_done: Callable[[], object]) -> None:
        """Have somebody do something: again when it failed and nothing came of it. What was said to be done is done."""
        for _ in range(ATTEMPTS):
            said = act()
            assert is_done() or not said, "it was said to be saved and is not"
            if not said and not self._server.endpoint.verify():
                self._launcher.wait_for_end()
            self.revive()
            if is_done():
                return
        pytest.fail("it was tried again and again")

    def settle(self) -> None:
        """Wait until nothing is left to send, starting the bot again whenever it dies of it."""

        def nothing_waits() -> bool:
            self.revive()
            return all(row.state is not DeliveryState.PENDING for row in self.tables.all(Delivery))

        until(nothing_waits)

    def last_event(self) -> Event:
        """Return the last event that Slack told of, with its answers."""
        return self._server.dispatcher.deliveries[-1]

    def lead(self) -> Lead | None:
        return next(iter(self.tables.all(Lead)), None)

    def handoffs(self) -> list[HandoffState]:
        return [handoff.state for handoff in self.tables.all(Handoff)]

    def cards(self) -> list[Message]:
        return [m for m in self.aoki.sees(SALES) if not m.is_ephemeral and not m.is_reply]


def live_through_it(branch: Branch) -> None:
    """Have the whole story happen, however often the bot dies of it."""
    offered, claimed, returned = HandoffState.OFFERED, HandoffState.CLAIMED, HandoffState.RETURNED
    branch.do(lambda: "L-1" in branch.tanaka.command(MARKETING, "/lead add 中村 理恵, ミナモ精機").text, branch.lead)
    branch.do(
        lambda: "L-1" in branch.tanaka.command(MARKETING, "/lead log L-1 電話").text,
        lambda: len(branch.tables.all(Touchpoint)) == 1,
    )
    branch.do(lambda: _qualify(branch), lambda: branch.handoffs() == [offered])
    branch.settle()
    branch.do(lambda: branch.aoki.click(branch.cards()[0], "handoff.claim").ok, lambda: branch.handoffs() == [claimed])
    branch.settle()
    branch.do(lambda: _return(branch), lambda: branch.handoffs() == [returned])
    branch.settle()
    branch.do(lambda: _qualify(branch), lambda: branch.handoffs() == [returned, offered])
    branch.settle()
    branch.do(lambda: _raise_hand(branch), lambda: branch.handoffs() == [returned, claimed])
    branch.settle()


def _qualify(branch: Branch) -> bool:
    return "L-1" in branch.tanaka.command(MARKETING, "/lead qualify L-1 今朝デモ依頼").text


def _return(branch: Branch) -> bool:
    if branch.aoki.view is None and not branch.aoki.command(SALES, "/lead return L-1").ok:
        return False
    return branch.aoki.submit({"reason": "no_need"}).outcome == "cleared"


def _raise_hand(branch: Branch) -> bool:
    """Put a hand on the card. Once it is there, Slack sends the event again for as long as nobody takes it."""
    card = branch.cards()[-1]
    if not card.reactions:
        branch.sato.react(card, "raised_hand")
        return branch.last_event().acked
    return branch.sato.send("events_api", branch.last_event().body).status == 200


def survive(launcher: Launcher, kind: str, folder: Path, kills: Sequence[Kill]) -> Branch:
    """Live through the story with these kills and check what is there in the end."""
    with PlaygroundServer() as server, fresh_url(kind, folder, migrated=True) as url:
        server.workspace.timing.rate_limits = False
        server.workspace.timing.event_retry_delays = ()
        branch = Branch(launcher, server, url, kills)
        try:
            live_through_it(branch)
            check_what_is_there(branch, server)
        finally:
            branch.close()
    return branch


def check_what_is_there(branch: Branch, server: PlaygroundServer) -> None:
    """One lead, one touchpoint, two handoffs, and every message once, as its row is now."""
    (lead,) = branch.tables.all(Lead)
    assert lead.stage is Stage.SQL
    assert len(branch.tables.all(Touchpoint)) == 1
    deliveries = branch.tables.all(Delivery)
    whispered = sum(call.ok for call in server.workspace.calls.of("chat.postEphemeral"))
    check_messages(deliveries, posted(server.workspace), whispered)
    first, second = branch.cards()
    assert "handoff.claim" not in str(first.blocks) + str(second.blocks)
    assert "Sato" in second.text
    assert {"handoff_card", "return_note", "claim_answer"} == {row.kind for row in deliveries}


# What the story passes when nobody kills anybody.
POINTS = (
    "/lead add: arrived",
    "/lead add: before the commit",
    "/lead add: after the commit",
    "/lead add: before the ack",
    "/lead add: after the ack",
    "/lead add: answered",
    "/lead log: arrived",
    "/lead log: before the commit",
    "/lead log: after the commit",
    "/lead log: before the ack",
    "/lead log: after the ack",
    "/lead log: answered",
    "/lead qualify: arrived",
    "/lead qualify: before the commit",
    "/lead qualify: after the commit",
    "/lead qualify: before the ack",
    "/lead qualify: after the ack",
    "/lead qualify: answered",
    "lease of handoff_card: before the commit",
    "lease of handoff_card: after the commit",
    "handoff_card: before conversations.info",
    "handoff_card: after conversations.info",
    "handoff_card: before chat.postMessage",
    "handoff_card: after chat.postMessage",
    "handoff_card: before the commit after chat.postMessage",
    "handoff_card: after the commit after chat.postMessage",
    "click handoff.claim: arrived",
    "click handoff.claim: before the commit",
    "click handoff.claim: after the commit",
    "private answer: before its response_url",
    "click handoff.claim: before the ack",
    "click handoff.claim: after the ack",
    "click handoff.claim: answered",
    "private answer: after its response_url",
    "handoff_card: before chat.update",
    "handoff_card: after chat.update",
    "handoff_card: before the commit after chat.update",
    "handoff_card: after the commit after chat.update",
    "/lead return: arrived",
    "/lead return: before views.open",
    "/lead return: after views.open",
    "/lead return: before the ack",
    "/lead return: after the ack",
    "/lead return: answered",
    "form handoff.return: arrived",
    "form handoff.return: before the commit",
    "form handoff.return: after the commit",
    "form handoff.return: before the ack",
    "form handoff.return: after the ack",
    "form handoff.return: answered",
    "return_note: before chat.getPermalink",
    "return_note: after chat.getPermalink",
    "return_note: before conversations.info",
    "return_note: after conversations.info",
    "return_note: before chat.postMessage",
    "return_note: after chat.postMessage",
    "return_note: before the commit after chat.postMessage",
    "return_note: after the commit after chat.postMessage",
    "event reaction_added: arrived",
    "event reaction_added: before the commit",
    "event reaction_added: after the commit",
    "event reaction_added: before the ack",
    "event reaction_added: after the ack",
    "event reaction_added: answered",
    "claim_answer: before chat.postEphemeral",
    "claim_answer: after chat.postEphemeral",
    "claim_answer: before the commit after chat.postEphemeral",
    "claim_answer: after the commit after chat.postEphemeral",
)
# What it passes only after a death, or when two messages happen to be leased apart.
AFTER_A_DEATH = (
    "handoff_card: before conversations.history",
    "handoff_card: after conversations.history",
    "handoff_card: before the commit after conversations.history",
    "handoff_card: after the commit after conversations.history",
    "return_note: before conversations.history",
    "return_note: after conversations.history",
    "return_note: before the commit after conversations.history",
    "return_note: after the commit after conversations.history",
    "return_note: before chat.update",
    "return_note: after chat.update",
    "return_note: before the commit after chat.update",
    "return_note: after the commit after chat.update",
    "lease of return_note: before the commit",
    "lease of return_note: after the commit",
    "lease of claim_answer: before the commit",
    "lease of claim_answer: after the commit",
    "claim_answer: before the commit",
    "claim_answer: after the commit",
    "hand found at start: before the commit",
    "hand found at start: after the commit",
)
# Where most could go wrong; `make soak` kills at all points, on both databases.
TELLING = (
    ("sqlite", "/lead qualify: after the commit"),
    ("sqlite", "handoff_card: after chat.postMessage"),
    ("postgres", "handoff_card: after chat.postMessage"),
    ("postgres", "handoff_card: before the commit after chat.update"),
    ("sqlite", "form handoff.return: before the ack"),
    ("sqlite", "event reaction_added: before the commit"),
    ("postgres", "event reaction_added: before the commit"),
    ("postgres", "claim_answer: after chat.postEphemeral"),
)
# A process that does not pass the point again dies at the third point that it passes.
SOON = 3


# The death after which the points of each kind are passed.
FIRST_DEATHS = {
    "handoff_card": "handoff_card: after chat.postMessage",
    "return_note": "return_note: after chat.postMessage",
    "claim_answer": "claim_answer: before chat.postEphemeral",
    "hand found at start": "event reaction_added: arrived",
    "lease of return_note": "return_note: before chat.getPermalink",
    "lease of claim_answer": "claim_answer: before chat.postEphemeral",
}


def _first_death(point: str) -> str:
    return FIRST_DEATHS[point.partition(":")[0]]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_point_was_forgotten(launcher: Launcher, kind: str, tmp_path: Path) -> None:
    """A quiet run passes the points that the tests kill at, and no others."""
    branch = survive(launcher, kind, tmp_path, [])
    assert not branch.killed_at
    assert set(POINTS) <= set(branch.passed) <= {*POINTS, *AFTER_A_DEATH}


@pytest.mark.parametrize(("kind", "point"), TELLING)
def test_nothing_is_lost_to_two_kills_in_a_row(launcher: Launcher, kind: str, point: str, tmp_path: Path) -> None:
    """The bot dies at the point, and the next one there again or soon after: all that was said is there, once."""
    branch = survive(launcher, kind, tmp_path, [Kill((point,)), Kill((point,), SOON)])
    assert branch.killed_at[0] == point
    assert len(branch.killed_at) == 2


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_nothing_is_lost_wherever_it_is_killed(launcher: Launcher, kind: str, tmp_path: Path) -> None:
    """Two kills at every point, then at pairs of points drawn by lot."""
    lot = random.Random(SEED)  # noqa: S311
    everywhere = (*POINTS, *AFTER_A_DEATH)
    plans = [[Kill((point,)), Kill((point,), SOON)] for point in POINTS]
    plans += [[Kill((_first_death(point),)), Kill((point,)), Kill((point,), SOON)] for point in AFTER_A_DEATH]
    plans += [[Kill((lot.choice(POINTS),)), Kill((lot.choice(everywhere),), lot.randint(1, 30))] for _ in range(PAIRS)]
    killed_at: list[str] = []
    for number, plan in enumerate(plans):
        try:
            killed_at += survive(launcher, kind, tmp_path, plan).killed_at
        except Exception as error:
            raise AssertionError(f"SEED={SEED}, plan {number}: {plan}") from error
    record(
        "kill -9 between a request's arrival and a delivery's last write",
        {"database": kind, "seed": SEED, "points": len(set(killed_at)), "lives": len(plans), "kills": len(killed_at),
         "saved and lost": 0, "messages lost or doubled": 0},
    )  # fmt: skip
