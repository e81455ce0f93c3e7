"""The exact optimum as a min-cost flow by OR-Tools: yardstick of the benchmark, oracle of tests.

OR-Tools is not needed at run time: it comes with the extra `bench`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from salam.engine import Edges, Problem, SolverError, feasible_edges
from salam.engine.capacity import Remaining, remaining_capacity
from salam.engine.eligibility import pair_points
from salam.engine.problem import SLOT_COUNT, VALUE_PER_POINT, Bool, Int32, Int64
from salam.engine.solution import explain_placements

SOURCE, SINK = 0, 1


@dataclass(frozen=True, eq=False, kw_only=True)
class ExactPlan:
    """A plan of the greatest value over the given pairs: p_volunteer, p_line [P] int32, value."""

    p_volunteer: Int32
    p_line: Int32
    value: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Network:
    """Volunteers, volunteer-slots, lines and groups joined by the pairs that could matter.

    Nodes have compact numbers, each kind from 0, in the order of the problem; volunteer, slot
    (volunteer x 14 + slot), line and group hold what they were. edge: [Ne] index of the pair;
    edge_slot, edge_line: its ends; edge_cost: distance - 20 x bonus. unit_ptr: [Nl+1] into
    unit_gain, 20 x points of the units that confirmed people leave. group_parent: -1 at a root.
    """

    volunteer_capacity: Int64
    slot_volunteer: Int64
    slot_capacity: Int64
    line_group: Int64
    group_parent: Int64
    group_capacity: Int64
    edge: Int64
    edge_slot: Int64
    edge_line: Int64
    edge_cost: Int64
    unit_ptr: Int64
    unit_gain: Int64


def solve_exactly(
    problem: Problem, edges: Edges | None = None, *, is_fewest: bool = False
) -> ExactPlan:
    """Find a plan of the greatest value.

    edges: the pairs to choose from, all feasible ones by default; is_fewest: among the plans of
    greatest value one with the fewest placements, at the cost of larger numbers for the solver.
    Returns an ExactPlan, confirmed placements included. Raises SolverError if the numbers are too
    large. One thread, deterministic; the linear program is integral, so the optimum is exact.
    Source: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993.
    """
    edges = feasible_edges(problem) if edges is None else edges
    network = build_network(problem, edges)
    chosen = network.edge[choose_edges(network, is_fewest=is_fewest)]
    parts = explain_placements(
        problem,
        np.concatenate([problem.f_volunteer, edges.volunteer[chosen]]),
        np.concatenate([problem.f_line, edges.line[chosen]]),
    )
    return ExactPlan(
        p_volunteer=parts.p_volunteer, p_line=parts.p_line, value=int(parts.p_value.sum())
    )


def build_network(problem: Problem, edges: Edges) -> Network:
    """Keep the pairs that could be part of a best plan, and number what they touch.

    Left out, without loss: lines whose units are all taken, groups without a seat left, and pairs
    that cost at least what the first free unit of the line brings.
    """
    remaining = remaining_capacity(problem)
    pointer = problem.l_unit_ptr
    next_unit = pointer[:-1] + remaining.unit_used
    is_open = (next_unit < pointer[1:]) & ~_closed(problem, remaining)[problem.l_group]
    next_gain = np.zeros(problem.line_count, np.int64)
    next_gain[is_open] = VALUE_PER_POINT * problem.unit_value[next_unit[is_open]].astype(np.int64)
    line_of_edge = edges.line
    bonus = np.maximum(pair_points(problem, edges.volunteer, line_of_edge), 0)
    cost = edges.distance_100m - VALUE_PER_POINT * bonus
    # A bonus can make a cost negative where nothing is gained: ask for an open line as well.
    edge = np.flatnonzero(is_open[line_of_edge] & (cost < next_gain[line_of_edge]))
    old_line = line_of_edge[edge].astype(np.int64)
    line, edge_line = np.unique(old_line, return_inverse=True)
    old_slot = edges.volunteer[edge].astype(np.int64) * SLOT_COUNT + problem.l_slot[old_line]
    slot, edge_slot = np.unique(old_slot, return_inverse=True)
    volunteer, slot_volunteer = np.unique(slot // SLOT_COUNT, return_inverse=True)
    # A line can never use more units than it has pairs.
    unit_count = np.minimum(pointer[line + 1] - next_unit[line], np.bincount(edge_line))
    unit_ptr = np.zeros(len(line) + 1, np.int64)
    np.cumsum(unit_count, out=unit_ptr[1:])
    unit = np.arange(unit_ptr[-1]) + np.repeat(next_unit[line] - unit_ptr[:-1], unit_count)
    return Network(
        volunteer_capacity=remaining.volunteer[volunteer],
        slot_volunteer=slot_volunteer,
        slot_capacity=remaining.slot_is_free.ravel()[slot].astype(np.int64),
        line_group=problem.l_group[line].astype(np.int64),
        group_parent=problem.g_parent.astype(np.int64),
        group_capacity=remaining.group,
        edge=edge,
        edge_slot=edge_slot,
        edge_line=edge_line,
        edge_cost=cost[edge],
        unit_ptr=unit_ptr,
        unit_gain=VALUE_PER_POINT * problem.unit_value[unit].astype(np.int64),
    )


def choose_edges(network: Network, *, is_fewest: bool = False) -> Bool:
    """Choose the edges of a best plan, [Ne] bool.

    source -> volunteer (half-days left) -> volunteer-slot (1) -> line (cost of the edge) -> unit
    arcs (1 each, minus the points) -> group -> parent groups (seats left) -> sink, and source ->
    sink for whoever stays free. For the fewest placements every cost is multiplied by N + 1 and
    each edge costs 1 more, where N bounds their number.
    Raises SolverError if OR-Tools does not report an optimum.
    Source: A. V. Goldberg, R. E. Tarjan, "Finding Minimum-Cost Circulations by Successive
    Approximation", 1990.
    """
    edge_count = len(network.edge)
    if not edge_count:
        return np.zeros(0, np.bool_)
    placement_max = min(int(network.volunteer_capacity.sum()), len(network.unit_gain))
    scale = placement_max + 1 if is_fewest else 1
    solver = min_cost_flow.SimpleMinCostFlow()
    for kind, (tail, head, capacity, cost) in enumerate(_arcs(network, placement_max)):
        is_dearer = is_fewest and kind == 0
        solver.add_arcs_with_capacity_and_unit_cost(
            tail.astype(np.int32),
            head.astype(np.int32),
            capacity.astype(np.int64),
            cost * scale + int(is_dearer),
        )
    solver.set_node_supply(SOURCE, placement_max)
    solver.set_node_supply(SINK, -placement_max)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise SolverError(f"OR-Tools SimpleMinCostFlow ended with {status.name}")
    return np.asarray(solver.flows(np.arange(edge_count, dtype=np.int32)) > 0, np.bool_)


def _arcs(network: Network, placement_max: int) -> tuple[tuple[Int64, Int64, Int64, Int64], ...]:
    """Tail, head, capacity and cost of each kind of arc; the edges come first to be read back."""
    volunteer = 2 + np.arange(len(network.volunteer_capacity))
    slot = 2 + len(volunteer) + np.arange(len(network.slot_volunteer))
    line = 2 + len(volunteer) + len(slot) + np.arange(len(network.line_group))
    group = 2 + len(volunteer) + len(slot) + len(line) + np.arange(len(network.group_parent))
    unit_line = np.repeat(np.arange(len(line)), np.diff(network.unit_ptr))
    above = np.full(len(group), SINK)
    has_parent = network.group_parent >= 0
    above[has_parent] = group[network.group_parent[has_parent]]
    return (
        (
            slot[network.edge_slot],
            line[network.edge_line],
            np.ones(len(network.edge), np.int64),
            network.edge_cost,
        ),
        (0 * volunteer + SOURCE, volunteer, network.volunteer_capacity, 0 * volunteer),
        (volunteer[network.slot_volunteer], slot, network.slot_capacity, 0 * slot),
        (
            line[unit_line],
            group[network.line_group[unit_line]],
            np.ones(len(unit_line), np.int64),
            -network.unit_gain,
        ),
        (group, above, network.group_capacity, 0 * group),
        (
            np.array([SOURCE]),
            np.array([SINK]),
            np.array([placement_max]),
            np.zeros(1, np.int64),
        ),
    )


def _closed(problem: Problem, remaining: Remaining) -> Bool:
    """Groups without a seat left, in themselves or above them, [G] bool."""
    is_closed: Bool = remaining.group == 0
    at = problem.g_parent
    while (at >= 0).any():
        is_closed |= (at >= 0) & (remaining.group[at] == 0)
        at = np.where(at >= 0, problem.g_parent[at], -1)
    return is_closed
