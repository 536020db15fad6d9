"""Commands, clicks, modals and Home with a real Bolt app on both transports."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from tests.playground.conftest import running

TITLE = {"type": "plain_text", "text": "Report"}
SEND = {"type": "plain_text", "text": "Send"}


def text_input(block_id: str = "summary", **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "a", **more.pop("element", {})}
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": block_id.title()},
        "element": element,
        **more,
    }


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "callback_id": "report", "title": TITLE, "submit": SEND, "blocks": list(blocks), **more}


def button(action_id: str = "go", **more: Any) -> dict[str, Any]:
    element = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Go"}, **more}
    return {"type": "actions", "block_id": f"row_{action_id}", "elements": [element]}


async def open_modal(client: Any, body: dict[str, Any], *blocks: dict[str, Any], **more: Any) -> None:
    await client.views_open(trigger_id=body["trigger_id"], view=modal(*blocks, **more))


async def test_a_command_reaches_the_app_and_its_answer_the_person(transport: str) -> None:
    def register(app: AsyncApp) -> None:
        @app.command("/rag")
        async def rag(ack: Any, body: dict[str, Any]) -> None:
            await ack(f"text={body['text']} in {body['channel_name']}")

    async with running(register, transport) as pg:
        outcome = await pg.person("U1").command("/rag red @bo #general R&D", channel="general")
        assert outcome.ok
        [shown] = pg.person("U1").ephemerals("general")
        assert shown.text == "text=red <@U2|bo> <#C1|general> R&amp;D in general"
        assert pg.person("U2").messages("general") == []


async def test_form_to_submission(transport: str) -> None:
    seen: list[dict[str, Any]] = []

    def register(app: AsyncApp) -> None:
        @app.command("/rag")
        async def rag(ack: Any, body: dict[str, Any], client: Any) -> None:
            await ack()
            await open_modal(client, body, text_input(), private_metadata='{"req":7}')

        @app.view("report")
        async def submitted(ack: Any, body: dict[str, Any]) -> None:
            seen.append(body)
            await ack()

    async with running(register, transport) as pg:
        ana = pg.person("U1")
        await ana.command("/rag", channel="general")
        await pg.until(ana.modals)
        outcome = await ana.submit(values={"summary": "All well"})
        assert outcome.ok
        assert ana.modals() == []
        view = seen[0]["view"]
        assert view["state"]["values"] == {"summary": {"a": {"type": "plain_text_input", "value": "All well"}}}
        assert view["private_metadata"] == '{"req":7}'
        assert pg.log.deliveries("view_submission")[0].ok
