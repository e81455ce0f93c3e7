"""The figures of a run, counted when its plan was stored; reading them costs two queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from salam.matching.enums import FigureKind, IdleReason, TotalKey, UnfilledReason
from salam.matching.models import Run, RunComparison, RunFigure
from salam.places.enums import TownSize
from salam.places.models import Place

# Where a need is far from the volunteers of large cities; what is told apart in equity.
SMALL_TOWNS: Final = (TownSize.VILLAGE, TownSize.UNDER_10K, TownSize.UNDER_50K)


@dataclass(frozen=True)
class Coverage:
    """People of one part, or volunteers at home there, and what becomes of them in the plan."""

    key: str
    name: str
    whole: int
    proposed: int
    kept: int

    @property
    def covered(self) -> int:
        """By new proposals and by offers that held before."""
        return self.proposed + self.kept

    @property
    def left(self) -> int:
        return self.whole - self.covered

    @property
    def percent(self) -> float | None:
        """Share covered; None where nothing was asked."""
        return 100 * self.covered / self.whole if self.whole else None


@dataclass(frozen=True)
class Unfilled:
    """Lines that are short of people for one first reason, and how many people they miss."""

    reason: UnfilledReason
    line_count: int
    people: int


@dataclass(frozen=True)
class RunFigures:
    """All that was counted of one run; empty for a run without a plan."""

    totals: Mapping[TotalKey, int] = field(default_factory=dict)
    parts: Sequence[Coverage] = ()
    towns: Sequence[Coverage] = ()
    """By size of town, the smallest first; names are those of :class:`TownSize`."""
    volunteers: Sequence[Coverage] = ()
    idle: Sequence[tuple[IdleReason, int]] = ()
    """Most first."""
    unfilled: Sequence[Unfilled] = ()

    @property
    def asked(self) -> Coverage:
        """All people asked for."""
        return _summed(self.towns)

    @property
    def volunteers_at_home(self) -> Coverage:
        """All volunteers at home in the run's place."""
        return _summed(self.volunteers)

    @property
    def small_towns(self) -> Coverage:
        return _summed(one for one in self.towns if one.key in SMALL_TOWNS)

    @property
    def larger_towns(self) -> Coverage:
        return _summed(one for one in self.towns if one.key not in SMALL_TOWNS)


@dataclass(frozen=True)
class PlanChanges:
    """What a later plan changed of an earlier one, in people at lines of needs."""

    earlier_id: int
    same: int
    changed: int
    added: int
    gone: int


def figures_of_runs(*, runs: Sequence[Run]) -> dict[int, RunFigures]:
    """The figures of each of these runs, by its id; two queries for all of them.

    Parts are in alphabetical order and bear their names; what belongs to the run's place itself and
    to none of its parts bears its name.
    """
    rows: dict[int, list[RunFigure]] = {run.pk: [] for run in runs}
    for row in RunFigure.objects.filter(run__in=[run.pk for run in runs]).order_by("pk"):
        rows[row.run_id].append(row)
    by_place = {FigureKind.PART, FigureKind.VOLUNTEERS}
    codes = {row.key for found in rows.values() for row in found if row.kind in by_place}
    names = dict(
        Place.objects.filter(code__in=codes).order_by("sort_key").values_list("code", "name")
    )
    return {run_id: _figures(found, names) for run_id, found in rows.items()}


def changes_of(*, run: Run) -> list[PlanChanges]:
    """What a plan changed of the earlier ones that it was compared with, the latest first."""
    return [
        PlanChanges(
            one.earlier_id, one.same_count, one.changed_count, one.added_count, one.gone_count
        )
        for one in RunComparison.objects.filter(run=run).order_by("-earlier_id")
    ]


def _summed(parts: Iterable[Coverage]) -> Coverage:
    """Several parts as one, without a name."""
    whole = proposed = kept = 0
    for one in parts:
        whole, proposed, kept = whole + one.whole, proposed + one.proposed, kept + one.kept
    return Coverage("", "", whole, proposed, kept)


def _figures(rows: Sequence[RunFigure], names: Mapping[str, str]) -> RunFigures:
    of_kind: dict[str, dict[str, RunFigure]] = {kind: {} for kind in FigureKind}
    for row in rows:
        of_kind[row.kind][row.key] = row
    sizes = {size.value: str(size.label) for size in TownSize}
    idle = [(IdleReason(key), row.whole) for key, row in of_kind[FigureKind.IDLE].items()]
    return RunFigures(
        totals={TotalKey(key): row.whole for key, row in of_kind[FigureKind.TOTAL].items()},
        parts=_coverage(of_kind[FigureKind.PART], names),
        towns=_coverage(of_kind[FigureKind.TOWN], sizes),
        volunteers=_coverage(of_kind[FigureKind.VOLUNTEERS], names),
        idle=sorted(idle, key=lambda one: -one[1]),
        unfilled=[
            Unfilled(UnfilledReason(key), row.line_count, row.whole)
            for key, row in of_kind[FigureKind.UNFILLED].items()
        ],
    )


def _coverage(rows: Mapping[str, RunFigure], names: Mapping[str, str]) -> list[Coverage]:
    return [
        Coverage(key, name, rows[key].whole, rows[key].proposed, rows[key].kept)
        for key, name in names.items()
        if key in rows
    ]
