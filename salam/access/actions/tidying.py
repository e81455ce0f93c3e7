"""What the door leaves behind: sessions that are over, phones that asked for a code and no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from typing import Final

from django.conf import settings

from salam.access.models import Login

# A phone that is being registered is proved for two hours; whoever comes later proves it anew.
PHONE_LOGIN_IS_KEPT: Final = timedelta(days=2)


def tidy_logins(*, now: datetime) -> int:
    """Delete logins of phones after two days, and sessions that are over; returns how many logins.

    People's own logins stay. What is deleted is made again by the next request for a code.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    waiting = Login.objects.filter(
        person__isnull=True,
        created_at__lt=now - PHONE_LOGIN_IS_KEPT,
    )
    return waiting.delete()[0]
