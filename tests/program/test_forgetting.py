"""A deletion that is killed half way is followed through by the next process."""

import json
import signal

from models.delivery import Delivery, DeliveryState
from models.erasure import Erasure
from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from tests.program.conftest import Program, until
from tests.reliability.helpers import Tables


def test_a_deletion_survives_kills(slack: PlaygroundServer, program: Program) -> None:
    """Kill -9 while the card is being changed, and again while Home tabs are drawn: in the end all of it is done."""
    mori = slack.person("mori")
    slack.workspace.change_user(mori.user.id, is_admin=True)
    program.start()
    assert slack.links.wait()
    until(lambda: mori.command(MARKETING, "/lead add 中村 理恵, ミナモ精機, r@x.example").ok)
    until(
        lambda: (
            mori.command(MARKETING, "/lead qualify L-1 今朝デモ依頼").ok and slack.workspace.messages.in_channel(SALES)
        )
    )
    planned = mori.command(MARKETING, "/lead forget L-1").message
    assert planned is not None
    mori.click(planned, "erasure.confirm_form")
    faults, tables = slack.workspace.faults, Tables(program.environment["DATABASE_URL"])

    def start_again() -> None:
        program.end(signal.SIGKILL)
        until(lambda: len(slack.links) == 0)
        tables.end_leases()
        program.start()
        until(slack.links.wait)

    def erased() -> list[Delivery]:
        return [delivery for delivery in tables.all(Delivery) if delivery.erasure_id]

    faults.hang("chat.update", 5, times=None)
    faults.hang("views.publish", 5, times=None)
    mori.submit({"label": "L-1"})
    until(lambda: any(delivery.leased_until for delivery in erased()))
    start_again()
    faults.clear()
    faults.hang("views.publish", 5, times=None)
    tables.end_leases()
    until(lambda: all(delivery.state is DeliveryState.SENT for delivery in erased()), 30)
    assert tables.all(Erasure)[0].done_at is None
    faults.clear()
    start_again()
    until(lambda: all(erasure.done_at for erasure in tables.all(Erasure)), 30)
    assert len(tables.all(Erasure)) == 1
    standing = [m for place in slack.workspace.channels for m in slack.workspace.messages.in_channel(place)]
    assert not [m for m in standing if "中村" in json.dumps([m.text, m.blocks], ensure_ascii=False)]
    tables.close()
    assert program.end() == 0
