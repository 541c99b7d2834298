"""What cannot be done is refused in words that say what to do, and nothing is half saved."""

from playground.seed import GENERAL, MARKETING, PARTNERS, SALES
from tests.journeys.steps import NAKAMURA, SMITH, buttons, claim, unchanged
from tests.office import Office

SLIPS = (
    ("qualfy L-1", "/lead qualify"),
    ("serch 中村", "/lead find"),
    ("登碌 中村", "/lead add"),
    ("xyzzy", "/lead help"),
    ("show L-99", "L-99"),
    ("show 中林", "中林"),
    ("show nobody@example.com", "nobody@example.com"),
    ("show foo@", "foo@"),
    ("won x@", "x@"),
    ("show \u200b\u2060", "リードを指定|見つかりません"),
    ("show", "L-12"),
    ("claim", "L-12"),
    ("log L-1 電詰", "電話"),
    ("log L-1 cal", "call"),
    ("log L-1 電話 at:いつか", "いつか"),
    ("log L-1 電話 2026-02-30", "2026-02-30"),
    ("log L-1 電話 2027-01-01", "未来"),
    ("log L-1 電話 明日", "未来"),
    ("follow L-1 blah", "blah"),
    ("follow L-1 昨日", "過去"),
    ("add a@b.example c@d.example 中村", "2つ"),
    ("add 山田, 電話:12", "12"),
    ("add 山田, メール:これは違う", "これは違う"),
    ("add 山田, 獲得経路:展示解", "展示会"),
    ("add 山田, 立場:何か", "選べるのは 決裁者 / "),
    ("add 山田, 検討状況:何か", "選べるのは 情報収集中 / "),
    ("add 山田, 獲得経路:xyz", " / "),
    ("consent L-1 yes 根拠:何か", "選べるのは "),
    ("add \u200b", "氏名"),
    (f"add 名前:{'あ' * 101}", "100"),
    (f"log L-1 電話 {'あ' * 2001}", "2000|2,000"),
    (f"qualify L-1 {'あ' * 501}", "500"),
    ("edit L-1 予算", "予算"),
    ("edit L-1 予山:300", "予算"),
    ("list 休民", "休眠"),
    ("won L-1", "INQUIRY"),
    ("withdraw L-1", "引き受け待ち"),
)
CHANGES = (
    "log L-1 電話", "follow L-1 明日", "qualify L-1", "withdraw L-1", "claim L-1", "release L-1", "return L-1 対象外",
    "won L-1", "lost L-1 また", "assign L-1 青木", "edit L-1 予算:1",
)  # fmt: skip


