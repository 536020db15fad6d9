"""The messenger against a workspace as strict as Slack, with its faults."""

from datetime import timedelta
from typing import Any

import pytest

from handlers.slack.marks import mark
from handlers.slack.sender import SlackMessenger
from playground import Channel, Playground
from reporting import messages as m
from reporting.ledger import MessageRef
from reporting.ports import (
    AppFault,
    InstallationStopped,
    Messenger,
    RetryLater,
    TargetGone,
    Uncertain,
)
from tests.handlers.slack.conftest import NOW, Bench, bench, workspace

HELLO = m.Message("Hello & <!channel>", (m.Paragraph((m.Plain("Good morning <@U2> *x*"),)),))


def part(messenger: Messenger, message: m.Message = HELLO) -> dict[str, Any]:
    (only,) = messenger.render(message, {})
    return only


async def test_a_post_to_a_person_lands_in_the_direct_conversation_with_its_key(sending: Bench) -> None:
    ref = await sending.messenger.post("U1", part(sending.messenger), "prompt:12:7#0")
    (message,) = sending.pg.person("U1").messages()
    assert ref == MessageRef(sending.pg.person("U1").dm.id, message.ts)
    assert message.text == "Hello &amp; &lt;!channel&gt;"
    assert message.metadata == {"event_type": "rollcall_delivery", "event_payload": {"key": "prompt:12:7#0"}}
    assert message.blocks[0]["block_id"] == "prompt:12:7#0"
    assert sending.pg.log.calls("conversations.open") == []


async def test_a_channel_is_found_by_its_name_once(sending: Bench) -> None:
    for key in ("a", "b"):
        assert (await sending.messenger.post("#leads", part(sending.messenger), key)).channel == "C2"
    assert len(sending.pg.log.calls("conversations.list")) == 1
    with pytest.raises(TargetGone, match="#nowhere"):
        await sending.messenger.post("#nowhere", part(sending.messenger), "c")


async def test_a_name_goes_as_it_is_where_listing_is_not_allowed() -> None:
    scopes = ("chat:write", "channels:read", "chat:write.public")
    async with bench("none", space=workspace(scopes=scopes)) as running:
        assert (await running.messenger.post("#general", part(running.messenger), "k")).channel == "C1"


async def test_a_thread(sending: Bench) -> None:
    first = await sending.messenger.post("C1", part(sending.messenger), "d#0")
    reply = await sending.messenger.post("C1", part(sending.messenger), "d#1", first)
    (message,) = [x for x in sending.pg.person("U1").messages("C1") if x.ts == reply.message_id]
    assert message.thread_ts == first.message_id
    assert await sending.messenger.find("C1", "d#1", NOW, first) == reply
    assert await sending.messenger.find("C1", "d#2", NOW, first) is None


@pytest.mark.parametrize("kind", ["drop_after", "http500_after"])
async def test_an_unknown_outcome_is_uncertain_and_the_post_is_found(sending: Bench, kind: Any) -> None:
    sending.pg.faults.add("chat.postMessage", kind)
    with pytest.raises(Uncertain):
        await sending.messenger.post("C1", part(sending.messenger), "k#0")
    (message,) = sending.pg.person("U1").messages("C1")
    assert await sending.messenger.find("C1", "k#0", NOW) == MessageRef("C1", message.ts)
    assert len(sending.pg.log.calls("chat.postMessage")) == 1


async def test_a_connection_lost_before_is_uncertain_too_and_nothing_is_found(sending: Bench) -> None:
    sending.pg.faults.add("chat.postMessage", "drop_before")
    with pytest.raises(Uncertain):
        await sending.messenger.post("U1", part(sending.messenger), "k")
    assert await sending.messenger.find("U1", "k", NOW) is None
    assert await sending.messenger.find("U1", "k", NOW - timedelta(days=1)) is None


async def test_a_post_is_found_by_its_block_when_slack_dropped_the_metadata(sending: Bench) -> None:
    long_key = "k" * 300
    ref = await sending.messenger.post("C1", part(sending.messenger), long_key)
    (message,) = sending.pg.person("U1").messages("C1")
    message.metadata = None
    assert message.blocks[0]["block_id"] == mark(long_key)
    assert await sending.messenger.find("C1", long_key, NOW) == ref


