"""One's own page: what waits, what comes, what was given, who looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from salam.access.queries import SeenDisclosure, disclosures_of
from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.people.queries import OwnProfile, own_profile
from salam.service.queries import OwnService, own_service
from salam.timebank.queries import PersonHours, person_hours
from salam.web.gate import actor_of, person_required
from salam.web.resident.standing import Standing, standing_of

_LOOKS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at one's own contact data, in words."""

    organization_name: str
    field: str
    purpose: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """Everything that a person's own page shows."""

    profile: OwnProfile
    standing: Standing | None
    service: OwnService
    hours: PersonHours
    looks: list[Look]


@require_safe
@person_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The page that one comes back to."""
    own = own_page(actor_of(request), now=timezone.now())
    return render(request, "resident/home.html", {"own": own})


@require_safe
@person_required
@never_cache
def looks(request: HttpRequest) -> HttpResponse:
    """Every look at one's own contact data: who, what, when, for what."""
    person_id = actor_of(request).person_id or 0
    seen = [_look(one) for one in disclosures_of(person_id=person_id)]
    return render(request, "resident/looks.html", {"looks": seen})


def own_page(actor: Actor, *, now: datetime) -> OwnPage:
    """Asks each room once. Raises PermissionRefused for nobody."""
    profile = own_profile(actor=actor, on=local_day(now))
    seen = disclosures_of(person_id=profile.person_id, limit=_LOOKS_SHOWN)
    return OwnPage(
        profile=profile,
        standing=standing_of(profile),
        service=own_service(actor=actor, now=now),
        hours=person_hours(person_id=profile.person_id),
        looks=[_look(one) for one in seen],
    )


def _look(seen: SeenDisclosure) -> Look:
    # Purposes are codes of the rooms that gave the grant; an unknown one is still a look.
    purposes = {"arrange_service": _("هماهنگ‌کردن خدمت")}
    return Look(
        organization_name=seen.organization_name,
        field=str(seen.field.label),
        purpose=purposes.get(seen.purpose, _("هماهنگی")),
        at=seen.occurred_at,
    )
