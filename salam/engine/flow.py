"""The exact optimum by OR-Tools: the only module of the engine that imports it."""

import numpy as np
from ortools.graph.python import min_cost_flow

from salam.engine.network import Network
from salam.engine.problem import Bool
from salam.engine.solution import SolverError

SOURCE, SINK = 0, 1


def solve_flow(network: Network) -> Bool:
    """Choose the edges of a best plan as a min-cost flow.

    source -> volunteer (half-days left) -> volunteer-slot (1) -> line (cost of the edge) -> unit
    arcs (1 each, minus the points) -> group -> parent groups (seats left) -> sink, and source ->
    sink for whoever stays free. Tie rule: among the plans of greatest value one with the fewest
    placements (no placement without gain): every cost is multiplied by N + 1 and each edge costs
    1 more, where N bounds the number of placements. Which of several such plans comes out
    depends on the order of the arrays and the OR-Tools version, but is the same at every run.

    Argument: a Network of Ne edges. Returns [Ne] bool, the edges in use. Raises SolverError if
    OR-Tools does not report an optimum (costs too large for 64 bits).
    About O(arcs x log(nodes x cost)) in practice; one thread; deterministic.
    Source: A. V. Goldberg, R. E. Tarjan, "Finding Minimum-Cost Circulations by Successive
    Approximation", 1990; R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993.

    >>> from salam.engine.capacity import remaining_capacity
    >>> from salam.engine.eligibility import feasible_edges
    >>> from salam.engine.example import example_problem
    >>> from salam.engine.network import build_network
    >>> small = example_problem()
    >>> net = build_network(small, feasible_edges(small), remaining_capacity(small))
    >>> solve_flow(net).tolist()
    [False, True, False, False, False]
    """
    edge_count, unit_count = len(network.edge), len(network.unit_gain)
    if not edge_count:
        return np.zeros(0, np.bool_)
    first_slot = 2 + len(network.volunteer)
    first_line = first_slot + len(network.slot)
    first_group = first_line + len(network.line)
    unit_line = np.repeat(np.arange(len(network.line)), np.diff(network.unit_ptr))
    placement_max = min(int(network.volunteer_capacity.sum()), unit_count)
    above = np.where(network.group_parent >= 0, first_group + network.group_parent, SINK)
    volunteer_node = 2 + np.arange(len(network.volunteer))
    slot_node = first_slot + np.arange(len(network.slot))
    group_node = first_group + np.arange(len(network.group))
    # (tail, head, capacity, cost) of each kind of arc; the edges come first to be read back.
    scale = placement_max + 1
    arcs = (
        (
            first_slot + network.edge_slot,
            first_line + network.edge_line,
            np.ones(edge_count),
            network.edge_cost * scale + 1,
        ),
        (0 * volunteer_node + SOURCE, volunteer_node, network.volunteer_capacity, 0 * slot_node),
        (2 + network.slot_volunteer, slot_node, network.slot_capacity, 0 * slot_node),
        (
            first_line + unit_line,
            first_group + network.line_group[unit_line],
            np.ones(unit_count),
            -network.unit_gain * scale,
        ),
        (group_node, above, network.group_capacity, 0 * group_node),
        (np.array([SOURCE]), np.array([SINK]), np.array([placement_max]), np.array([0])),
    )
    solver = min_cost_flow.SimpleMinCostFlow()
    for tail, head, capacity, cost in arcs:
        solver.add_arcs_with_capacity_and_unit_cost(
            tail.astype(np.int32),
            head.astype(np.int32),
            capacity.astype(np.int64),
            cost[: len(tail)].astype(np.int64),
        )
    solver.set_node_supply(SOURCE, placement_max)
    solver.set_node_supply(SINK, -placement_max)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise SolverError(f"OR-Tools SimpleMinCostFlow ended with {status.name}")
    return np.asarray(solver.flows(np.arange(edge_count, dtype=np.int32)) > 0, np.bool_)
