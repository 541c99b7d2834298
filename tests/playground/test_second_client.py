"""The playground before a client it was not built with: @slack/bolt, Slack's own for Node."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from playground import PlaygroundServer
from playground.entities import Message
from playground.seed import SALES

FOLDER = Path(__file__).parent / "bolt_js"
PATIENCE_SECONDS = 20


@pytest.fixture(scope="session")
def bolt_js(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app with @slack/bolt installed beside it; skipped without Node or its registry."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node is not here: @slack/bolt cannot be tried")
    folder = tmp_path_factory.mktemp("bolt_js")
    for name in ("package.json", "package-lock.json", "app.mjs"):
        shutil.copy(FOLDER / name, folder)
    installed = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip("npm cannot install @slack/bolt here")
    return folder


@pytest.fixture(params=["socket", "http"])
def app(request: pytest.FixtureRequest, bolt_js: Path, server: PlaygroundServer) -> Iterator[None]:
    """The app on @slack/bolt, connected to the playground."""
    installation = server.workspace.installation
    port = str(_free_port()) if request.param == "http" else ""
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_API_URL": server.api_url,
        "SLACK_BOT_TOKEN": installation.bot_token,
        "SLACK_APP_TOKEN": installation.app_token,
        "SLACK_SIGNING_SECRET": installation.signing_secret,
        "PORT": port,
    }
    with subprocess.Popen(["node", "app.mjs"], cwd=bolt_js, env=environment, stdout=subprocess.PIPE, text=True) as node:
        try:
            assert node.stdout
            assert node.stdout.readline() == "ready\n"
            if port:
                assert server.deliver_to(f"http://127.0.0.1:{port}/slack/events")
            else:
                assert server.links.wait()
            yield
        finally:
            node.kill()


@pytest.mark.usefixtures("app")
def test_command_button_and_response_url(server: PlaygroundServer) -> None:
    """A command is answered in its ack, posts a card, and the card's button updates it and answers privately."""
    sato = server.person("sato")
    assert sato.command(SALES, "/echo hello").text == "you said hello"
    card = _wait(lambda: next((m for m in sato.sees(SALES) if m.text == "a card"), None))
    assert sato.click(card, "press").ok
    _wait(lambda: next((m for m in sato.sees(SALES) if m.text == "pressed hello"), None))
    _wait(lambda: next((m for m in sato.private_answers(SALES) if m.text == "thanks, sato"), None))


@pytest.mark.usefixtures("app")
def test_form_with_an_error_first(server: PlaygroundServer) -> None:
    """A form opens on a trigger, shows the app's error beside its field, and closes on the second try."""
    sato = server.person("sato")
    assert sato.command(SALES, "/echo form").ok
    _wait(lambda: sato.view)
    assert sato.submit({"name": "wrong"}).errors == {"name": "not this"}
    assert sato.submit({"name": "right"}).outcome == "closed"


@pytest.mark.usefixtures("app")
def test_events_home_threads_and_files(server: PlaygroundServer) -> None:
    """Opening Home has it published; a reaction is answered in a thread and with a file."""
    sato, aoki = server.person("sato"), server.person("aoki")
    sato.open_home()
    home = _wait(lambda: sato.home)
    assert home.blocks[0]["text"]["text"] == "home of U0SATO"
    said = aoki.say(SALES, "look at this")
    sato.react(said, "eyes")
    _wait(lambda: next((m for m in sato.sees(SALES) if m.thread_ts == said.ts and m.text == "saw eyes"), None))
    shared: Message = _wait(lambda: next((m for m in sato.sees(SALES) if m.file_ids), None))
    assert server.workspace.files.get(shared.file_ids[0]).content == b"made by the app"


def _wait(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError("it has not come")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
