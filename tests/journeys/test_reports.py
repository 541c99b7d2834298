"""`/lead report`: what became of the leads, by where they came from."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from playground.people import Person
from playground.seed import MARKETING
from tests.journeys.file_steps import press, upload
from tests.journeys.steps import unchanged
from tests.office import Office


def table_of(office: Office, person: Person, line: str) -> list[list[str]]:
    """Have somebody ask for a report and return its table's cells."""
    blocks = office.say(person, line).message.blocks  # type: ignore[union-attr]
    (rows,) = (block["rows"] for block in blocks if block["type"] == "table")
    return [[cell["text"] for cell in row] for row in rows]


def history(office: Office) -> None:
    """Two sources: a fair whose leads are won or returned, a webinar whose leads wait."""
    clock = office.clock
    clock.now = datetime.fromisoformat("2026-07-01T09:40:00+09:00")
    for number in range(4):
        office.say(office.tanaka, f"add 展示 {number}, 展示{number}株式会社 source:展示会 campaign:夏の展示会")
    clock.now = datetime.fromisoformat("2026-08-03T09:40:00+09:00")
    for number in range(2):
        office.say(
            office.tanaka,
            f"add 聴講 {number}, 聴講{number}株式会社 source:ウェビナー campaign:<!channel>*y*",
        )
    for number in range(1, 4):
        office.say(office.tanaka, f"qualify L-{number}")
    office.say(office.tanaka, "qualify L-5")
    office.say(office.tanaka, "withdraw L-5")
    office.say(office.aoki, "claim L-1")
    office.say(office.aoki, "won L-1")
    office.say(office.aoki, "claim L-2")
    office.say(office.aoki, "return L-2 no_fit 対象外")
    office.say(office.aoki, "return L-3 unreachable 不通")
    office.say(office.tanaka, "qualify L-3")


def test_report_counts_what_each_source_came_to(office: Office) -> None:
    """How many became MQL, SQL and won, how many offers were accepted, and why the others came back."""
    history(office)
    rows = table_of(office, office.tanaka, "report sources 2026-Q3")
    assert rows[1:] == [
        ["展示会", "4", "3（75%）", "2（50%）", "1（25%）", "67%", "対象外 1、連絡がつかない 1"],
        ["ウェビナー", "2", "0", "0", "0", "–", "–"],
        ["合計", "6", "3（50%）", "2（33%）", "1（17%）", "67%", "対象外 1、連絡がつかない 1"],
    ]
    campaigns = table_of(office, office.mori, "report campaigns 2026")
    assert [row[:2] for row in campaigns[1:]] == [["夏の展示会", "4"], ["<!channel>*y*", "2"], ["合計", "6"]]


@pytest.mark.parametrize(
    ("period", "leads"),
    [
        ("", "6"), ("all", "6"), ("全期間", "6"), ("2026年", "6"), ("2026-07", "4"), ("7月", "4"), ("Q3", "6"), ("2026年第3四半期", "6"),
        ("2026-07-02..2026-08-03", "2"), ("7/1〜8/2", "4"), ("2025", ""), ("先月", ""), ("this quarter", ""), ("last year", ""),
    ],
)  # fmt: skip
def test_period_is_the_day_on_which_a_lead_was_added(small_office: Office, period: str, leads: str) -> None:
    """A lead counts in the period in which it came, on the workspace's own days, whenever it moved on."""
    office = small_office
    history(office)
    office.clock.now = datetime.fromisoformat("2026-11-24T09:40:00+09:00")
    answer = office.say(office.tanaka, f"report sources {period}")
    if leads:
        assert table_of(office, office.tanaka, f"レポート 獲得経路 {period}")[-1][1] == leads
    else:
        assert "追加されたリードはありません" in answer.text


def test_what_cannot_be_read_is_refused_in_words(small_office: Office) -> None:
    """An unknown report, an unknown period, and somebody who may not ask."""
    office = small_office
    history(office)
    with unchanged(office):
        assert "sources" in office.say(office.tanaka, "report sauces").text
        for period in ("soon", "2026-13", "0月", "2026-09-01..2026-07-01", "..", "2026-Q5", "x" * 5000):
            assert "2026-Q3" in office.say(office.tanaka, f"report sources {period}").text
        assert "マーケティング" in office.say(office.aoki, "report sources").text


