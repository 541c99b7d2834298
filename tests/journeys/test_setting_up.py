"""The first manager sets Baton up; from then on roles follow the channels."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.seed import GENERAL, MARKETING, PARTNERS, SALES
from tests.journeys.steps import NAKAMURA, form_of, initial, unchanged
from tests.office import Office, open_office
from tests.postgres import usual_url


@pytest.fixture
def new_office(tmp_path: Path) -> Iterator[Office]:
    """An office where nobody has set anything up."""
    with usual_url(tmp_path, migrated=True) as url, open_office(url, channels=False) as office:
        yield office


def set_up(office: Office, **values: object) -> None:
    """Have the manager fill the form in."""
    office.say(office.mori, "")
    assert office.mori.submit({"sales_channel": SALES, "marketing_channel": MARKETING, **values}).outcome == "cleared"
    office.run("members")


def test_first_manager_gets_the_form_and_others_help(new_office: Office) -> None:
    """`/lead` alone: the form for a manager, the list of commands for everybody else."""
    office = new_office
    assert "/lead add" in office.person("kim").command(GENERAL, "/lead").text
    assert office.say(office.mori, "").message is None
    assert form_of(office.mori).callback_id == "setup.save"
    assert initial(form_of(office.mori), "mql_threshold") == "60"


def test_offers_wait_for_a_team(new_office: Office) -> None:
    """Leads are kept before anything is set up; handing off says what is missing and who can."""
    office = new_office
    office.say(office.mori, NAKAMURA)
    with unchanged(office):
        assert "/lead setup" in office.say(office.mori, "qualify L-1").text


def test_setup_gives_roles_and_rules_at_once(new_office: Office) -> None:
    """Channel members may act, the card goes where the form says, in the language that it says."""
    office = new_office
    office.say(office.tanaka, NAKAMURA)
    assert "マーケティング" in office.say(office.tanaka, "qualify L-1").text
    set_up(office, team_locale="en", team_name="Enterprise", claim_minutes="30", mql_threshold="5", hot_threshold="20")
    assert "Baton" in office.heard(office.mori)
    assert "Enterprise" in office.say(office.tanaka, "qualify L-1").text
    office.deliver()
    assert "handed off" in office.cards()[0].text.lower() or "handoff" in office.cards()[0].text.lower()
    office.clock.move(minutes=31)
    office.run("handoffs")
    assert office.handoffs()[0].overdue_since is not None
    assert office.aoki.click(office.cards()[0], "handoff.claim").ok
    assert office.handoffs()[0].state == "claimed"


def test_form_is_checked_at_its_fields(new_office: Office) -> None:
    """What does not fit together is refused where it was typed."""
    office = new_office
    office.say(office.mori, "setup")
    channels = {"sales_channel": SALES}
    with unchanged(office):
        assert office.mori.submit({**channels, "hot_threshold": "10"}).errors.keys() == {"hot_threshold"}
        assert office.mori.submit(
            {"hot_threshold": "80", "open_from": "18:00", "open_until": "9:00"}, force=True
        ).errors.keys() == {"open_until"}
        forced = {"open_from": "09:00", "open_until": "18:00"}
        assert office.mori.submit({**forced, "mql_threshold": "9" * 5000}, force=True).errors.keys() == {
            "mql_threshold"
        }
        assert office.mori.submit({"mql_threshold": "60", "working_days": []}, force=True).errors.keys() == {
            "working_days"
        }
        assert office.mori.submit({"working_days": ["mon"], "sales_channel": None}, force=True).errors.keys() == {
            "sales_channel"
        }


def test_only_managers_set_up(small_office: Office) -> None:
    """Who may not is told who can."""
    office = small_office
    with unchanged(office):
        assert "森" in office.say(office.tanaka, "setup").text
        assert "森" in office.say(office.aoki, "設定").text
    assert office.tanaka.view is None


def test_roles_follow_the_channels(small_office: Office) -> None:
    """Who joins sales can claim from the next click on; who leaves cannot."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    brown = office.person("brown")
    assert "Claiming" in brown.command(GENERAL, "/lead claim L-1").text
    brown.join(SALES)
    assert "is yours" in brown.command(GENERAL, "/lead claim L-1").text
    brown.command(GENERAL, "/lead release L-1")
    brown.leave(SALES)
    assert "Claiming" in brown.command(GENERAL, "/lead claim L-1").text
    assert office.handoffs()[0].state == "offered"


def test_without_a_marketing_channel_nobody_is_marketing(small_office: Office) -> None:
    """The role goes with the channel that gave it."""
    office = small_office
    office.say(office.mori, "setup")
    office.mori.submit({"marketing_channel": None})
    office.run("members")
    office.say(office.tanaka, NAKAMURA)
    assert "マーケティング" in office.say(office.tanaka, "qualify L-1").text


def test_card_never_goes_into_a_shared_channel(small_office: Office) -> None:
    """A channel shared with another organisation gets no personal data, whatever was chosen."""
    office = small_office
    office.say(office.mori, "setup")
    office.mori.submit({"sales_channel": PARTNERS}, force=True)
    office.run("members")
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    office.deliver()
    assert not [message for message in office.mori.sees(PARTNERS) if "中村" in str(message.blocks)]
