"""The house style as numbers and bans (docs/style.md). Every rule also meets a planted violation.

A rule reads a house: files by path. What a rule refuses here and is right all the same stands in
tidy_excuses with its reason; an excuse that nothing needs any more fails too.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

from tests.tidy_excuses import EXCUSED

CHECKOUT: Final = Path(__file__).resolve().parents[1]
FILE_LINES_MAX: Final = 500
FUNCTION_LINES_MAX: Final = 60
ENGINE_FUNCTION_LINES_MAX: Final = 80  # without the docstring, which holds formula and source
LINE_WIDTH_MAX: Final = 100
POSITIONAL_MAX: Final = 3
COMPILED_POSITIONAL_MAX: Final = 5  # numba knows no keyword-only parameters

_PYTHON: Final = ("salam/**/*.py", "tests/**/*.py", "docs/*.py", ".ci/*.py", "manage.py")
_TEXTS: Final = ("salam/web/templates/**/*.html", "assets/*.css", "build.mjs", "docs/**/*.md")
_ROOT_TEXTS: Final = ("*.md", "*.toml", "Makefile", "requirements/*.in")

_EDGES: Final = frozenset({"admin", "commands", "web", "api", "core", "config", "tasks"})
_CLOCKS: Final = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "django.db.models.functions.Now",
        "django.utils.timezone.localdate",
        "django.utils.timezone.now",
        "time.monotonic",
        "time.monotonic_ns",
        "time.perf_counter",
        "time.perf_counter_ns",
        "time.process_time",
        "time.time",
        "time.time_ns",
    }
)
_SIGNALS: Final = re.compile(r"django\.dispatch|django\.[a-z.]*\bsignals\b")
_UNFINISHED: Final = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + r"X)\b")
_LINK: Final = re.compile(r"\]\((?!https?:|#)([^)#]+)")
_PRAGMA: Final = re.compile(r"\s+# (?:noqa|type: ignore|pragma).*$")
_DRAWER_NAMES: Final = frozenset({"utils", "helpers", "managers", "signals"})
_SKIPS: Final = frozenset(
    {
        "pytest.importorskip",
        "pytest.mark.skip",
        "pytest.mark.skipif",
        "pytest.mark.xfail",
        "pytest.skip",
        "pytest.xfail",
    }
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Finding:
    """What breaks a rule; ``key`` (path, or path::name) is what an excuse names."""

    key: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.key.partition('::')[0]}:{self.line}: {self.sentence}"


@dataclass(frozen=True)
class Source:
    """One file, parsed when somebody asks."""

    path: PurePosixPath
    text: str = field(repr=False)

    @property
    def is_python(self) -> bool:
        return self.path.suffix == ".py"

    @property
    def is_generated(self) -> bool:
        return "migrations" in self.path.parts

    @property
    def room(self) -> str:
        """The second part of the path, for files of the package; empty for others."""
        parts = self.path.with_suffix("").parts
        return parts[1] if parts[0] == "salam" and len(parts) > 1 else ""

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in self.nodes if isinstance(node, Function))

    @cached_property
    def imported(self) -> Mapping[str, str]:
        """Names that imports bind, with what they stand for (now: django.utils.timezone.now)."""
        bound = {}
        for node in self.nodes:
            if isinstance(node, ast.ImportFrom):
                bound |= {n.asname or n.name: f"{node.module}.{n.name}" for n in node.names}
            elif isinstance(node, ast.Import):
                bound |= {n.asname: n.name for n in node.names if n.asname}
        return bound

    def full_name(self, node: ast.AST) -> str:
        """What a name or a chain of attributes stands for; empty for anything else."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.full_name(node.value)}.{node.attr}"
        return ""

    def found(self, line: int, sentence: str, *, name: str = "") -> Finding:
        return Finding(f"{self.path}::{name}" if name else str(self.path), line, sentence)


House = Mapping[str, Source]
Rule = Callable[[House], Iterator[Finding]]


