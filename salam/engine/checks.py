"""Independent checks: every hard rule from the raw attributes, and the certified upper bound.

violations() shares no code with eligibility, network, flow or prices: it has its own distance,
bit tests and counting, so that one mistake cannot hide in both places.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from salam.engine.capacity import PRICE_MAX, Remaining, remaining_capacity, sum_to_root
from salam.engine.eligibility import Edges, edge_costs, feasible_edges
from salam.engine.problem import SLOT_COUNT, VALUE_PER_POINT, Bool, Float64, Int32, Int64, Problem
from salam.engine.rules import Rule
from salam.engine.solution import SolverError, explain_placements

RIM_TOLERANCE_M = 1e-3  # two correct haversines differ in the last bits, never by a millimetre
CHUNK_EDGES = 1 << 22  # edges priced at once: some 150 MB of temporaries
CHUNK_WEEKS = 1 << 10  # volunteers whose weeks are weighed at once: some 40 MB at most


class Plan(Protocol):
    """Pairs and the value claimed for them; a Solution is one."""

    @property
    def p_volunteer(self) -> Int32:
        """Volunteer of each placement, [P] int32."""

    @property
    def p_line(self) -> Int32:
        """Line of each placement, [P] int32."""

    @property
    def value(self) -> int:
        """Plan value claimed."""


class Priced(Protocol):
    """Non-negative int64 prices; Prices and Solution are such."""

    @property
    def price_volunteer(self) -> Int64:
        """Price of a half-day, [V]."""

    @property
    def price_slot(self) -> Int64:
        """Price of a slot on top, [V, 14]."""

    @property
    def price_group(self) -> Int64:
        """Price of a seat, [G]."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One broken rule and where; -1 where an index does not apply.

    excess: by how much, in the unit of the rule (people, half-days, seats, metres rounded up,
    value claimed minus value found), 1 where there is nothing to count.
    """

    rule: Rule
    volunteer: int = -1
    line: int = -1
    slot: int = -1
    group: int = -1
    excess: int = 1


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Check every hard rule of a plan again from the raw attributes.

    Confirmed pairs must be in the plan, and are excused from what they break (see
    confirmed_violations): a cap is violated only if somebody was placed on top of it. Distances
    within 1 mm of the rim or of a rounding step count as right either way.

    problem: a Problem; plan: p_volunteer and p_line [P] of any integers, and the value claimed.
    Returns all Violations, ordered by rule and index; an empty list is a valid plan. Raises
    ValueError if the two arrays differ in length. O(P log P + B + G), deterministic.

    >>> from salam.engine.planning import solve
    >>> from salam.engine.example import example_problem
    >>> violations(example_problem(), solve(example_problem()))
    []
    """
    if len(plan.p_volunteer) != len(plan.p_line):
        raise ValueError("p_volunteer and p_line differ in length")
    v, line = plan.p_volunteer.astype(np.int64), plan.p_line.astype(np.int64)
    is_known = (v >= 0) & (v < problem.volunteer_count) & (line >= 0) & (line < problem.line_count)
    found = [
        Violation(rule=Rule.UNKNOWN_INDEX, volunteer=who, line=at)
        for who, at in zip(v[~is_known].tolist(), line[~is_known].tolist(), strict=True)
    ]
    found += _repeats(v, line)
    known = np.unique(_key(problem, v[is_known], line[is_known]))
    confirmed = np.sort(_key(problem, problem.f_volunteer, problem.f_line))
    new = known[~_is_among(known, confirmed)]
    missing = confirmed[~_is_among(confirmed, known)]
    found += _each(Rule.CONFIRMED_MISSING, _pairs(problem, missing))
    found += _pair_violations(problem, _pairs(problem, new))
    found += _count_violations(problem, np.append(new, confirmed), new)
    low, high = _value_range(problem, known)
    if not low <= plan.value <= high:
        found.append(Violation(rule=Rule.VALUE, excess=plan.value - low))
    return sorted(found, key=_sort_key)


def confirmed_violations(problem: Problem) -> list[Violation]:
    """List the rules that the confirmed placements break by themselves; they are kept all the same.

    Argument: a Problem. Returns Violations, ordered by rule and index. O(F log F + B + G).

    >>> from salam.engine.example import example_problem
    >>> confirmed_violations(example_problem())
    []
    """
    confirmed = np.sort(_key(problem, problem.f_volunteer, problem.f_line))
    found = _pair_violations(problem, _pairs(problem, confirmed))
    found += _count_violations(problem, confirmed, confirmed)
    return sorted(found, key=_sort_key)


