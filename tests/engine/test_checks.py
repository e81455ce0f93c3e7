from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salam.engine import (
    Prices,
    Problem,
    Rule,
    SolverError,
    checks,
    confirmed_violations,
    solve,
    upper_bound,
    violations,
)
from salam.engine.checks import Violation, require_valid
from salam.engine.rules import Rule as RuleOfModule
from salam.engine.solution import explain_placements

from .worlds import brute_force, country, open_rows, small_problem, small_rows


@dataclass
class Claim:
    p_volunteer: np.ndarray
    p_line: np.ndarray
    value: int


def claim(problem: Problem, pairs: list[tuple[int, int]], extra: int = 0) -> Claim:
    """A plan that claims the right value (plus extra) for its distinct, known pairs."""
    known = sorted({(v, line) for v, line in pairs if 0 <= v < 2 and 0 <= line < 2})
    rows = np.array(known, np.int32).reshape(-1, 2)
    value = int(explain_placements(problem, rows[:, 0], rows[:, 1]).p_value.sum())
    table = np.array(pairs, np.int32).reshape(-1, 2)
    return Claim(p_volunteer=table[:, 0], p_line=table[:, 1], value=value + extra)


def int_rows(*values: float) -> np.ndarray:
    return np.array(values, np.int32)


VALID = [(0, 0), (1, 0), (1, 1)]
MUTATIONS = [
    ({}, [*VALID, (2, 0)], Violation(rule=Rule.UNKNOWN_INDEX, volunteer=2, line=0)),
    ({}, [*VALID, (0, -1)], Violation(rule=Rule.UNKNOWN_INDEX, volunteer=0, line=-1)),
    ({}, [*VALID, (1, 1)], Violation(rule=Rule.DUPLICATE, volunteer=1, line=1)),
    (
        {"v_slots": np.array([3, 1], np.uint16)},
        VALID,
        Violation(rule=Rule.SLOT, volunteer=1, line=1),
    ),
    (
        {"l_skills": np.array([1, 2], np.uint64)},
        VALID,
        Violation(rule=Rule.SKILL, volunteer=1, line=1),
    ),
    (
        {"l_attrs": np.array([1, 3], np.uint64)},
        VALID,
        Violation(rule=Rule.ATTRIBUTES, volunteer=1, line=1),
    ),
    (
        {"v_radius_m": int_rows(5_000, 1_100)},
        VALID,
        Violation(rule=Rule.DISTANCE, volunteer=1, line=0, excess=12),
    ),
    (
        {"b_volunteer": int_rows(1), "b_line": int_rows(1), "b_points": int_rows(-1)},
        VALID,
        Violation(rule=Rule.FORBIDDEN, volunteer=1, line=1),
    ),
    (
        {"l_slot": np.array([0, 0], np.uint8)},
        VALID,
        Violation(rule=Rule.SLOT_TWICE, volunteer=1, slot=0),
    ),
    ({"v_cap": np.array([1, 1], np.uint8)}, VALID, Violation(rule=Rule.WEEKLY_CAP, volunteer=1)),
    ({"l_unit_ptr": np.array([0, 1, 3])}, VALID, Violation(rule=Rule.UNITS, line=0)),
    ({"g_cap": int_rows(2)}, VALID, Violation(rule=Rule.GROUP_CAP, group=0)),
    (
        {"g_cap": int_rows(9, 1), "g_parent": int_rows(-1, 0), "l_group": int_rows(1, 0)},
        VALID,
        Violation(rule=Rule.GROUP_CAP, group=1),
    ),
    (
        {"g_cap": int_rows(1, 9), "g_parent": int_rows(-1, 0), "l_group": int_rows(1, 0)},
        VALID,
        Violation(rule=Rule.GROUP_CAP, group=0, excess=2),
    ),
    (
        {"f_volunteer": int_rows(0), "f_line": int_rows(1)},
        [(0, 0), (1, 0)],
        Violation(rule=Rule.CONFIRMED_MISSING, volunteer=0, line=1),
    ),
]


@pytest.mark.parametrize(("changes", "pairs", "violation"), MUTATIONS)
def test_each_broken_rule_is_found_and_no_other(
    changes: dict[str, Any], pairs: list[tuple[int, int]], violation: Violation
) -> None:
    problem = Problem(**open_rows(**changes))

    found = violations(problem, claim(problem, pairs))

    assert violation in found
    assert {one.rule for one in found} == {violation.rule}
    with pytest.raises(SolverError, match="breaks"):
        require_valid(problem, claim(problem, pairs))


def test_the_prices_prove_the_bound_beside_sold_out_people_who_bring_points() -> None:
    for seed in range(150):
        stream = np.random.default_rng(seed)
        rows = small_rows(seed, volunteers=4, lines=4)
        rows["v_cap"] = stream.integers(0, 3, 4).astype(np.uint8)
        rows["v_points"] = stream.integers(0, 3, 4).astype(np.int32)
        problem = Problem(**rows)

        solution = solve(problem)

        assert upper_bound(problem, solution) <= solution.upper_bound, seed


def test_the_unbroken_plan_is_valid() -> None:
    problem = Problem(**open_rows())

    assert violations(problem, claim(problem, VALID)) == []


