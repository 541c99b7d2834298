"""Private answers after the ack, through a response_url."""

import json
import logging
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        """Follow nobody: a redirect could lead the answer anywhere."""


class Responder:
    """Post to response_urls on a few threads of its own: 5 s each, no retry, and only to Slack's own hosts."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._under_way: set[Future[None]] = set()
        self._executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="respond")

    def respond(self, url: str, body: dict[str, Any]) -> bool:
        """Queue an answer; False when the url is none that Slack gave."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" not in self._origins:
            return False
        answer = self._executor.submit(self._post, url, json.dumps(body, ensure_ascii=False).encode())
        self._under_way.add(answer)
        answer.add_done_callback(self._under_way.discard)
        return True

    def _post(self, url: str, body: bytes) -> None:
        request = urllib.request.Request(  # noqa: S310  The origin was checked: it is Slack's.
            url, data=body, headers={"Content-Type": "application/json; charset=utf-8"}, method="POST"
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS):
                pass
        except OSError as error:
            # A courtesy that may fail: what it said is saved and can be shown again.
            log.warning("response_url failed: %s", type(error).__name__)

    def settle(self) -> None:
        """Wait until everything queued so far has been sent."""
        wait(set(self._under_way))

    def close(self) -> None:
        """Send what is queued and stop."""
        self._executor.shutdown(wait=True)
