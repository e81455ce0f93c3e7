"""Why this person or why not, in integers, and which change would turn the answer round.

The parts of the answer are the prices of the plan; no change is told that was not made to the
problem, solved again and found to be needed: without the pair no plan is worth as much.
Source: B. Wachter, B. Mittelstadt, C. Russell, "Counterfactual Explanations without Opening the
Black Box", 2018 (the nearest world in which the answer is another).
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any

import numpy as np

from salam.engine.capacity import count_in_groups
from salam.engine.distance import pair_distance_m, to_100m
from salam.engine.eligibility import is_feasible, pair_points, placement_points
from salam.engine.locality import Plan, locality_of, same_institution
from salam.engine.options import SolveOptions
from salam.engine.planning import solve
from salam.engine.problem import (
    FORBIDDEN_POINTS,
    SLOT_COUNT,
    VALUE_PER_POINT,
    Bool,
    Int32,
    Int64,
    Problem,
)
from salam.engine.rules import Rule
from salam.engine.solution import Solution

EVERY_ATTRIBUTE = 2**64 - 1
TOGETHER_MAX = 2  # more changes at a time are no advice


class Kind(IntEnum):
    """What could be otherwise. Codes may be stored."""

    RADIUS = 1  # amount: metres more
    HALF_DAY_FREE = 2  # amount: the slot
    SKILL = 3  # amount: bit of a skill the line asks for
    ATTRIBUTES = 4  # amount: the missing bits
    WEEKLY_HALF_DAY = 5  # amount: half-days more
    SEAT = 6  # amount: seats more, in every full group above the line


class Hindrance(IntEnum):
    """What the plan had against a pair. Codes may be stored."""

    NONE = 0  # it is in the plan
    RULE = 1  # a rule forbids it
    TRAVEL = 2  # not worth the travel
    LINE_FULL = 3  # all units have people who are worth more there
    SEATS = 4  # a group above the line is full
    HALF_DAY = 5  # this half-day is worth more elsewhere
    WEEK = 6  # all half-days of the volunteer are worth more elsewhere
    EQUAL = 7  # another plan is worth as much or more


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is otherwise, see Kind for the amount."""

    kind: Kind
    amount: int


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Changes that together put the pair into every best plan; by how much (> 0, 100 m units)."""

    changes: tuple[Change, ...]
    margin: int


@dataclass(frozen=True, kw_only=True)
class PairExplanation:
    """The answer for one volunteer and one line (or the alike rows of it).

    Worths in units of 100 m: gain, of the line's next unit with the bonus (0 when it is full), or
    of the pair's own when it is in the plan; travel; seats, the price of those above the line;
    half_day, what the half-day is worth elsewhere; offered, what the line would still pay for
    somebody, bonus included and travel not. rules: all that fail, in their order. loss: what the
    plan would lose without the pair, and replacement: who would come then (-1: nobody), both for
    pairs in the plan only.
    """

    hindrance: Hindrance
    rules: tuple[Rule, ...] = ()
    gain: int = 0
    travel: int = 0
    seats: int = 0
    half_day: int = 0
    offered: int = 0
    loss: int = 0
    replacement: int = -1
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, eq=False)
class _World:
    """The part of the problem that is solved; who is asked about, where, and where as well.

    sees_institution: whether all lines that could use one more seat are in it.
    """

    problem: Problem
    volunteer: int
    line: int
    rows: Int64
    sees_institution: bool
    options: SolveOptions

    def is_planned(self, solution: Solution) -> bool:
        at_rows = np.isin(solution.p_line, self.rows)
        return bool((at_rows & (solution.p_volunteer == self.volunteer)).any())


def explain_pair(
    problem: Problem,
    plan: Plan,
    pair: tuple[int, int],
    *,
    alike: Int64 | None = None,
    attributes_to_gain: int = EVERY_ATTRIBUTE,
    options: SolveOptions | None = None,
) -> PairExplanation:
    """Say why a pair is or is not in the best plan, and what would change that.

    plan: the pairs of a plan of the problem; what lies far from the pair is held as it stands
    there. pair: volunteer and line. alike: other rows of the same flexible line; the volunteer at
    any of them is as good. attributes_to_gain: bits that can be had by doing something.
    Returns a PairExplanation. Solves the locality once, and twice for each change looked at
    (six at most).
    """
    rows = np.unique(np.append(pair[1], np.zeros(0, np.int64) if alike is None else alike))
    part = locality_of(problem, plan, (pair[0], rows))
    world = _World(
        problem=part.problem,
        volunteer=int(np.searchsorted(part.volunteer, pair[0])),
        line=int(np.searchsorted(part.line, pair[1])),
        rows=np.searchsorted(part.line, rows),
        sees_institution=bool(
            np.isin(np.flatnonzero(same_institution(problem, pair[1])), part.line).all()
        ),
        options=options or SolveOptions(threads=1),
    )
    solution = solve(world.problem, options=world.options)
    explanation = _parts(world, solution)
    if explanation.hindrance is Hindrance.NONE:
        told = _replacement(world, solution, explanation)
        if told.replacement >= 0:
            told = replace(told, replacement=int(part.volunteer[told.replacement]))
        return told
    tried = _worth_trying(world, solution, attributes_to_gain)
    remedies = (_remedy(world, changes) for changes in tried)
    return replace(explanation, remedies=_smallest(remedies))


def _parts(world: _World, solution: Solution) -> PairExplanation:
    problem, volunteer, line = world.problem, world.volunteer, world.line
    pair = np.array([volunteer]), np.array([line])
    bonus = VALUE_PER_POINT * int(placement_points(problem, *pair)[0])
    units = problem.unit_value[problem.l_unit_ptr[line] : problem.l_unit_ptr[line + 1]]
    filled = int((solution.p_line == line).sum())
    own = (solution.p_volunteer == volunteer) & (solution.p_line == line)
    unit = int(solution.p_unit[own][0]) - 1 if own.any() else filled
    seats = int(solution.price_group[_groups_above(problem, line)].sum())
    slot = int(problem.l_slot[line])
    price = solution.price_volunteer[volunteer] + solution.price_slot[volunteer, slot]
    explanation = PairExplanation(
        hindrance=Hindrance.NONE,
        rules=failing_rules(problem, volunteer, line),
        gain=VALUE_PER_POINT * int(units[unit]) + bonus if unit < len(units) else 0,
        travel=int(to_100m(pair_distance_m(problem, *pair))[0]),
        seats=seats,
        half_day=int(price),
        offered=int(solution.line_price[line]) + bonus,
    )
    return replace(explanation, hindrance=_hindrance(world, solution, explanation))


def _hindrance(world: _World, solution: Solution, parts: PairExplanation) -> Hindrance:
    problem, volunteer, line = world.problem, world.volunteer, world.line
    mine = solution.p_line[solution.p_volunteer == volunteer]
    filled = int((solution.p_line == line).sum())
    used = count_in_groups(problem.l_group[solution.p_line], problem.g_parent)
    above = _groups_above(problem, line)
    reasons = (
        (Hindrance.NONE, world.is_planned(solution)),
        (Hindrance.RULE, bool(parts.rules)),
        (Hindrance.LINE_FULL, filled >= problem.l_unit_ptr[line + 1] - problem.l_unit_ptr[line]),
        (Hindrance.TRAVEL, parts.gain <= parts.travel),
        (Hindrance.SEATS, bool((used[above] >= problem.g_cap[above]).any())),
        (Hindrance.SEATS, _takes_nobody_new(problem, solution, (volunteer, line))),
        (Hindrance.HALF_DAY, bool((problem.l_slot[mine] == problem.l_slot[line]).any())),
        (Hindrance.WEEK, len(mine) >= problem.v_cap[volunteer]),
        (Hindrance.WEEK, _lacks_hours(problem, mine, (volunteer, line))),
    )
    return next((hindrance for hindrance, holds in reasons if holds), Hindrance.EQUAL)


def _takes_nobody_new(problem: Problem, solution: Solution, pair: tuple[int, int]) -> bool:
    """Whether a group above the line counts people, has its number, and not this one."""
    for group in _groups_above(problem, pair[1]) if problem.counts_people else ():
        comes = [group in _groups_above(problem, line) for line in solution.p_line.tolist()]
        people = set(solution.p_volunteer[comes].tolist())
        if 0 <= problem.g_people[group] <= len(people) and pair[0] not in people:
            return True
    return False


def _lacks_hours(problem: Problem, mine: Int32, pair: tuple[int, int]) -> bool:
    """Whether the line's half-day is longer than what the plan leaves of the volunteer's week."""
    if not problem.counts_hours:
        return False
    hours = problem.slot_hours.astype(np.int64)
    given = int(hours[problem.l_slot[mine]].sum())
    return bool(given + hours[problem.l_slot[pair[1]]] > problem.v_hours[pair[0]])


def failing_rules(problem: Problem, volunteer: int, line: int) -> tuple[Rule, ...]:
    """Every rule that keeps a volunteer from a line, in the order of their codes."""
    pair = np.array([volunteer]), np.array([line])
    wanted = problem.l_attrs[line]
    fails = {
        Rule.SLOT: not int(problem.v_slots[volunteer]) >> int(problem.l_slot[line]) & 1,
        Rule.SKILL: not problem.v_skills[volunteer] & problem.l_skills[line],
        Rule.ATTRIBUTES: problem.v_attrs[volunteer] & wanted != wanted,
        Rule.DISTANCE: pair_distance_m(problem, *pair)[0] > problem.v_radius_m[volunteer],
        Rule.FORBIDDEN: pair_points(problem, *pair)[0] == FORBIDDEN_POINTS,
    }
    return tuple(rule for rule, is_failing in fails.items() if is_failing)


def _groups_above(problem: Problem, line: int) -> Int64:
    above, at = [], int(problem.l_group[line])
    while at >= 0:
        above.append(at)
        at = int(problem.g_parent[at])
    return np.array(above, np.int64)


def _worth_trying(
    world: _World, solution: Solution, attributes_to_gain: int
) -> Iterator[tuple[Change, ...]]:
    """Sets of at most two changes that make the pair possible, those of the volunteer first."""
    problem, volunteer, line = world.problem, world.volunteer, world.line
    for needed in _to_be_allowed(world, attributes_to_gain):
        yield needed
        if len(needed) >= TOGETHER_MAX:
            continue
        mine = int((solution.p_volunteer == volunteer).sum())
        if problem.v_cap[volunteer] < SLOT_COUNT and mine >= problem.v_cap[volunteer]:
            yield (*needed, Change(kind=Kind.WEEKLY_HALF_DAY, amount=1))
        used = count_in_groups(problem.l_group[solution.p_line], problem.g_parent)
        above = _groups_above(problem, line)
        if world.sees_institution and (used[above] >= problem.g_cap[above]).any():
            yield (*needed, Change(kind=Kind.SEAT, amount=1))


def _to_be_allowed(world: _World, attributes_to_gain: int) -> Iterator[tuple[Change, ...]]:
    """The changes without which the pair breaks a rule, once for each skill that would do."""
    problem, volunteer, line = world.problem, world.volunteer, world.line
    rules = failing_rules(problem, volunteer, line)
    missing = int(problem.l_attrs[line] & ~problem.v_attrs[volunteer])
    skills = int(problem.l_skills[line])
    cannot = Rule.FORBIDDEN in rules or (Rule.SKILL in rules and not skills)
    if cannot or len(rules) > TOGETHER_MAX or missing & ~attributes_to_gain:
        return
    needed = []
    if Rule.SLOT in rules:
        needed.append(Change(kind=Kind.HALF_DAY_FREE, amount=int(problem.l_slot[line])))
    if Rule.ATTRIBUTES in rules:
        needed.append(Change(kind=Kind.ATTRIBUTES, amount=missing))
    if Rule.DISTANCE in rules:
        metres = pair_distance_m(problem, np.array([volunteer]), np.array([line]))[0]
        beyond = int(np.ceil(metres - int(problem.v_radius_m[volunteer])))
        needed.append(Change(kind=Kind.RADIUS, amount=beyond))
    if Rule.SKILL in rules:
        lowest = (skills & -skills).bit_length() - 1
        needed.append(Change(kind=Kind.SKILL, amount=lowest))
    yield tuple(needed)


def apply_changes(problem: Problem, pair: tuple[int, int], changes: tuple[Change, ...]) -> Problem:
    """The problem as it would be; pair: the volunteer and the line the changes are about."""
    volunteer, line = pair
    arrays: dict[str, Any] = {
        one.name: getattr(problem, one.name).copy() for one in fields(Problem)
    }
    for change in changes:
        if change.kind is Kind.RADIUS:
            arrays["v_radius_m"][volunteer] += change.amount
        elif change.kind is Kind.HALF_DAY_FREE:
            arrays["v_slots"][volunteer] |= np.uint16(1 << change.amount)
        elif change.kind is Kind.SKILL:
            arrays["v_skills"][volunteer] |= np.uint64(1 << change.amount)
        elif change.kind is Kind.ATTRIBUTES:
            arrays["v_attrs"][volunteer] |= np.uint64(change.amount)
        elif change.kind is Kind.WEEKLY_HALF_DAY:
            arrays["v_cap"][volunteer] += change.amount
        else:
            arrays["g_cap"][_groups_above(problem, line)] += change.amount
    return Problem(**arrays)


def _remedy(world: _World, changes: tuple[Change, ...]) -> Remedy | None:
    """The changes as a remedy, or None: made, solved, and held against the bound without the pair.

    A bound is what no plan can exceed, so that a tie is never called an answer.
    """
    if not changes:
        return None
    changed = apply_changes(world.problem, (world.volunteer, world.line), changes)
    if not is_feasible(changed, np.array([world.volunteer]), np.array([world.line]))[0]:
        return None
    plan = solve(changed, options=world.options)
    if not world.is_planned(plan):
        return None
    without = solve(_without_the_pair(world, changed), options=world.options)
    margin = plan.value - without.upper_bound
    return Remedy(changes=changes, margin=margin) if margin > 0 else None


def _without_the_pair(world: _World, problem: Problem) -> Problem:
    """The same problem, where the volunteer may be at none of the rows."""
    arrays: dict[str, Any] = {one.name: getattr(problem, one.name) for one in fields(Problem)}
    is_other = ~_is_pair(world, problem.b_volunteer, problem.b_line)
    rows = world.rows.astype(np.int32)
    arrays["b_volunteer"] = np.append(
        problem.b_volunteer[is_other], np.full(len(rows), world.volunteer, np.int32)
    )
    arrays["b_line"] = np.append(problem.b_line[is_other], rows)
    arrays["b_points"] = np.append(
        problem.b_points[is_other], np.full(len(rows), FORBIDDEN_POINTS, np.int32)
    )
    stays = ~_is_pair(world, problem.f_volunteer, problem.f_line)
    arrays["f_volunteer"], arrays["f_line"] = problem.f_volunteer[stays], problem.f_line[stays]
    return Problem(**arrays)


def _is_pair(world: _World, volunteer: Int32, line: Int32) -> Bool:
    return np.asarray((volunteer == world.volunteer) & np.isin(line, world.rows), np.bool_)


def _smallest(remedies: Iterator[Remedy | None]) -> tuple[Remedy, ...]:
    """Those that hold no smaller one, in the order in which they were tried."""
    kept: list[Remedy] = []
    for remedy in remedies:
        if remedy is None:
            continue
        changes = set(remedy.changes)
        if not any(set(one.changes) <= changes for one in kept):
            kept.append(remedy)
    return tuple(kept)


def _replacement(
    world: _World, solution: Solution, explanation: PairExplanation
) -> PairExplanation:
    """What the plan loses without the pair, and who stands at its lines then and did not before."""
    without = solve(_without_the_pair(world, world.problem), options=world.options)
    before = solution.p_volunteer[np.isin(solution.p_line, world.rows)]
    after = without.p_volunteer[np.isin(without.p_line, world.rows)]
    new = np.setdiff1d(after, before)
    return replace(
        explanation,
        loss=solution.value - without.value,
        replacement=int(new[0]) if len(new) else -1,
    )
