"""What `salam check` says of the jobs: one sentence that names what is late and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from salam.commands.check import _jobs, _sweeps
from salam.core.models import SweepRecord
from tests.job_stage import doing, empty_job_tables, finished, heard, waiting

CLOSING = "needs.close_passed"  # once an hour
CLOSING_LABEL = "«بستن نیازهایی که روزشان گذشته است»"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_jobs_left(db: None) -> Iterator[None]:
    empty_job_tables()
    yield
    empty_job_tables()


def succeeded(name: str, *, ago: timedelta) -> None:
    at = timezone.now() - ago
    SweepRecord.objects.create(name=name, known_at=at, began_at=at, succeeded_at=at)


def test_without_a_worker_it_says_since_when_and_what_to_start() -> None:
    waiting(task=CLOSING)
    is_good, sentence = _jobs()
    assert not is_good
    assert (
        sentence == "۱ کار در صف است و کارگری روشن نیست؛ «salam up» یا «salam work» راهش می‌اندازد."
    )

    heard(timezone.now() - HOUR)

    is_good, sentence = _jobs()
    assert not is_good
    assert "کارگری روشن نیست (آخرین نشانه: " in sentence


def test_with_workers_it_counts_them_and_the_queue() -> None:
    heard(timezone.now())
    heard(timezone.now())
    waiting(task=CLOSING)

    is_good, sentence = _jobs()

    assert is_good
    assert sentence.startswith("۲ کارگر روشن است (آخرین نشانه: ")
    assert sentence.endswith("؛ ۱ کار در صف است.")


def test_failures_of_a_day_are_counted_with_where_to_look() -> None:
    heard(timezone.now())
    finished(status="failed", at=timezone.now() - HOUR, task=CLOSING, error="builtins.KeyError")
    finished(status="failed", at=timezone.now() - HOUR, task="other.version")
    finished(status="failed", at=timezone.now() - 25 * HOUR, task=CLOSING)

    is_good, sentence = _jobs()

    assert not is_good
    assert "۲ کار در یک روز گذشته انجام نشد" in sentence
    assert "/hq/jobs/failed/" in sentence
    assert "KeyError" not in sentence


def test_a_sweep_that_is_late_is_named_with_its_period_and_what_to_do() -> None:
    heard(timezone.now())
    succeeded(CLOSING, ago=5 * HOUR)
    succeeded("service.lapse_assignments", ago=2 * HOUR)

    is_good, sentence = _sweeps()

    assert not is_good
    assert sentence == (
        f"{CLOSING_LABEL} ۵ ساعت است که انجام نشده (نوبتش هر ۱ ساعت است)، "
        "در /hq/jobs/ بخواهید که اکنون انجام شود. علتش در گزارش کارگر است."
    )


def test_without_a_worker_no_sweep_is_blamed() -> None:
    succeeded(CLOSING, ago=5 * HOUR)

    assert _sweeps() == (True, "کارهای نوبتی سر وقت انجام می‌شود.")


def test_a_job_that_runs_for_longer_than_an_hour_is_named_beside_what_is_late() -> None:
    alive = heard(timezone.now())
    doing(alive, task="service.follow_events", at=timezone.now() - 90 * timedelta(minutes=1))
    succeeded(CLOSING, ago=5 * HOUR)

    is_good, sentence = _sweeps()

    assert not is_good
    assert sentence.startswith(
        "«به‌روز کردن پیشنهادها و همکاری‌ها پس از هر تغییر» ۱ ساعت و ۳۰ دقیقه است که تمام نشده، "
        f"کارگر را از نو راه بیندازید؛ {CLOSING_LABEL} ۵ ساعت است"
    )
