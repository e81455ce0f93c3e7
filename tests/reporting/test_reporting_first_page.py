"""Hours and the first page: what is told, and above all what is not told."""

from __future__ import annotations

import pytest

from salam.core.errors import PermissionRefused
from salam.reporting.queries import (
    LandingCounts,
    landing_counts,
    national_overview,
    people_asked_nearby,
    province_overview,
)
from salam.service.actions import Confirmation, accept_offer, confirm_hours
from salam.service.models import Session
from tests.cast import NOW
from tests.service.worlds import WEEK, ServiceWorld

pytestmark = pytest.mark.django_db
LATER = NOW + 2 * WEEK


def served(world: ServiceWorld, *, people: int, duration_minutes: int = 90) -> None:
    """So many people, each with one confirmed session."""
    for _ in range(people):
        person_id = world.volunteer()
        world.need_id = world.need()
        offer = world.offer(person_id=person_id)
        assignment = accept_offer(actor=world.actor(person_id), offer_id=offer.public_id, now=NOW)
        session = Session.objects.get(assignment=assignment)
        confirm_hours(
            actor=world.officer,
            confirmations=[
                Confirmation(
                    session_id=session.public_id,
                    duration_minutes=duration_minutes,
                ),
            ],
            now=LATER,
        )


def minutes_by_name(overview) -> dict[str, int | None]:
    return {row.name: row.served_minutes for row in overview.rows}


def test_hours_of_few_are_hidden_with_their_total() -> None:
    world = ServiceWorld()
    served(world, people=4)

    overview = national_overview(on=NOW.date())

    assert minutes_by_name(overview) == {"تهران": None, "کرمان": 0}
    assert overview.total.served_minutes is None
    assert landing_counts().served_hours is None
    counties = province_overview(code="23", on=NOW.date())
    assert {row.served_minutes for row in counties.rows} == {None}


def test_hours_of_five_are_told() -> None:
    world = ServiceWorld()
    served(world, people=5, duration_minutes=100)

    overview = national_overview(on=NOW.date())

    assert minutes_by_name(overview) == {"تهران": 500, "کرمان": 0}
    assert (overview.total.served_minutes, overview.total.served_hours) == (500, 8)
    counties = province_overview(code="23", on=NOW.date())
    assert sum(row.served_minutes or 0 for row in counties.rows) == 500


def test_first_page_counts_the_country() -> None:
    world = ServiceWorld()
    served(world, people=5, duration_minutes=60)

    assert landing_counts() == LandingCounts(
        volunteers=6,
        needs=6,
        accepted=5,
        served_minutes=300,
        has_generated_people=False,
    )


def test_first_page_before_anything_is_entered() -> None:
    assert landing_counts() == LandingCounts(
        volunteers=0, needs=0, accepted=0, served_minutes=0, has_generated_people=False
    )


def test_people_asked_nearby_are_told_as_a_count_and_few_not_at_all() -> None:
    world = ServiceWorld()
    for _ in range(3):
        world.need()
    far = world.neighbourhood_north(0.1)  # eleven kilometres
    for _ in range(2):
        world.need(place=far)
    here = world.here.code

    assert people_asked_nearby(place_code=here, radius_m=5_000) is None
    assert people_asked_nearby(place_code=here, radius_m=12_000) == 6
    assert people_asked_nearby(place_code=here, radius_m=11_000) is None
    with pytest.raises(PermissionRefused):
        people_asked_nearby(place_code="nowhere", radius_m=5_000)
