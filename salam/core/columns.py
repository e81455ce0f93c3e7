"""Whole columns of a table as numpy arrays, by PostgreSQL's binary COPY: no Python object a row.

The binary format of COPY is a header, then of each row the number of its fields (int16) and of each
field its length (int32) and its bytes, all big-endian. Rows of numbers that are never NULL are all
of one size, so that a structured dtype describes them: one call of numpy reads or writes them all.
Source: PostgreSQL's documentation of COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from psycopg import sql

from salam.core.bulk import OutsideTransaction, copy_errors, fields_by_column

Column = npt.NDArray[Any]

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
# What travels: PostgreSQL's type and its bytes. Wider or unsigned ones are viewed as asked.
_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "bool": ("boolean", "u1"),
    "int16": ("smallint", ">i2"),
    "int32": ("integer", ">i4"),
    "int64": ("bigint", ">i8"),
    "float64": ("double precision", ">f8"),
}


class UnevenRows(ValueError):
    """A mistake in the program: rows differ in size, since a value is NULL or of no fixed width."""


def read_columns(
    *,
    rows: models.QuerySet[Any],
    columns: Mapping[str, type[np.generic]],
    order_by: Sequence[str],
) -> dict[str, Column]:
    """The columns of a query in the order of ``order_by`` (some of them), each as one array [N].

    ``columns`` maps lookups and annotations, as ``values_list`` takes them, to np.bool_, np.int16,
    np.int32, np.int64 or np.float64; PostgreSQL casts to that width and refuses what is too large.
    The query may be a union, whose own columns these must be, in that order. One statement, so all
    columns show the same instant. Raises UnevenRows where a value is NULL.
    """
    names = [f"c{number}" for number in range(len(columns))]
    chosen = rows.order_by()
    if not rows.query.combinator:
        chosen = chosen.values_list(*columns)
    try:
        statement, parameters = chosen.query.sql_with_params()
    except EmptyResultSet:  # Django knows that no row can pass
        return {name: np.empty(0, dtype) for name, dtype in columns.items()}
    casts = sql.SQL(", ").join(
        sql.SQL("{}::{}").format(sql.Identifier(name), sql.SQL(_TYPES[np.dtype(dtype).name][0]))
        for name, dtype in zip(names, columns.values(), strict=True)
    )
    keys = [sql.Identifier(names[list(columns).index(name)]) for name in order_by]
    copied = sql.SQL(
        "COPY (SELECT {} FROM ({}) AS found ({}) ORDER BY {}) TO STDOUT (FORMAT binary)"
    )
    query = copied.format(
        casts,
        sql.SQL(statement),  # composed by Django, values apart
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(keys),
    )
    errors = connection.wrap_database_errors
    with connection.cursor() as cursor, errors, cursor.copy(query, parameters) as copy:
        data = b"".join(copy)
    return _parsed(data, columns)


def copy_columns(*, model: type[models.Model], columns: Mapping[str, Column]) -> None:
    """Append rows to a model's table, given as arrays of equal length [N] by attribute name.

    Integers, floats, booleans and texts of one length (dtype S), in the width of the table's own
    columns; the others take their database default. Belongs to the caller's transaction, and checks
    hold, as for :func:`salam.core.bulk.copy_rows`. Raises OutsideTransaction, ValueError where a
    number does not fit its column, UnevenRows for texts of several lengths.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction("bulk rows belong to the transaction of the change")
    [count] = {len(column) for column in columns.values()}
    if count == 0:
        return
    fields = fields_by_column(model)
    packed = {name: _for_table(fields[name], column) for name, column in columns.items()}
    table = np.empty(count, _row_dtype({name: one.dtype for name, one in packed.items()}))
    table["count"] = len(columns)
    for name, column in packed.items():
        table[f"{name} length"] = column.dtype.itemsize
        table[name] = column
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(model._meta.db_table),  # noqa: SLF001 - documented by Django as public
        sql.SQL(", ").join(sql.Identifier(str(fields[name].column)) for name in columns),
    )
    with copy_errors(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEADER + table.tobytes() + _TRAILER)


def _parsed(data: bytes, columns: Mapping[str, type[np.generic]]) -> dict[str, Column]:
    wire = {name: np.dtype(_TYPES[np.dtype(dtype).name][1]) for name, dtype in columns.items()}
    row = _row_dtype(wire)
    body = memoryview(data)[len(_HEADER) : -len(_TRAILER)]
    if len(body) % row.itemsize:
        raise UnevenRows("a column holds NULL")
    table = np.frombuffer(body, row)
    # Two values that are missing may be as short as a row: each row says how long its fields are.
    is_even = table["count"] == len(columns)
    for name, one in wire.items():
        is_even &= table[f"{name} length"] == one.itemsize
    if not is_even.all():
        raise UnevenRows("a column holds NULL")
    # A contiguous copy in the machine's own byte order.
    return {name: table[name].astype(dtype) for name, dtype in columns.items()}


def _row_dtype(fields: Mapping[str, np.dtype[Any]]) -> np.dtype[Any]:
    """One row of the binary format: the number of fields, and each with its length before it."""
    parts: list[tuple[str, Any]] = [("count", ">i2")]
    for name, one in fields.items():
        parts += [(f"{name} length", ">i4"), (name, one)]
    return np.dtype(parts)


def _for_table(field: models.Field[Any, Any], column: Column) -> Column:
    """The bytes that travel, in the width of the table's column."""
    db_type = str(field.db_type(connection)).split("(")[0]
    if db_type == "varchar":
        if column.dtype.kind != "S" or (np.char.str_len(column) != column.dtype.itemsize).any():
            raise UnevenRows(f"{field.attname}: texts of several lengths")
        return column
    wire = np.dtype(next(one for name, one in _TYPES.values() if name == db_type))
    if wire.kind == "i":
        limits = np.iinfo(wire)
        if column.dtype.kind not in "iu" or column.min() < limits.min or column.max() > limits.max:
            raise ValueError(f"{field.attname}: a value outside {db_type}")
    return column.astype(wire)
