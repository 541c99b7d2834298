"""What the page can set: the clock, how Slack is today, and how far everybody has read."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from datetime import datetime, timedelta

from playground.faults import Fault
from playground.page.words import PageError
from playground.workspace import Workspace

# While the clock moves, the page is told of it this often.
TOLD_EVERY_SECONDS = 0.5
FURTHEST = timedelta(days=366)
LIMITED = ("chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete", "reactions.add", "views.publish")
LIMITED_RETRY_SECONDS = 3
LATER_THAN_ALL = "9999999999.999999"


class Clock:
    """The workspace's clock, and the one move that may be under way."""

    def __init__(self, workspace: Workspace, move: Callable[[datetime], None] | None) -> None:
        self._ws = workspace
        self._move = move
        self._lock = threading.Lock()
        self._is_stopped = False
        self.moving_to: datetime | None = None

    @property
    def is_movable(self) -> bool:
        return self._move is not None

    def move_to(self, at: datetime) -> None:
        """Move the clock and wait until it has arrived.

        Raises:
            PageError: clock_fixed, clock_busy, clock_backwards, clock_too_far.
        """
        move = self._begin(at)
        outcome = "failed"
        try:
            self._wait(_in_thread(lambda: move(at)))
            outcome = "moved"
        finally:
            self.moving_to = None
            self._ws.tell("clock", outcome)

    def stop(self) -> None:
        """Wait no longer: the process is about to end."""
        self._is_stopped = True

    def _begin(self, at: datetime) -> Callable[[datetime], None]:
        with self._lock:
            if self._move is None:
                raise PageError("clock_fixed")
            if self.moving_to:
                raise PageError("clock_busy")
            if at <= self._ws.now():
                raise PageError("clock_backwards")
            if at > self._ws.now() + FURTHEST:
                raise PageError("clock_too_far")
            self.moving_to = at
            return self._move

    def _wait(self, arrival: Future[None]) -> None:
        while not arrival.done() and not self._is_stopped:
            self._ws.tell("clock", "moving")
            wait([arrival], TOLD_EVERY_SECONDS)
        if arrival.done():
            arrival.result()


def _in_thread(work: Callable[[], None]) -> Future[None]:
    """Work in a thread that nobody has to wait for at the end of the process."""
    outcome: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except Exception as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(None)

    threading.Thread(target=run, name="playground-clock", daemon=True).start()
    return outcome


def _moods(workspace: Workspace) -> dict[str, dict[str, Fault]]:
    limited = Fault(status=429, error="ratelimited", retry_after=LIMITED_RETRY_SECONDS)
    return {
        "fine": {},
        "slow": {"*": Fault(hang_seconds=workspace.timing.slow_seconds)},
        "limited": dict.fromkeys(LIMITED, limited),
        "down": {"*": Fault(status=503, body="")},
    }


def mood_of(workspace: Workspace) -> str:
    """Tell how Slack is: fine, slow, limited or down. What a test has planned besides counts as fine."""
    standing = workspace.faults.standing()
    return next((name for name, faults in _moods(workspace).items() if faults == standing), "fine")


def set_mood(workspace: Workspace, name: str) -> None:
    """Make Slack fine, slow, limited or down, until it is set again.

    Raises:
        PageError: bad_request.
    """
    moods = _moods(workspace)
    if name not in moods:
        raise PageError("bad_request", "mood")
    workspace.faults.stand(moods[name])


class Reads:
    """How far everybody has read in every channel: the timestamp of the last message seen."""

    def __init__(self, workspace: Workspace) -> None:
        self._ws = workspace
        self._marks: dict[str, dict[str, str]] = {}

    def of(self, user: str) -> Mapping[str, str]:
        with self._ws.lock:
            return dict(self._marks.get(user, {}))

    def mark(self, user: str, channel: str, ts: str) -> None:
        """Note that somebody has read up to a message; never back, and never further than there are messages."""
        with self._ws.lock:
            seen = self._ws.messages.seen_by(user, channel)
            upto = min(ts, seen[-1].ts) if seen else ""
            marks = self._marks.setdefault(user, {})
            if upto <= marks.get(channel, ""):
                return
            marks[channel] = upto
        self._ws.tell("read", channel, channel, user)

    def mark_everything(self) -> None:
        """Note that everybody has read all there is."""
        with self._ws.lock:
            everything = [(user, channel.id) for channel in self._ws.channels.values() for user in channel.members]
        for user, channel in everything:
            self.mark(user, channel, LATER_THAN_ALL)
