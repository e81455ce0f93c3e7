"""Expressions that PostgreSQL works out, for annotations of any room."""

from __future__ import annotations

from datetime import date

from django.db.models import DateField, Func, IntegerField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast


def days_since(day: Combinable, *, on: date) -> Func:
    """Days from a date of the row to ``on``, negative where it lies later; an integer."""
    return Func(
        Cast(Value(on), DateField()),
        day,
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
