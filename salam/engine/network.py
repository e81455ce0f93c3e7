"""The flow network of a problem: what is left to decide, with nodes only where edges are."""

from dataclasses import dataclass

import numpy as np

from salam.engine.capacity import Remaining
from salam.engine.eligibility import Edges, placement_points
from salam.engine.problem import SLOT_COUNT, VALUE_PER_POINT, Bool, Int64, Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class Network:
    """Volunteers, volunteer-slots, lines and groups joined by useful edges.

    Node numbers are compact, each kind from 0: volunteer [Nv], slot [Nq], line [Nl], group [Ng]
    hold the index in the problem (a volunteer-slot as volunteer x 14 + slot). slot_volunteer
    [Nq], line_group [Nl] and group_parent [Ng] (-1 at a root) join them. Edges: edge [Ne] is the
    index in Edges; edge_slot, edge_line, edge_cost (distance - 20 x bonus). Units: those not
    taken by confirmed people, unit_ptr [Nl+1] into unit_gain (20 x points).
    Capacities are what confirmed placements leave; a volunteer or slot without any is kept,
    since its price is asked for ("what would one more half-day bring?").
    """

    volunteer: Int64
    volunteer_capacity: Int64
    slot: Int64
    slot_volunteer: Int64
    slot_capacity: Int64
    line: Int64
    line_group: Int64
    group: Int64
    group_parent: Int64
    group_capacity: Int64
    edge: Int64
    edge_slot: Int64
    edge_line: Int64
    edge_cost: Int64
    unit_ptr: Int64
    unit_gain: Int64


def edge_costs(problem: Problem, edges: Edges) -> Int64:
    """Cost of each feasible edge, [E] int64: distance in 100 m - 20 x bonus points. O(E log B)."""
    bonus = placement_points(problem, edges.volunteer, edges.line)
    cost: Int64 = edges.distance_100m - VALUE_PER_POINT * bonus
    return cost


def closed_groups(problem: Problem, remaining: Remaining) -> Bool:
    """Groups without a seat left, in themselves or above them, [G] bool. O(G x depth)."""
    is_closed: Bool = remaining.group == 0
    at = problem.g_parent
    while (at >= 0).any():
        is_closed |= (at >= 0) & (remaining.group[at] == 0)
        at = np.where(at >= 0, problem.g_parent[at], -1)
    return is_closed


def build_network(problem: Problem, edges: Edges, remaining: Remaining) -> Network:
    """Keep the edges that could be part of a best plan, and number what they touch.

    Left out, without loss: lines whose units are all taken or whose groups have no seat left, and
    edges that cost at least what the first free unit of the line brings: such a placement never
    raises the value, since taking it out again frees a volunteer and moves the later people of
    the line to better units.

    Arguments: a Problem, all its feasible Edges, its Remaining capacities. Returns a Network.
    O(E log E + L + G), deterministic (numbers follow the order of the problem).

    >>> from salam.engine.capacity import remaining_capacity
    >>> from salam.engine.eligibility import feasible_edges
    >>> from salam.engine.example import example_problem
    >>> small = example_problem()
    >>> net = build_network(small, feasible_edges(small), remaining_capacity(small))
    >>> net.line.tolist(), net.edge_cost.tolist(), net.group_capacity.tolist()
    ([0, 1], [0, -89, 11, 0, 11], [1, 2])
    """
    pointer = problem.l_unit_ptr
    next_unit = pointer[:-1] + remaining.unit_used
    is_open = (next_unit < pointer[1:]) & ~closed_groups(problem, remaining)[problem.l_group]
    next_gain = np.zeros(problem.line_count, np.int64)
    next_gain[is_open] = VALUE_PER_POINT * problem.unit_value[next_unit[is_open]].astype(np.int64)
    cost = edge_costs(problem, edges)
    line_of_edge = edges.line
    # A bonus can make a cost negative where nothing is gained: ask for an open line as well.
    edge = np.flatnonzero(is_open[line_of_edge] & (cost < next_gain[line_of_edge]))
    old_line = line_of_edge[edge].astype(np.int64)
    line, edge_line = np.unique(old_line, return_inverse=True)
    old_slot = edges.volunteer[edge].astype(np.int64) * SLOT_COUNT + problem.l_slot[old_line]
    slot, edge_slot = np.unique(old_slot, return_inverse=True)
    volunteer, slot_volunteer = np.unique(slot // SLOT_COUNT, return_inverse=True)
    group, group_parent = _touched_groups(problem, line)
    # A line can never use more units than it has edges; the one after them is kept because its
    # gain is what the prices of these edges have to outbid.
    unit_count = np.minimum(pointer[line + 1] - next_unit[line], np.bincount(edge_line) + 1)
    unit_ptr = np.zeros(len(line) + 1, np.int64)
    np.cumsum(unit_count, out=unit_ptr[1:])
    unit = np.arange(unit_ptr[-1]) + np.repeat(next_unit[line] - unit_ptr[:-1], unit_count)
    return Network(
        volunteer=volunteer,
        volunteer_capacity=remaining.volunteer[volunteer],
        slot=slot,
        slot_volunteer=slot_volunteer,
        slot_capacity=remaining.slot_is_free.ravel()[slot].astype(np.int64),
        line=line,
        line_group=np.searchsorted(group, problem.l_group[line]),
        group=group,
        group_parent=group_parent,
        group_capacity=remaining.group[group],
        edge=edge,
        edge_slot=edge_slot,
        edge_line=edge_line,
        edge_cost=cost[edge],
        unit_ptr=unit_ptr,
        unit_gain=VALUE_PER_POINT * problem.unit_value[unit].astype(np.int64),
    )


def _touched_groups(problem: Problem, line: Int64) -> tuple[Int64, Int64]:
    """Groups of the lines and everything above, and their parents in these numbers."""
    is_touched = np.zeros(problem.group_count, np.bool_)
    at = problem.l_group[line]
    while at.size:
        is_touched[at] = True
        at = np.unique(problem.g_parent[at])
        at = at[at >= 0]
    group = np.flatnonzero(is_touched)
    number = np.full(problem.group_count + 1, -1, np.int64)  # the last one answers for parent -1
    number[group] = np.arange(len(group))
    return group, number[problem.g_parent[group]]
