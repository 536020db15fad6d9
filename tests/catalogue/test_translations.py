"""A language is added by a file; what is wrong with it is named before anybody reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.config.sketch import of_policy
from bot.preflight import text_faults
from reporting.extracting import calls
from reporting.texts import PO_FILE, Catalogues
from reporting.texts_checks import faults_in
from tests.support.policy import make_policy

HEAD = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


def language(folder: Path, body: str, name: str = "de") -> Path:
    path = folder / name / PO_FILE
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + body, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ('msgid "Hi {name}"\nmsgstr "Hallo {name}"\n', []),
        ('msgid "Hi {name}"\nmsgstr ""\n', []),
        ('#, fuzzy\nmsgid "Hi {name}"\nmsgstr "Hallo {nmae}"\n', []),
        ('msgid "Hi {name}"\nmsgstr "Hallo"\n', ['"Hallo" leaves out {name}']),
        ('msgid "Hi"\nmsgstr "Hallo {name}"\n', ['"Hallo {name}" has {name}, which the English text does not have']),
        ('msgid "Hi"\nmsgstr "Hallo {"\n', ['"Hallo {" has a brace without its partner']),
        ('msgid "one"\nmsgid_plural "{n} of {m}"\nmsgstr[0] "ein {m}"\nmsgstr[1] "{n} von {m}"\n', []),
        ('msgid "one"\nmsgid_plural "{n}"\nmsgstr[0] "ein"\nmsgstr[1] ""\n', ['"one" needs 2 forms']),
    ],
)
def test_faults_of_a_translation(tmp_path: Path, body: str, problems: list[str]) -> None:
    found = list(faults_in(language(tmp_path, body)))
    assert [fault.problem for fault in found] == problems
    assert all(fault.line == 5 for fault in found)


def test_faults_of_a_folder(tmp_path: Path) -> None:
    [nothing] = faults_in(tmp_path)
    assert "<language>/LC_MESSAGES/rollcall.po" in nothing.problem
    language(tmp_path, "", "klingon")
    language(tmp_path, 'msgid "no end\n', "fr")
    (language(tmp_path, "", "it") / "it" / PO_FILE).write_bytes(b'msgid "a"\nmsgstr "\xff"\n')
    french, italian, unknown = (fault.problem for fault in faults_in(tmp_path))
    assert '"klingon" is no language' in unknown
    assert french.startswith("cannot be read")
    assert italian.startswith("cannot be read")


def test_the_policys_folder_is_checked(tmp_path: Path) -> None:
    policy = make_policy(locales=str(language(tmp_path, 'msgid "Hi {name}"\nmsgstr "Hallo"\n')))
    faults = [str(fault) for fault in text_faults(of_policy(policy))]
    assert faults == [f'{tmp_path}/de/{PO_FILE}:5: "Hallo" leaves out {{name}}']
    assert list(text_faults(of_policy(replace(policy, locales=None)))) == []


def test_a_broken_translation_is_read_in_english(tmp_path: Path) -> None:
    body = 'msgid "Hi {name}"\nmsgstr "Hallo {nmae}"\n\n'
    body += 'msgid "One"\nmsgid_plural "{n}"\nmsgstr[0] "{"\nmsgstr[1] "{x}"\n'
    t = Catalogues(folder=language(tmp_path, body)).texts("de-DE")
    assert t("Hi {name}", name="Ana") == "Hi Ana"
    assert [t.n("One", "{n}", n) for n in (1, 2)] == ["One", "2"]


def test_the_extractor_finds_calls_wherever_they_stand(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text('x = f(t("a {b}", b=g(n)), self._t("c" "d"), t.n("e", "f", n), t(k), n("g"), h()("i"))\n')
    with code.open("rb") as file:
        assert [text for _, _, text, _ in calls(file, (), ())] == ["a {b}", "cd", ("e", "f")]
