"""What the PMO is told to do about what Teams did not take."""

import pytest

from handlers.teams.remedies import remedy
from reporting.texts import Catalogues


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("not_installed: the app is neither in their chats nor in a team of theirs", "Ask them to add Rollcall"),
        ("MessageWritesBlocked: ConversationWriteForbidden", "blocked or muted the app"),
        ("blocked: the app is not in this chat any more", "blocked or muted the app"),
        ("the app was removed: the app is not in this channel any more", "Add it to the team again"),
        ("BotNotInConversationRoster", "Add it to the team again"),
        ("the channel was deleted: the app is not in this channel any more", "The channel was deleted"),
        ("the team was archived: the app is not in this channel any more", "The team is archived"),
        ("ConversationNotFound", "Teams no longer knows this conversation"),
        ("BotDisabledByAdmin", "An administrator has blocked the app"),
        ("uncertain: no_answer: ReadTimeout", "It may have arrived: Teams gave no answer (no_answer: ReadTimeout)"),
        ("BadSyntax: x", "Teams refused it (BadSyntax: x). Tell the operator"),
    ],
)
def test_what_to_do(error: str, words: str) -> None:
    told = remedy(Catalogues().texts(None), error)
    assert words in told
    assert "{" not in told
