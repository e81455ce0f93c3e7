"""What would change an answer: each change that is told is made, and the answer turns round."""

from __future__ import annotations

import numpy as np
import pytest

from salam.engine import Problem, Solution, locality, solve
from salam.engine.counterfactual import (
    Change,
    Hindrance,
    Kind,
    PairExplanation,
    apply_changes,
    explain_pair,
    failing_rules,
)
from salam.engine.locality import Plan, locality_of
from salam.engine.rules import Rule

from .worlds import brute_force, country, open_rows, small_problem

NEAR_ONLY = {"l_unit_ptr": np.array([0, 1, 1]), "unit_value": np.array([100], np.int32)}


def plan_of(solution: Solution) -> Plan:
    return Plan(solution.p_volunteer, solution.p_line)


def pairs_of(solution: Solution) -> set[tuple[int, int]]:
    return set(zip(solution.p_volunteer.tolist(), solution.p_line.tolist(), strict=True))


def asked(pair: tuple[int, int], **changes: np.ndarray) -> PairExplanation:
    problem = Problem(**open_rows(**changes))
    return explain_pair(problem, plan_of(solve(problem)), pair)


def int_rows(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


@pytest.mark.parametrize("block", range(4))
def test_every_change_that_is_told_turns_the_answer_round(block: int) -> None:
    kinds = set()
    for seed in range(block * 20, block * 20 + 20):
        problem = small_problem(seed, volunteers=6, lines=5)
        solution = solve(problem)
        planned = pairs_of(solution)
        for volunteer in range(problem.volunteer_count):
            line = (volunteer + seed) % problem.line_count
            if (volunteer, line) in planned:
                continue
            told = explain_pair(problem, plan_of(solution), (volunteer, line))
            assert told.hindrance is not Hindrance.NONE
            for remedy in told.remedies:
                changed = apply_changes(problem, (volunteer, line), remedy.changes)
                assert (volunteer, line) in pairs_of(solve(changed)), (seed, volunteer, line)
                kinds |= {change.kind for change in remedy.changes}
    assert len(kinds) >= 3


def test_the_margin_of_a_change_is_what_full_enumeration_says() -> None:
    checked = 0
    for seed in range(60):
        problem = small_problem(seed, volunteers=4, lines=3)
        solution = solve(problem)
        for volunteer in range(4):
            told = explain_pair(problem, plan_of(solution), (volunteer, seed % 3))
            for remedy in told.remedies:
                changed = apply_changes(problem, (volunteer, seed % 3), remedy.changes)
                gained = brute_force(changed)[0] - brute_force(problem)[0]
                assert 0 < remedy.margin <= gained
                checked += 1
    assert checked >= 10


def test_a_wider_radius_is_told_to_the_metre() -> None:
    told = asked((0, 1), v_radius_m=int_rows(1_000, 0))

    # 0.01 degrees of latitude are 1 112 m.
    assert told.rules == (Rule.DISTANCE,)
    assert [one.changes for one in told.remedies] == []
    alone = asked((0, 1), v_radius_m=int_rows(1_000, 0), v_slots=np.array([3, 1], np.uint16))
    assert [one.changes for one in alone.remedies] == [(Change(kind=Kind.RADIUS, amount=112),)]
    assert alone.remedies[0].margin == 20 * 60 - 11


def test_a_full_line_is_not_promised_to_somebody_farther() -> None:
    told = asked((1, 0), **NEAR_ONLY)

    assert told.hindrance is Hindrance.LINE_FULL
    assert told.remedies == ()
    assert told.travel == 11


def test_one_more_seat_is_told_where_seats_are_what_is_missing() -> None:
    told = asked((1, 1), g_cap=int_rows(2))

    assert told.hindrance is Hindrance.SEATS
    assert [one.changes for one in told.remedies] == [(Change(kind=Kind.SEAT, amount=1),)]
    assert told.seats > 0


def test_one_more_half_day_is_told_to_whom_the_week_is_full() -> None:
    told = asked((0, 1), v_cap=np.array([1, 0], np.uint8), unit_value=int_rows(100, 80, 60))

    assert told.hindrance is Hindrance.WEEK
    assert told.half_day > 0
    wanted = Change(kind=Kind.WEEKLY_HALF_DAY, amount=1)
    assert [one.changes for one in told.remedies] == [(wanted,)]


@pytest.mark.parametrize(
    ("broken", "rule", "change"),
    [
        ({"v_slots": np.array([1, 1], np.uint16)}, Rule.SLOT, (Kind.HALF_DAY_FREE, 1)),
        ({"l_skills": np.array([1, 6], np.uint64)}, Rule.SKILL, (Kind.SKILL, 1)),
        ({"l_attrs": np.array([0, 5], np.uint64)}, Rule.ATTRIBUTES, (Kind.ATTRIBUTES, 4)),
    ],
)
def test_what_is_missing_is_told(broken, rule, change) -> None:
    told = asked((0, 1), **broken)

    assert told.rules == (rule,)
    assert [(one.kind, one.amount) for one in told.remedies[0].changes] == [change]


def test_what_cannot_be_had_is_not_told() -> None:
    problem = Problem(**open_rows(l_attrs=np.array([0, 5], np.uint64)))

    told = explain_pair(problem, plan_of(solve(problem)), (0, 1), attributes_to_gain=0b10)

    assert told.remedies == ()


def test_a_no_is_a_no() -> None:
    pair = {"b_volunteer": int_rows(0), "b_line": int_rows(1), "b_points": int_rows(-1)}

    told = asked((0, 1), **pair)

    assert (told.rules, told.remedies) == ((Rule.FORBIDDEN,), ())


def test_a_pair_of_the_plan_says_who_would_come_instead_and_what_is_lost() -> None:
    told = asked((0, 0), **NEAR_ONLY)

    assert told.hindrance is Hindrance.NONE
    assert (told.replacement, told.loss) == (1, 11)


def test_a_part_of_a_country_gives_answers_that_hold_in_the_whole(monkeypatch) -> None:
    problem = country(900, 500, towns=5)
    solution = solve(problem)
    planned = pairs_of(solution)
    monkeypatch.setattr(locality, "WHOLE_LINES", 0)
    monkeypatch.setattr(locality, "NEAR_LINES", 60)
    g = np.random.default_rng(4)
    found = held = 0
    for _ in range(1500):
        pair = int(g.integers(900)), int(g.integers(500))
        if pair in planned or found == 6 or len(failing_rules(problem, *pair)) > 2:
            continue
        near = np.hypot(
            problem.v_lat[pair[0]] - problem.l_lat[pair[1]],
            problem.v_lon[pair[0]] - problem.l_lon[pair[1]],
        )
        if near > 0.2:
            continue
        for remedy in explain_pair(problem, plan_of(solution), pair).remedies:
            changed = apply_changes(problem, pair, remedy.changes)
            found += 1
            held += pair in pairs_of(solve(changed))

    assert found >= 5
    assert held == found


def test_the_part_of_a_country_keeps_its_plan(monkeypatch) -> None:
    problem = country(900, 500, towns=5)
    solution = solve(problem)
    monkeypatch.setattr(locality, "WHOLE_LINES", 0)
    line = int(solution.p_line[0])

    pair = int(solution.p_volunteer[0]), np.array([line])
    part = locality_of(problem, plan_of(solution), pair)
    again = solve(part.problem)

    inside = np.isin(solution.p_line, part.line)
    assert 0 < part.problem.line_count < 500
    assert again.value >= solution.p_value[inside].sum() - 2
