"""Runs stand in line: each must see what the one before it proposed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from salam.core.actors import Actor, Scope, require
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.matching.enums import RunStage, RunStatus
from salam.matching.models import Run
from salam.matching.queries.runs import RUN_LOCK


@contextmanager
def run_alone() -> Iterator[None]:
    """Wait until nobody else runs the engine, then keep others waiting.

    The lock belongs to the connection and not to a transaction, since a solve is long. It goes with
    a process that is killed, whose run still says *running*: with the lock in hand nobody else can
    be at work, so such a run has failed. One that waits for its turn has not begun.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [RUN_LOCK])
    with _held():
        yield


@contextmanager
def run_alone_if_free() -> Iterator[bool]:
    """As :func:`run_alone`, but never waits: False when somebody else runs the engine.

    A worker that waited here would keep others' jobs from being done meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUN_LOCK])
        is_free = bool(cursor.fetchone()[0])
    if not is_free:
        yield False
        return
    with _held():
        yield True


def locked_run(*, run_id: int, actor: Actor, verb: Verb) -> Run:
    """A run with its place, for whoever holds the verb there. Raises PermissionRefused."""
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("place")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise PermissionRefused
    require(actor, verb, Scope(place_path=run.place.path))
    return run


@contextmanager
def _held() -> Iterator[None]:
    try:
        begun = Run.objects.filter(status=RunStatus.RUNNING).exclude(stage=RunStage.QUEUED)
        begun.update(status=RunStatus.FAILED)
        yield
    finally:
        # A connection goes back to its pool with all the locks that it holds.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCK])
