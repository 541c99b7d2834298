"""What the page itself does: live updates, unread marks, people, languages, the drawer, and bad days."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from bot import Bot, Running
from playground import PlaygroundServer
from playground.__main__ import Demo
from playground.page import PageOptions
from playground.page.options import DIST
from playground.seed import GENERAL, MARKETING, SALES
from tests.browser.conftest import PATIENCE_MS, Open
from tests.browser.tab import Tab
from tests.office import settings_for
from tests.postgres import sqlite_url


def test_what_somebody_says_is_marked_unread_until_it_is_read(open_tab: Open) -> None:
    """A message in another channel makes its name bold with a count, in every tab of the person; a look clears both."""
    sato, aoki, again = open_tab("sato", SALES), open_tab("aoki", GENERAL), open_tab("sato", SALES)
    aoki.type("お昼に行きませんか")
    for tab in (sato, again):
        expect(tab.page.locator(".entry.unread")).to_contain_text("1 unread")
    sato.go("general")
    sato.sees("お昼に行きませんか")
    expect(sato.page.locator(".new")).to_have_count(0)
    expect(again.page.locator(".entry.unread")).to_have_count(0)


def test_a_claim_by_reaction_changes_the_card_in_the_other_tab(demo: Demo, open_tab: Open) -> None:
    """Sato claims with ✋; Aoki sees the card and the reaction change at once, and is told who was first."""
    demo.furnish()
    sato, aoki = open_tab("sato", SALES), open_tab("aoki", SALES)
    card = sato.sees("ミナモ精機株式会社")
    sato.press("Add a reaction", card)
    card.get_by_role("button", name="raised_hand").click()
    changed = aoki.sees("Satoが引き受けました")
    expect(changed.get_by_role("button", name="raised_hand：Sato")).to_be_visible()
    aoki.type("/lead claim L-7")
    aoki.sees("Satoさんが")


def test_threads_open_beside_the_channel(open_tab: Open) -> None:
    """A reply stays in its thread and is counted under the message; a command there is refused in words; Esc closes."""
    sato, aoki = open_tab("sato", SALES), open_tab("aoki", SALES)
    aoki.type("誰が行きますか")
    sato.press("Reply in thread", sato.sees("誰が行きますか"))
    thread = sato.page.get_by_role("complementary", name="Thread")
    reply = thread.get_by_role("combobox")
    reply.fill("/lead list mine")
    reply.press("Enter")
    expect(thread.get_by_text("Commands do not work in threads")).to_be_visible()
    reply.fill("I do, @青木")
    reply.press("Enter")
    expect(thread.get_by_role("article").filter(has_text="I do, @青木")).to_be_visible()
    aoki.page.get_by_role("button", name="1 件の返信").click()
    expect(aoki.page.get_by_role("complementary", name="スレッド")).to_contain_text("I do, @青木")
    sato.page.keyboard.press("Escape")
    expect(thread).not_to_be_visible()


def test_one_can_be_anybody_in_either_language(open_tab: Open) -> None:
    """Switching the person shows their channels; switching the language changes the page and the bot's answers."""
    tab = open_tab("tanaka", MARKETING)
    tab.page.locator(".switch summary").click()
    tab.page.get_by_role("list", name="ユーザーを切り替え").get_by_role("button", name="森").click()
    expect(tab.page.locator(".switch summary")).to_contain_text("管理者")
    tab.go("marketing")
    tab.page.get_by_role("button", name="English").click()
    expect(tab.page.get_by_role("heading", name="Channels")).to_be_visible()
    expect(tab.page.locator("html")).to_have_attribute("lang", "en")
    tab.type("/lead help")
    tab.sees("A lead is named by its number")


def test_a_guest_is_refused_in_words(open_tab: Open) -> None:
    """Who may do nothing sees the page, and an answer that says why."""
    guest = open_tab("guest", SALES)
    guest.type("/lead list hot")
    guest.sees("ゲスト")


def test_completion_and_hints(open_tab: Open) -> None:
    """The composer lists what can follow, by keys and in both languages' words, and hints at the rest."""
    tab = open_tab("tanaka", MARKETING)
    tab.composer.press_sequentially("/lead 引き")
    options = tab.page.get_by_role("option")
    expect(options.first).to_contain_text("/lead qualify")
    tab.composer.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    tab.composer.press("Tab")
    expect(tab.composer).to_have_value("/lead claim ")
    expect(tab.page.locator(".composer .hint")).to_contain_text("引き受け")
    tab.composer.fill("/unknown x")
    tab.composer.press("Enter")
    expect(tab.page.locator(".toast")).to_contain_text("このコマンドはありません")
    expect(tab.composer).to_have_value("/unknown x")


