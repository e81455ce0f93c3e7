"""Whole columns of a table as numpy arrays, by PostgreSQL's binary COPY: no Python object a row.

The binary format of COPY is a header, then of each row the number of its fields (int16) and of each
field its length (int32) and its bytes, all big-endian (PostgreSQL's documentation of COPY, "Binary
Format"). Reading, PostgreSQL strings each column together into one field of one row: the driver
takes 4 µs a row, which is longer than PostgreSQL takes to find it. Writing, rows of numbers are all
of one size, so that a structured dtype describes them and they cross in one piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import RawSQL
from psycopg import ClientCursor, sql

from salam.core.bulk import OutsideTransaction, copy_errors, fields_by_column

Column = npt.NDArray[Any]

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
# PostgreSQL's type, what makes its bytes, and how they lie.
_TYPES: Final[Mapping[str, tuple[str, str, str]]] = {
    "bool": ("boolean", "boolsend", "?"),
    "int16": ("smallint", "int2send", ">i2"),
    "int32": ("integer", "int4send", ">i4"),
    "int64": ("bigint", "int8send", ">i8"),
    "float64": ("double precision", "float8send", ">f8"),
}
_Dtype = type[np.generic] | str


class MissingValue(ValueError):
    """A mistake in the program: an array has no place for NULL, nor for letters beyond ASCII."""


def read_columns(
    *,
    rows: models.QuerySet[Any],
    columns: Mapping[str, _Dtype],
    order_by: Sequence[str],
) -> dict[str, Column]:
    """The columns of a query, each as one array [N], in the order of some of them.

    ``columns`` maps lookups and annotations, as ``values_list`` takes them, to np.bool_, np.int16,
    np.int32, np.int64 or np.float64; PostgreSQL casts to that width and refuses what is too large.
    "S2" are ASCII texts of at most two letters, without the spaces at their end. The query may be a
    union, whose own columns these must be, in that order. One statement, so all columns show the
    same instant. Raises MissingValue.
    """
    names = [f"c{number}" for number in range(len(columns))]
    dtypes = [np.dtype(dtype) for dtype in columns.values()]
    chosen = rows.order_by()
    if not rows.query.combinator:
        chosen = chosen.values_list(*columns)
    try:
        statement, parameters = chosen.query.sql_with_params()
    except EmptyResultSet:  # Django knows that no row can pass
        return {name: np.empty(0, dtype) for name, dtype in columns.items()}
    query = sql.SQL(
        "COPY (SELECT int8send(count(*)), {} FROM ({}) AS found ({})) TO STDOUT (FORMAT binary)"
    ).format(
        sql.SQL(", ").join(map(_strung, names, dtypes)),
        sql.SQL(statement),  # composed by Django, values apart
        sql.SQL(", ").join(map(sql.Identifier, names)),
    )
    errors = connection.wrap_database_errors
    with connection.cursor() as cursor, errors:
        # Django's cursor takes no values for COPY, so they are written into the statement.
        composed = ClientCursor(connection.connection).mogrify(query, parameters)
        with cursor.copy(composed) as copy:
            found = _parsed(b"".join(copy), dtypes)
    named = dict(zip(columns, found, strict=True))
    # Aggregates promise no order, only the same one in all columns.
    order = np.lexsort([named[name] for name in reversed(order_by)])
    return {name: column[order] for name, column in named.items()}


def copy_columns(*, model: type[models.Model], columns: Mapping[str, Column]) -> None:
    """Append rows to a model's table, given as arrays of equal length [N] by attribute name.

    Integers, floats, booleans and ASCII texts (dtype S), in the width of the table's own columns;
    those left out take their database default. Belongs to the caller's transaction, and checks
    hold, as for :func:`salam.core.bulk.copy_rows`. Raises OutsideTransaction, and ValueError where
    a number does not fit its column. Rows come in their order, but shorter texts before longer.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction("bulk rows belong to the transaction of the change")
    [count] = {len(column) for column in columns.values()}
    if count == 0:
        return
    fields = fields_by_column(model)
    packed = {name: _for_table(fields[name], column) for name, column in columns.items()}
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(model._meta.db_table),  # noqa: SLF001 - documented by Django as public
        sql.SQL(", ").join(sql.Identifier(str(fields[name].column)) for name in columns),
    )
    with copy_errors(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEADER)
        for part in _parts_of_one_width(packed):
            copy.write(_packed_rows(part))
        copy.write(_TRAILER)


