"""The first page and the results, for everybody: read-only, counts only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from salam.core.dates import local_day
from salam.core.errors import PermissionRefused
from salam.reporting.queries import (
    figure_groups,
    landing_counts,
    national_overview,
    province_overview,
)
from salam.web.accounts.limits import read_too_often, too_many
from salam.web.place_choice import find_homes
from salam.web.public.pictures import volunteer_map

# The same for everybody: a stranger's thousand requests cost one count, and numbers stay young.
# Kept by what is asked, not by address, which anybody can make longer.
_KEPT_SECONDS = 30


Kept = TypeVar("Kept")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Salam is, what came of it so far, and the way in."""
    return render(request, "public/home.html", {"counts": _kept("landing", landing_counts)})


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Counts by province, the last run, the published figures."""
    overview = _kept("national", lambda: national_overview(on=_today()))
    return render(
        request,
        "public/results.html",
        {
            "overview": overview,
            "volunteer_map": volunteer_map(overview),
            "figure_groups": _kept("figures", figure_groups),
        },
    )


@require_safe
def province(request: HttpRequest, code: str) -> HttpResponse:
    """Counts by county of one province."""
    overview = _kept(f"province:{code}", lambda: province_overview(code=code, on=_today()))
    return render(request, "public/province.html", {"overview": overview})


@require_safe
def place_options(request: HttpRequest) -> HttpResponse:
    """What a place picker finds while somebody types: radio buttons for the field that asks."""
    field = request.GET.get("field", "")
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", field):
        raise PermissionRefused
    # Who proved a phone is counted at the door; a stranger could ask as often as wished.
    until = None if request.user.is_authenticated else read_too_often(request, name="places")
    if until is not None:
        return too_many(request, until)
    words = request.GET.get(f"{field}_words", "").replace("\x00", "")[:80]
    options = find_homes(words)
    return render(
        request,
        "components/place_options.html",
        {
            "options": options,
            "name": field,
            "base": f"id_{field}",
            "words": words,
            "is_empty_search": bool(words) and not options,
        },
    )


def _kept(name: str, make: Callable[[], Kept]) -> Kept:
    cache = caches["local"]
    key = f"public:{get_language()}:{name}"
    kept: Kept | None = cache.get(key)
    if kept is None:
        kept = make()
        cache.set(key, kept, _KEPT_SECONDS)
    return kept


def _today() -> date:
    return local_day(timezone.now())
