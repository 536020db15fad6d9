"""A local chat workspace that speaks Slack's wire protocol, for the demo and for the tests.

It imports nothing of the product: a stand-in for Slack, as strict as Slack.
"""

from playground.clock import SimClock
from playground.faults import Fault, Faults
from playground.limits import RateLimits
from playground.log import ApiCall, Delivery, Log, Refusal
from playground.model import App, Channel, Command, Message, User
from playground.people.acts import Outcome
from playground.people.person import Person
from playground.people.state import ClientRefusal
from playground.server import Playground
from playground.ui import ClockControl, Embedder
from playground.workspace import Workspace

__all__ = [
    "ApiCall",
    "App",
    "Channel",
    "ClientRefusal",
    "ClockControl",
    "Command",
    "Delivery",
    "Embedder",
    "Fault",
    "Faults",
    "Log",
    "Message",
    "Outcome",
    "Person",
    "Playground",
    "RateLimits",
    "Refusal",
    "SimClock",
    "User",
    "Workspace",
]
