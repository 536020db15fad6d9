"""Short builders of Block Kit for the tests, and the ways to show it."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def option(number: int = 0, **more: Any) -> Json:
    return {"text": plain(f"o{number}"), "value": f"v{number}", **more}


def options(count: int) -> list[Json]:
    return [option(n) for n in range(count)]


def button(number: int = 0, **more: Any) -> Json:
    return {"type": "button", "action_id": f"a{number}", "text": plain("Go"), **more}


def select(**more: Any) -> Json:
    chosen = {} if "option_groups" in more else {"options": options(1)}
    return {"type": "static_select", "action_id": "s", **chosen, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def field(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Label"), "element": {"action_id": "i", **element}, **more}


def typed(**more: Any) -> Json:
    ids = {"block_id": more.pop("block_id")} if "block_id" in more else {}
    return field({"type": "plain_text_input", **more}, **ids)


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A", **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "title": plain("T"),
        "submit": plain("Send"),
        "blocks": list(blocks or [section()]),
        **more,
    }


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks or [section()]), **more}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def rich(*inline: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(inline)}]}


def table(rows: int, cells: int = 1, text: str = "x", **more: Any) -> Json:
    return {"type": "table", "rows": [[raw(text)] * cells for _ in range(rows)], **more}


def data_table(rows: int = 2, cells: int = 1, text: str = "x", **more: Any) -> Json:
    body = {"type": "data_table", "caption": "C", "rows": [[raw(text)] * cells for _ in range(rows)]}
    return body | more


def bars(series: int = 1, points: int = 1, **more: Any) -> Json:
    labels = [f"c{n}" for n in range(points)]
    lines = [{"name": f"s{n}", "data": [{"label": each, "value": n - 1} for each in labels]} for n in range(series)]
    chart = {"type": "bar", "series": lines, "axis_config": {"categories": labels, **more.pop("axes", {})}}
    return {"type": "data_visualization", "title": "T", "chart": chart, **more}


def pie(segments: int = 1, value: float = 1, title: str = "T", label: str = "") -> Json:
    parts = [{"label": label or f"l{n}", "value": value} for n in range(segments)]
    return {"type": "data_visualization", "title": title, "chart": {"type": "pie", "segments": parts}}


def container(*children: Json, **more: Any) -> Json:
    return {"type": "container", "title": plain("T"), "child_blocks": list(children or [section()]), **more}


def card(**more: Any) -> Json:
    return {"type": "card", "title": plain("T"), **more}


def task(status: str) -> Json:
    return {"type": "task_card", "task_id": "t", "title": "T", "status": status}


def video(**more: Any) -> Json:
    url = "https://example.com/"
    return {"type": "video", "alt_text": "a", "title": plain("T"), "thumbnail_url": url, "video_url": url, **more}


async def code(call: Any) -> str | None:
    """Slack's error code of a call, None when it worked."""
    try:
        await call
    except SlackApiError as error:
        return str(error.response["error"])
    return None


async def show(client: AsyncWebClient, surface: str, *blocks: Json) -> str | None:
    """Send blocks to a surface; the error code, or None."""
    if surface == "message":
        return await code(client.chat_postMessage(channel="C1", text="t", blocks=list(blocks)))
    if surface == "home":
        return await code(client.views_publish(user_id="U1", view=home() | {"blocks": list(blocks)}))
    return await code(client.blocks_validate(view=modal() | {"blocks": list(blocks)}))
