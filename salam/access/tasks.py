"""Sweeps of the room: they read the clock and call one action."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy

from salam.access.actions.tidying import tidy_logins
from salam.core.jobs import periodic_task


@periodic_task(
    name="access.tidy_logins", cron="41 1 * * *", label=gettext_lazy("پاک کردن ردِ ورودهای کهنه")
)
def tidy() -> None:
    """At five in the morning in Tehran, when few log in."""
    tidy_logins(now=timezone.now())
