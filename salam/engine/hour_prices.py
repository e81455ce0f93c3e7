"""The bound where weeks are counted in hours: prices of half-days, and the dearest week at them.

Charge prices for half-days and seats and let every line choose freely: no plan is worth more than
what the lines then gain, what the seats cost, and what the dearest week of every person would cost
that fits into the hours. Weeks stay whole in it, so that no price of an hour proves more. A
subgradient method presses the bound down: what more lines want than people would give grows
dearer, the rest cheaper. The weeks that people would give meanwhile are, on the average, a
fractional plan near the best, which says whose week is better cut which way.
Source: A. M. Geoffrion, "Lagrangean Relaxation for Integer Programming", 1974; M. Held, P. Wolfe,
H. P. Crowder, "Validation of Subgradient Optimization", 1974; for the average F. Barahona, R.
Anbil, "The Volume Algorithm", 2000.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from salam.engine.assignment import Task
from salam.engine.auction import NOTHING
from salam.engine.candidates import Candidates, Search, with_edges
from salam.engine.certificate import Asked, Verdict, certify
from salam.engine.compiled import compiled, compiled_in_place
from salam.engine.lowering import SEAT_PRICE_MAX, seat_total
from salam.engine.market import Market, open_market
from salam.engine.problem import SLOT_COUNT, Float64, Int32, Int64
from salam.engine.solution import Solution
from salam.engine.weeks import WORK_SIZE, Float32, Weeks, dearest_weeks

STEPS = (200, 200)  # of the method: over the lists, and again with the edges the proof has missed
SECOND_STEP = 2.0  # the second time the step begins so much smaller
MEMORY = 0.7  # share of the direction before that is kept
FALL = 0.97  # of the step, each time
GIVEN_WHOLE = 1000
SLOT_PRICE_MAX = 2.0**30  # above any gain, and within 32 bits
PUSH_MAX = 3  # seats by which a group is too full or too empty, for the step of its price


@dataclass(frozen=True, eq=False, kw_only=True)
class HourProof:
    """bound: of what is open, over every feasible pair; slot_price: [N x 14] int32, in rows of
    the grid, and group_price: [G] int64 prove it; line_worth: [L] int64, what lines would pay at
    these prices for one more person or another one. given: [N x 14] int32, how often of GIVEN_WHOLE
    times the dearest week of a person held the slot, the last times counting most.
    """

    bound: int
    slot_price: Int32
    group_price: Int64
    line_worth: Int64
    given: Int32


class Listed(NamedTuple):
    """The search of a task, its lists, and a market of these where every group may bind."""

    search: Search
    candidates: Candidates
    market: Market


def listed(task: Task, search: Search, candidates: Candidates) -> Listed:
    """Put the lists of a task up for prices in whole units of 100 m."""
    every = np.ones(task.problem.group_count, np.bool_)
    market = open_market(
        task.problem, task.remaining, search.grid, candidates=candidates, is_binding=every
    )
    return Listed(search, candidates, market)


def prove_weeks(task: Task, lists: Listed, plan: Solution, *, weeks: Weeks) -> HourProof:
    """Bound every plan of a task whose weeks are counted in hours.

    task: with all slots that fit into somebody's hours; lists: its own; plan: what the lines pay
    in it is where prices begin; weeks: in rows of the grid.
    Deterministic: one thread presses. O(steps x (E + people x 14)), and a certificate.
    """
    price = slot_worth(lists.market, plan.line_price)
    group_price = plan.price_group
    # Whole numbers, so that the last bit hangs on no processor.
    step = int(price.sum(dtype=np.int64)) / max(int((price > 0).sum()), 1)
    given = np.zeros(len(price), np.float32)
    proofs: list[HourProof] = []
    for steps in STEPS:
        start = (price, group_price, given)
        price, group_price = _press(lists.market, weeks, start, (steps, step))
        verdict = _certify(task, lists, (price, group_price), weeks=weeks)
        proofs.append(
            HourProof(
                bound=verdict.bound,
                slot_price=price,
                group_price=group_price,
                line_worth=_line_worth(lists.market, price, group_price),
                given=np.rint(given * GIVEN_WHOLE).astype(np.int32),
            )
        )
        if verdict.bound == verdict.bound_listed:
            break
        missing = (verdict.new_line, verdict.new_volunteer, verdict.new_cost)
        lists = listed(task, lists.search, with_edges(lists.candidates, missing))
        step /= SECOND_STEP
    return min(proofs, key=lambda one: one.bound)


def _certify(task: Task, lists: Listed, prices: tuple[Int32, Int64], *, weeks: Weeks) -> Verdict:
    price, group_price = prices
    market = lists.market
    work = (np.empty(WORK_SIZE, np.int64), np.empty(WORK_SIZE, np.int64))
    unused = (np.zeros_like(price), np.zeros(len(price), np.float32))
    sellers = dearest_weeks(weeks, price, unused, work)
    return certify(
        lists.search,
        lists.candidates,
        market,
        asked=Asked(price, seat_total(market, group_price, market.group)),
        sellers=int(sellers) + int((group_price * market.seats).sum()),
        workers=task.workers,
        edges_wanted=task.options.edges_added,
    )


@compiled
def slot_worth(market: Market, line_price: Int64) -> Int32:
    """What the lines would pay for a half-day of each person in each slot, [N x 14] int32.

    line_price: [L] int64, as in a Solution. O(E).
    """
    worth = np.zeros(len(market.half_days) * SLOT_COUNT, np.int32)
    volunteers, costs = market.volunteer, market.cost
    for line in range(len(market.slot)):
        for edge in range(market.edge_ptr[line], market.edge_ptr[line + 1]):
            at = np.int64(volunteers[edge]) * SLOT_COUNT + market.slot[line]
            worth[at] = max(np.int64(worth[at]), line_price[line] - costs[edge])
    return worth


@compiled
def _press(
    market: Market,
    weeks: Weeks,
    start: tuple[Int32, Int64, Float32],
    steps: tuple[int, float],
) -> tuple[Int32, Int64]:
    """Bring the bound over the listed edges down; returns the best prices on the way.

    start: prices of half-days and seats, and given, which is changed; steps: number, first size.
    """
    price, seat, given = start[0].copy(), start[1].copy(), start[2]
    best_price, best_seat = price.copy(), seat.copy()
    demand, used = np.empty_like(price), np.empty_like(seat)
    push, seat_push = np.zeros(len(price)), np.zeros(len(seat))
    units = _most_units(market)
    choice = (np.empty(units, np.int64), np.empty(units, np.int64))
    work = (np.empty(WORK_SIZE, np.int64), np.empty(WORK_SIZE, np.int64))
    least, step = np.int64(-NOTHING), steps[1]
    for _ in range(steps[0]):
        demand[:] = 0
        used[:] = 0
        total = _choose_freely(market, (price, seat), (demand, used), choice)
        total += dearest_weeks(weeks, price, (demand, given), work)
        for group in range(len(seat)):
            total += seat[group] * market.seats[group]
            used[group] = min(max(used[group] - market.seats[group], -PUSH_MAX), PUSH_MAX)
        if total < least:
            least = total
            best_price[:] = price
            best_seat[:] = seat
        _move(price, demand, push, (step, SLOT_PRICE_MAX))
        _move(seat, used, seat_push, (step, float(SEAT_PRICE_MAX)))
        step *= FALL
    return best_price, best_seat


@compiled
def _line_worth(market: Market, price: Int32, seat_price: Int64) -> Int64:
    """What each line would pay at the prices, cost included, for one more or for another: [L]."""
    worth = np.zeros(len(market.slot), np.int64)
    units = _most_units(market)
    choice = (np.empty(units, np.int64), np.empty(units, np.int64))
    for line in range(len(worth)):
        _best_edges(market, price, line, choice)
        start = market.unit_ptr[line]
        seat = _seat_of(market, seat_price, line)
        for unit in range(market.unit_ptr[line + 1] - start):
            gain = np.int64(market.gain[start + unit]) - seat
            if gain + choice[0][unit] <= 0:
                worth[line] = max(worth[line], gain)
                break
            worth[line] = max(-choice[0][unit], 0)
    return worth


@compiled_in_place
def _choose_freely(
    market: Market,
    prices: tuple[Int32, Int64],
    demand: tuple[Int32, Int64],
    choice: tuple[Int64, Int64],
) -> int:
    """What lines gain that take their best edges at the prices; demand counts what they take."""
    price, seat_price = prices
    nets, edges = choice
    total = np.int64(0)
    for line in range(len(market.slot)):
        _best_edges(market, price, line, choice)
        start = market.unit_ptr[line]
        seat = _seat_of(market, seat_price, line)
        for unit in range(market.unit_ptr[line + 1] - start):
            gain = np.int64(market.gain[start + unit]) + nets[unit] - seat
            if gain <= 0:
                break
            total += gain
            volunteer = np.int64(market.volunteer[edges[unit]])
            demand[0][volunteer * SLOT_COUNT + market.slot[line]] += 1
            _count_seat(market, demand[1], line)
    return total


@compiled_in_place
def _most_units(market: Market) -> int:
    most = np.int64(1)
    for line in range(len(market.slot)):
        most = max(most, market.unit_ptr[line + 1] - market.unit_ptr[line])
    return most


@compiled_in_place
def _best_edges(market: Market, price: Int32, line: int, choice: tuple[Int64, Int64]) -> None:
    """The edges of a line for its units, best first: - cost - price, and the number of the edge."""
    nets, edges = choice
    volunteers, costs, slot = market.volunteer, market.cost, market.slot[line]
    units = market.unit_ptr[line + 1] - market.unit_ptr[line]
    nets[:units] = NOTHING
    for edge in range(market.edge_ptr[line], market.edge_ptr[line + 1] if units else 0):
        net = -np.int64(costs[edge]) - price[np.int64(volunteers[edge]) * SLOT_COUNT + slot]
        at = units
        while at > 0 and nets[at - 1] < net:
            if at < units:
                nets[at], edges[at] = nets[at - 1], edges[at - 1]
            at -= 1
        if at < units:
            nets[at], edges[at] = net, edge


@compiled_in_place
def _seat_of(market: Market, seat_price: Int64, line: int) -> int:
    """Price of a seat for a line: in its group and all above."""
    seat, group = np.int64(0), market.group[line]
    while group >= 0:
        seat += seat_price[group]
        group = market.parent[group]
    return seat


@compiled_in_place
def _count_seat(market: Market, used: Int64, line: int) -> None:
    group = market.group[line]
    while group >= 0:
        used[group] += 1
        group = market.parent[group]


@compiled_in_place
def _move(
    price: Int32 | Int64, demand: Int32 | Int64, push: Float64, how: tuple[float, float]
) -> None:
    """What is wanted more than it is given grows dearer, and the other way round.

    how: size of the step, and the price that is never exceeded.
    """
    step, top = how
    for at in range(len(price)):
        wanted = demand[at] if price[at] > 0 else max(demand[at], 0)
        push[at] = MEMORY * push[at] + (1 - MEMORY) * wanted
        if push[at] != 0.0:
            price[at] = np.int64(min(max(np.rint(price[at] + step * push[at]), 0.0), top))
