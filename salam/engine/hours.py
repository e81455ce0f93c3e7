"""Plans where half-days are of unequal length and people give hours.

First everybody offers as many half-days as fit even if they are the longest: a flow. Prices are
then pressed down for the bound, and the weeks that people would give at them meanwhile say which
half-days each should offer: some that surely fit, chosen anew for each person, and the whole is
planned again. Last, offers are widened where what a person has stays possible, until little is
gained. One more auction over the hours that are left could only add; an offer chosen anew may also
give one long half-day for two short ones.
"""

from dataclasses import replace
from operator import attrgetter

import numpy as np

from salam.engine.assignment import Task, finish, price_what_is_taken, solve_rounds
from salam.engine.candidates import Search
from salam.engine.hour_prices import HourProof, Listed, listed, prove_weeks, slot_worth
from salam.engine.options import Report
from salam.engine.problem import SLOT_COUNT, Bool, Int32, Int64, Problem, UInt8
from salam.engine.solution import Solution, Status, explain_placements
from salam.engine.weeks import BIT, Weeks, choose_offers, offering, open_weeks

NO_HOURS: UInt8 = np.empty(0, np.uint8)
WORTH_MAX = 1 << 26  # more than any half-day is worth; a week of them fits 32 bits
PRICES = ("price_volunteer", "price_slot", "price_group", "line_price")


def plan_hours(task: Task, report: Report) -> tuple[Solution, Int32]:
    """Plan a task whose problem counts hours; returns the plan, and the volunteers for sale.

    The flow in which everybody gives as many half-days as the shortest fit bounds every plan. If
    it keeps the hours as well, it is the plan. Else plans are made from offers that surely fit,
    and the bound is the lesser of the flow's and of hour_prices.prove_weeks. The prices are those
    that prove it: of a volunteer who has something left to give, price_slot says what a half-day
    costs, and price_volunteer is 0. O(a solve x plans made, five as a rule, + the proof).
    """
    weeks = open_weeks(task)
    without = replace(task.problem, v_hours=NO_HOURS, slot_hours=NO_HOURS)
    whole = replace(task, problem=without, searches_on=True)
    relaxed = offering(whole, weeks.slots, weeks.most)
    search, rounds = solve_rounds(relaxed, report)
    flow = finish(relaxed, search, rounds)
    if _keeps_hours(task.problem, flow, weeks):
        return flow, search.grid.origin
    last = min(rounds, key=lambda one: one.verdict.bound // one.market.scale)
    lists = listed(relaxed, search, last.candidates)
    own = weeks.of(search.grid.origin)
    sure = _plan(task, report, offer=(weeks.slots, weeks.sure))
    report("certify")
    proof = prove_weeks(relaxed, lists, sure, weeks=own)
    nothing = np.zeros(len(own.hours), np.int64)
    cut = _plan(task, report, offer=_wide(weeks, search, choose_offers(own, nothing, proof.given)))
    best = _improved(
        task, lists, report, start=max(sure, cut, key=attrgetter("value")), weeks=weeks
    )
    return _proved(relaxed, search, (flow, best), proof=proof), search.grid.origin


def holding(task: Task, plan: Solution) -> Task:
    """A task in which every plan keeps the hours, and this one is possible. O(V)."""
    weeks = open_weeks(task)
    worth = np.minimum(plan.price_volunteer[:, None] + plan.price_slot, WORTH_MAX)
    held = _held(task.problem, plan, weeks)
    return offering(task, *choose_offers(weeks, held, worth.astype(np.int32).ravel()))


def _plan(task: Task, report: Report, *, offer: tuple[Int64, Int64]) -> Solution:
    """The best plan in which everybody gives no more than a sure offer."""
    # What is taken has been priced by the flow already.
    part = replace(offering(task, *offer), is_part=True)
    return finish(part, *solve_rounds(part, report))


def _wide(weeks: Weeks, search: Search, offer: tuple[Int64, Int64]) -> tuple[Int64, Int64]:
    """An offer of the people of a grid as one of all; nobody else is in reach of anything."""
    slots, half_days = weeks.slots.copy(), np.zeros_like(weeks.sure)
    slots[search.grid.origin], half_days[search.grid.origin] = offer
    return slots, half_days


def _keeps_hours(problem: Problem, plan: Solution, weeks: Weeks) -> bool:
    """Whether nobody gives more than what the kept placements leave."""
    is_new = _is_new(problem, plan, weeks)
    given = np.zeros(problem.volunteer_count, np.int64)
    hours = weeks.slot_hours[problem.l_slot[plan.p_line[is_new]]]
    np.add.at(given, plan.p_volunteer[is_new], hours)
    return bool((given <= weeks.hours).all())


def _is_new(problem: Problem, plan: Solution, weeks: Weeks) -> Bool:
    """Which placements take what was left, since kept ones stand in slots that are not free."""
    slot = problem.l_slot[plan.p_line]
    return np.asarray((weeks.slots[plan.p_volunteer] >> slot & 1) != 0, np.bool_)


def _held(problem: Problem, plan: Solution, weeks: Weeks) -> Int64:
    """Slots that a plan takes of what people had left, [V] int64 bits."""
    is_new = _is_new(problem, plan, weeks)
    held = np.zeros(problem.volunteer_count, np.int64)
    slot = problem.l_slot[plan.p_line[is_new]]
    np.bitwise_or.at(held, plan.p_volunteer[is_new], BIT[slot])
    return held


def _improved(
    task: Task, lists: Listed, report: Report, *, start: Solution, weeks: Weeks
) -> Solution:
    """Plans from offers that hold the plan before, so that none is worse; the last of them."""
    own = weeks.of(lists.search.grid.origin)
    best = start
    while True:
        held = _held(task.problem, best, weeks)[lists.search.grid.origin]
        chosen = choose_offers(own, held, slot_worth(lists.market, best.line_price))
        plan = _plan(task, report, offer=_wide(weeks, lists.search, chosen))
        gained = plan.value - best.value
        best = plan if gained > 0 else best
        if gained <= task.options.hours_gain_wanted * plan.value:
            return best


def _proved(
    task: Task, search: Search, plans: tuple[Solution, Solution], *, proof: HourProof
) -> Solution:
    """The better plan with the lesser of the two bounds, and the prices that prove that one."""
    flow, best = plans
    kept = explain_placements(task.problem, task.kept_volunteer, task.kept_line)
    bound = int(kept.p_value.sum()) + proof.bound
    prices = {name: getattr(flow, name) for name in PRICES}
    if bound < flow.upper_bound:
        half_day, slot = np.zeros_like(flow.price_volunteer), np.zeros_like(flow.price_slot)
        own = proof.slot_price.reshape(-1, SLOT_COUNT)
        slot[search.grid.origin] = np.where(task.remaining.slot_is_free[search.grid.origin], own, 0)
        if not task.is_part:
            price_what_is_taken(task, search, proof.line_worth, prices=(half_day, slot))
        prices = dict(
            zip(PRICES, (half_day, slot, proof.group_price, proof.line_worth), strict=True)
        )
    bound = min(bound, flow.upper_bound)
    proved = Status.EMPTY if best.p_is_confirmed.all() else Status.OPTIMAL
    return replace(
        best,
        **prices,
        candidate_count=flow.candidate_count,
        has_more=flow.has_more,
        nearest_100m=flow.nearest_100m,
        edge_count=flow.edge_count,
        status=proved if best.value == bound else Status.FEASIBLE,
        upper_bound=bound,
    )
