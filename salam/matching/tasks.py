"""Jobs of the room: they read the clock and call one action."""

from __future__ import annotations

import time
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy

from salam.core.dates import local_day
from salam.core.jobs import ask_after_commit, periodic_task
from salam.matching.actions import (
    RELEASE_TASK,
    RUN_TASK,
    carry_on_releases,
    carry_on_requested,
    note_changes,
    refresh_words,
    renew_touched,
)

# After so many steps other jobs have their turn, and a worker that should stop can.
_STEPS_MAX: Final = 10
_RENEW_TASK: Final = "matching.renew_touched"


@periodic_task(
    name=RUN_TASK, cron="* * * * *", label=gettext_lazy("انجام اجراهای تطبیقِ درخواست‌شده")
)
def carry_on_runs() -> None:
    """Carry out the runs that people asked for, one after another."""
    while carry_on_requested(now=timezone.now(), stopwatch=time.perf_counter):
        pass


@periodic_task(
    name=RELEASE_TASK, cron="* * * * *", label=gettext_lazy("فرستادن پیشنهادهای چینش‌های تأییدشده")
)
def carry_on_sending() -> None:
    """Ask the people of plans that are being sent; with more left, ask for another job."""
    for _ in range(_STEPS_MAX):
        if not carry_on_releases(now=timezone.now()):
            return
    ask_after_commit(task=RELEASE_TASK)


@periodic_task(
    name=_RENEW_TASK,
    cron="* * * * *",
    label=gettext_lazy("تازه‌سازی چینش استان‌هایی که تغییر کرده‌اند"),
)
def renew() -> None:
    """Plan the provinces anew that changed; with more left, ask for another job."""
    while note_changes():
        pass
    for _ in range(_STEPS_MAX):
        if not renew_touched(now=timezone.now(), stopwatch=time.perf_counter):
            return
    ask_after_commit(task=_RENEW_TASK)


@periodic_task(
    name="matching.refresh_words",
    cron="*/10 * * * *",
    label=gettext_lazy("آماده نگه داشتن داده‌ها برای اجرای بعدی"),
)
def refresh() -> None:
    """Keep little to be worked out for the next run."""
    refresh_words(on=local_day(timezone.now()))
