"""`salam work`: a worker beside the site, how it begins and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.commands.house import SALAM, House, get, is_worker, make_house, workers_of

# A job of the worker's own that leaves a trace: an old failure is forgotten.
ASK = """
import django; django.setup()
from django.db import connection
from salam.core.jobs import ask_after_commit
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
        " VALUES ('default', 'testing.broken_off', 'doing')")
ask_after_commit(task="core.tidy_jobs")
"""
COUNT = """
import django; django.setup()
from procrastinate.contrib.django.models import ProcrastinateJob
left = ProcrastinateJob.objects.filter(
    task_name__in=["testing.broken_off", "core.tidy_jobs"]).count()
print(left)
"""

# Since when each sweep is expected is written down by the worker when it starts.
KNOWN = """
import django; django.setup()
from salam.core.models import SweepRecord
from salam.core.sweeps import all_sweeps
known = set(SweepRecord.objects.values_list("name", flat=True))
print({one.name for one in all_sweeps()} <= known)
"""

CUT_OFF = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()")
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with make_house() as made:
        assert made.salam("load", "figures").returncode == 0
        assert made.salam("database", "start").returncode == 0
        yield made


@contextmanager
def worker_of(house: House, **environment: str) -> Iterator[subprocess.Popen[str]]:
    worker = subprocess.Popen(
        [SALAM, "work"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**house.environment, **environment},
    )
    try:
        yield worker
    finally:
        if worker.poll() is None:
            worker.terminate()
            worker.wait(30)
        if worker.stdout:
            worker.stdout.close()


def until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    for _ in range(int(seconds / 0.3)):
        if condition():
            return
        time.sleep(0.3)
    raise AssertionError("it did not come about")


def said_of(house: House, subject: str) -> dict[str, object]:
    """What `salam check` says of one subject."""
    findings = json.loads(house.salam("check", "--json").stdout)
    return next(finding for finding in findings if finding["subject"] == subject)


def test_a_worker_does_what_is_asked_and_ends_when_told(house) -> None:
    # The site's pool is no setting for a worker, and does no harm either.
    with worker_of(house, SALAM_POOL="4") as worker:
        house.python(ASK)

        until(lambda: house.python(COUNT) == "0")
        assert said_of(house, "کارها")["is_good"] is True
        assert said_of(house, "کارهای نوبتی")["is_good"] is True
        assert house.python(KNOWN) == "True"
        worker.send_signal(signal.SIGTERM)

        assert worker.wait(20) == 0
        assert worker.stdout is not None
        assert "Traceback" not in worker.stdout.read()


def test_without_its_tables_a_worker_says_what_to_do() -> None:
    with make_house() as empty:
        stopped = empty.salam("work")
        assert empty.salam("database", "start").returncode == 0
        unmade = empty.salam("work")

    assert (stopped.returncode, unmade.returncode) == (1, 1)
    assert "پایگاه همراه برنامه خاموش است" in stopped.stderr
    assert "salam up" in unmade.stderr
    assert "Traceback" not in stopped.stderr + unmade.stderr


def test_a_worker_outlives_its_connections_but_not_its_database(house) -> None:
    with worker_of(house) as worker:
        house.python(ASK)
        until(lambda: house.python(COUNT) == "0")

        house.python(CUT_OFF)
        house.python(ASK)
        until(lambda: house.python(COUNT) == "0")
        assert worker.poll() is None

        house.salam("database", "stop")
        try:
            assert worker.wait(120) == 1
        finally:
            house.salam("database", "start")


def test_up_starts_a_killed_worker_again_and_takes_it_along(house) -> None:
    with house.up() as (site, address):
        (first,) = workers_of(site.pid)

        os.kill(first, signal.SIGKILL)

        until(lambda: workers_of(site.pid) not in ([], [first]))
        (second,) = workers_of(site.pid)
        assert get(address)[0] == 200
        site.send_signal(signal.SIGTERM)
        assert site.wait(60) == 0
    assert not is_worker(second)
