"""Writing many rows at once through PostgreSQL's COPY, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, models
from psycopg import sql
from psycopg.types.json import Jsonb


class OutsideTransaction(RuntimeError):
    """A mistake in the program: the rows could outlive a change that failed."""


def copy_rows(
    *,
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Append rows to a model's table.

    ``columns`` are attribute names (``place_id``, not ``place``); those left out take their
    database default. Checks, keys and triggers of the table hold as for any INSERT. Raises
    OutsideTransaction, and Django's IntegrityError like any INSERT.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction("bulk rows belong to the transaction of the change")
    fields = fields_by_column(model)
    json_positions = [
        position
        for position, name in enumerate(columns)
        if isinstance(fields[name], models.JSONField)
    ]
    names: list[sql.Composable] = [sql.Identifier(str(fields[name].column)) for name in columns]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),  # noqa: SLF001 - documented by Django as public
        sql.SQL(", ").join(names),
    )
    with copy_errors(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(_with_json(row, json_positions) if json_positions else row)


def fields_by_column(model: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    """The fields of a model's table by attribute name (``place_id``, not ``place``)."""
    options = model._meta  # noqa: SLF001 - documented by Django as public
    return {field.attname: field for field in options.concrete_fields}


@contextmanager
def copy_errors() -> Iterator[None]:
    """Django's own errors, which it makes of the driver's for single statements but not for a
    stream; without the row that PostgreSQL quotes, since rows hold names.
    """
    try:
        with connection.wrap_database_errors:
            yield
    except DatabaseError as error:
        raise _without_row(error) from None


def _without_row(error: DatabaseError) -> DatabaseError:
    """The same kind of error, without the row that PostgreSQL quotes: rows hold names."""
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    return type(error)(f"COPY was refused, constraint {constraint}")


def reserve_ids(*, model: type[models.Model], count: int) -> list[int]:
    """Take ``count`` fresh primary keys.

    With the keys known, rows of several tables can be written by COPY in any order.
    """
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],  # noqa: SLF001 - documented by Django as public
        )
        return [row[0] for row in cursor.fetchall()]


def _with_json(row: Sequence[object], positions: Sequence[int]) -> list[object]:
    """An empty value stays SQL's NULL; it never becomes JSON's null."""
    wrapped = list(row)
    for position in positions:
        if wrapped[position] is not None:
            wrapped[position] = Jsonb(wrapped[position])
    return wrapped
