"""Random schedules of work and of faults, each made from a seed, and what must be true when the faults have ended."""

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from jobs.table import run_job
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.handoff import Handoff, HandoffState
from models.lead import Lead
from playground.entities import Message
from playground.people import Person
from playground.seed import AOKI, SALES
from tests.jobs.outbox import another_deliverer
from tests.office import Office
from tests.reliability.helpers import Later, Mortal, check_messages, delivery_id_of, posted

HANG_SECONDS, TIMEOUT_SECONDS = 0.12, 0.06
# Longer than a lease, and than the longest pause between two attempts.
LONG_SECONDS = 130
# More rounds than any message can need once nothing goes wrong any more.
ROUNDS = 12

METHODS = {
    "chat.postMessage": 8, "chat.update": 4, "chat.postEphemeral": 3, "conversations.history": 3, "conversations.replies": 2,
    "conversations.info": 1, "conversations.open": 1, "chat.getPermalink": 1, "reactions.get": 1, "response_url": 1, "*": 2,
}  # fmt: skip
PASSING_ERRORS = (
    "internal_error",
    "fatal_error",
    "request_timeout",
    "service_unavailable",
    "ratelimited",
    "invalid_auth",
)
BODIES = ("<html>Bad gateway</html>", "", "[]", '{"ok": true}', "null")
HANDS = ("raised_hand", "raising_hand::skin-tone-3", "hand", "man-raising-hand")


