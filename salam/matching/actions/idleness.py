"""Why volunteers stay without a place: the first thing that stands between them and any need.

Arrays alone. Nobody is named and no pair is kept: a volunteer is compared with what all the needs
within reach ask together, which is a few words a place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from salam.engine import Problem
from salam.engine.distance import EARTH_RADIUS_M, haversine_m
from salam.engine.problem import SLOT_COUNT, Bool, Float64, Int64, UInt64
from salam.matching.enums import IdleReason

# Pairs of places looked at together: 14 words each, so some 60 MB.
_PAIRS_TOGETHER: Final = 500_000
# Places stand in stripes of longitude, from south to north: about as wide as most people travel.
_STRIPE_DEGREES: Final = 0.25
_STRIPE_KEY: Final = 1000.0  # keeps a stripe's latitudes apart from the next one's
_PAD_DEGREES: Final = 1e-6  # the box must hold the whole circle; its rim is decided in metres


class _Level(IntEnum):
    """How near the needs within reach come to what a volunteer offers."""

    NOTHING = 0
    NEAR = 1
    SKILL = 2
    HALF_DAY = 3


_REASONS: Final = {
    _Level.NOTHING: IdleReason.NOTHING_NEAR,
    _Level.NEAR: IdleReason.SKILL,
    _Level.SKILL: IdleReason.HALF_DAY,
    _Level.HALF_DAY: IdleReason.CONDITION,
}


def idle_counts(*, problem: Problem, idle: Int64) -> dict[IdleReason, int]:
    """How many of these volunteers stay idle for which first reason.

    idle: [N] int64, indices of volunteers without any placement. A reason is the first rule that no
    line within reach passes, taken one after another: a line within the radius; one of those that
    asks a skill of theirs; that, on a free half-day; that, with every condition met. Who passes
    all is left to the plan: seats and people of those lines were worth more otherwise, or the
    person refused. O(pairs of places within reach x 14), and again for the lines of each distinct
    word of conditions, with those who are still open alone.
    """
    counts = dict.fromkeys(IdleReason, 0)
    has_week = (problem.v_cap[idle] > 0) & (problem.v_slots[idle] > 0)
    counts[IdleReason.WEEK_TAKEN] = int((~has_week).sum())
    asking = np.flatnonzero(np.diff(problem.l_unit_ptr) > 0)
    reach = _Reach(problem, idle[has_week])
    levels = reach.levels(np.arange(len(reach.volunteers)), asking)
    for level, reason in _REASONS.items():
        counts[reason] = int((levels == level).sum())
    able_count = _able_count(reach, np.flatnonzero(levels == _Level.HALF_DAY), asking)
    counts[IdleReason.OTHERS] = able_count
    counts[IdleReason.CONDITION] -= able_count
    return counts


def _able_count(reach: _Reach, chosen: Int64, lines: Int64) -> int:
    """How many of the chosen some line would take; the conditions that most lines set come first,
    so that few are left to be looked at again.
    """
    problem = reach.problem
    words, word_of, line_counts = np.unique(
        problem.l_attrs[lines], return_inverse=True, return_counts=True
    )
    attributes = problem.v_attrs[reach.volunteers[chosen]]
    is_able = np.zeros(len(chosen), np.bool_)
    for word in np.argsort(-line_counts, kind="stable"):
        asked = words[word]
        is_open = ~is_able & ((attributes & asked) == asked)
        if is_open.any():
            levels = reach.levels(chosen[is_open], lines[word_of == word])
            is_able[is_open] = levels == _Level.HALF_DAY
    return int(is_able.sum())


class _Reach:
    """Volunteers [N] by where they stand: neighbours who travel equally far reach the same places,
    and one look serves them all. Places are told apart once for all looks.
    """

    def __init__(self, problem: Problem, volunteers: Int64) -> None:
        self.problem = problem
        self.volunteers = volunteers
        lat, lon = problem.v_lat[volunteers], problem.v_lon[volunteers]
        radius = problem.v_radius_m[volunteers].astype(np.float64)
        first, self._stand_of = _distinct(lat, lon, radius)
        self._stands = np.stack([lat, lon, radius], axis=1)[first]
        self._lines = _Lines(problem)

    def levels(self, chosen: Int64, lines: Int64) -> npt.NDArray[np.int8]:
        """The _Level of some of the volunteers (indices among them) against some lines, int8."""
        if not len(chosen) or not len(lines):
            return np.full(len(chosen), _Level.NOTHING, np.int8)
        volunteers = self.volunteers[chosen]
        stands, stand_of = _used(self._stand_of[chosen], len(self._stands))
        reached, is_near = self._lines.asked(lines).within_reach(self._stands[stands])
        is_asked = (reached[stand_of] & self.problem.v_skills[volunteers][:, None]) != 0
        slots = np.arange(SLOT_COUNT, dtype=np.uint16)
        is_free = (self.problem.v_slots[volunteers][:, None] >> slots) & np.uint16(1) != 0
        return np.asarray(
            is_near[stand_of].astype(np.int8)
            + is_asked.any(axis=1).astype(np.int8)
            + (is_asked & is_free).any(axis=1).astype(np.int8),
            np.int8,
        )


class _Lines:
    """The places of all lines [P], in stripes of longitude and northwards in each."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        first, place_of = _distinct(problem.l_lat, problem.l_lon)
        lat, lon = problem.l_lat[first], problem.l_lon[first]
        key = _stripe(lon) * _STRIPE_KEY + lat
        order = np.argsort(key, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        self._place_of = rank[place_of]
        self._key, self._lat, self._lon = key[order], lat[order], lon[order]

    def asked(self, lines: Int64) -> _Demand:
        """What some of the lines ask, at their places."""
        problem = self._problem
        places, place_of = _used(self._place_of[lines], len(self._key))
        words = np.zeros((len(places), SLOT_COUNT), np.uint64)
        np.bitwise_or.at(words, (place_of, problem.l_slot[lines]), problem.l_skills[lines])
        return _Demand(self._key[places], self._lat[places], self._lon[places], words)


@dataclass(frozen=True, eq=False)
class _Demand:
    """Places with open lines [P] in the order of their keys; of every place the skills that its
    lines ask on each half-day, [P, 14] words.
    """

    _key: Float64
    _lat: Float64
    _lon: Float64
    _words: UInt64

    def within_reach(self, stands: Float64) -> tuple[UInt64, Bool]:
        """Words of all places within the radius of each stand, [S, 14], and whether any is.

        stands: [S, 3] float64, latitude, longitude, radius in metres.
        """
        reached = np.zeros((len(stands), SLOT_COUNT), np.uint64)
        is_near = np.zeros(len(stands), np.bool_)
        lat, lon, radius = stands.T
        for stand, place in self._boxed_pairs(stands):
            metres = haversine_m(
                lat_a=lat[stand], lon_a=lon[stand], lat_b=self._lat[place], lon_b=self._lon[place]
            )
            is_within = metres <= radius[stand]
            if is_within.any():
                near, place_near = stand[is_within], place[is_within]
                first = np.flatnonzero(np.diff(near, prepend=-1))
                reached[near[first]] |= np.bitwise_or.reduceat(self._words[place_near], first, 0)
                is_near[near[first]] = True
        return reached, is_near

    def _boxed_pairs(self, stands: Float64) -> Iterator[tuple[Int64, Int64]]:
        """Stands with the places in a box around their circle, in chunks, stands rising.

        No box reaches the other side of the earth: this is one country.
        """
        lat, lon, radius = stands.T
        height = np.degrees(radius / EARTH_RADIUS_M) + _PAD_DEGREES
        width = _half_width(lat, height) + _PAD_DEGREES
        west = _stripe(lon - width)
        stripe_count = (_stripe(lon + width) - west + 1).astype(np.int64)
        stand = np.repeat(np.arange(len(stands)), stripe_count)
        base = (west[stand] + _rank_within(stripe_count)) * _STRIPE_KEY
        low = np.searchsorted(self._key, base + (lat - height)[stand], side="left")
        count = np.searchsorted(self._key, base + (lat + height)[stand], side="right") - low
        ends = np.cumsum(count)
        start = 0
        while start < len(stand):
            done = ends[start - 1] if start else 0
            stop = int(np.searchsorted(ends, done + _PAIRS_TOGETHER, side="right"))
            here = slice(start, max(start + 1, stop))
            within = _rank_within(count[here])
            yield np.repeat(stand[here], count[here]), np.repeat(low[here], count[here]) + within
            start = here.stop


def _distinct(*columns: Float64) -> tuple[Int64, Int64]:
    """Rows that are told apart by all columns, [N] each: the first of each kind, and the kind of
    every row.
    """
    kind = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, value_of = np.unique(column, return_inverse=True)
        # Renumbered each time, so that the product stays small.
        kind = np.unique(kind * len(values) + value_of, return_inverse=True)[1]
    first = np.empty(int(kind.max(initial=-1)) + 1, np.int64)
    first[kind[::-1]] = np.arange(len(kind))[::-1]
    return first, kind


def _used(numbers: Int64, count: int) -> tuple[Int64, Int64]:
    """Which of ``count`` numbers occur, rising, and the place of each among them; no sorting."""
    is_used = np.zeros(count, np.bool_)
    is_used[numbers] = True
    return np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[numbers]


def _stripe(lon: Float64) -> Float64:
    return np.floor(lon / _STRIPE_DEGREES)


def _half_width(lat: Float64, height: Float64) -> Float64:
    """Degrees of longitude that a circle of ``height`` degrees reaches to each side."""
    ratio = np.sin(np.radians(height)) / np.cos(np.radians(lat))
    return np.asarray(np.degrees(np.arcsin(np.clip(ratio, 0.0, 1.0))), np.float64)


def _rank_within(counts: Int64) -> Int64:
    """0, 1 ... of each run of a repeat: [2, 3] gives 0 1 0 1 2."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts))
