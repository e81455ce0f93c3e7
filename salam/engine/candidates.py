"""The nearest people of every line: short lists that a plan is made from."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from salam.engine.capacity import Remaining
from salam.engine.compiled import compiled, compiled_in_place
from salam.engine.distance import EARTH_RADIUS_M, pair_distance_m, to_100m
from salam.engine.eligibility import PAD_DEGREES, is_feasible, placement_points
from salam.engine.grid import (
    NO_EDGE,
    Frame,
    Grid,
    Sites,
    build_grid,
    compact_skills,
    compact_words,
    frame_points,
    scan_ring,
    to_xyz,
)
from salam.engine.problem import (
    SLOT_COUNT,
    VALUE_PER_POINT,
    Bool,
    Int32,
    Int64,
    Problem,
    UInt16,
)
from salam.engine.workers import Workers

CHUNK_SITES = 2_048  # fixed, so that results do not depend on how many work on them
STEEP_DEGREES = 85.0  # nearer to a pole, longitudes say little about distance
KEY_BITS = 10  # of a sort key: the part that spreads equal distances


class Candidates(NamedTuple):
    """Edges by line, cheapest first (CSR), in the numbers of a grid.

    line_ptr: [L + 1] int64 over the rows of the problem; volunteer: [E] int32, row of the grid;
    cost: [E] int32 = distance in 100 m - 20 x bonus points. complete: [L] int32: every feasible
    edge that costs less is in the list (NO_EDGE: all of them are).
    """

    line_ptr: Int64
    volunteer: Int32
    cost: Int32
    complete: Int32


@dataclass(frozen=True, eq=False)
class Search:
    """Everything that finds feasible edges: the grid and the sites of one problem."""

    grid: Grid
    sites: Sites


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """The only feasible pairs of some lines: is_limited [L] bool says which; volunteer, line [N]
    int32 are rows of the problem.
    """

    is_limited: Bool
    volunteer: Int32
    line: Int32


def prepare_search(
    problem: Problem, remaining: Remaining, is_open: Bool, *, neighbour_count: int
) -> Search:
    """Index the volunteers, and gather the open lines into sites that are searched together.

    is_open: [L] bool, lines with a unit left; neighbour_count: candidates of a line of one unit,
    each further unit asks for two more. O((V + L) log (V + L)), deterministic.
    """
    line = np.flatnonzero(is_open & (problem.l_skills != 0))
    is_near = _within_reach(problem, line)
    lat = np.concatenate([problem.v_lat[is_near], problem.l_lat[line], np.zeros(1)[len(line) :]])
    lon = np.concatenate([problem.v_lon[is_near], problem.l_lon[line], np.zeros(1)[len(line) :]])
    frame = frame_points(lat, lon, problem.v_radius_m[is_near])
    skills = int(np.bitwise_or.reduce(problem.l_skills[line], initial=np.uint64(0)))
    grid = build_grid(problem, remaining, is_near, space=(frame, skills))
    units = np.diff(problem.l_unit_ptr) - remaining.unit_used
    wanted = neighbour_count + 2 * (units - 1)
    space = (grid, frame, skills)
    return Search(grid, _gather_sites(problem, remaining, (line, wanted), space=space))


def _within_reach(problem: Problem, line: Int64) -> Bool:
    """Volunteers whose latitude lies near enough to some line: a province needs not the country.

    [V] bool; an outer bound only, the exact test comes later.
    """
    if not len(line):
        return np.zeros(problem.volunteer_count, np.bool_)
    reach = np.degrees(problem.v_radius_m / EARTH_RADIUS_M) + PAD_DEGREES
    low, high = problem.l_lat[line].min(), problem.l_lat[line].max()
    is_near = (problem.v_lat >= low - reach) & (problem.v_lat <= high + reach)
    west, east = problem.l_lon[line].min(), problem.l_lon[line].max()
    steepest = max(abs(low), abs(high)) + reach.max(initial=0.0)
    if steepest < STEEP_DEGREES and east - west < 180:
        wide = reach / np.cos(np.radians(steepest))
        turned = np.mod(problem.v_lon - west + 180.0, 360.0) - 180.0
        is_near &= (turned >= -wide) & (turned <= east - west + wide)
        # Beyond 180 degrees the turn comes out on the other side.
        is_near |= (
            (turned + 360.0 <= east - west + wide)
            & (problem.v_lat >= low - reach)
            & (problem.v_lat <= high + reach)
        )
    return np.asarray(is_near, np.bool_)


def _gather_sites(
    problem: Problem,
    remaining: Remaining,
    wants: tuple[Int64, Int64],
    *,
    space: tuple[Grid, Frame, int],
) -> Sites:
    """Lines of one need with the same place, skills and attributes are one site.

    wants: lines that are open, and for every line of the problem how many candidates it wants.
    """
    line, wanted = wants
    grid, frame, skills = space
    row, column = frame.cells(problem.l_lat[line], problem.l_lon[line])
    cell = row * frame.column_count + column
    keys = (problem.l_attrs, problem.l_skills, problem.l_lon, problem.l_lat, problem.l_need)
    order = np.lexsort((*(key[line] for key in keys), cell))
    line, cell = line[order], cell[order]
    is_first = np.arange(len(line)) == 0
    for key in keys:
        is_first[1:] |= key[line[1:]] != key[line[:-1]]
    start = np.flatnonzero(is_first)
    head = line[start]
    slot_bit = np.left_shift(np.uint16(1), problem.l_slot[line].astype(np.uint16))
    slots = np.bitwise_or.reduceat(slot_bit, start) if len(start) else np.zeros(0, np.uint16)
    pair_ptr, pair_volunteer, pair_cost = _pair_lists(problem, remaining, line, grid=grid)
    return Sites(
        line_ptr=np.append(start, len(line)).astype(np.int64),
        line=line.astype(np.int32),
        xyz=to_xyz(problem.l_lat[head], problem.l_lon[head]),
        lat=problem.l_lat[head],
        lon=problem.l_lon[head],
        row=row[order][start],
        column=column[order][start],
        skills=compact_words(problem.l_skills[head], compact_skills(skills)),
        attrs=problem.l_attrs[head],
        slots=slots,
        slot=problem.l_slot[line].astype(np.int64),
        wanted=wanted[line].astype(np.int32),
        pair_ptr=pair_ptr,
        pair_volunteer=pair_volunteer,
        pair_cost=pair_cost,
    )


def grid_rows(problem: Problem, grid: Grid) -> Int32:
    """Row of the grid of every volunteer of the problem, -1 where it is not in it. [V] int32."""
    rows = np.full(problem.volunteer_count, -1, np.int32)
    rows[grid.origin] = np.arange(len(grid.origin), dtype=np.int32)
    return rows


def _pair_lists(
    problem: Problem, remaining: Remaining, line: Int64, *, grid: Grid
) -> tuple[Int64, Int32, Int32]:
    """Pairs that stand by themselves, for each line in ``line``: pointer, volunteer, cost.

    Those with a bonus have its cost; forbidden, confirmed and infeasible ones have NO_EDGE.
    """
    volunteer = np.concatenate([problem.f_volunteer, problem.b_volunteer])
    at_line = np.concatenate([problem.f_line, problem.b_line])
    position = np.full(problem.line_count, -1, np.int64)
    position[line] = np.arange(len(line))
    row, where = grid_rows(problem, grid)[volunteer], position[at_line]
    keep = np.flatnonzero((row >= 0) & (where >= 0))
    order = keep[np.lexsort((row[keep], where[keep]))]
    # A confirmed pair may have a bonus as well: it comes first, and is left out of the market.
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (row[order[1:]] != row[order[:-1]]) | (where[order[1:]] != where[order[:-1]])
    order = order[is_first]
    volunteer, at_line = volunteer[order], at_line[order]
    cost = to_100m(pair_distance_m(problem, volunteer, at_line)).astype(np.int64)
    cost -= VALUE_PER_POINT * placement_points(problem, volunteer, at_line)
    is_edge = is_feasible(problem, volunteer, at_line) & (order >= len(problem.f_volunteer))
    is_edge &= remaining.slot_is_free[volunteer, problem.l_slot[at_line]]
    pointer = np.zeros(len(line) + 1, np.int64)
    np.cumsum(np.bincount(where[order], minlength=len(line)), out=pointer[1:])
    return pointer, row[order], np.where(is_edge, cost, NO_EDGE).astype(np.int32)


def nearest_candidates(problem: Problem, search: Search, workers: Workers) -> Candidates:
    """Nearest people of every line, with the edges that carry a bonus of their own.

    O(entries looked at + E log K), deterministic.
    """
    grid, sites = search.grid, search.sites
    parts = workers.map(_nearest_of_sites, (grid, sites), chunk_bounds(len(sites.lat)))
    count = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)])
    volunteer = np.concatenate([np.zeros(0, np.int32), *(part[1] for part in parts)])
    cost = np.concatenate([np.zeros(0, np.int32), *(part[2] for part in parts)])
    complete = np.concatenate([np.zeros(0, np.int32), *(part[3] for part in parts)])
    candidates = _by_line(problem.line_count, sites.line, (count, volunteer, cost, complete))
    has_bonus = np.flatnonzero(sites.pair_cost != NO_EDGE)
    position = np.repeat(np.arange(len(sites.line)), np.diff(sites.pair_ptr))[has_bonus]
    extra = (sites.line[position], sites.pair_volunteer[has_bonus], sites.pair_cost[has_bonus])
    return with_edges(candidates, extra)


def chunk_bounds(count: int, size: int = CHUNK_SITES) -> list[tuple[int, int]]:
    """Cut 0..count into runs of a fixed size."""
    return [(first, min(first + size, count)) for first in range(0, count, size)]


def _by_line(line_count: int, line: Int32, parts: tuple[Int64, Int32, Int32, Int32]) -> Candidates:
    """Bring lists that stand in the order of the sites into the order of the problem's lines."""
    count, volunteer, cost, complete = parts
    start = np.cumsum(count) - count
    count_of = np.zeros(line_count, np.int64)
    start_of = np.zeros(line_count, np.int64)
    complete_of = np.full(line_count, NO_EDGE, np.int32)
    count_of[line], start_of[line], complete_of[line] = count, start, complete
    pointer = np.zeros(line_count + 1, np.int64)
    np.cumsum(count_of, out=pointer[1:])
    edge = np.arange(pointer[-1]) + np.repeat(start_of - pointer[:-1], count_of)
    return Candidates(pointer, volunteer[edge], cost[edge], complete_of)


