"""A Slack-compatible workspace on this machine: the product's demo and the tests' Slack. See README.md."""

from playground.entities import Channel, File, Message, User, View
from playground.errors import PeopleError, SlackError
from playground.faults import Fault, Faults, Mishap
from playground.people import Person
from playground.results import ActionResult, CommandResult, RawReply, SubmitResult, SuggestResult
from playground.seed import demo_workspace
from playground.server import PlaygroundServer
from playground.workspace import Change, Workspace

__all__ = [
    "ActionResult",
    "Change",
    "Channel",
    "CommandResult",
    "Fault",
    "Faults",
    "File",
    "Message",
    "Mishap",
    "PeopleError",
    "Person",
    "PlaygroundServer",
    "RawReply",
    "SlackError",
    "SubmitResult",
    "SuggestResult",
    "User",
    "View",
    "Workspace",
    "demo_workspace",
]
