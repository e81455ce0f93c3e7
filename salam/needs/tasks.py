"""Sweeps of the room: they read the clock and call one action."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy

from salam.core.jobs import periodic_task
from salam.needs.actions import close_passed_needs


@periodic_task(
    name="needs.close_passed",
    cron="23 * * * *",
    label=gettext_lazy("بستن نیازهایی که روزشان گذشته است"),
)
def close_passed() -> None:
    """Needs whose days are over close."""
    while close_passed_needs(now=timezone.now()):
        pass
