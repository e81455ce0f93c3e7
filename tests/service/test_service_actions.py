"""Offers opened, answered, let go; assignments that end around their people; hours in batches."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.access.actions import open_contact
from salam.access.models import Disclosure
from salam.access.queries import live_contact_grants
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.messaging.models import Message
from salam.needs.actions import NewLine, close_need
from salam.needs.models import NeedLine
from salam.organizations.actions import set_status as set_status_of
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Organization
from salam.people.actions import forget_person, withdraw_consent
from salam.people.enums import ConsentPurpose
from salam.people.models import Person
from salam.people.vault.enums import VaultKind
from salam.service.actions import (
    CONTACT_PURPOSE,
    Confirmation,
    NewOffer,
    OfferGone,
    OfferingOutcome,
    OfferNotPossible,
    SessionNotPossible,
    Skipped,
    accept_offer,
    confirm_hours,
    decline_offer,
    end_assignment,
    expire_offers,
    follow_events,
    following,
    lapse_assignments,
    open_offers,
    pause_assignment,
    plan_session,
    report_session,
    resume_assignment,
    reverse_hours,
    withdraw_offer,
)
from salam.service.enums import (
    AssignmentStatus,
    DeclineReason,
    EndReason,
    OfferStatus,
    SessionStatus,
)
from salam.service.models import Assignment, Hours, Offer, Session
from salam.service.permissions import MoveNotPossible
from salam.service.queries import need_outcome, office_queue, own_service
from salam.timebank.enums import ReversalReason
from salam.timebank.queries import person_hours
from tests.cast import DAY, NOW
from tests.matching.worlds import (
    OPERATOR,
    SATURDAY_AFTERNOON,
    SATURDAY_MORNING,
    STORYTELLING,
    SUNDAY_MORNING,
)
from tests.service.worlds import AGREED, WEEK, ServiceWorld


@pytest.fixture
def world(db: None) -> ServiceWorld:
    return ServiceWorld()


def ask(world: ServiceWorld, *wanted: tuple[int, NeedLine]) -> OfferingOutcome:
    """Offers to these people on these lines, in one release over the whole city."""
    return open_offers(
        actor=OPERATOR,
        offers=[
            NewOffer(person_id=person_id, need_line_id=line.pk, origin="proposal:7")
            for person_id, line in wanted
        ],
        within_path=world.cast.places.city.path,
        now=NOW,
    )


def new_line(world: ServiceWorld, half_day: int = SATURDAY_MORNING, headcount: int = 1) -> NeedLine:
    need_id = world.need(
        NewLine(half_day=half_day, skill_bits=STORYTELLING, headcount=headcount),
    )
    return NeedLine.objects.get(need_id=need_id)


def withdraw(world: ServiceWorld, purpose: ConsentPurpose) -> None:
    withdraw_consent(
        actor=world.volunteer_actor, person_id=world.person_id, purpose=purpose, now=NOW
    )


def _left(world: ServiceWorld) -> NeedLine:
    withdraw(world, ConsentPurpose.MATCHING)
    return world.line


def _need_closed(world: ServiceWorld) -> NeedLine:
    close_need(actor=OPERATOR, need_id=world.need_id, now=NOW)
    return world.line


def _host_unavailable(world: ServiceWorld) -> NeedLine:
    set_status(world, OrganizationStatus.SUSPENDED)
    return world.line


def _answered_no(world: ServiceWorld) -> NeedLine:
    key = world.offer().public_id
    decline_offer(actor=world.volunteer_actor, offer_id=key, reason=DeclineReason.UNSTATED, now=NOW)
    return world.line


def _half_day_taken(world: ServiceWorld) -> NeedLine:
    world.offer()
    return new_line(world)


def _week_full(world: ServiceWorld) -> NeedLine:
    ask(world, (world.person_id, world.line))
    ask(world, (world.person_id, new_line(world, SATURDAY_AFTERNOON)))
    return new_line(world, SUNDAY_MORNING)


def _line_full(world: ServiceWorld) -> NeedLine:
    world.offer(person_id=world.volunteer(consents=AGREED))
    return world.line


def _seats_full(world: ServiceWorld) -> NeedLine:
    world.set_seats(0)
    return world.line


@pytest.mark.parametrize(
    ("reason", "arranged"),
    [
        (Skipped.LEFT, _left),
        (Skipped.NEED_CLOSED, _need_closed),
        (Skipped.HOST_UNAVAILABLE, _host_unavailable),
        (Skipped.ANSWERED_NO, _answered_no),
        (Skipped.HALF_DAY_TAKEN, _half_day_taken),
        (Skipped.WEEK_FULL, _week_full),
        (Skipped.LINE_FULL, _line_full),
        (Skipped.SEATS_FULL, _seats_full),
    ],
)
def test_whoever_cannot_be_asked_is_skipped_with_the_reason(
    world: ServiceWorld,
    reason: Skipped,
    arranged: Callable[[ServiceWorld], NeedLine],
) -> None:
    line = arranged(world)
    before = Offer.objects.count()

    outcome = ask(world, (world.person_id, line))

    assert outcome == OfferingOutcome(opened=0, skipped={reason: 1})
    assert Offer.objects.count() == before
    with pytest.raises(OfferNotPossible):
        world.offer(line=line)


def test_one_release_counts_seats_lines_half_days_and_weeks_together(world: ServiceWorld) -> None:
    world.set_seats(3)
    people = [world.person_id, *(world.volunteer(consents=AGREED) for _ in range(3))]
    first, second = new_line(world, headcount=2), new_line(world, SATURDAY_AFTERNOON, headcount=9)

    outcome = ask(
        world,
        (people[0], first),
        (people[0], first),  # the same half-day
        (people[1], first),
        (people[2], first),  # the third of two
        (people[0], second),
        (people[1], second),  # the fourth seat of three
    )

    assert outcome.opened == 3
    assert outcome.skipped == {
        Skipped.HALF_DAY_TAKEN: 1,
        Skipped.LINE_FULL: 1,
        Skipped.SEATS_FULL: 1,
    }


def test_a_line_outside_the_place_or_without_the_right_opens_nothing(world: ServiceWorld) -> None:
    offers = [NewOffer(person_id=world.person_id, need_line_id=world.line.pk, origin="run:1")]
    elsewhere = world.cast.places.other_province.path

    for actor, path in (
        (OPERATOR, elsewhere),
        (world.officer, world.here.path),
        (world.actor(world.cast.facilitator_here.pk), world.here.path),
    ):
        with pytest.raises(PermissionRefused):
            open_offers(actor=actor, offers=offers, within_path=path, now=NOW)

    assert Offer.objects.count() == 0


def test_an_origin_is_a_code_and_never_words(world: ServiceWorld) -> None:
    offers = [NewOffer(person_id=world.person_id, need_line_id=world.line.pk, origin="به مریم")]

    with pytest.raises(InvalidInput):
        open_offers(actor=OPERATOR, offers=offers, within_path=world.here.path, now=NOW)


def test_a_merged_person_has_one_week(world: ServiceWorld) -> None:
    twin = world.volunteer(consents=AGREED)
    ask(world, (twin, world.line))
    Person.objects.filter(pk=twin).update(merged_into_id=world.person_id)

    outcome = ask(world, (world.person_id, new_line(world)), (twin, new_line(world)))

    assert outcome == OfferingOutcome(opened=0, skipped={Skipped.HALF_DAY_TAKEN: 2})


def test_a_merged_person_accepts_what_the_twin_was_asked(world: ServiceWorld) -> None:
    twin = world.volunteer(consents=AGREED)
    offer = world.offer(person_id=twin)
    Person.objects.filter(pk=twin).update(merged_into_id=world.person_id)

    assignment = accept_offer(actor=world.volunteer_actor, offer_id=offer.public_id, now=NOW)

    assert assignment.person_id == world.person_id


def test_messages_go_only_to_those_who_agreed(world: ServiceWorld) -> None:
    silent = world.volunteer()
    line = new_line(world, headcount=5)

    ask(world, (world.person_id, line), (silent, line))

    told = list(Message.objects.values_list("person_id", "template"))
    assert told == [(world.person_id, "service.offer_waiting")]


def test_events_of_the_whole_flow_hold_ids_and_codes_alone(world: ServiceWorld) -> None:
    hours = world.confirmed(duration_minutes=45)
    reverse_hours(
        actor=world.officer,
        session_id=hours.session.public_id,
        reason=ReversalReason.WRONG_DAY,
        now=NOW + WEEK,
    )
    end_assignment(
        actor=world.officer,
        assignment_id=Assignment.objects.get().public_id,
        reason=EndReason.COMPLETED,
        now=NOW + WEEK,
    )

    payloads = Event.objects.filter(kind__startswith="service.").values_list("payload", flat=True)
    values = {value for payload in payloads for value in payload.values()}
    assert len(payloads) == 8
    assert {value for value in values if not isinstance(value, int)} == {
        "proposal:1",
        "wrong_day",
        "completed",
    }


def set_status(world: ServiceWorld, status: OrganizationStatus) -> None:
    Organization.objects.filter(pk=world.cast.offices.intermediary.pk).update(status=status)


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


def test_the_same_session_twice_in_one_batch_is_refused(world: ServiceWorld) -> None:
    session = world.reported()
    twice = [Confirmation(session_id=session.public_id, duration_minutes=60)] * 2

    with pytest.raises(InvalidInput):
        confirm_hours(actor=world.officer, confirmations=twice, now=NOW + WEEK)
    with pytest.raises(InvalidInput):
        confirm_hours(actor=world.officer, confirmations=[], now=NOW + WEEK)


def test_anothers_session_in_a_batch_looks_like_one_that_is_not_there(world: ServiceWorld) -> None:
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


def together(*acts: Callable[[], object]) -> list[object]:
    """Run these at once, each on a connection of its own; what each gave, or its error."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=30)
            return act()
        except DomainError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_two_releases_at_once_share_no_seat() -> None:
    world = ServiceWorld()
    world.set_seats(1)
    other = world.volunteer(consents=AGREED)
    lines = new_line(world, headcount=5), new_line(world, headcount=5)

    outcomes = together(
        lambda: ask(world, (world.person_id, lines[0])),
        lambda: ask(world, (other, lines[1])),
    )

    opened = [one.opened for one in outcomes if isinstance(one, OfferingOutcome)]
    assert sorted(opened) == [0, 1]
    assert Offer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_twice_at_once_makes_one_assignment() -> None:
    world = ServiceWorld()
    key = world.offer().public_id
    actor = world.volunteer_actor

    first, second = together(
        lambda: accept_offer(actor=actor, offer_id=key, now=NOW),
        lambda: accept_offer(actor=actor, offer_id=key, now=NOW),
    )

    assert first == second == Assignment.objects.get()
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_a_withdrawal_at_once_leave_one_of_the_two() -> None:
    world = ServiceWorld()
    key = world.offer().public_id
    volunteer, officer = world.volunteer_actor, world.officer

    outcomes = together(
        lambda: accept_offer(actor=volunteer, offer_id=key, now=NOW),
        lambda: withdraw_offer(actor=officer, offer_id=key, now=NOW),
    )

    refusals = [one for one in outcomes if isinstance(one, DomainError)]
    is_accepted = Offer.objects.get().status == OfferStatus.ACCEPTED
    assert [type(one) for one in refusals] == [MoveNotPossible]
    assert Assignment.objects.count() == int(is_accepted)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_post_the_hours_once() -> None:
    world = ServiceWorld()
    session = world.reported()
    actor = world.officer
    batch = [Confirmation(session_id=session.public_id, duration_minutes=60)]

    outcomes = together(
        lambda: confirm_hours(actor=actor, confirmations=batch, now=NOW + WEEK),
        lambda: confirm_hours(actor=actor, confirmations=batch, now=NOW + WEEK),
    )

    assert outcomes[0] == outcomes[1] == [Hours.objects.get()]
    assert person_hours(person_id=world.person_id).balance_minutes == 60
