"""Hours in which no telephone rings for what can wait."""

from __future__ import annotations

from datetime import datetime

from salam.core.dates import TEHRAN


def is_quiet(*, hours: tuple[int, int] | None, now: datetime) -> bool:
    """Whether an instant lies from one full hour in Tehran to another, that one left out.

    Over midnight where the second hour is the smaller; never without hours.
    """
    if hours is None:
        return False
    begins, ends = hours
    hour = now.astimezone(TEHRAN).hour
    if begins <= ends:
        return begins <= hour < ends
    return hour >= begins or hour < ends
