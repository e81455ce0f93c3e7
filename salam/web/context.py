"""What every page knows without asking."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """The address of this program's source, if the operator gave one."""
    del request
    return {"source_url": settings.SALAM_SOURCE_URL}
