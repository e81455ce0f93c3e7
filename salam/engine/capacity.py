"""What confirmed and other kept placements leave over, and sums along the tree of groups."""

from dataclasses import dataclass

import numpy as np

from salam.engine.problem import SLOT_COUNT, Bool, Int32, Int64, Problem

PRICE_MAX = 2**40  # far above any real price (20 x 2 000 000); sums of a few stay in 64 bits


@dataclass(frozen=True, eq=False, kw_only=True)
class Remaining:
    """Capacities that are left for new placements.

    volunteer: [V] int64 half-days; slot_is_free: [V, 14] bool, no kept placement there;
    unit_used: [L] int64 first units taken by kept people, at most the units of the line;
    group: [G] int64 seats of the group, its own lines and those below it counted.
    """

    volunteer: Int64
    slot_is_free: Bool
    unit_used: Int64
    group: Int64


def remaining_capacity(
    problem: Problem, kept_volunteer: Int32 | None = None, kept_line: Int32 | None = None
) -> Remaining:
    """Subtract the placements that are kept from every capacity; what they overfill is left at 0.

    kept_volunteer, kept_line: [F] distinct pairs, the confirmed ones where they are left out.
    O(V + L + G + F x depth), deterministic.

    >>> from salam.engine.example import example_problem
    >>> remaining_capacity(example_problem()).group.tolist()
    [1, 2]
    """
    volunteer = problem.f_volunteer if kept_volunteer is None else kept_volunteer
    line = problem.f_line if kept_line is None else kept_line
    by_volunteer = np.bincount(volunteer, minlength=problem.volunteer_count)
    slot_is_free = np.ones((problem.volunteer_count, SLOT_COUNT), np.bool_)
    slot_is_free[volunteer, problem.l_slot[line]] = False
    by_line = np.bincount(line, minlength=problem.line_count)
    by_group = count_in_groups(problem.l_group[line], problem.g_parent)
    return Remaining(
        volunteer=np.maximum(problem.v_cap.astype(np.int64) - by_volunteer, 0),
        slot_is_free=slot_is_free,
        unit_used=np.minimum(by_line, np.diff(problem.l_unit_ptr)).astype(np.int64),
        group=np.maximum(problem.g_cap.astype(np.int64) - by_group, 0),
    )


def count_in_groups(group: Int32 | Int64, parent: Int32 | Int64) -> Int64:
    """Count items in every group, those of the groups below included.

    group: [N] group of each item; parent: [G], -1 at a root. Returns [G] int64.
    O((N + G) x depth), deterministic.

    >>> count_in_groups(np.array([0, 1, 1]), np.array([-1, 0, 0])).tolist()
    [3, 2, 0]
    """
    count = np.zeros(len(parent), np.int64)
    at = group
    while at.size:
        count += np.bincount(at, minlength=len(parent))
        at = parent[at]
        at = at[at >= 0]
    return count


def groups_by_depth(parent: Int32) -> list[Int64]:
    """Groups of each depth, roots first: what is above comes before what is below.

    parent: [G], -1 at a root. O(G x depth).

    >>> [level.tolist() for level in groups_by_depth(np.array([-1, 0, 1, -1], np.int32))]
    [[0, 3], [1], [2]]
    """
    depth = np.zeros(len(parent), np.int64)
    at = parent
    while (at >= 0).any():
        depth += at >= 0
        at = np.where(at >= 0, parent[at], -1)
    return [np.flatnonzero(depth == level) for level in range(depth.max(initial=-1) + 1)]


def sum_to_root(value: Int64, parent: Int32 | Int64) -> Int64:
    """Add to each group's value those of its ancestors, capped at 2^50 to stay in 64 bits.

    value: [G] int64, 0..2^40; parent: [G], -1 at a root. Returns [G] int64.
    O(G x depth), deterministic.

    >>> sum_to_root(np.array([5, 1, 2]), np.array([-1, 0, 1])).tolist()
    [5, 6, 8]
    """
    total = value.copy()
    at = parent
    while (at >= 0).any():
        total = np.minimum(total + np.where(at >= 0, value[at], 0), PRICE_MAX << 10)
        at = np.where(at >= 0, parent[at], -1)
    return total
