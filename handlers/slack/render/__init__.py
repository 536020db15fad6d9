"""Neutral messages as Slack's JSON: plain dicts, since the SDK's block classes drop what they do not know."""

from handlers.slack.render.home import render_home
from handlers.slack.render.posts import render

__all__ = ["render", "render_home"]
