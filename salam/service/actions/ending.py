"""Assignments pause, go on and end; with them ends the right to call the volunteer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from salam.access.actions import withdraw_contact_grants
from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.core.errors import InvalidInput
from salam.core.events import record_event
from salam.service.actions.answering import let_call
from salam.service.actions.locking import locked_assignment
from salam.service.actions.sessions import plan_next_session
from salam.service.enums import (
    HOST_END_REASONS,
    AssignmentStatus,
    EndReason,
    OfferStatus,
    SessionStatus,
)
from salam.service.models import Assignment, Offer, Session
from salam.service.permissions import Move, after, require_move, subject_of_assignment


def pause_assignment(*, actor: Actor, assignment_id: UUID, now: datetime) -> Assignment:
    """Stop an assignment at once, without a reason; nobody may be called meanwhile.

    Writes Events. Raises MoveNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        assignment = locked_assignment(public_id=assignment_id)
        _move(assignment, Move.PAUSE, actor)
        assignment.save(update_fields=["status"])
        withdraw_contact_grants(origin=assignment.contact_origin, now=now)
        cancel_coming_sessions(assignment=assignment, now=now)
        _record("service.assignment_paused", assignment, actor_id=actor.person_id)
    return assignment


def resume_assignment(*, actor: Actor, assignment_id: UUID, now: datetime) -> Assignment:
    """Go on after a pause: the next session is planned, the intermediary may call again.

    Writes Events. Raises MoveNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        assignment = locked_assignment(public_id=assignment_id)
        _move(assignment, Move.RESUME, actor)
        assignment.save(update_fields=["status"])
        let_call(assignment=assignment, now=now)
        plan_next_session(assignment=assignment, now=now)
        _record("service.assignment_resumed", assignment, actor_id=actor.person_id)
    return assignment


def leave_assignment(*, actor: Actor, assignment_id: UUID, now: datetime) -> Assignment:
    """The volunteer ends it, without a reason. Writes Events.

    Raises MoveNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        assignment = locked_assignment(public_id=assignment_id)
        _move(assignment, Move.LEAVE, actor)
        close(assignment=assignment, reason=EndReason.VOLUNTEER_LEFT, actor=actor, now=now)
    return assignment


def end_assignment(
    *,
    actor: Actor,
    assignment_id: UUID,
    reason: EndReason,
    now: datetime,
) -> Assignment:
    """The intermediary ends it. Writes Events.

    Raises InvalidInput, MoveNotPossible, PermissionRefused.
    """
    if reason not in HOST_END_REASONS:
        raise InvalidInput(_("دلیل پایان را از فهرست برگزینید."))
    with transaction.atomic():
        assignment = locked_assignment(public_id=assignment_id)
        _move(assignment, Move.END, actor)
        close(assignment=assignment, reason=reason, actor=actor, now=now)
    return assignment


def lapse_assignments(*, now: datetime, limit: int = 500) -> int:
    """End assignments whose term is over; returns how many. Writes Events."""
    due = Assignment.objects.filter(ended_at__isnull=True, ends_at__lte=now).order_by("pk")
    keys = list(due.values_list("public_id", flat=True)[:limit])
    for key in keys:
        lapse(assignment_id=key, reason=EndReason.TERM_OVER, now=now)
    return len(keys)


def lapse(*, assignment_id: UUID, reason: EndReason, now: datetime) -> None:
    """End one assignment because of what happened around it; one that is over stays as it is."""
    with transaction.atomic():
        assignment = locked_assignment(public_id=assignment_id)
        if assignment.status == AssignmentStatus.ENDED:
            return
        assignment.status = after(
            move=Move.LAPSE,
            state=AssignmentStatus(assignment.status),
        )
        close(assignment=assignment, reason=reason, actor=None, now=now)


def close(
    *,
    assignment: Assignment,
    reason: EndReason,
    actor: Actor | None,
    now: datetime,
) -> None:
    """What ending means; the assignment is locked and has been moved. For this room."""
    assignment.ended_at = now
    assignment.end_reason = reason
    assignment.save(update_fields=["status", "ended_at", "end_reason"])
    Offer.objects.filter(pk=assignment.offer_id).update(
        status=after(move=Move.FULFIL, state=OfferStatus(assignment.offer.status)),
    )
    withdraw_contact_grants(origin=assignment.contact_origin, now=now)
    cancel_coming_sessions(assignment=assignment, now=now)
    record_event(
        kind="service.assignment_ended",
        subject_type="service.Assignment",
        subject_id=assignment.pk,
        actor_id=actor.person_id if actor else None,
        payload={"reason": reason.value, "organization_id": assignment.organization_id},
    )


def cancel_coming_sessions(*, assignment: Assignment, now: datetime) -> None:
    """Those after today are off; earlier ones may still be reported and confirmed."""
    Session.objects.filter(
        assignment=assignment,
        status=SessionStatus.PLANNED,
        happens_on__gt=local_day(now),
    ).update(status=after(move=Move.DROP, state=SessionStatus.PLANNED))


def _move(assignment: Assignment, move: Move, actor: Actor) -> None:
    assignment.status = require_move(
        actor=actor,
        move=move,
        subject=subject_of_assignment(assignment=assignment),
    )


def _record(kind: str, assignment: Assignment, *, actor_id: int | None) -> None:
    record_event(
        kind=kind,
        subject_type="service.Assignment",
        subject_id=assignment.pk,
        actor_id=actor_id,
        payload={"organization_id": assignment.organization_id},
    )
