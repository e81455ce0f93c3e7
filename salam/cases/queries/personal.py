"""What the room holds on a person, for the person's own export."""

from __future__ import annotations

from collections.abc import Mapping

from salam.cases.models import Case, CaseMove
from salam.people.queries import records_of_person


def cases_held(*, person_id: int) -> Mapping[str, object]:
    """Cases that the person opened, as written, and how many moves the person made."""
    records = records_of_person(person_id=person_id)
    opened = Case.objects.filter(opened_by__in=records).order_by("pk")
    return {
        "cases": list(opened.values("process", "title", "body", "step", "opened_at", "closed_at")),
        "moves_made": CaseMove.objects.filter(actor__in=records).count(),
    }
