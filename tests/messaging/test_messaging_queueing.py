"""Asking for messages: what may be in one, and in whose transaction it stands."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from salam.core.bulk import OutsideTransaction
from salam.messaging.actions import queue_message, queue_messages
from salam.messaging.enums import MessageStatus
from salam.messaging.models import Message
from salam.messaging.registry import (
    TEXT_LENGTH_MAX,
    MessageTemplate,
    TemplateUnknown,
    all_templates,
    register_template,
    render,
)
from tests.cast import NOW, make_person
from tests.messaging.stage import FILLED, PLAIN


def test_a_message_holds_codes_and_numbers_and_no_text(db) -> None:
    person = make_person()

    message = queue_message(
        person_id=person.pk,
        template=FILLED.code,
        now=NOW,
        values={"count": 3, "code": "k7m"},
    )

    message.refresh_from_db()
    assert (message.template, message.values) == (FILLED.code, {"count": 3, "code": "k7m"})
    assert (message.status, message.due_at, message.attempts) == (MessageStatus.QUEUED, NOW, 0)
    columns = {field.name for field in Message._meta.concrete_fields}
    assert not columns & {"phone", "text", "body", "number"}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"count": 3},
        {"count": 3, "code": "k7m", "name": "x"},
        {"count": 3, "code": "زهرا"},
        {"count": 3, "code": "09121234567"},
        {"count": 3, "code": "+989121234567"},
        {"count": 9121234567, "code": "k7m"},
        {"count": -3, "code": "k7m"},
        {"count": True, "code": "k7m"},
        {"count": [1, 2], "code": "k7m"},
        {"count": None, "code": "k7m"},
    ],
)
def test_values_that_a_template_does_not_declare_are_refused(db, values) -> None:
    person = make_person()

    with pytest.raises(ValueError, match=r"takes|kept here|message") as refusal:
        queue_message(person_id=person.pk, template=FILLED.code, now=NOW, values=values)

    assert "912" not in str(refusal.value)
    assert not Message.objects.exists()


def test_a_template_that_nobody_registered_is_refused(db) -> None:
    person = make_person()

    with pytest.raises(TemplateUnknown):
        queue_message(person_id=person.pk, template="testing.unheard_of", now=NOW)


@pytest.mark.parametrize(
    ("code", "purpose"),
    [("waits", "testing"), ("testing.Waits", "testing"), ("testing.waits", "می‌گوید")],
)
def test_codes_of_templates_are_codes(code, purpose) -> None:
    with pytest.raises(ValueError, match="not codes"):
        register_template(MessageTemplate(code, "سلام", purpose))


def test_one_code_has_one_text() -> None:
    register_template(PLAIN)

    with pytest.raises(ValueError, match="twice"):
        register_template(MessageTemplate(PLAIN.code, "متنی دیگر", PLAIN.purpose))


def test_numbers_are_read_in_persian_and_codes_as_typed() -> None:
    text = render(template=FILLED, values={"count": 12, "code": "k7m"})

    assert text == "۱۲ چیز در سلام منتظر شماست. کد: k7m"


def test_every_text_is_short_and_takes_what_it_declares() -> None:
    for template in all_templates():
        text = render(template=template, values=dict.fromkeys(template.values, 9_999_999))

        assert len(text) <= TEXT_LENGTH_MAX, template.code
        assert "%(" not in text, template.code


# A reader over the shoulder learns that something waits, not what (mission, rule 7).
TELLING = ("کمک", "نیازمند", "بیمار", "درمان", "مشاوره", "خشونت", "اعتیاد", "معلول", "مددجو")


def test_no_text_tells_what_it_is_about() -> None:
    texts = {template.code: str(template.text) for template in all_templates()}

    assert {code for code, text in texts.items() if any(word in text for word in TELLING)} == set()


@pytest.mark.django_db(transaction=True)
def test_a_message_stands_and_falls_with_the_callers_transaction() -> None:
    person = make_person()

    with pytest.raises(OutsideTransaction):
        queue_message(person_id=person.pk, template=PLAIN.code, now=NOW)
    with pytest.raises(OutsideTransaction):
        queue_messages(person_ids=[person.pk], template=PLAIN.code, now=NOW)
    with transaction.atomic():
        queue_message(person_id=person.pk, template=PLAIN.code, now=NOW)
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_thousands_are_queued_as_quickly_as_three(db) -> None:
    people = [make_person() for _ in range(3)]

    with CaptureQueriesContext(connection) as few:
        assert queue_messages(person_ids=[people[0].pk], template=PLAIN.code, now=NOW) == 1
    with CaptureQueriesContext(connection) as many:
        ids = [person.pk for person in people] * 1000
        assert queue_messages(person_ids=ids, template=PLAIN.code, now=NOW) == 3000

    assert len(many) == len(few)
    rows = set(Message.objects.values_list("person_id", "template", "status", "due_at"))
    assert rows == {(person.pk, PLAIN.code, "queued", NOW) for person in people}
    assert not Message.objects.exclude(values={}).exists()


def test_nobody_to_tell_writes_nothing(db) -> None:
    assert queue_messages(person_ids=[], template=PLAIN.code, now=NOW) == 0
    assert not Message.objects.exists()
