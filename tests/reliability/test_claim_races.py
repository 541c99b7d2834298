"""Eight people in four processes want the same lead, by button, by reaction and by command: one has it, all know who."""

import os
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event

from models.handoff import Handoff, HandoffState
from models.lead import Lead
from models.records import Change, ChangeKind
from playground import PlaygroundServer
from playground.entities import Message
from playground.people import Person
from playground.seed import MARKETING, SALES
from tests.journeys.steps import NAKAMURA, at_once
from tests.office import Office
from tests.postgres import fresh_url
from tests.reliability.fleet import fleet_at
from tests.reliability.helpers import Tables, until
from tests.reliability.recorder import record

PROCESSES, RACERS = 4, 8
SHORT, ROUND = 10, 250
SEED = int(os.environ.get("SEED", "0"))
COUNT = int(os.environ.get("COUNT", "10000"))
# What everybody does in one race; who does which is drawn anew each time.
WAYS = ("click", "click", "click", "react", "react", "react", "command", "command")
BUSY = re.compile("混み合って|busy")
HANDS = ("raised_hand", "hand::skin-tone-4", "man-raising-hand")


class Contest:
    """A sales team of eight in front of four processes."""

    def __init__(self, server: PlaygroundServer, lot: random.Random) -> None:
        self._server, self._lot = server, lot
        self.tanaka = server.person("tanaka")
        self.sellers = [_seller(server, number) for number in range(RACERS)]
        self.ways: Counter[str] = Counter()
        self._numbers = count(1)

    def race(self) -> None:
        """Offer a lead, let everybody go for it at once, and check what each was told."""
        number = next(self._numbers)
        said = self._saved(self.tanaka, f"add 鈴木 {number}号 x{number}@example.co.jp")
        found = re.search(r"L-\d+", said)
        assert found, said
        label = found.group()
        card = self._offered(label)
        ways = self._lot.sample(WAYS, RACERS)
        acts = [partial(self._act, seller, way, card, label) for seller, way in zip(self.sellers, ways, strict=True)]
        at_once(*acts)
        about = re.compile(rf"{label}\b")
        until(lambda: all(self._hears(seller, about, label) for seller in self.sellers), 60)
        told = [self._told(seller, about) for seller in self.sellers]
        winners = [number for number, text in enumerate(told) if "is yours" in text]
        assert len(winners) == 1, told
        self.ways[ways[winners[0]]] += 1
        losers = [text for text in told if "is yours" not in text]
        assert all(f"Seller{winners[0]} claimed {label}" in text for text in losers), told

    def _offered(self, label: str) -> Message:
        """Hand the lead off, again while it is refused: who is in marketing is read after the start. Return its card."""
        about = re.compile(rf"{label}\b")
        cards: list[Message] = []

        def offer() -> bool:
            self._saved(self.tanaka, f"qualify {label}")
            shown = self._server.workspace.messages.in_channel(SALES)
            cards.extend(message for message in reversed(shown) if about.search(message.text))
            return bool(cards)

        until(offer, 60)
        return cards[0]

    def _act(self, seller: Person, way: str, card: Message, label: str) -> None:
        if way == "click":
            seller.click(card, "handoff.claim")
        elif way == "react":
            seller.react(card, HANDS[self._lot.randrange(len(HANDS))])
        else:
            seller.command(SALES, f"/lead claim {label}")

    def _saved(self, person: Person, line: str) -> str:
        """Have somebody type a line until it is not refused because the database was busy; return the answer."""
        answers: list[str] = []

        def say() -> bool:
            result = person.command(MARKETING if person is self.tanaka else SALES, f"/lead {line}")
            answers.append(result.text)
            return result.ok and not BUSY.search(result.text)

        until(say)
        return answers[-1]

    def _hears(self, seller: Person, about: re.Pattern[str], label: str) -> bool:
        """Tell whether somebody knows how it went; whoever was refused as the database was busy asks once more."""
        last = seller.private_answers(SALES)[-1:]
        if last and BUSY.search(last[0].text):
            self._saved(seller, f"claim {label}")
        return bool(self._told(seller, about))

    def _told(self, seller: Person, about: re.Pattern[str]) -> str:
        answers = [message.text for message in seller.private_answers(SALES) if about.search(message.text)]
        return answers[-1] if answers else ""


def _seller(server: PlaygroundServer, number: int) -> Person:
    workspace = server.workspace
    user = workspace.add_user(f"seller{number}", real_name=f"Seller{number}", locale="en-US")
    workspace.join(SALES, user.id)
    return server.person(user.id)


