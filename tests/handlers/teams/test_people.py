"""Rosters of any size: read in pages, no further than needed, and not kept beyond a bound."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.teams.people import Rosters
from reporting.ports import AppFault
from tests.support.teams import FakePerson, FakeTeam
from tests.support.teams.wired import Wired, wired


@pytest.fixture
async def sending(tmp_path: Path) -> AsyncIterator[Wired]:
    async with wired(tmp_path) as teams:
        yield teams


def large(teams: Wired, size: int = 1100, name: str = "Everybody") -> tuple[FakeTeam, list[FakePerson]]:
    people = [teams.fake.world.person(f"{name}{n} X", installed=False) for n in range(size)]
    return teams.met_team(teams.fake.world.team(name, people)), people


def pages(teams: Wired) -> int:
    return len(teams.fake.of("members"))


async def found(teams: Wired, mail: str) -> str | None:
    profile = await teams.messenger.lookup(mail)
    return profile.identity.user_id if profile else None


async def test_a_roster_is_read_no_further_than_to_whom_is_sought(sending: Wired) -> None:
    _, people = large(sending)
    for n, read in ((3, 1), (499, 1), (500, 2), (3, 2), (1099, 3), (700, 3)):
        assert await found(sending, people[n].mail) == people[n].aad
        assert pages(sending) == read
    for _ in range(2):
        assert await found(sending, "nobody@labs.example") is None
        assert await sending.messenger.profile("no-account") is None
    assert pages(sending) == 3


async def test_what_is_known_of_any_team_is_looked_at_before_another_page_is_read(sending: Wired) -> None:
    _, first = large(sending, 600, "First")
    _, second = large(sending, 600, "Second")
    assert await found(sending, second[0].mail) == second[0].aad
    before = pages(sending)
    assert await found(sending, first[0].mail) == first[0].aad
    assert await found(sending, second[1].mail) == second[1].aad
    assert pages(sending) == before


async def test_a_token_that_is_no_longer_taken_begins_the_roster_anew(sending: Wired) -> None:
    _, people = large(sending)
    assert await found(sending, people[0].mail) == people[0].aad
    sending.fake.connector.forget_tokens()
    assert await found(sending, people[700].mail) == people[700].aad
    assert [refusal.method for refusal in sending.fake.refusals] == ["members"]
    sending.fake.faults.add("members", "status", times=None, status=400)
    with pytest.raises(AppFault):
        await found(sending, people[1099].mail)


async def test_a_team_that_we_were_taken_out_of_meanwhile_is_passed_over(sending: Wired) -> None:
    team, people = large(sending)
    assert await found(sending, people[0].mail) == people[0].aad
    sending.fake.world.remove_team(team)
    assert await found(sending, people[700].mail) is None
    # What was read of it counts no more.
    assert await found(sending, people[0].mail) is None


async def test_rosters_are_kept_for_a_while_and_up_to_a_bound(sending: Wired) -> None:
    _, people = large(sending)
    now = [0.0]
    rosters = Rosters(sending.messenger.connector, sending.book, keep=600, most=700, monotonic=lambda: now[0])
    for n, read in ((1099, 3), (0, 3), (1099, 4), (999, 4), (1000, 5)):
        member = await rosters.by_mail(people[n].mail)
        assert member is not None
        assert member[0]["aadObjectId"] == people[n].aad
        assert pages(sending) == read
    now[0] = 601.0
    assert await rosters.by_account(people[0].aad) is not None
    assert pages(sending) == 6


async def test_looking_whether_a_channel_can_be_posted_to_reads_the_smallest_page(sending: Wired) -> None:
    team, _ = large(sending)
    await sending.messenger.check(team.id)
    assert pages(sending) == 1
    assert sending.fake.connector.page_sizes == [50]


@pytest.mark.parametrize("turned", [False, True])
async def test_a_mail_address_counts_before_somebody_elses_sign_in_name(sending: Wired, turned: bool) -> None:
    shared = "research@labs.example"
    signs_in = sending.fake.world.person("Signs In", upn=shared, installed=False)
    reads = sending.fake.world.person("Reads Mail", shared, upn="reads@labs.example", installed=False)
    people = [reads, signs_in] if turned else [signs_in, reads]
    sending.met_team(sending.fake.world.team("Everybody", people))
    for _ in range(2):
        assert await found(sending, shared) == reads.aad
    assert await found(sending, "reads@labs.example") == reads.aad
    assert await found(sending, signs_in.mail) == signs_in.aad
    assert pages(sending) == 1
