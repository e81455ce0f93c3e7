"""Prices of a best plan: shortest distances in what the flow left open."""

import numpy as np

from salam.engine.capacity import Remaining, count_in_groups, sum_to_root
from salam.engine.eligibility import Edges
from salam.engine.network import Network, closed_groups, edge_costs
from salam.engine.problem import SLOT_COUNT, VALUE_PER_POINT, Bool, Int64, Problem
from salam.engine.solution import Prices, SolverError

FAR = np.iinfo(np.int64).max // 4  # no path: far above any cost, and two of them still add up
ROOT = 0  # source and sink in one: the bypass joins them at cost 0 both ways


def price_plan(
    problem: Problem,
    edges: Edges,
    *,
    remaining: Remaining,
    network: Network,
    is_chosen: Bool,
) -> Prices:
    """Derive prices that prove an optimal flow optimal.

    Let D(x) be the length of a shortest path from x to the root in the residual graph of the
    flow. Then a_v = max(0, -D(v)), b_vt = max(0, -D(vt) - a_v), y_g = max(0, D(g) - D(parent)).
    -D is the smallest potential, so a_v is the smallest competitive price: exactly what one more
    half-day of v would bring; y_g is in turn the largest: what losing one seat would cost.
    A group without seats left is outside the flow: the nearest such group of a line gets what
    its best line would bring beyond the prices already asked for.

    problem, edges, remaining, network: of one run; is_chosen: [Ne] bool, an optimal flow.
    Returns Prices. Raises SolverError if the flow is not optimal (a cycle of negative cost).
    O(rounds x changed arcs) (label correcting over a worklist), deterministic.
    Source: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993, chapters 5 and 9.

    >>> from salam.engine.capacity import remaining_capacity
    >>> from salam.engine.eligibility import feasible_edges
    >>> from salam.engine.example import example_problem
    >>> from salam.engine.network import build_network
    >>> small = example_problem()
    >>> edges, left = feasible_edges(small), remaining_capacity(small)
    >>> net = build_network(small, edges, left)
    >>> chosen = np.array([False, True, False, False, False])
    >>> price_plan(
    ...     small, edges, remaining=left, network=net, is_chosen=chosen).price_group.tolist()
    [2089, 0]
    """
    volunteer_count, slot_count = len(network.volunteer), len(network.slot)
    tail, head, cost = _residual_arcs(network, is_chosen)
    first_group = 1 + volunteer_count + slot_count + len(network.line)
    distance = distance_to_root((tail, head, cost), first_group + len(network.group))
    of_volunteer = distance[1 : 1 + volunteer_count]
    of_slot = distance[1 + volunteer_count :][:slot_count]
    of_group = distance[first_group:]

    price_volunteer = np.zeros(problem.volunteer_count, np.int64)
    price_volunteer[network.volunteer] = np.maximum(-of_volunteer, 0)
    price_slot = np.zeros(problem.volunteer_count * SLOT_COUNT, np.int64)
    price_slot[network.slot] = np.maximum(-of_slot - price_volunteer[network.slot // SLOT_COUNT], 0)
    of_parent = np.where(network.group_parent >= 0, of_group[network.group_parent], 0)
    price_group = np.zeros(problem.group_count, np.int64)
    price_group[network.group] = np.maximum(of_group - of_parent, 0)
    prices = Prices(
        price_volunteer=price_volunteer,
        price_slot=price_slot.reshape(-1, SLOT_COUNT),
        price_group=price_group,
    )
    _price_closed_groups(problem, edges, remaining=remaining, prices=prices)
    return prices


def distance_to_root(arcs: tuple[Int64, Int64, Int64], node_count: int) -> Int64:
    """Length of a shortest path from every node to node 0; FAR where there is none.

    Bellman and Ford's label correcting over a worklist: each round relaxes, as one numpy step,
    the arcs that enter a node whose label fell in the round before.

    arcs: (tail, head, cost), each [A] int64, nodes 0..node_count-1, cost of either sign.
    Returns [node_count] int64. Raises SolverError if there is a cycle of negative cost.
    O(node_count x A) at worst; deterministic.
    Source: R. Bellman, "On a Routing Problem", 1958; L. R. Ford, "Network Flow Theory", 1956.

    >>> arcs = np.array([[1, 2, 2], [0, 1, 0], [4, -3, 2]])
    >>> distance_to_root((arcs[0], arcs[1], arcs[2]), 3).tolist()
    [0, 4, 1]
    """
    order = np.argsort(arcs[1], kind="stable")
    tail, cost = arcs[0][order], arcs[2][order]
    pointer = np.searchsorted(arcs[1][order], np.arange(node_count + 1))
    distance = np.full(node_count, FAR, np.int64)
    distance[ROOT] = 0
    changed = np.array([ROOT])
    rounds = 0
    while changed.size:
        if rounds > node_count:
            raise SolverError("the residual graph has a cycle of negative cost")
        rounds += 1
        count = pointer[changed + 1] - pointer[changed]
        end = np.cumsum(count)
        arc = np.arange(end[-1]) + np.repeat(pointer[changed] - end + count, count)
        offer = cost[arc] + np.repeat(distance[changed], count)
        is_better = offer < distance[tail[arc]]
        node = tail[arc[is_better]]
        np.minimum.at(distance, node, offer[is_better])
        changed = np.unique(node)
    return distance


def _residual_arcs(network: Network, is_chosen: Bool) -> tuple[Int64, Int64, Int64]:
    """Write out the arcs along which the flow could still change, but for those out of the root.

    Nodes: root, volunteers, slots, lines, groups. An edge may always be used more, since the
    volunteer-slot before it holds the capacity of 1.
    """
    slot_flow = np.bincount(network.edge_slot[is_chosen], minlength=len(network.slot))
    volunteer_flow = np.bincount(
        network.slot_volunteer, weights=slot_flow, minlength=len(network.volunteer)
    )
    line_flow = np.bincount(network.edge_line[is_chosen], minlength=len(network.line))
    flow_group = network.line_group[network.edge_line[is_chosen]]
    group_flow = count_in_groups(flow_group, network.group_parent)
    volunteer = 1 + np.arange(len(network.volunteer))
    slot = 1 + len(volunteer) + np.arange(len(network.slot))
    line = 1 + len(volunteer) + len(slot) + np.arange(len(network.line))
    group = 1 + len(volunteer) + len(slot) + len(line) + np.arange(len(network.group))
    above = np.where(
        network.group_parent >= 0, 1 + len(volunteer) + len(slot) + len(line), 0
    ) + np.maximum(network.group_parent, 0)
    owner, in_group = volunteer[network.slot_volunteer], group[network.line_group]
    taken, more = line_flow > 0, line_flow < np.diff(network.unit_ptr)
    at = network.unit_ptr[:-1] + line_flow
    edge_slot, edge_line = slot[network.edge_slot], line[network.edge_line]
    gone, open_ = slot_flow > 0, slot_flow < network.slot_capacity
    seats, below = group_flow < network.group_capacity, (group_flow > 0) & (above > 0)
    busy = volunteer_flow > 0
    parts = (
        (volunteer[busy], 0 * volunteer[busy], 0 * volunteer[busy]),
        (owner[open_], slot[open_], 0 * slot[open_]),
        (slot[gone], owner[gone], 0 * slot[gone]),
        (edge_slot, edge_line, network.edge_cost),
        (edge_line[is_chosen], edge_slot[is_chosen], -network.edge_cost[is_chosen]),
        (line[more], in_group[more], -network.unit_gain[at[more]]),
        (in_group[taken], line[taken], network.unit_gain[at[taken] - 1]),
        (group[seats], above[seats], 0 * group[seats]),
        (above[below], group[below], 0 * group[below]),
    )
    return (
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
    )


def _price_closed_groups(
    problem: Problem, edges: Edges, *, remaining: Remaining, prices: Prices
) -> None:
    """Fill in the price of groups without seats left: what their best line would bring."""
    is_closed = closed_groups(problem, remaining)
    next_unit = problem.l_unit_ptr[:-1] + remaining.unit_used
    has_edge = np.diff(edges.line_ptr) > 0
    is_asking = has_edge & (next_unit < problem.l_unit_ptr[1:]) & is_closed[problem.l_group]
    line = np.flatnonzero(is_asking)
    if not line.size:
        return
    slot_price = (prices.price_volunteer[:, None] + prices.price_slot).ravel()
    at = edges.volunteer.astype(np.int64) * SLOT_COUNT + problem.l_slot[edges.line]
    full_cost = edge_costs(problem, edges) + slot_price[at]
    cheapest = np.zeros(problem.line_count, np.int64)
    cheapest[has_edge] = np.minimum.reduceat(full_cost, edges.line_ptr[:-1][has_edge])
    gain = VALUE_PER_POINT * problem.unit_value[next_unit[line]].astype(np.int64) - cheapest[line]
    gain -= sum_to_root(prices.price_group, problem.g_parent)[problem.l_group[line]]
    group = problem.l_group[line]
    while (remaining.group[group] > 0).any():
        group = np.where(remaining.group[group] > 0, problem.g_parent[group], group)
    np.maximum.at(prices.price_group, group, gain)
