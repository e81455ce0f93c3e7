"""The checker against planted faults: a valid plan of a country with one thing changed, and a twin
of plain sets and loops on crowded little worlds.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salam.engine import Problem, Rule, Violation, confirmed_violations, solve, violations
from salam.engine.distance import pair_distance_m
from salam.engine.solution import explain_placements

from .worlds import country, small_problem


@dataclass
class Claim:
    p_volunteer: np.ndarray
    p_line: np.ndarray
    value: int


Faulty = tuple[Problem, Claim, dict[str, int]]


@pytest.fixture(scope="module")
def solved() -> tuple[Problem, Claim]:
    """A country of three nested levels of seats and its plan; every town is under one province."""
    flat = country(900, 500, towns=6)
    parent = flat.g_parent.copy()
    parent[1:6] = 0
    seats = flat.g_cap.copy()
    seats[0] = seats[:6].sum()
    problem = replace(flat, g_parent=parent, g_cap=seats)
    plan = solve(problem)
    return problem, Claim(plan.p_volunteer.copy(), plan.p_line.copy(), plan.value)


def count_of(array: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(array, minlength=size)


def lonely(problem: Problem, claim: Claim) -> tuple[int, int]:
    """A placement that is the only one of its volunteer and of its line."""
    by_volunteer = count_of(claim.p_volunteer, problem.volunteer_count)[claim.p_volunteer]
    by_line = count_of(claim.p_line, problem.line_count)[claim.p_line]
    row = int(np.flatnonzero((by_volunteer == 1) & (by_line == 1))[0])
    return int(claim.p_volunteer[row]), int(claim.p_line[row])


def revalued(problem: Problem, claim: Claim) -> Claim:
    """The same pairs with their value in a changed problem; unknown ones are worth nothing."""
    known = claim.p_line < problem.line_count
    pairs = np.unique(np.stack([claim.p_line[known], claim.p_volunteer[known]]), axis=1)
    parts = explain_placements(problem, pairs[1], pairs[0])
    return replace(claim, value=int(parts.p_value.sum()))


def changed(array: np.ndarray, at: int, value: int) -> np.ndarray:
    copy = array.copy()
    copy[at] = value
    return copy


def no_slot(problem: Problem, claim: Claim) -> Faulty:
    v, line = lonely(problem, claim)
    slots = int(problem.v_slots[v]) & ~(1 << int(problem.l_slot[line]))
    return replace(problem, v_slots=changed(problem.v_slots, v, slots)), claim, {"volunteer": v}


def no_skill(problem: Problem, claim: Claim) -> Faulty:
    v, line = lonely(problem, claim)
    return replace(problem, v_skills=changed(problem.v_skills, v, 1 << 63)), claim, {"line": line}


def no_attribute(problem: Problem, claim: Claim) -> Faulty:
    v, line = lonely(problem, claim)
    return (
        replace(problem, l_attrs=changed(problem.l_attrs, line, 1 << 63)),
        claim,
        {"volunteer": v},
    )


def too_far(problem: Problem, claim: Claim) -> Faulty:
    metres = pair_distance_m(problem, claim.p_volunteer, claim.p_line)
    often = count_of(claim.p_volunteer, problem.volunteer_count)[claim.p_volunteer]
    row = int(np.flatnonzero((metres > 10) & (often == 1))[0])
    v, short = int(claim.p_volunteer[row]), int(metres[row]) - 4
    where = {"volunteer": v, "excess": int(np.ceil(metres[row] - short))}
    return replace(problem, v_radius_m=changed(problem.v_radius_m, v, short)), claim, where


def forbidden(problem: Problem, claim: Claim) -> Faulty:
    v, line = int(claim.p_volunteer[7]), int(claim.p_line[7])
    ban = {"b_volunteer": [v], "b_line": [line], "b_points": [-1]}
    arrays = {name: np.array(value, np.int32) for name, value in ban.items()}
    return replace(problem, **arrays), claim, {"volunteer": v, "line": line}


def nobody_knows(problem: Problem, claim: Claim) -> Faulty:
    claim = replace(claim, p_line=changed(claim.p_line, 5, problem.line_count))
    return problem, revalued(problem, claim), {"line": problem.line_count}


def written_twice(problem: Problem, claim: Claim) -> Faulty:
    v, line = int(claim.p_volunteer[3]), int(claim.p_line[3])
    twice = replace(
        claim, p_volunteer=np.append(claim.p_volunteer, v), p_line=np.append(claim.p_line, line)
    )
    return problem, twice, {"volunteer": v, "line": line}


def two_places_at_once(problem: Problem, claim: Claim) -> Faulty:
    busy = np.flatnonzero(count_of(claim.p_volunteer, problem.volunteer_count) == 2)
    alone = count_of(claim.p_line, problem.line_count) == 1
    for v in busy.tolist():
        first, second = claim.p_line[claim.p_volunteer == v].tolist()
        if alone[second]:
            slot = int(problem.l_slot[first])
            moved = replace(problem, l_slot=changed(problem.l_slot, second, slot))
            return moved, claim, {"volunteer": v, "slot": slot}
    raise AssertionError("nobody has two places")


def too_many_half_days(problem: Problem, claim: Claim) -> Faulty:
    count = count_of(claim.p_volunteer, problem.volunteer_count)
    v = int(count.argmax())
    cap = changed(problem.v_cap, v, int(count[v]) - 2)
    return replace(problem, v_cap=cap), claim, {"volunteer": v, "excess": 2}


def too_many_people(problem: Problem, claim: Claim) -> Faulty:
    count = count_of(claim.p_line, problem.line_count)
    line = int(np.flatnonzero(count == np.diff(problem.l_unit_ptr))[0])
    pointer = problem.l_unit_ptr.copy()
    pointer[line + 1 :] -= 1
    values = np.delete(problem.unit_value, problem.l_unit_ptr[line + 1] - 1)
    fewer = replace(problem, l_unit_ptr=pointer, unit_value=values)
    return fewer, revalued(fewer, claim), {"line": line}


def too_few_seats(level: int) -> Callable[[Problem, Claim], Faulty]:
    """A fault at the group itself (0), at what is above it (1), or above that (2)."""

    def fault(problem: Problem, claim: Claim) -> Faulty:
        at = problem.l_group[claim.p_line]
        for _ in range(level):
            at = problem.g_parent[at]
            at = at[at >= 0]
        below = problem.l_group[claim.p_line]
        count = np.zeros(problem.group_count, np.int64)
        while len(below):
            count += count_of(below, problem.group_count)
            below = problem.g_parent[below]
            below = below[below >= 0]
        group = int(at[0])
        cap = changed(problem.g_cap, group, int(count[group]) - 1)
        return replace(problem, g_cap=cap), claim, {"group": group}

    return fault


def too_many_hours(problem: Problem, claim: Claim) -> Faulty:
    # Mornings of 3 hours and afternoons of 5; everybody gives what they have but for one.
    hours = np.resize(np.array([3, 5], np.uint8), 14)
    given = np.zeros(problem.volunteer_count, np.int64)
    np.add.at(given, claim.p_volunteer, hours.astype(np.int64)[problem.l_slot[claim.p_line]])
    v = int(given.argmax())
    given[v] -= 1
    counted = replace(problem, v_hours=given.astype(np.uint8), slot_hours=hours)
    return counted, claim, {"volunteer": v, "excess": 1}


def too_many_different_people(level: int) -> Callable[[Problem, Claim], Faulty]:
    """A fault at the group itself (0), or at what is above it (1, 2)."""

    def fault(problem: Problem, claim: Claim) -> Faulty:
        at, people = problem.l_group[claim.p_line], claim.p_volunteer
        come: list[set[int]] = [set() for _ in range(problem.group_count)]
        for depth in range(3):
            for group, v in zip(at.tolist(), people.tolist(), strict=True):
                come[group].add(v)
            if depth == level:
                fault_at = int(at[0])
            people = people[problem.g_parent[at] >= 0]
            at = problem.g_parent[at][problem.g_parent[at] >= 0]
        most = np.array([len(one) for one in come], np.int32)
        most[fault_at] -= 1
        return replace(problem, g_people=most), claim, {"group": fault_at, "excess": 1}

    return fault


def promised_and_forgotten(problem: Problem, claim: Claim) -> Faulty:
    people = count_of(claim.p_volunteer, problem.volunteer_count)
    by_line = count_of(claim.p_line, problem.line_count)
    # An idle volunteer and a line whose unit and seats are free: nothing else is overfilled.
    room = np.diff(problem.l_unit_ptr) - by_line
    roomy = replace(problem, g_cap=problem.g_cap + 1)
    v = int(np.flatnonzero((people == 0) & (problem.v_cap > 0))[0])
    line = int(np.flatnonzero(room > 0)[0])
    promise = {"f_volunteer": np.array([v], np.int32), "f_line": np.array([line], np.int32)}
    return replace(roomy, **promise), claim, {"volunteer": v, "line": line}


def exaggerated(problem: Problem, claim: Claim) -> Faulty:
    return problem, replace(claim, value=claim.value + 1), {"excess": 1}


FAULTS = [
    (Rule.SLOT, no_slot),
    (Rule.SKILL, no_skill),
    (Rule.ATTRIBUTES, no_attribute),
    (Rule.DISTANCE, too_far),
    (Rule.FORBIDDEN, forbidden),
    (Rule.UNKNOWN_INDEX, nobody_knows),
    (Rule.DUPLICATE, written_twice),
    (Rule.SLOT_TWICE, two_places_at_once),
    (Rule.WEEKLY_CAP, too_many_half_days),
    (Rule.UNITS, too_many_people),
    (Rule.GROUP_CAP, too_few_seats(0)),
    (Rule.GROUP_CAP, too_few_seats(1)),
    (Rule.GROUP_CAP, too_few_seats(2)),
    (Rule.WEEKLY_HOURS, too_many_hours),
    (Rule.GROUP_PEOPLE, too_many_different_people(0)),
    (Rule.GROUP_PEOPLE, too_many_different_people(1)),
    (Rule.GROUP_PEOPLE, too_many_different_people(2)),
    (Rule.CONFIRMED_MISSING, promised_and_forgotten),
    (Rule.VALUE, exaggerated),
]


def test_the_plan_is_valid_before_anything_is_changed(solved) -> None:
    assert violations(*solved) == []
    assert {rule for rule, _fault in FAULTS} == set(Rule) - {Rule.NONE}


@pytest.mark.parametrize(("rule", "fault"), FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(solved, rule, fault) -> None:
    problem, claim, where = fault(*solved)

    found = violations(problem, claim)

    assert [one.rule for one in found] == [rule]
    assert {name: getattr(found[0], name) for name in where} == where


def naive_violations(problem: Problem, claim: Claim) -> list[Violation]:
    """What violations() says, but for the value, with sets and counters of Python pairs."""
    pairs = list(zip(claim.p_volunteer.tolist(), claim.p_line.tolist(), strict=True))
    people, lines = range(problem.volunteer_count), range(problem.line_count)
    known = {(v, line) for v, line in pairs if v in people and line in lines}
    confirmed = set(zip(problem.f_volunteer.tolist(), problem.f_line.tolist(), strict=True))
    found = [
        Violation(rule=Rule.UNKNOWN_INDEX, volunteer=v, line=line)
        for v, line in pairs
        if (v, line) not in known
    ]
    for (v, line), times in Counter(pairs).items():
        if times > 1:
            found.append(Violation(rule=Rule.DUPLICATE, volunteer=v, line=line, excess=times - 1))
    for v, line in confirmed - known:
        found.append(Violation(rule=Rule.CONFIRMED_MISSING, volunteer=v, line=line))
    for pair in known - confirmed:
        found += naive_pair_violations(problem, pair)
    everyone, new = (
        count_places(problem, known | confirmed),
        count_places(problem, known - confirmed),
    )
    limits = {
        Rule.SLOT_TWICE: lambda _at: 1,
        Rule.WEEKLY_CAP: lambda at: problem.v_cap[at["volunteer"]],
        Rule.UNITS: lambda at: np.diff(problem.l_unit_ptr)[at["line"]],
        Rule.GROUP_CAP: lambda at: problem.g_cap[at["group"]],
    }
    for key in new:
        rule, where = key[0], dict(key[1:])
        over = everyone[key] - int(limits[rule](where))
        if over > 0:
            found.append(Violation(rule=rule, excess=over, **where))
    return found


def naive_pair_violations(problem: Problem, pair: tuple[int, int]) -> list[Violation]:
    v, line = pair
    asked, has = int(problem.l_attrs[line]), int(problem.v_attrs[v])
    metres = float(pair_distance_m(problem, np.array([v]), np.array([line]))[0])
    beyond = metres - int(problem.v_radius_m[v])
    rows = zip(problem.b_volunteer.tolist(), problem.b_line.tolist(), problem.b_points, strict=True)
    broken = {
        Rule.SLOT: not int(problem.v_slots[v]) >> int(problem.l_slot[line]) & 1,
        Rule.SKILL: not int(problem.v_skills[v]) & int(problem.l_skills[line]),
        Rule.ATTRIBUTES: asked & has != asked,
        Rule.DISTANCE: beyond > 0,
        Rule.FORBIDDEN: (v, line) in {(who, at) for who, at, points in rows if points == -1},
    }
    excess = {Rule.DISTANCE: int(np.ceil(beyond))}
    return [
        Violation(rule=rule, volunteer=v, line=line, excess=excess.get(rule, 1))
        for rule, is_broken in broken.items()
        if is_broken
    ]


def count_places(problem: Problem, pairs: set[tuple[int, int]]) -> Counter:
    count: Counter = Counter()
    for v, line in pairs:
        slot = int(problem.l_slot[line])
        count[Rule.SLOT_TWICE, ("volunteer", v), ("slot", slot)] += 1
        count[Rule.WEEKLY_CAP, ("volunteer", v)] += 1
        count[Rule.UNITS, ("line", line)] += 1
        group = int(problem.l_group[line])
        while group >= 0:
            count[Rule.GROUP_CAP, ("group", group)] += 1
            group = int(problem.g_parent[group])
    return count


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(
    seed=st.integers(0, 100_000),
    rows=st.lists(st.tuples(st.integers(-2, 8), st.integers(-2, 7)), max_size=14),
    stray=st.booleans(),
)
def test_any_plan_is_judged_as_the_plain_twin_does(seed, rows, stray) -> None:
    problem = small_problem(seed, volunteers=1 + seed % 7, lines=1 + seed % 6)
    if not stray:
        rows = [(v % problem.volunteer_count, at % problem.line_count) for v, at in rows]
    table = np.array(rows, np.int32).reshape(-1, 2)

    found = violations(problem, Claim(table[:, 0], table[:, 1], 0))

    without_value = [one for one in found if one.rule != Rule.VALUE]
    expected = naive_violations(problem, Claim(table[:, 0], table[:, 1], 0))
    assert Counter(without_value) == Counter(expected)
    assert [one.rule for one in found] == sorted(one.rule for one in found)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 100_000))
def test_what_confirmed_people_break_is_what_the_twin_finds(seed) -> None:
    problem = small_problem(seed, volunteers=4, lines=4)
    none = np.empty(0, np.int32)
    without = replace(problem, f_volunteer=none, f_line=none)

    found = confirmed_violations(problem)

    alone = Claim(problem.f_volunteer, problem.f_line, 0)
    assert Counter(found) == Counter(naive_violations(without, alone))
