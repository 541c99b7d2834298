"""Take the pictures of the README anew: `python -m tests.browser.pictures`."""

from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from playground.__main__ import Demo, open_demo
from playground.seed import SALES
from tests.browser.conftest import FLAGS
from tests.browser.tab import Tab
from tests.conftest import CHROMIUM

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MORNING = datetime.fromisoformat("2026-11-24T09:40:00+09:00")
SIZE = {"width": 1180, "height": 830}
# language → who looks, and what they press and choose.
READERS = {
    "en": ("sato", "Claim", "Tomorrow 09:00", "Your leads today"),
    "ja": ("aoki", "引き受ける", "明日 09:00", "今日"),
}


def main() -> None:
    """Take each picture in both languages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, chromium_sandbox=False)
        for language in READERS:
            with open_demo(start=MORNING, locale=language) as demo:
                demo.furnish()
                _take(browser, demo, language)
        browser.close()


def _take(browser: Browser, demo: Demo, language: str) -> None:
    name, claim, morning, digest = READERS[language]
    page = browser.new_context(viewport=SIZE, device_scale_factor=1).new_page()  # type: ignore[arg-type]
    page.goto(f"{demo.server.url}/?as={demo.server.person(name).id}#{SALES}")
    tab = Tab(page)
    expect(page.get_by_role("button", name=claim)).to_be_visible()
    page.screenshot(path=IMAGES / f"page-offered.{language}.png")
    tab.press(claim, page.get_by_role("article").first)
    tab.sees("r.nakamura@minamo-seiki.example")
    tab.move_clock(morning)
    tab.go("Baton")
    tab.sees(digest)
    page.screenshot(path=IMAGES / f"page-digest.{language}.png")


if __name__ == "__main__":
    main()