def with_edges(candidates: Candidates, edges: tuple[Int32, Int32, Int32]) -> Candidates:
    """Add edges (line, volunteer, cost); of two between the same pair the cheaper stays. Lists
    stay cheapest first.
    """
    line, volunteer, cost = edges
    if not len(line):
        return candidates
    count = np.diff(candidates.line_ptr)
    at_line = np.concatenate([np.repeat(np.arange(len(count)), count), line])
    volunteer = np.concatenate([candidates.volunteer, volunteer]).astype(np.int32)
    cost = np.concatenate([candidates.cost, cost]).astype(np.int32)
    order = np.lexsort((cost, volunteer, at_line))
    pair_line, pair_volunteer = at_line[order], volunteer[order]
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (pair_line[1:] != pair_line[:-1]) | (pair_volunteer[1:] != pair_volunteer[:-1])
    order = order[is_first]
    # Stable: edges of equal cost keep the order they had, new ones follow.
    order = np.sort(order)
    order = order[np.lexsort((cost[order], at_line[order]))]
    pointer = np.zeros(len(count) + 1, np.int64)
    np.cumsum(np.bincount(at_line[order], minlength=len(count)), out=pointer[1:])
    return candidates._replace(line_ptr=pointer, volunteer=volunteer[order], cost=cost[order])


