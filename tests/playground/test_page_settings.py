"""What the page sets: read marks, languages, Slack's mood, the drawer of calls, the clock and the tour."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import Fault, Person, PlaygroundServer, Workspace
from playground.page import ClockMoved, PageOptions, Step, Tour, Verb
from playground.page.words import WORDS, PageError, sentence
from playground.seed import AOKI, SALES, SATO, TANAKA
from tests.playground.browser import Browser
from tests.playground.conftest import Heard

Json = dict[str, Any]
Open = Callable[..., Browser]
STEPS = (
    Step("add", "lead.log", for_user=TANAKA),
    Step("claim", "lead.return", without="handoff.claim"),
    ClockMoved("clock"),
)


class Hands:
    """What moves the clock; `may_arrive` lets a move end, `trouble` makes it fail."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.started, self.may_arrive = threading.Event(), threading.Event()
        self.moves: list[datetime] = []
        self.trouble: Exception | None = None
        self.may_arrive.set()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, at: datetime) -> None:
        self.moves.append(at)
        self.started.set()
        assert self.may_arrive.wait(10)
        if self.trouble:
            raise self.trouble
        self.ahead += at - self()


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def page(hands: Hands) -> PageOptions:
    return PageOptions(
        move_clock=hands.move,
        next_morning=lambda now: now + timedelta(hours=12),
        verbs={"/lead": {"en": [Verb("add", ("new",), "add NAME", "Add a lead")]}},
        tour=Tour(STEPS),
    )


@pytest.fixture
def moved(workspace: Workspace, hands: Hands) -> Hands:
    """The workspace runs on the clock that is moved."""
    workspace.clock = hands
    return hands


def error_of(call: Callable[[], object]) -> Any:
    with pytest.raises(SlackApiError) as refused:
        call()
    return refused.value.response


# reading


def test_read_marks_agree_and_only_go_forward(tab: Open, client: WebClient) -> None:
    """All tabs of a person agree on what is read; an older mark changes nothing, a later one ends at the last message."""
    first = client.chat_postMessage(channel=SALES, text="1")["ts"]
    second = client.chat_postMessage(channel=SALES, text="2")["ts"]
    here, there, other = tab(SATO), tab(SATO), tab(AOKI)
    assert here.act("read", channel=SALES, ts="9999999999.000000")["ok"]
    there.until(lambda: there.slices["read"] == {SALES: second})
    assert here.act("read", channel=SALES, ts=first)["ok"]
    assert here.slices["read"] == {SALES: second}
    assert other.slices["read"] == tab(AOKI).slices["read"] == {}


def test_story_begins_with_everything_read(tab: Open, client: WebClient, server: PlaygroundServer) -> None:
    """What stands there before the visitor comes is read, by everybody, and nothing of the tour is done."""
    button = {"type": "button", "action_id": "lead.return", "text": {"type": "plain_text", "text": "x"}}
    ts = client.chat_postMessage(channel=SALES, text="x", blocks=[{"type": "actions", "elements": [button]}])["ts"]
    browser = tab(SATO)
    assert browser.slices["tour"] == ["claim"]
    assert server.page is not None
    server.page.begin()
    browser.until(lambda: browser.slices["read"] == {SALES: ts} and browser.slices["tour"] == [])
    assert tab(AOKI).slices["read"] == {SALES: ts}


# languages


def test_language_is_switched(tab: Open, workspace: Workspace, heard: Heard, over_socket: Any) -> None:
    """The app hears of the new language, and refusals come in it."""
    browser = tab(SATO)
    assert browser.act("locale", locale="ja-JP") == {"ok": True}
    assert heard.last("event")["event"]["user"]["locale"] == "ja-JP"
    assert workspace.user(SATO).locale == "ja-JP"
    assert next(one for one in browser.slices["people"] if one["id"] == SATO)["locale"] == "ja-JP"
    assert browser.act("say", channel=SALES, text="")["say"] == "送る内容がありません。先に入力してください。"


