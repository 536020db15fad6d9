"""The few words that the adapter itself says; everything else comes from the rooms above and below."""

from collections.abc import Callable

from handlers.words import CommonWords
from reporting.texts import Catalogues, Texts


class Words(CommonWords):
    """In a reader's language; English without one. Texts with `{}` places are filled by name."""

    def __init__(self, t: Texts | None = None) -> None:
        t = t or Catalogues().texts(None)
        super().__init__(t)
        self.columns = t("{text} (columns {first} to {last})")
        self.confirm_title = t("Please confirm")
        self.confirm_yes = t("Yes")
        self.confirm_no = t("Cancel")
        self.more = t("More does not fit here. /rag shows the rest.")
        self.more_button = t("Show all")
        self.loading_title = t("Rollcall")
        self.loading = t("One moment …")
        self.in_direct = t("The rest is in our direct conversation.")
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


# The words for a locale; None is the language of the installation.
Wording = Callable[[str | None], Words]


def english(_locale: str | None = None) -> Words:
    """Words for those who have no catalogue."""
    return Words()
