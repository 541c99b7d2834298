"""Modals, stacked on each person's screen, and Home tabs."""

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from playground.controls import Typed, state_values, with_ids
from playground.entities import Json, View
from playground.errors import SlackError

if TYPE_CHECKING:
    from playground.workspace import Workspace

# A root and two more on top of it.
STACK_HEIGHT = 3
EMPTY_TEXT = {"type": "plain_text", "text": "", "emoji": True}


class Views:
    """All views of the workspace: a stack of modals and a Home tab a person."""

    def __init__(self, workspace: "Workspace") -> None:
        self._ws = workspace
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        self._block_numbers = count(1)

    # the app's side

    def open(self, user: str, body: Json, channel: str = "") -> View:
        """Show a modal as the first of a new stack."""
        with self._ws.lock:
            self._refuse_taken_external_id(body)
            view_id = self._ws.new_id("V")
            view = View(view_id, user, self._ready(body), self._new_hash(), root_id=view_id, channel=channel)
            self._stacks[user] = [view]
        return self._told(view)

    def push(self, user: str, body: Json) -> View:
        """Show a modal on top of the stack.

        Raises:
            SlackError: not_found without an open modal, push_limit_reached over three.
        """
        with self._ws.lock:
            stack = self._stacks.get(user, [])
            if not stack:
                raise SlackError("not_found")
            if len(stack) >= STACK_HEIGHT:
                raise SlackError("push_limit_reached")
            self._refuse_taken_external_id(body)
            top = stack[-1]
            view = View(self._ws.new_id("V"), user, self._ready(body), self._new_hash(), top.root_id, top.id)
            stack.append(replace(view, channel=top.channel))
        return self._told(stack[-1])

    def update(self, view_id: str, body: Json, expected_hash: str = "") -> View:
        """Replace what a view shows. What people typed stays where block_id and action_id stay.

        Raises:
            SlackError: not_found, hash_conflict.
        """
        with self._ws.lock:
            before = self.get(view_id)
            if expected_hash and expected_hash != before.hash:
                raise SlackError("hash_conflict")
            view = replace(before, body=self._ready(body), hash=self._new_hash())
            self._put(view)
        return self._told(view)

    def publish(self, user: str, body: Json, expected_hash: str = "") -> View:
        """Replace a person's Home tab.

        Raises:
            SlackError: hash_conflict.
        """
        with self._ws.lock:
            before = self._homes.get(user)
            if expected_hash and before and expected_hash != before.hash:
                raise SlackError("hash_conflict")
            view_id = before.id if before else self._ws.new_id("V")
            view = View(view_id, user, self._ready(body), self._new_hash(), root_id=view_id)
            self._homes[user] = view
        return self._told(view)

    # the people's side

    def fill(self, view_id: str, block_id: str, action_id: str, entry: Json) -> View:
        """Note what a person put into one element."""
        return self.fill_all(view_id, {block_id: {action_id: entry}})

    def fill_all(self, view_id: str, entries: Typed) -> View:
        """Note what a person put into several elements, block_id → action_id → entry of state.values."""
        with self._ws.lock:
            before = self.get(view_id)
            typed = {**before.typed}
            for block_id, held in entries.items():
                typed[block_id] = {**typed.get(block_id, {}), **held}
            view = replace(before, typed=typed)
            self._put(view)
        return self._told(view)

    def close(self, view: View) -> None:
        with self._ws.lock:
            self._stacks[view.user] = [v for v in self._stacks.get(view.user, []) if v.id != view.id]
        self._told(view)

    def clear(self, user: str) -> None:
        with self._ws.lock:
            self._stacks[user] = []
        self._ws.tell("view", "", user=user)

    # reading

    def stack(self, user: str) -> list[View]:
        with self._ws.lock:
            return list(self._stacks.get(user, []))

    def home(self, user: str) -> View | None:
        return self._homes.get(user)

    def get(self, view_id: str) -> View:
        """Find a view that stands on a screen, by id or external id.

        Raises:
            SlackError: not_found.
        """
        for view in self._all():
            if view_id and view_id in (view.id, view.body.get("external_id")):
                return view
        raise SlackError("not_found")

    def to_json(self, view: View) -> Json:
        """Give the view object as the Web API and payloads show it."""
        ws = self._ws
        shown = {"title": EMPTY_TEXT, "close": None, "submit": None} | view.body
        return shown | {
            "id": view.id,
            "team_id": ws.team.id,
            "private_metadata": view.body.get("private_metadata", ""),
            "callback_id": view.callback_id,
            "external_id": view.body.get("external_id", ""),
            "clear_on_close": view.body.get("clear_on_close", False),
            "notify_on_close": view.body.get("notify_on_close", False),
            "state": {"values": state_values(view.blocks, view.typed)},
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id or None,
            "app_id": ws.installation.app_id,
            "app_installed_team_id": ws.team.id,
            "bot_id": ws.installation.bot_id,
        }

    def _all(self) -> list[View]:
        with self._ws.lock:
            return [view for stack in self._stacks.values() for view in stack] + list(self._homes.values())

    def _put(self, view: View) -> None:
        if view.type == "home":
            self._homes[view.user] = view
        else:
            self._stacks[view.user] = [view if v.id == view.id else v for v in self._stacks[view.user]]

    def _ready(self, body: Json) -> Json:
        return {**body, "blocks": list(with_ids(body["blocks"], self._block_numbers))}

    def _refuse_taken_external_id(self, body: Json) -> None:
        external_id = body.get("external_id")
        if external_id and any(view.body.get("external_id") == external_id for view in self._all()):
            raise SlackError("duplicate_external_id")

    def _new_hash(self) -> str:
        return f"{self._ws.epoch()}.{self._ws.new_secret()[:8]}"

    def _told(self, view: View) -> View:
        self._ws.tell("view", view.id, view.channel, view.user)
        return view
