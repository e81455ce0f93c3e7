"""Sweeps of the room: they read the clock and call one action."""

from __future__ import annotations

from django.utils import timezone

from salam.cases.actions import escalate_overdue
from salam.core.jobs import periodic_task


@periodic_task(name="cases.escalate_overdue", cron="*/10 * * * *")
def escalate() -> None:
    """Show what is late one level up."""
    while escalate_overdue(now=timezone.now()):
        pass
