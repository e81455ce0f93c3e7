"""Problems to test with: tiny ones to enumerate, a country-like one to measure."""

import math
from collections.abc import Iterable

import numpy as np

from salam.engine.distance import pair_distance_m
from salam.engine.eligibility import Edges
from salam.engine.problem import Problem

Rows = dict[str, np.ndarray]


def small_rows(seed: int, *, volunteers: int = 4, lines: int = 3) -> Rows:
    """Arrays of a crowded little world: short distances, few slots, scarce seats, mixed rules."""
    g = np.random.default_rng(seed)
    groups = int(g.integers(1, 4))
    centre = (35.7, 51.4)
    count = g.choice([0, 1, 2, 3], lines, p=[0.1, 0.4, 0.3, 0.2])
    points = [np.sort(g.integers(0, 40, size))[::-1] for size in count]
    pairs = g.permutation(volunteers * lines)
    forbidden = pairs[: int(g.integers(0, 4))]
    confirmed = g.permutation(volunteers * lines)[: int(g.integers(0, 3))]
    spread = 0.04
    return {
        "v_lat": centre[0] + spread * g.uniform(-1, 1, volunteers),
        "v_lon": centre[1] + spread * g.uniform(-1, 1, volunteers),
        "v_radius_m": g.integers(4_000, 12_000, volunteers).astype(np.int32),
        "v_cap": g.choice([0, 1, 2, 3], volunteers, p=[0.1, 0.4, 0.3, 0.2]).astype(np.uint8),
        "v_slots": g.choice([1, 2, 3], volunteers, p=[0.2, 0.2, 0.6]).astype(np.uint16),
        "v_skills": g.choice([1, 2, 3], volunteers).astype(np.uint64),
        "v_attrs": g.choice([1, 1, 1, 0], volunteers).astype(np.uint64),
        "l_need": np.arange(lines, dtype=np.int32) // 2,
        "l_lat": centre[0] + spread * g.uniform(-1, 1, lines),
        "l_lon": centre[1] + spread * g.uniform(-1, 1, lines),
        "l_slot": g.integers(0, 2, lines).astype(np.uint8),
        "l_skills": g.choice([1, 2, 3, 3], lines).astype(np.uint64),
        "l_attrs": g.integers(0, 2, lines).astype(np.uint64),
        "l_unit_ptr": np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        "unit_value": np.concatenate([np.zeros(0), *points]).astype(np.int32),
        "l_group": g.integers(0, groups, lines).astype(np.int32),
        "g_cap": g.choice([0, 1, 2, 3, 4], groups, p=[0.08, 0.23, 0.23, 0.23, 0.23]).astype(
            np.int32
        ),
        "g_parent": np.array([-1, *(int(g.integers(-1, i)) for i in range(1, groups))], np.int32),
        "f_volunteer": (confirmed // max(lines, 1)).astype(np.int32),
        "f_line": (confirmed % max(lines, 1)).astype(np.int32),
        "b_volunteer": (forbidden // max(lines, 1)).astype(np.int32),
        "b_line": (forbidden % max(lines, 1)).astype(np.int32),
        "b_points": g.integers(-1, 6, len(forbidden)).astype(np.int32),
    }


def small_problem(seed: int, **sizes: int) -> Problem:
    """Make the problem of small_rows."""
    return Problem(**small_rows(seed, **sizes))


def counted_problem(seed: int, *, hours: bool = True, people: bool = True) -> Problem:
    """A small world of four half-days of unequal length, or of groups that count people."""
    g = np.random.default_rng(seed)
    volunteers, lines = 2 + seed % 3, 2 + seed % 3
    rows = small_rows(seed, volunteers=volunteers, lines=lines)
    rows["l_slot"] = g.integers(0, 4, lines).astype(np.uint8)
    rows["v_slots"] = g.integers(1, 16, volunteers).astype(np.uint16)
    rows["v_cap"] = g.integers(0, 5, volunteers).astype(np.uint8)
    rows["g_cap"] = g.integers(0, 7, len(rows["g_cap"])).astype(np.int32)
    if hours:
        rows["v_hours"] = g.integers(0, 14, volunteers).astype(np.uint8)
        rows["slot_hours"] = np.resize(g.integers(1, 6, 4), 14).astype(np.uint8)
    if people:
        rows["g_people"] = g.integers(-1, 3, len(rows["g_cap"])).astype(np.int32)
    return Problem(**rows)


def brute_force(problem: Problem) -> tuple[int, int]:
    """Enumerate every plan: the greatest value, and the fewest placements that reach it."""
    lists = {name: getattr(problem, name).tolist() for name in vars(problem)}
    confirmed = list(zip(lists["f_volunteer"], lists["f_line"], strict=True))
    bonus = dict(
        zip(
            zip(lists["b_volunteer"], lists["b_line"], strict=True),
            lists["b_points"],
            strict=True,
        )
    )
    candidates = [
        (v, line)
        for v in range(problem.volunteer_count)
        for line in range(problem.line_count)
        if _may_serve(lists, (v, line), bonus) and (v, line) not in confirmed
    ]
    best = [(_plan_value(lists, confirmed, bonus), -len(confirmed))]

    def extend(at: int, pairs: list[tuple[int, int]]) -> None:
        if at == len(candidates):
            best[0] = max(best[0], (_plan_value(lists, pairs, bonus), -len(pairs)))
            return
        extend(at + 1, pairs)
        if _fits(lists, pairs, candidates[at]):
            extend(at + 1, [*pairs, candidates[at]])

    extend(0, confirmed)
    return best[0][0], -best[0][1]


def _metres(lists: dict[str, list], v: int, line: int) -> float:
    lat1, lon1 = math.radians(lists["v_lat"][v]), math.radians(lists["v_lon"][v])
    lat2, lon2 = math.radians(lists["l_lat"][line]), math.radians(lists["l_lon"][line])
    square = math.sin((lat2 - lat1) / 2) ** 2
    square += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(square))


def _may_serve(lists: dict[str, list], pair: tuple[int, int], bonus: dict) -> bool:
    v, line = pair
    return (
        lists["v_slots"][v] >> lists["l_slot"][line] & 1 == 1
        and lists["v_skills"][v] & lists["l_skills"][line] != 0
        and lists["v_attrs"][v] & lists["l_attrs"][line] == lists["l_attrs"][line]
        and _metres(lists, v, line) <= lists["v_radius_m"][v]
        and bonus.get(pair) != -1
    )


def _above(lists: dict[str, list], line: int) -> list[int]:
    groups, at = [], lists["l_group"][line]
    while at != -1:
        groups.append(at)
        at = lists["g_parent"][at]
    return groups


def _fits(lists: dict[str, list], pairs: list[tuple[int, int]], new: tuple[int, int]) -> bool:
    v, line = new
    slot = lists["l_slot"][line]
    mine = [at for who, at in pairs if who == v]
    return (
        len(mine) < lists["v_cap"][v]
        and all(lists["l_slot"][at] != slot for at in mine)
        and sum(at == line for _, at in pairs)
        < lists["l_unit_ptr"][line + 1] - lists["l_unit_ptr"][line]
        and all(
            sum(group in _above(lists, at) for _, at in pairs) < lists["g_cap"][group]
            for group in _above(lists, line)
        )
        and _has_hours(lists, [*mine, line], v)
        and all(_admits(lists, pairs, (v, group)) for group in _above(lists, line))
    )


def _has_hours(lists: dict[str, list], mine: list[int], v: int) -> bool:
    if not lists["slot_hours"]:
        return True
    return sum(lists["slot_hours"][lists["l_slot"][at]] for at in mine) <= lists["v_hours"][v]


def _admits(lists: dict[str, list], pairs: list[tuple[int, int]], new: tuple[int, int]) -> bool:
    v, group = new
    people = {who for who, at in pairs if group in _above(lists, at)}
    most = lists["g_people"][group] if lists["g_people"] else -1
    return v in people or most == -1 or len(people) < most


def _plan_value(lists: dict[str, list], pairs: list[tuple[int, int]], bonus: dict) -> int:
    value = 0
    for v, line in pairs:
        value += 20 * max(bonus.get((v, line), 0), 0) - round(_metres(lists, v, line) / 100)
    for line in range(len(lists["l_need"])):
        units = lists["unit_value"][lists["l_unit_ptr"][line] : lists["l_unit_ptr"][line + 1]]
        value += 20 * sum(units[: sum(at == line for _, at in pairs)])
    return value


def edge_set(edges: Edges) -> set[tuple[int, int]]:
    return set(zip(edges.volunteer.tolist(), edges.line.tolist(), strict=True))


def brute_edges(problem: Problem, lines: Iterable[int]) -> set[tuple[int, int]]:
    """Every volunteer against each of the lines, all rules as plain array tests."""
    found = set()
    banned = {
        (v, line)
        for v, line, points in zip(
            problem.b_volunteer.tolist(),
            problem.b_line.tolist(),
            problem.b_points.tolist(),
            strict=True,
        )
        if points == -1
    }
    everyone = np.arange(problem.volunteer_count)
    for line in lines:
        metres = pair_distance_m(problem, everyone, np.full(len(everyone), line))
        good = (problem.v_slots >> int(problem.l_slot[line])) & 1 == 1
        good &= (problem.v_skills & problem.l_skills[line]) != 0
        good &= (problem.v_attrs & problem.l_attrs[line]) == problem.l_attrs[line]
        good &= metres <= problem.v_radius_m
        found |= {(v, line) for v in np.flatnonzero(good).tolist()} - banned
    return found


def open_rows(**changes: np.ndarray) -> Rows:
    """Two volunteers and two lines where everything fits; change arrays to break something."""
    rows = {
        "v_lat": np.array([35.70, 35.71]),
        "v_lon": np.array([51.40, 51.40]),
        "v_radius_m": np.array([5_000, 5_000], np.int32),
        "v_cap": np.array([2, 2], np.uint8),
        "v_slots": np.array([3, 3], np.uint16),
        "v_skills": np.array([1, 1], np.uint64),
        "v_attrs": np.array([1, 1], np.uint64),
        "l_need": np.array([0, 1], np.int32),
        "l_lat": np.array([35.70, 35.71]),
        "l_lon": np.array([51.40, 51.40]),
        "l_slot": np.array([0, 1], np.uint8),
        "l_skills": np.array([1, 1], np.uint64),
        "l_attrs": np.array([1, 1], np.uint64),
        "l_unit_ptr": np.array([0, 2, 3], np.int64),
        "unit_value": np.array([100, 80, 60], np.int32),
        "l_group": np.array([0, 0], np.int32),
        "g_cap": np.array([9], np.int32),
        "g_parent": np.array([-1], np.int32),
    }
    return rows | changes


def country(volunteers: int, lines: int, *, seed: int = 7, towns: int = 60) -> Problem:
    """Spread people over towns of unequal size between 25 and 40 N, with two levels of seats."""
    g = np.random.default_rng(seed)
    town_lat, town_lon = g.uniform(26, 39, towns), g.uniform(45, 62, towns)
    share = 1 / np.arange(1, towns + 1)
    share /= share.sum()
    v_town, needs = g.choice(towns, volunteers, p=share), max(lines // 2, 1)
    n_town = g.choice(towns, needs, p=share)
    need = np.sort(g.integers(0, needs, lines))
    town = n_town[need]
    n_lat = town_lat[n_town] + 0.05 * g.standard_normal(needs)
    n_lon = town_lon[n_town] + 0.05 * g.standard_normal(needs)
    n_skills = 1 << g.integers(0, 20, needs) | 1 << g.integers(0, 20, needs)
    n_attrs = np.where(g.random(needs) < 0.3, 1 << g.integers(0, 3, needs), 0)
    slots = sum((g.random(volunteers) < 0.25).astype(np.int64) << t for t in range(14))
    skills = sum((g.random(volunteers) < 0.12).astype(np.int64) << s for s in range(20))
    head = g.choice([1, 2, 3, 5], lines, p=[0.62, 0.24, 0.1, 0.04])
    first = np.repeat(g.integers(80, 3_000, needs)[need], head)
    pointer = np.concatenate([[0], np.cumsum(head)])
    position = np.arange(pointer[-1]) - np.repeat(pointer[:-1], head)
    group = towns + need // 12
    local = np.bincount(group, minlength=int(group.max()) + 1)
    parent = np.full(len(local), -1)
    parent[group] = town
    seats = np.maximum(1, local * g.uniform(0.7, 2.0, len(local)))
    seats[:towns] = np.bincount(town, minlength=towns) * 1.3
    return Problem(
        v_lat=town_lat[v_town] + 0.05 * g.standard_normal(volunteers),
        v_lon=town_lon[v_town] + 0.05 * g.standard_normal(volunteers),
        v_radius_m=g.choice([1500, 3000, 6000, 12_000, 25_000, 50_000], volunteers).astype(
            np.int32
        ),
        v_cap=g.choice([1, 2, 3, 4], volunteers, p=[0.4, 0.3, 0.2, 0.1]).astype(np.uint8),
        v_slots=slots.astype(np.uint16),
        v_skills=skills.astype(np.uint64),
        v_attrs=g.integers(0, 8, volunteers).astype(np.uint64),
        l_need=need.astype(np.int32),
        l_lat=n_lat[need],
        l_lon=n_lon[need],
        l_slot=g.integers(0, 14, lines).astype(np.uint8),
        l_skills=n_skills[need].astype(np.uint64),
        l_attrs=n_attrs[need].astype(np.uint64),
        l_unit_ptr=pointer.astype(np.int64),
        unit_value=np.maximum(26, first * 0.6**position).astype(np.int32),
        l_group=group.astype(np.int32),
        g_cap=seats.astype(np.int32),
        g_parent=parent.astype(np.int32),
    )
