"""The first solver: exact, by min-cost flow over every feasible pair."""

import numpy as np

from salam.engine.capacity import remaining_capacity
from salam.engine.checks import require_valid, upper_bound
from salam.engine.eligibility import Edges, feasible_edges
from salam.engine.flow import solve_flow
from salam.engine.network import build_network
from salam.engine.prices import price_plan
from salam.engine.problem import Problem
from salam.engine.solution import Solution, Status, explain_placements


def solve(problem: Problem, *, edges: Edges | None = None) -> Solution:
    """Find a plan of the greatest value and prove it.

    Value of a plan: sum over lines of 20 x the points of its first k units (k = people placed,
    confirmed ones included) - sum of distances in 100 m + 20 x bonus points. Confirmed placements
    are kept and use up capacities; a placement that does not raise the value is not made; see
    flow.solve_flow for the tie rule. The bound comes from checks.upper_bound over every feasible
    pair, and the plan passes checks.require_valid, before anything is returned.

    problem: a Problem, unchanged; edges: its feasible edges if they are at hand.
    Returns a Solution: status OPTIMAL if value == upper_bound (EMPTY if nothing could be
    decided), FEASIBLE otherwise. Raises SolverError if the numbers are too large for the solver.
    Time: measured in the benchmarks; OR-Tools takes most of it. Deterministic, one thread, no
    time limit. Source: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993.

    >>> from salam.engine.example import example_problem
    >>> plan = solve(example_problem())
    >>> list(zip(plan.p_volunteer.tolist(), plan.p_line.tolist())), plan.value, plan.upper_bound
    ([(1, 0), (0, 2)], 3267, 3267)
    """
    edges = feasible_edges(problem) if edges is None else edges
    remaining = remaining_capacity(problem)
    network = build_network(problem, edges, remaining)
    is_chosen = solve_flow(network)
    prices = price_plan(problem, edges, remaining=remaining, network=network, is_chosen=is_chosen)
    chosen = network.edge[is_chosen]
    parts = explain_placements(
        problem,
        np.concatenate([problem.f_volunteer, edges.volunteer[chosen]]),
        np.concatenate([problem.f_line, edges.line[chosen]]),
    )
    value = int(parts.p_value.sum())
    bound = upper_bound(problem, prices, edges)
    proved = Status.OPTIMAL if len(network.edge) else Status.EMPTY
    solution = Solution(
        **vars(parts),
        **vars(prices),
        status=proved if value == bound else Status.FEASIBLE,
        value=value,
        upper_bound=bound,
        edge_count=len(edges.volunteer),
        unit_count=len(problem.unit_value),
        filled_count=int((parts.p_unit <= np.diff(problem.l_unit_ptr)[parts.p_line]).sum()),
    )
    require_valid(problem, solution)
    return solution
