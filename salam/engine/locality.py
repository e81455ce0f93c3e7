"""A pair's own part of a problem, small enough to be solved again while somebody waits."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from salam.engine.candidates import nearest_candidates, prepare_search
from salam.engine.capacity import count_in_groups, remaining_capacity
from salam.engine.distance import pair_distance_m
from salam.engine.problem import ANY_PEOPLE, Bool, Int32, Int64, Problem
from salam.engine.workers import Threads

WHOLE_LINES = 400  # a problem with no more lines and
WHOLE_VOLUNTEERS = 4_000  # no more people is its own locality
NEAR_LINES = 120
CANDIDATES = 24


@dataclass(frozen=True, eq=False)
class Plan:
    """Pairs of a plan, confirmed ones included: volunteer, line [P] int32."""

    volunteer: Int32
    line: Int32


@dataclass(frozen=True, eq=False)
class Locality:
    """A smaller problem, with the rows of the greater one that its own stand for.

    volunteer: [V'] int64; line: [L'] int64, both ascending.
    """

    problem: Problem
    volunteer: Int64
    line: Int64


def locality_of(problem: Problem, plan: Plan, pair: tuple[int, Int64]) -> Locality:
    """Cut out what competes for a volunteer and for the lines ``rows``; the rest is frozen.

    pair: the volunteer and the rows, [N] int64.

    In it: the lines that the volunteer could serve with the half-days, skills, attributes and the
    reach that ``rows`` ask for, nearest first; the people planned there and the nearest
    candidates; the lines of the same institution, where they are few; and the lines where these
    people are planned now. What the plan holds elsewhere is
    taken out of their weeks and of the seats. A small problem is left whole.
    O((V + L) log (V + L)), deterministic.
    """
    volunteer = pair[0]
    if problem.line_count <= WHOLE_LINES and problem.volunteer_count <= WHOLE_VOLUNTEERS:
        everyone = np.arange(problem.volunteer_count)
        return Locality(problem, everyone, np.arange(problem.line_count))
    is_line = _lines_of_interest(problem, plan, pair)
    is_person = np.zeros(problem.volunteer_count, np.bool_)
    is_person[volunteer] = True
    is_person[_nearest_people(problem, is_line)] = True
    is_person[plan.volunteer[is_line[plan.line]]] = True
    is_line[plan.line[is_person[plan.volunteer]]] = True
    is_person[plan.volunteer[is_line[plan.line]]] = True
    return _cut(problem, plan, (is_person, is_line))


def _lines_of_interest(problem: Problem, plan: Plan, pair: tuple[int, Int64]) -> Bool:
    volunteer, rows = pair
    one = np.uint16(1)
    slots = problem.v_slots[volunteer]
    slots |= np.bitwise_or.reduce(one << problem.l_slot[rows].astype(np.uint16))
    skills = problem.v_skills[volunteer] | np.bitwise_or.reduce(problem.l_skills[rows])
    attrs = problem.v_attrs[volunteer] | np.bitwise_or.reduce(problem.l_attrs[rows])
    everything = np.arange(problem.line_count)
    metres = pair_distance_m(problem, np.full(problem.line_count, volunteer), everything)
    reach = max(float(problem.v_radius_m[volunteer]), float(metres[rows].max()))
    could_serve = (slots >> problem.l_slot.astype(np.uint16) & one).astype(np.bool_)
    could_serve &= (problem.l_skills & skills) != 0
    could_serve &= (problem.l_attrs & attrs) == problem.l_attrs
    near = np.flatnonzero(could_serve & (metres <= reach))
    near = near[np.argsort(metres[near], kind="stable")][:NEAR_LINES]
    is_line = np.zeros(problem.line_count, np.bool_)
    is_line[near] = True
    is_line[rows] = True
    is_line[plan.line[plan.volunteer == volunteer]] = True
    beside = same_institution(problem, int(rows[0]))
    if beside.sum() <= NEAR_LINES:
        is_line |= beside
    return is_line


def same_institution(problem: Problem, line: int) -> Bool:
    """Lines that share the topmost group of a line, [L] bool. O((L + G) x depth)."""
    root = np.arange(problem.group_count)
    while (problem.g_parent[root] >= 0).any():
        root = np.where(problem.g_parent[root] >= 0, problem.g_parent[root], root)
    root_of_line = root[problem.l_group]
    return np.asarray(root_of_line == root_of_line[line], np.bool_)


def _nearest_people(problem: Problem, is_line: Bool) -> Int64:
    remaining = remaining_capacity(problem)
    is_open = is_line & (remaining.unit_used < np.diff(problem.l_unit_ptr))
    search = prepare_search(problem, remaining, is_open, neighbour_count=CANDIDATES)
    listed = nearest_candidates(problem, search, Threads(1)).volunteer
    return np.asarray(search.grid.origin[np.unique(listed)], np.int64)


def _cut(problem: Problem, plan: Plan, kept: tuple[Bool, Bool]) -> Locality:
    is_person, is_line = kept
    volunteer, line = np.flatnonzero(is_person), np.flatnonzero(is_line)
    is_frozen = ~is_line[plan.line]
    who, where = plan.volunteer[is_frozen], plan.line[is_frozen]
    taken = np.zeros(problem.volunteer_count, np.uint16)
    bit = np.left_shift(np.uint16(1), problem.l_slot[where].astype(np.uint16))
    np.bitwise_or.at(taken, who, bit)
    held = np.bincount(who, minlength=problem.volunteer_count)
    seats = problem.g_cap - count_in_groups(problem.l_group[where], problem.g_parent)
    units = np.diff(problem.l_unit_ptr)
    counted = _left_counted(problem, volunteer, (who, where))
    new_volunteer = np.cumsum(is_person) - 1
    new_line = np.cumsum(is_line) - 1
    is_kept = is_line[problem.f_line] & is_person[problem.f_volunteer]
    is_pair = is_line[problem.b_line] & is_person[problem.b_volunteer]
    arrays = {
        name: getattr(problem, name)[volunteer]
        for name in ("v_lat", "v_lon", "v_radius_m", "v_skills", "v_attrs", "v_points")
    } | {
        name: getattr(problem, name)[line]
        for name in ("l_need", "l_lat", "l_lon", "l_slot", "l_skills", "l_attrs", "l_group")
    }
    smaller = Problem(
        **arrays,
        v_cap=np.maximum(problem.v_cap[volunteer] - held[volunteer], 0).astype(np.uint8),
        v_slots=problem.v_slots[volunteer] & ~taken[volunteer],
        l_unit_ptr=np.append(0, np.cumsum(units[line])).astype(np.int64),
        unit_value=problem.unit_value[np.repeat(is_line, units)],
        g_cap=np.maximum(seats, 0).astype(np.int32),
        g_parent=problem.g_parent,
        f_volunteer=new_volunteer[problem.f_volunteer[is_kept]].astype(np.int32),
        f_line=new_line[problem.f_line[is_kept]].astype(np.int32),
        b_volunteer=new_volunteer[problem.b_volunteer[is_pair]].astype(np.int32),
        b_line=new_line[problem.b_line[is_pair]].astype(np.int32),
        b_points=problem.b_points[is_pair],
        **counted,
    )
    return Locality(smaller, volunteer, line)


def _left_counted(
    problem: Problem, volunteer: Int64, frozen: tuple[Int32, Int32]
) -> dict[str, Any]:
    """Hours and numbers of people that frozen pairs leave over, where the problem counts them.

    Who is frozen in a group counts there once more if the locality places them in it again: it
    may be told that the group has nobody left to take, never the other way round.
    """
    who, line = frozen
    left: dict[str, Any] = {}
    if problem.counts_hours:
        given = np.zeros(problem.volunteer_count, np.int64)
        np.add.at(given, who, problem.slot_hours.astype(np.int64)[problem.l_slot[line]])
        hours = np.maximum(problem.v_hours - given, 0)[volunteer]
        left |= {"v_hours": hours.astype(np.uint8), "slot_hours": problem.slot_hours}
    if problem.counts_people:
        people = np.zeros(problem.group_count, np.int64)
        group = problem.l_group[line]
        while len(group):
            pair = np.unique(np.stack([group, who]), axis=1)
            people += np.bincount(pair[0], minlength=problem.group_count)
            above = problem.g_parent[group]
            group, who = above[above >= 0], who[above >= 0]
        number = np.maximum(problem.g_people - people, 0)
        number = np.where(problem.g_people == ANY_PEOPLE, ANY_PEOPLE, number)
        left["g_people"] = number.astype(np.int32)
    return left