def with_only(
    problem: Problem, remaining: Remaining, search: Search, *, lists: tuple[Candidates, Pairs]
) -> Candidates:
    """Candidates where limited lines have their own pairs and nobody else. O(E + N log N)."""
    candidates, pairs = lists
    row = grid_rows(problem, search.grid)[pairs.volunteer]
    is_free = remaining.slot_is_free[pairs.volunteer, problem.l_slot[pairs.line]]
    at = np.flatnonzero((row >= 0) & is_free)
    at = at[np.argsort(spread(pairs.volunteer[at], pairs.line[at]), kind="stable")]
    volunteer, line = pairs.volunteer[at], pairs.line[at]
    cost = to_100m(pair_distance_m(problem, volunteer, line)).astype(np.int64)
    cost -= VALUE_PER_POINT * placement_points(problem, volunteer, line)
    count = np.where(pairs.is_limited, 0, np.diff(candidates.line_ptr))
    stays = np.repeat(~pairs.is_limited, np.diff(candidates.line_ptr))
    pointer = np.zeros(len(count) + 1, np.int64)
    np.cumsum(count, out=pointer[1:])
    others = Candidates(
        line_ptr=pointer,
        volunteer=candidates.volunteer[stays],
        cost=candidates.cost[stays],
        complete=np.where(pairs.is_limited, np.int32(NO_EDGE), candidates.complete),
    )
    return with_edges(others, (line, row[at], cost.astype(np.int32)))


