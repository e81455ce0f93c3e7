"""Plans as they are made without an engine: greedy, and first come, first served.

They choose among the same candidate pairs as the engine and keep the same rules, so only the choice
differs. Instances with confirmed placements are served too: what these take is gone beforehand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from salam.engine import Edges, Problem
from salam.engine.capacity import Remaining, remaining_capacity
from salam.engine.problem import SLOT_COUNT, VALUE_PER_POINT, Int32, Int64
from salam.engine.solution import explain_placements


class Rules(NamedTuple):
    """What the plans are bound by: arrays of the problem, pairs nearest first inside a line."""

    line_ptr: Int64
    volunteer: Int32
    distance: Int32
    line: Int32
    slot: npt.NDArray[np.uint8]
    group: Int32
    parent: Int32
    points_ptr: Int64
    points: Int32


class Left(NamedTuple):
    """What is left while a plan is made; changed in place."""

    half_days: Int64
    slots: Int64
    units: Int64
    seats: Int64


def greedy(problem: Problem, edges: Edges) -> int:
    """Value of: units by falling points, to each the nearest volunteer who is still free."""
    rules = _rules(problem, edges)
    left = _left(problem)
    unit_line = np.repeat(np.arange(problem.line_count), np.diff(problem.l_unit_ptr))
    order = unit_line[np.argsort(-problem.unit_value.astype(np.int64), kind="stable")]
    return _value(problem, rules, _serve_lines(rules, left, order))


def first_come_needs(problem: Problem, edges: Edges) -> int:
    """Value of: lines in the order they came in, to each the nearest volunteers still free."""
    rules = _rules(problem, edges)
    order = np.repeat(np.arange(problem.line_count), np.diff(problem.l_unit_ptr))
    return _value(problem, rules, _serve_lines(rules, _left(problem), order))


def first_come_volunteers(problem: Problem, edges: Edges, *, nearest: bool) -> int:
    """Value of: volunteers in the order they registered, each taking what still asks for people.

    nearest: the nearest line, the one of more points where two are as near; otherwise the line of
    most points, the nearer one where two are worth the same.
    """
    rules = _rules(problem, edges)
    by_volunteer = np.argsort(rules.volunteer, kind="stable")
    pointer = np.zeros(problem.volunteer_count + 1, np.int64)
    np.cumsum(
        np.bincount(rules.volunteer, minlength=problem.volunteer_count),
        out=pointer[1:],
    )
    chosen = _serve_volunteers(rules, _left(problem), (pointer, by_volunteer, nearest))
    return _value(problem, rules, chosen)


def nearest_first(edges: Edges, most: int) -> Edges:
    """Keep the nearest `most` pairs of each line, nearest first, then by volunteer."""
    line = edges.line
    order = np.lexsort((edges.volunteer, edges.distance_100m, line))
    rank = np.arange(len(order)) - edges.line_ptr[line[order]]
    kept = order[rank < most]
    pointer = np.zeros(len(edges.line_ptr), np.int64)
    np.cumsum(np.bincount(line[kept], minlength=len(pointer) - 1), out=pointer[1:])
    return Edges(
        line_ptr=pointer,
        volunteer=edges.volunteer[kept],
        distance_100m=edges.distance_100m[kept],
    )


def _rules(problem: Problem, edges: Edges) -> Rules:
    edges = nearest_first(edges, max(problem.volunteer_count, 1))
    return Rules(
        line_ptr=edges.line_ptr,
        volunteer=edges.volunteer,
        distance=edges.distance_100m,
        line=edges.line,
        slot=problem.l_slot,
        group=problem.l_group,
        parent=problem.g_parent,
        points_ptr=problem.l_unit_ptr,
        points=problem.unit_value,
    )


def _left(problem: Problem) -> Left:
    remaining: Remaining = remaining_capacity(problem)
    free = remaining.slot_is_free @ (1 << np.arange(SLOT_COUNT))
    return Left(
        half_days=remaining.volunteer,
        slots=free.astype(np.int64) & problem.v_slots,
        units=np.diff(problem.l_unit_ptr) - remaining.unit_used,
        seats=remaining.group,
    )


def _value(problem: Problem, rules: Rules, chosen: Int64) -> int:
    """Value of the pairs at the chosen edges, confirmed ones added."""
    plan = explain_placements(
        problem,
        np.concatenate([problem.f_volunteer, rules.volunteer[chosen]]),
        np.concatenate([problem.f_line, rules.line[chosen]]),
    )
    return int(plan.p_value.sum())


@njit(cache=True, nogil=True)
def _gain(rules: Rules, left: Left, line: int) -> int:
    """What the next person of a line brings; 0 if it asks for nobody or has no seat left."""
    if left.units[line] == 0:
        return 0
    group = rules.group[line]
    while group != -1:
        if left.seats[group] == 0:
            return 0
        group = rules.parent[group]
    return int(VALUE_PER_POINT * rules.points[rules.points_ptr[line + 1] - left.units[line]])


@njit(cache=True, nogil=True)
def _is_free(rules: Rules, left: Left, edge: int) -> bool:
    """Whether the volunteer of a pair still has a half-day, and that slot."""
    volunteer = rules.volunteer[edge]
    slot = rules.slot[rules.line[edge]]
    return bool(left.half_days[volunteer] > 0 and (left.slots[volunteer] >> slot) & 1 == 1)


@njit(cache=True, nogil=True)
def _take(rules: Rules, left: Left, edge: int) -> None:
    volunteer, line = rules.volunteer[edge], rules.line[edge]
    left.half_days[volunteer] -= 1
    left.slots[volunteer] &= ~(1 << np.int64(rules.slot[line]))
    left.units[line] -= 1
    group = rules.group[line]
    while group != -1:
        left.seats[group] -= 1
        group = rules.parent[group]


@njit(cache=True, nogil=True)
def _serve_lines(rules: Rules, left: Left, order: Int64) -> Int64:
    """Give each line, as often as it stands in order, the nearest free volunteer; edges chosen."""
    chosen = np.empty(len(order), np.int64)
    count = 0
    for line in order:
        gain = _gain(rules, left, line)
        if gain == 0:
            continue
        for edge in range(rules.line_ptr[line], rules.line_ptr[line + 1]):
            if rules.distance[edge] >= gain:
                break
            if _is_free(rules, left, edge):
                _take(rules, left, edge)
                chosen[count] = edge
                count += 1
                break
    return chosen[:count]


@njit(cache=True, nogil=True)
def _serve_volunteers(rules: Rules, left: Left, pairs: tuple[Int64, Int64, bool]) -> Int64:
    """Let each volunteer in turn take lines until the week is full; edges chosen."""
    pointer, edges, nearest = pairs
    chosen = np.empty(left.half_days.sum(), np.int64)
    count = 0
    for volunteer in range(len(pointer) - 1):
        while left.half_days[volunteer] > 0:
            best, best_first, best_second = -1, 0, 0
            for at in range(pointer[volunteer], pointer[volunteer + 1]):
                edge = edges[at]
                if not _is_free(rules, left, edge):
                    continue
                gain = _gain(rules, left, rules.line[edge])
                near = -int(rules.distance[edge])
                if gain + near <= 0:
                    continue
                first, second = (near, gain) if nearest else (gain, near)
                if best < 0 or first > best_first or (first == best_first and second > best_second):
                    best, best_first, best_second = edge, first, second
            if best < 0:
                break
            _take(rules, left, best)
            chosen[count] = best
            count += 1
    return chosen[:count]
