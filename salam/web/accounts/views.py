"""The pages of the log-in: number, code, which of its owners; allauth's views with our limits."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from salam.access.actions import PinLocked, check_pin, set_pin
from salam.access.queries import PersonAtPhone, actor_for
from salam.access.sealing import Purpose, digest
from salam.core.errors import InvalidInput
from salam.web.accounts.demo import code_to_show, forget_shown, is_silent
from salam.web.accounts.forms import NewPinForm, PhoneForm, PinForm, code_digest
from salam.web.accounts.limits import Limit, exceeded, too_many
from salam.web.accounts.stages import SHARERS_MAX, WhoStage


class LoginView(RequestLoginCodeView):
    """Asks for the mobile number; whatever is typed, the next page is the same."""

    template_name = "account/login.html"

    def get_form_class(self) -> type[PhoneForm]:
        return PhoneForm

    def form_valid(self, form: PhoneForm) -> HttpResponse:
        phone = form.cleaned_data["phone"]
        until = exceeded(self.request, _limits_of_sending(phone))
        if until is not None:
            return too_many(self.request, until)
        process = LoginCodeVerificationProcess.initiate(
            request=self.request,
            user=get_adapter(self.request).get_user_by_phone(phone),
            phone=phone,
        )
        keep_digest_alone(process)
        return HttpResponseRedirect(self.get_success_url())


class CodeView(ConfirmLoginCodeView):
    """Asks for the code, or sends another one."""

    template_name = "account/confirm_login_code.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._action == "resend":
            until = exceeded(request, _limits_of_sending(self._process.state["phone"]))
            if until is not None:
                return too_many(request, until)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def _resend_form_valid(self, form: object) -> HttpResponse:
        response: HttpResponse = super()._resend_form_valid(form)
        keep_digest_alone(self._process)
        return response

    def _verify_form_valid(self, form: object) -> HttpResponse:
        forget_shown(self.request)
        response: HttpResponse = super()._verify_form_valid(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "shown_code": code_to_show(self.request),
            "is_silent": is_silent(),
        }


@method_decorator(
    login_stage_required(stage=WhoStage.key, redirect_urlname="account_login"),
    name="dispatch",
)
class WhoView(TemplateView):
    """Which of the phone's owners somebody is, with the PIN that keeps them apart.

    First one is chosen, by given name; then the PIN is asked for, or chosen where a shared phone
    has none yet. Whoever is none of them goes on to register.
    """

    template_name = "account/who.html"

    @property
    def stage(self) -> WhoStage:
        stage: WhoStage = self.request._login_stage  # type: ignore[attr-defined]  # noqa: SLF001
        return stage

    @cached_property
    def people(self) -> list[PersonAtPhone]:
        return self.stage.people()

    @cached_property
    def chosen(self) -> PersonAtPhone | None:
        """By place in the list: numbers of people appear on no page."""
        wanted = self.request.POST.get("who", "")
        if not wanted.isdecimal() or not 0 < int(wanted) <= len(self.people) <= SHARERS_MAX:
            return None
        return self.people[int(wanted) - 1]

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("who") == "another":
            return self.stage.exit()
        person = self.chosen
        if person is None:
            return self.render_to_response(self.get_context_data(is_unchosen=True))
        if not person.has_pin and len(self.people) == 1:
            self.stage.become(person)
            return self.stage.exit()
        form = self._form(person, request.POST if "pin" in request.POST else None)
        if form.is_bound and form.is_valid() and self._passes(person, form):
            self.stage.become(person, with_pin=True)
            return self.stage.exit()
        return self.render_to_response(self.get_context_data(form=form))

    def _form(self, person: PersonAtPhone, data: Any) -> PinForm | NewPinForm:
        return PinForm(data) if person.has_pin else NewPinForm(data)

    def _passes(self, person: PersonAtPhone, form: PinForm | NewPinForm) -> bool:
        """Whether the PIN is right, or a new one was taken; else the form says why not."""
        now, pin = timezone.now(), form.cleaned_data["pin"]
        login = self.stage.login_for(person)
        try:
            if isinstance(form, PinForm):
                if check_pin(login_id=login.pk, pin=pin, now=now):
                    return True
                form.add_error("pin", _("این رمز درست نیست؛ دوباره بنویسید."))
                return False
            actor = actor_for(person_id=person.person_id, at=now)
            set_pin(actor=actor, login_id=login.pk, pin=pin, now=now)
        except (InvalidInput, PinLocked) as refusal:
            form.add_error("pin", refusal.sentence)
            return False
        return True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_too_many = len(self.people) > SHARERS_MAX
        return super().get_context_data(
            people=[] if is_too_many else self.people,
            is_too_many=is_too_many,
            chosen=self.chosen,
            chosen_number=self.request.POST.get("who", ""),
            **kwargs,
        )


def keep_digest_alone(process: LoginCodeVerificationProcess) -> None:
    """The code went out; from here on a keyed hash is enough to recognise it."""
    process.state["code"] = code_digest(process.state["code"])
    process.persist()


def _limits_of_sending(phone: str) -> tuple[Limit, ...]:
    return (
        Limit("request_login_code"),
        Limit("send_login_code", digest(Purpose.LIMIT, phone)),
        Limit("send_any_login_code", "all"),
    )
