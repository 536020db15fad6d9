"""The Web API methods that the playground knows."""

from playground.api.chat import CHAT
from playground.api.conversations import CONVERSATIONS
from playground.api.files import FILES
from playground.api.meta import META
from playground.api.method import Methods
from playground.api.people import PEOPLE
from playground.api.views import VIEWS

METHODS: Methods = {**META, **CHAT, **VIEWS, **PEOPLE, **CONVERSATIONS, **FILES}

__all__ = ["METHODS"]
