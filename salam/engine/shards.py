"""The auction in parts: shards of the country that share nothing, then the lines between them.

An auction may serve its bidders in any order. So the volunteers are cut into shards by where they
live, and the lines whose whole list lies in one shard bid there, beside the other shards; those on
a border bid last, at the prices that the shards have come to. The cut hangs on the data alone:
the plan is the same for any number of threads or machines. Each shard is a small market of its
own, which also fits the caches of a processor better than the country does.
Source of the cut: J. L. Bentley, "Multidimensional Binary Search Trees", 1975.
"""

from typing import NamedTuple

import numpy as np

from salam.engine.auction import run_auction
from salam.engine.compiled import compiled
from salam.engine.market import NOBODY, Book, Market, empty_book
from salam.engine.problem import SLOT_COUNT, Float64, Int32, Int64
from salam.engine.workers import Workers

SHARD_LEVELS = 3  # 2 ** 3 shards, whoever does the work
SHARD_LINES = 20_000  # below so many lines one auction is quicker than nine
MIDDLE = 0.35  # of the weight lies at least on either side of a cut
NEAR_M = 10_000.0  # lists of lines seldom reach farther across a cut
BORDER = -1  # of lines and groups that belong to no single shard
ANYWHERE = -2  # of lines without a list, which never bid


class Part(NamedTuple):
    """What one shard needs: its own market, the order in which its lines begin, the bid step."""

    market: Market
    todo: Int64
    step: int


class Rows(NamedTuple):
    """Rows of the whole market that a shard has taken, rising: volunteers, lines, groups."""

    volunteer: Int64
    line: Int64
    group: Int64


def auction_in_shards(
    market: Market, todo: Int64, *, xyz: Float64, step: int, workers: Workers
) -> Book:
    """Let the lines ``todo`` bid, shard by shard and then across, until nobody wants more.

    todo: [N] int64 lines in the order in which they begin; xyz: [V', 3] where volunteers live;
    step: least rise of a price. Returns the book of the whole market. Shards of about equal
    numbers of edges; O(E + V log V) beside the auction itself.
    """
    book = empty_book(market)
    if len(todo) < SHARD_LINES:
        run_auction(market, book, todo, step=step)
        return book
    weight = np.bincount(market.volunteer, minlength=len(xyz))
    shard = cut_by_place(xyz, weight, levels=SHARD_LEVELS)
    line_shard = _shards_of_lines(market, shard)
    group_shard = _settle_groups(market, line_shard)
    rows = [
        Rows(
            volunteer=np.flatnonzero(shard == one),
            line=np.flatnonzero(line_shard == one),
            group=np.flatnonzero(group_shard == one),
        )
        for one in range(1 << SHARD_LEVELS)
    ]
    order = np.empty(market.line_count, np.int64)  # of a line inside its shard
    for one in rows:
        order[one.line] = np.arange(len(one.line))
    parts = [
        Part(_cut_out(market, taken), order[todo[line_shard[todo] == one]], step)
        for one, taken in enumerate(rows)
    ]
    for taken, part in zip(rows, workers.map(sell_in_shard, (), parts), strict=True):
        _write_back(book, taken, part)
    run_auction(market, book, todo[line_shard[todo] == BORDER], step=step)
    return book


def sell_in_shard(part: Part) -> Book:
    """Hold the auction of one shard, from zero prices."""
    book = empty_book(part.market)
    run_auction(part.market, book, part.todo, step=part.step)
    return book


def cut_by_place(xyz: Float64, weight: Int64, *, levels: int) -> Int64:
    """Shard of every point: two parts across the widest extent, ``levels`` times over.

    Each part has MIDDLE of the weight or more, and the cut goes where least of it lies near: a
    desert rather than a city. Points at one place stay together.
    xyz: [N, 3] metres; weight: [N]. Returns [N] int64, 0 .. 2 ** levels - 1.
    O(levels x N log N), deterministic.

    >>> street = np.array([[0.0, 0, 0], [1e5, 0, 0], [2e5, 0, 0], [3e5, 0, 0]])
    >>> cut_by_place(street, np.ones(4, np.int64), levels=1).tolist()
    [0, 0, 1, 1]
    """
    shard = np.zeros(len(xyz), np.int64)
    for level in range(levels):
        for one in range(1 << level):
            inside = np.flatnonzero((shard == one) & (weight > 0))
            if len(inside):
                axis, above = _cut(xyz[inside], weight[inside])
                shard[(shard == one) & (xyz[:, axis] > above)] += 1 << level
    return shard


