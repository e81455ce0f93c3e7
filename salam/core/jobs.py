"""Jobs: work that a worker process (`salam work`) does after the answer has gone out.

Every task here is a sweep: it takes no arguments, does whatever is waiting and may run twice. So a
job never holds anything about a person, none is needed for correctness (the next minute sweeps
again), and at most one job of a task waits at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import connection, transaction
from django.db.models import Max
from django.utils.functional import Promise
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from salam.core.sweeps import Sweep, recorded_run, register_sweep

Work = Callable[[], None]

# A worker gives a sign of life every ten seconds.
SILENT_AFTER: Final = timedelta(minutes=1)
# The clock brings the same sweep again, so a failure is history, and that for a week.
FAILED_IS_KEPT: Final = timedelta(days=7)


@dataclass(frozen=True)
class JobState:
    """Whether work that waits will be done, for pages that wait for it."""

    heard_at: datetime | None
    """When a worker last gave a sign of life; None when none is there."""

    def has_worker(self, *, now: datetime) -> bool:
        """Whether some worker gave a sign of life within SILENT_AFTER."""
        return self.heard_at is not None and now - self.heard_at < SILENT_AFTER


def periodic_task(
    *,
    name: str,
    cron: str,
    label: str | Promise = "",
) -> Callable[[Work], Work]:
    """Decorate a sweep in a room's ``tasks.py``: it runs by the clock, and when it is asked for.

    ``name`` is "room.verb_noun" and never changes: jobs that wait remember it. ``cron`` has five
    fields, in UTC. ``label`` tells operators what it does, in a few words. The sweep reads the
    clock and calls one action.
    """

    def register(work: Work) -> Work:
        def run(context: JobContext, timestamp: int = 0) -> None:
            """The timestamp comes with jobs by the clock; what a sweep does depends on now."""
            del timestamp
            with recorded_run(name=name, job_id=context.job.id):
                work()

        run.__qualname__ = work.__qualname__
        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name, pass_context=True)(run))
        register_sweep(Sweep(name, cron, label or name))
        return work

    return register


def ask_after_commit(*, task: str) -> None:
    """Have a sweep run soon after the caller's transaction has committed; at once without one.

    Not in the transaction: the key that keeps a second job from waiting would make every other
    transaction that asks wait until this one ends. What is lost when the process dies in between is
    found by the clock a minute later; so is what an error here leaves undone, hence ``robust``.
    """
    transaction.on_commit(partial(_ask, task), robust=True)


def job_state() -> JobState:
    """The last sign of life of any worker; ``core.job_board`` tells more."""
    heard = ProcrastinateWorker.objects.aggregate(at=Max("last_heartbeat"))
    return JobState(heard_at=heard["at"])


def tidy_jobs(*, now: datetime) -> int:
    """Delete jobs whose worker was killed over them, what is over, and old failures; returns how
    many.

    A sweep that broke off need not be done again: the next one finds what it left. Our workers
    delete what succeeded themselves; another that does not is tidied after.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs AS job
            WHERE (job.status = 'doing' AND NOT EXISTS (
                    SELECT FROM procrastinate_workers AS worker
                    WHERE worker.id = job.worker_id AND worker.last_heartbeat > %(silent_since)s))
               OR job.status IN ('succeeded', 'cancelled', 'aborted')
               OR (job.status = 'failed' AND NOT EXISTS (
                    SELECT FROM procrastinate_events AS event
                    WHERE event.job_id = job.id AND event.at > %(kept_since)s))
            """,
            {"silent_since": now - SILENT_AFTER, "kept_since": now - FAILED_IS_KEPT},
        )
        deleted: int = cursor.rowcount
        cursor.execute(
            """
            DELETE FROM core_jobfailure AS failure
            WHERE NOT EXISTS (SELECT FROM procrastinate_jobs AS job WHERE job.id = failure.job_id)
            """
        )
        return deleted


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
