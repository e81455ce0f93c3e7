"""Writing many rows at once through PostgreSQL's COPY, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb


def copy_rows(*, model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Append rows to a model's table. ``columns`` are field attribute names (``place_id``, not ``place``).

    Columns left out take their database default. Checks, keys and triggers of the table hold as for any INSERT.
    """
    assert connection.in_atomic_block, "bulk rows belong to the transaction of the change"
    fields = {field.attname: field for field in model._meta.concrete_fields}
    json_positions = {
        position
        for position, name in enumerate(columns)
        if isinstance(fields[name], models.JSONField)
    }
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(fields[name].column) for name in columns),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [
                    Jsonb(value) if position in json_positions and value is not None else value
                    for position, value in enumerate(row)
                ]
                if json_positions
                else row,
            )


def reserve_ids(*, model: type[models.Model], count: int) -> list[int]:
    """Take ``count`` fresh primary keys, so that rows of several tables can be written by COPY in any order."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]
