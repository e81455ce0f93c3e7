"""Offered, accepted, served, counted: the whole flow, and each step twice."""

from __future__ import annotations

from datetime import date

import pytest

from salam.access.queries import live_contact_grants
from salam.service.actions import (
    Confirmation,
    accept_offer,
    confirm_hours,
    leave_assignment,
    reverse_hours,
)
from salam.service.enums import (
    AssignmentStatus,
    OfferStatus,
    SessionStatus,
)
from salam.service.models import Assignment, Hours, Offer, Session
from salam.service.queries import own_service, service_totals
from salam.timebank.enums import ReversalReason
from salam.timebank.queries import audit, person_hours
from tests.cast import NOW
from tests.service.worlds import WEEK, ServiceWorld


@pytest.fixture
def world(db: None) -> ServiceWorld:
    return ServiceWorld()


def test_whole_flow_ends_with_hours_in_the_bank(world: ServiceWorld) -> None:
    hours = world.confirmed(duration_minutes=150)

    assert hours.duration_minutes == 150
    assert person_hours(person_id=world.person_id).balance_minutes == 150
    assert {line.breach_count for line in audit()} == {0}
    totals = service_totals()
    assert (totals.offered, totals.accepted, totals.active) == (1, 1, 1)
    assert (totals.confirmed_sessions, totals.confirmed_minutes) == (1, 150)
    own = own_service(actor=world.volunteer_actor, now=NOW + WEEK)
    assert [one.confirmed_minutes for one in own.confirmed] == [150]
    assert [one.happens_on for one in own.coming] == [date(2026, 12, 5)]


def test_every_step_twice_is_done_once(world: ServiceWorld) -> None:
    hours = world.confirmed(duration_minutes=90)
    again = confirm_hours(
        actor=world.officer,
        confirmations=[
            Confirmation(session_id=hours.session.public_id, duration_minutes=90),
        ],
        now=NOW + WEEK,
    )
    offer = Offer.objects.get()
    assignment = accept_offer(actor=world.volunteer_actor, offer_id=offer.public_id, now=NOW)

    assert again == [hours]
    assert Assignment.objects.get() == assignment
    assert person_hours(person_id=world.person_id).balance_minutes == 90


def test_hours_taken_back_and_confirmed_anew(world: ServiceWorld) -> None:
    hours = world.confirmed(duration_minutes=600)
    reverse_hours(
        actor=world.officer,
        session_id=hours.session.public_id,
        reason=ReversalReason.WRONG_MINUTES,
        now=NOW + WEEK,
    )
    between = person_hours(person_id=world.person_id).balance_minutes
    confirm_hours(
        actor=world.officer,
        confirmations=[Confirmation(session_id=hours.session.public_id, duration_minutes=60)],
        now=NOW + WEEK,
    )

    assert between == 0
    assert person_hours(person_id=world.person_id).balance_minutes == 60
    assert Hours.objects.count() == 2
    assert {line.breach_count for line in audit()} == {0}


def test_leaving_ends_the_right_to_call_at_once(world: ServiceWorld) -> None:
    assignment = world.assignment()
    before = live_contact_grants(at=NOW).count()
    leave_assignment(
        actor=world.volunteer_actor,
        assignment_id=assignment.public_id,
        now=NOW,
    )

    assignment.refresh_from_db()
    assert (before, live_contact_grants(at=NOW).count()) == (1, 0)
    assert assignment.status == AssignmentStatus.ENDED
    assert Offer.objects.get().status == OfferStatus.FULFILLED
    assert [session.status for session in Session.objects.all()] == [SessionStatus.CANCELLED]