def require_valid(problem: Problem, plan: Plan) -> None:
    """Raise SolverError if the plan breaks a rule: the gate every solver's answer passes."""
    found = violations(problem, plan)
    if found:
        raise SolverError(f"the plan breaks {len(found)} rules, first: {found[0]}")


def upper_bound(problem: Problem, prices: Priced, edges: Edges | None = None) -> int:
    """Give a value that no plan can exceed, from any non-negative prices.

    With a_v, b_vt, y_g the prices of half-days, slots and seats, c the cost of an edge (distance
    in 100 m - 20 x bonus), caps and units without what confirmed placements use, K their value:
    q_l = min over all feasible edges of l of (c + a_v + b_vt) + sum of y over the groups of l,
    bound = K + sum cap a + sum b + sum cap y + sum over l and k of max(0, 20 points_lk - q_l).
    Any plan, its capacities relaxed at these prices, is worth at most that (Lagrangian duality);
    the prices of an optimal flow give the value itself, since the linear program is integral.
    Where hours are counted, sum cap a + sum b is replaced by what each volunteer's best week would
    bring: the set of free slots within cap and hours of the greatest sum of a_v + b_vt, which no
    price of an hour bounds better. Caps on different people are left out: the bound is that of
    seats alone.

    problem: a Problem; prices: int64 arrays [V], [V, 14], [G], each 0..2^40; edges: all feasible
    edges if they are at hand (they are computed otherwise; fewer edges void the proof).
    Returns an int, exact. Raises ValueError for prices of wrong shape, dtype or range.
    O(E log B + V + U + G x depth), memory O(E) without more than 4 M edges at once;
    deterministic. Source: A. M. Geoffrion, "Lagrangean Relaxation for Integer Programming", 1974.

    >>> from salam.engine.planning import solve
    >>> from salam.engine.example import example_problem
    >>> from salam.engine.solution import Prices
    >>> zero = [np.zeros(shape, np.int64) for shape in (3, (3, 14), 2)]
    >>> free = Prices(price_volunteer=zero[0], price_slot=zero[1], price_group=zero[2])
    >>> upper_bound(example_problem(), free), upper_bound(example_problem(), solve(
    ...     example_problem()))
    (4867, 3267)
    """
    _check_prices(problem, prices)
    edges = feasible_edges(problem) if edges is None else edges
    remaining = remaining_capacity(problem)
    confirmed = explain_placements(problem, problem.f_volunteer, problem.f_line)
    bound = int(confirmed.p_value.sum())
    if problem.counts_hours:
        bound += _best_weeks(problem, prices, remaining)
    else:
        bound += _exact_dot(remaining.volunteer, prices.price_volunteer)
        bound += _exact_dot(remaining.slot_is_free.ravel(), prices.price_slot.ravel())
    bound += _exact_dot(remaining.group, prices.price_group)
    seat_price = sum_to_root(prices.price_group, problem.g_parent)[problem.l_group]
    slot_price = prices.price_volunteer[:, None] + prices.price_slot
    if problem.counts_hours:
        # A half-day that is longer than what is left of the week is nobody's to have.
        is_too_long = problem.slot_hours > _hours_left(problem)[:, None]
        slot_price = np.where(is_too_long, PRICE_MAX, slot_price)
    slot_price = slot_price.ravel()
    cost = edge_costs(problem, edges)
    pointer = edges.line_ptr
    for start, stop in _line_runs(pointer):
        part = slice(int(pointer[start]), int(pointer[stop]))
        slot = np.repeat(problem.l_slot[start:stop], np.diff(pointer[start : stop + 1]))
        at = edges.volunteer[part].astype(np.int64) * SLOT_COUNT + slot
        line = np.repeat(np.arange(start, stop), np.diff(pointer[start : stop + 1]))
        asked = cost[part] + slot_price[at] + seat_price[line]
        order = np.lexsort((asked, line))
        # The k-th unit of a line goes to its k-th cheapest person: nobody serves a line twice.
        unit = np.arange(len(line)) - (pointer[line] - pointer[start])
        unit += problem.l_unit_ptr[line] + remaining.unit_used[line]
        is_asked = unit < problem.l_unit_ptr[line + 1]
        gain = VALUE_PER_POINT * problem.unit_value[unit[is_asked]].astype(np.int64)
        bound += int(np.maximum(gain - asked[order][is_asked], 0).sum())
    return bound


