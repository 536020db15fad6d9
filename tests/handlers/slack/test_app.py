"""People doing things in a workspace, over real sockets and real signed HTTP."""

import json
from typing import Any

import pytest

from playground import Playground
from reporting import interactions as i
from reporting import messages as m
from reporting.ports import StoreBusy
from tests.handlers.slack.conftest import Bench, bench, workspace

OPTIONS = (i.Option("g", "Green"), i.Option("r", "Red"))
FORM = i.Form(
    "report", "ATLAS, week 48",
    (i.ChoiceField("rag", "Overall", OPTIONS, style="radio", live=True),
     i.TextField("summary", "Headline", live=True),
     i.PersonField("of", "Asked of", 2, optional=True),
     m.Actions((m.Button("risk.add", "Add a risk", "7"), m.Button("risk.show", "Show risks")))),
    submit="Send report", context={"p": 7}, tell_close=True,
)  # fmt: skip


def say(text: str, replace: bool = False) -> i.Reply:
    return (i.Say(m.Message(text, (m.Paragraph((m.Plain(text),)),)), replace),)


def shown(message: Any) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def view_text(view: dict[str, Any]) -> str:
    return json.dumps(view["blocks"], ensure_ascii=False)


# ---------------------------------------------------------------- commands and messages


async def test_a_command_is_answered_privately(both: Bench) -> None:
    both.desk.replies["command"] = say("Nothing is red. <!channel>")
    ana = both.pg.person("U1")
    outcome = await ana.command("/rag red @bo & <co>", "C4")
    assert outcome.ok
    await both.settled()
    (answer,) = ana.ephemerals("C4")
    assert "Nothing is red. <!channel>" in shown(answer)
    assert "&lt;!channel&gt;" in answer.text
    (command,) = both.desk.heard
    assert command.text == "red @U2 & <co>"
    assert (command.actor.platform, command.actor.workspace, command.actor.user_id) == ("slack", "T0PLAY", "U1")
    assert [p.name for p in both.desk.met] == ["Ana Ruiz"]


async def test_a_person_is_met_once(wired: Bench) -> None:
    for _ in range(3):
        await wired.pg.person("U1").command("/rag", "C1")
    await wired.settled()
    assert len(wired.desk.met) == 1


async def test_a_long_answer_goes_on_in_the_direct_conversation(wired: Bench) -> None:
    wired.desk.replies["command"] = say("A sentence. " * 5_000)
    ana = wired.pg.person("U1")
    await ana.command("/rag", "C4")
    await wired.settled()
    assert len(ana.ephemerals("C4")) == 5
    assert "direct conversation" in ana.ephemerals("C4")[-1].text
    assert len(ana.messages()) >= 3
    assert wired.pg.refusals == []


@pytest.mark.parametrize("kind", ["drop_before", "http500"])
async def test_an_answer_that_slack_did_not_take_goes_to_the_direct_conversation(wired: Bench, kind: Any) -> None:
    wired.desk.replies["command"] = say("Nothing is red.")
    wired.pg.faults.add("response_url", kind)
    ana = wired.pg.person("U1")
    await ana.command("/rag", "C4")
    await wired.settled()
    assert "Nothing is red." in shown(ana.messages()[-1])


async def test_old_workspaces_get_old_blocks() -> None:
    table = m.Table("All", ("Key",), (((m.Plain("ATLAS"),),),))
    async with bench("socket", new_blocks=False) as running:
        running.desk.replies["command"] = (i.Say(m.Message("s", (table,))),)
        ana = running.pg.person("U1")
        await ana.command("/rag", "C4")
        await running.settled()
        assert "ATLAS" in shown(ana.ephemerals("C4")[0])
        assert running.messenger.new_blocks is False


