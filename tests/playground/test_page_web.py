"""The page over HTTP: its files, its headers, permalinks, and files that go up and down."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from slack_sdk import WebClient

from playground import Person, PlaygroundServer
from playground.page import PageOptions
from playground.seed import SALES, SATO
from tests.playground.browser import Browser

Open = Callable[..., Browser]


@pytest.fixture
def page(tmp_path: Path) -> PageOptions:
    (tmp_path / "index.html").write_text("<!doctype html><title>built</title>")
    (tmp_path / "main.js").write_text("export {};")
    return PageOptions(dist=tmp_path)


@pytest.mark.parametrize("path", ["/", "/?as=U0SATO", "/archives/C0SALES", "/archives/C0SALES/p1769785200000100"])
def test_page_stands_at_the_root_and_at_permalinks(server: PlaygroundServer, path: str) -> None:
    """The built page comes under the root and under the paths of Slack's permalinks."""
    answer = httpx.get(f"{server.url}{path}")
    assert (answer.status_code, "built" in answer.text) == (200, True)
    assert answer.headers["content-type"].startswith("text/html")


def test_permalink_leads_to_the_page(server: PlaygroundServer, client: WebClient) -> None:
    """The path of a permalink that the Web API gives is one of the page's."""
    ts = client.chat_postMessage(channel=SALES, text="x")["ts"]
    path = httpx.URL(client.chat_getPermalink(channel=SALES, message_ts=ts)["permalink"]).path
    assert "built" in httpx.get(f"{server.url}{path}").text


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/page/none.js", "/page/files/F9", "/archives/C1/p1"])
def test_every_answer_is_guarded(server: PlaygroundServer, path: str) -> None:
    """Every answer says what the page may load and whom it may talk to, and is asked for anew each time."""
    headers = httpx.get(f"{server.url}{path}").headers
    policy = headers["content-security-policy"]
    host = server.url.removeprefix("http://")
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' ws://{host}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert headers["cache-control"] == "no-cache"


def test_odd_hosts_do_not_reach_the_policy(server: PlaygroundServer) -> None:
    """A Host header cannot write into the policy."""
    answer = httpx.get(server.url, headers={"Host": "localhost:1; script-src *"})
    assert "*" not in answer.headers["content-security-policy"]
    assert httpx.get(server.url, headers={"Host": "evil.example"}).status_code == 403


def test_static_files(server: PlaygroundServer, tmp_path: Path) -> None:
    """Built files come with their type; nothing outside of the folder does."""
    script = httpx.get(f"{server.url}/page/main.js")
    assert (script.status_code, script.headers["content-type"].split(";")[0]) == (200, "text/javascript")
    (tmp_path.parent / "secret.txt").write_text("secret")
    for path in ("/page/../secret.txt", "/page/%2e%2e/secret.txt", "/page//etc/passwd", "/page/%00", "/page/"):
        assert httpx.get(f"{server.url}{path}").status_code == 404


def test_page_that_is_not_built() -> None:
    """Without a built page the root says how to build it."""
    with PlaygroundServer(page=PageOptions(dist=Path("/nowhere"))) as server:
        answer = httpx.get(server.url)
        assert (answer.status_code, "npm ci && npm run build" in answer.text) == (503, True)
        assert "content-security-policy" in answer.headers
        assert httpx.get(f"{server.url}/page/main.js").status_code == 404


def test_playground_without_a_page() -> None:
    """Who asks for no page gets none."""
    with PlaygroundServer() as server:
        assert httpx.get(server.url).status_code == 404


def test_file_goes_up_and_down(server: PlaygroundServer, tab: Open, sato: Person) -> None:
    """A file with a Japanese name is uploaded, said with a message, and saved under its name."""
    name = "見込み客 100%.csv"
    params = {"as": SATO, "name": name}
    file = httpx.post(f"{server.url}/page/files", params=params, content="名前\n".encode()).json()
    assert file == {"id": file["id"], "name": name, "title": name, "mimetype": "text/csv", "size": 7, "deleted": False}
    browser = tab(SATO)
    assert browser.act("say", channel=SALES, text="", files=[file["id"]])["ok"]
    (message,) = browser.messages.values()
    assert (message["files"], message["subtype"]) == ([file], "file_share")
    saved = httpx.get(f"{server.url}/page/files/{file['id']}")
    assert (saved.content, saved.headers["content-type"].split(";")[0]) == ("名前\n".encode(), "text/csv")
    kind, plain, full = saved.headers["content-disposition"].split("; ")
    assert (kind, plain) == ("attachment", 'filename="_____100_.csv"')
    assert unquote(full.removeprefix("filename*=UTF-8''")) == name


def test_app_downloads_what_people_upload(server: PlaygroundServer, client: WebClient, sato: Person) -> None:
    """A name that means something in an address does not keep the app from the file."""
    file = sato.upload("50% off? #1.csv", b"x")
    url = client.files_info(file=file.id)["file"]["url_private"]
    answer = httpx.get(url, headers={"Authorization": f"Bearer {client.token}"})
    assert (answer.status_code, answer.content) == (200, b"x")


UPLOADS = {
    "nobody": ({"as": "U9", "name": "a.csv"}, b"x", 404),
    "a bot": ({"as": "U0BOT", "name": "a.csv"}, b"x", 404),
    "no name": ({"as": SATO}, b"x", 400),
    "too large": ({"as": SATO, "name": "a.csv"}, b"x" * (20 * 1024 * 1024 + 1), 413),
}


@pytest.mark.parametrize("what", UPLOADS)
def test_uploads_are_refused_in_words(server: PlaygroundServer, what: str) -> None:
    """An upload by nobody, of nothing, or of too much is refused with a sentence."""
    params, content, status = UPLOADS[what]
    answer = httpx.post(f"{server.url}/page/files", params=params, content=content)
    assert (answer.status_code, answer.text.endswith(".")) == (status, True)
    assert answer.headers["content-type"].startswith("text/plain")


def test_largest_file_fits(server: PlaygroundServer) -> None:
    """Twenty megabytes are not too many."""
    params = {"as": SATO, "name": "a.bin"}
    answer = httpx.post(f"{server.url}/page/files", params=params, content=b"x" * (20 * 1024 * 1024))
    assert answer.json()["size"] == 20 * 1024 * 1024


def test_foreign_pages_cannot_upload(server: PlaygroundServer) -> None:
    """A page from elsewhere cannot put files here."""
    params = {"as": SATO, "name": "a.csv"}
    answer = httpx.post(
        f"{server.url}/page/files", params=params, content=b"x", headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
