"""Private answers after the ack, through a response_url."""

import json
import logging
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http.client import HTTPException
from typing import Any

from slack_sdk.errors import SlackClientError

from services.fetching import is_from, opener

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5


class Responder:
    """Post to response_urls on a few threads of its own: 5 s each, no retry, and only to Slack's own hosts."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins
        self._opener = opener()
        self._under_way: set[Future[None]] = set()
        self._executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="respond")

    def respond(self, url: str, body: dict[str, Any]) -> bool:
        """Queue an answer; False when the url is none that Slack gave."""
        if not is_from(url, self._origins):
            return False
        content = json.dumps(body, ensure_ascii=False).encode()
        self.later(lambda: self._post(url, content))
        return True

    def later(self, tell: Callable[[], object]) -> None:
        """Queue a call to Slack that is a courtesy: it may fail, since what it shows can be asked for again."""
        answer = self._executor.submit(_politely, tell)
        self._under_way.add(answer)
        answer.add_done_callback(self._under_way.discard)

    def _post(self, url: str, body: bytes) -> None:
        request = urllib.request.Request(  # noqa: S310  The origin was checked: it is Slack's.
            url, data=body, headers={"Content-Type": "application/json; charset=utf-8"}, method="POST"
        )
        with self._opener.open(request, timeout=TIMEOUT_SECONDS):
            pass

    def settle(self) -> None:
        """Wait until everything queued so far has been sent."""
        wait(set(self._under_way))

    def close(self) -> None:
        """Send what is queued and stop."""
        self._executor.shutdown(wait=True)


def _politely(tell: Callable[[], object]) -> None:
    try:
        tell()
    except (OSError, HTTPException, SlackClientError) as error:
        log.warning("a private answer failed: %s", type(error).__name__)
