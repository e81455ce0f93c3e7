"""How often: counted by all processes together, under keys that tell nothing (allauth's limits)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from salam.access.sealing import Purpose, digest

_APP = "allauth.account"


@dataclass(frozen=True)
class Limit:
    """One entry of ACCOUNT_RATE_LIMITS, counted for one key (a phone, a code) or for an address."""

    action: str
    key: str = ""


def sealed_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION of the shared cache.

    allauth puts addresses in plain text and phones under a bare hash into its keys; a hash of so
    few numbers is tried out in minutes, so all keys pass through a keyed one.
    """
    return digest(Purpose.LIMIT, f"{key_prefix}:{version}:{key}")


def exceeded(request: HttpRequest, limits: Iterable[Limit]) -> datetime | None:
    """Count one more; None where all limits allow it, else when to try again.

    What an earlier limit counted stays counted: whoever hits a wall does not get more tries.
    """
    for limit in limits:
        # The answer is an empty list of uses for a limit that nobody set, hence the comparison.
        used = ratelimit.consume(request, app=_APP, action=limit.action, key=limit.key)
        if used is None:
            return _free_again(request, limit)
    return None


def read_too_often(request: HttpRequest, *, name: str) -> datetime | None:
    """Count one more look of an address at something dear; else when to look again.

    allauth counts what is sent and never what is read, hence a window of its own.
    """
    minute = int(time.time()) // 60
    key = f"read:{name}:{get_adapter().get_client_ip(request)}:{minute}"
    cache.add(key, 0, timeout=120)
    if cache.incr(key) <= settings.SALAM_READS_A_MINUTE:
        return None
    return datetime.fromtimestamp((minute + 1) * 60, tz=UTC)


def too_many(request: HttpRequest, until: datetime) -> HttpResponse:
    """The page that says when to try again."""
    response = render(request, "429.html", {"until": until}, status=429)
    seconds = max(1, int(until.timestamp() - time.time()) + 1)
    response.headers["Retry-After"] = str(seconds)
    return response


def _free_again(request: HttpRequest, limit: Limit) -> datetime:
    """When the oldest use that still counts stops counting, of the rate that is used up longest."""
    now = time.time()
    instants = [now]
    for rate in ratelimit.get_rates(app=_APP, action=limit.action):
        name = ratelimit.get_cache_key(
            request,
            app=_APP,
            action=limit.action,
            rate=rate,
            key=limit.key,
        )
        history = cache.get(name, [])  # newest first
        if len(history) >= rate.amount:
            instants.append(history[rate.amount - 1] + rate.duration)
    return datetime.fromtimestamp(max(instants), tz=UTC)
