"""The weights that shaped a plan, as they were when it was made: published data, not code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from salam.engine.problem import VALUE_PER_POINT
from salam.matching.models import Run

# A point of coverage is worth so much travel.
METRES_PER_POINT: Final = VALUE_PER_POINT * 100


@dataclass(frozen=True)
class Step:
    """At this amount (a level, people) the points are multiplied by the factor; linear between
    steps of towns (by the logarithm) and of people served, level beyond the first and last.
    """

    at: int
    factor: float


@dataclass(frozen=True)
class RunWeights:
    """What a person at a line was worth in one run, in points.

    ``waiting``: points, not factors, by weeks; empty where waiting played no part.
    """

    points_base: float
    urgency: Sequence[Step]
    towns: Sequence[Step]
    served: Sequence[Step]
    next_person_factor: float
    points_min: int
    waiting: Sequence[Step] = ()


def weights_of(*, run: Run) -> RunWeights | None:
    """The weights of a run with a plan; None for one without."""
    stored: Mapping[str, Any] | None = run.parameters.get("weights")
    if stored is None:
        return None
    return RunWeights(
        points_base=stored["points_base"],
        urgency=[Step(level, one) for level, one in enumerate(stored["urgency_factors"], start=1)],
        towns=[
            Step(round(10**exponent), factor)
            for exponent, factor in zip(stored["town_log10"], stored["town_factors"], strict=True)
        ],
        served=[
            Step(round(people), factor)
            for people, factor in zip(
                stored["served_people"], stored["served_factors"], strict=True
            )
        ],
        next_person_factor=stored["next_person_factor"],
        points_min=stored["points_min"],
        waiting=_waiting(stored),
    )


def _waiting(stored: Mapping[str, Any]) -> list[Step]:
    """Runs of before have no such weight."""
    points = stored.get("waiting_points", ())
    if not any(points):
        return []
    return [
        Step(round(weeks), one) for weeks, one in zip(stored["waiting_weeks"], points, strict=True)
    ]
