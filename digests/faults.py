"""What can be wrong with a template, always with the template's name and, where it is known, the line."""


class TemplateFault(Exception):
    """A template cannot be used as it is.

    Attributes:
        template: name of the file, as in `weekly.md.j2`.
        line: line of the template, or None when only the Markdown it wrote is at fault.
        problem: what is wrong, in words.
    """

    def __init__(self, template: str, line: int | None, problem: str) -> None:
        where = f"{template}, line {line}" if line else template
        super().__init__(f"{where}: {problem}")
        self.template = template
        self.line = line
        self.problem = problem


class MarkdownFault(Exception):
    """The Markdown that a template wrote uses the notation wrongly.

    Attributes:
        problem: what is wrong, in words.
        line: line of the Markdown, counted from 1.
        snippet: the text at fault, to look it up in the template.
    """

    def __init__(self, problem: str, line: int, snippet: str = "") -> None:
        super().__init__(f"line {line} of the Markdown: {problem}")
        self.problem = problem
        self.line = line
        self.snippet = snippet


class LimitReached(Exception):
    """A template loops, calls or writes more than a message could ever need."""
