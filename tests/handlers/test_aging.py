"""Who was let in once is looked at again after a day: a guest may have been taken out of the register since."""

from pathlib import Path

import pytest

from reporting import interactions as i
from tests.handlers.slack.conftest import bench as slack_bench
from tests.handlers.slack.conftest import workspace
from tests.handlers.teams.inbound.bench import bench, opening, told
from tests.handlers.teams.inbound.test_dialogs import FORM

HOUR = 3_600.0


class Watch:
    """A monotonic clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.mark.parametrize(("hours", "asked"), [(23, 1), (25, 2)])
async def test_somebody_is_looked_up_again_after_a_day_in_teams(tmp_path: Path, hours: int, asked: int) -> None:
    watch = Watch()
    async with bench(tmp_path, monotonic=watch) as running:
        await running.types("red")
        watch.now = hours * HOUR
        await running.types("red")
        assert len(running.desk.met) == asked


async def test_a_guest_who_left_the_register_opens_no_form_after_a_day(tmp_path: Path) -> None:
    watch = Watch()
    async with bench(tmp_path, monotonic=watch) as running:
        running.ana.guest = True
        running.desk.known.add(running.ana.aad)
        await running.opens(FORM)
        running.desk.known.clear()
        watch.now = 25 * HOUR
        answer = await running.invokes("task/fetch", {"data": opening("report.open")})
        assert "guests who stand" in told(answer)
        assert running.desk.heard == []


@pytest.mark.parametrize(("hours", "asked"), [(23, 1), (25, 2)])
async def test_somebody_is_looked_up_again_after_a_day_in_slack(hours: int, asked: int) -> None:
    watch = Watch()
    async with slack_bench("socket", space=workspace(), adapter={"monotonic": watch}) as running:
        running.desk.replies["command"] = ()
        for now in (0, hours * HOUR):
            watch.now = now
            await running.pg.person("U1").command("/rag", "C1")
            await running.settled()
        assert len(running.desk.met) == asked
        assert [type(each) for each in running.desk.heard] == [i.Command] * 2