async def test_somebody_else_cannot_pose_as_a_delivery(sending: Bench) -> None:
    message = await sending.pg.person("U1").say("x", "C1")
    message.metadata = {"event_type": "rollcall_delivery", "event_payload": {"key": "k"}}
    assert await sending.messenger.find("C1", "k", NOW) is None


async def test_old_messages_are_not_looked_through(sending: Bench) -> None:
    await sending.messenger.post("C1", part(sending.messenger), "k")
    assert await sending.messenger.find("C1", "k", NOW + timedelta(minutes=10)) is None


async def test_find_reads_on_over_pages(sending: Bench) -> None:
    ref = await sending.messenger.post("C1", part(sending.messenger), "old")
    for n in range(230):
        await sending.messenger.post("C1", part(sending.messenger), f"k{n}")
    assert await sending.messenger.find("C1", "old", NOW) == ref


async def test_a_channel_that_is_gone_is_looked_up_anew(sending: Bench) -> None:
    first = await sending.messenger.post("#general", part(sending.messenger), "one")
    space = sending.pg.person("U1").space
    space.channels["C1"].archived = True
    space.channels["C1"].name = "general-old"
    space.channels["C9"] = Channel("C9", "general", members=["U1"])
    with pytest.raises(TargetGone):
        await sending.messenger.post("#general", part(sending.messenger), "two")
    again = await sending.messenger.post("#general", part(sending.messenger), "two")
    assert (first.channel, again.channel) == ("C1", "C9")


