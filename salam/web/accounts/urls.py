"""Addresses of the door and of what protects it. What allauth has besides is not routed."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as key
from django.urls import URLPattern, path

from salam.web.accounts import security
from salam.web.accounts.views import CodeView, LoginView, WhoView
from salam.web.gate import person_required

_ME = "me/security/"

urlpatterns: list[URLPattern] = [
    path("login/", LoginView.as_view(), name="account_login"),
    path("login/code/", CodeView.as_view(), name="account_confirm_login_code"),
    path("login/who/", WhoView.as_view(), name="account_who"),
    path("login/second-factor/", factor.authenticate, name="mfa_authenticate"),
    path("login/again/", account.reauthenticate, name="account_reauthenticate"),
    path("login/again/code/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("login/again/key/", key.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("logout/", account.logout, name="account_logout"),
    path(_ME, person_required(security.SecurityView.as_view()), name="mfa_index"),
    path(f"{_ME}go-on/", security.go_on, name="account_go_on"),
    path(f"{_ME}pin/", security.pin, name="account_pin"),
    path(f"{_ME}pin/remove/", security.pin_removal, name="account_pin_removal"),
    path(f"{_ME}other-devices/", security.other_devices, name="account_other_devices"),
    path(f"{_ME}another/", security.another, name="account_another"),
    path(f"{_ME}app/", person_required(security.AppView.as_view()), name="mfa_activate_totp"),
    path(f"{_ME}app/remove/", person_required(app.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        f"{_ME}codes/",
        person_required(recovery.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        f"{_ME}codes/new/",
        person_required(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        f"{_ME}codes/file/",
        person_required(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path(f"{_ME}keys/", person_required(key.list_webauthn), name="mfa_list_webauthn"),
    path(f"{_ME}keys/add/", person_required(security.KeyView.as_view()), name="mfa_add_webauthn"),
    path(
        f"{_ME}keys/<int:pk>/remove/",
        person_required(key.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path(f"{_ME}keys/<int:pk>/", person_required(key.edit_webauthn), name="mfa_edit_webauthn"),
]
