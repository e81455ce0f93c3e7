"""The auction: lines bid for half-days of people, from zero prices upwards.

A volunteer sells at most a week's half-days, each slot once; a line wants up to so many people
whose gains fall; groups limit seats, nested. Prices only rise. Every line that holds somebody
stays within one bid step of what it could do best at the prices, so that the plan is within
step x placements of the best one, and the prices prove it (certificate). Starting from zero
matters: whoever is never bid for keeps price 0, which is what the proof asks of idle people.
Source: D. P. Bertsekas, "The Auction Algorithm: A Distributed Relaxation Method for the Assignment
Problem", 1988; for falling gains and nested caps J. W. Hatfield, P. R. Milgrom, "Matching with
Contracts", 2005 (gross substitutes).
"""

import numpy as np

from salam.engine.compiled import compiled_in_place
from salam.engine.market import NOBODY, Book, Market
from salam.engine.problem import SLOT_COUNT, Bool, Int64

NOTHING = -(1 << 60)  # worse than any real gain


def run_auction(market: Market, book: Book, todo: Int64, *, step: int = 1) -> None:
    """Let the lines ``todo`` bid until nobody wants more at the prices; the book is changed.

    todo: [N] int64 lines in the order in which they begin; step: least rise of a price, in
    100 m. One line bids at a time, so threads play no part.
    About O(bids x edges looked at a bid); bids grow with scarcity / step.
    """
    items = market.line_count + len(market.seats)
    stack = np.empty(items + 1, np.int64)
    _serve_all(market, book, todo, (stack, np.zeros(items, np.bool_)), step)


@compiled_in_place
def _serve_all(
    market: Market, book: Book, todo: Int64, stack: tuple[Int64, Bool], step: int
) -> None:
    """Work through a stack of lines, and of roots of groups (numbers from the line count on)."""
    waiting, is_waiting = stack
    lines = len(market.slot)
    count = 0
    for at in range(len(todo) - 1, -1, -1):
        count = _wake(market, book, todo[at], stack, count)
    while count > 0:
        count -= 1
        item = waiting[count]
        is_waiting[item] = False
        if item < lines:
            edge, best, second = best_offer(market, book, item)
            line, floor = item, NOTHING
            if not wants_more(market, book, line):
                continue
        else:
            line, floor, edge, best, second = _next_of_group(market, book, item - lines)
            if line == NOBODY:
                continue
            waiting[count] = item  # the group may have more seats and lines
            is_waiting[item] = True
            count += 1
        if edge == NOBODY or best + next_gain(market, book, line) <= 0:
            continue
        loser = _place_bid(market, book, line, (edge, best, max(second, floor), step))
        count = _wake(market, book, line, stack, count)
        if loser != NOBODY:
            count = _wake(market, book, loser, stack, count)


@compiled_in_place
def _wake(market: Market, book: Book, line: int, stack: tuple[Int64, Bool], count: int) -> int:
    """Put a line that may want more on the stack, by way of its groups where it has some."""
    if market.group[line] != NOBODY:
        return _queue_in_group(market, book, line, stack, count)
    if wants_more(market, book, line) and not stack[1][line]:
        stack[0][count] = line
        stack[1][line] = True
        count += 1
    return count


@compiled_in_place
def wants_more(market: Market, book: Book, line: int) -> bool:
    units = market.unit_ptr[line + 1] - market.unit_ptr[line]
    return book.filled[line] < units and market.edge_ptr[line] < market.edge_ptr[line + 1]


@compiled_in_place
def next_gain(market: Market, book: Book, line: int) -> int:
    """What one more person would bring to a line that has a unit left."""
    return np.int64(market.gain[market.unit_ptr[line] + book.filled[line]])


