"""The language of a page, who asks, and refusals as pages: in one place for all views."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from salam.access.queries import actor_for
from salam.core.actors import Actor, Stranger
from salam.core.errors import DomainError, PermissionRefused
from salam.web.accounts.sessions import has_second_factor, keep_alive


class ActorMiddleware:
    """``request.actor``: the logged-in person with the grants of this instant, else a Stranger.

    Read when somebody asks and once a request, so a grant that was revoked is gone at the next one.
    ``request.has_second_factor`` says whether the session passed a second factor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor_of(request))  # type: ignore[attr-defined]
        request.has_second_factor = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: has_second_factor(request),
        )
        response = self.get_response(request)
        keep_alive(request)
        if request.session.accessed and request.user.is_authenticated:
            # Computers are shared: nothing of an own page may come back after logging out.
            response.headers["Cache-Control"] = "no-store, private"
        return response


class ChosenLanguageMiddleware:
    """Persian, unless the visitor chose English in the footer.

    A browser's Accept-Language is not asked: phones and shared computers are often set up in
    English by those who sold them, and their owners read Persian. So one address is also the same
    page for everybody who chose nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie",))
        return response


class DomainErrorMiddleware:
    """Missing and forbidden look the same: status 404 and the same words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        status = 404 if isinstance(error, PermissionRefused) else 400
        return render(request, "refused.html", {"sentence": error.sentence}, status=status)


def _actor_of(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated or request.user.person_id is None:
        return Stranger()
    return actor_for(person_id=request.user.person_id, at=timezone.now())