def _parts_of_one_width(columns: Mapping[str, Column]) -> Iterator[Mapping[str, Column]]:
    """The rows, apart by the lengths of their texts: as a rule codes are all of one length."""
    texts = {name: column for name, column in columns.items() if column.dtype.kind == "S"}
    if not texts:
        yield columns
        return
    lengths = np.stack([np.char.str_len(column) for column in texts.values()], axis=1)
    if not lengths.all():
        raise ValueError("a text is empty: numpy has none of no bytes")
    for widths in np.unique(lengths, axis=0):
        chosen = (lengths == widths).all(axis=1)
        narrowed = {
            name: column[chosen].astype(f"S{width}")
            for (name, column), width in zip(texts.items(), widths.tolist(), strict=True)
        }
        yield {name: narrowed.get(name, column[chosen]) for name, column in columns.items()}


def _packed_rows(columns: Mapping[str, Column]) -> bytes:
    dtypes = {name: column.dtype for name, column in columns.items()}
    rows = np.empty(len(next(iter(columns.values()))), _row_dtype(dtypes))
    rows["count"] = len(columns)
    for name, column in columns.items():
        rows[f"{name} length"] = column.dtype.itemsize
        rows[name] = column
    return rows.tobytes()


def among(*, keys: Column) -> RawSQL:
    """For ``filter(pk__in=among(keys=…))``: integers [N] as one value of the statement.

    A list would be one parameter each; an array of the driver is quoted number by number.
    """
    return RawSQL("SELECT unnest(%s::bigint[])", ["{" + ",".join(map(str, keys.tolist())) + "}"])


def _strung(name: str, dtype: np.dtype[Any]) -> sql.Composable:
    """One column as one field: its values one after another, NULL left out."""
    if dtype.kind == "S":
        text = sql.SQL("string_agg(rpad({}::text, {}), '')")
        return text.format(sql.Identifier(name), sql.Literal(dtype.itemsize))
    kind, send, _wire = _TYPES[dtype.name]
    number = sql.SQL("string_agg({}({}::{}), '')")
    return number.format(sql.SQL(send), sql.Identifier(name), sql.SQL(kind))


def _parsed(data: bytes, dtypes: Sequence[np.dtype[Any]]) -> list[Column]:
    """The fields of the one row: how many values there are, then each column."""
    fields = []
    at = len(_HEADER) + 2
    for _ in range(1 + len(dtypes)):
        length = max(0, int.from_bytes(data[at : at + 4], signed=True))  # -1: no row, so no string
        fields.append(memoryview(data)[at + 4 : at + 4 + length])
        at += 4 + length
    count = int.from_bytes(fields[0])
    found = []
    for text, dtype in zip(fields[1:], dtypes, strict=True):
        if len(text) != count * dtype.itemsize:
            raise MissingValue("a value is NULL, or a text has letters beyond ASCII")
        if dtype.kind == "S":
            found.append(np.char.rstrip(np.frombuffer(text, dtype)))
        else:
            found.append(np.frombuffer(text, _TYPES[dtype.name][2]).astype(dtype))
    return found


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
        return np.asarray(column, np.bytes_)
    wire = np.dtype(next(one for name, _send, one in _TYPES.values() if name == db_type))
    if wire.kind == "i":
        limits = np.iinfo(wire)
        if column.dtype.kind not in "iu" or column.min() < limits.min or column.max() > limits.max:
            raise ValueError(f"{field.attname}: a value outside {db_type}")
    return column.astype(wire)
