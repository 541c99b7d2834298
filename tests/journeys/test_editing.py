"""What is known of a lead is changed by a line or by forms; nobody's change is overwritten unseen."""

from playground.people import Person
from tests.journeys.steps import NAKAMURA, claim, form_of, initial, unchanged
from tests.office import Office


def open_seven(office: Office, person: Person) -> None:
    """Open the form of the seven for L-1."""
    assert office.say(person, "edit L-1").message is None


def test_line_sets_fields_at_once(small_office: Office) -> None:
    """`key:value` in either language; the answer names what changed."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    assert "予算" in office.say(office.tanaka, "編集 L-1 予算:300万円 立場:決裁者 課題:納期が読めない").text
    assert "budget" in office.say(office.sato, 'edit L-1 budget:"JPY 5 m" progress:comparing').text.lower()
    lead = office.lead()
    assert (lead.budget, lead.role, lead.need, lead.progress) == ("JPY 5 m", "decider", "納期が読めない", "compare")


def test_form_of_the_seven_saves_what_was_changed(small_office: Office) -> None:
    """The form shows what is known; emptied fields are open again."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "edit L-1 予算:300万円")
    open_seven(office, office.tanaka)
    assert initial(form_of(office.tanaka), "budget") == "300万円"
    office.tanaka.submit({"budget": None, "timing": "来年4月", "role": "champion"})
    lead = office.lead()
    assert (lead.budget, lead.timing, lead.role) == (None, "来年4月", "champion")
    assert "L-1" in office.heard(office.tanaka)


def test_nothing_changed_is_said_so(small_office: Office) -> None:
    """Saving a form as it was changes nothing."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    open_seven(office, office.tanaka)
    with unchanged(office):
        office.tanaka.submit()
    assert "変更" in office.heard(office.tanaka)


def test_contact_form_lies_on_top(small_office: Office) -> None:
    """From the seven to the contact's fields; a new name is found at once."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    open_seven(office, office.tanaka)
    assert office.tanaka.click(form_of(office.tanaka), "lead.edit_contact").ok
    view = form_of(office.tanaka)
    assert view.callback_id == "lead.edit_contact"
    assert initial(view, "name") == "中村 理恵"
    assert office.tanaka.submit({"phone": "1"}).errors.keys() == {"phone"}
    office.tanaka.submit({"name": "仲村 理恵", "phone": "03-1234-5678", "consent": "yes"})
    lead = office.lead()
    assert (lead.name, lead.phone, lead.consent, lead.consent_at) == (
        "仲村 理恵", "03-1234-5678", "yes", office.clock.now,
    )  # fmt: skip
    assert "仲村" in office.say(office.tanaka, "find 仲村").text
    office.say(office.tanaka, "undo")
    assert (office.lead().consent, office.lead().consent_at) == ("unknown", None)


def test_two_people_edit_different_fields(small_office: Office) -> None:
    """Each form saves only what its person changed: neither takes back the other's."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    open_seven(office, office.tanaka)
    open_seven(office, office.sato)
    office.sato.submit({"budget": "300万円"})
    assert office.tanaka.submit({"timing": "来春"}).outcome == "cleared"
    assert (office.lead().budget, office.lead().timing) == ("300万円", "来春")


def test_stale_form_shows_the_new_value_and_overwrites_when_told(small_office: Office) -> None:
    """The same field saved in between: the new value stands under it; saving again means it."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    open_seven(office, office.tanaka)
    office.say(office.sato, "edit L-1 budget:200万円")
    with unchanged(office):
        errors = office.tanaka.submit({"budget": "300万円"}).errors
    assert errors.keys() == {"budget"}
    assert "200万円" in errors["budget"]
    assert office.tanaka.submit().outcome == "cleared"
    assert office.lead().budget == "300万円"


def test_closed_lead_takes_only_an_opt_out(small_office: Office) -> None:
    """A closed lead stays as it is, but "no more e-mail" is heard at any time."""
    office = small_office
    claim(office)
    office.say(office.aoki, "lost L-1 競合に決定")
    with unchanged(office):
        assert "失注" in office.say(office.tanaka, "edit L-1 予算:5").text
    office.say(office.tanaka, "edit L-1 同意:停止")
    assert office.lead().consent == "no"