def house_of(texts: Mapping[str, str]) -> House:
    return {path: Source(PurePosixPath(path), text) for path, text in texts.items()}


@cache
def our_house() -> House:
    paths = {
        path for pattern in (*_PYTHON, *_TEXTS, *_ROOT_TEXTS) for path in CHECKOUT.glob(pattern)
    }
    return house_of(
        {
            path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(paths)
        },
    )


def python_of(house: House, *, within: str = "") -> Iterator[Source]:
    """Python files that people wrote (migrations are generated), of one folder or of all."""
    for path, source in house.items():
        if source.is_python and not source.is_generated and path.startswith(within):
            yield source


def files_are_short(house: House) -> Iterator[Finding]:
    for source in house.values():
        count = source.text.count("\n")
        if source.is_python and "migrations" not in source.path.parts and count > FILE_LINES_MAX:
            yield source.found(count, f"{count} lines; a file has at most {FILE_LINES_MAX}")


def lines_are_short(house: House) -> Iterator[Finding]:
    for source in python_of(house):
        for number, line in enumerate(source.text.splitlines(), start=1):
            # Counted as ruff counts: without marks of no width and without a trailing pragma.
            seen = _PRAGMA.sub("", line)
            width = sum(unicodedata.category(letter) not in {"Mn", "Cf"} for letter in seen)
            if width > LINE_WIDTH_MAX:
                yield source.found(number, f"{width} columns; a line has at most {LINE_WIDTH_MAX}")


def functions_are_short(house: House) -> Iterator[Finding]:
    for source in python_of(house):
        is_engine = source.room == "engine"
        limit = ENGINE_FUNCTION_LINES_MAX if is_engine else FUNCTION_LINES_MAX
        for function in source.functions:
            first = function.body[0]
            count = (function.end_lineno or 0) - function.lineno + 1
            if is_engine and ast.get_docstring(function) is not None:
                count -= (first.end_lineno or 0) - first.lineno + 1
            if count > limit:
                sentence = f"{function.name} has {count} lines; a function has at most {limit}"
                yield source.found(function.lineno, sentence, name=function.name)


def positional_parameters_are_few(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="salam/"):
        for function in source.functions:
            names = _positional(function)
            most = COMPILED_POSITIONAL_MAX if _is_compiled(function) else POSITIONAL_MAX
            if len(names) > most and not function.name.startswith("__"):
                sentence = f"{function.name} takes {len(names)} by position; at most {most}"
                yield source.found(function.lineno, sentence, name=function.name)


def _is_compiled(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("compiled" in ast.unparse(node) for node in function.decorator_list)


def rooms_are_asked_by_keyword(house: House) -> Iterator[Finding]:
    """Public functions of actions and queries; engine and core have neither layer."""
    for layer in ("actions", "queries"):
        for source, function in _handed_out(house, layer):
            if _positional(function):
                sentence = f"{function.name} must take its arguments by keyword only"
                yield source.found(function.lineno, sentence, name=function.name)


def actions_take_an_actor(house: House) -> Iterator[Finding]:
    for source, function in _handed_out(house, "actions"):
        if "actor" not in {argument.arg for argument in function.args.kwonlyargs}:
            sentence = f"{function.name} changes tables but takes no actor"
            yield source.found(function.lineno, sentence, name=function.name)


def imports_stand_at_the_top(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="salam/"):
        if source.room == "commands":
            continue  # imported late, so that `salam --help` and the engine load no Django
        for function in source.functions:
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield source.found(node.lineno, "an import inside a function")


def rooms_read_no_clock(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="salam/"):
        if _EDGES & {*source.path.with_suffix("").parts}:
            continue
        for node in source.nodes:
            if isinstance(node, ast.Name | ast.Attribute):
                name = source.full_name(node)
                if name in _CLOCKS:
                    yield source.found(node.lineno, f"{name}: the clock is read at the edge")
            elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
                yield source.found(node.value.lineno, f"{node.arg} reads the clock")


def nothing_listens_to_signals(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="salam/"):
        for node in source.nodes:
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one.name}" for one in node.names]
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.Attribute):
                names = [source.full_name(node)]
            for name in filter(_SIGNALS.match, names):
                yield source.found(node.lineno, f"{name}: upper rooms read events instead")