def _line_runs(pointer: Int64) -> Iterator[tuple[int, int]]:
    """Cut the lines into runs of some CHUNK_EDGES edges, each with at least one edge."""
    start, line_count = 0, len(pointer) - 1
    while pointer[start] < pointer[-1]:
        start = int(np.searchsorted(pointer, pointer[start], side="right")) - 1
        stop = int(np.searchsorted(pointer, pointer[start] + CHUNK_EDGES, side="right")) - 1
        stop = min(max(stop, start + 1), line_count)
        yield start, stop
        start = stop


def _check_prices(problem: Problem, prices: Priced) -> None:
    volunteers = problem.volunteer_count
    for name, array, shape in (
        ("price_volunteer", prices.price_volunteer, (volunteers,)),
        ("price_slot", prices.price_slot, (volunteers, SLOT_COUNT)),
        ("price_group", prices.price_group, (problem.group_count,)),
    ):
        if array.shape != shape or array.dtype != np.int64:
            raise ValueError(f"{name}: {array.dtype} {array.shape} instead of int64 {shape}")
        if array.size and (array.min() < 0 or array.max() > PRICE_MAX):
            raise ValueError(f"{name}: a price outside 0..2^40")


def _exact_dot(count: Int64 | Bool, price: Int64) -> int:
    """Sum of count x price in Python integers, which cannot overflow."""
    at = np.flatnonzero((price != 0) & (count != 0))
    pairs = zip(count[at].tolist(), price[at].tolist(), strict=True)
    return sum(int(many) * one for many, one in pairs)


def _best_weeks(problem: Problem, prices: Priced, remaining: Remaining) -> int:
    """Sum over volunteers of the dearest slots that fit into what is left of their weeks."""
    hours, slot_hours = _hours_left(problem), problem.slot_hours.astype(np.int64)
    asked = prices.price_volunteer[:, None] + prices.price_slot
    is_own = (problem.v_slots[:, None] >> np.arange(SLOT_COUNT, dtype=np.uint16)) & 1
    asked = np.where(remaining.slot_is_free & (is_own != 0), asked, 0)
    rows = np.flatnonzero((asked > 0).any(axis=1) & (hours > 0) & (remaining.volunteer > 0))
    total = 0
    for first in range(0, len(rows), CHUNK_WEEKS):
        part = rows[first : first + CHUNK_WEEKS]
        most = int(hours[part].max())
        # best[n, k, h]: the dearest k slots at most of the first few, in h hours at most.
        best = np.zeros((len(part), SLOT_COUNT + 1, most + 1), np.int64)
        for slot, length in enumerate(slot_hours.tolist()):
            if length <= most:
                with_it = best[:, :-1, : most + 1 - length] + asked[part, slot, None, None]
                best[:, 1:, length:] = np.maximum(best[:, 1:, length:], with_it)
        weeks = best[np.arange(len(part)), remaining.volunteer[part], hours[part]]
        total += sum(weeks.tolist())
    return total


def _hours_left(problem: Problem) -> Int64:
    """Hours of every volunteer that confirmed placements leave, [V] int64 >= 0."""
    used = np.zeros(problem.volunteer_count, np.int64)
    slot_hours = problem.slot_hours.astype(np.int64)
    np.add.at(used, problem.f_volunteer, slot_hours[problem.l_slot[problem.f_line]])
    return np.asarray(np.maximum(problem.v_hours - used, 0), np.int64)


def _sort_key(violation: Violation) -> tuple[int, ...]:
    return (
        violation.rule,
        violation.volunteer,
        violation.line,
        violation.slot,
        violation.group,
    )


def _key(problem: Problem, v: Int64 | Int32, line: Int64 | Int32) -> Int64:
    """Write pairs of known indices as one number each, which sorts by volunteer, then line."""
    key: Int64 = v.astype(np.int64) * problem.line_count + line
    return key


def _pairs(problem: Problem, key: Int64) -> tuple[Int64, Int64]:
    """Volunteer and line of such numbers."""
    v, line = np.divmod(key, max(problem.line_count, 1))
    return v, line


def _is_among(key: Int64, sorted_key: Int64) -> Bool:
    """Whether each number stands in a sorted array. O(N log M)."""
    if not len(sorted_key):
        return np.zeros(len(key), np.bool_)
    at = np.minimum(np.searchsorted(sorted_key, key), len(sorted_key) - 1)
    is_among: Bool = sorted_key[at] == key
    return is_among


