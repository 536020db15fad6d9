"""Slack's limits, each with its source. Where the documentation and the observed behaviour differ, the stricter counts.

Lengths are counted in UTF-16 units, the largest of the ways in which a platform may count.
"""

from typing import Final

# Slack docs: rate limits, as seconds between two posts: one a second in a channel, "several hundred per minute" in a
# workspace.
CHANNEL_SPACING: Final = 1.0
WORKSPACE_SPACING: Final = 0.2
# Slack docs: blocks reference, "up to 50 blocks in each message, and 100 blocks in modals or Home tabs".
MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
# Not documented: `msg_blocks_too_long` was reported from 11,341 counted characters upwards (bolt-js issue 2867).
MESSAGE_CHARS: Final = 10_000
# Slack docs: chat.postMessage recommends 4,000 for `text`; chat.update refuses more (`msg_too_long`).
SUMMARY_CHARS: Final = 4_000
# Slack docs: views.open, `view_too_large`; 250 KB with room for what Slack adds.
VIEW_BYTES: Final = 240_000

# Slack docs: text object.
TEXT_CHARS: Final = 3_000
# Slack docs: header block.
HEADER_CHARS: Final = 150
# Slack docs: context block.
CONTEXT_ELEMENTS: Final = 10
# Slack docs: actions block.
ACTIONS_ELEMENTS: Final = 25

# Slack docs: button element.
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
# Slack docs: blocks reference.
ID_CHARS: Final = 255
URL_CHARS: Final = 3_000
# Slack docs: confirmation dialog object.
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
# Slack docs: option object (value 150, but 75 in the comments of Slack's own types).
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 75
PLACEHOLDER: Final = 150
# Slack docs: select menu element; checkboxes and radio buttons.
SELECT_OPTIONS: Final = 100
SELECT_GROUPS: Final = 100
RADIO_OPTIONS: Final = 10

# Slack docs: data table block.
TABLE_ROWS: Final = 200
TABLE_COLUMNS: Final = 20
TABLE_PAGE: Final = 100
# All tables of a view together; a message is held to MESSAGE_CHARS.
TABLE_CHARS: Final = 20_000
# Slack docs: data visualization block.
CHARTS: Final = 2
CHART_TITLE: Final = 50
CHART_AXIS: Final = 50
CHART_NAME: Final = 20
CHART_SERIES: Final = 12
CHART_POINTS: Final = 20

# Slack docs: views.
VIEW_TITLE: Final = 24
PRIVATE_METADATA: Final = 3_000
# Slack docs: input block and plain-text input element.
LABEL: Final = 2_000
HINT: Final = 2_000
INPUT_CHARS: Final = 3_000

# Slack docs: handling user interaction; a response_url takes five posts in thirty minutes.
RESPONSE_POSTS: Final = 5
