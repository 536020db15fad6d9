"""The few words that the adapter itself says; everything else comes from the rooms above and below."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """In the language of the installation. Fields with `{}` places are filled by name."""

    part: str = "{text} ({n} of {total})"
    columns: str = "{text} (columns {first} to {last})"
    options: str = "{first} to {last}"
    confirm_title: str = "Please confirm"
    confirm_yes: str = "Yes"
    confirm_no: str = "Cancel"
    nothing: str = "–"
    was: str = "Before: {value}"
    send: str = "Send"
    close: str = "Close"
    more_title: str = "More than fits here"
    more: str = "More does not fit here. /rag shows the rest."
    more_button: str = "Show all"
    loading_title: str = "Rollcall"
    loading: str = "One moment …"
    done: str = "Done."
    in_direct: str = "The rest is in our direct conversation."
    busy: str = (
        "Not sent yet: the store did not answer in time. What you typed is still here. Press Send again in a moment."
    )
    sent_late: str = "This was sent after all, a little late. You can close it."
    failed_form: str = (
        "Not sent: something failed on our side. What you typed is still here. "
        "Press Send again; if it fails again, tell the operator {ref}."
    )
    failed: str = (
        "Something failed on our side and this was not done. Nothing that was saved before is lost. "
        "Please try again; if it fails again, tell the operator {ref}."
    )
    too_late: str = "The form could not be opened in time. Please press the button again."
    no_form_here: str = "A form can only be opened by a button or a command. Type {command} in any message field."
    too_large: str = "This form is too large to be shown here. Nothing was lost."
