"""From a task to a proved plan: lists, auction, lower prices, certificate, missing edges."""

from dataclasses import dataclass, replace

import numpy as np

from salam.engine.candidates import (
    Candidates,
    Pairs,
    Search,
    chunk_bounds,
    nearest_candidates,
    prepare_search,
    with_edges,
    with_only,
)
from salam.engine.capacity import Remaining, count_in_groups, remaining_capacity
from salam.engine.certificate import (
    CHUNK_VOLUNTEERS,
    Asked,
    Verdict,
    certify,
    sellers_part,
    split_prices,
)
from salam.engine.checks import require_valid
from salam.engine.distance import pair_distance_m, to_100m
from salam.engine.eligibility import Edges, is_feasible, pair_points, placement_points
from salam.engine.grid import NO_EDGE, without_lists
from salam.engine.lowering import lower_prices, seat_total
from salam.engine.market import NOBODY, Book, Market, binding_groups, open_market
from salam.engine.options import Report, SolveOptions
from salam.engine.problem import SLOT_COUNT, VALUE_PER_POINT, Bool, Int32, Int64, Problem
from salam.engine.shards import auction_in_shards
from salam.engine.solution import Placements, Solution, Status, explain_placements
from salam.engine.workers import Threads, Workers
from salam.engine.worth import People, worth_by_slot

DEFAULT_OPTIONS = SolveOptions()
EXACT_UNITS = 512  # so few placements are solved to the last unit of value
FINE_UNITS = 100_000  # price units x placements that a finer step may cost
BIG_GROUP_UNITS = 5_000  # groups that could use more are looked after only if they overflow
SEAT_ROUNDS_LINES = 200_000  # lines x rounds in which seats and half-days are priced in turn
SCARCE_UNITS_MIN = 10_000  # fewer are solved finely at once, scarce or not
WAR_STEPS = 50_000_000  # bids that a finer unit may cost at the worst
PRICE_UNIT_MAX = 2**30  # of a scaled gain: two of them still fit 32 bits


