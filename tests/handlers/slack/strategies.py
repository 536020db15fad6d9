"""Any message and any form, with the texts that people and attackers type."""

from hypothesis import strategies as st

from reporting import interactions as i
from reporting import messages as m
from reporting.model import Rag

NASTY = (
    "", " ", "\n", "<!channel>", "<!here|here>", "<@U123>", "<#C123|x>", "*x*", "_x_ ~y~ `z`", ":smile: :x:", "@here",
    "> quote", "&lt;!channel&gt;", "a & b < c > d", "\x00\x07", "\r\n\x0b", "\ud800", "👩‍👩‍👧‍👦" * 5, "e\u0301" * 30,
    "https://evil.example/?a=<b>", "line one\nline two", "x" * 80, "Ünïcödé ✓", "\u202eabc", "|pipe|", "{}", "-", "~0",
)  # fmt: skip
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.text(max_size=12).map(lambda t: t * 7))
long_texts = st.one_of(
    texts,
    st.tuples(texts, st.integers(1, 400)).map(lambda p: (p[0] + " ") * p[1]),
    st.tuples(st.sampled_from("ab\n 👍."), st.integers(1, 13_000)).map(lambda p: p[0] * p[1]),
)
rags = st.sampled_from([None, *Rag])
urls = st.one_of(
    st.sampled_from(
        ["https://example.com/a", "http://x.org", "mailto:a@b.c", "javascript:alert(1)", "", "ftp://x", "https://a b",
         "https://" + "x" * 3500, "https://example.com/" + "y" * 2000, "https://[bad", "slack://x", "https://é.example"]
    ),
    texts,
)  # fmt: skip
PEOPLE = {1: "U111", 2: "W222", 3: "", 4: "<!channel>"}


def spans(text: st.SearchStrategy[str] = texts) -> st.SearchStrategy[m.Spans]:
    """A text of up to five spans."""
    one = st.one_of(
        st.builds(m.Plain, text), st.builds(m.Strong, text), st.builds(m.Emphasis, text), st.builds(m.Code, text),
        st.builds(m.Link, urls, text), st.builds(m.Mention, st.integers(1, 6), text), st.builds(m.Pill, rags, texts),
        st.builds(m.Channel, st.sampled_from(["C0123ABC", "#beam-leads", "<!channel>", "C_LEAD", ""])),
    )  # fmt: skip
    return st.lists(one, max_size=5).map(tuple)


actions = st.one_of(st.sampled_from(["report.open", "x", "a#2", "~packed", "", "y" * 300]), texts)
values = st.one_of(texts, st.sampled_from(["12:7", "v" * 2500, "~x", "z" * 76]))
buttons = st.builds(
    m.Button, actions, texts, values, st.sampled_from(["", "primary", "danger"]),
    st.one_of(st.just(""), urls), st.one_of(st.just(""), long_texts),
)  # fmt: skip
options = st.builds(m.Option, values, texts, texts)
menus = st.builds(m.Menu, actions, texts, st.lists(options, max_size=8).map(tuple))
big_menus = st.builds(
    m.Menu, actions, texts,
    st.integers(90, 260).map(lambda n: tuple(m.Option(str(k), f"option {k} " + "o" * 60) for k in range(n))),
)  # fmt: skip
elements = st.one_of(buttons, menus)
cells = st.one_of(
    spans(), spans(), st.builds(m.NumberCell, st.floats(), texts), st.builds(m.ButtonCell, buttons, texts)
)


@st.composite
def tables(draw: st.DrawFn) -> m.Table:
    """A table of up to 30 columns and 1,000 rows; a few drawn rows are repeated."""
    width = draw(st.sampled_from([0, 1, 2, 3, 5, 20, 21, 30]))
    kinds = draw(st.lists(st.lists(cells, min_size=width, max_size=width).map(tuple), min_size=1, max_size=3))
    count = draw(st.sampled_from([0, 1, 2, 7, 201, 1000])) if width < 6 else draw(st.integers(0, 12))
    rows = tuple(kinds[at % len(kinds)] for at in range(count))
    columns = tuple(draw(st.lists(texts, min_size=width, max_size=width)))
    return m.Table(draw(long_texts), columns, rows, draw(st.sampled_from([0, 1, 10, 500])))


