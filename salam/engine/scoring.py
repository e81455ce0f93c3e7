"""What a person at a line is worth in points: published weights, and their parts."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from salam.engine.problem import POINTS_MAX, Float64, Int32, Int64


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The tables behind the points: public, versioned data.

    points_base: one ordinary need. 100 leaves room for two digits of difference after rounding.
    urgency_factors: by level 1..5. Each step is nearly double, so that an urgent need outweighs
        several ordinary ones, yet twelve calm needs still weigh as much as one in distress.
    town_log10, town_factors: equity, log10 of the town's population and its factor, linear in
        between, flat outside. Big cities have volunteers in plenty: a need in a place of ten
        thousand counts double to one in a city of ten million.
    served_people, served_factors: people a need serves and its factor, likewise. Mild on purpose
        (0.8 to 1.5): a family of five must not vanish behind a hall of five hundred.
    next_person_factor: what each further person of a line is worth of the one before. 0.6 spreads
        people over lines, and keeps the problem a flow (falling returns).
    points_min: floor of a unit. 26 points x 20 = 520 units of 100 m, above the 50 km of the widest
        radius: a placement within reach is always worth more than none.
    waiting_weeks, waiting_points: who has waited longest goes first, by weeks without being asked
        or serving; points of the volunteer for each placement, linear in between, flat outside.
        It is the same at every line, so it decides between people and never between needs. One
        point is 2 km of travel: enough to go before a neighbour, too little to send people far.
    """

    points_base: float = 100.0
    urgency_factors: tuple[float, ...] = (1.0, 2.0, 4.0, 7.0, 12.0)
    town_log10: tuple[float, ...] = (4.0, 5.0, 6.0, 7.0)
    town_factors: tuple[float, ...] = (2.0, 1.5, 1.1, 1.0)
    served_people: tuple[float, ...] = (5.0, 50.0, 500.0)
    served_factors: tuple[float, ...] = (0.8, 1.0, 1.5)
    next_person_factor: float = 0.6
    points_min: int = 26
    waiting_weeks: tuple[float, ...] = (4.0, 52.0)
    waiting_points: tuple[float, ...] = (0.0, 1.0)

    def __post_init__(self) -> None:
        """Refuse tables that would break the format of a Problem."""
        for knots, factors in (
            (self.town_log10, self.town_factors),
            (self.served_people, self.served_factors),
            (self.waiting_weeks, self.waiting_points),
        ):
            if len(knots) != len(factors) or list(knots) != sorted(set(knots)):
                raise ValueError("knots must rise strictly and have one factor each")
        if not 0 < self.next_person_factor <= 1:
            raise ValueError("next_person_factor must lie in (0, 1]: returns never grow")
        positive = (self.points_base, *self.urgency_factors, *self.town_factors)
        if min(*positive, *self.served_factors) <= 0 or not 0 <= self.points_min <= POINTS_MAX:
            raise ValueError("points and factors must be positive")
        if not 0 <= min(self.waiting_points) <= max(self.waiting_points) <= POINTS_MAX:
            raise ValueError("points of waiting must not be negative")


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, eq=False, kw_only=True)
class UnitPoints:
    """Points of every unit, with the factors that made them.

    ptr: [N+1] int64 CSR pointer into values: [U] int32 points, not increasing inside a line.
    first_points: [N] float64 = points_base x urgency_factor x town_factor x served_factor, the
    first person before rounding; the k-th is worth next_person_factor^(k-1) of it, rounded half
    to even, at least points_min.
    """

    ptr: Int64
    values: Int32
    first_points: Float64
    urgency_factor: Float64
    town_factor: Float64
    served_factor: Float64
    weights: Weights = field(default=DEFAULT_WEIGHTS)


def unit_points(
    *,
    urgency: npt.ArrayLike,
    town_population: npt.ArrayLike,
    people_served: npt.ArrayLike,
    headcount: npt.ArrayLike,
    weights: Weights = DEFAULT_WEIGHTS,
) -> UnitPoints:
    """Turn needs into points per person: W_k = base x urgency x town x served x 0.6^(k-1).

    urgency: [N] int, level 1..5; town_population: [N] people >= 1; people_served: [N] >= 0;
    headcount: [N] int >= 0, people asked for; weights: the tables.
    Returns UnitPoints, fit for l_unit_ptr and unit_value of a Problem. Raises ValueError naming
    the argument. O(U), deterministic.
    Source of the falling returns: G. Cornuejols, M. L. Fisher, G. L. Nemhauser, "Location of Bank
    Accounts to Optimize Float", 1977.

    >>> points = unit_points(
    ...     urgency=[1, 5, 3], town_population=[10**7, 10**4, 10**5],
    ...     people_served=[50, 5, 500], headcount=[1, 3, 2])
    >>> points.ptr.tolist(), points.values.tolist()
    ([0, 1, 4, 6], [100, 1920, 1152, 691, 900, 540])
    """
    level = np.asarray(urgency, np.int64)
    town = np.asarray(town_population, np.float64)
    served = np.asarray(people_served, np.float64)
    people = np.asarray(headcount, np.int64)
    for name, array, is_good in (
        ("urgency", level, (level >= 1) & (level <= len(weights.urgency_factors))),
        ("town_population", town, np.isfinite(town) & (town >= 1)),
        ("people_served", served, np.isfinite(served) & (served >= 0)),
        ("headcount", people, people >= 0),
    ):
        if array.shape != (len(level),):
            raise ValueError(f"{name}: shape {array.shape} instead of ({len(level)},)")
        if not is_good.all():
            raise ValueError(f"{name}[{int(np.argmin(is_good))}]: out of range")
    urgency_factor = np.array(weights.urgency_factors)[level - 1]
    town_factor = np.interp(np.log10(town), weights.town_log10, weights.town_factors)
    served_factor = np.interp(served, weights.served_people, weights.served_factors)
    first = weights.points_base * urgency_factor * town_factor * served_factor
    pointer = np.zeros(len(level) + 1, np.int64)
    np.cumsum(people, out=pointer[1:])
    position = np.arange(pointer[-1]) - np.repeat(pointer[:-1], people)
    points = np.rint(np.repeat(first, people) * weights.next_person_factor**position)
    return UnitPoints(
        ptr=pointer,
        values=np.clip(points, weights.points_min, POINTS_MAX).astype(np.int32),
        first_points=first,
        urgency_factor=urgency_factor,
        town_factor=town_factor,
        served_factor=served_factor,
        weights=weights,
    )


def waiting_points(*, weeks: npt.ArrayLike, weights: Weights = DEFAULT_WEIGHTS) -> Int32:
    """Points of volunteers for having waited: fit for v_points of a Problem.

    weeks: [V] float >= 0 since somebody was last asked or served; weights: the table. Returns [V]
    int32, rounded half to even. Raises ValueError. O(V), deterministic.

    >>> waiting_points(
    ...     weeks=[0, 4, 28, 52, 500], weights=Weights(waiting_points=(0.0, 5.0))).tolist()
    [0, 0, 2, 5, 5]
    """
    waited = np.asarray(weeks, np.float64)
    is_good = np.isfinite(waited) & (waited >= 0)
    if not is_good.all():
        raise ValueError(f"weeks[{int(np.argmin(is_good))}]: out of range")
    points = np.interp(waited, weights.waiting_weeks, weights.waiting_points)
    return np.rint(points).astype(np.int32)
