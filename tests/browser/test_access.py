"""For everybody: nothing that axe calls critical or serious, keys alone, a phone's width, dark mode."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from playground.__main__ import Demo
from playground.seed import MARKETING, SALES
from tests.browser.conftest import Open
from tests.browser.tab import Tab

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def grave_faults(page: Page) -> list[str]:
    """List what axe calls critical or serious, with where it stands."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"critical", "serious"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(demo: Demo, open_tab: Open, scheme: str) -> None:
    """Channel, form with errors, menus, drawer, thread, Home: each as people come by it, in light and dark."""
    demo.furnish()
    tab = open_tab("sato", SALES, color_scheme=scheme)
    card = tab.sees("ミナモ精機株式会社")
    assert grave_faults(tab.page) == []
    tab.press("引き受ける", card)
    tab.press("Reply in thread", tab.sees("Satoが引き受けました"))
    tab.page.get_by_role("button", name="Behind the scenes").click()
    tab.page.locator(".traffic details summary").first.click()
    assert grave_faults(tab.page) == []
    tab.press("Return", tab.sees("L-7 is yours"))
    tab.press("Return", tab.form)
    expect(tab.form.get_by_role("alert")).to_contain_text("check the marked fields")
    assert grave_faults(tab.page) == []
    tab.page.keyboard.press("Escape")
    tab.go("Baton")
    expect(tab.page.get_by_role("tabpanel")).to_contain_text("Sato's leads")
    tab.page.locator(".switch summary").click()
    tab.page.locator("details.clock > summary").click()
    assert grave_faults(tab.page) == []


def test_the_main_job_by_keys_alone(demo: Demo, open_tab: Open) -> None:
    """A card is found, claimed and its form opened, filled and left without a mouse."""
    demo.furnish()
    tab = open_tab("sato", SALES)
    tab.sees("ミナモ精機株式会社")
    claim = tab.page.get_by_role("button", name="引き受ける")
    _tab_to(tab, claim)
    tab.page.keyboard.press("Enter")
    tab.sees("L-7 is yours")
    _tab_to(tab, tab.page.get_by_role("button", name="Log touchpoint"))
    tab.page.keyboard.press("Enter")
    expect(tab.form).to_be_visible()
    expect(tab.form.locator(":focus")).to_have_count(1)
    tab.page.keyboard.press("Escape")
    expect(tab.form).not_to_be_visible()
    expect(tab.page.get_by_role("button", name="Log touchpoint")).to_be_focused()


def _tab_to(tab: Tab, goal: Any) -> None:
    for _ in range(60):
        if goal.evaluate("element => element === document.activeElement"):
            return
        tab.page.keyboard.press("Tab")
    raise AssertionError("the Tab key does not lead there")


def test_a_phone_is_wide_enough(demo: Demo, open_tab: Open) -> None:
    """At 360 px nothing sticks out sideways: channel, menu, form and drawer."""
    demo.furnish()
    tab = open_tab("aoki", SALES, **PHONE)
    tab.sees("ミナモ精機株式会社")
    _fits(tab.page)
    tab.page.get_by_role("button", name="チャンネルと人").click()
    tab.go("general")
    expect(tab.page.get_by_role("heading", name="general")).to_be_visible()
    tab.type("/lead add")
    expect(tab.form).to_be_visible()
    _fits(tab.page)
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("button", name="舞台裏").click()
    expect(tab.page.get_by_role("complementary", name="舞台裏")).to_be_visible()
    _fits(tab.page)


def _fits(page: Page) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], width


def test_dark_mode_follows_the_system(open_tab: Open) -> None:
    """The page is dark where the system is."""
    dark, light = open_tab("sato", MARKETING, color_scheme="dark"), open_tab("sato", MARKETING, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert dark.page.evaluate(ground) != light.page.evaluate(ground)