def test_nothing_is_lost_while_slack_is_down(demo: Demo, open_tab: Open) -> None:
    """The drawer makes Slack fail: the handoff is kept, the payloads show why it waits, and it arrives afterwards."""
    demo.furnish()
    tanaka, sato = open_tab("tanaka", MARKETING), open_tab("sato", SALES)
    tanaka.page.get_by_role("button", name="舞台裏").click()
    drawer = tanaka.page.get_by_role("complementary", name="舞台裏")
    drawer.get_by_label("停止中").click()
    expect(sato.page.locator(".mood")).to_have_text("Slack is down")
    tanaka.type("/lead qualify L-3 見積りの相談")
    tanaka.sees("営業に引き渡しました")
    drawer.get_by_role("searchbox").fill("見積りの相談")
    failed = drawer.locator("details").filter(has_text="chat.postMessage").filter(has_text="503").first
    failed.locator("summary").click()
    expect(failed.locator("pre").first).to_contain_text(SALES)
    expect(sato.page.get_by_role("article").filter(has_text="見積りの相談")).to_have_count(0)
    drawer.get_by_label("正常").click()
    expect(sato.message("見積りの相談")).to_be_visible(timeout=PATIENCE_MS)
    expect(sato.page.get_by_role("article").filter(has_text="見積りの相談")).to_have_count(1)


def test_files_go_up_and_come_down(open_tab: Open) -> None:
    """A file is attached, said, and downloaded by somebody else with its Japanese name and its very bytes."""
    sato, aoki = open_tab("sato", SALES), open_tab("aoki", SALES)
    content = bytes(range(256))
    file = FilePayload(name="来場者 一覧.csv", mimeType="text/csv", buffer=content)
    sato.page.locator(".composer input[type=file]").set_input_files(file)
    expect(sato.page.locator(".attached")).to_contain_text("来場者 一覧.csv")
    sato.type("the visitors")
    with aoki.page.expect_download() as download:
        aoki.sees("the visitors").get_by_role("link", name="来場者 一覧.csv").click()
    assert download.value.suggested_filename == "来場者 一覧.csv"
    assert download.value.path().read_bytes() == content


def test_a_permalink_leads_to_its_message(demo: Demo, open_tab: Open) -> None:
    """The address that the API gives for a message opens the page at its thread."""
    aoki = open_tab("aoki", SALES)
    aoki.type("ここです")
    aoki.sees("ここです")
    said = next(m for m in demo.server.person("aoki").sees(SALES) if m.text == "ここです")
    aoki.page.goto(f"{demo.server.url}/archives/{SALES}/p{said.ts.replace('.', '')}?as=U0AOKI")
    expect(aoki.page.get_by_role("complementary", name="スレッド")).to_contain_text("ここです")


@pytest.fixture
def lonely() -> Iterator[PlaygroundServer]:
    """A playground with its page, and no app yet."""
    with PlaygroundServer(page=PageOptions()) as server:
        yield server


def test_the_page_waits_for_the_bot(lonely: PlaygroundServer, chromium: Browser, tmp_path: Path) -> None:
    """Opened before the bot is there, the page says so; a command fails in words; with the bot it works by itself."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{lonely.url}/?as=U0TANAKA#{MARKETING}")
        tab = Tab(page)
        banner = page.locator(".banner")
        expect(banner).to_contain_text("まだ接続していません")
        tab.type("/lead help")
        tab.sees("dispatch_failed")
        installation = lonely.workspace.installation
        settings = settings_for(lonely, sqlite_url(tmp_path), SLACK_APP_TOKEN=installation.app_token)
        running = Running(Bot(settings))
        running.start()
        try:
            expect(banner).not_to_be_visible()
            tab.type("/lead help")
            tab.sees("使い方")
        finally:
            running.stop()


def test_the_page_finds_its_way_back(chromium: Browser) -> None:
    """When the playground goes away the page says so; when it is back the page is, with what happened meanwhile."""
    first = PlaygroundServer(page=PageOptions()).start()
    port = int(first.url.rpartition(":")[2])
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{first.url}/?as=U0SATO#{SALES}")
        Tab(page)
        first.stop()
        expect(page.locator(".banner")).to_contain_text("lost")
        with PlaygroundServer(port=port, page=PageOptions()) as second:
            second.person("aoki").say(SALES, "back again")
            expect(page.get_by_role("article")).to_contain_text("back again", timeout=PATIENCE_MS)


def test_the_first_view_is_small() -> None:
    """What a first visit loads stays under 400 kB compressed; the rest comes when it is needed."""
    loaded = [DIST / name for name in ("index.html", "index.js", "index.css", "emoji.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in loaded) < 400_000
    shell = (DIST / "index.html").read_text()
    assert "library" not in shell
    assert "<script>" not in shell
