"""How a problem is planned: as the flow it is, or by way of flows where it is none."""

from dataclasses import replace

import numpy as np

from salam.engine.assignment import DEFAULT_OPTIONS, Task, finish, solve_rounds
from salam.engine.capacity import remaining_capacity
from salam.engine.distinct import share_people
from salam.engine.hours import holding, plan_hours
from salam.engine.options import Report, SolveOptions, silent
from salam.engine.problem import Int32, Problem
from salam.engine.solution import Solution

NOT_COUNTED: Int32 = np.empty(0, np.int32)


def solve(
    problem: Problem,
    *,
    options: SolveOptions = DEFAULT_OPTIONS,
    report: Report = silent,
) -> Solution:
    """Find a plan whose value is near the greatest possible, and prove how near.

    Value of a plan: sum over lines of 20 x the points of its first k units (k = people placed,
    confirmed ones included) - sum of distances in 100 m + 20 x bonus points. Confirmed placements
    are kept and use up capacities; a placement that does not raise the value is not made. The
    bound is over every feasible pair, listed or not, and the plan passes checks.require_valid,
    before anything is returned.

    problem: a Problem, unchanged; options: SolveOptions; report: hears "candidates", "solve",
    "price" and "certify" when these stages begin.
    Returns a Solution: status OPTIMAL if value == upper_bound (EMPTY if nothing could be decided),
    FEASIBLE otherwise. The same for any number of threads or machines.
    O((V + L) log (V + L) + bids x edges of a line), memory O(V x 14 + E); measured in the
    benchmarks. Sources: auction, lowering and certificate.

    >>> from salam.engine.example import example_problem
    >>> plan = solve(example_problem())
    >>> list(zip(plan.p_volunteer.tolist(), plan.p_line.tolist())), plan.value, plan.upper_bound
    ([(1, 0), (0, 2)], 3267, 3267)
    """
    remaining = remaining_capacity(problem)
    task = Task(
        problem=problem,
        kept_volunteer=problem.f_volunteer,
        kept_line=problem.f_line,
        remaining=remaining,
        is_open=remaining.unit_used < np.diff(problem.l_unit_ptr),
        options=options,
    )
    return plan_task(task, report)[0]


def plan_task(task: Task, report: Report) -> tuple[Solution, Int32]:
    """Plan what a task leaves open; returns the plan, and the volunteers who were for sale.

    Half-days and seats are a flow, solved to a few millionths. Hours of unequal length and caps
    on different people are not: see plan_hours and share_people.
    """
    if task.problem.counts_people:
        uncounted = replace(task.problem, g_people=NOT_COUNTED)
        plan, on_sale = plan_task(replace(task, problem=uncounted), report)
        sure = holding(task, plan) if task.problem.counts_hours else task
        return share_people(sure, plan, report), on_sale
    if task.problem.counts_hours:
        return plan_hours(task, report)
    search, rounds = solve_rounds(task, report)
    return finish(task, search, rounds), search.grid.origin
