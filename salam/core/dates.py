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

from django.utils.translation import gettext as _
from persiantools.jdatetime import JalaliDate

from salam.core.errors import InvalidInput
from salam.core.language import is_persian
from salam.core.text import ascii_digits, shown_digits

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
# Tables rather than messages: what is read from a file is always Persian, so both sets are needed
# at once. The calendar stays Jalali in English too; only its letters are Latin.
_MONTHS_LATIN: Final = (
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
)
_WEEKDAYS_LATIN: Final = (
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
)
_DAY_PARTS_LATIN: Final = ("morning", "afternoon")
HALF_DAY_COUNT: Final = 14

_WRITTEN = re.compile(r"(\d{4})([/\-.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def jalali(day: date) -> str:
    """A date in numbers: ۱۴۰۵/۰۹/۰۱ or 1405/09/01."""
    converted = _to_jalali(day)
    return shown_digits(f"{converted.year:04d}/{converted.month:02d}/{converted.day:02d}")


def jalali_long(day: date) -> str:
    """A date in words: یکشنبه ۱ آذر ۱۴۰۵ or Sunday 1 Azar 1405."""
    converted = _to_jalali(day)
    said = f"{converted.day} {_month(converted.month)} {converted.year}"
    return f"{weekday_name(weekday(day))} {shown_digits(said)}"


def jalali_day_month(day: date) -> str:
    """A date without its year, where there is little room: ۱ آذر or 1 Azar."""
    converted = _to_jalali(day)
    return shown_digits(f"{converted.day} {_month(converted.month)}")


def jalali_instant(instant: datetime) -> str:
    """An instant as people in Iran read it: یکشنبه ۱ آذر ۱۴۰۵، ساعت ۱۱:۲۴."""
    local = instant.astimezone(TEHRAN)
    return _("{day}، ساعت {time}").format(
        day=jalali_long(local.date()),
        time=shown_digits(f"{local:%H:%M}"),
    )


def jalali_year(day: date) -> int:
    """The Jalali year of a day: 1985-05-23 -> 1364."""
    year: int = _to_jalali(day).year
    return year


def local_day(instant: datetime) -> date:
    """The day it is in Iran at an instant: 21:00 UTC is already tomorrow."""
    return instant.astimezone(TEHRAN).date()


def weekday(day: date) -> int:
    """Day of the week from 0 (Saturday) to 6 (Friday)."""
    return (day.weekday() + 2) % 7


def week_start(day: date) -> date:
    """The Saturday on or before a day."""
    return day - timedelta(days=weekday(day))


def next_half_day(half_day: int, *, after: date) -> date:
    """The first day after ``after`` on which a half-day falls."""
    falls_on = week_start(after) + timedelta(days=half_day // 2)
    return falls_on if falls_on > after else falls_on + timedelta(days=7)


def half_day_name(half_day: int) -> str:
    """A half-day in words: شنبه صبح."""
    return f"{weekday_name(half_day // 2)} {day_part_name(half_day % 2)}"


def weekday_name(number: int) -> str:
    """A day of the week from 0 (Saturday) in words: شنبه."""
    return (WEEKDAYS if is_persian() else _WEEKDAYS_LATIN)[number]


def day_part_name(number: int) -> str:
    """The first or second half of a day: صبح, عصر."""
    return (DAY_PARTS if is_persian() else _DAY_PARTS_LATIN)[number]


def age_years(*, born_on: date, on: date) -> int:
    """Completed years, counted by the calendar."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def parse_date(text: str) -> date:
    """A written date, Jalali (1360/05/23) or Gregorian (1981-08-14), with any digits.

    Years under 1700 are Jalali. Raises InvalidInput.
    """
    match = _WRITTEN.fullmatch(ascii_digits(text).strip())
    if match is None:
        raise InvalidInput(_("تاریخ را به شکل ۱۳۶۰/۰۵/۲۳ بنویسید."))
    year, month, day = (int(part) for part in match.group(1, 3, 4))
    try:
        return _from_jalali(year, month, day) if year < 1700 else date(year, month, day)
    except ValueError:
        raise InvalidInput(_("چنین روزی در تقویم نیست؛ تاریخ را دوباره ببینید.")) from None


@dataclass(frozen=True)
class JalaliPeriod:
    """A Jalali year, month or day with its first and last Gregorian day (both inclusive)."""

    text: str
    starts_on: date
    ends_on: date

    def __str__(self) -> str:
        year, *rest = self.text.split("-")
        if not rest:
            return shown_digits(year)
        month = f"{_month(int(rest[0]))} {year}"
        return shown_digits(month if len(rest) == 1 else f"{int(rest[1])} {month}")


def parse_period(text: str) -> JalaliPeriod:
    """A Jalali date that is as exact as its source: 1404, 1404-05 or 1404-11-26.

    Raises InvalidInput.
    """
    match = _PARTIAL.fullmatch(ascii_digits(text).strip())
    if match is None:
        raise InvalidInput(_("دوره را به شکل 1404 یا 1404-05 یا 1404-05-23 بنویسید."))
    year, *rest = (int(part) for part in match.groups() if part is not None)
    try:
        starts_on = _from_jalali(year, *(*rest, 1, 1)[:2])
        ends_on = starts_on if len(rest) == 2 else _last_day(year, *rest)
    except ValueError:
        raise InvalidInput(_("چنین دوره‌ای در تقویم نیست.")) from None
    return JalaliPeriod(match.group(), starts_on, ends_on)


def _month(number: int) -> str:
    return (MONTHS if is_persian() else _MONTHS_LATIN)[number - 1]


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


def born_by(*, years: int, on: date) -> date:
    """The last birthday on which somebody has completed so many years on a day."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February in a year that has none
        return on.replace(year=on.year - years, day=28)
