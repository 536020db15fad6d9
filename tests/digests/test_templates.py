"""The sandbox: what templates may do, how much of it, and what is said about the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from digests.environment import Templates
from digests.faults import TemplateFault
from reporting.messages import NumberCell, Paragraph, Pill, Plain, Table
from reporting.model import Rag
from reporting.texts import Catalogues
from tests.digests.kit import blocks, write


def said(folder: Path, source: str, **view: object) -> str:
    """The words of a template of one paragraph."""
    [paragraph] = blocks(folder, source, **view)
    assert isinstance(paragraph, Paragraph)
    return "".join(span.text for span in paragraph.spans if isinstance(span, Plain))


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ _.__globals__ }}",
        "{{ t.format.__globals__ }}",
        "{{ '{0.__class__}'.format(t) }}",
        "{{ '{x.__class__}'.format_map({'x': t}) }}",
        "{{ {}.update({'a': 1}) }}",
        "{{ view.clear() }}",
        "{{ view.items.__self__ }}",
        "{% set _ = things.append(1) %}{{ things }}",
        "{{ t | attr('__class__') }}",
        "{{ t | safe }}",
        "{{ t | tojson }}",
        "{{ [1, 2] | random }}",
        "{{ lipsum() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__ }}",
        "{% filter upper %}x{% endfilter %}",
        "{% autoescape true %}{{ t }}{% endautoescape %}",
        "{% include '../secret' %}",
        "{% include '/etc/hostname' %}",
        "{{ ('a' | pill).upper() }}",
        "{{ ('red' | pill) + 'x' }}",
        "{{ 'red' | pill | upper }}",
        "{{ 2 ** 9 }}",
        "{{ 'a' * 9 }}",
        "{{ '%s' % t }}",
        "{{ 10000000000 * 10000000000 * 10 }}",
        "{{ range(20000) | list }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}",
        "{% set ns = namespace(x='aa') %}{% for i in range(60) %}"
        "{% set ns.x = ns.x | replace('a', ns.x) %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set x %}{{ ns.x }}{{ ns.x }}{% endset %}"
        "{% set ns.x = x %}{% endfor %}",
        "{% for i in range(9999) %}{% for i in range(40) %}aaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endfor %}",
        "{% extends 't.md.j2' %}",
    ],
)
def test_what_would_be_harm_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        write(tmp_path, source, {"t": "typed", "things": [1]})
    assert caught.value.template == "t.md.j2"


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("one\n{{ missing }}", 2, "'missing' is undefined"),
        ("one\n\n{{ t.reason }}", 3, "has no attribute 'reason'"),
        ("{% if %}", 1, "Expected an expression"),
        ("x\n{% for a in b %}", 2, "Unexpected end of template"),
        ("x\n{{ t | nonsense }}", 2, "No filter named 'nonsense'"),
        ("\n\n{{ 'blue' | pill }}", 3, "'blue'"),
        ("\n{{ 'x' | day }}", 2, "isoformat"),
        ("\n{{ '2026-11-27' | day('huge') }}", 2, "short, long or full"),
        ("\n{{ button('a', 'b', 'c', 'loud') }}", 2, "primary, danger or nothing"),
        ("\n{% include 'other.md.j2' %}", 2, "there is no template other.md.j2"),
        ("\n{{ _('{name}') }}\n{{ _('{name}', nam=1) }}", 3, "KeyError: 'name'"),
        ("{% macro m(x) %}\n{{ x.y }}\n{% endmacro %}\n\n{{ m(t) }}", 2, "has no attribute 'y'"),
        ("{% macro m(x) %}{{ m(x) }}{% endmacro %}\n{{ m(1) }}", 1, "calls itself without end"),
    ],
)
def test_faults_name_template_and_line(tmp_path: Path, source: str, line: int, problem: str) -> None:
    with pytest.raises(TemplateFault, match=problem) as caught:
        write(tmp_path, source, {"t": "typed"})
    assert (caught.value.template, caught.value.line) == ("t.md.j2", line)


def test_a_fault_in_an_included_part_names_the_part(tmp_path: Path) -> None:
    (tmp_path / "_part.md.j2").write_text("\n{{ nowhere }}")
    with pytest.raises(TemplateFault) as caught:
        write(tmp_path, "{% include '_part.md.j2' without context %}")
    assert (caught.value.template, caught.value.line) == ("_part.md.j2", 2)


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "bad.md.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateFault, match=r"bad\.md\.j2: cannot be read"):
        Templates(tmp_path).render("bad.md.j2", {}, Catalogues().texts(None))


# ---------------------------------------------------------------- what is there


def test_filters(tmp_path: Path) -> None:
    assert said(
        tmp_path, "{{ '2026-11-27' | day }}, {{ '2026-11-27' | day('long') }}, {{ '2026-11-27' | day('full') }}"
    ) == ("Fri 27 Nov, Fri 27 Nov 2026, Friday 27 November")
    assert said(tmp_path, "{{ '2026-11-27T15:00:00+00:00' | moment }}") == "Fri 27 Nov 16:00"
    assert said(tmp_path, "{{ p | dates }}", p={"first": "2026-11-23", "last": "2026-11-29"}) == "23–29 Nov 2026"
    assert said(tmp_path, "{{ 2 | change }} {{ -1 | change }} {{ 0 | change }}{{ none | change }}") == "+2 −1 ="
    assert said(tmp_path, "{{ ['green', none, 'red'] | trend }}") == "G – R"
    assert said(tmp_path, "{{ 1 | span }}, {{ 2 | span }}", unit="week") == "1 week, 2 weeks"
    assert said(tmp_path, "{{ 1 | span }}, {{ 2 | span }}", unit="month") == "1 month, 2 months"
    assert said(tmp_path, "{{ 1 | span }}, {{ 2 | span }}") == "1 period, 2 periods"
    assert said(tmp_path, "{{ 'red' | colour }}, {{ none | colour }}") == "red, not reported"
    assert said(tmp_path, "{{ none | person }}{{ none }}{{ '' }} {{ 1234567.5 | number }} {{ 0 }}") == "– 1,234,567.5 0"
    assert said(
        tmp_path, "{{ ' a\nb ' | sentence }} {{ 'why?' | sentence }} {{ 'end. ' | phrase }}{{ '' | sentence }}"
    ) == ("a b. why? end")


def test_brief_cuts_at_a_word_and_says_so(tmp_path: Path) -> None:
    assert said(tmp_path, "{{ 'one two three' | brief(12) }}") == "one two …"
    assert said(tmp_path, "{{ 'onetwothreefour' | brief(10) }}") == "onetwoth …"
    assert said(tmp_path, "{{ 'one two' | brief }}") == "one two"


def test_sentences_hold_text_pills_and_people(tmp_path: Path) -> None:
    source = "{{ _('{c} since {{always}}, {x}.', c='red' | pill, x='**x**') }} {{ _('Done: {{}}') }}"
    [paragraph] = blocks(tmp_path, source)
    assert paragraph == Paragraph((Pill(Rag.RED), Plain(" since {always}, **x**. Done: {{}}")))


def test_labels_may_come_from_the_catalogue(tmp_path: Path) -> None:
    [paragraph] = blocks(tmp_path, "{{ 'red' | pill(_('Red')) }}{{ _('word') | brief }}")
    assert paragraph == Paragraph((Pill(Rag.RED, "Red"), Plain("word")))


def test_loops_over_dicts_generators_and_attributes(tmp_path: Path) -> None:
    source = (
        "{% for k in d %}{{ k }}{% endfor %} {% for k, v in d | items %}{{ v }}{% endfor %} {{ l | join('+', 'a') }}"
    )
    assert said(tmp_path, source, d={"x": 1, "y": 2}, l=[{"a": 3}, {"a": 4}]) == "xy 12 3+4"


def test_lists_can_be_joined_and_numbers_added(tmp_path: Path) -> None:
    assert said(tmp_path, "{% for x in [1] + [2] %}{{ x * 2 + 1 }} {% endfor %}{{ 'a' + 'b' }}{{ 7 % 4 }}") == "3 5 ab3"


def test_a_number_in_a_sentence_is_only_its_text(tmp_path: Path) -> None:
    [table] = blocks(tmp_path, "| a |\n|---|\n| {{ 3 | number }} |")
    assert isinstance(table, Table)
    assert table.rows == ((NumberCell(3.0, "3"),),)
    assert said(tmp_path, "{{ 3 | number }} of 4") == "3 of 4"


# ---------------------------------------------------------------- where templates are found


def test_a_folder_replaces_shipped_templates_and_may_build_on_them(tmp_path: Path) -> None:
    own = '{% extends "shipped/alert.md.j2" %}{% block buttons %}**Call us**{% endblock %}'
    (tmp_path / "alert.md.j2").write_text(own)
    templates = Templates(tmp_path)
    assert templates.names() == ["alert.md.j2", "weekly.md.j2"]
    assert templates.source("alert.md.j2") == own
    assert "{% block takeaway %}" in templates.source("weekly.md.j2")


def test_parts_are_written_anew_for_every_reader(tmp_path: Path) -> None:
    (tmp_path / "_words.md.j2").write_text("{% set name = who | brief %}{% macro hello() %}{{ name }}{% endmacro %}")
    (tmp_path / "t.md.j2").write_text("{% from '_words.md.j2' import hello %}{{ hello() }}")
    templates, texts = Templates(tmp_path), Catalogues().texts("en-GB")
    assert templates.render("t.md.j2", {"who": "one"}, texts).things == ["one"]
    assert templates.render("t.md.j2", {"who": "two"}, texts).things == ["two"]
