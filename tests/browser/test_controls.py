"""Every element of Slack, operated in the page as people do it, and what the app hears of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, expect

from playground.seed import GENERAL, MORI, PARTNERS, SALES, SATO, TANAKA
from tests.browser.gallery import Gallery, Json, field, modal, open_gallery, option, plain, section, text_field

SIZES = [option("small"), option("medium"), option("large")]
SMALL, MEDIUM, LARGE = SIZES
GROUPS = [{"label": plain("Usual"), "options": [SMALL, MEDIUM]}, {"label": plain("Special"), "options": [LARGE]}]
TOWNS = [option("kanazawa"), option("kagoshima")]
HALF_PAST_TEN = int(datetime.fromisoformat("2026-12-01T10:30+09:00").timestamp())


@pytest.fixture(scope="module")
def opened(chromium: Browser) -> Iterator[Gallery]:
    """One app and one tab for all tests of this file: to open them takes longer than most tests."""
    with open_gallery(chromium) as gallery:
        yield gallery


@pytest.fixture
def gallery(opened: Gallery) -> Iterator[Gallery]:
    yield from opened.use()


@dataclass(frozen=True)
class Case:
    """An element, how a person operates it, and what it holds then, as in state.values."""

    element: Json
    operate: Callable[[Locator], object]
    held: Json

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def name(self) -> str:
        return " ".join([self.kind, *(key for key in self.element if key in {"option_groups", "multiline"})])

    def block(self, block_id: str, **more: object) -> Json:
        """Put it into a block of a message: what is typed into stands in an input that tells of it."""
        element = {"action_id": "it", **self.element}
        if self.kind.endswith("_input"):
            return field(self.name, element, block_id=block_id, dispatch_action=True)
        return {"type": "actions", "block_id": block_id, "elements": [element]}


def choose(*typed: str) -> Callable[[Locator], None]:
    """Look for each by its name in a list that opens, and take it with Enter; then go on."""

    def operate(where: Locator) -> None:
        box = where.get_by_role("combobox")
        for name in typed:
            box.press_sequentially(name)
            expect(where.get_by_role("option").first).to_be_visible()
            box.press("Enter")
        box.press("Tab")

    return operate


def typing(text: str) -> Callable[[Locator], None]:
    return lambda where: where.get_by_role("textbox").fill(text)


def setting(keys: str) -> Callable[[Locator], None]:
    """Type into the parts of a date or time, and leave it."""

    def operate(where: Locator) -> None:
        box = where.locator("input")
        box.press_sequentially(keys)
        box.blur()

    return operate


def rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


CASES = [
    Case(
        {"type": "static_select", "options": SIZES},
        lambda where: where.get_by_role("combobox").select_option("Large"),
        {"selected_option": LARGE},
    ),
    Case(
        {"type": "static_select", "option_groups": GROUPS},
        lambda where: where.get_by_role("combobox").select_option("Medium"),
        {"selected_option": MEDIUM},
    ),
    Case({"type": "external_select", "min_query_length": 2}, choose("kago"), {"selected_option": TOWNS[1]}),
    Case({"type": "users_select"}, choose("森"), {"selected_user": MORI}),
    Case({"type": "conversations_select"}, choose("partn"), {"selected_conversation": PARTNERS}),
    Case({"type": "channels_select"}, choose("handoffs"), {"selected_channel": SALES}),
    Case({"type": "multi_static_select", "options": SIZES}, choose("la", "sm"), {"selected_options": [LARGE, SMALL]}),
    Case({"type": "multi_external_select", "min_query_length": 2}, choose("kana", "kago"), {"selected_options": TOWNS}),
    Case({"type": "multi_users_select"}, choose("tanaka", "mori"), {"selected_users": [TANAKA, MORI]}),
    Case(
        {"type": "multi_conversations_select"},
        choose("general", "sales"),
        {"selected_conversations": [GENERAL, SALES]},
    ),
    Case({"type": "multi_channels_select"}, choose("sales", "gen"), {"selected_channels": [SALES, GENERAL]}),
    Case(
        {"type": "radio_buttons", "options": SIZES},
        lambda where: where.get_by_label("Medium").check(),
        {"selected_option": MEDIUM},
    ),
    Case(
        {"type": "checkboxes", "options": SIZES, "initial_options": [MEDIUM]},
        lambda where: where.get_by_label("Small").press("Space"),
        {"selected_options": [SMALL, MEDIUM]},
    ),
    Case({"type": "datepicker"}, setting("12012026"), {"selected_date": "2026-12-01"}),
    Case({"type": "timepicker"}, setting("0230PM"), {"selected_time": "14:30"}),
    Case(
        {"type": "datetimepicker"},
        lambda where: where.locator("input").fill("2026-12-01T10:30"),
        {"selected_date_time": HALF_PAST_TEN},
    ),
    Case({"type": "plain_text_input"}, typing("山田 & <Co>"), {"value": "山田 & <Co>"}),
    Case({"type": "plain_text_input", "multiline": True}, typing("one\ntwo"), {"value": "one\ntwo"}),
    Case({"type": "email_text_input"}, typing("k@yamato.example"), {"value": "k@yamato.example"}),
    Case({"type": "url_text_input"}, typing("https://yamato.example/a?b=1"), {"value": "https://yamato.example/a?b=1"}),
    Case({"type": "number_input", "is_decimal_allowed": True}, typing("-2.50"), {"value": "-2.50"}),
    Case({"type": "rich_text_input"}, typing("とても rich"), {"rich_text_value": rich("とても rich")}),
]


def towns(body: Json) -> Json:
    """Answer a menu's question with the towns that begin with what was typed."""
    return {"options": [town for town in TOWNS if town["value"].startswith(body["value"])]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_app_hears_what_is_chosen_in_a_message(gallery: Gallery, case: Case) -> None:
    """One action comes, with what the element holds in Slack's shape, and state.values says the same."""
    gallery.heard.answers["options"] = towns
    shown = gallery.post(case.block("row"))
    case.operate(shown)
    if case.kind.endswith("_input"):
        shown.get_by_role("textbox").press("Enter")
    body = gallery.heard.next("action")
    (action,) = body["actions"]
    assert action.pop("action_ts")
    initial = {name: value for name, value in case.element.items() if name.startswith("initial_")}
    assert action == {"type": case.kind, "block_id": "row", "action_id": "it", **initial, **case.held}
    assert body["state"]["values"] == {"row": {"it": {"type": case.kind, **case.held}}}
    assert gallery.heard.more("action") == 0


def test_a_form_sends_what_its_fields_hold(gallery: Gallery) -> None:
    """Every field filled and sent: the app gets state.values in Slack's shape, and nothing before that."""
    gallery.heard.answers["options"] = towns
    blocks = [field(f"The {case.name}", {"action_id": "it", **case.element}, block_id=case.name) for case in CASES]
    form = gallery.open_form(*blocks)
    for case in CASES:
        where = form.locator(".b-input").filter(has=gallery.page.get_by_text(f"The {case.name}", exact=True))
        case.operate(where)
    gallery.tab.press("Save", form)
    values = gallery.heard.next("view")["view"]["state"]["values"]
    assert values == {case.name: {"it": {"type": case.kind, **case.held}} for case in CASES}
    assert gallery.heard.more("action") == 0
    expect(form).not_to_be_visible()


ESTIMATE = FilePayload(name="見積書（最終）.csv", mimeType="text/csv", buffer="会社,金額\n大和,12\n".encode())


def read(gallery: Gallery, url: str) -> bytes:
    """Read a file as the app does, with its token."""
    asked = Request(url, headers={"Authorization": f"Bearer {gallery.client.token}"})  # noqa: S310 - our own server
    with urlopen(asked, timeout=5) as answer:  # noqa: S310
        return bytes(answer.read())


def test_a_form_takes_files(gallery: Gallery) -> None:
    """A file with a Japanese name is put into a form; the app gets its file object and can read it."""
    form = gallery.open_form(field("Papers", {"type": "file_input", "action_id": "it", "filetypes": ["csv"]}))
    form.get_by_label("Papers").set_input_files([ESTIMATE])
    expect(form.get_by_role("list", name="Chosen")).to_contain_text(ESTIMATE["name"])
    gallery.tab.press("Save", form)
    held = gallery.heard.next("view")["view"]["state"]["values"]["papers"]["it"]
    (file,) = held["files"]
    assert (held["type"], file["name"], file["user"]) == ("file_input", ESTIMATE["name"], SATO)
    assert read(gallery, file["url_private_download"]) == ESTIMATE["buffer"]


def test_files_go_up_and_down_in_a_channel(gallery: Gallery, tmp_path: Path) -> None:
    """A file is attached to a message, the app hears of it, and whoever sees the message can save it."""
    gallery.page.locator('main .composer input[type="file"]').set_input_files([ESTIMATE])
    expect(gallery.page.locator("main .attached")).to_contain_text(ESTIMATE["name"])
    gallery.tab.type("Here it is")
    heard = gallery.heard.next("event")["event"]
    assert (heard["text"], heard["files"][0]["name"]) == ("Here it is", ESTIMATE["name"])
    with gallery.page.expect_download() as download:
        gallery.tab.sees("Here it is").get_by_role("link", name=f"Download {ESTIMATE['name']}").click()
    assert download.value.suggested_filename == ESTIMATE["name"]
    download.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == ESTIMATE["buffer"]


# buttons

CLAIM: Json = {"type": "button", "action_id": "claim", "text": plain("Claim"), "value": "L-1", "style": "primary"}
SURE: Json = {
    "title": plain("Really?"),
    "text": {"type": "mrkdwn", "text": "This is *final*."},
    "confirm": plain("Do it"),
    "deny": plain("Never"),
}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


def only_action(gallery: Gallery) -> Json:
    """Give the one action that the app heard of, without its time."""
    body = gallery.heard.next("action")
    (action,) = body["actions"]
    assert action.pop("action_ts")
    assert gallery.heard.more("action") == 0
    return dict(action)


def test_a_button_tells_its_value(gallery: Gallery) -> None:
    """A button that has the focus is pressed with Enter."""
    gallery.post(actions(CLAIM)).get_by_role("button", name="Claim").press("Enter")
    assert only_action(gallery) == {**CLAIM, "block_id": "row"}


def test_a_button_asks_first_where_it_is_to(gallery: Gallery) -> None:
    """Whoever answers no, or Esc, sends nothing and is back at the button; yes sends."""
    button = gallery.post(actions({**CLAIM, "confirm": SURE})).get_by_role("button", name="Claim")
    dialog = gallery.page.get_by_role("dialog", name="Really?")
    button.click()
    expect(dialog).to_contain_text("This is final.")
    gallery.tab.press("Never", dialog)
    expect(button).to_be_focused()
    button.press("Enter")
    expect(dialog).to_be_visible()
    gallery.page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(button).to_be_focused()
    button.click()
    gallery.tab.press("Do it", dialog)
    assert only_action(gallery) == {**CLAIM, "block_id": "row"}


def test_a_menu_asks_first_where_it_is_to(gallery: Gallery) -> None:
    """What was chosen goes back to what stood there when the answer is no."""
    select = {"type": "static_select", "action_id": "it", "options": SIZES, "initial_option": SMALL, "confirm": SURE}
    shown = gallery.post(actions(select))
    shown.get_by_role("combobox").select_option("Large")
    dialog = gallery.page.get_by_role("dialog", name="Really?")
    gallery.tab.press("Never", dialog)
    expect(shown.get_by_role("combobox")).to_have_value("small")
    shown.get_by_role("combobox").select_option("Medium")
    gallery.tab.press("Do it", dialog)
    assert only_action(gallery)["selected_option"] == MEDIUM


def test_a_button_with_an_address_opens_it_and_tells(gallery: Gallery) -> None:
    """The address opens in a tab of its own, and the app hears of the click."""
    url = f"{gallery.server.url}/page/icon.svg"
    link = gallery.post(actions({**CLAIM, "url": url})).get_by_role("link", name="Claim")
    with gallery.page.context.expect_page() as opened:
        link.click()
    assert opened.value.url == url
    opened.value.close()
    assert only_action(gallery) == {**CLAIM, "block_id": "row"}


def test_an_overflow_menu_is_walked_with_arrows(gallery: Gallery) -> None:
    """Arrows open the menu and go through it, Esc leaves it, Enter takes what has the focus."""
    more = gallery.post(actions({"type": "overflow", "action_id": "more", "options": SIZES})).get_by_role("button")
    more.press("ArrowDown")
    expect(gallery.page.get_by_role("menuitem", name="Small")).to_be_focused()
    gallery.page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.press("Enter")
    gallery.page.get_by_role("menuitem", name="Small").press("ArrowUp")
    gallery.page.get_by_role("menuitem", name="Large").press("Enter")
    assert only_action(gallery) == {
        "type": "overflow",
        "block_id": "row",
        "action_id": "more",
        "selected_option": LARGE,
    }


def test_feedback_says_which_of_the_two(gallery: Gallery) -> None:
    """Of the two feedback buttons the one that was pressed is told."""
    good, bad = {"text": plain("Good"), "value": "good"}, {"text": plain("Bad"), "value": "bad"}
    feedback = {"type": "feedback_buttons", "action_id": "it", "positive_button": good, "negative_button": bad}
    shown = gallery.post({"type": "context_actions", "block_id": "row", "elements": [feedback]})
    gallery.tab.press("Bad", shown)
    action = only_action(gallery)
    assert (action["type"], action["value"]) == ("feedback_buttons", "bad")


def test_an_element_beside_a_text_tells_in_a_form_at_once(gallery: Gallery) -> None:
    """A section's menu in a form sends an action, with what was typed elsewhere in the form."""
    menu = {"type": "static_select", "action_id": "size", "options": SIZES}
    form = gallery.open_form(text_field("Name"), {**section("Size"), "block_id": "sizes", "accessory": menu})
    gallery.tab.fill("Name", "Yamada")
    form.get_by_role("combobox").select_option("Large")
    body = gallery.heard.next("action")
    assert body["actions"][0]["selected_option"] == LARGE
    assert body["container"] == {"type": "view", "view_id": body["view"]["id"]}
    assert body["view"]["state"]["values"] == {
        "name": {"it": {"type": "plain_text_input", "value": "Yamada"}},
        "sizes": {"size": {"type": "static_select", "selected_option": LARGE}},
    }


def test_a_field_can_tell_of_every_character(gallery: Gallery) -> None:
    """With on_character_entered the app hears of what is typed without Enter, once there is a pause."""
    told_of = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    element = {"type": "plain_text_input", "action_id": "it", **told_of}
    shown = gallery.post(field("Search", element, dispatch_action=True))
    shown.get_by_role("textbox").press_sequentially("ABC")
    heard = ""
    while heard != "ABC":
        heard = gallery.heard.next("action")["actions"][0]["value"]


# forms


def test_what_the_app_refuses_stands_beside_its_field(gallery: Gallery) -> None:
    """The error is beside the field, which has the focus; what was typed is still there and can be sent again."""
    form = gallery.open_form(text_field("Name"), text_field("Company"))
    gallery.tab.fill("Name", "Yamada")
    gallery.tab.fill("Company", "?")
    gallery.heard.answers["view"] = {"response_action": "errors", "errors": {"company": "No such company."}}
    gallery.tab.press("Save", form)
    company = form.get_by_role("textbox", name="Company")
    expect(company).to_be_focused()
    expect(company).to_have_accessible_description("⚠ No such company.")
    expect(company).to_have_value("?")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Yamada")
    gallery.heard.answers["view"] = None
    company.fill("Yamato")
    company.press("Enter")
    expect(form).not_to_be_visible()
    sent = [gallery.heard.next("view")["view"]["state"]["values"]["company"]["it"]["value"] for _ in range(2)]
    assert sent == ["?", "Yamato"]


def test_a_form_that_is_answered_with_another_keeps_what_was_typed(gallery: Gallery) -> None:
    """With response_action update the fields that stay keep their text, and new ones stand beside them."""
    form = gallery.open_form(text_field("Name"))
    gallery.tab.fill("Name", "Yamada")
    more = modal(text_field("Name"), text_field("Company"), title=plain("More"))
    gallery.heard.answers["view"] = {"response_action": "update", "view": more}
    gallery.tab.press("Save", form)
    expect(form.get_by_role("heading", name="More")).to_be_visible()
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Yamada")
    expect(form.get_by_role("textbox", name="Company")).to_have_value("")


def push(gallery: Gallery, form: Locator) -> None:
    """Send the form and get another one on top of it."""
    over = modal(text_field("Reason"), title=plain("On top"), callback_id="over")
    gallery.heard.answers["view"] = {"response_action": "push", "view": over}
    gallery.tab.press("Save", form)
    expect(form.get_by_role("heading", name="On top")).to_be_visible()


def test_a_form_on_top_of_another_leads_back_to_it(gallery: Gallery) -> None:
    """Back and Esc both return to the form below, with what had been typed there."""
    form = gallery.open_form(text_field("Name"))
    gallery.tab.fill("Name", "Yamada")
    push(gallery, form)
    gallery.tab.press("Back", form)
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Yamada")
    push(gallery, form)
    form.get_by_role("textbox", name="Reason").press("Escape")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Yamada")
    gallery.page.keyboard.press("Escape")
    expect(form).not_to_be_visible()


def test_all_forms_close_when_the_app_says_so(gallery: Gallery) -> None:
    """response_action clear closes the whole stack, and the focus is back in the composer."""
    form = gallery.open_form(text_field("Name"))
    gallery.tab.fill("Name", "Yamada")
    push(gallery, form)
    gallery.tab.fill("Reason", "Because")
    gallery.heard.answers["view"] = {"response_action": "clear"}
    gallery.tab.press("Save", form)
    expect(form).not_to_be_visible()
    assert gallery.sato.view is None
    expect(gallery.tab.composer).to_be_focused()


def test_a_form_that_changes_under_ones_hands_keeps_what_is_typed(gallery: Gallery) -> None:
    """The app updates the view while somebody types: text and focus stay, and typing goes on."""
    form = gallery.open_form(text_field("Name"))
    name = form.get_by_role("textbox", name="Name")
    name.press_sequentially("Yama")
    assert gallery.sato.view
    gallery.client.views_update(view_id=gallery.sato.view.id, view=modal(section("New above"), text_field("Name")))
    expect(form).to_contain_text("New above")
    gallery.page.keyboard.type("da")
    expect(name).to_have_value("Yamada")
    name.press("Enter")
    assert gallery.heard.next("view")["view"]["state"]["values"]["name"]["it"]["value"] == "Yamada"


def test_a_double_click_sends_a_form_once(gallery: Gallery) -> None:
    """The app is slow, the person clicks twice: one view_submission arrives."""
    form = gallery.open_form(text_field("Name"))
    gallery.tab.fill("Name", "Yamada")
    with gallery.silence("view"):
        form.get_by_role("button", name="Save").dblclick()
        expect(form.get_by_role("button", name="Sending")).to_be_disabled()
    expect(form).not_to_be_visible()
    gallery.heard.next("view")
    assert gallery.heard.more("view") == 0


def test_esc_closes_the_list_and_then_the_form(gallery: Gallery) -> None:
    """One Esc belongs to the list or menu that is open, the next one to the form; the app hears that it was closed."""
    menu = {"type": "overflow", "action_id": "more", "options": SIZES}
    people = field("Who", {"type": "users_select", "action_id": "it"})
    form = gallery.open_form({**section("More"), "accessory": menu}, people, notify_on_close=True)
    form.get_by_role("button", name="More actions").click()
    form.get_by_role("menuitem", name="Small").press("Escape")
    expect(form.get_by_role("menu")).not_to_be_visible()
    who = form.get_by_role("combobox")
    who.press("ArrowDown")
    expect(form.get_by_role("listbox")).to_be_visible()
    who.press("Escape")
    expect(form.get_by_role("listbox")).not_to_be_visible()
    expect(form).to_be_visible()
    who.press("Escape")
    expect(form).not_to_be_visible()
    assert gallery.heard.next("view_closed")["is_cleared"] is False


# Home and shortcuts


def test_the_app_publishes_its_home(gallery: Gallery) -> None:
    """What the app publishes stands in Home, is operated there, and keeps what is typed when it is published anew."""
    search = field("Search", {"type": "plain_text_input", "action_id": "it"}, dispatch_action=True)
    home: Json = {"type": "home", "blocks": [section("Three leads"), search, actions(CLAIM)]}
    gallery.client.views_publish(user_id=SATO, view=home)
    gallery.tab.go("Gallery")
    panel = gallery.page.get_by_role("tabpanel")
    expect(panel).to_contain_text("Three leads")
    panel.get_by_role("textbox", name="Search").fill("Yama")
    gallery.tab.press("Claim", panel)
    body = gallery.heard.next("action")
    assert (body["view"]["type"], body["actions"][0]["value"]) == ("home", "L-1")
    assert body["view"]["state"]["values"]["search"]["it"]["value"] == "Yama"
    gallery.client.views_publish(user_id=SATO, view={**home, "blocks": [section("Two leads"), *home["blocks"][1:]]})
    expect(panel).to_contain_text("Two leads")
    expect(panel.get_by_role("textbox", name="Search")).to_have_value("Yama")


def test_a_shortcut_is_used_anywhere(gallery: Gallery) -> None:
    """A global shortcut stands behind the + of the composer, and can open a form."""

    def answer(body: Json) -> None:
        gallery.client.views_open(trigger_id=body["trigger_id"], view=modal(text_field("Name")))

    gallery.heard.answers["shortcut"] = answer
    gallery.page.locator("main .plus > summary").click()
    gallery.page.get_by_role("button", name="Start anywhere").click()
    expect(gallery.tab.form).to_be_visible()
    body = gallery.heard.next("shortcut")
    assert (body["type"], body["callback_id"], body["user"]["id"]) == ("shortcut", "anywhere", SATO)


def test_a_shortcut_takes_a_message(gallery: Gallery) -> None:
    """A message shortcut stands in the menu of each message, and the app gets that message."""
    gallery.tab.type("Call Yamada back")
    message = gallery.tab.sees("Call Yamada back")
    message.hover()
    message.locator("summary").click()
    message.get_by_role("button", name="File this").click()
    body = gallery.heard.next("shortcut")
    assert (body["type"], body["callback_id"], body["channel"]["id"]) == ("message_action", "file_this", SALES)
    assert (body["message"]["text"], body["message"]["user"]) == ("Call Yamada back", SATO)


# an app that does not answer


@pytest.fixture
def impatient(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> Gallery:
    """A Slack that waits a fifth of a second, not three, until it gives an app up."""
    monkeypatch.setattr(gallery.workspace.timing, "ack_seconds", 0.2)
    return gallery


LATE = "The app did not answer within 3 seconds."


def test_a_button_says_that_the_app_is_late(impatient: Gallery) -> None:
    """Without an ack in time a warning stands beside the button; the next click takes it away."""
    shown = impatient.post(actions(CLAIM))
    with impatient.silence("action"):
        impatient.tab.press("Claim", shown)
        expect(shown).to_contain_text(LATE)
    impatient.heard.answers["action"] = None
    impatient.tab.press("Claim", shown)
    expect(shown).not_to_contain_text(LATE)
    assert [impatient.heard.next("action")["actions"][0]["value"] for _ in range(2)] == ["L-1", "L-1"]


def test_a_command_says_that_the_app_is_late(impatient: Gallery) -> None:
    """Without an ack in time Slackbot tells the error as Slack does, and the line is back in the composer."""
    with impatient.silence("command"):
        impatient.tab.type("/form of mine")
        impatient.tab.sees('/form failed with the error "operation_timeout"')
        expect(impatient.page.locator(".toasts")).to_contain_text(LATE)
    expect(impatient.tab.composer).to_have_value("/form of mine")
    impatient.page.get_by_role("button", name="Dismiss").click()


def test_a_form_says_that_the_app_is_late(impatient: Gallery) -> None:
    """Without an ack in time the form stays, says so, keeps what was typed and can be sent again."""
    form = impatient.open_form(text_field("Name"))
    impatient.tab.fill("Name", "Yamada")
    with impatient.silence("view"):
        impatient.tab.press("Save", form)
        expect(form.get_by_role("alert")).to_contain_text(LATE)
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Yamada")
    impatient.heard.answers["view"] = None
    impatient.tab.press("Save", form)
    expect(form).not_to_be_visible()


def test_a_menu_says_that_the_app_is_late(impatient: Gallery) -> None:
    """Without options in time the menu says so."""
    shown = impatient.post(actions({"type": "external_select", "action_id": "it", "min_query_length": 1}))
    with impatient.silence("options"):
        shown.get_by_role("combobox").press_sequentially("k")
        expect(shown).to_contain_text("The app gave no choices.")


# threads, reactions, input methods


def test_a_thread_goes_both_ways(gallery: Gallery) -> None:
    """Sato replies in a thread, the app hears of it and replies there, and the channel counts two replies."""
    gallery.tab.type("Who takes Yamada?")
    parent = gallery.heard.next("event")["event"]["ts"]
    message = gallery.message(parent)
    message.hover()
    gallery.tab.press("Reply in thread", message)
    thread = gallery.page.get_by_role("complementary", name="Thread")
    thread.get_by_role("combobox").fill("I do")
    thread.get_by_role("combobox").press("Enter")
    heard = gallery.heard.next("event")["event"]
    assert (heard["text"], heard["thread_ts"]) == ("I do", parent)
    gallery.client.chat_postMessage(channel=SALES, thread_ts=parent, text="Noted")
    expect(thread.get_by_role("article")).to_have_count(3)
    expect(thread.get_by_role("article").last).to_contain_text("Noted")
    expect(message.get_by_role("button", name="2 replies")).to_be_visible()


def test_a_reaction_goes_both_ways(gallery: Gallery) -> None:
    """Sato reacts and the app hears it; the app's own is counted; Sato's can be taken back."""
    gallery.tab.type("Good news")
    ts = gallery.heard.next("event")["event"]["ts"]
    message = gallery.message(ts)
    message.hover()
    gallery.tab.press("Add a reaction", message)
    gallery.page.get_by_label("Search emoji").fill("tada")
    message.get_by_role("button", name="tada", exact=True).click()
    mine = message.locator(".reactions button")
    expect(mine).to_have_text("🎉 1")
    event = gallery.heard.next("event")["event"]
    assert (event["type"], event["reaction"], event["user"], event["item"]["ts"]) == (
        "reaction_added",
        "tada",
        SATO,
        ts,
    )
    gallery.client.reactions_add(channel=SALES, timestamp=ts, name="tada")
    expect(mine).to_have_text("🎉 2")
    mine.click()
    expect(mine).to_have_text("🎉 1")
    assert gallery.heard.next("event")["event"]["type"] == "reaction_removed"


def compose(gallery: Gallery, text: str, chosen: str) -> None:
    """Compose with an input method: the text is looked at, Enter takes the word that it becomes."""
    session = gallery.page.context.new_cdp_session(gallery.page)
    session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    # Browsers name every key 229 that the input method keeps for itself.
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    session.send("Input.insertText", {"text": chosen})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    # Safari ends the composition first and tells of the key then.
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    session.detach()


def test_enter_that_ends_a_composition_does_not_send(gallery: Gallery) -> None:
    """Enter takes the word that the input method offers; the next Enter sends the message."""
    gallery.tab.composer.focus()
    compose(gallery, "やまだ", "山田")
    compose(gallery, "さま", "様")
    expect(gallery.tab.composer).to_have_value("山田様")
    gallery.tab.composer.press("Enter")
    assert gallery.heard.next("event")["event"]["text"] == "山田様"
    assert gallery.heard.more("event") == 0


def test_enter_that_ends_a_composition_chooses_and_submits_nothing(gallery: Gallery) -> None:
    """In a form's field and in its lists, too, Enter belongs to the input method first."""
    form = gallery.open_form(field("Who", {"type": "users_select", "action_id": "it"}), text_field("Name"))
    form.get_by_role("combobox").focus()
    compose(gallery, "もり", "森")
    expect(form.get_by_role("option")).to_have_count(1)
    form.get_by_role("combobox").press("Enter")
    form.get_by_role("textbox", name="Name").focus()
    compose(gallery, "やまだ", "山田")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("山田")
    assert gallery.heard.more("view") == 0
    gallery.page.keyboard.press("Enter")
    values = gallery.heard.next("view")["view"]["state"]["values"]
    assert (values["who"]["it"]["selected_user"], values["name"]["it"]["value"]) == (MORI, "山田")
