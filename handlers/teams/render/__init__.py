"""Neutral messages as Adaptive Cards: plain dicts, since the SDK's classes check little and refuse documented parts."""

from handlers.teams.render.look import Account
from handlers.teams.render.posts import CARD, card, render, render_home

__all__ = ["CARD", "Account", "card", "render", "render_home"]
