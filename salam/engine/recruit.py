"""What one more of each thing would be worth: a volunteer, a half-day, a seat, a level of vetting.

Everything here reads the lowered prices of a plan. They are marginal: one more at a time, and ten
in one place are worth less than ten times one. Worths are in units of 100 m like all values, so 20
of them are one point, and the first person of an ordinary need is worth some 100 points.
Source: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993, section 11.10 (what a
capacity is worth is its smallest valid price).
"""

from dataclasses import dataclass

import numpy as np

from salam.engine.assignment import DEFAULT_OPTIONS
from salam.engine.candidates import nearest_candidates, prepare_search
from salam.engine.capacity import count_in_groups, remaining_capacity, sum_to_root
from salam.engine.options import SolveOptions
from salam.engine.problem import (
    SLOT_COUNT,
    VALUE_PER_POINT,
    Bool,
    Float64,
    Int32,
    Int64,
    Problem,
    UInt64,
)
from salam.engine.solution import Solution
from salam.engine.workers import Threads, Workers
from salam.engine.worth import People, worth_by_slot

NOBODY_COSTS = 1 << 60  # of a line that nobody more could serve


@dataclass(frozen=True, eq=False, kw_only=True)
class Recruits:
    """New volunteers to be priced: every skill word at every place.

    lat, lon: [P] float64 degrees; skills: [S] uint64, the skills each kind has; radius_m: how far
    they would go; attrs: the attribute word they all have. They are free all week.
    """

    lat: Float64
    lon: Float64
    skills: UInt64
    radius_m: int
    attrs: int


def typical_radius_m(problem: Problem) -> int:
    """Median of how far volunteers go, in metres; 0 where there is nobody. O(V)."""
    return int(np.median(problem.v_radius_m)) if problem.volunteer_count else 0


def worth_of_recruits(
    problem: Problem, solution: Solution, recruits: Recruits, *, workers: Workers | None = None
) -> tuple[Int64, Int64]:
    """What a new volunteer of each kind at each place would add with one half-day, and with two.

    solution: of the problem. Returns two arrays [P, S] int64 >= 0: the best half-day of the week,
    and the best two together (no less than the first). O(P x S x lists in reach), deterministic.

    >>> from dataclasses import replace
    >>> from salam.engine import solve
    >>> from salam.engine.example import example_problem
    >>> small = replace(example_problem(), g_cap=np.array([3, 3], np.int32))
    >>> recruits = Recruits(lat=small.l_lat[1:2], lon=small.l_lon[1:2], skills=small.l_skills[:1],
    ...     radius_m=2_000, attrs=int(small.l_attrs[0]))
    >>> [one.tolist() for one in worth_of_recruits(small, solve(small), recruits)]
    [[[11]], [[11]]]
    """
    places, kinds = len(recruits.lat), len(recruits.skills)
    worth = worth_by_slot(
        problem,
        solution.line_price,
        People(
            lat=np.repeat(recruits.lat, kinds),
            lon=np.repeat(recruits.lon, kinds),
            radius_m=np.full(places * kinds, recruits.radius_m, np.int32),
            skills=np.tile(recruits.skills, places),
            attrs=np.full(places * kinds, recruits.attrs, np.uint64),
        ),
        workers=workers,
    )
    best_two = np.sort(worth, axis=1)[:, -2:]
    return (
        best_two[:, 1].reshape(places, kinds),
        best_two.sum(axis=1).reshape(places, kinds),
    )


def worth_of_half_days(problem: Problem, solution: Solution) -> Int64:
    """What one more half-day a week of each volunteer would add, [V] int64 >= 0.

    Nothing, where somebody has half-days left that nobody needs. O(V + P), deterministic.
    """
    used = np.bincount(solution.p_volunteer, minlength=problem.volunteer_count)
    worth: Int64 = np.where(used >= problem.v_cap, solution.price_volunteer, 0)
    return worth


