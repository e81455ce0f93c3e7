"""What allauth asks us: who owns a phone, how a code is sent, how secrets are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import Login as PendingLogin
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

from salam.access.actions import PinLocked, check_pin, login_for_phone
from salam.access.queries import actor_for
from salam.access.sealing import Purpose, open_text, seal_text
from salam.core.errors import PermissionRefused
from salam.messaging.actions import send_code
from salam.web.accounts.demo import keep_for_show
from salam.web.accounts.sessions import RESIDENT_SECONDS, STAFF_SECONDS
from salam.web.forms import PhoneField
from salam.web.gate import REGISTRATION_PATH

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from salam.access.models import Login

_XML_DECLARATION = re.compile(r"^<\?xml[^>]*\?>\s*")


class AccountAdapter(DefaultAccountAdapter):
    """One door: whoever proves a phone comes in, and only then it shows who is known by it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("این کد درست نیست؛ رقم‌هایش را دوباره ببینید."),
        "incorrect_password": gettext_lazy("این رمز درست نیست؛ دوباره بنویسید."),
        "too_many_login_attempts": gettext_lazy(
            "چند بار اشتباه شد. پنج دقیقه صبر کنید و دوباره بنویسید.",
        ),
        "rate_limited": gettext_lazy("پشت سر هم زیاد شد. کمی صبر کنید و دوباره بنویسید."),
    }

    def get_user_by_phone(self, phone: str) -> Login:
        """The login of the phone itself: the same work for a known phone and an unknown one."""
        return login_for_phone(phone=phone, now=timezone.now())

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def send_verification_code_sms(
        self,
        user: Login,
        phone: str,
        code: str,
        **kwargs: Any,
    ) -> None:
        """Outside any transaction; the gateway may take its time."""
        del user, kwargs
        send_code(phone=phone, code=code, now=timezone.now())
        keep_for_show(self.request or context.request, code=code)

    def respond_user_inactive(self, request: HttpRequest, user: Login) -> HttpResponse:
        """As if nobody were there."""
        del request, user
        raise PermissionRefused

    def get_phone(self, user: Login) -> None:
        """Phones are in the vault; allauth has no use for one beyond the code."""
        del user

    def set_phone(self, user: Login, phone: str, verified: bool) -> None:  # noqa: FBT001
        """Phones are written by registration alone."""

    def set_phone_verified(self, user: Login, phone: str) -> None:
        """A proved phone is kept by the session alone, until somebody registers."""

    def get_login_stages(self) -> list[str]:
        """The code, then who of the phone's owners it is, then the second factor."""
        return [
            "allauth.account.stages.LoginByCodeStage",
            "salam.web.accounts.stages.WhoStage",
            "allauth.mfa.stages.AuthenticateStage",
        ]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_authenticated and request.user.person_id is None:
            return REGISTRATION_PATH
        return super().get_login_redirect_url(request)

    def post_login(
        self,
        request: HttpRequest,
        user: Login,
        *,
        email_verification: str,
        signal_kwargs: dict[str, Any] | None,
        email: str | None,
        signup: bool,
        redirect_url: str | None,
    ) -> HttpResponse:
        """Staff stay logged in for a working day, residents for a month."""
        is_staff = False
        if user.person_id is None:
            # Registering comes first, wherever the visitor wanted to go.
            redirect_url = REGISTRATION_PATH
        else:
            is_staff = bool(actor_for(person_id=user.person_id, at=timezone.now()).held)
        request.session.set_expiry(STAFF_SECONDS if is_staff else RESIDENT_SECONDS)
        return super().post_login(
            request,
            user,
            email_verification=email_verification,
            signal_kwargs=signal_kwargs,
            email=email,
            signup=signup,
            redirect_url=redirect_url,
        )

    def add_message(  # noqa: PLR0917 - as allauth calls it
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Only sentences of our own: allauth's name the phone, and are in English."""
        del message_context
        if message_template is None:
            super().add_message(request, level, extra_tags=extra_tags, message=message)

    def reauthenticate(self, user: Login, password: str) -> bool:
        """By the personal PIN, under its own lock."""
        try:
            return check_pin(login_id=user.pk, pin=password, now=timezone.now())
        except PinLocked as locked:
            raise self.validation_error("too_many_login_attempts") from locked

    def get_reauthentication_methods(self, user: Login) -> list[dict[str, Any]]:
        """Where there is a second factor, four digits do not stand in for it."""
        methods = super().get_reauthentication_methods(user)
        second = [method for method in methods if method["id"].startswith("mfa")]
        return second or methods

    def is_login_by_code_required(self, login: PendingLogin) -> bool:
        """The code is how everybody comes in, so no other way has to be backed by one."""
        del login
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nobody gave an e-mail address."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets sealed under a key that a copy of the database does not hold."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("این کد درست نیست؛ کد تازه‌ای را که می‌بینید بنویسید."),
    }

    def encrypt(self, text: str) -> str:
        return seal_text(Purpose.SECOND_FACTOR, text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_text(Purpose.SECOND_FACTOR, encrypted_text)

    def _get_user_identifier(self, user: Login) -> str:
        # On the phone's screen it tells the person's own entries apart, and tells others nothing.
        return str(user.public_id)[:8]

    def get_public_key_credential_user_entity(self, user: Login) -> dict[str, Any]:
        name = self._get_user_identifier(user)
        return {"id": user.public_id.bytes, "display_name": name, "name": name}

    def build_totp_svg(self, url: str) -> SafeString:
        """The picture as an element of the page: a data: address would need a wider policy."""
        svg = _XML_DECLARATION.sub("", super().build_totp_svg(url))
        return mark_safe(svg)  # noqa: S308 - drawn by the library from our own address

    def generate_authenticator_name(self, user: Login, type: Authenticator.Type) -> str:  # noqa: A002
        del user, type
        return gettext("کلید من")
