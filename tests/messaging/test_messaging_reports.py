"""What became of messages: asked later, once by one worker, and written down once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import connection, transaction

from salam.messaging.actions import collect_reports, deliver_waiting
from salam.messaging.actions.delivering import LOST_AFTER, REPORT_AFTER, RETRY_AFTER
from salam.messaging.actions.reporting import REPORT_WITHIN
from salam.messaging.gateways import GatewayFailed, Report
from salam.messaging.models import Message
from salam.messaging.queries import DeliveryState, delivery_state
from tests.cast import NOW
from tests.messaging.stage import RecordingGateway, phone_of, queue_for, reachable

ARRIVED, NOT_REACHED = Report(is_delivered=True), Report(is_delivered=False, code="not_reached")


@dataclass
class Telling(RecordingGateway):
    """A gateway that tells later what it knows by then."""

    name: str = "telling"
    known: dict[str, Report] = field(default_factory=dict)
    asked: list[Sequence[str]] = field(default_factory=list)
    is_away: bool = False
    in_transaction: bool = False

    def reports(self, *, references: Sequence[str]) -> Mapping[str, Report]:
        self.asked.append(references)
        self.in_transaction = connection.in_atomic_block
        if self.is_away:
            raise GatewayFailed("busy")
        return {one: report for one, report in self.known.items() if one in references}


@pytest.fixture
def telling(transactional_db, vault, choose) -> Telling:
    """Two messages that the gateway took, r1 and r2."""
    gateway = choose(Telling())
    for person in reachable(1, 2):
        queue_for(person)
    deliver_waiting(now=NOW)
    return gateway


def states() -> dict[str, tuple[str, str]]:
    rows = Message.objects.values_list("gateway_reference", "status", "error_code")
    return {reference: (status, code) for reference, status, code in rows}


def test_reports_come_late_and_twice(telling) -> None:
    soon, later = NOW + REPORT_AFTER, NOW + REPORT_AFTER * 2
    assert collect_reports(now=soon - timedelta(seconds=1)) == 0
    assert collect_reports(now=soon) == 2
    assert states() == {"r1": ("sent", ""), "r2": ("sent", "")}
    telling.known = {"r1": ARRIVED, "r2": NOT_REACHED}

    assert collect_reports(now=later) == 2
    told = states()
    Message.objects.filter(gateway_reference="r1").update(status="sent", report_due_at=later)
    collect_reports(now=later)

    assert told == {"r1": ("delivered", ""), "r2": ("failed", "not_reached")}
    assert states() == told
    assert set(Message.objects.values_list("reported_at", "report_due_at")) == {(later, None)}
    assert not telling.in_transaction
    assert delivery_state() == DeliveryState(waiting=0, failed=1, unsure=0)


def test_no_report_after_the_end_changes_anything(telling) -> None:
    soon = NOW + REPORT_AFTER
    Message.objects.filter(gateway_reference="r2").update(gateway_reference="r9")
    telling.known = {"r1": ARRIVED}
    collect_reports(now=soon)
    telling.known = {"r1": NOT_REACHED}

    collect_reports(now=soon + timedelta(hours=1))

    assert states()["r1"] == ("delivered", "")


def test_a_provider_that_is_away_is_asked_again(telling) -> None:
    telling.is_away = True
    assert collect_reports(now=NOW + REPORT_AFTER) == 2
    telling.is_away, telling.known = False, {"r1": ARRIVED, "r2": ARRIVED}

    collect_reports(now=NOW + REPORT_AFTER * 2)

    assert set(states().values()) == {("delivered", "")}


def test_nobody_is_asked_for_ever(telling) -> None:
    at, turns = NOW, 0
    while due := Message.objects.filter(report_due_at__isnull=False).first():
        at = due.report_due_at
        collect_reports(now=at)
        turns += 1

    assert at >= NOW + REPORT_WITHIN
    assert turns < 25
    assert set(states().values()) == {("sent", "")}


def test_a_gateway_that_tells_nothing_is_not_asked(telling, choose) -> None:
    choose(RecordingGateway())

    assert collect_reports(now=NOW + timedelta(hours=1)) == 0
    assert telling.asked == []


def test_nobody_is_asked_inside_a_transaction(telling) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        collect_reports(now=NOW + REPORT_AFTER)

    assert telling.asked == []


@pytest.mark.parametrize(("code", "unsure"), [("timeout", 1), ("busy", 0)])
def test_what_may_have_left_before_is_marked(db, vault, choose, code, unsure) -> None:
    def fail(phone: str) -> None:
        raise GatewayFailed(code)

    choose(RecordingGateway(before=fail))
    (person,) = reachable(1)
    message = queue_for(person)
    deliver_waiting(now=NOW)
    gateway = choose(RecordingGateway())

    deliver_waiting(now=NOW + RETRY_AFTER[0])

    message.refresh_from_db()
    assert gateway.phones == [phone_of(1)]
    assert (message.status, message.unsure_count) == ("sent", unsure)


def test_what_never_came_to_the_gateway_is_not_in_doubt(db, vault, choose) -> None:
    gateway = choose(RecordingGateway())
    (person,) = reachable(1)
    message = queue_for(person)
    Message.objects.update(template="testing.of_an_older_version")

    deliver_waiting(now=NOW)

    message.refresh_from_db()
    assert (message.error_code, message.unsure_count, message.handed_at) == ("internal", 0, None)
    assert gateway.given == []


def test_a_claim_that_was_lost_is_not_handed_over(db, vault, choose) -> None:
    """The first worker comes back after five minutes with its second message still in hand."""
    second = RecordingGateway()

    def stay_away_too_long(phone: str) -> None:
        choose(second)
        deliver_waiting(now=NOW + LOST_AFTER)

    first = choose(RecordingGateway(before=stay_away_too_long))
    for person in reachable(1, 2):
        queue_for(person)

    deliver_waiting(now=NOW)

    assert first.phones == [phone_of(1)]
    assert second.phones == [phone_of(1), phone_of(2)]
    assert sorted(Message.objects.values_list("unsure_count", flat=True)) == [0, 1]