def spread(volunteer: Int32 | Int64, other: Int32 | Int64) -> Int64:
    """A hash of pairs to break ties by, [N] int64, as _cheapest_first has it."""
    mixed = (volunteer.astype(np.int64) * 2654435761) ^ (other.astype(np.int64) * 40503)
    return np.asarray((mixed >> 7) & ((1 << KEY_BITS) - 1), np.int64)


@compiled
def _nearest_of_sites(
    grid: Grid, sites: Sites, bounds: tuple[int, int]
) -> tuple[Int64, Int32, Int32, Int32]:
    """Lists of the sites bounds[0] .. bounds[1] - 1: their lengths, volunteers, costs, and how
    far each is complete; in the order of sites.line.
    """
    line_first, line_last = sites.line_ptr[bounds[0]], sites.line_ptr[bounds[1]]
    counts = np.zeros(line_last - line_first, np.int64)
    complete = np.full(line_last - line_first, NO_EDGE, np.int32)
    volunteers = np.empty(1 << 15, np.int32)
    costs = np.empty(1 << 15, np.int32)
    found = (np.empty(1 << 12, np.int32), np.empty(1 << 12, np.int32), np.empty(1 << 12, np.uint16))
    total = 0
    offset = grid.offset
    for site in range(bounds[0], bounds[1]):
        found, found_count, sure = _search_site(grid, sites, found, site)
        order = _cheapest_first(grid, sites, found, (site, found_count))
        who, far, slots = found
        for position in range(sites.line_ptr[site], sites.line_ptr[site + 1]):
            wanted = sites.wanted[position]
            has_pairs = sites.pair_ptr[position] < sites.pair_ptr[position + 1]
            slot_bit = np.uint16(1) << np.uint16(sites.slot[position])
            count, limit = 0, sure
            for one in order:
                if not slots[one] & slot_bit:
                    continue
                v = who[one]
                if has_pairs and stands_alone(sites, position, v):
                    continue
                cost = far[one] - offset[v]
                if count == wanted:
                    limit = min(limit, cost)
                    break
                if total == len(volunteers):
                    volunteers = np.append(volunteers, np.empty_like(volunteers))
                    costs = np.append(costs, np.empty_like(costs))
                volunteers[total] = v
                costs[total] = cost
                total += 1
                count += 1
            counts[position - line_first] = count
            complete[position - line_first] = limit
    return counts, volunteers[:total].copy(), costs[:total].copy(), complete


