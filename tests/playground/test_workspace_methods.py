"""auth.*, users.*, conversations.*, reactions.*, team.*, bots.*, functions.*: through slack_sdk's WebClient."""

from collections.abc import Callable

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import Person, PlaygroundServer, Workspace
from playground.seed import AOKI, GENERAL, GUEST, MORI, PARTNERS, PRIVATE, SALES, SATO, STRANGER, TANAKA


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


def with_token(server: PlaygroundServer, token: str) -> WebClient:
    return WebClient(token, base_url=server.api_url, retry_handlers=[])


def test_auth_test_names_the_bot(client: WebClient, workspace: Workspace) -> None:
    """auth.test tells team, bot user and bot, and every answer carries the scopes."""
    answer = client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0PLAY", workspace.bot.id, "B0PLAYGROUND")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


def test_tokens_are_checked(server: PlaygroundServer, client: WebClient) -> None:
    """No token, a wrong one, one of the wrong kind and a revoked one are told apart."""
    assert error_of(with_token(server, "").auth_test) == "not_authed"
    assert error_of(with_token(server, "xoxb-other").auth_test) == "invalid_auth"
    app_token = with_token(server, server.workspace.installation.app_token)
    assert error_of(app_token.users_list) == "not_allowed_token_type"
    assert error_of(lambda: client.apps_connections_open(app_token=str(client.token))) == "not_allowed_token_type"
    server.workspace.installation.is_active = False
    assert error_of(client.auth_test) == "account_inactive"


def test_missing_scope_names_what_is_needed(client: WebClient, workspace: Workspace) -> None:
    """A call without its scope says which one is needed and which are there."""
    workspace.installation.scopes = frozenset({"users:read"})
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=SALES, text="x")
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "users:read")
    assert answer.headers["x-oauth-scopes"] == "users:read"


def test_private_channels_need_their_own_scope(client: WebClient, workspace: Workspace) -> None:
    """channels:read does not open private channels."""
    workspace.join(PRIVATE, workspace.bot.id)
    workspace.installation.scopes -= {"groups:read", "groups:history"}
    assert error_of(lambda: client.conversations_info(channel=PRIVATE)) == "missing_scope"
    assert error_of(lambda: client.conversations_history(channel=PRIVATE)) == "missing_scope"
    assert error_of(lambda: client.conversations_list(types="private_channel")) == "missing_scope"


def test_unknown_method(client: WebClient) -> None:
    """A method that does not exist is unknown_method."""
    assert error_of(lambda: client.api_call("chat.whisper")) == "unknown_method"


def test_api_test_gives_back(client: WebClient) -> None:
    """api.test repeats its arguments, or fails on demand."""
    assert client.api_test(foo="bar")["args"] == {"foo": "bar"}
    assert error_of(lambda: client.api_test(error="my_error")) == "my_error"


def test_user_info(client: WebClient, workspace: Workspace) -> None:
    """A person comes with rights, zone, names, and the locale on request."""
    user = client.users_info(user=MORI, include_locale=True)["user"]
    assert (user["is_admin"], user["tz"], user["locale"]) == (True, "Asia/Tokyo", "ja-JP")
    assert user["profile"]["email"] == "mori@playground.example"
    assert "locale" not in client.users_info(user=MORI)["user"]
    assert client.users_info(user=GUEST)["user"]["is_ultra_restricted"]
    stranger = client.users_info(user=STRANGER)["user"]
    assert (stranger["is_stranger"], stranger["team_id"]) == (True, "T0PARTNER")
    workspace.change_user(SATO, deleted=True)
    assert client.users_info(user=SATO)["user"]["deleted"]
    assert error_of(lambda: client.users_info(user="U9")) == "user_not_found"


def test_email_needs_its_scope(client: WebClient, workspace: Workspace) -> None:
    """Without users:read.email, addresses are left out."""
    workspace.installation.scopes -= {"users:read.email"}
    assert "email" not in client.users_info(user=MORI)["user"]["profile"]
    assert error_of(lambda: client.users_lookupByEmail(email="mori@playground.example")) == "missing_scope"


