"""Why volunteers stay idle, against one pair after another."""

from __future__ import annotations

import numpy as np
import pytest

from salam.engine import Problem
from salam.engine.distance import pair_distance_m
from salam.matching.actions import idleness
from salam.matching.actions.idleness import idle_counts
from salam.matching.enums import IdleReason
from tests.engine.worlds import small_problem, small_rows


def reason_of(problem: Problem, volunteer: int) -> IdleReason:
    """The first reason, by looking at every line."""
    if not problem.v_cap[volunteer] or not problem.v_slots[volunteer]:
        return IdleReason.WEEK_TAKEN
    lines = np.flatnonzero(np.diff(problem.l_unit_ptr))
    who = np.full(len(lines), volunteer)
    lines = lines[pair_distance_m(problem, who, lines) <= problem.v_radius_m[volunteer]]
    if not len(lines):
        return IdleReason.NOTHING_NEAR
    lines = lines[(problem.l_skills[lines] & problem.v_skills[volunteer]) != 0]
    if not len(lines):
        return IdleReason.SKILL
    slots = int(problem.v_slots[volunteer])
    lines = lines[[bool(slots >> int(slot) & 1) for slot in problem.l_slot[lines]]]
    if not len(lines):
        return IdleReason.HALF_DAY
    wanted = problem.l_attrs[lines]
    is_met = (problem.v_attrs[volunteer] & wanted) == wanted
    return IdleReason.OTHERS if is_met.any() else IdleReason.CONDITION


@pytest.mark.parametrize("pairs_together", [1, 7, 500_000])
def test_reasons_are_those_found_pair_by_pair(monkeypatch, pairs_together) -> None:
    monkeypatch.setattr(idleness, "_PAIRS_TOGETHER", pairs_together)
    seen = set()

    for seed in range(40):
        problem = small_problem(seed, volunteers=12, lines=6)
        everybody = np.arange(problem.volunteer_count)
        expected = dict.fromkeys(IdleReason, 0)
        for volunteer in everybody.tolist():
            expected[reason_of(problem, volunteer)] += 1
        assert idle_counts(problem=problem, idle=everybody) == expected, seed
        seen |= {reason for reason, count in expected.items() if count}

    assert seen == set(IdleReason)


def test_reach_crosses_stripes_and_a_place_on_the_rim_counts() -> None:
    rows = small_rows(1, volunteers=1, lines=1) | {
        "v_lat": np.array([35.0]),
        "v_lon": np.array([51.2499]),  # the line stands beyond the edge of the stripe at 51.25
        "v_radius_m": np.array([20_000], np.int32),
        "v_cap": np.array([1], np.uint8),
        "v_slots": np.array([1], np.uint16),
        "v_skills": np.array([1], np.uint64),
        "l_lat": np.array([35.1]),
        "l_lon": np.array([51.3]),
        "l_slot": np.array([0], np.uint8),
        "l_skills": np.array([1], np.uint64),
        "l_attrs": np.array([0], np.uint64),
        "l_unit_ptr": np.array([0, 1]),
        "unit_value": np.array([30], np.int32),
    }
    no_pairs = {name: np.empty(0, np.int32) for name in rows if name[:2] in {"f_", "b_"}}
    near = Problem(**{**rows, **no_pairs})
    metres = float(pair_distance_m(near, np.array([0]), np.array([0]))[0])
    counts = [
        idle_counts(
            problem=Problem(**{**rows, **no_pairs, "v_radius_m": np.array([radius], np.int32)}),
            idle=np.array([0]),
        )
        for radius in (int(metres), int(metres) + 1)
    ]

    assert [count[IdleReason.NOTHING_NEAR] for count in counts] == [1, 0]
    assert [count[IdleReason.OTHERS] for count in counts] == [0, 1]


def test_nobody_and_nothing_are_counted_too() -> None:
    problem = small_problem(3, volunteers=5, lines=0)

    assert set(idle_counts(problem=problem, idle=np.empty(0, np.int64)).values()) == {0}
    counts = idle_counts(problem=problem, idle=np.arange(5))
    assert sum(counts.values()) == 5
    assert {one for one, count in counts.items() if count} <= {
        IdleReason.WEEK_TAKEN,
        IdleReason.NOTHING_NEAR,
    }