def _each(rule: Rule, pairs: tuple[Int64, Int64], excess: Int64 | None = None) -> list[Violation]:
    """One violation of the rule for every pair."""
    v, line = pairs
    excess = np.ones(len(v), np.int64) if excess is None else excess
    rows = zip(v.tolist(), line.tolist(), excess.tolist(), strict=True)
    return [Violation(rule=rule, volunteer=who, line=at, excess=by) for who, at, by in rows]


def _repeats(v: Int64, line: Int64) -> list[Violation]:
    """Pairs that stand in the plan more than once, known or not."""
    order = np.lexsort((line, v))
    v, line = v[order], line[order]
    is_first = np.ones(len(v), np.bool_)
    is_first[1:] = (v[1:] != v[:-1]) | (line[1:] != line[:-1])
    first = np.flatnonzero(is_first)
    times = np.diff(np.append(first, len(v)))
    again = first[times > 1]
    return _each(Rule.DUPLICATE, (v[again], line[again]), times[times > 1] - 1)


def _distance_m(problem: Problem, v: Int64, line: Int64) -> Float64:
    """Haversine again, from the formula, in metres."""
    lat1, lon1 = np.deg2rad(problem.v_lat[v]), np.deg2rad(problem.v_lon[v])
    lat2, lon2 = np.deg2rad(problem.l_lat[line]), np.deg2rad(problem.l_lon[line])
    a = np.sin((lat1 - lat2) / 2) ** 2
    a = a + np.cos(lat1) * np.cos(lat2) * np.sin((lon1 - lon2) / 2) ** 2
    return np.asarray(2 * 6_371_008.8 * np.arcsin(np.minimum(np.sqrt(a), 1)), np.float64)


