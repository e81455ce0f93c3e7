"""One's own data: seen, corrected, taken away, agreed to, forgotten."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from salam.core.dates import half_day_name, local_day
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.language import listed
from salam.core.quantities import numbers_of
from salam.people.actions import (
    forget_person,
    give_consent,
    set_availability,
    update_profile,
    withdraw_consent,
)
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.queries import OwnProfile, own_data, own_profile
from salam.web.gate import actor_of, person_required
from salam.web.place_choice import place_name
from salam.web.resident import questions
from salam.web.resident.forms import ProfileForm

_ASKED: Final = ["GET", "HEAD", "POST"]
# A guardian's word is given at a centre, never from the minor's own page.
_OWN_PURPOSES: Final = (ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES, ConsentPurpose.CONTACT)


@require_safe
@person_required
@never_cache
def held(request: HttpRequest) -> HttpResponse:
    """What is held, in words, and what can be done with it."""
    profile = _profile(request)
    context = {
        "profile": profile,
        "home": place_name(profile.home_place.code) if profile.home_place else "",
        "skills": listed(questions.skill_names_of(questions.skill_codes_of(profile.skill_bits))),
        "areas": listed(questions.area_names_of(numbers_of(profile.area_bits))),
        "half_days": listed(half_day_name(n) for n in numbers_of(profile.half_day_bits)),
    }
    return render(request, "resident/data.html", context)


@require_safe
@person_required
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """Everything that all rooms hold on the person, as a file; contact data stay in the vault."""
    response = JsonResponse(
        dict(own_data(actor=actor_of(request))),
        encoder=DjangoJSONEncoder,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response.headers["Content-Disposition"] = 'attachment; filename="salam-my-data.json"'
    return response


@require_http_methods(_ASKED)
@person_required
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    """Correct name, home, skills and time."""
    own = _profile(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, profile=own)
    if form.is_bound and form.is_valid():
        try:
            update_profile(
                actor=actor_of(request),
                person_id=own.person_id,
                change=form.change,
                now=timezone.now(),
            )
        except InvalidInput as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("نگه داشته شد. پیشنهادهای بعدی با همین‌ها سنجیده می‌شود."))
            return redirect("resident:home")
    return render(request, "resident/profile.html", {"form": form})


@require_http_methods(_ASKED)
@person_required
@never_cache
def consents(request: HttpRequest) -> HttpResponse:
    """Each purpose by itself, given or taken back."""
    own = _profile(request)
    if request.method != "POST":
        given = [one for one in own.consents if one.purpose in _OWN_PURPOSES]
        guardian = own.agrees_to(ConsentPurpose.GUARDIAN)
        context = {"consents": given, "is_minor": own.is_minor, "has_guardian": guardian}
        return render(request, "resident/consents.html", context)
    purpose = request.POST.get("purpose", "")
    if purpose not in _OWN_PURPOSES:
        raise PermissionRefused
    _settle(request, own, ConsentPurpose(purpose), is_given=request.POST.get("answer") == "yes")
    return redirect("resident:consents")


@require_http_methods(_ASKED)
@person_required
@never_cache
def rest(request: HttpRequest) -> HttpResponse:
    """Rest from offers, or take them again."""
    own = _profile(request)
    if request.method != "POST":
        return render(request, "resident/rest.html", {"profile": own})
    is_paused = request.POST.get("answer") == "rest"
    try:
        set_availability(
            actor=actor_of(request),
            person_id=own.person_id,
            is_paused=is_paused,
            now=timezone.now(),
        )
    except PermissionRefused:
        raise
    except DomainError as refused:
        messages.warning(request, refused.sentence)
    else:
        rests, returns = _("استراحت کنید؛ هر وقت خواستید برگردید."), _("خوش برگشتید.")
        messages.success(request, rests if is_paused else returns)
    return redirect("resident:home")


@require_http_methods(_ASKED)
@person_required
@never_cache
def forget(request: HttpRequest) -> HttpResponse:
    """Erase who somebody is; hours stay without a name."""
    if request.method != "POST":
        return render(request, "resident/forget.html")
    actor = actor_of(request)
    forget_person(actor=actor, person_id=actor.person_id or 0, now=timezone.now())
    logout(request)
    messages.success(request, _("اطلاعات شما پاک شد. سپاس از همراهی‌تان."))
    return redirect("public:home")


def _settle(
    request: HttpRequest,
    own: OwnProfile,
    purpose: ConsentPurpose,
    *,
    is_given: bool,
) -> None:
    actor, now = actor_of(request), timezone.now()
    if is_given:
        give_consent(
            actor=actor,
            person_id=own.person_id,
            purpose=purpose,
            channel=RegistrationChannel.ONLINE,
            now=now,
        )
        messages.success(request, _("رضایت شما نوشته شد."))
        return
    withdraw_consent(actor=actor, person_id=own.person_id, purpose=purpose, now=now)
    messages.success(request, _("رضایت شما پس گرفته شد."))


def _profile(request: HttpRequest) -> OwnProfile:
    return own_profile(actor=actor_of(request), on=local_day(timezone.now()))