def test_every_refusal_has_both_languages() -> None:
    """No refusal lacks a language, and both say the same facts."""
    for code, (english, japanese) in WORDS.items():
        assert english.endswith((".", "!")), code
        assert japanese.endswith("。"), code
        assert ("{detail}" in english) == ("{detail}" in japanese), code
    assert "odd_code" in sentence("odd_code", "en-US")
    assert "odd_code" in sentence("odd_code", "ja-JP")
    assert str(PageError("no_text")) != ""


# Slack's mood


def test_slack_is_down_and_back(tab: Open, client: WebClient, workspace: Workspace, sato: Person) -> None:
    """Down, everything is answered with 503, response URLs and uploads too; every tab knows; fine again, all works."""
    browser, other = tab(SATO), tab(AOKI)
    upload = client.files_getUploadURLExternal(filename="a.csv", length=1)["upload_url"]
    answers = workspace.tickets.response_url(SATO, SALES, kind="commands")
    assert browser.act("slack", mood="down") == {"ok": True}
    other.until(lambda: other.slices["slack"] == {"mood": "down"})
    assert error_of(client.users_list).status_code == 503
    assert httpx.post(upload, content=b"x").status_code == 503
    assert httpx.post(answers, json={"text": "x"}).status_code == 503
    assert browser.act("slack", mood="fine") == {"ok": True}
    other.until(lambda: other.slices["slack"] == {"mood": "fine"})
    assert client.chat_postMessage(channel=SALES, text="x")["ok"]


def test_slack_limits_posts(tab: Open, client: WebClient) -> None:
    """Limited, posts and updates are told when to come back, and the rest works."""
    ts = client.chat_postMessage(channel=SALES, text="x")["ts"]
    tab(SATO).act("slack", mood="limited")
    for refused in (lambda: client.chat_postMessage(channel=SALES, text="x"), lambda: client.chat_update(channel=SALES, ts=ts, text="y")):  # fmt: skip
        answer = error_of(refused)
        assert (answer.status_code, answer["error"]) == (429, "ratelimited")
        assert int(answer.headers["retry-after"]) > 0
    assert client.users_list()["ok"]


def test_slack_is_slow_but_works(tab: Open, client: WebClient, workspace: Workspace) -> None:
    """Slow, calls take longer by as much as the timing says, and do their work."""
    workspace.timing.slow_seconds = 0.25
    browser = tab(SATO)
    browser.act("slack", mood="slow")
    assert client.chat_postMessage(channel=SALES, text="late")["ok"]
    browser.until(lambda: browser.texts(SALES) == ["late"])
    assert workspace.calls.of("chat.postMessage")[0].seconds >= 0.25
    assert tab(AOKI).slices["slack"] == {"mood": "slow"}


def test_moods_there_are(tab: Open, workspace: Workspace) -> None:
    """An unknown mood is refused, and what a test plans besides is none of the page's moods."""
    browser = tab(SATO)
    assert browser.act("slack", mood="sad")["error"] == "bad_request"
    browser.act("slack", mood="down")
    workspace.faults.clear()
    browser.until(lambda: browser.slices["slack"] == {"mood": "fine"})
    workspace.faults.plan("users.list", Fault(status=500), times=None)
    workspace.faults.lose()
    assert tab(SATO).slices["slack"] == {"mood": "fine"}
    assert workspace.faults.standing() == {"users.list": Fault(status=500)}


# the drawer


def test_calls_are_told_to_who_watches(tab: Open, client: WebClient, server: PlaygroundServer) -> None:
    """The latest calls come first, then each new one, numbered, in both directions, until nobody watches."""
    client.users_list()
    browser, other = tab(SATO), tab(AOKI)
    assert browser.act("watch_calls", on=True) == {"ok": True}
    assert [call["method"] for call in browser.calls] == ["users.list"]
    ts = client.chat_postMessage(channel=SALES, text="hello")["ts"]
    browser.act("command", channel=SALES, line="/lead help")
    browser.until(lambda: len(browser.calls) == 3)
    _listing, post, command = browser.calls
    assert [call["number"] for call in browser.calls] == [1, 2, 3]
    assert (post["direction"], post["args"]["text"], post["answer"]["ts"], post["status"]) == ("in", "hello", ts, 200)
    assert datetime.fromisoformat(post["at"]).tzinfo is not None
    assert (command["direction"], command["method"]) == ("out", "slash_commands")
    assert (command["args"]["body"]["text"], command["answer"]["outcome"]) == ("help", "unreachable")
    assert browser.act("watch_calls", on=False)["ok"]
    client.users_list()
    browser.act("say", channel=SALES, text="x")
    assert (len(browser.calls), other.calls) == (3, [])


