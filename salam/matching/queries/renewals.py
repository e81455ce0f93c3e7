"""Renewals of a plan, for whoever decides on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from salam.matching.enums import RunStatus
from salam.matching.models import Renewal, Run

# One that was replaced or broke off says nothing about the plan any more.
_SHOWN: Final = (
    RunStatus.PROPOSED,
    RunStatus.RELEASING,
    RunStatus.RELEASED,
    RunStatus.DISCARDED,
)


def renewals_of(*, run: Run) -> Sequence[Renewal]:
    """What was made anew of a plan and stands beside it, by place; runs and places loaded."""
    found = Renewal.objects.filter(renewed=run, run__status__in=_SHOWN)
    return list(found.select_related("run__place").order_by("run__place__sort_key", "pk"))


def renewal_behind(*, run: Run) -> Renewal | None:
    """What a renewal renews, with that plan and its place; None for a run that somebody started."""
    return Renewal.objects.select_related("renewed__place").filter(run=run).first()
