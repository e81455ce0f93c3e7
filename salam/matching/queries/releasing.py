"""A release under way: who comes next, how far it is, and what it holds already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db.models import F
from django.db.models.functions import Coalesce

from salam.core.columns import read_columns
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Run
from salam.needs.enums import NeedStatus
from salam.service.queries import PlacesHeld

_HELD: Final[Mapping[str, type[np.generic]]] = {
    "canonical_id": np.int64,
    "need_line_id": np.int64,
    "half_day": np.int16,
    "need_line__need__intermediary_id": np.int64,
}

ToAsk = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class ReleaseProgress:
    """Of how many proposals a release has asked people, or found that they cannot be asked."""

    done: int
    total: int
    opened: int


def release_progress(*, run: Run) -> ReleaseProgress | None:
    """How far a release is; None for a run that was never released. One query."""
    told = run.parameters.get("release")
    if told is None:
        return None
    done = told["opened"] + sum(told["skipped"].values())
    # The proposals of somebody who is forgotten meanwhile go with the person.
    total = max(done, Proposal.objects.filter(run=run).count())
    return ReleaseProgress(done=done, total=total, opened=told["opened"])


def proposals_to_ask(*, run: Run, limit: int) -> Sequence[ToAsk]:
    """Key, person, line, half-day and distance of the next proposals, about ``limit`` of them.

    In the order of people, and all of a person together: nobody gets two messages. A limit of 1
    tells whether there is anybody left.
    """
    left = Proposal.objects.filter(run=run, person_id__gt=run.released_up_to)
    rows = list(
        left.order_by("person_id", "pk").values_list(
            "pk", "person_id", "need_line_id", "half_day", "distance_100m"
        )[: limit + 1]
    )
    if len(rows) <= limit:
        return rows
    last = rows[-1][1]
    whole = [row for row in rows if row[1] != last]
    return whole or list(
        left.filter(person_id=last)
        .order_by("pk")
        .values_list("pk", "person_id", "need_line_id", "half_day", "distance_100m")
    )


def being_released() -> PlacesHeld:
    """What releases under way have still to ask, as if it were asked: it is decided. One query."""
    rows = Proposal.objects.filter(
        run__status=RunStatus.RELEASING,
        person_id__gt=F("run__released_up_to"),
        need_line__need__status=NeedStatus.OPEN,
    ).annotate(canonical_id=Coalesce(F("person__merged_into_id"), F("person_id")))
    found = read_columns(rows=rows, columns=_HELD, order_by=["need_line_id", "canonical_id"])
    return PlacesHeld(*found.values())