def test_slip_is_told_with_the_way_out(small_office: Office) -> None:
    """What is wrong, and the nearest that is right; the line comes back for copying."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "add メール:nameless@example.com")
    for line, said in SLIPS:
        with unchanged(office):
            result = office.say(office.mori, line)
        assert result.message is not None, line
        assert any(word in result.text for word in said.split("|")), result.text


def test_part_of_a_name_is_to_be_searched_for(small_office: Office) -> None:
    """Commands that change a lead want its whole name: the refusal says how the lead is found."""
    office = small_office
    for said, searched in (("中林", "中林"), ("L-99", "ミナモ"), ("foo@", "ミナモ"), ("090-1", "ミナモ")):
        message = office.say(office.tanaka, f"show {said}").message
        assert message is not None
        assert f"/lead find {searched}" in str(message.blocks), said


def test_line_that_slack_cleared_is_handed_back(small_office: Office) -> None:
    """Nothing typed is lost: the refusal holds the line."""
    office = small_office
    message = office.say(office.tanaka, "log L-99 電話 とても長い大切なメモ").message
    assert message is not None
    assert "/lead log L-99 電話 とても長い大切なメモ" in str(message.blocks)


def test_name_of_several_asks_which(small_office: Office) -> None:
    """Two people of one name: each has a button, and nothing is done to either."""
    office = small_office
    office.say(office.tanaka, "add 佐藤 健, アルファ株式会社")
    office.say(office.tanaka, "add 佐藤　健, ベータ株式会社")
    rest = {"log": " 電話 x", "follow": " 明日 x", "edit": " 予算:1", "lost": " x"}
    for verb in ("show", "log", "qualify", "edit", "follow", "won", "lost", "withdraw"):
        with unchanged(office):
            message = office.say(office.tanaka, f"{verb} 佐藤 健{rest.get(verb, '')}").message
        assert message is not None, verb
        assert "2件" in message.text, verb
        assert {"L-1", "L-2"} <= {block.get("accessory", {}).get("value") for block in message.blocks}


def test_closed_lead_takes_nothing_more(small_office: Office) -> None:
    """Whatever is asked of a closed lead, it stays as it is and the answer says how it ended."""
    office = small_office
    claim(office)
    office.say(office.aoki, "lost L-1 競合")
    for line in CHANGES:
        with unchanged(office):
            assert "失注" in office.say(office.mori, line).text, line


def test_longest_line_that_slack_sends(small_office: Office) -> None:
    """4,000 characters, and more: an answer in words, whatever is in them."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    for text in (
        "あ" * 4000,
        ", " * 2000,
        '"' * 4000,
        "a@b." * 1000,
        "1" * 4000,
        "<" * 4000,
        "予算:" * 1000,
        "あ い " * 1300,
    ):
        with unchanged(office):
            for verb in ("add ", "log L-1 ", "edit L-1 ", "find ", "show ", "", "return L-1 "):
                result = office.say(office.aoki, f"{verb}{text}")
                assert result.ok, (verb, text[:10], result.error)
                assert "E-" not in result.text, (verb, text[:10])
                assert result.reply.seconds < 2.5


def test_name_of_signs_alone_is_a_name(small_office: Office) -> None:
    """An emoji or a dash may be all that somebody knows."""
    office = small_office
    assert "L-1" in office.say(office.tanaka, "add 😀").text
    assert office.lead().name == "😀"
    assert "😀" in office.say(office.tanaka, "show 😀").text


def test_who_may_not_is_told_who_can(small_office: Office) -> None:
    """Marketing cannot claim, sales cannot hand off, nobody but a manager assigns; each is given a name."""
    office = small_office
    office.say(office.tanaka, SMITH)
    with unchanged(office):
        assert "青木さん" in office.say(office.tanaka, "claim L-1").text
        assert "Please ask" in office.say(office.sato, "qualify L-1").text
        assert "森さん" in office.say(office.aoki, "assign L-1 青木").text
        brown = office.person("brown").command(GENERAL, "/lead edit L-1 budget:1")
        assert "Please ask" in brown.text


def test_guest_and_bot_and_stranger_and_deactivated_can_do_nothing(small_office: Office) -> None:
    """By command, click or reaction: a guest in the sales channel is still a guest."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    office.deliver()
    (card,) = office.cards()
    guest, stranger, sato = office.person("guest"), office.person("stranger"), office.sato
    bot = office.server.person("demo-bot")
    office.workspace.change_user(sato.id, deleted=True)
    office.server.settle()
    with unchanged(office):
        assert "ゲスト" in guest.command(SALES, "/lead show L-1").text
        guest.click(card, "handoff.claim")
        guest.react(card, "raised_hand")
        for person, channel in ((stranger, PARTNERS), (bot, SALES), (sato, SALES)):
            shown = person.command(channel, "/lead show L-1").text
            assert "中村" not in shown
            assert shown
            person.command(channel, f"/lead {SMITH}")
        sato.click(card, "handoff.claim")
        sato.react(card, "raised_hand")
        office.deliver()


def test_lost_right_counts_at_the_moment_of_change(small_office: Office) -> None:
    """A button that was shown while one had the right does nothing once it is gone."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    shown = office.say(office.tanaka, "show L-1").message
    assert shown is not None
    assert "handoff.form" in buttons(shown)
    office.tanaka.click(shown, "handoff.form")
    office.tanaka.leave(MARKETING)
    with unchanged(office):
        assert office.tanaka.submit({"why_now": "今"}).outcome == "errors"
