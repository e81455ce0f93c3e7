"""From the prices of an auction to the smallest that still hold: right proofs, right worths.

An auction overshoots: a bid goes up to the bidder's next choice. Each price is lowered to the best
offer from outside, until nothing moves. An operator that only lowers and never crosses has one
fixed point from above, so the order of work plays no part in the result.
Source: G. Demange, D. Gale, M. Sotomayor, "Multi-Item Auctions", 1986 (the smallest competitive
prices); R. Bellman, "On a Routing Problem", 1958 (label correcting).
"""

from typing import NamedTuple

import numpy as np

from salam.engine.auction import best_offer, next_gain, wants_more
from salam.engine.capacity import groups_by_depth
from salam.engine.compiled import compiled, compiled_in_place
from salam.engine.market import NOBODY, Book, Market
from salam.engine.problem import SLOT_COUNT, Bool, Int32, Int64

SEAT_PRICE_MAX = 2**40  # of a group without seats: keeps everybody out, and sums fit 64 bits
NOTHING_HELD = 1 << 60


class Offers(NamedTuple):
    """The edges again, by volunteer: ptr [V' + 1] int64 into line, cost [E] int32."""

    ptr: Int64
    line: Int32
    cost: Int32


@compiled
def gather_offers(market: Market) -> Offers:
    """Turn the edge lists round. O(E + V)."""
    ptr = np.zeros(len(market.half_days) + 1, np.int64)
    volunteer, costs, edge_ptr = market.volunteer, market.cost, market.edge_ptr
    for edge in range(len(volunteer)):
        ptr[volunteer[edge] + 1] += 1
    for v in range(len(ptr) - 1):
        ptr[v + 1] += ptr[v]
    filled = ptr[:-1].copy()
    line = np.empty(len(volunteer), np.int32)
    cost = np.empty(len(volunteer), np.int32)
    for one in range(len(edge_ptr) - 1):
        for edge in range(edge_ptr[one], edge_ptr[one + 1]):
            at = filled[volunteer[edge]]
            filled[volunteer[edge]] += 1
            line[at] = one
            cost[at] = costs[edge]
    return Offers(ptr, line, cost)


def price_seats(market: Market, book: Book) -> Int64:
    """Price of a seat of every group, so that nobody who waits for one would gain by paying it.

    A waiting line counts for the nearest full group above it: all that sit there gain more than
    the line would. Returns y [G'] int64 >= 0; a line pays those of all groups above it.
    O(waiting lines x edges + G' x depth).
    """
    waits = np.zeros(len(market.seats), np.int64)
    _waiting_gain(market, book, waits)
    is_full = book.used >= market.seats
    price = np.zeros(len(market.seats), np.int64)
    for group in groups_by_depth(market.parent):
        above = seat_total(market, price, market.parent[group])
        price[group] = np.where(is_full[group], np.maximum(waits[group] - above, 0), 0)
    return price


def seat_total(market: Market, price: Int64, group: Int32) -> Int64:
    """Sum of the seat prices of groups [N] (-1: none) and of all above them, [N] int64."""
    total = np.zeros(len(group), np.int64)
    at = group
    while (at >= 0).any():
        total += np.where(at >= 0, price[at], 0)
        at = np.where(at >= 0, market.parent[at], -1)
    return total


@compiled_in_place
def _waiting_gain(market: Market, book: Book, waits: Int64) -> None:
    for line in range(len(market.slot)):
        group = market.group[line]
        while group != NOBODY and book.used[group] < market.seats[group]:
            group = market.parent[group]
        if group != NOBODY and wants_more(market, book, line):
            edge, best, _ = best_offer(market, book, line)
            if edge != NOBODY:
                waits[group] = max(waits[group], next_gain(market, book, line) + best)


def raise_seats(market: Market, book: Book) -> Int64:
    """The highest prices of seats at which everybody who has one still gains, [G'] int64.

    A full group's seats are worth what its least line there gains at the prices of half-days; a
    group without any seats keeps everybody out. O(E + G' x depth).
    """
    least = np.full(len(market.seats), SEAT_PRICE_MAX, np.int64)
    _seated_gain(market, book, least)
    is_full = book.used >= market.seats
    price = np.zeros(len(market.seats), np.int64)
    for group in groups_by_depth(market.parent):
        above = seat_total(market, price, market.parent[group])
        price[group] = np.where(is_full[group], np.maximum(least[group] - above, 0), 0)
    return price


@compiled_in_place
def _seated_gain(market: Market, book: Book, least: Int64) -> None:
    """Lower ``least`` of every group above a line to what its last unit gains."""
    for line in range(len(market.slot)):
        group = market.group[line]
        if group == NOBODY or book.filled[line] == 0:
            continue
        last_gain = np.int64(market.gain[market.unit_ptr[line] + book.filled[line] - 1])
        gain = max(last_gain - _dearest(market, book, line), 0)
        while group != NOBODY:
            least[group] = min(least[group], gain)
            group = market.parent[group]


