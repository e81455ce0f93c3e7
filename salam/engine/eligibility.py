"""Who may serve which line: all feasible pairs, and the first rule that stands in the way."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from salam.engine.distance import EARTH_RADIUS_M, pair_distance_m, to_100m
from salam.engine.problem import (
    FORBIDDEN_POINTS,
    VALUE_PER_POINT,
    Bool,
    Float64,
    Int32,
    Int64,
    Problem,
    UInt16,
    UInt64,
)
from salam.engine.rules import Rule

CHUNK_PAIRS = 1 << 20  # candidate pairs looked at at once: some 50 MB of temporaries
PAD_DEGREES = 1e-5  # about 1 m: boxes err on the wide side, the exact test comes after
BAND_KEY = 1024.0  # distance of two bands in the sort key; a longitude spans 360 of it
FULL_TURN_DEGREES = 179.0  # a box this wide to each side is searched all around


@dataclass(frozen=True, eq=False, kw_only=True)
class Edges:
    """Feasible pairs, by line and inside a line by volunteer (CSR).

    line_ptr: [L+1] int64; volunteer: [E] int32; distance_100m: [E] int32.
    """

    line_ptr: Int64
    volunteer: Int32
    distance_100m: Int32

    @property
    def line(self) -> Int32:
        """Line of each edge, [E] int32 (made anew at each call)."""
        count = np.diff(self.line_ptr)
        return np.repeat(np.arange(len(count), dtype=np.int32), count)


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """First failing rule of a pair: Rule.NONE, or why not.

    metres_beyond: whole metres (rounded up) by which the line lies outside the radius, else 0;
    missing_attributes: bits the line asks for and the volunteer lacks, else 0.
    """

    rule: Rule
    metres_beyond: int = 0
    missing_attributes: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class _Sites:
    """Lines with equal place, skills and attributes, tested together; sorted by band, longitude."""

    skills: UInt64
    attrs: UInt64
    slots: UInt16
    line_ptr: Int64
    line: Int64
    band_degrees: float
    key: Float64


def feasible_edges(problem: Problem) -> Edges:
    """List every feasible pair of the problem.

    A pair (v, l) is feasible if bit l_slot of v_slots is set, v_skills & l_skills is not 0,
    v_attrs & l_attrs equals l_attrs, the pair is not forbidden, and the distance is within the
    radius. At the rim: the haversine distance in metres as float64, not rounded, is compared with
    the whole-number radius, so a line exactly on the circle is inside. The rounding to 100 m
    concerns the cost only. Weekly caps, seats and confirmed placements play no part here.

    Argument: a Problem. Returns Edges, E pairs sorted by (line, volunteer).
    Lines of one place and requirement are tested once; a grid of latitude bands, each sorted by
    longitude, leaves to each volunteer the sites in the box around the circle (right at the
    poles, where the box is the whole band, and across the antimeridian, where it has two parts).
    O(V log L + boxed pairs + E log E) time; memory O(E) beside chunks of some 50 MB.
    Deterministic. Source of the box: J. P. Snyder, "Map Projections: A Working Manual", 1987.

    >>> from salam.engine.example import example_problem
    >>> edges = feasible_edges(example_problem())
    >>> edges.line_ptr.tolist(), edges.volunteer.tolist(), edges.distance_100m.tolist()
    ([0, 2, 5, 8], [0, 1, 0, 1, 2, 0, 1, 2], [0, 11, 11, 0, 11, 22, 11, 0])
    """
    found: list[tuple[Int64, Int64, Int32]] = []
    if problem.volunteer_count and problem.line_count:
        sites = _group_sites(problem)
        for volunteer, first, last in _boxed_ranges(problem, sites):
            for start, stop in chunks(last - first, CHUNK_PAIRS):
                count = last[start:stop] - first[start:stop]
                who = np.repeat(volunteer[start:stop], count)
                site = expand(first[start:stop], count)
                found.append(_feasible_pairs(problem, sites, (who, site)))
    line = np.concatenate([np.empty(0, np.int64), *(part[0] for part in found)])
    volunteer = np.concatenate([np.empty(0, np.int64), *(part[1] for part in found)])
    distance = np.concatenate([np.empty(0, np.int32), *(part[2] for part in found)])
    order = np.argsort(line * max(problem.volunteer_count, 1) + volunteer)
    line_ptr = np.zeros(problem.line_count + 1, np.int64)
    np.cumsum(np.bincount(line, minlength=problem.line_count), out=line_ptr[1:])
    return Edges(
        line_ptr=line_ptr,
        volunteer=volunteer[order].astype(np.int32),
        distance_100m=distance[order],
    )


def pair_points(problem: Problem, volunteer: Int32 | Int64, line: Int32 | Int64) -> Int64:
    """Look up the bonus of pairs: -1 forbidden, 0 none, else points.

    volunteer, line: [N] indices. Returns [N] int64. O((N + B) log B), deterministic.

    >>> from salam.engine.example import example_problem
    >>> pair_points(example_problem(), np.array([0, 1, 2]), np.array([0, 0, 0])).tolist()
    [0, 5, -1]
    """
    points = np.zeros(len(volunteer), np.int64)
    if len(problem.b_points) and len(volunteer):
        known = problem.b_line.astype(np.int64) * problem.volunteer_count + problem.b_volunteer
        order = np.argsort(known)
        known = known[order]
        asked = line.astype(np.int64) * problem.volunteer_count + volunteer
        at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        is_known = known[at] == asked
        points[is_known] = problem.b_points[order[at[is_known]]]
    return points


def placement_points(problem: Problem, volunteer: Int32 | Int64, line: Int32 | Int64) -> Int64:
    """Bonus points of placements: those of the pair and those of the volunteer, [N] int64.

    >>> from salam.engine.example import example_problem
    >>> placement_points(example_problem(), np.array([0, 1]), np.array([0, 0])).tolist()
    [0, 5]
    """
    pair = np.maximum(pair_points(problem, volunteer, line), 0)
    return np.asarray(pair + problem.v_points[volunteer], np.int64)


def edge_costs(problem: Problem, edges: Edges) -> Int64:
    """Cost of each edge, [E] int64: distance in 100 m - 20 x bonus points. O(E log B)."""
    bonus = placement_points(problem, edges.volunteer, edges.line)
    return np.asarray(edges.distance_100m - VALUE_PER_POINT * bonus, np.int64)


def is_feasible(problem: Problem, volunteer: Int32 | Int64, line: Int32 | Int64) -> Bool:
    """Whether each pair could be a placement, by the rules of feasible_edges. [N] bool.

    >>> from salam.engine.example import example_problem
    >>> is_feasible(example_problem(), np.array([0, 1, 2]), np.array([0, 0, 0])).tolist()
    [True, True, False]
    """
    slot = problem.l_slot[line].astype(np.uint16)
    wanted = problem.l_attrs[line]
    is_good: Bool = (problem.v_slots[volunteer] >> slot & np.uint16(1)) != 0
    is_good &= (problem.v_skills[volunteer] & problem.l_skills[line]) != 0
    is_good &= (problem.v_attrs[volunteer] & wanted) == wanted
    is_good &= pair_distance_m(problem, volunteer, line) <= problem.v_radius_m[volunteer]
    is_good &= pair_points(problem, volunteer, line) != FORBIDDEN_POINTS
    return is_good


def first_failing_rule(problem: Problem, volunteer: int, line: int) -> Obstacle:
    """Say why a volunteer cannot serve a line: slot, skill, attributes, distance, forbidden.

    volunteer: 0..V-1; line: 0..L-1 (IndexError outside). Returns an Obstacle, with Rule.NONE if
    and only if feasible_edges holds the pair. O(B), deterministic.

    >>> from salam.engine.example import example_problem
    >>> [first_failing_rule(example_problem(), v, 0).rule.name for v in range(3)]
    ['NONE', 'NONE', 'FORBIDDEN']
    """
    if not (0 <= volunteer < problem.volunteer_count and 0 <= line < problem.line_count):
        raise IndexError(f"no pair of volunteer {volunteer} and line {line}")
    if not int(problem.v_slots[volunteer]) >> int(problem.l_slot[line]) & 1:
        return Obstacle(rule=Rule.SLOT)
    if not int(problem.v_skills[volunteer]) & int(problem.l_skills[line]):
        return Obstacle(rule=Rule.SKILL)
    missing = int(problem.l_attrs[line]) & ~int(problem.v_attrs[volunteer])
    if missing:
        return Obstacle(rule=Rule.ATTRIBUTES, missing_attributes=missing)
    who, where = np.array([volunteer]), np.array([line])
    metres = pair_distance_m(problem, who, where)
    beyond = float(metres[0]) - int(problem.v_radius_m[volunteer])
    if beyond > 0:
        return Obstacle(rule=Rule.DISTANCE, metres_beyond=int(np.ceil(beyond)))
    if pair_points(problem, who, where)[0] == FORBIDDEN_POINTS:
        return Obstacle(rule=Rule.FORBIDDEN)
    return Obstacle(rule=Rule.NONE)


def _group_sites(problem: Problem) -> _Sites:
    """Group the lines into sites and sort these for the box search. O(L log L)."""
    radius_degrees = float(np.degrees(np.median(problem.v_radius_m) / EARTH_RADIUS_M))
    band_degrees = min(max(radius_degrees, 0.02), 5.0)
    band = np.floor((problem.l_lat + 90) / band_degrees)
    key = band * BAND_KEY + (problem.l_lon + 256)
    line = np.lexsort((problem.l_attrs, problem.l_skills, problem.l_lat, problem.l_lon, key))
    is_first = np.ones(len(line), np.bool_)
    same = np.ones(len(line) - 1, np.bool_)
    for array in (problem.l_lat, problem.l_lon, problem.l_skills, problem.l_attrs):
        same &= array[line[1:]] == array[line[:-1]]
    is_first[1:] = ~same
    start = np.flatnonzero(is_first)
    head = line[start]
    slot_bit = np.left_shift(np.uint16(1), problem.l_slot[line].astype(np.uint16))
    return _Sites(
        skills=problem.l_skills[head],
        attrs=problem.l_attrs[head],
        slots=np.bitwise_or.reduceat(slot_bit, start),
        line_ptr=np.append(start, len(line)),
        line=line,
        band_degrees=band_degrees,
        key=key[head],
    )


def _boxed_ranges(problem: Problem, sites: _Sites) -> Iterator[tuple[Int64, Int64, Int64]]:
    """Give (volunteer, first site, last site + 1) of each band a volunteer's box cuts, in chunks.

    A site in reach lies in exactly one range of its volunteer.
    """
    radius = np.degrees(problem.v_radius_m / EARTH_RADIUS_M) + PAD_DEGREES
    low = np.floor((np.maximum(problem.v_lat - radius, -90.0) + 90) / sites.band_degrees)
    high = np.floor((np.minimum(problem.v_lat + radius, 90.0) + 90) / sites.band_degrees)
    site_band = np.floor(sites.key / BAND_KEY)
    low = np.maximum(low, site_band[0]).astype(np.int64)
    high = np.minimum(high, site_band[-1]).astype(np.int64)
    half, is_full = _half_width(problem.v_lat, radius)
    band_count = np.maximum(high - low + 1, 0)
    for start, stop in chunks(band_count, CHUNK_PAIRS):
        count = band_count[start:stop]
        who = np.repeat(np.arange(start, stop), count)
        base = expand(low[start:stop], count) * BAND_KEY + 256
        west, east = problem.v_lon[who] - half[who], problem.v_lon[who] + half[who]
        for shift in (0.0, 360.0, -360.0):
            # The part of a box beyond one side of the antimeridian is found again on the other.
            is_used = {0.0: who >= 0, 360.0: west < -180, -360.0: east > 180}[shift]
            is_used &= (shift == 0.0) | ~is_full[who]
            left = np.maximum(west[is_used] + shift, -200.0) + base[is_used]
            right = np.minimum(east[is_used] + shift, 200.0) + base[is_used]
            first = np.searchsorted(sites.key, left, side="left")
            last = np.searchsorted(sites.key, right, side="right")
            is_some = last > first
            yield who[is_used][is_some], first[is_some], last[is_some]


def _half_width(lat: Float64, radius: Float64) -> tuple[Float64, Bool]:
    """Half-width in degrees of longitude of circles, and whether to search all around.

    A circle of angular radius r around latitude f reaches asin(sin r / cos f) to each side, or
    all around if it holds a pole.
    """
    holds_pole = np.abs(lat) + radius >= 90
    safe = np.where(holds_pole, 0.0, 1.0)
    ratio = np.sin(np.radians(radius * safe)) / np.cos(np.radians(lat * safe))
    half = np.degrees(np.arcsin(np.minimum(ratio, 1.0))) + PAD_DEGREES
    is_full = holds_pole | (half >= FULL_TURN_DEGREES)
    return np.where(is_full, 400.0, half), is_full


def _feasible_pairs(
    problem: Problem, sites: _Sites, pairs: tuple[Int64, Int64]
) -> tuple[Int64, Int64, Int32]:
    """Test (volunteer, site) pairs, cheapest test first; return line, volunteer, distance."""
    who, site = pairs
    keep = np.flatnonzero(problem.v_skills[who] & sites.skills[site])
    who, site = who[keep], site[keep]
    wanted = sites.attrs[site]
    keep = np.flatnonzero((problem.v_attrs[who] & wanted) == wanted)
    who, site = who[keep], site[keep]
    keep = np.flatnonzero(problem.v_slots[who] & sites.slots[site])
    who, site = who[keep], site[keep]
    metres = pair_distance_m(problem, who, sites.line[sites.line_ptr[site]])
    keep = np.flatnonzero(metres <= problem.v_radius_m[who])
    who, site, distance = who[keep], site[keep], to_100m(metres[keep])
    count = sites.line_ptr[site + 1] - sites.line_ptr[site]
    line = sites.line[expand(sites.line_ptr[site], count)]
    who, distance = np.repeat(who, count), np.repeat(distance, count)
    is_free = problem.v_slots[who] >> problem.l_slot[line].astype(np.uint16) & np.uint16(1)
    keep = np.flatnonzero(is_free & (pair_points(problem, who, line) != FORBIDDEN_POINTS))
    return line[keep], who[keep], distance[keep]


def chunks(count: Int64, limit: int) -> Iterator[tuple[int, int]]:
    """Cut 0..N into runs (start, stop) whose counts add up to at most limit, or of one item."""
    total = np.cumsum(count)
    start, done = 0, 0
    while start < len(count):
        stop = max(int(np.searchsorted(total, done + limit, side="right")), start + 1)
        yield start, stop
        start, done = stop, int(total[stop - 1])


def expand(first: Int64, count: Int64) -> Int64:
    """Write out runs first, first + 1 ... (count of them) one after another."""
    total = np.cumsum(count)
    size = int(total[-1]) if len(total) else 0
    return np.arange(size) + np.repeat(first - total + count, count)
