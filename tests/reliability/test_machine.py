"""Whatever people, Slack, the clock and the supervisor do in whatever order, the bot does what a plain model of it says.

The model knows stages, owners, handoffs and which cards stand in the channel. Hypothesis looks for steps after which the
bot differs from it, and shows the fewest.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot import Bot
from jobs.table import run_job
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.handoff import RELEASE_MINUTES, Handoff, HandoffState
from models.lead import Stage
from playground import PlaygroundServer
from playground.delivery import Kind
from playground.entities import Json, Message
from playground.people import Person
from playground.seed import SALES, demo_workspace
from services.members import find_member
from tests.jobs.outbox import outbox
from tests.office import Clock, Office, settings_for, slack_time
from tests.postgres import fresh_url
from tests.reliability.helpers import Later, Mortal, check_messages, delivery_id_of, posted
from tests.reliability.recorder import record
from web.app import make_web
from web.server import WebServer

EXAMPLES, STEPS = int(os.environ.get("COUNT", "300")), 40
OFFERED, CLAIMED = HandoffState.OFFERED, HandoffState.CLAIMED
RETURNED, WITHDRAWN = HandoffState.RETURNED, HandoffState.WITHDRAWN
HANDS = ("raised_hand", "raising_hand", "hand", "raised_hand::skin-tone-2", "raised_hand::skin-tone-3")
LONG_SECONDS, ROUNDS = 130, 12

SELLERS = st.sampled_from(["aoki", "sato"])
LEADS = st.integers(0, 3)
BROKEN = st.sampled_from(
    ["chat.postMessage", "chat.update", "chat.postEphemeral", "conversations.history", "conversations.info"]
)


@dataclass
class Offer:
    """What the model knows of one handoff."""

    state: HandoffState = OFFERED
    owner: str | None = None
    claimed_at: datetime | None = None
    must_stand: bool = False
    """Its card was sent while Slack was well."""
    may_stand: bool = False
    """Its card was tried to be sent."""


@dataclass
class Model:
    """What the model knows of one lead."""

    stage: Stage = Stage.INQUIRY
    owner: str | None = None
    is_recycled: bool = False
    touches: int = 0
    offers: list[Offer] = field(default_factory=list)

    @property
    def offer(self) -> Offer:
        return self.offers[-1] if self.offers else Offer(state=WITHDRAWN)

    def is_owned_by_another(self, name: str) -> bool:
        return self.owner not in {None, name}


class Branch(RuleBasedStateMachine):
    """A bot, its Slack, its database and its clock, beside the model."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.stack, self.clock, self.later = ExitStack(), Clock(), Later()
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("jobs.deliver.time", self.later)
        patch.setattr("jobs.deliver.datetime", self.later)
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.url = self.stack.enter_context(fresh_url(self.kind, folder, migrated=True))
        self.server = self.stack.enter_context(PlaygroundServer(demo_workspace(slack_time(self.clock))))
        self.server.workspace.timing.rate_limits = False
        self.server.workspace.timing.event_retry_delays = (0.0,)
        self.models: list[Model] = []
        self.is_broken = False
        self.last: Callable[[], object] = lambda: None
        self._start()

    # the bot

    def _start(self) -> None:
        bot = Bot(settings_for(self.server, self.url), self.clock)
        bot.deliverer.seconds_between_posts = 0
        self.web = WebServer(
            make_web(bot.app, bot.settings, bot.database, bot.workspace_id, bot.vitals, self.clock, bot.metrics),
            "127.0.0.1", 0,
        )  # fmt: skip
        self.web.start()
        self.office, self.mortal = Office(self.server, bot, self.clock), Mortal(bot)
        run_job("members", bot.jobs)
        assert self.server.deliver_to(f"http://127.0.0.1:{self.web.port}/slack/events")

    def _stop(self) -> None:
        self.mortal.close()
        self.web.stop(1)
        self.office.bot.responder.close()
        self.office.bot.database.engine.dispose()

    @rule(steps=st.integers(0, 12))
    def crash(self, steps: int) -> None:
        """The process dies, perhaps in the middle of sending; the next one looks for hands that were raised meanwhile."""
        if steps:
            self._deliver(steps)
        self._stop()
        self._start()
        run_job("reactions", self.office.bot.jobs)

    # what people do

    @initialize()
    def add_first(self) -> None:
        self.add()

    @precondition(lambda self: len(self.models) < 4)
    @rule()
    def add(self) -> None:
        """Tanaka adds a lead."""
        number = len(self.models) + 1
        said = self._say(
            self.office.tanaka, f"add 中村 {'一二三四'[number - 1]}郎, ミナモ精機, n{number}@minamo.example"
        )
        assert f"L-{number}" in said
        self.models.append(Model())

    @rule(lead=LEADS)
    def log(self, lead: int) -> None:
        """Tanaka logs a contact of few points."""
        model = self._model(lead)
        if model.touches < 8:
            self._say(self.office.tanaka, f"log {self._label(lead)} other")
            model.touches += 1

    @rule(lead=LEADS)
    def qualify(self, lead: int) -> None:
        """Tanaka offers a lead."""
        self._say(self.office.tanaka, f"qualify {self._label(lead)}")
        model = self._model(lead)
        if model.stage is Stage.INQUIRY:
            model.stage, model.is_recycled = Stage.MQL, False
            model.offers.append(Offer())

    @rule(lead=LEADS)
    def withdraw(self, lead: int) -> None:
        """Tanaka takes an offer back."""
        self._say(self.office.tanaka, f"withdraw {self._label(lead)}")
        model = self._model(lead)
        if model.offer.state is OFFERED:
            model.offer.state, model.stage = WITHDRAWN, Stage.INQUIRY

    @rule(lead=LEADS, name=SELLERS)
    def claim(self, lead: int, name: str) -> None:
        """Somebody claims a lead by command."""
        self._say(self.office.person(name), f"claim {self._label(lead)}")
        self._claimed(self._model(lead), self._model(lead).offer, name)

    @rule(lead=LEADS, name=SELLERS)
    def click(self, lead: int, name: str) -> None:
        """Somebody clicks on the newest card of the lead on which there is still a button."""
        cards = [card for card in self._cards(lead) if "handoff.claim" in str(card[0].blocks)]
        if cards:
            message, offer = cards[-1]
            person = self.office.person(name)
            body = person.click(message, "handoff.claim").body
            self._remember(person, "interactive", body)
            self._claimed(self._model(lead), offer, name)

    @rule(lead=LEADS, name=SELLERS, hand=st.sampled_from(HANDS))
    def react(self, lead: int, name: str, hand: str) -> None:
        """Somebody raises a hand on the newest card of the lead."""
        cards, person = self._cards(lead), self.office.person(name)
        if cards and person.id not in cards[-1][0].reactions.get(hand, ()):
            person.react(cards[-1][0], hand)
            self._remember(person, "events_api", self.server.dispatcher.deliveries[-1].body)
            self._claimed(self._model(lead), cards[-1][1], name)

    def _claimed(self, model: Model, offer: Offer, name: str) -> None:
        if offer.state is OFFERED:
            offer.state, offer.owner, offer.claimed_at = CLAIMED, name, self.clock()
            model.stage, model.owner = Stage.SQL, name

    @rule(lead=LEADS, name=SELLERS)
    def give_back(self, lead: int, name: str) -> None:
        """Somebody returns a lead that is theirs or nobody's."""
        self._say(self.office.person(name), f"return {self._label(lead)} no_need")
        model = self._model(lead)
        if model.offer.state in {OFFERED, CLAIMED} and not model.is_owned_by_another(name):
            model.offer.state = RETURNED
            model.stage, model.owner, model.is_recycled = Stage.INQUIRY, None, True

    @rule(lead=LEADS, name=SELLERS)
    def release(self, lead: int, name: str) -> None:
        """Somebody puts a claim of theirs back, in time or too late."""
        self._say(self.office.person(name), f"release {self._label(lead)}")
        model = self._model(lead)
        offer = model.offer
        is_theirs = offer.state is CLAIMED and model.owner == name
        if is_theirs and offer.claimed_at and self.clock() - offer.claimed_at <= timedelta(minutes=RELEASE_MINUTES):
            offer.state, offer.owner, offer.claimed_at = OFFERED, None, None
            model.stage, model.owner = Stage.MQL, None

    @rule()
    def repeat(self) -> None:
        """The last request comes once more."""
        self.last()

    # what Slack and the clock do

    @rule(minutes=st.sampled_from([1, 10, 16, 130, 600]))
    def move_clock(self, minutes: int) -> None:
        """Time passes, and whoever is late is reminded."""
        self.clock.move(minutes=minutes)
        self.later.ahead += 60 * minutes
        run_job("handoffs", self.office.bot.jobs)

    @rule(method=BROKEN, how=st.sampled_from(["drop", "drop after", "500", "429", "error"]))
    def break_slack(self, method: str, how: str) -> None:
        """A method of Slack's goes wrong until it is mended."""
        faults, self.is_broken = self.server.workspace.faults, True
        breaking: dict[str, Callable[[], None]] = {
            "drop": lambda: faults.drop_before(method, None),
            "drop after": lambda: faults.drop_after(method, None),
            "500": lambda: faults.server_error(method, 503, None),
            "429": lambda: faults.rate_limit(method, 5, None),
            "error": lambda: faults.refuse(method, "internal_error", None),
        }
        breaking[how]()

    @rule()
    def mend_slack(self) -> None:
        """Slack is well again."""
        self.server.workspace.faults.clear()
        self.is_broken = False

    @rule(passes=st.booleans())
    def deliver(self, passes: bool) -> None:
        """What is due is sent, perhaps after leases and pauses have passed."""
        self.later.ahead += LONG_SECONDS if passes else 0
        self._deliver(0)

    def _deliver(self, steps: int) -> None:
        for offer in (offer for model in self.models for offer in model.offers):
            if offer.state is not WITHDRAWN:
                offer.may_stand = True
        self.mortal.deliver(steps)

    # what must be so

    @invariant()
    def the_tables_say_what_the_model_says(self) -> None:
        """Stages, owners, handoffs and contacts, after every step."""
        leads, handoffs = self.office.leads(), self.office.handoffs()
        names = {self._member_id(name): name for name in ("aoki", "sato")} | {None: None}
        assert len(leads) == len(self.models)
        assert len(self.office.touchpoints()) == sum(model.touches for model in self.models)
        for lead, model in zip(leads, self.models, strict=True):
            assert (lead.stage, names[lead.owner_id], lead.is_recycled) == (model.stage, model.owner, model.is_recycled)
            found = [(handoff.state, names[handoff.owner_id]) for handoff in handoffs if handoff.lead_id == lead.id]
            told = [(offer.state, offer.owner) for offer in model.offers]
            assert [state for state, _ in found] == [state for state, _ in told]
            assert [owner for state, owner in found if state is CLAIMED] == [o for s, o in told if s is CLAIMED]

    def teardown(self) -> None:
        """When all is well again, each message is there once and shows what is."""
        try:
            if self.models:
                self._check_the_end()
        finally:
            self._stop()
            self.stack.close()

    def _check_the_end(self) -> None:
        self.mend_slack()
        self.the_tables_say_what_the_model_says()
        for _ in range(ROUNDS):
            self.later.ahead += LONG_SECONDS
            self.office.bot.deliverer.run()
            if all(row.state is not DeliveryState.PENDING for row in outbox(self.office)):
                break
        workspace = self.server.workspace
        whispered = sum(call.ok for call in workspace.calls.of("chat.postEphemeral"))
        check_messages(outbox(self.office), posted(workspace), whispered)
        for lead, model in enumerate(self.models):
            shown = {id(offer): message for message, offer in self._cards(lead)}
            for offer in model.offers:
                card = shown.get(id(offer))
                assert card or (offer.state is WITHDRAWN), "no card"
                assert card is None or offer.may_stand or offer.state is not WITHDRAWN, "a card too many"
                assert ("handoff.claim" in str(card and card.blocks)) == (offer.state is OFFERED)
                if card and offer.state is CLAIMED:
                    assert {"aoki": "青木", "sato": "Sato"}[str(offer.owner)] in card.text

    # helpers

    def _model(self, lead: int) -> Model:
        return self.models[lead % len(self.models)]

    def _label(self, lead: int) -> str:
        return f"L-{lead % len(self.models) + 1}"

    def _member_id(self, name: str) -> int | None:
        person = self.office.person(name)
        with self.office.bot.database.read() as session:
            member = find_member(session, self.office.bot.workspace_id, person.id)
        return member.id if member else None

    def _say(self, person: Person, line: str) -> str:
        result = self.office.say(person, line)
        self._remember(person, "slash_commands", result.body)
        assert result.ok, result.error
        return result.text

    def _remember(self, person: Person, kind: Kind, body: Json) -> None:
        self.last = lambda: person.send(kind, body)

    def _cards(self, lead: int) -> list[tuple[Message, Offer]]:
        """Return the lead's cards in the channel that the bot knows to stand there, with their offers."""
        model, number = self._model(lead), lead % len(self.models)
        lead_id = self.office.leads()[number].id
        handoffs: list[Handoff] = [handoff for handoff in self.office.handoffs() if handoff.lead_id == lead_id]
        rows: dict[int, Delivery] = {row.subject_id: row for row in outbox(self.office, DeliveryKind.HANDOFF_CARD)}
        messages = {delivery_id_of(m): m for m in self.server.workspace.messages.top_level(SALES) if m.metadata}
        known = [(rows[handoff.id], offer) for handoff, offer in zip(handoffs, model.offers, strict=True)]
        return [(messages[row.id], offer) for row, offer in known if row.slack_ts and row.id in messages]


def run_machine(kind: str, **profile: object) -> None:
    """Let Hypothesis look for a difference between bot and model."""

    class OnThisDatabase(Branch):
        pass

    OnThisDatabase.kind = kind
    common = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
    run_state_machine_as_test(OnThisDatabase, settings=settings(**common, **profile))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_bot_does_what_the_model_says(kind: str) -> None:
    """A few walks, always the same."""
    run_machine(
        kind,
        max_examples=4,
        stateful_step_count=20,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
    )


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_bot_does_what_the_model_says_on_long_walks(kind: str) -> None:
    """Many long walks, others each time; Hypothesis prints what repeats a failure."""
    run_machine(kind, max_examples=EXAMPLES, stateful_step_count=STEPS)
    record(
        "state machine against its model",
        {"database": kind, "seed": "any", "walks": EXAMPLES, "steps at most in each": STEPS, "differences": 0},
    )