def _cut(xyz: Float64, weight: Int64) -> tuple[int, float]:
    """The axis across which to cut, and the last coordinate on the lower side."""
    axis = int(np.argmax(xyz.max(axis=0) - xyz.min(axis=0)))
    order = np.argsort(xyz[:, axis], kind="stable")
    along = xyz[order, axis]
    so_far = np.append(0, np.cumsum(weight[order]))
    low, high = np.searchsorted(so_far[1:], [so_far[-1] * MIDDLE, so_far[-1] * (1 - MIDDLE)])
    where = np.arange(low, high + 1)
    next_to = np.append(along, along[-1])[where + 1]
    near = so_far[np.searchsorted(along, next_to + NEAR_M, side="right")]
    near = near - so_far[np.searchsorted(along, along[where] - NEAR_M)]
    return axis, float(along[where[near.argmin()]])


@compiled
def _shards_of_lines(market: Market, shard: Int64) -> Int64:
    """Shard that holds the whole list of a line, [L]; BORDER where none does."""
    of_line = np.full(len(market.slot), ANYWHERE, np.int64)
    volunteer, edge_ptr = market.volunteer, market.edge_ptr
    for line in range(len(of_line)):
        for edge in range(edge_ptr[line], edge_ptr[line + 1]):
            one = shard[volunteer[edge]]
            if of_line[line] == ANYWHERE:
                of_line[line] = one
            elif of_line[line] != one:
                of_line[line] = BORDER
                break
    return of_line


def _settle_groups(market: Market, line_shard: Int64) -> Int64:
    """Give every tree of groups one shard or BORDER, and its lines with it; ``line_shard`` changes.

    Lines that share seats must bid in one auction. Returns [G'] int64.
    """
    root = np.arange(len(market.parent))
    while (market.parent[root] >= 0).any():
        root = np.where(market.parent[root] >= 0, market.parent[root], root)
    line = np.flatnonzero((market.group >= 0) & (line_shard != ANYWHERE))
    tree = root[market.group[line]]
    low = np.full(len(root), np.iinfo(np.int64).max)
    high = np.full(len(root), BORDER, np.int64)
    np.minimum.at(low, tree, line_shard[line])
    np.maximum.at(high, tree, line_shard[line])
    of_tree = np.where(low == high, high, BORDER)
    line_shard[line] = of_tree[tree]
    return np.asarray(of_tree[root], np.int64)


def _cut_out(market: Market, rows: Rows) -> Market:
    """The market of one shard, with its own numbers."""
    number = np.full(len(market.half_days), NOBODY, np.int32)
    number[rows.volunteer] = np.arange(len(rows.volunteer), dtype=np.int32)
    group_number = np.full(len(market.parent) + 1, NOBODY, np.int32)  # the last one answers for -1
    group_number[rows.group] = np.arange(len(rows.group), dtype=np.int32)
    edge_ptr, volunteer = _cut_lists(market.edge_ptr, market.volunteer, rows.line)
    unit_ptr, gain = _cut_lists(market.unit_ptr, market.gain, rows.line)
    return Market(
        edge_ptr=edge_ptr,
        volunteer=number[volunteer],
        cost=_cut_lists(market.edge_ptr, market.cost, rows.line)[1],
        slot=market.slot[rows.line],
        unit_ptr=unit_ptr,
        gain=gain,
        group=group_number[market.group[rows.line]],
        parent=group_number[market.parent[rows.group]],
        seats=market.seats[rows.group],
        group_origin=market.group_origin[rows.group],
        half_days=market.half_days[rows.volunteer],
        scale=market.scale,
    )


@compiled
def _cut_lists(pointer: Int64, values: Int32, line: Int64) -> tuple[Int64, Int32]:
    """Lists of some lines, and the pointer into them."""
    start = np.zeros(len(line) + 1, np.int64)
    for at in range(len(line)):
        start[at + 1] = start[at] + pointer[line[at] + 1] - pointer[line[at]]
    cut = np.empty(start[-1], np.int32)
    for at in range(len(line)):
        cut[start[at] : start[at + 1]] = values[pointer[line[at]] : pointer[line[at] + 1]]
    return start, cut


def _write_back(book: Book, rows: Rows, part: Book) -> None:
    """Enter what a shard has come to in the book of the whole market."""
    holder, price = book.holder.reshape(-1, SLOT_COUNT), book.price.reshape(-1, SLOT_COUNT)
    line = np.append(rows.line, NOBODY).astype(np.int32)  # the last one answers for NOBODY
    holder[rows.volunteer] = line[part.holder].reshape(-1, SLOT_COUNT)
    price[rows.volunteer] = part.price.reshape(-1, SLOT_COUNT)
    book.taken[rows.volunteer] = part.taken
    book.filled[rows.line] = part.filled
    book.used[rows.group] = part.used
    book.tally[:] += part.tally
    item = np.concatenate([rows.line, len(book.filled) + rows.group])
    book.key[item] = part.key
    book.heap_size[rows.group] = part.heap_size
    for one, group in enumerate(rows.group):
        first, size = part.heap_start[one], part.heap_size[one]
        waiting = item[part.heap[first : first + size]]
        start = book.heap_start[group]
        book.heap[start : start + size] = waiting
        book.place[waiting] = np.arange(start, start + size)
