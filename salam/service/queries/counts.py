"""What came of it, as counts by place: for headquarters, and for everybody after suppression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Substr

from salam.service.enums import SAID_YES, AssignmentStatus, OfferStatus
from salam.service.models import Assignment, Hours, Offer

# The first four digits of every official code below a province are its county's.
COUNTY_DIGITS: Final = 4


@dataclass(frozen=True)
class ServiceTotals:
    """The flow in numbers, of the country or of one province."""

    offered: int
    waiting: int
    accepted: int
    """Offers that were ever answered with yes."""
    declined: int
    active: int
    confirmed_sessions: int
    confirmed_minutes: int
    serving_people: int
    """People with at least one confirmed session."""


def service_totals(*, province_code: str | None = None) -> ServiceTotals:
    """Three queries."""
    offers = Offer.objects.order_by()
    active = Assignment.objects.filter(status=AssignmentStatus.ACTIVE)
    if province_code is not None:
        offers = offers.filter(province_code=province_code)
        active = active.filter(province_code=province_code)
    by_status = dict(offers.values_list("status").annotate(count=Count("id")))
    hours = _live_hours(province_code).aggregate(
        sessions=Count("id"),
        minutes=Sum("duration_minutes"),
        people=Count("session__assignment__person_id", distinct=True),
    )
    return ServiceTotals(
        offered=sum(by_status.values()),
        waiting=by_status.get(OfferStatus.OPEN, 0),
        accepted=sum(by_status.get(status, 0) for status in SAID_YES),
        declined=by_status.get(OfferStatus.DECLINED, 0),
        active=active.count(),
        confirmed_sessions=hours["sessions"],
        confirmed_minutes=hours["minutes"] or 0,
        serving_people=hours["people"],
    )


def confirmed_minutes_by_place(*, province_code: str | None = None) -> Mapping[str, int]:
    """Confirmed minutes, by province code, or by the need's place code within one province."""
    hours = _live_hours(province_code).order_by()
    column = (
        "session__province_code"
        if province_code is None
        else "session__assignment__offer__need_line__need__place__code"
    )
    return dict(hours.values_list(column).annotate(minutes=Sum("duration_minutes")))


def serving_people_by_place(*, province_code: str | None = None) -> Mapping[str, int]:
    """People with a confirmed session, by province code, or by county's code within one province.

    Somebody who serves in two neighbourhoods of a county is one person of it, so they are counted
    here and not summed up by the caller.
    """
    people = Count("session__assignment__person_id", distinct=True)
    hours = _live_hours(province_code).order_by()
    if province_code is None:
        return dict(hours.values_list("session__province_code").annotate(people=people))
    county = Substr("session__assignment__offer__need_line__need__place__code", 1, COUNTY_DIGITS)
    rows = hours.annotate(county=county).values_list("county").annotate(people=people)
    return dict(rows)


def _live_hours(province_code: str | None) -> QuerySet[Hours]:
    hours = Hours.objects.filter(reversed_at__isnull=True)
    return hours if province_code is None else hours.filter(session__province_code=province_code)
