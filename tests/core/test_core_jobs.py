"""Asking for jobs: after the commit, one at most, and without a word about anybody."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

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
from salam.core.models import JobFailure
from salam.core.sweeps import all_sweeps
from tests.cast import NOW
from tests.job_stage import doing, empty_job_tables, finished, heard

TASK = "messaging.deliver_messages"


@pytest.fixture(autouse=True)
def _no_jobs_left(transactional_db: None) -> Iterator[None]:
    empty_job_tables()
    yield
    empty_job_tables()


def jobs() -> list[tuple[str, str, object]]:
    return list(ProcrastinateJob.objects.values_list("task_name", "status", "args"))


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


def test_without_a_worker_there_is_no_sign_of_life() -> None:
    assert job_state().heard_at is None
    assert not job_state().has_worker(now=NOW)


def test_a_worker_counts_while_it_gives_signs_of_life() -> None:
    heard(NOW)

    state = job_state()

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


def test_what_is_over_is_forgotten_at_once_with_the_error_of_what_is_gone() -> None:
    worker = heard(NOW)
    for status in ("succeeded", "cancelled", "aborted"):
        finished(status=status, at=NOW)
    kept = finished(status="failed", at=NOW, error="builtins.ValueError")
    finished(status="failed", at=NOW - FAILED_IS_KEPT, error="builtins.KeyError")
    at_work = doing(worker)

    assert tidy_jobs(now=NOW) == 4

    assert set(ProcrastinateJob.objects.values_list("id", flat=True)) == {kept, at_work}
    assert list(JobFailure.objects.values_list("job_id", "error")) == [
        (kept, "builtins.ValueError")
    ]


def test_every_sweep_says_in_persian_what_it_does() -> None:
    unsaid = [one.name for one in all_sweeps() if not re.search("[آ-ی]", str(one.label))]

    assert unsaid == []
    assert len({str(one.label) for one in all_sweeps()}) == len(all_sweeps())


def test_every_task_by_the_clock_takes_nothing_and_waits_once() -> None:
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("builtin:")}
    by_clock = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}

    assert set(ours) - {"procrastinate.builtin_tasks.remove_old_jobs"} <= by_clock
    assert {task.queueing_lock for task in ours.values() if task.name in by_clock} == by_clock