@contextmanager
def _contest(kind: str, folder: Path, lot: random.Random) -> Iterator[tuple[Contest, Tables]]:
    folder.mkdir(exist_ok=True)
    with PlaygroundServer() as server, fresh_url(kind, folder, migrated=True) as url:
        server.workspace.timing.rate_limits = False
        # A hand may be up before the card's ts is stored: Slack sends it again.
        server.workspace.timing.event_retry_delays = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
        contest, tables = Contest(server, lot), Tables(url)
        with fleet_at(server, url, folder) as fleet:
            processes = [fleet.start() for _ in range(PROCESSES)]
            for process in processes:
                process.ready()
            assert server.links.wait(PROCESSES)
            yield contest, tables
            assert all(process.code is None for process in processes)
            said = [line["event"] for process in processes for line in process.lines]
            assert not [event for event in said if "unexpected" in event]
        tables.close()


def _check(tables: Tables, races: int) -> None:
    """Every handoff has one owner, the lead has the same, and it was written down once."""
    handoffs = {handoff.lead_id: handoff for handoff in tables.all(Handoff)}
    claims = Counter(change.lead_id for change in tables.all(Change) if change.kind is ChangeKind.CLAIMED)
    assert len(handoffs) == races
    assert claims == Counter(handoffs.keys())
    for lead in tables.all(Lead):
        assert handoffs[lead.id].state is HandoffState.CLAIMED
        assert lead.owner_id == handoffs[lead.id].owner_id


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_one_of_eight_in_four_processes_wins_and_the_rest_are_told_who(kind: str, tmp_path: Path) -> None:
    """Race after race, whoever does what: one winner, seven who hear the winner's name."""
    with _contest(kind, tmp_path, random.Random(7)) as (contest, tables):  # noqa: S311  Nothing is secret here.
        for _ in range(SHORT):
            contest.race()
        _check(tables, SHORT)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_ten_thousand_races_have_ten_thousand_winners(kind: str, tmp_path: Path) -> None:
    """The same for long, in fresh processes every few hundred races."""
    ways: Counter[str] = Counter()
    for number in range(SEED, SEED + COUNT // ROUND):
        lot = random.Random(number)  # noqa: S311  The same.
        with _contest(kind, tmp_path / str(number), lot) as (contest, tables):
            for _ in range(ROUND):
                contest.race()
            _check(tables, ROUND)
            ways += contest.ways
    figures = {
        "races": COUNT // ROUND * ROUND,
        "racers": RACERS,
        "processes": PROCESSES,
        "without exactly one winner": 0,
    }
    won = {f"won by {way}": count for way, count in sorted(ways.items())}
    record("claims raced for", {"database": kind, "seed": f"{SEED} to {SEED + COUNT // ROUND - 1}", **figures, **won})


@pytest.mark.parametrize("way", ["click", "raised_hand"])
def test_whoever_is_faster_than_slacks_answer_to_our_post_counts(office: Office, way: str) -> None:
    """The card is in the channel and we do not know its ts yet: a click claims at once, a hand when Slack tells again."""
    office.workspace.timing.event_retry_delays = (0.2, 0.4, 0.8)
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    office.workspace.faults.hang("chat.postMessage", 0.6, after_work=True)
    posting = threading.Thread(target=office.bot.deliverer.run)
    posting.start()
    until(office.cards)
    act: Callable[[], object] = (
        partial(office.aoki.click, office.cards()[0], "handoff.claim")
        if way == "click"
        else partial(office.aoki.react, office.cards()[0], way)
    )
    act()
    assert posting.is_alive()
    posting.join()
    until(lambda: office.handoffs()[0].state == "claimed")
    office.deliver()
    assert "青木" in office.cards()[0].text


def test_a_hand_raised_while_the_cards_place_is_written_down_counts(office: Office) -> None:
    """The ts is stored between the two questions by which a hand finds its card."""
    office.workspace.timing.event_retry_delays = (0.2, 0.4, 0.8)
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    office.workspace.faults.hang("chat.postMessage", 0.6, after_work=True)
    posting = threading.Thread(target=office.bot.deliverer.run)
    posting.start()
    until(office.cards)
    asked: list[str] = []

    def let_it_be_stored(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if threading.current_thread() is not posting and "FROM delivery" in statement:
            asked.append(statement)
            posting.join()

    event.listen(office.bot.database.engine, "after_cursor_execute", let_it_be_stored)
    office.aoki.react(office.cards()[0], "raised_hand")
    until(lambda: office.handoffs()[0].state == "claimed")
    event.remove(office.bot.database.engine, "after_cursor_execute", let_it_be_stored)
    assert asked
