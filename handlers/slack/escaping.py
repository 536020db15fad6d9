"""The few characters that Slack reads as markup in plain texts."""


def escape(text: str) -> str:
    """Text for the one place that Slack always reads as markup: `text` beside the blocks.

    Slack docs: formatting message text, "escaping text": only these three characters can start a mention or a link.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The other way round, for text that comes from Slack."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
