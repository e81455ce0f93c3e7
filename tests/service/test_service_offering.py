"""Who is asked and who is not, and what is told to those who are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.messaging.models import Message
from salam.needs.actions import close_need
from salam.needs.models import NeedLine
from salam.organizations.enums import OrganizationStatus
from salam.people.enums import ConsentPurpose
from salam.people.models import Person
from salam.service.actions import (
    NewOffer,
    OfferingOutcome,
    OfferNotPossible,
    Skipped,
    accept_offer,
    decline_offer,
    end_assignment,
    open_offers,
    reverse_hours,
)
from salam.service.enums import (
    DeclineReason,
    EndReason,
)
from salam.service.models import Assignment, Offer
from salam.timebank.enums import ReversalReason
from tests.cast import NOW
from tests.matching.worlds import (
    OPERATOR,
    SATURDAY_AFTERNOON,
    SUNDAY_MORNING,
)
from tests.service.steps import ask, new_line, set_status, withdraw
from tests.service.worlds import AGREED, WEEK, ServiceWorld


@pytest.fixture
def world(db: None) -> ServiceWorld:
    return ServiceWorld()


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
