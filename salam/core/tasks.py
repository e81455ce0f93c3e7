"""Jobs that look after the jobs."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy

from salam.core import jobs
from salam.core.jobs import periodic_task


@periodic_task(
    name="core.tidy_jobs",
    cron="17 * * * *",
    label=gettext_lazy("پاک کردن کارهای تمام‌شده و نیمه‌کاره"),
)
def tidy_jobs() -> None:
    """Once an hour: forget what a killed worker left, and old failures."""
    jobs.tidy_jobs(now=timezone.now())
