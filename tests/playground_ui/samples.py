"""Messages that show every block an app may send."""

from tests.playground_ui.people import NOW_TS, Json, button, message, mrkdwn, option, plain

MRKDWN = (
    "*bold* _italic_ ~gone~ `a < b` <@U2> <#C2> <!here> <https://example.org/x?a=1&amp;b=2|a link> 5 &lt; 6 &amp; 7\n"
    "> quoted *words*\n"
    "snake_case_name and 2*3*4 stay. :large_green_circle: :red_circle: :no_such_emoji: "
    f"<!date^{NOW_TS}^{{date_long}} at {{time}}|fallback>\n```pre *not bold*```"
)


def inline(kind: str, **fields: object) -> Json:
    """A rich text inline element."""
    return {"type": kind, **fields}


def text(words: str, **style: bool) -> Json:
    """A rich text run of words."""
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def rich_section(*elements: Json) -> Json:
    """A rich text section."""
    return {"type": "rich_text_section", "elements": list(elements)}


def tag_cell(words: str, color: str) -> Json:
    """A table cell with a status pill."""
    return {"type": "rich_text", "elements": [rich_section({"type": "tag", "text": words, "color": color})]}


RICH: Json = {
    "type": "rich_text",
    "block_id": "rich",
    "elements": [
        rich_section(
            text("Bold", bold=True),
            text(" and "),
            text("code", code=True),
            text(" by "),
            inline("user", user_id="U1"),
            text(" in "),
            inline("channel", channel_id="C1"),
            text(", "),
            inline("link", url="https://example.org", text="the plan"),
            text(", "),
            inline("emoji", name="large_yellow_circle"),
            text(" until "),
            inline("date", timestamp=NOW_TS, format="{date_short}", fallback="27 Nov"),
            text(" "),
            *[inline("tag", text=color, color=color) for color in ("gray", "brown", "purple", "indigo", "blue")],
            *[inline("tag", text=color, color=color) for color in ("green", "yellow", "orange", "red")],
            text(" "),
            inline("broadcast", range="here"),
        ),
        {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": [rich_section(text("first"))]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [rich_section(text("inside"))]},
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [rich_section(text("one")), rich_section(text("two"))],
        },
        {"type": "rich_text_quote", "elements": [text("Quoted as said")]},
        {"type": "rich_text_preformatted", "elements": [text("x = 1\ny = 2")]},
    ],
}

MARKDOWN = """# Risks this week
**Two** turned *red*, ~~three~~ and `code`. [More](https://example.org)

- first
  - nested
- [x] done
- [ ] open

1. one
2. two

> said so

| Project | Weeks |
|:--|--:|
| BEAM | 2 |
| CORE | 11 |
"""

HEALTH = [("Red", "red"), ("Amber", "yellow"), ("Green", "green")]
NAMES = ["ATLAS", "BEAM", "CORE", "DELTA", "ECHO", "FOX", "GAMMA"]


def project_row(index: int, name: str) -> list[Json]:
    """One row of the data table."""
    return [
        {"type": "raw_text", "text": name},
        tag_cell(*HEALTH[index % 3]),
        {"type": "raw_number", "value": index * 7 % 12, "text": str(index * 7 % 12)},
        {
            "type": "action_cell",
            "element": button(f"Open {name}", f"open_{name}"),
            "fallback": {"type": "raw_text", "text": name},
        },
    ]


HEAD = [{"type": "raw_text", "text": name} for name in ("Project", "Health", "Weeks", "More")]
DATA_TABLE: Json = {
    "type": "data_table",
    "block_id": "dt",
    "caption": "Projects, worst first",
    "page_size": 5,
    "row_header_column_index": 0,
    "rows": [HEAD, *[project_row(index, name) for index, name in enumerate(NAMES)]],
}
TABLE: Json = {
    "type": "table",
    "block_id": "plain_table",
    "column_settings": [None, {"align": "right"}],
    "rows": [
        [{"type": "raw_text", "text": "Milestone"}, {"type": "raw_text", "text": "Days"}],
        [{"type": "raw_text", "text": "First light"}, {"type": "raw_number", "value": 12, "text": "12"}],
        [tag_cell("Late", "red"), {"type": "raw_number", "value": 3, "text": "3"}],
    ],
}


def series(name: str, *values: float) -> Json:
    """One series of a chart over weeks 45 to 48."""
    return {"name": name, "data": [{"label": f"W{45 + at}", "value": value} for at, value in enumerate(values)]}


def axis_chart(kind: str, *data: Json) -> Json:
    """A bar, line or area chart block."""
    weeks = ["W45", "W46", "W47", "W48"]
    axes = {"categories": weeks, "x_label": "Week", "y_label": "Projects"}
    return {
        "type": "data_visualization",
        "block_id": f"chart_{kind}",
        "title": f"Projects as {kind}",
        "chart": {"type": kind, "series": list(data), "axis_config": axes},
    }


PIE: Json = {
    "type": "data_visualization",
    "block_id": "chart_pie",
    "title": "Projects by health",
    "chart": {
        "type": "pie",
        "segments": [{"label": "Green", "value": 10}, {"label": "Amber", "value": 6}, {"label": "Red", "value": 3}],
    },
}

IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='320' height='90'%3E"
    "%3Crect width='320' height='90' fill='%23dfe7f5'/%3E"
    "%3Cpath d='M10 70L90 30L170 50L310 12' stroke='%23274690' stroke-width='4' fill='none'/%3E%3C/svg%3E"
)

