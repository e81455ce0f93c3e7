"""Offers and sessions of needs without a fixed half-day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from salam.core.errors import InvalidInput
from salam.needs.actions import NewLine
from salam.needs.enums import Timing
from salam.needs.models import NeedLine
from salam.needs.timing import ALL_HALF_DAYS
from salam.service.actions import (
    NewOffer,
    OfferGone,
    OfferingOutcome,
    SessionNotPossible,
    accept_offer,
    lapse_assignments,
    open_offer,
    open_offers,
    plan_session,
    report_session,
)
from salam.service.actions.offering import Skipped
from salam.service.enums import EndReason
from salam.service.models import Offer, Session
from salam.service.queries import own_service
from tests.cast import DAY, NOW
from tests.matching.worlds import OPERATOR, SATURDAY_MORNING, STORYTELLING
from tests.service.worlds import AGREED, WEEK, ServiceWorld

TODAY = NOW.date()  # a Sunday
FIRST_SATURDAY = date(2026, 11, 28)
SATURDAY_AFTERNOON, MONDAY_MORNING = 1, 4


@pytest.fixture
def world(db: None) -> ServiceWorld:
    return ServiceWorld()


def flexible(world: ServiceWorld, **changes: object) -> NeedLine:
    values: dict[str, object] = {
        "timing": Timing.OPEN,
        "half_day_bits": ALL_HALF_DAYS,
        "half_days_weekly": 2,
        "skill_bits": STORYTELLING,
    }
    need_id = world.need(NewLine(**(values | changes)))  # type: ignore[arg-type]
    return NeedLine.objects.get(need_id=need_id)


def window(world: ServiceWorld, first: date, last: date, **changes: object) -> NeedLine:
    return flexible(world, timing=Timing.WINDOW, starts_on=first, ends_on=last, **changes)


def new_offer(line: NeedLine, person_id: int, half_day: int | None) -> NewOffer:
    return NewOffer(
        person_id=person_id, need_line_id=line.pk, half_day=half_day, origin="proposal:1"
    )


def ask(world: ServiceWorld, line: NeedLine, *asked: tuple[int, int]) -> OfferingOutcome:
    return open_offers(
        actor=OPERATOR,
        offers=[new_offer(line, person_id, half_day) for person_id, half_day in asked],
        within_path=world.cast.places.city.path,
        now=NOW,
    )


def test_an_offer_of_a_flexible_line_carries_its_half_day(world: ServiceWorld) -> None:
    line = flexible(world)

    offer = open_offer(
        actor=OPERATOR, offer=new_offer(line, world.person_id, MONDAY_MORNING), now=NOW
    )
    accept_offer(actor=world.volunteer_actor, offer_id=offer.public_id, now=NOW)

    assert offer.half_day == MONDAY_MORNING
    assert Session.objects.get().happens_on == date(2026, 11, 23)


@pytest.mark.parametrize(("bits", "half_day"), [(0b11, None), (0b11, 2), (0b11, 14), (0b11, -1)])
def test_a_half_day_that_the_line_does_not_allow_is_refused(
    world: ServiceWorld, bits: int, half_day: int | None
) -> None:
    line = flexible(world, half_day_bits=bits)

    with pytest.raises(InvalidInput):
        open_offer(actor=OPERATOR, offer=new_offer(line, world.person_id, half_day), now=NOW)
    with pytest.raises(InvalidInput):
        open_offer(actor=OPERATOR, offer=new_offer(world.line, world.person_id, 2), now=NOW)

    assert not Offer.objects.exists()


def test_a_flexible_line_is_full_on_a_half_day_and_in_the_week(world: ServiceWorld) -> None:
    line = flexible(world, headcount=2, half_days_weekly=2)
    people = [world.volunteer(consents=AGREED) for _ in range(6)]
    half_days = [0, 0, 0, 1, 1, 2]

    outcome = ask(world, line, *zip(people, half_days, strict=True))

    assert outcome == OfferingOutcome(opened=4, skipped={Skipped.LINE_FULL: 2})
    assert Counter(Offer.objects.values_list("half_day", flat=True)) == {0: 2, 1: 2}


def test_one_person_may_serve_two_half_days_of_a_need_within_the_own_week(
    world: ServiceWorld,
) -> None:
    line = flexible(world, half_days_weekly=3)

    outcome = ask(world, line, *((world.person_id, half_day) for half_day in (0, 1, 2)))

    assert outcome == OfferingOutcome(opened=2, skipped={Skipped.WEEK_FULL: 1})


def test_sessions_begin_with_the_window_and_end_with_it(world: ServiceWorld) -> None:
    last = FIRST_SATURDAY + 2 * WEEK
    line = window(world, FIRST_SATURDAY + DAY, last, half_day_bits=1, half_days_weekly=1)
    offer = open_offer(
        actor=OPERATOR, offer=new_offer(line, world.person_id, SATURDAY_MORNING), now=NOW
    )
    assignment = accept_offer(actor=world.volunteer_actor, offer_id=offer.public_id, now=NOW)

    held = []
    for _ in range(2):
        session = Session.objects.latest("happens_on")
        held.append(session.happens_on)
        report_session(
            actor=world.volunteer_actor,
            session_id=session.public_id,
            duration_minutes=60,
            now=NOW + (session.happens_on - TODAY),
        )

    assert held == [FIRST_SATURDAY + WEEK, last]
    assert Session.objects.count() == 2
    with pytest.raises(SessionNotPossible):
        plan_session(
            actor=world.officer, assignment_id=assignment.public_id, happens_on=FIRST_SATURDAY
        )
    with pytest.raises(SessionNotPossible):
        plan_session(actor=world.officer, assignment_id=assignment.public_id, happens_on=last + DAY)
    assert lapse_assignments(now=assignment.ends_at - timedelta(seconds=1)) == 0
    assert lapse_assignments(now=assignment.ends_at) == 1
    assignment.refresh_from_db()
    assert assignment.end_reason == EndReason.TERM_OVER


def test_a_window_that_closes_before_the_answer_is_told_kindly(world: ServiceWorld) -> None:
    line = window(world, TODAY, TODAY + DAY, half_day_bits=1 << MONDAY_MORNING, half_days_weekly=1)
    offer = open_offer(
        actor=OPERATOR, offer=new_offer(line, world.person_id, MONDAY_MORNING), now=NOW
    )
    shown = own_service(actor=world.volunteer_actor, now=NOW).offers[0]
    later = NOW + DAY

    with pytest.raises(OfferGone, match="روزهای این نیاز"):
        accept_offer(actor=world.volunteer_actor, offer_id=offer.public_id, now=later)

    assert (shown.is_open, shown.starts_on, shown.ends_on) == (True, TODAY, TODAY + DAY)
    assert not own_service(actor=world.volunteer_actor, now=later).offers[0].is_open
    another = world.volunteer(consents=AGREED)
    outcome = open_offers(
        actor=OPERATOR,
        offers=[new_offer(line, another, MONDAY_MORNING)],
        within_path=world.cast.places.city.path,
        now=later,
    )
    assert outcome == OfferingOutcome(opened=0, skipped={Skipped.WINDOW_OVER: 1})
