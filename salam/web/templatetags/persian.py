"""Digits, numbers and dates as people read them, in the language of the page: the edge, and the
only place where they are formatted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from salam.core.dates import (
    day_part_name,
    jalali,
    jalali_instant,
    jalali_long,
    parse_period,
)
from salam.core.dates import half_day_name as named_half_day
from salam.core.durations import duration_in_words
from salam.core.language import is_persian, listed
from salam.core.quantities import grouped, kilometres
from salam.core.text import shown_digits

register = template.Library()


@register.filter
def number(value: float) -> str:
    """12345 -> ۱۲٬۳۴۵, in English 12,345."""
    return grouped(value)


@register.filter
def digits(value: object) -> str:
    """Any text with Persian digits, in English as it is."""
    return shown_digits(value)


@register.filter
def instant(value: datetime) -> str:
    """An instant in Tehran's time, in words."""
    return jalali_instant(value)


@register.filter
def jalali_day(value: date) -> str:
    """A date in numbers: ۱۴۰۵/۰۹/۰۱."""
    return jalali(value)


@register.filter
def long_day(value: date) -> str:
    """A date in words: یکشنبه ۱ آذر ۱۴۰۵."""
    return jalali_long(value)


@register.filter
def half_day(value: int) -> str:
    """A half-day from 0 to 13 in words: شنبه صبح."""
    return named_half_day(value)


@register.filter
def day_part(value: int) -> str:
    """The part of the day of a half-day from 0 to 13: صبح. The day itself may have been moved."""
    return day_part_name(value % 2)


@register.filter
def duration(value: int) -> str:
    """Minutes in words: 150 -> ۲ ساعت و ۳۰ دقیقه."""
    return duration_in_words(minutes=value)


@register.filter
def distance(metres: float) -> str:
    """4200 -> ۴٫۲ کیلومتر."""
    return kilometres(metres)


@register.filter
def amount(value: Decimal) -> str:
    """A published number: 1300000000000.00 -> ۱٬۳۰۰٬۰۰۰٬۰۰۰٬۰۰۰."""
    return grouped(int(value) if value == value.to_integral_value() else float(value))


@register.filter
def percent(value: float) -> str:
    """41.234 -> ۴۱٫۲٪, 43.0 -> ۴۳٪, in English 41.2% and 43%."""
    rounded = round(float(value), 1)
    sign = "٪" if is_persian() else "%"
    return f"{grouped(int(rounded) if rounded.is_integer() else rounded)}{sign}"


@register.filter
def decimal(value: float) -> str:
    """0.912345 -> ۰٫۹۱."""
    return grouped(round(value, 2))


@register.filter
def period(value: str) -> str:
    """A Jalali year, month or day as its source gave it: 1404-05 -> مرداد ۱۴۰۴."""
    return str(parse_period(value))


@register.filter
def own_words(value: object) -> SafeString:
    """A text of the data (a name, a quotation), which has no translation.

    In an English page it is marked as Persian, for the screen reader's voice and the order of
    letters.
    """
    if is_persian():
        return SafeString(escape(shown_digits(value)))
    return format_html('<bdi lang="fa" dir="rtl">{}</bdi>', value)


@register.filter
def listed_names(names: Iterable[object]) -> SafeString:
    """Names of the data one after another."""
    # Every part is escaped by own_words; the separators are ours.
    return SafeString(listed(own_words(name) for name in names))
