from typing import Any

import numpy as np
import pytest

from salam.engine import DEFAULT_WEIGHTS, Problem, Weights, unit_points, waiting_points

from .worlds import open_rows

GOOD = {
    "urgency": [1, 5],
    "town_population": [10_000, 10_000_000],
    "people_served": [50, 50],
    "headcount": [1, 2],
}


def test_unit_points_multiply_the_published_factors() -> None:
    points = unit_points(
        urgency=[1, 2, 3, 4, 5],
        town_population=[10_000, 100_000, 1_000_000, 10_000_000, 500],
        people_served=[5, 50, 500, 1, 9_999],
        headcount=[1, 1, 1, 1, 1],
    )

    assert points.urgency_factor.tolist() == [1, 2, 4, 7, 12]
    assert points.town_factor.tolist() == [2.0, 1.5, 1.1, 1.0, 2.0]
    assert points.served_factor.tolist() == [0.8, 1.0, 1.5, 0.8, 1.5]
    assert points.first_points.round(9).tolist() == [160, 300, 660, 560, 3600]
    assert points.values.tolist() == [160, 300, 660, 560, 3600]
    assert points.weights is DEFAULT_WEIGHTS


def test_unit_points_fall_by_person_down_to_the_floor_and_fit_a_problem() -> None:
    points = unit_points(
        urgency=[1, 1], town_population=[10**7, 10**4], people_served=[50, 50], headcount=[6, 0]
    )

    assert points.values.tolist() == [100, 60, 36, 26, 26, 26]
    assert points.ptr.tolist() == [0, 6, 6]
    problem = Problem(**open_rows(l_unit_ptr=points.ptr, unit_value=points.values))
    assert problem.unit_value.dtype == np.int32


def test_unit_points_of_nothing_are_empty() -> None:
    points = unit_points(urgency=[], town_population=[], people_served=[], headcount=[])

    assert (points.ptr.tolist(), points.values.tolist()) == ([0], [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"urgency": [1, 0]}, r"urgency\[1\]"),
        ({"urgency": [6, 1]}, r"urgency\[0\]"),
        ({"town_population": [0, 1]}, r"town_population\[0\]"),
        ({"town_population": [1, np.nan]}, r"town_population\[1\]"),
        ({"people_served": [-1, 1]}, r"people_served\[0\]"),
        ({"headcount": [1, -1]}, r"headcount\[1\]"),
        ({"headcount": [1]}, r"headcount: shape"),
    ],
)
def test_unit_points_refuse_bad_rows_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unit_points(**(GOOD | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"town_factors": (1.0,)}, "knots"),
        ({"served_people": (5.0, 5.0, 500.0)}, "knots"),
        ({"next_person_factor": 1.1}, "next_person_factor"),
        ({"next_person_factor": 0.0}, "next_person_factor"),
        ({"urgency_factors": (1.0, 0.0)}, "positive"),
        ({"points_min": -1}, "positive"),
    ],
)
def test_weights_refuse_tables_that_break_the_format(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Weights(**changes)


def test_waiting_points_rise_with_the_weeks_between_the_steps() -> None:
    weights = Weights(waiting_weeks=(4.0, 12.0, 52.0), waiting_points=(0.0, 2.0, 5.0))

    points = waiting_points(weeks=[0, 4, 8, 12, 32, 52, 900], weights=weights)

    assert points.tolist() == [0, 0, 1, 2, 4, 5, 5]
    assert points.dtype == np.int32
    assert waiting_points(weeks=[4, 52, 900]).tolist() == [0, 1, 1]


@pytest.mark.parametrize("weeks", [[1, -1], [1, np.nan]])
def test_waiting_that_is_no_time_is_refused(weeks: list[float]) -> None:
    with pytest.raises(ValueError, match=r"weeks\[1\]"):
        waiting_points(weeks=weeks)


@pytest.mark.parametrize(
    "tables",
    [
        {"waiting_weeks": (4.0,), "waiting_points": (0.0, 1.0)},
        {"waiting_weeks": (52.0, 4.0), "waiting_points": (0.0, 1.0)},
        {"waiting_points": (0.0, -1.0)},
    ],
)
def test_tables_of_waiting_that_break_the_format_are_refused(tables: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"knots|waiting"):
        Weights(**tables)
