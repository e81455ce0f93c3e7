"""Groups that count how many different people come to them in the week.

Such a cap is no flow, and hard: who comes once costs as much of it as who comes five times. So
seats stay the model, and their bound is the bound. From the plan of seats on, every counting group
admits a number of people, those whose placements there are worth most or would be, and the whole
is planned again with nobody else in these groups: work goes to people who come anyway, or to
nobody. The number falls in steps, so that people leave one after the other and each time the rest
is rearranged; once it is kept, it is raised and lowered again until little is gained.
"""

from dataclasses import dataclass, fields, replace
from operator import attrgetter

import numpy as np

from salam.engine.assignment import Task, finish, solve_rounds
from salam.engine.candidates import Pairs, nearest_candidates, prepare_search, spread
from salam.engine.capacity import groups_by_depth
from salam.engine.checks import require_valid
from salam.engine.eligibility import chunks, expand, is_feasible
from salam.engine.options import Report
from salam.engine.problem import ANY_PEOPLE, SLOT_COUNT, Bool, Int32, Int64, Problem
from salam.engine.solution import Placements, Solution, Status

SURPLUS = (0.6, 0.3, 0.15, 0.05, 0.0)  # of the people above a group's number, step by step
WIDER = (1.4, 1.2, 1.0)  # of a group's number, to let others in and then the least useful out
ROUNDS_MAX = 6
CHUNK_PAIRS = 1 << 22  # pairs of admitted people and lines that are written out at once


@dataclass(frozen=True, eq=False)
class _Rows:
    """Placements that are or could be: volunteer, line [N], and what each is worth, int64."""

    volunteer: Int32
    line: Int32
    worth: Int64


def share_people(task: Task, plan: Solution, report: Report) -> Solution:
    """Make a plan of seats keep the caps on different people, at little loss.

    task: any plan of it keeps every other rule; plan: the best one by seats alone. Returns a plan
    that keeps them all, with the bound and the prices of the plan of seats. The number of people
    is no part of these: where it binds, the gap says little about how good the plan is.
    O(some twenty x (a solve + lines of counting groups x people admitted)), deterministic.
    """
    problem = task.problem
    kept = _admitted(problem, task.kept_volunteer, task.kept_line)
    limit = np.maximum(problem.g_people, _count(problem, kept))
    surplus = _count(problem, _admitted(problem, plan.p_volunteer, plan.p_line)) - limit
    if not (surplus[problem.g_people != ANY_PEOPLE] > 0).any():
        return plan
    planner = _Planner(task, _listed(task), report)
    found = plan
    for share in SURPLUS:
        number = limit + np.floor(np.maximum(surplus, 0) * share).astype(np.int64)
        found = planner.again(found, stay=kept, number=number)
    best = planner.filled_up(found, limit=limit)
    for _ in range(ROUNDS_MAX):
        found = planner.again(best, stay=_who_comes(problem, best), number=_wider(limit, WIDER[0]))
        for factor in WIDER[1:]:
            found = planner.again(found, stay=kept, number=_wider(limit, factor))
        found = planner.filled_up(found, limit=limit)
        gained = found.value - best.value
        best = found if gained > 0 else best
        if gained <= task.options.people_gain_wanted * best.value:
            break
    shared = _with_bound(plan, best)
    require_valid(problem, shared)
    return shared


