"""What ends, stops or takes something back: a page that says what follows, then the move.

The second of two clerks, or a second press, is told kindly what became of it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from salam.core.dates import half_day_name, jalali
from salam.core.errors import DomainError, PermissionRefused
from salam.core.verbs import Verb
from salam.service.actions import (
    cancel_session,
    end_assignment,
    pause_assignment,
    resume_assignment,
    withdraw_offer,
)
from salam.service.actions import reverse_hours as take_back
from salam.service.enums import EndReason
from salam.service.permissions import Move
from salam.service.queries import get_assignment_for, get_offer_for, get_session_for
from salam.timebank.enums import ReversalReason
from salam.web.forms import KitForm
from salam.web.gate import actor_of, desk_required
from salam.web.intermediary.forms import EndForm, ReverseForm
from salam.web.intermediary.listings import full_name

if TYPE_CHECKING:
    from salam.service.models import Session


@dataclass(frozen=True, kw_only=True)
class Question:
    """What components/confirm.html asks, and what is said when it is done."""

    title: str
    sentences: Sequence[str]
    facts: Sequence[tuple[str, str]]
    action: str
    done: str
    url: str
    is_danger: bool = False


@desk_required(Verb.OFFER_WITHDRAW)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    need = get_offer_for(actor=actor, offer_id=offer_id).need_line.need
    question = Question(
        title=_("این پیشنهاد را پس می‌گیرید"),
        sentences=[_("داوطلب دیگر نمی‌تواند آن را بپذیرد؛ جایش برای کس دیگری باز می‌شود.")],
        facts=[(_("نیاز"), need.title), (_("جا"), need.place.name)],
        action=_("پیشنهاد را پس می‌گیرم"),
        done=_("پیشنهاد پس گرفته شد."),
        url=reverse("intermediary:offers"),
        is_danger=True,
    )
    return _asked(
        request,
        question,
        lambda: withdraw_offer(actor=actor, offer_id=offer_id, now=timezone.now()),
    )


@desk_required(Verb.ASSIGNMENT_END)
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    question = Question(
        title=_("این همکاری درنگ می‌کند"),
        sentences=[
            _("همین حالا می‌ایستد و دلیلی پرسیده نمی‌شود."),
            _("نوبت‌های پیش رو برداشته می‌شود و شماره بسته می‌ماند تا ادامه بدهید."),
        ],
        facts=_about(request, assignment_id),
        action=_("درنگ می‌کنم"),
        done=_("همکاری درنگ کرد. هر وقت خواستید ادامه بدهید."),
        url=reverse("intermediary:assignment", args=[assignment_id]),
    )
    return _asked(
        request,
        question,
        lambda: pause_assignment(actor=actor, assignment_id=assignment_id, now=timezone.now()),
    )


@desk_required(Verb.ASSIGNMENT_END)
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    question = Question(
        title=_("این همکاری ادامه می‌یابد"),
        sentences=[_("نوبت بعدی گذاشته می‌شود و می‌توانید دوباره با داوطلب تماس بگیرید.")],
        facts=_about(request, assignment_id),
        action=_("ادامه می‌دهم"),
        done=_("همکاری ادامه یافت."),
        url=reverse("intermediary:assignment", args=[assignment_id]),
    )
    return _asked(
        request,
        question,
        lambda: resume_assignment(actor=actor, assignment_id=assignment_id, now=timezone.now()),
    )


@desk_required(Verb.ASSIGNMENT_END)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    form = EndForm(request.POST if request.method == "POST" else None)
    question = Question(
        title=_("این همکاری پایان می‌یابد"),
        sentences=[
            _("نوبت‌های پیش رو برداشته می‌شود و شمارهٔ داوطلب بسته می‌شود."),
            _("ساعت‌هایی که خدمت شده می‌ماند و هنوز می‌توانید تأییدشان کنید."),
        ],
        facts=_about(request, assignment_id),
        action=_("همکاری را پایان می‌دهم"),
        done=_("همکاری پایان یافت. سپاس از همراهی‌تان."),
        url=reverse("intermediary:assignment", args=[assignment_id]),
        is_danger=True,
    )
    return _asked(
        request,
        question,
        lambda: end_assignment(
            actor=actor,
            assignment_id=assignment_id,
            reason=EndReason(form.cleaned_data["reason"]),
            now=timezone.now(),
        ),
        form=form,
    )


@desk_required(Verb.SESSION_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, session_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    session = get_session_for(actor=actor, session_id=session_id, move=Move.CANCEL)
    question = Question(
        title=_("این نوبت برگزار نمی‌شود"),
        sentences=[_("دلیلی پرسیده نمی‌شود. نوبت بعدی خودبه‌خود گذاشته می‌شود.")],
        facts=_of_session(session),
        action=_("این نوبت را برمی‌دارم"),
        done=_("نوبت برداشته شد."),
        url=reverse("intermediary:assignment", args=[session.assignment.public_id]),
    )
    return _asked(
        request,
        question,
        lambda: cancel_session(actor=actor, session_id=session_id, now=timezone.now()),
    )


@desk_required(Verb.HOURS_REVERSE)
@require_http_methods(["GET", "HEAD", "POST"])
def reverse_hours(request: HttpRequest, session_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    session = get_session_for(actor=actor, session_id=session_id, move=Move.REVERSE)
    form = ReverseForm(request.POST if request.method == "POST" else None)
    question = Question(
        title=_("ساعت‌های این نوبت را برمی‌گردانید"),
        sentences=[
            _("چیزی پاک نمی‌شود: هر دو ثبت در صورت‌حساب داوطلب می‌ماند، با دلیلی که انتخاب می‌کنید."),
            _("پس از آن می‌توانید همین نوبت را با مدت درست تأیید کنید."),
        ],
        facts=_of_session(session),
        action=_("ساعت‌ها را برمی‌گردانم"),
        done=_("ساعت‌ها برگشت. این نوبت دوباره در انتظار تأیید است."),
        url=reverse("intermediary:assignment", args=[session.assignment.public_id]),
        is_danger=True,
    )
    return _asked(
        request,
        question,
        lambda: take_back(
            actor=actor,
            session_id=session_id,
            reason=ReversalReason(form.cleaned_data["reason"]),
            now=timezone.now(),
        ),
        form=form,
    )


def _asked(
    request: HttpRequest,
    question: Question,
    move: Callable[[], object],
    *,
    form: KitForm | None = None,
) -> HttpResponse:
    """The question, or, once it is answered, the move and the way back."""
    if request.method != "POST" or (form is not None and not form.is_valid()):
        return render(request, "intermediary/confirm.html", {"question": question, "form": form})
    try:
        move()
    except PermissionRefused:
        raise
    except DomainError as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, question.done)
    return HttpResponseRedirect(question.url)


def _about(request: HttpRequest, assignment_id: UUID) -> list[tuple[str, str]]:
    """Whom and what an assignment is about. Raises PermissionRefused."""
    found = get_assignment_for(
        actor=actor_of(request),
        assignment_id=assignment_id,
        now=timezone.now(),
    ).assignment
    return [
        (_("داوطلب"), full_name(found.person)),
        (_("نیاز"), found.offer.need_line.need.title),
        (_("نیم‌روز"), half_day_name(found.offer.half_day)),
    ]


def _of_session(session: Session) -> list[tuple[str, str]]:
    assignment = session.assignment
    return [
        (_("داوطلب"), full_name(assignment.person)),
        (_("نیاز"), assignment.offer.need_line.need.title),
        (_("روز"), jalali(session.happens_on)),
    ]
