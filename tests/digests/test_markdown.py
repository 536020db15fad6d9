"""Markdown and its small notation to neutral blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from digests.faults import TemplateFault
from reporting.messages import (
    Actions,
    Bullets,
    Button,
    ButtonCell,
    Chart,
    Code,
    Divider,
    Emphasis,
    Heading,
    Link,
    Mention,
    Note,
    NumberCell,
    Paragraph,
    Pill,
    Plain,
    Quote,
    Row,
    Series,
    Strong,
    Table,
)
from reporting.model import Rag
from tests.digests.kit import blocks, write


def test_running_text(tmp_path: Path) -> None:
    [paragraph] = blocks(tmp_path, r"a **b** *c* `d` [e](https://x.example/f) \*g\*")
    assert paragraph == Paragraph((
        Plain("a "), Strong("b"), Plain(" "), Emphasis("c"), Plain(" "), Code("d"), Plain(" "),
        Link("https://x.example/f", "e"), Plain(" *g*"),
    ))  # fmt: skip


def test_bold_inside_italics_is_bold_and_lines_stay_lines(tmp_path: Path) -> None:
    assert blocks(tmp_path, "*a **b** c*\nd\\\ne") == (
        Paragraph((Emphasis("a "), Strong("b"), Emphasis(" c"), Plain("\nd\ne"))),
    )


def test_an_address_that_is_none_of_the_web_is_only_text(tmp_path: Path) -> None:
    assert blocks(tmp_path, "[a](javascript:x) [{{ t }}]({{ u }}) [**b**](mailto:x@y.example)", t="T", u="data:x") == (
        Paragraph((Plain("a (javascript:x) T (data:x) "), Link("mailto:x@y.example", "b"))),
    )


def test_blocks(tmp_path: Path) -> None:
    source = "# One\n## Two *x*\n###### Six\n- a\n- b\n  - c\n\n    d\n\n3. x\n\n1. y\n\n> said\n>\n> more\n\n---\n"
    assert blocks(tmp_path, source + "[[note]] small") == (
        Heading("One", 1),
        Heading("Two x", 2),
        Heading("Six", 4),
        Bullets(((Plain("a"),), (Plain("b"),), (Plain("c\nd"),))),
        Row((Plain("3. x"),)),
        Row((Plain("4. y"),)),
        Quote((Plain("said\nmore"),)),
        Divider(),
        Note((Plain("small"),)),
    )


def test_raw_html_entities_and_indented_code_are_only_text(tmp_path: Path) -> None:
    assert blocks(tmp_path, "<b>x</b> &amp;\n\n    four\n\n```\ncode {{ t }}\n```", t="`") == (
        Paragraph((Plain("<b>x</b> &amp;"),)),
        Paragraph((Plain("four"),)),
        Paragraph((Code("code `"),)),
    )


def test_notation(tmp_path: Path) -> None:
    assert blocks(tmp_path, "[[pill:red]] [[pill:none|none yet]] [[person:12|Ana]] **[[pill:green]]**") == (
        Paragraph((
            Pill(Rag.RED), Plain(" "), Pill(None, "none yet"), Plain(" "), Mention(12, "Ana"), Plain(" "),
            Pill(Rag.GREEN),
        )),
    )  # fmt: skip


def test_buttons_at_the_end_of_a_line_or_alone(tmp_path: Path) -> None:
    source = """text [[button:a.b|Go|7|primary]]

[[button:a|A]] [[button:b|B|2]]

