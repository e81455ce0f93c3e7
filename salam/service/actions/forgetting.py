"""What the room service holds on a person, and how it forgets."""

from __future__ import annotations

from datetime import datetime

from salam.service.actions.following import let_go
from salam.service.enums import EndReason, SessionStatus
from salam.service.models import Assignment, Offer, Session
from salam.service.permissions import Move, rule_of


def forget(person_id: int, now: datetime) -> None:
    """End what is in progress; what was served stays, pointing at somebody who is nobody.

    A session that nobody confirmed by now is off: there is no one left whose hours it could be.
    """
    let_go(
        offers=Offer.objects.filter(person_id=person_id),
        assignments=Assignment.objects.filter(person_id=person_id),
        reason=EndReason.VOLUNTEER_LEFT,
        now=now,
    )
    drop = rule_of(move=Move.DROP, state=SessionStatus.PLANNED)
    Session.objects.filter(assignment__person_id=person_id, status__in=drop.sources).update(
        status=drop.target,
        reported_minutes=None,
        reported_at=None,
    )
