"""Jobs in the library's tables, in every state, without a worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from procrastinate.contrib.django import app

from salam.core import sweeps
from salam.core.jobs import periodic_task
from salam.core.models import JobFailure


class BrokeOnPurpose(RuntimeError):
    """What a planted sweep fails with."""


def empty_job_tables() -> None:
    """The library's tables are not Django's to empty between tests."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")


def one(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        number: int = cursor.fetchone()[0]
        return number


def heard(at: datetime) -> int:
    """A worker that gave its last sign of life then."""
    return one("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", at)


def waiting(*, task: str, at: datetime | None = None) -> int:
    return _job(task=task, status="todo", at=at, event="deferred")


def doing(worker: int | None, *, task: str = "testing.sweep", at: datetime | None = None) -> int:
    return _job(task=task, status="doing", at=at, event="started", worker=worker)


def finished(*, status: str, at: datetime, task: str = "testing.sweep", error: str = "") -> int:
    """A job that is over, with the class of its error where one is given."""
    job = _job(task=task, status=status, at=at, event=status)
    if error:
        JobFailure.objects.create(job_id=job, error=error)
    return job


@contextmanager
def planted_sweep(name: str = "testing.sweep", *, breaks: bool = False) -> Iterator[list[str]]:
    """A sweep of the tests' own, which the clock hardly ever brings, taken away again; gives its
    runs.
    """
    runs: list[str] = []

    def work() -> None:
        runs.append(name)
        if breaks:
            raise BrokeOnPurpose("of somebody with phone 09127754318")

    periodic_task(name=name, cron="0 0 29 2 *", label="برای آزمایش")(work)
    try:
        yield runs
    finally:
        app.tasks.pop(name)
        app.periodic_registry.periodic_tasks.pop((name, ""))
        sweeps._SWEEPS.pop(name)


def _job(
    *,
    task: str,
    status: str,
    event: str,
    at: datetime | None,
    worker: int | None = None,
) -> int:
    job = one(
        "INSERT INTO procrastinate_jobs"
        " (queue_name, task_name, status, worker_id, queueing_lock, attempts)"
        " VALUES ('default', %s, %s::procrastinate_job_status, %s, %s, %s) RETURNING id",
        task,
        status,
        worker,
        task,
        int(status == "failed"),
    )
    if at is not None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job])
        one(
            "INSERT INTO procrastinate_events (job_id, type, at)"
            " VALUES (%s, %s::procrastinate_job_event_type, %s) RETURNING id",
            job,
            event,
            at,
        )
    return job
