"""What an app or a person may send to do harm, or by mistake: the page shows it for what it is, and runs none of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from playground.seed import GENERAL, SALES
from tests.browser.gallery import Gallery, Json, open_gallery, plain, section


@pytest.fixture(scope="module")
def opened(chromium: Browser) -> Iterator[Gallery]:
    """One app and one tab for all tests of this file."""
    with open_gallery(chromium) as gallery:
        yield gallery


@pytest.fixture
def gallery(opened: Gallery) -> Iterator[Gallery]:
    yield from opened.use()


def elements(kind: str, *held: Json | None) -> Json:
    return {"type": kind, "elements": list(held)}


def rich(*parts: Json) -> Json:
    return elements("rich_text", elements("rich_text_section", *parts))


def mrkdwn(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def escaped(text: str) -> str:
    """Escape as Slack asks of its apps: https://docs.slack.dev/messaging/formatting-message-text#escaping."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# blocks that are none


BROKEN: list[Json] = [
    {"type": "hologram"},
    {"type": "constructor"},
    {"type": None},
    {"type": "section"},
    {"type": "section", "text": "bare"},
    {"type": "section", "text": {"type": "mrkdwn"}},
    {"type": "section", "text": {"type": "plain_text", "text": 7}},
    {"type": "section", "fields": [None]},
    {"type": "section", "text": plain("x"), "accessory": {"type": "constructor"}},
    {"type": "header"},
    {"type": "context"},
    elements("context", None),
    elements("actions", None),
    elements("actions", {"type": "button"}),
    elements("actions", {"type": "static_select", "options": [None]}),
    {"type": "input", "label": plain("Nothing to fill in")},
    {"type": "rich_text"},
    rich({"type": "hologram"}),
    rich({"type": "text", "text": {"a": "dict"}}),
    {"type": "table"},
    {"type": "table", "rows": [None]},
    {"type": "table", "rows": [[None]]},
    {"type": "table", "rows": [[{"type": "raw_number"}]]},
    {"type": "table", "rows": [[{"type": "raw_number", "value": "many"}]]},
    {"type": "image", "alt_text": {"a": "dict"}},
    {"type": "video"},
    {"type": "card", "title": 7},
    elements("carousel", {"type": "card", "actions": [{"type": "button"}]}),
    {"type": "container"},
    {"type": "markdown"},
]
# Elements that can be shown, but cannot hold what they are to hold at first.
WITHOUT_EFFECT: list[Json] = [
    {"type": "checkboxes", "options": [], "initial_options": "none"},
    {"type": "datetimepicker", "initial_date_time": 1e300},
    {"type": "datepicker", "initial_date": {"a": "dict"}},
    {"type": "static_select", "options": [], "initial_option": 7},
]


def test_what_is_no_block_is_shown_as_broken_where_it_stands(gallery: Gallery) -> None:
    """Between broken blocks the good ones are whole: their text is there, their button and the composer work."""
    good: Json = {"type": "table", "rows": [[{"type": "raw_number", "value": 1234.5}]]}
    button = elements("actions", {"type": "button", "action_id": "go", "text": plain("Go"), "value": "42"})
    blocks = [block for broken in BROKEN for block in (section("whole"), broken)]
    channel, bot = gallery.workspace.channel(SALES), gallery.workspace.bot.id
    # Through the API they would not come this far.
    blocks += [good, elements("actions", *WITHOUT_EFFECT), button]
    posted = gallery.workspace.messages.post(channel, bot, "x", blocks)
    message = gallery.message(posted.ts)
    shown = message.locator(".b-blocks > *")
    expect(message.locator(".b-broken")).to_have_count(len(BROKEN))
    expect(message.get_by_text("whole", exact=True)).to_have_count(len(BROKEN))
    expect(shown.nth(1)).to_contain_text("This block cannot be shown (hologram)")
    expect(message.get_by_role("columnheader")).to_have_text("1,234.5")
    gallery.tab.press("Go", message)
    assert gallery.heard.next("action")["actions"][0]["value"] == "42"
    gallery.tab.type("still here")
    gallery.tab.sees("still here")
    gallery.workspace.messages.delete(posted)
    expect(message).to_have_count(0)
    # What a boundary catches is told to the console: for this once that is as it should be.
    assert gallery.complaints
    gallery.complaints.clear()


