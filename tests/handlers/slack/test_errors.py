"""Slack's refusals, code by code."""

import json

import aiohttp
import pytest
from multidict import CIMultiDict
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.slack.errors import by_code, by_status, typed
from reporting.ports.errors import (
    AppFault,
    DeliveryError,
    InstallationPaused,
    InstallationStopped,
    RetryLater,
    TargetGone,
    Uncertain,
)

POST = "chat.postMessage"
# (method, class, codes), written from Slack's documentation and not from the table under test.
EXPECTED: list[tuple[str, type[DeliveryError], str]] = [
    (POST, RetryLater, "ratelimited rate_limited request_timeout"),
    (POST, Uncertain, "internal_error fatal_error service_unavailable"),
    ("chat.update", RetryLater, "internal_error fatal_error service_unavailable"),
    ("views.publish", RetryLater, "internal_error fatal_error"),
    ("conversations.history", RetryLater, "internal_error"),
    (POST, InstallationStopped, "account_inactive token_revoked not_authed invalid_auth token_expired"),
    (
        POST,
        InstallationPaused,
        "org_login_required team_added_to_org team_access_not_granted ekm_access_denied accesslimited access_denied "
        "enterprise_is_restricted two_factor_setup_required message_limit_exceeded",
    ),
    (
        POST,
        AppFault,
        "missing_scope not_allowed_token_type no_permission method_deprecated invalid_blocks invalid_blocks_format "
        "invalid_arguments invalid_arg_name invalid_metadata_format invalid_metadata_schema metadata_too_large "
        "msg_blocks_too_long msg_too_long no_text markdown_text_conflict too_many_attachments view_too_large "
        "team_not_found metadata_must_be_sent_from_app never_heard_of",
    ),
    (
        POST,
        TargetGone,
        "channel_not_found is_archived not_in_channel restricted_action restricted_action_read_only_channel "
        "restricted_action_thread_only_channel restricted_action_non_threadable_channel "
        "restricted_action_thread_locked messages_tab_disabled cannot_reply_to_message "
        "slack_connect_file_link_sharing_blocked slack_connect_canvas_sharing_blocked",
    ),
    (
        "conversations.open",
        TargetGone,
        "channel_not_found user_not_found user_disabled user_not_visible invalid_user_combination "
        "method_not_supported_for_channel_type not_enough_users users_list_not_supplied too_many_users cannot_dm_bot",
    ),
    (
        "views.open",
        AppFault,
        "expired_trigger_id exchanged_trigger_id invalid_trigger_id duplicate_external_id push_limit_reached "
        "view_too_large",
    ),
    ("views.push", AppFault, "expired_trigger_id push_limit_reached"),
    ("views.update", TargetGone, "not_found"),
    ("views.update", AppFault, "hash_conflict"),
    ("views.publish", TargetGone, "not_enabled"),
    ("views.publish", AppFault, "hash_conflict invalid_arguments"),
    ("users.info", TargetGone, "user_not_found user_not_visible"),
    ("users.lookupByEmail", TargetGone, "users_not_found"),
    (
        "chat.update",
        TargetGone,
        "message_not_found cant_update_message edit_window_closed is_inactive channel_not_found",
    ),
    ("chat.delete", TargetGone, "message_not_found cant_delete_message"),
    ("chat.postEphemeral", TargetGone, "not_in_channel user_not_in_channel"),
    ("conversations.replies", TargetGone, "thread_not_found"),
]
CASES = [(method, kind, code) for method, kind, codes in EXPECTED for code in codes.split()]


@pytest.mark.parametrize(("method", "kind", "code"), CASES)
def test_every_code(method: str, kind: type[DeliveryError], code: str) -> None:
    error = typed(refusal({"ok": False, "error": code}), method)
    assert type(error) is kind
    assert error.code == code
    assert type(by_code(code, method)) is kind


def refusal(body: object, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    response = AsyncSlackResponse(
        client=AsyncWebClient(), http_verb="POST", api_url="u", req_args={}, data=body,  # type: ignore[arg-type]
        headers=CIMultiDict(headers or {}), status_code=status,  # type: ignore[arg-type]
    )  # fmt: skip
    return SlackApiError("no", response)


def test_a_429_says_how_long_to_wait() -> None:
    error = typed(refusal({"ok": False, "error": "ratelimited"}, 429, {"retry-after": "7"}), POST)
    assert isinstance(error, RetryLater)
    assert error.seconds == 7
    assert isinstance(by_status(429, "3", POST), RetryLater)
    vague = typed(refusal({}, 429, {"Retry-After": "soon"}), POST)
    assert isinstance(vague, RetryLater)
    assert vague.seconds == 30


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_page_instead_of_an_answer(status: int) -> None:
    assert isinstance(typed(refusal({}, status), POST), Uncertain)
    assert isinstance(typed(refusal({}, status), "chat.update"), RetryLater)
    assert isinstance(typed(refusal({"ok": False, "error": "novel"}, status), POST), Uncertain)


@pytest.mark.parametrize("status", [403, 407, 404])
def test_a_page_of_a_proxy_means_that_nothing_was_sent(status: int) -> None:
    error = typed(refusal({}, status), POST)
    assert isinstance(error, RetryLater)
    assert error.code == f"http_{status}"


def test_an_empty_200_may_have_been_sent() -> None:
    assert isinstance(typed(refusal({}), POST), Uncertain)


@pytest.mark.parametrize(
    "raised",
    [TimeoutError(), aiohttp.ServerDisconnectedError(), aiohttp.ClientOSError(), ConnectionResetError(),
     json.JSONDecodeError("x", "y", 0), aiohttp.ServerTimeoutError(), aiohttp.ClientPayloadError()],
)  # fmt: skip
def test_no_answer_may_have_been_sent(raised: Exception) -> None:
    assert isinstance(typed(raised, POST), Uncertain)
    assert isinstance(typed(raised, "chat.update"), RetryLater)


def test_never_connected_means_certainly_not_sent() -> None:
    assert isinstance(typed(aiohttp.ConnectionTimeoutError(), POST), RetryLater)
    key = aiohttp.client_reqrep.ConnectionKey("h", 1, False, True, None, None, None)
    assert isinstance(typed(aiohttp.ClientConnectorError(key, OSError(111, "refused")), POST), RetryLater)


def test_anything_else_is_our_fault() -> None:
    assert isinstance(typed(KeyError("x"), POST), AppFault)


def test_the_detail_says_what_slack_found() -> None:
    body = {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": ["[ERROR] unsupported type"]}}
    assert "unsupported type" in typed(refusal(body), POST).detail
    scope = {"ok": False, "error": "missing_scope", "needed": "im:history", "provided": "chat:write"}
    assert "im:history" in typed(refusal(scope), POST).detail
