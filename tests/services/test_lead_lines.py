"""One typed line becomes a lead: everything finds its field, nothing is lost, and guesses are owned up to."""

import contextlib
import csv
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError, Problem
from models.lead import Consent, Source
from services.lead_lines import LeadLine, read_lead_line
from services.line_pieces import unescape

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def read(text: str) -> LeadLine:
    return read_lead_line(unescape(text), "JP")


def fields_of(line: LeadLine) -> dict[str, str]:
    """Return the text fields that are filled, extras among them."""
    entry = line.entry
    named = {name: getattr(entry, name) for name in ("name", "company", "title", "email", "phone", "campaign", "note")}
    return {name: value for name, value in {**named, **entry.extra}.items() if value}


def needs(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return path


def escaped_by_slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


MINAMO = {"name": "中村 理恵", "company": "ミナモ精機株式会社", "email": "r@x.example"}


@pytest.mark.parametrize("separator", [", ", ",", "、", " | ", "\t", "; "])
def test_business_cards_are_read(separator: str) -> None:
    """25 Japanese business cards, each typed as one line: every part in its field, nothing left, nothing guessed."""
    path = needs(DATA / "cards" / "business_cards_ja.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cards = list(csv.DictReader(file))
    assert len(cards) == 25
    names = {
        "name": "full_name",
        "company": "company_name",
        "title": "position_name",
        "address": "address",
        "email": "email",
    }
    for card in cards:
        wanted = {field: card[f"correct_{name}"] for field, name in names.items() if card[f"correct_{name}"]}
        line = read(separator.join(wanted.values()))
        assert (fields_of(line), line.is_certain) == (wanted, True)


@pytest.mark.parametrize(
    "typed",
    [
        "中村 理恵, ミナモ精機株式会社, r@x.example",
        "中村 理恵、ミナモ精機株式会社、r@x.example",
        "r@x.example，中村 理恵，ミナモ精機株式会社",
        "ミナモ精機株式会社, 中村 理恵, r@x.example",
        "中村 理恵\tミナモ精機株式会社\tr@x.example",
        "中村 理恵\nミナモ精機株式会社\nr@x.example",
        "中村 理恵 | ミナモ精機株式会社 | r@x.example",
        "中村 理恵 ミナモ精機株式会社 r@x.example",
        "r@x.example ミナモ精機株式会社 中村 理恵",
        "中村 理恵 ミナモ精機株式会社, r@x.example",
        "中村 理恵　ミナモ精機株式会社　r@x.example",
        "中村 理恵 様, ミナモ精機株式会社, <mailto:r@x.example|r@x.example>",
        "中村 理恵さん, ミナモ精機株式会社, mailto:r@x.example",
        "中村 理恵 &lt;r@x.example&gt;, ミナモ精機株式会社",
        "中村 理恵, ミナモ精機株式会社, ｒ＠ｘ．ｅｘａｍｐｌｅ",
        "中村 理恵, ミナモ精機株式会社, r@x.example, R@x.example",
        "会社：ミナモ精機株式会社 名前：中村 理恵 メール：r@x.example",
        "name:中村 理恵 company:ミナモ精機株式会社 email:r@x.example",
        'name: "中村 理恵" , COMPANY : 「ミナモ精機株式会社」; r@x.example',
        "中村 理恵, 会社:ミナモ精機株式会社 e-mail:r@x.example",
    ],
)
def test_the_same_lead_in_every_way_of_typing(typed: str) -> None:
    """Order, separators, labels, honorifics and Slack's links change nothing."""
    line = read(typed)
    assert (fields_of(line), line.is_certain) == (MINAMO, True)


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("中村", {"name": "中村"}),
        ("r@x.example", {"email": "r@x.example"}),
        ("045-555-0142", {"phone": "045-555-0142"}),
        ("中村 理恵", {"name": "中村 理恵"}),
        ("マイケル ジョンソン", {"name": "マイケル ジョンソン"}),
        ("Rie Nakamura", {"name": "Rie Nakamura"}),
        ("阿部, ミナモ精機", {"name": "阿部", "company": "ミナモ精機"}),
        ("Mr. Daniel Smith, Acme, Inc.", {"name": "Daniel Smith", "company": "Acme, Inc."}),
        ("Rie Nakamura, Foo Co., Ltd., Head of Production",
         {"name": "Rie Nakamura", "company": "Foo Co., Ltd.", "title": "Head of Production"}),
        ("Jo Doe, Foo Co., Ltd. <r@x.example>", {"name": "Jo Doe", "company": "Foo Co., Ltd.", "email": "r@x.example"}),
        ("company:Foo Co., Ltd. name:Jo", {"name": "Jo", "company": "Foo Co., Ltd."}),
        ("Jo Doe,Foo,Inc.,CEO", {"name": "Jo Doe", "company": "Foo,Inc.", "title": "CEO"}),
        ("佐藤 部長, ミナモ精機", {"name": "佐藤", "title": "部長", "company": "ミナモ精機"}),
        ("中村, 営業部 課長, ㈱ミナモ", {"name": "中村", "title": "営業部 課長", "company": "㈱ミナモ"}),
        ("日下部 徹, 一般社団法人ミナモ", {"name": "日下部 徹", "company": "一般社団法人ミナモ"}),
        ("株式会社ミナモ 営業部 部長 中村 理恵 TEL 03-1234-5678",
         {"name": "中村 理恵", "company": "株式会社ミナモ", "title": "営業部 部長", "phone": "03-1234-5678"}),
        ("株式会社 ミナモ 中村 理恵", {"name": "中村 理恵", "company": "株式会社 ミナモ"}),
        ("中村, +81 45-555-0142", {"name": "中村", "phone": "+81 45-555-0142"}),
        ("中村, 電話０４５－５５５－０１４２", {"name": "中村", "phone": "045-555-0142"}),
        ("中村, <tel:0455550142|045-555-0142> 内線12", {"name": "中村", "phone": "045-555-0142 内線12"}),
        ("〒530-0001 大阪府大阪市北区梅田3-3-10 06-1234-5678, 中村",
         {"name": "中村", "address": "〒530-0001 大阪府大阪市北区梅田3-3-10", "phone": "06-1234-5678"}),
        ("Jo Doe, Foo, 123 Tech Park, Suite 200, San Francisco, CA 94105",
         {"name": "Jo Doe", "company": "Foo", "address": "123 Tech Park, Suite 200, San Francisco, CA 94105"}),
        ("中村, 東京都港区1-2-3 ビル15、17F", {"name": "中村", "address": "東京都港区1-2-3 ビル15、17F"}),
        ('"Smith, Jo", "Foo, Bar & Co"', {"name": "Smith, Jo", "company": "Foo, Bar & Co"}),
        ("中村, 備考：至急、昼に電話, 会社:ミナモ", {"name": "中村", "note": "至急、昼に電話", "company": "ミナモ"}),
        ("中村 note:a name-dropper website:https://x.example/a?b=1",
         {"name": "中村", "note": "a name-dropper", "website": "https://x.example/a?b=1"}),
        ("中村 url:<https://x.example|x.example>", {"name": "中村", "website": "x.example"}),
        ("中村 部署:営業部 役職:課長", {"name": "中村", "title": "営業部 課長"}),
        ("@tanaka", {"name": "@tanaka"}),
    ],
)  # fmt: skip
def test_certain_lines(typed: str, fields: dict[str, str]) -> None:
    """What is clear is placed without asking."""
    line = read(typed)
    assert (fields_of(line), line.is_certain) == (fields, True)


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("ミナモ精機株式会社", {"company": "ミナモ精機株式会社"}),
        ("need:見積", {}),
        ("中村 理恵 ミナモ精機", {"name": "中村 理恵", "company": "ミナモ精機"}),
        ("中村理恵 ミナモ精機", {"name": "中村理恵", "company": "ミナモ精機"}),
        ("John Smith Acme Inc.", {"name": "John Smith", "company": "Acme Inc."}),
        ("中村, ミナモ, 来週デモ希望", {"name": "中村", "company": "ミナモ", "note": "来週デモ希望"}),
        ("中村, ミナモ, likes golf", {"name": "中村", "company": "ミナモ", "note": "likes golf"}),
        ("中村, ミナモ, 045-555-0142, 090-1111-2222",
         {"name": "中村", "company": "ミナモ", "phone": "045-555-0142", "note": "090-1111-2222"}),
        ("中村, ミナモ, 03-12", {"name": "中村", "company": "ミナモ", "note": "03-12"}),
        ("中村, compnay: ミナモ", {"name": "中村", "company": "compnay: ミナモ"}),
        ("name:中村 name:山田", {"name": "中村", "note": "山田"}),
        ("中村, FAX 03-1234-5678", {"name": "中村", "company": "FAX 03-1234-5678"}),
    ],
)  # fmt: skip
def test_guesses_are_owned_up_to(typed: str, fields: dict[str, str]) -> None:
    """What has to be guessed still stands in some field, and the line says that it is not certain."""
    line = read(typed)
    assert (fields_of(line), line.is_certain) == (fields, False)


