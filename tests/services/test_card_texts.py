"""Business cards and signatures as they are pasted: each part in its field, whatever the order, and nothing invented."""

import csv
import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.facts import LeadEntry
from models.lead import MAX_LENGTHS, Source
from services.card_addresses import tidy_address
from services.card_lines import CARD_MAX
from services.card_texts import read_card
from services.lead_lines import EXTRA_MAX

FIELDS = {
    "name": "full_name", "company": "company_name", "title": "position_name", "address": "address", "email": "email",
}  # fmt: skip


def fields_of(entry: LeadEntry) -> dict[str, str]:
    """Return what was read, without what stayed empty."""
    named = {name: getattr(entry, name) for name in ("name", "company", "title", "email", "phone")}
    return {name: value for name, value in (named | entry.extra).items() if value}


@pytest.fixture(scope="module")
def cards(shared_data: Path) -> list[dict[str, str]]:
    """25 cards as a scanner read them, and as they should read."""
    path = shared_data / "cards" / "business_cards_ja.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_scanned_cards_are_filled_in_in_any_vertical_order(cards: list[dict[str, str]]) -> None:
    """At least 21 of 25 in every order of their lines; three hold characters that only their owners could mend."""
    for order in itertools.permutations(FIELDS):
        right = 0
        for card in cards:
            entry = read_card("\n".join(card[f"raw_{FIELDS[name]}"] for name in order), "JP")
            wanted = {name: card[f"correct_{column}"] for name, column in FIELDS.items() if card[f"correct_{column}"]}
            right += fields_of(entry) == wanted
        assert right >= 21, order