# addresses that run


RUN = "window.__ran=1"
SCHEMES = [
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"\x01 javascript:{RUN}",
    f"java\nscript:{RUN}",
    f"java\tscript:{RUN}",
    f"javascript&colon;{RUN}",
    f"vbscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19yYW49MTwvc2NyaXB0Pg==",
    f"blob:javascript:{RUN}",
    "file:///etc/passwd",
    f"//example.com/%0ajavascript:{RUN}",
]
NAME = "click me"


def dangerous(url: str) -> list[Json]:
    """Give every block in which an address can stand, with a name to click on."""
    link = {"type": "link", "url": url, "text": NAME}
    button = {"type": "button", "action_id": "go", "text": plain(NAME), "url": url}
    return [
        elements("actions", button),
        rich(link),
        rich({"type": "date", "timestamp": 1, "format": NAME, "url": url, "fallback": NAME}),
        mrkdwn(f"<{url}|{NAME}> <!date^1^{NAME}^{url}|{NAME}>"),
        {"type": "markdown", "text": f"[{NAME}]({url}) [{NAME}](<{url}>) <{url}> [{NAME}][1]\n\n[1]: {url}"},
        {"type": "markdown", "text": f'<a href="{url}">{NAME}</a> <iframe src="{url}"></iframe>'},
        {"type": "table", "rows": [[{"type": "rich_text", "elements": rich(link)["elements"]}]]},
        {"type": "video", "title": plain(NAME), "title_url": url, "video_url": url, "alt_text": "x"},
        {"type": "card", "title": mrkdwn(f"<{url}|{NAME}>")["text"], "actions": [button]},
        {"type": "task_card", "task_id": "1", "title": NAME, "sources": [{"type": "url", "url": url, "text": NAME}]},
    ]


MARKUP = [
    f"<script>{RUN}</script>",
    f'<img src="x" onerror="{RUN}">',
    f"<svg onload='{RUN}'>",
    f'<details open ontoggle="{RUN}">',
    f'"><style onload="{RUN}"></style>',
]
LINKS = "links => links.map(link => link.protocol)"


def test_no_address_runs_anything(gallery: Gallery) -> None:
    """Only http, https, mailto and tel are links; whatever else is clicked leads nowhere and nothing has run."""
    channel, bot = gallery.workspace.channel(SALES), gallery.workspace.bot.id
    blocks = [block for url in SCHEMES for block in dangerous(url)]
    message = gallery.message(gallery.workspace.messages.post(channel, bot, "x", blocks).ts)
    expect(message.locator(".b-library").first).to_be_attached()
    expect(message.locator(".b-broken")).to_have_count(0)
    assert set(message.locator("a[href]").evaluate_all(LINKS)) <= {"http:", "https:", "mailto:", "tel:"}
    names = message.get_by_text(NAME)
    assert names.count() > len(blocks)
    names.evaluate_all("all => all.forEach(one => one.closest('[target=_blank][href^=http]') || one.click())")
    # Two buttons for each scheme: they tell the app even where their address leads nowhere.
    for _ in SCHEMES * 2:
        gallery.heard.next("action")
    assert gallery.page.evaluate("window.__ran") is None
    assert len(gallery.page.context.pages) == 1
    expect(gallery.tab.composer).to_be_visible()


def test_no_markup_runs_anything(gallery: Gallery) -> None:
    """HTML is text wherever it stands: in what people say, in names of things, in markdown."""
    for text in MARKUP:
        gallery.sato.say(SALES, text)
    blocks = [
        block
        for text in MARKUP
        for block in (section(text), mrkdwn(text), mrkdwn(escaped(text)), {"type": "header", "text": plain(text)})
    ]
    gallery.post(*blocks, {"type": "markdown", "text": "\n\n".join(MARKUP)})
    shown = gallery.post(section("The last one"))
    expect(shown).to_be_visible()
    assert gallery.page.evaluate("window.__ran") is None
    assert gallery.page.locator(".messages :is(script, img, svg, iframe, style)").count() == 0