def test_choices_and_answers_are_read() -> None:
    """Source, consent, external id and the seven have keys in both languages; role and progress become codes."""
    line = read(
        "中村 経路:展示会 キャンペーン:Tech Expo 同意:あり id:A-1 立場:決裁者 progress:comparing "
        "予算:1,000万円 導入時期:来期、4月 課題：「納期, 品質」"
    )
    entry = line.entry
    assert (entry.source, entry.campaign, entry.consent, entry.external_id) == (
        Source.TRADE_SHOW, "Tech Expo", Consent.YES, "A-1",
    )  # fmt: skip
    assert line.seven == {
        "role": "decider", "progress": "compare", "budget": "1,000万円", "timing": "来期、4月", "need": "納期, 品質",
    }  # fmt: skip
    assert line.is_certain


def test_a_source_is_known_by_its_word() -> None:
    """A piece that is exactly a source's word is the source, not the company."""
    line = read("中村, 展示会, r@x.example")
    assert (line.entry.source, line.entry.company, line.is_certain) == (Source.TRADE_SHOW, "", True)


@pytest.mark.parametrize(
    ("typed", "problem", "field", "value"),
    [
        ("", Problem.NOBODY, "name", ""),
        (" , 、 ", Problem.NOBODY, "name", ""),
        ("r@x.example, s@x.example", Problem.TWO_EMAILS, "email", "s@x.example"),
        ("email:r@x.example 中村 s@x.example", Problem.TWO_EMAILS, "email", "s@x.example"),
        ("森 裕子, yuko.mori@green-energy,co.jp", Problem.BAD_EMAIL, "email", "yuko.mori@green-energy"),
        ("中村 email:abc", Problem.BAD_EMAIL, "email", "abc"),
        ("中村 電話:123", Problem.BAD_PHONE, "phone", "123"),
        ("中村 source:ほげ", Problem.UNKNOWN_SOURCE, "source", "ほげ"),
        ("中村 同意:たぶん", Problem.UNKNOWN_CHOICE, "consent", "たぶん"),
        ("あ" * 101, Problem.TOO_LONG, "name", "あ" * 101),
        ("中村 note:" + "x" * 1001, Problem.TOO_LONG, "note", "x" * 1001),
        ("中村 address:" + "x" * 301, Problem.TOO_LONG, "address", "x" * 301),
    ],
)
def test_what_cannot_be_used_is_refused(typed: str, problem: Problem, field: str, value: str) -> None:
    """The error names the field and what was typed for it."""
    with pytest.raises(InputError) as caught:
        read(typed)
    assert (caught.value.problem, caught.value.field, caught.value.value) == (problem, field, value)


