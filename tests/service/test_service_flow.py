"""Offered, accepted, served, counted: the whole flow, and each step twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from salam.access.enums import Role
from salam.access.queries import live_contact_grants
from salam.needs.actions import NewLine
from salam.needs.models import NeedLine
from salam.people.actions import withdraw_consent
from salam.people.enums import ConsentPurpose
from salam.people.models import Person
from salam.service.actions import (
    Confirmation,
    SessionNotPossible,
    accept_offer,
    cancel_session,
    confirm_hours,
    leave_assignment,
    plan_session,
    reverse_hours,
)
from salam.service.enums import (
    AssignmentStatus,
    OfferStatus,
    SessionStatus,
)
from salam.service.models import Assignment, Hours, Offer, Session
from salam.service.permissions import MoveNotPossible
from salam.service.queries import own_service, service_totals
from salam.timebank.enums import ReversalReason
from salam.timebank.queries import audit, person_hours
from tests.cast import NOW, make_grant
from tests.matching.worlds import SATURDAY_MORNING, STORYTELLING, SUNDAY_MORNING
from tests.service.worlds import AGREED, WEEK, ServiceWorld


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


def test_a_day_that_was_called_off_is_put_back_by_the_host(world: ServiceWorld) -> None:
    session = world.session()
    cancel_session(actor=world.volunteer_actor, session_id=session.public_id, now=NOW)

    again = plan_session(
        actor=world.officer,
        assignment_id=session.assignment.public_id,
        happens_on=session.happens_on,
    )

    assert (again.pk, again.status) == (session.pk, SessionStatus.PLANNED)


def test_a_day_that_was_served_is_not_planned_anew(world: ServiceWorld) -> None:
    hours = world.confirmed()

    with pytest.raises(SessionNotPossible):
        plan_session(
            actor=world.officer,
            assignment_id=hours.session.assignment.public_id,
            happens_on=hours.session.happens_on,
        )

    assert Session.objects.get(pk=hours.session.pk).status == SessionStatus.CONFIRMED


def test_nobody_attests_to_the_own_hours(world: ServiceWorld) -> None:
    session = world.reported(duration_minutes=60)
    make_grant(
        Person.objects.get(pk=world.person_id),
        Role.INTERMEDIARY_OFFICER,
        world.cast.offices.intermediary,
    )

    with pytest.raises(MoveNotPossible):
        confirm_hours(
            actor=world.actor(world.person_id),
            confirmations=[Confirmation(session_id=session.public_id, duration_minutes=60)],
            now=NOW + WEEK,
        )

    assert person_hours(person_id=world.person_id).balance_minutes == 0


def test_a_yes_to_one_gives_no_other_the_number_back(world: ServiceWorld) -> None:
    person = world.volunteer(
        consents=AGREED,
        half_day_bits=1 << SATURDAY_MORNING | 1 << SUNDAY_MORNING,
    )
    offers = [
        world.offer(person_id=person, line=line)
        for line in NeedLine.objects.filter(
            need_id=world.need(
                NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING),
                NewLine(half_day=SUNDAY_MORNING, skill_bits=STORYTELLING),
            ),
        ).order_by("half_day")
    ]
    actor = world.actor(person)
    first = accept_offer(actor=actor, offer_id=offers[0].public_id, now=NOW)
    withdraw_consent(
        actor=actor,
        person_id=person,
        purpose=ConsentPurpose.CONTACT,
        now=NOW + timedelta(hours=1),
    )

    second = accept_offer(
        actor=actor,
        offer_id=offers[1].public_id,
        now=NOW + timedelta(hours=2),
    )

    live = live_contact_grants(at=NOW + timedelta(hours=3))
    assert [grant.origin for grant in live] == [second.contact_origin]
    assert first.contact_origin != second.contact_origin
