"""What holds for any solver that proves its plan: value <= optimum <= bound, and how far apart.

The optimum comes from enumeration where the world is tiny, from the min-cost flow elsewhere; no
test here asks the solver to be exact.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salam.commands.bench.min_cost_flow import solve_exactly
from salam.commands.bench.yardsticks import nearest_first
from salam.engine import Problem, Solution, Status, feasible_edges, solve, upper_bound, violations
from salam.engine.generate import SIZES, generate

from .worlds import brute_force, country, small_problem

# An auction whose bids rise by 1 (100 m of travel) loses less than that for every unit it fills.
LOSS_PER_UNIT = 1
# Nearest candidates of a line: what the flow is given where all pairs would take it minutes.
NEIGHBOURS = 24
PPM = 1e-6


def assert_near(problem: Problem, solution: Solution, best: int) -> None:
    """The plan is valid, and its value and bound hold the best value between them, closely."""
    slack = LOSS_PER_UNIT * len(problem.unit_value)
    assert violations(problem, solution) == []
    assert solution.value <= best <= solution.upper_bound
    assert solution.upper_bound - solution.value <= slack
    if solution.status == Status.OPTIMAL:
        assert solution.value == best


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 100_000), people=st.integers(1, 5), lines=st.integers(1, 3))
def test_tiny_worlds_against_every_plan_there_is(seed: int, people: int, lines: int) -> None:
    problem = small_problem(seed, volunteers=people, lines=lines)

    assert_near(problem, solve(problem), brute_force(problem)[0])


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 100_000), people=st.integers(5, 40), lines=st.integers(5, 40))
def test_crowded_worlds_against_the_flow(seed: int, people: int, lines: int) -> None:
    problem = small_problem(seed, volunteers=people, lines=lines)

    assert_near(problem, solve(problem), solve_exactly(problem).value)


@pytest.mark.parametrize("seed", range(3))
def test_a_country_of_nested_seats_against_the_flow(seed: int) -> None:
    problem = country(1_500, 900, seed=seed, towns=8)

    assert_near(problem, solve(problem), solve_exactly(problem).value)


@pytest.mark.parametrize(("size", "scarcity"), [("XS", 1), ("XS", 8), ("S", 1), ("Sd", 1)])
def test_frozen_sizes_against_the_flow(size: str, scarcity: int) -> None:
    problem = generate(SIZES[size], crunch=scarcity)

    solution = solve(problem)

    best = solve_exactly(problem).value
    assert violations(problem, solution) == []
    assert solution.value <= best <= solution.upper_bound
    assert solution.value >= best * (1 - 30 * PPM)
    assert solution.upper_bound <= best * (1 + 100 * PPM)


@pytest.mark.slow
def test_four_dense_provinces_against_the_flow_on_the_nearest_pairs() -> None:
    problem = generate(SIZES["Md"])
    pruned = nearest_first(feasible_edges(problem), NEIGHBOURS)

    solution = solve(problem)

    # The flow sees fewer pairs than the country has, so the plan may be worth more than its best.
    best = solve_exactly(problem, pruned).value
    assert violations(problem, solution) == []
    assert best <= solution.upper_bound
    assert solution.value >= best * (1 - 30 * PPM)
    assert solution.upper_bound - solution.value <= solution.upper_bound * 50 * PPM


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 100_000))
def test_prices_of_the_plan_prove_its_bound(seed: int) -> None:
    problem = small_problem(seed, volunteers=12, lines=10)

    solution = solve(problem)

    # Whoever has the plan's prices can prove its bound again, or a lower one.
    assert solution.value <= upper_bound(problem, solution) <= solution.upper_bound
