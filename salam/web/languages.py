"""Choosing the language of the pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views import i18n
from django.views.decorators.http import require_POST


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Remember the chosen language in a cookie and go back to the page the visitor came from."""
    return i18n.set_language(request)