async def test_a_history_longer_than_is_looked_through_is_no_proof(
    sending: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.slack.sender._HISTORY_PAGE", 2)
    for n in range(21):
        await sending.messenger.post("C1", part(sending.messenger), f"k{n}")
    with pytest.raises(Uncertain):
        await sending.messenger.find("C1", "k0", NOW)
    ref = await sending.messenger.find("C1", "k20", NOW)
    assert ref is not None


async def test_an_update_replaces_and_is_still_found(sending: Bench) -> None:
    ref = await sending.messenger.post("C1", part(sending.messenger), "k")
    changed = part(sending.messenger, m.Message("Now", (m.Paragraph((m.Plain("Now"),)),)))
    await sending.messenger.update(ref, changed, "k")
    (message,) = sending.pg.person("U1").messages("C1")
    assert message.text == "Now"
    assert message.blocks[0]["block_id"].startswith("k~")
    message.metadata = None
    assert await sending.messenger.find("C1", "k", NOW) == ref


async def test_an_update_with_an_unknown_outcome_can_be_tried_again(sending: Bench) -> None:
    ref = await sending.messenger.post("C1", part(sending.messenger), "k")
    sending.pg.faults.add("chat.update", "drop_after")
    with pytest.raises(RetryLater):
        await sending.messenger.update(ref, part(sending.messenger), "k")


async def test_deleting_twice_is_fine(sending: Bench) -> None:
    ref = await sending.messenger.post("C1", part(sending.messenger), "k")
    await sending.messenger.delete(ref)
    await sending.messenger.delete(ref)
    assert sending.pg.person("U1").messages("C1") == []
    with pytest.raises(TargetGone):
        await sending.messenger.update(ref, part(sending.messenger), "k")


async def test_a_rate_limit_says_when(sending: Bench) -> None:
    sending.pg.faults.add("chat.postMessage", "ratelimited", seconds=9)
    with pytest.raises(RetryLater) as caught:
        await sending.messenger.post("C1", part(sending.messenger), "k")
    assert caught.value.seconds == 9
    assert sending.pg.person("U1").messages("C1") == []


async def test_targets_that_are_gone(sending: Bench) -> None:
    for target in ("C3", "C9", "U9"):
        with pytest.raises(TargetGone):
            await sending.messenger.post(target, part(sending.messenger), "k")


async def test_a_removed_app_stops_the_installation(sending: Bench) -> None:
    await sending.messenger.start()
    sending.pg.uninstall()
    with pytest.raises(InstallationStopped):
        await sending.messenger.post("C1", part(sending.messenger), "k")


async def test_a_missing_scope_says_which() -> None:
    async with bench("none", space=workspace(scopes=("chat:write", "users:read"))) as running:
        with pytest.raises(AppFault, match="history"):
            await running.messenger.find("C1", "k", NOW)


async def test_nobody_there_is_certainly_not_sent() -> None:
    messenger = SlackMessenger("xoxb", base_url="http://127.0.0.1:9/api/")
    with pytest.raises(RetryLater, match="unreached"):
        await messenger.post("C1", {"text": "x", "blocks": []}, "k")
    await messenger.close()


async def test_a_proxy_in_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with bench("none") as running:
        assert (await running.messenger.start()).workspace == "T0PLAY"


TABLE = m.Message("s", (m.Table("All", ("Key",), (((m.Plain("ATLAS"),),),)), m.Paragraph((m.Pill(None),))))


async def test_a_workspace_without_new_blocks_is_remembered() -> None:
    told: list[bool] = []
    async with bench("none", new_blocks=False) as running:
        messenger = SlackMessenger("xoxb-play", base_url=running.pg.api_url, on_new_blocks=told.append)
        with pytest.raises(AppFault, match="invalid_blocks"):
            await messenger.post("C1", part(messenger, TABLE), "k")
        assert told == [False]
        assert messenger.new_blocks is False
        assert messenger.render(TABLE, {}) == messenger.render_plain(TABLE, {})
        await messenger.post("C1", part(messenger, TABLE), "k")
        await messenger.close()


async def test_a_fault_of_our_own_drawing_is_not_taken_for_an_old_workspace(sending: Bench) -> None:
    broken = {"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 200}}]}
    with pytest.raises(AppFault, match="invalid_blocks"):
        await sending.messenger.post("C1", broken, "k")
    assert sending.messenger.new_blocks is True


async def test_profiles(sending: Bench) -> None:
    ana = await sending.messenger.profile("U1")
    assert ana is not None
    assert (ana.name, ana.email, ana.tz, ana.locale) == ("Ana Ruiz", "ana@example.com", "Europe/Madrid", "es-ES")
    assert ana.identity.workspace == "T0PLAY"
    assert ana.human
    leaver, robot, slackbot = [await sending.messenger.profile(u) for u in ("U3", "U4", "USLACKBOT")]
    assert leaver is not None
    assert (leaver.active, leaver.tz) == (False, None)
    assert robot is not None
    assert slackbot is not None
    assert not robot.human
    assert not slackbot.human
    assert await sending.messenger.profile("U9") is None


async def test_lookup_by_mail(sending: Bench) -> None:
    found = await sending.messenger.lookup("ana@example.com")
    assert found is not None
    assert found.identity.user_id == "U1"
    assert await sending.messenger.lookup("nobody@example.com") is None


async def test_a_file_is_uploaded_to_the_direct_conversation(sending: Bench) -> None:
    file_id = await sending.messenger.upload("U1", "all.csv", b"a,b\n1,2\n", "Here <!channel>")
    file = sending.pg.workspace.files[file_id]
    assert (file.content, file.name) == (b"a,b\n1,2\n", "all.csv")
    await shared(sending.pg)
    (message,) = sending.pg.person("U1").messages()
    assert message.text == "Here &lt;!channel&gt;"


async def shared(pg: Playground) -> None:
    await pg.until(lambda: pg.person("U1").messages())


async def test_every_part_of_a_long_message_is_taken(sending: Bench) -> None:
    rows = tuple(((m.Plain(f"P{n}"),), (m.Plain("word " * 30),)) for n in range(150))
    message = m.Message("Long", (m.Heading("All"), m.Table("All", ("Key", "Text"), rows)))
    for at, each in enumerate(sending.messenger.render(message, {})):
        await sending.messenger.post("C1", each, f"k#{at}")
    assert sending.pg.refusals == []
    assert len(sending.pg.person("U1").messages("C1")) > 2