@dataclass(frozen=True, eq=False)
class _Planner:
    """Plans anew, with no more than a number of people in every counting group.

    everyone: whom the lines could wish for.
    """

    task: Task
    everyone: _Rows
    report: Report

    def again(self, plan: Solution, *, stay: Int64, number: Int64) -> Solution:
        """The best plan with the people of a plan, or those wished for more, up to a number.

        stay: who is admitted beforehand, as keys; number: [G] of people.
        """
        problem = self.task.problem
        wishes = _wishes(problem, self.everyone, plan)
        rows = _Rows(
            np.append(plan.p_volunteer, wishes.volunteer),
            np.append(plan.p_line, wishes.line),
            np.append(plan.p_value, wishes.worth),
        )
        pairs = _pairs(self.task, _admit(problem, rows, stay, number=number))
        uncounted = replace(problem, g_people=np.empty(0, np.int32))
        part = replace(self.task, problem=uncounted, pairs=pairs, is_part=True)
        return finish(part, *solve_rounds(part, self.report))

    def filled_up(self, plan: Solution, *, limit: Int64) -> Solution:
        """The plan, with others where fewer people come than may."""
        more = self.again(plan, stay=_who_comes(self.task.problem, plan), number=limit)
        return max(plan, more, key=attrgetter("value"))


def _who_comes(problem: Problem, plan: Solution) -> Int64:
    return _admitted(problem, plan.p_volunteer, plan.p_line)


def _wider(limit: Int64, factor: float) -> Int64:
    return np.asarray(np.ceil(limit * factor), np.int64)


def _admitted(problem: Problem, volunteer: Int32, line: Int32) -> Int64:
    """Who comes to which counting group by these pairs: distinct g x V + v, rising."""
    keys = [np.empty(0, np.int64)]
    for group in _above(problem, problem.l_group[line]):
        counts = _counts(problem, group)
        keys.append(_key(problem, group, volunteer)[counts])
    return np.unique(np.concatenate(keys))


def _above(problem: Problem, group: Int32) -> list[Int32]:
    """The group at each depth above groups [N] or at them, -1 where there is none, roots first."""
    found = []
    for level in groups_by_depth(problem.g_parent):
        is_here = np.zeros(problem.group_count, np.bool_)
        is_here[level] = True
        at, result = group, np.full(len(group), -1, np.int32)
        while (at >= 0).any():
            result = np.where((at >= 0) & is_here[at], at, result)
            at = np.where(at >= 0, problem.g_parent[at], -1)
        found.append(result)
    return found


def _counts(problem: Problem, group: Int32) -> Bool:
    """Whether there is a group and it counts people, [N] bool."""
    return np.asarray((group >= 0) & (problem.g_people[group] != ANY_PEOPLE), np.bool_)


def _key(problem: Problem, group: Int32, volunteer: Int32) -> Int64:
    return group.astype(np.int64) * problem.volunteer_count + volunteer


def _count(problem: Problem, admitted: Int64) -> Int64:
    """How many people each group admits, [G] int64."""
    group = admitted // max(problem.volunteer_count, 1)
    return np.bincount(group, minlength=problem.group_count)


def _admit(problem: Problem, rows: _Rows, stay: Int64, *, number: Int64) -> Int64:
    """Fill the number of every counting group: with who stays, then with who is worth most there.

    A person is worth the sum over half-days of the best row in each. Groups above choose first:
    whom they leave out is no good below. Returns keys, rising.
    """
    is_alive = np.ones(len(rows.line), np.bool_)
    admitted = stay
    free = number - _count(problem, stay)
    for group in _above(problem, problem.l_group[rows.line]):
        at = np.flatnonzero(is_alive & _counts(problem, group))
        key = _key(problem, group[at], rows.volunteer[at])
        is_new = ~np.isin(key, stay)
        person, worth = _worth_of_people(problem, rows, (at[is_new], key[is_new]))
        new = _dearest(problem, person, worth, free=free)
        admitted = np.union1d(admitted, new)
        is_alive[at] = np.isin(key, admitted)
    return admitted


