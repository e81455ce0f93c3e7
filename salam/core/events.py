"""Writing and reading the Event outbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from salam.core.bulk import copy_rows
from salam.core.models import Event, EventCursor

PayloadValue = int | bool | str | None | Sequence[int] | Sequence[str]

_CODE: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACE_CODE: Final = re.compile(r"[0-9a-z]{2,24}")


@dataclass(frozen=True)
class NewEvent:
    """What :func:`record_events` writes: a kind ("people.volunteer_registered"), its subject, ids and codes."""

    kind: str
    subject_type: str
    subject_id: int
    payload: Mapping[str, PayloadValue]


def record_event(
    *,
    kind: str,
    subject_type: str,
    subject_id: int,
    actor_id: int | None,
    payload: Mapping[str, PayloadValue] | None = None,
) -> None:
    """Write one Event in the caller's transaction. The payload holds ids and codes only (asserted)."""
    record_events(
        events=[NewEvent(kind, subject_type, subject_id, payload or {})],
        actor_id=actor_id,
    )


def record_events(*, events: Iterable[NewEvent], actor_id: int | None) -> int:
    """Write many Events in the caller's transaction; returns how many.

    An event outside a transaction could survive a change that failed, hence the assertion.
    """
    assert connection.in_atomic_block, "an Event belongs to the transaction of the change"
    rows = [
        Event(
            kind=event.kind,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            actor_id=actor_id,
            payload=_checked(event.payload),
        )
        for event in events
    ]
    if len(rows) == 1:
        rows[0].save(force_insert=True)
    else:
        copy_rows(
            model=Event,
            columns=("kind", "subject_type", "subject_id", "actor_id", "payload"),
            rows=((r.kind, r.subject_type, r.subject_id, r.actor_id, r.payload) for r in rows),
        )
    return len(rows)


def read_events(
    *,
    cursor_name: str,
    handle: Callable[[Sequence[Event]], None],
    kinds: Iterable[str] = (),
    limit: int = 1000,
) -> int:
    """Hand the next events to ``handle`` and move the cursor, in one transaction; returns how many were handed.

    Ids commit out of order: a transaction that started earlier may commit later, with smaller ids. So events are
    ordered by (transaction, id), and only those are handed out whose transaction is older than every transaction
    still running (``pg_snapshot_xmin``): nothing can appear behind the cursor any more. ``handle`` must be
    idempotent all the same, since what it does outside the database may be followed by a crash.
    """
    with transaction.atomic():
        EventCursor.objects.get_or_create(name=cursor_name)
        cursor = EventCursor.objects.select_for_update().get(name=cursor_name)
        finished = RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", ())  # noqa: S611 - constant text
        waiting = Event.objects.filter(
            Q(transaction_id__gt=cursor.transaction_id)
            | Q(transaction_id=cursor.transaction_id, id__gt=cursor.event_id),
            transaction_id__lt=finished,
        )
        wanted = list(kinds)
        if wanted:
            waiting = waiting.filter(kind__in=wanted)
        events = list(waiting.order_by(F("transaction_id"), F("id"))[:limit])
        if not events:
            return 0
        handle(events)
        cursor.transaction_id = events[-1].transaction_id
        cursor.event_id = events[-1].id
        cursor.save(update_fields=["transaction_id", "event_id"])
        return len(events)


def waiting_counts() -> dict[str, int]:
    """How many events each reader of the outbox has not seen yet."""
    return {
        cursor.name: Event.objects.filter(
            Q(transaction_id__gt=cursor.transaction_id)
            | Q(transaction_id=cursor.transaction_id, id__gt=cursor.event_id),
        ).count()
        for cursor in EventCursor.objects.order_by("name")
    }


def _checked(payload: Mapping[str, PayloadValue]) -> dict[str, PayloadValue]:
    for key, value in payload.items():
        members = value if isinstance(value, list | tuple) else [value]
        for member in members:
            if member is None or isinstance(member, int):
                continue
            pattern = _PLACE_CODE if key.endswith("place_code") else _CODE
            assert isinstance(member, str), f"{key}: only ids and codes go into an Event"
            assert pattern.fullmatch(member) or _UUID.fullmatch(member), (
                f"{key}: only ids and codes go into an Event"
            )
    return dict(payload)
