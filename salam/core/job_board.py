"""How the jobs stand, for operators: what each sweep did last, what runs, what failed and with
what class of error. And the two things that operators can ask for.

Nothing here is about a person, and no error's text is read: it may quote what was worked on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import (
    ProcrastinateEvent,
    ProcrastinateJob,
    ProcrastinateWorker,
)
from procrastinate.exceptions import UniqueViolation
from procrastinate.manager import JobManager

from salam.core.actors import Actor, Scope, require
from salam.core.errors import PermissionRefused
from salam.core.events import record_event
from salam.core.jobs import SILENT_AFTER, ask_after_commit
from salam.core.models import JobFailure, SweepRecord
from salam.core.sweeps import Sweep, all_sweeps, find_sweep, label_of
from salam.core.verbs import Verb

# The clock brings the same sweep again, so a failure is news for a day.
FAILED_IS_NEWS: Final = timedelta(days=1)
# A sweep is late when it has not succeeded for so many of its periods and a little more.
LATE_PERIODS: Final = 3
LATE_MARGIN: Final = timedelta(minutes=5)
LONG_RUN: Final = timedelta(hours=1)


class SweepStatus(StrEnum):
    """What a sweep is doing, the most telling first."""

    RUNNING = "running"
    FAILED = "failed"
    WAITING = "waiting"
    FINE = "fine"
    NEVER_RUN = "never_run"


@dataclass(frozen=True)
class RunningJob:
    """A job that a worker took up; ``has_worker`` is False when that worker fell silent."""

    task_name: str
    since: datetime | None
    has_worker: bool

    @property
    def label(self) -> str:
        return label_of(self.task_name)

    def is_long(self, *, now: datetime) -> bool:
        """Whether it has run for longer than any sweep should."""
        return self.has_worker and self.since is not None and now - self.since > LONG_RUN


@dataclass(frozen=True, kw_only=True)
class SweepState:
    """How one sweep stands; instants are None for what never came about."""

    sweep: Sweep
    period: timedelta
    due_at: datetime
    known_at: datetime | None
    began_at: datetime | None
    took: timedelta | None
    succeeded_at: datetime | None
    running_since: datetime | None
    is_running: bool
    is_waiting: bool
    failed_lately: int
    failed_at: datetime | None

    @property
    def name(self) -> str:
        return self.sweep.name

    @property
    def label(self) -> str:
        return str(self.sweep.label)

    @property
    def has_failed(self) -> bool:
        """Whether it has failed since it last succeeded."""
        if self.failed_at is None:
            return False
        return self.succeeded_at is None or self.failed_at > self.succeeded_at

    @property
    def status(self) -> SweepStatus:
        if self.is_running:
            return SweepStatus.RUNNING
        if self.has_failed:
            return SweepStatus.FAILED
        if self.is_waiting:
            return SweepStatus.WAITING
        return SweepStatus.NEVER_RUN if self.succeeded_at is None else SweepStatus.FINE

    @property
    def expected_since(self) -> datetime | None:
        """From when its next success is counted; None where no worker has known it yet."""
        return self.succeeded_at or self.known_at

    def is_late(self, *, now: datetime) -> bool:
        """Whether it has not succeeded for much longer than its period.

        What runs now is not late, however long it takes: :meth:`RunningJob.is_long` tells of that.
        """
        if self.expected_since is None or self.is_running:
            return False
        return now - self.expected_since > LATE_PERIODS * self.period + LATE_MARGIN


@dataclass(frozen=True, kw_only=True)
class JobBoard:
    """All sweeps and what is under way."""

    workers: int
    heard_at: datetime | None
    waiting: int
    failed: int
    failed_lately: int
    running: Sequence[RunningJob]
    sweeps: Sequence[SweepState]

    def late(self, *, now: datetime) -> list[SweepState]:
        """Sweeps that are late although a worker is there; without one, all would be."""
        return [one for one in self.sweeps if one.is_late(now=now)] if self.workers else []

    def long_running(self, *, now: datetime) -> list[RunningJob]:
        return [one for one in self.running if one.is_long(now=now)]


@dataclass(frozen=True)
class FailedJob:
    """A job that failed, of a sweep that this version knows."""

    job_id: int
    sweep: Sweep
    failed_at: datetime | None
    error: str | None
    attempts: int


@dataclass(frozen=True)
class _Failures:
    lately: int = 0
    count: int = 0
    last_at: datetime | None = None


def job_board(*, actor: Actor, now: datetime) -> JobBoard:
    """The board as it stands. Four queries, however many jobs there are."""
    require(actor, Verb.JOB_RUN, Scope())
    active = list(
        ProcrastinateJob.objects.filter(status__in=["todo", "doing"])
        .order_by("id")
        .values_list("task_name", "status", _event_at("started"), "worker__last_heartbeat")
    )
    running = [
        RunningJob(name, since, has_worker=heard is not None and now - heard < SILENT_AFTER)
        for name, status, since, heard in active
        if status == "doing"
    ]
    waiting = [name for name, status, _since, _heard in active if status == "todo"]
    workers = ProcrastinateWorker.objects.aggregate(
        count=Count("pk", filter=Q(last_heartbeat__gt=now - SILENT_AFTER)),
        heard_at=Max("last_heartbeat"),
    )
    failures = _failures(now=now)
    records = {one.name: one for one in SweepRecord.objects.all()}
    return JobBoard(
        workers=workers["count"],
        heard_at=workers["heard_at"],
        waiting=len(waiting),
        failed=sum(one.count for one in failures.values()),
        failed_lately=sum(one.lately for one in failures.values()),
        running=running,
        sweeps=[
            _state(
                sweep,
                record=records.get(sweep.name),
                running=[one for one in running if one.task_name == sweep.name and one.has_worker],
                is_waiting=sweep.name in waiting,
                failures=failures.get(sweep.name, _Failures()),
                now=now,
            )
            for sweep in all_sweeps()
        ],
    )


def failed_jobs(*, actor: Actor) -> QuerySet[Any]:
    """Jobs that failed within a week, as rows of the library's model with ``failed_at``, ``error``
    (the class alone) and ``succeeded_at`` (of the sweep, whichever job it was).
    """
    require(actor, Verb.JOB_RUN, Scope())
    errors = JobFailure.objects.filter(job_id=OuterRef("pk")).values("error")
    records = SweepRecord.objects.filter(name=OuterRef("task_name")).values("succeeded_at")
    found: QuerySet[Any] = ProcrastinateJob.objects.filter(status="failed").annotate(
        failed_at=_event_at("failed"),
        error=Subquery(errors),
        succeeded_at=Subquery(records),
    )
    return found


def failed_job(*, actor: Actor, job_id: int) -> FailedJob:
    """One that can be tried again. Raises PermissionRefused where there is none."""
    job = failed_jobs(actor=actor).filter(pk=job_id).first()
    sweep = find_sweep(job.task_name) if job is not None else None
    if job is None or sweep is None:
        raise PermissionRefused
    return FailedJob(job.pk, sweep, job.failed_at, job.error, job.attempts)


def sweep_to_ask_for(*, actor: Actor, name: str) -> Sweep:
    """The sweep of a name. Raises PermissionRefused where there is none."""
    require(actor, Verb.JOB_RUN, Scope())
    sweep = find_sweep(name)
    if sweep is None:
        raise PermissionRefused
    return sweep


def ask_by_hand(*, actor: Actor, name: str, now: datetime) -> Sweep:
    """Have a sweep run soon and write down who asked; one that waits already is enough.

    Raises PermissionRefused.
    """
    sweep = sweep_to_ask_for(actor=actor, name=name)
    with transaction.atomic():
        record, _is_new = SweepRecord.objects.get_or_create(name=name, defaults={"known_at": now})
        record_event(
            kind="core.sweep_asked",
            subject_type="core.SweepRecord",
            subject_id=record.pk,
            actor_id=actor.person_id,
            payload={"task": name},
        )
        ask_after_commit(task=name)
    return sweep


def try_again(*, actor: Actor, job_id: int, now: datetime) -> bool:
    """Have a failed job wait again and write down who asked; returns whether it does.

    Not where it has not failed (any more), nor where another job of its sweep waits, which will do
    the same. Raises PermissionRefused.
    """
    require(actor, Verb.JOB_RUN, Scope())
    with transaction.atomic():
        job = (
            ProcrastinateJob.objects.select_for_update()
            .filter(pk=job_id, status="failed", task_name__in=[one.name for one in all_sweeps()])
            .first()
        )
        if job is None or not _waits_again(job_id, now=now):
            return False
        record_event(
            kind="core.job_retried",
            subject_type="core.Job",
            subject_id=job_id,
            actor_id=actor.person_id,
            payload={"task": job.task_name},
        )
    return True


def _waits_again(job_id: int, *, now: datetime) -> bool:
    manager = JobManager(connector=DjangoConnector())
    try:
        # The key by which one job of a task waits at most; an error would spoil the transaction.
        with transaction.atomic():
            manager.retry_job_by_id(job_id, retry_at=now)
    except UniqueViolation:
        return False
    return True


def _event_at(kind: str) -> Subquery:
    """When something of this kind last befell a job."""
    events = ProcrastinateEvent.objects.filter(job_id=OuterRef("pk"), type=kind)
    return Subquery(events.order_by("-at").values("at")[:1])


def _failures(*, now: datetime) -> Mapping[str, _Failures]:
    """By task, from the jobs that still count as failed."""
    of_failed = Q(procrastinateevent__type="failed")
    rows = (
        ProcrastinateJob.objects.filter(of_failed, status="failed")
        .values_list("task_name")
        .annotate(
            lately=Count(
                "pk",
                filter=Q(procrastinateevent__at__gte=now - FAILED_IS_NEWS),
                distinct=True,
            ),
            count=Count("pk", distinct=True),
            last_at=Max("procrastinateevent__at"),
        )
    )
    return {name: _Failures(lately, count, last_at) for name, lately, count, last_at in rows}


def _state(
    sweep: Sweep,
    *,
    record: SweepRecord | None,
    running: Sequence[RunningJob],
    is_waiting: bool,
    failures: _Failures,
    now: datetime,
) -> SweepState:
    known = record or SweepRecord(name=sweep.name)
    return SweepState(
        sweep=sweep,
        period=sweep.period(at=now),
        due_at=sweep.due_after(now),
        known_at=known.known_at,
        began_at=known.began_at,
        took=known.took,
        succeeded_at=known.succeeded_at,
        running_since=min((one.since for one in running if one.since), default=None),
        is_running=bool(running),
        is_waiting=is_waiting,
        failed_lately=failures.lately,
        failed_at=failures.last_at,
    )