def test_an_unknown_source_gets_a_suggestion() -> None:
    """A slip in a source's name says which word was probably meant."""
    with pytest.raises(InputError) as caught:
        read("中村 source:newsleter")
    assert caught.value.nearest == "newsletter"


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.parametrize(("field", "limit"), [("name", 100), ("company", 200), ("note", 1000)])
def test_naughty_strings_come_back_as_typed(field: str, limit: int) -> None:
    """Each string of the big list, quoted and sent as Slack sends it, stands in the field to the character."""
    path = needs(DATA / "nasty" / "blns.json")
    strings = json.loads(path.read_text(encoding="utf-8"))
    assert len(strings) > 500
    for naughty in strings:
        if len(naughty) > limit:
            continue
        line = read(escaped_by_slack(f"{field}:{quoted(naughty)} email:r@x.example"))
        assert getattr(line.entry, field) == naughty
        assert line.entry.email == "r@x.example"


@given(st.text(max_size=100))
def test_quoted_values_come_back_as_typed(value: str) -> None:
    """Double quotes hold any text: separators, keys, links and quotes of its own."""
    line = read(escaped_by_slack(f"name:{quoted(value)}, company:{quoted(value)} r@x.example"))
    assert (line.entry.name, line.entry.company, line.is_certain) == (value, value, True)


