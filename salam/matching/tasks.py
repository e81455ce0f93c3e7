"""Jobs of the room: they read the clock and call one action."""

from __future__ import annotations

import time

from django.utils import timezone

from salam.core.dates import local_day
from salam.core.jobs import periodic_task
from salam.matching.actions import RUN_TASK, carry_on_requested, refresh_words


@periodic_task(name=RUN_TASK, cron="* * * * *")
def carry_on_runs() -> None:
    """Carry out the runs that people asked for, one after another."""
    while carry_on_requested(now=timezone.now(), stopwatch=time.perf_counter):
        pass


@periodic_task(name="matching.refresh_words", cron="*/10 * * * *")
def refresh() -> None:
    """Keep little to be worked out for the next run."""
    refresh_words(on=local_day(timezone.now()))
