"""What live runs and offers hold already: half-days of people and seats of intermediaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import F
from django.db.models.functions import Coalesce

from salam.core.columns import read_columns
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal
from salam.needs.enums import NeedStatus
from salam.service.queries import PlacesHeld

_COLUMNS: Final[Mapping[str, type[np.generic]]] = {
    "canonical_id": np.int64,
    "half_day": np.int16,
    "need_line__need__intermediary_id": np.int64,
}

# Two records may have been merged since: the person has one week all the same.
_CANONICAL: Final = Coalesce(F("person__merged_into_id"), F("person_id"))


@dataclass(frozen=True, eq=False)
class ProposedPlaces:
    """Proposals that wait for headquarters: person, line and half-day, arrays of equal length."""

    person_id: npt.NDArray[np.int64]
    need_line_id: npt.NDArray[np.int64]
    half_day: npt.NDArray[np.int16]


def _nobody() -> npt.NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Occupation:
    """What a run may not use again: half-days of people, each with a seat of an intermediary.

    Arrays of equal length.
    """

    person_id: npt.NDArray[np.int64] = field(default_factory=_nobody)
    half_day: npt.NDArray[np.int64] = field(default_factory=_nobody)
    intermediary_id: npt.NDArray[np.int64] = field(default_factory=_nobody)

    def half_days_taken(self, *, person_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.uint16]:
        """The half-days (bits) of each of these people, who stand in ascending order."""
        taken = np.zeros(len(person_ids), np.uint16)
        row, is_there = rows_of(self.person_id, among=person_ids)
        bits = np.left_shift(1, self.half_day[is_there]).astype(np.uint16)
        np.bitwise_or.at(taken, row[is_there], bits)
        return taken

    def seats_taken(self, *, intermediary_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The seats of each of these intermediaries, who stand in ascending order."""
        row, is_there = rows_of(self.intermediary_id, among=intermediary_ids)
        return np.bincount(row[is_there], minlength=len(intermediary_ids))


def rows_of(
    keys: npt.NDArray[np.int64],
    *,
    among: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where each key [N] stands among ascending ones, and whether it is there at all."""
    row = np.searchsorted(among, keys)
    is_there = np.zeros(len(keys), np.bool_)
    inside = row < len(among)
    is_there[inside] = among[row[inside]] == keys[inside]
    return row, is_there


def proposed_inside(*, within_path: str | None) -> ProposedPlaces:
    """What live runs under review propose for open needs of a place (of the country when it is
    left out), in a fixed order. One query.
    """
    proposals = Proposal.objects.filter(
        run__status=RunStatus.PROPOSED, need_line__need__status=NeedStatus.OPEN
    )
    if within_path is not None:
        proposals = proposals.filter(need_line__need__place__path__within=within_path)
    found = read_columns(
        rows=proposals.annotate(canonical_id=_CANONICAL),
        columns={"canonical_id": np.int64, "need_line_id": np.int64, "half_day": np.int16},
        order_by=["need_line_id", "half_day", "canonical_id"],
    )
    return ProposedPlaces(found["canonical_id"], found["need_line_id"], found["half_day"])


def occupied_outside(
    *,
    within_path: str | None,
    held: PlacesHeld,
    is_outside: npt.NDArray[np.bool_],
) -> Occupation:
    """What live runs propose for open needs outside a place, and the offers ``held`` outside it.

    What runs propose inside is no obstacle: the new run takes its place. Nothing lies outside the
    country. At most one query.
    """
    parts = [
        (
            held.person_id[is_outside],
            held.half_day[is_outside].astype(np.int64),
            held.intermediary_id[is_outside],
        )
    ]
    if within_path is not None:
        parts.append(_proposed_outside(within_path))
    return Occupation(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _proposed_outside(
    within_path: str,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    found = read_columns(
        rows=Proposal.objects.filter(
            run__status=RunStatus.PROPOSED,
            need_line__need__status=NeedStatus.OPEN,
        )
        .exclude(need_line__need__place__path__within=within_path)
        .annotate(canonical_id=_CANONICAL),
        columns=_COLUMNS,
        order_by=["canonical_id"],
    )
    return (
        found["canonical_id"],
        found["half_day"].astype(np.int64),
        found["need_line__need__intermediary_id"],
    )