def worth_of_seats(
    problem: Problem, solution: Solution, *, options: SolveOptions = DEFAULT_OPTIONS
) -> Int64:
    """What one more seat of each group would add, [G] int64 >= 0.

    ``price_group`` says what losing a seat would cost at most. One more is worth the best line
    that waits for it: its next unit, less the seats of the other groups above it, less the cheapest
    person for it. Nothing, where nobody waits or seats are left.

    options: as of the solve, for the lists and the workers. O(candidates of the waiting lines).
    """
    filled = np.bincount(solution.p_line, minlength=problem.line_count)
    used = count_in_groups(problem.l_group[solution.p_line], problem.g_parent)
    is_full = used == problem.g_cap
    full_above = sum_to_root(is_full.astype(np.int64), problem.g_parent)[problem.l_group]
    waits = (filled < np.diff(problem.l_unit_ptr)) & (full_above > 0)
    cheapest = _cheapest_person(problem, solution, waits, options=options)
    line = np.flatnonzero(waits & (cheapest < NOBODY_COSTS))
    next_unit = problem.unit_value[problem.l_unit_ptr[line] + filled[line]].astype(np.int64)
    seats = sum_to_root(solution.price_group, problem.g_parent)[problem.l_group[line]]
    gain = VALUE_PER_POINT * next_unit - cheapest[line] - seats
    worth = np.zeros(problem.group_count, np.int64)
    group = problem.l_group[line]
    while group.size:
        is_last = is_full[group]
        np.maximum.at(worth, group[is_last], (gain + solution.price_group[group])[is_last])
        above = problem.g_parent[group]
        group, gain = above[above >= 0], gain[above >= 0]
    return worth


def _cheapest_person(
    problem: Problem, solution: Solution, is_open: Bool, *, options: SolveOptions
) -> Int64:
    """Travel and price of the cheapest person that each line of a mask does not have, [L] int64."""
    cheapest = np.full(problem.line_count, NOBODY_COSTS, np.int64)
    if not is_open.any():
        return cheapest
    remaining = remaining_capacity(problem)
    search = prepare_search(problem, remaining, is_open, neighbour_count=options.neighbour_count)
    found = nearest_candidates(problem, search, options.workers or Threads(options.threads))
    line = np.repeat(np.arange(problem.line_count), np.diff(found.line_ptr))
    volunteer = search.grid.origin[found.volunteer]
    cost = found.cost + solution.price_volunteer[volunteer]
    cost += solution.price_slot[volunteer, problem.l_slot[line]]
    pair = line * problem.volunteer_count + volunteer
    has = solution.p_line.astype(np.int64) * problem.volunteer_count + solution.p_volunteer
    is_other = ~np.isin(pair, has)
    np.minimum.at(cheapest, line[is_other], cost[is_other])
    return cheapest


def worth_of_attributes(
    problem: Problem, solution: Solution, attrs: UInt64, *, workers: Workers | None = None
) -> Int64:
    """What each volunteer would add with more attributes, a level of vetting say, [V] int64 >= 0.

    For each half-day what the best line that this opens would pay, less what the half-day is worth
    now; of those the best as many as the volunteer gives. Whatever holds a confirmed placement
    stays. Bans and bonuses of single pairs are not looked at.

    attrs: [V] uint64, the words as they would be. O(volunteers with a new word x lists in reach).
    """
    worth = np.zeros(problem.volunteer_count, np.int64)
    volunteer = np.flatnonzero((attrs & ~problem.v_attrs) != 0)
    if not volunteer.size:
        return worth
    added = np.bitwise_or.reduce(attrs[volunteer] & ~problem.v_attrs[volunteer])
    opened = np.where((problem.l_attrs & added) != 0, solution.line_price, 0)
    by_slot = worth_by_slot(
        problem,
        opened,
        People(
            lat=problem.v_lat[volunteer],
            lon=problem.v_lon[volunteer],
            radius_m=problem.v_radius_m[volunteer],
            skills=problem.v_skills[volunteer],
            attrs=attrs[volunteer],
        ),
        workers=workers,
    )
    own_points = VALUE_PER_POINT * problem.v_points[volunteer].astype(np.int64)
    by_slot = np.where(by_slot > 0, by_slot + own_points[:, None], 0)
    remaining = remaining_capacity(problem)
    is_own = (problem.v_slots[volunteer, None] >> np.arange(SLOT_COUNT, dtype=np.uint16)) & 1 == 1
    is_own &= remaining.slot_is_free[volunteer]
    now = solution.price_volunteer[volunteer, None] + solution.price_slot[volunteer]
    may_gain = np.zeros(problem.volunteer_count, np.bool_)
    may_gain[volunteer[(is_own & (by_slot > now)).any(axis=1)]] = True
    now = np.maximum(now, _loss_by_slot(problem, solution, may_gain)[volunteer])
    gain = np.where(is_own, np.maximum(by_slot - now, 0), 0)
    best_first = -np.sort(-gain, axis=1)
    counts = np.arange(SLOT_COUNT) < remaining.volunteer[volunteer, None]
    worth[volunteer] = np.where(counts, best_first, 0).sum(axis=1)
    return worth


