"""Jalali dates for people; the tables keep Gregorian dates and UTC instants.

The week starts on Saturday. A *half-day* is a number from 0 (Saturday morning) to 13 (Friday afternoon).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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

_WRITTEN = re.compile(r"(\d{4})[/\-.](\d{1,2})[/\-.](\d{1,2})")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def jalali(day: date) -> str:
    """A date in numbers: ۱۴۰۵/۰۹/۰۱."""
    converted = _converted(day)
    return persian_digits(f"{converted.year:04d}/{converted.month:02d}/{converted.day:02d}")


def jalali_long(day: date) -> str:
    """A date in words: یکشنبه ۱ آذر ۱۴۰۵."""
    converted = _converted(day)
    return persian_digits(
        f"{WEEKDAYS[weekday(day)]} {converted.day} {MONTHS[converted.month - 1]} {converted.year}",
    )


def jalali_instant(instant: datetime) -> str:
    """An instant as people in Iran read it: یکشنبه ۱ آذر ۱۴۰۵، ساعت ۱۱:۲۴."""
    local = instant.astimezone(TEHRAN)
    return f"{jalali_long(local.date())}، ساعت {persian_digits(f'{local:%H:%M}')}"


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
    year, month, day = (int(part) for part in match.groups())
    try:
        if year < 1700:
            converted: date = JalaliDate(year, month, day).to_gregorian()
            return converted
        return date(year, month, day)
    except ValueError:
        raise InvalidInput("چنین روزی در تقویم نیست؛ تاریخ را دوباره ببینید.") from None


@dataclass(frozen=True)
class JalaliPeriod:
    """A Jalali year, month or day with its first and last Gregorian day (both inclusive)."""

    text: str
    starts_on: date
    ends_on: date

    def __str__(self) -> str:
        parts = self.text.split("-")
        if len(parts) == 1:
            return persian_digits(parts[0])
        month = MONTHS[int(parts[1]) - 1]
        if len(parts) == 2:
            return persian_digits(f"{month} {parts[0]}")
        return persian_digits(f"{int(parts[2])} {month} {parts[0]}")


def parse_period(text: str) -> JalaliPeriod:
    """A Jalali date that is as exact as its source: 1404, 1404-05 or 1404-11-26. Raises InvalidInput."""
    match = _PARTIAL.fullmatch(ascii_digits(text).strip())
    if match is None:
        raise InvalidInput("دوره را به شکل 1404 یا 1404-05 یا 1404-05-23 بنویسید.")
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None:
        raise AssertionError("the pattern always has a year")
    try:
        first = JalaliDate(year, month or 1, day or 1)
        if day:
            last = first
        else:
            last_month = month or 12
            last = JalaliDate(year, last_month, JalaliDate.days_in_month(last_month, year))
    except ValueError:
        raise InvalidInput("چنین دوره‌ای در تقویم نیست.") from None
    return JalaliPeriod(match.group(), first.to_gregorian(), last.to_gregorian())


def _converted(day: date) -> JalaliDate:
    return JalaliDate(day)
