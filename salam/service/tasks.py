"""Sweeps of the room: they read the clock and call one action."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy

from salam.core.jobs import periodic_task
from salam.service.actions import expire_offers, follow_events, lapse_assignments


@periodic_task(
    name="service.follow_events",
    cron="* * * * *",
    label=gettext_lazy("به‌روز کردن پیشنهادها و همکاری‌ها پس از هر تغییر"),
)
def follow() -> None:
    """What closed, withdrew or ended below takes its offers and assignments along."""
    while follow_events(now=timezone.now()):
        pass


@periodic_task(
    name="service.expire_offers",
    cron="*/5 * * * *",
    label=gettext_lazy("آزاد کردن جای پیشنهادهای بی‌پاسخ"),
)
def expire() -> None:
    """Unanswered offers let their seats go."""
    while expire_offers(now=timezone.now()):
        pass


@periodic_task(
    name="service.lapse_assignments",
    cron="17 * * * *",
    label=gettext_lazy("پایان دادن به همکاری‌هایی که مهلتشان گذشته است"),
)
def lapse() -> None:
    """Assignments whose term is over end."""
    while lapse_assignments(now=timezone.now()):
        pass
