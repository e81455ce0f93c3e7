"""Deadlines in the working time of Iranian offices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salam.cases.working_time import DAY_MINUTES, MINUTES_MAX, WorkingCalendar
from salam.core.dates import TEHRAN

USUAL = WorkingCalendar()
# A week without holidays: Saturday 21 to Friday 27 November 2026.
SATURDAY = date(2026, 11, 21)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TEHRAN).astimezone(UTC)


def test_offices_work_from_saturday_to_wednesday_and_not_on_holidays() -> None:
    week = [USUAL.is_working(SATURDAY + timedelta(days=step)) for step in range(7)]
    assert week == [True] * 5 + [False] * 2
    assert not USUAL.is_working(date(2026, 2, 11))  # 22 Bahman, a Wednesday
    assert not USUAL.is_working(date(2026, 3, 21))  # Nowruz, a Saturday
    assert not USUAL.is_working(date(2026, 6, 24))  # Tasua, of the lunar calendar, a Wednesday
    assert not WorkingCalendar(closed=frozenset({SATURDAY})).is_working(SATURDAY)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (at(SATURDAY, 9), 60, at(SATURDAY, 10)),
        (at(SATURDAY, 9), DAY_MINUTES, at(SATURDAY + timedelta(days=1), 9)),
        # What arrives by night begins in the morning, and a whole day ends at closing time.
        (at(SATURDAY, 3), DAY_MINUTES, at(SATURDAY, 14)),
        (at(SATURDAY, 22), DAY_MINUTES, at(SATURDAY + timedelta(days=1), 14)),
        # Over the weekend.
        (at(SATURDAY + timedelta(days=4), 13), 120, at(SATURDAY + timedelta(days=7), 9)),
        (at(SATURDAY + timedelta(days=5), 10), 1, at(SATURDAY + timedelta(days=7), 8, 1)),
    ],
)
def test_an_instant_after_so_many_working_minutes(start, minutes, due) -> None:
    assert USUAL.after(start, minutes=minutes) == due
    assert USUAL.between(start, due) == minutes


def test_days_off_of_a_province_put_a_deadline_off() -> None:
    snow = WorkingCalendar(closed=frozenset({SATURDAY + timedelta(days=1)}))
    assert snow.after(at(SATURDAY, 9), minutes=DAY_MINUTES) == at(SATURDAY + timedelta(days=2), 9)


@pytest.mark.parametrize("minutes", [0, -1, MINUTES_MAX + 1])
def test_a_deadline_is_something_and_not_endless(minutes: int) -> None:
    with pytest.raises(ValueError, match=str(minutes)):
        USUAL.after(at(SATURDAY, 9), minutes=minutes)


INSTANTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2029, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda instant: instant.replace(second=0, microsecond=0))


@given(start=INSTANTS, minutes=st.integers(1, 40 * DAY_MINUTES))
def test_what_is_counted_forward_is_counted_back(start: datetime, minutes: int) -> None:
    due = USUAL.after(start, minutes=minutes)
    assert due > start
    assert USUAL.between(start, due) == minutes
    assert USUAL.between(start, due - timedelta(minutes=1)) == minutes - 1
    assert USUAL.between(due, start) == 0


@given(first=INSTANTS, days=st.integers(0, 60), later=st.integers(0, 60))
def test_parts_of_a_time_add_up(first: datetime, days: int, later: int) -> None:
    middle = first + timedelta(days=days, minutes=later)
    last = middle + timedelta(days=later, minutes=days)
    whole = USUAL.between(first, last)
    assert USUAL.between(first, middle) + USUAL.between(middle, last) == whole