@compiled
def scan_whole_ring(
    grid: Grid, sites: Sites, at: tuple[int, int, int], found: tuple[Int32, Int32, UInt16]
) -> tuple[tuple[Int32, Int32, UInt16], int]:
    """Do as scan_ring, with arrays as long as it takes; returns them and the count."""
    count = scan_ring(grid, sites, at, found)
    if count > len(found[0]):
        longer = (np.empty(2 * count, np.int32), np.empty(2 * count, np.int32))
        slots = np.empty(2 * count, np.uint16)
        longer[0][: at[2]] = found[0][: at[2]]
        longer[1][: at[2]] = found[1][: at[2]]
        slots[: at[2]] = found[2][: at[2]]
        found = (longer[0], longer[1], slots)
        count = scan_ring(grid, sites, at, found)
    return found, count


@compiled
def _search_site(
    grid: Grid, sites: Sites, found: tuple[Int32, Int32, UInt16], site: int
) -> tuple[tuple[Int32, Int32, UInt16], int, int]:
    """Search rings until every slot has enough; returns found, count, and the cost below which
    nothing was missed.
    """
    wanted = 0
    for position in range(sites.line_ptr[site], sites.line_ptr[site + 1]):
        wanted = max(wanted, sites.wanted[position])
    has = np.zeros(SLOT_COUNT, np.int64)
    count = 0
    for ring in range(len(grid.ring_m)):
        before = count
        found, count = scan_whole_ring(grid, sites, (site, ring, count), found)
        slots = found[2]
        for one in range(before, count):
            for slot in range(SLOT_COUNT):
                has[slot] += slots[one] >> np.uint16(slot) & np.uint16(1)
        is_enough = True
        for slot in range(SLOT_COUNT):
            if sites.slots[site] >> np.uint16(slot) & np.uint16(1) and has[slot] < wanted:
                is_enough = False
        if is_enough and ring + 1 < len(grid.ring_m):
            return found, count, int(grid.ring_m[ring + 1] // 100) - grid.max_offset[0]
    return found, count, NO_EDGE


@compiled
def _cheapest_first(
    grid: Grid, sites: Sites, found: tuple[Int32, Int32, UInt16], at: tuple[int, int]
) -> Int64:
    """Order of the first at[1] found of site at[0] by cost.

    Equal costs are spread by a hash of volunteer and line: neighbours who live at one published
    point must not all be listed for the same lines, nor in the order in which they registered.
    """
    line = np.int64(sites.line[sites.line_ptr[at[0]]])
    keys = np.empty(at[1], np.int64)
    who, far, origin, offset = found[0], found[1], grid.origin, grid.offset
    for one in range(at[1]):
        v = who[one]
        mixed = (np.int64(origin[v]) * 2654435761) ^ (line * 40503)
        cost = np.int64(far[one]) - offset[v]
        keys[one] = (cost << KEY_BITS) | ((mixed >> 7) & ((1 << KEY_BITS) - 1))
    return np.argsort(keys)


@compiled_in_place
def stands_alone(sites: Sites, position: int, volunteer: int) -> bool:
    """Whether a pair (position in sites.line, row of the grid) is among the pairs of its line."""
    low, high = sites.pair_ptr[position], sites.pair_ptr[position + 1]
    last = high
    while low < high:
        middle = (low + high) // 2
        if sites.pair_volunteer[middle] < volunteer:
            low = middle + 1
        else:
            high = middle
    return low < last and sites.pair_volunteer[low] == volunteer
