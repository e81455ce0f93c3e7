"""The dates of an assignment: planned, reported by the volunteer, or said not to have been held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, require
from salam.core.dates import local_day, next_half_day
from salam.core.errors import DomainError, InvalidInput
from salam.core.events import NewEvent, record_events
from salam.core.verbs import Verb
from salam.service.actions.locking import locked_assignment, locked_session
from salam.service.enums import AssignmentStatus, SessionStatus
from salam.service.models import Assignment, Session
from salam.service.permissions import (
    Move,
    MoveNotPossible,
    require_move,
    subject_of_assignment,
    subject_of_session,
)

# A half-day is at most twelve hours long; longer is a slip of the finger (480 for 48).
SESSION_MINUTES_MAX: Final = 720
_WEEK: Final = timedelta(days=7)


class SessionNotPossible(DomainError):
    code = "session_not_possible"


def plan_session(
    *,
    actor: Actor,
    assignment_id: UUID,
    happens_on: date,
) -> Session:
    """Put one more date on an assignment that is in progress; writes an Event.

    The same date twice is the same session; one that was called off is put back. Raises
    SessionNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        assignment = locked_assignment(public_id=assignment_id)
        require(actor, Verb.SESSION_PLAN, subject_of_assignment(assignment=assignment).scope)
        if assignment.status != AssignmentStatus.ACTIVE:
            raise SessionNotPossible(_("این همکاری اکنون در جریان نیست."))
        first, last = local_day(assignment.started_at), local_day(assignment.ends_at)
        first = max(first, assignment.offer.need_line.starts_on or first)
        if not first <= happens_on <= last:
            raise SessionNotPossible(_("نوبت باید میان آغاز و پایان همکاری باشد."))
        session = _planned(assignment, happens_on, actor_id=actor.person_id)
        if session.status == SessionStatus.CANCELLED:
            _reopen(session, actor)
        elif session.status != SessionStatus.PLANNED:
            raise SessionNotPossible(_("این روز پیش‌تر نوبتی داشته که انجام شده است."))
        return session


def plan_next_session(*, assignment: Assignment, now: datetime) -> Session | None:
    """The next date of the assignment's half-day, unless one is planned already; for this room.

    None when the assignment is not in progress or its term is over by then. Writes an Event.
    """
    planned = plan_next_sessions(assignments=[assignment], now=now)
    return planned[0] if planned else None


def plan_next_sessions(*, assignments: Sequence[Assignment], now: datetime) -> list[Session]:
    """As :func:`plan_next_session` for many, whose rows the caller has locked. Writes Events.

    Two queries and the Events, however many they are.
    """
    today = local_day(now)
    active = {one.pk: one for one in assignments if one.status == AssignmentStatus.ACTIVE}
    taken: dict[int, set[date]] = {key: set() for key in active}
    coming = Session.objects.filter(assignment__in=active, happens_on__gt=today)
    for key, happens_on, status in coming.values_list("assignment_id", "happens_on", "status"):
        if status == SessionStatus.PLANNED:
            active.pop(key, None)
        taken[key].add(happens_on)
    next_days = {key: _next_free(one, taken[key], after=today) for key, one in active.items()}
    sessions = Session.objects.bulk_create(
        Session(
            assignment=active[key],
            happens_on=happens_on,
            province_code=active[key].province_code,
            status=SessionStatus.PLANNED,
        )
        for key, happens_on in next_days.items()
        if happens_on <= local_day(active[key].ends_at)
    )
    record_events(
        events=[_event("service.session_planned", session) for session in sessions],
        actor_id=None,
    )
    return sessions


def _next_free(assignment: Assignment, taken: Collection[date], *, after: date) -> date:
    """The next day of the assignment's half-day that has no session, not even one called off."""
    offer = assignment.offer
    starts_on = offer.need_line.starts_on
    # An assignment ends with its line's window, so only the beginning has to be looked at here.
    behind = after if starts_on is None else max(after, starts_on - timedelta(days=1))
    happens_on = next_half_day(offer.half_day, after=behind)
    while happens_on in taken:
        happens_on += _WEEK
    return happens_on


def report_session(
    *,
    actor: Actor,
    session_id: UUID,
    duration_minutes: int,
    now: datetime,
) -> Session:
    """The volunteer says that a session was held and how long; the host still has to confirm.

    Until then it can be said anew. Writes an Event. Raises SessionNotPossible, InvalidInput,
    MoveNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        session = locked_session(public_id=session_id)
        target = require_move(
            actor=actor,
            move=Move.REPORT,
            subject=subject_of_session(session=session),
        )
        check_duration(duration_minutes=duration_minutes)
        require_begun(session=session, now=now)
        session.status = target
        session.reported_minutes = duration_minutes
        session.reported_at = now
        session.save(update_fields=["status", "reported_minutes", "reported_at"])
        _record("service.session_reported", session, actor_id=actor.person_id)
        plan_next_session(assignment=session.assignment, now=now)
    return session


def cancel_session(*, actor: Actor, session_id: UUID, now: datetime) -> Session:
    """A planned session is not held; either side may say so, and nobody is asked why.

    The next one is planned. A second press changes nothing. Writes an Event. Raises
    MoveNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        session = locked_session(public_id=session_id)
        subject = subject_of_session(session=session)
        try:
            session.status = require_move(actor=actor, move=Move.CANCEL, subject=subject)
        except MoveNotPossible:
            if session.status == SessionStatus.CANCELLED:
                return session
            raise
        session.save(update_fields=["status"])
        _record("service.session_cancelled", session, actor_id=actor.person_id)
        plan_next_session(assignment=session.assignment, now=now)
    return session


def check_duration(*, duration_minutes: int) -> None:
    """Raises InvalidInput."""
    if not 1 <= duration_minutes <= SESSION_MINUTES_MAX:
        raise InvalidInput(_("مدت یک نوبت باید از ۱ دقیقه تا ۱۲ ساعت باشد."))


def require_begun(*, session: Session, now: datetime) -> None:
    """Raises SessionNotPossible for a session whose day has not come."""
    if session.happens_on > local_day(now):
        raise SessionNotPossible(_("روز این نوبت هنوز نرسیده است."))


def _reopen(session: Session, actor: Actor) -> None:
    session.status = require_move(
        actor=actor,
        move=Move.REOPEN,
        subject=subject_of_session(session=session),
    )
    session.save(update_fields=["status"])
    _record("service.session_reopened", session, actor_id=actor.person_id)


def _planned(assignment: Assignment, happens_on: date, *, actor_id: int | None) -> Session:
    session, is_new = Session.objects.get_or_create(
        assignment=assignment,
        happens_on=happens_on,
        defaults={
            "province_code": assignment.province_code,
            "status": SessionStatus.PLANNED,
        },
    )
    if is_new:
        _record("service.session_planned", session, actor_id=actor_id)
    return session


def _record(kind: str, session: Session, *, actor_id: int | None) -> None:
    record_events(events=[_event(kind, session)], actor_id=actor_id)


def _event(kind: str, session: Session) -> NewEvent:
    return NewEvent(kind, "service.Session", session.pk, {"assignment_id": session.assignment_id})
