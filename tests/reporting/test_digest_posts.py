"""Digests are posted once, kept exactly as shown, and kept true by late and corrected reports and by decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reporting.interactions import UserRef
from reporting.ledger import Delivery, Digest
from reporting.messages import Message
from reporting.messages_json import from_json
from reporting.policy import DigestPolicy
from reporting.ports import Composed, DigestComposer, Later
from reporting.services import digests, periods
from reporting.services.access import Gone
from reporting.texts import Catalogues
from tests.support.world import World, form_of, text_of

LEADERSHIP = DigestPolicy("leadership", "C_LEAD", portfolios=("imaging",))
BASE = "digest:leadership:2026-11-23"


def posted(world: World) -> Digest:
    """ATLAS red, BEAM green, CORE silent; Friday's digest is out."""
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS", "red", "Stopped.")
    world.report("ana", "BEAM", "green", "On plan.")
    world.go("2026-11-27", "16:00")
    return kept(world)


def kept(world: World, day: str = "2026-11-23") -> Digest:
    with world.store.read() as uow:
        found = uow.digests.on("C_LEAD", date.fromisoformat(day))
    assert found is not None
    return found


def by_key(world: World, prefix: str = BASE) -> dict[str, Delivery]:
    return {delivery.key.removeprefix(prefix): delivery for delivery in world.deliveries(prefix)}


def text(delivery: Delivery) -> str:
    assert delivery.content is not None
    return text_of(from_json(delivery.content))


def test_a_digest_is_posted_with_its_thread_and_kept(world: World) -> None:
    digest = posted(world)
    planned = by_key(world)
    assert set(planned) == {"", ":detail:1", ":detail:2"}
    assert {delivery.target for delivery in planned.values()} == {"channel:C_LEAD"}
    assert (planned[""].kind, planned[":detail:1"].kind) == ("digest", "digest_detail")
    assert (planned[""].thread_of, planned[":detail:1"].thread_of, planned[":detail:2"].thread_of) == (None, BASE, BASE)
    assert planned[""].expires_at is not None
    assert "One is red; 2 of 3 reported." in text(planned[""])
    assert "The supplier is late." in text(planned[":detail:1"])
    assert digest.view["takeaway"] == "One is red; 2 of 3 reported."
    assert "One is red" in digest.markdown
    assert (digest.template, digest.revision) == ("weekly.md.j2", 1)


def test_the_same_cause_posts_only_once(world: World) -> None:
    posted(world)
    with world.store.begin() as uow:
        again = digests.draw(world.services, uow, LEADERSHIP, date(2026, 11, 23), world.clock.now())
    assert again is None
    assert len(by_key(world)) == 3


def test_a_preview_stores_nothing(world: World) -> None:
    world.go("2026-11-23", "09:00")
    with world.store.read() as uow:
        composed = digests.preview(world.services, uow, LEADERSHIP, world.clock.now())
    assert "None of the 3 projects has reported." in composed.message.summary
    assert by_key(world) == {}


def test_a_late_report_edits_what_changed_and_says_so_in_the_thread(world: World) -> None:
    digest = posted(world)
    world.go("2026-11-27", "17:00")
    world.report("ben", "CORE", "amber", "Slow.", path_due="2027-03-01")
    planned = by_key(world)
    assert set(planned) - {"", ":detail:1", ":detail:2"} == {":r2", ":detail:1:r2", f":news:{core(world)}:1"}
    assert (planned[":r2"].updates, planned[":detail:1:r2"].updates) == (BASE, f"{BASE}:detail:1")
    assert "all 3 reported" in text(planned[":r2"])
    news = planned[f":news:{core(world)}:1"]
    assert (news.thread_of, news.kind) == (BASE, "digest_detail")
    assert "CORE reported late: amber (was not reported)." in text(news)
    assert (kept(world).id, kept(world).revision) == (digest.id, 2)
    with world.store.read() as uow:
        assert [d.view["reported"] for d in uow.digests.revisions(digest.id)] == [2, 3]


def core(world: World) -> int:
    return world.projects["CORE"].id


def test_a_corrected_report_is_told_with_its_reason(world: World) -> None:
    posted(world)
    world.report("ana", "ATLAS", "green", "It was a misunderstanding.")
    planned = by_key(world)
    assert "ATLAS was corrected: green (was red). A typing error." in text(
        planned[f":news:{world.projects['ATLAS'].id}:2"]
    )
    assert "Since the last digest: 1 report corrected." in text(planned[":r2"])
    # The reds are gone: the greens stand where the details were, and what is left over says so.
    assert "ATLAS" in text(planned[":detail:1:r2"])
    assert "Nothing stands here any more" in text(planned[":detail:2:r2"])
    world.report("ana", "ATLAS", "green", "It was a grave misunderstanding.")
    planned = by_key(world)
    assert ":detail:2:r3" not in planned
    assert planned[":detail:1:r3"].updates == f"{BASE}:detail:1"


