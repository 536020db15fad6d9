"""What refusals mean; and which addresses are Teams'."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.teams.addresses import Addresses
from handlers.teams.errors import by_refusal, refusal_in, refuses_card, typed
from reporting.ports import AppFault, DeliveryError, InstallationPaused, InstallationStopped, RetryLater, TargetGone
from reporting.ports import Uncertain as Doubt


def meaning(status: int, body: Any, method: str = "send", headers: dict[str, str] | None = None) -> DeliveryError:
    more = {"text": body} if isinstance(body, str) else {"json": body}
    return by_refusal(refusal_in(httpx.Response(status, headers=headers, **more)), method)


def error(code: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "typed by Ana", **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, error("BadSyntax"), AppFault, "BadSyntax"),
        (401, error("Unauthorized"), InstallationStopped, "Unauthorized"),
        (403, error("Forbidden", subCode="MessageWritesBlocked"), TargetGone, "MessageWritesBlocked"),
        (403, {"subCode": "MessageWritesBlocked"}, TargetGone, "MessageWritesBlocked"),
        (403, error("Forbidden", innerHttpError={"body": '{"subCode":"MessageWritesBlocked"}'}), TargetGone,
         "MessageWritesBlocked"),
        (403, error("BotDisabledByAdmin"), InstallationPaused, "BotDisabledByAdmin"),
        (403, error("SomethingNew"), TargetGone, "http_403"),
        (404, error("ConversationNotFound"), TargetGone, "ConversationNotFound"),
        (404, {}, RetryLater, "http_404"),
        (409, error("Conflict"), AppFault, "Conflict"),
        (408, {}, RetryLater, "http_408"),
        (412, error("PreconditionFailed"), RetryLater, "PreconditionFailed"),
        (413, "<html>too large</html>", AppFault, "http_413"),
        (403, "<html>proxy</html>", RetryLater, "http_403"),
        (407, "<html>proxy</html>", RetryLater, "http_407"),
        (302, "", RetryLater, "http_302"),
        (429, error("TooManyRequests"), RetryLater, "TooManyRequests"),
        (500, error("ServiceError"), Doubt, "ServiceError"),
        (501, "not implemented", AppFault, "http_501"),
        (400, error("what Ana wrote"), AppFault, "http_400"),
        (502, "bad gateway", RetryLater, "http_502"),
        (503, {}, RetryLater, "http_503"),
        (504, {}, RetryLater, "http_504"),
        (507, {}, Doubt, "http_507"),
    ],
)  # fmt: skip
def test_each_refusal_means_one_thing(status: int, body: Any, kind: type[DeliveryError], code: str) -> None:
    found = meaning(status, body)
    assert type(found) is kind
    assert found.code == code
    assert "Ana" not in str(found)


def test_some_calls_mean_something_else_by_it() -> None:
    assert isinstance(meaning(400, error("BadArgument"), "create"), TargetGone)
    assert isinstance(meaning(403, error("Authorization_RequestDenied"), "graph"), AppFault)
    assert isinstance(meaning(401, error("InvalidAuthenticationToken"), "graph"), AppFault)
    busy = [meaning(429, error("TooManyRequests"), method) for method in ("send", "graph")]
    assert [isinstance(one, RetryLater) and one.all_wait for one in busy] == [True, False]
    for harmless in ("update", "delete", "members", "create", "graph"):
        assert isinstance(meaning(500, {}, harmless), RetryLater)
        assert isinstance(typed(httpx.ReadTimeout("x"), harmless), RetryLater)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, 2.0),
        ({"Retry-After": "soon"}, 2.0),
        ({}, 2.0),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    found = meaning(429, {}, headers=headers)
    assert isinstance(found, RetryLater)
    assert found.seconds == seconds


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError("x"), RetryLater),
        (httpx.ConnectTimeout("x"), RetryLater),
        (httpx.PoolTimeout("x"), RetryLater),
        (httpx.ReadTimeout("x"), Doubt),
        (httpx.WriteError("x"), Doubt),
        (httpx.RemoteProtocolError("x"), Doubt),
        (TimeoutError(), Doubt),
        (httpx.UnsupportedProtocol("x"), AppFault),
    ],
)
def test_no_answer_is_certain_only_where_nothing_was_sent(raised: Exception, kind: type[DeliveryError]) -> None:
    assert type(typed(raised, "send")) is kind


def test_which_refusals_are_about_the_card() -> None:
    assert refuses_card(meaning(400, error("BadSyntax")))
    assert refuses_card(meaning(413, error("MessageSizeTooBig")))
    assert not refuses_card(meaning(403, error("Authorization_RequestDenied"), "graph"))


@given(st.integers(300, 599), st.one_of(st.text(), st.dictionaries(st.sampled_from(["error", "subCode"]), st.text())))
def test_whatever_comes_has_a_meaning(status: int, body: Any) -> None:
    assert isinstance(meaning(status, body), DeliveryError)


SCHEMES, SHORT = st.sampled_from(["https", "http", "HTTPS", "ftp"]), st.text(max_size=8)
HOSTS = st.sampled_from(["a.example", "@a.example", "a.example:443", "A.example", "a.example."])


@given(st.one_of(st.text(), st.builds("{}://{}{}{}/{}".format, SCHEMES, SHORT, HOSTS, SHORT, SHORT)))
def test_whatever_is_allowed_goes_to_a_host_on_the_list(url: str) -> None:
    if Addresses(["a.example"]).allow(url):
        target = httpx.URL(url)
        assert (target.scheme, target.host, target.port) == ("https", "a.example", None)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://SMBA.trafficmanager.net:443/emea/", True),
        ("http://smba.trafficmanager.net/emea/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://evil.example/smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://evil@smba.trafficmanager.net/", False),
        ("https://a.teams.example/", True),
        ("https://teams.example/", False),
        ("https://xteams.example/", False),
        ("https://local.example:8443/x", True),
        ("https://local.example/x", False),
        ("http://127.0.0.1:56150/_connector/", True),
        ("http://127.0.0.2:56150/", False),
        ("ftp://127.0.0.1/", False),
        ("https://", False),
        ("", False),
        ("https://smba.trafficmanager.net:x/", False),
        ("https://[::1/", False),
    ],
)
def test_only_addresses_on_the_list(url: str, allowed: bool) -> None:
    hosts = ["smba.trafficmanager.net", "*.teams.example", "local.example:8443", "127.0.0.1"]
    assert Addresses(hosts).allow(url) is allowed
