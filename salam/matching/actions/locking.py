"""Runs stand in line: each must see what the one before it proposed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from salam.matching.enums import RunStatus
from salam.matching.models import Run
from salam.matching.queries.runs import RUN_LOCK


@contextmanager
def run_alone() -> Iterator[None]:
    """Wait until nobody else runs the engine, then keep others waiting.

    The lock belongs to the connection and not to a transaction, since a solve is long. It goes with
    a process that is killed, whose run still says *running*: with the lock in hand nobody else can
    be at work, so such a run has failed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [RUN_LOCK])
    try:
        Run.objects.filter(status=RunStatus.RUNNING).update(status=RunStatus.FAILED)
        yield
    finally:
        # A connection goes back to its pool with all the locks that it holds.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCK])
