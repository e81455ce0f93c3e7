"""A demo sends no messages, so its page shows the code itself; no other house ever does."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest

from salam.messaging.gateways import chosen_gateway
from salam.people.queries import generated_people_exist

_SHOWN: Final = "salam_shown_code"


def shows_codes() -> bool:
    """Whether this is a demo: `salam demo` says so, there is no TLS, no message reaches anybody,
    and there are generated people, who never stand among real ones.
    """
    return bool(
        settings.SALAM_DEMO
        and not settings.SECURE_HTTPS
        and not chosen_gateway().reaches_people
        and generated_people_exist(),
    )


def keep_for_show(request: HttpRequest, *, code: str) -> None:
    """Elsewhere the session never holds a code, only its keyed hash."""
    if shows_codes():
        request.session[_SHOWN] = code


def code_to_show(request: HttpRequest) -> str:
    """The last code of this browser in a demo; empty anywhere else."""
    shown: str = request.session.get(_SHOWN, "")
    return shown if shown and shows_codes() else ""


def forget_shown(request: HttpRequest) -> None:
    """The code was used."""
    request.session.pop(_SHOWN, None)


def is_silent() -> bool:
    """Whether messages of this installation reach nobody yet."""
    return not chosen_gateway().reaches_people
