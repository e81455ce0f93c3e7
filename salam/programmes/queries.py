"""Reading published figures."""

from __future__ import annotations

from django.db.models import QuerySet

from salam.programmes.models import PublishedFigure


def list_figures() -> QuerySet[PublishedFigure]:
    """All published figures, in the order of the shipped list: by source and subject."""
    return PublishedFigure.objects.order_by("id")
