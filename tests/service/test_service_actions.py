"""Offers answered and let go; assignments that end around their people; hours in batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.access.actions import open_contact
from salam.access.models import Disclosure
from salam.access.queries import live_contact_grants
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.needs.actions import close_need
from salam.organizations.actions import set_status as set_status_of
from salam.organizations.enums import OrganizationStatus
from salam.people.actions import forget_person
from salam.people.enums import ConsentPurpose
from salam.people.vault.enums import VaultKind
from salam.service.actions import (
    CONTACT_PURPOSE,
    Confirmation,
    OfferGone,
    SessionNotPossible,
    accept_offer,
    confirm_hours,
    end_assignment,
    expire_offers,
    follow_events,
    following,
    lapse_assignments,
    pause_assignment,
    plan_session,
    report_session,
    resume_assignment,
)
from salam.service.enums import (
    AssignmentStatus,
    EndReason,
    OfferStatus,
    SessionStatus,
)
from salam.service.models import Assignment, Hours, Offer, Session
from salam.service.permissions import MoveNotPossible
from salam.service.queries import need_outcome, office_queue, own_service
from salam.timebank.queries import person_hours
from tests.cast import DAY, NOW
from tests.matching.worlds import (
    OPERATOR,
    SATURDAY_AFTERNOON,
)
from tests.service.steps import ask, new_line, set_status, withdraw
from tests.service.worlds import AGREED, WEEK, ServiceWorld


@pytest.fixture
def world(db: None) -> ServiceWorld:
    return ServiceWorld()


def _too_late(world: ServiceWorld) -> None:
    Offer.objects.update(opened_at=NOW - 9 * DAY, answer_by=NOW)


@pytest.mark.parametrize(
    "happened",
    [
        _too_late,
        lambda world: close_need(actor=OPERATOR, need_id=world.need_id, now=NOW),
        lambda world: set_status(world, OrganizationStatus.SUSPENDED),
        lambda world: withdraw(world, ConsentPurpose.MATCHING),
    ],
)
def test_a_yes_that_cannot_be_taken_any_more_is_told_and_changes_nothing(
    world: ServiceWorld,
    happened: Callable[[ServiceWorld], object],
) -> None:
    offer = world.offer()
    happened(world)

    with pytest.raises(OfferGone):
        accept_offer(actor=world.volunteer_actor, offer_id=offer.public_id, now=NOW)

    assert Offer.objects.get().status == OfferStatus.OPEN
    assert Assignment.objects.count() == 0


def test_offers_of_a_suspended_institution_wait_and_go_on(world: ServiceWorld) -> None:
    offer = world.offer()
    set_status(world, OrganizationStatus.SUSPENDED)
    follow_events(now=NOW)
    waiting = own_service(actor=world.volunteer_actor, now=NOW).offers[0]
    set_status(world, OrganizationStatus.ACTIVE)

    assert (waiting.is_open, waiting.is_host_waiting) == (False, True)
    assert accept_offer(actor=world.volunteer_actor, offer_id=offer.public_id, now=NOW)


def test_expired_offers_let_go_of_their_seats_and_hold_nothing_against_anybody(
    world: ServiceWorld,
) -> None:
    world.offer()

    early = expire_offers(now=NOW + 3 * DAY)
    late = expire_offers(now=NOW + 5 * DAY)
    again = expire_offers(now=NOW + 5 * DAY)
    asked_again = ask(world, (world.person_id, world.line))

    assert (early, late, again) == (0, 1, 0)
    assert asked_again.opened == 1


def test_a_term_that_is_over_ends_the_assignment(world: ServiceWorld) -> None:
    assignment = world.assignment()

    before = lapse_assignments(now=assignment.ends_at - timedelta(seconds=1))
    after = lapse_assignments(now=assignment.ends_at)

    assignment.refresh_from_db()
    assert (before, after, lapse_assignments(now=assignment.ends_at)) == (0, 1, 0)
    assert assignment.end_reason == EndReason.TERM_OVER
    assert live_contact_grants(at=assignment.ends_at).count() == 0


def _closed(world: ServiceWorld) -> None:
    close_need(actor=OPERATOR, need_id=world.need_id, now=NOW)


def _host_closed(world: ServiceWorld) -> None:
    set_status_of(
        actor=OPERATOR,
        organization_id=world.cast.offices.intermediary.pk,
        status=OrganizationStatus.CLOSED,
        now=NOW,
    )


def _withdrawn(world: ServiceWorld) -> None:
    withdraw(world, ConsentPurpose.MATCHING)


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (_closed, EndReason.NEED_CLOSED),
        (_host_closed, EndReason.HOST_CLOSED),
        (_withdrawn, EndReason.CONSENT_WITHDRAWN),
    ],
)
def test_what_happens_below_ends_what_was_promised(
    world: ServiceWorld,
    happened: Callable[[ServiceWorld], None],
    reason: EndReason,
) -> None:
    assignment = world.assignment()
    # Committed before: an event of later is what ends it.
    Assignment.objects.update(started_at=NOW - DAY)
    Offer.objects.update(opened_at=NOW - DAY)
    happened(world)

    handled = follow_everything(world)

    assignment.refresh_from_db()
    assert handled > 0
    assert (assignment.status, assignment.end_reason) == (AssignmentStatus.ENDED, reason)
    assert live_contact_grants(at=NOW).count() == 0
    assert Session.objects.get().status == SessionStatus.CANCELLED


def follow_everything(world: ServiceWorld) -> int:
    """What the sweep would do once this test's transaction were committed."""
    events = list(Event.objects.filter(kind__in=following._HANDLERS).order_by("pk"))
    following._handle(events, now=NOW)
    following._handle(events, now=NOW)  # twice is once
    return len(events)


