"""After a batch of changes: plan some lines anew from zero and leave every other line as it is."""

import dataclasses

import numpy as np

from salam.engine.assignment import DEFAULT_OPTIONS, Task
from salam.engine.capacity import remaining_capacity
from salam.engine.options import Report, SolveOptions, silent
from salam.engine.planning import plan_task
from salam.engine.problem import Bool, Int32, Int64, Problem
from salam.engine.solution import Solution


def resolve_part(
    problem: Problem,
    solution: Solution,
    is_open: Bool,
    *,
    options: SolveOptions = DEFAULT_OPTIONS,
    report: Report = silent,
) -> Solution:
    """Plan the lines of a mask anew, from zero prices; what the others have is frozen.

    Confirmed placements are kept everywhere, as are the placements of ``solution`` on lines outside
    the mask; both use up capacities first.

    problem: as it is now, its rows those of the problem that ``solution`` belongs to (who left has
    cap 0, what was closed has seats 0); is_open: [L] bool. The mask must hold every line that has a
    placement which the changes forbid: else SolverError names it.

    value is that of the whole plan. upper_bound is proved, but says less than a national one: no
    plan *that keeps what is frozen* is worth more; status OPTIMAL means just as much. Prices and
    line figures are new where something was for sale or open, and those of ``solution`` elsewhere:
    good to explain and to rank by, no proof for the country.
    Raises ValueError for a mask or a solution of another problem. Deterministic; O(V + L + P log P)
    small steps, and a solve of what is open.

    >>> from salam.engine.planning import solve
    >>> from salam.engine.example import example_problem
    >>> plan = solve(example_problem())
    >>> again = resolve_part(example_problem(), plan, np.array([True, False, False]))
    >>> (again.value, again.upper_bound) == (plan.value, plan.upper_bound)
    True
    """
    if is_open.shape != (problem.line_count,) or is_open.dtype != np.bool_:
        raise ValueError("the mask does not have one bool for each line")
    if len(solution.line_price) != problem.line_count or (
        len(solution.price_volunteer) != problem.volunteer_count
    ):
        raise ValueError("the solution belongs to another problem")
    volunteer, line = _kept_pairs(problem, solution, is_open)
    remaining = remaining_capacity(problem, volunteer, line)
    units = np.diff(problem.l_unit_ptr)
    # A frozen line has nothing left to ask for, so that its free units weigh in no bound.
    remaining = dataclasses.replace(
        remaining, unit_used=np.where(is_open, remaining.unit_used, units)
    )
    task = Task(
        problem=problem,
        kept_volunteer=volunteer,
        kept_line=line,
        remaining=remaining,
        is_open=is_open & (remaining.unit_used < units),
        options=options,
        is_part=True,
    )
    part, on_sale = plan_task(task, report)
    return _merged(problem, (solution, part), (is_open, on_sale))


def _kept_pairs(problem: Problem, solution: Solution, is_open: Bool) -> tuple[Int32, Int32]:
    """Confirmed pairs and frozen ones, each once: volunteer, line."""
    frozen = ~is_open[solution.p_line]
    key = np.union1d(
        _key(problem, problem.f_volunteer, problem.f_line),
        _key(problem, solution.p_volunteer[frozen], solution.p_line[frozen]),
    )
    line, volunteer = np.divmod(key, max(problem.volunteer_count, 1))
    return volunteer.astype(np.int32), line.astype(np.int32)


def _key(problem: Problem, volunteer: Int32, line: Int32) -> Int64:
    return line.astype(np.int64) * max(problem.volunteer_count, 1) + volunteer


def _merged(
    problem: Problem, plans: tuple[Solution, Solution], touched: tuple[Bool, Int32]
) -> Solution:
    """The plan of the part with what the old one knew about everything that was not touched.

    touched: the mask of open lines, and the volunteers who had half-days to give. The price of a
    slot that is taken by a frozen placement stays; so do prices of seats of groups that no open
    line uses.
    """
    old, part = plans
    is_open, on_sale = touched
    price_volunteer, price_slot = old.price_volunteer.copy(), old.price_slot.copy()
    price_volunteer[on_sale] = part.price_volunteer[on_sale]
    is_taken = np.zeros(price_slot.shape, np.bool_)
    kept = ~is_open[part.p_line] | part.p_is_confirmed
    is_taken[part.p_volunteer[kept], problem.l_slot[part.p_line[kept]]] = True
    price_slot[on_sale] = np.where(is_taken[on_sale], price_slot[on_sale], part.price_slot[on_sale])
    uses_open = np.zeros(problem.group_count, np.bool_)
    group = np.unique(problem.l_group[is_open])
    while len(group):
        uses_open[group] = True
        group = np.unique(problem.g_parent[group])
        group = group[group >= 0]
    count = np.where(is_open, part.candidate_count, old.candidate_count)
    return dataclasses.replace(
        part,
        price_volunteer=price_volunteer,
        price_slot=price_slot,
        price_group=np.where(uses_open, part.price_group, old.price_group),
        line_price=np.where(is_open, part.line_price, old.line_price),
        candidate_count=count,
        has_more=np.where(is_open, part.has_more, old.has_more),
        nearest_100m=np.where(is_open, part.nearest_100m, old.nearest_100m),
        edge_count=int(count.sum(dtype=np.int64)),
    )