def models_do_not_override_save(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="salam/"):
        for node in source.nodes:
            if not isinstance(node, ast.ClassDef) or "forms" in source.path.with_suffix("").parts:
                continue
            for member in node.body:
                if isinstance(member, Function) and member.name in {"save", "asave"}:
                    sentence = f"{node.name}.save: what a change means stands in an action"
                    yield source.found(member.lineno, sentence, name=node.name)


def names_say_what_is_inside(house: House) -> Iterator[Finding]:
    for source in house.values():
        for part in source.path.with_suffix("").parts:
            if source.is_python and part in _DRAWER_NAMES:
                yield source.found(1, f"a file or folder named {part} holds anything")


def nothing_is_left_unfinished(house: House) -> Iterator[Finding]:
    for source in house.values():
        for number, line in enumerate(source.text.splitlines(), start=1):
            if word := _UNFINISHED.search(line):
                yield source.found(number, f"{word[0]}: unfinished work belongs to an issue")


def only_commands_make_an_operator(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="salam/"):
        if source.room == "commands":
            continue
        for node in source.nodes:
            is_import = isinstance(node, ast.ImportFrom) and "ConsoleOperator" in {
                one.name for one in node.names
            }
            called = source.full_name(node.func) if isinstance(node, ast.Call) else ""
            if is_import or called.split(".")[-1] == "ConsoleOperator":
                yield source.found(node.lineno, "only the command line makes a ConsoleOperator")


def no_test_is_skipped(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="tests/"):
        for node in source.nodes:
            if isinstance(node, ast.Attribute | ast.Name):
                name = source.full_name(node)
                if name in _SKIPS:
                    yield source.found(node.lineno, f"{name}: a skipped test proves nothing")


def no_test_mocks_us(house: House) -> Iterator[Finding]:
    """monkeypatch on what lies outside (a clock, a program, the disk) stays allowed."""
    for source in python_of(house, within="tests/"):
        for node in source.nodes:
            module = node.module if isinstance(node, ast.ImportFrom) else None
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else [module]
            if "unittest.mock" in names or "mocker" in _parameters(node):
                line = getattr(node, "lineno", 1)
                yield source.found(line, "a mock of our own code hides what it does")


def rooms_say_what_they_are_for(house: House) -> Iterator[Finding]:
    for source in python_of(house, within="salam/"):
        is_room = source.path.name == "__init__.py" and len(source.path.parts) == 3
        if is_room and ast.get_docstring(source.tree) is None:
            yield source.found(1, f"the room {source.room} does not say what it is for")


def links_lead_somewhere(house: House) -> Iterator[Finding]:
    for source in house.values():
        if source.path.suffix != ".md":
            continue
        for number, line in enumerate(source.text.splitlines(), start=1):
            for target in _LINK.findall(line):
                if not (CHECKOUT / source.path.parent / target).exists():
                    yield source.found(number, f"{target} is not there")


def _positional(function: Function) -> list[str]:
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _parameters(node: ast.AST) -> set[str]:
    return {one.arg for one in node.args.args} if isinstance(node, Function) else set()


def _handed_out(house: House, layer: str) -> Iterator[tuple[Source, Function]]:
    """Public functions of layer.py, and those that a package layer/ re-exports."""
    for source in python_of(house, within="salam/"):
        if source.path.name == f"{layer}.py":
            offered = None
        elif source.path.parent.name == layer:
            package = house.get(f"{source.path.parent}/__init__.py")
            offered = set(package.imported) if package is not None else set()
        else:
            continue
        for node in source.tree.body:
            if not isinstance(node, Function) or node.name.startswith("_"):
                continue
            if offered is None or node.name in offered:
                yield source, node