def _loss_by_slot(problem: Problem, solution: Solution, is_asked: Bool) -> Int64:
    """What the lines would lose that have the volunteers of a mask, [V, 14] int64 >= 0.

    A line that loses somebody does without its last unit, or takes the cheapest other person. A
    week that is full is given up where that costs least.
    """
    loss = np.zeros((problem.volunteer_count, SLOT_COUNT), np.int64)
    at = np.flatnonzero(is_asked[solution.p_volunteer])
    line, volunteer = solution.p_line[at], solution.p_volunteer[at]
    is_held = np.zeros(problem.line_count, np.bool_)
    is_held[line] = True
    cheapest = _cheapest_person(problem, solution, is_held, options=DEFAULT_OPTIONS)[line]
    filled = np.bincount(solution.p_line, minlength=problem.line_count)[line]
    units = np.diff(problem.l_unit_ptr)[line]
    last = np.zeros(len(line), np.int64)
    is_unit = (filled <= units) & (filled > 0)
    unit = problem.l_unit_ptr[line][is_unit] + filled[is_unit] - 1
    last[is_unit] = VALUE_PER_POINT * problem.unit_value[unit].astype(np.int64)
    last -= sum_to_root(solution.price_group, problem.g_parent)[problem.l_group[line]]
    own = VALUE_PER_POINT * solution.p_bonus[at].astype(np.int64) - solution.p_distance_100m[at]
    lost = np.maximum(np.minimum(last, cheapest) + own, 0)
    loss[volunteer, problem.l_slot[line]] = lost
    used = np.bincount(solution.p_volunteer, minlength=problem.volunteer_count)
    least = np.full(problem.volunteer_count, NOBODY_COSTS, np.int64)
    np.minimum.at(least, volunteer, lost)
    is_full = is_asked & (used > 0) & (used >= problem.v_cap)
    is_taken = np.zeros(loss.shape, np.bool_)
    is_taken[volunteer, problem.l_slot[line]] = True
    instead: Int64 = np.where(is_full[:, None] & ~is_taken, least[:, None], loss)
    return instead


def best_by_place(worth: Int64, place: Int32 | Int64, place_count: int) -> Int64:
    """The greatest worth at each place, [P] int64, 0 where there is none. O(N)."""
    best = np.zeros(place_count, np.int64)
    np.maximum.at(best, place, worth)
    return best


def worth_of_languages(problem: Problem, solution: Solution, word: int) -> int:
    """The most that somebody would add who has these attributes and whatever else a line asks.

    The dearest line that asks for one of them, served on the spot; nothing, where none asks. O(L).
    """
    asks = (problem.l_attrs & np.uint64(word)) != 0
    return int(solution.line_price[asks & (problem.l_skills != 0)].max(initial=0))