def test_report_tells_of_many_campaigns_within_slacks_limits(small_office: Office) -> None:
    """The best come first; how many are not shown is said."""
    office = small_office
    for number in range(40):
        office.say(office.tanaka, f"add 候補 {number} source:広告 campaign:{'長い' * 80}{number:02}")
    rows = table_of(office, office.tanaka, "report campaigns")
    assert 6 < len(rows) < 40
    assert rows[-1][:2] == ["合計", "40"]
    assert "ほか" in str(office.person("tanaka").private_answers(MARKETING)[-1].blocks)


def test_report_says_what_an_import_came_to_and_cost(office: Office) -> None:
    """By the import that brought them, with the cost of its campaign: what each MQL, SQL and deal cost."""
    content = "氏名,会社名\n" + "\n".join(f"来場 {number},来場{number}株式会社" for number in range(4))
    upload(office, "展示会.csv", content.encode(), source="trade_show", campaign="倉庫DX展", cost="1500000")
    press(office, office.tanaka, "import.start")
    office.say(office.tanaka, "add 佐藤 花, 花屋")
    for line in ("qualify L-1", "qualify L-2"):
        office.say(office.tanaka, line)
    office.say(office.aoki, "claim L-1")
    for name in ("imports", "取り込み"):
        rows = table_of(office, office.tanaka, f"report {name}")
        assert [row[:4] for row in rows[1:]] == [
            ["I-1 展示会.csv", "4", "2（50%）", "1（25%）"],
            ["合計", "4", "2（50%）", "1（25%）"],
        ]
        assert (rows[1][-1], rows[2][-1]) == ("750,000 / 1,500,000 / –", "–")
    by_campaign = table_of(office, office.tanaka, "report campaigns")
    assert {row[0]: row[-1] for row in by_campaign[1:]}["倉庫DX展"] == "750,000 / 1,500,000 / –"
    upload(office, "翌日.csv", "氏名,会社名\n翌日 一,翌日社\n".encode(), campaign="倉庫ＤＸ展")
    press(office, office.tanaka, "import.start")
    assert all("750,000" not in row[-1] for row in table_of(office, office.tanaka, "report imports"))


def test_report_says_what_a_source_cost(office: Office) -> None:
    """The costs of its own campaigns; without one "no cost recorded", and what is not in it is named."""
    for name, source, campaign, cost in (
        ("展示会.csv", "trade_show", "倉庫DX展", "1500000"),
        ("物流展.csv", "trade_show", "物流展", "500000"),
        ("秋.csv", "trade_show", "秋の集い", "70000"),
        ("秋の部.csv", "webinar", "秋の集い", ""),
        ("小さな会.csv", "seminar", "小さな会", ""),
    ):
        content = f"氏名,会社名\n{name} 太郎,{name}株式会社\n{name} 花子,{name}株式会社\n"
        values: dict[str, object] = {"source": source, "campaign": campaign, **({"cost": cost} if cost else {})}
        upload(office, name, content.encode(), None, **values)
        press(office, office.tanaka, "import.start")
    for label in ("L-1", "L-3"):
        office.say(office.tanaka, f"qualify {label}")
    office.say(office.aoki, "claim L-1")
    rows = {row[0]: row[-1] for row in table_of(office, office.tanaka, "report sources")}
    assert rows["展示会"] == "1,000,000 / 2,000,000 / –"
    assert (rows["セミナー"], rows["ウェビナー"], rows["合計"]) == ("費用の記録なし", "費用の記録なし", "–")
    shown = str(office.tanaka.private_answers(MARKETING)[-1].blocks)
    assert "展示会" in shown.partition("の費用に含まれないもの")[0][-30:]


@pytest.mark.sqlite
def test_report_reads_leads_by_their_day(small_office: Office) -> None:
    """What it costs grows with the period, not with the table."""
    office = small_office
    history(office)
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT") and "handoff" in statement:
            steps = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(step[3] for step in steps)

    engine = office.bot.database.engine
    event.listen(engine, "after_cursor_execute", explain)
    office.say(office.tanaka, "report sources 2026-Q3")
    event.remove(engine, "after_cursor_execute", explain)
    searched = [plan for plan in plans if "lead" in plan or "handoff" in plan]
    assert searched
    assert all("created_at" in plan or "lead_id=?" in plan or "id=?" in plan for plan in searched), searched
