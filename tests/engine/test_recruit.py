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

from .worlds import open_rows, small_problem, small_rows

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


def scarce(seed: int) -> Problem:
    """A little world with seats enough and too few people, one half-day a week each."""
    rows = without_pairs(small_rows(seed, volunteers=12, lines=20))
    rows["g_cap"] = rows["g_cap"] + np.int32(9)
    rows["v_cap"] = np.ones(12, np.uint8)
    rows["v_slots"] = np.full(12, 3, np.uint16)
    return Problem(**rows)


def crowded(seed: int) -> Problem:
    """A little world with people enough and too few seats."""
    return Problem(**without_pairs(small_rows(seed, volunteers=24, lines=18)))


def without_pairs(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """No bans and bonuses between one volunteer and one line: worths do not look at them."""
    none = np.zeros(0, np.int32)
    return rows | {"b_volunteer": none, "b_line": none, "b_points": none}


@cache
def solved(make: Callable[[int], Problem]) -> list[tuple[Problem, Solution]]:
    problems = [make(seed) for seed in range(3_000, 3_016)]
    return [(problem, solve(problem)) for problem in problems]


def gain(solution: Solution, more: Problem) -> int:
    return solve(more).value - solution.value


def assert_close(pairs: list[tuple[int, int]], *, least: int) -> None:
    """Nearly one line through the origin, and enough of them worth something."""
    told, true = np.array(pairs, float).T
    assert (true > 0).sum() >= least
    assert np.corrcoef(told, true)[0, 1] >= 0.99
    assert abs(told.sum() - true.sum()) <= 0.03 * true.sum()


def test_one_more_half_day_is_worth_what_a_plan_with_it_gains() -> None:
    pairs = []
    for problem, solution in solved(scarce):
        worth = worth_of_half_days(problem, solution)
        for v in range(0, 12, 2):
            more = with_one(problem, "v_cap", v, value=2)
            pairs.append((int(worth[v]), gain(solution, more)))

    assert_close(pairs, least=20)


def test_one_more_volunteer_is_worth_what_a_plan_with_them_gains() -> None:
    pairs, skills = [], np.array([1, 2], np.uint64)
    for problem, solution in solved(scarce):
        recruits = Recruits(
            lat=problem.l_lat[:3],
            lon=problem.l_lon[:3],
            skills=skills,
            radius_m=typical_radius_m(problem),
            attrs=1,
        )
        one, two = worth_of_recruits(problem, solution, recruits)
        assert (two >= one).all()
        assert (two <= 2 * one).all()
        for place, kind in np.ndindex(one.shape):
            more = with_volunteer(
                problem,
                v_lat=recruits.lat[place],
                v_lon=recruits.lon[place],
                v_radius_m=recruits.radius_m,
                v_cap=1,
                v_slots=FULL_WEEK,
                v_skills=int(skills[kind]),
                v_attrs=1,
            )
            pairs.append((int(one[place, kind]), gain(solution, more)))

    assert_close(pairs, least=20)


def test_one_more_seat_is_worth_what_a_plan_with_it_gains() -> None:
    pairs = []
    for problem, solution in solved(crowded):
        worth = worth_of_seats(problem, solution)
        for group, seats in enumerate(problem.g_cap.tolist()):
            more = with_one(problem, "g_cap", group, value=seats + 1)
            pairs.append((int(worth[group]), gain(solution, more)))

    assert_close(pairs, least=20)


def test_one_more_attribute_is_worth_what_a_plan_with_it_gains() -> None:
    pairs = []
    for problem, solution in solved(crowded):
        attrs = problem.v_attrs | np.uint64(1)
        worth = worth_of_attributes(problem, solution, attrs)
        assert not worth[attrs == problem.v_attrs].any()
        for v in np.flatnonzero(attrs != problem.v_attrs).tolist():
            more = with_one(problem, "v_attrs", v, value=1)
            pairs.append((int(worth[v]), gain(solution, more)))

    assert_close(pairs, least=6)


def test_an_attribute_is_a_point_too_dear_at_most_where_people_are_short() -> None:
    for problem, solution in solved(scarce):
        attrs = problem.v_attrs | np.uint64(1)
        worth = worth_of_attributes(problem, solution, attrs)
        for v in np.flatnonzero(attrs != problem.v_attrs).tolist():
            real = gain(solution, with_one(problem, "v_attrs", v, value=1))
            assert real <= worth[v] <= real + 20


@pytest.mark.parametrize("block", range(2))
def test_nothing_is_called_worthless_that_a_little_plan_gains_by(block: int) -> None:
    for seed in range(2_000 + block * 20, 2_020 + block * 20):
        problem = Problem(**without_pairs(small_rows(seed, volunteers=8, lines=6)))
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
