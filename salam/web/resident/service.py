"""Offers, sessions and assignments of one's own: seen, answered, reported, left."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from salam.core.errors import DomainError, PermissionRefused
from salam.matching.queries import why_me
from salam.service.actions import (
    accept_offer,
    cancel_session,
    decline_offer,
    leave_assignment,
    report_session,
)
from salam.service.enums import AssignmentStatus, DeclineReason, OfferStatus
from salam.service.queries import (
    SessionView,
    get_own_assignment,
    get_own_offer,
    get_own_session,
    own_service,
)
from salam.web.gate import actor_of, person_required
from salam.web.resident.forms import DeclineForm, ReportForm

_ASKED = ["GET", "HEAD", "POST"]
_CONFLICT = 409


@require_safe
@person_required
@never_cache
def offer(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """What it is about, and the two answers; later, what became of it."""
    return _offer_page(request, offer_id)


@require_http_methods(_ASKED)
@person_required
@never_cache
def accept(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Says what yes means before it is said; a second press finds the same assignment."""
    if request.method != "POST":
        return _offer_page(request, offer_id, template="resident/accept.html")
    try:
        assignment = accept_offer(actor=actor_of(request), offer_id=offer_id, now=timezone.now())
    except PermissionRefused:
        raise
    except DomainError as refused:
        return _offer_page(request, offer_id, refusal=refused.sentence)
    messages.success(request, _("سپاس که پذیرفتید."))
    return redirect("resident:assignment", assignment.public_id)


@require_http_methods(_ASKED)
@person_required
@never_cache
def decline(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Not this time; why is up to the person."""
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _offer_page(request, offer_id, template="resident/decline.html", form=form)
    try:
        decline_offer(
            actor=actor_of(request),
            offer_id=offer_id,
            reason=DeclineReason(form.cleaned_data["reason"]),
            now=timezone.now(),
        )
    except PermissionRefused:
        raise
    except DomainError as refused:
        return _offer_page(request, offer_id, refusal=refused.sentence)
    messages.success(request, _("باشد، این بار نه. پیشنهادهای دیگر مثل پیش برایتان می‌آید."))
    return redirect("resident:home")


@require_http_methods(_ASKED)
@person_required
@never_cache
def report(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """How long a session was; until the host confirms it can be said anew."""
    session = _session(request, session_id)
    form = ReportForm(request.POST if request.method == "POST" else None, initial=_told(session))
    if not form.is_bound or not form.is_valid():
        return render(request, "resident/report.html", {"session": session, "form": form})
    return _done(
        request,
        lambda: report_session(
            actor=actor_of(request),
            session_id=session_id,
            duration_minutes=form.duration_minutes,
            now=timezone.now(),
        ),
        said=_("سپاس؛ نوشته شد. میزبان که تأیید کند، به بانک زمان شما می‌رود."),
    )


@require_http_methods(_ASKED)
@person_required
@never_cache
def cancel(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A session is not held; nobody is asked why."""
    session = _session(request, session_id)
    if request.method != "POST":
        return render(request, "resident/cancel.html", {"session": session})
    return _done(
        request,
        lambda: cancel_session(actor=actor_of(request), session_id=session_id, now=timezone.now()),
        said=_("این نوبت برداشته شد و نوبت بعدی سر جایش است."),
    )


@require_safe
@person_required
@never_cache
def assignment(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """A yes and what comes of it."""
    actor, now = actor_of(request), timezone.now()
    service = own_service(actor=actor, now=now)
    context = {
        "assignment": get_own_assignment(actor=actor, assignment_id=assignment_id),
        "coming": [one for one in service.coming if one.assignment_id == assignment_id],
        "to_report": [one for one in service.to_report if one.assignment_id == assignment_id],
        "ended": AssignmentStatus.ENDED,
        "paused": AssignmentStatus.PAUSED,
    }
    return render(request, "resident/assignment.html", context)


@require_http_methods(_ASKED)
@person_required
@never_cache
def leave(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """The volunteer ends it, without a reason."""
    found = get_own_assignment(actor=actor_of(request), assignment_id=assignment_id)
    if request.method != "POST":
        return render(request, "resident/leave.html", {"assignment": found})
    return _done(
        request,
        lambda: leave_assignment(
            actor=actor_of(request), assignment_id=assignment_id, now=timezone.now()
        ),
        said=_("این همکاری پایان یافت و دیگر کسی شماره‌تان را نمی‌بیند. سپاس از همراهی‌تان."),
    )


def _offer_page(
    request: HttpRequest,
    offer_id: UUID,
    *,
    template: str = "resident/offer.html",
    refusal: str = "",
    form: DeclineForm | None = None,
) -> HttpResponse:
    """The offer as it stands; what is no longer open shows no question about it."""
    shown = get_own_offer(actor=actor_of(request), offer_id=offer_id, now=timezone.now())
    if not shown.is_open and not (shown.is_host_waiting and form is not None):
        template = "resident/offer.html"
    context = {
        "offer": shown,
        "refusal": refusal,
        "form": form,
        "statuses": OfferStatus,
        "why_me": why_me(actor=actor_of(request), offer_id=offer_id) if shown.is_open else [],
    }
    return render(request, template, context, status=_CONFLICT if refusal else 200)


def _session(request: HttpRequest, session_id: UUID) -> SessionView:
    return get_own_session(actor=actor_of(request), session_id=session_id, now=timezone.now())


def _told(session: SessionView) -> dict[str, int]:
    """What was said before, else the length of a usual half-day's service."""
    hours, minutes = divmod(session.reported_minutes or 120, 60)
    return {"hours": hours, "minutes": minutes}


def _done(request: HttpRequest, act: Callable[[], object], *, said: str) -> HttpResponse:
    """Back to one's own page with what came of it; a refusal is said there as well."""
    try:
        act()
    except PermissionRefused:
        raise
    except DomainError as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, said)
    return redirect("resident:home")