def test_calls_hide_secrets_and_are_cut(tab: Open, client: WebClient, workspace: Workspace) -> None:
    """No token is shown, wherever it stands, and a very long text says how long it was."""
    here = workspace.installation
    client.api_call(
        "api.test", params={"token": here.bot_token, "note": f"Bearer {here.bot_token}", "long": "x" * 5000}
    )
    workspace.run_function("f", {})
    client.apps_connections_open(app_token=here.app_token)
    browser = tab(SATO)
    browser.act("watch_calls", on=True)
    told = str(browser.calls)
    for secret in (here.bot_token, here.app_token, here.signing_secret, here.verification_token):
        assert secret not in told
    args = browser.calls[0]["args"]
    assert ("token" in args, args["note"]) == (False, "Bearer …")
    assert (len(args["long"]), args["long"][-20:]) == (4020, "… (5,000 characters)")


def test_drawer_starts_with_the_latest(tab: Open, client: WebClient) -> None:
    """Who comes late gets the latest two hundred calls, not all."""
    for _ in range(203):
        client.api_test()
    browser = tab(SATO)
    browser.act("watch_calls", on=True)
    assert [call["number"] for call in browser.calls] == list(range(4, 204))


# the clock


def test_clock_has_the_zone_of_its_person(tab: Open, moved: Hands) -> None:
    """The time comes with the offset of who looks at it, and so does the next working morning."""
    tokyo, london = tab(TANAKA).slices["clock"], tab("U0BROWN").slices["clock"]
    assert tokyo["now"].endswith("+09:00")
    assert datetime.fromisoformat(tokyo["now"]) - datetime.fromisoformat(london["now"]) < timedelta(seconds=9)
    ahead = datetime.fromisoformat(tokyo["next_morning"]) - datetime.fromisoformat(tokyo["now"])
    assert (tokyo["is_movable"], tokyo["moving_to"], ahead) == (True, None, timedelta(hours=12))


def test_clock_moves_before_everybodys_eyes(tab: Open, moved: Hands) -> None:
    """A move shows where it is going, refuses a second one, and is answered when it has arrived."""
    moved.may_arrive.clear()
    browser, other = tab(SATO), tab(AOKI)
    to = (moved() + timedelta(days=1)).isoformat()
    move = browser.send("move_clock", to=to)
    assert moved.started.wait(5)
    other.until(lambda: other.slices["clock"]["moving_to"])
    assert datetime.fromisoformat(other.slices["clock"]["moving_to"]) == datetime.fromisoformat(to)
    refused = other.act("move_clock", to=(moved() + timedelta(days=2)).isoformat())
    assert (refused["error"], "on its way" in refused["say"] or "進んでいる" in refused["say"]) == ("clock_busy", True)
    assert move not in browser.answers
    moved.may_arrive.set()
    assert browser.answer_to(move) == {"ok": True}
    other.until(lambda: not other.slices["clock"]["moving_to"])
    assert datetime.fromisoformat(other.slices["clock"]["now"]) >= datetime.fromisoformat(to)
    assert (len(moved.moves), browser.slices["tour"]) == (1, ["clock"])


@pytest.mark.parametrize(
    ("ahead", "error"), [(timedelta(hours=-1), "clock_backwards"), (timedelta(days=400), "clock_too_far")]
)
def test_clock_goes_forward_within_a_year(tab: Open, moved: Hands, ahead: timedelta, error: str) -> None:
    """The clock neither goes back nor very far."""
    refused = tab(SATO).act("move_clock", to=(moved() + ahead).isoformat())
    assert (refused["ok"], refused["error"], moved.moves) == (False, error, [])