@given(st.text("abc あ,、:;|「\"' ", max_size=60))
def test_corner_brackets_hold_what_has_none_of_them(value: str) -> None:
    """「…」 keeps separators, keys and quotation marks; no escapes are needed."""
    value = value.replace("「", "")
    assert read(f"r@x.example note:「{value}」").entry.note == value


def test_curly_quotes_are_quotes() -> None:
    """Keyboards on phones and Macs turn quotation marks into curly ones."""
    assert read("name:“Smith, “Jo\\””, r@x.example").entry.name == "Smith, “Jo”"


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("&lt;b&gt; &amp; &amp;lt;", "<b> & &lt;"),
        ("<mailto:r@x.example|r@x.example>", "r@x.example"),
        ("<mailto:r@x.example>", "r@x.example"),
        ("<https://x.example/a|x.example/a>", "x.example/a"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("<@U1|aoki> <#C1|x>", "<@U1|aoki> <#C1|x>"),
        ("a < b", "a < b"),
    ],
)
def test_slack_escaping_is_undone_once(sent: str, typed: str) -> None:
    """What Slack made of the text becomes the text again; mentions stay."""
    assert unescape(sent) == typed


_words = st.sampled_from([
    "中村", "理恵", "ミナモ精機", "Nakamura", "Tokyo", "abc", "株式会社ミナモ", "部長", "Inc.", "東京都港区1-2-3", "x1", "note:", "会社：",
])  # fmt: skip
_lines = st.lists(st.tuples(_words, st.sampled_from([", ", "、", " ", "　", "\n", ";"])), min_size=1, max_size=9)


@given(_lines)
def test_no_word_is_lost(parts: list[tuple[str, str]]) -> None:
    """Every word that was typed stands in some field, as often as it was typed."""
    try:
        line = read("".join(word + gap for word, gap in parts))
    except InputError as error:
        assert error.problem is Problem.NOBODY  # noqa: PT017  # Anything else raised fails the test by itself.
        return
    everything = "\n".join(fields_of(line).values())
    words = [word for word, _ in parts if not word.endswith((":", "："))]
    assert all(everything.count(word) >= words.count(word) for word in words)


@given(st.text() | st.text("a@.b,、:\"「」“”'\\<>|&;()（）0123456789-+ 　株式会社部長様\n\tMr.Inc", max_size=200))
def test_lines_raise_nothing_but_input_errors(text: str) -> None:
    """Whatever is typed, the answer is a lead or an InputError."""
    try:
        line = read(text)
    except InputError:
        return
    assert line.is_certain <= bool(line.entry.name or line.entry.email or line.entry.phone or line.entry.external_id)


@pytest.mark.parametrize(
    "part",
    ["a@", "@", "あ@い.う ", "a@a.bb ", '"', 'name:"', "「", "name:「", "“", "(", ":", "name:", "x:", ",", "1,", "0-", "a ",
     "03-1234-5678 ", "fax 03-1234-5678 ", "株式会社", "部長 ", "東京都港区", "1-2 a ", "<mailto:", "&amp;", '"\\', "Mr. ", "a-", "部"],
)  # fmt: skip
@pytest.mark.parametrize("front", ["", "x@y.example, ", "name:n company:c note:"])
def test_hostile_lines_cost_no_more_than_long_ones(front: str, part: str) -> None:
    """10,000 characters that invite looking back are read within a second (they take about 20 ms)."""
    began = time.process_time()
    with contextlib.suppress(InputError):
        read((front + part * 10_000)[:10_000])
    assert time.process_time() - began < 1