x {{ button("c", "C") }} {{ button("d", t) }}"""
    assert blocks(tmp_path, source, t="**D**") == (
        Row((Plain("text"),), Button("a.b", "Go", "7", "primary")),
        Actions((Button("a", "A"), Button("b", "B", "2"))),
        Paragraph((Plain("x"),)),
        Actions((Button("c", "C"), Button("d", "**D**"))),
    )


def test_a_list_with_buttons_becomes_rows(tmp_path: Path) -> None:
    assert blocks(tmp_path, "1. a {{ button('x', 'X') }}\n2. b\n\n- c [[button:y|Y]]") == (
        Row((Plain("1. a"),), Button("x", "X")),
        Row((Plain("2. b"),)),
        Row((Plain("• c"),), Button("y", "Y")),
    )


def test_thread(tmp_path: Path) -> None:
    composed = write(tmp_path, "# T\nfirst\n\n[[thread]]\nsecond\n\n[[thread]]\n[[thread]]\n```\n# no\n[[thread]]\n```")
    assert composed.message.blocks == (Heading("T", 1), Paragraph((Plain("first"),)))
    assert [d.blocks for d in composed.details] == [
        (Paragraph((Plain("second"),)),),
        (Paragraph((Code("# no\n[[thread]]"),)),),
    ]
    assert [d.summary for d in composed.details] == ["second", "# no [[thread]]"]


def test_tables(tmp_path: Path) -> None:
    source = """```table
caption: Who *is* {{ t }}
page: 500

| Name | Weeks | Do \\| it |
| {{ t }} | {{ 1200 | number }} | {{ button("a", "A") }} |
| - x | **b** {{ 2 | number }} | |
```
| A |
|---|
| {{ "red" | pill }} |"""
    table, grid = blocks(tmp_path, source, t="T|")
    assert table == Table(
        "Who is T|",
        ("Name", "Weeks", "Do | it"),
        (
            ((Plain("T|"),), NumberCell(1200.0, "1,200"), ButtonCell(Button("a", "A"), "A")),
            ((Plain("- x"),), (Strong("b"), Plain(" 2")), ()),
        ),
        100,
    )
    assert grid == Table("A", ("A",), (((Pill(Rag.RED),),),))


def test_chart(tmp_path: Path) -> None:
    source = """```chart
kind: line
title: {{ t }}
x: week
y: projects
categories: a | b
series {{ t }}: 1 | {{ 2.5 }}
fallback: one, **two**
```"""
    assert blocks(tmp_path, source, t="T:") == (
        Chart(
            "line", "T:", ("a", "b"), (Series("T:", (1.0, 2.5)),), (Plain("one, "), Strong("two")), "week", "projects"
        ),
    )


CHART = "title: t\ncategories: a\nseries s: 1\nfallback: f\n"


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("a\n\n[[pil:red]]", 3, "is not known"),
        ("[[pill:blue]]", 1, "red, amber, green or none"),
        ("[[button:a|b|c|huge]]", 1, "primary, danger"),
        ("[[person:x|Ana]]", 1, "is not known"),
        ("x [[thread]]", 1, "alone on its line"),
        ("x [[note]]", 1, "at the start of a paragraph"),
        ("- [[note]] x", 1, "is not known"),
        ("[[button:a|b]] text", None, "at the end of a line"),
        ("> [[button:a|b]]", None, "in a quote"),
        ("[[note]] [[button:a|b]]", None, "in a quote"),
        ("- x [[button:a|b]] [[button:c|d]]", None, "one button at most"),
        ("# T\n```table\n| a |\n```", None, "needs a caption"),
        ("```table\ncaption: c\n| a | b |\n| 1 |\n```", 4, "has 1 cells, the header 2"),
        ("```table\ncaption: c\nwidth: 3\n```", 3, "a table has caption"),
        ("```table\ncaption: c\npage: many\n```", 3, "a table has caption"),
        ("```chart\nkind: pie\n" + CHART + "```", 2, "bar, line, area"),
        ("```chart\n" + CHART.replace("s: 1", "s: 1 | 2") + "```", None, "one value for each category"),
        ("```chart\n" + CHART.replace("s: 1", "s: x") + "```", None, "not all numbers"),
        ("```chart\n" + CHART.replace("fallback: f", "") + "```", None, "fallback in words"),
        ("```chart\ncolour: red\n```", 2, "a chart has kind"),
    ],
)
def test_faults_say_what_and_where(tmp_path: Path, source: str, line: int | None, problem: str) -> None:
    with pytest.raises(TemplateFault, match=problem) as caught:
        write(tmp_path, source)
    assert caught.value.template == "t.md.j2"
    if line is not None:
        assert caught.value.line == line


def test_a_fault_in_what_was_written_tells_the_line_of_the_markdown(tmp_path: Path) -> None:
    with pytest.raises(TemplateFault, match=r"\(line 3 of the Markdown it writes\)"):
        write(tmp_path, "{% for n in [1] %}\n[[pill:red]]\n\n[[pill:{{ n }}]]\n{% endfor %}", {})
