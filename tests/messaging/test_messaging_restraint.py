"""Who is not written to, when nobody is, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from salam.config.settings import env_hours
from salam.core.dates import TEHRAN, local_day
from salam.messaging.actions import deliver_waiting, queue_messages, send_code
from salam.messaging.hours import is_quiet
from salam.messaging.models import Message, PartCount
from salam.messaging.parts import sms_parts
from salam.messaging.queries import Cost, costs_since
from salam.messaging.registry import CODE_TEMPLATE, MessageTemplate, register_template
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.models import Consent, Person
from tests.cast import NOW, make_person
from tests.messaging.stage import PLAIN, RecordingGateway, phone_of, queue_for, reachable, refuse

MIDNIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=TEHRAN)
OTHER_PHONE = "+989121234567"
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=TEHRAN)
URGENT = MessageTemplate("testing.something_urgent", "چیزی هست.", "testing", is_urgent=True)


def agree(person: Person, *, withdrawn_at: datetime | None = None) -> None:
    Consent.objects.create(
        person=person,
        purpose=ConsentPurpose.MESSAGES,
        text_version="1",
        channel=RegistrationChannel.ONLINE,
        given_at=NOW - timedelta(days=1),
        withdrawn_at=withdrawn_at,
    )


def test_who_wants_no_more_gets_none_even_of_what_waits(db, vault, choose) -> None:
    """By person: the other one shares the telephone and still wants messages."""
    gateway = choose(RecordingGateway())
    stopped, kept, unasked = reachable(1, 1, 2)
    duplicate = make_person(merged_into=stopped)
    for person in (stopped, duplicate, kept, unasked):
        queue_for(person)
    agree(stopped, withdrawn_at=NOW)
    agree(kept)

    deliver_waiting(now=NOW)

    assert gateway.phones == [phone_of(1), phone_of(2)]
    outcomes = Message.objects.order_by("pk").values_list("status", "error_code")
    assert list(outcomes) == [
        ("undeliverable", "stopped"),
        ("undeliverable", "stopped"),
        ("sent", ""),
        ("sent", ""),
    ]


def test_a_stop_after_a_failure_ends_the_tries(db, vault, choose) -> None:
    choose(RecordingGateway(before=refuse))
    (person,) = reachable(1)
    message = queue_for(person)
    deliver_waiting(now=NOW)
    agree(person, withdrawn_at=NOW)
    gateway = choose(RecordingGateway())

    deliver_waiting(now=NOW + timedelta(hours=1))

    message.refresh_from_db()
    assert (message.status, message.error_code) == ("undeliverable", "stopped")
    assert gateway.given == []


def test_at_night_only_what_is_urgent_rings(db, vault, choose, settings) -> None:
    settings.SALAM_QUIET_HOURS = (22, 8)
    register_template(URGENT)
    gateway = choose(RecordingGateway(reaches_people=True))
    (person,) = reachable(1)
    queue_for(person)
    queue_messages(person_ids=[person.pk], template=URGENT.code, now=NOW)

    deliver_waiting(now=MIDNIGHT)
    at_night = [text for _, text in gateway.given]
    send_code(phone=OTHER_PHONE, code="402913", now=MIDNIGHT)
    deliver_waiting(now=MORNING)

    assert at_night == [str(URGENT.text)]
    assert gateway.phones == [phone_of(1), OTHER_PHONE, phone_of(1)]


def test_a_gateway_that_reaches_nobody_wakes_nobody(db, vault, choose, settings) -> None:
    settings.SALAM_QUIET_HOURS = (22, 8)
    gateway = choose(RecordingGateway())
    (person,) = reachable(1)
    queue_for(person)

    deliver_waiting(now=MIDNIGHT)

    assert gateway.phones == [phone_of(1)]


@pytest.mark.parametrize(
    ("hours", "quiet"),
    [((22, 8), {22, 23, *range(8)}), ((13, 15), {13, 14}), ((5, 5), set()), (None, set())],
)
def test_hours_are_those_of_tehran(hours, quiet) -> None:
    day = datetime(2026, 11, 22, tzinfo=TEHRAN)
    found = {
        hour
        for hour in range(24)
        if is_quiet(hours=hours, now=(day + timedelta(hours=hour)).astimezone(UTC))
    }

    assert found == quiet


def test_quiet_hours_are_read_from_the_setting(monkeypatch) -> None:
    assert env_hours("SALAM_QUIET_HOURS", "22-8") == (22, 8)
    monkeypatch.setenv("SALAM_QUIET_HOURS", "0")
    assert env_hours("SALAM_QUIET_HOURS", "22-8") is None
    for wrong in ("22", "22-24", "a-b", "-"):
        monkeypatch.setenv("SALAM_QUIET_HOURS", wrong)
        with pytest.raises(ImproperlyConfigured, match="SALAM_QUIET_HOURS must be"):
            env_hours("SALAM_QUIET_HOURS", "22-8")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("{" * 80, 1),
        ("{" * 81, 2),
        # 153 places hold 76 braces, and the 77th is not torn.
        ("{" * 153, 3),
        ("س" * 70, 1),
        ("س" * 71, 2),
        ("س" * 134, 2),
        ("س" * 135, 3),
        ("a" * 69 + "س", 1),
        ("🌱" * 35, 1),
        ("🌱" * 36, 2),
        ("🌱" * 67, 3),
    ],
)
def test_a_text_takes_so_many_parts(text, parts) -> None:
    assert sms_parts(text=text) == parts


def test_parts_are_counted_by_gateway_template_and_day(db, vault, choose) -> None:
    choose(RecordingGateway(before=refuse))
    for person in reachable(1, 2):
        queue_for(person)
    deliver_waiting(now=NOW)
    refused = PartCount.objects.count()
    choose(RecordingGateway())
    later = NOW + timedelta(hours=1)

    deliver_waiting(now=later)

    assert refused == 0
    cost = Cost(gateway="recording", template=PLAIN.code, messages=2, parts=2)
    assert costs_since(since=local_day(later)) == [cost]
    assert costs_since(since=local_day(later) + timedelta(days=1)) == []


def test_codes_are_counted_too(db, choose) -> None:
    choose(RecordingGateway())

    send_code(phone="+989121234567", code="402913", now=NOW)

    assert costs_since(since=local_day(NOW)) == [Cost("recording", CODE_TEMPLATE.code, 1, 1)]
