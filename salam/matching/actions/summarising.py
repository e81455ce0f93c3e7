"""What headquarters reads of a plan, counted once when it is stored: no page counts proposals.

Arrays alone, except for the names of places. Every figure is about the whole plan as it was stored;
what people answer later is counted from their answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from salam.core.bulk import copy_rows
from salam.core.columns import read_columns
from salam.core.dates import HALF_DAY_COUNT
from salam.engine import Problem
from salam.engine.problem import Int32, Int64
from salam.engine.solution import Placements
from salam.matching.actions.idleness import idle_counts
from salam.matching.enums import FigureKind, TotalKey, UnfilledReason
from salam.matching.models import Proposal, Run, RunComparison, RunFigure
from salam.matching.queries.problem import BuiltProblem
from salam.places.queries import Groups, group_by_part, group_by_town_size

_COLUMNS: Final = ("run_id", "kind", "key", "whole", "proposed", "kept", "line_count")
# With how many earlier runs over the same place a plan is compared: each costs a look at its rows.
COMPARED_RUNS: Final = 2


@dataclass(frozen=True)
class Figure:
    """One row of :class:`RunFigure`, without its run."""

    kind: FigureKind
    key: str
    whole: int
    proposed: int = 0
    kept: int = 0
    line_count: int = 0


def summarise_run(
    *,
    run: Run,
    built: BuiltProblem,
    placements: Placements,
    candidate_count: npt.NDArray[np.integer[Any]],
) -> None:
    """Write the figures of a plan, and what it changed of earlier ones; the run's place must be
    loaded. Inside the caller's transaction.

    candidate_count: [L], feasible people of each line; exact where it is 0.
    """
    figures = figures_of(
        built=built,
        placements=placements,
        candidate_count=candidate_count,
        path=run.place.path,
    )
    copy_rows(
        model=RunFigure,
        columns=_COLUMNS,
        rows=(
            (run.pk, one.kind, one.key, one.whole, one.proposed, one.kept, one.line_count)
            for one in figures
        ),
    )
    earlier = Run.objects.filter(place=run.place, pk__lt=run.pk, value__isnull=False)
    new = ~placements.p_is_confirmed
    RunComparison.objects.bulk_create(
        _compare(
            run_id=run.pk,
            earlier_id=earlier_id,
            line_keys=_line_key(
                built.line_ids[placements.p_line[new]], built.problem.l_slot[placements.p_line[new]]
            ),
            person_ids=built.person_ids[placements.p_volunteer[new]],
        )
        for earlier_id in earlier.order_by("-pk").values_list("pk", flat=True)[:COMPARED_RUNS]
    )


def figures_of(
    *,
    built: BuiltProblem,
    placements: Placements,
    candidate_count: npt.NDArray[np.integer[Any]],
    path: str,
) -> list[Figure]:
    """All figures of a plan over the place of a path; three queries."""
    filling = _Filling.of(built, placements)
    service = _Service.of(placements, group_by_part(place_ids=built.home_place_ids, path=path))
    place_ids = built.place_ids[built.line_start]
    parts = group_by_part(place_ids=place_ids, path=path)
    return [
        *_totals(placements),
        *_coverage(FigureKind.PART, parts, filling),
        *_coverage(FigureKind.TOWN, group_by_town_size(place_ids=place_ids), filling),
        *service.figures(),
        *(
            Figure(FigureKind.IDLE, reason, count)
            for reason, count in idle_counts(problem=built.problem, idle=service.idle).items()
            if count
        ),
        *_unfilled(built, filling, candidate_count),
    ]


@dataclass(frozen=True, eq=False)
class _Filling:
    """People of each line of a need, [N] int64 each: asked for, newly proposed, kept from before,
    missing. A flexible line stands behind several rows of the problem. by_row: [L], proposed.
    """

    asked: Int64
    proposed: Int64
    kept: Int64
    by_row: Int64

    @classmethod
    def of(cls, built: BuiltProblem, placements: Placements) -> _Filling:
        row_count = built.problem.line_count
        is_new = ~placements.p_is_confirmed
        by_row = np.bincount(placements.p_line[is_new], minlength=row_count)
        held_by_row = np.bincount(placements.p_line[~is_new], minlength=row_count)
        proposed, held = _by_line(built, by_row), _by_line(built, held_by_row)
        # Offers that hold beyond what a line asks fill nothing.
        kept = np.minimum(held, built.asked - np.minimum(proposed, built.asked))
        return cls(built.asked, proposed, kept, by_row)

    @property
    def missing(self) -> Int64:
        return np.asarray(np.maximum(self.asked - self.proposed - self.kept, 0), np.int64)


def _by_line(built: BuiltProblem, of_row: Int64) -> Int64:
    """Sums over the rows of each line of a need: [L] to [N]."""
    if not len(built.line_start):
        return np.zeros(0, np.int64)
    return np.add.reduceat(of_row, built.line_start)


@dataclass(frozen=True, eq=False)
class _Service:
    """Volunteers by the part of the run's place in which they are at home, and which of them have a
    new proposal or only what held before, [V] bool.
    """

    homes: Groups
    is_proposed: npt.NDArray[np.bool_]
    is_kept: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, placements: Placements, homes: Groups) -> _Service:
        is_proposed = np.zeros(len(homes.of), np.bool_)
        is_proposed[placements.p_volunteer[~placements.p_is_confirmed]] = True
        is_kept = np.zeros_like(is_proposed)
        is_kept[placements.p_volunteer[placements.p_is_confirmed]] = True
        return cls(homes, is_proposed, is_kept & ~is_proposed)

    @property
    def idle(self) -> Int64:
        """Volunteers at home here without any placement."""
        return np.flatnonzero((self.homes.of >= 0) & ~self.is_proposed & ~self.is_kept)

    def figures(self) -> Iterator[Figure]:
        everybody = np.ones(len(self.homes.of), np.int64)
        columns = (everybody, self.is_proposed, self.is_kept)
        for code, (whole, proposed, kept) in _sums(self.homes, columns):
            yield Figure(FigureKind.VOLUNTEERS, code, whole, proposed, kept)


def _totals(placements: Placements) -> Sequence[Figure]:
    new = placements.p_volunteer[~placements.p_is_confirmed]
    points = placements.p_points.astype(np.int64) + placements.p_bonus
    counts = {
        TotalKey.PEOPLE: len(np.unique(new)),
        TotalKey.POINTS: int(points.sum()),
        TotalKey.DISTANCE_100M: int(placements.p_distance_100m.astype(np.int64).sum()),
    }
    return [Figure(FigureKind.TOTAL, key, count) for key, count in counts.items()]


def _coverage(kind: FigureKind, groups: Groups, filling: _Filling) -> Iterator[Figure]:
    """People asked for and found, by the group of each line, [L]."""
    proposed = np.minimum(filling.proposed, filling.asked)
    columns = (filling.asked, proposed, filling.kept, np.ones(len(groups.of), np.int64))
    for name, (asked, new, kept, line_count) in _sums(groups, columns):
        yield Figure(kind, name, asked, new, kept, line_count)


def _sums(
    groups: Groups, columns: Sequence[npt.NDArray[Any]]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The sums of columns [N] by group, for groups in which the first is not 0."""
    is_in = groups.of >= 0
    group, count = groups.of[is_in], len(groups.names)
    sums = [np.bincount(group, column[is_in], count).astype(np.int64) for column in columns]
    for row in np.flatnonzero(sums[0]).tolist():
        yield groups.names[row], tuple(int(column[row]) for column in sums)


