import numpy as np
import pytest

from salam.engine import (
    Obstacle,
    Problem,
    Rule,
    eligibility,
    feasible_edges,
    first_failing_rule,
)

from .worlds import brute_edges, country, edge_set, open_rows, small_problem


def world_problem(
    seed: int, *, radius_max_m: int, lat: float | None = None, lon: float | None = None
) -> Problem:
    """People all over the globe, or around one point, with one slot and one skill."""
    g = np.random.default_rng(seed)
    volunteers, lines = 60, 80

    def place(count: int) -> tuple[np.ndarray, np.ndarray]:
        if lat is None:
            return np.degrees(np.arcsin(g.uniform(-1, 1, count))), g.uniform(-180, 180, count)
        turned = lon + g.uniform(-3, 3, count) * 10
        near = np.clip(lat + g.uniform(-3, 3, count), -90, 90)
        return near, (turned + 180) % 360 - 180

    v_lat, v_lon = place(volunteers)
    l_lat, l_lon = place(lines)
    l_lat[:3], l_lon[:3] = (90, -90, 0), (0, 0, 180)
    one, bit = np.ones(volunteers, np.uint64), np.ones(lines, np.uint64)
    return Problem(
        v_lat=v_lat,
        v_lon=v_lon,
        v_radius_m=g.integers(0, radius_max_m, volunteers).astype(np.int32),
        v_cap=one.astype(np.uint8),
        v_slots=one.astype(np.uint16),
        v_skills=one,
        v_attrs=one,
        l_need=np.arange(lines, dtype=np.int32),
        l_lat=l_lat,
        l_lon=l_lon,
        l_slot=np.zeros(lines, np.uint8),
        l_skills=bit,
        l_attrs=bit,
        l_unit_ptr=np.arange(lines + 1, dtype=np.int64),
        unit_value=np.ones(lines, np.int32),
        l_group=np.zeros(lines, np.int32),
        g_cap=np.array([9], np.int32),
        g_parent=np.array([-1], np.int32),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("radius_max_m", "lat", "lon"),
    [
        (2_000_000, None, None),
        (21_000_000, None, None),
        (300_000, 88.0, 10.0),
        (300_000, -88.5, -170.0),
        (400_000, 10.0, 180.0),
        (400_000, 65.0, -179.9),
        (60_000, 0.0, 0.0),
    ],
)
def test_feasible_edges_are_right_anywhere_on_the_globe(
    seed: int, radius_max_m: int, lat: float | None, lon: float | None
) -> None:
    problem = world_problem(seed, radius_max_m=radius_max_m, lat=lat, lon=lon)

    edges = feasible_edges(problem)

    assert edge_set(edges) == brute_edges(problem, range(problem.line_count))
    assert len(edges.volunteer) == len(edge_set(edges))


@pytest.mark.parametrize("seed", range(40))
def test_feasible_edges_equal_brute_force_and_the_rule_by_rule_answer(seed: int) -> None:
    problem = small_problem(seed, volunteers=12, lines=9)

    edges = feasible_edges(problem)

    every = {(v, line) for v in range(12) for line in range(9)}
    free = {pair for pair in every if first_failing_rule(problem, *pair).rule == Rule.NONE}
    assert edge_set(edges) == brute_edges(problem, range(9)) == free


def test_feasible_edges_are_sorted_and_do_not_depend_on_the_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = country(400, 300, towns=5)
    whole = feasible_edges(problem)

    monkeypatch.setattr(eligibility, "CHUNK_PAIRS", 37)
    parts = feasible_edges(problem)

    key = whole.line.astype(np.int64) * 400 + whole.volunteer
    assert (np.diff(key) > 0).all()
    for name in ("line_ptr", "volunteer", "distance_100m"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_a_line_exactly_on_the_circle_is_inside() -> None:
    problem = Problem(**open_rows(v_radius_m=np.array([0, 1111], np.int32)))

    edges = feasible_edges(problem)

    # 0.01 degree of latitude is 1111.95 m: one metre short for volunteer 1 on line 0.
    assert edge_set(edges) == {(0, 0), (1, 1)}
    assert first_failing_rule(problem, 1, 0).metres_beyond == 1


def test_first_failing_rule_names_the_first_and_its_size() -> None:
    def finding(**changes: np.ndarray) -> Obstacle:
        return first_failing_rule(Problem(**open_rows(**changes)), 0, 1)

    pair = {"b_volunteer": np.array([0], np.int32), "b_line": np.array([1], np.int32)}
    attributes = np.array([1, 0b1101], np.uint64)

    assert finding().rule == Rule.NONE
    assert finding(v_slots=np.array([1, 3], np.uint16)).rule == Rule.SLOT
    assert finding(l_skills=np.array([1, 0], np.uint64)).rule == Rule.SKILL
    lacking = finding(l_attrs=attributes, v_radius_m=np.array([1, 1], np.int32))
    assert (lacking.rule, lacking.missing_attributes) == (Rule.ATTRIBUTES, 0b1100)
    far = finding(v_radius_m=np.array([1000, 1], np.int32))
    assert (far.rule, far.metres_beyond) == (Rule.DISTANCE, 112)
    assert finding(**pair, b_points=np.array([-1], np.int32)).rule == Rule.FORBIDDEN
    assert finding(**pair, b_points=np.array([0], np.int32)).rule == Rule.NONE


@pytest.mark.parametrize("pair", [(2, 0), (0, 2), (-1, 0), (0, -1)])
def test_first_failing_rule_refuses_unknown_indices(pair: tuple[int, int]) -> None:
    with pytest.raises(IndexError):
        first_failing_rule(Problem(**open_rows()), *pair)