@compiled_in_place
def best_offer(market: Market, book: Book, line: int) -> tuple[int, int, int]:
    """Edge of the least cost and price, minus that, and minus the second least.

    Edges are cheapest first and prices are never negative: the look ends where the cost alone
    is worse than the second best.
    """
    best, second, edge = np.int64(NOTHING), np.int64(NOTHING), np.int64(NOBODY)
    slot = market.slot[line]
    # Taken out of their tuples once: in this innermost loop every look-up counts.
    volunteers, costs = market.volunteer, market.cost
    holder, price = book.holder, book.price
    first, last = market.edge_ptr[line], market.edge_ptr[line + 1]
    at = first
    while at < last:
        cost = np.int64(costs[at])
        if -cost <= second:
            break
        sold = np.int64(volunteers[at]) * SLOT_COUNT + slot
        net = -cost - price[sold]
        if net > second and holder[sold] != line:
            if net > best:
                best, second, edge = net, best, at
            else:
                second = net
        at += 1
    book.tally[1] += at - first
    return edge, best, second


@compiled_in_place
def _place_bid(market: Market, book: Book, line: int, offer: tuple[int, int, int, int]) -> int:
    """Sell to a line; returns the line that loses its person for it, or NOBODY.

    offer: edge, best net, what the line could do instead, step. The bid leaves the line as well
    off as its next choice, but for one step.
    """
    edge, best, other, step = offer
    volunteer = np.int64(market.volunteer[edge])
    first = volunteer * SLOT_COUNT
    sold = first + market.slot[line]
    rise = min(best - other + step, next_gain(market, book, line) + best)
    lost = NOBODY
    if book.holder[sold] != NOBODY:
        lost = sold
    elif book.taken[volunteer] >= market.half_days[volunteer]:
        lost = _cheapest_sold(book, first)
    else:
        book.taken[volunteer] += 1
    loser = NOBODY
    if lost != NOBODY:
        loser = np.int64(book.holder[lost])
        book.holder[lost] = NOBODY
        book.filled[loser] -= 1
        _count_seats(market, book, loser, -1)
    book.holder[sold] = line
    book.price[sold] += rise
    book.filled[line] += 1
    _count_seats(market, book, line, 1)
    if book.taken[volunteer] >= market.half_days[volunteer]:
        entry = book.price[_cheapest_sold(book, first)]
        for other_slot in range(first, first + SLOT_COUNT):
            if book.holder[other_slot] == NOBODY:
                book.price[other_slot] = entry
    book.tally[0] += 1
    return loser


@compiled_in_place
def _cheapest_sold(book: Book, first: int) -> int:
    """Number of the volunteer-slot with the lowest bid of one volunteer (first = v x 14)."""
    cheapest = np.int64(NOBODY)
    for sold in range(first, first + SLOT_COUNT):
        if book.holder[sold] != NOBODY and (
            cheapest == NOBODY or book.price[sold] < book.price[cheapest]
        ):
            cheapest = sold
    return cheapest


@compiled_in_place
def _count_seats(market: Market, book: Book, line: int, change: int) -> None:
    group = market.group[line]
    while group != NOBODY:
        book.used[group] += change
        group = market.parent[group]


@compiled_in_place
def _queue_in_group(
    market: Market, book: Book, line: int, stack: tuple[Int64, Bool], count: int
) -> int:
    """Renew what a line of a group waits with, and wake the root of its groups if it can serve."""
    lines = len(market.slot)
    group = np.int64(market.group[line])
    key = np.int64(0)
    if wants_more(market, book, line):
        edge, best, _ = best_offer(market, book, line)
        if edge != NOBODY:
            key = next_gain(market, book, line) + best
    _set_key(book, group, line, key)
    root = _renew_path(market, book, group)
    if _may_serve(market, book, root) and not stack[1][lines + root]:
        stack[0][count] = lines + root
        stack[1][lines + root] = True
        count += 1
    return count


@compiled_in_place
def _may_serve(market: Market, book: Book, group: int) -> bool:
    return book.used[group] < market.seats[group] and book.heap_size[group] > 0


