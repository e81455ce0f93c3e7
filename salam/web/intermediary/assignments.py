"""One assignment: who serves, when, and the number that may be seen for it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from salam.access.actions import open_contact
from salam.access.enums import OPENABLE_FIELDS
from salam.core.actors import Actor, Scope
from salam.core.dates import local_day
from salam.core.errors import DomainError, PermissionRefused
from salam.core.verbs import Verb
from salam.places.queries import display_names
from salam.service.actions import CONTACT_PURPOSE, plan_session
from salam.service.enums import AssignmentStatus, SessionStatus
from salam.service.queries import AssignmentPage, get_assignment_for
from salam.web.gate import actor_of, desk_required
from salam.web.intermediary.forms import PlanForm
from salam.web.intermediary.listings import full_name

_FIELDS: Final = {kind.value: kind for kind in OPENABLE_FIELDS}
_WAITING: Final = (SessionStatus.PLANNED, SessionStatus.SERVED)


@dataclass(frozen=True)
class Opened:
    """What one look showed, for this one answer; nothing else keeps it."""

    field: str
    value: str = dataclass_field(repr=False)

    @property
    def local(self) -> str:
        """A number as it is dialled in the country."""
        return "0" + self.value.removeprefix("+98") if self.value.startswith("+98") else self.value


@dataclass(frozen=True)
class ShownSession:
    """A date of the assignment and the one thing that can be done with it."""

    happens_on: date
    state: str
    reported_minutes: int | None
    confirmed_minutes: int | None
    url: str = ""
    action: str | Promise = ""


@desk_required(Verb.ASSIGNMENT_VIEW)
@require_safe
def assignment(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    found = _found(request, assignment_id)
    return _shown(request, found, form=PlanForm())


@desk_required(Verb.CONTACT_OPEN)
@require_POST
@never_cache
def contact(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Show one field of contact data, on this answer and nowhere else; the look is on record."""
    found = _found(request, assignment_id)
    wanted = request.POST.get("field", "")
    if wanted not in _FIELDS or not _can_open(actor_of(request), found):
        raise PermissionRefused
    opened, sentence = _opened(actor_of(request), found, wanted)
    return _shown(request, found, form=PlanForm(), opened=opened, sentence=sentence)


@desk_required(Verb.SESSION_PLAN)
@require_POST
def plan(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """One more date; what was typed stays where it cannot be used."""
    found = _found(request, assignment_id)
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form=form)
    try:
        plan_session(
            actor=actor_of(request),
            assignment_id=assignment_id,
            happens_on=form.cleaned_data["happens_on"],
        )
    except PermissionRefused:
        raise
    except DomainError as refused:
        form.add_error("happens_on", refused.sentence)
        return _shown(request, found, form=form)
    messages.success(request, _("نوبت تازه گذاشته شد و داوطلب در صفحه‌اش می‌بیند."))
    return redirect("intermediary:assignment", assignment_id=assignment_id)


def _found(request: HttpRequest, assignment_id: UUID) -> AssignmentPage:
    return get_assignment_for(
        actor=actor_of(request),
        assignment_id=assignment_id,
        now=timezone.now(),
    )


def _can_open(actor: Actor, found: AssignmentPage) -> bool:
    scope = Scope(organization_id=found.assignment.organization_id)
    return actor.can(Verb.CONTACT_OPEN, scope)


def _opened(actor: Actor, found: AssignmentPage, wanted: str) -> tuple[Opened | None, str]:
    """What was shown, or the sentence instead. The state at this instant decides."""
    grant = found.contact_grant
    if grant is None:
        return None, _closed_sentence(found)
    now: datetime = timezone.now()
    try:
        value = open_contact(
            actor=actor,
            contact_grant_id=grant.pk,
            field=_FIELDS[wanted],
            purpose=CONTACT_PURPOSE,
            now=now,
        )
    except PermissionRefused:
        # Taken back a moment ago, or never given: which of them is the volunteer's own affair.
        return None, _("این را اکنون نمی‌توانیم نشان بدهیم.")
    return Opened(wanted, value), ""


def _closed_sentence(found: AssignmentPage) -> str:
    if found.assignment.status == AssignmentStatus.PAUSED:
        return _("این همکاری در درنگ است؛ تا ادامه نیابد شماره بسته می‌ماند.")
    if found.assignment.status == AssignmentStatus.ENDED:
        return _("این همکاری پایان یافته است و شماره دیگر باز نمی‌شود.")
    return _("این را اکنون نمی‌توانیم نشان بدهیم.")


def _shown(
    request: HttpRequest,
    found: AssignmentPage,
    *,
    form: PlanForm,
    opened: Opened | None = None,
    sentence: str = "",
) -> HttpResponse:
    one = found.assignment
    place = one.offer.need_line.need.place
    actor = actor_of(request)
    context = {
        "assignment": one,
        "need": one.offer.need_line.need,
        "name": full_name(one.person),
        "place_name": display_names(places=[place])[place.pk],
        "sessions": _sessions(found, today=local_day(timezone.now())),
        "is_active": one.status == AssignmentStatus.ACTIVE,
        "is_paused": one.status == AssignmentStatus.PAUSED,
        "can_open": found.contact_grant is not None and _can_open(actor, found),
        "closed_sentence": "" if found.contact_grant else _closed_sentence(found),
        "opened": opened,
        "sentence": sentence,
        "form": form,
    }
    return render(request, "intermediary/assignment.html", context)


def _sessions(found: AssignmentPage, *, today: date) -> list[ShownSession]:
    shown = []
    for session in found.sessions:
        url, action = "", ""
        is_due = session.happens_on <= today
        if session.status == SessionStatus.CONFIRMED:
            url = reverse("intermediary:reverse_hours", args=[session.public_id])
            action = _("ساعت را برمی‌گردانم")
        elif session.status in _WAITING and is_due:
            url, action = reverse("intermediary:hours"), _("ساعت را تأیید می‌کنم")
        elif session.status == SessionStatus.PLANNED:
            url = reverse("intermediary:cancel_session", args=[session.public_id])
            action = _("برگزار نمی‌شود")
        shown.append(
            ShownSession(
                happens_on=session.happens_on,
                state=str(SessionStatus(session.status).label),
                reported_minutes=session.reported_minutes,
                confirmed_minutes=found.minutes.get(session.pk),
                url=url,
                action=action,
            ),
        )
    return shown
