"""What one more would be worth, against plans that are really made with one more."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from salam.engine import Problem, Solution, solve
from salam.engine.problem import FIELDS
from salam.engine.recruit import (
    Recruits,
    best_by_place,
    typical_radius_m,
    worth_of_attributes,
    worth_of_half_days,
    worth_of_recruits,
    worth_of_seats,
)

from .worlds import country, open_rows, small_problem

FULL_WEEK = (1 << 14) - 1


def rows_of(problem: Problem) -> dict[str, np.ndarray]:
    return {name: getattr(problem, name) for name, _, _ in FIELDS}


def with_one(problem: Problem, name: str, at: int, *, value: int) -> Problem:
    changed = getattr(problem, name).copy()
    changed[at] = value
    return Problem(**(rows_of(problem) | {name: changed}))


def with_volunteer(problem: Problem, **volunteer: float) -> Problem:
    rows = rows_of(problem)
    for name, value in volunteer.items():
        rows[name] = np.append(rows[name], np.array([value], rows[name].dtype))
    rows["v_points"] = np.append(problem.v_points, np.int32(0))
    return Problem(**rows)


@cache
def solved_country() -> tuple[Problem, Solution]:
    problem = country(1_500, 1_600, towns=8)
    return problem, solve(problem)


def assert_close(said: list[int], real: list[int]) -> None:
    """Nearly one line through the origin, and none worth much that is called worthless."""
    told, true = np.array(said, float), np.array(real, float)
    assert true.max() > 0
    assert np.corrcoef(told, true)[0, 1] >= 0.99
    assert abs(told.sum() - true.sum()) <= 0.03 * true.sum()


def spread(worth: np.ndarray, count: int) -> list[int]:
    """Places with a worth from the least to the greatest, and some without any."""
    order = np.argsort(worth, kind="stable")
    paid = order[worth[order] > 0]
    picked = paid[np.linspace(0, len(paid) - 1, min(count, len(paid))).astype(int)]
    return np.unique(picked).tolist()


def measured(
    problem: Problem, solution: Solution, at: list[int], change: Callable[[int], Problem]
) -> list[int]:
    return [solve(change(one)).value - solution.value for one in at]


def test_one_more_half_day_is_worth_what_a_plan_with_it_gains() -> None:
    problem, solution = solved_country()
    worth = worth_of_half_days(problem, solution)
    used = np.bincount(solution.p_volunteer, minlength=problem.volunteer_count)
    full = np.flatnonzero((used == problem.v_cap) & (np.bitwise_count(problem.v_slots) > used))
    at = full[np.linspace(0, len(full) - 1, 40).astype(int)].tolist()

    real = measured(
        problem,
        solution,
        at,
        lambda v: with_one(problem, "v_cap", v, value=int(problem.v_cap[v]) + 1),
    )

    assert_close(worth[at].tolist(), real)


def test_one_more_volunteer_is_worth_what_a_plan_with_them_gains() -> None:
    problem, solution = solved_country()
    place = np.linspace(0, problem.line_count - 1, 6).astype(int)
    skills = np.array([1 << 2, 1 << 5, 1 << 9, 1 << 14], np.uint64)
    radius = typical_radius_m(problem)
    recruits = Recruits(
        lat=problem.l_lat[place], lon=problem.l_lon[place], skills=skills, radius_m=radius, attrs=7
    )
    one, two = worth_of_recruits(problem, solution, recruits)

    def joined(at: int) -> Problem:
        where, kind = divmod(at, len(skills))
        return with_volunteer(
            problem,
            v_lat=recruits.lat[where],
            v_lon=recruits.lon[where],
            v_radius_m=radius,
            v_cap=1,
            v_slots=FULL_WEEK,
            v_skills=int(skills[kind]),
            v_attrs=7,
        )

    everything = list(range(one.size))
    assert_close(one.ravel().tolist(), measured(problem, solution, everything, joined))
    assert (two >= one).all()
    assert (two <= 2 * one).all()


def test_one_more_seat_is_worth_what_a_plan_with_it_gains() -> None:
    problem, solution = solved_country()
    worth = worth_of_seats(problem, solution)
    at = spread(worth, 30)
    full = np.flatnonzero((solution.price_group > 0) & (worth == 0))[:6].tolist()

    real = measured(
        problem,
        solution,
        at + full,
        lambda g: with_one(problem, "g_cap", g, value=int(problem.g_cap[g]) + 1),
    )

    assert_close(worth[at + full].tolist(), real)


def test_one_more_attribute_is_worth_what_a_plan_with_it_gains() -> None:
    problem, solution = solved_country()
    worth = worth_of_attributes(problem, solution, problem.v_attrs | np.uint64(1))
    at = spread(worth, 30)

    real = measured(
        problem,
        solution,
        at,
        lambda v: with_one(problem, "v_attrs", v, value=int(problem.v_attrs[v]) | 1),
    )

    assert_close(worth[at].tolist(), real)
    assert not worth[(problem.v_attrs & np.uint64(1)) != 0].any()


@pytest.mark.parametrize("block", range(2))
def test_nothing_is_called_worthless_that_a_little_plan_gains_by(block: int) -> None:
    for seed in range(2_000 + block * 20, 2_020 + block * 20):
        problem = small_problem(seed, volunteers=8, lines=6)
        solution = solve(problem)
        seats = worth_of_seats(problem, solution)
        attributes = worth_of_attributes(problem, solution, problem.v_attrs | np.uint64(1))

        for group in range(problem.group_count):
            more = with_one(problem, "g_cap", group, value=int(problem.g_cap[group]) + 1)
            assert solve(more).value - solution.value <= seats[group], (seed, group)
        for v in range(problem.volunteer_count):
            more = with_one(problem, "v_attrs", v, value=int(problem.v_attrs[v]) | 1)
            assert solve(more).value - solution.value <= attributes[v], (seed, v)


def test_a_seat_is_worth_the_line_that_waits_and_not_the_one_that_sits() -> None:
    problem = Problem(**open_rows(g_cap=np.array([1], np.int32)))
    solution = solve(problem)

    assert solution.price_group.tolist() == [2_000]
    assert worth_of_seats(problem, solution).tolist() == [20 * 80 - 11]


def test_the_best_of_each_place_and_nothing_where_nobody_is() -> None:
    assert best_by_place(np.array([3, 9, 4]), np.array([2, 2, 0]), 3).tolist() == [4, 0, 9]
    nobody = small_problem(5, volunteers=0, lines=2)
    assert typical_radius_m(nobody) == 0
    assert worth_of_seats(nobody, solve(nobody)).tolist() == [0] * nobody.group_count
