"""Which calls go through a proxy, and that both chat systems keep to it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.chats.slack_checks import SlackChecks
from bot.config.environment import Environment
from handlers.proxies import Proxies
from handlers.slack.api import Timeouts
from handlers.slack.app import SlackAdapter
from handlers.slack.sender import SlackMessenger
from handlers.slack.socket import SocketLink
from handlers.teams.book import Book
from handlers.teams.connect import App, connect
from handlers.teams.gate import Gate, TeamsDoor
from handlers.teams.http import Timeouts as HttpTimeouts
from handlers.teams.tokens import BOT_SCOPE, MsalTokens, Secret
from playground import Playground, RateLimits
from reporting import interactions as i
from reporting.ports import RetryLater
from storage.store import SqlStore
from tests.bot.test_config_teams import SLACK, TEAMS, settings
from tests.handlers.slack.conftest import FakeDesk, accounts, workspace
from tests.support.proxy import HttpProxy
from tests.support.teams import APP_ID, SECRET, TENANT, FakeTeams
from tests.support.teams.wired import NOW
from tests.support.world import HandClock, migrated

BOTH = {"https": "http://secure:3128", "http": "http://plain:3128"}


@pytest.mark.parametrize(("url", "without", "proxy"), [
    ("https://slack.com/api/", "", "http://secure:3128"),
    ("wss://wss-primary.slack.com/link", "", "http://secure:3128"),
    ("http://slack.com/", "", "http://plain:3128"),
    ("ws://slack.com/", "", "http://plain:3128"),
    ("https://slack.com/", "*", None),
    ("https://slack.com/", "slack.com", None),
    ("https://files.slack.com/", "slack.com", None),
    ("https://files.slack.com/", ".slack.com", None),
    ("https://files.slack.com/", "*.Slack.com", None),
    ("https://notslack.com/", "slack.com", "http://secure:3128"),
    ("https://SLACK.com./", "slack.com", None),
    ("https://slack.com/", "slack.com:443", None),
    ("https://slack.com/", "slack.com:8443", "http://secure:3128"),
    ("https://slack.com:8443/", "slack.com:8443", None),
    ("https://10.1.2.3/", "10.0.0.0/8", None),
    ("https://10.1.2.3/", "10.1.2.3", None),
    ("https://11.1.2.3/", "10.0.0.0/8", "http://secure:3128"),
    ("https://[2001:db8::1]/", "2001:db8::/32", None),
    ("https://slack.com/", ".", "http://secure:3128"),
    # Never through a proxy, whatever the environment says.
    ("http://127.0.0.1:8080/", "", None),
    ("http://[::1]:8080/", "", None),
    ("http://localhost/", "", None),
    ("http://me.localhost/", "", None),
    ("http://169.254.169.254/metadata", "", None),
    ("https://[", "", None),
    ("nothing", "", None),
])  # fmt: skip
def test_which_proxy(url: str, without: str, proxy: str | None) -> None:
    assert Proxies(**BOTH, without=tuple(without.split(","))).of(url) == proxy
    assert Proxies().of(url) is None


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Proxies("http://me:secret@proxy:3128", "http://me:secret@proxy:3128"))


# ---------------------------------------------------------------- Slack


async def test_slack_is_called_through_the_proxy_socket_and_files_included() -> None:
    space = workspace()
    async with AsyncExitStack() as stack:
        pg = await stack.enter_async_context(Playground(space, rate_limits=RateLimits(enabled=False)))
        # Under another name than this machine's, and so are the addresses that it tells for files and the socket.
        direct = pg.api_url
        pg.world.base_url = pg.world.base_url.replace("127.0.0.1", "slack.test")
        proxy = await stack.enter_async_context(HttpProxy({"slack.test"}))
        proxies = Proxies(http=proxy.url.replace("//", "//me:secret@"))
        messenger = SlackMessenger(space.app.bot_token, base_url=pg.api_url, proxies=proxies)
        stack.push_async_callback(messenger.close)
        straight = SlackMessenger(space.app.bot_token, base_url=direct, proxies=proxies)
        stack.push_async_callback(straight.close)
        await straight.start()
        assert proxy.asked == []
        desk = FakeDesk()
        adapter = SlackAdapter(messenger, desk, accounts, signing_secret=space.app.signing_secret)
        stack.push_async_callback(adapter.close, 2.0)
        link = SocketLink(adapter, space.app.app_token)
        stack.push_async_callback(link.close)
        await link.start()
        assert await link.connected()
        desk.replies["command"] = (i.SendFile("all.csv", b"a,b\n", "The export"),)
        assert (await pg.person("U1").command("/rag export", "C1")).ok
        await pg.settled()
        await adapter.settled()
        await pg.until(lambda: pg.person("U1").messages())
        asked = Counter(proxy.asked)
        # Four for the file, two to begin with, one for the socket.
        assert asked["GET slack.test"] >= 1
        assert asked["POST slack.test"] >= 5
        assert proxy.passwords == {"Basic bWU6c2VjcmV0"}


async def test_slack_over_tls_is_asked_for_a_tunnel_and_a_refused_one_sent_nothing() -> None:
    async with HttpProxy() as proxy:
        for without, asked in (((), ["CONNECT slack.test:443"]), (("slack.test",), [])):
            proxy.asked.clear()
            messenger = SlackMessenger(
                "xoxb-1", base_url="https://slack.test/api/", proxies=Proxies(proxy.url, "", without),
                timeouts=Timeouts(connect=0.5, total=1.0),
            )  # fmt: skip
            with pytest.raises(RetryLater, match="unreached"):
                await messenger.post("C1", {"text": "x", "blocks": []}, "k")
            await messenger.close()
            assert proxy.asked == asked


async def test_slack_is_looked_at_through_the_proxy_before_the_start(tmp_path: Path) -> None:
    space = workspace()
    async with Playground(space) as pg, HttpProxy({"slack.test"}) as proxy:
        tokens = {"SLACK_BOT_TOKEN": space.app.bot_token, "SLACK_APP_TOKEN": space.app.app_token}
        pg.world.base_url = pg.world.base_url.replace("127.0.0.1", "slack.test")
        found = settings(tmp_path, tokens | {"SLACK_API_URL": pg.api_url, "HTTP_PROXY": proxy.url}).slack
        assert found is not None
        checks = SlackChecks(found)
        told = {finding.about: finding.text async for finding in checks.findings([], NOW)}
        await checks.close()
        assert told["app token"] == "a socket can be opened"


# ---------------------------------------------------------------- Teams


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    (tmp_path / "teams.db").write_bytes(migrated())
    store = SqlStore(f"sqlite:///{tmp_path / 'teams.db'}")
    yield Book(store, HandClock(NOW), TENANT)
    store.dispose()


async def test_teams_login_and_connector_are_called_through_the_proxy(book: Book) -> None:
    """Tokens go to no plain address but this machine's, so the way is shown by what a proxy is asked for."""
    async with HttpProxy() as proxy, FakeTeams() as teams:
        for without, asked in (((), ["CONNECT smba.trafficmanager.net:443"]), ((".trafficmanager.net",), [])):
            proxy.asked.clear()
            app = App(APP_ID, TENANT, Secret(SECRET))
            messenger = connect(
                app, book, login_url=teams.login_url, proxies=Proxies(proxy.url, proxy.url, without),
                timeouts=HttpTimeouts(connect=0.5, total=1.0),
            )  # fmt: skip
            with pytest.raises(RetryLater, match="unreached"):
                await messenger.say("a:1", "https://smba.trafficmanager.net/emea/", {"type": "message", "text": "x"})
            await messenger.close()
            assert proxy.asked == asked


