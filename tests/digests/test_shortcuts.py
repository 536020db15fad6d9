"""The quick ways through a large digest give what the slow ones give."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from digests.blocks import Filler
from digests.ink import CLOSE, OPEN, Thing, _written, readable
from digests.markdown import MarkdownReader
from reporting.messages import Button, Mention, NumberCell, Pill
from reporting.model import Rag

TEXTS = st.text(max_size=30)
THINGS: st.SearchStrategy[Thing] = st.one_of(
    TEXTS,
    st.builds(Pill, st.sampled_from([None, *Rag]), TEXTS),
    st.builds(Mention, st.integers(1, 9), TEXTS),
    st.builds(Button, st.just("query.run"), TEXTS, TEXTS),
    st.builds(NumberCell, st.floats(allow_nan=False), TEXTS),
)


def mark(number: int) -> str:
    return f"{OPEN}{number}{CLOSE}"


@given(things=st.lists(THINGS, max_size=8))
@example(things=["a*b", "with\x00in it", "_c_"])
@example(things=[""])
@example(things=[])
def test_texts_escaped_together_are_escaped_as_each_alone(things: list[Thing]) -> None:
    markdown = "| ".join(map(mark, range(len(things))))
    assert readable(markdown, things) == "| ".join(map(_written, things))


@given(thing=THINGS)
def test_a_cell_with_one_mark_is_what_parsing_it_gives(thing: Thing) -> None:
    filler = Filler(["before", thing], MarkdownReader().skeleton)
    parsed, leaves = filler._inner(mark(1))
    assert filler._inner_cell(mark(1), 0) == parsed._cell(leaves, 0)
