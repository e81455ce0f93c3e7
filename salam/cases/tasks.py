"""Sweeps of the room: they read the clock and call one action."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy

from salam.cases.actions import escalate_overdue
from salam.core.jobs import periodic_task


@periodic_task(
    name="cases.escalate_overdue",
    cron="*/10 * * * *",
    label=gettext_lazy("نشان دادن پرونده‌های دیرمانده به یک رده بالاتر"),
)
def escalate() -> None:
    """Show what is late one level up."""
    while escalate_overdue(now=timezone.now()):
        pass
