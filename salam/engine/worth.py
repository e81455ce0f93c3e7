"""What somebody more would be worth: people who are sold out, or not in the country yet."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from salam.engine.compiled import compiled, compiled_in_place
from salam.engine.distance import EARTH_RADIUS_M
from salam.engine.grid import (
    Frame,
    compact_skills,
    compact_words,
    fill_lists,
    first_column,
    frame_points,
    to_xyz,
)
from salam.engine.problem import SLOT_COUNT, Float64, Int32, Int64, Problem, UInt64
from salam.engine.workers import Threads, Workers

CHUNK_PEOPLE = 1_024


@dataclass(frozen=True, eq=False, kw_only=True)
class People:
    """Somebody at a place with a radius, skills and attributes, free all week; N of them.

    lat, lon: [N] float64 degrees; radius_m: [N] int32; skills, attrs: [N] uint64.
    """

    lat: Float64
    lon: Float64
    radius_m: Int32
    skills: UInt64
    attrs: UInt64


class _Wanting(NamedTuple):
    """Lines that would still pay for somebody, in lists by skill and cell, dearest first."""

    list_start: Int32
    entry: Int32
    worth: Int64
    slot: Int64
    attrs: UInt64
    xyz: Float64
    ring_m: Float64
    shape: Int64


class _Seekers(NamedTuple):
    """People as the search needs them: compact skills, cells and points in space."""

    skills: UInt64
    attrs: UInt64
    radius_m: Int32
    xyz: Float64
    row: Int64
    column: Int64


def worth_by_slot(
    problem: Problem, line_price: Int64, people: People, *, workers: Workers | None = None
) -> Int64:
    """Worth of one half-day of each person in each slot, in units of 100 m.

    The most that a line in reach would pay for somebody, less the travel. A line pays by its
    lowered price, so this is what the value of the best plan would rise by (one person at a time:
    ten in one place are worth less than ten times as much).

    line_price: [L] int64 of a Solution of the problem. Returns [N, 14] int64 >= 0.
    O(people x lists in reach), deterministic.
    """
    line = np.flatnonzero((line_price > 0) & (problem.l_skills != 0))
    result = np.zeros((len(people.lat), SLOT_COUNT), np.int64)
    if not len(line) or not len(people.lat):
        return result
    frame = frame_points(
        np.concatenate([people.lat, problem.l_lat[line]]),
        np.concatenate([people.lon, problem.l_lon[line]]),
        people.radius_m,
    )
    numbers = compact_skills(int(np.bitwise_or.reduce(problem.l_skills[line])))
    row, column = frame.cells(people.lat, people.lon)
    seekers = _Seekers(
        skills=compact_words(people.skills, numbers),
        attrs=people.attrs,
        radius_m=people.radius_m,
        xyz=to_xyz(people.lat, people.lon),
        row=row,
        column=column,
    )
    wanting = _list_lines(problem, line, line_price, space=(frame, numbers, people.radius_m))
    bounds = [
        (first, min(first + CHUNK_PEOPLE, len(result)))
        for first in range(0, len(result), CHUNK_PEOPLE)
    ]
    parts = (workers or Threads()).map(_worth_of_people, (wanting, seekers), bounds)
    for (first, last), part in zip(bounds, parts, strict=True):
        result[first:last] = part
    return result


def _list_lines(
    problem: Problem, line: Int64, line_price: Int64, *, space: tuple[Frame, list[int], Int32]
) -> _Wanting:
    frame, numbers, radius_m = space
    row, column = frame.cells(problem.l_lat[line], problem.l_lon[line])
    dearest_first = np.argsort(-line_price[line], kind="stable")
    start, entry = fill_lists(
        compact_words(problem.l_skills[line], numbers),
        row * frame.column_count + column,
        dearest_first,
        np.array([len(numbers), frame.row_count * frame.column_count]),
    )
    return _Wanting(
        list_start=start,
        entry=entry,
        worth=line_price[line],
        slot=problem.l_slot[line].astype(np.int64),
        attrs=problem.l_attrs[line],
        xyz=to_xyz(problem.l_lat[line], problem.l_lon[line]),
        ring_m=frame.ring_bounds_m(float(radius_m.max(initial=0))),
        shape=np.array([len(numbers), frame.row_count, frame.column_count], np.int64),
    )


@compiled
def _worth_of_people(wanting: _Wanting, seekers: _Seekers, bounds: tuple[int, int]) -> Int64:
    """Worth by slot of people bounds[0] .. bounds[1] - 1, [N, 14]."""
    worth = np.zeros((bounds[1] - bounds[0], SLOT_COUNT), np.int64)
    for person in range(bounds[0], bounds[1]):
        _search_around(wanting, seekers, person, worth[person - bounds[0]])
    return worth


@compiled_in_place
def _search_around(wanting: _Wanting, seekers: _Seekers, person: int, best: Int64) -> None:
    skills, rows, columns = wanting.shape[0], wanting.shape[1], wanting.shape[2]
    radius = seekers.radius_m[person]
    middle_row, middle_column = seekers.row[person], seekers.column[person]
    for ring in range(len(wanting.ring_m)):
        near = wanting.ring_m[ring]
        if near > radius:
            break
        for row in range(max(0, middle_row - ring), min(rows - 1, middle_row + ring) + 1):
            is_whole = abs(row - middle_row) == ring
            step = 1 if is_whole else 2 * ring
            column = first_column(middle_column, ring, step)
            while column <= min(columns - 1, middle_column + ring):
                for skill in range(skills):
                    if seekers.skills[person] >> np.uint64(skill) & np.uint64(1):
                        cell = (skill * rows + row) * columns + column
                        _search_list(wanting, seekers, (person, cell), best)
                column += step


@compiled_in_place
def _search_list(wanting: _Wanting, seekers: _Seekers, at: tuple[int, int], best: Int64) -> None:
    person, cell = at
    attrs, radius = seekers.attrs[person], seekers.radius_m[person]
    least = _least(best)
    for entry in range(wanting.list_start[cell], wanting.list_start[cell + 1]):
        line = wanting.entry[entry]
        if wanting.worth[line] <= least:
            break
        slot = wanting.slot[line]
        if wanting.worth[line] <= best[slot] or wanting.attrs[line] & attrs != wanting.attrs[line]:
            continue
        dx = seekers.xyz[person, 0] - wanting.xyz[line, 0]
        dy = seekers.xyz[person, 1] - wanting.xyz[line, 1]
        dz = seekers.xyz[person, 2] - wanting.xyz[line, 2]
        chord = np.sqrt(dx * dx + dy * dy + dz * dz) / (2 * EARTH_RADIUS_M)
        metres = 2 * EARTH_RADIUS_M * np.arcsin(min(chord, 1.0))
        if metres <= radius:
            best[slot] = max(best[slot], wanting.worth[line] - np.int64(np.rint(metres / 100)))
            least = _least(best)


@compiled_in_place
def _least(values: Int64) -> int:
    least = values[0]
    for value in values:
        least = min(least, value)
    return least
