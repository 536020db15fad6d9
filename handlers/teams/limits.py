"""The limits of Teams, each with its source. Where documentation and clients differ, the stricter counts."""

from typing import Final

# Teams docs: rate limits of bots, as seconds between two posts: 60 in 30 s in one conversation; for an app in one
# tenant 50 a second, 30 in older pages, so 25 are planned with, and a little less: exactly at a limit every jitter is
# a refusal, which costs a second.
CONVERSATION_SPACING: Final = 0.5
TENANT_SPACING: Final = 0.0405
# Teams docs: cards reference; cards of bots are drawn up to schema version 1.5.
CARD_VERSION: Final = "1.5"
# Teams docs: format your bot messages; 100 KB counted as UTF-16 with mentions and reactions. The whole activity.
ACTIVITY_UTF16_BYTES: Final = 80_000
# The same page's older figures and phones ask for less: JSON of one card in a message, as UTF-8.
CARD_BYTES: Final = 25_000
# What the frame of a card takes: both summaries, version, width.
FRAME_BYTES: Final = 3_500
# One drawn element; small enough that a few of them always share a card.
ELEMENT_BYTES: Final = 6_000
# A table or chart with its fallback.
LARGE_BYTES: Final = 9_000
# A piece of literal text, in UTF-16 units; at most three bytes each.
TEXT_UNITS: Final = 1_000
SUMMARY_UNITS: Final = 250
# Seen in clients: the seventh button of a set is not drawn.
BUTTONS: Final = 6
# Titles side by side, each with its frame: about what a phone is wide. Some clients cut off what does not fit.
BUTTON_ROW_UNITS: Final = 38
BUTTON_FRAME_UNITS: Final = 4
# A longer title is shortened on the button and stands beside it in full.
BUTTON_UNITS: Final = 80
# A table of more columns cannot be read on a phone nor in a chat column.
TABLE_COLUMNS: Final = 8
# What fits side by side on a phone; a table whose longest words need more is lines there.
PHONE_TABLE_UNITS: Final = 42
URL_UNITS: Final = 2_000
# JSON of a dialog's card in UTF-16 units, two bytes each. Nothing is documented for answers to invokes: the size of a
# message is aimed at, and texts give way for it. What somebody typed goes back even when it is longer.
FORM_UNITS: Final = 38_000
FORM_UNITS_MOST: Final = 120_000
DIALOG_TITLE: Final = 60
