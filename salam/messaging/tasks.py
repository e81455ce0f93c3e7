"""Jobs of the room: they read the clock and call one action."""

from __future__ import annotations

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy

from salam.core.jobs import ask_after_commit, periodic_task
from salam.messaging.actions import (
    BATCH_MAX,
    DELIVERY_TASK,
    collect_reports,
    deliver_waiting,
)

# After so many batches other jobs have their turn, and a worker that should stop can.
_BATCHES_MAX: Final = 10


@periodic_task(name=DELIVERY_TASK, cron="* * * * *", label=gettext_lazy("رساندن پیام‌های در صف"))
def deliver_messages() -> None:
    """Hand over what is due; with more left, ask for another job."""
    for _ in range(_BATCHES_MAX):
        if deliver_waiting(now=timezone.now()) < BATCH_MAX:
            return
    ask_after_commit(task=DELIVERY_TASK)


@periodic_task(
    name="messaging.collect_reports",
    cron="* * * * *",
    label=gettext_lazy("پرسیدن سرنوشت پیام‌های فرستاده"),
)
def ask_for_reports() -> None:
    """Ask the provider what became of what it took."""
    for _ in range(_BATCHES_MAX):
        if not collect_reports(now=timezone.now()):
            return