def _worth_of_people(
    problem: Problem, rows: _Rows, part: tuple[Int64, Int64]
) -> tuple[Int64, Int64]:
    """Distinct keys of some rows, and the sum over half-days of the best row of each."""
    at, key = part
    by_slot, number = np.unique(
        key * SLOT_COUNT + problem.l_slot[rows.line[at]], return_inverse=True
    )
    best = np.zeros(len(by_slot), np.int64)
    np.maximum.at(best, number, rows.worth[at])
    person, number = np.unique(by_slot // SLOT_COUNT, return_inverse=True)
    worth = np.zeros(len(person), np.int64)
    np.add.at(worth, number, best)
    return person, worth


def _dearest(problem: Problem, key: Int64, worth: Int64, *, free: Int64) -> Int64:
    """The keys of most worth, as many in each group as are free; ties go by a hash."""
    group, volunteer = np.divmod(key, max(problem.volunteer_count, 1))
    order = np.lexsort((spread(volunteer, group), -worth, group))
    group, key = group[order], key[order]
    place = np.arange(len(key)) - np.searchsorted(group, group)
    return key[place < free[group]]


def _listed(task: Task) -> _Rows:
    """The candidate lists of a task as rows, worth what the way takes off."""
    search = prepare_search(
        task.problem, task.remaining, task.is_open, neighbour_count=task.options.neighbour_count
    )
    candidates = nearest_candidates(task.problem, search, task.workers)
    line = np.repeat(np.arange(task.problem.line_count), np.diff(candidates.line_ptr))
    volunteer = search.grid.origin[candidates.volunteer]
    return _Rows(volunteer, line.astype(np.int32), -candidates.cost.astype(np.int64))


def _wishes(problem: Problem, everyone: _Rows, plan: Solution) -> _Rows:
    """What lines would pay for people, less what these are worth where they are; if anything."""
    volunteer, line = everyone.volunteer, everyone.line
    half_day = plan.price_volunteer[volunteer] + plan.price_slot[volunteer, problem.l_slot[line]]
    worth = everyone.worth + plan.line_price[line] - half_day
    gains = worth > 0
    return _Rows(volunteer[gains], line[gains], worth[gains])


def _pairs(task: Task, admitted: Int64) -> Pairs:
    """The pairs of lines of counting groups and the people whom all these groups admit."""
    problem = task.problem
    size = max(problem.volunteer_count, 1)
    line = np.flatnonzero(task.is_open).astype(np.int32)
    above = _above(problem, problem.l_group[line])
    # The innermost counting group admits few; those above it are asked about these few.
    inner = np.full(len(line), -1, np.int32)
    for group in above:
        inner = np.where(_counts(problem, group), group, inner)
    line, inner = line[inner >= 0], inner[inner >= 0]
    first = np.searchsorted(admitted, inner.astype(np.int64) * size)
    count = np.searchsorted(admitted, (inner.astype(np.int64) + 1) * size) - first
    found: list[tuple[Int32, Int32]] = []
    for start, stop in chunks(count, CHUNK_PAIRS):
        own = slice(start, stop)
        at_line = np.repeat(line[own], count[own])
        volunteer = (admitted[expand(first[own], count[own])] % size).astype(np.int32)
        is_good = is_feasible(problem, volunteer, at_line)
        for group in _above(problem, problem.l_group[at_line]):
            is_outer = _counts(problem, group)
            is_good &= ~is_outer | np.isin(_key(problem, group, volunteer), admitted)
        found.append((volunteer[is_good], at_line[is_good]))
    none = np.empty(0, np.int32)
    is_limited = np.zeros(problem.line_count, np.bool_)
    is_limited[line] = True
    return Pairs(
        is_limited=is_limited,
        volunteer=np.concatenate([none, *(part[0] for part in found)]),
        line=np.concatenate([none, *(part[1] for part in found)]),
    )


def _with_bound(plan: Solution, best: Solution) -> Solution:
    """The placements of one plan with what another one proves and knows of the lists."""
    placements = {one.name: getattr(best, one.name) for one in fields(Placements)}
    proved = Status.EMPTY if best.p_is_confirmed.all() else Status.OPTIMAL
    return replace(
        plan,
        **placements,
        status=proved if best.value == plan.upper_bound else Status.FEASIBLE,
        value=best.value,
        filled_count=best.filled_count,
    )
