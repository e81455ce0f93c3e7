"""What live runs and offers hold already: half-days of people and seats of intermediaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Coalesce

from salam.matching.enums import RunStatus
from salam.matching.models import Proposal
from salam.needs.enums import NeedStatus
from salam.service.queries import PlaceHeld


@dataclass(frozen=True)
class Occupation:
    """What a run may not use again: half-days (bits) by person, seats by intermediary."""

    half_day_bits: Mapping[int, int] = field(default_factory=dict)
    seats: Mapping[int, int] = field(default_factory=dict)


def occupied_outside(
    *,
    within_path: str | None,
    held: Iterable[PlaceHeld],
) -> Occupation:
    """What live runs propose for open needs outside a place, and ``held``, offers outside it.

    What runs propose inside is no obstacle: the new run takes its place. Nothing lies outside the
    country. At most one query.
    """
    half_day_bits: dict[int, int] = {}
    seats: Counter[int] = Counter()
    taken = [(one.person_id, one.half_day, one.intermediary_id) for one in held]
    for person_id, half_day, intermediary_id in (*taken, *_proposed_outside(within_path)):
        half_day_bits[person_id] = half_day_bits.get(person_id, 0) | 1 << half_day
        seats[intermediary_id] += 1
    return Occupation(half_day_bits, seats)


def _proposed_outside(within_path: str | None) -> Iterable[tuple[int, int, int]]:
    if within_path is None:
        return ()
    return (
        Proposal.objects.filter(
            run__status=RunStatus.PROPOSED,
            need_line__need__status=NeedStatus.OPEN,
        )
        .exclude(need_line__need__place__path__within=within_path)
        # Two records may have been merged since: the person has one week all the same.
        .annotate(canonical_id=Coalesce(F("person__merged_into_id"), F("person_id")))
        .values_list("canonical_id", "need_line__half_day", "need_line__need__intermediary_id")
        .iterator(10_000)
    )
