"""The ledger seen past its guards: only tests go there, to plant what is wrong and to clean up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from salam.timebank.models import GUARDS

_LOOKS = "access_disclosure"


def check_constraints() -> None:
    """What is checked at commit is checked now, and at commit again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def unguarded() -> Iterator[None]:
    """The owner of the tables switches their triggers off, as somebody with ill intent might."""
    check_constraints()
    _switch("DISABLE")
    yield
    check_constraints()
    _switch("ENABLE")


def empty_ledger() -> None:
    """Remove what a test committed and a flush may not touch: hours, looks at contact data."""
    tables = (*GUARDS, _LOOKS)
    with transaction.atomic():
        _switch("DISABLE", tables)
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        _switch("ENABLE", tables)


def _switch(word: str, tables: Iterable[str] = GUARDS) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} {word} TRIGGER USER")
