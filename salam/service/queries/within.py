"""What came of it, of one place by its parts: grouped in the database, however many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, DateField, Func, Q, Sum

from salam.core.dates import week_start
from salam.places.queries import part_within
from salam.service.enums import SAID_YES, AssignmentStatus, OfferStatus, SessionStatus
from salam.service.models import Assignment, Hours, Offer, Session

_OFFER_PATH = "need_line__need__place__path"
_HOURS_PATH = "session__assignment__offer__need_line__need__place__path"


@dataclass(frozen=True)
class PartService:
    """The flow of one part of a place in numbers."""

    invited: int = 0
    accepted: int = 0
    """Offers that were answered with yes and not taken back since."""
    answered: int = 0
    """Offers that were answered with yes or no."""
    active: int = 0
    minutes: int = 0
    """Confirmed and not reversed."""
    serving: int = 0
    """People with a confirmed session."""


@dataclass(frozen=True)
class WeekHours:
    """Confirmed minutes of the sessions of one week, from Saturday on."""

    starts_on: date
    minutes: int
    serving: int


@dataclass(frozen=True)
class WaitingService:
    """What waits for somebody's word in a place."""

    unanswered: int
    to_confirm: int
    """Sessions whose day has come and whose hours nobody confirmed."""


@dataclass(frozen=True)
class OfferingAnswers:
    """What became of the offers that were opened together."""

    opened: int
    accepted: int
    declined: int
    waiting: int
    expired: int
    withdrawn: int
    sessions: int
    """Confirmed ones."""
    minutes: int


class _SaturdayBefore(Func):
    """The first day of a date's week: PostgreSQL counts days from Monday (1) to Sunday (7)."""

    template = "(%(expressions)s - mod(extract(isodow FROM %(expressions)s)::int + 1, 7))"
    output_field = DateField()


def service_within(*, path: str) -> Mapping[str, PartService]:
    """The flow of a place by the path of its parts, as ``part_within`` says them. Three queries."""
    offers = _offers_by_part(path)
    active = _active_by_part(path)
    hours = _hours_by_part(path)
    parts = {}
    for part in {*offers, *active, *hours}:
        invited, accepted, declined = offers.get(part, (0, 0, 0))
        minutes, serving = hours.get(part, (0, 0))
        parts[part] = PartService(
            invited=invited,
            accepted=accepted,
            answered=accepted + declined,
            active=active.get(part, 0),
            minutes=minutes,
            serving=serving,
        )
    return parts


def hours_by_week(*, path: str, since: date) -> Sequence[WeekHours]:
    """Weeks with confirmed hours, from the week of a day on, earliest first; one query."""
    rows = (
        Hours.objects.filter(
            reversed_at__isnull=True,
            session__happens_on__gte=week_start(since),
            **{f"{_HOURS_PATH}__within": path},
        )
        .annotate(week=_SaturdayBefore("session__happens_on"))
        .order_by("week")
        .values_list("week")
        .annotate(
            minutes=Sum("duration_minutes"),
            serving=Count("session__assignment__person_id", distinct=True),
        )
    )
    return [WeekHours(*row) for row in rows]


def waiting_within(*, path: str, on: date) -> WaitingService:
    """Two counts."""
    unanswered = Offer.objects.filter(
        status=OfferStatus.OPEN,
        need_line__need__place__path__within=path,
    )
    to_confirm = Session.objects.filter(
        status__in=[SessionStatus.PLANNED, SessionStatus.SERVED],
        happens_on__lte=on,
        assignment__offer__need_line__need__place__path__within=path,
    )
    return WaitingService(unanswered=unanswered.count(), to_confirm=to_confirm.count())


def answers_within(*, path: str, opened_at: datetime) -> OfferingAnswers:
    """What became of offers that were opened at one instant in a place: one act asks all its people
    at the same instant. Two queries.
    """
    asked = Offer.objects.filter(opened_at=opened_at, need_line__need__place__path__within=path)
    by_status = dict(asked.order_by().values_list("status").annotate(count=Count("id")))
    hours = Hours.objects.filter(
        reversed_at__isnull=True,
        session__assignment__offer__in=asked,
    ).aggregate(sessions=Count("id"), minutes=Sum("duration_minutes"))
    return OfferingAnswers(
        opened=sum(by_status.values()),
        accepted=sum(by_status.get(status, 0) for status in SAID_YES),
        declined=by_status.get(OfferStatus.DECLINED, 0),
        waiting=by_status.get(OfferStatus.OPEN, 0),
        expired=by_status.get(OfferStatus.EXPIRED, 0),
        withdrawn=by_status.get(OfferStatus.WITHDRAWN, 0),
        sessions=hours["sessions"],
        minutes=hours["minutes"] or 0,
    )


def _offers_by_part(path: str) -> Mapping[str, tuple[int, int, int]]:
    rows = (
        Offer.objects.filter(**{f"{_OFFER_PATH}__within": path})
        .order_by()
        .annotate(part=part_within(lookup=_OFFER_PATH, path=path))
        .values_list("part")
        .annotate(
            invited=Count("id"),
            accepted=Count("id", filter=Q(status__in=SAID_YES)),
            declined=Count("id", filter=Q(status=OfferStatus.DECLINED)),
        )
    )
    return {part: (invited, accepted, declined) for part, invited, accepted, declined in rows}


def _active_by_part(path: str) -> Mapping[str, int]:
    lookup = f"offer__{_OFFER_PATH}"
    active = Assignment.objects.filter(
        status=AssignmentStatus.ACTIVE,
        **{f"{lookup}__within": path},
    )
    parts = active.order_by().annotate(part=part_within(lookup=lookup, path=path))
    return dict(parts.values_list("part").annotate(count=Count("id")))


def _hours_by_part(path: str) -> Mapping[str, tuple[int, int]]:
    rows = (
        Hours.objects.filter(reversed_at__isnull=True, **{f"{_HOURS_PATH}__within": path})
        .order_by()
        .annotate(part=part_within(lookup=_HOURS_PATH, path=path))
        .values_list("part")
        .annotate(
            minutes=Sum("duration_minutes"),
            serving=Count("session__assignment__person_id", distinct=True),
        )
    )
    return {part: (minutes, serving) for part, minutes, serving in rows}