@pytest.mark.parametrize("to", ["tomorrow", "", "9999-12-31T23:59:59-23:59", "2026-13-01T00:00:00Z"])
def test_clock_needs_a_time(tab: Open, moved: Hands, to: str) -> None:
    """What is no time is refused."""
    assert tab(SATO).act("move_clock", to=to)["error"] == "bad_request"


def test_time_without_offset_is_ones_own(tab: Open, moved: Hands) -> None:
    """A bare wall time is that of the person's zone."""
    wall = (datetime.now(UTC) + timedelta(days=3)).replace(tzinfo=None, microsecond=0)
    assert tab(TANAKA).act("move_clock", to=wall.isoformat())["ok"]
    assert moved.moves == [(wall - timedelta(hours=9)).replace(tzinfo=UTC)]


def test_move_that_fails(tab: Open, moved: Hands, caplog: pytest.LogCaptureFixture) -> None:
    """A move that breaks gets an apology with a reference that stands in the log, and the next one may start."""
    browser = tab(SATO)
    moved.trouble = ValueError("the job broke")
    to = (moved() + timedelta(days=1)).isoformat()
    failed = browser.act("move_clock", to=to)
    assert (failed["ok"], failed["error"]) == (False, "internal")
    assert failed["say"].removesuffix(".").rpartition(" ")[2] in caplog.text
    assert (browser.slices["clock"]["moving_to"], browser.slices["tour"]) == (None, [])
    moved.trouble = None
    assert browser.act("move_clock", to=to)["ok"]


def test_clock_that_jumps_by_itself(tab: Open, moved: Hands, client: WebClient) -> None:
    """Whoever else moves the clock: the page hears of it with the next thing that happens."""
    browser = tab(SATO)
    moved.ahead = timedelta(hours=5)
    client.chat_postMessage(channel=SALES, text="later")
    later = datetime.now(UTC) + timedelta(hours=4)
    browser.until(lambda: datetime.fromisoformat(browser.slices["clock"]["now"]) > later)


def test_page_without_a_clock_to_move(workspace: Workspace) -> None:
    """Where nobody gave a way to move the clock, it stands as it is."""
    with PlaygroundServer(page=PageOptions()) as server:
        browser = Browser(server.url, SATO)
        clock = browser.slices["clock"]
        refused = browser.act("move_clock", to="2099-01-01T00:00:00Z")
        browser.close()
    assert (clock["is_movable"], clock["next_morning"], refused["error"]) == (False, None, "clock_fixed")


# the tour


def test_steps_are_ticked_off(tab: Open, client: WebClient) -> None:
    """A step is done once its control is shown to whom it is meant for, in any tab, and stays done."""

    def show(*action_ids: str) -> list[Json]:
        text = {"type": "plain_text", "text": "x"}
        buttons = [{"type": "button", "action_id": action_id, "text": text} for action_id in action_ids]
        return [{"type": "actions", "elements": buttons}]

    browser = tab(SATO)
    client.chat_postEphemeral(channel="C0MARKETING", user="U0KIM", text="x", blocks=show("lead.log"))
    ts = client.chat_postMessage(channel=SALES, text="x", blocks=show("handoff.claim", "lead.return"))["ts"]
    browser.until(lambda: browser.texts(SALES))
    assert browser.slices["tour"] == []
    client.chat_postEphemeral(channel="C0MARKETING", user=TANAKA, text="x", blocks=show("lead.log"))
    browser.until(lambda: browser.slices["tour"] == ["add"])
    client.chat_update(channel=SALES, ts=ts, text="x", blocks=show("lead.return"))
    browser.until(lambda: browser.slices["tour"] == ["add", "claim"])
    client.chat_delete(channel=SALES, ts=ts)
    assert tab(AOKI).slices["tour"] == ["add", "claim"]


def test_step_is_done_in_direct_messages(client: WebClient, page: PageOptions, workspace: Workspace) -> None:
    """A message that is meant for somebody may be a direct one."""
    button = {"type": "button", "action_id": "lead.log", "text": {"type": "plain_text", "text": "x"}}
    client.chat_postMessage(channel=TANAKA, text="x", blocks=[{"type": "actions", "elements": [button]}])
    assert page.tour is not None
    assert page.tour.done == ["add"]
