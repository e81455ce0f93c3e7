"""What is taken already, for a new matching run; and what the room holds on one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Coalesce

from salam.needs.enums import NeedStatus
from salam.people.queries import records_of_person
from salam.service.enums import LIVE_OFFERS, OfferStatus
from salam.service.models import Assignment, Hours, Offer


class PlaceHeld(NamedTuple):
    """One live offer: it holds a half-day of a person, a place of a line and an office's seat."""

    person_id: int
    need_line_id: int
    half_day: int
    intermediary_id: int


def places_held() -> list[PlaceHeld]:
    """All unanswered and accepted offers of open needs, by line and person, in one query."""
    rows = (
        Offer.objects.filter(
            status__in=LIVE_OFFERS,
            need_line__need__status=NeedStatus.OPEN,
        )
        # Two records may have been merged since: the person has one week all the same.
        .annotate(canonical_id=Coalesce(F("person__merged_into_id"), F("person_id")))
        .order_by("need_line_id", "canonical_id", "id")
        .values_list(
            "canonical_id",
            "need_line_id",
            "half_day",
            "need_line__need__intermediary_id",
        )
    )
    return [PlaceHeld(*row) for row in rows.iterator(10_000)]


def answered_no() -> set[tuple[int, int]]:
    """Person and need, wherever somebody said no to a need that is still open; one query."""
    rows = Offer.objects.filter(
        status=OfferStatus.DECLINED,
        need_line__need__status=NeedStatus.OPEN,
    ).annotate(canonical_id=Coalesce(F("person__merged_into_id"), F("person_id")))
    return set(rows.values_list("canonical_id", "need_line__need_id").iterator(10_000))


def held_on_person(*, person_id: int) -> Mapping[str, object]:
    """What the room holds on a person, for the person's own export."""
    records = records_of_person(person_id=person_id)
    offers = Offer.objects.filter(person_id__in=records).order_by("opened_at", "id")
    assignments = Assignment.objects.filter(person_id__in=records).order_by("started_at", "id")
    hours = Hours.objects.filter(session__assignment__person_id__in=records)
    return {
        "offers": list(
            offers.values(
                "need_line__need__title",
                "half_day",
                "organization__name",
                "status",
                "decline_reason",
                "opened_at",
                "answered_at",
            ),
        ),
        "assignments": list(
            assignments.values(
                "offer__need_line__need__title",
                "organization__name",
                "status",
                "started_at",
                "ended_at",
                "end_reason",
            ),
        ),
        "hours": list(
            hours.order_by("session__happens_on", "id").values(
                "session__happens_on",
                "duration_minutes",
                "confirmed_at",
                "reversed_at",
                "reverse_reason",
            ),
        ),
        "hours_i_confirmed": Hours.objects.filter(confirmed_by_id__in=records).count(),
    }
