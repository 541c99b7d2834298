"""Shortcuts on messages, by hand in the page: a pasted card becomes a lead, a message a touchpoint."""

from playwright.sync_api import expect

from playground.seed import MARKETING
from tests.browser.conftest import Open

CARD = """昨日の展示会でいただいた名刺です。
株式会社はなみずき
総務部 部長　森川 葵
〒220-0012 神奈川県横浜市西区みなとみらい一丁目一番一号
TEL 045-555-0198　FAX 045-555-0199
aoi.morikawa@hanamizuki.example"""


def test_message_is_made_into_a_lead_and_logged_on_it(open_tab: Open) -> None:
    """The form comes filled in; the lead is found in the menu by two characters of a name."""
    tanaka = open_tab("tanaka", MARKETING)
    tanaka.composer.fill(CARD)
    tanaka.composer.press("Enter")
    said = tanaka.sees("昨日の展示会")
    said.hover()
    said.locator(".actions-on-message summary").last.click()
    tanaka.page.get_by_role("button", name="Make a lead of this").click()
    expect(tanaka.form.get_by_role("textbox", name="氏名")).to_have_value("森川 葵")
    expect(tanaka.form.get_by_role("textbox", name="会社名")).to_have_value("株式会社はなみずき")
    tanaka.press("登録", tanaka.form)
    tanaka.sees("森川 葵 様 を登録しました")

    tanaka.type("デモの希望がありました")
    said = tanaka.sees("デモの希望がありました")
    said.hover()
    said.locator(".actions-on-message summary").last.click()
    tanaka.page.get_by_role("button", name="Log this on a lead").click()
    tanaka.form.get_by_role("combobox").first.fill("森川")
    tanaka.page.get_by_role("option").filter(has_text="森川 葵").click()
    tanaka.press("記録", tanaka.form)
    tanaka.sees("スコア")
