"""Web addresses that a reader may be sent to."""

from urllib.parse import urlsplit


def web_address(url: str) -> str:
    """The address when a link may carry it (http, https, mailto), else an empty text."""
    if not url or not url.isprintable() or any(c in url for c in ' <>|"\\^`{}'):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = (parts.scheme in {"http", "https"} and parts.hostname) or (parts.scheme == "mailto" and parts.path)
    return url if usable else ""
