"""What the demo shows: an office with a few leads, and how one of them goes from marketing to sales."""

import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import wrap
from zoneinfo import ZoneInfo

from holidays import country_holidays

from playground.entities import Message
from playground.people import Person
from playground.seed import MARKETING, SALES
from playground.server import PlaygroundServer

PATIENCE_SECONDS = 15.0
WIDTH = 100
TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class Cast:
    """Invented people and companies: leads with what they did, and one, the hero, that sales is offered.

    `{days:12}` stands for the day so many days ago.
    """

    leads: Sequence[tuple[str, Sequence[str]]]
    hero: str
    ripening: Sequence[str]
    plan: str

    @property
    def label(self) -> str:
        """The hero's number: the last lead that is added."""
        return f"L-{len(self.leads) + 1}"


JAPANESE = Cast(
    leads=(
        ("小林 大輔, アオバ物流システム株式会社, 情報システム部 課長, d.kobayashi@aoba-logi.example, 獲得経路:展示会", ("展示会 at:{days:12} 第8回 倉庫DX展",)),
        ("山本 浩, 三葉電装株式会社, h.yamamoto@mitsuba-densou.example, 獲得経路:セミナー", ("セミナー at:{days:20} 在庫管理入門",)),
        ("藤井 彩, さくらの食品工業株式会社, 品質管理部 部長, a.fujii@sakurano.example, 獲得経路:資料請求", ("資料請求 at:{days:9}", "ウェビナー at:{days:5} 質問あり")),
        ("Emma Clarke, Harbour Freight Forwarding Ltd., Head of Operations, emma@harbour.example, source:web", ("form at:{days:6} asks for prices",)),
        ("松田 由美, 東雲ケミカル株式会社, y.matsuda@shinonome.example, 獲得経路:紹介", ("メール 先方から at:{days:15}",)),
        ("木村 直樹, 株式会社カワセ製作所, n.kimura@kawase.example, 獲得経路:名刺", ("名刺 at:{days:100}",)),
    ),
    hero="中村 理恵, ミナモ精機株式会社, 生産管理部 部長, r.nakamura@minamo-seiki.example, 045-555-0142, 獲得経路:展示会",
    ripening=(
        "log {label} 展示会 at:{days:12} 第8回 倉庫DX展、ブースで20分",
        "log {label} 電話 先方から 来週、現場の担当者とデモを見たい",
        "edit {label} 課題:3拠点を別々のExcelで管理 導入時期:2027年3月",
        "log {label} デモ依頼 今朝のフォーム",
    ),
    plan="資料の感想を伺う",
)  # fmt: skip

ENGLISH = Cast(
    leads=(
        ("Daniel Novak, Aoba Logistics Systems Ltd., IT manager, d.novak@aoba-logi.example, source:trade show", ("trade show at:{days:12} Warehouse Expo",)),
        ("Hiro Yamamoto, Mitsuba Denso K.K., h.yamamoto@mitsuba-densou.example, source:seminar", ("seminar at:{days:20} Stock control for beginners",)),
        ("Aya Fujii, Sakurano Foods Inc., Head of Quality, a.fujii@sakurano.example, source:download", ("whitepaper at:{days:9}", "webinar at:{days:5} had questions")),
        ("Emma Clarke, Harbour Freight Forwarding Ltd., Head of Operations, emma@harbour.example, source:web", ("form at:{days:6} asks for prices",)),
        ("Marta Silva, Shinonome Chemicals, m.silva@shinonome.example, source:referral", ("email inbound at:{days:15}",)),
        ("Noel Kim, Kawase Works, n.kim@kawase.example, source:business card", ("card at:{days:100}",)),
    ),
    hero="Rie Nakamura, Minamo Seiki K.K., Head of Production, r.nakamura@minamo-seiki.example, 045-555-0142, source:trade show",
    ripening=(
        "log {label} trade show at:{days:12} Warehouse Expo, twenty minutes at our booth",
        "log {label} call inbound wants a demo next week, with the people of the floor",
        "edit {label} need:three sites on three spreadsheets timing:March 2027",
        "log {label} demo request this morning's form",
    ),
    plan="ask what they think of the document",
)  # fmt: skip

# How a line is typed: silently, or printed with its answer.
Typed = Callable[[Person, str, str], object]


def furnish(server: PlaygroundServer, now: datetime, language: str) -> None:
    """Fill the office for whoever comes to look: a few leads, and one that waits for sales to claim it."""
    tanaka, cast, now = server.person("tanaka"), ENGLISH if language == "en" else JAPANESE, now.astimezone(TOKYO)
    _fill_office(tanaka, cast, now)
    _add_hero(tanaka, cast, now)
    _ripen_hero(tanaka, cast)
    # Slack's clients forget private answers when they are opened anew.
    server.workspace.messages.forget_private()


def _fill_office(tanaka: Person, cast: Cast, now: datetime, typed: Typed = Person.command) -> None:
    for number, (lead, touchpoints) in enumerate(cast.leads, start=1):
        typed(tanaka, MARKETING, f"/lead add {lead}")
        for touchpoint in touchpoints:
            tanaka.command(MARKETING, f"/lead log L-{number} {_dated(touchpoint, now)}")