def _pair_violations(problem: Problem, pairs: tuple[Int64, Int64]) -> list[Violation]:
    """Rules that concern one volunteer and one line; all of them, not only the first."""
    v, line = pairs
    beyond = _distance_m(problem, v, line) - problem.v_radius_m[v]
    is_off = (problem.v_slots[v].astype(np.int64) // 2 ** problem.l_slot[line].astype(int)) % 2 == 0
    is_unskilled = np.bitwise_and(problem.v_skills[v], problem.l_skills[line]) == 0
    lacks = np.bitwise_and(problem.l_attrs[line], np.invert(problem.v_attrs[v])) != 0
    ban = np.flatnonzero(problem.b_points == -1)
    banned = np.sort(_key(problem, problem.b_volunteer[ban], problem.b_line[ban]))
    found = []
    for rule, is_bad in (
        (Rule.SLOT, is_off),
        (Rule.SKILL, is_unskilled),
        (Rule.ATTRIBUTES, lacks),
        (Rule.DISTANCE, beyond > RIM_TOLERANCE_M),
        (Rule.FORBIDDEN, _is_among(_key(problem, v, line), banned)),
    ):
        by = np.ceil(beyond[is_bad]).astype(np.int64) if rule == Rule.DISTANCE else None
        found += _each(rule, (v[is_bad], line[is_bad]), by)
    return found


def _count_violations(problem: Problem, everyone: Int64, new: Int64) -> list[Violation]:
    """Rules that count people, where one of the new pairs is counted in.

    everyone: keys of all pairs, the new ones included; new: keys of those to be blamed.
    """
    v, line = _pairs(problem, everyone)
    new_v, new_line = _pairs(problem, new)
    slot, new_slot = (
        v * SLOT_COUNT + problem.l_slot[line],
        new_v * SLOT_COUNT + problem.l_slot[new_line],
    )
    group, new_group = _groups_above(problem, line), _groups_above(problem, new_line)
    found = [
        Violation(rule=Rule.SLOT_TWICE, volunteer=at // SLOT_COUNT, slot=at % SLOT_COUNT, excess=by)
        for at, by in _overfull(slot, new_slot, np.ones(1, np.int64))
    ]
    found += [
        Violation(rule=Rule.WEEKLY_CAP, volunteer=at, excess=by)
        for at, by in _overfull(v, new_v, problem.v_cap)
    ]
    found += _hour_violations(problem, (v, line), new_v)
    found += _people_violations(problem, (v, line), (new_v, new_line))
    found += [
        Violation(rule=Rule.UNITS, line=at, excess=by)
        for at, by in _overfull(line, new_line, np.diff(problem.l_unit_ptr))
    ]
    found += [
        Violation(rule=Rule.GROUP_CAP, group=at, excess=by)
        for at, by in _overfull(group, new_group, problem.g_cap)
    ]
    return found


def _hour_violations(
    problem: Problem, everyone: tuple[Int64, Int64], new_v: Int64
) -> list[Violation]:
    """Volunteers who give more hours than they have, one of the new pairs among them."""
    if not problem.counts_hours:
        return []
    v, line = everyone
    hours = np.zeros(problem.volunteer_count, np.int64)
    np.add.at(hours, v, problem.slot_hours.astype(np.int64)[problem.l_slot[line]])
    excess = hours - problem.v_hours
    blamed = np.unique(new_v)
    return [
        Violation(rule=Rule.WEEKLY_HOURS, volunteer=at, excess=int(excess[at]))
        for at in blamed[excess[blamed] > 0].tolist()
    ]


def _people_violations(
    problem: Problem, everyone: tuple[Int64, Int64], new: tuple[Int64, Int64]
) -> list[Violation]:
    """Groups to which more different people come than they may, a new one among them.

    A confirmed person who comes once more makes nobody different.
    """
    if not problem.counts_people:
        return []
    people = _people_of_groups(problem, everyone)
    kept = _people_of_groups(problem, (problem.f_volunteer, problem.f_line))
    new_people = np.setdiff1d(_people_of_groups(problem, new), kept)
    size = max(problem.volunteer_count, 1)
    count = np.bincount(people // size, minlength=problem.group_count)
    is_over = (problem.g_people >= 0) & (count > problem.g_people)
    blamed = np.unique(new_people // size)
    return [
        Violation(rule=Rule.GROUP_PEOPLE, group=at, excess=int(count[at] - problem.g_people[at]))
        for at in blamed[is_over[blamed]].tolist()
    ]


def _people_of_groups(problem: Problem, pairs: tuple[Int64 | Int32, Int64 | Int32]) -> Int64:
    """Distinct pairs of group and volunteer as numbers, every group above a line counted."""
    v, group = pairs[0].astype(np.int64), problem.l_group[pairs[1]].astype(np.int64)
    size = max(problem.volunteer_count, 1)
    found = [np.empty(0, np.int64)]
    while len(group):
        found.append(group * size + v)
        above = problem.g_parent[group].astype(np.int64)
        v, group = v[above != -1], above[above != -1]
    return np.unique(np.concatenate(found))


def _overfull(item: Int64, new: Int64, limit: npt.NDArray[np.integer]) -> list[tuple[int, int]]:
    """Places that hold more items than their limit and a new one among them, and by how many.

    item, new: place 0..N-1 of every item and of the new ones; limit: [N], or [1] for all places.
    O(items log items).
    """
    place, count = np.unique(item, return_counts=True)
    excess = count - limit.astype(np.int64)[place if len(limit) > 1 else 0 * place]
    over = (excess > 0) & _is_among(place, np.sort(new))
    return list(zip(place[over].tolist(), excess[over].tolist(), strict=True))


def _groups_above(problem: Problem, line: Int64) -> Int64:
    """Group of each line and every group above it, one entry for each seat in use."""
    levels = [np.empty(0, np.int64)]
    at = problem.l_group[line].astype(np.int64)
    while len(at):
        levels.append(at)
        at = problem.g_parent[at].astype(np.int64)
        at = at[at != -1]
    return np.concatenate(levels)


def _value_range(problem: Problem, key: Int64) -> tuple[int, int]:
    """Smallest and largest value of sorted pairs, distances being known to RIM_TOLERANCE_M."""
    v, line = _pairs(problem, key)
    metres = _distance_m(problem, v, line)
    people = np.bincount(line, minlength=problem.line_count)
    first = problem.l_unit_ptr[:-1]
    counted = np.minimum(people, problem.l_unit_ptr[1:] - first)
    points_before = np.append(0, np.cumsum(problem.unit_value, dtype=np.int64))
    value = 20 * int((points_before[first + counted] - points_before[first]).sum())
    bonus_key = _key(problem, problem.b_volunteer, problem.b_line)
    is_earned = (problem.b_points > 0) & _is_among(bonus_key, key)
    value += 20 * int(problem.b_points[is_earned].sum(dtype=np.int64))
    value += 20 * int(problem.v_points[v].sum(dtype=np.int64))
    far = int(np.rint((metres + RIM_TOLERANCE_M) / 100).sum())
    near = int(np.rint((metres - RIM_TOLERANCE_M) / 100).sum())
    return value - far, value - near
