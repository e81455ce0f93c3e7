"""Digits, numbers and dates as people read them: the edge, and the only place where they are
formatted.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django import template

from salam.core.dates import jalali_instant, parse_period
from salam.core.quantities import grouped
from salam.core.text import persian_digits

register = template.Library()


@register.filter
def number(value: float) -> str:
    """12345 -> ۱۲٬۳۴۵."""
    return grouped(value)


@register.filter
def digits(value: object) -> str:
    """Any text with Persian digits."""
    return persian_digits(value)


@register.filter
def instant(value: datetime) -> str:
    """An instant in Tehran's time, in words."""
    return jalali_instant(value)


@register.filter
def amount(value: Decimal) -> str:
    """A published number: 1300000000000.00 -> ۱٬۳۰۰٬۰۰۰٬۰۰۰٬۰۰۰."""
    return grouped(int(value) if value == value.to_integral_value() else float(value))


@register.filter
def percent(value: float) -> str:
    """41.234 -> ۴۱٫۲٪, 43.0 -> ۴۳٪."""
    rounded = round(float(value), 1)
    return f"{grouped(int(rounded) if rounded.is_integer() else rounded)}٪"


@register.filter
def decimal(value: float) -> str:
    """0.912345 -> ۰٫۹۱."""
    return grouped(round(value, 2))


@register.filter
def period(value: str) -> str:
    """A Jalali year, month or day as its source gave it: 1404-05 -> مرداد ۱۴۰۴."""
    return str(parse_period(value))
