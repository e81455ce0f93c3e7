"""Working time of Iranian offices, in which deadlines are counted.

Offices work Saturday to Wednesday from eight to two, Tehran time, and not on public holidays. Those
come from the library ``holidays`` (fixed days of the solar calendar, days of the lunar one as
announced, or estimated where nobody has announced them yet); days on which offices were closed
besides are handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from holidays import country_holidays

from salam.core.dates import TEHRAN

OPENS: Final = time(8)
CLOSES: Final = time(14)
DAY_MINUTES: Final = (CLOSES.hour - OPENS.hour) * 60
# Thursday and Friday, as date.weekday() counts.
_WEEKEND: Final = frozenset({3, 4})
# A deadline further off than this is no deadline: the calendar is not known that far.
MINUTES_MAX: Final = 365 * DAY_MINUTES


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days offices work; ``closed`` are days off besides weekends and public holidays."""

    closed: frozenset[date] = field(default_factory=frozenset)

    def is_working(self, day: date) -> bool:
        """Whether offices work on a day."""
        is_off = day.weekday() in _WEEKEND or day in self.closed
        return not is_off and day not in _public_holidays(day.year)

    def after(self, start: datetime, *, minutes: int) -> datetime:
        """The instant at which so many working minutes have passed since ``start``, in UTC.

        Whatever arrives outside working hours begins to count when offices open next. A whole
        number of days ends at closing time and not at the next opening. Raises ValueError for
        minutes below 1 or beyond MINUTES_MAX.
        """
        if not 1 <= minutes <= MINUTES_MAX:
            raise ValueError(f"a deadline of {minutes} working minutes")
        day, begun = _local(start)
        left = minutes
        while True:
            here = DAY_MINUTES - begun if self.is_working(day) else 0
            if 0 < left <= here:
                return _instant(day, begun + left)
            left -= here
            day, begun = day + timedelta(days=1), 0

    def between(self, start: datetime, end: datetime) -> int:
        """Whole working minutes from one instant to a later one; 0 where it is not later."""
        if end <= start:
            return 0
        (first, begun), (last, ended) = _local(start), _local(end)
        if first == last:
            return ended - begun if self.is_working(first) else 0
        whole = sum(
            self.is_working(first + timedelta(days=step)) for step in range(1, (last - first).days)
        )
        minutes = whole * DAY_MINUTES
        minutes += DAY_MINUTES - begun if self.is_working(first) else 0
        return minutes + (ended if self.is_working(last) else 0)


def _local(instant: datetime) -> tuple[date, int]:
    """The day in Tehran and the minutes of its working time that are over, 0 to DAY_MINUTES."""
    local = instant.astimezone(TEHRAN)
    since_opening = (local.hour - OPENS.hour) * 60 + local.minute
    return local.date(), min(max(since_opening, 0), DAY_MINUTES)


def _instant(day: date, minutes: int) -> datetime:
    opened = datetime.combine(day, OPENS, tzinfo=TEHRAN)
    # Iran's clocks changed by night until 2022, never within a working day.
    return (opened + timedelta(minutes=minutes)).astimezone(UTC)


@lru_cache(maxsize=32)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(country_holidays("IR", years=year))
