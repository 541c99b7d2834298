"""Everybody reads their own language; a channel reads its team's."""

import re

from playground.seed import SALES
from tests.journeys.steps import SMITH, answer, form_of
from tests.office import Office

JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
LINES = (
    "", "help", SMITH, "log L-1 call", "show L-1", "find Acme", "list", "list hot", "list unclaimed", "list nonsense",
    "edit L-1 budget:$20k", "follow L-1 tomorrow call", "undo", "nonsense", "show L-99", "log L-1 nonsense",
    "log L-1 call at:never", "qualify L-1", "claim L-1", "won L-1", "setup", "assign L-1 x", "return L-1 other",
    "lost L-1 no budget", "log L-1 call", "undo",
)  # fmt: skip


def test_english_reader_gets_english(small_office: Office) -> None:
    """Every answer to every command, good or bad, whatever language the team's channel has."""
    office = small_office
    for line in LINES:
        result = office.say(office.sato, line)
        assert result.message is not None, line
        # Colleagues' names and the Japanese aliases in the help are data.
        shown = re.sub(r"青木|田中|森|中村", "", result.text)
        assert not JAPANESE.search(shown), (line, shown)


def test_japanese_reader_gets_japanese(small_office: Office) -> None:
    """The same of every answer in Japanese."""
    office = small_office
    for line in LINES:
        result = office.say(office.tanaka, line)
        if result.message is not None:
            assert JAPANESE.search(result.text), (line, result.text)


def test_card_is_in_the_channels_language_and_answers_are_not(small_office: Office) -> None:
    """One Japanese card; each claimant is answered in their own language."""
    office = small_office
    office.say(office.tanaka, SMITH)
    office.say(office.tanaka, "qualify L-1")
    office.deliver()
    (card,) = office.cards()
    assert "引き渡し" in card.text
    office.sato.click(card, "handoff.claim")
    assert "is yours" in office.heard(office.sato)
    office.aoki.click(card, "handoff.claim")
    assert "Satoさん" in office.heard(office.aoki)
    office.aoki.react(card, "raised_hand")
    office.deliver()
    assert "Satoさん" in answer(office, office.aoki, SALES).text


def test_forms_and_their_refusals_are_the_readers(small_office: Office) -> None:
    """Forms, their errors, and the apology when Slack opens none."""
    office = small_office
    office.say(office.sato, "add")
    assert form_of(office.sato).body["close"]["text"] == "Cancel"
    errors = office.sato.submit({"name": "x", "phone": "1", "source": "card"}).errors
    assert not JAPANESE.search(errors["phone"])
    office.workspace.faults.refuse("views.open", "expired_trigger_id")
    assert "Slack did not open the form" in office.say(office.sato, "add").text
    office.workspace.faults.refuse("views.open", "expired_trigger_id")
    assert "フォーム" in office.say(office.tanaka, "add").text


def test_who_is_turned_away_is_told_in_their_language(small_office: Office) -> None:
    """A guest who reads English, and one who reads Japanese."""
    office = small_office
    office.workspace.add_user("visitor", id="U0VISIT", real_name="Vi Sitor", locale="en-US", is_restricted=True)
    office.workspace.join(SALES, "U0VISIT")
    office.server.settle()
    assert "guests cannot use it" in office.person("visitor").command(SALES, "/lead show L-1").text
    assert "ゲスト" in office.person("guest").command(SALES, "/lead show L-1").text


def test_language_follows_the_profile(small_office: Office) -> None:
    """Who changes their language in Slack is answered in it from then on."""
    office = small_office
    assert not JAPANESE.search(office.say(office.sato, "find x").text)
    office.workspace.change_user(office.sato.id, locale="ja-JP")
    office.server.settle()
    assert JAPANESE.search(office.say(office.sato, "find x").text)
