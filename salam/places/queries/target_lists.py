from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from salam.places.models import Place, TargetList


@dataclass(frozen=True, kw_only=True)
class TargetListEntry:
    """A target list with the number of places that stand on it today."""

    code: str
    name: str
    is_generated: bool
    place_count: int


def list_target_lists() -> list[TargetListEntry]:
    """All target lists by name."""
    standing = Count("entries", filter=Q(entries__removed_on__isnull=True))
    return [
        TargetListEntry(
            code=row.code,
            name=row.name,
            is_generated=row.is_generated,
            place_count=row.place_count,
        )
        for row in TargetList.objects.annotate(place_count=standing).order_by("name", "code")
    ]


def target_places(*, list_code: str, on: date) -> QuerySet[Place]:
    """Places that stand on a list on a day, in the order of the tree."""
    return Place.objects.filter(
        Q(target_entries__removed_on__isnull=True) | Q(target_entries__removed_on__gt=on),
        target_entries__target_list__code=list_code,
        target_entries__added_on__lte=on,
    ).order_by("path")
