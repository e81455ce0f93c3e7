"""One run: tables to arrays, arrays to a certified plan, plan to proposals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from salam.core.actors import Actor, Scope, require
from salam.core.dates import local_day
from salam.core.verbs import Verb
from salam.engine import feasible_edges, solve, violations
from salam.matching.actions.locking import run_alone
from salam.matching.actions.storing import Plan, Timing, store_plan
from salam.matching.enums import RunStatus
from salam.matching.models import Run
from salam.matching.queries.problem import build_problem
from salam.matching.queries.runs import COUNTRY_CODE
from salam.places.models import Place
from salam.places.queries import get_place


@dataclass(frozen=True)
class RunOutcome:
    """What a run came to; ``run_id`` is None after a dry run."""

    run_id: int | None
    volunteers: int
    lines: int
    units: int
    proposed: int
    value: int
    upper_bound: int
    rule_violations: int
    edges: int
    solve_seconds: float


def run_matching(
    *,
    actor: Actor,
    now: datetime,
    stopwatch: Callable[[], float],
    place_code: str = COUNTRY_CODE,
    dry_run: bool = False,
    report: Callable[[str], None] = lambda _stage: None,
) -> RunOutcome:
    """Propose volunteers for the open lines of a place; store it all unless ``dry_run``.

    The plan is checked again from raw attributes and certified against an upper bound before
    anything is stored. The solve stands outside any transaction: it may take long, and locks no
    rows. Runs that store wait for each other, so that nobody is proposed twice for one half-day. A
    run that breaks off stays in the table as *failed*. ``stopwatch`` gives seconds from any start;
    ``report`` hears the name of each stage. Writes one Event.

    Raises PermissionRefused (also for an unknown place).
    """
    place = get_place(code=place_code)
    require(actor, Verb.RUN_START, Scope(place_path=place.path))
    asked = stopwatch()
    if dry_run:
        plan = _make_plan(place=place, on=local_day(now), report=report)
        return _outcome(plan, run_id=None, seconds=stopwatch() - asked)
    with run_alone():
        started = stopwatch()
        run = Run.objects.create(
            place=place,
            province_code=place.province_code,
            status=RunStatus.RUNNING,
            started_by_id=actor.person_id,
            started_at=now,
        )
        try:
            plan = _make_plan(place=place, on=local_day(now), report=report)
            report("store")
            ended = stopwatch()
            timing = Timing(
                on=local_day(now),
                finished_at=now + timedelta(seconds=ended - asked),
                solve_seconds=ended - started,
            )
            stored = store_plan(plan=plan, run_id=run.pk, actor=actor, timing=timing)
        except BaseException:
            # Also when somebody stops it: a run that is gone must not look as if it still worked.
            Run.objects.filter(pk=run.pk).update(status=RunStatus.FAILED)
            raise
    return _outcome(stored, run_id=run.pk, seconds=timing.solve_seconds)


def _make_plan(*, place: Place, on: date, report: Callable[[str], None]) -> Plan:
    report("read")
    within_path = None if place.code == COUNTRY_CODE else place.path
    built = build_problem(on=on, within_path=within_path)
    report("candidates")
    edges = feasible_edges(built.problem)
    report("solve")
    solution = solve(built.problem, edges=edges)
    report("check")
    violation_count = len(violations(built.problem, solution))
    return Plan(built, edges, solution, placements=solution, violation_count=violation_count)


def _outcome(plan: Plan, *, run_id: int | None, seconds: float) -> RunOutcome:
    return RunOutcome(
        run_id=run_id,
        volunteers=plan.built.problem.volunteer_count,
        lines=plan.built.problem.line_count,
        units=plan.solution.unit_count,
        proposed=plan.proposed_count,
        value=plan.value,
        upper_bound=plan.solution.upper_bound,
        rule_violations=plan.violation_count,
        edges=plan.solution.edge_count,
        solve_seconds=seconds,
    )