async def test_a_direct_message_is_a_command_and_answered_there(both: Bench) -> None:
    both.desk.replies["command"] = say("Hello Ana")
    ana = both.pg.person("U1")
    await ana.say("what is red?")
    await both.settled()
    assert [command.text for command in both.desk.heard] == ["what is red?"]
    assert both.desk.heard[0].direct
    assert "Hello Ana" in shown(ana.messages()[-1])
    assert not ana.messages()[-1].ephemeral


async def test_a_mention_is_answered_to_the_asker_only(both: Bench) -> None:
    both.desk.replies["command"] = say("Two are red")
    ana = both.pg.person("U1")
    await ana.say("@rollcall red", "C1")
    await both.settled()
    assert [command.text for command in both.desk.heard] == ["red"]
    assert "Two are red" in shown(ana.ephemerals("C1")[0])
    assert both.pg.person("U2").ephemerals("C1") == []


async def test_a_failure_is_told_with_a_reference_and_logged_without_what_was_typed(
    wired: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    wired.desk.replies["command"] = RuntimeError("secret words of Ana")
    ana = wired.pg.person("U1")
    assert (await ana.command("/rag secret", "C1")).ok
    await wired.settled()
    text = ana.ephemerals("C1")[0].text
    reference = text.rpartition("operator ")[2].rstrip(".")
    assert reference in caplog.text
    assert "secret" not in caplog.text
    assert "xoxb" not in caplog.text


# ---------------------------------------------------------------- buttons


async def prompt(pg: Playground, running: Bench, *blocks: m.Block, target: str = "U1") -> str:
    (part,) = running.messenger.render(m.Message("Prompt", blocks), {})
    return (await running.messenger.post(target, part, "prompt:1")).message_id


async def test_a_button_opens_a_form_through_a_loading_view(both: Bench) -> None:
    both.desk.replies["report.open"] = (i.OpenForm(FORM),)
    ana = both.pg.person("U1")
    row = m.Row((m.Pill(None), m.Plain(" ATLAS")), m.Button("report.open", "Report", "12:7"))
    ts = await prompt(both.pg, both, row)
    assert (await ana.click(None, ts, "report.open")).ok
    await both.settled()
    view = ana.modal()
    assert view["title"]["text"] == "ATLAS, week 48"
    assert [c.args["view"]["callback_id"] for c in both.pg.log.calls("views.open")] == ["loading"]
    (click,) = both.desk.heard
    assert (click.action, click.value, click.place) == ("report.open", "12:7", "message")
    assert (click.channel, click.message_id) == (ana.dm.id, ts)


async def test_a_button_with_a_message_instead_of_its_form(wired: Bench) -> None:
    wired.desk.replies["report.open"] = say("You have sent this already.")
    ana = wired.pg.person("U1")
    ts = await prompt(wired.pg, wired, m.Actions((m.Button("report.open", "Report", "1"),)))
    await ana.click(None, ts, "report.open")
    await wired.settled()
    assert "sent this already" in view_text(ana.modal())
    assert not ana.modal().get("submit")


async def test_a_button_that_fails_says_so_in_its_loading_view(wired: Bench) -> None:
    wired.desk.replies["report.open"] = StoreBusy()
    ana = wired.pg.person("U1")
    ts = await prompt(wired.pg, wired, m.Actions((m.Button("report.open", "Report", "1"),)))
    await ana.click(None, ts, "report.open")
    await wired.settled()
    assert "Nothing that was saved before is lost" in view_text(ana.modal())


async def test_a_trigger_that_is_too_old_is_explained() -> None:
    async with bench("socket", trigger_seconds=0.0) as running:
        running.desk.replies["report.open"] = (i.OpenForm(FORM),)
        ana = running.pg.person("U1")
        ts = await prompt(running.pg, running, m.Actions((m.Button("report.open", "Report"),)))
        await ana.click(None, ts, "report.open")
        await running.settled()
        assert ana.modals() == []
        assert "press the button again" in shown(ana.messages()[-1])


async def test_a_menu_and_a_packed_value_arrive_whole(wired: Bench) -> None:
    ana = wired.pg.person("U1")
    long = "page " * 400 + "<|>"
    menu = m.Menu("request.snooze", "Remind me later", (i.Option("1:2", "in 2 hours"), i.Option("1:24", "tomorrow")))
    more, short = m.Button("query.run", "More", long), m.Button("query.run", "B")
    ts = await prompt(wired.pg, wired, m.Actions((menu, more, short)))
    await ana.click(None, ts, "request.snooze", value="1:24")
    (_, element) = _button(wired.pg, ts, "More")
    await ana.click(None, ts, element)
    await ana.click(None, ts, "B")
    await wired.settled()
    assert {(c.action, c.value) for c in wired.desk.heard} == {
        ("request.snooze", "1:24"), ("query.run", long), ("query.run", "")
    }  # fmt: skip


def _button(pg: Playground, ts: str, label: str) -> tuple[str, str]:
    message = next(x for x in pg.person("U1").messages() if x.ts == ts)
    found = [e for b in message.blocks for e in b.get("elements", []) if e.get("text", {}).get("text") == label]
    return label, found[0]["action_id"]


async def test_two_buttons_of_one_action_are_told_apart(wired: Bench) -> None:
    ts = await prompt(wired.pg, wired, m.Actions((m.Button("a", "One", "1"), m.Button("a", "Two", "2"))))
    await wired.pg.person("U1").click(None, ts, "Two")
    await wired.settled()
    assert [(c.action, c.value) for c in wired.desk.heard] == [("a", "2")]


async def test_a_link_button_is_acknowledged_and_nothing_else(both: Bench) -> None:
    ts = await prompt(both.pg, both, m.Actions((m.Button("x", "Guide", url="https://example.com/guide"),)))
    assert (await both.pg.person("U1").click(None, ts, "Guide")).ok
    await both.settled()
    assert both.desk.heard == []


async def test_an_answer_in_the_direct_conversation_is_an_ordinary_message_and_can_be_replaced(wired: Bench) -> None:
    wired.desk.replies["page.next"] = say("Page two", replace=True)
    ana = wired.pg.person("U1")
    ts = await prompt(wired.pg, wired, m.Actions((m.Button("page.next", "Next"),)))
    await ana.click(None, ts, "Next")
    await wired.settled()
    (message,) = ana.messages()
    assert "Page two" in shown(message)
    assert not message.ephemeral


async def test_a_private_answer_in_a_channel_is_replaced(wired: Bench) -> None:
    ana = wired.pg.person("U1")
    button = m.Actions((m.Button("page.next", "Next", "red|10"),))
    wired.desk.replies["command"] = (i.Say(m.Message("Page one", (button,))),)
    wired.desk.replies["page.next"] = say("Page two", replace=True)
    await ana.command("/rag red", "C4")
    await wired.settled()
    await ana.click("C4", ana.ephemerals("C4")[0].ts, "Next")
    await wired.settled()
    assert ["Page two" in shown(x) for x in ana.ephemerals("C4")] == [True]


async def test_a_button_in_a_channel_answers_only_the_presser(wired: Bench) -> None:
    wired.desk.replies["alert.ack"] = say("You have this.")
    ts = await prompt(wired.pg, wired, m.Actions((m.Button("alert.ack", "I have this", "5"),)), target="C1")
    await wired.pg.person("U2").click("C1", ts, "I have this")
    await wired.settled()
    assert "You have this." in shown(wired.pg.person("U2").ephemerals("C1")[0])
    assert wired.pg.person("U1").ephemerals("C1") == []
    assert wired.desk.heard[0].actor.user_id == "U2"


# ---------------------------------------------------------------- home, shortcut, events


async def test_home_is_published_when_opened_and_only_on_change(both: Bench) -> None:
    both.desk.replies["home"] = (i.ShowHome(i.Home((m.Heading("Your projects"),))),)
    ana = both.pg.person("U1")
    for _ in range(3):
        await ana.open_home()
        await both.settled()
    assert ana.home() is not None
    assert len(both.pg.log.calls("views.publish")) == 1
    both.desk.replies["home"] = (i.ShowHome(i.Home((m.Heading("Changed"),))),)
    await ana.open_messages()
    await both.settled()
    assert len(both.pg.log.calls("views.publish")) == 1
    await ana.open_home()
    await both.settled()
    assert "Changed" in view_text(ana.home() or {})


async def test_a_home_button_answers_in_a_view(wired: Bench) -> None:
    home = i.Home((m.Actions((m.Button("project.open", "Open", "7"),)),))
    wired.desk.replies |= {"home": (i.ShowHome(home),), "project.open": say("ATLAS is green")}
    ana = wired.pg.person("U1")
    await ana.open_home()
    await wired.settled()
    await ana.click_home("Open")
    await wired.settled()
    assert "ATLAS is green" in view_text(ana.modal())
    assert wired.desk.heard[-1].place == "home"


async def test_a_home_that_fails_says_so(wired: Bench) -> None:
    wired.desk.replies["home"] = RuntimeError()
    await wired.pg.person("U1").open_home()
    await wired.settled()
    assert "Please try again" in view_text(wired.pg.person("U1").home() or {})
    assert wired.pg.person("U1").messages() == []


async def test_the_shortcut_opens_the_report(both: Bench) -> None:
    both.desk.replies["report.open"] = (i.OpenForm(FORM),)
    assert (await both.pg.person("U1").shortcut("report")).ok
    await both.settled()
    assert both.pg.person("U1").modal()["callback_id"] == "report"
    assert (both.desk.heard[0].action, both.desk.heard[0].value) == ("report.open", "")


async def test_a_changed_account_is_told(both: Bench) -> None:
    both.pg.change_user("U2", deleted=True)
    await both.settled()
    assert [(p.identity.user_id, p.active) for p in both.desk.changes] == [("U2", False)]
    both.pg.change_user("U4", real_name="Robo 2")
    await both.settled()
    assert len(both.desk.changes) == 1


async def test_the_end_of_the_installation_is_told_once(both: Bench) -> None:
    await both.messenger.start()
    both.pg.uninstall()
    await both.settled()
    assert len(both.stopped) == 1


async def test_events_of_no_interest_are_acknowledged(both: Bench) -> None:
    for event in ({"type": "channel_rename"}, {"type": "message", "subtype": "message_changed", "channel_type": "im"}):
        both.pg.courier.event({"event_ts": "1.1", "user": "U1", "channel": "C1", **event})
    await both.settled()
    assert all(delivery.ok for delivery in both.pg.log.deliveries())
    assert both.desk.heard == []


async def test_a_file_goes_to_the_direct_conversation(wired: Bench) -> None:
    wired.desk.replies["command"] = (i.SendFile("all.csv", b"a,b\n", "The export"),)
    await wired.pg.person("U1").command("/rag export", "C1")
    await wired.settled()
    await wired.pg.until(lambda: wired.pg.person("U1").messages())
    assert wired.pg.person("U1").messages()[0].text == "The export"
    assert wired.desk.handed == [("U1", "all.csv")]


async def test_a_form_asked_for_by_message_is_explained(wired: Bench) -> None:
    wired.desk.replies["command"] = (i.OpenForm(FORM),)
    await wired.pg.person("U1").say("report atlas")
    await wired.settled()
    assert "/rag" in wired.pg.person("U1").messages()[-1].text


async def test_secrets_in_the_environment_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "BOT_TOKEN", "SIGNING_SECRET", "APP_TOKEN", "VERIFICATION_TOKEN"):
        monkeypatch.setenv(f"SLACK_{name}", "xoxb-other")
    async with bench("http", space=workspace()) as running:
        running.desk.replies["command"] = say("Hello")
        assert (await running.pg.person("U1").command("/rag", "C1")).ok
        await running.settled()
        assert len(running.pg.person("U1").ephemerals("C1")) == 1