class Schedule:
    """One seed's work and faults in an office that others have used before it."""

    def __init__(self, office: Office, later: Later, seed: int) -> None:
        self.office, self.later, self.lot = office, later, random.Random(seed)  # noqa: S311
        self.faults = office.workspace.faults
        self.counts: Counter[str] = Counter()
        self.leads: list[int] = []
        self._known = {row.id for row in self._rows(Delivery)}
        self._whispered_before = self._whispered()
        self._hanging_until = 0.0
        self._mortal = Mortal(office.bot)

    def run(self) -> None:
        """Work while things go wrong; mend them, let time pass, and look at what is there."""
        self.office.bot.client.timeout = TIMEOUT_SECONDS  # type: ignore[assignment]  # Whole seconds, to Slack's client.
        acts = [self._hand_off] * 3 + [self._act] * 6 + [self._plan_fault] * 5 + [self._deliver] * 5
        acts += [self._pass_time] * 2 + [self._fall_overdue, self._look_for_hands, self._die]
        self._hand_off()
        for _ in range(self.lot.randint(6, 16)):
            self.lot.choice(acts)()
        self._mend()
        self.check()

    # work

    def _hand_off(self) -> None:
        tanaka, address = self.office.tanaka, f"a{self.lot.getrandbits(60)}@minamo.example"
        said = self.office.say(tanaka, f"add 中村 理恵, ミナモ精機, {address}").text
        lead = self.office.leads()[-1]
        assert lead.email == address
        # Slack shows the answer to the second of two copies.
        assert lead.label in said or "変更していません" in said
        self.leads.append(lead.number)
        self.office.say(tanaka, f"qualify {lead.label} 今朝デモ依頼")

    def _act(self) -> None:
        number = self.lot.choice(self.leads)
        seller = self.lot.choice([self.office.aoki, self.office.sato])
        acts: list[Callable[[], object]] = [
            partial(self._claim_by_command, seller, number),
            partial(self._claim_on_card, seller, number),
            partial(self._claim_on_card, seller, number),
            partial(self.office.say, seller, f"return L-{number} no_need"),
            partial(self.office.say, seller, f"release L-{number}"),
            partial(self.office.say, self.office.tanaka, f"withdraw L-{number}"),
            partial(self.office.say, self.office.tanaka, f"qualify L-{number}"),
            partial(self.office.say, self.office.mori, f"assign L-{number} <@{AOKI}>"),
        ]
        self.lot.choice(acts)()

    def _claim_by_command(self, seller: Person, number: int) -> None:
        said = self.office.say(seller, f"claim L-{number}").text
        if "担当はあなたです" in said or "is yours" in said:
            owner = self.office.lead(number).owner_id
            assert owner is not None, f"L-{number} was said to be claimed"

    def _claim_on_card(self, seller: Person, number: int) -> None:
        cards = [card for card in self._cards() if f"L-{number}" in card.text and "handoff.claim" in str(card.blocks)]
        if not cards:
            return
        hand = self.lot.choice(HANDS)
        if self.lot.random() < 0.5:
            seller.click(cards[-1], "handoff.claim")
        elif seller.id not in cards[-1].reactions.get(hand, ()):
            seller.react(cards[-1], hand)

    def _fall_overdue(self) -> None:
        self.office.clock.move(hours=self.lot.randint(1, 5))
        run_job("handoffs", self.office.bot.jobs)

    def _look_for_hands(self) -> None:
        run_job("reactions", self.office.bot.jobs)

    def _pass_time(self) -> None:
        self._let_hanging_calls_end()
        self.later.ahead += self.lot.choice([1, 3, 11, 61, LONG_SECONDS])

    # what goes wrong

    def _plan_fault(self) -> None:
        method = self.lot.choices(list(METHODS), list(METHODS.values()))[0]
        times, after = self.lot.randint(1, 3), self.lot.random() < 0.5
        plans: dict[str, Callable[[], object]] = {
            "drop before": lambda: self.faults.drop_before(method, times),
            "drop after": lambda: self.faults.drop_after(method, times),
            "500": lambda: self.faults.server_error(method, self.lot.choice([500, 502, 503]), times, after_work=after),
            "429": lambda: self.faults.rate_limit(method, self.lot.randint(1, 40), times),
            "garbage": lambda: self.faults.garbage(method, self.lot.choice(BODIES), times, after_work=after),
            "error": lambda: self.faults.refuse(method, self.lot.choice(PASSING_ERRORS), times),
            "hang": lambda: self.faults.hang(method, HANG_SECONDS, 1, after_work=after),
            "sent twice": lambda: self.faults.send_twice(self.lot.choice(["events_api", "slash_commands"])),
            "retry first": self.faults.retry_first,
        }
        kind = self.lot.choice(list(plans))
        plans[kind]()
        self.counts[kind] += 1

    def _deliver(self) -> None:
        self._send()

    def _die(self) -> None:
        self._hand_off()
        self._send(steps=self.lot.randint(1, 14))

    def _send(self, steps: int = 0) -> None:
        if self._mortal.deliver(steps):
            self.counts["killed"] += 1
            self.office.bot.deliverer = another_deliverer(self.office)
        if self.counts["hang"]:
            self._hanging_until = time.monotonic() + HANG_SECONDS

    # afterwards

    def _let_hanging_calls_end(self) -> None:
        time.sleep(max(self._hanging_until - time.monotonic(), 0))

    def _mend(self) -> None:
        self.faults.clear()
        self._mortal.close()
        self.office.bot.client.timeout = 10
        self._let_hanging_calls_end()
        self.office.server.settle()
        run_job("reactions", self.office.bot.jobs)
        for _ in range(ROUNDS):
            self.later.ahead += LONG_SECONDS
            self.office.bot.deliverer.run()
            if all(row.state is not DeliveryState.PENDING for row in self._deliveries()):
                return

    def check(self) -> None:
        """Fail for anything lost or doubled, and for a card that does not show how its handoff stands."""
        rows = self._deliveries()
        messages = [message for message in posted(self.office.workspace) if delivery_id_of(message) not in self._known]
        check_messages(rows, messages, self._whispered() - self._whispered_before)
        by_id = {delivery_id_of(message): message for message in messages}
        cards = {row.subject_id: row for row in rows if row.kind is DeliveryKind.HANDOFF_CARD}
        leads = {lead.id for lead in self._rows(Lead) if lead.number in self.leads}
        handoffs = [handoff for handoff in self._rows(Handoff) if handoff.lead_id in leads]
        assert {handoff.id for handoff in handoffs} == set(cards), "a handoff without a card"
        for handoff in handoffs:
            card = by_id.get(cards[handoff.id].id)
            assert card or handoff.state is HandoffState.WITHDRAWN, "a handoff that nobody was told of"
            is_claimable = card is not None and "handoff.claim" in str(card.blocks)
            assert is_claimable == (handoff.state is HandoffState.OFFERED), "a card that shows what is no longer so"
        self.counts["messages"] += len(messages)
        self.counts["unknown"] += sum(row.state is DeliveryState.UNKNOWN for row in rows)

    def _deliveries(self) -> list[Delivery]:
        return [row for row in self._rows(Delivery) if row.id not in self._known]

    def _rows(self, table: Any) -> list[Any]:
        with self.office.bot.database.read() as session:
            return list(session.scalars(select(table).order_by(col(table.id))))

    def _cards(self) -> list[Message]:
        return [m for m in self.office.workspace.messages.top_level(SALES) if m.metadata]

    def _whispered(self) -> int:
        return sum(call.ok for call in self.office.workspace.calls.of("chat.postEphemeral"))
