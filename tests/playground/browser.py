"""A browser's side of the page's socket: it keeps what the server tells, as the page does."""

import itertools
import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import ClientConnection, connect

Json = dict[str, Any]
PATIENCE_SECONDS = 30.0


class Browser:
    """One tab of one person. It hears only while it waits for something."""

    def __init__(self, url: str, user: str, **options: Any) -> None:
        self.closing = ExitStack()
        address = f"{url.replace('http://', 'ws://')}/page/socket?as={user}"
        connecting = connect(address, max_size=None, close_timeout=0.1, **options)
        self.socket: ClientConnection = self.closing.enter_context(connecting)
        self.heard: list[Json] = []
        self.answers: dict[int, Json] = {}
        self.slices: Json = {}
        self.messages: dict[tuple[str, str], Json] = {}
        self.calls: list[Json] = []
        self._ids = itertools.count(1)
        with ExitStack() as unless_it_says_hello:
            unless_it_says_hello.callback(self.close)
            self.hear()
            unless_it_says_hello.pop_all()

    def hear(self, timeout: float = PATIENCE_SECONDS) -> Json:
        """Take the next frame in."""
        frame: Json = json.loads(self.socket.recv(timeout=timeout))
        self.heard.append(frame)
        KINDS[frame["kind"]](self, frame)
        return frame

    def hello(self, frame: Json) -> None:
        self.slices = frame["slices"]
        self.messages = {(one["channel"], one["ts"]): one for one in frame["messages"]}

    def set(self, frame: Json) -> None:
        self.slices[frame["slice"]] = frame["value"]

    def message(self, frame: Json) -> None:
        key = (frame["channel"], frame["ts"])
        self.messages.pop(key, None)
        if frame["message"]:
            self.messages[key] = frame["message"]

    def more_calls(self, frame: Json) -> None:
        self.calls += frame["calls"]

    def answer(self, frame: Json) -> None:
        self.answers[frame["id"]] = frame["result"]

    def until(self, is_so: Callable[[], Any]) -> Any:
        """Hear until something is so, and give what it gave."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := is_so()):
            self.hear(max(0.01, deadline - time.monotonic()))
        return found

    def texts(self, channel: str) -> list[str]:
        return [one["text"] for (where, _ts), one in sorted(self.messages.items()) if where == channel]

    def send(self, act: str, **fields: Any) -> int:
        """Ask for something without waiting for the answer; its number comes back."""
        number = next(self._ids)
        self.socket.send(json.dumps({"id": number, "act": act, **fields}))
        return number

    def answer_to(self, number: int) -> Json:
        self.until(lambda: number in self.answers)
        return self.answers.pop(number)

    def act(self, act: str, **fields: Any) -> Json:
        """Do something and wait for its answer."""
        return self.answer_to(self.send(act, **fields))

    def raw(self, frame: str | bytes) -> Json:
        """Send any frame that has no number of its own."""
        self.socket.send(frame)
        return self.answer_to(0)

    def close(self) -> None:
        self.closing.close()


KINDS: dict[str, Callable[[Browser, Json], None]] = {
    "hello": Browser.hello,
    "set": Browser.set,
    "message": Browser.message,
    "calls": Browser.more_calls,
    "answer": Browser.answer,
}
