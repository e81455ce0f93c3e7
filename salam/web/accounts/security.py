"""«امنیت ورود»: PIN, second factor, leaving all devices. allauth's pages behind our gate."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.decorators import reauthentication_required
from allauth.core.internal.httpkit import authenticated_user
from allauth.mfa.base.views import IndexView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from salam.access.actions import PinRefused, end_sessions, remove_pin, set_pin
from salam.access.permissions import GrantedActor
from salam.access.queries import phone_is_shared
from salam.web.accounts.forms import NewPinForm
from salam.web.accounts.sessions import keep_session_of, remember_second_factor
from salam.web.accounts.stages import ANOTHER_COMES
from salam.web.gate import actor_of, person_required

_GO_ON: Final = "salam_after_second_factor"


class SecurityView(IndexView):
    """What protects one's log-in, and what is missing for staff."""

    template_name = "account/security.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = actor_of(self.request)
        self._remember_where_to()
        return super().get_context_data(**kwargs) | {
            "has_pin": self.request.user.has_pin,
            "is_shared": phone_is_shared(person_id=self.request.user.person_id),
            "is_staff": isinstance(actor, GrantedActor) and bool(actor.held),
            "passed_second_factor": bool(self.request.has_second_factor),
        }

    def _remember_where_to(self) -> None:
        """Somebody sent here to set up a second factor is brought back afterwards."""
        wanted = self.request.GET.get("next", "")
        if wanted and url_has_allowed_host_and_scheme(wanted, {self.request.get_host()}):
            self.request.session[_GO_ON] = wanted


class AppView(ActivateTOTPView):
    """An authenticator app; the code that proves it counts as the second factor of this session."""

    template_name = "mfa/totp/activate_form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_second_factor(self.request, kind="totp")
        return response


class KeyView(AddWebAuthnView):
    """A passkey: the phone's or computer's own lock."""

    template_name = "mfa/webauthn/add_form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_second_factor(self.request, kind="webauthn")
        return response


@require_POST
@person_required
def go_on(request: HttpRequest) -> HttpResponse:
    """Back to where a second factor was asked for."""
    return redirect(request.session.pop(_GO_ON, "/me/"))


@require_http_methods(["GET", "HEAD", "POST"])
@person_required
@reauthentication_required(app="allauth.account")
def pin(request: HttpRequest) -> HttpResponse:
    """Choose a PIN, or another one; every other session ends."""
    form = NewPinForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            login = set_pin(
                actor=actor_of(request),
                login_id=_login_id(request),
                pin=form.cleaned_data["pin"],
                now=timezone.now(),
            )
        except PinRefused as refusal:
            form.add_error("pin", refusal.sentence)
        else:
            return _saved(request, login, _("رمز نگه داشته شد؛ دستگاه‌های دیگر بیرون رفتند."))
    return render(request, "account/pin.html", {"form": form})


@require_POST
@person_required
@reauthentication_required(app="allauth.account")
def pin_removal(request: HttpRequest) -> HttpResponse:
    """Go without a PIN, where nobody else uses the phone."""
    login = remove_pin(actor=actor_of(request), login_id=_login_id(request), now=timezone.now())
    return _saved(request, login, _("رمز شخصی برداشته شد."))


@require_POST
@person_required
def other_devices(request: HttpRequest) -> HttpResponse:
    """For a lost phone: every session but this one ends."""
    login = end_sessions(actor=actor_of(request), login_id=_login_id(request), now=timezone.now())
    return _saved(request, login, _("همهٔ دستگاه‌های دیگر از حساب شما بیرون رفتند."))


@require_POST
@person_required
def another(request: HttpRequest) -> HttpResponse:
    """A relative registers with the same phone: this session ends, the number is proved anew."""
    request.session.flush()
    request.session[ANOTHER_COMES] = True
    return redirect("account_login")


def _login_id(request: HttpRequest) -> int:
    login_id: int = authenticated_user(request).pk
    return login_id


def _saved(request: HttpRequest, login: Any, sentence: str) -> HttpResponseRedirect:
    keep_session_of(request, login)
    messages.success(request, sentence)
    return redirect("mfa_index")
