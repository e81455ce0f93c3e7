"""Re-solving a part: nothing frozen moves, little is lost, and little of what was shown changes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from salam.engine import Problem, Solution, SolverError, solve, violations
from salam.engine.generate import SIZES, draw, generate, to_problem
from salam.engine.incremental import resolve_part

from .worlds import small_problem

PPM = 1e-6
SHOWN_POINTS = 15  # bonus of a pair that somebody has been shown, some 30 km


def pair_keys(problem: Problem, solution: Solution, rows: np.ndarray | None = None) -> np.ndarray:
    key = solution.p_line.astype(np.int64) * problem.volunteer_count + solution.p_volunteer
    return np.sort(key if rows is None else key[rows])


def with_changes(problem: Problem, **arrays: np.ndarray) -> Problem:
    old = {field.name: getattr(problem, field.name) for field in dataclasses.fields(problem)}
    return Problem(**(old | arrays))


@pytest.mark.parametrize("seed", range(40))
def test_frozen_and_confirmed_placements_never_move(seed: int) -> None:
    problem = small_problem(seed, volunteers=25, lines=20)
    plan = solve(problem)
    is_open = np.random.default_rng(seed).random(20) < 0.4

    part = resolve_part(problem, plan, is_open)

    frozen = ~is_open[plan.p_line] | plan.p_is_confirmed
    kept = ~is_open[part.p_line] | part.p_is_confirmed
    assert (pair_keys(problem, plan, frozen) == pair_keys(problem, part, kept)).all()
    assert violations(problem, part) == []
    # The old plan is one of those that keep what is frozen; a small part is solved to the unit.
    assert plan.value <= part.value <= part.upper_bound
    assert part.value <= plan.upper_bound


def test_opening_everything_is_a_solve_and_opening_nothing_changes_nothing() -> None:
    problem = generate(SIZES["XS"])
    plan = solve(problem)

    everything = resolve_part(problem, plan, np.ones(problem.line_count, np.bool_))
    nothing = resolve_part(problem, plan, np.zeros(problem.line_count, np.bool_))

    for name in (field.name for field in dataclasses.fields(Solution)):
        if name not in ("status", "upper_bound"):
            assert np.array_equal(getattr(nothing, name), getattr(plan, name)), name
        if name not in ("price_volunteer", "price_slot"):
            assert np.array_equal(getattr(everything, name), getattr(plan, name)), name
    assert nothing.value == nothing.upper_bound


def test_what_was_accepted_since_is_kept() -> None:
    problem = generate(SIZES["XS"])
    plan = solve(problem)
    accepted = np.arange(0, plan.placement_count, 7)
    since = with_changes(
        problem, f_volunteer=plan.p_volunteer[accepted], f_line=plan.p_line[accepted]
    )

    part = resolve_part(since, plan, np.ones(problem.line_count, np.bool_))

    assert np.isin(pair_keys(problem, plan, accepted), pair_keys(problem, part)).all()
    assert part.confirmed_count == len(accepted)
    assert part.value >= plan.value * (1 - 5 * PPM)


def test_a_frozen_placement_that_became_impossible_is_named() -> None:
    problem = generate(SIZES["XS"])
    plan = solve(problem)
    gone = problem.v_cap.copy()
    gone[plan.p_volunteer[0]] = 0
    is_open = np.ones(problem.line_count, np.bool_)
    is_open[plan.p_line[0]] = False

    with pytest.raises(SolverError):
        resolve_part(with_changes(problem, v_cap=gone), plan, is_open)


def test_masks_and_plans_of_other_problems_are_refused() -> None:
    problem = small_problem(1, volunteers=5, lines=4)
    plan = solve(problem)

    with pytest.raises(ValueError, match="mask"):
        resolve_part(problem, plan, np.ones(3, np.bool_))
    with pytest.raises(ValueError, match="another problem"):
        resolve_part(small_problem(1, volunteers=6, lines=4), plan, np.ones(4, np.bool_))


def test_a_province_after_changes_loses_little_and_changes_little() -> None:
    volunteers, needs = draw(dataclasses.replace(SIZES["S"], provinces=(0, 1, 2)))
    problem = to_problem(volunteers, needs)
    plan = solve(problem)
    is_open = needs.province[problem.l_need] == 1
    stream = np.random.default_rng(11)
    events = 20
    # Half of the events are people who leave, half are needs that are closed.
    placed = plan.p_volunteer[is_open[plan.p_line]]
    here_only = np.setdiff1d(placed, plan.p_volunteer[~is_open[plan.p_line]])
    cap, seats = problem.v_cap.copy(), problem.g_cap.copy()
    cap[stream.choice(here_only, events // 2, replace=False)] = 0
    of_group = np.bincount(problem.l_group, minlength=problem.group_count)
    closed = np.flatnonzero(is_open & (of_group[problem.l_group] == 1))
    if len(closed) >= events // 2:
        seats[problem.l_group[closed[: events // 2]]] = 0
    else:
        seats[problem.l_group[np.flatnonzero(is_open)[0]]] -= 1
    shown = is_open[plan.p_line]
    changed = with_changes(
        problem,
        v_cap=cap,
        g_cap=seats,
        b_volunteer=plan.p_volunteer[shown],
        b_line=plan.p_line[shown],
        b_points=np.full(int(shown.sum()), SHOWN_POINTS, np.int32),
    )

    part = resolve_part(changed, plan, is_open)
    national = solve(changed)

    assert part.value >= national.value * (1 - 200 * PPM)
    before, after = pair_keys(problem, plan), pair_keys(problem, part)
    assert len(np.setdiff1d(after, before)) <= 8 * events
    frozen = pair_keys(problem, plan, ~shown)
    assert np.isin(frozen, after).all()