def test_a_decision_stands_in_the_digest_that_asked_for_it(world: World) -> None:
    world.go("2026-11-23", "09:00")
    asked: dict[str, Any] = {"decision_question": "Second shift?", "decision_of": UserRef(world.identity("carl"))}
    world.submit("ben", world.open_report("ben", "CORE"), rag="green", summary="Fine.", **asked)
    world.go("2026-11-27", "16:00")
    assert "Second shift?" in text(by_key(world)[""])
    with world.store.read() as uow:
        report = uow.reports.current(core(world), world.period_id("CORE"))
    assert report is not None
    form = form_of(world.click("carl", "decision.open", str(report.id)))
    for outcome, words in (("deferred", "Next week."), ("decided", "Yes, from Monday.")):
        world.submit("carl", form, outcome=outcome, words=words)
    planned = by_key(world)
    assert "Deferred: Next week." in text(planned[":r2"])
    assert "Decided: Yes, from Monday." in text(planned[":r3"])
    told = "".join(text(delivery) for key, delivery in planned.items() if ":news:" in key)
    assert "Carl has deferred the decision for CORE. Next week." in told
    assert "Carl has decided for CORE. Yes, from Monday." in told


def test_new_details_are_posted_into_the_thread(world: World) -> None:
    world.go("2026-11-27", "16:00")
    assert set(by_key(world)) == {""}
    world.report("ana", "BEAM", "green", "On plan.")
    planned = by_key(world)
    assert (planned[":detail:1"].thread_of, planned[":detail:1"].updates) == (BASE, None)


def test_what_was_shown_can_be_shown_again(world: World) -> None:
    digest = posted(world)
    with world.store.read() as uow:
        assert digests.as_shown(uow, digest.id) == []
    world.arrive()
    world.report("ben", "CORE", "amber", "Slow.", path_due="2027-03-01")
    world.arrive()
    with world.store.read() as uow:
        first = digests.as_shown(uow, digest.id, 1)
        now = digests.as_shown(uow, digest.id)
    assert [len(first), len(now)] == [3, 3]
    assert "2 of 3 reported" in first[0].summary
    assert "all 3 reported" in now[0].summary
    assert first[2] == now[2]


def test_no_such_digest(world: World) -> None:
    with world.store.read() as uow, pytest.raises(Gone, match="no such digest"):
        digests.as_shown(uow, 4711)


def late(rag: str | None, kind: str = "late") -> dict[str, Any]:
    return {"kind": kind, "rag": rag, "was": None, "revision": 1, "reason": ""}


def decision(outcome: str) -> dict[str, Any]:
    return {"kind": "decision", "revision": "decision-1", "name": "Carl", "outcome": outcome, "words": "Yes."}


def refresh(world: World, period_id: int, key: str, news: dict[str, Any]) -> None:
    digests.refresh(world.services, period_id, world.projects[key].id, news, world.clock.now())


def test_only_digests_that_show_the_project_are_touched(world: World) -> None:
    world.project("HALL", "ben", portfolio="facilities")
    world.project("SECRET", "ben", confidential=True)
    posted(world)
    period_id = world.period_id("CORE")
    for key in ("HALL", "SECRET"):
        refresh(world, period_id, key, late("red"))
    assert kept(world).revision == 1
    everywhere = (replace(LEADERSHIP, confidential=True, portfolios=()),)
    world.services = replace(world.services, policy=replace(world.services.policy, digests=everywhere))
    for _ in range(2):  # a job may run twice
        refresh(world, period_id, "SECRET", late("red"))
    assert kept(world).revision == 2
    assert any(":news:" in key for key in by_key(world))


def test_a_digest_that_the_policy_no_longer_has_stays_as_it_is(world: World) -> None:
    posted(world)
    world.services = replace(world.services, policy=replace(world.services.policy, digests=()))
    refresh(world, world.period_id("CORE"), "CORE", late("red"))
    assert kept(world).revision == 1


