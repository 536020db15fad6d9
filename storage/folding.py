"""Text for look-ups: without case and accents, so that `muller` finds Müller on every database."""

import unicodedata


def fold(text: str) -> str:
    """Case, accents, width and runs of white space removed."""
    plain = unicodedata.normalize("NFKD", text)
    if not plain.isascii():
        plain = "".join(char for char in plain if not unicodedata.combining(char))
    # Twice, because folding the case of a few letters brings out new marks (the Turkish capital dotted i).
    folded = unicodedata.normalize("NFKD", plain.casefold())
    if not folded.isascii():
        folded = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(folded.split())


def key_fold(key: str) -> str:
    """A project key as it is compared: only case is ignored."""
    return unicodedata.normalize("NFC", key.strip().casefold())
