"""What waits at an intermediary's desk: numbers, and the lists behind them."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from salam.core.dates import local_day
from salam.core.verbs import Verb
from salam.service.enums import AssignmentStatus
from salam.service.queries import (
    list_assignments_for,
    list_offers_for,
    list_sessions_for,
    office_queue,
    offices_of,
    with_next_day,
)
from salam.web.gate import actor_of, desk_required
from salam.web.intermediary.listings import (
    SHORT_LENGTH,
    assignments_listing,
    hours_listing,
    offers_listing,
    short,
)
from salam.web.listing import list_page, listing_response

GOING_ON: Final = (AssignmentStatus.ACTIVE, AssignmentStatus.PAUSED)


@desk_required(Verb.ASSIGNMENT_VIEW)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Ten queries, however long the lists are."""
    actor = actor_of(request)
    today = local_day(timezone.now())
    offices = offices_of(actor=actor)
    promised = with_next_day(assignments=list_assignments_for(actor=actor), on=today)
    lists = {
        "offers": (offers_listing(offices), list_offers_for(actor=actor)),
        "assignments": (assignments_listing(offices), promised),
        "hours": (
            hours_listing(offices),
            list_sessions_for(actor=actor, until=today),
        ),
    }
    pages = {
        name: list_page(request, short(listing), list(rows[:SHORT_LENGTH]))
        for name, (listing, rows) in lists.items()
    }
    context = {"queue": office_queue(actor=actor, on=today), "offices": offices, **pages}
    return render(request, "intermediary/desk.html", context)


@desk_required(Verb.ASSIGNMENT_VIEW)
@require_safe
def offers(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    return listing_response(
        request,
        offers_listing(offices_of(actor=actor)),
        list_offers_for(actor=actor),
        template="intermediary/offers.html",
    )


@desk_required(Verb.ASSIGNMENT_VIEW)
@require_safe
def assignments(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    today = local_day(timezone.now())
    # Ended ones are found by the filter of states; unasked, only those that go on are shown.
    statuses = tuple(AssignmentStatus) if request.GET.get("state") else GOING_ON
    found = list_assignments_for(actor=actor, statuses=statuses)
    return listing_response(
        request,
        assignments_listing(offices_of(actor=actor)),
        with_next_day(assignments=found, on=today),
        template="intermediary/assignments.html",
    )
