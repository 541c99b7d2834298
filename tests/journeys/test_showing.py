"""Leads are shown, found and listed."""

from playground.seed import GENERAL
from tests.journeys.steps import NAKAMURA, SMITH, claim, offer
from tests.office import Office


def test_card_masks_contact_details_from_who_need_not_see_them(small_office: Office) -> None:
    """Marketing and the owner see e-mail and phone; a colleague sees that there are some."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    shown = office.say(office.tanaka, "show L-1").message
    hidden = office.person("brown").command(GENERAL, "/lead show L-1").message
    assert shown is not None
    assert hidden is not None
    assert "r.nakamura@minamo-seiki.example" in str(shown.blocks)
    assert "045-555-0142" in str(shown.blocks)
    assert "r.nakamura" not in str(hidden.blocks)
    assert "045-555-0142" not in str(hidden.blocks)
    assert "中村 理恵" in hidden.text


def test_search_folds_width_and_case(small_office: Office) -> None:
    """Every word is looked for in name, company and e-mail; a number finds its lead."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, SMITH)
    for query in ("中村", "ﾐﾅﾓ", "R.NAKAMURA@", "理恵 精機", "L-1", "Ｌ－１"):
        found = office.say(office.tanaka, f"find {query}").text
        assert "中村 理恵" in found, query
        assert "Smith" not in found, query


def test_search_says_when_nothing_is_there(small_office: Office) -> None:
    """A search without hits says what to try, and one without words what to type."""
    office = small_office
    assert "Nothing was found for “100%”" in office.say(office.sato, "find 100%").text
    assert "Say what to look for" in office.say(office.sato, "find").text


def test_search_form_is_behind_the_button(small_office: Office) -> None:
    """Who mistyped a lead finds it from there."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    lost = office.say(office.tanaka, "show 中林").message
    assert lost is not None
    office.tanaka.click(lost, "lead.find_form")
    office.tanaka.submit({"query": "ミナモ"})
    assert "中村 理恵" in office.heard(office.tanaka)


def test_each_list_holds_what_it_says(small_office: Office) -> None:
    """All six lists, in both languages, filled by what people and time did."""
    office = small_office
    claim(office)
    offer(office, SMITH)
    office.say(office.aoki, "follow L-1 today 電話する")
    office.say(office.tanaka, "add 鈴木 一郎, suzuki@example.co.jp")
    office.say(office.tanaka, "qualify L-3")
    office.say(office.aoki, "return L-3 対象外")
    office.say(office.tanaka, "add 高橋 花子, 代表取締役")
    for kind in ("デモ依頼", "デモ依頼", "デモ依頼"):
        office.say(office.tanaka, f"log L-4 {kind}")
    assert "中村 理恵" in office.say(office.aoki, "list mine").text
    assert "中村 理恵" in office.say(office.aoki, "一覧").text
    assert "Smith" in office.say(office.aoki, "一覧 引き受け待ち").text
    assert "鈴木 一郎" in office.say(office.sato, "list recycled").text
    assert "高橋 花子" in office.say(office.tanaka, "list ホット").text
    assert "中村 理恵" in office.say(office.aoki, "list due").text
    assert "Nothing is due" in office.say(office.sato, "list due").text
    office.clock.move(days=200)
    office.run("dormant")
    assert "中村 理恵" in office.say(office.tanaka, "list 休眠").text


def test_long_list_says_how_many_more(small_office: Office) -> None:
    """Ten rows and a count: a list never outgrows a message."""
    office = small_office
    for number in range(12):
        office.say(office.tanaka, f"add 鈴木 {number}号 会社:{'社' * 180} 役職:{'部' * 90}")
    message = office.say(office.tanaka, "find 鈴木").message
    assert message is not None
    assert "12件" in message.text
    assert "ほか" in str(message.blocks)