CONTROLS_BLOCK: Json = {
    "type": "actions",
    "block_id": "controls",
    "elements": [
        button("Report", "report", style="primary"),
        button(
            "Drop",
            "drop",
            style="danger",
            confirm={
                "title": plain("Drop the project?"),
                "text": mrkdwn("This *cannot* be undone."),
                "confirm": plain("Drop it"),
                "deny": plain("Keep it"),
                "style": "danger",
            },
        ),
        button("Wiki", "wiki", url="https://example.org/wiki"),
        {
            "type": "static_select",
            "action_id": "later",
            "placeholder": plain("Remind me later"),
            "options": [option("In one hour", "1h"), option("Tomorrow", "1d", "At nine, your time")],
        },
        {"type": "datepicker", "action_id": "until", "placeholder": plain("Away until")},
        {"type": "overflow", "action_id": "more", "options": [option("Mute", "mute"), option("Hand over", "hand")]},
    ],
}


def card(name: str) -> Json:
    """A card block."""
    return {
        "type": "card",
        "block_id": f"card_{name}",
        "title": plain(name),
        "subtitle": mrkdwn("Imaging portfolio"),
        "body": mrkdwn("Third date *missed*; a second supplier is ready."),
        "subtext": mrkdwn("Since 13 November"),
        "slack_icon": {"name": "flag"},
        "actions": [button(f"Take {name}", "take"), button(f"Look at {name}", "look")],
    }


GROUPS: list[Json] = [
    {
        "type": "container",
        "block_id": "box",
        "title": plain("Decisions asked for"),
        "subtitle": plain("2 open"),
        "is_collapsible": True,
        "child_blocks": [{"type": "section", "block_id": "in_box", "text": mrkdwn("Take the *second* supplier?")}],
    },
    {"type": "carousel", "block_id": "cards", "elements": [card("BEAM"), card("CORE"), card("DELTA")]},
    {
        "type": "context_actions",
        "block_id": "feedback",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "fb",
                "positive_button": {"text": plain("Useful"), "value": "up"},
                "negative_button": {"text": plain("Not useful"), "value": "down"},
            },
            {"type": "icon_button", "action_id": "bin", "icon": "trash", "text": plain("Remove")},
        ],
    },
]

LAYOUT: list[Json] = [
    {"type": "header", "block_id": "head", "text": plain("Imaging *portfolio*, week 48")},
    {"type": "section", "block_id": "text", "text": mrkdwn(MRKDWN)},
    {"type": "divider", "block_id": "rule"},
    {
        "type": "section",
        "block_id": "fields",
        "fields": [
            mrkdwn("*Lead*\n<@U1>"),
            mrkdwn("*Next date*\n5 December"),
            plain("*literal*"),
            mrkdwn("*Trend*\nG G A A"),
        ],
        "accessory": button("Details", "details"),
    },
    {
        "type": "context",
        "block_id": "foot",
        "elements": [{"type": "image", "image_url": IMAGE, "alt_text": "chart"}, mrkdwn("As of Fri 27 Nov 16:00")],
    },
    {
        "type": "image",
        "block_id": "pic",
        "title": plain("Projects by week"),
        "image_url": IMAGE,
        "alt_text": "A line that rises",
    },
    {"type": "image", "block_id": "far", "image_url": "https://example.org/far.png", "alt_text": "A picture elsewhere"},
]

FILES = [
    {
        "id": "F1",
        "name": "portfolio week 48.xlsx",
        "url": "/files/F1/portfolio.xlsx",
        "mimetype": "application/vnd.ms-excel",
    },
    {"id": "F2", "name": "chart.png", "url": "/files/F2/chart.png", "mimetype": "image/png"},
]

REPLIES = [
    message(NOW_TS - 2400, [], "I can sign <@U1> today", "U2", thread_ts=f"{NOW_TS - 3600:.6f}"),
    message(NOW_TS - 1800, [], "Thank you", "U1", thread_ts=f"{NOW_TS - 3600:.6f}"),
]

CHANNEL = [
    message(NOW_TS - 90000, [], "Good morning &amp; welcome", "U2"),
    message(NOW_TS - 89950, [], "Second line of the *same* person", "U2"),
    message(NOW_TS - 3600, LAYOUT, "Digest", reply_count=2, replies=REPLIES, edited={"user": "UAPP", "ts": "1"}),
    message(NOW_TS - 3500, [RICH, {"type": "markdown", "block_id": "md", "text": MARKDOWN}], "Rich"),
    message(NOW_TS - 3400, [DATA_TABLE, TABLE], "Tables"),
    message(
        NOW_TS - 3300,
        [axis_chart("bar", series("Red", 1, 2, 3, 2), series("Amber", 4, 4, 6, 5)), PIE],
        "Charts",
    ),
    message(
        NOW_TS - 3200,
        [
            axis_chart("line", series("Net", -2, 1, 3.5, 2)),
            axis_chart("area", series("G", 8, 9, 7, 8), series("A", 3, 2, 4, 3)),
        ],
        "More charts",
    ),
    message(NOW_TS - 3100, GROUPS, "Groups"),
    message(NOW_TS - 3000, [CONTROLS_BLOCK, {"type": "hologram", "block_id": "odd"}], "Controls"),
    message(NOW_TS - 2900, [], "The sheet is attached", files=FILES),
    message(NOW_TS - 2800, [], "Nothing is red.", ephemeral=True),
]
