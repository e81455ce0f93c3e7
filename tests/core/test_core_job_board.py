"""How the jobs stand: what a run leaves behind, what is late, and what can be asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from salam.core.actors import ConsoleOperator, Stranger
from salam.core.errors import PermissionRefused
from salam.core.job_board import (
    LONG_RUN,
    JobBoard,
    SweepState,
    SweepStatus,
    ask_by_hand,
    failed_job,
    failed_jobs,
    job_board,
    sweep_to_ask_for,
    try_again,
)
from salam.core.jobs import SILENT_AFTER, ask_after_commit
from salam.core.models import Event, JobFailure, SweepRecord
from salam.core.sweeps import Sweep, label_of, note_sweeps
from tests.cast import NOW
from tests.job_stage import (
    doing,
    empty_job_tables,
    finished,
    heard,
    planted_sweep,
    waiting,
)
from tests.messaging.test_messaging_jobs import work_until_nothing_waits

OPERATOR = ConsoleOperator()
TASK = "needs.close_passed"  # at 23 minutes past each hour
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _no_jobs_left(transactional_db: None) -> Iterator[None]:
    empty_job_tables()
    yield
    empty_job_tables()


def board() -> JobBoard:
    return job_board(actor=OPERATOR, now=NOW)


def state(name: str = TASK) -> SweepState:
    return next(one for one in board().sweeps if one.name == name)


def record(*, name: str = TASK, succeeded_at: datetime | None, known_at: datetime = NOW) -> None:
    SweepRecord.objects.update_or_create(
        name=name,
        defaults={"known_at": known_at, "began_at": succeeded_at, "succeeded_at": succeeded_at},
    )


def events() -> list[tuple[str, int | None, object]]:
    return list(
        Event.objects.filter(kind__startswith="core.").values_list("kind", "actor_id", "payload")
    )


def test_a_run_leaves_when_it_was_and_how_long_it_took() -> None:
    with planted_sweep() as runs:
        ask_after_commit(task="testing.sweep")

        work_until_nothing_waits()

        assert runs == ["testing.sweep"]
        left = SweepRecord.objects.get(name="testing.sweep")
        assert left.began_at is not None
        assert left.took is not None
        assert left.succeeded_at == left.began_at + left.took
        assert not ProcrastinateJob.objects.filter(task_name="testing.sweep").exists()


def test_a_failure_leaves_its_class_and_never_its_text() -> None:
    with planted_sweep(breaks=True):
        ask_after_commit(task="testing.sweep")

        work_until_nothing_waits()

        (failed,) = failed_jobs(actor=OPERATOR)
        assert failed.error == "tests.job_stage.BrokeOnPurpose"
        assert failed.attempts == 1
        assert state("testing.sweep").status is SweepStatus.FAILED
        with connection.cursor() as cursor:
            cursor.execute("SELECT json_agg(f)::text FROM core_jobfailure AS f")
            assert "09127754318" not in cursor.fetchone()[0]
        # The clock may have brought other sweeps meanwhile.
        succeeded = SweepRecord.objects.filter(name="testing.sweep", succeeded_at__isnull=False)
        assert not succeeded.exists()


def test_a_failed_job_tried_again_by_a_worker_is_gone_when_it_succeeds() -> None:
    with planted_sweep() as runs:
        job = finished(status="failed", at=NOW, task="testing.sweep", error="builtins.KeyError")

        assert try_again(actor=OPERATOR, job_id=job, now=NOW)
        work_until_nothing_waits()

        assert runs == ["testing.sweep"]
        assert not ProcrastinateJob.objects.filter(pk=job).exists()


def test_due_times_and_periods_go_by_the_clock_in_utc() -> None:
    hourly, daily = Sweep("a.b", "23 * * * *", ""), Sweep("a.c", "41 1 * * *", "")
    noon = datetime(2026, 11, 22, 12, 23, tzinfo=UTC)

    assert hourly.due_after(noon) == noon + HOUR
    assert hourly.due_after(noon - MINUTE) == noon
    assert hourly.period(at=noon) == HOUR
    assert daily.due_after(noon) == datetime(2026, 11, 23, 1, 41, tzinfo=UTC)
    assert daily.period(at=noon) == timedelta(days=1)


def test_each_state_of_a_sweep() -> None:
    alive = heard(NOW)
    assert state().status is SweepStatus.NEVER_RUN
    record(succeeded_at=NOW - HOUR)
    assert state().status is SweepStatus.FINE
    waiting(task=TASK, at=NOW)
    assert state().status is SweepStatus.WAITING
    # One that failed before the last success is history.
    finished(status="failed", at=NOW - 2 * HOUR, task=TASK)
    assert (state().status, state().failed_lately) == (SweepStatus.WAITING, 1)
    finished(status="failed", at=NOW - MINUTE, task=TASK)
    finished(status="failed", at=NOW - 25 * HOUR, task=TASK)
    assert (state().status, state().failed_lately) == (SweepStatus.FAILED, 2)
    doing(alive, task=TASK, at=NOW - 2 * MINUTE)
    assert (state().status, state().running_since) == (SweepStatus.RUNNING, NOW - 2 * MINUTE)


def test_a_job_whose_worker_fell_silent_does_not_run() -> None:
    doing(heard(NOW - SILENT_AFTER), task=TASK, at=NOW - 2 * HOUR)
    doing(None, task=TASK, at=NOW - 2 * HOUR)

    assert [one.has_worker for one in board().running] == [False, False]
    assert not state().is_running
    assert board().long_running(now=NOW) == []


def test_a_sweep_is_late_after_three_periods_and_five_minutes_while_a_worker_is_there() -> None:
    limit = 3 * HOUR + 5 * MINUTE
    record(succeeded_at=NOW - limit - MINUTE)
    assert board().late(now=NOW) == []

    heard(NOW)

    assert [one.name for one in board().late(now=NOW)] == [TASK]
    record(succeeded_at=NOW - limit)
    assert board().late(now=NOW) == []


def test_what_never_ran_is_late_from_when_a_worker_first_knew_it() -> None:
    heard(NOW)
    note_sweeps(now=NOW - 4 * HOUR)
    note_sweeps(now=NOW)

    late = {one.name for one in board().late(now=NOW)}

    assert TASK in late
    assert "access.tidy_logins" not in late


def test_what_runs_is_not_late_but_after_an_hour_it_is_long() -> None:
    alive = heard(NOW)
    record(succeeded_at=NOW - 9 * HOUR)
    doing(alive, task=TASK, at=NOW - LONG_RUN)
    assert (board().late(now=NOW), board().long_running(now=NOW)) == ([], [])

    doing(alive, task="service.follow_events", at=NOW - LONG_RUN - MINUTE)

    assert [one.task_name for one in board().long_running(now=NOW)] == ["service.follow_events"]


def test_the_board_counts_workers_and_what_waits() -> None:
    heard(NOW - timedelta(seconds=20))
    heard(NOW - timedelta(seconds=10))
    heard(NOW - timedelta(hours=1))
    waiting(task=TASK)
    waiting(task="other.version")

    found = board()

    assert (found.workers, found.heard_at) == (2, NOW - timedelta(seconds=10))
    assert (found.waiting, found.failed) == (2, 0)
    assert label_of("other.version") == "other.version"


def test_the_board_takes_four_queries_and_is_quick_over_a_hundred_thousand_finished_jobs() -> None:
    heard(NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " SELECT 'default', 'service.follow_events', 'succeeded'"
            " FROM generate_series(1, 100000)"
        )
        cursor.execute("ANALYZE procrastinate_jobs")
        cursor.execute("ANALYZE procrastinate_events")
    for hours in range(100):
        finished(status="failed", at=NOW - hours * HOUR, task=TASK, error="builtins.KeyError")

    began = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        found = board()
    board_seconds = time.perf_counter() - began
    began = time.perf_counter()
    first = list(failed_jobs(actor=OPERATOR).order_by("-pk")[:50])
    list_seconds = time.perf_counter() - began

    assert len(queries) == 4
    assert found.failed == 100
    assert state().failed_lately == 25
    assert [one.error for one in first] == ["builtins.KeyError"] * 50
    # Some hundredths of a second; the bound leaves room for a busy machine.
    assert board_seconds < 1.0, board_seconds
    assert list_seconds < 1.0, list_seconds


def test_asking_leaves_one_job_however_often_and_says_who_asked() -> None:
    ask_by_hand(actor=OPERATOR, name=TASK, now=NOW)
    ask_by_hand(actor=OPERATOR, name=TASK, now=NOW)

    jobs = ProcrastinateJob.objects.values_list("task_name", "status", "queueing_lock")
    assert list(jobs) == [(TASK, "todo", TASK)]
    assert events() == [("core.sweep_asked", None, {"task": TASK})] * 2


def test_a_failed_job_waits_again_once() -> None:
    job = finished(status="failed", at=NOW, task=TASK, error="builtins.KeyError")
    assert failed_job(actor=OPERATOR, job_id=job).error == "builtins.KeyError"

    assert try_again(actor=OPERATOR, job_id=job, now=NOW)
    assert not try_again(actor=OPERATOR, job_id=job, now=NOW)

    again = ProcrastinateJob.objects.get()
    assert (again.pk, again.status, again.attempts) == (job, "todo", 2)
    assert events() == [("core.job_retried", None, {"task": TASK})]


def test_trying_again_leaves_at_most_one_job_waiting() -> None:
    first, second = (finished(status="failed", at=NOW, task=TASK) for _ in range(2))

    assert try_again(actor=OPERATOR, job_id=first, now=NOW)
    assert not try_again(actor=OPERATOR, job_id=second, now=NOW)
    ask_by_hand(actor=OPERATOR, name=TASK, now=NOW)

    assert dict(ProcrastinateJob.objects.values_list("pk", "status")) == {
        first: "todo",
        second: "failed",
    }
    assert [kind for kind, _actor, _payload in events()] == [
        "core.job_retried",
        "core.sweep_asked",
    ]


def test_jobs_of_another_version_can_be_looked_at_and_not_tried_again() -> None:
    job = finished(status="failed", at=NOW, task="other.version")

    assert [one.pk for one in failed_jobs(actor=OPERATOR)] == [job]
    assert not try_again(actor=OPERATOR, job_id=job, now=NOW)
    with pytest.raises(PermissionRefused):
        failed_job(actor=OPERATOR, job_id=job)
    with pytest.raises(PermissionRefused):
        ask_by_hand(actor=OPERATOR, name="other.version", now=NOW)


def test_nobody_else_sees_or_asks() -> None:
    job = finished(status="failed", at=NOW, task=TASK)
    nobody = Stranger()

    for refused in (
        lambda: job_board(actor=nobody, now=NOW),
        lambda: failed_jobs(actor=nobody),
        lambda: failed_job(actor=nobody, job_id=job),
        lambda: sweep_to_ask_for(actor=nobody, name=TASK),
        lambda: ask_by_hand(actor=nobody, name=TASK, now=NOW),
        lambda: try_again(actor=nobody, job_id=job, now=NOW),
    ):
        with pytest.raises(PermissionRefused):
            refused()

    assert ProcrastinateJob.objects.get().status == "failed"
    assert not JobFailure.objects.exists()
    assert events() == []
