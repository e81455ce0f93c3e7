"""What the auction trades, as arrays, and its book: who holds what at which price."""

from typing import NamedTuple

import numpy as np

from salam.engine.candidates import Candidates
from salam.engine.capacity import Remaining, groups_by_depth
from salam.engine.grid import Grid
from salam.engine.problem import SLOT_COUNT, VALUE_PER_POINT, Bool, Int32, Int64, Problem

NOBODY = -1


class Market(NamedTuple):
    """Lines that want people, half-days that are for sale, and the seats between them.

    edge_ptr: [L + 1] int64 into volunteer, cost: [E] int32, cheapest first; slot: [L] int64;
    unit_ptr: [L + 1] int64 into gain: [U'] int32 (units that are left, falling inside a line);
    group: [L] int32, nearest group that may bind, -1 where none does. Groups are those that may
    bind, renumbered: parent [G'] int32 (-1 at a root), seats [G'] int64, group_origin [G'] int32.
    half_days: [V'] int64, what each volunteer of the grid has left. Costs, gains and prices are
    in units of 100 m / scale: a finer unit makes the least rise of a price smaller.
    """

    edge_ptr: Int64
    volunteer: Int32
    cost: Int32
    slot: Int64
    unit_ptr: Int64
    gain: Int32
    group: Int32
    parent: Int32
    seats: Int64
    group_origin: Int32
    half_days: Int64
    scale: int

    @property
    def line_count(self) -> int:
        return len(self.slot)


class Book(NamedTuple):
    """State of an auction; every array is changed in place.

    A volunteer-slot is number v x 14 + slot. holder: [V' x 14] int32, line or NOBODY; price: [V' x
    14] int32, what its holder pays, or what it would cost (0 while the volunteer has half-days
    left, then as much as the cheapest one sold); taken: [V'] int64, half-days sold. filled: [L]
    int64, units with a person; used: [G'] int64, seats.
    Waiting lines stand in a heap for each group, and a group that has seats and somebody waiting
    stands in the heap of its parent: item l < L is a line, item L + g a group. key: [L + G'] int64,
    what an item would gain; place: [L + G'] int64, where it stands in heap, -1 nowhere;
    heap_start: [G' + 1] int64; heap_size: [G'] int64; heap: int64. tally: [2] int64 = bids made,
    edges looked at.
    """

    holder: Int32
    price: Int32
    taken: Int64
    filled: Int64
    used: Int64
    key: Int64
    place: Int64
    heap_start: Int64
    heap_size: Int64
    heap: Int64
    tally: Int64


def open_market(
    problem: Problem,
    remaining: Remaining,
    grid: Grid,
    *,
    candidates: Candidates,
    is_binding: Bool,
    scale: int = 1,
) -> Market:
    """Put a problem and its candidate lists up for auction.

    is_binding: [G] bool, groups whose seats are looked after; those of the others must turn out
    to suffice (see binding_groups). O(L + U + G x depth).
    """
    group_origin = np.flatnonzero(is_binding)
    number = np.full(problem.group_count + 1, -1, np.int64)  # the last one answers for parent -1
    number[group_origin] = np.arange(len(group_origin))
    nearest = np.arange(problem.group_count)
    while True:
        passes = (nearest >= 0) & ~np.append(is_binding, True)[nearest]
        if not passes.any():
            break
        nearest = np.where(passes, problem.g_parent[nearest], nearest)
    of_group = number[np.append(nearest, -1)]
    pointer = np.zeros(problem.line_count + 1, np.int64)
    first = problem.l_unit_ptr[:-1] + remaining.unit_used
    np.cumsum(problem.l_unit_ptr[1:] - first, out=pointer[1:])
    unit = np.arange(pointer[-1]) + np.repeat(first - pointer[:-1], np.diff(pointer))
    return Market(
        edge_ptr=candidates.line_ptr,
        volunteer=candidates.volunteer,
        cost=candidates.cost * np.int32(scale),
        slot=problem.l_slot.astype(np.int64),
        unit_ptr=pointer,
        gain=np.int32(VALUE_PER_POINT * scale) * problem.unit_value[unit],
        group=of_group[problem.l_group].astype(np.int32),
        parent=of_group[problem.g_parent[group_origin]].astype(np.int32),
        seats=remaining.group[group_origin],
        group_origin=group_origin.astype(np.int32),
        half_days=remaining.volunteer[grid.origin],
        scale=scale,
    )


def binding_groups(problem: Problem, remaining: Remaining) -> tuple[Bool, Int64]:
    """Groups with fewer seats than their lines could ever use, [G] bool, and that use, [G] int64.

    What a group can use is what its own lines ask for and what the groups below can pass on.
    O(G x depth).
    """
    units = np.diff(problem.l_unit_ptr) - remaining.unit_used
    use = np.bincount(problem.l_group, weights=units, minlength=problem.group_count)
    use = use.astype(np.int64)
    for level in reversed(groups_by_depth(problem.g_parent)):
        passed_on = np.minimum(use[level], remaining.group[level])
        above = problem.g_parent[level]
        np.add.at(use, above[above >= 0], passed_on[above >= 0])
    return use > remaining.group, use


def empty_book(market: Market) -> Book:
    """A book in which nothing is sold."""
    volunteers, lines, groups = len(market.half_days), market.line_count, len(market.seats)
    direct = np.bincount(market.group[market.group >= 0], minlength=groups)
    direct += np.bincount(market.parent[market.parent >= 0], minlength=groups)
    start = np.zeros(groups + 1, np.int64)
    np.cumsum(direct, out=start[1:])
    return Book(
        holder=np.full(volunteers * SLOT_COUNT, NOBODY, np.int32),
        price=np.zeros(volunteers * SLOT_COUNT, np.int32),
        taken=np.zeros(volunteers, np.int64),
        filled=np.zeros(lines, np.int64),
        used=np.zeros(groups, np.int64),
        key=np.zeros(lines + groups, np.int64),
        place=np.full(lines + groups, NOBODY, np.int64),
        heap_start=start,
        heap_size=np.zeros(groups, np.int64),
        heap=np.zeros(max(int(start[-1]), 1), np.int64),
        tally=np.zeros(2, np.int64),
    )
