"""Which sweeps there are, what each does in a sentence, and how its last run went.

The library's tables tell what waits, runs and failed. A job that succeeded is deleted at once, so
when a sweep last ran, and what class of error a failure was, is written down here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from croniter import croniter
from django.db import Error, transaction
from django.utils import timezone
from django.utils.functional import Promise

from salam.core.models import JobFailure, SweepRecord

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """One task by the clock. ``cron`` has five fields, in UTC; ``label`` says what it does."""

    name: str
    cron: str
    label: str | Promise

    def due_after(self, instant: datetime) -> datetime:
        """When the clock brings it next."""
        due: datetime = croniter(self.cron, instant.astimezone(UTC)).get_next(datetime)
        return due

    def period(self, *, at: datetime) -> timedelta:
        """How far apart the clock brings it, counted from then on."""
        first = self.due_after(at)
        return self.due_after(first) - first


_SWEEPS: Final[dict[str, Sweep]] = {}


def register_sweep(sweep: Sweep) -> None:
    """Make a sweep known; ``core.jobs.periodic_task`` does."""
    _SWEEPS[sweep.name] = sweep


def all_sweeps() -> tuple[Sweep, ...]:
    """Every sweep of this version, by name."""
    return tuple(_SWEEPS[name] for name in sorted(_SWEEPS))


def find_sweep(name: str) -> Sweep | None:
    """The sweep of a name; None for a job of another version."""
    return _SWEEPS.get(name)


def label_of(name: str) -> str:
    """What a job does in words, its name where this version does not know it."""
    sweep = _SWEEPS.get(name)
    return name if sweep is None else str(sweep.label)


def note_sweeps(*, now: datetime) -> None:
    """Write down since when each sweep is expected to run; what is known stays as it is."""
    SweepRecord.objects.bulk_create(
        [SweepRecord(name=one.name, known_at=now) for one in all_sweeps()],
        ignore_conflicts=True,
    )


@contextmanager
def recorded_run(*, name: str, job_id: int | None) -> Iterator[None]:
    """Write down how a run of a sweep goes: when, for how long, and the class of its error.

    Never the error's text, which may quote what was being worked on. What cannot be written down
    is not worth a failure of its own.
    """
    began_at, began = timezone.now(), time.perf_counter()
    try:
        yield
    except Exception as error:
        _keep(partial(_write_failure, type(error), job_id), name=name)
        raise
    took = timedelta(seconds=time.perf_counter() - began)
    _keep(partial(_write_success, name, began_at, took), name=name)


def _keep(write: Callable[[], None], *, name: str) -> None:
    try:
        with transaction.atomic():
            write()
    except Error:
        _log.warning("how a run of %s went could not be written down", name)


def _write_success(name: str, began_at: datetime, took: timedelta) -> None:
    SweepRecord.objects.bulk_create(
        [
            SweepRecord(
                name=name,
                known_at=began_at,
                began_at=began_at,
                took=took,
                succeeded_at=began_at + took,
            )
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["began_at", "took", "succeeded_at"],
    )


def _write_failure(kind: type[Exception], job_id: int | None) -> None:
    if job_id is None:
        return
    JobFailure.objects.update_or_create(
        job_id=job_id,
        defaults={"error": f"{kind.__module__}.{kind.__qualname__}"[-JobFailure.ERROR_LENGTH :]},
    )
