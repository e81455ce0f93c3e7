"""Weeks counted in hours: every rule kept, an honest bound, near the optimum where known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from salam.engine import (
    Hindrance,
    Plan,
    Problem,
    Solution,
    SolveOptions,
    Status,
    explain_pair,
    solve,
    upper_bound,
    violations,
)
from salam.engine.generate import SIZES, generate, with_hours
from salam.engine.incremental import resolve_part

from .worlds import brute_force, counted_problem, open_rows

PPM = 1e-6
OPTIMUM_OF_SD = 32_880_616  # HiGHS on every feasible pair of the instance below, proved


def as_bytes(solution: Solution) -> list[object]:
    arrays = [getattr(solution, field.name) for field in dataclasses.fields(Solution)]
    return [one.tobytes() if isinstance(one, np.ndarray) else one for one in arrays]


def hours_rows(of_people: list[int], *of_slots: int) -> dict[str, np.ndarray]:
    return {
        "v_hours": np.array(of_people, np.uint8),
        "slot_hours": np.resize(np.array(of_slots, np.uint8), 14),
    }


@pytest.mark.parametrize("block", range(6))
def test_plans_of_hours_lie_between_the_brute_force_twin_and_its_bound(block: int) -> None:
    found = set()
    for seed in range(block * 50, block * 50 + 50):
        problem = counted_problem(seed, people=False)

        solution = solve(problem)

        best = brute_force(problem)[0]
        assert violations(problem, solution) == [], seed
        assert solution.value <= best <= solution.upper_bound, seed
        assert best <= upper_bound(problem, solution) <= solution.upper_bound, seed
        assert (solution.status is Status.FEASIBLE) == (solution.value < solution.upper_bound)
        found.add(solution.value == best)
    assert True in found


def test_crowded_weeks_of_hours_keep_every_rule_and_are_nearly_proved() -> None:
    statuses = set()
    for seed in range(12):
        problem = with_hours(generate(SIZES["XS"], seed=seed), 3, 5)

        solution = solve(problem)

        assert violations(problem, solution) == []
        assert upper_bound(problem, solution) <= solution.upper_bound
        assert solution.upper_bound - solution.value <= 1_000 * PPM * solution.upper_bound
        statuses.add(solution.status)
    assert Status.FEASIBLE in statuses


def test_two_short_half_days_are_given_up_for_a_long_one_that_is_worth_more() -> None:
    # Five hours: two mornings of 2, or the afternoon of 5.
    rows = open_rows(
        v_lat=np.array([35.7]),
        v_lon=np.array([51.4]),
        v_radius_m=np.array([5_000], np.int32),
        v_cap=np.array([3], np.uint8),
        v_slots=np.array([7], np.uint16),
        v_skills=np.ones(1, np.uint64),
        v_attrs=np.ones(1, np.uint64),
        l_need=np.arange(3, dtype=np.int32),
        l_lat=np.full(3, 35.7),
        l_lon=np.full(3, 51.4),
        l_slot=np.array([0, 1, 2], np.uint8),
        l_skills=np.ones(3, np.uint64),
        l_attrs=np.ones(3, np.uint64),
        l_group=np.zeros(3, np.int32),
        l_unit_ptr=np.arange(4, dtype=np.int64),
    )
    for afternoon, lines, value in ((50, [0, 2], 1_200), (70, [1], 1_400)):
        points = np.array([30, afternoon, 30], np.int32)

        solution = solve(Problem(**rows | {"unit_value": points}, **hours_rows([5], 2, 5)))

        assert (solution.p_line.tolist(), solution.value) == (lines, value)
        assert solution.status is Status.OPTIMAL


def test_hours_that_never_bind_change_nothing() -> None:
    problem = generate(SIZES["XS"])
    hours = hours_rows([168] * problem.volunteer_count, 3, 5)

    plain, counted = solve(problem), solve(dataclasses.replace(problem, **hours))

    assert as_bytes(plain) == as_bytes(counted)


def test_half_days_of_equal_length_are_a_flow_and_proved_like_one() -> None:
    problem = with_hours(generate(SIZES["XS"]), 4, 4)
    as_cap = dataclasses.replace(
        problem,
        v_cap=np.minimum(problem.v_hours // 4, problem.v_cap).astype(np.uint8),
        v_hours=np.empty(0, np.uint8),
        slot_hours=np.empty(0, np.uint8),
    )

    counted, capped = solve(problem), solve(as_cap)

    assert (counted.value, counted.upper_bound) == (capped.value, capped.upper_bound)


def test_a_dense_province_is_planned_to_its_known_optimum() -> None:
    problem = with_hours(generate(SIZES["Sd"]), 3, 5)

    solution = solve(problem)

    assert violations(problem, solution) == []
    assert solution.value <= OPTIMUM_OF_SD <= solution.upper_bound
    assert solution.value >= OPTIMUM_OF_SD * (1 - 20 * PPM)
    assert solution.upper_bound <= OPTIMUM_OF_SD * (1 + 40 * PPM)
    assert upper_bound(problem, solution) == solution.upper_bound


def test_the_largest_numbers_of_the_format_are_planned_by_the_hour() -> None:
    most = 1_000_000
    for seed in range(20):
        problem = counted_problem(seed, people=False)
        points = np.where(problem.unit_value > 0, most, 0).astype(np.int32)
        first = problem.l_unit_ptr[:-1]
        for start, stop in zip(first, problem.l_unit_ptr[1:], strict=True):
            points[start:stop] = np.sort(points[start:stop])[::-1]
        large = dataclasses.replace(
            problem,
            unit_value=points,
            v_points=np.full(problem.volunteer_count, most, np.int32),
            b_points=np.where(problem.b_points > 0, most, problem.b_points).astype(np.int32),
        )

        solution = solve(large)

        assert violations(large, solution) == [], seed
        assert solution.value <= solution.upper_bound
        assert upper_bound(large, solution) <= solution.upper_bound


def test_hours_give_the_same_bytes_for_any_number_of_threads() -> None:
    problem = with_hours(generate(SIZES["XS"]), 3, 5)

    plans = [solve(problem, options=SolveOptions(threads=count)) for count in (1, 2, 3)]

    assert as_bytes(plans[0]) == as_bytes(plans[1]) == as_bytes(plans[2])


@pytest.mark.parametrize("seed", range(6))
def test_a_part_is_planned_anew_within_the_hours_that_the_rest_leaves(seed: int) -> None:
    problem = with_hours(generate(SIZES["XS"], seed=seed), 3, 5)
    plan = solve(problem)
    is_open = np.random.default_rng(seed).random(problem.line_count) < 0.4

    part = resolve_part(problem, plan, is_open)

    assert violations(problem, part) == []
    frozen = ~is_open[plan.p_line]
    key = part.p_line.astype(np.int64) * problem.volunteer_count + part.p_volunteer
    old = plan.p_line.astype(np.int64) * problem.volunteer_count + plan.p_volunteer
    assert np.isin(old[frozen], key).all()
    assert plan.value * (1 - 1_000 * PPM) <= part.value <= plan.upper_bound
    assert part.value <= part.upper_bound


def test_confirmed_people_use_up_hours_and_stay_beyond_them() -> None:
    confirmed = {"f_volunteer": np.array([0, 1], np.int32), "f_line": np.array([1, 1], np.int32)}
    one = open_rows(l_unit_ptr=np.array([0, 2, 4]), unit_value=np.array([9, 8, 7, 6], np.int32))
    problem = Problem(**one, **confirmed, **hours_rows([3, 8], 3, 5))

    solution = solve(problem)

    # Volunteer 0 has given five hours of three already; volunteer 1 has three left.
    pairs = list(zip(solution.p_volunteer.tolist(), solution.p_line.tolist(), strict=True))
    assert pairs == [(1, 0), (0, 1), (1, 1)]
    assert violations(problem, solution) == []


def test_a_week_that_is_out_of_hours_is_told_as_the_reason() -> None:
    problem = Problem(**open_rows(), **hours_rows([5, 5], 3, 5))
    solution = solve(problem)
    plan = Plan(volunteer=solution.p_volunteer, line=solution.p_line)
    pairs = set(zip(solution.p_volunteer.tolist(), solution.p_line.tolist(), strict=True))
    assert pairs == {(0, 0), (1, 0)}

    told = explain_pair(problem, plan, (1, 1))

    assert told.hindrance is Hindrance.WEEK
    assert told.remedies == ()