charts = st.builds(
    m.Chart,
    st.sampled_from(["bar", "line", "area"]),
    texts,
    st.lists(texts, max_size=25).map(tuple),
    st.lists(st.builds(m.Series, texts, st.lists(st.floats(), max_size=25).map(tuple)), max_size=14).map(tuple),
    spans(),
    texts,
    texts,
)
good_charts = st.integers(1, 22).flatmap(
    lambda n: st.builds(
        m.Chart,
        st.sampled_from(["bar", "line", "area"]),
        st.sampled_from(["Projects by week", "t" * 60]),
        st.just(tuple(f"W{k}" for k in range(n))),
        st.lists(
            st.builds(m.Series, st.sampled_from(["red", "amber", "n" * 22]), st.just((1.5,) * n)),
            max_size=13,
        ).map(tuple),
        spans(),
    )
)
blocks = st.one_of(
    st.builds(m.Heading, long_texts, st.integers(0, 4)),
    st.builds(m.Paragraph, spans(long_texts)),
    st.builds(m.Bullets, st.lists(spans(long_texts), max_size=6).map(tuple), st.booleans()),
    st.builds(m.Bullets, st.lists(spans(), max_size=80).map(tuple), st.booleans()),
    st.builds(m.Quote, spans(long_texts)),
    st.builds(m.Note, spans(long_texts)),
    st.builds(m.Divider),
    st.builds(m.Row, spans(long_texts), st.one_of(st.none(), elements)),
    st.builds(m.Actions, st.lists(elements, max_size=30).map(tuple)),
    st.builds(m.Actions, st.lists(big_menus, max_size=2).map(tuple)),
    tables(),
    charts,
    good_charts,
)
messages = st.builds(m.Message, long_texts, st.lists(blocks, max_size=6).map(tuple))
many_blocks = st.builds(
    m.Message,
    texts,
    st.tuples(st.lists(blocks, min_size=1, max_size=3), st.integers(1, 60)).map(lambda p: tuple(p[0] * p[1])[:120]),
)

# ---------------------------------------------------------------- forms

choices = st.lists(options, max_size=14).map(tuple)
many_choices = st.integers(99, 350).map(lambda n: tuple(i.Option(f"v{k}", f"choice {k}") for k in range(n)))
flags = st.booleans()
numbers = st.sampled_from(["", "1", "-3", "12.5", "1e5", "abc", "²", "100"])


@st.composite
def fields(draw: st.DrawFn, number: int) -> i.Field:
    """A field with an id of its own."""
    name = f"field.{number}"
    common = (name, draw(texts))
    kind = draw(st.integers(0, 6))
    if kind <= 1:
        return i.TextField(
            *common, draw(long_texts), draw(long_texts), draw(texts), draw(flags), draw(flags),
            draw(st.sampled_from([1, 140, 3000, 3001, 9000])), draw(flags),
        )  # fmt: skip
    if kind == 2:
        several = draw(st.one_of(choices, many_choices))
        value = draw(st.one_of(st.none(), st.sampled_from([o.value for o in several] or [""])))
        style = draw(st.sampled_from(["radio", "select"]))
        return i.ChoiceField(*common, several, value, draw(texts), draw(texts), draw(flags), style, draw(flags))
    if kind == 3:
        several = draw(choices)
        return i.ChecksField(*common, several, tuple(o.value for o in several[::2]), draw(texts), draw(flags))
    if kind == 4:
        return i.NumberField(
            *common, draw(numbers), draw(long_texts), draw(flags), draw(flags), draw(numbers), draw(numbers)
        )
    if kind == 5:
        return i.DateField(*common, draw(st.sampled_from(["", "2026-11-27", "soon", "20261127"])), draw(texts))
    return i.PersonField(*common, draw(st.one_of(st.none(), st.integers(1, 6))), draw(texts), draw(flags))


@st.composite
def forms(draw: st.DrawFn) -> i.Form:
    """A form of up to eight fields with blocks between them."""
    items: list[i.FormItem] = []
    for number in range(draw(st.integers(0, 8))):
        items += draw(st.lists(blocks, max_size=1))
        items.append(draw(fields(number)))
    # Ids are words of ours, not people's.
    form_id = draw(st.from_regex(r"[a-z]{1,20}(\.[a-z]{1,20})?", fullmatch=True))
    return i.Form(
        form_id, draw(texts), tuple(items), draw(texts), draw(texts),
        draw(st.dictionaries(st.sampled_from("pqb"), st.one_of(st.integers(), texts, st.none()))), draw(flags),
    )  # fmt: skip


homes = st.builds(i.Home, many_blocks.map(lambda message: message.blocks))
