"""One-time codes: at once, kept nowhere, told to nobody else."""

from __future__ import annotations

import logging

import pytest
from django.db import transaction

from salam.access.models import DeliveryCount
from salam.core.dates import local_day
from salam.core.errors import InvalidInput
from salam.core.models import Event
from salam.messaging.actions import CodeNotSent, send_code
from salam.messaging.models import Message
from tests.cast import NOW
from tests.messaging.stage import RecordingGateway, lines_of, refuse

PHONE = "+989121234567"


def test_a_code_goes_out_at_once_and_is_kept_nowhere(db, home, caplog) -> None:
    caplog.set_level(logging.DEBUG)

    send_code(phone="۰۹۱۲ ۱۲۳ ۴۵۶۷", code="402913", now=NOW)

    (line,) = lines_of(home)
    assert (line["to"], line["text"]) == (PHONE, "کد شما: 402913\nآن را به هیچ‌کس نگویید.")
    assert not Message.objects.exists()
    assert not Event.objects.exists()
    counts = DeliveryCount.objects.values_list("day", "purpose", "delivered_count")
    assert set(counts) == {(local_day(NOW), "one_time_code", 1)}
    said = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not [line for line in said if "402913" in line or "1234567" in line]


def test_a_gateway_out_of_order_is_said_in_a_sentence(db, choose) -> None:
    choose(RecordingGateway(before=refuse))

    with pytest.raises(CodeNotSent) as refusal:
        send_code(phone=PHONE, code="402913", now=NOW)

    assert "دوباره" in refusal.value.sentence
    assert "912" not in refusal.value.sentence
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("phone", ["02133334444", "0912", "زنگ"])
def test_a_number_that_takes_no_message_is_refused(db, choose, phone) -> None:
    gateway = choose(RecordingGateway())

    with pytest.raises(InvalidInput):
        send_code(phone=phone, code="402913", now=NOW)

    assert gateway.given == []
    assert not DeliveryCount.objects.exists()


@pytest.mark.parametrize("code", ["123", "12 34", "۱۲۳۴۵۶", "abcdef", "1" * 13])
def test_a_code_of_another_form_is_a_mistake(db, choose, code) -> None:
    gateway = choose(RecordingGateway())

    with pytest.raises(ValueError, match="one-time code") as refusal:
        send_code(phone=PHONE, code=code, now=NOW)

    assert code not in str(refusal.value)
    assert gateway.given == []


@pytest.mark.django_db(transaction=True)
def test_no_code_is_sent_inside_a_transaction(choose) -> None:
    gateway = choose(RecordingGateway())

    with pytest.raises(RuntimeError), transaction.atomic():
        send_code(phone=PHONE, code="402913", now=NOW)

    assert gateway.given == []
