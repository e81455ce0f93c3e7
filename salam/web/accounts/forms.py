"""Fields and forms of the door: Persian digits are read as they are typed."""

from __future__ import annotations

import hmac
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.forms import BaseConfirmCodeForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as BaseAgainForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from salam.access.sealing import Purpose, digest
from salam.core.text import ascii_digits
from salam.web.accounts.limits import Limit, exceeded
from salam.web.forms import KitForm, PhoneField
from salam.web.widgets import CodeInput

_PIN_ATTRIBUTES: Final = {"inputmode": "numeric", "dir": "ltr", "maxlength": "8"}


class PhoneForm(KitForm):
    """The first question. Nothing is looked up here."""

    phone = PhoneField(help_text=_("مثل ۰۹۱۲۳۴۵۶۷۸۹؛ کدی به آن پیامک می‌شود."))


class CodeField(forms.CharField):
    """Digits of a message, an authenticator app or a sheet of recovery codes."""

    def __init__(self, *, label: Any, is_message: bool = False) -> None:
        attributes = {"autocomplete": "one-time-code", "autofocus": True}
        super().__init__(
            label=label,
            max_length=20,
            error_messages={"required": _("کد را بنویسید.")},
            widget=CodeInput(length=6 if is_message else 8, attrs=attributes),
        )

    def to_python(self, value: object) -> str:
        return ascii_digits(super().to_python(value) or "").replace(" ", "").replace("-", "")


class CodeForm(BaseConfirmCodeForm):
    """The code that came by message; only its keyed hash is at hand, and each has five tries."""

    code = CodeField(label=_("کد شش‌رقمی"), is_message=True)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        # The session counts tries too, but a hundred requests at once would all read the same one.
        limit = Limit("try_login_code", self.expected_code)
        if exceeded(context.request, [limit]) is not None:
            raise get_adapter().validation_error("too_many_login_attempts")
        if not hmac.compare_digest(code_digest(code), self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class PinField(forms.CharField):
    """A personal PIN; what it must be like, the action checks."""

    def __init__(self, *, is_new: bool, **kwargs: Any) -> None:
        attributes = _PIN_ATTRIBUTES | {
            "autocomplete": "new-password" if is_new else "current-password",
        }
        super().__init__(
            max_length=8,
            widget=forms.PasswordInput(attrs=attributes),
            error_messages={
                "required": _("رمز شخصی را بنویسید."),
                "max_length": _("رمز شخصی باید ۴ تا ۸ رقم باشد."),
            },
            **kwargs,
        )


class PinForm(KitForm):
    """The PIN that somebody has."""

    pin = PinField(is_new=False, label=_("رمز شخصی شما"))


class NewPinForm(KitForm):
    """A PIN that somebody chooses, twice."""

    pin = PinField(
        is_new=True,
        label=_("رمز شخصی تازه"),
        help_text=_("۴ تا ۸ رقم که دیگران زود حدس نزنند."),
    )
    again = PinField(is_new=True, label=_("دوباره همان رمز"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        pin, again = cleaned.get("pin"), cleaned.get("again")
        if pin and again and ascii_digits(pin) != ascii_digits(again):
            self.add_error("again", _("این دو یکی نیستند؛ دوباره بنویسید."))
        return cleaned


class PinAgainForm(ReauthenticateForm):
    """The PIN once more, before something that matters."""

    password = PinField(is_new=False, label=_("رمز شخصی شما"))


class SecondFactorForm(AuthenticateForm):
    """What the authenticator app shows, or a recovery code."""

    code = CodeField(label=_("کد برنامهٔ رمزساز یا یکی از کدهای بازیابی"))


class SecondFactorAgainForm(BaseAgainForm):
    """The second factor once more, before something that matters."""

    code = CodeField(label=_("کد برنامهٔ رمزساز یا یکی از کدهای بازیابی"))


class NewAppForm(ActivateTOTPForm):
    """The first code of an authenticator app shows that it was set up rightly."""

    code = CodeField(label=_("کدی که برنامه نشان می‌دهد"))


class NewKeyForm(AddWebAuthnForm):
    """A passkey and the name by which its owner knows it."""

    name = forms.CharField(
        label=_("نام این کلید"),
        help_text=_("برای خودتان، مثلاً «گوشی من»."),
        max_length=60,
        required=False,
    )


class KeyNameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(label=_("نام این کلید"), max_length=60)


def code_digest(code: str) -> str:
    """What the session keeps of a code."""
    return digest(Purpose.LOGIN_CODE, code)
