"""The few words that the adapters of all chat systems say themselves; everything else comes from the rooms around."""

from reporting.texts import Texts


class CommonWords:
    """In a reader's language. Texts with `{}` places are filled by name."""

    def __init__(self, t: Texts) -> None:
        self.part = t("{text} ({n} of {total})")
        self.options = t("{first} to {last}")
        self.nothing = t("–")
        self.was = t("Before: {value}")
        self.send = t("Send")
        self.close = t("Close")
        self.more_title = t("More than fits here")
        self.done = t("Done.")
        self.in_thread = t("In the thread: {names}.")
        self.more_in_thread = t("In the thread: {names} and more.")
        self.rest_in_thread = t("The rest is in the thread.")
        self._of_faults(t)

    def _of_faults(self, t: Texts) -> None:
        self.busy = t(
            "Not sent yet: the store did not answer in time. What you typed is still here. "
            "Press Send again in a moment."
        )
        self.sent_late = t("This was sent after all, a little late. You can close it.")
        self.failed_form = t(
            "Not sent: something failed on our side. What you typed is still here. "
            "Press Send again; if it fails again, tell the operator {ref}."
        )
        self.failed = t(
            "Something failed on our side and this was not done. Nothing that was saved before is lost. "
            "Please try again; if it fails again, tell the operator {ref}."
        )
        self.too_late = t("The form could not be opened in time. Please press the button again.")
        self.too_large = t("This form is too large to be shown here. Nothing was lost.")
