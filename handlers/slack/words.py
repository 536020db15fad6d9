"""The few words that the adapter itself says; everything else comes from the rooms above and below."""

from collections.abc import Callable

from reporting.texts import Catalogues, Texts


class Words:
    """In a reader's language; English without one. Texts with `{}` places are filled by name."""

    def __init__(self, t: Texts | None = None) -> None:
        t = t or Catalogues().texts(None)
        self.part = t("{text} ({n} of {total})")
        self.columns = t("{text} (columns {first} to {last})")
        self.options = t("{first} to {last}")
        self.confirm_title = t("Please confirm")
        self.confirm_yes = t("Yes")
        self.confirm_no = t("Cancel")
        self.nothing = t("–")
        self.was = t("Before: {value}")
        self.send = t("Send")
        self.close = t("Close")
        self.more_title = t("More than fits here")
        self.more = t("More does not fit here. /rag shows the rest.")
        self.more_button = t("Show all")
        self.loading_title = t("Rollcall")
        self.loading = t("One moment …")
        self.done = t("Done.")
        self.in_thread = t("In the thread: {names}.")
        self.more_in_thread = t("In the thread: {names} and more.")
        self.rest_in_thread = t("The rest is in the thread.")
        self.in_direct = t("The rest is in our direct conversation.")
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
        self.no_form_here = t(
            "A form can only be opened by a button or a command. Type {command} in any message field."
        )
        self.members_only = t(
            "I answer only members of this workspace, and guests who stand in the project register. "
            "Nothing was done. A member can ask for you, or have the PMO add you."
        )
        self.elsewhere = t(
            "This app works for another workspace and does nothing here. Nothing was done, and nothing was kept. "
            "Ask whoever installed it here to remove it."
        )
        self.too_large = t("This form is too large to be shown here. Nothing was lost.")


# The words for a locale; None is the language of the installation.
Wording = Callable[[str | None], Words]


def english(_locale: str | None = None) -> Words:
    """Words for those who have no catalogue."""
    return Words()