@compiled_in_place
def _renew_path(market: Market, book: Book, group: int) -> int:
    """Renew what a group and those above it stand for in their parents' heaps; returns the root.

    A group without seats, or with nobody waiting, stands nowhere (key 0).
    """
    lines = len(market.slot)
    while market.parent[group] != NOBODY:
        key = np.int64(0)
        if _may_serve(market, book, group):
            key = book.key[book.heap[book.heap_start[group]]]
        _set_key(book, np.int64(market.parent[group]), lines + group, key)
        group = np.int64(market.parent[group])
    return group


@compiled_in_place
def _next_of_group(market: Market, book: Book, root: int) -> tuple[int, int, int, int, int]:
    """The waiting line that gains most, below a root group with seats.

    Keys may be stale, but only too high (prices rise): the first line whose renewed key is still
    the highest is the one. Returns line (NOBODY if there is none), the net value at which the
    next waiting line would gain as much, and its best offer. A line may not bid beyond that
    value: else it would sit on a seat that the next one needs more.
    """
    lines = len(market.slot)
    while _may_serve(market, book, root):
        following = np.int64(0)
        group = root
        item = book.heap[book.heap_start[group]]
        following = max(following, _second_key(book, group))
        while item >= lines:
            group = item - lines
            item = book.heap[book.heap_start[group]]
            following = max(following, _second_key(book, group))
        key = np.int64(0)
        edge, best, second = np.int64(NOBODY), np.int64(NOTHING), np.int64(NOTHING)
        if wants_more(market, book, item):
            edge, best, second = best_offer(market, book, item)
            if edge != NOBODY:
                key = next_gain(market, book, item) + best
        _set_key(book, group, item, key)
        _renew_path(market, book, group)
        if key > 0 and key >= following:
            return item, following - next_gain(market, book, item), edge, best, second
    return np.int64(NOBODY), np.int64(0), np.int64(NOBODY), np.int64(0), np.int64(0)


@compiled_in_place
def _second_key(book: Book, group: int) -> int:
    """Highest key of a group's heap but for its top, 0 if there is none."""
    start, size = book.heap_start[group], book.heap_size[group]
    second = np.int64(0)
    if size > 1:
        second = book.key[book.heap[start + 1]]
    if size > 2:
        second = max(second, book.key[book.heap[start + 2]])
    return second


@compiled_in_place
def _set_key(book: Book, group: int, item: int, key: int) -> None:
    """Give an item of a group's heap a key; an item whose key is not above 0 leaves the heap."""
    start = book.heap_start[group]
    if key > 0:
        book.key[item] = key
        if book.place[item] == NOBODY:
            book.place[item] = start + book.heap_size[group]
            book.heap[book.place[item]] = item
            book.heap_size[group] += 1
        _sift(book, start, book.heap_size[group], book.place[item])
    elif book.place[item] != NOBODY:
        hole = book.place[item]
        book.heap_size[group] -= 1
        last = book.heap[start + book.heap_size[group]]
        book.place[item] = NOBODY
        if last != item:
            book.heap[hole] = last
            book.place[last] = hole
            _sift(book, start, book.heap_size[group], hole)


@compiled_in_place
def _sift(book: Book, start: int, size: int, at: int) -> None:
    """Move one item of a heap up or down to where its key belongs."""
    item = book.heap[at]
    key = book.key[item]
    while at > start:
        above = start + (at - start - 1) // 2
        if book.key[book.heap[above]] >= key:
            break
        book.heap[at] = book.heap[above]
        book.place[book.heap[at]] = at
        at = above
    while True:
        below = start + 2 * (at - start) + 1
        if below >= start + size:
            break
        if below + 1 < start + size and (
            book.key[book.heap[below + 1]] > book.key[book.heap[below]]
        ):
            below += 1
        if book.key[book.heap[below]] <= key:
            break
        book.heap[at] = book.heap[below]
        book.place[book.heap[at]] = at
        at = below
    book.heap[at] = item
    book.place[item] = at
