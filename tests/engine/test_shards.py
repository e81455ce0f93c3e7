"""Shards share nothing, and an auction in shards ends as near the best plan as a whole one."""

from __future__ import annotations

import numpy as np
import pytest

from salam.engine import Problem, Solution, shards, solve, violations
from salam.engine.generate import SIZES, generate
from salam.engine.shards import cut_by_place

from .worlds import small_problem

PPM = 1e-6


def solve_in_shards(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> Solution:
    with monkeypatch.context() as small:
        small.setattr(shards, "SHARD_LINES", 1)
        return solve(problem)


def test_a_cut_balances_weight_and_keeps_places_whole() -> None:
    stream = np.random.default_rng(5)
    place = stream.normal(size=(40, 3)) * 1e5
    xyz = place[stream.integers(0, 40, 2_000)]
    weight = stream.integers(0, 9, 2_000)

    shard = cut_by_place(xyz, weight, levels=3)

    assert (
        len({(*point, one) for point, one in zip(xyz.tolist(), shard.tolist(), strict=True)}) == 40
    )
    share = np.bincount(shard, weights=weight, minlength=8) / weight.sum()
    assert (
        share.min() >= 0.35**3 * 0.5
    )  # places are lumps, which the bound of a cut knows nothing of
    assert (cut_by_place(xyz, weight, levels=3) == shard).all()


def test_a_cut_of_nobody_or_of_one_place_is_a_cut_into_one() -> None:
    assert cut_by_place(np.zeros((0, 3)), np.zeros(0, np.int64), levels=3).tolist() == []
    assert cut_by_place(np.ones((4, 3)), np.ones(4, np.int64), levels=3).tolist() == [0] * 4


@pytest.mark.parametrize("seed", range(30))
def test_nested_seats_and_borders_are_kept_and_cost_nothing(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = small_problem(seed, volunteers=40, lines=30)

    whole, parts = solve(problem), solve_in_shards(problem, monkeypatch)

    assert violations(problem, parts) == []
    # So small a world is solved to the unit, one way or the other.
    assert (parts.value, parts.upper_bound) == (whole.value, whole.value)


def test_a_calm_province_in_shards_is_as_near_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = generate(SIZES["Sd"])

    whole, parts = solve(problem), solve_in_shards(problem, monkeypatch)

    assert violations(problem, parts) == []
    assert whole.value * (1 - 5 * PPM) <= parts.value <= whole.upper_bound
    assert parts.upper_bound - parts.value <= 30 * PPM * parts.value


def test_where_people_are_scarce_shards_are_as_near_the_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = generate(SIZES["Sd"], crunch=4)

    whole, parts = solve(problem), solve_in_shards(problem, monkeypatch)

    assert violations(problem, parts) == []
    assert parts.value >= whole.value * (1 - 20 * PPM)
    assert parts.upper_bound <= whole.upper_bound * (1 + 50 * PPM)