SIGNATURES: dict[str, tuple[str, dict[str, str]]] = {
    "a Japanese signature": (
        """━━━━━━━━━━━━━━━━━━
        株式会社ミナモ精機
        営業本部 第二営業部
        課長　田中 太郎（たなか たろう）
        〒220-0012 神奈川県横浜市西区みなとみらい1-1-1
        ミナモビル 5F
        TEL：045-555-0100（代表）　FAX：045-555-0101
        携帯：090-1234-5678
        E-mail：t.tanaka@minamo.example
        URL：https://www.minamo.example/
        ━━━━━━━━━━━━━━━━━━""",
        {
            "name": "田中 太郎",
            "company": "株式会社ミナモ精機",
            "title": "営業本部 第二営業部 課長",
            "email": "t.tanaka@minamo.example",
            "phone": "090-1234-5678",
            "fax": "045-555-0101",
            "address": "〒220-0012 神奈川県横浜市西区みなとみらい1-1-1 ミナモビル 5F",
            "website": "https://www.minamo.example/",
        },
    ),
    "the switchboard where there is nothing else, never the fax": (
        "渡辺 健\n東和機工（株）\n技術部 主任\nFAX 045-555-0199\nTEL 045-555-0198",
        {
            "name": "渡辺 健",
            "company": "東和機工株式会社",
            "title": "技術部 主任",
            "phone": "045-555-0198",
            "fax": "045-555-0199",
        },
    ),
    "full width, spaced out, in two scripts": (
        "㈱あおば食品\n代表取締役社長\n鈴　木　一　郎\nIchiro Suzuki\nＴＥＬ ０４４（５５５）０１４２\nｓｕｚｕｋｉ＠ａｏｂａ．ｅｘａｍｐｌｅ",
        {
            "name": "鈴木一郎",
            "company": "株式会社あおば食品",
            "title": "代表取締役社長",
            "email": "suzuki@aoba.example",
            "phone": "044(555)0142",
        },
    ),
    "the legal form on a line of its own, invisible signs, a comma for a dot": (
        "株式会社\nは\u200bなみずき\n総務部\n森\u00ad川 葵\naoi.morikawa@hanamizuki,example",
        {
            "name": "森川 葵",
            "company": "株式会社はなみずき",
            "title": "総務部",
            "email": "aoi.morikawa@hanamizuki.example",
        },
    ),
    "a form's notice with labels": (
        "新しいお問い合わせがありました\n会社名：有限会社ハナミズキ工房\nお名前：佐々木 さくら\nフリガナ：ササキ サクラ\n部署：企画室\n"
        "メールアドレス：sakura@hanamizuki.example\n電話番号：０３－５５５５－０１２３\nお問い合わせ内容：デモを見たいです",
        {
            "name": "佐々木 さくら",
            "company": "有限会社ハナミズキ工房",
            "title": "企画室",
            "email": "sakura@hanamizuki.example",
            "phone": "03-5555-0123",
        },
    ),
    "a hospital": (
        "高橋 由美\n医療法人社団みどり会 みどり病院\n看護部 看護師長\n宮城県仙台市青葉区一番町三丁目二番一号",
        {
            "name": "高橋 由美",
            "company": "医療法人社団みどり会",
            "title": "看護部 看護師長",
            "address": "宮城県仙台市青葉区一番町3-2-1",
        },
    ),
    "a shop": (
        "田中商店\n店長 田中 次郎\n090-5555-0101",
        {"name": "田中 次郎", "company": "田中商店", "title": "店長", "phone": "090-5555-0101"},
    ),
    "a German signature": (
        "Best regards,\nAnna Smith\nSenior Sales Manager\nAcme Robotics GmbH\nT +49 30 1234567 | M +49 171 1234567\n"
        "anna.smith@acme-robotics.example\nwww.acme-robotics.example\nFriedrichstr. 12, 10117 Berlin, Germany",
        {
            "name": "Anna Smith",
            "company": "Acme Robotics GmbH",
            "title": "Senior Sales Manager",
            "email": "anna.smith@acme-robotics.example",
            "phone": "+49 171 1234567",
            "website": "www.acme-robotics.example",
            "address": "Friedrichstr. 12, 10117 Berlin, Germany",
        },
    ),
    "an American signature": (
        "John O'Neill\nVP, Business Development | Initech, Inc.\n4120 Freidrich Lane, Suite 100, Austin, TX 78744\n"
        "Office: (512) 555-0147  Fax: (512) 555-0148\nCell: +1 512 555 0199\njoneill@initech.example",
        {
            "name": "John O'Neill",
            "company": "Initech, Inc.",
            "title": "VP Business Development",
            "email": "joneill@initech.example",
            "phone": "+1 512 555 0199",
            "fax": "(512) 555-0148",
            "address": "4120 Freidrich Lane, Suite 100, Austin, TX 78744",
        },
    ),
    "quoted, in bold": (
        "> *Kenji Watanabe*\n> Product Manager, Hoshizora Software\n> m: 080-5555-0123\n> kenji@hoshizora.example",
        {
            "name": "Kenji Watanabe",
            "company": "Hoshizora Software",
            "title": "Product Manager",
            "email": "kenji@hoshizora.example",
            "phone": "080-5555-0123",
        },
    ),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_cards_and_signatures_are_read(case: str) -> None:
    """Japanese and English, labels, widths, marks and scripts."""
    text, wanted = SIGNATURES[case]
    assert fields_of(read_card(text, "JP")) == wanted


@pytest.mark.parametrize(
    ("prose", "source"),
    [
        ("先ほど展示会で名刺交換した方です。", Source.TRADE_SHOW),
        ("名刺をいただきました。", Source.CARD),
        ("He asked a question after our webinar.", Source.WEBINAR),
        ("代理店さんからのご紹介です。", Source.REFERRAL),
        ("よろしくお願いします。", None),
    ],
)
def test_words_around_a_card_say_where_it_came_from(prose: str, source: Source | None) -> None:
    """A sentence belongs to no field, but it can name the source."""
    entry = read_card(f"{prose}\n\n森川 葵\n株式会社はなみずき", "JP")
    assert (entry.source, fields_of(entry)) == (source, {"name": "森川 葵", "company": "株式会社はなみずき"})


@pytest.mark.parametrize("text", ["", "\n\n", "@@@", "よろしくお願いします！", "12345", "<@U123> ok?"])
def test_where_nobody_is_named_nothing_is_invented(text: str) -> None:
    """A message that is no card leaves the form empty."""
    assert fields_of(read_card(text, "JP")) == {}


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("東京都港区三田一の二の三", "東京都港区三田1-2-3"),
        ("札幌市中央区北二十四条西三丁目二番一号", "札幌市中央区北二十四条西3-2-1"),
        ("千代田区一番町5－3", "千代田区一番町5-3"),
        ("港区六本木一丁目", "港区六本木一丁目"),
        ("八丁堀百二番地ー三", "八丁堀102-3"),
        ("センタービル3、4F", "センタービル3・4F"),
    ],
)
def test_numbers_of_an_address_have_one_form(typed: str, tidied: str) -> None:
    """Kanji numbers and every sign between them; names with numbers in them stay."""
    assert tidy_address(typed) == tidied


@given(st.text(max_size=400), st.integers(0, 2**32))
def test_any_text_is_read_within_the_limits_of_the_form(noise: str, seed: int) -> None:
    """Whatever stands in a message, what is read fits, is free of invisible signs, and nothing is raised."""
    lines = [*noise.split(" "), *SIGNATURES["a Japanese signature"][0].split("\n")]
    random.Random(seed).shuffle(lines)  # noqa: S311 (an order, no secret)
    entry = read_card("\n".join(lines), "JP")
    for name, limit in MAX_LENGTHS.items():
        assert len(getattr(entry, name, None) or "") <= limit
    assert all(len(value) <= EXTRA_MAX for value in entry.extra.values())


# Each would keep a pattern busy that tries the same sign twice.
HOSTILE = [
    "a@",
    "(",
    "丁目一",
    "1-",
    "A a ",
    "/ ",
    '"',
    "〒",
    "+81 ",
    "\u3000",
    "山 ",
    "a:",
    "ﷺ",
    "1 (2",
    "株式会社",
    "TEL F",
]


@pytest.mark.parametrize("sign", HOSTILE)
def test_hostile_text_is_cut_before_it_costs_anything(sign: str) -> None:
    """A message of a megabyte reads as its first 10,000 characters do: nothing looks at the rest."""
    text = sign * (1_000_000 // len(sign))
    assert read_card(text, "JP") == read_card(text[:CARD_MAX], "JP")