def test_users_are_listed_in_pages(client: WebClient, workspace: Workspace) -> None:
    """users.list gives everybody once, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = client.users_list(limit=4, cursor=cursor)
        found += [user["id"] for user in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert found == list(workspace.users)
    assert error_of(lambda: client.users_list(cursor="nonsense")) == "invalid_cursor"


def test_look_up_by_email(client: WebClient) -> None:
    """A person is found by e-mail address, whatever its case."""
    assert client.users_lookupByEmail(email="Sato@Playground.example")["user"]["id"] == SATO
    assert error_of(lambda: client.users_lookupByEmail(email="nobody@x.example")) == "users_not_found"


def test_users_conversations(client: WebClient, workspace: Workspace) -> None:
    """users.conversations lists where somebody is, or where the bot is."""
    assert {c["id"] for c in client.users_conversations(user=TANAKA)["channels"]} == {GENERAL, "C0MARKETING"}
    workspace.change_channel(GENERAL, is_archived=True)
    channels = client.users_conversations(exclude_archived=True)["channels"]
    assert GENERAL not in {c["id"] for c in channels}


def test_bot_and_team_info(client: WebClient) -> None:
    """The bot and the teams describe themselves."""
    assert client.bots_info(bot="B0PLAYGROUND")["bot"]["user_id"] == "U0BOT"
    assert error_of(lambda: client.bots_info(bot="B9")) == "bot_not_found"
    assert client.team_info()["team"]["id"] == "T0PLAY"
    assert error_of(lambda: client.team_info(team="T9")) == "team_not_found"


def test_channels_are_listed(client: WebClient, workspace: Workspace) -> None:
    """Public channels are all listed, private ones only with the bot in them."""
    names = [c["name"] for c in client.conversations_list()["channels"]]
    assert names == ["general", "marketing", "sales-handoffs", "partners"]
    both = "public_channel,private_channel"
    assert "managers" not in [c["name"] for c in client.conversations_list(types=both)["channels"]]
    workspace.join(PRIVATE, workspace.bot.id)
    assert "managers" in [c["name"] for c in client.conversations_list(types=both)["channels"]]
    assert error_of(lambda: client.conversations_list(types="club")) == "invalid_types"


def test_channel_info(client: WebClient) -> None:
    """A channel tells whether the bot is in and whether others share it."""
    assert client.conversations_info(channel=SALES)["channel"]["is_member"]
    assert client.conversations_info(channel=PARTNERS)["channel"]["is_ext_shared"]
    assert error_of(lambda: client.conversations_info(channel=PRIVATE)) == "channel_not_found"


def test_channel_members(client: WebClient) -> None:
    """Members are listed in pages."""
    first = client.conversations_members(channel=SALES, limit=3)
    rest = client.conversations_members(channel=SALES, cursor=first["response_metadata"]["next_cursor"])
    assert [*first["members"], *rest["members"]] == [AOKI, SATO, MORI, GUEST, "U0BOT"]


def test_history_between_timestamps(client: WebClient, workspace: Workspace) -> None:
    """The bounds oldest and latest are open ends unless inclusive; pages follow the cursor."""
    stamps = [client.chat_postMessage(channel=SALES, text=str(n))["ts"] for n in range(5)]
    between = {"channel": SALES, "oldest": stamps[1], "latest": stamps[3]}
    assert [m["text"] for m in client.conversations_history(**between)["messages"]] == ["2"]
    closed = client.conversations_history(**between, inclusive=True)["messages"]
    assert [m["text"] for m in closed] == ["3", "2", "1"]
    first = client.conversations_history(channel=SALES, limit=3)
    assert first["has_more"]
    rest = client.conversations_history(channel=SALES, cursor=first["response_metadata"]["next_cursor"])
    assert [m["text"] for m in rest["messages"]] == ["1", "0"]
    workspace.leave(SALES, workspace.bot.id)
    assert error_of(lambda: client.conversations_history(channel=SALES)) == "not_in_channel"


def test_replies_of_an_unknown_thread(client: WebClient) -> None:
    """A thread that is not there is thread_not_found."""
    assert error_of(lambda: client.conversations_replies(channel=SALES, ts="1.0")) == "thread_not_found"


def test_direct_messages_open_once(client: WebClient, workspace: Workspace) -> None:
    """conversations.open gives the same channel each time, and refuses the deactivated."""
    first = client.conversations_open(users=SATO)["channel"]["id"]
    assert client.conversations_open(users=[SATO])["channel"]["id"] == first
    assert client.conversations_open(channel=first)["channel"]["user"] == SATO
    workspace.change_user(AOKI, deleted=True)
    assert error_of(lambda: client.conversations_open(users=AOKI)) == "user_disabled"
    assert error_of(lambda: client.conversations_open(users="U9")) == "user_not_found"
    assert error_of(lambda: client.conversations_open(users="")) == "users_list_not_supplied"


def test_join_and_invite(client: WebClient, workspace: Workspace) -> None:
    """The bot joins public channels and invites people where it is."""
    workspace.leave(GENERAL, workspace.bot.id)
    assert error_of(lambda: client.conversations_invite(channel=GENERAL, users=SATO)) == "not_in_channel"
    assert client.conversations_join(channel=GENERAL)["channel"]["is_member"]
    assert error_of(lambda: client.conversations_invite(channel=GENERAL, users=SATO)) == "already_in_channel"
    client.conversations_invite(channel=GENERAL, users=GUEST)
    assert GUEST in workspace.channel(GENERAL).members
    assert error_of(lambda: client.conversations_join(channel=PRIVATE)) == "channel_not_found"


def test_reactions(client: WebClient, workspace: Workspace, sato: Person) -> None:
    """The bot reacts once, sees who else did, and takes its own back."""
    ts = client.chat_postMessage(channel=SALES, text="x")["ts"]
    item = {"channel": SALES, "timestamp": ts}
    client.reactions_add(name="eyes", **item)
    assert error_of(lambda: client.reactions_add(name="eyes", **item)) == "already_reacted"
    sato.react(sato.sees(SALES)[0], "raised_hand::skin-tone-3", wait=False)
    reactions = client.reactions_get(**item)["message"]["reactions"]
    assert [(r["name"], r["users"]) for r in reactions] == [
        ("eyes", [workspace.bot.id]),
        ("raised_hand::skin-tone-3", [SATO]),
    ]
    assert client.reactions_list(user=SATO)["items"][0]["message"]["ts"] == ts
    client.reactions_remove(name="eyes", **item)
    assert error_of(lambda: client.reactions_remove(name="eyes", **item)) == "no_reaction"
    assert error_of(lambda: client.reactions_add(name="no such!", **item)) == "invalid_name"
    assert error_of(lambda: client.reactions_add(name="eyes", channel=SALES, timestamp="1.0")) == "message_not_found"
    assert error_of(lambda: client.reactions_add(name="eyes", channel=SALES, timestamp="")) == "no_item_specified"


def test_functions_complete_once(client: WebClient, workspace: Workspace) -> None:
    """A workflow step ends once, with outputs or with an error."""
    first, second = (workspace.run_function("lead.add", {"name": "x"}) for _ in range(2))
    client.functions_completeSuccess(function_execution_id=first, outputs={"lead": "L-1"})
    client.functions_completeError(function_execution_id=second, error="no name")
    assert workspace.functions[first]["outputs"] == {"lead": "L-1"}
    assert workspace.functions[second]["error"] == "no name"
    again = error_of(lambda: client.functions_completeError(function_execution_id=first, error="x"))
    assert again == "function_execution_already_completed"
    unknown = error_of(lambda: client.functions_completeError(function_execution_id="Fx9", error="x"))
    assert unknown == "invalid_function_execution_id"


def test_blocks_are_validated(client: WebClient) -> None:
    """blocks.validate checks blocks without sending them."""
    assert client.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]})["ok"]
    wrong = {"blocks": [{"type": "nonsense"}]}
    assert error_of(lambda: client.api_call("blocks.validate", json=wrong)) == "invalid_blocks"


def test_arguments_come_as_form_or_json(server: PlaygroundServer, client: WebClient) -> None:
    """A call may be a form with JSON in its fields, a JSON body, or a query, with the token anywhere Slack takes it."""
    token, blocks = server.workspace.installation.bot_token, '[{"type": "divider"}]'
    form = {"token": token, "channel": SALES, "text": "x", "blocks": blocks}
    assert httpx.post(f"{server.api_url}chat.postMessage", data=form).json()["ok"]
    bearer = {"Authorization": f"Bearer {token}"}
    body = {"channel": SALES, "text": "x", "blocks": [{"type": "divider"}]}
    assert httpx.post(f"{server.api_url}chat.postMessage", json=body, headers=bearer).json()["ok"]
    assert httpx.get(f"{server.api_url}users.info", params={"user": SATO, "token": token}).json()["ok"]
    assert len(client.conversations_history(channel=SALES)["messages"]) == 2


def test_calls_are_noted(client: WebClient, workspace: Workspace) -> None:
    """Every call stands in the log with its arguments and answer."""
    client.chat_postMessage(channel=SALES, text="x")
    call = workspace.calls.of("chat.postMessage")[0]
    assert (call.args["text"], call.ok, call.direction) == ("x", True, "in")
