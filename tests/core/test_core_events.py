"""The outbox: append-only, ids and codes alone, and no event skipped however transactions end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from salam.core.bulk import OutsideTransaction
from salam.core.events import (
    NewEvent,
    PayloadValue,
    read_events,
    record_event,
    record_events,
    waiting_counts,
)
from salam.core.models import Event, EventCursor

PATIENCE_SECONDS = 120


def record(subject_id: int, kind: str = "core.tested", **payload: PayloadValue) -> None:
    with transaction.atomic():
        record_event(
            kind=kind,
            subject_type="core.Test",
            subject_id=subject_id,
            actor_id=None,
            payload=payload,
        )


class Reader:
    """A reader of the outbox that remembers what it was handed."""

    def __init__(self, name: str = "reader", kinds: Sequence[str] = ()) -> None:
        self.name = name
        self.kinds = kinds
        self.seen: list[int] = []

    def handle(self, events: Sequence[Event]) -> None:
        self.seen += [event.subject_id for event in events]

    def read(self, limit: int = 1000) -> int:
        return read_events(
            cursor_name=self.name,
            handle=self.handle,
            kinds=self.kinds,
            limit=limit,
        )


def wait_until_all_have_ended() -> None:
    """Other tests on the same server hold transactions open for a while; the outbox waits too."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    statement = (
        "SELECT coalesce(max(transaction_id), 0) < "
        "pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM core_event"
    )
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("a transaction elsewhere does not end")


@contextmanager
def another_connection() -> Iterator[BaseDatabaseWrapper]:
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        yield other
        other.rollback()


def insert_on(other: BaseDatabaseWrapper, subject_id: int) -> None:
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_event (kind, subject_type, subject_id, payload) "
            "VALUES ('core.tested', 'core.Test', %s, '{}')",
            [subject_id],
        )


@pytest.mark.django_db
def test_an_event_cannot_be_changed_or_deleted() -> None:
    record(1)

    for change in (
        lambda: Event.objects.update(subject_id=2),
        lambda: Event.objects.all().delete(),
        lambda: Event.objects.filter(subject_id=1).update(payload={}),
    ):
        refusal = pytest.raises(ProgrammingError, match="Cannot update or delete")
        with refusal, transaction.atomic():
            change()
    assert list(Event.objects.values_list("subject_id", flat=True)) == [1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "مریم رضایی"),
        ("name", "Maryam"),
        ("name", "maryam rezaei"),
        ("phone", "+989123456789"),
        ("phone", "09123456789"),
        ("phone", "tel:09123456789"),
        ("place_code", "09123456789"),
        ("place_code", "9123456789"),
        ("home_place_code", "نارمک"),
        ("national_id", "0012345679"),
        ("note", "called_0012345679"),
        ("email", "a@example.org"),
        ("note", ""),
        ("ids", [1, "مریم"]),
        ("inner", {"name": "x"}),
        ("share", 0.5),
        ("09123456789", 1),
        ("مریم", 1),
        ("call_09123456789", 1),
    ],
)
def test_a_payload_holds_ids_and_codes_only(key: str, value: object) -> None:
    with pytest.raises(ValueError, match="kept here") as refusal:
        record(1, **{key: value})  # type: ignore[arg-type]

    assert str(refusal.value).endswith(("codes are kept here", "what is kept here"))
    assert not value or str(value) not in str(refusal.value)
    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_a_payload_of_ids_and_codes_comes_back() -> None:
    payload: dict[str, PayloadValue] = {
        "person_id": 9_123_456_789,
        "status": "active",
        "origin": "assignment:12",
        "run": str(uuid.UUID(int=11111111111111111111)),
        "place_code": "2301010001",
        "place_ids": [1, 2, 3],
        "is_first": True,
        "reason": None,
    }

    record(1, **payload)

    assert Event.objects.get().payload == payload


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["", "tested", "core.Tested", "core.tested by علی", "core."])
def test_a_kind_is_a_room_and_what_happened(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        record(1, kind=kind)


@pytest.mark.django_db(transaction=True)
def test_an_event_of_its_own_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        record_event(kind="core.tested", subject_type="core.Test", subject_id=1, actor_id=None)

    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_many_events_are_written_in_one_statement(django_assert_num_queries: object) -> None:
    events = [NewEvent("core.tested", "core.Test", number, {"n": number}) for number in range(50)]

    assert record_events(events=iter(events), actor_id=7) == 50
    assert record_events(events=[], actor_id=7) == 0

    rows = Event.objects.order_by("id").values_list("subject_id", "actor_id", "payload")
    assert list(rows) == [(number, 7, {"n": number}) for number in range(50)]
    assert Event.objects.values("transaction_id").distinct().count() == 1


@pytest.mark.django_db(transaction=True)
def test_events_are_handed_out_once_and_in_order() -> None:
    reader = Reader()
    for number in (1, 2, 3):
        record(number)
    wait_until_all_have_ended()

    assert [reader.read(limit=2), reader.read(limit=2), reader.read(limit=2)] == [2, 1, 0]
    assert reader.seen == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_an_early_transaction_that_commits_late_is_not_skipped() -> None:
    reader = Reader()
    with another_connection() as early:
        insert_on(early, 1)
        record(2)
        assert Event.objects.get().subject_id == 2

        # The later event is there to be seen, but what comes before it is not yet.
        reader.read()
        assert reader.seen == []

        early.commit()
    wait_until_all_have_ended()
    reader.read()

    assert reader.seen == [1, 2]
    ids = dict(Event.objects.values_list("subject_id", "id"))
    assert ids[1] < ids[2]


@pytest.mark.django_db(transaction=True)
def test_an_early_transaction_with_a_greater_id_is_not_skipped() -> None:
    reader = Reader()
    with another_connection() as early:
        with early.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        record(2)
        reader.read()
        insert_on(early, 1)
        early.commit()
    wait_until_all_have_ended()
    reader.read()

    assert sorted(reader.seen) == [1, 2]
    ids = dict(Event.objects.values_list("subject_id", "id"))
    assert ids[1] > ids[2]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_undone_holds_nothing_up() -> None:
    reader = Reader()
    with another_connection() as early:
        insert_on(early, 1)
        record(2)
        early.rollback()
    wait_until_all_have_ended()
    reader.read()

    assert reader.seen == [2]


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_fails_is_handed_the_same_events_again() -> None:
    reader = Reader()
    for number in (1, 2):
        record(number)
    wait_until_all_have_ended()

    def fail(events: Sequence[Event]) -> None:
        record(3)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        read_events(cursor_name=reader.name, handle=fail)
    assert Event.objects.count() == 2

    assert reader.read() == 2
    assert reader.seen == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_reader_of_some_kinds_leaves_the_others_behind() -> None:
    wanting = Reader("wanting", kinds=["core.wanted"])
    everything = Reader("everything")
    record(1)
    record(2, kind="core.wanted")
    record(3)
    wait_until_all_have_ended()

    assert wanting.read() == 1
    everything.read(limit=1)

    assert (wanting.seen, everything.seen) == ([2], [1])
    assert waiting_counts() == {"everything": 2, "wanting": 0}
    assert wanting.read() == 0


@pytest.mark.django_db(transaction=True)
def test_two_cursors_do_not_disturb_each_other() -> None:
    first, second = Reader("first"), Reader("second")
    record(1)
    wait_until_all_have_ended()

    assert first.read() == second.read() == 1
    assert set(EventCursor.objects.values_list("name", flat=True)) == {"first", "second"}
