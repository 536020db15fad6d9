"""Neutral forms as modals, and what comes back from them."""

from handlers.slack.forms.context import FormTooLarge
from handlers.slack.forms.draw import draw_form, loading_form, message_form
from handlers.slack.forms.parse import field_part, first_input, parse

__all__ = ["FormTooLarge", "draw_form", "field_part", "first_input", "loading_form", "message_form", "parse"]
