"""Jobs: work that a worker process (`salam work`) does after the answer has gone out.

Every task here is a sweep: it takes no arguments, does whatever is waiting and may run twice. So a
job never holds anything about a person, none is needed for correctness (the next minute sweeps
again), and at most one job of a task waits at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Count, Max, Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

Sweep = Callable[[], None]


@dataclass(frozen=True)
class JobState:
    """How the jobs stand, for `salam check`."""

    waiting: int
    failed: int
    heard_at: datetime | None
    """When a worker last gave a sign of life; None when none is there."""


def periodic_task(*, name: str, cron: str) -> Callable[[Sweep], Sweep]:
    """Decorate a sweep in a room's ``tasks.py``: it runs by the clock, and when it is asked for.

    ``name`` is "room.verb_noun" and never changes: jobs that wait remember it. ``cron`` has five
    fields, in UTC. The sweep reads the clock and calls one action.
    """

    def register(sweep: Sweep) -> Sweep:
        def run(timestamp: int = 0) -> None:
            """The timestamp comes with jobs by the clock; what a sweep does depends on now."""
            del timestamp
            sweep()

        run.__qualname__ = sweep.__qualname__
        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name)(run))
        return sweep

    return register


def ask_after_commit(*, task: str) -> None:
    """Have a sweep run soon after the caller's transaction has committed; at once without one.

    Not in the transaction: the key that keeps a second job from waiting would make every other
    transaction that asks wait until this one ends. What is lost when the process dies in between is
    found by the clock a minute later; so is what an error here leaves undone, hence ``robust``.
    """
    transaction.on_commit(partial(_ask, task), robust=True)


def job_state() -> JobState:
    """Jobs that wait or failed, and the last sign of life of any worker."""
    counts = ProcrastinateJob.objects.aggregate(
        waiting=Count("id", filter=Q(status="todo")),
        failed=Count("id", filter=Q(status="failed")),
    )
    heard_at = ProcrastinateWorker.objects.aggregate(at=Max("last_heartbeat"))["at"]
    return JobState(counts["waiting"], counts["failed"], heard_at)


def _ask(task: str) -> None:
    """One job of a task waits at most: it has not begun, so it will see what has just committed."""
    if ProcrastinateJob.objects.filter(queueing_lock=task, status="todo").exists():
        return
    # Our own manager: inside a worker the app's goes over the worker's connections, not Django's.
    manager = JobManager(connector=DjangoConnector())
    try:
        # An error inside a transaction would spoil it: tests run in one.
        with transaction.atomic():
            configure_task(name=task, job_manager=manager, queueing_lock=task).defer()
    except AlreadyEnqueued:
        return
