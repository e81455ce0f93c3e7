"""What a solver gives back: the plan, its prices, and the parts that explain each placement."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from salam.engine.distance import pair_distance_m, to_100m
from salam.engine.eligibility import placement_points
from salam.engine.problem import VALUE_PER_POINT, Bool, Int32, Int64, Problem


class SolverError(RuntimeError):
    """A solver broke its own promise, or the numbers are too large for it."""


class Status(IntEnum):
    """How far the plan is proved. Codes may be stored."""

    EMPTY = 0  # no pair is feasible and worth its travel: only confirmed placements, proved best
    OPTIMAL = 1  # value equals the certified upper bound
    FEASIBLE = 2  # every rule is kept; value lies below the certified upper bound


@dataclass(frozen=True, eq=False, kw_only=True)
class Prices:
    """Prices in units of 100 m of travel, all >= 0: the dual of the plan.

    price_volunteer: [V] int64, one more half-day of the volunteer; price_slot: [V, 14] int64, on
    top of it, that very slot; price_group: [G] int64, one seat of that group.
    """

    price_volunteer: Int64
    price_slot: Int64
    price_group: Int64


@dataclass(frozen=True, eq=False, kw_only=True)
class Placements:
    """Pairs of a plan with the parts of their value, sorted by (line, volunteer).

    p_volunteer, p_line: [P] int32. p_is_confirmed: [P] bool. p_unit: [P] int32, which person of
    the line (1 = first; confirmed ones first, then the cheapest). p_points: [P] int32 of that
    unit, 0 beyond the last. p_distance_100m: [P] int32. p_bonus: [P] int32 points of the pair and
    of the volunteer.
    """

    p_volunteer: Int32
    p_line: Int32
    p_is_confirmed: Bool
    p_unit: Int32
    p_points: Int32
    p_distance_100m: Int32
    p_bonus: Int32

    @property
    def p_value(self) -> Int64:
        """Worth of each placement, [P] int64: 20 x (points + bonus) - distance."""
        points = self.p_points.astype(np.int64) + self.p_bonus
        return VALUE_PER_POINT * points - self.p_distance_100m


@dataclass(frozen=True, eq=False, kw_only=True)
class Solution(Placements, Prices):
    """A plan, its proof and its explanation.

    value: the plan value; upper_bound: no plan is worth more, from checks.upper_bound over every
    feasible pair; line_price: [L] int64, what the line would still pay, travel included, for one
    more person or for another one; candidate_count: [L] int32, people in its list, all of them
    where has_more [L] bool is false; nearest_100m: [L] int32, the nearest of them, 2^31 - 1 where
    there is nobody; edge_count: pairs in the lists; confirmed_count, placement_count: pairs in the
    plan that were confirmed before, and all; unit_count: units asked for; filled_count: units that
    have a person (confirmed people beyond the units of a line fill none).
    """

    line_price: Int64
    candidate_count: Int32
    has_more: Bool
    nearest_100m: Int32
    status: Status
    value: int
    upper_bound: int
    edge_count: int
    unit_count: int
    filled_count: int

    @property
    def placement_count(self) -> int:
        """Pairs in the plan, confirmed ones included."""
        return len(self.p_volunteer)

    @property
    def confirmed_count(self) -> int:
        """Confirmed pairs, all of which are in the plan."""
        return int(self.p_is_confirmed.sum())


def explain_placements(problem: Problem, volunteer: Int32, line: Int32) -> Placements:
    """Take a set of distinct pairs apart into what each is worth; the sum is the plan value.

    The points of a line belong to its first k units, whoever fills them; they are handed out to
    confirmed people first, then by falling (20 x bonus - distance), then by volunteer index.

    problem: P distinct pairs must hold every confirmed one; volunteer, line: [P] int32 indices.
    Returns Placements. O((P + F + B) log(P + F + B)), deterministic.

    >>> from salam.engine.example import example_problem
    >>> pairs = np.array([[1, 0], [0, 2]], np.int32)
    >>> explain_placements(example_problem(), pairs[:, 0], pairs[:, 1]).p_value.tolist()
    [2089, 1178]
    """
    key = line.astype(np.int64) * max(problem.volunteer_count, 1) + volunteer
    order = np.argsort(key)
    volunteer, line, key = volunteer[order], line[order], key[order]
    confirmed = problem.f_line.astype(np.int64) * problem.volunteer_count + problem.f_volunteer
    is_confirmed = np.isin(key, confirmed)
    distance = to_100m(pair_distance_m(problem, volunteer, line))
    bonus = placement_points(problem, volunteer, line)
    rank = np.lexsort((volunteer, distance - VALUE_PER_POINT * bonus, ~is_confirmed, line))
    unit = np.empty(len(line), np.int64)
    first_of_line = np.searchsorted(line, line[rank])
    unit[rank] = np.arange(len(line)) - first_of_line
    start, stop = problem.l_unit_ptr[line], problem.l_unit_ptr[line + 1]
    points = np.zeros(len(line), np.int32)
    has_unit = start + unit < stop
    points[has_unit] = problem.unit_value[(start + unit)[has_unit]]
    return Placements(
        p_volunteer=volunteer,
        p_line=line,
        p_is_confirmed=is_confirmed,
        p_unit=(unit + 1).astype(np.int32),
        p_points=points,
        p_distance_100m=distance,
        p_bonus=bonus.astype(np.int32),
    )
