"""The socket to Slack, as far as a process that its tests end does not show it."""

import socket
from typing import Any

import pytest

from handlers.socket_mode import SocketMode
from playground import PlaygroundServer
from tests.web.web_site import Ears, make_bolt
from views.words import Reader


@pytest.mark.timeout(20)
def test_stop_does_not_wait_until_slack_says_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader waits 3 s at a time, with a lock that closing wants; here it would wait for ever."""
    connect = socket.create_connection

    def patiently(address: tuple[str, int], *_: object, **__: object) -> Any:
        return connect(address)

    monkeypatch.setattr("socket.create_connection", patiently)
    monkeypatch.setattr("handlers.socket_mode.PING_SECONDS", 3600)
    with PlaygroundServer() as slack:
        token, reader = slack.workspace.installation.app_token, Reader("ja", "Asia/Tokyo", "/lead")
        app, nothing = make_bolt(Ears()), (lambda _: None, lambda: None, lambda: None)
        socket_mode = SocketMode(app, token, slack.api_url, reader, *nothing)
        socket_mode.start()
        assert slack.links.wait()
        socket_mode.stop()
        assert not socket_mode.is_connected
