"""Jalali dates for people; the tables keep Gregorian dates and UTC instants.

The week starts on Saturday. A *half-day* is a number from 0 (Saturday morning) to 13 (Friday
afternoon).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from salam.core.errors import InvalidInput
from salam.core.text import ascii_digits, persian_digits

TEHRAN: Final = ZoneInfo("Asia/Tehran")
MONTHS: Final = (
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
)
WEEKDAYS: Final = ("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه")
DAY_PARTS: Final = ("صبح", "عصر")
HALF_DAY_COUNT: Final = 14

_WRITTEN = re.compile(r"(\d{4})([/\-.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def jalali(day: date) -> str:
    """A date in numbers: ۱۴۰۵/۰۹/۰۱."""
    converted = _to_jalali(day)
    return persian_digits(f"{converted.year:04d}/{converted.month:02d}/{converted.day:02d}")


def jalali_long(day: date) -> str:
    """A date in words: یکشنبه ۱ آذر ۱۴۰۵."""
    converted = _to_jalali(day)
    return persian_digits(
        f"{WEEKDAYS[weekday(day)]} {converted.day} {MONTHS[converted.month - 1]} {converted.year}",
    )


def jalali_instant(instant: datetime) -> str:
    """An instant as people in Iran read it: یکشنبه ۱ آذر ۱۴۰۵، ساعت ۱۱:۲۴."""
    local = instant.astimezone(TEHRAN)
    return f"{jalali_long(local.date())}، ساعت {persian_digits(f'{local:%H:%M}')}"


def local_day(instant: datetime) -> date:
    """The day it is in Iran at an instant: 21:00 UTC is already tomorrow."""
    return instant.astimezone(TEHRAN).date()


def weekday(day: date) -> int:
    """Day of the week from 0 (Saturday) to 6 (Friday)."""
    return (day.weekday() + 2) % 7


def week_start(day: date) -> date:
    """The Saturday on or before a day."""
    return day - timedelta(days=weekday(day))


def half_day_name(half_day: int) -> str:
    """A half-day in words: شنبه صبح."""
    return f"{WEEKDAYS[half_day // 2]} {DAY_PARTS[half_day % 2]}"


def age_years(*, born_on: date, on: date) -> int:
    """Completed years, counted by the calendar."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def parse_date(text: str) -> date:
    """A written date, Jalali (1360/05/23) or Gregorian (1981-08-14), with any digits.

    Years under 1700 are Jalali. Raises InvalidInput.
    """
    match = _WRITTEN.fullmatch(ascii_digits(text).strip())
    if match is None:
        raise InvalidInput("تاریخ را به شکل ۱۳۶۰/۰۵/۲۳ بنویسید.")
    year, month, day = (int(part) for part in match.group(1, 3, 4))
    try:
        return _from_jalali(year, month, day) if year < 1700 else date(year, month, day)
    except ValueError:
        raise InvalidInput("چنین روزی در تقویم نیست؛ تاریخ را دوباره ببینید.") from None


@dataclass(frozen=True)
class JalaliPeriod:
    """A Jalali year, month or day with its first and last Gregorian day (both inclusive)."""

    text: str
    starts_on: date
    ends_on: date

    def __str__(self) -> str:
        year, *rest = self.text.split("-")
        if not rest:
            return persian_digits(year)
        month = f"{MONTHS[int(rest[0]) - 1]} {year}"
        return persian_digits(month if len(rest) == 1 else f"{int(rest[1])} {month}")


def parse_period(text: str) -> JalaliPeriod:
    """A Jalali date that is as exact as its source: 1404, 1404-05 or 1404-11-26.

    Raises InvalidInput.
    """
    match = _PARTIAL.fullmatch(ascii_digits(text).strip())
    if match is None:
        raise InvalidInput("دوره را به شکل 1404 یا 1404-05 یا 1404-05-23 بنویسید.")
    year, *rest = (int(part) for part in match.groups() if part is not None)
    try:
        starts_on = _from_jalali(year, *(*rest, 1, 1)[:2])
        ends_on = starts_on if len(rest) == 2 else _last_day(year, *rest)
    except ValueError:
        raise InvalidInput("چنین دوره‌ای در تقویم نیست.") from None
    return JalaliPeriod(match.group(), starts_on, ends_on)


def _last_day(year: int, month: int = 12) -> date:
    """The day before the next month: no table of leap years to keep."""
    following = (year + 1, 1, 1) if month == 12 else (year, month + 1, 1)
    return _from_jalali(*following) - timedelta(days=1)


# The library is typed, but its constructors are not.
def _to_jalali(day: date) -> JalaliDate:
    return JalaliDate(day)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1 << 15)
def _from_jalali(year: int, month: int, day: int) -> date:
    converted: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    return converted