@pytest.mark.parametrize(
    ("news", "line"),
    [
        (late("amber"), "CORE reported late: amber (was not reported)."),
        (late(None), "CORE reported late: not reported (was not reported)."),
        (late(None, "corrected"), "CORE was corrected: not reported."),
        (late("red", "corrected") | {"was": "green"}, "CORE was corrected: red (was green)."),
        (late("red", "corrected") | {"was": "red", "reason": "Typo."}, "CORE was corrected: red. Typo."),
        (decision("decided"), "Carl has decided for CORE. Yes."),
        (decision("delegated"), "Carl has delegated the decision for CORE. Yes."),
        (decision("deferred"), "Carl has deferred the decision for CORE. Yes."),
    ],
)
def test_the_line_in_the_thread(world: World, news: dict[str, Any], line: str) -> None:
    assert digests.news_line(world.projects["CORE"], news, Catalogues().texts("en-GB")) == line


def test_two_digests_for_one_channel_and_day_do_not_meet(world: World) -> None:
    posted(world)
    other = replace(LEADERSHIP, name="leadership2")
    with world.store.begin() as uow:
        drawn = digests.draw(world.services, uow, other, date(2026, 11, 23), world.clock.now())
        assert drawn is not None
        second = digests.post(world.services, uow, drawn, date(2026, 11, 23), world.clock.now())
        assert digests.post(world.services, uow, drawn, date(2026, 11, 23), world.clock.now()) is None
    assert second is not None
    world.arrive()
    with world.store.read() as uow:
        assert digests.as_shown(uow, second.id)[0].summary == second.view["takeaway"]
        assert len(digests.as_shown(uow, kept(world).id)) == 3


# ---------------------------------------------------------------- what came while it was drawn


def test_a_report_that_came_while_the_digest_was_drawn_is_in_it_a_moment_later(world: World) -> None:
    world.go("2026-11-27", "11:30")
    now = world.at("2026-11-27", "16:00")
    with world.store.read() as uow:
        drawn = digests.draw(world.services, uow, LEADERSHIP, date(2026, 11, 23), now)
    assert drawn is not None
    world.report("ben", "CORE", "red", "Stopped.")
    with world.store.begin() as uow:
        posted = digests.post(world.services, uow, drawn, date(2026, 11, 23), now)
    assert posted is not None
    for _ in range(2):
        digests.recheck(world.services, posted.id)
    assert kept(world).revision == 2
    world.arrive()
    with world.store.read() as uow:
        assert "CORE" in repr(digests.as_shown(uow, posted.id)[0])


def test_a_digest_that_missed_nothing_is_left_alone(world: World) -> None:
    digest = posted(world)
    digests.recheck(world.services, digest.id)
    assert kept(world).revision == digest.revision
    world.services = replace(world.services, policy=replace(world.services.policy, digests=()))
    digests.recheck(world.services, digest.id)
    assert kept(world).revision == digest.revision


class Meanwhile:
    """Composes as the real one, and lets something happen while it does so for the first time."""

    def __init__(self, real: DigestComposer, happens: Callable[[], None]) -> None:
        self._real, self._happens = real, [happens]

    def digest(self, template: str, view: Mapping[str, Any], locale: str) -> Composed:
        for happens in self._happens[:1]:
            self._happens.clear()
            happens()
        return self._real.digest(template, view, locale)

    def alert(self, view: Mapping[str, Any], locale: str) -> Message:
        return self._real.alert(view, locale)


def test_a_digest_revised_while_it_was_drawn_is_drawn_once_more(world: World) -> None:
    posted(world)
    world.arrive()
    world.report("ben", "CORE", "red", "Stopped.")
    project, now = world.projects["CORE"].id, world.clock.now()
    period, news = kept(world).period_ids[0], {"kind": "late", "rag": "red", "was": None, "reason": ""}
    real = world.services

    def somebody_else() -> None:
        digests.refresh(real, period, project, news | {"revision": 8}, now)

    world.services = replace(real, composer=Meanwhile(real.composer, somebody_else))
    before = kept(world).revision
    with pytest.raises(Later):
        digests.refresh(world.services, period, project, news | {"revision": 9}, now)
    assert kept(world).revision == before + 1
    digests.refresh(world.services, period, project, news | {"revision": 9}, now)
    assert kept(world).revision == before + 2


def test_what_is_hidden_later_leaves_the_digests_that_are_out(world: World) -> None:
    posted(world)
    world.arrive()
    # The next period is open by then, and the first digest's own time is long gone.
    world.go("2026-12-01", "08:00")
    with world.store.begin() as uow:
        before = uow.projects.get(world.projects["ATLAS"].id)
        assert before is not None
        after = replace(before, confidential=True)
        uow.projects.save(after)
        periods.project_changed(world.services, uow, before, after, world.clock.now())
    world.refresh_digests()
    edits = [d for d in world.deliveries(BASE) if d.updates]
    assert kept(world).revision == 2
    assert edits
    assert all(edit.expires_at is None or edit.expires_at > world.clock.now() for edit in edits)
    assert "ATLAS" not in text(edits[0])
