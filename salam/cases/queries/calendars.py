"""When offices of a province work."""

from __future__ import annotations

from salam.cases.models import ClosedDay
from salam.cases.working_time import WorkingCalendar


def calendar_for(*, province_code: str) -> WorkingCalendar:
    """The working days of a province: days off of its own and of the country; one query."""
    days = ClosedDay.objects.filter(province_code__in={"", province_code})
    return WorkingCalendar(closed=frozenset(days.values_list("day", flat=True)))
