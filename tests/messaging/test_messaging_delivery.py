"""Handing over: at least once, a bounded number of times, and never told to a log."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from django.db import connection

from salam.access.models import DeliveryCount
from salam.core.dates import local_day
from salam.core.personal_data import personal_data_handlers
from salam.messaging.actions import BATCH_MAX, deliver_waiting
from salam.messaging.actions.delivering import ATTEMPTS_MAX, LOST_AFTER, RETRY_AFTER
from salam.messaging.enums import MessageStatus
from salam.messaging.gateways.protocol import ANSWER_SECONDS_MAX
from salam.messaging.models import Message
from tests.cast import NOW, make_person
from tests.messaging.stage import (
    PLAIN,
    RecordingGateway,
    lines_of,
    phone_of,
    queue_for,
    reachable,
    refuse,
)


def test_a_message_is_handed_over_once_and_counted(db, vault, home) -> None:
    (person,) = reachable(1)
    queue_for(person)

    assert deliver_waiting(now=NOW) == 1
    assert deliver_waiting(now=NOW + LOST_AFTER) == 0

    (line,) = lines_of(home)
    assert (line["to"], line["text"]) == (phone_of(1), str(PLAIN.text))
    message = Message.objects.get()
    assert (message.status, message.sent_at, message.gateway) == ("sent", NOW, "file")
    assert message.gateway_reference == line["reference"]
    counts = DeliveryCount.objects.values_list("day", "purpose", "delivered_count")
    assert set(counts) == {(local_day(NOW), "testing", 1)}


def test_what_is_not_due_yet_waits(db, vault, choose) -> None:
    gateway = choose(RecordingGateway())
    (person,) = reachable(1)
    queue_for(person, now=NOW + timedelta(minutes=1))

    assert deliver_waiting(now=NOW) == 0
    assert gateway.given == []


def test_who_has_no_number_is_not_tried_again(db, vault, choose) -> None:
    gateway = choose(RecordingGateway())
    (forgotten,) = reachable(1)
    forgotten.forgotten_at = NOW
    forgotten.save()
    for person in (forgotten, make_person()):
        queue_for(person)

    deliver_waiting(now=NOW)

    outcomes = set(Message.objects.values_list("status", "error_code", "attempts"))
    assert outcomes == {("undeliverable", "no_number", 1)}
    assert gateway.given == []


@pytest.mark.parametrize("reaches_people", [True, False])
def test_made_up_people_are_handed_only_to_gateways_that_reach_nobody(
    db, vault, choose, reaches_people
) -> None:
    gateway = choose(RecordingGateway(reaches_people=reaches_people))
    living, made_up = reachable(1, 2)
    made_up.is_generated = True
    made_up.save()
    for person in (living, made_up):
        queue_for(person)

    deliver_waiting(now=NOW)

    assert gateway.phones == [phone_of(1)] if reaches_people else [phone_of(1), phone_of(2)]


def test_a_gateway_out_of_order_is_asked_again_later_and_not_for_ever(db, vault, choose) -> None:
    choose(RecordingGateway(before=refuse))
    (person,) = reachable(1)
    message = queue_for(person)
    seen, at = [], NOW

    for _ in range(ATTEMPTS_MAX):
        assert deliver_waiting(now=at) == 1
        message.refresh_from_db()
        seen.append((message.status, message.due_at - at))
        at = message.due_at

    waits = [("queued", wait) for wait in RETRY_AFTER]
    assert seen[:-1] == waits
    assert (message.status, message.error_code, message.attempts) == ("failed", "busy", 5)
    assert deliver_waiting(now=at + timedelta(days=1)) == 0


def test_one_broken_message_does_not_keep_the_others(db, vault, choose, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("salam").addHandler(caplog.handler)

    def break_over_the_first(phone: str) -> None:
        if phone == phone_of(1):
            raise RuntimeError(f"could not send {PLAIN.text} to {phone}")

    gateway = choose(RecordingGateway(before=break_over_the_first))
    for person in reachable(1, 2):
        queue_for(person)

    deliver_waiting(now=NOW)
    logging.getLogger("salam").removeHandler(caplog.handler)

    assert gateway.phones == [phone_of(2)]
    assert set(Message.objects.values_list("status", "error_code")) == {
        ("queued", "internal"),
        ("sent", ""),
    }
    assert "RuntimeError" in caplog.text
    assert "912" not in caplog.text
    assert str(PLAIN.text) not in caplog.text


class Killed(BaseException):
    """As if the process ended here."""


def die(phone: str) -> None:
    raise Killed


def test_a_worker_killed_in_between_leaves_what_the_next_finds(db, vault, choose) -> None:
    choose(RecordingGateway(before=die))
    (person,) = reachable(1)
    message = queue_for(person)

    with pytest.raises(Killed):
        deliver_waiting(now=NOW)

    message.refresh_from_db()
    assert (message.status, message.claimed_at) == (MessageStatus.SENDING, NOW)
    gateway = choose(RecordingGateway())
    assert deliver_waiting(now=NOW + LOST_AFTER - timedelta(seconds=1)) == 0
    assert deliver_waiting(now=NOW + LOST_AFTER) == 1
    assert gateway.phones == [phone_of(1)]
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageStatus.SENT, 2)


def test_a_message_that_kills_every_worker_is_given_up(db, vault, choose) -> None:
    choose(RecordingGateway(before=die))
    (person,) = reachable(1)
    message = queue_for(person)
    for attempt in range(ATTEMPTS_MAX):
        with pytest.raises(Killed):
            deliver_waiting(now=NOW + attempt * LOST_AFTER)

    assert deliver_waiting(now=NOW + ATTEMPTS_MAX * LOST_AFTER) == 0

    message.refresh_from_db()
    assert (message.status, message.error_code) == (MessageStatus.FAILED, "lost")


def test_a_late_worker_does_not_undo_what_another_did(db, vault, choose) -> None:
    (person,) = reachable(1)
    message = queue_for(person)
    second = RecordingGateway()

    def stay_away_too_long(phone: str) -> None:
        choose(second)
        deliver_waiting(now=NOW + LOST_AFTER)
        refuse(phone)

    choose(RecordingGateway(before=stay_away_too_long))

    deliver_waiting(now=NOW)

    message.refresh_from_db()
    assert second.phones == [phone_of(1)]
    assert (message.status, message.attempts) == (MessageStatus.SENT, 2)


def test_a_batch_ends_before_it_counts_as_lost() -> None:
    assert timedelta(seconds=BATCH_MAX * ANSWER_SECONDS_MAX) < LOST_AFTER


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(vault, choose) -> None:
    both_are_inside = threading.Barrier(2, timeout=20)
    waited = threading.local()
    in_transaction: list[bool] = []

    def meet_once(phone: str) -> None:
        in_transaction.append(connection.in_atomic_block)
        if not getattr(waited, "done", False):
            waited.done = True
            both_are_inside.wait()

    gateway = choose(RecordingGateway(before=meet_once))
    for person in reachable(*range(30)):
        queue_for(person)
    taken: list[int] = []

    def work() -> None:
        while count := deliver_waiting(now=NOW, limit=4):
            taken.append(count)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(gateway.phones) == sorted(phone_of(number) for number in range(30))
    assert sum(taken) == 30
    assert set(Message.objects.values_list("status", "attempts")) == {("sent", 1)}
    assert set(in_transaction) == {False}


def test_a_person_can_have_their_messages_and_be_forgotten(db, vault, choose) -> None:
    choose(RecordingGateway())
    mine, other = reachable(1, 2)
    duplicate = make_person(merged_into=mine)
    for person in (mine, duplicate, other):
        queue_for(person)
    deliver_waiting(now=NOW)
    (handler,) = [one for one in personal_data_handlers() if one.room == "messaging"]

    held = handler.export_for(mine.pk)
    handler.forget(mine.pk, NOW)

    sent = {
        "template": PLAIN.code,
        "values": {},
        "purpose": "testing",
        "channel": "sms",
        "status": "sent",
        "queued_at": NOW,
        "sent_at": NOW,
    }
    assert held == {"messages": [sent, sent]}
    assert set(Message.objects.values_list("person_id", flat=True)) == {other.pk}
