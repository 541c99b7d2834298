"""The state itself: a page's hook, the injected clock, threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from slack_sdk import WebClient
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from playground import Change, PeopleError, Person, PlaygroundServer, Workspace, demo_workspace
from playground.seed import MARKETING, SALES, SATO


def test_a_page_hears_of_changes(client: WebClient, workspace: Workspace) -> None:
    """Whoever shows the workspace is told what changed, where and for whom."""
    changes: list[Change] = []
    workspace.changed = changes.append
    ts = client.chat_postMessage(channel=SALES, text="x")["ts"]
    private = client.chat_postEphemeral(channel=SALES, user=SATO, text="y")["message_ts"]
    client.views_publish(user_id=SATO, view={"type": "home", "blocks": [{"type": "divider"}]})
    assert changes[:2] == [Change("message", ts, SALES), Change("message", private, SALES, SATO)]
    assert (changes[2].what, changes[2].user) == ("view", SATO)


def test_clock_is_injected() -> None:
    """Timestamps come from the clock, and still grow when it goes back."""
    now = [datetime(2026, 4, 1, tzinfo=UTC)]
    workspace = demo_workspace(lambda: now[0])
    first = workspace.next_ts()
    assert float(first) == pytest.approx(now[0].timestamp(), abs=1)
    now[0] -= timedelta(days=1)
    assert workspace.next_ts() > first


def test_many_threads_at_once(server: PlaygroundServer, sato: Person) -> None:
    """A hundred posts from ten threads give a hundred timestamps."""

    def post(_n: int) -> str:
        client = WebClient(server.workspace.installation.bot_token, base_url=server.api_url, retry_handlers=[])
        return str(client.chat_postMessage(channel=SALES, text="x")["ts"])

    with ThreadPoolExecutor(10) as pool:
        stamps = list(pool.map(post, range(100)))
    assert len(set(stamps)) == 100
    assert [m.ts for m in sato.sees(SALES)] == sorted(stamps)


def test_seen_copies_do_not_move(client: WebClient, sato: Person) -> None:
    """What somebody saw stays as it was when the message changes."""
    ts = client.chat_postMessage(channel=SALES, text="before")["ts"]
    seen = sato.sees(SALES)[0]
    client.chat_update(channel=SALES, ts=ts, text="after")
    assert (seen.text, sato.sees(SALES)[0].text) == ("before", "after")


def test_people_stay_in_their_channels(client: WebClient, sato: Person) -> None:
    """Nobody talks or reacts where they are no member."""
    client.chat_postMessage(channel=MARKETING, text="x")
    with pytest.raises(PeopleError):
        sato.say(MARKETING, "x")
    with pytest.raises(PeopleError):
        sato.react(sato.sees(MARKETING)[0], "eyes")


def test_people_are_found_by_handle_or_id(server: PlaygroundServer) -> None:
    """A person goes by id or handle; nobody answers to another name."""
    assert server.person("sato").id == server.person(SATO).id == SATO
    with pytest.raises(PeopleError):
        server.person("nobody")


def test_a_page_brings_its_routes() -> None:
    """Routes of a page stand beside Slack's own."""
    page = Route("/", lambda _request: PlainTextResponse("hello"))
    with PlaygroundServer(routes=[page]) as server:
        assert httpx.get(server.url).text == "hello"


def test_start_and_stop_are_quick() -> None:
    """A server is up and down in well under half a second."""
    started = datetime.now(UTC)
    with PlaygroundServer() as server:
        assert server.url.startswith("http://127.0.0.1:")
    assert datetime.now(UTC) - started < timedelta(seconds=0.5)
