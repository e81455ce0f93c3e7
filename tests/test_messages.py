"""Every sentence a person reads has its English, and none stands in the code outside gettext.

Persian letters outside gettext that are right all the same stand in ``EXCUSED`` with the reason; an
excuse that nothing needs any more fails too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog, Message

from salam.commands.messages import (
    ENGLISH,
    as_text,
    compile_catalogue,
    found_messages,
    read_catalogue,
    renewed,
)

CHECKOUT: Final = Path(__file__).resolve().parents[1]
TEMPLATES: Final = CHECKOUT / "salam" / "web" / "templates"
_PERSIAN: Final = re.compile(r"[\u0621-\u064A\u066E-\u06D3\u06F0-\u06F9\u060C\u061B\u061F]")
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
_GETTEXT: Final = frozenset(
    {
        "_",
        "gettext",
        "gettext_lazy",
        "gettext_noop",
        "ngettext",
        "ngettext_lazy",
        "npgettext",
        "npgettext_lazy",
        "pgettext",
        "pgettext_lazy",
    },
)

_FILE_WORDS: Final = "words read in files, which are Persian whatever the reader's language"
_OPERATOR: Final = "told to whoever runs the command line, whose own output is not translated"
_BOTH_SETS: Final = "both languages stand side by side here"
_OFFICIAL_DATA: Final = "cleans the official Persian list"
_EXAMPLES: Final = "examples for developers, shown only where SALAM_DEBUG is on"
_LETTERS: Final = "letters and digits, not words"

EXCUSED: Final = {
    "salam/config/": "the database's own messages, for whoever runs the command line",
    "salam/commands/": _OPERATOR,
    "salam/core/durations.py::_SPOKEN": "words that people type, in either language",
    "salam/core/dates.py::MONTHS": _BOTH_SETS,
    "salam/core/dates.py::WEEKDAYS": _BOTH_SETS,
    "salam/core/dates.py::DAY_PARTS": _BOTH_SETS,
    "salam/core/language.py": _BOTH_SETS,
    "salam/core/tables.py::_SEPARATORS": _LETTERS,
    "salam/core/text.py": _LETTERS,
    "salam/people/actions/importing.py::HEADINGS": _FILE_WORDS,
    "salam/people/actions/importing.py::_YES": _FILE_WORDS,
    "salam/people/actions/importing.py::_GENDERS": _FILE_WORDS,
    "salam/people/actions/importing.py::_LIST_MARKS": _LETTERS,
    "salam/people/actions/importing.py::_half_day_names": _FILE_WORDS,
    "salam/people/vault/keys.py": _OPERATOR,
    "salam/places/actions/gazetteer.py": _OFFICIAL_DATA,
    "salam/places/actions/importing.py::ImportResult": _OPERATOR,
    "salam/places/actions/importing.py::import_places": _OPERATOR,
    "salam/places/actions/listed_rows.py::HEADINGS": _FILE_WORDS,
    "salam/places/actions/loading.py": _OPERATOR,
    "salam/places/actions/official_list.py": _OFFICIAL_DATA,
    "salam/places/actions/writing.py": _OPERATOR,
    "salam/places/queries/homes.py::HomePlaces": _FILE_WORDS,
    "salam/timebank/actions/banks.py::_SERVICE_HOURS_NAME": "a name kept in a table",
    "salam/web/kit/": _EXAMPLES,
    "salam/web/templates/kit/": _EXAMPLES,
    "salam/web/templates/components/language_switch.html": "the language's own name",
}


def messages_of(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def strings_of(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (str(text or ""),)


def bare_python(source: str) -> Iterator[tuple[str, int]]:
    """Persian literals outside gettext and docstrings: the top-level name they stand in, line."""
    for top in ast.parse(source).body:
        for line in _bare_below(top):
            yield _name_of(top), line


def _name_of(top: ast.stmt) -> str:
    if isinstance(top, ast.AnnAssign | ast.Assign):
        target = top.target if isinstance(top, ast.AnnAssign) else top.targets[0]
        return ast.unparse(target)
    return getattr(top, "name", "")


def _bare_below(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Call) and _called(node.func) in _GETTEXT:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring, or a sentence about the line above
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _PERSIAN.search(node.value):
            yield node.lineno
        return
    for child in ast.iter_child_nodes(node):
        yield from _bare_below(child)


def _called(function: ast.expr) -> str:
    return getattr(function, "id", "") or getattr(function, "attr", "")


def bare_template(source: str) -> Iterator[int]:
    """Lines of a template with Persian that no translate tag, block or _() holds."""
    kept = source
    for pattern in (
        r"\{% comment %\}.*?\{% endcomment %\}",
        r"\{#.*?#\}",
        r"\{% (?:translate|trans) .*?%\}",
        r'_\((?:"[^"]*"|\'[^\']*\')\)',
        r"(?<=%\})(?:(?!\{% ).|\{% plural %\})*?\{% end(?:blocktranslate|blocktrans) %\}",
    ):
        kept = re.sub(pattern, _only_newlines, kept, flags=re.DOTALL)
    for number, line in enumerate(kept.splitlines(), start=1):
        if _PERSIAN.search(line):
            yield number


def _only_newlines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def bare_texts() -> Iterator[tuple[str, int]]:
    """Everything of the package, by file::name and line."""
    for path in sorted((CHECKOUT / "salam").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        name = path.relative_to(CHECKOUT).as_posix()
        for top, line in bare_python(path.read_text(encoding="utf-8")):
            yield f"{name}::{top}", line
    for path in sorted(TEMPLATES.rglob("*.html")):
        for line in bare_template(path.read_text(encoding="utf-8")):
            yield path.relative_to(CHECKOUT).as_posix(), line


def excuse_for(key: str) -> str | None:
    file = key.partition("::")[0]
    for excused in EXCUSED:
        if excused in {key, file} or (excused.endswith("/") and file.startswith(excused)):
            return excused
    return None


def test_the_stored_english_is_what_make_messages_would_write() -> None:
    known = read_catalogue(path=ENGLISH)

    written = as_text(renewed(known=known, found=found_messages()))

    assert written == ENGLISH.read_text(encoding="utf-8"), "run make messages"


def test_every_sentence_has_english_with_the_same_placeholders() -> None:
    catalogue = read_catalogue(path=ENGLISH)

    waiting = [m.id for m in messages_of(catalogue) if not all(strings_of(m.string)) or m.fuzzy]
    differing = [
        message.id
        for message in messages_of(catalogue)
        for string in strings_of(message.string)
        if set(_PLACEHOLDER.findall(string))
        != set(_PLACEHOLDER.findall(strings_of(message.id)[-1]))
    ]

    assert messages_of(catalogue)
    assert waiting == []
    assert differing == []
    assert dict(catalogue.obsolete) == {}


def test_english_holds_no_persian_but_words_to_type() -> None:
    catalogue = read_catalogue(path=ENGLISH)

    mixed = [
        string
        for message in messages_of(catalogue)
        for string in strings_of(message.string)
        if _PERSIAN.search(re.sub("«[^»]*»", "", string))
    ]

    assert mixed == []


def test_no_sentence_stands_outside_gettext() -> None:
    bare = [f"{key} (line {line})" for key, line in bare_texts() if excuse_for(key) is None]

    assert bare == []


def test_every_excuse_is_needed() -> None:
    used = {excuse_for(key) for key, _line in bare_texts()}

    assert set(EXCUSED) - used == set()


@pytest.mark.parametrize(
    "source",
    [
        'NAME = "سلام"',
        'def greet():\n    return f"سلام {name}"',
        'label("سلام")',
        "class Colour:\n    RED = 'r', 'سرخ'",
    ],
)
def test_a_bare_sentence_in_python_is_found(source) -> None:
    assert list(bare_python(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        '"""سلام"""\n_ = str\nx = _("سلام {name}").format(name="a")',
        'y = gettext_lazy("سلام")',
    ],
)
def test_a_marked_sentence_in_python_is_not(source) -> None:
    assert list(bare_python(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>سلام</p>",
        '{% include "a.html" with heading="سلام" %}',
        '{{ name|default:"سلام" }}',
        '<a title="سلام">{% translate "سلام" %}</a>',
        "{% blocktranslate %}سلام{% endblocktranslate %} سلام",
        "{% if a %}سلام{% endif %}{% blocktranslate %}سلام{% endblocktranslate %}",
    ],
)
def test_a_bare_sentence_in_a_template_is_found(source) -> None:
    assert list(bare_template(source)) == [1]


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "سلام" %}{% comment %}سلام{% endcomment %}{# سلام #}',
        '{% include "a.html" with heading=_("سلام") %}',
        "{% blocktranslate trimmed with name=a.b %}\nسلام {{ name }}\n{% endblocktranslate %}",
        "{% blocktranslate count n=n %}سلام{% plural %}سلام‌ها{% endblocktranslate %}",
    ],
)
def test_a_marked_sentence_in_a_template_is_not(source) -> None:
    assert list(bare_template(source)) == []


def test_renewing_keeps_english_and_drops_what_nothing_says(tmp_path) -> None:
    known, found = Catalog(locale="en"), Catalog(locale="en")
    known.add("سلام", "Hello")
    known.add("بدرود", "Farewell")
    found.add("سلام")
    found.add("تازه")
    found.add(("{n} نفر", "{n} نفر"))

    path = tmp_path / "django.po"
    path.write_text(as_text(renewed(known=known, found=found)), encoding="utf-8")
    again = read_catalogue(path=path)
    compile_catalogue(path=path)

    assert {message.id: message.string for message in messages_of(again)} == {
        "سلام": "Hello",
        "تازه": "",
        ("{n} نفر", "{n} نفر"): ("", ""),
    }
    assert "POT-Creation-Date" not in path.read_text(encoding="utf-8")
    assert path.with_suffix(".mo").stat().st_size > 0