@dataclass(frozen=True, eq=False)
class Round:
    """One auction with its proof; prices in units of 100 m / market.scale."""

    candidates: Candidates
    market: Market
    book: Book
    seat_price: Int64
    line_worth: Int64
    verdict: Verdict
    placements: Placements

    @property
    def value(self) -> int:
        return int(self.placements.p_value.sum())


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be decided: the problem, what is left of its capacities, and for which lines.

    kept_volunteer, kept_line: pairs that stand, the confirmed ones among them; is_part: whether
    more stands than what is confirmed, so that prices of what is taken are known from before;
    pairs: the only ones of some lines, which are then no part of the proof; searches_on: whether
    the search is needed after the rounds.
    """

    problem: Problem
    kept_volunteer: Int32
    kept_line: Int32
    remaining: Remaining
    is_open: Bool
    options: SolveOptions
    is_part: bool = False
    pairs: Pairs | None = None
    searches_on: bool = False

    @property
    def workers(self) -> Workers:
        return self.options.workers or Threads(self.options.threads)


def listed_edges(problem: Problem, *, options: SolveOptions = DEFAULT_OPTIONS) -> Edges:
    """The candidate lists of a problem's first round as edges, nearest first inside a line.

    For yardsticks that choose from the same pairs; bonus points are not part of a distance.
    """
    remaining = remaining_capacity(problem)
    is_open = remaining.unit_used < np.diff(problem.l_unit_ptr)
    search = prepare_search(problem, remaining, is_open, neighbour_count=options.neighbour_count)
    workers = options.workers or Threads(options.threads)
    candidates = nearest_candidates(problem, search, workers)
    line = np.repeat(np.arange(problem.line_count), np.diff(candidates.line_ptr))
    volunteer = search.grid.origin[candidates.volunteer]
    return Edges(
        line_ptr=candidates.line_ptr,
        volunteer=volunteer,
        distance_100m=to_100m(pair_distance_m(problem, volunteer, line)),
    )


def solve_rounds(task: Task, report: Report) -> tuple[Search, list[Round]]:
    """Auction, certify, add the edges that the prices miss, and again until little is missing.

    Returns the rounds, and the search, without its lists where nobody needs them any more.
    """
    report("candidates")
    search = prepare_search(
        task.problem,
        task.remaining,
        task.is_open,
        neighbour_count=task.options.neighbour_count,
    )
    candidates = nearest_candidates(task.problem, search, task.workers)
    if task.pairs is not None:
        lists = (candidates, task.pairs)
        candidates = with_only(task.problem, task.remaining, search, lists=lists)
    steps = _steps(task, search)
    scale = _scale(task, search) if steps == (1,) * len(steps) else 1
    is_binding = _small_binding_groups(task)
    rounds: list[Round] = []
    for number, step in enumerate(steps, start=1):
        report("solve")
        market, book, is_binding = _auction(task, search, candidates, how=(is_binding, scale, step))
        report("price")
        rounds_of_seats = max(1, SEAT_ROUNDS_LINES // max(market.line_count, 1))
        seat_price, worth = lower_prices(market, book, rounds_max=rounds_of_seats)
        report("certify")
        rounds.append(_prove(task, search, candidates, end=(market, book, seat_price, worth)))
        verdict = rounds[-1].verdict
        missing = verdict.bound - verdict.bound_listed
        if number == len(steps) or not len(verdict.new_line):
            break
        if steps[0] == 1 and missing <= task.options.gap_wanted * max(verdict.bound, 1):
            break
        candidates = with_edges(
            candidates, (verdict.new_line, verdict.new_volunteer, verdict.new_cost)
        )
    if scale == 1 and not task.searches_on:  # else the prices are proved once more, in whole units
        search = replace(search, grid=without_lists(search.grid))
    return search, rounds


def _steps(task: Task, search: Search) -> tuple[int, ...]:
    """Bid step of each round: fine from the start, or where people are scarce finer and finer."""
    asked, half_days = _asked_and_offered(task, search)
    if asked > SCARCE_UNITS_MIN and asked > task.options.scarce_share * half_days:
        return task.options.scarce_steps
    return (1,) * task.options.rounds_max


def _scale(task: Task, search: Search) -> int:
    """Price units to 100 m: a plan of N placements is within N of them of the best."""
    problem = task.problem
    asked, half_days = _asked_and_offered(task, search)
    placements = max(1, min(asked, half_days))
    wanted = placements + 1 if placements <= EXACT_UNITS else max(1, FINE_UNITS // placements)
    points = sum(
        int(of_one.max(initial=0))
        for of_one in (problem.unit_value, problem.b_points, problem.v_points)
    )
    gain = VALUE_PER_POINT * points + 1
    # Where people are scarce, lines outbid each other step by step up to what they gain.
    wanted = min(wanted, WAR_STEPS // max(gain * asked, 1), PRICE_UNIT_MAX // (gain + 300_000))
    return max(1, wanted)


def _asked_and_offered(task: Task, search: Search) -> tuple[int, int]:
    """Units that lines still ask for, and half-days that people still have."""
    units = np.diff(task.problem.l_unit_ptr) - task.remaining.unit_used
    half_days = task.remaining.volunteer[search.grid.origin]
    return int(units[search.sites.line].sum()), int(half_days.sum())


def _small_binding_groups(task: Task) -> Bool:
    is_binding, use = binding_groups(task.problem, task.remaining)
    is_binding &= (use <= BIG_GROUP_UNITS) | (task.remaining.group == 0)
    return is_binding


def _auction(
    task: Task, search: Search, candidates: Candidates, *, how: tuple[Bool, int, int]
) -> tuple[Market, Book, Bool]:
    """Run the auction; again where a big group that was let be has overflowed.

    In a group whose seats are looked after, bids have to go in small steps in order of gain. A
    province with thousands of lines would pay for that with time, and hardly ever runs out.
    """
    is_binding, scale, step = how
    while True:
        market = open_market(
            task.problem,
            task.remaining,
            search.grid,
            candidates=candidates,
            is_binding=is_binding,
            scale=scale,
        )
        book = auction_in_shards(
            market,
            _bidding_order(market),
            xyz=search.grid.xyz,
            step=step,
            workers=task.workers,
        )
        used = count_in_groups(np.repeat(task.problem.l_group, book.filled), task.problem.g_parent)
        is_over = used > task.remaining.group
        if not is_over.any():
            return market, book, is_binding
        is_binding = is_binding | is_over


def _bidding_order(market: Market) -> Int64:
    """Lines that want somebody, by falling gain of their first unit."""
    line = np.flatnonzero(np.diff(market.unit_ptr) * np.diff(market.edge_ptr))
    return line[np.argsort(-market.gain[market.unit_ptr[line]], kind="stable")]


def _prove(
    task: Task,
    search: Search,
    candidates: Candidates,
    *,
    end: tuple[Market, Book, Int64, Int64],
) -> Round:
    market, book, seat_price, worth = end
    verdict = certify(
        search,
        candidates,
        market,
        asked=Asked(book.price, seat_total(market, seat_price, market.group)),
        sellers=sellers_part(market, book, seat_price),
        workers=task.workers,
        edges_wanted=task.options.edges_added,
    )
    sold = np.flatnonzero(book.holder != NOBODY)
    placements = explain_placements(
        task.problem,
        np.concatenate([task.kept_volunteer, search.grid.origin[sold // SLOT_COUNT]]),
        np.concatenate([task.kept_line, book.holder[sold]]),
    )
    return Round(candidates, market, book, seat_price, worth, verdict, placements)


def finish(task: Task, search: Search, rounds: list[Round]) -> Solution:
    """Choose the best plan and the best proof of all rounds, and check the plan."""
    best = max(rounds, key=lambda one: one.value)
    last = min(rounds, key=lambda one: one.verdict.bound // one.market.scale)
    whole = _in_whole_units(task, search, last)
    kept = explain_placements(task.problem, task.kept_volunteer, task.kept_line)
    kept_value = int(kept.p_value.sum())
    bound = kept_value + whole.verdict.bound  # proved by the very prices that are given back
    count = np.diff(last.candidates.line_ptr).astype(np.int32)
    nearest = _nearest(task.problem, search, last.candidates)
    price_volunteer = np.zeros(task.problem.volunteer_count, np.int64)
    price_slot = np.zeros((task.problem.volunteer_count, SLOT_COUNT), np.int64)
    price_group = np.zeros(task.problem.group_count, np.int64)
    for rows in chunk_bounds(len(search.grid.origin), CHUNK_VOLUNTEERS):
        half_day, slot = split_prices(whole.market, whole.book, rows)
        price_volunteer[search.grid.origin[slice(*rows)]] = half_day
        price_slot[search.grid.origin[slice(*rows)]] = slot
    price_group[whole.market.group_origin] = whole.seat_price
    if not task.is_part:
        price_what_is_taken(task, search, whole.line_worth, prices=(price_volunteer, price_slot))
    is_empty = bool(best.placements.p_is_confirmed.all())
    proved = Status.EMPTY if is_empty else Status.OPTIMAL
    solution = Solution(
        **vars(best.placements),
        price_volunteer=price_volunteer,
        price_slot=price_slot,
        price_group=price_group,
        line_price=whole.line_worth,
        candidate_count=count,
        has_more=last.candidates.complete != NO_EDGE,
        nearest_100m=nearest,
        status=proved if best.value == bound else Status.FEASIBLE,
        value=best.value,
        upper_bound=bound,
        edge_count=len(last.candidates.volunteer),
        unit_count=len(task.problem.unit_value),
        filled_count=int(
            (
                best.placements.p_unit <= np.diff(task.problem.l_unit_ptr)[best.placements.p_line]
            ).sum()
        ),
    )
    require_valid(task.problem, solution)
    return solution


def _in_whole_units(task: Task, search: Search, last: Round) -> Round:
    """Bring the prices of a finer scale to whole units of 100 m, and prove the plan by those."""
    scale = last.market.scale
    if scale == 1:
        return last
    market = open_market(
        task.problem,
        task.remaining,
        search.grid,
        candidates=last.candidates,
        is_binding=np.isin(np.arange(task.problem.group_count), last.market.group_origin),
    )
    book = last.book._replace(price=np.rint(last.book.price / scale).astype(np.int32))
    seat_price = np.rint(last.seat_price / scale).astype(np.int64)
    worth = np.rint(last.line_worth / scale).astype(np.int64)
    return _prove(task, search, last.candidates, end=(market, book, seat_price, worth))


def price_what_is_taken(
    task: Task, search: Search, line_worth: Int64, *, prices: tuple[Int64, Int64]
) -> None:
    """Give half-days that are not for sale the price at which nobody would want them.

    Confirmed placements hold them, or the volunteer has none left: a price of 0 would say that
    one more of them were worth nothing.
    """
    problem = task.problem
    price_volunteer, price_slot = prices
    is_out = np.ones(problem.volunteer_count, np.bool_)
    is_out[search.grid.origin] = False
    is_asked = is_out & (task.remaining.volunteer == 0)
    is_asked[task.kept_volunteer] = True
    volunteer = np.flatnonzero(is_asked & (problem.v_slots != 0))
    people = People(
        lat=problem.v_lat[volunteer],
        lon=problem.v_lon[volunteer],
        radius_m=problem.v_radius_m[volunteer],
        skills=problem.v_skills[volunteer],
        attrs=problem.v_attrs[volunteer],
    )
    own_points = VALUE_PER_POINT * problem.v_points[volunteer].astype(np.int64)
    most = own_points.max(initial=0)
    # Whoever brings points of their own may be wanted where nobody else would be paid for.
    paid = np.where((line_worth > 0) | task.is_open, line_worth + most, 0)
    worth = worth_by_slot(problem, paid, people, workers=task.workers)
    worth = np.where(worth > 0, np.maximum(worth - most + own_points[:, None], 0), 0)
    _raise_by_bonus(problem, line_worth, volunteer, worth=worth)
    is_own = (problem.v_slots[volunteer, None] >> np.arange(SLOT_COUNT, dtype=np.uint16)) & 1
    worth = np.where(is_own, worth, 0)
    is_free = task.remaining.slot_is_free[volunteer]
    outside = is_out[volunteer]
    half_day = np.where(is_free, worth, 0).max(axis=1, initial=0)
    price_volunteer[volunteer[outside]] = half_day[outside]
    on_top = np.maximum(worth - price_volunteer[volunteer, None], 0)
    price_slot[volunteer] = np.where(is_free, price_slot[volunteer], on_top)


def _raise_by_bonus(problem: Problem, line_worth: Int64, volunteer: Int64, *, worth: Int64) -> None:
    """Count in what pairs with a bonus of their own are worth; worth [N, 14] of volunteers [N]."""
    row_of = np.full(problem.volunteer_count, -1, np.int64)
    row_of[volunteer] = np.arange(len(volunteer))
    pair = np.flatnonzero((problem.b_points > 0) & (row_of[problem.b_volunteer] >= 0))
    who, line = problem.b_volunteer[pair], problem.b_line[pair]
    is_edge = is_feasible(problem, who, line)
    who, line = who[is_edge], line[is_edge]
    gain = line_worth[line] + VALUE_PER_POINT * placement_points(problem, who, line)
    gain -= to_100m(pair_distance_m(problem, who, line))
    # A line that wants nobody would still have taken somebody whose bonus exceeds the way.
    np.maximum.at(worth, (row_of[who], problem.l_slot[line]), gain)


def _nearest(problem: Problem, search: Search, candidates: Candidates) -> Int32:
    """Distance of the nearest listed person of each line, NO_EDGE where nobody is. [L] int32."""
    nearest = np.full(problem.line_count, NO_EDGE, np.int32)
    has_edge = np.diff(candidates.line_ptr) > 0
    first = candidates.line_ptr[:-1][has_edge]
    distance = candidates.cost + search.grid.offset[candidates.volunteer]
    if (problem.b_points > 0).any():
        line = np.repeat(np.arange(problem.line_count), np.diff(candidates.line_ptr))
        volunteer = search.grid.origin[candidates.volunteer]
        points = np.maximum(pair_points(problem, volunteer, line), 0)
        distance = (distance + VALUE_PER_POINT * points).astype(np.int32)
    if len(first):
        nearest[has_edge] = np.minimum.reduceat(distance, first)
    return nearest