def lower_prices(market: Market, book: Book, *, rounds_max: int) -> tuple[Int64, Int64]:
    """Lower the prices of half-days in the book as far as they go, and raise those of seats.

    The two go together: cheaper half-days make seats dearer, and dearer seats lower what lines
    would pay for people. Every stop is a valid proof; ``rounds_max`` bounds how often seats are
    priced anew. Returns the price of a seat [G'] int64, and worth [L] int64: what each line would
    pay, cost included, for one more person or for another one. O(changes x edges of what changed).
    """
    seat_price = price_seats(market, book)
    offers = gather_offers(market)
    worth = np.zeros(market.line_count, np.int64)
    volunteers = len(book.taken)
    work = (
        np.empty(volunteers + 1, np.int64),
        np.empty(SLOT_COUNT, np.int64),
        np.zeros(volunteers, np.bool_),
    )
    for last_round in range(rounds_max):
        seats = seat_total(market, seat_price, market.group)
        _lower(market, book, offers, (seats, worth), work)
        raised = raise_seats(market, book)
        if last_round + 1 == rounds_max or (raised == seat_price).all():
            break
        seat_price = raised
    return seat_price, worth


@compiled_in_place
def _lower(
    market: Market,
    book: Book,
    offers: Offers,
    lines: tuple[Int64, Int64],
    work: tuple[Int64, Int64, Bool],
) -> None:
    """lines: seat price and worth of every line; work: queue, best offer by slot, is queued."""
    seats, worth = lines
    queue, best, is_queued = work
    first, last = np.int64(0), np.int64(0)
    for line in range(len(worth)):
        worth[line] = _worth(market, book, line, seats[line])
    for volunteer in range(len(book.taken)):
        if book.taken[volunteer] > 0:
            queue[last] = volunteer
            is_queued[volunteer] = True
            last += 1
    while first != last:
        volunteer = queue[first]
        first = (first + 1) % len(queue)
        is_queued[volunteer] = False
        if not _lower_volunteer(market, book, offers, (volunteer, worth, best)):
            continue
        for sold in range(volunteer * SLOT_COUNT, (volunteer + 1) * SLOT_COUNT):
            line = np.int64(book.holder[sold])
            if line == NOBODY:
                continue
            before = worth[line]
            worth[line] = _worth(market, book, line, seats[line])
            if worth[line] < before:
                last = _wake_bound(market, book, (line, before), (queue, is_queued), last)


@compiled_in_place
def _worth(market: Market, book: Book, line: int, seat: int) -> int:
    """What a line would pay, cost included: its next unit, or the dearest it has now."""
    worth = np.int64(0)
    if book.filled[line] < market.unit_ptr[line + 1] - market.unit_ptr[line]:
        worth = max(worth, next_gain(market, book, line) - seat)
    if book.filled[line] > 0:
        worth = max(worth, _dearest(market, book, line))
    return worth


@compiled_in_place
def _dearest(market: Market, book: Book, line: int) -> int:
    """Cost and price of the dearest person a line has."""
    dearest = np.int64(-NOTHING_HELD)
    slot = market.slot[line]
    volunteers, costs, holder, price = market.volunteer, market.cost, book.holder, book.price
    for edge in range(market.edge_ptr[line], market.edge_ptr[line + 1]):
        sold = np.int64(volunteers[edge]) * SLOT_COUNT + slot
        if holder[sold] == line:
            dearest = max(dearest, np.int64(price[sold]) + costs[edge])
    return dearest


@compiled_in_place
def _lower_volunteer(
    market: Market, book: Book, offers: Offers, work: tuple[int, Int64, Int64]
) -> bool:
    """Lower the prices of one volunteer to the best offers from outside; whether any fell."""
    volunteer, worth, best = work
    best[:] = 0
    first = volunteer * SLOT_COUNT
    offer_line, offer_cost, slots, holder = offers.line, offers.cost, market.slot, book.holder
    for at in range(offers.ptr[volunteer], offers.ptr[volunteer + 1]):
        line = np.int64(offer_line[at])
        slot = slots[line]
        if holder[first + slot] != line:
            best[slot] = max(best[slot], worth[line] - offer_cost[at])
    entry = np.int64(0)
    if book.taken[volunteer] >= market.half_days[volunteer]:
        for slot in range(SLOT_COUNT):
            if holder[first + slot] == NOBODY:
                entry = max(entry, min(best[slot], np.int64(book.price[first + slot])))
    fell = False
    for slot in range(SLOT_COUNT):
        if holder[first + slot] == NOBODY:
            book.price[first + slot] = entry
        elif max(entry, best[slot]) < book.price[first + slot]:
            book.price[first + slot] = max(entry, best[slot])
            fell = True
    return fell


@compiled_in_place
def _wake_bound(
    market: Market,
    book: Book,
    change: tuple[int, int],
    work: tuple[Int64, Bool],
    last: int,
) -> int:
    """Queue the volunteers whose price hung on what a line was ready to pay before."""
    line, before = change
    queue, is_queued = work
    slot = market.slot[line]
    for edge in range(market.edge_ptr[line], market.edge_ptr[line + 1]):
        volunteer = np.int64(market.volunteer[edge])
        sold = volunteer * SLOT_COUNT + slot
        if is_queued[volunteer] or book.taken[volunteer] == 0 or book.holder[sold] == line:
            continue
        price = book.price[sold]
        if price > 0 and before - market.cost[edge] >= price:
            queue[last] = volunteer
            is_queued[volunteer] = True
            last = (last + 1) % len(queue)
    return last
