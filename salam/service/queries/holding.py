"""What is taken already, for a new matching run; and what the room holds on one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Greatest, TruncDate

from salam.core.columns import read_columns
from salam.core.dates import TEHRAN
from salam.core.expressions import days_since
from salam.needs.enums import NeedStatus
from salam.people.queries import records_of_person
from salam.service.enums import LIVE_OFFERS, OfferStatus, SessionStatus
from salam.service.models import Assignment, Hours, Offer

# Two records may have been merged since: the person has one week all the same.
_CANONICAL: Final = Coalesce(F("person__merged_into_id"), F("person_id"))


@dataclass(frozen=True, eq=False)
class PlacesHeld:
    """Live offers as arrays of equal length [H]: each holds a half-day of a person, a place of a
    line and a seat of an intermediary.
    """

    person_id: npt.NDArray[np.int64]
    need_line_id: npt.NDArray[np.int64]
    half_day: npt.NDArray[np.int16]
    intermediary_id: npt.NDArray[np.int64]


def places_held() -> PlacesHeld:
    """All unanswered and accepted offers of open needs, by line and person, in one query."""
    found = read_columns(
        rows=Offer.objects.filter(
            status__in=LIVE_OFFERS,
            need_line__need__status=NeedStatus.OPEN,
        ).annotate(canonical_id=_CANONICAL),
        columns={
            "canonical_id": np.int64,
            "need_line_id": np.int64,
            "half_day": np.int16,
            "need_line__need__intermediary_id": np.int64,
            "id": np.int64,
        },
        order_by=("need_line_id", "canonical_id", "id"),
    )
    return PlacesHeld(
        person_id=found["canonical_id"],
        need_line_id=found["need_line_id"],
        half_day=found["half_day"],
        intermediary_id=found["need_line__need__intermediary_id"],
    )


def answered_no() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Person and need, wherever somebody said no to a need that is still open; one query."""
    refused = Offer.objects.filter(
        status=OfferStatus.DECLINED,
        need_line__need__status=NeedStatus.OPEN,
    )
    found = read_columns(
        rows=refused.annotate(canonical_id=_CANONICAL),
        columns={"canonical_id": np.int64, "need_line__need_id": np.int64},
        order_by=("canonical_id", "need_line__need_id"),
    )
    return found["canonical_id"], found["need_line__need_id"]


def days_since_called(*, on: date) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Everybody who was ever asked, by the person's id, rising, and how many days ago each was last
    asked or served; one query.

    Two arrays of equal length; days are negative where a session that was held lies after ``on``.
    """
    served = Q(assignment__sessions__status__in=[SessionStatus.SERVED, SessionStatus.CONFIRMED])
    called_on = Greatest(
        Max(TruncDate("opened_at", tzinfo=TEHRAN)),
        Max("assignment__sessions__happens_on", filter=served),
    )
    found = read_columns(
        rows=Offer.objects.values(canonical_id=_CANONICAL).annotate(
            days=days_since(called_on, on=on)
        ),
        columns={"canonical_id": np.int64, "days": np.int32},
        order_by=["canonical_id"],
    )
    return found["canonical_id"], found["days"]


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