# Each rule with a small house that breaks it, and nothing else.
PLANTED: Final[Mapping[Rule, Mapping[str, str]]] = {
    files_are_short: {"salam/needs/queries.py": "import os\n" * (FILE_LINES_MAX + 1)},
    lines_are_short: {"salam/needs/queries.py": f"# {'و' * LINE_WIDTH_MAX}\n"},
    functions_are_short: {
        "salam/needs/queries.py": "def long():\n" + "    pass\n" * FUNCTION_LINES_MAX,
    },
    positional_parameters_are_few: {"salam/core/text.py": "def fold(a, b, c, d): ...\n"},
    rooms_are_asked_by_keyword: {
        "salam/needs/queries/__init__.py": "from salam.needs.queries.lists import open_lines\n",
        "salam/needs/queries/lists.py": "def open_lines(place_id): ...\n",
    },
    actions_take_an_actor: {"salam/needs/actions.py": "def close_need(*, need_id, now): ...\n"},
    imports_stand_at_the_top: {"salam/needs/queries.py": "def read():\n    import csv\n"},
    rooms_read_no_clock: {
        "salam/needs/queries.py": "from datetime import datetime as dt\nnow = dt.now\n",
    },
    nothing_listens_to_signals: {
        "salam/needs/apps.py": "from django.db.models.signals import post_save\n",
    },
    models_do_not_override_save: {
        "salam/needs/models.py": "class Need:\n    def save(self): ...\n",
    },
    names_say_what_is_inside: {"salam/needs/utils.py": ""},
    nothing_is_left_unfinished: {"docs/plan.md": "TO" + "DO: write this\n"},
    only_commands_make_an_operator: {
        "salam/web/views.py": "from salam.core import actors\nactor = actors.ConsoleOperator()\n",
    },
    no_test_is_skipped: {
        "tests/needs/test_a.py": "from pytest import mark\n\n@mark.skip\ndef test_a(): ...\n",
    },
    no_test_mocks_us: {"tests/needs/test_a.py": "from unittest.mock import patch\n"},
    rooms_say_what_they_are_for: {"salam/needs/__init__.py": ""},
    links_lead_somewhere: {"docs/plan.md": "See [the rest](nowhere.md#at-all).\n"},
}

# What every rule must let pass.
INNOCENT: Final = {
    "salam/needs/__init__.py": '"""Needs of a place."""\n',
    "salam/needs/actions/__init__.py": "from salam.needs.actions.closing import close_need\n",
    "salam/needs/actions/closing.py": (
        "from datetime import datetime\n\n\n"
        "def close_need(*, actor, need_id: int, now: datetime): ...\n\n\n"
        "def lock_need(need_id: int): ...\n"
    ),
    "salam/needs/tasks.py": "from django.utils import timezone\n\nnow = timezone.now()\n",
    "salam/commands/close.py": "def close():\n    from salam.core.actors import ConsoleOperator\n",
    "salam/needs/migrations/0001_initial.py": f"# {'x' * 200}\n",
    "docs/plan.md": "See [style](style.md#names), [below](#below), [a site](https://a.example).\n",
    "tests/needs/test_closing.py": "import pytest\n\n\ndef test_close(now): ...\n",
}


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    excused = EXCUSED.get(rule.__name__, {})

    broken = [str(found) for found in rule(our_house()) if found.key not in excused]

    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_rule_catches_a_planted_violation(rule: Rule) -> None:
    caught = {found.key.partition("::")[0] for found in rule(house_of(PLANTED[rule]))}

    assert caught
    assert caught <= {*PLANTED[rule]}
    assert [*rule(house_of(INNOCENT))] == []


@pytest.mark.parametrize("name", EXCUSED)
def test_every_excuse_is_still_needed(name: str) -> None:
    [rule] = [rule for rule in PLANTED if rule.__name__ == name]
    needed = {found.key for found in rule(our_house())}

    assert {*EXCUSED[name]} - needed == set()
