"""Ask Slack for long lists: page by page, and waiting as long as it asks."""

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.errors import SlackApiError

from jobs.context import JobContext
from jobs.deliver import seconds_to_wait

PAGE = 200
TRIES = 5


class StoppedError(Exception):
    """Baton is about to end: the job is left, and done by whoever comes next."""


def ask(context: JobContext, method: Callable[..., Any], **arguments: Any) -> Any:
    """Return Slack's answer; when it asks to wait, wait and ask again, a few times and only while Baton runs.

    Raises:
        SlackApiError: it refuses, or still asks to wait.
        StoppedError: Baton is about to end.
    """
    for _ in range(TRIES - 1):
        if context.deliverer.stopping.is_set():
            raise StoppedError
        try:
            return method(**arguments)
        except SlackApiError as error:
            if error.response.status_code != 429 or context.deliverer.stopping.wait(seconds_to_wait(error.response)):
                raise
    return method(**arguments)


def pages(context: JobContext, method: Callable[..., Any], **arguments: Any) -> Iterator[Any]:
    """Yield the pages of a list. Raises what `ask` raises."""
    cursor = None
    while True:
        page = ask(context, method, limit=PAGE, cursor=cursor, **arguments)
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
