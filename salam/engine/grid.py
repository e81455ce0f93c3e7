"""Where volunteers are: lists by skill and cell, and the search outwards from a line.

Three things make the search quick. There is one list for each skill and cell, so that only
holders of a wanted skill are ever touched. Each list falls by travel radius, so that a ring at
distance D stops at the first volunteer who would not come that far. And all other conditions are
one word: (word & wanted) == wanted.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from salam.engine.capacity import Remaining
from salam.engine.compiled import compiled, compiled_in_place
from salam.engine.distance import EARTH_RADIUS_M
from salam.engine.problem import (
    SLOT_COUNT,
    VALUE_PER_POINT,
    Bool,
    Float64,
    Int32,
    Int64,
    Problem,
    UInt16,
    UInt64,
)

CELL_M_MIN = 2_000.0  # smaller cells are emptier than the lists they replace are long
CELL_M_MAX = 500_000.0
CELLS_MAX = 1 << 18  # with 64 skills some 130 MB of list starts
RINGS_MAX = 64  # the widest radius spans at most this many cells
TIE_M = 1e-3  # nearer than this to a rim or a rounding step the formula itself decides
NO_EDGE = 2**31 - 1  # a distance that no edge has


class Grid(NamedTuple):
    """Volunteers with something left to give, renumbered in space, and their lists.

    origin: [V'] int32, row in the problem; xyz: [V', 3] float64 metres from the Earth's centre;
    lat, lon: [V'] float64 degrees; offset: [V'] int32, what their own bonus takes off a cost.
    list_start: [S * rows * columns + 1] int32 into entry_...: volunteer int32, radius_m int32,
    attrs uint64, skills uint64 (bits 0..S-1), slots uint16. ring_m: [R] float64, nothing in ring r
    or beyond is nearer than ring_m[r]. shape: [3] int64 = S, rows, columns. max_offset: [1] int32.
    """

    origin: Int32
    xyz: Float64
    lat: Float64
    lon: Float64
    offset: Int32
    list_start: Int32
    entry_volunteer: Int32
    entry_radius_m: Int32
    entry_attrs: UInt64
    entry_skills: UInt64
    entry_slots: UInt16
    ring_m: Float64
    shape: Int64
    max_offset: Int32


class Sites(NamedTuple):
    """Lines of one need at one place with the same conditions, searched together; N of them.

    line_ptr: [N + 1] int64 into line [L'] int32 (rows of the problem); xyz, lat, lon as in Grid;
    row, column: [N] int64 cell; skills, attrs: [N] uint64; slots: [N] uint16, those of its lines.
    slot: [L'] uint8; wanted: [L'] int32, how many candidates; pair_ptr: [L' + 1] int64 into
    pair_volunteer: int32, rows of the grid, rising, and pair_cost: int32. Pairs are what the
    search leaves alone: those with a bonus of their own, and the forbidden ones (NO_EDGE).
    """

    line_ptr: Int64
    line: Int32
    xyz: Float64
    lat: Float64
    lon: Float64
    row: Int64
    column: Int64
    skills: UInt64
    attrs: UInt64
    slots: UInt16
    slot: Int64
    wanted: Int32
    pair_ptr: Int64
    pair_volunteer: Int32
    pair_cost: Int32


@dataclass(frozen=True, kw_only=True)
class Frame:
    """How the globe is cut into cells: edges in degrees, and the turn that hides the seam."""

    lat_first: float
    lon_first: float
    row_degrees: float
    column_degrees: float
    row_count: int
    column_count: int
    lat_limit: float

    def cells(self, lat: Float64, lon: Float64) -> tuple[Int64, Int64]:
        """Row and column of points, [N] int64 each."""
        row = ((lat - self.lat_first) / self.row_degrees).astype(np.int64)
        turned = np.mod(lon - self.lon_first, 360.0)
        column = (turned / self.column_degrees).astype(np.int64)
        return (
            np.clip(row, 0, self.row_count - 1),
            np.clip(column, 0, self.column_count - 1),
        )

    def ring_bounds_m(self, reach_m: float) -> Float64:
        """Least distance between points r rings apart and more, for r = 0 .. the last that counts.

        r rows apart means r - 1 whole rows between. Two points at most at latitude f, with a
        difference of longitude of D, are at least 2 R asin(cos f sin(D / 2)) apart.
        """
        bounds = [0.0]
        while bounds[-1] <= reach_m and len(bounds) <= self.row_count + self.column_count:
            whole = len(bounds) - 1
            by_row = whole * math.radians(self.row_degrees) * EARTH_RADIUS_M
            turn = min(math.radians(whole * self.column_degrees), math.pi)
            chord = math.cos(math.radians(self.lat_limit)) * math.sin(turn / 2)
            by_column = 2 * EARTH_RADIUS_M * math.asin(min(chord, 1.0))
            bounds.append(by_row if self.column_count == 1 else min(by_row, by_column))
        return np.array(bounds[:-1] if bounds[-1] > reach_m else bounds)


def frame_points(lat: Float64, lon: Float64, radius_m: Int32) -> Frame:
    """Choose cells for points of volunteers and lines together. O(N log N).

    A sixth of a usual radius to a cell keeps the rings few and the lists short. Longitudes are
    turned so that the widest empty gap lies at the seam; points all around the globe share one
    column, which is right everywhere and quick enough where it is needed.

    lat, lon: [N >= 1] degrees; radius_m: [V] of the volunteers.
    """
    order = np.sort(np.mod(lon, 360.0))
    gaps = np.diff(order, append=order[0] + 360.0)
    widest = int(np.argmax(gaps))
    lon_first = float(order[(widest + 1) % len(order)])
    span = max(360.0 - float(gaps[widest]), 1e-9)
    usual = float(np.quantile(radius_m, 0.9)) if len(radius_m) else 0.0
    largest = float(radius_m.max()) if len(radius_m) else 0.0
    cell_m = min(max(usual / 6, largest / RINGS_MAX, CELL_M_MIN), CELL_M_MAX)
    lat_first, lat_last = float(lat.min()), float(lat.max())
    lat_limit = max(abs(lat_first), abs(lat_last))
    narrow = math.cos(math.radians(min(lat_limit, 89.999)))
    while True:
        row_degrees = math.degrees(cell_m / EARTH_RADIUS_M)
        column_degrees = row_degrees / narrow
        rows = int((lat_last - lat_first) / row_degrees) + 1
        columns = int(span / column_degrees) + 1 if span <= 180.0 else 1
        if rows * columns <= CELLS_MAX:
            break
        cell_m *= 1.5
    return Frame(
        lat_first=lat_first,
        lon_first=lon_first,
        row_degrees=row_degrees,
        column_degrees=column_degrees if columns > 1 else 360.0,
        row_count=rows,
        column_count=columns,
        lat_limit=lat_limit,
    )


def build_grid(
    problem: Problem, remaining: Remaining, is_near: Bool, *, space: tuple[Frame, int]
) -> Grid:
    """Index the volunteers who have a half-day, a free slot and one of the skills left to give.

    is_near: [V] bool, the others are left out; space: the cells, and one word with a bit for every
    skill that a line asks for. Confirmed slots are taken.
    Returns a Grid; volunteers lie in it by cell, then by row of the problem.
    O(V log V + entries + lists), deterministic.
    """
    frame, skills = space
    free = np.left_shift(remaining.slot_is_free.astype(np.uint16), np.arange(SLOT_COUNT)).sum(
        axis=1, dtype=np.uint16
    )
    slots = problem.v_slots & free
    can_give = is_near & (remaining.volunteer > 0) & (slots != 0)
    can_give &= (problem.v_skills & np.uint64(skills)) != 0
    origin = np.flatnonzero(can_give)
    row, column = frame.cells(problem.v_lat[origin], problem.v_lon[origin])
    cell = row * frame.column_count + column
    order = np.argsort(cell, kind="stable")
    origin, cell = origin[order], cell[order]
    radius = problem.v_radius_m[origin]
    numbers = compact_skills(skills)
    words = compact_words(problem.v_skills[origin], numbers)
    by_radius = np.argsort(-radius.astype(np.int64), kind="stable")
    cell_count = frame.row_count * frame.column_count
    start, entry = fill_lists(words, cell, by_radius, np.array([len(numbers), cell_count]))
    reach = float(radius.max()) if len(radius) else 0.0
    offset = VALUE_PER_POINT * problem.v_points[origin].astype(np.int32)
    return Grid(
        origin=origin.astype(np.int32),
        xyz=to_xyz(problem.v_lat[origin], problem.v_lon[origin]),
        lat=problem.v_lat[origin],
        lon=problem.v_lon[origin],
        offset=offset,
        list_start=start,
        entry_volunteer=entry,
        entry_radius_m=radius[entry],
        entry_attrs=problem.v_attrs[origin][entry],
        entry_skills=words[entry],
        entry_slots=slots[origin][entry],
        ring_m=frame.ring_bounds_m(reach),
        shape=np.array([len(numbers), frame.row_count, frame.column_count], np.int64),
        max_offset=np.array([offset.max(initial=0)], np.int32),
    )


def without_lists(grid: Grid) -> Grid:
    """The grid for whoever searches no more: its lists are a fifth of all that a solve holds."""
    lists = ("list_start", *(name for name in Grid._fields if name.startswith("entry_")))
    return grid._replace(**{name: np.empty(0, getattr(grid, name).dtype) for name in lists})


def compact_skills(skills: int) -> list[int]:
    """Bits that are set in a word, rising: their positions are the compact skill numbers."""
    return [bit for bit in range(64) if skills >> bit & 1]


def compact_words(words: UInt64, numbers: list[int]) -> UInt64:
    """Move the bits ``numbers`` of words [N] to positions 0, 1 ...; the other bits are dropped."""
    compact = np.zeros(len(words), np.uint64)
    for position, bit in enumerate(numbers):
        compact |= (words >> np.uint64(bit) & np.uint64(1)) << np.uint64(position)
    return compact


def to_xyz(lat: Float64, lon: Float64) -> Float64:
    """Points on the sphere in metres from its centre, [N, 3]; chords give distances."""
    phi, lam = np.radians(lat), np.radians(lon)
    unit = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)
    return np.ascontiguousarray(EARTH_RADIUS_M * unit)


@compiled
def fill_lists(words: UInt64, cell: Int64, by_radius: Int64, size: Int64) -> tuple[Int32, Int32]:
    """Counting sort of (skill, cell); inside a list volunteers keep the order of by_radius."""
    skill_count, cell_count = size[0], size[1]
    # One place further on than it belongs, each start serves as the cursor of its own list, and
    # stands where it belongs once all is filled: the table is long, and a copy would be as long.
    start = np.zeros(skill_count * cell_count + 2, np.int32)
    for v in range(len(words)):
        for skill in range(skill_count):
            if words[v] >> np.uint64(skill) & np.uint64(1):
                start[skill * cell_count + cell[v] + 2] += 1
    for at in range(len(start) - 1):
        start[at + 1] += start[at]
    entry = np.empty(start[-1], np.int32)
    for v in by_radius:
        for skill in range(skill_count):
            if words[v] >> np.uint64(skill) & np.uint64(1):
                cursor = skill * cell_count + cell[v] + 1
                entry[start[cursor]] = v
                start[cursor] += 1
    return start[:-1], entry


@compiled_in_place
def first_column(middle: int, ring: int, step: int) -> int:
    """First column of a ring's row that lies in the grid; the row goes on in steps of ``step``."""
    column = middle - ring
    return column if column >= 0 else max(column + step, 0)


@compiled_in_place
def scan_ring(
    grid: Grid, sites: Sites, at: tuple[int, int, int], found: tuple[Int32, Int32, UInt16]
) -> int:
    """Add to ``found`` everybody of one ring who may serve a site at some of its slots.

    at: site, ring, how many are found already. found: volunteers (rows of the grid), distances in
    100 m, and slots they share with the site. Returns the new count; where it is more than found
    can hold, the rest was left out: call again with longer arrays.
    """
    site, ring, count = at
    rows, columns = grid.shape[1], grid.shape[2]
    middle_row, middle_column = sites.row[site], sites.column[site]
    seen = np.uint64(0)
    for skill in range(grid.shape[0]):
        bit = np.uint64(1) << np.uint64(skill)
        if not sites.skills[site] & bit:
            continue
        for row in range(max(0, middle_row - ring), min(rows - 1, middle_row + ring) + 1):
            # The ring's first and last rows are whole, of the others only the two ends belong.
            is_whole = abs(row - middle_row) == ring
            step = 1 if is_whole else 2 * ring
            column = first_column(middle_column, ring, step)
            while column <= min(columns - 1, middle_column + ring):
                cell = (skill * rows + row) * columns + column
                count = _scan_list(grid, sites, (site, cell, ring), (count, seen), found)
                column += step
        seen |= bit
    return count


@compiled_in_place
def _scan_list(
    grid: Grid,
    sites: Sites,
    at: tuple[int, int, int],
    so_far: tuple[int, np.uint64],
    found: tuple[Int32, Int32, UInt16],
) -> int:
    """Scan one list of a skill and cell; so_far: count, and skills whose lists were scanned."""
    site, cell, ring = at
    count, seen = so_far
    near = grid.ring_m[ring]
    attrs, slots = sites.attrs[site], sites.slots[site]
    entry_radius, entry_attrs = grid.entry_radius_m, grid.entry_attrs
    entry_slots, entry_skills = grid.entry_slots, grid.entry_skills
    for entry in range(grid.list_start[cell], grid.list_start[cell + 1]):
        if entry_radius[entry] < near:
            break
        if entry_attrs[entry] & attrs != attrs or not entry_slots[entry] & slots:
            continue
        if entry_skills[entry] & seen:
            continue
        volunteer = grid.entry_volunteer[entry]
        distance = _distance_100m(grid, sites, (volunteer, site), entry_radius[entry])
        if distance != NO_EDGE:
            if count < len(found[0]):
                found[0][count] = volunteer
                found[1][count] = distance
                found[2][count] = entry_slots[entry] & slots
            count += 1
    return count


@compiled_in_place
def _distance_100m(grid: Grid, sites: Sites, pair: tuple[int, int], radius_m: int) -> int:
    """Distance in 100 m, or NO_EDGE beyond the radius; the chord decides but for near ties."""
    volunteer, site = pair
    dx = grid.xyz[volunteer, 0] - sites.xyz[site, 0]
    dy = grid.xyz[volunteer, 1] - sites.xyz[site, 1]
    dz = grid.xyz[volunteer, 2] - sites.xyz[site, 2]
    square = dx * dx + dy * dy + dz * dz
    if square > (radius_m + 1.0) * (radius_m + 1.0):
        return NO_EDGE
    chord = math.sqrt(square) / (2 * EARTH_RADIUS_M)
    metres = 2 * EARTH_RADIUS_M * math.asin(min(chord, 1.0))
    step = metres / 100 - math.floor(metres / 100)
    if abs(metres - radius_m) < TIE_M or abs(step - 0.5) < TIE_M / 100 or chord > 0.999:
        metres = _haversine_m(grid, sites, volunteer, site)
    if metres > radius_m:
        return NO_EDGE
    return int(np.rint(metres / 100))


@compiled_in_place
def _haversine_m(grid: Grid, sites: Sites, volunteer: int, site: int) -> float:
    """The formula of distance.haversine_m, for one pair."""
    phi_a, phi_b = math.radians(grid.lat[volunteer]), math.radians(sites.lat[site])
    half_lat = math.sin((phi_b - phi_a) / 2)
    half_lon = math.sin(math.radians(sites.lon[site] - grid.lon[volunteer]) / 2)
    square = half_lat * half_lat + math.cos(phi_a) * math.cos(phi_b) * half_lon * half_lon
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(square, 1.0)))
