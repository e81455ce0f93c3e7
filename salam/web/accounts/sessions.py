"""What a session holds, who it belongs to, and how long it lives."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import get_user_model, login, update_session_auth_hash
from django.contrib.auth.backends import BaseBackend
from django.core.signing import JSONSerializer
from django.http import HttpRequest

from salam.access.actions import login_for_person
from salam.access.sealing import Purpose, open_bytes, seal_bytes
from salam.core.errors import PermissionRefused

if TYPE_CHECKING:
    from datetime import datetime

    from salam.access.models import Login

RESIDENT_SECONDS: Final = 30 * 24 * 3600
STAFF_SECONDS: Final = 12 * 3600
# A session is written anew when it was last written this long ago, not at every request.
_RESIDENT_STEP_SECONDS: Final = 24 * 3600
_STAFF_STEP_SECONDS: Final = 15 * 60
# Longer ago, the phone is proved anew before somebody registers with it.
_PROOF_SECONDS: Final = 2 * 3600

_BACKEND: Final = "salam.web.accounts.sessions.SessionBackend"
_SEEN_AT: Final = "salam_seen_at"


class SealedSerializer:
    """Session data encrypted as a whole: allauth keeps the phone in it while somebody logs in."""

    def dumps(self, obj: Mapping[str, Any]) -> bytes:
        return seal_bytes(Purpose.SESSION, JSONSerializer().dumps(obj))

    def loads(self, data: bytes) -> dict[str, Any]:
        plain: dict[str, Any] = JSONSerializer().loads(open_bytes(Purpose.SESSION, data))
        return plain


class SessionBackend(BaseBackend):
    """Finds the login of a session. Nobody comes in by user name and password."""

    def get_user(self, user_id: int) -> Login | None:
        return get_user_model().objects.filter(pk=user_id, is_active=True).first()


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session passed a second factor as the login that it belongs to."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def remember_second_factor(request: HttpRequest, *, kind: str) -> None:
    """Somebody who has just set one up has shown that it works; the session becomes a short one."""
    record_authentication(request, request.user, method="mfa", type=kind, reauthenticated=True)
    request.session.set_expiry(STAFF_SECONDS)


def proven_phone(request: HttpRequest) -> str | None:
    """The phone (E.164) that whoever registers now has proved to hold; None without a proof.

    Somebody registered has none: their phone is in the vault, and leaves the session at log-in.
    """
    if not request.user.is_authenticated or request.user.person_id is not None:
        return None
    for record in get_authentication_records(request, request.user):
        if record["method"] == "code" and time.time() - record["at"] < _PROOF_SECONDS:
            phone: str | None = record.get("phone")
            return phone
    return None


def log_in_registered(request: HttpRequest, *, person_id: int, now: datetime) -> None:
    """After registration: the session of the proven phone becomes that of the person.

    Raises PermissionRefused without a proven phone, or for somebody who did not register with it.
    """
    phone = proven_phone(request)
    if phone is None:
        raise PermissionRefused
    enter(request, login_for_person(phone=phone, person_id=person_id, now=now))
    record_authentication(request, request.user, method="code")


def enter(request: HttpRequest, user: Login) -> None:
    """A fresh session for a login; whatever the old one held is gone."""
    request.session.flush()
    login(request, user, backend=_BACKEND)
    request.session.set_expiry(RESIDENT_SECONDS)


def keep_session_of(request: HttpRequest, user: Login) -> None:
    """Keep the session in hand, under a new key, when all others of its login have just ended."""
    update_session_auth_hash(request, user)


def keep_alive(request: HttpRequest) -> None:
    """Push the end of a used session on; the middleware calls it after each page."""
    # Without a look at the session the page did not ask who is there: nothing to keep.
    if not request.session.accessed or request.session.is_empty():
        return
    age = request.session.get_expiry_age()
    step = _STAFF_STEP_SECONDS if age <= STAFF_SECONDS else _RESIDENT_STEP_SECONDS
    if time.time() - request.session.get(_SEEN_AT, 0) > step:
        request.session[_SEEN_AT] = int(time.time())
