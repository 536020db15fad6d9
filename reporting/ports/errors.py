"""What a chat system's refusals become, drawn in one place.

DeliveryError
+- RetryLater      certainly not sent; the same call again after `seconds`
+- Uncertain       may have been sent; look before sending again
+- TargetGone      this person or channel cannot be reached; tell the PMO
+- AppFault        our message or set-up is wrong; never again unchanged; tell the PMO
+- InstallationPaused   the workspace refuses for now; again in hours
+- InstallationStopped  the token is dead; stop, tell an administrator
"""

from __future__ import annotations


class DeliveryError(Exception):
    """A chat system did not take a message. `code` is the platform's own word."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class RetryLater(DeliveryError):
    """Certainly not sent.

    Attributes:
        all_wait: whether nothing else may be sent meanwhile either; False where only this one call has failed.
    """

    def __init__(self, code: str, seconds: float, detail: str = "", *, all_wait: bool = True) -> None:
        super().__init__(code, detail)
        self.seconds = seconds
        self.all_wait = all_wait


class Uncertain(DeliveryError):
    """May have been sent."""


class TargetGone(DeliveryError):
    """The person or channel cannot be reached."""


class AppFault(DeliveryError):
    """Our message or set-up is at fault."""


class InstallationPaused(DeliveryError):
    """The workspace refuses for now."""


class InstallationStopped(DeliveryError):
    """The workspace has removed us, or the token is dead."""
