"""What live runs hold already: half-days of people and seats of intermediaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Coalesce

from salam.matching.enums import RunStatus
from salam.matching.models import Proposal
from salam.needs.enums import NeedStatus


@dataclass(frozen=True)
class Occupation:
    """What a run may not use again: half-days (bits) by person, seats by intermediary."""

    half_day_bits: Mapping[int, int] = field(default_factory=dict)
    seats: Mapping[int, int] = field(default_factory=dict)


def occupied_outside(*, within_path: str | None) -> Occupation:
    """What live runs propose for open needs outside a place; nothing lies outside the country.

    What they propose inside is no obstacle: the new run takes its place. One query.
    """
    if within_path is None:
        return Occupation()
    rows = (
        Proposal.objects.filter(
            run__status=RunStatus.PROPOSED,
            need_line__need__status=NeedStatus.OPEN,
        )
        .exclude(need_line__need__place__path__within=within_path)
        # Two records may have been merged since: the person has one week all the same.
        .annotate(canonical_id=Coalesce(F("person__merged_into_id"), F("person_id")))
        .values_list("canonical_id", "need_line__half_day", "need_line__need__intermediary_id")
    )
    half_day_bits: dict[int, int] = {}
    seats: Counter[int] = Counter()
    for person_id, half_day, intermediary_id in rows.iterator(10_000):
        half_day_bits[person_id] = half_day_bits.get(person_id, 0) | 1 << half_day
        seats[intermediary_id] += 1
    return Occupation(half_day_bits, seats)