def test_forgetting_a_person_ends_everything_and_keeps_the_hours(world: ServiceWorld) -> None:
    world.confirmed(duration_minutes=75)
    forget_person(actor=world.volunteer_actor, person_id=world.person_id, now=NOW + WEEK)

    states = set(Session.objects.values_list("status", flat=True))
    assert Assignment.objects.get().end_reason == EndReason.VOLUNTEER_LEFT
    assert states == {SessionStatus.CONFIRMED, SessionStatus.CANCELLED}
    assert Hours.objects.get().duration_minutes == 75


def test_the_right_to_call_follows_the_assignment_and_each_look_is_on_record(
    world: ServiceWorld,
) -> None:
    assignment = world.assignment()
    key = assignment.public_id

    def look() -> str:
        grant = live_contact_grants(at=NOW).filter(origin=assignment.contact_origin).get()
        return open_contact(
            actor=world.officer,
            contact_grant_id=grant.pk,
            field=VaultKind.PHONE,
            purpose=CONTACT_PURPOSE,
            now=NOW,
        )

    phone = look()
    pause_assignment(actor=world.officer, assignment_id=key, now=NOW)
    while_paused = live_contact_grants(at=NOW).count()
    resume_assignment(actor=world.officer, assignment_id=key, now=NOW)
    again = look()
    end_assignment(actor=world.officer, assignment_id=key, reason=EndReason.HOST_ENDED, now=NOW)

    assert phone == again
    assert phone.startswith("+98999")
    assert while_paused == live_contact_grants(at=NOW).count() == 0
    assert Disclosure.objects.filter(purpose=CONTACT_PURPOSE).count() == 2


def test_a_batch_with_one_bad_row_changes_nothing(world: ServiceWorld) -> None:
    reported = world.reported()
    coming = Session.objects.get(happens_on=date(2026, 12, 5))

    for bad, error in (
        (Confirmation(session_id=coming.public_id, duration_minutes=60), SessionNotPossible),
        (Confirmation(session_id=coming.public_id, duration_minutes=0), InvalidInput),
        (Confirmation(session_id=coming.public_id, duration_minutes=721), InvalidInput),
    ):
        with pytest.raises(error):
            confirm_hours(
                actor=world.officer,
                confirmations=[
                    Confirmation(session_id=reported.public_id, duration_minutes=60),
                    bad,
                ],
                now=NOW + WEEK,
            )

    assert Hours.objects.count() == 0
    assert person_hours(person_id=world.person_id).balance_minutes == 0


