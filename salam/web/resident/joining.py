"""Registration: one question a screen, each with its own address; stored at the very end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from salam.access.queries import people_at_phone
from salam.access.sealing import Purpose, digest
from salam.core.dates import local_day
from salam.core.errors import DomainError, PermissionRefused
from salam.core.text import fold_tight
from salam.people.actions import Registration, VolunteerIntake, check_intake, register_volunteers
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.queries import requires_guardian
from salam.places.queries import PlaceNotFound
from salam.reporting.queries import people_asked_nearby
from salam.web.accounts.limits import Limit, exceeded, too_many
from salam.web.accounts.sessions import log_in_registered, proven_phone
from salam.web.gate import actor_of
from salam.web.resident import summary
from salam.web.resident.draft import Draft, leave_keeping_draft, remember_done, what_was_done
from salam.web.resident.steps import (
    STEP_COUNT,
    STEPS,
    StepForm,
    first_missing,
    intake_of,
    step_of,
)

View = Callable[..., HttpResponse]


def newcomer_required(view: View) -> View:
    """Somebody who has just proved a phone and is nobody's so far.

    Who registered already goes to the own page; whose proof has grown old proves it again, and
    finds everything that was typed.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if actor_of(request).person_id is not None:
            return redirect("resident:home")
        if proven_phone(request) is None:
            leave_keeping_draft(request)
            return redirect_to_login(request.get_full_path())
        return never_cache(view)(request, *args, **kwargs)

    return gate


@require_safe
@newcomer_required
def start(request: HttpRequest) -> HttpResponse:
    """To the first question that is not answered; who is through stays with what was said last."""
    if what_was_done(request):
        return redirect("resident:joined")
    missing = first_missing(Draft(request).answers)
    return redirect("resident:join_step", missing.slug) if missing else redirect("resident:review")


@require_http_methods(["GET", "HEAD", "POST"])
@newcomer_required
def step(request: HttpRequest, slug: str) -> HttpResponse:
    """One question; a right answer leads to the next one that is open."""
    form_class, draft = step_of(slug), Draft(request)
    if form_class is None:
        raise PermissionRefused
    form = form_class(
        request.POST if request.method == "POST" else None,
        initial=draft.answer(slug),
        today=_today(),
        answers=draft.answers,
    )
    if form.is_bound and form.is_valid():
        draft.keep(slug, form.answer)
        missing = first_missing(draft.answers)
        return redirect(*(("resident:join_step", missing.slug) if missing else ["resident:review"]))
    return render(request, "resident/join/step.html", _place_in_row(form))


@require_http_methods(["GET", "HEAD", "POST"])
@newcomer_required
def review(request: HttpRequest) -> HttpResponse:
    """Everything once more, and the button that registers."""
    draft = Draft(request)
    missing = first_missing(draft.answers)
    if missing is not None:
        return redirect("resident:join_step", missing.slug)
    refusal = ""
    if request.method == "POST":
        try:
            return _register(request, draft)
        except PlaceNotFound:
            return redirect("resident:join_step", "home")
        except DomainError as refused:
            refusal = refused.sentence
    context = {"rows": summary.rows(draft.answers), "refusal": refusal, "steps": STEP_COUNT}
    return render(request, "resident/join/review.html", context)


@require_safe
@never_cache
def joined(request: HttpRequest) -> HttpResponse:
    """The end: the same words for somebody new and for somebody whom the register knows."""
    told = what_was_done(request)
    if not told:
        return redirect("resident:join")
    asked = people_asked_nearby(place_code=told["home"], radius_m=told["radius_m"])
    return render(request, "resident/join/joined.html", {"told": told, "asked": asked})


def _register(request: HttpRequest, draft: Draft) -> HttpResponse:
    now, phone = timezone.now(), proven_phone(request) or ""
    intake = check_intake(intake=intake_of(draft.answers, phone=phone), on=local_day(now))
    until = exceeded(request, [Limit("register", digest(Purpose.LIMIT, phone))])
    if until is not None:
        return too_many(request, until)
    [outcome] = register_volunteers(
        actor=actor_of(request),
        intakes=[intake],
        channel=RegistrationChannel.ONLINE,
        now=now,
    )
    person_id = outcome.person_id
    if outcome.registration is not Registration.CREATED:
        person_id = _own_at_phone(intake)
    if person_id:
        log_in_registered(request, person_id=person_id, now=now)
    remember_done(request, _told(draft, intake, now=now))
    return redirect("resident:joined")


def _own_at_phone(intake: VolunteerIntake) -> int:
    """The person of this name who registered with the proved phone; 0 for none.

    That is who pressed the button twice. The log-in itself would let them in as well; somebody with
    a PIN or a second factor, or known by another phone, gets no further by typing their data again.
    """
    name = fold_tight(intake.given_name)
    own = [
        person
        for person in people_at_phone(phone=intake.phone)
        if fold_tight(person.given_name) == name and not person.is_locked
    ]
    return own[0].person_id if len(own) == 1 else 0


def _told(draft: Draft, intake: VolunteerIntake, *, now: datetime) -> dict[str, Any]:
    """From what was typed alone: the page must not tell what the register knows."""
    return {
        "home": draft.answers["home"]["home"],
        "radius_m": intake.radius_m,
        "is_minor": requires_guardian(birth_date=intake.birth_date, on=local_day(now)),
        "wants_offers": ConsentPurpose.MATCHING in intake.consents,
        "wants_messages": ConsentPurpose.MESSAGES in intake.consents,
    }


def _place_in_row(form: StepForm) -> dict[str, object]:
    number = next(n for n, one in enumerate(STEPS) if one is type(form))
    previous = STEPS[number - 1].slug if number else ""
    return {"form": form, "step": number + 1, "steps": STEP_COUNT, "previous": previous}


def _today() -> date:
    return local_day(timezone.now())
