"""How far from the best: a bound over every feasible pair of the country, from any prices.

Lagrangian duality: charge the prices instead of minding the caps, and let every line choose freely;
no plan can be worth more than what the lines then gain plus what the caps cost at these prices.
The lists prove most lines by themselves, since nothing outside a list costs less than ``complete``;
only where a price makes something beyond that attractive are all people searched again.
Source: M. L. Fisher, "The Lagrangian Relaxation Method for Solving Integer Programming Problems",
1981; for finding the missing edges (column generation) L. R. Ford, D. R. Fulkerson, 1958.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from salam.engine.auction import NOTHING
from salam.engine.candidates import Candidates, Search, chunk_bounds, scan_whole_ring, stands_alone
from salam.engine.compiled import compiled, compiled_in_place
from salam.engine.grid import NO_EDGE, Grid, Sites
from salam.engine.market import NOBODY, Book, Market
from salam.engine.problem import SLOT_COUNT, Bool, Int32, Int64, UInt16
from salam.engine.workers import Workers

CHUNK_LINES = 4_096
CHUNK_VOLUNTEERS = 1 << 15
CHUNK_SEARCHED = 256  # a line that must be searched for costs far more than one that is not


class Asked(NamedTuple):
    """Prices a line meets: slot_price [V' x 14] int32, seat_price [L] int64 (all groups above)."""

    slot_price: Int32
    seat_price: Int64


@dataclass(frozen=True, eq=False, kw_only=True)
class Verdict:
    """bound_listed: over the listed edges only; bound: over every feasible edge. new_line,
    new_volunteer, new_cost: edges that are missing in the lists though the prices make them
    attractive, best first inside a line.
    """

    bound_listed: int
    bound: int
    new_line: Int32
    new_volunteer: Int32
    new_cost: Int32


def sellers_part(market: Market, book: Book, seat_price: Int64) -> int:
    """What all capacities cost at the prices: half-days, slots on top of them, seats."""
    total = int((seat_price * market.seats).sum())
    for first, last in chunk_bounds(len(market.half_days), CHUNK_VOLUNTEERS):
        half_day, slot = split_prices(market, book, (first, last))
        total += int((half_day * market.half_days[first:last]).sum())
        total += int(slot.sum(dtype=np.int64))
    return total


def split_prices(market: Market, book: Book, rows: tuple[int, int]) -> tuple[Int64, Int32]:
    """Price of a half-day of volunteers rows[0] .. rows[1] - 1, [N] int64, and of each slot on
    top of it, [N, 14] int32.

    A sold-out volunteer's half-day costs what the cheapest one sold did.
    """
    first, last = rows
    price = book.price.reshape(-1, SLOT_COUNT)[first:last]
    is_sold = (book.holder.reshape(-1, SLOT_COUNT)[first:last]) != NOBODY
    is_out = book.taken[first:last] >= market.half_days[first:last]
    cheapest = np.where(is_sold, price, np.iinfo(np.int32).max).min(axis=1)
    free = np.where(is_sold, 0, price).max(axis=1)
    half_day = np.where(is_out, np.where(is_sold.all(axis=1), cheapest, free), 0)
    return half_day.astype(np.int64), np.where(is_sold, price - half_day[:, None], 0)


@compiled
def _listed_response(
    market: Market, complete: Int32, asked: Asked, bounds: tuple[int, int]
) -> tuple[int, int, Bool]:
    """Best gain of lines bounds[0] .. bounds[1] - 1 over their lists; the part of it that stands
    for the whole country; and which lines must search on.
    """
    first, last = bounds
    must_search = np.zeros(last - first, np.bool_)
    nets = np.empty(_most_units(market, first, last), np.int64)
    total, proved = 0, 0
    slot_price, volunteers, costs = asked.slot_price, market.volunteer, market.cost
    for line in range(first, last):
        units = market.unit_ptr[line + 1] - market.unit_ptr[line]
        if units == 0:
            continue
        nets[:units] = NOTHING
        slot = market.slot[line]
        for edge in range(market.edge_ptr[line], market.edge_ptr[line + 1]):
            price = slot_price[np.int64(volunteers[edge]) * SLOT_COUNT + slot]
            _insert(nets, units, -np.int64(costs[edge]) - price)
        gain = _gain(market, line, nets, asked.seat_price[line])
        total += gain
        beyond = -np.int64(complete[line]) * market.scale
        must_search[line - first] = complete[line] != NO_EDGE and _could_gain(
            market, line, (nets[:units], beyond), asked.seat_price[line]
        )
        if not must_search[line - first]:
            proved += gain
    return total, proved, must_search


@compiled_in_place
def _most_units(market: Market, first: int, last: int) -> int:
    most = 1
    for line in range(first, last):
        most = max(most, market.unit_ptr[line + 1] - market.unit_ptr[line])
    return most


@compiled_in_place
def _insert(nets: Int64, units: int, net: int) -> None:
    """Keep the ``units`` largest, falling."""
    if net <= nets[units - 1]:
        return
    at = units - 1
    while at > 0 and nets[at - 1] < net:
        nets[at] = nets[at - 1]
        at -= 1
    nets[at] = net


@compiled_in_place
def _gain(market: Market, line: int, nets: Int64, seat: int) -> int:
    total = np.int64(0)
    start = market.unit_ptr[line]
    for unit in range(market.unit_ptr[line + 1] - start):
        total += max(np.int64(market.gain[start + unit]) + nets[unit] - seat, 0)
    return total


@compiled_in_place
def _could_gain(market: Market, line: int, at: tuple[Int64, int], seat: int) -> bool:
    """Whether an edge of the net value at[1] would raise the gain of a line with the nets at[0]."""
    nets, net = at
    start = market.unit_ptr[line]
    for unit in range(market.unit_ptr[line + 1] - start):
        if net > nets[unit]:
            return np.int64(market.gain[start + unit]) + net - seat > 0
    return False


class Finds(NamedTuple):
    """The best edges of one line, falling by net value: net [M] int64, volunteer, cost int32."""

    net: Int64
    volunteer: Int32
    cost: Int32


@compiled
def _searched_response(
    grid: Grid,
    sites: Sites,
    market: Market,
    asked: Asked,
    work: tuple[Int64, int],
) -> tuple[int, Int32, Int32, Int32]:
    """Best gain of lines over every feasible edge, and up to so many of the best edges of each.

    work: positions in sites.line, edges wanted of each. Returns gain, line, volunteer, cost.
    """
    positions, most = work
    out_line = np.empty(len(positions) * most, np.int32)
    out_volunteer = np.empty(len(positions) * most, np.int32)
    out_cost = np.empty(len(positions) * most, np.int32)
    kept, total = 0, 0
    found = (np.empty(1 << 12, np.int32), np.empty(1 << 12, np.int32), np.empty(1 << 12, np.uint16))
    finds = Finds(np.empty(most, np.int64), np.empty(most, np.int32), np.empty(most, np.int32))
    for position in positions:
        line = np.int64(sites.line[position])
        site = np.searchsorted(sites.line_ptr, position, side="right") - 1
        nets = np.full(max(market.unit_ptr[line + 1] - market.unit_ptr[line], 1), NOTHING)
        finds.net[:] = NOTHING
        for pair in range(sites.pair_ptr[position], sites.pair_ptr[position + 1]):
            if sites.pair_cost[pair] != NO_EDGE:
                edge = (sites.pair_volunteer[pair], sites.pair_cost[pair])
                _take(market, asked, (line, nets, finds), edge)
        for ring in range(len(grid.ring_m)):
            reach = np.int64(grid.max_offset[0]) - np.int64(grid.ring_m[ring] // 100)
            reach *= market.scale
            if ring > 1 and not _could_gain(market, line, (nets, reach), asked.seat_price[line]):
                break
            found, count = scan_whole_ring(grid, sites, (site, ring, 0), found)
            _take_found(grid, sites, (market, asked), (position, nets, finds), (found, count))
        total += _gain(market, line, nets, asked.seat_price[line])
        for at in range(most):
            if finds.net[at] == NOTHING:
                break
            out_line[kept] = line
            out_volunteer[kept] = finds.volunteer[at]
            out_cost[kept] = finds.cost[at]
            kept += 1
    return total, out_line[:kept].copy(), out_volunteer[:kept].copy(), out_cost[:kept].copy()


@compiled_in_place
def _take_found(
    grid: Grid,
    sites: Sites,
    prices: tuple[Market, Asked],
    line: tuple[int, Int64, Finds],
    ring: tuple[tuple[Int32, Int32, UInt16], int],
) -> None:
    """Take what a ring held for one line of its site."""
    market, asked = prices
    position, nets, finds = line
    found, count = ring
    slot_bit = np.uint16(1) << np.uint16(sites.slot[position])
    has_pairs = sites.pair_ptr[position] < sites.pair_ptr[position + 1]
    for one in range(count):
        volunteer = found[0][one]
        if not found[2][one] & slot_bit:
            continue
        if has_pairs and stands_alone(sites, position, volunteer):
            continue
        cost = found[1][one] - grid.offset[volunteer]
        _take(market, asked, (np.int64(sites.line[position]), nets, finds), (volunteer, cost))


@compiled_in_place
def _take(
    market: Market, asked: Asked, line: tuple[int, Int64, Finds], edge: tuple[int, int]
) -> None:
    """Count one edge in: among the best nets of the line's units, and among its finds."""
    row, nets, finds = line
    volunteer, cost = edge
    net = (
        -np.int64(cost) * market.scale
        - asked.slot_price[np.int64(volunteer) * SLOT_COUNT + market.slot[row]]
    )
    _insert(nets, len(nets), net)
    at = len(finds.net) - 1
    if net <= finds.net[at]:
        return
    while at > 0 and finds.net[at - 1] < net:
        finds.net[at] = finds.net[at - 1]
        finds.volunteer[at] = finds.volunteer[at - 1]
        finds.cost[at] = finds.cost[at - 1]
        at -= 1
    finds.net[at] = net
    finds.volunteer[at] = volunteer
    finds.cost[at] = cost


def certify(
    search: Search,
    candidates: Candidates,
    market: Market,
    *,
    asked: Asked,
    sellers: int,
    workers: Workers,
    edges_wanted: int = 16,
) -> Verdict:
    """Bound the value of every plan by the prices, and find the edges that are missing.

    sellers: what sellers_part gives. Deterministic; parts may run anywhere, their sums are whole
    numbers. O(E + entries looked at for the lines whose lists do not prove them).
    """
    bounds = chunk_bounds(market.line_count, CHUNK_LINES)
    listed = workers.map(_listed_response, (market, candidates.complete, asked), bounds)
    must_search = np.concatenate([np.zeros(0, np.bool_), *(part[2] for part in listed)])
    position = np.flatnonzero(must_search[search.sites.line])
    parts = [
        (position[first:last], edges_wanted)
        for first, last in chunk_bounds(len(position), CHUNK_SEARCHED)
    ]
    shared = (search.grid, search.sites, market, asked)
    searched = workers.map(_searched_response, shared, parts)
    none = np.zeros(0, np.int32)
    return Verdict(
        bound_listed=sellers + sum(int(part[0]) for part in listed),
        bound=sellers
        + sum(int(part[1]) for part in listed)
        + sum(int(part[0]) for part in searched),
        new_line=np.concatenate([none, *(part[1] for part in searched)]),
        new_volunteer=np.concatenate([none, *(part[2] for part in searched)]),
        new_cost=np.concatenate([none, *(part[3] for part in searched)]),
    )
