"""What became of needs, in numbers: for those who listed them, who see no names."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from salam.needs.models import Need
from salam.service.enums import SAID_YES, AssignmentStatus, OfferStatus, SessionStatus
from salam.service.models import Assignment, Hours, Offer, Session


@dataclass(frozen=True, kw_only=True)
class NeedOutcome:
    """One need from the first question to the last hour."""

    asked: int
    waiting: int
    said_yes: int
    serving: int
    """Assignments in progress or paused."""
    sessions_held: int
    confirmed_minutes: int


def with_people_found(*, needs: QuerySet[Need]) -> QuerySet[Need]:
    """The needs, each annotated with ``people_found``: how many said yes so far."""
    yes = (
        Offer.objects.filter(need_line__need=OuterRef("pk"), status__in=SAID_YES)
        .order_by()
        .values("need_line__need")
        .annotate(found=Count("pk"))
        .values("found")
    )
    return needs.annotate(people_found=Coalesce(Subquery(yes), 0))


def need_outcome(*, need_id: int) -> NeedOutcome:
    """Four queries."""
    offers = Offer.objects.filter(need_line__need_id=need_id).aggregate(
        asked=Count("pk"),
        waiting=Count("pk", filter=Q(status=OfferStatus.OPEN)),
        said_yes=Count("pk", filter=Q(status__in=SAID_YES)),
    )
    assignments = Assignment.objects.filter(offer__need_line__need_id=need_id)
    sessions = Session.objects.filter(assignment__in=assignments)
    hours = Hours.objects.filter(session__in=sessions, reversed_at__isnull=True)
    held = (SessionStatus.SERVED, SessionStatus.CONFIRMED)
    return NeedOutcome(
        **offers,
        serving=assignments.exclude(status=AssignmentStatus.ENDED).count(),
        sessions_held=sessions.filter(status__in=held).count(),
        confirmed_minutes=hours.aggregate(total=Sum("duration_minutes"))["total"] or 0,
    )
