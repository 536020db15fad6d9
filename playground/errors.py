"""The one exception of the API: a call that Slack would refuse."""

from playground.model import Json


class SlackError(Exception):
    """A refusal with Slack's own code.

    Attributes:
        code: Slack's error code.
        faults: detail for `response_metadata.messages`, without the `[ERROR]` prefix.
        extra: further fields of the answer, such as `needed` and `provided`.
    """

    def __init__(self, code: str, faults: list[str] | None = None, extra: Json | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.faults = faults or []
        self.extra = extra or {}

    def answer(self) -> Json:
        """The JSON body that goes to the app."""
        body: Json = {"ok": False, "error": self.code, **self.extra}
        if self.faults:
            body["response_metadata"] = {"messages": [f"[ERROR] {fault}" for fault in self.faults]}
            if self.code == "invalid_blocks":
                body["errors"] = list(self.faults)
        return body


def missing(name: str) -> SlackError:
    """A required argument was not sent."""
    return SlackError("invalid_arguments", [f"missing required field: {name}"])
