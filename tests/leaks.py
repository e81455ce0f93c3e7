"""Planted contact data, and searchers that find it however it was written down.

A value is found in any digits, with any separators, inside JSON, HTML and addresses, inside
spreadsheets, and as base64 or hexadecimal of any of its spellings.
"""

from __future__ import annotations

import base64
import html
import io
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from django.db import connection
from django.http import HttpResponseBase

from salam.core.text import ascii_digits, persian_digits

_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[ \-.()/_\u00a0\u200b-\u200f\u2009\u202f]{1,3}(?=\d)")
_JSON_ESCAPE: Final = re.compile(r"\\+u([0-9a-fA-F]{4})")
_BYTEA: Final = re.compile(r"\\+x((?:[0-9a-f]{2}){4,})")


@dataclass(frozen=True)
class Planted:
    """What must be nowhere: a number by its last digits, or a text."""

    name: str
    value: str
    spellings: tuple[str, ...]

    @property
    def encoded(self) -> Iterator[str]:
        """The inner part of each spelling's base64, at any offset, and its hexadecimal."""
        for spelling in self.spellings:
            for encoding in ("utf-8", "utf-16-le"):
                raw = spelling.encode(encoding)
                yield raw.hex()
                for offset in range(3):
                    whole = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
                    # The first and the last letters depend on what stands around.
                    yield whole[offset + 1 if offset else 0 : -1]


def planted_phone(national: str) -> Planted:
    """A mobile by its ten digits without the leading zero: 9121234567."""
    forms = [f"+98{national}", f"0098{national}", f"98{national}", f"0{national}", national]
    grouped = f"0{national[:3]} {national[3:6]} {national[6:]}"
    dashed = f"0{national[:3]}-{national[3:6]}-{national[6:]}"
    spelled = [*forms, grouped, dashed]
    return Planted("phone", national, tuple(spelled + [persian_digits(form) for form in spelled]))


def planted_text(name: str, value: str) -> Planted:
    return Planted(name, value, tuple({value, persian_digits(value)}))


def found_in(content: str | bytes, planted: Iterable[Planted]) -> list[str]:
    """Names of the planted values that a text or a file holds in any spelling."""
    views = [view for text in _texts(content) for view in _views(text)]
    lowered = [view.lower() for view in views]
    return sorted(
        {
            one.name
            for one in planted
            if any(one.value in view for view in views)
            or any(code in view for code in one.encoded for view in views)
            or any(one.value.lower() in view for view in lowered)
        },
    )


def _texts(content: str | bytes) -> Iterator[str]:
    if isinstance(content, str):
        yield content
        return
    yield content.decode("utf-8", errors="replace")
    if content.startswith(b"PK"):  # a spreadsheet or another packed file
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield packed.read(name).decode("utf-8", errors="replace")


def _views(text: str) -> Iterator[str]:
    """The text as it is, and as programs and people would read it."""
    unescaped = _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    for form in {text, unescaped, html.unescape(text), unquote_plus(text)}:
        yield form
        yield _BETWEEN_DIGITS.sub("", ascii_digits(form))
    for match in _BYTEA.finditer(text):
        yield bytes.fromhex(match[1]).decode("utf-8", errors="replace")


def tables() -> list[str]:
    """Every table of the database that holds rows, quoted, of all schemas but PostgreSQL's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
        )
        return [name for (name,) in cursor.fetchall()]


def leaks_in_tables(planted: Iterable[Planted]) -> list[str]:
    """Tables in which a planted value can be read, with its name."""
    values = list(planted)
    return [f"{table}: {name}" for table in tables() for name in found_in(_rows_of(table), values)]


def _rows_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_text::text FROM {table} AS row_text")  # noqa: S608
        return "\n".join(text for (text,) in cursor.fetchall())


def leaks_in_answer(response: HttpResponseBase, planted: Iterable[Planted]) -> list[str]:
    """Names of planted values in an answer: body, headers, cookies."""
    values = list(planted)
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined,call-overload]
    head = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = response.cookies.output()
    return sorted({*found_in(body, values), *found_in(head, values), *found_in(cookies, values)})


@contextmanager
def recorded_logs() -> Iterator[list[str]]:
    """Everything that any logger says meanwhile, from DEBUG up, with tracebacks and arguments."""
    lines: list[str] = []
    handler = _Keeper(lines)
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
        if logger is logging.root or not logger.propagate:
            logger.addHandler(handler)
    try:
        yield lines
    finally:
        for logger, level, was_disabled in before:
            logger.setLevel(level)
            logger.disabled = was_disabled
            logger.removeHandler(handler)


class _Keeper(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines
        self._formatter = logging.Formatter("%(name)s %(levelname)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        known = {key: value for key, value in vars(record).items() if key != "exc_info"}
        self._lines.append(f"{self._formatter.format(record)} {known!r}")
