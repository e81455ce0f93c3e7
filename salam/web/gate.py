"""Who may come in to a page at all. What may be done there, the actions ask themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from salam.access.permissions import GrantedActor
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb

View = Callable[..., HttpResponseBase]

# The first screen of registration, for a phone that proved itself and is nobody's yet.
REGISTRATION_PATH: Final = "/join/"


def person_required(view: View) -> View:
    """Somebody registered; others go to log in or to register, and come back."""

    @wraps(view)
    def gate(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return _to_registered(request) or view(request, *args, **kwargs)

    return gate


def staff_required(view: View) -> View:
    """A person who holds a role now, in a session that passed a second factor.

    Without a second factor so far: the page where one is set up. Without any role: as if the page
    did not exist.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        actor = actor_of(request)
        if not isinstance(actor, GrantedActor) or not actor.held:
            raise PermissionRefused
        if not request.has_second_factor:  # type: ignore[attr-defined]
            return _to_second_factor(request)
        return view(request, *args, **kwargs)

    return gate


def desk_required(verb: Verb) -> Callable[[View], View]:
    """Staff who hold this verb over anything; for other staff the page does not exist.

    Over what, the queries and actions of the page ask.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def gate(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            actor = actor_of(request)
            if isinstance(actor, GrantedActor) and not actor.carrying(verb=verb):
                raise PermissionRefused
            return staff_required(view)(request, *args, **kwargs)

        return gate

    return guard


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, as the rooms see it; set by the middleware, read when needed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _to_registered(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if actor_of(request).person_id is None:
        return HttpResponseRedirect(_with_next(REGISTRATION_PATH, request))
    return None


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    if is_mfa_enabled(request.user):
        methods = get_adapter(request).get_reauthentication_methods(request.user)
        return HttpResponseRedirect(_with_next(methods[0]["url"], request))
    return HttpResponseRedirect(_with_next(reverse("mfa_index"), request))


def _with_next(path: str, request: HttpRequest) -> str:
    return f"{path}?{urlencode({'next': request.get_full_path()})}"
