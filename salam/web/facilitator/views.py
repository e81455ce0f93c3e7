"""Needs from the street: listed, told, read back, closed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from salam.core.actors import Scope
from salam.core.dates import local_day
from salam.core.errors import DomainError, PermissionRefused
from salam.core.verbs import Verb
from salam.needs.actions import close_need, open_need
from salam.needs.queries import (
    few_need_places,
    get_need_at_for,
    get_need_place_for,
    list_needs_for,
)
from salam.organizations.queries import usable_intermediaries_near
from salam.places.queries import display_names
from salam.service.queries import need_outcome, with_people_found
from salam.web.facilitator.drafts import NeedDraft, Step
from salam.web.facilitator.forms import PlaceForm, found_places
from salam.web.facilitator.listings import needs_listing, wanted_status
from salam.web.facilitator.pictures import shown_lines
from salam.web.gate import actor_of, desk_required
from salam.web.listing import listing_response

# More are searched by name.
_PLACES_SHOWN = 12


@desk_required(Verb.NEED_OPEN)
@require_safe
def needs(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    found = list_needs_for(actor=actor, verb=Verb.NEED_OPEN, status=wanted_status(request.GET))
    return listing_response(
        request,
        needs_listing(actor=actor, today=local_day(timezone.now())),
        with_people_found(needs=found).prefetch_related("lines"),
        template="facilitator/needs.html",
        empty_url=reverse("facilitator:choose_place"),
    )


@desk_required(Verb.NEED_OPEN)
@require_safe
def need(request: HttpRequest, need_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    found = get_need_at_for(actor=actor, public_id=need_id, verb=Verb.NEED_OPEN)
    scope = Scope(place_path=found.place.path)
    context = {
        "need": found,
        "place_name": display_names(places=[found.place])[found.place_id],
        "lines": shown_lines(found),
        "outcome": need_outcome(need_id=found.pk),
        "days": (local_day(timezone.now()) - local_day(found.created_at)).days,
        "can_close": found.closed_at is None and actor.can(Verb.NEED_CLOSE, scope),
        "can_ask_why": found.closed_at is None and actor.can(Verb.PROPOSAL_EXPLAIN, scope),
    }
    return render(request, "facilitator/need.html", context)


@desk_required(Verb.NEED_CLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, need_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    found = get_need_at_for(actor=actor, public_id=need_id, verb=Verb.NEED_CLOSE)
    page = reverse("facilitator:need", args=[need_id])
    if request.method != "POST":
        context = {"need": found, "outcome": need_outcome(need_id=found.pk), "page": page}
        return render(request, "facilitator/close.html", context)
    try:
        close_need(actor=actor, need_id=found.pk, now=timezone.now())
    except PermissionRefused:
        raise
    except DomainError as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("نیاز بسته شد. سپاس که پیگیرش بودید."))
    return HttpResponseRedirect(page)


@desk_required(Verb.NEED_OPEN)
@require_safe
def choose_place(request: HttpRequest) -> HttpResponse:
    """The first question of a new need. Whoever has one place is not asked."""
    actor = actor_of(request)
    today = local_day(timezone.now())
    few = few_need_places(actor=actor, on=today, limit=_PLACES_SHOWN)
    if few is not None and len(few) == 1:
        return redirect("facilitator:new_need", code=few[0].code)
    form = PlaceForm(request.GET or None, actor=actor)
    if form.is_bound and form.is_valid():
        return redirect("facilitator:new_need", code=form.cleaned_data["place"])
    names = display_names(places=few or [])
    context = {"form": form, "places": [(place.code, names[place.pk]) for place in few or []]}
    return render(request, "facilitator/choose_place.html", context)


@desk_required(Verb.NEED_OPEN)
@require_safe
def place_options(request: HttpRequest) -> HttpResponse:
    """Own places while their name is being typed."""
    words = request.GET.get("place_words", "").replace("\x00", "")[:80]
    options = found_places(actor=actor_of(request), words=words)
    context = {
        "options": options,
        "name": "place",
        "base": "id_place",
        "is_empty_search": bool(words) and not options,
    }
    return render(request, "components/place_options.html", context)


@desk_required(Verb.NEED_OPEN)
@require_http_methods(["GET", "HEAD", "POST"])
def new_need(request: HttpRequest, code: str) -> HttpResponse:
    """One page: write it, look at it, send it. A second press makes no second need."""
    actor = actor_of(request)
    place = get_need_place_for(actor=actor, code=code)
    draft = NeedDraft(
        request,
        brokers=usable_intermediaries_near(place=place),
        today=local_day(timezone.now()),
    )
    context = {
        "draft": draft,
        "place": place,
        "place_name": display_names(places=[place])[place.pk],
    }
    if draft.step is Step.WRITE or not draft.is_valid():
        return render(request, "facilitator/new_need.html", context)
    if draft.step is Step.PREVIEW:
        return render(request, "facilitator/preview.html", context)
    try:
        opened = open_need(actor=actor, place_id=place.pk, now=timezone.now(), **draft.values())
    except PermissionRefused:
        raise
    except DomainError as refused:
        draft.refuse(refused.sentence)
        return render(request, "facilitator/new_need.html", context)
    messages.success(request, _("نیاز ثبت شد و از این پس برایش همراه می‌جوییم."))
    return redirect("facilitator:need", need_id=opened.public_id)