def _unfilled(
    built: BuiltProblem,
    filling: _Filling,
    candidate_count: npt.NDArray[np.integer[Any]],
) -> Iterator[Figure]:
    """Lines that are short of people by the first reason, and how many people they miss."""
    is_short = filling.missing > 0
    has_more = _by_line(built, (candidate_count > filling.by_row).astype(np.int64)) > 0
    is_full = _full_groups(built.problem, filling)[built.problem.l_group[built.line_start]]
    for reason, is_so in (
        (UnfilledReason.NOBODY, ~has_more),
        (UnfilledReason.SEATS_FULL, has_more & is_full),
        (UnfilledReason.ELSEWHERE, has_more & ~is_full),
    ):
        lines = is_short & is_so
        if lines.any():
            missing = int(filling.missing[lines].sum())
            yield Figure(FigureKind.UNFILLED, reason, missing, line_count=int(lines.sum()))


def _full_groups(problem: Problem, filling: _Filling) -> npt.NDArray[np.bool_]:
    """Whether a group or one that holds it has no seat left, [G]."""
    confirmed = np.bincount(problem.f_line, minlength=problem.line_count)
    used = np.bincount(problem.l_group, filling.by_row + confirmed, problem.group_count).astype(
        np.int64
    )
    total = used.copy()
    for group, above in _ancestors(problem.g_parent):
        np.add.at(total, above, used[group])
    is_full = total >= problem.g_cap
    is_shut = is_full.copy()
    for group, above in _ancestors(problem.g_parent):
        is_shut[group] |= is_full[above]
    return np.asarray(is_shut, np.bool_)


def _ancestors(parent: Int32) -> Iterator[tuple[Int64, Int32]]:
    """Groups with their parents, then with their parents' parents, up to the roots."""
    group = np.flatnonzero(parent >= 0)
    above = parent[group]
    while len(group):
        yield group, above
        group, above = group[parent[above] >= 0], parent[above[parent[above] >= 0]]


def _line_key(line_ids: Int64, half_days: npt.NDArray[Any]) -> Int64:
    """A line of a need at one half-day as one number; a flexible line may have several."""
    return np.asarray(line_ids * HALF_DAY_COUNT + half_days, np.int64)


def _compare(*, run_id: int, earlier_id: int, line_keys: Int64, person_ids: Int64) -> RunComparison:
    """What became of an earlier run's proposals, line by line; [P] of the new ones. One query.

    Where a line has people of both that differ, they have changed places; what is over on one side
    was added or is gone.
    """
    earlier = read_columns(
        rows=Proposal.objects.filter(run_id=earlier_id),
        columns={"need_line_id": np.int64, "half_day": np.int16, "person_id": np.int64},
        order_by=("need_line_id", "half_day", "person_id"),
    )
    earlier_keys = _line_key(earlier["need_line_id"], earlier["half_day"])
    lines, line = np.unique(np.concatenate([line_keys, earlier_keys]), return_inverse=True)
    people, person = np.unique(
        np.concatenate([person_ids, earlier["person_id"]]), return_inverse=True
    )
    pair = line * len(people) + person
    is_same = np.isin(pair[: len(line_keys)], pair[len(line_keys) :], assume_unique=True)
    same = np.bincount(line[: len(line_keys)][is_same], minlength=len(lines))
    fresh = np.bincount(line[: len(line_keys)], minlength=len(lines)) - same
    gone = np.bincount(line[len(line_keys) :], minlength=len(lines)) - same
    changed = np.minimum(fresh, gone)
    return RunComparison(
        run_id=run_id,
        earlier_id=earlier_id,
        same_count=int(same.sum()),
        changed_count=int(changed.sum()),
        added_count=int((fresh - changed).sum()),
        gone_count=int((gone - changed).sum()),
    )
