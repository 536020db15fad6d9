"""The few words that the adapter itself says; everything else comes from the rooms above and below."""

from reporting.texts import Catalogues, Texts


class Words:
    """In a reader's language; English without one. Texts with `{}` places are filled by name."""

    def __init__(self, t: Texts | None = None) -> None:
        t = t or Catalogues().texts(None)
        self.part = t("{text} ({n} of {total})")
        self.options = t("{first} to {last}")
        self.nothing = t("–")
        self.was = t("Before: {value}")
        self.send = t("Send")
        self.close = t("Close")
        self.yes = t("Yes")
        self.title = t("Rollcall")
        self.in_thread = t("In the thread: {names}.")
        self.more_in_thread = t("In the thread: {names} and more.")
        self.rest_in_thread = t("The rest is in the thread.")
        self.more_title = t("More than fits here")
        self.optional = t("{label} (optional)")
        self.option = t("{label}: {description}")
        self.numbered = t("{n}: {label}")
        self.show_more = t("Show what else is asked")
        self.show_more_hint = t(
            "Some answers ask for more. This button shows it now; sending shows it too. What you typed stays."
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
