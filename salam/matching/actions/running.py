"""One run: tables to arrays, arrays to a certified plan, plan to proposals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction

from salam.core.actors import Actor, Scope, require
from salam.core.bulk import copy_rows
from salam.core.dates import local_day
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.engine import Edges, Solution, feasible_edges, solve, violations
from salam.matching.enums import Reason, RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries.problem import BuiltProblem, build_problem
from salam.places.queries import get_place

COUNTRY_CODE = "ir"
_PROPOSAL_COLUMNS = (
    "run_id",
    "need_line_id",
    "person_id",
    "province_code",
    "unit",
    "points",
    "distance_100m",
    "reason",
    "candidate_count",
)


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
    anything is stored. The solve stands outside any transaction: it may take long, and holds no
    locks. A run that breaks off stays in the table as *failed*. ``stopwatch`` gives seconds from
    any start; ``report`` hears the name of each stage. Writes one Event.

    Raises PermissionRefused (also for an unknown place).
    """
    place = get_place(code=place_code)
    require(actor, Verb.RUN_START, Scope(place_path=place.path))
    within_path = None if place_code == COUNTRY_CODE else place.path
    started = stopwatch()
    if dry_run:
        plan = _make_plan(within_path=within_path, on=local_day(now), report=report)
        return _outcome(plan, run_id=None, seconds=stopwatch() - started)
    run = Run.objects.create(
        place=place,
        province_code=place.province_code,
        status=RunStatus.RUNNING,
        started_by_id=actor.person_id,
        started_at=now,
    )
    try:
        plan = _make_plan(within_path=within_path, on=local_day(now), report=report)
        report("store")
        seconds = stopwatch() - started
        _store(plan, run_id=run.pk, actor=actor, seconds=seconds)
    except BaseException:
        # Also when somebody stops it: a run that is gone must not look as if it still worked.
        Run.objects.filter(pk=run.pk).update(status=RunStatus.FAILED)
        raise
    return _outcome(plan, run_id=run.pk, seconds=seconds)


@dataclass(frozen=True, eq=False)
class _Plan:
    """A solved problem with what is needed to store and explain it."""

    built: BuiltProblem
    edges: Edges
    solution: Solution
    violation_count: int


def _make_plan(*, within_path: str | None, on: date, report: Callable[[str], None]) -> _Plan:
    report("read")
    built = build_problem(on=on, within_path=within_path)
    report("candidates")
    edges = feasible_edges(built.problem)
    report("solve")
    solution = solve(built.problem, edges=edges)
    report("check")
    return _Plan(built, edges, solution, len(violations(built.problem, solution)))


def _outcome(plan: _Plan, *, run_id: int | None, seconds: float) -> RunOutcome:
    return RunOutcome(
        run_id=run_id,
        volunteers=plan.built.problem.volunteer_count,
        lines=plan.built.problem.line_count,
        units=plan.solution.unit_count,
        proposed=plan.solution.placement_count,
        value=plan.solution.value,
        upper_bound=plan.solution.upper_bound,
        rule_violations=plan.violation_count,
        edges=plan.solution.edge_count,
        solve_seconds=seconds,
    )


def _store(plan: _Plan, *, run_id: int, actor: Actor, seconds: float) -> None:
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        copy_rows(
            model=Proposal,
            columns=_PROPOSAL_COLUMNS,
            rows=_proposal_rows(plan, run_id=run_id),
        )
        run.status = RunStatus.PROPOSED
        run.finished_at = run.started_at + timedelta(seconds=seconds)
        run.solve_seconds = seconds
        run.parameters = {"solver": "min_cost_flow", "weights": asdict(plan.built.points.weights)}
        run.volunteer_count = plan.built.problem.volunteer_count
        run.line_count = plan.built.problem.line_count
        run.unit_count = plan.solution.unit_count
        run.proposed_count = plan.solution.placement_count
        run.violation_count = plan.violation_count
        run.value = plan.solution.value
        run.upper_bound = plan.solution.upper_bound
        run.save()
        record_event(
            kind="matching.run_proposed",
            subject_type="matching.Run",
            subject_id=run_id,
            actor_id=actor.person_id,
            payload={"proposal_count": plan.solution.placement_count},
        )


def _proposal_rows(plan: _Plan, *, run_id: int) -> Iterator[tuple[object, ...]]:
    built, edges, solution = plan.built, plan.edges, plan.solution
    candidate_count = np.diff(edges.line_ptr)
    nearest = np.full(built.problem.line_count, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(nearest, edges.line, edges.distance_100m)
    for volunteer, line, unit, points, distance in zip(
        solution.p_volunteer.tolist(),
        solution.p_line.tolist(),
        solution.p_unit.tolist(),
        solution.p_points.tolist(),
        solution.p_distance_100m.tolist(),
        strict=True,
    ):
        candidates = int(candidate_count[line])
        yield (
            run_id,
            int(built.line_ids[line]),
            int(built.person_ids[volunteer]),
            built.province_codes[line],
            unit,
            points,
            distance,
            _reason(candidates, is_nearest=distance == nearest[line]).value,
            candidates,
        )


def _reason(candidates: int, *, is_nearest: bool) -> Reason:
    if candidates == 1:
        return Reason.ONLY_CANDIDATE
    return Reason.NEAREST if is_nearest else Reason.BEST_OF_PLAN
