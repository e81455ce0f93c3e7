"""Writing and reading the Event outbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from salam.core.bulk import OutsideTransaction, copy_rows
from salam.core.models import Event, EventCursor

PayloadValue = int | bool | str | None | Sequence[int] | Sequence[str]

_COLUMNS: Final = ("kind", "subject_type", "subject_id", "actor_id", "payload")
_KIND: Final = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODE: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACE_CODE: Final = re.compile(r"[0-9a-z]{2,24}")
# A code may number things, but no number in it may be long enough to ring or to identify somebody.
_LONG_NUMBER: Final = re.compile(r"\d{10}")
_MOBILE: Final = re.compile(r"(0|0?098|98)?9\d{9}")


@dataclass(frozen=True)
class NewEvent:
    """What :func:`record_events` writes.

    A kind ("people.volunteer_registered"), its subject, and ids and codes.
    """

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
    """Write one Event in the caller's transaction. Raises as :func:`record_events` does."""
    record_events(
        events=[NewEvent(kind, subject_type, subject_id, payload or {})],
        actor_id=actor_id,
    )


def record_events(*, events: Iterable[NewEvent], actor_id: int | None) -> int:
    """Write many Events in the caller's transaction; returns how many.

    Raises ValueError for a payload that holds anything but ids and codes, and OutsideTransaction,
    since an Event of its own could tell of a change that failed: both are mistakes in the program.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction("an Event belongs to the transaction of the change")
    rows = list(_rows(events, actor_id))
    if len(rows) == 1:
        # One INSERT is one round trip; COPY takes two.
        Event.objects.create(**dict(zip(_COLUMNS, rows[0], strict=True)))
    elif rows:
        copy_rows(model=Event, columns=_COLUMNS, rows=rows)
    return len(rows)


def read_events(
    *,
    cursor_name: str,
    handle: Callable[[Sequence[Event]], None],
    kinds: Iterable[str] = (),
    limit: int = 1000,
) -> int:
    """Hand the next events to ``handle`` and move the cursor, in one transaction.

    Returns how many were handed. Ids commit out of order: a transaction that started earlier may
    commit later, with smaller ids. So events are ordered by (transaction, id), and only those are
    handed out whose transaction is older than every transaction still running: nothing can appear
    behind the cursor any more. ``handle`` must be idempotent all the same, since what it does
    outside the database may be followed by a crash.
    """
    with transaction.atomic():
        EventCursor.objects.get_or_create(name=cursor_name)
        cursor = EventCursor.objects.select_for_update().get(name=cursor_name)
        finished = _after(cursor).filter(transaction_id__lt=_oldest_running())
        wanted = list(kinds)
        in_order = finished.filter(kind__in=wanted) if wanted else finished
        events = list(in_order.order_by("transaction_id", "id")[:limit])
        if events:
            handle(events)
        # Past the last one wanted, everything finished is seen too: it will not be wanted later.
        is_all = len(events) < limit
        last = finished.order_by("-transaction_id", "-id").first() if is_all else events[-1]
        if last is not None:
            cursor.transaction_id, cursor.event_id = last.transaction_id, last.pk
            cursor.save(update_fields=["transaction_id", "event_id"])
    return len(events)


def waiting_counts() -> dict[str, int]:
    """How many events each reader of the outbox has not seen yet."""
    return {cursor.name: _after(cursor).count() for cursor in EventCursor.objects.order_by("name")}


def check_payload_value(*, key: str, value: PayloadValue) -> None:
    """Raise ValueError unless a value is made of ids and codes under a name that is a word.

    For whatever is kept for long and read by many: Events, values of messages. The complaint names
    the key alone: what should not be here must not reach the error log.
    """
    if not _KEY.fullmatch(key) or _LONG_NUMBER.search(key):
        raise ValueError("only words name what is kept here")
    members = value if isinstance(value, list | tuple) else [value]
    for member in members:
        if not (member is None or isinstance(member, int) or _is_code(key, member)):
            raise ValueError(f"{key}: only ids and codes are kept here")


def _after(cursor: EventCursor) -> QuerySet[Event]:
    return Event.objects.filter(
        Q(transaction_id__gt=cursor.transaction_id)
        | Q(transaction_id=cursor.transaction_id, id__gt=cursor.event_id),
    )


def _oldest_running() -> int:
    """The smallest transaction id that has not ended: all below it are visible or undone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        oldest: int = cursor.fetchone()[0]
        return oldest


def _rows(events: Iterable[NewEvent], actor_id: int | None) -> Iterator[tuple[object, ...]]:
    for event in events:
        if not _KIND.fullmatch(event.kind):
            raise ValueError("the kind of an Event is room.what_happened")
        for key, value in event.payload.items():
            check_payload_value(key=key, value=value)
        yield (event.kind, event.subject_type, event.subject_id, actor_id, dict(event.payload))


def _is_code(key: str, member: object) -> bool:
    if not isinstance(member, str):
        return False
    if key.endswith("place_code"):
        return bool(_PLACE_CODE.fullmatch(member)) and not _MOBILE.fullmatch(member)
    if _UUID.fullmatch(member):
        return True
    return bool(_CODE.fullmatch(member)) and not _LONG_NUMBER.search(member)
