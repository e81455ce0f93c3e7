"""DomainError becomes a page with its sentence, in one place for all views."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from salam.core.errors import DomainError, PermissionRefused


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
