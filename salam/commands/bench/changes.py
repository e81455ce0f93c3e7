"""What a batch of changes costs: one province planned anew against the whole country."""

from __future__ import annotations

import dataclasses
import statistics
import time
from dataclasses import dataclass

import numpy as np

from salam.engine import Problem, Solution, solve
from salam.engine.distance import haversine_m
from salam.engine.generate import SIZES, draw, to_problem
from salam.engine.incremental import resolve_part
from salam.engine.problem import SLOT_COUNT, Bool, Int64

PROVINCE_LINES = 8_300  # of the province that is planned anew, or as near as there is
EVENTS_EACH = 25  # people who come, people who go, needs that come, needs that are closed
SHOWN_POINTS = 5  # stability bonus of a pair that somebody has been shown, as matching gives it
SHADOWS = 40
SHADOW_BEYOND_M = 10_000.0  # farther than a volunteer travels, one more half-day moves others


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """A country before and after a batch of events in one province, [L] ``is_open``."""

    before: Problem
    plan: Solution
    after: Problem
    is_open: Bool
    events: int


def draw_batch(*, size: str, seed: int, scarcity: int) -> Batch:
    """Draw events from the seed, in the province whose number of lines is nearest the usual.

    Rows stay: who is not there yet, or no more, has no half-days to give; needs that are not there
    are worth nothing.
    """
    people, needs = draw(SIZES[size], seed=seed, crunch=scarcity)
    problem = to_problem(people, needs)
    province = needs.province[problem.l_need]
    per_province = np.bincount(province)
    distance = np.where(per_province > 0, abs(per_province - PROVINCE_LINES), PROVINCE_LINES**2)
    here = int(distance.argmin())
    is_open = province == here
    stream = np.random.default_rng(seed)
    locals_ = np.flatnonzero(people.province == here)
    need = np.unique(problem.l_need[is_open])
    each = min(EVENTS_EACH, len(locals_) // 4, len(need) // 4)
    come, new, closed = (
        stream.choice(rows, each, replace=False) for rows in (locals_, need[::2], need[1::2])
    )
    before = _without(problem, people=come, needs=new)
    plan = solve(before)
    # Who goes must have nothing outside the province, else the mask would have to grow.
    stays = np.union1d(plan.p_volunteer[~is_open[plan.p_line]], come)
    go = stream.choice(np.setdiff1d(locals_, stays), each, replace=False)
    shown = is_open[plan.p_line]
    after = dataclasses.replace(
        _without(problem, people=go, needs=closed),
        b_volunteer=plan.p_volunteer[shown],
        b_line=plan.p_line[shown],
        b_points=np.full(int(shown.sum()), SHOWN_POINTS, np.int32),
    )
    return Batch(before=before, plan=plan, after=after, is_open=is_open, events=4 * each)


def _without(problem: Problem, *, people: Int64, needs: Int64) -> Problem:
    cap, value = problem.v_cap.copy(), problem.unit_value.copy()
    cap[people] = 0
    is_gone = np.isin(problem.l_need, needs)
    value[np.repeat(is_gone, np.diff(problem.l_unit_ptr))] = 0
    return dataclasses.replace(problem, v_cap=cap, unit_value=value)


def change_figures(batch: Batch, *, rounds: int) -> dict[str, float]:
    """Seconds of the part against those of the country, in turns, and what the part gives away."""
    ratios, seconds = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        national = solve(batch.after)
        between = time.perf_counter()
        part = resolve_part(batch.after, batch.plan, batch.is_open)
        seconds.append(time.perf_counter() - between)
        ratios.append(seconds[-1] / (between - began))
    before, after = _pairs(batch.before, batch.plan), _pairs(batch.after, part)
    changed = max(len(np.setdiff1d(before, after)), len(np.setdiff1d(after, before)))
    return {
        "province_lines": int(batch.is_open.sum()),
        "province_seconds": round(statistics.median(seconds), 4),
        "province_vs_national": round(statistics.median(ratios), 4),
        "province_short_ppm": round(1e6 * (national.value - part.value) / national.value, 3),
        "changes_per_event": round(changed / batch.events, 3),
    }


def _pairs(problem: Problem, plan: Solution) -> Int64:
    return plan.p_line.astype(np.int64) * problem.volunteer_count + plan.p_volunteer


def shadow_correlation(problem: Problem, plan: Solution, *, seed: int) -> float:
    """Correlation of price_volunteer with what one more half-day really brings, for 40 people.

    Both plans of a pair are of the lines around the person, the rest frozen: a national plan is
    proved to a millionth, which is more than one half-day is worth.
    """
    slots = problem.v_slots[:, None] >> np.arange(SLOT_COUNT, dtype=np.uint16) & 1
    sold = np.bincount(plan.p_volunteer, minlength=problem.volunteer_count)
    could = (sold == problem.v_cap) & (slots.sum(axis=1) > problem.v_cap)
    used = np.flatnonzero(could & (plan.price_volunteer > 0))
    people = np.random.default_rng(seed).choice(used, min(SHADOWS, len(used)), replace=False)
    gains = []
    for one in people:
        metres = haversine_m(
            lat_a=problem.v_lat[[one]],
            lon_a=problem.v_lon[[one]],
            lat_b=problem.l_lat,
            lon_b=problem.l_lon,
        )
        is_open = metres <= problem.v_radius_m[one] + SHADOW_BEYOND_M
        cap = problem.v_cap.copy()
        cap[one] += 1
        more = resolve_part(dataclasses.replace(problem, v_cap=cap), plan, is_open)
        gains.append(more.value - resolve_part(problem, plan, is_open).value)
    return round(float(np.corrcoef(plan.price_volunteer[people], gains)[0, 1]), 5)