@pytest.mark.parametrize("extra", [-1, 1])
def test_a_wrong_value_is_found(extra: int) -> None:
    problem = Problem(**open_rows())

    found = violations(problem, claim(problem, VALID, extra))

    assert found == [Violation(rule=Rule.VALUE, excess=extra)]


def test_bonus_and_surplus_people_are_valued_as_the_solver_does() -> None:
    bonus = {"b_volunteer": int_rows(0, 1), "b_line": int_rows(0, 1), "b_points": int_rows(4, -1)}
    over = {"l_unit_ptr": np.array([0, 1, 3])}
    confirmed = {"f_volunteer": int_rows(0, 1, 1), "f_line": int_rows(0, 0, 1)}
    problem = Problem(**open_rows(**bonus, **over, **confirmed))

    plan = claim(problem, VALID)

    assert plan.value == 20 * 180 - 11 + 20 * 4
    assert violations(problem, plan) == []
    rules = [one.rule for one in confirmed_violations(problem)]
    assert rules == [Rule.FORBIDDEN, Rule.UNITS]


def test_a_newcomer_on_top_of_confirmed_people_is_a_violation_of_the_plan() -> None:
    confirmed = {"f_volunteer": int_rows(0), "f_line": int_rows(0)}
    problem = Problem(**open_rows(**confirmed, l_unit_ptr=np.array([0, 1, 3])))

    assert confirmed_violations(problem) == []
    assert violations(problem, claim(problem, [(0, 0)])) == []
    assert violations(problem, claim(problem, [(0, 0), (1, 0)])) == [
        Violation(rule=Rule.UNITS, line=0)
    ]


def test_arrays_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        violations(Problem(**open_rows()), Claim(int_rows(0), int_rows(), 0))


def test_rule_codes_never_change() -> None:
    assert RuleOfModule is Rule
    assert [(rule.name, rule.value) for rule in Rule] == [
        ("NONE", 0),
        ("SLOT", 1),
        ("SKILL", 2),
        ("ATTRIBUTES", 3),
        ("DISTANCE", 4),
        ("FORBIDDEN", 5),
        ("UNKNOWN_INDEX", 6),
        ("DUPLICATE", 7),
        ("SLOT_TWICE", 8),
        ("WEEKLY_CAP", 9),
        ("UNITS", 10),
        ("GROUP_CAP", 11),
        ("CONFIRMED_MISSING", 12),
        ("VALUE", 13),
        ("WEEKLY_HOURS", 14),
        ("GROUP_PEOPLE", 15),
    ]


def random_prices(problem: Problem, seed: int, top: int) -> Prices:
    g = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return g.integers(0, top, shape) * (g.random(shape) < 0.6)

    return Prices(
        price_volunteer=draw(problem.volunteer_count),
        price_slot=draw(problem.volunteer_count, 14),
        price_group=draw(problem.group_count),
    )


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(
    world=st.integers(0, 10_000),
    prices=st.integers(0, 10_000),
    top=st.sampled_from([1, 30, 900, 2**40]),
)
def test_no_prices_give_a_bound_below_the_best_plan(world: int, prices: int, top: int) -> None:
    problem = small_problem(world, volunteers=4, lines=3)

    bound = upper_bound(problem, random_prices(problem, prices, top))

    assert bound >= brute_force(problem)[0]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(world=st.integers(0, 10_000), noise=st.integers(0, 10_000))
def test_prices_near_the_dual_stay_above_it(world: int, noise: int) -> None:
    problem = small_problem(world, volunteers=20, lines=15)
    solution = solve(problem)
    shift = random_prices(problem, noise, 7)
    near = Prices(
        price_volunteer=np.maximum(solution.price_volunteer + shift.price_volunteer - 3, 0),
        price_slot=np.maximum(solution.price_slot - shift.price_slot, 0),
        price_group=solution.price_group + shift.price_group,
    )

    assert upper_bound(problem, solution) == solution.value <= upper_bound(problem, near)


def test_the_bound_does_not_depend_on_the_runs_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = country(300, 200, towns=4)
    prices = random_prices(problem, 1, 500)
    whole = upper_bound(problem, prices)

    monkeypatch.setattr(checks, "CHUNK_EDGES", 5)

    assert upper_bound(problem, prices) == whole


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("price_volunteer", np.zeros(3, np.int64), "int64 (3,) instead of"),
        ("price_volunteer", np.zeros(2), "float64"),
        ("price_slot", np.zeros(28, np.int64), "(28,) instead of"),
        ("price_slot", np.full((2, 14), -1), "outside"),
        ("price_group", np.array([2**40 + 1]), "outside"),
    ],
)
def test_bad_prices_are_refused(name: str, array: np.ndarray, reason: str) -> None:
    zero = {
        "price_volunteer": np.zeros(2, np.int64),
        "price_slot": np.zeros((2, 14), np.int64),
        "price_group": np.zeros(1, np.int64),
    }

    with pytest.raises(ValueError, match=name) as caught:
        upper_bound(Problem(**open_rows()), Prices(**(zero | {name: array})))

    assert reason in str(caught.value)
