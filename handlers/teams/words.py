"""The few words that the adapter itself says; everything else comes from the rooms above and below."""

from handlers.words import CommonWords
from reporting.texts import Catalogues, Texts


class Words(CommonWords):
    """In a reader's language; English without one. Texts with `{}` places are filled by name."""

    def __init__(self, t: Texts | None = None) -> None:
        t = t or Catalogues().texts(None)
        super().__init__(t)
        self.yes = t("Yes")
        self.title = t("Rollcall")
        self.optional = t("{label} (optional)")
        self.option = t("{label}: {description}")
        self.numbered = t("{n}: {label}")
        self._of_forms(t)
        self.busy_button = t("Nothing was done: the store did not answer in time. Please try again in a moment.")
        self.members_only = t(
            "I answer only members of this organisation, and guests who stand in the project register. "
            "Nothing was done. A member can ask for you, or have the PMO add you."
        )
        self.other_tenant = t(
            "This app works for another organisation and does nothing here. Nothing was done, and nothing was kept. "
            "Ask whoever installed it here to remove it."
        )
        self.stale_form = t(
            "This form is out of date and was not sent. Open it again from its message; a draft that was kept is "
            "still in it."
        )
        self.stale_typed = t("This is what you typed, so that you can copy it:")
        self.no_room = t(
            "Together with everything you typed the form does not fit here again, so it cannot be sent from here. "
            "Open it anew from its message."
        )
        self.stale_button = t("This button is out of date. Ask again to see how things stand now.")
        self.answered_alone = t("The answer is in your own chat with me, since not everybody here may see everything.")
        self.group_hello = t(
            "To ask me something here, write @Rollcall before it: @Rollcall red. The answer comes in your own chat "
            "with me, since not everybody here may see everything. Digests and alerts go to channels of teams."
        )
        self.no_chat = t(
            "I can answer this only in your own chat with me. Add Rollcall to your apps, then ask again there or here."
        )
        self.answer_below = t("The answer is below.")
        self.answer_in_chat = t(
            "The answer comes in your own chat with me. If there is none, add Rollcall to your apps and ask again."
        )
        self.answer_follows = t("This takes a moment. The answer follows in your own chat with me.")
        self.form_waits = t("This is answered with a form: {title}.")
        self.open_form = t("Open the form")
        self.file_sent = t("{name} is among your files.")
        self.file_declined = t("The file was not sent.")
        self.file_gone = t("The file could not be put among your files. Please ask for it again.")

    def _of_forms(self, t: Texts) -> None:
        self.show_more = t("Show what else is asked")
        self.some_ask = t("Some answers ask for more.")
        self.show_more_hint = t("This button shows it now; sending shows it too. What you typed stays.")
        self.how_to_keep = t(
            "To go on later, press “{button}”. Closed by its cross, this window keeps only what it held when you last "
            "pressed a button in it."
        )
        self.not_sent = t("Not sent yet. Everything you typed is below.")
        self.required = t("Please fill this in.")
        self.choose = t("Please choose one.")
        self.no_day = t("A date such as 2026-11-27, or clear it.")
        self.no_number = t("A number, or clear it.")
        self.no_whole = t("A whole number, or clear it.")
        self.at_least = t("At least {limit}.")
        self.at_most = t("At most {limit}.")
        self.too_long = t("{n} characters; at most {limit} fit. Please shorten it.")
