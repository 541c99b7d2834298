"""The main job of the README, done by hand in the page: one lead's way through the office."""

from playwright.sync_api import expect

from playground.__main__ import Demo
from playground.seed import MARKETING, SALES
from tests.browser.conftest import Open


def test_a_lead_goes_from_the_form_to_sales_and_back(demo: Demo, open_tab: Open) -> None:
    """Added by form with an error first, logged, offered, claimed in a second tab, in the digest, returned, in Home."""
    tanaka, sato = open_tab("tanaka", MARKETING), open_tab("sato", SALES)

    tanaka.type("/lead add")
    expect(tanaka.form).to_be_visible()
    tanaka.press("登録", tanaka.form)
    expect(tanaka.form.get_by_role("alert")).to_contain_text("印の付いた項目")
    expect(tanaka.form.locator('[aria-invalid="true"]').first).to_be_focused()
    tanaka.fill("会社名", "株式会社ヤマト精工")
    tanaka.form.get_by_label("獲得経路").select_option("展示会")
    tanaka.press("登録", tanaka.form)
    # The page let it pass; what the bot refuses stands beside the field, and what was typed is still there.
    expect(tanaka.form.get_by_text("氏名・メールアドレス・電話番号のどれか")).to_be_visible()
    expect(tanaka.form.get_by_role("textbox", name="会社名")).to_have_value("株式会社ヤマト精工")
    tanaka.fill("氏名", "山口 健")
    tanaka.fill("メール", "k.yamaguchi@yamato.example")
    tanaka.press("登録", tanaka.form)
    expect(tanaka.form).not_to_be_visible()

    saved = tanaka.sees("山口 健 様 を登録しました")
    tanaka.press("接点を記録", saved)
    tanaka.form.get_by_label("種類").select_option("セミナー")
    tanaka.press("記録", tanaka.form)
    tanaka.sees("スコア 8 → 20（+12）")
    tanaka.type("/lead qualify L-1 来月デモを見たい")

    card = sato.sees("来月デモを見たい")
    expect(sato.message("引き渡し：株式会社ヤマト精工")).to_contain_text("k•••@yamato.example")
    sato.press("引き受ける", card)
    sato.sees("L-1 is yours")
    sato.sees("Satoが引き受けました")
    expect(sato.page.get_by_role("button", name="引き受ける")).to_have_count(0)

    tanaka.move_clock("翌営業日 09:00")
    sato.go("Baton")
    digest = sato.sees("Your leads today")
    expect(digest).to_contain_text("山口 健")
    sato.page.get_by_role("tab", name="Home").click()
    home = sato.page.get_by_role("tabpanel")
    expect(home).to_contain_text("山口 健")
    sato.press("Log touchpoint", home)
    expect(sato.form).to_be_visible()
    sato.page.keyboard.press("Escape")
    expect(sato.form).not_to_be_visible()

    sato.go("sales-handoffs")
    sato.press("Return", sato.message("L-1 is yours"))
    sato.form.get_by_label("Too early").check()
    sato.fill("Comment", "They compare offers after New Year")
    sato.press("Return", sato.form)
    expect(sato.form.get_by_text("Give a date to try again.")).to_be_visible()
    sato.form.get_by_label("Try again from").fill("2027-01-06")
    sato.press("Return", sato.form)
    expect(sato.form).not_to_be_visible()
    sato.sees("差し戻し：時期が早い")
    tanaka.sees("They compare offers after New Year")


def test_the_first_steps_tick_themselves_off(demo: Demo, open_tab: Open) -> None:
    """A visitor follows the four steps with their own buttons; each is ticked when it is done, in every tab."""
    demo.furnish()
    visitor = open_tab("tanaka", MARKETING)
    steps = visitor.page.get_by_role("region", name="はじめの一歩")
    expect(steps.locator("li.done")).to_have_count(0)

    visitor.press("試す", steps)
    expect(visitor.composer).to_have_value("/lead add")
    visitor.type("/lead add 山口 健, 株式会社ヤマト精工, k.yamaguchi@yamato.example")
    expect(steps.locator("li.done")).to_have_count(1)
    visitor.press("試す", steps)
    expect(visitor.composer).to_have_value("/lead log L-8 セミナー")
    visitor.composer.press("Enter")
    expect(steps.locator("li.done")).to_have_count(2)
    visitor.press("試す", steps)
    steps = visitor.page.get_by_role("region", name="First steps")
    visitor.press("引き受ける", visitor.sees("ミナモ精機株式会社"))
    expect(steps.locator("li.done")).to_have_count(3)
    visitor.press("Try it", steps)
    expect(steps.locator("li.done")).to_have_count(4)
    expect(steps).to_contain_text("That is the main job")


def test_a_week_passes(demo: Demo, open_tab: Open) -> None:
    """The clock goes a week on, with its progress shown: the offer falls overdue, and each morning has its digest."""
    demo.furnish()
    tanaka, sato = open_tab("tanaka", MARKETING), open_tab("sato", SALES)
    tanaka.move_clock("7日後")
    sato.sees("期限超過")
    tanaka.go("Baton")
    expect(tanaka.page.get_by_role("article").filter(has_text="マーケティングの今日")).to_have_count(5)
