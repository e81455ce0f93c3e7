import dataclasses
from typing import Any

import numpy as np
import pytest

from salam.engine import Problem, ProblemError

from .worlds import open_rows


def float_rows(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def int_rows(*values: float, dtype: type[np.generic] = np.int32) -> np.ndarray:
    return np.array(values, dtype)


def bytes_rows(*values: int) -> np.ndarray:
    return int_rows(*values, dtype=np.uint8)


def hours_rows(of_people: list[int], of_slots: list[int]) -> dict[str, np.ndarray]:
    return {"v_hours": bytes_rows(*of_people), "slot_hours": bytes_rows(*of_slots)}


BAD = [
    ({"v_lat": [35.7, 35.71]}, "v_lat", None, "list instead of a numpy array"),
    ({"v_lat": int_rows(35, 36)}, "v_lat", None, "dtype int32 instead of float64"),
    ({"v_cap": int_rows(2, 2)}, "v_cap", None, "dtype int32 instead of uint8"),
    ({"v_lon": float_rows(51.4)}, "v_lon", None, "length 1 instead of V = 2"),
    ({"v_lat": float_rows(1, 2).reshape(1, 2)}, "v_lat", None, "2 dimensions instead of 1"),
    ({"l_unit_ptr": int_rows(0, 3, dtype=np.int64)}, "l_unit_ptr", None, "length 2 instead of"),
    ({"v_lat": float_rows(35.7, np.nan)}, "v_lat", 1, "not a finite number"),
    ({"l_lon": float_rows(np.inf, 51)}, "l_lon", 0, "not a finite number"),
    ({"v_lat": float_rows(35.7, 90.5)}, "v_lat", 1, "outside -90..90 degrees"),
    ({"v_lon": float_rows(-180.1, 0)}, "v_lon", 0, "outside -180..180 degrees"),
    ({"l_lat": float_rows(-91, 0)}, "l_lat", 0, "outside -90..90 degrees"),
    ({"v_radius_m": int_rows(5, -1)}, "v_radius_m", 1, "negative radius"),
    ({"v_cap": int_rows(15, 2, dtype=np.uint8)}, "v_cap", 0, "more than 14 half-days"),
    ({"v_slots": int_rows(3, 1 << 14, dtype=np.uint16)}, "v_slots", 1, "a bit above the 14"),
    ({"l_need": int_rows(0, -2)}, "l_need", 1, "negative need"),
    ({"l_slot": int_rows(0, 14, dtype=np.uint8)}, "l_slot", 1, "slot above 13"),
    ({"l_group": int_rows(0, 1)}, "l_group", 1, "group outside 0..0"),
    ({"l_group": int_rows(-1, 0)}, "l_group", 0, "group outside 0..0"),
    ({"l_unit_ptr": int_rows(1, 2, 3, dtype=np.int64)}, "l_unit_ptr", 0, "does not start at 0"),
    ({"l_unit_ptr": int_rows(0, 4, 3, dtype=np.int64)}, "l_unit_ptr", 2, "smaller than the one"),
    ({"l_unit_ptr": int_rows(0, 1, 2, dtype=np.int64)}, "l_unit_ptr", 2, "does not end at U = 3"),
    ({"unit_value": int_rows(100, 60, -1)}, "unit_value", 2, "negative points"),
    ({"unit_value": int_rows(1_000_001, 60, 1)}, "unit_value", 0, "more than 1000000 points"),
    ({"unit_value": int_rows(60, 61, 1)}, "unit_value", 1, "more points than the unit before"),
    ({"g_cap": int_rows(-1)}, "g_cap", 0, "negative seats"),
    ({"v_hours": bytes_rows(5, 5)}, "v_hours", None, "given without slot_hours"),
    ({"slot_hours": bytes_rows(*[3] * 14)}, "slot_hours", None, "given without v_hours"),
    (hours_rows([5, 5], [3] * 13), "slot_hours", None, "length 13 instead of T = 14"),
    (hours_rows([5], [3] * 14), "v_hours", None, "length 1 instead of V = 2"),
    (hours_rows([5, 169], [3] * 14), "v_hours", 1, "more than 168 hours a week"),
    (hours_rows([5, 5], [3, 0, *[3] * 12]), "slot_hours", 1, "a half-day of no hours"),
    (hours_rows([5, 5], [25] * 14), "slot_hours", 0, "more than 24 hours"),
    ({"v_hours": int_rows(5, 5)}, "v_hours", None, "dtype int32 instead of uint8"),
    ({"g_people": int_rows(-2)}, "g_people", 0, "below -1"),
    ({"g_people": int_rows(1, 1)}, "g_people", None, "length 2 instead of G = 1"),
    ({"g_parent": int_rows(1)}, "g_parent", 0, "parent outside -1..0"),
    ({"g_parent": int_rows(-2)}, "g_parent", 0, "parent outside -1..0"),
    ({"g_parent": int_rows(0)}, "g_parent", 0, "never ends (cycle)"),
    ({"f_volunteer": int_rows(2), "f_line": int_rows(0)}, "f_volunteer", 0, "outside 0..1"),
    ({"f_volunteer": int_rows(0), "f_line": int_rows(-1)}, "f_line", 0, "outside 0..1"),
    ({"f_volunteer": int_rows(0)}, "f_line", None, "length 0 instead of F = 1"),
    (
        {"f_volunteer": int_rows(1, 0, 1), "f_line": int_rows(0, 0, 0)},
        "f_volunteer",
        2,
        "stands twice",
    ),
    (
        {"b_volunteer": int_rows(2), "b_line": int_rows(0), "b_points": int_rows(1)},
        "b_volunteer",
        0,
        "outside 0..1",
    ),
    (
        {"b_volunteer": int_rows(0), "b_line": int_rows(7), "b_points": int_rows(1)},
        "b_line",
        0,
        "outside 0..1",
    ),
    (
        {"b_volunteer": int_rows(0), "b_line": int_rows(0), "b_points": int_rows(-2)},
        "b_points",
        0,
        "below -1",
    ),
    (
        {"b_volunteer": int_rows(0), "b_line": int_rows(0), "b_points": int_rows(1_000_001)},
        "b_points",
        0,
        "more than 1000000",
    ),
    (
        {"b_volunteer": int_rows(0, 0), "b_line": int_rows(1, 1), "b_points": int_rows(0, -1)},
        "b_volunteer",
        1,
        "stands twice",
    ),
]


@pytest.mark.parametrize(("changes", "array", "index", "reason"), BAD)
def test_problem_refuses_bad_input_by_name(
    changes: dict[str, Any], array: str, index: int | None, reason: str
) -> None:
    rows = open_rows(**changes)

    with pytest.raises(ProblemError) as caught:
        Problem(**rows)

    assert (caught.value.array, caught.value.index) == (array, index)
    assert reason in caught.value.reason
    assert str(caught.value).startswith(array if index is None else f"{array}[{index}]: ")


def test_problem_error_is_a_value_error() -> None:
    assert issubclass(ProblemError, ValueError)


def test_problem_refuses_a_long_cycle_below_a_sound_root() -> None:
    parent = int_rows(-1, 3, 1, 2, 0)

    with pytest.raises(ProblemError, match=r"g_parent\[1\]"):
        Problem(**open_rows(g_cap=np.full(5, 9, np.int32), g_parent=parent))


def test_problem_takes_a_deep_chain_of_groups() -> None:
    parent = np.arange(-1, 40, dtype=np.int32)

    problem = Problem(**open_rows(g_cap=np.full(41, 9, np.int32), g_parent=parent))

    assert problem.group_count == 41


def test_problem_takes_equal_lines_lines_without_units_and_values_that_rise_between_lines() -> None:
    rows = open_rows(
        l_need=int_rows(0, 0),
        l_slot=int_rows(0, 0, dtype=np.uint8),
        l_unit_ptr=int_rows(0, 0, 3, dtype=np.int64),
    )
    risen = open_rows(unit_value=int_rows(5, 4, 900))

    assert Problem(**rows).line_count == 2
    assert Problem(**risen).volunteer_count == 2


def test_problem_arrays_are_read_only_and_the_callers_stay_open() -> None:
    rows = open_rows()

    problem = Problem(**rows)

    with pytest.raises(ValueError, match="read-only"):
        problem.v_lat[0] = 1.0
    rows["v_lat"][0] = 35.7
    with pytest.raises(dataclasses.FrozenInstanceError):
        problem.v_lat = rows["v_lat"]
