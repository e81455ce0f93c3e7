"""Hours: attested by the host, posted in the same transaction, taken back whole."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_event, record_events
from salam.messaging.actions import queue_messages
from salam.people.queries import consenting_to_messages
from salam.service.actions.locking import locked_session, locked_sessions
from salam.service.actions.sessions import check_duration, plan_next_sessions, require_begun
from salam.service.enums import SessionStatus
from salam.service.messages import HOURS_KEPT
from salam.service.models import Hours, Session
from salam.service.permissions import (
    Move,
    MoveNotPossible,
    after,
    may_move,
    require_move,
    subject_of_session,
    subjects_of_sessions,
)
from salam.timebank.actions import HoursCredit, post_service_hours, reverse_transfer
from salam.timebank.enums import ReversalReason

# Keys of transfers are made from what they are for, so that the same confirmation sent twice is the
# same transfer. The number only has to differ from others' namespaces.
_NAMESPACE: Final = UUID("6f1d2f0e-6f0a-5b37-9a0b-3f3c5a9d7c11")
# One officer's page of sessions; more is a mistake.
CONFIRMATIONS_MAX: Final = 500


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """One session and the minutes that the host attests."""

    session_id: UUID
    duration_minutes: int


def confirm_hours(
    *,
    actor: Actor,
    confirmations: Sequence[Confirmation],
    now: datetime,
) -> list[Hours]:
    """Attest sessions of one host; the hours stand in the time bank, or nothing has changed.

    A session that was confirmed with the same minutes before is returned as it stands: a second
    press, or a colleague who was quicker, posts nothing twice. Writes Events and sends neutral
    thanks. Raises MoveNotPossible, SessionNotPossible, InvalidInput, PermissionRefused.
    """
    minutes = {one.session_id: one.duration_minutes for one in confirmations}
    if not 0 < len(minutes) <= CONFIRMATIONS_MAX or len(minutes) != len(confirmations):
        raise InvalidInput(_("نوبت‌هایی را که تأیید می‌کنید انتخاب کنید؛ هر بار حداکثر ۵۰۰ نوبت."))
    with transaction.atomic():
        sessions = locked_sessions(public_ids=minutes.keys())
        # Before anything is said about them: somebody else's session looks like none.
        for subject in subjects_of_sessions(sessions=sessions):
            if not may_move(actor=actor, move=Move.CONFIRM, subject=subject):
                raise PermissionRefused
            if actor.person_id in subject.person_ids:
                # Nobody attests to the own hours, also not an officer who serves.
                raise MoveNotPossible(_("ساعت‌های خودتان را همکار دیگری تأیید می‌کند."))
        if len({session.assignment.host_id for session in sessions}) != 1:
            raise InvalidInput(_("نوبت‌های چند میزبان را جدا جدا تأیید کنید."))
        standing = _standing(sessions)
        waiting = [
            session
            for session in sessions
            if not _is_done(
                session,
                standing.get(session.pk),
                minutes=minutes[session.public_id],
                now=now,
            )
        ]
        return [*standing.values(), *_post(actor, waiting, minutes=minutes, now=now)]


def reverse_hours(
    *,
    actor: Actor,
    session_id: UUID,
    reason: ReversalReason,
    now: datetime,
) -> Hours:
    """Take back a confirmation by a new entry; the session waits to be confirmed again.

    Nothing is erased: both entries stay in the statement. Writes an Event. Raises MoveNotPossible,
    PermissionRefused.
    """
    with transaction.atomic():
        session = locked_session(public_id=session_id)
        target = require_move(
            actor=actor,
            move=Move.REVERSE,
            subject=subject_of_session(session=session),
        )
        hours = Hours.objects.select_for_update().get(session=session, reversed_at__isnull=True)
        reversal = reverse_transfer(
            actor=actor,
            transfer_id=hours.transfer_id,
            key=uuid.uuid5(_NAMESPACE, f"reverse:{hours.pk}"),
            reason=reason.value,
            now=now,
        )
        hours.reversal_id = reversal.transfer_id
        hours.reverse_reason = reason
        hours.reversed_at = now
        hours.save(update_fields=["reversal", "reverse_reason", "reversed_at"])
        session.status = target
        session.save(update_fields=["status"])
        record_event(
            kind="service.hours_reversed",
            subject_type="service.Session",
            subject_id=session.pk,
            actor_id=actor.person_id,
            payload={"transfer_id": reversal.transfer_id, "reason": reason.value},
        )
    return hours


def _standing(sessions: Sequence[Session]) -> Mapping[int, Hours]:
    """By session, the hours that stand already; one query."""
    hours = Hours.objects.filter(
        session__in=[one for one in sessions if one.status == SessionStatus.CONFIRMED],
        reversed_at__isnull=True,
    )
    return {one.session_id: one for one in hours.order_by("session_id")}


def _is_done(session: Session, standing: Hours | None, *, minutes: int, now: datetime) -> bool:
    """Whether this very confirmation stands already; False when it is to be posted."""
    check_duration(duration_minutes=minutes)
    if standing is not None:
        if standing.duration_minutes == minutes:
            return True
        raise MoveNotPossible(
            _("این نوبت پیش‌تر با مدت دیگری تأیید شده است؛ برای اصلاح، نخست آن را برگردانید.")
        )
    after(move=Move.CONFIRM, state=SessionStatus(session.status))
    require_begun(session=session, now=now)
    return False


def _post(
    actor: Actor,
    sessions: Sequence[Session],
    *,
    minutes: dict[UUID, int],
    now: datetime,
) -> list[Hours]:
    if not sessions:
        return []
    keys = _keys_of(sessions)
    posted = post_service_hours(
        actor=actor,
        organization_id=sessions[0].assignment.host_id,
        credits=[
            HoursCredit(
                key=keys[session.pk],
                person_id=session.assignment.person_id,
                duration_minutes=minutes[session.public_id],
                happened_on=session.happens_on,
            )
            for session in sessions
        ],
        now=now,
    )
    transfers = {one.key: one.transfer_id for one in posted}
    written = Hours.objects.bulk_create(
        Hours(
            session=session,
            duration_minutes=minutes[session.public_id],
            transfer_id=transfers[keys[session.pk]],
            confirmed_by_id=actor.person_id,
            confirmed_at=now,
        )
        for session in sessions
    )
    for session in sessions:
        session.status = SessionStatus.CONFIRMED
    Session.objects.bulk_update(sessions, ["status"])
    plan_next_sessions(assignments=[session.assignment for session in sessions], now=now)
    _tell(sessions, written, actor=actor, now=now)
    return written


def _keys_of(sessions: Sequence[Session]) -> dict[int, UUID]:
    """The same until hours are taken back: then a new confirmation is a new transfer."""
    reversed_before = Counter(
        Hours.objects.filter(session__in=sessions, reversed_at__isnull=False).values_list(
            "session_id",
            flat=True,
        ),
    )
    return {
        session.pk: uuid.uuid5(
            _NAMESPACE,
            f"confirm:{session.public_id}:{reversed_before[session.pk]}",
        )
        for session in sessions
    }


def _tell(
    sessions: Sequence[Session],
    written: Sequence[Hours],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record_events(
        events=[
            NewEvent(
                "service.hours_confirmed",
                "service.Session",
                session.pk,
                {
                    "person_id": session.assignment.person_id,
                    "transfer_id": hours.transfer_id,
                    "duration_minutes": hours.duration_minutes,
                },
            )
            for session, hours in zip(sessions, written, strict=True)
        ],
        actor_id=actor.person_id,
    )
    queue_messages(
        person_ids=consenting_to_messages(
            person_ids={session.assignment.person_id for session in sessions},
        ),
        template=HOURS_KEPT.code,
        now=now,
    )