def _add_hero(tanaka: Person, cast: Cast, now: datetime, typed: Typed = Person.command) -> None:
    typed(tanaka, MARKETING, f"/lead add {cast.hero}")
    for line in cast.ripening[:-1]:
        typed(tanaka, MARKETING, f"/lead {_dated(line.replace('{label}', cast.label), now)}")
    typed(tanaka, MARKETING, f"/lead follow L-3 {next_morning(now).date().isoformat()} {cast.plan}")


def _ripen_hero(tanaka: Person, cast: Cast, typed: Typed = Person.command) -> None:
    typed(tanaka, MARKETING, f"/lead {cast.ripening[-1].replace('{label}', cast.label)}")


def play(
    server: PlaygroundServer,
    wake: Callable[[str], None],
    move_to: Callable[[datetime], None],
    clock: Callable[[], datetime],
) -> None:
    """Play the main job once and print what each person sees. `wake` runs a job at once; `move_to` sets the clock."""
    tanaka, aoki, sato = (server.person(name) for name in ("tanaka", "aoki", "sato"))
    now = clock().astimezone(TOKYO)
    _heading("An office with a few leads")
    _fill_office(tanaka, JAPANESE, now, _type)
    _heading("Marketing adds a lead, logs what they did and plans a next step; the score rises")
    _add_hero(tanaka, JAPANESE, now, _type)
    _heading("A demo request takes the score over the MQL threshold: sales is offered the lead")
    _ripen_hero(tanaka, JAPANESE, _type)
    card = _wait(lambda: _card(aoki, JAPANESE.label))
    _show("#sales-handoffs", card)
    _heading("Two people are quick; one of them wins")
    sato.click(card, "handoff.claim")
    aoki.click(card, "handoff.claim")
    for person in (sato, aoki):
        _show(f"{_who(person)}, privately", _wait(lambda person=person: _last_private(person)))  # type: ignore[misc]
    _show("#sales-handoffs, the same card", _wait(lambda: _changed(aoki, card)))
    _heading("The next working morning: everyone's digest")
    # The bot plans tomorrow's digests today.
    wake("digest")
    time.sleep(1)
    move_to(next_morning(now))
    wake("digest")
    for person in (sato, tanaka):
        _wait(lambda person=person: next(iter(person.dms()), None))  # type: ignore[misc]
        for message in person.dms():
            _show(f"{_who(person)}, direct message", message)
    _heading("Sales gives it back with a reason; marketing learns")
    _type(
        sato, SALES, f"/lead return {JAPANESE.label} too_early {_in_days(45, now)} They compare offers after New Year"
    )
    _show("#marketing", _wait(lambda: next((m for m in reversed(tanaka.sees(MARKETING)) if not m.is_ephemeral and JAPANESE.label in m.text), None)))  # fmt: skip


def _dated(touchpoint: str, now: datetime) -> str:
    """Fill in the day of a line that has one."""
    head, _, rest = touchpoint.partition("{days:")
    if not rest:
        return touchpoint
    days, _, tail = rest.partition("}")
    return f"{head}{_ago(int(days), now)}{tail}"


def _ago(days: int, now: datetime) -> str:
    return (now - timedelta(days=days)).date().isoformat()


def _in_days(days: int, now: datetime) -> str:
    return (now + timedelta(days=days)).date().isoformat()


def next_morning(now: datetime) -> datetime:
    """Return nine o'clock, Tokyo, on the next working day of Japan."""
    day = now.astimezone(TOKYO) + timedelta(days=1)
    while day.weekday() > 4 or day.date() in country_holidays("JP", years=day.year):
        day += timedelta(days=1)
    return day.replace(hour=9, minute=0, second=0, microsecond=0)


def _card(person: Person, label: str) -> Message | None:
    return next((m for m in person.sees(SALES) if not m.is_ephemeral and label in m.text), None)


def _changed(person: Person, card: Message) -> Message | None:
    return next((m for m in person.sees(SALES) if m.ts == card.ts and m.text != card.text), None)


def _last_private(person: Person) -> Message | None:
    return next(iter(person.private_answers(SALES)[-1:]), None)


def _wait(look: Callable[[], Message | None]) -> Message:
    """Look until there is something to see."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError("the bot has not answered: its log says more")


def _type(person: Person, channel: str, line: str) -> None:
    result = person.command(channel, line)
    _print(f"{_who(person)} types  {line}")
    _quote(result.text or result.error)


def _who(person: Person) -> str:
    return person.user.display_name or person.user.real_name


def _show(where: str, message: Message) -> None:
    _print(f"{where}:")
    _quote(message.text)


def _heading(text: str) -> None:
    _print(f"\n── {text} " + "─" * max(0, WIDTH - 4 - len(text)))


def _quote(text: str) -> None:
    for line in _lines(text):
        _print(f"    │ {line}")


def _lines(text: str) -> Iterator[str]:
    """Break a text where the terminal would; a Japanese sign is two columns wide."""
    for paragraph in text.split("\n"):
        yield from _folded(paragraph) if not paragraph.isascii() else (wrap(paragraph, WIDTH - 6) or [""])


def _folded(text: str) -> Iterator[str]:
    line, width = "", 0
    for sign in text:
        columns = 2 if unicodedata.east_asian_width(sign) in "WFA" else 1
        if width + columns > WIDTH - 6:
            yield line
            line, width = "", 0
        line, width = line + sign, width + columns
    yield line


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
