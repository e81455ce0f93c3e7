"""What live runs and offers hold already: half-days of people and seats of intermediaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from salam.core.columns import among, read_columns
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Run
from salam.needs.enums import NeedStatus
from salam.people.models import Person

_COLUMNS: Final[Mapping[str, type[np.generic]]] = {
    "pk": np.int64,
    "canonical_id": np.int64,
    "need_line_id": np.int64,
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

    def __add__(self, other: Occupation) -> Occupation:
        """Both together; they must not tell of the same place twice."""
        return Occupation(
            np.concatenate([self.person_id, other.person_id]),
            np.concatenate([self.half_day, other.half_day]),
            np.concatenate([self.intermediary_id, other.intermediary_id]),
        )

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


def proposed_for(*, line_ids: npt.NDArray[np.int64] | None) -> ProposedPlaces:
    """What live runs under review propose for these lines (for all where it is left out), in a
    fixed order. Two queries.
    """
    proposals = _under_review()
    if line_ids is not None:
        proposals = proposals.filter(need_line_id__in=among(keys=line_ids))
    found = read_columns(
        rows=proposals,
        columns={"canonical_id": np.int64, "need_line_id": np.int64, "half_day": np.int16},
        order_by=["need_line_id", "half_day", "canonical_id"],
    )
    return ProposedPlaces(found["canonical_id"], found["need_line_id"], found["half_day"])


def occupied_elsewhere(
    *,
    line_ids: npt.NDArray[np.int64],
    person_ids: npt.NDArray[np.int64],
    intermediary_ids: npt.NDArray[np.int64],
) -> Occupation:
    """What live runs under review propose for other open lines than these, and takes half-days of
    these people or seats of these intermediaries. Four queries.

    What they propose for the lines themselves is no obstacle: a new run takes its place.
    """
    merged = read_columns(
        rows=Person.objects.filter(merged_into__in=among(keys=person_ids)),
        columns={"pk": np.int64},
        order_by=["pk"],
    )
    records = np.concatenate([person_ids, merged["pk"]])
    proposals = _under_review().filter(need_line__need__status=NeedStatus.OPEN)
    # Apart, since an index serves each and none serves both.
    parts = [
        read_columns(rows=proposals.filter(one), columns=_COLUMNS, order_by=["pk"])
        for one in (
            Q(person_id__in=among(keys=records)),
            Q(need_line__need__intermediary_id__in=among(keys=intermediary_ids)),
        )
    ]
    both = {name: np.concatenate([part[name] for part in parts]) for name in _COLUMNS}
    once = np.unique(both["pk"], return_index=True)[1]
    once = once[~np.isin(both["need_line_id"][once], line_ids)]
    return Occupation(
        both["canonical_id"][once],
        both["half_day"][once].astype(np.int64),
        both["need_line__need__intermediary_id"][once],
    )


def _under_review() -> QuerySet[Proposal]:
    """Proposals of live runs that wait for headquarters, with the person's valid record.

    The runs are named one by one: PostgreSQL knows how many proposals each has, and would guess
    a few hundred where only the status is asked for.
    """
    runs = list(Run.objects.filter(status=RunStatus.PROPOSED).values_list("pk", flat=True))
    return Proposal.objects.filter(run_id__in=runs).annotate(canonical_id=_CANONICAL)