# pictures


def test_no_picture_is_fetched(gallery: Gallery) -> None:
    """A picture from elsewhere would tell a stranger who reads what: nothing is asked of any other server."""
    url = "https://tracker.example/pixel.png"
    picture = {"type": "image", "image_url": url, "alt_text": "a pixel"}
    shown = gallery.post(
        picture,
        elements("context", picture),
        {**section("beside"), "accessory": picture},
        {"type": "video", "title": plain("x"), "video_url": url, "thumbnail_url": url, "alt_text": "x"},
        {"type": "card", "title": plain("x"), "hero_image": picture, "icon": picture},
        {"type": "markdown", "text": f'![one]({url}) ![two][2] <img src="{url}">\n\n[2]: {url}'},
        {"type": "markdown", "text": f"[![three]({url})]({url}) ![four]( {url} ) ![]({url}) !\\[five]({url})"},
    )
    expect(shown.locator(".b-library")).to_have_count(2)
    gallery.page.wait_for_load_state("networkidle")
    assert {request for request in gallery.requests if not request.startswith(gallery.server.url)} == set()


# strings that break things


# What marks text in mrkdwn is not shown: pairs of * _ ~ ` and a > before a line. It is what a person typed who knows them.
MARKED = re.compile(r"^>|([*_~`]).*\1", re.DOTALL)
MARKS = re.compile(r"^> ?|[*_~`]", re.MULTILINE)
IN_A_MESSAGE = 50
SAID = "() => Object.fromEntries([...document.querySelectorAll('main article')].map(one => [one.dataset.ts, one.querySelector('.b-text')?.textContent]))"
WRITTEN = "all => all.map(one => one.textContent)"


def same(shown: str | None, typed: str) -> bool:
    """Tell whether text is shown as it was typed, but for the marks of mrkdwn."""
    is_marked = MARKED.search(typed) and MARKS.sub("", shown or "") == MARKS.sub("", typed)
    return shown == typed or bool(is_marked)


def test_nasty_strings_are_shown_as_they_were_typed(gallery: Gallery, shared_data: Path) -> None:
    """Each string of the list is said by a person, and written by the app as plain_text and as escaped mrkdwn."""
    strings: list[str] = [one for one in json.loads((shared_data / "nasty/blns.json").read_text()) if one]
    assert len(strings) > 500
    home = gallery.page.url
    # To render everything once is quicker than to do it with every message.
    gallery.page.goto("about:blank")
    said = {gallery.sato.say(GENERAL, one).ts: one for one in strings}
    batches = [strings[at : at + IN_A_MESSAGE] for at in range(0, len(strings), IN_A_MESSAGE)]
    post = gallery.client.chat_postMessage
    plains = [str(post(channel=GENERAL, text="x", blocks=[section(one) for one in batch])["ts"]) for batch in batches]
    marked = [[mrkdwn(escaped(one)) for one in batch] for batch in batches]
    marked_ts = [str(post(channel=GENERAL, text="x", blocks=blocks)["ts"]) for blocks in marked]
    gallery.page.goto(home.replace(SALES, GENERAL))
    gallery.message(marked_ts[-1])

    shown = gallery.page.evaluate(SAID)
    assert {typed: shown.get(ts) for ts, typed in said.items() if not same(shown.get(ts), typed)} == {}
    for batch, plain_ts, ts in zip(batches, plains, marked_ts, strict=True):
        written = gallery.message(plain_ts).locator(".b-section-text").evaluate_all(WRITTEN)
        assert written == batch
        written = gallery.message(ts).locator(".b-section-text").evaluate_all(WRITTEN)
        differing = [typed for text, typed in zip(written, batch, strict=True) if not same(text, typed)]
        assert differing == []
