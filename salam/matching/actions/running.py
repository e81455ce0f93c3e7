"""One run: tables to arrays, arrays to a certified plan, plan to proposals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from salam.access.queries import actor_for
from salam.core.actors import Actor, Scope, require
from salam.core.dates import local_day
from salam.core.errors import DomainError, PermissionRefused
from salam.core.verbs import Verb
from salam.engine import solve, violations
from salam.matching.actions.locking import run_alone, run_alone_if_free
from salam.matching.actions.shelving import refresh_words
from salam.matching.actions.storing import Plan, Timing, store_plan
from salam.matching.enums import RunStage, RunStatus
from salam.matching.models import Run
from salam.matching.queries.problem import build_problem
from salam.matching.queries.runs import COUNTRY_CODE
from salam.places.models import Place
from salam.places.queries import get_place

# What the engine calls its stages, and what a run shows of them.
_ENGINE_STAGES = {
    "candidates": "candidates",
    "solve": "solve",
    "price": "solve",
    "certify": "check",
}


class RunStopped(DomainError):
    """Somebody asked the run to stop, and it did so between two stages."""

    code = "run_stopped"

    def __init__(self) -> None:
        super().__init__(_("این اجرا به خواست یکی از همکاران ستاد متوقف شد."))


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

    Raises PermissionRefused (also for an unknown place), and RunStopped.
    """
    place = get_place(code=place_code)
    require(actor, Verb.RUN_START, Scope(place_path=place.path))
    asked = stopwatch()
    if dry_run:
        plan = _make_plan(place=place, on=local_day(now), report=report)
        return _outcome(plan, run_id=None, seconds=stopwatch() - asked)
    with run_alone():
        run = Run.objects.create(
            place=place,
            province_code=place.province_code,
            status=RunStatus.RUNNING,
            started_by_id=actor.person_id,
            started_at=now,
        )
        return carry_out(
            run,
            actor_id=actor.person_id,
            clock=Clock(now=now, asked=asked, stopwatch=stopwatch),
            report=report,
        )


def carry_on_requested(*, now: datetime, stopwatch: Callable[[], float]) -> bool:
    """Take the run that has been requested longest and carry it out in its requester's name.

    Whether there may be another to take: False when none waits, or somebody else runs the engine.
    What breaks a run off (a grant that was withdrawn meanwhile, a person who stops it) is written
    down in the run. Writes one Event when a plan is stored.
    """
    if not Run.objects.filter(status=RunStatus.RUNNING).exists():
        return False
    with run_alone_if_free() as is_free:
        run = _take_requested(now=now) if is_free else None
        if run is None:
            return False
        try:
            # The person's grants of now, not those of when the button was pressed.
            actor = actor_for(person_id=run.started_by_id or 0, at=now)
            with _failing(run):
                require(actor, Verb.RUN_START, Scope(place_path=run.place.path))
            clock = Clock(now=now, asked=stopwatch(), stopwatch=stopwatch)
            carry_out(run, actor_id=actor.person_id, clock=clock, report=lambda _stage: None)
        except (PermissionRefused, RunStopped):
            return True
    return True


@dataclass(frozen=True)
class Clock:
    """``asked``: what the stopwatch showed at the instant ``now``."""

    now: datetime
    asked: float
    stopwatch: Callable[[], float]


def _take_requested(*, now: datetime) -> Run | None:
    with transaction.atomic():
        run = (
            Run.objects.select_for_update(of=("self",))
            .select_related("place")
            .filter(status=RunStatus.RUNNING, stage=RunStage.QUEUED)
            .order_by("pk")
            .first()
        )
        if run is not None:
            run.stage = RunStage.READ
            # Needs that were opened while it waited are part of it.
            run.started_at = now
            run.save(update_fields=["stage", "started_at"])
    return run


def carry_out(
    run: Run,
    *,
    actor_id: int | None,
    clock: Clock,
    report: Callable[[str], None],
) -> RunOutcome:
    """From a run in the table to its stored plan; the caller holds the lock. For this room.

    actor_id: in whose name, None for the house itself. Writes one Event. Raises RunStopped.
    """
    started = clock.stopwatch()

    def report_stage(stage: str) -> None:
        _enter(run, stage)
        report(stage)

    with _failing(run):
        if run.place.code == COUNTRY_CODE:
            # For a part it takes longer than to work out anew the few words that are missing.
            refresh_words(on=local_day(clock.now))
        plan = _make_plan(place=run.place, on=local_day(clock.now), report=report_stage)
        report_stage("store")
        ended = clock.stopwatch()
        timing = Timing(
            on=local_day(clock.now),
            finished_at=clock.now + timedelta(seconds=ended - clock.asked),
            solve_seconds=ended - started,
        )
        stored = store_plan(plan=plan, run_id=run.pk, actor_id=actor_id, timing=timing)
    return _outcome(stored, run_id=run.pk, seconds=timing.solve_seconds)


def _enter(run: Run, stage: str) -> None:
    """Write the stage down at once, unless somebody has asked the run to stop."""
    going = Run.objects.filter(pk=run.pk, stop_asked_at__isnull=True)
    if not going.update(stage=RunStage(stage)):
        raise RunStopped


@contextmanager
def _failing(run: Run) -> Iterator[None]:
    """Also when somebody stops it: a run that is gone must not look as if it still worked."""
    try:
        yield
    except BaseException:
        Run.objects.filter(pk=run.pk).update(status=RunStatus.FAILED)
        raise


def _make_plan(*, place: Place, on: date, report: Callable[[str], None]) -> Plan:
    report("read")
    within_path = None if place.code == COUNTRY_CODE else place.path
    built = build_problem(on=on, within_path=within_path)
    solution = solve(built.problem, report=lambda stage: report(_ENGINE_STAGES[stage]))
    report("check")
    violation_count = len(violations(built.problem, solution))
    return Plan(built, solution, placements=solution, violation_count=violation_count)


def _outcome(plan: Plan, *, run_id: int | None, seconds: float) -> RunOutcome:
    return RunOutcome(
        run_id=run_id,
        volunteers=plan.built.problem.volunteer_count,
        lines=len(plan.built.asked),
        units=int(plan.built.asked.sum()),
        proposed=plan.proposed_count,
        value=plan.value,
        upper_bound=plan.solution.upper_bound,
        rule_violations=plan.violation_count,
        edges=plan.solution.edge_count,
        solve_seconds=seconds,
    )
