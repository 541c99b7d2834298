"""One tab of a browser: it hears of what changes, and acts as one person."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.entities import Json, User
from playground.page.drawer import call_json
from playground.page.news import Batch, News
from playground.page.shown import SLICES, Shown
from playground.people import Person
from playground.workspace import Change

log = logging.getLogger("playground.page")

# Of one tab; then its next frames wait, and other tabs still find a free thread.
ACTS_AT_ONCE = 8
MOST_CALLS = 200
# By so much the clock may differ from what the browser reckons by itself.
CLOCK_SLACK_SECONDS = 1.0
INTERNAL_ERROR = 1011

# From the tab and the text of a frame to the frame that answers it; it blocks.
Perform = Callable[["Tab", str], Json]


class GoneError(Exception):
    """Nobody listens any more."""


class Tab:
    """One socket. What it sends is always the state of the moment, so a tab that lags misses steps, never the end."""

    def __init__(self, socket: WebSocket, person: Person, shown: Shown, perform: Perform, threads: Executor) -> None:
        self.person = person
        self._socket = socket
        self._shown = shown
        self._perform = perform
        self._threads = threads
        self._news = News(person.id)
        self._room = asyncio.Semaphore(ACTS_AT_ONCE)
        self._acts: set[asyncio.Task[None]] = set()
        self._joined: frozenset[str] = frozenset()
        self._clock_ahead = 0.0
        self._is_watching = False
        self._last_call = 0

    # from any thread

    def note(self, change: Change) -> None:
        self._news.note(change)

    def note_calls(self) -> None:
        if self._is_watching:
            self._news.note_calls()

    def watch(self, on: bool) -> None:
        """Begin, or end, to tell of the calls between the app and Slack."""
        self._is_watching, self._last_call = on, 0
        self.note_calls()

    # on the event loop

    async def serve(self) -> None:
        """Say hello, then tell and listen until the tab is gone."""
        both = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        try:
            # Whichever notices first that the tab is gone.
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending = [*both, *self._acts]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            frame = await self._socket.receive()
            if frame["type"] == "websocket.disconnect":
                return
            text = frame.get("text")
            said = text if text is not None else (frame.get("bytes") or b"").decode("utf-8", "replace")
            await self._room.acquire()
            act = asyncio.create_task(self._act(said))
            self._acts.add(act)
            act.add_done_callback(self._acts.discard)

    async def _act(self, said: str) -> None:
        loop = asyncio.get_running_loop()
        # The writer makes room again when the answer is sent: a tab that does not read cannot pile answers up.
        self._news.answer(await loop.run_in_executor(self._threads, self._perform, self, said))

    async def _write(self) -> None:
        try:
            await self._send(self._hello())
            while True:
                await self._tell(await self._news.next())
        except GoneError:
            return
        except Exception:
            log.exception("a tab could not be told what changed")
        # The browser opens another one, and starts from a new hello.
        with suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.close(INTERNAL_ERROR)

    async def _tell(self, batch: Batch) -> None:
        for frame in self._frames(batch):
            await self._send(frame)
        for answer in batch.answers:
            await self._send(answer)
            self._room.release()

    async def _send(self, frame: Json) -> None:
        text = json.dumps(frame)
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            raise GoneError from None

    def _hello(self) -> Json:
        with self._shown.ws.lock:
            user = self.person.user
            self._joined = self._shown.joined(user)
            self._clock_ahead = self._reckon_clock()
            messages = [one for channel in self._joined for one in self._shown.everything_in(channel, user)]
            messages.sort(key=lambda one: str(one["ts"]))
            return {"kind": "hello", "slices": self._shown.slices(user), "messages": messages}

    def _frames(self, batch: Batch) -> list[Json]:
        with self._shown.ws.lock:
            user = self.person.user
            if abs(self._reckon_clock() - self._clock_ahead) > CLOCK_SLACK_SECONDS:
                batch.slices.add("clock")
            if "clock" in batch.slices:
                self._clock_ahead = self._reckon_clock()
            changed = [name for name in SLICES if name in batch.slices]
            frames: list[Json] = [
                {"kind": "set", "slice": name, "value": self._shown.slice(name, user)} for name in changed
            ]
            return [*frames, *self._message_frames(batch, user), *self._call_frames(batch)]

    def _message_frames(self, batch: Batch, user: User) -> list[Json]:
        wanted = batch.messages
        joined = self._shown.joined(user)
        for channel in joined ^ self._joined:
            # Somebody who comes in sees what stands there; before somebody who leaves it vanishes.
            wanted |= {(channel, message.ts) for message in self._shown.ws.messages.seen_by(user.id, channel)}
        self._joined = joined
        return [
            {"kind": "message", "channel": channel, "ts": ts, "message": self._shown.message(channel, ts, user)}
            for channel, ts in sorted(wanted, key=lambda one: one[1])
        ]

    def _call_frames(self, batch: Batch) -> list[Json]:
        if not (self._is_watching and batch.has_calls):
            return []
        here = self._shown.ws
        calls = here.calls.since(self._last_call, MOST_CALLS)
        if calls:
            self._last_call = calls[-1].number
        return [{"kind": "calls", "calls": [call_json(call, here.installation) for call in calls]}]

    def _reckon_clock(self) -> float:
        return self._shown.ws.now().timestamp() - time.monotonic()
