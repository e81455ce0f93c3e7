"""What every page knows without asking."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from salam.web.navigation import Navigation


def site(request: HttpRequest) -> dict[str, object]:
    """The address of this program's source, if the operator gave one, and the menus."""
    return {"source_url": settings.SALAM_SOURCE_URL, "navigation": Navigation(request)}
