"""Asking for jobs: after the commit, one at most, and without a word about anybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from salam.core.jobs import (
    FAILED_IS_KEPT,
    SILENT_AFTER,
    ask_after_commit,
    job_state,
    tidy_jobs,
)
from tests.cast import NOW

TASK = "messaging.deliver_messages"


@pytest.fixture(autouse=True)
def _no_jobs_left(transactional_db: None) -> Iterator[None]:
    """The library's tables are not Django's to empty between tests."""
    _empty()
    yield
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")


def jobs() -> list[tuple[str, str, object]]:
    return list(ProcrastinateJob.objects.values_list("task_name", "status", "args"))


def one(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        number: int = cursor.fetchone()[0]
        return number


def heard(at: datetime) -> int:
    """A worker that gave its last sign of life then."""
    return one("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", at)


def doing(worker: int | None) -> int:
    return one(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
        " VALUES ('default', 'testing.sweep', 'doing', %s) RETURNING id",
        worker,
    )


def finished(*, status: str, at: datetime) -> int:
    job = one(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
        " VALUES ('default', 'testing.sweep', %s::procrastinate_job_status) RETURNING id",
        status,
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job])
    one(
        "INSERT INTO procrastinate_events (job_id, type, at)"
        " VALUES (%s, %s::procrastinate_job_event_type, %s) RETURNING id",
        job,
        status,
        at,
    )
    return job


def test_a_job_is_there_after_the_commit_and_not_before() -> None:
    with transaction.atomic():
        ask_after_commit(task=TASK)
        assert jobs() == []

    assert jobs() == [(TASK, "todo", {})]


def test_a_transaction_that_failed_asks_for_nothing() -> None:
    with transaction.atomic():
        ask_after_commit(task=TASK)
        transaction.set_rollback(True)

    assert jobs() == []


def test_one_job_waits_however_often_it_is_asked_for() -> None:
    for _ in range(3):
        with transaction.atomic():
            ask_after_commit(task=TASK)
            ask_after_commit(task=TASK)

    assert jobs() == [(TASK, "todo", {})]


def test_a_job_that_has_begun_does_not_stand_for_what_comes_after() -> None:
    ask_after_commit(task=TASK)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")

    ask_after_commit(task=TASK)

    assert sorted(jobs()) == [(TASK, "doing", {}), (TASK, "todo", {})]


def test_a_long_transaction_that_asked_keeps_nobody_waiting() -> None:
    has_committed = threading.Event()

    def other() -> None:
        with transaction.atomic():
            ask_after_commit(task=TASK)
        has_committed.set()
        connection.close()

    with transaction.atomic():
        ask_after_commit(task=TASK)
        thread = threading.Thread(target=other)
        thread.start()
        is_through = has_committed.wait(10)
    thread.join()

    assert is_through
    assert jobs() == [(TASK, "todo", {})]


def test_two_that_ask_at_the_same_instant_get_one_job() -> None:
    barrier = threading.Barrier(4, timeout=20)
    done: list[bool] = []

    def ask() -> None:
        connection.ensure_connection()
        barrier.wait()
        ask_after_commit(task=TASK)
        done.append(True)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == [True] * 4
    assert jobs() == [(TASK, "todo", {})]


def test_state_counts_what_waits_and_what_failed_lately() -> None:
    ask_after_commit(task=TASK)
    finished(status="failed", at=NOW - timedelta(hours=23))
    finished(status="failed", at=NOW - timedelta(hours=25))

    state = job_state(now=NOW)

    assert (state.waiting, state.failed, state.heard_at) == (1, 1, None)
    assert not state.has_worker(now=NOW)


def test_a_worker_counts_while_it_gives_signs_of_life() -> None:
    heard(NOW)

    state = job_state(now=NOW)

    assert state.has_worker(now=NOW + SILENT_AFTER - timedelta(seconds=1))
    assert not state.has_worker(now=NOW + SILENT_AFTER)


def test_what_a_killed_worker_left_and_old_failures_are_forgotten() -> None:
    alive, killed = heard(NOW), heard(NOW - SILENT_AFTER)
    ask_after_commit(task=TASK)
    at_work = doing(alive)
    doing(killed)
    doing(None)
    news = finished(status="failed", at=NOW - FAILED_IS_KEPT + timedelta(hours=1))
    finished(status="failed", at=NOW - FAILED_IS_KEPT)

    assert tidy_jobs(now=NOW) == 3

    left = set(ProcrastinateJob.objects.exclude(status="todo").values_list("id", flat=True))
    assert left == {at_work, news}
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


def test_every_task_by_the_clock_takes_nothing_and_waits_once() -> None:
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("builtin:")}
    by_clock = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}

    assert set(ours) - {"procrastinate.builtin_tasks.remove_old_jobs"} <= by_clock
    assert {task.queueing_lock for task in ours.values() if task.name in by_clock} == by_clock
