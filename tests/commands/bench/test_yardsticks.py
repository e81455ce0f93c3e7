"""Greedy and first-come plans keep every rule, and are what their names say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salam.commands.bench.min_cost_flow import build_network, choose_edges, solve_exactly
from salam.commands.bench.yardsticks import (
    first_come_needs,
    first_come_volunteers,
    greedy,
    nearest_first,
)
from salam.engine import Problem, SolverError, feasible_edges, violations
from tests.engine.worlds import brute_force, country, open_rows, small_problem

world = st.integers(0, 100_000)


def every_yardstick(problem: Problem) -> list[int]:
    edges = feasible_edges(problem)
    return [
        greedy(problem, edges),
        first_come_needs(problem, edges),
        first_come_volunteers(problem, edges, nearest=True),
        first_come_volunteers(problem, edges, nearest=False),
    ]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(seed=world)
def test_no_simple_plan_is_worth_more_than_the_best(seed: int) -> None:
    problem = small_problem(seed, volunteers=4, lines=3)

    best, _fewest = brute_force(problem)

    assert max(every_yardstick(problem)) <= best


def test_two_volunteers_and_one_place_show_who_is_served_first() -> None:
    # One person wanted at each line, one seat in all. Volunteer 0 stands at line 0 (10 points),
    # line 1 (90 points) is 1.1 km off; volunteer 1 stands at line 1.
    rows = open_rows(
        v_cap=np.array([1, 1], np.uint8),
        l_slot=np.zeros(2, np.uint8),
        l_unit_ptr=np.array([0, 1, 2]),
        unit_value=np.array([10, 90], np.int32),
        g_cap=np.array([1], np.int32),
    )
    problem = Problem(**rows)

    assert every_yardstick(problem) == [1800, 200, 200, 1800 - 11]


def test_the_nearest_pairs_are_kept_in_order_of_distance() -> None:
    problem = country(400, 120, towns=3)
    edges = feasible_edges(problem)

    kept = nearest_first(edges, 5)

    for line in range(problem.line_count):
        all_of = edges.distance_100m[edges.line_ptr[line] : edges.line_ptr[line + 1]]
        few = kept.distance_100m[kept.line_ptr[line] : kept.line_ptr[line + 1]]
        assert few.tolist() == sorted(all_of.tolist())[:5]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(seed=world)
def test_the_flow_finds_what_the_enumeration_finds(seed: int) -> None:
    problem = small_problem(seed, volunteers=4, lines=3)

    plan, fewest = solve_exactly(problem), solve_exactly(problem, is_fewest=True)

    assert violations(problem, plan) == violations(problem, fewest) == []
    assert plan.value == fewest.value
    assert (fewest.value, len(fewest.p_line)) == brute_force(problem)


def test_numbers_beyond_64_bits_are_refused_by_the_flow() -> None:
    problem = Problem(**open_rows())
    network = build_network(problem, feasible_edges(problem))
    network.unit_gain[:] <<= 48

    with pytest.raises(SolverError, match="OR-Tools"):
        choose_edges(network, is_fewest=True)