async def test_tokens_and_keys_of_teams_come_through_the_proxy() -> None:
    async with HttpProxy({"login.test"}) as proxy, FakeTeams() as teams:
        proxies = Proxies(proxy.url, proxy.url)
        teams.url = teams.url.replace("127.0.0.1", "login.test")
        tokens = MsalTokens(APP_ID, TENANT, Secret(SECRET), login_url=teams.login_url, proxies=proxies)
        assert await tokens.bearer(BOT_SCOPE)
        await tokens.close()
        assert set(proxy.asked) == {"GET login.test", "POST login.test"}
        proxy.asked.clear()
        gate = Gate(TeamsDoor(APP_ID, TENANT, teams.openid_url, proxies=proxies))
        assert await gate.claims(teams.inbound_headers()["Authorization"])
        assert "GET login.test" in proxy.asked
        proxy.asked.clear()
        tokens = MsalTokens(APP_ID, TENANT, Secret(SECRET), proxies=proxies)
        with pytest.raises(RetryLater):
            await tokens.bearer(BOT_SCOPE)
        await tokens.close()
        assert set(proxy.asked) == {"CONNECT login.microsoftonline.com:443"}


# ---------------------------------------------------------------- what the environment says


def read(**variables: str) -> tuple[Proxies, list[str]]:
    environment = Environment(variables)
    return environment.proxies(), [str(fault) for fault in environment.faults]


def test_the_environment_says_which_in_capitals_or_not() -> None:
    found, faults = read(HTTPS_PROXY="http://a:1", HTTP_PROXY="b:2", NO_PROXY="x.example, .y.example,")
    assert (found, faults) == (Proxies("http://a:1", "http://b:2", ("x.example", ".y.example")), [])
    found, _ = read(HTTPS_PROXY="http://a:1", https_proxy="http://c:3", NO_PROXY="x", no_proxy="z")
    assert found == Proxies("http://c:3", "", ("z",))
    assert read() == (Proxies(), [])


@pytest.mark.parametrize("address", ["socks5://me:secret@a:1", "http://", "http://a:port", "http://["])
def test_what_is_no_proxy_is_a_fault_that_shows_no_password(address: str) -> None:
    environment = Environment({"HTTPS_PROXY": address})
    environment.proxies()
    environment.proxies()
    (fault,) = [str(fault) for fault in environment.faults]
    assert fault == "HTTPS_PROXY: is no address of an HTTP proxy; write for example http://proxy.example:3128"


def test_both_chat_systems_are_given_them(tmp_path: Path) -> None:
    variables = {"HTTPS_PROXY": "http://a:1", "NO_PROXY": "x"}
    found = settings(tmp_path, TEAMS | SLACK | variables)
    assert found.slack is not None
    assert found.teams is not None
    assert found.slack.proxies == found.teams.proxies == Proxies("http://a:1", "", ("x",))
