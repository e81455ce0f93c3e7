"""PostgreSQL column types that Django does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Func, Lookup, TextField, Value
from django.db.models.functions import Lower

from salam.core.text import FOLDED_AWAY, FOLDED_LETTERS

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


class LtreeField(TextField):  # type: ignore[type-arg]
    """A label path (ltree): ancestors and descendants are found by one GiST index.

    Lookups: ``path__within="ir.23"`` (the place and all below), ``path__above="ir.23.2301"`` (it
    and all above).
    """

    description = "Label tree path"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        del connection
        return "ltree"

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "salam.core.fields.LtreeField", args, kwargs


class _LtreeOperator(Lookup):
    operator: str

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
    ) -> tuple[str, tuple[str | int, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} {self.operator} ({right})::ltree", (*left_params, *right_params)


@LtreeField.register_lookup
class Within(_LtreeOperator):
    """The row's path is the given one or lies below it."""

    lookup_name = "within"
    operator = "<@"


@LtreeField.register_lookup
class Above(_LtreeOperator):
    """The row's path is the given one or lies above it."""

    lookup_name = "above"
    operator = "@>"


@CharField.register_lookup
@TextField.register_lookup
class ContainsFolded(Lookup):
    """Substring search served by a trigram index; the caller folds the needle (core.text.fold)."""

    lookup_name = "contains_folded"

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
    ) -> tuple[str, tuple[str | int, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        needle = str(self.rhs).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{left} LIKE %s", (*left_params, f"%{needle}%")


class FoldedTight(Func):
    """A column as core.text.fold_tight makes text, for short columns that keep no folded twin.

    Letters, digits and gaps only; lower case. Read row by row, so for lists that something else
    has made short.
    """

    function = "translate"
    output_field = TextField()

    def __init__(self, column: str) -> None:
        letters = FOLDED_LETTERS
        super().__init__(
            Lower(column),
            Value("".join(letters) + FOLDED_AWAY),
            Value("".join(letters.values())),
        )
