"""Whatever people type comes out literally: it never becomes markup, a mention, a pill or a button."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digests.composer import compose
from digests.environment import Templates
from digests.faults import MarkdownFault, TemplateFault
from digests.ink import Ink
from digests.markdown import MarkdownReader
from reporting.messages import Block, Bullets, Heading, Paragraph, Plain, Strong, Table
from reporting.texts import Catalogues

ANYTHING = st.text(max_size=60)
NASTY = (
    "**b** _i_ `c` [l](http://x) <!channel> <@U1> & | \n\n# h\n- x\n1. y\n> q\n```\n[[thread]]\n[[pill:red]] "
    "\ue0000\ue001 {{ 7 }}"
)

EVERYWHERE = """# {{ t }}

{{ t }}

**{{ t }}**

- {{ t }}

| a |
|---|
| {{ t }} |

```table
caption: c
| a |
| {{ t }} |
```
"""


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "t.md.j2").write_text(EVERYWHERE, encoding="utf-8")
    return Templates(folder)


def typed(templates: Templates, **view: Any) -> tuple[Block, ...]:
    return compose(templates, MarkdownReader(), "t.md.j2", view, Catalogues().texts("en-GB")).message.blocks


@given(text=ANYTHING.filter(bool))
@example(text=NASTY)
def test_typed_text_is_literal_wherever_it_stands(templates: Templates, text: str) -> None:
    heading, paragraph, strong, bullets, grid, table = typed(templates, t=text)
    assert heading == Heading(text.replace("\n", " "), 1)
    assert paragraph == Paragraph((Plain(text),))
    assert strong == Paragraph((Strong(text),))
    assert bullets == Bullets(((Plain(text),),))
    assert isinstance(grid, Table)
    assert isinstance(table, Table)
    assert grid.rows == (((Plain(text),),),)
    assert table.rows == (((Plain(text),),),)


def test_a_reader_keeps_no_text_of_one_message_for_the_next(templates: Templates) -> None:
    reader, texts = MarkdownReader(), Catalogues().texts("en-GB")
    for text in ("first", "second"):
        message = compose(templates, reader, "t.md.j2", {"t": text}, texts).message
        assert message.blocks[1] == Paragraph((Plain(text),))


@pytest.mark.parametrize(
    "source",
    [
        "{{ t | brief }}",
        "{{ t | sentence }}",
        "{{ _('{x}', x=t) }}",
        "{{ ngettext('{x}', '{x}', 2, x=t) }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(t) }}",
        "{% set x %}{{ t }}{% endset %}{{ x }}",
        "{{ t ~ '' }}",
        "{{ [t, ''] | join }}",
        "{{ [t] | join(t) }}",
        "{% for x in [t] %}{{ x }}{% endfor %}",
        "{{ [t] | first }}",
        "{% set ns = namespace(x=t) %}{{ ns.x }}",
        "{{ none or t }}",
        "{{ (t,)[0] }}",
        "{{ t | replace('Z', 'Y') }}",
        "{% call(x) each() %}{{ x }}{% endcall %}",
    ],
)
def test_no_detour_through_the_template_language_makes_markup_of_it(tmp_path: Path, source: str) -> None:
    text = "**b** [[pill:red]] <!channel> `c` [l](http://x)."
    head = "{% macro each() %}{{ caller(t) }}{% endmacro %}"
    (tmp_path / "t.md.j2").write_text(head + source, encoding="utf-8")
    assert typed(Templates(tmp_path), t=text) == (Paragraph((Plain(text),)),)


@pytest.mark.parametrize("source", ["{{ p ~ t }}", "{{ [p, t] | join }}", "{{ [t, t] | join(p) }}"])
def test_text_joined_to_our_own_markdown_stays_literal(tmp_path: Path, source: str) -> None:
    (tmp_path / "t.md.j2").write_text("{% set p %}**x**{% endset %}" + source, encoding="utf-8")
    [paragraph] = typed(Templates(tmp_path), t="**b**")
    assert isinstance(paragraph, Paragraph)
    assert Strong("x") in paragraph.spans
    assert Strong("b") not in paragraph.spans


@given(markdown=st.text(alphabet="ab*_`[]()|#->1. \n\t\\~:!&<\ue000", max_size=200))
def test_no_markdown_can_break_the_reader(markdown: str) -> None:
    ink = Ink()
    text = markdown.replace("\ue000", str(ink.put("typed")))
    with suppress(MarkdownFault):
        MarkdownReader().read(text, ink.things)


@given(markdown=st.lists(st.sampled_from([
    "[[pill:red]]", "[[thread]]", "[[note]]", "[[person:1|A]]", "[[button:a|B]]", "[[x:y]]", "```table\n", "```chart\n",
    "```\n", "caption: c\n", "| a |\n", "\n", "text ", "# ", "- ", "> ", "**", "categories: a\n", "series x: 1\n",
    "title: t\n", "fallback: f\n", "kind: pie\n", "kind: bar\n", "[l](u)",
]), max_size=14).map("".join))  # fmt: skip
def test_no_mixture_of_notation_can_break_the_reader(markdown: str) -> None:
    with suppress(MarkdownFault):
        MarkdownReader().read(markdown, [])


def test_private_use_characters_cannot_be_smuggled_in_by_a_template(tmp_path: Path) -> None:
    (tmp_path / "t.md.j2").write_text("one\n\ue0000\ue001", encoding="utf-8")
    with pytest.raises(TemplateFault, match="line 2: private-use"):
        typed(Templates(tmp_path), t="x")