def test_a_long_page_of_sessions_costs_as_many_queries_as_a_short_one(world: ServiceWorld) -> None:
    world.set_seats(40)
    line = new_line(world, headcount=34)
    people = [world.volunteer(consents=AGREED) for _ in range(34)]
    assert ask(world, *((person_id, line) for person_id in people)).opened == 34
    for offer in Offer.objects.order_by("pk"):
        accept_offer(actor=world.actor(offer.person_id), offer_id=offer.public_id, now=NOW)
    sessions = list(Session.objects.order_by("pk"))

    counts = []
    # The first page of all opens the host's account.
    for page in (sessions[:1], sessions[1:4], sessions[4:]):
        confirmations = [
            Confirmation(session_id=one.public_id, duration_minutes=60) for one in page
        ]
        with CaptureQueriesContext(connection) as queries:
            confirmed = confirm_hours(
                actor=world.officer, confirmations=confirmations, now=NOW + WEEK
            )
        assert len(confirmed) == len(page)
        counts.append(len(queries))

    assert counts[1] == counts[2]
    assert Session.objects.filter(status=SessionStatus.PLANNED).count() == 34


def test_the_same_session_twice_in_one_batch_is_refused(world: ServiceWorld) -> None:
    session = world.reported()
    twice = [Confirmation(session_id=session.public_id, duration_minutes=60)] * 2

    with pytest.raises(InvalidInput):
        confirm_hours(actor=world.officer, confirmations=twice, now=NOW + WEEK)
    with pytest.raises(InvalidInput):
        confirm_hours(actor=world.officer, confirmations=[], now=NOW + WEEK)


def test_the_session_of_another_host_in_a_batch_looks_like_one_that_is_not_there(
    world: ServiceWorld,
) -> None:
    session = world.reported()
    foreign = world.actor(world.cast.other_officer.pk)

    with pytest.raises(PermissionRefused):
        confirm_hours(
            actor=foreign,
            confirmations=[Confirmation(session_id=session.public_id, duration_minutes=9999)],
            now=NOW + WEEK,
        )


def test_other_minutes_for_confirmed_hours_want_a_reversal_first(world: ServiceWorld) -> None:
    hours = world.confirmed(duration_minutes=60)

    with pytest.raises(MoveNotPossible):
        confirm_hours(
            actor=world.officer,
            confirmations=[
                Confirmation(session_id=hours.session.public_id, duration_minutes=90),
            ],
            now=NOW + WEEK,
        )

    assert person_hours(person_id=world.person_id).balance_minutes == 60


def test_a_session_is_planned_within_the_term_and_once_a_day(world: ServiceWorld) -> None:
    assignment = world.assignment()

    def plan(day: date) -> Session:
        return plan_session(actor=world.officer, assignment_id=assignment.public_id, happens_on=day)

    first, second = plan(date(2026, 12, 1)), plan(date(2026, 12, 1))
    for day in (date(2026, 11, 21), date(2027, 11, 1)):
        with pytest.raises(SessionNotPossible):
            plan(day)

    assert first == second
    assert Session.objects.count() == 2


def test_a_coming_session_cannot_be_reported(world: ServiceWorld) -> None:
    session = world.session()

    with pytest.raises(SessionNotPossible):
        report_session(
            actor=world.volunteer_actor,
            session_id=session.public_id,
            duration_minutes=60,
            now=NOW,
        )


def test_pages_of_people_and_offices_cost_the_same_however_much_there_is(
    world: ServiceWorld,
) -> None:
    world.reported()

    def cost() -> tuple[int, int, int]:
        volunteer, officer = world.volunteer_actor, world.officer
        counts = []
        for read in (
            lambda: own_service(actor=volunteer, now=NOW + WEEK),
            lambda: office_queue(actor=officer, on=date(2026, 11, 29)),
            lambda: need_outcome(need_id=world.need_id),
        ):
            with CaptureQueriesContext(connection) as queries:
                read()
            counts.append(len(queries))
        return counts[0], counts[1], counts[2]

    first = cost()
    offer = ask(world, (world.person_id, new_line(world, SATURDAY_AFTERNOON)))
    accept_offer(
        actor=world.volunteer_actor,
        offer_id=Offer.objects.get(status=OfferStatus.OPEN).public_id,
        now=NOW,
    )

    assert offer.opened == 1
    assert cost() == first
