"""What did not arrive: seen by text and reason, and tried again with one reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salam.access.queries import actor_for
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.messaging.actions import deliver_waiting, retry_failed
from salam.messaging.enums import Failure, RetryReason
from salam.messaging.gateways.kavenegar import _CODES, _REPORTS
from salam.messaging.models import Message
from salam.messaging.queries import dead_letters, dead_letters_of, delivery_board
from salam.messaging.registry import CODE_TEMPLATE
from tests.cast import NOW, Cast, make_cast
from tests.messaging.stage import PLAIN, RecordingGateway, phone_of, queue_for, reachable

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def failed(*codes: str) -> list[Message]:
    made = []
    for person, code in zip(reachable(*range(len(codes))), codes, strict=True):
        message = queue_for(person)
        Message.objects.filter(pk=message.pk).update(
            status="failed", attempts=5, claimed_at=NOW, sent_at=NOW, error_code=code
        )
        made.append(message)
    return made


def test_failed_messages_are_sent_again_and_the_rest_stays(vault, choose, cast) -> None:
    gateway = choose(RecordingGateway())
    failed("credit", "credit", "busy", "blocked")
    national = actor_for(person_id=cast.national.pk, at=NOW)

    seen = [(one.error_code, one.count, one.may_retry) for one in dead_letters(actor=national)]
    count = retry_failed(
        actor=national,
        template=PLAIN.code,
        error_code="credit",
        reason=RetryReason.CREDIT_FILLED,
        now=LATER,
    )
    deliver_waiting(now=LATER)

    assert seen == [("credit", 2, True), ("blocked", 1, False), ("busy", 1, True)]
    assert count == 2
    assert gateway.phones == [phone_of(0), phone_of(1)]
    event = Event.objects.get(kind="messaging.failed_retried")
    assert event.actor_id == cast.national.pk
    assert event.payload == {
        "template": PLAIN.code,
        "error_code": "credit",
        "reason": "credit_filled",
        "message_count": 2,
    }
    board = {one.code: one for one in delivery_board(actor=national)}
    assert (board[PLAIN.code].sent, board[PLAIN.code].failed) == (2, 2)
    assert (board[CODE_TEMPLATE.code].text, board[CODE_TEMPLATE.code].parts) == (
        "کد شما: ------\nآن را به هیچ‌کس نگویید.",
        1,
    )


def test_a_second_press_finds_nothing(vault, cast) -> None:
    failed("busy")
    national = actor_for(person_id=cast.national.pk, at=NOW)

    counts = [
        retry_failed(
            actor=national,
            template=PLAIN.code,
            error_code="busy",
            reason=RetryReason.ONCE_MORE,
            now=LATER,
        )
        for _ in range(2)
    ]

    assert counts == [1, 0]
    assert Event.objects.filter(kind="messaging.failed_retried").count() == 1


@pytest.mark.parametrize("name", ["coordinator_above", "officer", "volunteer", "agency_reader"])
def test_nobody_else_sees_or_sends(vault, cast, name) -> None:
    (message,) = failed("busy")
    actor = actor_for(person_id=getattr(cast, name).pk, at=NOW)

    for ask in (
        lambda: delivery_board(actor=actor),
        lambda: dead_letters(actor=actor),
        lambda: dead_letters_of(actor=actor, template=PLAIN.code, error_code="busy"),
        lambda: retry_failed(
            actor=actor,
            template=PLAIN.code,
            error_code="busy",
            reason=RetryReason.ONCE_MORE,
            now=LATER,
        ),
    ):
        with pytest.raises(PermissionRefused):
            ask()

    message.refresh_from_db()
    assert message.status == "failed"


@pytest.mark.parametrize("error_code", ["blocked", "nothing"])
def test_what_cannot_be_mended_is_not_tried(vault, cast, error_code) -> None:
    failed(error_code)
    national = actor_for(person_id=cast.national.pk, at=NOW)

    with pytest.raises(PermissionRefused):
        dead_letters_of(actor=national, template=PLAIN.code, error_code=error_code)
    with pytest.raises(PermissionRefused):
        retry_failed(
            actor=national,
            template=PLAIN.code,
            error_code=error_code,
            reason=RetryReason.ONCE_MORE,
            now=LATER,
        )


def test_every_reason_of_a_gateway_has_words() -> None:
    reported = {report.code for report in _REPORTS.values()} - {""}

    assert {*_CODES.values()} | reported <= set(Failure.values)
