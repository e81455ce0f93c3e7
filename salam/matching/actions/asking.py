"""Questions about a person leave a trace: enough of them would narrow down where somebody lives."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from salam.core.actors import Actor
from salam.core.events import record_event
from salam.matching.queries.asking import explain_by_code
from salam.matching.queries.explanation import Explanation
from salam.needs.models import Need
from salam.people.codes import person_of_code


def ask_why(*, actor: Actor, need: Need, code: str, on: date) -> Explanation:
    """Why the volunteer of a normalised code is proposed for a need or not. Writes an Event.

    Raises VolunteerNotFound, which leaves no trace: it tells nothing.
    """
    explanation = explain_by_code(actor=actor, need=need, code=code, on=on)
    with transaction.atomic():
        record_event(
            kind="matching.volunteer_asked_about",
            subject_type="people.Person",
            subject_id=person_of_code(code=code) or 0,
            actor_id=actor.person_id,
            payload={"need_id": need.pk},
        )
    return explanation
