"""YAML with the line of every key and value, and without YAML 1.1's surprises.

YAML 1.1 reads `16:00` as 960 and `NO` as false. Here only numbers, `true`, `false` and `null` are more than text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.config.faults import Finding, Path


class _Loader(yaml.SafeLoader):
    """SafeLoader with resolvers of its own."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own attribute


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))


@dataclass(slots=True)
class Lines:
    """The data of a file and where each part of it stands (lines count from 1)."""

    data: Any
    _at: dict[Path, int] = field(default_factory=dict)
    repeated: list[Finding] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest part above it that the file has."""
        while path and path not in self._at:
            path = path[:-1]
        return self._at.get(path, 1)


class NotYaml(Exception):
    """The file is no YAML. `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


def parse(text: str) -> Lines:
    """Read YAML text.

    Raises:
        NotYaml: with the line of the problem.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        lines = Lines(loader.construct_document(root) if root is not None else {})
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(mark.line + 1 if mark else 1, str(error.problem or error.context)) from None
    except yaml.YAMLError as error:
        raise NotYaml(1, str(error)) from None
    finally:
        loader.dispose()
    if root is not None:
        _walk(root, (), lines)
    return lines


def _walk(node: yaml.Node, path: Path, lines: Lines) -> None:
    lines._at.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, index), lines)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            here = (*path, name)
            if name in seen:
                again = key.start_mark.line + 1
                lines.repeated.append(Finding(here, f'"{name}" is given twice (again on line {again})'))
            seen.add(name)
            lines._at.setdefault(here, key.start_mark.line + 1)
            _walk(value, here, lines)
