"""The page in a real browser: Chromium, driven by Playwright, before the demo that `make demo` starts."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from playground.__main__ import Demo, open_demo
from tests.browser.tab import Tab
from tests.conftest import CHROMIUM

FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
# A Friday: the next working day comes after a weekend.
MORNING = datetime.fromisoformat("2026-11-27T09:40:00+09:00")
PATIENCE_MS = 30_000
expect.set_options(PATIENCE_MS)


# Not for the session: while it is there an event loop runs in this thread, and the tests of other rooms have their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests here; each tab of a test has a context of its own."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        # The sandbox wants rights that containers do not give; what is opened here is our own page.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture
def demo() -> Iterator[Demo]:
    """The demo as it starts, on a working morning."""
    with open_demo(start=MORNING) as demo:
        demo.server.workspace.timing.rate_limits = False
        yield demo


Open = Callable[..., Tab]


@pytest.fixture
def open_tab(chromium: Browser, demo: Demo) -> Iterator[Open]:
    """Open the page as somebody in a tab; errors of the page fail the test in the end."""
    faults: list[str] = []
    contexts = []

    def open_as(name: str, at: str = "", **context: object) -> Tab:
        opened = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, **context})  # type: ignore[arg-type]
        contexts.append(opened)
        page: Page = opened.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(f"{name}: {error}"))
        page.on("console", lambda said: faults.append(f"{name}: {said.text}") if said.type == "error" else None)
        page.goto(f"{demo.server.url}/?as={demo.server.person(name).id}{f'#{at}' if at else ''}")
        return Tab(page)

    yield open_as
    for opened in contexts:
        opened.close()
    assert not faults, faults
